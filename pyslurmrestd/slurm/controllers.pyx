"""The controllers themselves: whether they answer, and know who asks."""

from libc.time cimport time as now

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport hold

__all__ = ["ping", "vouch"]

from ..errors import SlurmError

cdef enum:
    AHEAD_SECONDS = 3600
    NO_CHANGE = 1900

cdef int call_ping(void* call) noexcept nogil:
    (<controller_ping_t**> call)[0] = ping_all_controllers()
    return SLURM_SUCCESS

def ping(Calls self):
    """A record (controller_ping_t) for each controller, whether it answers or not."""
    cdef controller_ping_t* pings = NULL
    cdef size_t count = 0
    # It succeeds whoever asks: a refused token shows in the records alone.
    self.once(call_ping, &pings)
    while pings != NULL and pings[count].hostname != NULL:
        count += 1
    return Records.over(hold(pings, free_pings), pings, count, sizeof(controller_ping_t))

cdef int call_vouch(void* call) noexcept nogil:
    cdef partition_info_msg_t* partitions = NULL
    # Nothing has changed since then, so the controller sends no partition.
    cdef int rc = slurm_load_partitions(now(NULL) + AHEAD_SECONDS, &partitions, 0)
    if partitions != NULL:
        slurm_free_partition_info_msg(partitions)
    return rc

def vouch(Calls self):
    """Make sure that the controller knows the caller, by what costs it next to nothing.

    :raises SlurmError: 1007, it does not; 1800 and others, it cannot be asked.
    """
    if self.known:
        return
    try:
        self.read(call_vouch, NULL, "slurm_load_partitions()")
    except SlurmError as error:
        if error.errno != NO_CHANGE:
            raise

cdef void free_pings(void* pings) noexcept nogil:
    slurm_xfree(&pings)
