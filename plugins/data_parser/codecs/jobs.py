"""Values of jobs: holding and niceness, specialised cores, reasons, distribution, paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyslurmrestd.data_parser.model import Codec, Flags, derived

from ..versions import V40, V41, V42, V43
from .job_reasons import JOB_REASONS
from .numbers import UINT32
from .strings import STRING

__all__ = [
    "ALLOCATED_CORES",
    "ALLOCATED_CPUS",
    "CORE_SPEC",
    "HOLD",
    "JOB_INFO_GRES_DETAIL",
    "JOB_INFO_STDERR",
    "JOB_INFO_STDERR_EXP",
    "JOB_INFO_STDIN",
    "JOB_INFO_STDIN_EXP",
    "JOB_INFO_STDOUT",
    "JOB_INFO_STDOUT_EXP",
    "JOB_REASON",
    "NICE",
    "TASK_DISTRIBUTION",
    "THREAD_SPEC",
    "Hold",
    "JobExclusive",
    "Nice",
    "Specialized",
    "job_exclusive",
]

TASK_DISTRIBUTIONS: Final[dict[int, str]] = {
    1: "Cyclic",
    2: "Block",
    3: "arbitrary task distribution",
    4: "Plane",
    17: "CCyclic",
    18: "BCyclic",
    33: "CBlock",
    34: "BBlock",
    49: "CFCyclic",
    50: "BFCyclic",
    273: "CCyclicCyclic",
    274: "BCyclicCyclic",
    289: "CBlockCyclic",
    290: "BBlockCyclic",
    305: "CFCyclicCyclic",
    306: "BFCyclicCyclic",
    529: "CCyclicBlock",
    530: "BCyclicBlock",
    545: "CBlockBlock",
    546: "BBlockBlock",
    561: "CFCyclicBlock",
    562: "BFCyclicBlock",
    785: "CCyclicFCyclic",
    786: "BCyclicFCyclic",
    801: "CCyclicFCyclic",
    802: "BBlockFCyclic",
    817: "CFCyclicFCyclic",
    818: "BFCyclicFCyclic",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Hold(Codec):
    """Whether a job is held, which C says by a priority of 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Nice(Codec):
    """An adjustment of the priority around 0, which C keeps around ``NICE_OFFSET``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Specialized(Codec):
    """Cores or threads kept for the system; a bit of the C number tells which."""

    threads: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class JobExclusive(Codec):
    """Exclusive use of nodes: true, false, or words of a flag set."""


HOLD = Hold(name="HOLD", kind="hold", type="boolean")
NICE = Nice(name="NICE", kind="nice", type="integer", format="int32")
CORE_SPEC = Specialized(
    name="CORE_SPEC",
    kind="spec_count",
    options={"thread": False},
    type="integer",
    format="int32",
    threads=False,
)
THREAD_SPEC = Specialized(
    name="THREAD_SPEC",
    kind="spec_count",
    options={"thread": True},
    type="integer",
    format="int32",
    threads=True,
)


def job_exclusive(flags: Flags) -> JobExclusive:
    """The codec of ``exclusive``, dumped as the words of ``flags``."""
    return JobExclusive(
        name="JOB_EXCLUSIVE",
        kind="same",
        options={"dumped_as": flags},
        shown_as=flags,
        until=V41,
    )


JOB_REASON = Codec(
    name="JOB_REASON",
    kind="name",
    options={"table": JOB_REASONS, "fallback": "InvalidReason"},
    type="string",
    parses=False,
)
TASK_DISTRIBUTION = Codec(
    name="TASK_DISTRIBUTION",
    kind="name",
    options={"table": TASK_DISTRIBUTIONS, "fallback": "Unknown"},
    type="string",
    parses=False,
)

ALLOCATED_CORES = derived(
    "ALLOCATED_CORES", "allocated_cores", UINT32, type="integer", format="int32", until=V40
)
ALLOCATED_CPUS = derived(
    "ALLOCATED_CPUS", "allocated_cpus", UINT32, type="integer", format="int32", until=V40
)

# Up to v0.0.42 the path is worked out with Slurm's defaults, later only the patterns are filled in.
JOB_INFO_STDIN = derived("JOB_INFO_STDIN", "job_stdin", STRING, type="string", until=V42)
JOB_INFO_STDOUT = derived("JOB_INFO_STDOUT", "job_stdout", STRING, type="string", until=V42)
JOB_INFO_STDERR = derived("JOB_INFO_STDERR", "job_stderr", STRING, type="string", until=V42)
JOB_INFO_STDIN_EXP = derived(
    "JOB_INFO_STDIN_EXP", "job_stdin_expanded", STRING, type="string", since=V43
)
JOB_INFO_STDOUT_EXP = derived(
    "JOB_INFO_STDOUT_EXP", "job_stdout_expanded", STRING, type="string", since=V43
)
JOB_INFO_STDERR_EXP = derived(
    "JOB_INFO_STDERR_EXP", "job_stderr_expanded", STRING, type="string", since=V43
)
JOB_INFO_GRES_DETAIL = Codec(
    name="JOB_INFO_GRES_DETAIL",
    kind="strings",
    options={"items": "gres_detail_str", "count": "gres_detail_cnt"},
    type="array",
    items=STRING,
    parses=False,
)
