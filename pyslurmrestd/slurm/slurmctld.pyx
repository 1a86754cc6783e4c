"""The controller's calls, made as the caller, with the GIL released.

Each call returns a message that owns what libslurm allocated, or raises SlurmError with Slurm's
number. A read that fails for a passing fault of the connection is tried once more; a write never
is, since nobody knows whether it was done.
"""

from libc cimport errno
from libc.stdint cimport int64_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset, strlen
from libc.time cimport time as now
from posix.types cimport time_t

from ..data_parser.engine cimport Records
from .identity cimport Identity
from .libslurm cimport *
from .message cimport Held, Message, decode, free_function, hold, message_over
from .records cimport fill

import pwd

from ..errors import ErrorCode, SlurmError
from .layout import built_for
from .replies import Killed, Submitted, Updated

__all__ = ["Slurmctld", "error_text", "settings"]

cdef enum:
    # The first of Slurm's numbers; errno is libc's below it.
    UNEXPECTED_MESSAGE = 1000
    CONTROLLER_CONNECT = 1800
    FEDERATION_SECONDS = 60
    MISSING_SOCKET = 5005
    SOCKET_TIMEOUT = 5004


def error_text(int number):
    """libslurm's text for an error number."""
    return decode(slurm_strerror(number))


def settings():
    """What the parsed slurm.conf says, as the values of ``library.Cluster``.

    :raises RuntimeError: libslurm is of another release than this was built for, so that records
        would be read at the wrong places.
    """
    cdef long api = slurm_api_version() >> 16
    if api != BUILT_FOR_API:
        raise RuntimeError(
            f"libslurm.so.{api} is not of Slurm {built_for()}, which pyslurmrestd was built for: "
            "build it again with the headers of the Slurm that is installed"
        )
    accounting = decode(slurm_conf.accounting_storage_type)
    uid = slurm_conf.slurm_user_id
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid
    return {
        "release": built_for(),
        "cluster": decode(slurm_conf.cluster_name),
        "accounting_storage": accounting,
        "accounting": bool(accounting) and accounting != "accounting_storage/none",
        "slurm_user_uid": uid,
        "slurm_user_gid": gid,
    }


# One call of libslurm: what goes in and what comes out. Calls use what they need of it.

cdef struct Call:
    time_t update_time
    uint16_t flags
    slurm_step_id_t step
    char* name
    int count
    slurm_selected_step_t* selected
    job_desc_msg_t* job
    list_t* jobs
    kill_jobs_msg_t* signal
    void* answer


ctypedef int (*call_function)(Call* call) noexcept nogil


cdef int call_federation(Call* call) noexcept nogil:
    return slurm_load_federation(&call.answer)


cdef int call_ping(Call* call) noexcept nogil:
    call.answer = ping_all_controllers()
    return SLURM_SUCCESS


cdef int call_jobs(Call* call) noexcept nogil:
    return slurm_load_jobs(call.update_time, <job_info_msg_t**> &call.answer, call.flags)


cdef int call_job(Call* call) noexcept nogil:
    return slurm_load_job(<job_info_msg_t**> &call.answer, call.step, call.flags)


cdef int call_states(Call* call) noexcept nogil:
    return slurm_load_job_state(
        call.count, call.selected, <job_state_response_msg_t**> &call.answer
    )


cdef int call_partitions(Call* call) noexcept nogil:
    return slurm_load_partitions(
        call.update_time, <partition_info_msg_t**> &call.answer, call.flags
    )


cdef int call_nodes(Call* call) noexcept nogil:
    return slurm_load_node(call.update_time, <node_info_msg_t**> &call.answer, call.flags)


cdef int call_node(Call* call) noexcept nogil:
    return slurm_load_node_single(<node_info_msg_t**> &call.answer, call.name, call.flags)


cdef int call_submit(Call* call) noexcept nogil:
    return slurm_submit_batch_job(call.job, <submit_response_msg_t**> &call.answer)


cdef int call_submit_het(Call* call) noexcept nogil:
    return slurm_submit_batch_het_job(call.jobs, <submit_response_msg_t**> &call.answer)


cdef int call_update(Call* call) noexcept nogil:
    return slurm_update_job2(call.job, <job_array_resp_msg_t**> &call.answer)


