"""Values written into C records; see written.pyx."""

from .message cimport free_function


cdef class Written:
    cdef void* record
    cdef free_function free
    cdef void* given(self) noexcept


cdef Written written(struct, values)
