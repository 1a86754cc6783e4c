"""Users and groups: numbers in C, names in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pyslurmrestd.data_parser.model import Codec, derived

from ..versions import V45

__all__ = ["GROUP_ID", "NODE_REASON_USER_ID", "USER_ID", "Account"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Account(Codec):
    """A user or a group of the host, by name or number."""

    of: Literal["user", "group"]


USER_ID = Account(name="USER_ID", kind="user", type="string", of="user")
GROUP_ID = Account(name="GROUP_ID", kind="group", type="string", of="group")
NODE_REASON_USER_ID = derived(
    "NODE_REASON_USER_ID", "node_reason_user", USER_ID, shown_as=USER_ID, since=V45
)