cdef int call_kill(Call* call) noexcept nogil:
    return slurm_kill_jobs(call.signal, <kill_jobs_resp_msg_t**> &call.answer)


cdef int code_of(int rc, int number) noexcept nogil:
    """The error of a call: calls return it, or -1 with errno set, or -1 with errno left over."""
    cdef int code = number if rc == SLURM_ERROR else rc
    # slurmctld answers with numbers of its own; libc's mean that it was not reached.
    if rc == SLURM_ERROR and code < UNEXPECTED_MESSAGE:
        return CONTROLLER_CONNECT
    # Without an answer slurm_update_job2() finds one of an unexpected kind, slurm_kill_jobs() says 1.
    if code == UNEXPECTED_MESSAGE or code == 1:
        return CONTROLLER_CONNECT
    return code


cdef bint is_passing(int code) noexcept nogil:
    """A fault of one connection that the next may not have."""
    return code == MISSING_SOCKET or code == SOCKET_TIMEOUT


# When it was last found that the cluster is in no federation; a call each time would cost as much
# as the query it is for.
cdef int64_t alone_until = 0


cdef class Slurmctld:
    """The controller's calls for one caller."""

    cdef Identity identity

    def __cinit__(self, credential):
        self.identity = Identity(credential)

    cdef int once(self, call_function function, Call* call) except? -2:
        """Make a call as the caller; its error, 0 if there is none."""
        cdef int rc, number
        self.identity.begin()
        try:
            with nogil:
                errno.errno = 0
                rc = function(call)
                number = errno.errno
        finally:
            self.identity.end()
        return code_of(rc, number)

    cdef int read(self, call_function function, Call* call, str source) except -1:
        """A call that changes nothing, tried again where that may help."""
        cdef int code = self.once(function, call)
        if is_passing(code):
            code = self.once(function, call)
        if code:
            raise SlurmError(code, "", source)
        return 0

    cdef int write(self, call_function function, Call* call, str source) except -1:
        cdef int code = self.once(function, call)
        if code:
            raise SlurmError(code, "", source)
        return 0

    cdef uint16_t own_cluster(self, uint16_t flags) except? 0xFFFF:
        """Flags of a job query, for this cluster alone unless it is in a federation."""
        global alone_until
        cdef Call call
        if not flags & SHOW_LOCAL and now(NULL) >= alone_until:
            memset(&call, 0, sizeof(call))
            self.read(call_federation, &call, "slurm_load_federation()")
            alone = is_alone(call.answer)
            with nogil:
                slurm_destroy_federation_rec(call.answer)
            if not alone:
                return flags
            alone_until = now(NULL) + FEDERATION_SECONDS
        return (flags | SHOW_LOCAL) & ~<uint16_t> SHOW_FEDERATION

    def ping(self):
        """A record (controller_ping_t) for each controller, whether it answers or not."""
        cdef Call call
        cdef controller_ping_t* pings
        cdef size_t count = 0
        memset(&call, 0, sizeof(call))
        self.read(call_ping, &call, "ping_all_controllers()")
        pings = <controller_ping_t*> call.answer
        while pings != NULL and pings[count].hostname != NULL:
            count += 1
        return Records.over(hold(pings, free_pings), pings, count, sizeof(controller_ping_t))

    def load_jobs(self, time_t update_time, uint16_t flags):
        """All jobs that the caller may see, as a message of slurm_job_info_t.

        :raises SlurmError: 1900, nothing changed since ``update_time``.
        """
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.update_time = update_time
        # Without SHOW_FEDERATION libslurm asks this cluster alone.
        call.flags = self.own_cluster(flags) if flags & SHOW_FEDERATION else flags | SHOW_LOCAL
        self.read(call_jobs, &call, "slurm_load_jobs()")
        return job_message(<job_info_msg_t*> call.answer)

    def load_job(self, uint32_t job_id, uint16_t flags):
        """One job, or all tasks or components of an array or het job.

        :raises SlurmError: 2017, there is no such job.
        """
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.step.job_id = job_id
        call.step.step_het_comp = NO_VAL
        call.step.step_id = NO_VAL
        call.flags = self.own_cluster(flags)
        self.read(call_job, &call, "slurm_load_job()")
        return job_message(<job_info_msg_t*> call.answer)

    def load_job_states(self, job_ids):
        """States by themselves: records (job_state_response_job_t), one for each array task.

        :param job_ids: ids as text (``12``, ``12_3``); none of them is all jobs.
        """
        cdef Call call
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
            return states_by_task(<job_state_response_msg_t*> call.answer)
        finally:
            free(call.selected)
            with nogil:
                slurm_free_job_state_response_msg(<job_state_response_msg_t*> call.answer)

    def load_partitions(self, time_t update_time, uint16_t flags):
        """All partitions that the caller may see, as a message of partition_info_t.

        :raises SlurmError: 1900, nothing changed since ``update_time``.
        """
        cdef partition_info_msg_t* partitions = self.partitions(update_time, flags)
        cdef Message message = message_over(
            hold(partitions, <free_function> slurm_free_partition_info_msg),
            partitions.partition_array, partitions.record_count, sizeof(partition_info_t),
            partitions.last_update,
        )
        message.name_offset = <size_t> &(<partition_info_t*> NULL).name
        return message

    cdef partition_info_msg_t* partitions(self, time_t update_time, uint16_t flags) except NULL:
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.update_time = update_time
        call.flags = flags
        self.read(call_partitions, &call, "slurm_load_partitions()")
        return <partition_info_msg_t*> call.answer

    def load_nodes(self, time_t update_time, uint16_t flags):
        """All nodes, with the partitions each is in, as a message of node_info_t.

        :raises SlurmError: 1900, nothing changed since ``update_time``.
        """
        cdef Call call
        cdef Held held
        cdef partition_info_msg_t* partitions
        memset(&call, 0, sizeof(call))
        call.update_time = update_time
        call.flags = flags
        self.read(call_nodes, &call, "slurm_load_node()")
        held = hold(call.answer, <free_function> slurm_free_node_info_msg)
        partitions = self.partitions(0, flags)
        with nogil:
            slurm_populate_node_partitions(<node_info_msg_t*> call.answer, partitions)
            slurm_free_partition_info_msg(partitions)
        return node_message(held, <node_info_msg_t*> call.answer)

    def load_node(self, str name, uint16_t flags):
        """One node by its exact name, likewise; an empty message when there is none."""
        cdef Call call
        cdef Held held
        cdef partition_info_msg_t* partitions
        cdef bytes node_name = name.encode("utf-8", "surrogateescape")
        memset(&call, 0, sizeof(call))
        call.name = node_name
        call.flags = flags
        self.read(call_node, &call, "slurm_load_node_single()")
        held = hold(call.answer, <free_function> slurm_free_node_info_msg)
        partitions = self.partitions(0, flags)
        with nogil:
            name_partitions(<node_info_msg_t*> call.answer, partitions)
            slurm_free_partition_info_msg(partitions)
        return node_message(held, <node_info_msg_t*> call.answer)

    def submit(self, description):
        """Submit a batch job: values of job_desc_msg_t by member.

        :raises SlurmError: the controller's reason for refusing it.
        """
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.job = new_description(description)
        try:
            self.write(call_submit, &call, "slurm_submit_batch_job()")
            return submitted(<submit_response_msg_t*> call.answer)
        finally:
            with nogil:
                slurm_free_job_desc_msg(call.job)
                slurm_free_submit_response_response_msg(<submit_response_msg_t*> call.answer)

    def submit_het(self, descriptions):
        """Submit a heterogeneous job, a description for each component; likewise."""
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.jobs = slurm_list_create(<void (*)(void*) noexcept nogil> slurm_free_job_desc_msg)
        try:
            for description in descriptions:
                slurm_list_append(call.jobs, new_description(description))
            self.write(call_submit_het, &call, "slurm_submit_batch_het_job()")
            return submitted(<submit_response_msg_t*> call.answer)
        finally:
            with nogil:
                slurm_list_destroy(call.jobs)
                slurm_free_submit_response_response_msg(<submit_response_msg_t*> call.answer)

    def update_job(self, str job_id, description):
        """Change a job, an array or a het component (``12+1``): values of job_desc_msg_t.

        :raises SlurmError: the controller's reason for refusing it.
        """
        cdef Call call
        memset(&call, 0, sizeof(call))
        call.job = new_description({**description, "job_id_str": job_id})
        try:
            self.write(call_update, &call, "slurm_update_job2()")
            return Updated(array_results(<job_array_resp_msg_t*> call.answer))
        finally:
            with nogil:
                slurm_free_job_desc_msg(call.job)
                slurm_free_job_array_resp(<job_array_resp_msg_t*> call.answer)

    def kill_job(self, str job_id, uint16_t signal, uint16_t flags):
        """Signal one job, task, component or step.

        :returns: what could not be signalled.
        :raises SlurmError: the controller's reason for refusing the whole request.
        """
        cdef Call call
        cdef kill_jobs_msg_t request
        cdef bytes text = job_id.encode()
        cdef char* job_text = text
        memset(&call, 0, sizeof(call))
        memset(&request, 0, sizeof(request))
        request.signal = signal
        request.flags = flags
        request.state = JOB_END
        request.user_id = SLURM_AUTH_NOBODY
        request.jobs_array = &job_text
        request.jobs_cnt = 1
        call.signal = &request
        self.write(call_kill, &call, "slurm_kill_jobs()")
        return killed(<kill_jobs_resp_msg_t*> call.answer)


