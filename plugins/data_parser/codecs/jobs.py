"""Values of jobs: holding and niceness, specialised cores, reasons, distribution, paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_bool, to_int
from pyslurmrestd.data_parser.model import Codec, Flags, derived, either
from pyslurmrestd.data_parser.parse import expect_type, parse_value
from pyslurmrestd.errors import ErrorCode

from ..versions import V40, V41, V42, V43
from .job_reasons import JOB_REASONS
from .numbers import UINT32
from .strings import STRING

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


@dataclass(frozen=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, kw_only=True, eq=False)
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


@dataclass(frozen=True, kw_only=True, eq=False)
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
