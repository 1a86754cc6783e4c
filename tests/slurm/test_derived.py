"""Values that libslurm works out or names, on records made by hand."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path
from typing import Any

import pytest

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.engine import Dump, Records
from pyslurmrestd.data_parser.model import F, Parser, Struct, list_of
from pyslurmrestd.data_parser.op import Member
from pyslurmrestd.data_parser.plan import response_plan
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.plugins.data_parser.codecs.jobs import JOB_REASON, TASK_DISTRIBUTION
from pyslurmrestd.plugins.data_parser.codecs.signals import SIGNAL, SIGNALS
from pyslurmrestd.plugins.data_parser.codecs.steps import SLUID
from pyslurmrestd.plugins.data_parser.tables.job_resources import JOB_RES
from pyslurmrestd.plugins.data_parser.versions import V45
from pyslurmrestd.slurm import load_library
from pyslurmrestd.slurm.layout import LAYOUT, Layout

STRINGS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "facts" / "strings.json").read_text()
)["26.05"]


class OneMember(Layout):
    """The installed Slurm's layout, and a record of one number."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        load_library()
        from pyslurmrestd.slurm import derived

        self.functions.update(derived.FUNCTIONS)
        self.width = {"H": 2, "I": 4}[letter]
        self.letter = letter

    def member(self, record: str, name: str) -> Member:
        if record != "one_t":
            return super().member(record, name)
        return Member(0, self.width, self.letter)

    def size(self, record: str) -> int:
        return self.width if record == "one_t" else super().size(record)


