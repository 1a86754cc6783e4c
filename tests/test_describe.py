"""The listing of a version and the difference of two."""

from __future__ import annotations

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, removed, whole
from pyslurmrestd.describe import difference, listing, tables
from pyslurmrestd.openapi.path import ContentPlugin, Operation, Path
from pyslurmrestd.plugins.data_parser.codecs.numbers import UINT16, UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.versions import V43, V44, V45

COLOURS = Flags(
    name="COLOURS",
    mask="MASK",
    values=(
        whole("NONE", 0, "No colour"),
        bit("RED", "RED_BIT", "Red", hidden=True),
        bit("GREEN", "GREEN_BIT", "Green", since=V44),
        bit("BLUE", "BLUE_BIT", "Blue", since=V44),
    ),
)
SHOE = Struct(
    name="SHOE",
    record="shoe_t",
    fields=(
        F("size", UINT16, "Size", until=V43),
        F("size", UINT32, "Size", since=V44),
        F("colours", COLOURS, "Colours", required=True),
        F("maker", STRING, "Maker", deprecated=V44),
        removed("laces", UINT32, "Laces", until=V43),
        F("sole/width", UINT32, "Width of the sole", gone=V44),
    ),
)
SHOES = Struct(
    name="SHOES",
    fields=(F("shoes", list_of(SHOE, "SHOE_LIST", empty="No shoes to dump"), "Shoes"),),
)


def show(context: Context) -> Reply:
    raise AssertionError("only described, never called")


PLUGINS = [
    ContentPlugin(
        name="openapi/shop",
        title="Shop",
        tag="shop",
        paths=(Path(url="/shop", get=Operation(handler=show, summary="shoes", response=SHOES)),),
    )
]


def squeezed(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def test_listing_has_a_line_for_each_field_flag_list_and_codec() -> None:
    assert squeezed(listing(tables(PLUGINS, V43))) == [
        "SHOES shoes SHOE_LIST shoes",
        "SHOE_LIST [] SHOE [empty: No shoes to dump]",
        "SHOE size UINT16 size",
        "SHOE colours COLOURS colours [required]",
        "SHOE maker STRING maker",
        "SHOE laces UINT32 [removed]",
        "SHOE sole/width UINT32 sole.width",
        "UINT16 (number) integer int32",
        "COLOURS NONE whole 0 in MASK",
        "COLOURS RED bit RED_BIT in MASK [hidden]",
        "STRING (string) string",
        "UINT32 (marked_number) integer int32",
    ]


def test_difference_names_what_came_what_went_and_what_changed() -> None:
    assert squeezed(difference(tables(PLUGINS, V43), tables(PLUGINS, V44))) == [
        "SHOE - laces UINT32 [removed]",
        "SHOE ~ size UINT16 size -> UINT32 size",
        "SHOE ~ maker STRING maker -> STRING maker [deprecated]",
        "SHOE ~ sole/width UINT32 sole.width -> UINT32 [removed] [deprecated]",
        "UINT16 - (codec)",
        "COLOURS + GREEN, BLUE",
    ]


def test_nothing_changes_between_like_versions() -> None:
    assert difference(tables(PLUGINS, V44), tables(PLUGINS, V45)) == []
