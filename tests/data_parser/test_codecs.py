"""What each codec makes of JSON data, in every version that has it."""

from __future__ import annotations

import importlib
import os
import pkgutil
import pwd
from collections.abc import Iterator
from typing import Any

import pytest
from contexts import CONSTANTS, Known

from pyslurmrestd.data_parser.model import Codec, Either, Parser
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.data_parser.resolve import Absent, exists, resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.errors import ParseError
from pyslurmrestd.plugins.data_parser import codecs
from pyslurmrestd.plugins.data_parser.codecs.identity import GROUP_ID, USER_ID
from pyslurmrestd.plugins.data_parser.codecs.jobs import CORE_SPEC, HOLD, NICE, THREAD_SPEC
from pyslurmrestd.plugins.data_parser.codecs.memory import MEM_PER_CPUS, MEM_PER_NODE
from pyslurmrestd.plugins.data_parser.codecs.no_val import (
    FLOAT64_NO_VAL,
    UINT16_NO_VAL,
    UINT32_NO_VAL,
    UINT64_NO_VAL,
)
from pyslurmrestd.plugins.data_parser.codecs.numbers import (
    BOOL,
    BOOL16,
    BOOL16_NO_VAL,
    FLOAT64,
    INT32,
    UINT16,
    UINT32,
    UINT64,
)
from pyslurmrestd.plugins.data_parser.codecs.partitions import (
    PARTITION_EXCLUSIVE,
    PARTITION_OVERSUBSCRIBE,
)
from pyslurmrestd.plugins.data_parser.codecs.signals import SIGNAL
from pyslurmrestd.plugins.data_parser.codecs.steps import SELECTED_STEP, SLUID, STEP_ID, Selected
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING, STRING, STRING_ARRAY
from pyslurmrestd.plugins.data_parser.codecs.times import TIMESTAMP, TIMESTAMP_NO_VAL
from pyslurmrestd.plugins.data_parser.tables.job_desc import JOB_DESC_MSG, JOB_SUBMIT_REQ
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V42, V44, V45, VERSIONS

INFINITE, INFINITE16, INFINITE64 = 0xFFFFFFFF, 0xFFFF, 0xFFFFFFFFFFFFFFFF
NO_VAL, NO_VAL16 = 0xFFFFFFFE, 0xFFFE
PER_CPU = 1 << 63


