"""What a domain's calls are made through; see calls.pyx."""

from .identity cimport Identity

ctypedef int (*call_function)(void* call) noexcept nogil


cdef void end_waits(double deadline) noexcept nogil
"""Whatever libslurm waits for in this thread from here on, ends by then; see patience.h."""


cdef unsigned int connected_times() noexcept nogil
"""How often libslurm has connected to a daemon in this thread."""


cdef class Calls:
    cdef Identity identity
    cdef double deadline  # of the request, by CLOCK_MONOTONIC
    cdef bint sent  # all of the last request, as far as one can tell
    cdef unsigned int wait  # seconds after which a call beyond the limit may be made again
    cdef readonly object known  # whether the daemon asked took the caller's token; None: not asked
    cdef int once(self, call_function function, void* call) except? -2
    cdef int read(self, call_function function, void* call, str source) except -1
    cdef int write(self, call_function function, void* call, str source) except -1
    cdef int judge(self, int code, str source) except -1
