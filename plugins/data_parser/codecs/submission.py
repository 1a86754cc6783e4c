"""Values of a job description that fill several members of it; only ever read, never dumped."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import shown, to_int, to_text, type_name
from pyslurmrestd.data_parser.model import Codec, Parser
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V41
from .layouts import (
    PLANE_DISTRIBUTION,
    UNKNOWN_DISTRIBUTION,
    read_distribution,
    read_frequency,
    read_node_count,
)
from .no_val import UINT16_NO_VAL, UINT64_NO_VAL
from .strings import STRING_ARRAY


@record(kw_only=True, eq=False)
class CountedStrings(Codec):
    """An array of texts and its length: its two ``members``."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The texts and their number; null says nothing."""
        if value is None:
            return {}
        texts = parse_value(STRING_ARRAY, value, context)
        array, count = self.members
        return {array: texts, count: len(texts)}


@record(kw_only=True, eq=False)
class CpuFrequency(Codec):
    """Frequencies and governor, as ``--cpu-freq`` takes them."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, int]:
        """Lowest and highest frequency and governor, as far as they are given."""
        if value is None:
            return {}
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"string expected but got {context.got(value)}"
            )
        frequency = read_frequency(text)
        if frequency is None:
            context.fail(ErrorCode.CONVERSION_FAILED, "Invalid cpu_frequency")
        parts = zip(self.members, frequency, strict=True)
        return {member: part for member, part in parts if part}


@record(kw_only=True, eq=False)
class NodeCount(Codec):
    """How many nodes: ``2``, ``2-4``, or sizes as ``1,3-9:2``."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The least and the most nodes, and the sizes if some are left out."""
        if isinstance(value, list):
            return self._from_list(context, value)
        text = to_text(value)
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                f"Expected string instead of {type_name(value)} for node counts",
            )
        counts = read_node_count(text)
        if counts is None:
            context.fail(ErrorCode.CONVERSION_FAILED, f"Unknown format: {shown(text)}")
        low, high, sizes = counts
        found: dict[str, Any] = {"min_nodes": low, "max_nodes": high}
        return {**found, "job_size_str": sizes} if sizes else found

    def _from_list(self, context: ParseContext, value: list[Any]) -> dict[str, Any]:
        if len(value) not in (1, 2):
            context.fail(
                ErrorCode.CONVERSION_FAILED,
                "Node count in format of a list must have a cardinality of 2 or 1",
            )
        counts = []
        for what, item in zip(("Minimum", "Maximum")[-len(value) :], value, strict=True):
            number = to_int(item)
            if number is None or not 0 <= number < 1 << 31:
                context.fail(
                    ErrorCode.CONVERSION_FAILED,
                    f"{what} nodes must be an integer instead of {type_name(item)}",
                )
            counts.append(number)
        # One number is the least, two are the least and the most in either order.
        return dict(zip(("min_nodes", "max_nodes"), sorted(counts), strict=False))


@record(kw_only=True, eq=False)
class PlaneSize(Codec):
    """Tasks in a plane, which makes the distribution a plane."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The plane size, the distribution, and the environment that says so."""
        size = parse_value(UINT16_NO_VAL, value, context)
        return {} if size is None else _plane(context, size)


@record(kw_only=True, eq=False)
class TaskDistribution(Codec):
    """How tasks are laid out, as ``--distribution`` takes it."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The distribution, and the environment that says so."""
        plane = context.record.plane_size
        if value is None:
            return {"task_dist": UNKNOWN_DISTRIBUTION} if plane is None else {}
        text = to_text(value)
        if text is None:
            context.fail(ErrorCode.CONVERSION_FAILED, "Invalid distribution")
        given = read_distribution(text)
        if given is None:
            context.fail(ErrorCode.BAD_DISTRIBUTION, "Invalid distribution specification")
        if given.plane is not None:
            if plane is not None and plane != given.plane:
                context.fail(
                    ErrorCode.BAD_DISTRIBUTION,
                    "Plane distribution set by distribution_plane_size and distribution do not"
                    f" match. ({plane} != {given.plane})",
                )
            return _plane(context, given.plane)
        if plane is not None:
            context.fail(
                ErrorCode.BAD_DISTRIBUTION,
                "Plane size distribution specifications cannot be combined with other options",
            )
        variables = {"SLURM_DISTRIBUTION": given.text}
        if given.arbitrary:
            hosts = context.record.req_nodes
            if not hosts:
                context.fail(
                    ErrorCode.BAD_DISTRIBUTION,
                    "Arbitrary distribution needs required_nodes to be specified",
                )
            variables = {"SLURM_ARBITRARY_NODELIST": hosts, **variables}
        return {"task_dist": given.number, **_with_variables(context.record, variables)}


