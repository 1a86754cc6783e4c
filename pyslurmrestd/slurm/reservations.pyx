"""Reservations, as the controller knows them: loaded, made, changed and deleted."""

from libc cimport errno
from libc.stdint cimport uint32_t
from libc.string cimport memset
from posix.types cimport time_t

from .calls cimport Calls
from .libslurm cimport *
from .message cimport Message, decode, free_function, hold, message_over
from .written cimport Written

from ..errors import ErrorCode, SlurmError

__all__ = [
    "create_reservation",
    "delete_reservation",
    "load_reservations",
    "update_reservation",
]


cdef struct LoadCall:
    time_t update_time
    reserve_info_msg_t* reservations


cdef struct CreateCall:
    resv_desc_msg_t* description
    char* name


cdef int call_load(void* argument) noexcept nogil:
    cdef LoadCall* call = <LoadCall*> argument
    return slurm_load_reservations(call.update_time, &call.reservations)


cdef int call_create(void* argument) noexcept nogil:
    cdef CreateCall* call = <CreateCall*> argument
    call.name = slurm_create_reservation(call.description)
    return SLURM_ERROR if call.name == NULL else SLURM_SUCCESS


cdef int call_update(void* description) noexcept nogil:
    return slurm_update_reservation(<resv_desc_msg_t*> description)


cdef int call_delete(void* name) noexcept nogil:
    return slurm_delete_reservation(<reservation_name_msg_t*> name)


def load_reservations(Calls self, time_t update_time):
    """All reservations that the caller may see, as a message of reserve_info_t.

    :raises SlurmError: 1900, nothing changed since ``update_time``.
    """
    cdef LoadCall call
    cdef Message message
    memset(&call, 0, sizeof(call))
    call.update_time = update_time
    self.read(call_load, &call, "slurm_load_reservations()")
    message = message_over(
        hold(call.reservations, <free_function> slurm_free_reservation_info_msg),
        call.reservations.reservation_array,
        call.reservations.record_count,
        sizeof(reserve_info_t),
        call.reservations.last_update,
    )
    message.name_offset = <size_t> &(<reserve_info_t*> NULL).name
    return message


def create_reservation(Calls self, Written description):
    """Make a reservation.

    :param description: a resv_desc_msg_t, which is completed with what was implied.
    :raises SlurmError: 2053, something is missing from it, in the words of scontrol; or the
        controller's reason for refusing it.
    """
    cdef CreateCall call
    cdef char* missing = NULL
    # node_list is the record's own: "ALL" may take its place.
    cdef uint32_t owned = RESV_FREE_STR_NODES
    call.description = <resv_desc_msg_t*> description.record
    call.name = NULL
    if validate_resv_create_desc(call.description, &missing, &owned):
        raise SlurmError(
            ErrorCode.RESERVATION_INVALID, decode(missing), "validate_resv_create_desc"
        )
    self.write(call_create, &call, "slurm_create_reservation")
    if call.description.name[0] == 0:
        # Named by the controller.
        slurm_xfree(<void**> &call.description.name)
        call.description.name = call.name
    else:
        slurm_xfree(<void**> &call.name)
    without_mark(call.description)


def update_reservation(Calls self, Written description):
    """Change a reservation: what the record leaves unset stays as it is.

    :param description: a resv_desc_msg_t.
    :raises SlurmError: the controller's reason for refusing it.
    """
    self.write(call_update, description.record, "slurm_update_reservation")
    without_mark(<resv_desc_msg_t*> description.record)


cdef void without_mark(resv_desc_msg_t* description) noexcept:
    """No flags instead of the mark that none were given, which reads as nearly all of them."""
    if description.flags == NO_VAL64:
        description.flags = 0


def delete_reservation(Calls self, str name):
    """Delete a reservation.

    :raises SlurmError: 2053, there is none of the name; or the controller's reason.
    """
    cdef bytes text = name.encode("utf-8", "surrogateescape")
    cdef reservation_name_msg_t message
    message.name = text
    self.write(call_delete, &message, "slurm_delete_reservation")
