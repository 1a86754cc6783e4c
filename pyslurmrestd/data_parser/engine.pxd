"""What other extensions need of the engine: C records, and who keeps them alive."""

cdef class Records:
    cdef readonly object owner
    cdef void** items
    cdef char* first
    cdef size_t stride
    cdef size_t count

    @staticmethod
    cdef Records over(object owner, void* first, size_t count, size_t stride)

    cdef void* item(self, size_t place) noexcept nogil
