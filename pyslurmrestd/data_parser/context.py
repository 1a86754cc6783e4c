"""What the parse of one input carries: where it is, what it warned of, what it refused."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from pyslurmrestd.errors import ParseError

from .guess import shown, type_name
from .parsed import Parsed
from .version import ApiVersion

__all__ = ["MOST_ERRORS", "MOST_WARNINGS", "ParseContext"]

MOST_WARNINGS: Final = 1000
MOST_ERRORS: Final = 1000
"""Of one input. Only what was made to be long has more, and its answer would be longer still."""


class ParseContext:
    """One input being parsed.

    :param version: the API version of the request.
    :param flags: data_parser flags in force, such as ``fast`` and ``complex``.
    :param constants: C constants by name.
    :param lookups: gives those of the request (see ``Codec.needs``); None where there are none.
    :ivar errors: what was refused so far, in order. An error that Slurm leaves to the operation
        to tell is raised without being listed here.
    :ivar warnings: (text, source) of each warning, in order.
    :ivar record: the values of the object being parsed, for codecs of whole records.
    """

    def __init__(
        self,
        version: ApiVersion,
        flags: Container[str],
        constants: Mapping[str, int],
        lookups: Callable[[], Any] | None = None,
    ) -> None:
        self.version = version
        self._lookups = lookups
        self.fast = "fast" in flags
        self.complex = "complex" in flags
        self.errors: list[ParseError] = []
        self.warnings: list[tuple[str, str]] = []
        self.record = Parsed()
        self._constants = constants
        self._path = ["#"]

    @property
    def lookups(self) -> Any:
        """What values are looked up in; made when it is first asked for."""
        if self._lookups is None:
            raise TypeError("there is nothing to look values up in")
        return self._lookups()

    @property
    def path(self) -> str:
        """The place in the input, such as ``#/job/tasks/``; empty when +fast keeps none."""
        return "" if self.fast else "/".join(self._path) + "/"

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Go to a key of an object; parts joined by ``/`` reach into nested objects."""
        before = self._path
        self._path = [*before, *key.split("/")]
        try:
            yield
        finally:
            self._path = before

    @contextmanager
    def at_index(self, index: int) -> Iterator[None]:
        """Go to an element of a list."""
        before = self._path
        self._path = [*before[:-1], f"{before[-1]}[{index}]"]
        try:
            yield
        finally:
            self._path = before

    @contextmanager
    def filling(self, record: Parsed) -> Iterator[None]:
        """Make ``record`` the one that codecs of whole records see."""
        before = self.record
        self.record = record
        try:
            yield
        finally:
            self.record = before

    def warn(self, text: str) -> None:
        """Note a warning about the current place, unless there are too many."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append((text, self.path))
        elif len(self.warnings) == MOST_WARNINGS:
            self.warnings.append(("Further warnings are left out", ""))

    def error(self, errno: int, text: str) -> None:
        """Note an error about the current place and go on.

        :raises ParseError: there are too many to go on.
        """
        if len(self.errors) >= MOST_ERRORS:
            self.fail(errno, text)
        self.errors.append(ParseError(errno, text, self.path))

    def fail(self, errno: int, text: str, *, listed: bool = True) -> NoReturn:
        """End the parse with an error about the current place.

        :param listed: False when Slurm leaves it to the operation to tell.
        :raises ParseError: always.
        """
        error = ParseError(errno, text, self.path)
        if listed:
            self.errors.append(error)
        raise error

    def constant(self, constant: str | int) -> int:
        """The number of a C constant, or of several joined by ``|``."""
        if isinstance(constant, int):
            return constant
        known = self._constants.get(constant)
        if known is not None:
            return known
        names = constant.split("|")
        if len(names) == 1:
            raise KeyError(constant)
        number = 0
        for name in names:
            number |= self.constant(name.strip())
        return number

    def has(self, constant: str | int) -> bool:
        """Whether this Slurm release has a C constant."""
        return isinstance(constant, int) or constant in self._constants

    def got(self, value: Any) -> str:
        """A refused value as messages of this version repeat it."""
        return type_name(value) if self.version.names_types else shown(value)
