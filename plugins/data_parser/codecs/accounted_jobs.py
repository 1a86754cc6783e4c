"""Values of jobs and steps as slurmdbd keeps them, and of the conditions that choose them."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int
from pyslurmrestd.data_parser.model import Codec, F, Flags, Struct, bit, derived, either, list_of
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.record import record

from ..versions import V41, V42, V43
from .associations import ASSOC_SHORT
from .no_val import UINT64_NO_VAL
from .numbers import INT64, UINT32, UINT64
from .steps import SELECTED_STEP
from .strings import STRING
from .times import TIMESTAMP_NO_VAL
from .tres import TRES

JOB_ASSOC_ID = either(
    derived(
        "JOB_ASSOC_ID",
        "known_association_of_job",
        ASSOC_SHORT,
        shown_as=ASSOC_SHORT,
        options={"absent": {}},
        needs=("associations",),
        until=V42,
    ),
    # Slurm: from here on nothing is looked up, so account, partition and user are empty.
    derived("JOB_ASSOC_ID", "association_of_job", ASSOC_SHORT, shown_as=ASSOC_SHORT, since=V43),
)
# A job that was requeued may have started before it could, as slurmdbd keeps it.
_SIGNED_SECONDS = Codec(name="SIGNED_SECONDS", kind="no_val", options={"reads": "l"}, parses=False)
JOB_PLANNED_TIME = derived(
    "JOB_PLANNED_TIME", "planned_time", _SIGNED_SECONDS, shown_as=UINT64_NO_VAL, since=V41
)
JOB_STDIN = derived("JOB_STDIN", "accounted_stdin", STRING, shown_as=STRING, since=V41)
JOB_STDOUT = derived("JOB_STDOUT", "accounted_stdout", STRING, shown_as=STRING, since=V41)
JOB_STDERR = derived("JOB_STDERR", "accounted_stderr", STRING, shown_as=STRING, since=V41)
JOB_USER = derived("JOB_USER", "accounted_user", STRING, type="string")

STEP_STDIN_EXP = derived("STEP_STDIN_EXP", "step_stdin", STRING, type="string", since=V43)
STEP_STDOUT_EXP = derived("STEP_STDOUT_EXP", "step_stdout", STRING, type="string", since=V43)
STEP_STDERR_EXP = derived("STEP_STDERR_EXP", "step_stderr", STRING, type="string", since=V43)
SLURM_STEP_ID_STRING = derived(
    "SLURM_STEP_ID_STRING", "step_id_text", STRING, shown_as=SELECTED_STEP
)
HOSTLIST = Codec(name="HOSTLIST", kind="strings", type="array", items=STRING, parses=False)
STEP_NODES = derived("STEP_NODES", "step_nodes", HOSTLIST, shown_as=HOSTLIST)
# Slurm: shows the bits of a double as if they were a whole number.
STEP_FREQUENCY = derived(
    "STEP_FREQUENCY", "step_frequency", UINT64, type="integer", format="int64", reads="d"
)

TRES_NCT = Struct(
    name="TRES_NCT",
    record="derived_step_tres_t",
    fields=(
        F("type", STRING, "Kind of resource, such as cpu or gres", required=True),
        F("name", STRING, "Which one, of a kind that has several: gpu:a100"),
        F("id", UINT32, "Number of the TRES in the database"),
        F("count", INT64, "How much of it"),
        F("task", INT64, "Which task"),
        F("node", STRING, "Where"),
    ),
)


def _extreme(name: str, function: str) -> Codec:
    return derived(
        name,
        function,
        list_of(TRES_NCT, "TRES_NCT_LIST"),
        type="array",
        items=TRES,
        needs=("tres",),
    )


STEP_TRES_REQ_MAX = _extreme("STEP_TRES_REQ_MAX", "step_tres_in_max")
STEP_TRES_REQ_MIN = _extreme("STEP_TRES_REQ_MIN", "step_tres_in_min")
STEP_TRES_USAGE_MAX = _extreme("STEP_TRES_USAGE_MAX", "step_tres_out_max")
STEP_TRES_USAGE_MIN = _extreme("STEP_TRES_USAGE_MIN", "step_tres_out_min")

WCKEY_TAG_FLAGS = Flags(
    name="WCKEY_TAG_FLAGS",
    values=(bit("ASSIGNED_DEFAULT", 1, "Chosen for want of another"),),
)

WCKEY_TAG_STRUCT = Struct(
    name="WCKEY_TAG_STRUCT",
    record="derived_wckey_tag_t",
    fields=(
        F("wckey", STRING, "Wckey", required=True),
        F("flags", WCKEY_TAG_FLAGS, "How it was chosen", required=True),
    ),
)

WCKEY_TAG = derived("WCKEY_TAG", "wckey_tag", WCKEY_TAG_STRUCT, shown_as=WCKEY_TAG_STRUCT)


@record(kw_only=True, eq=False)
class StateText(Codec):
    """States of a job, whose number C keeps as a text. ``shown_as`` is their flag set."""

    def parse(self, context: ParseContext, value: Any) -> str:
        """The number, from words or itself."""
        number = None if isinstance(value, bool | float | list) else to_int(value)
        if number is None:
            assert self.shown_as is not None
            number = parse_value(self.shown_as, value, context)
        return str(number or 0)


@record(kw_only=True, eq=False)
class SubmitTime(Codec):
    """A time of submission, from which on jobs are looked for by that time."""

    def parse(self, context: ParseContext, value: Any) -> dict[str, int]:
        """``usage_start`` and the bit of ``flags``; unset leaves both."""
        seconds = parse_value(TIMESTAMP_NO_VAL, value, context)
        if seconds is None:
            return {}
        flags = context.record.flags or 0
        return {
            "usage_start": seconds,
            "flags": flags | context.constant("JOBCOND_FLAG_NO_DEFAULT_USAGE"),
        }


JOB_CONDITION_SUBMIT_TIME = SubmitTime(
    name="JOB_CONDITION_SUBMIT_TIME",
    kind="constant",
    options={"data": 0},
    shown_as=TIMESTAMP_NO_VAL,
    members=("usage_start", "flags"),
    constants=("JOBCOND_FLAG_NO_DEFAULT_USAGE",),
)
