"""Messages of libslurm: the records in them, found by name, and freed when nobody needs them."""

from libc.stdint cimport int64_t
from libc.string cimport strcmp
from posix.strings cimport strcasecmp

from ..data_parser.engine cimport Records
from .libslurm cimport list_t, slurm_list_count, slurm_list_for_each_ro


cdef str decode(const char* text):
    return "" if text == NULL else text.decode("utf-8", "surrogateescape")


cdef class Held:
    """What libslurm allocated, freed with this."""

    def __dealloc__(self):
        if self.message != NULL:
            with nogil:
                self.release(self.message)


cdef Held hold(void* message, free_function release):
    cdef Held held = Held.__new__(Held)
    held.message = message
    held.release = release
    return held


cdef int take_item(void* item, void* end) noexcept nogil:
    cdef void*** place = <void***> end
    place[0][0] = item
    place[0] += 1
    return 0


cdef Records listed(Held held, list_t* items):
    """The records of a list, which ``held`` frees."""
    cdef Records records = Records.pointed(held, 0 if items == NULL else slurm_list_count(items))
    cdef void** end = records.items
    if items != NULL:
        slurm_list_for_each_ro(items, take_item, &end)
    return records


cdef class Message:
    """What a call returned.

    :ivar records: the C records; they keep the C message alive.
    :ivar last_update: when the controller last changed them, in seconds.
    :ivar last_backfill: (jobs) when the backfill scheduler last ran.
    """

    def __len__(self):
        return self.records.count

    def named(self, str name, *, bint any_case=False):
        """The records of this name; None when there is none.

        :param any_case: the case of (ASCII) letters is irrelevant.
        """
        cdef bytes wanted = name.encode("utf-8", "surrogateescape")
        cdef Records found = self.having(b"" if "\0" in name else wanted, any_case)
        return found if found.count else None

    cdef Records having(self, const char* name, bint any_case):
        """The records of a name that is not empty; NULL is all that have any."""
        cdef Records found = Records.pointed(self.records.owner, self.records.count)
        cdef size_t place
        cdef void* record
        cdef size_t count = 0
        with nogil:
            for place in range(self.records.count):
                record = self.records.item(place)
                if is_named((<const char**> (<char*> record + self.name_offset))[0], name, any_case):
                    found.items[count] = record
                    count += 1
        found.count = count
        return found

    cdef Message with_names(self):
        """Without the records that have no name: places of nodes that are gone."""
        self.records = self.having(NULL, False)
        return self


cdef bint is_named(const char* given, const char* name, bint any_case) noexcept nogil:
    if given == NULL or given[0] == 0:
        return False
    if name == NULL:
        return True
    return (strcasecmp(given, name) if any_case else strcmp(given, name)) == 0


cdef Message message_over(
    Held held, void* first, size_t count, size_t stride, int64_t last_update
):
    cdef Message message = Message.__new__(Message)
    message.records = Records.over(held, first, count, stride)
    message.last_update = last_update
    return message
