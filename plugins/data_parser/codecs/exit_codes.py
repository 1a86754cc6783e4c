"""How a process ended: in C the status that wait(2) gives."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.data_parser.context import ParseContext
from pyslurmrestd.data_parser.guess import to_int
from pyslurmrestd.data_parser.model import Codec, Struct
from pyslurmrestd.data_parser.parse import parse_value
from pyslurmrestd.errors import ErrorCode
from pyslurmrestd.record import record

_MOST = 255
"""The highest exit code of a process."""

_LAST_SIGNAL = 126


@record(kw_only=True, eq=False)
class ExitCode(Codec):
    """A wait status, from an object like the one that is shown, or as the number itself."""

    def parse(self, context: ParseContext, value: Any) -> int | None:
        """The status; null and an object that says nothing leave it."""
        if value is None:
            return None
        if isinstance(value, dict):
            return self._status(context, value)
        number = None if isinstance(value, bool | list) else to_int(value)
        if number is None or not 0 <= number < 1 << 16:
            context.fail(
                ErrorCode.CONVERSION_FAILED, f"Expected exit code but got {context.got(value)}"
            )
        return number

    def _status(self, context: ParseContext, value: dict[str, Any]) -> int | None:
        """Slurm: the return code becomes the status as it is, which then is that of a signal."""
        assert self.shown_as is not None
        told = parse_value(self.shown_as, value, context)
        for number, most, key in (
            (told.return_code, _MOST, "return_code"),
            (told.signal, _LAST_SIGNAL, "signal/id"),
        ):
            if number is not None and number > most:
                with context.at(key):
                    context.fail(
                        ErrorCode.CONVERSION_FAILED, f"Expected at most {most} but got {number}"
                    )
        if told.return_code is None and told.signal is None:
            return None
        return int((told.return_code or 0) << 8 | (told.signal or 0))


def exit_code(verbose: Struct) -> ExitCode:
    """The codec of a wait status, shown as an object of the struct."""
    return ExitCode(
        name="PROCESS_EXIT_CODE",
        kind="derived",
        options={"function": "process_exit_code", "dumped_as": verbose},
        shown_as=verbose,
    )
