"""Names of slurmdbd, parsed to the numbers that it keeps: QOS, TRES, associations."""

from __future__ import annotations

from typing import Any

import pytest
from contexts import CONSTANTS, Known

from pyslurmrestd.data_parser.model import Parser
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.errors import ParseError
from pyslurmrestd.plugins.data_parser.codecs.associations import ASSOC_ID, ASSOC_ID_STRING_CSV_LIST
from pyslurmrestd.plugins.data_parser.codecs.qos import (
    QOS_ID,
    QOS_ID_STRING_CSV_LIST,
    QOS_NAME,
    QOS_NAME_CSV_LIST,
    QOS_PREEMPT_LIST,
    QOS_STRING_ID_LIST,
)
from pyslurmrestd.plugins.data_parser.codecs.strings import CSV_STRING_LIST
from pyslurmrestd.plugins.data_parser.codecs.tres import TRES_STR


@pytest.mark.parametrize(
    ("codec", "data", "value"),
    [
        (QOS_ID, "high", 2),
        (QOS_ID, 2, 2),
        (QOS_ID, "1", 1),
        (QOS_ID, {"name": "high"}, 2),
        (QOS_ID, {"id": 1}, 1),
        (QOS_ID, None, 0xFFFFFFFF),
        (QOS_ID, "", 0xFFFFFFFF),
        (QOS_STRING_ID_LIST, ["high", 1], ["2", "1"]),
        (QOS_STRING_ID_LIST, "high,normal", ["2", "1"]),
        (QOS_STRING_ID_LIST, ["+high", "-1"], ["+2", "-1"]),
        (QOS_STRING_ID_LIST, [], []),
        (QOS_PREEMPT_LIST, ["high", 1], {"preempt_list": ["2", "1"]}),
        (QOS_PREEMPT_LIST, [], {"preempt_list": []}),
        (QOS_PREEMPT_LIST, None, {}),
        (QOS_NAME, "high", "high"),
        (QOS_NAME, "2", "high"),
        (QOS_NAME, 2, "high"),
        (QOS_NAME, "0x2", "high"),
        (QOS_NAME, "99", "99"),
        (QOS_NAME, "to be added", "to be added"),
        (QOS_NAME, "cut\0here", "cut"),
        (QOS_NAME_CSV_LIST, "1,new,HIGH", ["normal", "new", "HIGH"]),
        (QOS_NAME_CSV_LIST, [2, "new"], ["high", "new"]),
        (QOS_NAME_CSV_LIST, None, None),
        (QOS_ID_STRING_CSV_LIST, "high,1", ["2", "1"]),
        (QOS_ID_STRING_CSV_LIST, "gone", ["3"]),
        (ASSOC_ID_STRING_CSV_LIST, "3,4", ["3", "4"]),
        (ASSOC_ID_STRING_CSV_LIST, [3, {"id": 4}], ["3", "4"]),
        (CSV_STRING_LIST, "a,,b", ["a", "b"]),
        (CSV_STRING_LIST, ["a,b", 5], ["a,b", "5"]),
        (CSV_STRING_LIST, {"k": "v"}, ["k=v"]),
        (CSV_STRING_LIST, None, None),
        (TRES_STR, [{"type": "cpu", "count": 4}], "1=4"),
        (
            TRES_STR,
            [{"type": "gres", "name": "gpu:a100", "count": 2}, {"type": "mem", "count": -1}],
            "1001=2,2=18446744073709551615",
        ),
        (TRES_STR, [], None),
        (ASSOC_ID, 5, {"id": 5}),
        (ASSOC_ID, {"account": "a", "user": "u", "id": 5}, {"id": 5}),
        (ASSOC_ID, 0, {}),
        (ASSOC_ID, None, {}),
    ],
)
def test_names_of_slurmdbd_are_parsed_to_its_numbers(
    version: ApiVersion, codec: Parser, data: Any, value: Any
) -> None:
    context = ParseContext(version, (), CONSTANTS, Known)
    assert parse_value(codec, data, context) == value


@pytest.mark.parametrize(
    ("codec", "data", "source"),
    [
        (QOS_ID, "nosuch", "#/"),
        (QOS_ID, True, "#/"),
        (QOS_ID, 99, "#/"),
        (QOS_STRING_ID_LIST, ["high", "nosuch"], "#[1]/"),
        (QOS_STRING_ID_LIST, ["high", "gone"], "#[1]/"),
        (QOS_STRING_ID_LIST, ["+3"], "#[0]/"),
        (QOS_PREEMPT_LIST, ["high", "gone"], "#[1]/"),
        (QOS_PREEMPT_LIST, ["+high"], "#[0]/"),
        (QOS_NAME, "", "#/"),
        (QOS_NAME, None, "#/"),
        (QOS_NAME, [], "#/"),
        (QOS_NAME_CSV_LIST, ["high", {}], "#[1]/"),
        (QOS_ID_STRING_CSV_LIST, "high,nosuch", "#[1]/"),
        (ASSOC_ID_STRING_CSV_LIST, "3,x", "#[1]/"),
        (ASSOC_ID_STRING_CSV_LIST, [-1], "#[0]/"),
        (CSV_STRING_LIST, [{}], "#/"),
        (TRES_STR, "cpu=4", "#/"),
        (TRES_STR, [{"type": "nosuch", "count": 4}], "#[0]/"),
        (TRES_STR, [{"type": "cpu", "count": -2}], "#[0]/count/"),
        (TRES_STR, [{"count": 4}], "#[0]/type/"),
        (ASSOC_ID, "x", "#/"),
        (ASSOC_ID, 1 << 32, "#/"),
    ],
)
def test_what_slurmdbd_has_no_number_for_is_refused(
    version: ApiVersion, codec: Parser, data: Any, source: str
) -> None:
    context = ParseContext(version, (), CONSTANTS, Known)
    with pytest.raises(ParseError) as caught:
        parse_value(codec, data, context)
    assert caught.value.source == source
