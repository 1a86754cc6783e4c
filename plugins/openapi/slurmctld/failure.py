"""A call that failed, told in the words of the operation that made it."""

from __future__ import annotations

from typing import Any

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.errors import SlurmError

__all__ = ["failed", "told"]


def told(error: SlurmError, text: str, source: str) -> SlurmError:
    """The error in other words, unless it came with words of its own."""
    return error if error.text else type(error)(error.errno, text, source)


def failed(ctx: Context, error: SlurmError, text: str, source: str, **empty: Any) -> Reply:
    """An answer that tells the error and nothing else.

    :param empty: what stands under the keys that the document promises in every answer.
    """
    ctx.error(told(error, text, source))
    return Reply(**empty)
