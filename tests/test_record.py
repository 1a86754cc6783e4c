"""Records: made, compared, changed and derived as dataclasses are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from pyslurmrestd.record import astuple, record, replace
from pyslurmrestd.record import field as made


@record
class Place:
    """Without a default, with one, and with one of its own."""

    name: str
    number: int = 1
    marks: dict[str, int] = made(default_factory=dict)

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.name)


@record(kw_only=True, eq=False)
class Base:
    kind: str
    size: int = 0


@record(kw_only=True, eq=False)
class Derived(Base):
    kind: str = "derived"
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Like:
    name: str
    number: int = 1
    marks: dict[str, int] = field(default_factory=dict)


def test_values_come_by_place_by_name_and_by_default() -> None:
    place = Place("a", marks={"x": 1})
    assert (place.name, place.number, place.marks) == ("a", 1, {"x": 1})
    assert astuple(place) == ("a", 1, {"x": 1})
    assert Place("a").marks == {}
    assert Place("a").marks is not Place("b").marks


def test_a_record_is_shown_as_a_dataclass_is() -> None:
    assert repr(Place("a", 2)) == repr(Like("a", 2)).replace("Like", "Place")


@pytest.mark.parametrize("values", [(), ("a", 1, {}, 4)])
def test_wrong_values_are_refused(values: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        Place(*values)
    with pytest.raises(TypeError):
        Place("a", other=1)  # type: ignore[call-arg]


def test_a_record_does_not_change() -> None:
    place = Place("a")
    with pytest.raises(AttributeError, match="number"):
        place.number = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="number"):
        del place.number
    changed = replace(place, number=2)
    assert (place.number, changed) == (1, Place("a", 2))
    with pytest.raises(ValueError, match="a"):
        replace(place, number=-1)


def test_records_of_equal_values_are_equal_and_those_of_other_classes_are_not() -> None:
    assert Place("a") == Place("a", 1) != Place("b")
    assert Place("a") != Like("a")
    assert Base(kind="a") != Base(kind="a")
    assert len({Base(kind="a"), Base(kind="a")}) == 2


def test_a_derived_record_has_the_fields_of_both() -> None:
    derived = Derived(size=3)
    assert (derived.kind, derived.size, derived.items) == ("derived", 3, ())
    assert astuple(replace(derived, kind="b", items=(1,))) == ("b", 3, (1,))
    with pytest.raises(TypeError):
        Derived("a")  # type: ignore[misc]
    with pytest.raises(TypeError):
        Base()  # type: ignore[call-arg]
