"""Messages of libslurm: the records in them, found by name, and freed when nobody needs them."""

from libc.stdint cimport int64_t

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

    cdef str name_at(self, size_t place):
        return decode((<const char**> (<char*> self.records.item(place) + self.name_offset))[0])

    def named(self, str name, *, bint any_case=False):
        """The records of this name; None when there is none."""
        wanted = name.lower() if any_case else name
        places = []
        for place in range(self.records.count):
            found = self.name_at(place)
            if (found.lower() if any_case else found) == wanted:
                places.append(place)
        return self.records.select(places) if places else None

    cdef Message with_names(self):
        """Without the records that have no name: places of nodes that are gone."""
        places = [place for place in range(self.records.count) if self.name_at(place)]
        if <size_t> len(places) != self.records.count:
            self.records = self.records.select(places)
        return self


cdef Message message_over(
    Held held, void* first, size_t count, size_t stride, int64_t last_update
):
    cdef Message message = Message.__new__(Message)
    message.records = Records.over(held, first, count, stride)
    message.last_update = last_update
    return message
