"""Licenses, as the controller counts them."""

from .calls cimport Calls
from .libslurm cimport *
from .message cimport Message, free_function, hold, message_over

__all__ = ["load_licenses"]


cdef int call_licenses(void* argument) noexcept nogil:
    return slurm_load_licenses(0, <license_info_msg_t**> argument, 0)


def load_licenses(Calls self):
    """All licenses, as a message of slurm_license_info_t."""
    cdef license_info_msg_t* licenses = NULL
    self.read(call_licenses, &licenses, "slurm_load_licenses()")
    return message_over(
        hold(licenses, <free_function> slurm_free_license_info_msg),
        licenses.lic_array, licenses.num_lic, sizeof(slurm_license_info_t),
        licenses.last_update,
    )
