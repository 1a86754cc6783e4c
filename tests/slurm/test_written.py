"""Values written into real C records, as libslurm reads and frees them, and read back."""

from __future__ import annotations

import ctypes
import gc
import json
import resource
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from compiled import compiled

from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import F, Parser, Struct, list_of, pointer
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.plugins.data_parser.codecs.numbers import BOOL16, UINT16, UINT32, UINT64
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.plugins.data_parser.tables.job_desc import JOB_DESC_MSG
from pyslurmrestd.plugins.data_parser.tables.qos import QOS_CONDITION
from pyslurmrestd.plugins.data_parser.versions import V42
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT, Layout

if TYPE_CHECKING:
    from pyslurmrestd.slurm.written import Written

NewRecord = Callable[..., "Written"]

NO_VAL = 0xFFFFFFFE

TEXTS = list_of(STRING, "STRING_LIST", storage="list")
COORD = Struct(
    name="COORD",
    record="slurmdb_coord_rec_t",
    free="slurmdb_destroy_coord_rec",
    fields=(F("name", STRING, "Name"), F("direct", BOOL16, "Of this account itself")),
)
ASSOC = Struct(
    name="ASSOC",
    record="slurmdb_assoc_rec_t",
    init="slurmdb_init_assoc_rec",
    free="slurmdb_destroy_assoc_rec",
    fields=(
        F("acct", STRING, "Account"),
        F("grp_jobs", UINT32, "Jobs"),
        F("grp_tres", STRING, "TRES"),
        F("qos_list", TEXTS, "QOS, to add and to take away"),
        F("shares_raw", UINT32, "Shares"),
        F("user", STRING, "User"),
    ),
)
COORDS = list_of(pointer(COORD), "COORD_LIST", storage="list")
ASSOCS = list_of(ASSOC, "ASSOC_LIST", storage="list")
ACCOUNT = Struct(
    name="ACCOUNT",
    record="slurmdb_account_rec_t",
    free="slurmdb_destroy_account_rec",
    fields=(
        F("assoc_list", ASSOCS, "Associations"),
        F("coordinators", COORDS, "Coordinators"),
        F("description", STRING, "Description"),
        F("flags", UINT32, "Flags"),
        F("name", STRING, "Name"),
    ),
)
USER = Struct(
    name="USER",
    record="slurmdb_user_rec_t",
    free="slurmdb_destroy_user_rec",
    initial={"uid": "NO_VAL", "def_qos_id": "NO_VAL"},
    fields=(
        F("admin_level", UINT16, "Level"),
        F("assoc_list", ASSOCS, "Associations"),
        F("coord_accts", COORDS, "Accounts"),
        F("def_qos_id", UINT32, "Default QOS"),
        F("name", STRING, "Name"),
        F("uid", UINT32, "Number"),
    ),
)
ASSOC_COND = Struct(
    name="ASSOC_COND",
    record="slurmdb_assoc_cond_t",
    free="slurmdb_destroy_assoc_cond",
    fields=(
        F("acct_list", TEXTS, "Accounts"),
        F("cluster_list", TEXTS, "Clusters"),
        F("flags", UINT32, "Flags"),
        F("usage_end", UINT64, "End"),
        F("user_list", TEXTS, "Users"),
    ),
)
ACCOUNT_COND = Struct(
    name="ACCOUNT_COND",
    record="slurmdb_account_cond_t",
    free="slurmdb_destroy_account_cond",
    fields=(
        F("assoc_cond", pointer(ASSOC_COND), "Of associations"),
        F("description_list", TEXTS, "Descriptions"),
    ),
)
USER_COND = Struct(
    name="USER_COND",
    record="slurmdb_user_cond_t",
    free="slurmdb_destroy_user_cond",
    fields=(
        F("admin_level", UINT16, "Level"),
        F("assoc_cond", pointer(ASSOC_COND), "Of associations"),
        F("def_acct_list", TEXTS, "Accounts"),
        F("with_assocs", BOOL16, "With associations"),
    ),
)
RESERVATION = Struct(
    name="RESERVATION",
    record="resv_desc_msg_t",
    init="slurm_init_resv_desc_msg",
    free="slurm_free_resv_desc_msg",
    fields=(
        F("accounts", STRING, "Accounts"),
        F("duration", UINT32, "Minutes"),
        F("flags", UINT64, "Flags"),
        F("name", STRING, "Name"),
        F("node_cnt", UINT32, "Nodes"),
        F("users", STRING, "Users"),
    ),
)
CORE_SPEC = Struct(
    name="CORE_SPEC",
    record="resv_core_spec_t",
    fields=(F("node_name", STRING, "Node"), F("core_id", STRING, "Cores")),
)
CORE_SPECS = list_of(CORE_SPEC, "CORE_SPECS", storage="counted", count="core_spec_cnt")
RESERVED = Struct(
    name="RESERVED",
    record="reserve_info_t",
    free="slurm_xfree_ptr",
    fields=(F("name", STRING, "Name"), F("core_spec", CORE_SPECS, "Cores")),
)
STRUCTS = (ACCOUNT, USER, ACCOUNT_COND, USER_COND, RESERVATION, RESERVED)


