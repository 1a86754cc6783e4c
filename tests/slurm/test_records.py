"""Parsed values written into a real C record, as libslurm will read and free them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from pyslurmrestd.data_parser.record import Record
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.slurm import load_library

STRUCT = "job_desc_msg_t"


@pytest.fixture(scope="module")
def fill() -> Callable[[int, str, Any], int]:
    """The C function, called as the calls do."""
    load_library()
    from pyslurmrestd.slurm import records

    api: Any = records.__dict__["__pyx_capi__"]["fill"]
    python = ctypes.pythonapi
    python.PyCapsule_GetName.restype = ctypes.c_char_p
    python.PyCapsule_GetName.argtypes = [ctypes.py_object]
    python.PyCapsule_GetPointer.restype = ctypes.c_void_p
    python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.py_object, ctypes.py_object)
    return kind(python.PyCapsule_GetPointer(api, python.PyCapsule_GetName(api)))


class Description:
    """A job_desc_msg_t of zeros."""

    def __init__(self, fill: Callable[[int, str, Any], int]) -> None:
        from pyslurmrestd.slurm.layout import LAYOUT

        self._layout = LAYOUT
        self._fill = fill
        self._memory = ctypes.create_string_buffer(LAYOUT.size(STRUCT))

    def fill(self, **values: Any) -> None:
        self._fill(ctypes.addressof(self._memory), STRUCT, values)

    def bytes_of(self, name: str) -> bytes:
        member = self._layout.member(STRUCT, name)
        return self._memory.raw[member.offset : member.offset + member.size]

    def number(self, name: str) -> int:
        return int.from_bytes(self.bytes_of(name), "little")

    def text(self, name: str) -> bytes | None:
        address = self.number(name)
        return ctypes.string_at(address) if address else None

    def texts(self, name: str) -> list[bytes]:
        array = ctypes.cast(self.number(name), ctypes.POINTER(ctypes.c_char_p))
        found: list[bytes] = []
        while True:
            text = array[len(found)]
            if text is None:
                return found
            found.append(text)

    def written(self) -> int:
        """How many bytes are not zero."""
        return len(self._memory.raw) - self._memory.raw.count(0)


@pytest.fixture
def description(fill: Callable[[int, str, Any], int]) -> Description:
    return Description(fill)


def test_nothing_is_written_that_is_not_given(description: Description) -> None:
    description.fill()
    assert description.written() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("contiguous", 1),
        ("cpus_per_task", 0xFFFE),
        ("min_nodes", 0x12345678),
        ("time_limit", 0xFFFFFFFF),
        ("pn_min_memory", (1 << 63) | 100),
        ("bitflags", 1 << 40),
        ("begin_time", 1900000000),
        ("overcommit", 1),
    ],
)
def test_numbers_fill_their_member_alone(description: Description, name: str, value: int) -> None:
    description.fill(**{name: value})
    assert description.number(name) == value
    assert description.written() == len(description.bytes_of(name).replace(b"\0", b""))


@pytest.mark.parametrize(("name", "bits"), [("cpus_per_task", 16), ("min_cpus", 32)])
def test_negative_numbers_are_kept_in_twos_complement(
    description: Description, name: str, bits: int
) -> None:
    description.fill(**{name: -1})
    assert description.number(name) == (1 << bits) - 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpus_per_task", 1 << 16),
        ("min_cpus", 1 << 32),
        ("min_cpus", -(1 << 31) - 1),
        ("bitflags", 1 << 64),
        ("overcommit", 256),
    ],
)
def test_a_number_that_does_not_fit_is_refused(
    description: Description, name: str, value: int
) -> None:
    with pytest.raises(SlurmError, match=f"{name} does not fit .* bits: {value}") as raised:
        description.fill(**{name: value})
    assert raised.value.errno == 9216
    assert description.written() == 0


def test_texts_are_copied_as_utf8(description: Description) -> None:
    description.fill(name="é €", comment="", account=None, partition="a\udcffb")
    assert description.text("name") == "é €".encode()
    assert description.text("comment") == b""
    assert description.text("account") is None
    assert description.text("partition") == b"a\xffb"


def test_a_text_written_twice_keeps_the_last(description: Description) -> None:
    description.fill(name="first")
    description.fill(name="second")
    assert description.text("name") == b"second"


@pytest.mark.parametrize("values", [{"name": "a\0b"}, {"environment": ["A=b", "C=\0"]}])
def test_a_text_with_a_nul_is_refused(description: Description, values: dict[str, Any]) -> None:
    with pytest.raises(SlurmError, match="has a NUL character") as raised:
        description.fill(**values)
    assert raised.value.errno == 9216


def test_arrays_of_texts_end_with_a_null(description: Description) -> None:
    description.fill(environment=["A=b", "", "É=é"], env_size=3, argv=[], argc=0)
    assert description.texts("environment") == [b"A=b", b"", "É=é".encode()]
    assert description.number("env_size") == 3
    assert description.texts("argv") == []


def test_a_record_within_is_given_by_a_mapping_or_by_dotted_names(
    description: Description,
) -> None:
    description.fill(step_id=Record(job_id=7, step_id=0xFFFFFFFB))
    assert description.number("step_id.job_id") == 7
    assert description.number("step_id.step_id") == 0xFFFFFFFB
    description.fill(**{"step_id.job_id": 8})
    assert description.number("step_id.job_id") == 8


def test_a_member_that_no_table_names_is_no_member(description: Description) -> None:
    with pytest.raises(KeyError):
        description.fill(no_such_member=1)
