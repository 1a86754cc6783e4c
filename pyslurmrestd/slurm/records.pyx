"""Parsed records written into C structs, each value where the layout says its member lies.

Strings and arrays are allocated as libslurm frees them (slurm_xcalloc).
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from .libslurm cimport slurm_xcalloc, slurm_xfree, slurm_xstrdup

from ..errors import ErrorCode, SlurmError
from .layout import LAYOUT


cdef int fill(char* record, str struct, values) except -1:
    """Write the values of a parsed record (by C member) into ``record``, a C ``struct``.

    A record within it (``step_id``) is given as a mapping of its own. Members that ``values`` does
    not name keep what they hold.

    :raises SlurmError: 9216, a text with a NUL, or a number that the member cannot hold.
    """
    for name, value in values.items():
        if isinstance(value, dict):
            fill(record, struct, {f"{name}.{part}": inner for part, inner in value.items()})
            continue
        member = LAYOUT.member(struct, name)
        write(record + <size_t> member.offset, member, name, value)
    return 0


cdef int write(char* at, member, str name, value) except -1:
    cdef str kind = member.kind
    if kind == "s":
        write_text((<char**> at), name, value)
    elif kind == "S":
        write_texts((<char***> at), name, value)
    elif kind == "d":
        (<double*> at)[0] = value
    elif kind in "bBhHiIlL?":
        write_number(at, member.size, kind in "bhil", name, value)
    else:
        raise TypeError(f"{name} cannot be written")
    return 0


cdef bytes text_bytes(str name, str value):
    if "\0" in value:
        raise SlurmError(ErrorCode.BAD_INPUT, f"{name} has a NUL character")
    return value.encode("utf-8", "surrogateescape")


cdef int write_text(char** at, str name, value) except -1:
    cdef bytes text
    slurm_xfree(<void**> at)
    if value is not None:
        text = text_bytes(name, value)
        at[0] = slurm_xstrdup(text)
    return 0


cdef int write_texts(char*** at, str name, value) except -1:
    """A NULL-ended array of texts; the member that counts them is a value of its own."""
    cdef size_t place
    cdef bytes text
    cdef char** texts
    if at[0] != NULL:
        raise ValueError(f"{name} is already written")
    if value is None:
        return 0
    encoded = [text_bytes(name, text_value) for text_value in value]
    texts = <char**> slurm_xcalloc(len(encoded) + 1, sizeof(char*), True, False, b"", 0, b"")
    for place, text in enumerate(encoded):
        texts[place] = slurm_xstrdup(text)
    at[0] = texts
    return 0


cdef int write_number(char* at, int size, bint is_signed, str name, value) except -1:
    cdef object bits = 8 * size  # C would shift 1 out of its int
    number = int(value)
    if not (-(1 << (bits - 1)) <= number < (1 << bits)):
        raise SlurmError(ErrorCode.BAD_INPUT, f"{name} does not fit {bits} bits: {number}")
    number &= (1 << bits) - 1
    if size == 1:
        (<uint8_t*> at)[0] = number
    elif size == 2:
        (<uint16_t*> at)[0] = number
    elif size == 4:
        (<uint32_t*> at)[0] = number
    else:
        (<uint64_t*> at)[0] = number
    return 0