@pytest.fixture(scope="module")
def new_record() -> NewRecord:
    load_library()
    from pyslurmrestd.slurm import written

    made: NewRecord = written.new_record
    return made


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory, new_record: NewRecord) -> Layout:
    """Of the structs above."""
    found = compiled(tmp_path_factory.mktemp("layout"), *STRUCTS)
    from pyslurmrestd.slurm import derived

    found.functions.update(derived.FUNCTIONS)
    return found


def dumped(struct: Struct, record: Written, layout: Layout) -> dict[str, Any]:
    """A record as the same definition dumps it, up to v0.0.42: without warnings for marks."""
    answer = Struct(name="ANSWER", fields=(F("one", pointer(struct), "One"),))
    plan = response_plan(resolve(answer, V42), V42, frozenset(), "json", layout)
    assert struct.record is not None
    records = Records.at(record, record.address, 1, layout.size(struct.record))
    text = b"".join(bytes(block) for block in Dump(plan, {"one": records}, ["one"]))
    data: dict[str, Any] = json.loads(text)["one"]
    return data


ASSOC_UNSET = {
    "acct": "",
    "grp_jobs": NO_VAL,
    "grp_tres": "",
    "qos_list": [],
    "shares_raw": NO_VAL,
    "user": "",
}
ASSOC_VALUES = {
    "acct": "sci",
    "grp_tres": "1=4,2=100",
    "qos_list": ["+normal", "-high", "7"],
    "user": "alice",
}
COND_UNSET: dict[str, Any] = {
    "acct_list": [],
    "cluster_list": [],
    "flags": 0,
    "usage_end": 0,
    "user_list": [],
}
EXAMPLES: list[tuple[Struct, dict[str, Any], dict[str, Any]]] = [
    (
        ACCOUNT,
        {
            "name": "sci",
            "description": "é €",
            "flags": 1,
            "assoc_list": [ASSOC_VALUES, {}],
            "coordinators": [{"name": "bob", "direct": 1}, {"name": "carol"}],
        },
        {
            "name": "sci",
            "description": "é €",
            "flags": 1,
            "assoc_list": [ASSOC_UNSET | ASSOC_VALUES, ASSOC_UNSET],
            "coordinators": [{"name": "bob", "direct": True}, {"name": "carol", "direct": False}],
        },
    ),
    (
        USER,
        {"name": "alice", "assoc_list": [ASSOC_VALUES], "coord_accts": []},
        {
            "admin_level": 0,
            "name": "alice",
            "assoc_list": [ASSOC_UNSET | ASSOC_VALUES],
            "coord_accts": [],
            "def_qos_id": NO_VAL,
            "uid": NO_VAL,
        },
    ),
    (
        ACCOUNT_COND,
        {
            "assoc_cond": {"acct_list": ["sci", "edu"], "flags": 5, "usage_end": 1 << 40},
            "description_list": ["é"],
        },
        {
            "assoc_cond": COND_UNSET
            | {"acct_list": ["sci", "edu"], "flags": 5, "usage_end": 1 << 40},
            "description_list": ["é"],
        },
    ),
    (
        USER_COND,
        {"assoc_cond": {}, "with_assocs": 1, "def_acct_list": ["sci"]},
        {
            "admin_level": 0,
            "assoc_cond": COND_UNSET,
            "with_assocs": True,
            "def_acct_list": ["sci"],
        },
    ),
    (
        RESERVATION,
        {"users": "+alice,-bob", "duration": 60, "flags": 1 << 40},
        {
            "accounts": "",
            "duration": 60,
            "flags": 1 << 40,
            "name": "",
            "node_cnt": NO_VAL,
            "users": "+alice,-bob",
        },
    ),
    (
        RESERVED,
        {"name": "maint", "core_spec": [{"node_name": "c1", "core_id": "0-3"}, {}]},
        {
            "name": "maint",
            "core_spec": [{"node_name": "c1", "core_id": "0-3"}, {"node_name": "", "core_id": ""}],
        },
    ),
]


