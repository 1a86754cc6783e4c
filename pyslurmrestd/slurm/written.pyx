"""Values written into C records, as libslurm reads and frees them.

A record is made by the write plan of its struct (:mod:`pyslurmrestd.data_parser.write`): allocated
and initialised as libslurm does it, then filled. Whatever is made hangs in its record before it is
filled, so that an error at any place frees all of it with the record.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ..data_parser.engine cimport Records
from .libslurm cimport *
from .message cimport free_function

from collections.abc import Mapping

from ..data_parser.write import write_plan
from ..errors import ErrorCode, SlurmError
from .layout import LAYOUT

__all__ = ["Written", "as_records", "new_record"]

cdef extern from "<dlfcn.h>" nogil:
    void* RTLD_DEFAULT
    void* dlsym(void* handle, const char* name)

ctypedef void (*init_function)(void* record) noexcept nogil
ctypedef void (*init_function_2)(void* record, c_bool free_it) noexcept nogil
ctypedef void (*init_function_3)(void* record, c_bool free_it, uint32_t unset) noexcept nogil


def new_record(struct, values, layout=LAYOUT):
    """A C record of a struct, filled with the values of a parsed one (by source).

    :param struct: a Struct with a ``record`` and its ``free`` function, or a pointer to one.
    :param layout: where its members lie.
    :raises SlurmError: 9216, a text with a NUL, or a number that its member cannot hold.
    :raises TypeError: the struct has no record or no ``free``, or a value is none for its member.
    :raises KeyError: the record has no such member.
    """
    cdef size_t place
    plan = write_plan(struct, layout)
    cdef Written made = Written.__new__(Written)
    made.free = free_of(plan)
    made.left_count = len(plan.left)
    for place, offset in enumerate(plan.left):
        made.left[place] = offset
    made.record = initialised(plan)
    fill(<char*> made.record, plan, values)
    return made


cdef Written written(struct, values):
    return new_record(struct, values)


cdef class Written:
    """A record, freed with this unless it is handed over."""

    def __dealloc__(self):
        cdef size_t place
        if self.record != NULL:
            with nogil:
                for place in range(self.left_count):
                    free_list(<list_t**> (<char*> self.record + self.left[place]))
                self.free(self.record)

    @property
    def address(self):
        """Where it lies."""
        return <size_t> self.record

    def release(self):
        """Its address; whoever takes it frees it from here on."""
        return <size_t> self.given()

    cdef void* given(self) noexcept:
        cdef void* record = self.record
        self.record = NULL
        return record


def as_records(made):
    """Records made by :func:`new_record`, to be dumped; they stay alive with what is returned."""
    cdef Records records = Records.pointed(tuple(made), len(made))
    cdef Written record
    cdef size_t place
    for place, record in enumerate(records.owner):
        records.items[place] = record.record
    return records


cdef void free_list(list_t** at) noexcept nogil:
    if at[0] != NULL:
        slurm_list_destroy(at[0])
        at[0] = NULL


cdef void* function_of(str name) except NULL:
    """A function of libslurm's; the build has checked that it is one for its record."""
    cdef bytes symbol = name.encode()
    cdef void* function = dlsym(RTLD_DEFAULT, symbol)
    if function == NULL:
        raise RuntimeError(f"this libslurm has no {name}()")
    return function


cdef free_function free_of(plan) except *:
    if plan.free is None:
        raise TypeError(f"{plan.record} names no function that frees it")
    return <free_function> function_of(plan.free)


cdef void* allocate(size_t count, size_t size) noexcept:
    return slurm_xcalloc(count, size, True, False, b"", 0, b"")


cdef void* initialised(plan) except NULL:
    cdef size_t size = plan.size
    cdef void* record = allocate(1, size)
    try:
        initialise(<char*> record, plan)
    except BaseException:
        slurm_xfree(&record)
        raise
    return record


