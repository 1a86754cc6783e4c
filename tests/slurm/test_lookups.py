"""TRES and QOS by their numbers and names: what they are dumped as, and found by when parsing."""

from __future__ import annotations

import ctypes
import json
from typing import TYPE_CHECKING, Any

import pytest
from compiled import compiled

from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import WHOLE_RECORD, F, Field, Struct, list_of
from pyslurmrestd.data_parser.op import MemberLayout
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.errors import ErrorCode, SlurmError
from pyslurmrestd.plugins.data_parser.codecs.qos import QOS_PREEMPT_LIST
from pyslurmrestd.plugins.data_parser.codecs.strings import BITSTR_PTR
from pyslurmrestd.plugins.data_parser.codecs.tres import TRES_STR
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_WARNINGS
from pyslurmrestd.plugins.data_parser.versions import V45
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT

if TYPE_CHECKING:
    from pyslurmrestd.slurm.lookups import SlurmdbLookups

KNOWN = ((1001, "gres", "gpu:a100"), (2, "mem", ""), (1, "cpu", ""))
DELETED = 0x2000
QOS = ((5, "high", 0), (1, "normal", 0), (3, "gone", DELETED))
UNREADABLE = "A value could not be worked out from its record and was left empty"
RECORD = "slurmdb_assoc_rec_t"


class Memory:
    """Records in memory of Python's, by the places that the layout tells."""

    def __init__(self, record: str, *values: dict[str, Any], layout: MemberLayout = LAYOUT) -> None:
        self.size = LAYOUT.size(record)
        self.kept: list[bytes] = []
        self.buffer = ctypes.create_string_buffer(self.size * max(len(values), 1))
        for place, members in enumerate(values):
            for name, value in members.items():
                at = ctypes.addressof(self.buffer) + place * self.size
                self.write(at + layout.member(record, name).offset, value)

    def write(self, at: int, value: int | bytes | ctypes.c_void_p) -> None:
        if isinstance(value, ctypes.c_void_p):
            ctypes.c_void_p.from_address(at).value = value.value
        elif isinstance(value, bytes):
            self.kept.append(value)
            ctypes.c_char_p.from_address(at).value = value
        else:
            ctypes.c_uint32.from_address(at).value = value

    def records(self, count: int) -> Records:
        return Records.at(self, ctypes.addressof(self.buffer), count, self.size)


class Database:
    """What slurmdbd tells of its TRES; it is asked once."""

    def __init__(self, error: SlurmError | None = None) -> None:
        self.asked = 0
        self.error = error

    def tres(self) -> Records:
        self.asked += 1
        if self.error is not None:
            raise self.error
        rows = [
            {"id": number, "type": kind.encode(), "name": name.encode()}
            for number, kind, name in KNOWN
        ]
        records = Memory("slurmdb_tres_rec_t", *rows).records(len(rows))
        return records.select(range(len(rows)))

    def qos(self) -> Records:
        rows = [
            {"id": number, "name": name.encode(), "flags": flags} for number, name, flags in QOS
        ]
        records = Memory("slurmdb_qos_rec_t", *rows).records(len(rows))
        return records.select(range(len(rows)))


@pytest.fixture(scope="module")
def lookups_of() -> Any:
    load_library()
    from pyslurmrestd.slurm import derived, lookups

    LAYOUT.functions.update(derived.FUNCTIONS)
    LAYOUT.functions.update(lookups.FUNCTIONS)
    return lookups.SlurmdbLookups


def dumped(text: bytes | None, lookups: SlurmdbLookups) -> tuple[Any, list[str]]:
    row = F("grp_tres", TRES_STR, "TRES")
    memory = Memory(RECORD, {} if text is None else {"grp_tres": text})
    return dumped_row(row, RECORD, memory, lookups)


def dumped_row(
    row: Field, record: str, memory: Memory, lookups: SlurmdbLookups
) -> tuple[Any, list[str]]:
    struct = Struct(name="X", record=record, fields=(row,))
    answer = Struct(
        name="ANSWER",
        fields=(
            F("records", list_of(struct, "RECORDS"), "Records"),
            F("warnings", OPENAPI_WARNINGS, "Warnings"),
        ),
    )
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", LAYOUT)
    lookups.load(plan.needs)
    values = {"records": memory.records(1), "warnings": []}
    told = json.loads(b"".join(map(bytes, Dump(plan, values, plan.sources, lookups=lookups))))
    return told["records"][0][row.key], [w["description"] for w in told["warnings"]]


CPU = {"type": "cpu", "name": "", "id": 1, "count": 4}
GPU = {"type": "gres", "name": "gpu:a100", "id": 1001, "count": 2}
MANY = {"type": "mem", "name": "", "id": 2, "count": -1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, []),
        (b"", []),
        (b"1=4", [CPU]),
        (b"1001=2,1=4", [GPU, CPU]),
        (b",1=4,,1001=2,", [CPU, GPU]),
        (b"2=18446744073709551615", [MANY]),
        (b"CPU=4,gres/gpu:a100=2", [CPU, GPU]),
    ],
)
def test_a_text_of_numbers_is_a_list_with_names(
    lookups_of: Any, text: bytes | None, told: list[Any]
) -> None:
    assert dumped(text, lookups_of(Database())) == (told, [])


