"""Steps of jobs: ``123.batch``, ``123_4.0+1``, and their unique ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyslurmrestd.data_parser.model import Codec, list_of, pointer

from ..versions import V44
from .strings import STRING

__all__ = [
    "SELECTED_STEP",
    "SELECTED_STEP_LIST",
    "SELECTED_STEP_PTR",
    "SLUID",
    "STEP_ID",
    "STEP_NAMES",
    "SelectedStep",
    "Sluid",
    "StepId",
]

STEP_NAMES: Final[dict[int, str]] = {
    0xFFFFFFFD: "TBD",
    0xFFFFFFFC: "extern",
    0xFFFFFFFB: "batch",
    0xFFFFFFFA: "interactive",
}
"""The words for steps that are not numbered (slurm.h: SLURM_PENDING_STEP and below)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StepId(Codec):
    """The number of a step, or the word of an unnumbered one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SelectedStep(Codec):
    """A job, array task, component or step, in one text."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sluid(Codec):
    """A job's unique id, as text."""


STEP_ID = StepId(
    name="STEP_ID",
    kind="name",
    options={"table": STEP_NAMES, "fallback": None},
    type="string",
)
SELECTED_STEP = SelectedStep(
    name="SELECTED_STEP",
    kind="derived",
    options={"function": "selected_step", "dumped_as": STRING},
    type="string",
)
SELECTED_STEP_PTR = pointer(SELECTED_STEP)
SELECTED_STEP_LIST = list_of(SELECTED_STEP_PTR, "SELECTED_STEP_LIST", storage="list")
SLUID = Sluid(
    name="SLUID",
    kind="derived",
    options={"function": "sluid", "dumped_as": STRING},
    type="string",
    since=V44,
)