def every_codec() -> Iterator[tuple[str, Parser]]:
    """The parsers of all codec modules, by the name they have there."""
    for module in pkgutil.iter_modules(codecs.__path__, f"{codecs.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Parser) and not name.startswith("_"):
                yield name, value


def errors(context: ParseContext, parser: Parser, data: Any) -> list[tuple[int, str]]:
    """The numbers and texts with which the data is refused."""
    with pytest.raises(ParseError):
        parse_value(parser, data, context)
    return [(error.errno, error.text) for error in context.errors]


@pytest.mark.parametrize(
    ("codec", "data", "value"),
    [
        (UINT16, "0x10", 16),
        (UINT16, -1, INFINITE16),
        (UINT32, 2.7, 3),
        (UINT32, -1, NO_VAL),
        (UINT32, None, None),
        (UINT64, -2, INFINITE64 - 1),
        (INT32, "-5", -5),
        (FLOAT64, "1.5", 1.5),
        (BOOL, "off", 0),
        (BOOL, None, 0),
        (BOOL16, "whatever", 1),
        (BOOL16_NO_VAL, -1, NO_VAL16),
        (BOOL16_NO_VAL, None, NO_VAL16),
        (STRING, True, "true"),
        (STRING, 1.5, "1.500000"),
        (STRING, "a\0b", "a"),
        (STRING, None, None),
        (CSV_STRING, ["c1", 2], "c1,2"),
        (CSV_STRING, {"a": "b", "c": 1}, "a=b,c=1"),
        (CSV_STRING, "c1,c2", "c1,c2"),
        (CSV_STRING, [], None),
        (STRING_ARRAY, [None, True, 1], ["", "true", "1"]),
        (STRING_ARRAY, {"A": "b"}, ["A=b"]),
        (UINT32_NO_VAL, None, None),
        (UINT32_NO_VAL, {}, None),
        (UINT32_NO_VAL, {"set": False, "number": 5}, None),
        (UINT32_NO_VAL, {"set": True, "number": 5}, 5),
        (UINT32_NO_VAL, {"number": "5"}, 5),
        (UINT32_NO_VAL, {"set": True, "infinite": True, "number": 5}, INFINITE),
        (UINT32_NO_VAL, {"set": True, "number": "infinity"}, INFINITE),
        (UINT32_NO_VAL, {"set": True, "number": float("inf")}, INFINITE),
        (UINT32_NO_VAL, 5, 5),
        (UINT32_NO_VAL, "5", 5),
        (UINT32_NO_VAL, -1, INFINITE),
        (UINT32_NO_VAL, NO_VAL, INFINITE),
        (UINT32_NO_VAL, 5_000_000_000, INFINITE),
        (UINT32_NO_VAL, float("nan"), None),
        (UINT64_NO_VAL, {"infinite": True}, INFINITE64),
        (UINT64_NO_VAL, 5_000_000_000, 5_000_000_000),
        (UINT16_NO_VAL, INFINITE16, INFINITE16),
        (FLOAT64_NO_VAL, {"set": True, "number": 2.5}, 2.5),
        (FLOAT64_NO_VAL, float("inf"), float(INFINITE)),
        (MEM_PER_CPUS, 5, 5 | PER_CPU),
        (MEM_PER_CPUS, {"infinite": True}, 0),
        (MEM_PER_CPUS, {"set": False}, None),
        (MEM_PER_NODE, "2G", 2048),
        (MEM_PER_NODE, "1tb", 1024 * 1024),
        (MEM_PER_NODE, "1500K", 2),
        (MEM_PER_NODE, "2048", 2048),
        (HOLD, True, 0),
        (HOLD, "no", INFINITE),
        (HOLD, None, None),
        (NICE, "-5", 0x80000000 - 5),
        (CORE_SPEC, 2, 2),
        (THREAD_SPEC, "2", 0x8002),
        (SIGNAL, "usr1", 10),
        (SIGNAL, " SIGTERM ", 15),
        (SIGNAL, "9", 9),
        (SIGNAL, "", None),
        (TIMESTAMP_NO_VAL, 1893456000, 1893456000),
        (TIMESTAMP_NO_VAL, {"set": True, "number": 7}, 7),
        (TIMESTAMP_NO_VAL, float("inf"), None),
        (TIMESTAMP_NO_VAL, "uts1893456000", 1893456000),
        (TIMESTAMP, 1.6, 2),
        (STEP_ID, "BATCH", 0xFFFFFFFB),
        (STEP_ID, "3", 3),
        (SELECTED_STEP, "0x0c", Selected("12", 12)),
        (SELECTED_STEP, "1e3", Selected("1000.0", 1000, step=0)),
        (SELECTED_STEP, "12.5", Selected("12.5", 12, step=5)),
        (SELECTED_STEP, "012_03.Batch", Selected("12_3.batch", 12, 3, step=0xFFFFFFFB)),
        (SELECTED_STEP, "12_3.batch", Selected("12_3.batch", 12, 3, step=0xFFFFFFFB)),
        (SELECTED_STEP, "12+1", Selected("12+1", 12, component=1)),
        (SELECTED_STEP, "12.0+1", Selected("12.0+1", 12, step=0, part=1)),
        (USER_ID, "root", 0),
        (USER_ID, "1001", 1001),
        (GROUP_ID, "root", 0),
    ],
)
def test_value_for_c(context: ParseContext, codec: Parser, data: Any, value: Any) -> None:
    assert parse_value(codec, data, context) == value
    assert context.errors == []


@pytest.mark.parametrize(
    ("codec", "data", "errno", "text"),
    [
        (UINT16, 70000, 9202, "Expected integer between 0 and 65535 but got 70000"),
        (UINT32, -3, 9202, "Expected integer between 0 and 4294967295 but got -3"),
        (UINT32, True, 9202, "Expected integer but got true"),
        (INT32, 1 << 31, 9202, None),
        (FLOAT64, "x", 9202, 'Expected floating point number but got "x"'),
        (BOOL, [1], 9202, "Expected boolean but got [1]"),
        (STRING, {}, 9202, "Expected string but got {}"),
        (CSV_STRING, [["a"]], 9202, "unable to convert csv entry list to string"),
        (STRING_ARRAY, "A=b", 9208, 'expected a list of strings but got "A=b"'),
        (STRING_ARRAY, [[1]], 9202, "expected string but got [1]"),
        (UINT32_NO_VAL, "0:05:00", 9202, 'Expected integer but got "0:05:00"'),
        (UINT32_NO_VAL, "infinite", 9202, 'Expected integer but got "infinite"'),
        (UINT32_NO_VAL, True, 9202, "Expected integer but got true"),
        (UINT32_NO_VAL, {"set": True, "number": "x"}, 9202, None),
        (UINT32_NO_VAL, -5, 9202, None),
        (UINT16_NO_VAL, 70000, 9202, None),
        (MEM_PER_NODE, "2X", 9202, "Invalid formatted memory size: 2X"),
        (MEM_PER_CPUS, PER_CPU, 2044, None),
        (NICE, 2147483646, 2123, "Nice value not within +/- 2147483645"),
        (NICE, 1e20, 2123, "Nice value not within +/- 2147483645"),
        (NICE, "x", 9202, 'Expected integer but got "x"'),
        (CORE_SPEC, 0, 2111, "Invalid core specification 0 <= 0"),
        (THREAD_SPEC, 32768, 2132, "Invalid thread specification 32768 >= 32768"),
        (SIGNAL, "NOPE", 9202, "Unknown signal NOPE"),
        (TIMESTAMP, "abc", 9202, "Parsing of abc for timestamp failed"),
        (TIMESTAMP, None, 9202, "Invalid or unset timestamp value"),
        (TIMESTAMP, 1e300, 9202, None),
        (TIMESTAMP, True, 9202, "Expected integer but got true"),
        (TIMESTAMP, ["1", "2"], 9202, 'Expected integer but got ["1","2"]'),
        (STEP_ID, "x", 9207, 'Unknown flag "x"'),
        (USER_ID, "nosuch user", 2166, "Unable to resolve user: nosuch user"),
        (USER_ID, -4, 2165, "Invalid user ID (overflow): -4"),
        (GROUP_ID, [1], 9202, "Invalid group field: [1]"),
    ],
)
def test_what_cannot_be_converted_is_an_error(
    context: ParseContext, codec: Parser, data: Any, errno: int, text: str | None
) -> None:
    found = errors(context, codec, data)
    if context.version == V40:
        assert len(found) == 1
        assert found[0][0] in (errno, 9209)
    else:
        assert found == [(errno, text or found[0][1])]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("0:05:00", "Expected dictionary but got string"),
        ([1], "Expected dictionary but got list"),
    ],
)
def test_optional_number_of_v0_0_40_is_an_object(data: Any, text: str) -> None:
    context = ParseContext(V40, (), CONSTANTS)
    assert errors(context, UINT32_NO_VAL, data) == [(9209, text)]
    assert "Expected OpenAPI type=object (Slurm type=dictionary)" in context.warnings[0][0]