cdef Message job_message(job_info_msg_t* jobs):
    cdef Message message = message_over(
        hold(jobs, <free_function> slurm_free_job_info_msg),
        jobs.job_array, jobs.record_count, sizeof(slurm_job_info_t), jobs.last_update,
    )
    message.last_backfill = jobs.last_backfill
    return message


cdef Message node_message(Held held, node_info_msg_t* nodes):
    cdef Message message = message_over(
        held, nodes.node_array, nodes.record_count, sizeof(node_info_t), nodes.last_update
    )
    message.name_offset = <size_t> &(<node_info_t*> NULL).name
    return message.with_names()


cdef void name_partitions(
    node_info_msg_t* nodes, partition_info_msg_t* partitions
) noexcept nogil:
    """Tell each node the partitions whose node lists have its name.

    slurm_populate_node_partitions() goes by places in the list of all nodes, which the answer
    about a single node does not have.
    """
    cdef uint32_t node, place
    cdef hostlist_t* hosts
    for place in range(partitions.record_count):
        hosts = slurm_hostlist_create(partitions.partition_array[place].nodes)
        if hosts == NULL:
            continue
        for node in range(nodes.record_count):
            if nodes.node_array[node].name != NULL and (
                slurm_hostlist_find(hosts, nodes.node_array[node].name) >= 0
            ):
                append_name(
                    &nodes.node_array[node].partitions, partitions.partition_array[place].name
                )
        slurm_hostlist_destroy(hosts)


