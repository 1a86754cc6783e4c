"""The whole of accounting in one object: told by slurmdbd, and stored again."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.model import Codec, F
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.record import record

from ..codecs.tres import TRES_LIST
from ..versions import V43, V44
from .accounts import ACCOUNT_LIST
from .associations import ASSOC_LIST
from .clusters import CLUSTER_REC_LIST
from .envelope import response
from .instances import INSTANCE_LIST
from .qos import QOS_LIST
from .users import USER_LIST
from .wckeys import WCKEY_LIST

OPENAPI_SLURMDBD_CONFIG_RESP = response(
    "OPENAPI_SLURMDBD_CONFIG_RESP",
    F("clusters", CLUSTER_REC_LIST, "Clusters"),
    F("tres", TRES_LIST, "TRES"),
    F("accounts", ACCOUNT_LIST, "Accounts, with their associations and coordinators"),
    F("users", USER_LIST, "Users, with their associations"),
    F("qos", QOS_LIST, "QOS"),
    F("wckeys", WCKEY_LIST, "Wckeys"),
    F("associations", ASSOC_LIST, "Associations"),
    F("instances", INSTANCE_LIST, "Always empty", deprecated=V43, until=V44),
)


@record(kw_only=True, eq=False)
class WholeConfig(Codec):
    """The same as a body: what is in it may name the TRES and QOS that it brings itself."""

    def parse(self, context: ParseContext, value: Any) -> Any:
        """The values of the object, with numbers that stand for what is not stored yet."""
        for type, name in _names(value, "tres", "type", "name"):
            context.lookups.promise(type, name)
        for name, _ in _names(value, "qos", "name", "name"):
            context.lookups.promise(name)
        return parse_value(OPENAPI_SLURMDBD_CONFIG_RESP, value, context)


def _names(value: Any, list_: str, first: str, second: str) -> set[tuple[str, str]]:
    """Two texts of each object in a list of the body; an unset one is empty."""
    items = value.get(list_) if isinstance(value, dict) else None
    found = set()
    for item in items if isinstance(items, list) else ():
        texts = [item.get(key) or "" for key in (first, second)] if isinstance(item, dict) else [""]
        if texts[0] and all(isinstance(text, str) for text in texts):
            found.add((texts[0], texts[1]))
    return found


CONFIG_BODY = WholeConfig(
    name=OPENAPI_SLURMDBD_CONFIG_RESP.name,
    kind="same",
    options={"dumped_as": OPENAPI_SLURMDBD_CONFIG_RESP},
    shown_as=OPENAPI_SLURMDBD_CONFIG_RESP,
    needs=("tres", "qos"),
)