def test_optional_number_of_v0_0_40_needs_its_number() -> None:
    context = ParseContext(V40, (), CONSTANTS)
    assert errors(context, UINT32_NO_VAL, {"set": True}) == [
        (9202, 'Expected "number" field when "set"=True but field not present')
    ]


@pytest.mark.parametrize("text", ["1", "1795265520", "999999999999999999"])
def test_digits_are_seconds(context: ParseContext, text: str) -> None:
    assert parse_value(TIMESTAMP, text, context) == int(text)


def test_digits_of_a_date_are_a_date_up_to_v0_0_41(context: ParseContext) -> None:
    moment = parse_value(TIMESTAMP, "013130", context)
    assert (moment == 13130) == (context.version > V41)
    if context.version <= V41:
        assert errors(context, TIMESTAMP, "9999") == [
            (9202, "Parsing of 9999 for timestamp failed")
        ]


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "abc",
        "_1",
        "12_[0-1]",
        "12 ",
        "4294967294",
        "12+200",
        "12.x",
        "12_1+1",
        "",
        "12_",
    ],
)
def test_refused_job_id_is_left_to_the_operation(context: ParseContext, text: str) -> None:
    assert errors(context, SELECTED_STEP, text) == []


@pytest.mark.parametrize("data", [None, ""])
def test_nobody_is_meant_by_no_user(context: ParseContext, data: Any) -> None:
    if context.version == V40:
        assert errors(context, USER_ID, data) == [(9202, "Invalid user field value type: null")]
    else:
        assert parse_value(USER_ID, data, context) == 99


def test_user_of_the_host_is_found_by_name(context: ParseContext) -> None:
    user = pwd.getpwuid(os.getuid())
    assert parse_value(USER_ID, user.pw_name, context) == user.pw_uid


def test_type_of_a_nice_value_is_warned_of_twice(context: ParseContext) -> None:
    parse_value(NICE, "5", context)
    assert len(context.warnings) == 2


