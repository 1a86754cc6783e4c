"""Means and names in the controller's statistics, which `statistics.pxi` works out."""

from __future__ import annotations

from typing import Final

from pyslurmrestd.data_parser.model import Codec, derived

from .numbers import BOOL, INT64
from .strings import STRING


def _mean(name: str, function: str) -> Codec:
    return derived(name, function, INT64, type="integer", format="int64")


STATS_MSG_CYCLE_MEAN: Final = _mean("STATS_MSG_CYCLE_MEAN", "schedule_cycle_mean")
STATS_MSG_CYCLE_MEAN_DEPTH: Final = _mean("STATS_MSG_CYCLE_MEAN_DEPTH", "schedule_cycle_mean_depth")
STATS_MSG_CYCLE_PER_MIN: Final = _mean("STATS_MSG_CYCLE_PER_MIN", "schedule_cycles_per_minute")
STATS_MSG_BF_CYCLE_MEAN: Final = _mean("STATS_MSG_BF_CYCLE_MEAN", "backfill_cycle_mean")
STATS_MSG_BF_DEPTH_MEAN: Final = _mean("STATS_MSG_BF_DEPTH_MEAN", "backfill_depth_mean")
STATS_MSG_BF_DEPTH_MEAN_TRY: Final = _mean("STATS_MSG_BF_DEPTH_MEAN_TRY", "backfill_depth_mean_try")
STATS_MSG_BF_QUEUE_LEN_MEAN: Final = _mean("STATS_MSG_BF_QUEUE_LEN_MEAN", "backfill_queue_mean")
STATS_MSG_BF_ACTIVE: Final = derived("STATS_MSG_BF_ACTIVE", "backfill_active", BOOL, type="boolean")

RPC_ID: Final = derived("RPC_ID", "rpc_name", STRING, reads="H", type="string")
"""The name of a kind of message."""