def test_a_number_that_nothing_has_is_told(lookups_of: Any) -> None:
    unknown = {"type": "", "name": "", "id": 77, "count": 1}
    assert dumped(b"77=1", lookups_of(Database())) == ([unknown], ["Unable to find TRES 77"])


@pytest.mark.parametrize("text", [b"1", b"=4", b"1=", b"1x=4", b"nothing=4", b"1=4,x", b"\xff=1"])
def test_a_broken_text_is_warned_of(lookups_of: Any, text: bytes) -> None:
    _, warnings = dumped(text, lookups_of(Database()))
    assert warnings == [UNREADABLE]


def test_tres_are_loaded_once_and_found_by_name_and_number(lookups_of: Any) -> None:
    database = Database()
    lookups = lookups_of(database)
    found = [lookups.tres_id(kind.upper(), name) for _, kind, name in KNOWN]
    assert found == [number for number, _, _ in KNOWN]
    assert lookups.tres_id("gres", "") is None
    assert [lookups.has_tres(number) for number in (1, 1001, 3, 0, -1, 1 << 40)] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    lookups.load({"tres"})
    assert database.asked == 1


def test_what_cannot_be_loaded_is_warned_of_and_empty(lookups_of: Any) -> None:
    error = SlurmError(ErrorCode.DB_CONNECTION, "Failed to open slurmdbd connection", "source")
    lookups = lookups_of(Database(error))
    told, warnings = dumped(b"1=4", lookups)
    assert (told, warnings) == ([{**CPU, "type": ""}], ["Unable to find TRES 1"])
    assert lookups.warnings == [
        ("Unable to load TRES: Failed to open slurmdbd connection", "source")
    ]
    with pytest.raises(SlurmError):
        lookups.tres_id("cpu", "")


@pytest.fixture(scope="module")
def with_bitmap(tmp_path_factory: pytest.TempPathFactory, lookups_of: Any) -> MemberLayout:
    """Where a QOS keeps its bitmap, which is told under no name of its own."""
    struct = Struct(
        name="BITS",
        record="slurmdb_qos_rec_t",
        fields=(F("preempt_bitstr", BITSTR_PTR, "Bits"),),
    )
    return compiled(tmp_path_factory.mktemp("layout"), struct)


def bitmap(size: int, *numbers: int) -> ctypes.c_void_p:
    """A bitmap of libslurm's, in which these bits are set."""
    library = ctypes.CDLL(None)
    library.slurm_bit_alloc.restype = ctypes.c_void_p
    bits = ctypes.c_void_p(library.slurm_bit_alloc(ctypes.c_int64(size)))
    for number in numbers:
        library.slurm_bit_set(bits, ctypes.c_int64(number))
    return bits


@pytest.mark.parametrize(
    ("numbers", "told", "notes"),
    [
        (None, [], []),
        ((), [], []),
        ((1, 5), ["normal", "high"], []),
        ((0, 3), ["gone"], []),
        ((1, 2, 4, 5), ["normal", "high"], ["Unable to find QOS 2"]),
    ],
)
def test_bits_are_the_names_of_qos(
    lookups_of: Any,
    with_bitmap: MemberLayout,
    numbers: tuple[int, ...] | None,
    told: list[str],
    notes: list[str],
) -> None:
    members = {} if numbers is None else {"preempt_bitstr": bitmap(8, *numbers)}
    memory = Memory("slurmdb_qos_rec_t", members, layout=with_bitmap)
    row = F("preempt", QOS_PREEMPT_LIST, "QOS", source=WHOLE_RECORD)
    lookups = lookups_of(Database())
    assert dumped_row(row, "slurmdb_qos_rec_t", memory, lookups) == (told, notes)


def test_qos_are_found_by_name_and_number(lookups_of: Any) -> None:
    lookups = lookups_of(Database())
    assert [lookups.qos_id(name) for name in ("HIGH", "gone", "nosuch")] == [5, 3, None]
    assert [lookups.qos_name(number) for number in (5, 3, 2, 0, -1, 1 << 40)] == [
        "high", "gone", None, None, None, None,
    ]  # fmt: skip
    assert [lookups.qos_is_deleted(number) for number in (5, 3, 2)] == [False, True, False]


class Growing(Database):
    """A database in which something is stored between two looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.more: tuple[tuple[int, str, int], ...] = ()

    def qos(self) -> Records:
        rows = [
            {"id": number, "name": name.encode(), "flags": flags}
            for number, name, flags in (*QOS, *self.more)
        ]
        records = Memory("slurmdb_qos_rec_t", *rows).records(len(rows))
        return records.select(range(len(rows)))


def test_what_is_yet_to_be_stored_has_a_number_of_no_other(lookups_of: Any) -> None:
    database = Growing()
    lookups = lookups_of(database)
    assert lookups.qos_id("new") is None
    for name in ("high", "New", "gone"):
        lookups.promise(name)
    lookups.promise("gres", "lab")
    numbers = [lookups.qos_id("new"), lookups.qos_id("GONE"), lookups.tres_id("GRES", "lab")]
    assert len(set(numbers)) == 3
    assert not {number for number, _, _ in (*QOS, *KNOWN)} & set(numbers)
    assert lookups.qos_id("high") == 5
    database.more = ((7, "new", 0),)
    assert lookups.stored() == dict(zip(numbers, (7, None, None), strict=True))
    assert lookups.qos_id("new") == 7
