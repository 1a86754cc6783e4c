"""Jobs, as the controller knows them: all, one, states by themselves, resources of one."""

from libc.stdint cimport int64_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset
from libc.time cimport time as now
from posix.types cimport time_t

from ..data_parser.engine cimport Records
from .calls cimport Calls
from .libslurm cimport *
from .message cimport Message, free_function, hold, listed, message_over

from ..errors import ErrorCode, SlurmError

__all__ = [
    "load_job",
    "load_job_states",
    "load_jobs",
    "load_resource_layout",
    "next_expected_start",
]

cdef enum:
    FEDERATION_SECONDS = 60
    STATE = 0xFF
    PENDING = 0


cdef struct JobsCall:
    time_t update_time
    uint16_t flags
    slurm_step_id_t step
    job_info_msg_t* jobs


cdef struct StatesCall:
    int count
    slurm_selected_step_t* selected
    job_state_response_msg_t* states


cdef struct LayoutCall:
    slurm_step_id_t job
    resource_layout_msg_t* layout


cdef int call_federation(void* federation) noexcept nogil:
    return slurm_load_federation(<void**> federation)


cdef int call_jobs(void* argument) noexcept nogil:
    cdef JobsCall* call = <JobsCall*> argument
    return slurm_load_jobs(call.update_time, &call.jobs, call.flags)


cdef int call_job(void* argument) noexcept nogil:
    cdef JobsCall* call = <JobsCall*> argument
    return slurm_load_job(&call.jobs, call.step, call.flags)


cdef int call_states(void* argument) noexcept nogil:
    cdef StatesCall* call = <StatesCall*> argument
    return slurm_load_job_state(call.count, call.selected, &call.states)


cdef int call_layout(void* argument) noexcept nogil:
    cdef LayoutCall* call = <LayoutCall*> argument
    return slurm_get_resource_layout(&call.job, <void**> &call.layout)


# When it was last found that the cluster is in no federation; a call each time would cost as much
# as the query it is for.
cdef int64_t alone_until = 0


cdef uint16_t own_cluster(Calls self, uint16_t flags) except? 0xFFFF:
    """Flags of a job query, for this cluster alone unless it is in a federation."""
    global alone_until
    cdef void* federation = NULL
    if not flags & SHOW_LOCAL and now(NULL) >= alone_until:
        self.read(call_federation, &federation, "slurm_load_federation()")
        alone = is_alone(federation)
        with nogil:
            slurm_destroy_federation_rec(federation)
        if not alone:
            return flags
        alone_until = now(NULL) + FEDERATION_SECONDS
    return (flags | SHOW_LOCAL) & ~<uint16_t> SHOW_FEDERATION


def load_jobs(Calls self, time_t update_time, uint16_t flags):
    """All jobs that the caller may see, as a message of slurm_job_info_t.

    :raises SlurmError: 1900, nothing changed since ``update_time``.
    """
    cdef JobsCall call
    memset(&call, 0, sizeof(call))
    call.update_time = update_time
    # Without SHOW_FEDERATION libslurm asks this cluster alone.
    call.flags = own_cluster(self, flags) if flags & SHOW_FEDERATION else flags | SHOW_LOCAL
    self.read(call_jobs, &call, "slurm_load_jobs()")
    return job_message(call.jobs)


def next_expected_start(Calls self, Message jobs):
    """When the first of the pending jobs is expected to start; None where none is.

    The controller tells such a time as now once it has passed, whether or not the job changes.
    """
    cdef size_t place
    cdef slurm_job_info_t* job
    cdef int64_t first = 0
    with nogil:
        for place in range(jobs.records.count):
            job = <slurm_job_info_t*> jobs.records.item(place)
            if job.job_state & STATE == PENDING and job.start_time > 0 and (
                first == 0 or job.start_time < first
            ):
                first = job.start_time
    return first or None


def load_job(Calls self, uint32_t job_id, uint16_t flags):
    """One job, or all tasks or components of an array or het job.

    :raises SlurmError: 2017, there is no such job.
    """
    cdef JobsCall call
    memset(&call, 0, sizeof(call))
    call.step.job_id = job_id
    call.step.step_het_comp = NO_VAL
    call.step.step_id = NO_VAL
    call.flags = own_cluster(self, flags)
    self.read(call_job, &call, "slurm_load_job()")
    return job_message(call.jobs)


