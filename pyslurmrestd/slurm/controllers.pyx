"""The controllers themselves: whether they answer and know who asks, what they have counted."""

from libc.time cimport time as now

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport free_function, hold

__all__ = ["last_backfill", "load_statistics", "ping", "reconfigure", "vouch"]

from ..errors import ErrorCode, SlurmError

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
    # It succeeds whoever asks: whether a token was taken shows in the records alone.
    self.once(call_ping, &pings)
    while pings != NULL and pings[count].hostname != NULL:
        if pings[count].pinged:
            self.known = True
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

cdef int call_statistics(void* call) noexcept nogil:
    cdef stats_info_request_msg_t request
    request.command_id = STAT_COMMAND_GET
    return slurm_get_statistics(<stats_info_response_msg_t**> call, &request)

def load_statistics(Calls self):
    """What the controller has counted since its start or a reset: one stats_info_response_msg_t."""
    cdef stats_info_response_msg_t* statistics = NULL
    self.read(call_statistics, &statistics, "slurm_get_statistics()")
    if statistics == NULL:
        raise SlurmError(ErrorCode.ERROR, "", "slurm_get_statistics()")
    return Records.over(
        hold(statistics, <free_function> slurm_free_stats_response_msg),
        statistics, 1, sizeof(stats_info_response_msg_t),
    )

def last_backfill(Calls self):
    """When the backfill scheduler last began (UNIX time); None while it is at work.

    It lets others read jobs while it is, and stamps what it changes with an earlier time.
    """
    cdef stats_info_response_msg_t* statistics = NULL
    cdef object began = None
    self.read(call_statistics, &statistics, "slurm_get_statistics()")
    if statistics != NULL:
        if not statistics.bf_active:
            began = statistics.bf_when_last_cycle
        with nogil:
            slurm_free_stats_response_msg(statistics)
    return began

cdef int call_reconfigure(void* nothing) noexcept nogil:
    return slurm_reconfigure()

def reconfigure(Calls self):
    """Have all daemons of the cluster read their configuration again.

    :raises SlurmError: 2010, the caller is not allowed to.
    """
    self.write(call_reconfigure, NULL, "slurm_reconfigure()")

cdef void free_pings(void* pings) noexcept nogil:
    slurm_xfree(&pings)