@record(kw_only=True, eq=False)
class ResourceLimit(Codec):
    """A resource limit, which travels in the job's environment.

    :ivar limit: as in ``SLURM_RLIMIT_<limit>``.
    """

    limit: str

    def parse(self, context: ParseContext, value: Any) -> dict[str, Any]:
        """The environment with the limit in it; no limit is the number of INFINITE64."""
        number = parse_value(UINT64_NO_VAL, value, context)
        if number is None:
            return {}
        return _with_variables(context.record, {f"SLURM_RLIMIT_{self.limit}": str(number)})


@record(kw_only=True, eq=False)
class CronEntry(Codec):
    """The crontab entry of a job; input for it is ignored with a warning."""

    def parse(self, context: ParseContext, value: Any) -> None:
        context.warn("crontab submissions are not supported")


def _plane(context: ParseContext, size: int) -> dict[str, Any]:
    variables = {"SLURM_DISTRIBUTION": "plane", "SLURM_DIST_PLANESIZE": str(size)}
    return {
        "task_dist": PLANE_DISTRIBUTION,
        "plane_size": size,
        **_with_variables(context.record, variables),
    }


def _with_variables(record: Parsed, variables: dict[str, str]) -> dict[str, Any]:
    """The environment of the job with the variables set in it, and its length."""
    kept = [entry for entry in record.environment or () if entry.partition("=")[0] not in variables]
    environment = kept + [f"{name}={text}" for name, text in variables.items()]
    return {"environment": environment, "env_size": len(environment)}


_ENVIRONMENT = ("environment", "env_size")
_DISTRIBUTION = ("task_dist", "plane_size", *_ENVIRONMENT)

JOB_DESC_MSG_ARGV = CountedStrings(
    name="JOB_DESC_MSG_ARGV", kind="input", shown_as=STRING_ARRAY, members=("argv", "argc")
)
JOB_DESC_MSG_ENV = CountedStrings(
    name="JOB_DESC_MSG_ENV", kind="input", shown_as=STRING_ARRAY, members=_ENVIRONMENT
)
JOB_DESC_MSG_SPANK_ENV = CountedStrings(
    name="JOB_DESC_MSG_SPANK_ENV",
    kind="input",
    shown_as=STRING_ARRAY,
    members=("spank_job_env", "spank_job_env_size"),
)
JOB_DESC_MSG_CPU_FREQ = CpuFrequency(
    name="JOB_DESC_MSG_CPU_FREQ",
    kind="input",
    type="string",
    members=("cpu_freq_min", "cpu_freq_max", "cpu_freq_gov"),
)
JOB_DESC_MSG_NODES = NodeCount(
    name="JOB_DESC_MSG_NODES",
    kind="input",
    type="string",
    members=("min_nodes", "max_nodes", "job_size_str"),
)
JOB_DESC_MSG_PLANE_SIZE = PlaneSize(
    name="JOB_DESC_MSG_PLANE_SIZE",
    kind="input",
    shown_as=UINT16_NO_VAL,
    members=_DISTRIBUTION,
    since=V41,
)
JOB_DESC_MSG_TASK_DISTRIBUTION = TaskDistribution(
    name="JOB_DESC_MSG_TASK_DISTRIBUTION",
    kind="input",
    type="string",
    members=_DISTRIBUTION,
    since=V41,
)


def _limit(name: str) -> ResourceLimit:
    return ResourceLimit(
        name=f"JOB_DESC_MSG_RLIMIT_{name}",
        kind="input",
        shown_as=UINT64_NO_VAL,
        members=_ENVIRONMENT,
        limit=name,
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
    return CronEntry(name="JOB_DESC_MSG_CRON_ENTRY", kind="input", shown_as=shape)