@pytest.mark.parametrize("version", [V44, V45], ids=str)
def test_sluid_is_read_as_crockford_digits(version: ApiVersion) -> None:
    context = ParseContext(version, (), CONSTANTS)
    assert parse_value(SLUID, "s000000000001F", context) == 47
    assert parse_value(SLUID, "S00000000000oL", context) == 1
    assert parse_value(SLUID, 0, context) is None
    assert errors(context, SLUID, "x") == [(2185, 'Unable to convert string "x" to SLUID')]


def job(context: ParseContext, **members: Any) -> Parsed:
    """A parsed job description."""
    record = parse_value(JOB_DESC_MSG, members, context)
    assert isinstance(record, Parsed)
    return record


def test_environment_is_counted(context: ParseContext) -> None:
    assert job(context, environment=["A=b", "C=d"], argv=["x"], spank_environment=None) == {
        "environment": ["A=b", "C=d"],
        "env_size": 2,
        "argv": ["x"],
        "argc": 1,
    }


def test_limits_travel_in_the_environment(context: ParseContext) -> None:
    record = job(
        context,
        environment=["A=b", "SLURM_RLIMIT_CORE=1"],
        rlimits={"cpu": {"infinite": True}, "core": 5, "as": {"set": False}},
    )
    assert record == {
        "environment": ["A=b", f"SLURM_RLIMIT_CPU={INFINITE64}", "SLURM_RLIMIT_CORE=5"],
        "env_size": 3,
    }


@pytest.mark.parametrize(
    ("data", "members"),
    [
        (2, {"min_nodes": 2, "max_nodes": 2}),
        ("2-4", {"min_nodes": 2, "max_nodes": 4}),
        ([4, "2"], {"min_nodes": 2, "max_nodes": 4}),
        ([2], {"min_nodes": 2}),
        ("1,3-5", {"min_nodes": 1, "max_nodes": 5, "job_size_str": "1,3-5"}),
    ],
)
def test_node_counts_fill_their_members(
    context: ParseContext, data: Any, members: dict[str, Any]
) -> None:
    assert job(context, nodes=data) == members


def test_memory_of_node_and_cpu_share_a_member(context: ParseContext) -> None:
    record = job(
        context,
        memory_per_cpu={"set": True, "infinite": False, "number": 5},
        memory_per_node={"set": False, "infinite": False, "number": 0},
    )
    assert record == {"pn_min_memory": 5 | PER_CPU}


def test_cpu_frequency_fills_its_members(context: ParseContext) -> None:
    assert job(context, cpu_frequency="low-high:ondemand") == {
        "cpu_freq_min": 0x80000001,
        "cpu_freq_max": 0x80000003,
        "cpu_freq_gov": 0x84000000,
    }


@pytest.mark.parametrize("version", [v for v in VERSIONS if v > V40], ids=str)
class TestDistribution:
    """Task distributions, which v0.0.40 does not read."""

    def test_is_told_to_the_job(self, context: ParseContext) -> None:
        assert job(context, distribution="block:cyclic,Pack", environment=["A=b"]) == {
            "task_dist": 0x800012,
            "environment": ["A=b", "SLURM_DISTRIBUTION=block:cyclic,pack"],
            "env_size": 2,
        }

    def test_plane_size_makes_it_a_plane(self, context: ParseContext) -> None:
        plane = {
            "task_dist": 4,
            "plane_size": 3,
            "environment": ["SLURM_DISTRIBUTION=plane", "SLURM_DIST_PLANESIZE=3"],
            "env_size": 2,
        }
        assert job(context, distribution_plane_size=3) == plane
        assert job(context, distribution="plane=3") == plane

    def test_plane_sizes_must_agree(self, context: ParseContext) -> None:
        data = {"distribution_plane_size": 3, "distribution": "plane=4"}
        assert errors(context, JOB_DESC_MSG, data)[0][0] == 2023

    def test_plane_is_no_other_distribution(self, context: ParseContext) -> None:
        data = {"distribution_plane_size": 3, "distribution": "block"}
        assert errors(context, JOB_DESC_MSG, data)[0][0] == 2023

    def test_arbitrary_one_needs_nodes(self, context: ParseContext) -> None:
        record = job(context, distribution="arbitrary", required_nodes=["c1", "c2"])
        assert record.environment == [
            "SLURM_ARBITRARY_NODELIST=c1,c2",
            "SLURM_DISTRIBUTION=arbitrary",
        ]
        assert errors(context, JOB_DESC_MSG, {"distribution": "arbitrary"})[0][0] == 2023


