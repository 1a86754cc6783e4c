"""What parsing contexts of the tests are made of, in place of the installed Slurm's headers."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Final

from pyslurmrestd.data_parser.parse import ParseContext
from pyslurmrestd.plugins.data_parser.codecs.signals import SIGNALS

CONSTANTS = {
    "CORE_SPEC_THREAD": 0x8000,
    "CRON_JOB": 0x400000,
    "INFINITE": 0xFFFFFFFF,
    "INFINITE16": 0xFFFF,
    "INFINITE64": 0xFFFFFFFFFFFFFFFF,
    "JOB_CPUS_SET": 0x8000,
    "JOB_SHARED_MCS": 3,
    "JOB_SHARED_NONE": 0,
    "JOB_SHARED_OK": 1,
    "JOB_SHARED_TOPO": 4,
    "JOB_SHARED_USER": 2,
    "KILL_FULL_JOB": 8,
    "KILL_HURRY": 0x20,
    "NICE_OFFSET": 0x80000000,
    "NO_VAL": 0xFFFFFFFE,
    "NO_VAL16": 0xFFFE,
    "NO_VAL64": 0xFFFFFFFFFFFFFFFE,
    "OPEN_MODE_APPEND": 1,
    "OPEN_MODE_TRUNCATE": 2,
    "PART_FLAG_EXCLUSIVE_TOPO": 0x10000,
    "PART_FLAG_EXCLUSIVE_USER": 0x40,
    "PART_FLAG_EXC_TOPO_CLR": 0x20000,
    "PART_FLAG_EXC_USER_CLR": 0x4000,
    "SHARED_FORCE": 0x8000,
    **{f"SIG{name}": signal.Signals[f"SIG{name}"].value for name in SIGNALS},
    "SHOW_ALL": 1,
    "SHOW_DETAIL": 2,
    "SLURM_AUTH_NOBODY": 99,
}
"""The values of slurm.h (26.05) that the tests here meet."""


class Known:
    """Names and numbers as slurmdbd has them on a fresh cluster, a GRES, and a QOS that is gone."""

    TRES: Final = {("cpu", ""): 1, ("mem", ""): 2, ("gres", "gpu:a100"): 1001}
    QOS: Final = {"normal": 1, "high": 2, "gone": 3}

    def tres_id(self, type: str, name: str) -> int | None:
        return self.TRES.get((type, name))

    def has_tres(self, number: int) -> bool:
        return number in self.TRES.values()

    def qos_id(self, name: str) -> int | None:
        return self.QOS.get(name)

    def has_qos(self, number: int) -> bool:
        return number in self.QOS.values()

    def qos_is_deleted(self, number: int) -> bool:
        return number == self.QOS["gone"]

    def qos_name(self, number: int) -> str | None:
        return next((name for name, known in self.QOS.items() if known == number), None)


NewContext = Callable[..., ParseContext]