cdef int initialise(char* record, plan) except -1:
    cdef void* function
    if plan.init is not None:
        function = function_of(plan.init)
        arguments = plan.layout.arguments[plan.init]
        if arguments == 1:
            (<init_function> function)(record)
        elif arguments == 2:
            (<init_function_2> function)(record, False)
        else:
            (<init_function_3> function)(record, False, NO_VAL)
    for member, number in plan.initial:
        write_number(record + <size_t> member.offset, member, "", number)
    return 0


cdef int fill(char* record, plan, values) except -1:
    """Write values into a record. Members that they do not name keep what they hold."""
    cdef char* at
    if not isinstance(values, Mapping):
        raise TypeError(f"{plan.record} is not written from {type(values).__name__}")
    for source, value in values.items():
        place = plan.place(source)
        member = place.member
        at = record + <size_t> member.offset
        if place.holds == "nothing":
            continue
        if place.holds == "within":
            fill(at, write_plan(place.record, plan.layout), value)
        elif place.holds == "pointer":
            write_pointer(<void**> at, place, plan, value)
        elif place.holds == "counted":
            write_array(record, place, plan, source, value)
        elif member.kind == "T":
            write_list(<list_t**> at, place, plan, source, value)
        elif member.kind == "s":
            write_text(<char**> at, source, value)
        elif member.kind == "S":
            write_texts(<char***> at, source, value)
        elif member.kind == "d":
            (<double*> at)[0] = value
        elif member.kind == "D":
            (<long double*> at)[0] = <double> value
        elif member.kind in "bBhHiIlL?":
            write_number(at, member, source, value)
        elif member.absent:
            raise SlurmError(ErrorCode.BAD_INPUT, f"This release of Slurm has no {source}")
        else:
            raise TypeError(f"{plan.record}.{source} cannot be written")
    return 0


cdef int write_pointer(void** at, place, plan, values) except -1:
    below = write_plan(place.record, plan.layout)
    if at[0] == NULL:
        at[0] = initialised(below)
    return fill(<char*> at[0], below, values)


cdef int write_array(char* record, place, plan, str name, values) except -1:
    """An array of records, and the member that counts them."""
    cdef void** at = <void**> (record + <size_t> place.member.offset)
    cdef char* items
    cdef size_t size
    if at[0] != NULL:
        raise ValueError(f"{name} is already written")
    below = write_plan(place.record, plan.layout)
    size = below.size
    write_number(record + <size_t> place.count.offset, place.count, name, len(values))
    if not values:
        return 0
    items = <char*> allocate(len(values), size)
    at[0] = items
    for value in values:
        initialise(items, below)
        items += size
    items = <char*> at[0]
    for value in values:
        fill(items, below, value)
        items += size
    return 0


cdef int write_list(list_t** at, place, plan, str name, values) except -1:
    """A list of records or of texts, in place of what there is."""
    cdef void* item
    cdef Written made
    cdef bytes text
    free_list(at)
    if values is None:
        return 0
    if place.record is None:
        at[0] = slurm_list_create(slurm_xfree_ptr)
        for value in values:
            text = text_bytes(name, value)
            slurm_list_append(at[0], slurm_xstrdup(text))
        return 0
    at[0] = slurm_list_create(free_of(write_plan(place.record, plan.layout)))
    for value in values:
        made = new_record(place.record, value, plan.layout)
        item = made.given()
        slurm_list_append(at[0], item)
    return 0


cdef bytes text_bytes(str name, value):
    if not isinstance(value, str):
        raise TypeError(f"{name} takes a text, not {type(value).__name__}")
    if "\0" in value:
        raise SlurmError(ErrorCode.BAD_INPUT, f"{name} has a NUL character")
    return (<str> value).encode("utf-8", "surrogateescape")


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
    texts = <char**> allocate(len(encoded) + 1, sizeof(char*))
    for place, text in enumerate(encoded):
        texts[place] = slurm_xstrdup(text)
    at[0] = texts
    return 0


cdef int write_number(char* at, member, str name, value) except -1:
    cdef int size = member.size
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