def dumped(parser: Parser, letter: str, numbers: list[int], *flags: str) -> list[Any]:
    """What numbers of a C type are dumped as."""
    layout = OneMember(letter)
    row = Struct(name="ONE", record="one_t", fields=(F("value", parser, "Value"),))
    answer = Struct(name="ANSWER", fields=(F("all", list_of(row, "ALL"), "All"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(flags), "json", layout)
    kind = {"H": ctypes.c_uint16, "I": ctypes.c_uint32}[letter]
    array = (kind * len(numbers))(*numbers)
    records = Records.at(array, ctypes.addressof(array), len(numbers), layout.width)
    text = b"".join(bytes(block) for block in Dump(plan, {"all": records}, ["all"]))
    return [entry["value"] for entry in json.loads(text)["all"]]


def test_job_reasons_are_those_of_the_installed_slurm() -> None:
    reasons = {int(number): text for number, text in STRINGS["job_reason"].items()}
    assert len(reasons) > 200
    assert dumped(JOB_REASON, "I", list(reasons)) == list(reasons.values())
    assert dumped(JOB_REASON, "I", [9999]) == ["InvalidReason"]


def test_distributions_are_those_of_the_installed_slurm() -> None:
    names = {int(number): text for number, text in STRINGS["task_distribution"].items()}
    assert len(names) > 20
    assert dumped(TASK_DISTRIBUTION, "I", list(names)) == list(names.values())


def test_signals_are_named_as_the_installed_slurm_names_them() -> None:
    named = dumped(SIGNAL, "H", list(range(1, 65)))
    texts = {int(number): text for number, text in STRINGS["signal"].items()}
    assert named == [texts.get(number, str(number)) for number in range(1, 65)]
    assert dumped(SIGNAL, "H", [0xFFFE]) == [""]
    assert dumped(SIGNAL, "H", [0xFFFE], "complex") == [None]


def test_names_of_signals_mean_what_the_installed_slurm_takes_them_for() -> None:
    load_library()
    number_of = ctypes.CDLL(None).sig_name2num
    assert [LAYOUT.constant(f"SIG{name}") for name in SIGNALS] == [
        number_of(name.encode()) for name in SIGNALS
    ]


@pytest.mark.parametrize(
    "text", ["s0000000000001", "SZZZZZZZZZZZZZ", "s0JJ4KEXAMPQ20", "sOIL0123456789"]
)
def test_unique_ids_mean_what_the_installed_slurm_takes_them_for(text: str) -> None:
    load_library()
    read = ctypes.CDLL(None).str2sluid
    read.restype = ctypes.c_uint64
    assert SLUID.parse(ParseContext(V45, frozenset(), {}), text) == read(text.encode())


class Resources(ctypes.Structure):
    """job_resources_t, see private.h."""

    _fields_ = (
        ("core_bitmap", ctypes.c_void_p),
        ("core_bitmap_used", ctypes.c_void_p),
        ("cpu_array_cnt", ctypes.c_uint32),
        ("cpu_array_value", ctypes.c_void_p),
        ("cpu_array_reps", ctypes.c_void_p),
        ("cpus", ctypes.c_void_p),
        ("cpus_used", ctypes.c_void_p),
        ("cores_per_socket", ctypes.c_void_p),
        ("cr_type", ctypes.c_uint16),
        ("memory_allocated", ctypes.c_void_p),
        ("memory_used", ctypes.c_void_p),
        ("next_step_node_inx", ctypes.c_uint32),
        ("nhosts", ctypes.c_uint32),
        ("node_bitmap", ctypes.c_void_p),
        ("node_ranks", ctypes.c_void_p),
        ("node_req", ctypes.c_uint32),
        ("nodes", ctypes.c_char_p),
        ("ncpus", ctypes.c_uint32),
        ("sock_core_rep_count", ctypes.c_void_p),
        ("sockets_per_node", ctypes.c_void_p),
        ("tasks_per_node", ctypes.c_void_p),
        ("threads_per_core", ctypes.c_uint16),
        ("whole_node", ctypes.c_uint8),
    )


def resources(nodes: bytes, hosts: int, *runs: tuple[int, int, int]) -> Resources:
    """Of ``hosts`` nodes, told by runs of (nodes, sockets of each, cores of each socket)."""
    load_library()
    allocate = ctypes.CDLL(None).slurm_xcalloc
    allocate.restype = ctypes.c_void_p

    def array(kind: type[Any], *numbers: int) -> int:
        data = (kind * len(numbers))(*numbers)
        size = ctypes.c_size_t(ctypes.sizeof(data))
        address = int(allocate(ctypes.c_size_t(1), size, True, False, b"", 0, b""))
        ctypes.memmove(address, data, ctypes.sizeof(data))
        return address

    found = Resources(nhosts=hosts, nodes=nodes)
    repeats, sockets, cores = zip(*runs, strict=True)
    found.sock_core_rep_count = array(ctypes.c_uint32, *repeats)
    found.sockets_per_node = array(ctypes.c_uint16, *sockets)
    found.cores_per_socket = array(ctypes.c_uint16, *cores)
    return found


def shapes(job: Resources) -> tuple[list[tuple[str, int, int]] | None, list[str]]:
    """Name, sockets and cores of each node as dumped, and the warnings."""
    layout = OneMember("I")
    answer = Struct(name="ANSWER", fields=(F("one", JOB_RES, "One"),))
    plan = response_plan(resolve(answer, V45), V45, frozenset(), "json", layout)
    records = Records.at(job, ctypes.addressof(job), 1, ctypes.sizeof(job))
    made = Dump(plan, {"one": records}, ["one"])
    text = b"".join(bytes(block) for block in made)
    found = [
        (node["name"], len(node["sockets"]), sum(len(each["cores"]) for each in node["sockets"]))
        for node in json.loads(text)["one"]["nodes"]["allocation"]
    ]
    return found, made.notes


BROKEN = ["A value could not be worked out from its record and was left empty"]


@pytest.mark.parametrize(
    ("hosts", "runs", "told", "notes"),
    [
        (3, [(2, 2, 4), (1, 1, 3)], [("a", 2, 8), ("b", 2, 8), ("c", 1, 3)], []),
        # Fewer runs than nodes: what is not told is not there, and nothing behind them is read.
        (3, [(2, 1, 1)], [("a", 1, 1), ("b", 1, 1), ("c", 0, 0)], []),
        (1, [(0, 2, 2)] * 1000, [("a", 0, 0)], []),
        (2, [(0xFFFFFFFF, 1, 1), (5, 9, 9)], [("a", 1, 1), ("b", 1, 1)], []),
        # Cores without end.
        (3, [(3, 0xFFFF, 0xFFFF)], [], BROKEN),
    ],
)
def test_resources_of_a_job_are_read_as_far_as_they_go(
    hosts: int,
    runs: list[tuple[int, int, int]],
    told: list[tuple[str, int, int]],
    notes: list[str],
) -> None:
    assert shapes(resources(b"a,b,c", hosts, *runs)) == (told, notes)