def load_job_states(Calls self, job_ids):
    """States by themselves: records (job_state_response_job_t), one for each array task.

    :param job_ids: ids as text (``12``, ``12_3``); none of them is all jobs.
    """
    cdef StatesCall call
    memset(&call, 0, sizeof(call))
    call.count = len(job_ids)
    try:
        call.selected = <slurm_selected_step_t*> calloc(
            max(call.count, 1), sizeof(slurm_selected_step_t)
        )
        if call.selected == NULL:
            raise MemoryError
        for place, text in enumerate(job_ids):
            read_job_id(text, &call.selected[<int> place])
        self.read(call_states, &call, "slurm_load_job_state()")
        return states_by_task(call.states)
    finally:
        free(call.selected)
        with nogil:
            slurm_free_job_state_response_msg(call.states)


def load_resource_layout(Calls self, uint32_t job_id, task=None):
    """What a running job has on each of its nodes: records of node_resource_layout_t.

    :param task: of an array, if it is one of its tasks.
    :raises SlurmError: 2017, there is no such job; 2085, it is not running; 2010, it is of
        another user.
    """
    cdef LayoutCall call
    memset(&call, 0, sizeof(call))
    call.job.job_id = job_id if task is None else job_of_task(self, job_id, task)
    call.job.step_het_comp = NO_VAL
    call.job.step_id = NO_VAL
    self.read(call_layout, &call, "slurm_get_resource_layout()")
    return listed(
        hold(call.layout, <free_function> slurm_free_resource_layout_msg),
        NULL if call.layout == NULL else call.layout.nodes,
    )


cdef uint32_t job_of_task(Calls self, uint32_t array_job_id, uint32_t task) except? 0:
    """The job id that a started task of an array has of its own."""
    cdef Message tasks = load_job(self, array_job_id, SHOW_ALL)
    cdef slurm_job_info_t* job
    for place in range(tasks.records.count):
        job = <slurm_job_info_t*> tasks.records.item(place)
        if job.array_task_id == task:
            return job.step_id.job_id
    raise SlurmError(ErrorCode.INVALID_JOB_ID)


cdef Message job_message(job_info_msg_t* jobs):
    cdef Message message = message_over(
        hold(jobs, <free_function> slurm_free_job_info_msg),
        jobs.job_array, jobs.record_count, sizeof(slurm_job_info_t), jobs.last_update,
    )
    message.last_backfill = jobs.last_backfill
    return message


cdef bint is_alone(void* federation) noexcept nogil:
    """Whether this cluster is in no federation (slurmdb_federation_rec_t)."""
    cdef slurmdb_federation_rec_t* record = <slurmdb_federation_rec_t*> federation
    return record == NULL or record.name == NULL or record.name[0] == 0


cdef int read_job_id(str text, slurm_selected_step_t* selected) except -1:
    cdef bytes encoded = text.encode("utf-8", "surrogateescape")
    cdef const char* job_text = encoded
    cdef int rc = unfmt_job_id_string(job_text, selected, NO_VAL)
    if rc:
        raise SlurmError(rc, f"Invalid job id: {text}", "unfmt_job_id_string()")
    return 0


cdef bint has_task(job_state_response_job_t* job, int64_t task) noexcept nogil:
    return slurm_bit_test(job.array_task_id_bitmap, task)


cdef Records states_by_task(job_state_response_msg_t* states):
    """The states, with one record for each array task that shares one with others."""
    cdef job_state_response_job_t* expanded
    cdef job_state_response_job_t* job
    cdef size_t count = 0
    cdef size_t place
    cdef int64_t task
    for place in range(states.jobs_count):
        job = &states.jobs[place]
        if job.array_task_id_bitmap == NULL:
            count += 1
            continue
        for task in range(slurm_bit_size(job.array_task_id_bitmap)):
            count += has_task(job, task)
    expanded = <job_state_response_job_t*> calloc(max(count, 1), sizeof(job_state_response_job_t))
    if expanded == NULL:
        raise MemoryError
    count = 0
    for place in range(states.jobs_count):
        job = &states.jobs[place]
        if job.array_task_id_bitmap == NULL:
            expanded[count] = job[0]
            count += 1
            continue
        for task in range(slurm_bit_size(job.array_task_id_bitmap)):
            if has_task(job, task):
                expanded[count] = job[0]
                expanded[count].array_task_id = task
                # The bitmap is freed with the message.
                expanded[count].array_task_id_bitmap = NULL
                count += 1
    return Records.over(hold(expanded, free), expanded, count, sizeof(job_state_response_job_t))
