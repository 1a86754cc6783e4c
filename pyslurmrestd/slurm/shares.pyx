"""Shares of associations, as the controller reckons with them."""

from libc.string cimport memset

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport free_function, hold

from ..errors import ErrorCode, SlurmError

__all__ = ["load_shares"]


cdef int call_shares(void* argument) noexcept nogil:
    # Neither accounts nor users: all associations.
    cdef shares_request_msg_t request
    memset(&request, 0, sizeof(request))
    return slurm_associations_get_shares(&request, <shares_response_msg_t**> argument)


def load_shares(Calls self):
    """The shares of all associations that the caller may see: one shares_response_msg_t."""
    cdef shares_response_msg_t* shares = NULL
    self.read(call_shares, &shares, "slurm_associations_get_shares()")
    if shares == NULL:
        raise SlurmError(ErrorCode.ERROR, "", "slurm_associations_get_shares()")
    return Records.over(
        hold(shares, <free_function> slurm_free_shares_response_msg),
        shares, 1, sizeof(shares_response_msg_t),
    )
