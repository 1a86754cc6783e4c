"""Jobs submitted, changed, requeued and signalled."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memset

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport Held, decode, free_function, hold
from .written cimport Written, written

from ..errors import ErrorCode, SlurmError
from .outcomes import Killed, Submitted, Updated

__all__ = ["kill_job", "kill_jobs", "requeue_job", "submit", "submit_het", "update_job"]


cdef struct SubmitCall:
    job_desc_msg_t* job
    list_t* jobs
    submit_response_msg_t* response


cdef struct UpdateCall:
    job_desc_msg_t* job
    job_array_resp_msg_t* response


cdef struct RequeueCall:
    char* job_id
    uint32_t flags
    job_array_resp_msg_t* response


cdef struct KillCall:
    kill_jobs_msg_t* request
    kill_jobs_resp_msg_t* response


cdef int call_submit(void* argument) noexcept nogil:
    cdef SubmitCall* call = <SubmitCall*> argument
    return slurm_submit_batch_job(call.job, &call.response)


cdef int call_submit_het(void* argument) noexcept nogil:
    cdef SubmitCall* call = <SubmitCall*> argument
    return slurm_submit_batch_het_job(call.jobs, &call.response)


cdef int call_update(void* argument) noexcept nogil:
    cdef UpdateCall* call = <UpdateCall*> argument
    return slurm_update_job2(call.job, &call.response)


cdef int call_kill(void* argument) noexcept nogil:
    cdef KillCall* call = <KillCall*> argument
    return slurm_kill_jobs(call.request, &call.response)


cdef int call_requeue(void* argument) noexcept nogil:
    cdef RequeueCall* call = <RequeueCall*> argument
    return slurm_requeue2(call.job_id, call.flags, &call.response)


def submit(Calls self, struct, description):
    """Submit a batch job: a parsed ``struct`` of job_desc_msg_t.

    :raises SlurmError: the controller's reason for refusing it.
    """
    cdef SubmitCall call
    cdef Written job = written(struct, description)
    memset(&call, 0, sizeof(call))
    call.job = <job_desc_msg_t*> job.record
    try:
        self.write(call_submit, &call, "slurm_submit_batch_job()")
        return submitted(call.response)
    finally:
        with nogil:
            slurm_free_submit_response_response_msg(call.response)


def submit_het(Calls self, struct, descriptions):
    """Submit a heterogeneous job, a description for each component; likewise."""
    cdef SubmitCall call
    cdef Written job
    memset(&call, 0, sizeof(call))
    call.jobs = slurm_list_create(<void (*)(void*) noexcept nogil> slurm_free_job_desc_msg)
    try:
        for description in descriptions:
            job = written(struct, description)
            slurm_list_append(call.jobs, job.given())
        self.write(call_submit_het, &call, "slurm_submit_batch_het_job()")
        return submitted(call.response)
    finally:
        with nogil:
            slurm_list_destroy(call.jobs)
            slurm_free_submit_response_response_msg(call.response)


def update_job(Calls self, str job_id, struct, description):
    """Change a job, an array or a het component (``12+1``): a parsed ``struct``, likewise.

    :raises SlurmError: the controller's reason for refusing it.
    """
    cdef UpdateCall call
    cdef Written job = written(struct, {**description, "job_id_str": job_id})
    memset(&call, 0, sizeof(call))
    call.job = <job_desc_msg_t*> job.record
    try:
        self.write(call_update, &call, "slurm_update_job2()")
        return Updated(array_results(call.response))
    finally:
        with nogil:
            slurm_free_job_array_resp(call.response)


def kill_job(Calls self, str job_id, uint16_t signal, uint16_t flags):
    """Signal one job, task, component or step.

    :returns: what could not be signalled.
    :raises SlurmError: the controller's reason for refusing the whole request.
    """
    cdef kill_jobs_msg_t request
    cdef bytes text = job_id.encode()
    cdef char* job_text = text
    memset(&request, 0, sizeof(request))
    request.signal = signal
    request.flags = flags
    request.state = JOB_END
    request.user_id = SLURM_AUTH_NOBODY
    request.jobs_array = &job_text
    request.jobs_cnt = 1
    return kill(self, &request)


def kill_jobs(Calls self, Written request):
    """Signal all jobs that a kill_jobs_msg_t lists or that fit its filters; likewise.

    :raises SlurmError: 2173, it has neither; or the controller's reason.
    """
    return kill(self, <kill_jobs_msg_t*> request.record)


cdef kill(Calls self, kill_jobs_msg_t* request):
    cdef KillCall call
    call.request = request
    call.response = NULL
    self.write(call_kill, &call, "slurm_kill_jobs()")
    return killed(call.response)


def requeue_job(Calls self, str job_id, uint32_t flags):
    """Put a job, an array or a task of it (``12_3``) back into the queue; a running one ends.

    :param flags: JOB_RUNNING, JOB_REQUEUE_HOLD, JOB_SPECIAL_EXIT, JOB_RECONFIG_FAIL.
    :raises SlurmError: the controller's reason for refusing it.
    """
    cdef RequeueCall call
    cdef bytes text = job_id.encode()
    call.job_id = text
    call.flags = flags
    call.response = NULL
    try:
        self.write(call_requeue, &call, "slurm_requeue2()")
        return Updated(array_results(call.response))
    finally:
        with nogil:
            slurm_free_job_array_resp(call.response)


cdef submitted(submit_response_msg_t* response):
    if response == NULL:
        raise SlurmError(ErrorCode.UNEXPECTED_MESSAGE)
    # NULL is not "": +complex tells it as null.
    message = response.job_submit_user_msg
    return Submitted(
        response.step_id.job_id,
        response.error_code,
        None if message == NULL else decode(message),
    )


cdef killed(kill_jobs_resp_msg_t* response):
    cdef Held held = hold(response, <free_function> slurm_free_kill_jobs_response_msg)
    cdef kill_jobs_resp_job_t* job
    cdef kill_jobs_resp_job_t* first = NULL
    cdef uint32_t count = 0
    cdef uint32_t place
    failures = []
    if response != NULL:
        first = response.job_responses
        count = response.jobs_cnt
    for place in range(count):
        job = &first[place]
        if job.error_code:
            failures.append((job.error_code, decode(job.error_msg)))
    return Killed(Records.over(held, first, count, sizeof(kill_jobs_resp_job_t)), failures)


cdef list array_results(job_array_resp_msg_t* response):
    if response == NULL:
        return []
    return [
        (
            decode(response.job_array_id[place]),
            response.error_code[place],
            decode(response.err_msg[place]) if response.err_msg != NULL else "",
        )
        for place in range(response.job_array_count)
    ]