@pytest.mark.parametrize(("struct", "values", "expected"), EXAMPLES)
def test_what_is_written_is_dumped_and_the_rest_unset(
    new_record: NewRecord,
    layout: Layout,
    struct: Struct,
    values: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    record = new_record(struct, values, layout)
    assert dumped(struct, record, layout) == expected


@pytest.mark.parametrize("struct", [ACCOUNT, USER, ACCOUNT_COND, USER_COND, RESERVED])
def test_lists_that_are_not_mentioned_are_not_there(
    new_record: NewRecord, layout: Layout, struct: Struct
) -> None:
    record = new_record(struct, {}, layout)
    size = layout.size(str(struct.record))
    memory = ctypes.string_at(record.address, size)
    members = [layout.member(str(struct.record), str(row.source)) for row in struct.fields]
    pointers = [memory[at.offset : at.offset + 8] for at in members if at.kind in "sTx"]
    assert pointers == [bytes(8)] * len(pointers)


GOOD = [ASSOC_VALUES, ASSOC_VALUES]
BAD_EXAMPLES: list[tuple[Struct, dict[str, Any], type[Exception], str]] = [
    (ACCOUNT, {"assoc_list": [*GOOD, {"user": "a\0"}]}, SlurmError, "user has a NUL"),
    (ACCOUNT, {"assoc_list": [*GOOD, {"qos_list": ["a", 7]}]}, TypeError, "qos_list takes a t"),
    (ACCOUNT, {"assoc_list": GOOD, "nothing": 1}, KeyError, "nothing"),
    (ACCOUNT, {"assoc_list": GOOD, "coordinators": 7}, TypeError, "not iterable"),
    (ACCOUNT, {"assoc_list": [*GOOD, "text"]}, TypeError, "not written from str"),
    (USER, {"coord_accts": [{"name": "x"}], "admin_level": 1 << 16}, SlurmError, "fit 16 bits"),
    (ACCOUNT_COND, {"assoc_cond": {"user_list": ["x", "\0"]}}, SlurmError, "NUL"),
    (USER_COND, {"assoc_cond": {"flags": 1 << 32}}, SlurmError, "flags does not fit 32 bits"),
    (RESERVATION, {"users": "x", "name": 5}, TypeError, "name takes a text, not int"),
]
"""An error in the last thing that is written, when all else hangs in the record."""


@pytest.mark.parametrize(("struct", "values", "error", "text"), BAD_EXAMPLES)
def test_a_value_that_cannot_be_written_is_named(
    new_record: NewRecord,
    layout: Layout,
    struct: Struct,
    values: dict[str, Any],
    error: type[Exception],
    text: str,
) -> None:
    with pytest.raises(error, match=text):
        new_record(struct, values, layout)


JOB = {
    "name": "job",
    "environment": ["A=b"] * 20,
    "env_size": 20,
    "argv": ["x"] * 5,
    "argc": 5,
    "step_id": {"job_id": 7},
    "script": "#!/bin/sh\n" * 50,
}
BAD_JOB: dict[str, Any] = {**JOB, "comment": "\0"}


def resident() -> int:
    """KiB of this process that have ever been in memory at once."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize(
    ("struct", "values"),
    [
        (JOB_DESC_MSG, JOB),
        (JOB_DESC_MSG, BAD_JOB),
        (QOS_CONDITION, {"description_list": ["first"] * 5, "name_list": ["lq"], "flags": 1}),
        *((struct, values) for struct, values, _ in EXAMPLES if struct is not RESERVED),
        *((struct, values) for struct, values, _, _ in BAD_EXAMPLES),
    ],
)
def test_ten_thousand_records_leave_nothing_behind(
    new_record: NewRecord, layout: Layout, struct: Struct, values: dict[str, Any]
) -> None:
    of = LAYOUT if struct in (JOB_DESC_MSG, QOS_CONDITION) else layout

    def write(times: int) -> int:
        for _ in range(times):
            try:
                new_record(struct, values, of)
            except Exception:
                continue
        return resident()

    before = write(500)
    assert write(10_000) - before < 512  # one byte of each would be 10


def test_a_record_that_is_handed_over_is_not_freed(new_record: NewRecord, layout: Layout) -> None:
    record = new_record(COORD, {"name": "bob"}, layout)
    address = record.address
    assert record.release() == address
    assert record.address == 0
    name = ctypes.c_char_p.from_address(
        address + layout.member("slurmdb_coord_rec_t", "name").offset
    )
    assert name.value == b"bob"
    ctypes.CDLL(None).slurmdb_destroy_coord_rec(ctypes.c_void_p(address))


def test_a_struct_says_how_its_record_is_freed(new_record: NewRecord, layout: Layout) -> None:
    with pytest.raises(TypeError, match="resv_core_spec_t names no function that frees it"):
        new_record(CORE_SPEC, {}, layout)


class Description:
    """A job_desc_msg_t."""

    def __init__(self, new_record: NewRecord, **values: Any) -> None:
        self._record = new_record(JOB_DESC_MSG, values)

    def bytes_of(self, name: str) -> bytes:
        member = LAYOUT.member("job_desc_msg_t", name)
        return ctypes.string_at(self._record.address + member.offset, member.size)

    def number(self, name: str) -> int:
        return int.from_bytes(self.bytes_of(name), "little")

    def text(self, name: str) -> bytes | None:
        address = self.number(name)
        return ctypes.string_at(address) if address else None

    def texts(self, name: str) -> list[bytes]:
        array = ctypes.cast(self.number(name), ctypes.POINTER(ctypes.c_char_p))
        found: list[bytes] = []
        while True:
            text = array[len(found)]
            if text is None:
                return found
            found.append(text)

    def whole(self) -> bytes:
        return ctypes.string_at(self._record.address, LAYOUT.size("job_desc_msg_t"))


@pytest.fixture
def describe(new_record: NewRecord) -> Callable[..., Description]:
    return lambda **values: Description(new_record, **values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contiguous", 1),
        ("cpus_per_task", 0xFFFD),
        ("min_nodes", 0x12345678),
        ("time_limit", 0xFFFFFFFF),
        ("pn_min_memory", (1 << 63) | 100),
        ("bitflags", 1 << 40),
        ("begin_time", 1900000000),
        ("overcommit", 1),
    ],
)
def test_numbers_fill_their_member_alone(
    describe: Callable[..., Description], name: str, value: int
) -> None:
    blank, written = describe(), describe(**{name: value})
    assert written.number(name) == value
    member = LAYOUT.member("job_desc_msg_t", name)
    before, after = blank.whole(), written.whole()
    end = member.offset + member.size
    assert before[: member.offset] + after[member.offset : end] + before[end:] == after


@pytest.mark.parametrize(("name", "bits"), [("cpus_per_task", 16), ("min_cpus", 32)])
def test_negative_numbers_are_kept_in_twos_complement(
    describe: Callable[..., Description], name: str, bits: int
) -> None:
    assert describe(**{name: -1}).number(name) == (1 << bits) - 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpus_per_task", 1 << 16),
        ("min_cpus", 1 << 32),
        ("min_cpus", -(1 << 31) - 1),
        ("bitflags", 1 << 64),
        ("overcommit", 256),
    ],
)
def test_a_number_that_does_not_fit_is_refused(
    describe: Callable[..., Description], name: str, value: int
) -> None:
    with pytest.raises(SlurmError, match=f"{name} does not fit .* bits: {value}") as raised:
        describe(**{name: value})
    assert raised.value.errno == 9216


def test_texts_are_copied_as_utf8(describe: Callable[..., Description]) -> None:
    description = describe(name="é €", comment="", account=None, partition="a\udcffb")
    assert description.text("name") == "é €".encode()
    assert description.text("comment") == b""
    assert description.text("account") is None
    assert description.text("partition") == b"a\xffb"


@pytest.mark.parametrize("values", [{"name": "a\0b"}, {"environment": ["A=b", "C=\0"]}])
def test_a_text_with_a_nul_is_refused(
    describe: Callable[..., Description], values: dict[str, Any]
) -> None:
    with pytest.raises(SlurmError, match="has a NUL character") as raised:
        describe(**values)
    assert raised.value.errno == 9216


def test_arrays_of_texts_end_with_a_null(describe: Callable[..., Description]) -> None:
    description = describe(environment=["A=b", "", "É=é"], env_size=3, argv=[], argc=0)
    assert description.texts("environment") == [b"A=b", b"", "É=é".encode()]
    assert description.number("env_size") == 3
    assert description.texts("argv") == []


def test_a_record_within_is_given_by_a_mapping_or_by_dotted_names(
    describe: Callable[..., Description],
) -> None:
    description = describe(step_id=Parsed(job_id=7, step_id=0xFFFFFFFB))
    assert description.number("step_id.job_id") == 7
    assert describe(**{"step_id.job_id": 8}).number("step_id.job_id") == 8


def test_a_member_that_no_table_names_is_no_member(describe: Callable[..., Description]) -> None:
    with pytest.raises(KeyError):
        describe(no_such_member=1)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (F("name", pointer(COORD), "N"), r"ODD: name \(slurmdb_coord_rec_t.name\) is no pointer"),
        (F("direct", COORD, "N"), r"ODD: direct \(.*\) is no slurmdb_coord_rec_t"),
        (F("name", TEXTS, "N"), r"ODD: name \(slurmdb_coord_rec_t.name\) is no list_t"),
    ],
)
def test_a_row_that_does_not_fit_its_member_is_named(
    new_record: NewRecord, layout: Layout, row: Any, text: str
) -> None:
    odd: Parser = Struct(
        name="ODD", record="slurmdb_coord_rec_t", free="slurm_xfree_ptr", fields=(row,)
    )
    with pytest.raises(TypeError, match=text):
        new_record(odd, {}, layout)
