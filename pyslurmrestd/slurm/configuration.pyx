"""The cluster's configuration, as the controller has read it."""

from libc.string cimport memset
from posix.types cimport time_t

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport free_function, hold

from ..errors import ErrorCode, SlurmError

__all__ = ["load_conf"]


cdef struct ConfCall:
    time_t update_time
    slurm_conf_t* conf


cdef int call_conf(void* argument) noexcept nogil:
    cdef ConfCall* call = <ConfCall*> argument
    return slurm_load_ctl_conf(call.update_time, &call.conf)


def load_conf(Calls self, time_t update_time):
    """What the controller has read of slurm.conf and its like: one slurm_conf_t.

    :raises SlurmError: 1900, nothing changed since ``update_time``.
    """
    cdef ConfCall call
    memset(&call, 0, sizeof(call))
    call.update_time = update_time
    self.read(call_conf, &call, "slurm_load_ctl_conf()")
    if call.conf == NULL:
        raise SlurmError(ErrorCode.ERROR, "", "slurm_load_ctl_conf()")
    return Records.over(
        hold(call.conf, <free_function> slurm_free_conf), call.conf, 1, sizeof(slurm_conf_t)
    )