cdef void append_name(char** names, const char* name) noexcept nogil:
    """Add a name to a comma list of libslurm's."""
    cdef char* before = names[0]
    cdef size_t size = 0 if before == NULL else strlen(before)
    cdef char* longer = <char*> slurm_xcalloc(
        1, size + strlen(name) + 2, True, False, b"", 0, b""
    )
    if size:
        memcpy(longer, before, size)
        longer[size] = b","
        size += 1
    memcpy(longer + size, name, strlen(name))
    slurm_xfree(<void**> names)
    names[0] = longer


cdef void free_pings(void* pings) noexcept nogil:
    slurm_xfree(&pings)


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


cdef job_desc_msg_t* new_description(values) except NULL:
    cdef job_desc_msg_t* job = <job_desc_msg_t*> slurm_xcalloc(
        1, sizeof(job_desc_msg_t), True, False, b"", 0, b""
    )
    slurm_init_job_desc_msg(job)
    try:
        fill(<char*> job, "job_desc_msg_t", values)
    except BaseException:
        slurm_free_job_desc_msg(job)
        raise
    return job


cdef submitted(submit_response_msg_t* response):
    if response == NULL:
        raise SlurmError(ErrorCode.UNEXPECTED_MESSAGE)
    return Submitted(
        response.step_id.job_id, response.error_code, decode(response.job_submit_user_msg)
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
