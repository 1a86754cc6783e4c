"""Records that several tests dump: where their members lie, and a small one that others hold."""

from __future__ import annotations

from memory import Layout

from pyslurmrestd.data_parser.model import F, Struct
from pyslurmrestd.plugins.data_parser.codecs.no_val import UINT16_NO_VAL
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING

__all__ = ["LAYOUT", "LISTS", "PART"]

LAYOUT = Layout(
    {
        "step_t": {"job_id": "I", "step": "H"},
        "part_t": {"name": "s", "number": "I"},
        "whole_t": {
            "name": "s",
            "step": "step_t",
            "one": "x",
            "count": "I",
            "counted": "x",
            "ended": "x",
            "pointers": "x",
            "gres_detail_cnt": "H",
            "gres_detail_str": "S",
            "count64": "L",
        },
    }
)

LISTS = Layout(
    {
        "part_t": {"name": "s", "number": "I"},
        "lists_t": {"parts": "T", "texts": "T", "counted": "x", "count": "H"},
    }
)

PART = Struct(
    name="PART",
    record="part_t",
    fields=(F("name", STRING, "Name"), F("number", UINT16_NO_VAL, "Number")),
)
