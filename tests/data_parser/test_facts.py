"""Our tables against Slurm's parsers: every row and flag, in its place, in every version.

Where ours differ on purpose, a mapping below says what the facts are turned into, and why. The
comparison itself knows no exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slurm_facts import Fact, expression, facts

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.model import (
    WHOLE_RECORD,
    Codec,
    Flag,
    Flags,
    List,
    Parser,
    Pointer,
    Struct,
)
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.describe import tables
from pyslurmrestd.plugins.data_parser.versions import V40, V41, VERSIONS

PLUGINS = plugin.contents(None)

every_version = pytest.mark.parametrize("version", VERSIONS, ids=str)

# The state query answers what the document promises for it (OPENAPI_JOB_INFO_RESP): numbers for
# ids, and the times. Slurm's own structs hold texts there, so these are not compared.
OURS = {
    "JOB_STATE_RESP_JOB",
    "OPENAPI_JOB_STATE_RESP",
    # Slurm's document shows an answer without data.
    "OPENAPI_USERS_REMOVED_RESP",
    # A mean frequency is a double in C, which Slurm reads as a whole number.
    "STEP_FREQUENCY",
    # How slurmdbd is told of a SELECTED_STEP.
    "SELECTED_STEP_RECORD",
}

# Schemas of v0.0.40 that Slurm wrote by hand are structs here: {set, infinite, number}, and the
# elements of some arrays.
SHAPES_OF_V40 = {
    "UINT16_NO_VAL",
    "UINT32_NO_VAL",
    "UINT64_NO_VAL",
    "FLOAT64_NO_VAL",
    "STATS_MSG_RPC_TYPE",
    "STATS_MSG_RPC_USER",
    "ROLLUP",
    "ROLLUP_IN_DOCUMENT",
    "ROLLUP_PERIOD",
}

# A handler gives the records themselves; Slurm goes through a pointer to their message.
LISTS = {
    "JOB_INFO_MSG_PTR": "JOB_INFO_MSG",
    "KILL_JOBS_RESP_MSG_PTR": "KILL_JOBS_RESP_MSG",
    "LICENSES_PTR": "LICENSES",
    "NODES_PTR": "NODES",
    "PARTITION_INFO_MSG_PTR": "PARTITION_INFO_MSG",
    "RESERVATION_INFO_MSG_PTR": "RESERVATION_INFO_MSG",
    # Two steps: the pointer is to parallel arrays, from which an array of entries is built.
    "JOB_ARRAY_RESPONSE_MSG_PTR": "JOB_ARRAY_RESPONSE_ARRAY_PTR",
}

# Values come from Python, under their keys: the envelope, and replies that Slurm's handlers fill.
BY_KEY = re.compile(
    r"OPENAPI_(META|ERROR|WARNING|.*RESP(ONSE|_STR)?|.*_REQ)"
    r"|JOB_ARRAY_RESPONSE_MSG_ENTRY|JOB_SUBMIT_RESPONSE_MSG"
)

# Structs that Slurm's source builds for itself are derived records here; others have none, as
# nothing of C is behind them.
RECORDS: dict[str, str | None] = {
    "JOB_RES_CORE_t": "derived_job_res_core_t",
    "JOB_RES_NODE_t": "derived_job_res_node_t",
    "JOB_RES_SOCKET_t": "derived_job_res_socket_t",
    "PART_PRIO_t": "derived_part_prio_t",
    "controller_t": "derived_controller_t",
    "port_range_t": "derived_port_range_t",
    "WCKEY_TAG_STRUCT_t": "derived_wckey_tag_t",
    "slurmdb_tres_nct_rec_t": "derived_step_tres_t",
    "SHARES_FLOAT128_TRES_t": "derived_shares_usage_t",
    "SHARES_UINT64_TRES_t": "derived_shares_number_t",
    "STATS_MSG_RPC_DUMP_t": "derived_rpc_dump_t",
    "STATS_MSG_RPC_QUEUE_t": "derived_rpc_queue_t",
    "STATS_MSG_RPC_TYPE_t": "derived_rpc_type_t",
    "STATS_MSG_RPC_USER_t": "derived_rpc_user_t",
    "assoc_shares_object_wrap_t": "derived_shares_t",
    "bf_exit_fields_t": "derived_bf_exit_t",
    "schedule_exit_fields_t": "derived_schedule_exit_t",
    "proc_exit_code_verbose_t": "derived_exit_code_t",
    "slurmdb_purge_units_t": "derived_purge_units_t",
    "cron_entry_t": None,  # input for it is ignored
    "JOB_ARRAY_RESPONSE_MSG_entry_t": None,
    "submit_response_msg_t": None,
    "UINT16_NO_VAL_t": None,
    "UINT32_NO_VAL_t": None,
    "UINT64_NO_VAL_t": None,
    "FLOAT64_NO_VAL_t": None,
}

# Members by the names of 26.05, which serves v0.0.40 and v0.0.41 here too.
MEMBERS_26_05 = {
    ("JOB_INFO", "job_id"): "step_id.job_id",
    ("JOB_DESC_MSG", "job_id"): "step_id.job_id",
}

# What 24.11 asked its select plugins for is plain members in 26.05, the weight is gone. So is
# parts_packed, which was always 1, and the user who sets a reason: it is whoever asks.
ROWS_26_05 = {
    ("NODE", "alloc_memory"): {"parser": "UINT64", "c_field": "alloc_memory"},
    ("NODE", "alloc_cpus"): {"parser": "UINT16", "c_field": "alloc_cpus"},
    ("NODE", "tres_used"): {"parser": "STRING", "c_field": "alloc_tres_fmt_str"},
    ("NODE", "tres_weighted"): {"removed": True},
    ("STATS_MSG", "parts_packed"): {"whole_struct": True},
    ("UPDATE_NODE_MSG", "reason_uid"): {"removed": True},
}

# Parsers of ours where Slurm's gives wrong values.
OTHER_PARSERS = {("STEP", "statistics/CPU/actual_frequency"): "STEP_FREQUENCY"}

# Slurm takes the whole record for the count beside the array; the array's definition names it here.
COUNTED = {("RESERVATION_INFO", "core_specializations"): "core_spec"}

# Constants that no header of 26.05 shows.
NUMBERS = {
    "CLUSTER_FLAG_FE": 0x200,
    "CRON_WILD_MINUTE": 0x2,
    "CRON_WILD_HOUR": 0x4,
    "CRON_WILD_DOM": 0x8,
    "CRON_WILD_MONTH": 0x10,
    "CRON_WILD_DOW": 0x20,
    "KILL_NO_CRON": 0x200,
    "ACCOUNTING_ENFORCE_ALL": 0xFF9F,
    "ACCOUNTING_ENFORCE_ASSOCS": 0x1,
    "ACCOUNTING_ENFORCE_LIMITS": 0x2,
    "ACCOUNTING_ENFORCE_NO_JOBS": 0x20,
    "ACCOUNTING_ENFORCE_NO_STEPS": 0x40,
    "ACCOUNTING_ENFORCE_QOS": 0x8,
    "ACCOUNTING_ENFORCE_SAFE": 0x10,
    "ACCOUNTING_ENFORCE_WCKEYS": 0x4,
    "ASSOC_FLAG_INVALID": 0x10001,
    "SLURMDB_ACCT_FLAG_INVALID": 0x10001,
    "LOG_LEVEL_QUIET": 0,
    "LOG_LEVEL_FATAL": 1,
    "LOG_LEVEL_ERROR": 2,
    "LOG_LEVEL_INFO": 3,
    "LOG_LEVEL_VERBOSE": 4,
    "LOG_LEVEL_DEBUG": 5,
    "LOG_LEVEL_DEBUG2": 6,
    "LOG_LEVEL_DEBUG3": 7,
    "LOG_LEVEL_DEBUG4": 8,
    "LOG_LEVEL_DEBUG5": 9,
    "NODE_CR_AVAILABLE": 0,
    "NODE_CR_ONE_ROW": 1,
    "NODE_CR_RESERVED": 64000,
    "PERSIST_FLAG_DBD": 0x1,
    "PERSIST_FLAG_RECONNECT": 0x2,
    "PERSIST_FLAG_ALREADY_INITED": 0x4,
    "PERSIST_FLAG_P_USER_CASE": 0x8,
    "PERSIST_FLAG_SUPPRESS_ERR": 0x10,
    "PERSIST_FLAG_EXT_DBD": 0x20,
    "PERSIST_FLAG_DONT_UPDATE_CLUSTER": 0x40,
    "PROC_EXIT_CODE_INVALID": 0,
    "PROC_EXIT_CODE_PENDING": 1,
    "PROC_EXIT_CODE_SUCCESS": 2,
    "PROC_EXIT_CODE_ERROR": 3,
    "PROC_EXIT_CODE_SIGNALED": 4,
    "PROC_EXIT_CODE_CORE_DUMPED": 5,
    "PROC_EXIT_CODE_INVALID_MAX": 6,
    "JOB_RES_CORE_INVALID": 0,
    "JOB_RES_CORE_ALLOC": 2,
    "JOB_RES_CORE_IN_USE": 4,
    "WCKEY_TAG_FLAGS_ASSIGNED_DEFAULT": 1,
}

# Of a derived record, so the number is ours; Slurm's is -2.
OWN_NUMBERS = {"JOB_RES_CORE_UNALLOC": 1}

# The document's type of a codec, by the facts' name for it.
TYPES = {
    "STRING": ("string", None),
    "INT32": ("integer", "int32"),
    "INT64": ("integer", "int64"),
    "NUMBER": ("number", None),
    "DOUBLE": ("number", "double"),
    "BOOL": ("boolean", None),
    "ARRAY": ("array", None),
    "OBJECT": ("object", None),
}


def reached(version: ApiVersion) -> dict[str, Parser]:
    return tables(PLUGINS, version).parsers


def compared(version: ApiVersion, kind: type[Parser]) -> Iterator[tuple[Any, Fact]]:
    """Our definitions of a kind with Slurm's of the same name."""
    for parser in reached(version).values():
        if isinstance(parser, kind) and parser.name not in OURS:
            shaped = isinstance(parser, Struct) or parser.name not in facts(version)
            if shaped and version == V40 and parser.name in SHAPES_OF_V40:
                continue
            yield parser, facts(version)[parser.name]


