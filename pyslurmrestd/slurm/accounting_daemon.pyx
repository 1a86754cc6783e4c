"""The accounting daemon itself: whether it answers, what it has counted, its configuration."""

from libc.string cimport memset

from ..data_parser.engine cimport Records
from .libslurm cimport *
from .message cimport free_function, hold
from .slurmdbd cimport Call, Slurmdbd

from ..errors import ErrorCode, SlurmError

__all__ = ["load_configuration", "load_statistics", "ping"]


cdef int call_ping(Call* call) noexcept nogil:
    # What it leaves in errno is of the daemons that do not answer, and told in their records.
    call.record = slurmdb_ping_all()
    return SLURM_SUCCESS


def ping(Slurmdbd self):
    """A record (slurmdbd_ping_t) for each slurmdbd; of a backup only if the first is silent.

    :raises SlurmError: 7000, none of them takes a connection of the caller's.
    """
    cdef Call call
    cdef slurmdbd_ping_t* pings
    cdef size_t count = 0
    memset(&call, 0, sizeof(call))
    self.read(call_ping, &call, "slurmdb_ping_all")
    pings = <slurmdbd_ping_t*> call.record
    if pings == NULL:
        raise SlurmError(ErrorCode.ERROR, "", "slurmdb_ping_all")
    while pings[count].hostname != NULL:
        count += 1
    return Records.over(hold(pings, free_pings), pings, count, sizeof(slurmdbd_ping_t))


cdef void free_pings(void* pings) noexcept nogil:
    slurm_xfree(&pings)


cdef int call_statistics(Call* call) noexcept nogil:
    return slurmdb_get_stats(call.connection, <slurmdb_stats_rec_t**> &call.record)


def load_statistics(Slurmdbd self):
    """What slurmdbd has counted since its start or a reset: one slurmdb_stats_rec_t.

    :raises SlurmError: 2002, the caller is no administrator.
    """
    cdef Call call
    memset(&call, 0, sizeof(call))
    self.read(call_statistics, &call, "slurmdb_get_stats")
    return only(
        &call, <free_function> slurmdb_destroy_stats_rec, sizeof(slurmdb_stats_rec_t),
        "slurmdb_get_stats",
    )


cdef int call_configuration(Call* call) noexcept nogil:
    return slurmdb_config_get(call.connection, <slurmdbd_conf_t**> &call.record)


def load_configuration(Slurmdbd self):
    """What slurmdbd has read of slurmdbd.conf, without passwords: one slurmdbd_conf_t."""
    cdef Call call
    memset(&call, 0, sizeof(call))
    self.read(call_configuration, &call, "slurmdb_config_get()")
    return only(
        &call, <free_function> slurmdbd_free_conf, sizeof(slurmdbd_conf_t), "slurmdb_config_get()"
    )


cdef Records only(Call* call, free_function release, size_t size, str source):
    """The one record of a call."""
    if call.record == NULL:
        raise SlurmError(ErrorCode.ERROR, "", source)
    return Records.over(hold(call.record, release), call.record, 1, size)
