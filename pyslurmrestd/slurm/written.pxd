"""Values written into C records; see written.pyx."""

from .message cimport free_function


cdef enum:
    MOST_LEFT = 4


cdef class Written:
    cdef void* record
    cdef free_function free
    # Where lists lie that it leaves behind.
    cdef size_t left[MOST_LEFT]
    cdef size_t left_count
    cdef void* given(self) noexcept


cdef Written written(struct, values)
