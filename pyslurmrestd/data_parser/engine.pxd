"""What other extensions need of the engine: C records with who keeps them alive, and lookups."""

# Makes the next record in the place of the last one; NULL when it cannot be made.
ctypedef void* (*next_function)(void* source) noexcept nogil


cdef class Records:
    cdef readonly object owner
    cdef void** items
    cdef char* first
    cdef size_t stride
    cdef size_t count
    cdef next_function next
    cdef void* source

    @staticmethod
    cdef Records over(object owner, void* first, size_t count, size_t stride)

    @staticmethod
    cdef Records pointed(object owner, size_t count)

    @staticmethod
    cdef Records coming(object owner, size_t count, next_function next, void* source)

    cdef void* item(self, size_t place) noexcept nogil


cdef class Lookups:
    cdef const void* tables
    cdef readonly object owner