def fact_rows(fact: Fact, version: ApiVersion) -> Iterator[tuple[object, ...]]:
    """Slurm's rows as ours should be."""
    for field in fact["fields"]:
        place = (fact["name"], field["path"])
        if version in (V40, V41):
            if place in MEMBERS_26_05:
                field = field | {"c_field": MEMBERS_26_05[place]}
            if place in ROWS_26_05:
                field = field | {"whole_struct": False} | ROWS_26_05[place]
        if place in OTHER_PARSERS:
            field = field | {"parser": OTHER_PARSERS[place]}
        source: object = field["c_field"]
        if field.get("removed"):
            source = None
        elif place in COUNTED:
            source = COUNTED[place]
        elif field.get("whole_struct"):
            source = WHOLE_RECORD
        elif BY_KEY.fullmatch(fact["name"]):
            source = field["path"].replace("/", ".")
        yield (
            # Flags that are keys of their own have none together; ours is the member's name.
            field["path"] or field["c_field"],
            LISTS.get(field["parser"], field["parser"]),
            source,
            field["required"],
            "deprecated" in field,
            field.get("exploded_flags", False),
        )


def our_rows(struct: Struct, version: ApiVersion) -> Iterator[tuple[object, ...]]:
    for row in struct.fields:
        deprecated = row.deprecated is not None and row.deprecated <= version
        yield row.key, row.parser.name, row.source, row.required, deprecated, row.exploded


