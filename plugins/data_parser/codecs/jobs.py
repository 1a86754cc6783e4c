"""Values of jobs: holding and niceness, specialised cores, reasons, distribution, paths."""

from __future__ import annotations

from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_bool, to_int
from pyslurmrestd.data_parser.model import Codec, Flags, derived, either
from pyslurmrestd.data_parser.parse import expect_type, parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V40, V41, V42, V43
from .numbers import UINT32
from .strings import STRING

TASK_DISTRIBUTIONS: Final[dict[str, str]] = {
    "SLURM_DIST_CYCLIC": "Cyclic",
    "SLURM_DIST_BLOCK": "Block",
    "SLURM_DIST_ARBITRARY": "arbitrary task distribution",
    "SLURM_DIST_PLANE": "Plane",
    "SLURM_DIST_CYCLIC_CYCLIC": "CCyclic",
    "SLURM_DIST_BLOCK_CYCLIC": "BCyclic",
    "SLURM_DIST_CYCLIC_BLOCK": "CBlock",
    "SLURM_DIST_BLOCK_BLOCK": "BBlock",
    "SLURM_DIST_CYCLIC_CFULL": "CFCyclic",
    "SLURM_DIST_BLOCK_CFULL": "BFCyclic",
    "SLURM_DIST_CYCLIC_CYCLIC_CYCLIC": "CCyclicCyclic",
    "SLURM_DIST_BLOCK_CYCLIC_CYCLIC": "BCyclicCyclic",
    "SLURM_DIST_CYCLIC_BLOCK_CYCLIC": "CBlockCyclic",
    "SLURM_DIST_BLOCK_BLOCK_CYCLIC": "BBlockCyclic",
    "SLURM_DIST_CYCLIC_CFULL_CYCLIC": "CFCyclicCyclic",
    "SLURM_DIST_BLOCK_CFULL_CYCLIC": "BFCyclicCyclic",
    "SLURM_DIST_CYCLIC_CYCLIC_BLOCK": "CCyclicBlock",
    "SLURM_DIST_BLOCK_CYCLIC_BLOCK": "BCyclicBlock",
    "SLURM_DIST_CYCLIC_BLOCK_BLOCK": "CBlockBlock",
    "SLURM_DIST_BLOCK_BLOCK_BLOCK": "BBlockBlock",
    "SLURM_DIST_CYCLIC_CFULL_BLOCK": "CFCyclicBlock",
    "SLURM_DIST_BLOCK_CFULL_BLOCK": "BFCyclicBlock",
    "SLURM_DIST_CYCLIC_CYCLIC_CFULL": "CCyclicFCyclic",
    "SLURM_DIST_BLOCK_CYCLIC_CFULL": "BCyclicFCyclic",
    "SLURM_DIST_CYCLIC_BLOCK_CFULL": "CCyclicFCyclic",
    "SLURM_DIST_BLOCK_BLOCK_CFULL": "BBlockFCyclic",
    "SLURM_DIST_CYCLIC_CFULL_CFULL": "CFCyclicFCyclic",
    "SLURM_DIST_BLOCK_CFULL_CFULL": "BFCyclicFCyclic",
}


@record(kw_only=True, eq=False)
class Hold(Codec):
    """Whether a job is held, which C says by a priority of 0."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The priority: 0 holds, INFINITE releases; null leaves it."""
        if value is None:
            return None
        held = to_bool(value)
        if held is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected boolean but got {context.got(value)}"
            )
        return 0 if held else context.constant("INFINITE")


@record(kw_only=True, eq=False)
class Nice(Codec):
    """An adjustment of the priority around 0, which C keeps around ``NICE_OFFSET``."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The adjustment plus ``NICE_OFFSET``; null leaves it."""
        if value is None:
            return None
        # Slurm: the warning about another type comes twice.
        expect_type("integer", "int32", value, context)
        number = to_int(value)
        offset = context.constant("NICE_OFFSET")
        # What is furthest from 0 without being one of the marks when the offset is added.
        most = offset - 3
        if isinstance(value, float) and number is None:
            number = most + 1
        if number is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected integer but got {context.got(value)}"
            )
        if abs(number) > most:
            context.fail(ErrorCode.INVALID_NICE, f"Nice value not within +/- {most}")
        return number + offset


@record(kw_only=True, eq=False)
class Specialized(Codec):
    """Cores or threads kept for the system; a bit of the C number tells which."""

    threads: bool

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """How many, with the bit if they are threads; null leaves it."""
        if value is None:
            return None
        what = "thread" if self.threads else "core"
        number = to_int(value)
        if number is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Expected integer for {what} specification but got {context.got(value)}",
            )
        errno = ErrorCode.BAD_THREADS_PER_CORE if self.threads else ErrorCode.INVALID_CORE_COUNT
        thread_bit = context.constant("CORE_SPEC_THREAD")
        if number >= thread_bit:
            context.fail(errno, f"Invalid {what} specification {number} >= {thread_bit}")
        if number <= 0:
            blank = "" if self.threads else " "
            context.fail(errno, f"Invalid {what} specification {number}{blank}<= 0")
        return number | thread_bit if self.threads else number


@record(kw_only=True, eq=False)
class JobExclusive(Codec):
    """Exclusive use of nodes: true, false, or words of a flag set."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The C constant of JOB_SHARED."""
        if value is None or isinstance(value, bool):
            return context.constant("JOB_SHARED_NONE" if value else "JOB_SHARED_OK")
        number: int | None = parse_value(self.options["dumped_as"], value, context)
        return number


HOLD = Hold(
    name="HOLD",
    kind="part",
    options={"is_zero": True},
    type="boolean",
    constants=("INFINITE",),
)
NICE = Nice(
    name="NICE",
    kind="part",
    options={"zero": "NICE_OFFSET"},
    type="integer",
    format="int32",
    constants=("NICE_OFFSET",),
)
CORE_SPEC = Specialized(
    name="CORE_SPEC",
    kind="part",
    options={"only": ("CORE_SPEC_THREAD", False)},
    constants=("CORE_SPEC_THREAD",),
    type="integer",
    format="int32",
    threads=False,
)
THREAD_SPEC = Specialized(
    name="THREAD_SPEC",
    kind="part",
    options={"only": ("CORE_SPEC_THREAD", True), "mask": "CORE_SPEC_THREAD"},
    constants=("CORE_SPEC_THREAD",),
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
        constants=("JOB_SHARED_NONE", "JOB_SHARED_OK"),
        until=V41,
    )


CPU_FREQ_FLAGS = derived("CPU_FREQ_FLAGS", "cpu_frequency", STRING, reads="I", type="string")
JOB_REASON = derived("JOB_REASON", "job_reason", STRING, type="string", reads="I")
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
JOB_INFO_STDERR = either(
    # Slurm: 24.11 tells where stderr really goes, which is stdout's file if the job names none.
    derived("JOB_INFO_STDERR", "job_stderr_or_stdout", STRING, type="string", until=V41),
    derived("JOB_INFO_STDERR", "job_stderr", STRING, type="string", since=V42, until=V42),
)
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
