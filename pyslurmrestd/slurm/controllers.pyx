"""The controllers themselves: whether they answer."""

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport hold

__all__ = ["ping"]

cdef int call_ping(void* call) noexcept nogil:
    (<controller_ping_t**> call)[0] = ping_all_controllers()
    return SLURM_SUCCESS

def ping(Calls self):
    """A record (controller_ping_t) for each controller, whether it answers or not."""
    cdef controller_ping_t* pings = NULL
    cdef size_t count = 0
    self.read(call_ping, &pings, "ping_all_controllers()")
    while pings != NULL and pings[count].hostname != NULL:
        count += 1
    return Records.over(hold(pings, free_pings), pings, count, sizeof(controller_ping_t))

cdef void free_pings(void* pings) noexcept nogil:
    slurm_xfree(&pings)
