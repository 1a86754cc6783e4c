"""Shares of associations, on a message made by hand."""

from __future__ import annotations

import ctypes
import json
import math
from collections.abc import Sequence
from typing import Any

import pytest

from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import F, Struct
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.tables.shares import SHARES_RESP_MSG
from pyslurmrestd.plugins.data_parser.versions import V40, V42, V43, V45
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT

UNSET64, INFINITE64 = 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF


class Association(ctypes.Structure):
    """assoc_shares_object_t, see private.h."""

    _fields_ = (
        ("assoc_id", ctypes.c_uint32),
        ("cluster", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("parent", ctypes.c_char_p),
        ("partition", ctypes.c_char_p),
        ("shares_norm", ctypes.c_double),
        ("shares_raw", ctypes.c_uint32),
        ("tres_run_secs", ctypes.c_void_p),
        ("tres_grp_mins", ctypes.c_void_p),
        ("usage_efctv", ctypes.c_double),
        ("usage_norm", ctypes.c_double),
        ("usage_raw", ctypes.c_uint64),
        ("usage_tres_raw", ctypes.c_void_p),
        ("fs_factor", ctypes.c_double),
        ("level_fs", ctypes.c_double),
        ("user", ctypes.c_uint16),
    )


class Message(ctypes.Structure):
    """shares_response_msg_t, see private.h."""

    _fields_ = (
        ("assoc_shares_list", ctypes.c_void_p),
        ("tot_shares", ctypes.c_uint64),
        ("tres_cnt", ctypes.c_uint32),
        ("tres_names", ctypes.c_void_p),
    )


def library() -> ctypes.CDLL:
    load_library()
    found = ctypes.CDLL(None)
    found.slurm_xcalloc.restype = found.slurm_list_create.restype = ctypes.c_void_p
    found.slurm_list_append.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    return found


def array(element: type[Any], *values: Any) -> int:
    """The address of an array that libslurm allocated."""
    data = (element * len(values))(*values)
    size = ctypes.c_size_t(ctypes.sizeof(data))
    address = int(library().slurm_xcalloc(ctypes.c_size_t(1), size, True, False, b"", 0, b""))
    ctypes.memmove(address, data, ctypes.sizeof(data))
    return address


NAMES = [ctypes.create_string_buffer(name) for name in (b"cpu", b"gres/gpu", b"mem")]


def message(associations: Sequence[Association]) -> Message:
    found = library()
    items = found.slurm_list_create(None)
    for association in associations:
        found.slurm_list_append(items, ctypes.addressof(association))
    names = array(ctypes.c_void_p, *map(ctypes.addressof, NAMES))
    made = Message(items, 10, len(NAMES), names)
    made.kept = associations  # the list only points to them
    return made


def told(shares: Message, version: ApiVersion) -> tuple[Any, list[str]]:
    """What a message is dumped as, and the warnings."""
    load_library()
    from pyslurmrestd.slurm import derived

    assert ctypes.sizeof(Message) == LAYOUT.size("shares_response_msg_t")
    LAYOUT.functions.update(derived.FUNCTIONS)
    answer = Struct(name="ANSWER", fields=(F("one", SHARES_RESP_MSG, "One"),))
    plan = response_plan(resolve(answer, version), version, frozenset(), "json", LAYOUT)
    records = Records.at(shares, ctypes.addressof(shares), 1, ctypes.sizeof(shares))
    dump = Dump(plan, {"one": records}, ["one"])
    text = b"".join(bytes(block) for block in dump)
    return json.loads(text)["one"], dump.notes


def n(number: float) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": number}


UNSET = {"set": False, "infinite": False, "number": 0}
INFINITE = {"set": False, "infinite": True, "number": 0}


def test_associations_are_told_with_the_names_of_tres() -> None:
    alice = Association(
        assoc_id=4,
        cluster=b"lab",
        name=b"alice",
        parent=b"sci",
        shares_norm=0.5,
        shares_raw=0x7FFFFFFF,
        tres_run_secs=array(ctypes.c_uint64, 60, 0, 7),
        tres_grp_mins=array(ctypes.c_uint64, INFINITE64, UNSET64, 9),
        usage_efctv=0.25,
        usage_norm=0.125,
        usage_raw=1 << 40,
        usage_tres_raw=array(ctypes.c_longdouble, 1.5, 0, 2.0**70),
        fs_factor=0.75,
        level_fs=1.5,
        user=1,
    )
    assert told(message([alice]), V45) == (
        {
            "shares": [
                {
                    "id": 4,
                    "cluster": "lab",
                    "name": "alice",
                    "parent": "sci",
                    "partition": "",
                    "shares_normalized": n(0.5),
                    "shares": n(0x7FFFFFFF),
                    "tres": {
                        "run_seconds": [
                            {"name": "cpu", "value": n(60)},
                            {"name": "gres/gpu", "value": n(0)},
                            {"name": "mem", "value": n(7)},
                        ],
                        "group_minutes": [
                            {"name": "cpu", "value": INFINITE},
                            {"name": "gres/gpu", "value": UNSET},
                            {"name": "mem", "value": n(9)},
                        ],
                        "usage": [
                            {"name": "cpu", "value": 1.5},
                            {"name": "gres/gpu", "value": 0.0},
                            {"name": "mem", "value": 2.0**70},
                        ],
                    },
                    "effective_usage": n(0.25),
                    "usage_normalized": n(0.125),
                    "usage": 1 << 40,
                    "fairshare": {"factor": n(0.75), "level": n(1.5)},
                    "type": ["USER"],
                }
            ],
            "total_shares": 10,
        },
        [],
    )


@pytest.mark.parametrize(
    ("version", "level", "notes"),
    [
        (V40, "Infinity", []),
        (V42, n(1.8446744073709552e19), []),
        (
            V43,
            n(1.8446744073709552e19),
            ["Dumping (0xffffffffffffffff) as place holder for Infinity"],
        ),
    ],
    ids=str,
)
def test_a_level_without_end_is_what_each_version_makes_of_it(
    version: ApiVersion, level: Any, notes: list[str]
) -> None:
    found, warned = told(message([Association(level_fs=math.inf)]), version)
    assert (found["shares"][0]["fairshare"]["level"], warned) == (level, notes)


def test_arrays_of_tres_are_read_as_far_as_they_go() -> None:
    short = Association(
        tres_run_secs=array(ctypes.c_uint64, 1), usage_tres_raw=array(ctypes.c_longdouble, 1, 2)
    )
    found, _ = told(message([short]), V45)
    assert {key: len(value) for key, value in found["shares"][0]["tres"].items()} == {
        "run_seconds": 1,
        "group_minutes": 0,
        "usage": 2,
    }


def test_no_list_is_an_empty_one() -> None:
    assert told(Message(None, 0, 0, None), V45)[0] == {"shares": [], "total_shares": 0}
