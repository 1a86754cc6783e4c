"""Messages of libslurm and who frees them; see message.pyx."""

from libc.stdint cimport int64_t

from ..data_parser.engine cimport Records
from .libslurm cimport list_t

ctypedef void (*free_function)(void*) noexcept nogil


cdef class Held:
    cdef void* message
    cdef free_function release


cdef class Message:
    cdef readonly Records records
    cdef readonly int64_t last_update
    cdef readonly int64_t last_backfill
    cdef size_t name_offset
    cdef Records having(self, const char* name, bint any_case)
    cdef Message with_names(self)


cdef str decode(const char* text)
cdef Records listed(Held held, list_t* items)
cdef Held hold(void* message, free_function release)
cdef Message message_over(
    Held held, void* first, size_t count, size_t stride, int64_t last_update
)
