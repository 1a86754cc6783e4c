"""Users and groups: numbers in C, names in JSON."""

from __future__ import annotations

import grp
import pwd
from typing import Any, Final, Literal

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import guess, to_int, type_name
from pyslurmrestd.data_parser.model import Codec, derived, either
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

from ..versions import V40, V41, V45

_NEEDED: Final = ("SLURM_AUTH_NOBODY",)
"""The user and group that stand for nobody."""

_INVALID: Final = {"user": ErrorCode.USER_ID_INVALID, "group": ErrorCode.GROUP_ID_INVALID}
_UNKNOWN: Final = {"user": ErrorCode.USER_ID_UNKNOWN, "group": ErrorCode.GROUP_ID_UNKNOWN}


@record(kw_only=True, eq=False)
class Account(Codec):
    """A user or a group of the host, by name or number."""

    of: Literal["user", "group"]

    def parse(self, context: ParseContext, value: Any) -> int:
        """The number of the user or group; null and an empty text are nobody."""
        meant = guess(value)
        if meant is None:
            return self.nobody(context, meant)
        if isinstance(meant, str):
            return self._look_up(context, meant)
        number = to_int(meant)
        if number is None:
            context.fail(ErrorCode.CONVERSION_FAILED, self.refusal(context, meant))
        if not 0 <= number < 1 << 32:
            context.fail(_INVALID[self.of], f"Invalid {self.of} ID (overflow): {number}")
        return number

    def nobody(self, context: ParseContext, value: Any) -> int:
        """What null and an empty text mean."""
        return context.constant("SLURM_AUTH_NOBODY")

    def refusal(self, context: ParseContext, value: Any) -> str:
        """The message about data that names no user or group."""
        return f"Invalid {self.of} field: {context.got(value)}"

    def _look_up(self, context: ParseContext, name: str) -> int:
        if name == "nobody":
            return context.constant("SLURM_AUTH_NOBODY")
        try:
            return pwd.getpwnam(name).pw_uid if self.of == "user" else grp.getgrnam(name).gr_gid
        except (KeyError, ValueError):
            context.fail(_UNKNOWN[self.of], f"Unable to resolve {self.of}: {name}")


@record(kw_only=True, eq=False)
class RequiredAccount(Account):
    """As v0.0.40 reads it: null is an error."""

    def nobody(self, context: ParseContext, value: Any) -> int:
        context.fail(ErrorCode.CONVERSION_FAILED, self.refusal(context, value))

    def refusal(self, context: ParseContext, value: Any) -> str:
        return f"Invalid {self.of} field value type: {type_name(value)}"


@record(kw_only=True, eq=False)
class AccountText(Codec):
    """A user or a group, whose number C keeps as a text; ``dumped_as`` reads the number."""

    def parse(self, context: ParseContext, value: Any) -> str:
        """The number, as a text."""
        return str(parse_value(self.options["dumped_as"], value, context))


USER_ID = either(
    RequiredAccount(
        name="USER_ID", kind="user", type="string", of="user", constants=_NEEDED, until=V40
    ),
    Account(name="USER_ID", kind="user", type="string", of="user", constants=_NEEDED, since=V41),
)
GROUP_ID = either(
    RequiredAccount(
        name="GROUP_ID", kind="group", type="string", of="group", constants=_NEEDED, until=V40
    ),
    Account(name="GROUP_ID", kind="group", type="string", of="group", constants=_NEEDED, since=V41),
)
USER_ID_STRING = AccountText(
    name="USER_ID_STRING",
    kind="same",
    options={"dumped_as": USER_ID},
    type="string",
    constants=_NEEDED,
)
GROUP_ID_STRING = AccountText(
    name="GROUP_ID_STRING",
    kind="same",
    options={"dumped_as": GROUP_ID},
    type="string",
    constants=_NEEDED,
)
NODE_REASON_USER_ID = derived(
    "NODE_REASON_USER_ID", "node_reason_user", USER_ID, shown_as=USER_ID, since=V45
)
