"""Allocations: jobs without a script, and what they have got so far.

libslurm's own calls wait for a message from the controller. It comes signed by a plugin that a
process which sends tokens cannot load, goes unanswered, and the controller takes the allocation
back. So these ask for an allocation that nobody is told of, and the caller looks what became of it.
"""

from libc.stdint cimport uint32_t
from libc.string cimport memset

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport decode, free_function, hold, listed
from .written cimport Written, written

from .outcomes import Allocated

__all__ = ["allocate", "allocate_het", "load_allocation", "load_het_allocation"]


cdef struct AllocateCall:
    job_desc_msg_t* job
    list_t* jobs
    slurm_step_id_t wanted
    resource_allocation_response_msg_t* response
    list_t* responses


cdef int call_allocate(void* argument) noexcept nogil:
    cdef AllocateCall* call = <AllocateCall*> argument
    return slurm_allocate_resources(call.job, &call.response)


cdef int call_lookup(void* argument) noexcept nogil:
    cdef AllocateCall* call = <AllocateCall*> argument
    return slurm_allocation_lookup(call.wanted, &call.response)


cdef int call_het_lookup(void* argument) noexcept nogil:
    cdef AllocateCall* call = <AllocateCall*> argument
    return slurm_het_job_lookup(call.wanted, &call.responses)


cdef int call_allocate_het(void* argument) noexcept nogil:
    """The request that no function of libslurm makes without waiting."""
    cdef AllocateCall* call = <AllocateCall*> argument
    cdef slurm_msg request, response
    cdef int rc
    slurm_msg_t_init(&request)
    slurm_msg_t_init(&response)
    request.msg_type = REQUEST_HET_JOB_ALLOCATION
    request.data = call.jobs
    rc = slurm_send_recv_controller_msg(&request, &response, NULL)
    if rc:
        return rc
    if response.msg_type == RESPONSE_HET_JOB_ALLOCATION:
        call.responses = <list_t*> response.data
        return SLURM_SUCCESS
    if response.msg_type == RESPONSE_SLURM_RC:
        rc = (<return_code_msg*> response.data).return_code
        slurm_xfree(&response.data)
        if rc:
            return rc
    return UNEXPECTED_MESSAGE


cdef enum:
    UNEXPECTED_MESSAGE = 1000


cdef int check_messages() except -1:
    """Make sure that messages are laid out and numbered as private.h has it."""
    cdef slurm_msg message
    memset(&message, 0xFF, sizeof(message))
    slurm_msg_t_init(&message)
    if not (
        message.msg_type == NO_VAL16
        and message.protocol_version == NO_VAL16
        and message.auth_uid == SLURM_AUTH_NOBODY
        and message.restrict_uid == SLURM_AUTH_NOBODY
        and message.data == NULL
        and decode(rpc_num2string(REQUEST_HET_JOB_ALLOCATION)) == "REQUEST_HET_JOB_ALLOCATION"
        and decode(rpc_num2string(RESPONSE_HET_JOB_ALLOCATION)) == "RESPONSE_HET_JOB_ALLOCATION"
        and decode(rpc_num2string(RESPONSE_SLURM_RC)) == "RESPONSE_SLURM_RC"
    ):
        raise RuntimeError("this libslurm lays out its messages in a way that is not known here")
    return 0


def allocate(Calls self, struct, description):
    """Ask for an allocation: a parsed ``struct`` of job_desc_msg_t. It may have to wait.

    :raises SlurmError: the controller's reason for refusing it.
    """
    cdef AllocateCall call
    cdef Written job = written(struct, description)
    memset(&call, 0, sizeof(call))
    call.job = <job_desc_msg_t*> job.record
    self.write(call_allocate, &call, "slurm_allocate_resources()")
    return one(call.response)


def allocate_het(Calls self, struct, descriptions):
    """The same for a heterogeneous job, a description for each component."""
    cdef AllocateCall call
    cdef Written job
    check_messages()
    memset(&call, 0, sizeof(call))
    call.jobs = slurm_list_create(<void (*)(void*) noexcept nogil> slurm_free_job_desc_msg)
    try:
        for description in descriptions:
            job = written(struct, description)
            slurm_list_append(call.jobs, job.given())
        self.write(call_allocate_het, &call, "slurm_allocate_het_job()")
    finally:
        with nogil:
            slurm_list_destroy(call.jobs)
    return several(call.responses)


def load_allocation(Calls self, uint32_t job_id):
    """What an allocation has got.

    :raises SlurmError: 2024, it still waits; 2021, it has ended.
    """
    cdef AllocateCall call
    memset(&call, 0, sizeof(call))
    call.wanted = whole_job(job_id)
    self.read(call_lookup, &call, "slurm_allocation_lookup()")
    return one(call.response)


def load_het_allocation(Calls self, uint32_t job_id):
    """The same for all components of a heterogeneous job, by the id of its leader."""
    cdef AllocateCall call
    memset(&call, 0, sizeof(call))
    call.wanted = whole_job(job_id)
    self.read(call_het_lookup, &call, "slurm_het_job_lookup()")
    return several(call.responses)


cdef slurm_step_id_t whole_job(uint32_t job_id) noexcept:
    cdef slurm_step_id_t job
    memset(&job, 0, sizeof(job))
    job.job_id = job_id
    job.step_het_comp = NO_VAL
    job.step_id = NO_VAL
    return job


cdef list one(resource_allocation_response_msg_t* response):
    if response == NULL:
        return []
    try:
        return [allocated(response)]
    finally:
        with nogil:
            slurm_free_resource_allocation_response_msg(response)


cdef list several(list_t* responses):
    cdef Records components = listed(
        hold(responses, <free_function> slurm_list_destroy), responses
    )
    return [
        allocated(<resource_allocation_response_msg_t*> components.item(place))
        for place in range(components.count)
    ]


cdef allocated(resource_allocation_response_msg_t* response):
    cdef char* message = response.job_submit_user_msg
    return Allocated(
        response.step_id.job_id,
        response.node_cnt,
        response.error_code,
        None if message == NULL else decode(message),
    )
