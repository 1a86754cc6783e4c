"""Inline or by reference: versions and parser flags, on small definitions and on all of them."""

from __future__ import annotations

from typing import Any

import pytest
from reference import expanded

from pyslurmrestd.data_parser.flags import DataParser
from pyslurmrestd.data_parser.model import Codec, F, Flags, Struct, bit, list_of, pointer, removed
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.document import document
from pyslurmrestd.openapi.refs import Components
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V43, V45, VERSIONS
from pyslurmrestd.plugins.openapi.slurmctld import PLUGIN

TEXT = Codec(name="TEXT", kind="string", type="string")
NUMBER = Codec(name="NUMBER", kind="number", type="integer", format="int32")
BOOLEAN = Codec(name="BOOLEAN", kind="bool", type="boolean")
TEXTS = Codec(name="TEXTS", kind="csv", type="array", items=TEXT)
GONE = Codec(name="GONE", kind="constant", type="object", removed=True)
COLORS = Flags(name="COLORS", values=(bit("RED", 1), bit("BLACK", 4, hidden=True), bit("BLUE", 2)))
LIMIT = Struct(
    name="LIMIT",
    fields=(
        F("set", BOOLEAN, "Whether there is one"),
        F("infinite", BOOLEAN, "Whether there is none"),
        F("number", NUMBER, "The limit"),
    ),
)
THING = Struct(
    name="THING",
    fields=(
        F("name", TEXT, "Its name", required=True),
        F("tags", TEXTS, "Its tags"),
        F("paint/colors", COLORS, "Its colors", source="colors", required=True),
        F("paint/coats", pointer(LIMIT), "Its coats", source="coats", deprecated=V42),
        removed("gone", GONE, "Nothing", since=V40),
    ),
)
THINGS = list_of(pointer(THING), "THINGS")


def placed(version: ApiVersion, *words: str, **uses: int) -> tuple[Any, dict[str, Any]]:
    """What stands for a list of things, and the schemas it leads to."""
    components = Components(DataParser(version, words), uses)
    return components.place(resolve(THINGS, version)), components.schemas


def test_objects_and_arrays_are_referred_to_and_flags_stand_inline() -> None:
    assert placed(V45) == (
        {"$ref": "#/components/schemas/v0.0.45_things"},
        {
            "v0.0.45_things": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/v0.0.45_thing"},
            },
            "v0.0.45_thing": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "Its name"},
                    "tags": {
                        "$ref": "#/components/schemas/v0.0.45_texts",
                        "description": "Its tags",
                    },
                    "paint": {
                        "type": "object",
                        "properties": {
                            "colors": {
                                "type": "array",
                                "items": {"enum": ["RED", "BLUE"], "type": "string"},
                                "description": "Its colors",
                            },
                            "coats": {
                                "$ref": "#/components/schemas/v0.0.45_limit",
                                "description": "Its coats",
                                "deprecated": True,
                            },
                        },
                    },
                    "gone": {
                        "type": "object",
                        "properties": {},
                        "deprecated": True,
                        "description": "Nothing",
                    },
                },
                "required": ["name"],
            },
            "v0.0.45_texts": {"type": "array", "items": {"type": "string"}},
            "v0.0.45_limit": {
                "type": "object",
                "properties": {
                    "set": {"type": "boolean", "description": "Whether there is one"},
                    "infinite": {"type": "boolean", "description": "Whether there is none"},
                    "number": {
                        "type": "integer",
                        "format": "int32",
                        "description": "The limit",
                    },
                },
            },
        },
    )


@pytest.mark.parametrize(
    ("version", "words", "names"),
    [
        (V40, (), ["things", "thing", "texts", "colors", "limit", "gone"]),
        (V41, (), []),
        (V41, ("prefer_refs",), ["things", "thing", "texts", "colors", "limit"]),
        (V42, (), ["things", "thing", "texts", "colors", "limit"]),
        (V42, ("inline_enums",), ["things", "thing", "texts", "limit"]),
        (V42, ("minimize_refs",), []),
        (V43, ("inline_enums",), ["things", "thing", "texts", "limit"]),
        (V45, ("MINIMIZE_REFS",), []),
        (V45, ("no_such_flag",), ["things", "thing", "texts", "limit"]),
    ],
)
def test_what_becomes_a_component(
    version: ApiVersion, words: tuple[str, ...], names: list[str]
) -> None:
    _, schemas = placed(version, *words)
    assert list(schemas) == [f"{version}_{name}" for name in names]


def test_what_operations_name_twice_becomes_a_component_in_any_case() -> None:
    _, schemas = placed(V41, THING=1, LIMIT=2)
    assert list(schemas) == ["v0.0.41_limit"]


def test_deprecated_rows_are_marked_from_their_version_on() -> None:
    _, schemas = placed(V42)
    coats = schemas["v0.0.42_thing"]["properties"]["paint"]["properties"]["coats"]
    assert coats["deprecated"]
    _, schemas = placed(V41, "prefer_refs")
    coats = schemas["v0.0.41_thing"]["properties"]["paint"]["properties"]["coats"]
    assert "deprecated" not in coats


def test_complex_mode_tells_no_type_of_what_is_always_null() -> None:
    _, schemas = placed(V45, "complex")
    assert schemas["v0.0.45_thing"]["properties"]["gone"] == {"description": "Nothing"}


def test_complex_mode_tells_plain_numbers_in_v40() -> None:
    _, schemas = placed(V40, "complex")
    assert schemas["v0.0.40_limit"] == {"type": "integer", "format": "int32"}


@pytest.mark.parametrize(
    ("version", "word"),
    [
        (V41, "prefer_refs"),
        (V42, "inline_enums"),
        *((version, "minimize_refs") for version in VERSIONS[2:]),
    ],
)
def test_flags_move_schemas_and_change_none(version: ApiVersion, word: str) -> None:
    plain = document([PLUGIN], [DataParser(version)], release="26.05.5")
    moved = document([PLUGIN], [DataParser(version, (word,))], release="26.05.5")
    assert moved["paths"] != plain["paths"] or moved["components"] != plain["components"]
    assert expanded(moved, moved["paths"]) == expanded(plain, plain["paths"])