def constant(name: str, number: str, version: ApiVersion) -> str | int:
    """A constant of the facts as our tables write it."""
    if name in OWN_NUMBERS:
        return OWN_NUMBERS[name]
    if name in NUMBERS:
        assert int(number, 0) == NUMBERS[name]
        return NUMBERS[name]
    if version in (V40, V41):
        # 26.05 calls these by another name.
        name = re.sub(r"\bCR_", "SELECT_", name)
    return int(name) if name.isdigit() else expression(name)


def fact_flags(fact: Fact, version: ApiVersion) -> Iterator[tuple[object, ...]]:
    for flag in fact["flags"]:
        if flag["kind"] == "removed":
            yield flag["string"], "removed", None, None, False
            continue
        yield (
            flag["string"],
            {"equal": "whole", "bit": "bit"}[flag["kind"]],
            constant(flag["value"], flag["value_number"], version),
            constant(flag["mask"], flag["mask_number"], version),
            flag.get("hidden", False),
        )


def our_flags(flags: Flags) -> Iterator[tuple[object, ...]]:
    def mask(flag: Flag) -> object:
        own = flags.mask if flag.mask is None else flag.mask
        return "INFINITE64" if own is None else expression(own) if isinstance(own, str) else own

    for flag in flags.values:
        if flag.removed:
            yield flag.word, "removed", None, None, False
        else:
            yield flag.word, flag.match, flag.value, mask(flag), flag.hidden


