"""The accounting daemon's calls; see slurmdbd.pyx."""

from ..data_parser.engine cimport Records
from .connections cimport Connection
from .identity cimport Identity
from .libslurm cimport list_t


cdef struct Call:
    void* connection
    void* function
    void* condition
    void* record
    list_t* items
    void* answer


ctypedef int (*call_function)(Call* call) noexcept nogil


cdef class Slurmdbd:
    cdef Identity identity
    cdef tuple key
    cdef double ends
    cdef double deadline
    cdef bint aside
    cdef Connection connection
    cdef bint writing
    cdef bint lost
    cdef bint unanswered
    cdef readonly bint known
    cdef Connection connected(self)
    cdef void note(self, int code) noexcept
    cdef int once(self, call_function function, Call* call) except? -2
    cdef int read(self, call_function function, Call* call, str source) except -1
    cdef int write(self, call_function function, Call* call, str source) except -1
    cdef int begin(self) except -1
    cdef int finish(self, bint commit) except? -2
    cdef Records found(self, str kind, void* condition)
    cdef list changed(self, call_function function, Call* call, str name)
