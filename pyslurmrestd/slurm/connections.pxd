"""Connections to slurmdbd; see connections.pyx."""

from .identity cimport Identity


cdef class Connection:
    cdef void* handle
    cdef readonly tuple key
    cdef readonly bint kept
    cdef bint unanswered
    cdef readonly double opened
    cdef double idle_since
    cdef Identity identity
    cdef bint alive(self)
    cdef int finish(self, bint commit, double deadline) except? -2


cdef Connection take(tuple key, Identity identity, double ends, double deadline)
cdef void give_back(Connection connection, double ends, double deadline)