@pytest.mark.parametrize("version", [V40, V41], ids=str)
@pytest.mark.parametrize(("data", "number"), [(True, 0), (None, 1), ("user", 2), (["mcs"], 3)])
def test_exclusive_use_is_a_switch_or_a_word(context: ParseContext, data: Any, number: int) -> None:
    assert job(context, exclusive=data) == {"shared": number}


def test_crontab_and_removed_keys_are_not_read(context: ParseContext) -> None:
    assert job(context, crontab={"minute": "1"}) == {}
    assert context.warnings == [("crontab submissions are not supported", "#/crontab/")]


@pytest.mark.parametrize("version", [V45], ids=str)
@pytest.mark.parametrize(
    ("codec", "data", "value"),
    [
        (PARTITION_EXCLUSIVE, "no", {"flags": 0x24000}),
        (PARTITION_EXCLUSIVE, "NODE", {"flags": 0x24000, "max_share": 0}),
        (PARTITION_EXCLUSIVE, "TOPO", {"flags": 0x14000, "max_share": 0}),
        (PARTITION_EXCLUSIVE, None, {}),
        (PARTITION_OVERSUBSCRIBE, "no", 1),
        (PARTITION_OVERSUBSCRIBE, "yes", 4),
        (PARTITION_OVERSUBSCRIBE, "FORCE:1", 0x8001),
    ],
)
def test_sharing_of_partitions_in_words(
    context: ParseContext, codec: Parser, data: Any, value: Any
) -> None:
    assert parse_value(codec, data, context) == value


@pytest.mark.parametrize("version", [V45], ids=str)
@pytest.mark.parametrize(
    ("codec", "data"),
    [
        (PARTITION_EXCLUSIVE, "perhaps"),
        (PARTITION_OVERSUBSCRIBE, "YES:1"),
        (PARTITION_OVERSUBSCRIBE, "FORCE:0"),
        (PARTITION_OVERSUBSCRIBE, "YES:40000"),
        (PARTITION_OVERSUBSCRIBE, "MAYBE"),
    ],
)
def test_other_words_for_sharing_are_refused(
    context: ParseContext, codec: Parser, data: Any
) -> None:
    assert errors(context, codec, data)[0][0] == 9001


def test_first_component_of_a_heterogeneous_job_is_named(context: ParseContext) -> None:
    with pytest.raises(ParseError) as caught:
        parse_value(JOB_SUBMIT_REQ, {"script": "x", "jobs": [{}, {"tasks": "x"}]}, context)
    assert caught.value.source == "#/jobs[1]/tasks/"


def test_constants_and_members_of_a_codec_are_told(version: ApiVersion) -> None:
    """What a parse asks for and gives is what the layout of the installed Slurm is made from."""
    data = [None, True, 5, -1, "5", "NO", "NODE", "USER", "TOPO", ["5"], "block", "low", {}]
    for name, parser in every_codec():
        if not isinstance(parser, Codec | Either) or not exists(parser, version):
            continue
        codec = resolve(parser, version)
        if not isinstance(codec, Codec) or not codec.parses:
            continue
        asked = dict.fromkeys(codec.constants, 0x1234)
        for inner in (codec.shown_as, UINT64_NO_VAL, UINT16_NO_VAL):
            if inner is not None and codec is not resolve(inner, version):
                asked |= dict.fromkeys(_constants(inner, version), 0x1234)
        for value in data:
            context = ParseContext(version, (), asked, Known)
            try:
                parsed = parse_value(codec, value, context)
            except ParseError:
                continue
            if isinstance(parsed, dict):
                assert set(parsed) <= set(codec.members), name


def _constants(parser: Parser, version: ApiVersion) -> tuple[str, ...]:
    codec = resolve(parser, version)
    return codec.constants if isinstance(codec, Codec) else ()


def test_every_codec_has_kind_and_schema(version: ApiVersion) -> None:
    for name, parser in every_codec():
        try:
            codec = resolve(parser, version)
        except Absent:
            continue
        if isinstance(codec, Codec):
            assert codec.kind, name
            assert codec.type or codec.shown_as, name
            assert codec.name == name
            assert codec.removed or (codec.type == "array") == (codec.items is not None), name


def test_codec_is_that_of_its_version() -> None:
    assert resolve(UINT32, V42) is not resolve(UINT32, V44)
    with pytest.raises(Absent):
        resolve(SLUID, V42)