@every_version
def test_rows_are_slurms_in_slurms_order(version: ApiVersion) -> None:
    structs = list(compared(version, Struct))
    assert structs
    for struct, fact in structs:
        assert list(our_rows(struct, version)) == list(fact_rows(fact, version)), struct.name


@every_version
def test_records_are_slurms(version: ApiVersion) -> None:
    for struct, fact in compared(version, Struct):
        c_type = fact["c_type"]
        without = c_type.startswith("openapi_") or BY_KEY.fullmatch(struct.name)
        expected = None if without else RECORDS.get(c_type, c_type)
        assert struct.record == expected, struct.name


@every_version
def test_flags_are_slurms_in_slurms_order(version: ApiVersion) -> None:
    sets = list(compared(version, Flags))
    assert sets
    for flags, fact in sets:
        assert list(our_flags(flags)) == list(fact_flags(fact, version)), flags.name
        assert flags.single == (fact["kind"] == "single-flag"), flags.name


@every_version
def test_lists_hold_what_slurms_hold(version: ApiVersion) -> None:
    for ours, fact in compared(version, List):
        items = ours.items.name.removesuffix("_PTR")
        points_to = LISTS.get(fact["points_to"], fact["points_to"])
        assert items == points_to.removesuffix("_PTR"), ours.name


@every_version
def test_codecs_look_like_slurms_in_the_document(version: ApiVersion) -> None:
    for codec, fact in compared(version, Codec):
        shown = codec.shown_as or codec.items
        if "points_to" in fact and shown is not None:
            assert shown.name.removesuffix("_PTR") == fact["points_to"].removesuffix("_PTR")
        if "openapi" in fact and codec.type is not None:
            assert (codec.type, codec.format) == TYPES[fact["openapi"]], codec.name


@every_version
def test_pointers_that_may_be_null_are_slurms(version: ApiVersion) -> None:
    for struct, _ in compared(version, Struct):
        for row in struct.fields:
            fact = facts(version).get(row.parser.name)
            if isinstance(row.parser, Pointer) and fact is not None and not row.removed:
                assert row.parser.null_ok == fact.get("null_ok", False), row.parser.name


def test_ranges_are_those_in_which_slurm_has_a_parser() -> None:
    """Of structs and flag sets; what a version has, a path that names it exists in."""
    for parser in {id(part): part for v in VERSIONS for part in reached(v).values()}.values():
        if isinstance(parser, Struct | Flags) and parser.name not in OURS | SHAPES_OF_V40:
            inside = [version for version in VERSIONS if version in parser.range]
            assert all(parser.name in facts(version) for version in inside), parser.name


def test_more_of_slurm_is_covered_than_was_published(golden: Callable[[str, str], None]) -> None:
    """Parsers (bar pointers), rows and flags of ours and of Slurm's, over all paths Slurm has."""
    lines = []
    for version in VERSIONS:
        ours = [parser for parser in reached(version).values() if parser.name not in OURS]
        theirs = [fact for fact in facts(version).values() if fact["kind"] != "pointer"]
        counts = {
            "parsers": (len(ours), len(theirs)),
            "rows": (
                sum(len(parser.fields) for parser in ours if isinstance(parser, Struct)),
                sum(len(fact.get("fields", ())) for fact in theirs),
            ),
            "flags": (
                sum(len(parser.values) for parser in ours if isinstance(parser, Flags)),
                sum(len(fact.get("flags", ())) for fact in theirs),
            ),
        }
        lines += [f"{version} {what} {have} of {all_}" for what, (have, all_) in counts.items()]
    print("\n".join(lines))
    published = Path(__file__).parent.parent / "golden" / "covered.txt"
    if published.exists():
        for now, before in zip(lines, published.read_text("utf-8").splitlines(), strict=True):
            assert int(now.split()[2]) >= int(before.split()[2]), f"less than before: {now}"
    golden("covered.txt", "\n".join(lines) + "\n")
