"""Values of a job description that fill several members of it; only ever read, never dumped."""

from __future__ import annotations

from dataclasses import dataclass

from pyslurmrestd.data_parser.model import Codec, Parser

from ..versions import V41
from .no_val import UINT16_NO_VAL, UINT64_NO_VAL
from .strings import STRING_ARRAY

__all__ = [
    "JOB_DESC_MSG_ARGV",
    "JOB_DESC_MSG_CPU_FREQ",
    "JOB_DESC_MSG_ENV",
    "JOB_DESC_MSG_NODES",
    "JOB_DESC_MSG_PLANE_SIZE",
    "JOB_DESC_MSG_RLIMIT_AS",
    "JOB_DESC_MSG_RLIMIT_CORE",
    "JOB_DESC_MSG_RLIMIT_CPU",
    "JOB_DESC_MSG_RLIMIT_DATA",
    "JOB_DESC_MSG_RLIMIT_FSIZE",
    "JOB_DESC_MSG_RLIMIT_MEMLOCK",
    "JOB_DESC_MSG_RLIMIT_NOFILE",
    "JOB_DESC_MSG_RLIMIT_NPROC",
    "JOB_DESC_MSG_RLIMIT_RSS",
    "JOB_DESC_MSG_RLIMIT_STACK",
    "JOB_DESC_MSG_SPANK_ENV",
    "JOB_DESC_MSG_TASK_DISTRIBUTION",
    "CountedStrings",
    "CpuFrequency",
    "CronEntry",
    "NodeCount",
    "PlaneSize",
    "ResourceLimit",
    "TaskDistribution",
    "cron_entry",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class CountedStrings(Codec):
    """An array of texts and its length.

    :ivar member: the C member of the array.
    :ivar count: that of its length.
    """

    member: str
    count: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CpuFrequency(Codec):
    """Frequencies and governor, as ``--cpu-freq`` takes them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NodeCount(Codec):
    """How many nodes: ``2``, ``2-4``, or sizes as ``1,3-9:2``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaneSize(Codec):
    """Tasks in a plane, which makes the distribution a plane."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TaskDistribution(Codec):
    """How tasks are laid out, as ``--distribution`` takes it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceLimit(Codec):
    """A resource limit, which travels in the job's environment.

    :ivar limit: as in ``SLURM_RLIMIT_<limit>``.
    """

    limit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CronEntry(Codec):
    """The crontab entry of a job; input for it is ignored with a warning."""


JOB_DESC_MSG_ARGV = CountedStrings(
    name="JOB_DESC_MSG_ARGV", kind="input", shown_as=STRING_ARRAY, member="argv", count="argc"
)
JOB_DESC_MSG_ENV = CountedStrings(
    name="JOB_DESC_MSG_ENV",
    kind="input",
    shown_as=STRING_ARRAY,
    member="environment",
    count="env_size",
)
JOB_DESC_MSG_SPANK_ENV = CountedStrings(
    name="JOB_DESC_MSG_SPANK_ENV",
    kind="input",
    shown_as=STRING_ARRAY,
    member="spank_job_env",
    count="spank_job_env_size",
)
JOB_DESC_MSG_CPU_FREQ = CpuFrequency(name="JOB_DESC_MSG_CPU_FREQ", kind="input", type="string")
JOB_DESC_MSG_NODES = NodeCount(name="JOB_DESC_MSG_NODES", kind="input", type="string")
JOB_DESC_MSG_PLANE_SIZE = PlaneSize(
    name="JOB_DESC_MSG_PLANE_SIZE", kind="input", shown_as=UINT16_NO_VAL, since=V41
)
JOB_DESC_MSG_TASK_DISTRIBUTION = TaskDistribution(
    name="JOB_DESC_MSG_TASK_DISTRIBUTION", kind="input", type="string", since=V41
)


def _limit(name: str) -> ResourceLimit:
    return ResourceLimit(
        name=f"JOB_DESC_MSG_RLIMIT_{name}", kind="input", shown_as=UINT64_NO_VAL, limit=name
    )


JOB_DESC_MSG_RLIMIT_CPU = _limit("CPU")
JOB_DESC_MSG_RLIMIT_FSIZE = _limit("FSIZE")
JOB_DESC_MSG_RLIMIT_DATA = _limit("DATA")
JOB_DESC_MSG_RLIMIT_STACK = _limit("STACK")
JOB_DESC_MSG_RLIMIT_CORE = _limit("CORE")
JOB_DESC_MSG_RLIMIT_RSS = _limit("RSS")
JOB_DESC_MSG_RLIMIT_NPROC = _limit("NPROC")
JOB_DESC_MSG_RLIMIT_NOFILE = _limit("NOFILE")
JOB_DESC_MSG_RLIMIT_MEMLOCK = _limit("MEMLOCK")
JOB_DESC_MSG_RLIMIT_AS = _limit("AS")


def cron_entry(shape: Parser) -> CronEntry:
    """The codec of ``crontab``, shown in the document as ``shape``."""
    return CronEntry(name="JOB_DESC_MSG_CRON_ENTRY", kind="input", shown_as=shape, parses=False)
