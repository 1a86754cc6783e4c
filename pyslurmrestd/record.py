"""Records: classes of named values that do not change, as dataclasses are, at a tenth of the price.

Who answers one request from standard input lives for a tenth of a second. Dataclasses took half of
that: a millisecond for each class, and what they import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, dataclass_transform, overload

__all__ = ["astuple", "field", "record", "replace"]

_Class = TypeVar("_Class", bound=type)
_Record = TypeVar("_Record")

_FIELDS: Final = "_record_fields"
_UNSET: Final[Any] = object()


class _Made:
    """The default of a field that each record gets one of its own of."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is made anew for each record."""
    return _Made(default_factory)


@overload
def record(cls: _Class, /) -> _Class: ...
@overload
def record(*, kw_only: bool = ..., eq: bool = ...) -> Callable[[_Class], _Class]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Any = None, /, *, kw_only: bool = False, eq: bool = True) -> Any:
    """Make a class of annotated names one of records.

    What the class, or a record that it is derived from, defines itself stays. ``__post_init__``
    is called with the values in place.

    :param kw_only: values are given by name only.
    :param eq: records are compared, and hashed, by their values.
    """
    if cls is None:
        return lambda cls: _complete(cls, kw_only, eq)
    return _complete(cls, kw_only, eq)


def replace(record: _Record, **changes: Any) -> _Record:
    """The same record with other values."""
    values = {name: getattr(record, name) for name in getattr(record, _FIELDS)}
    return type(record)(**(values | changes))


def astuple(record: Any) -> tuple[Any, ...]:
    """The values, in the order of their names in the class."""
    return tuple(getattr(record, name) for name in getattr(record, _FIELDS))


def _complete(cls: type, kw_only: bool, eq: bool) -> type:
    fields: dict[str, Any] = dict(getattr(cls, _FIELDS, {}))
    for name in cls.__annotations__:
        fields[name] = cls.__dict__.get(name, _UNSET)
        if isinstance(fields[name], _Made):
            delattr(cls, name)
    setattr(cls, _FIELDS, fields)
    methods: dict[str, Any] = {
        "__init__": _init(fields, kw_only, post=hasattr(cls, "__post_init__")),
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__repr__": _repr,
        "__replace__": replace,
    }
    if eq:
        methods |= {"__eq__": _eq, "__hash__": _hash}
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(cls, name, method)
    return cls


def _init(fields: dict[str, Any], kw_only: bool, *, post: bool) -> Any:
    """``__init__``, from its text: as fast as one that is written by hand."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_unset": _UNSET}
    parameters, lines = ["self", *["*"][: kw_only and len(fields)]], []
    for name, default in fields.items():
        value = parameter = name
        if default is not _UNSET:
            parameter = f"{name}=_unset" if isinstance(default, _Made) else f"{name}=_{name}"
            names[f"_{name}"] = default.make if isinstance(default, _Made) else default
        if isinstance(default, _Made):
            value = f"_{name}() if {name} is _unset else {name}"
        parameters.append(parameter)
        lines.append(f" _set(self, {name!r}, {value})")
    if post:
        lines.append(" self.__post_init__()")
    body = "\n".join(lines) or " pass"
    exec(f"def __init__({', '.join(parameters)}):\n{body}", names)
    return names["__init__"]


def _refuse(self: Any, name: str, value: Any = None) -> None:
    raise AttributeError(f"{type(self).__name__}.{name} does not change")


def _repr(self: Any) -> str:
    values = zip(getattr(self, _FIELDS), astuple(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"


def _eq(self: Any, other: object) -> Any:
    return astuple(self) == astuple(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(astuple(self))
