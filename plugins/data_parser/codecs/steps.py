"""Steps of jobs: ``123.batch``, ``123_4.0+1``, and their unique ids."""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import guess, shown, to_int, to_text
from pyslurmrestd.data_parser.model import Codec, F, Struct, list_of, pointer
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V44
from .numbers import UINT32
from .strings import STRING

STEP_NAMES: Final[dict[int, str]] = {
    0xFFFFFFFE: "entire",
    0xFFFFFFFD: "TBD",
    0xFFFFFFFC: "extern",
    0xFFFFFFFB: "batch",
    0xFFFFFFFA: "interactive",
}
"""The words for steps that are not numbered (slurm.h: SLURM_PENDING_STEP and below)."""

_NUMBERS: Final = {word.lower(): number for number, word in STEP_NAMES.items()}
_LAST_STEP: Final = 0xFFFFFFF0
"""The highest number of a step (slurm.h: SLURM_MAX_NORMAL_STEP_ID)."""

_JOB_LIMIT: Final = 0xFFFFFFFD
"""The first number that is no job's (slurm.h: MAX_FED_JOB_ID)."""

_COMPONENTS: Final = 128
"""The most components of a heterogeneous job (slurm.h: MAX_HET_JOB_COMPONENTS)."""

_SELECTED: Final = re.compile(
    r"(?P<job>[0-9]{1,12})(?:_(?P<task>[0-9]{1,12})|\+(?P<component>[0-9]{1,12}))?"
    r"(?:\.(?P<step>[0-9]{1,12}|tbd|extern|batch|interactive)(?:\+(?P<part>[0-9]{0,12}))?)?",
    re.IGNORECASE | re.ASCII,
)

_SLUID: Final = re.compile(r"s([0-9a-z]{13})", re.IGNORECASE | re.ASCII)
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE_DIGITS: Final = str.maketrans("OIL", "011")


@record
class Selected:
    """What a text like ``123_4.0`` selects.

    :ivar text: the text, as the controller takes it.
    :ivar task: the array task, if one is named.
    :ivar component: the component of a heterogeneous job, if one is named.
    :ivar step: the number of the step, if one is named; see :data:`STEP_NAMES`.
    :ivar part: the component of the step, if one is named.
    """

    text: str
    job_id: int
    task: int | None = None
    component: int | None = None
    step: int | None = None
    part: int | None = None

    def record(self) -> dict[str, int]:
        """The members of SELECTED_STEP_RECORD."""
        members = {
            "step_id.job_id": self.job_id,
            "array_task_id": self.task,
            "het_job_offset": self.component,
            "step_id.step_id": self.step,
            "step_id.step_het_comp": self.part,
        }
        return {member: number for member, number in members.items() if number is not None}


def _told(
    job_id: int, task: int | None, component: int | None, step: int | None, part: int | None
) -> str:
    """What is selected, as the controller and its messages spell it."""
    text = str(job_id)
    if task is not None:
        text += f"_{task}"
    if component is not None:
        text += f"+{component}"
    if step is not None:
        text += f".{STEP_NAMES.get(step, step)}"
    if part is not None:
        text += f"+{part}"
    return text


@record(kw_only=True, eq=False)
class StepId(Codec):
    """The number of a step, or the word of an unnumbered one."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The number of the step."""
        if value is None:
            return None
        meant = guess(value)
        number = to_int(meant)
        if number is None and isinstance(meant, str | bool):
            number = _NUMBERS.get(str(meant).lower())
            if number is None:
                # Slurm: the words are those of a flag set.
                with context.at_index(0):
                    context.fail(ErrorCode.INVALID_FLAG, f'Unknown flag "{to_text(value)}"')
        elif number is not None and not 0 <= number <= _LAST_STEP:
            number = None
        if number is None:
            context.fail(
                ErrorCode.INVALID_STEP_ID_TEXT, f"Expected step but got {context.got(value)}"
            )
        return number


@record(kw_only=True, eq=False)
class SelectedStep(Codec):
    """A job, array task, component or step, in one text."""

    def parse(self, context: ParseContext, value: Any) -> Selected:
        """What the text selects. Failures are the operation's to tell."""
        match = _SELECTED.fullmatch(value) if isinstance(value, str) else None
        # Not a number by its looks: 12.5 is a step, 0x0c a job.
        text = to_text(guess(value))
        if text is None:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expecting string but got {context.got(value)}"
            )
        match = match or _SELECTED.fullmatch(text)
        if match is None:
            self._refuse(context, value)
        job, task, component, part = (
            int(number) if number else None
            for number in match.group("job", "task", "component", "part")
        )
        word = match["step"]
        step = None if word is None else _NUMBERS.get(word.lower(), to_int(word))
        selected = Selected(
            _told(job or 0, task, component, step, part), job or 0, task, component, step, part
        )
        if (
            not 0 < selected.job_id < _JOB_LIMIT
            or (component or 0) > _COMPONENTS
            or not 0 < (1 if part is None else part) < _COMPONENTS
            or (component is not None and part is not None)
        ):
            self._refuse(context, value)
        return selected

    def _refuse(self, context: ParseContext, value: Any) -> NoReturn:
        context.fail(
            ErrorCode.INVALID_JOB_ID_TEXT,
            f"Expected job but got {context.got(value)}",
            listed=False,
        )


@record(kw_only=True, eq=False)
class Sluid(Codec):
    """A job's unique id, as text."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The number that the text spells; null and 0 leave it unset."""
        if not value and not isinstance(value, str | list | dict):
            return None
        match = _SLUID.fullmatch(value) if isinstance(value, str) else None
        digits = match[1].upper().translate(_LIKE_DIGITS) if match else "U"
        if "U" in digits:
            text = "convert string {} to SLUID" if isinstance(value, str) else "parse {} as SLUID"
            context.fail(ErrorCode.INVALID_SLUID, f"Unable to {text.format(shown(value))}")
        number = 0
        for digit in digits:
            number = number << 5 | _DIGITS.index(digit)
        return number & 0xFFFFFFFFFFFFFFFF


STEP_ID = StepId(
    name="STEP_ID",
    kind="name",
    options={"table": STEP_NAMES, "fallback": None},
    type="string",
)
SELECTED_STEP_RECORD = Struct(
    name="SELECTED_STEP_RECORD",
    record="slurm_selected_step_t",
    free="slurm_destroy_selected_step",
    initial={
        "array_task_id": "NO_VAL",
        "het_job_offset": "NO_VAL",
        "step_id.step_id": "NO_VAL",
        "step_id.step_het_comp": "NO_VAL",
    },
    fields=(
        F("job_id", UINT32, "Job", source="step_id.job_id"),
        F("task", UINT32, "Task of an array", source="array_task_id"),
        F("component", UINT32, "Component of a heterogeneous job", source="het_job_offset"),
        F("step", UINT32, "Step", source="step_id.step_id"),
        F("part", UINT32, "Component of a heterogeneous step", source="step_id.step_het_comp"),
    ),
)
"""How slurmdbd is told of one; the controller takes the text."""

SELECTED_STEP = SelectedStep(
    name="SELECTED_STEP",
    kind="derived",
    options={"function": "selected_step", "dumped_as": STRING},
    type="string",
    written_as=SELECTED_STEP_RECORD,
)
SELECTED_STEP_PTR = pointer(SELECTED_STEP)
SELECTED_STEP_LIST = list_of(SELECTED_STEP_PTR, "SELECTED_STEP_LIST", storage="list", commas=True)
SLUID = Sluid(
    name="SLUID",
    kind="derived",
    options={"function": "sluid", "dumped_as": STRING},
    type="string",
    since=V44,
)
