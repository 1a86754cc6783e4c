"""The controller's calls, made as the caller, with the GIL released.

Each call returns a message that owns what libslurm allocated, or raises SlurmError with Slurm's
number. A read that fails for a passing fault of the connection is tried once more; a write never
is, since nobody knows whether it was done.
"""

from libc cimport errno
from libc.stdint cimport int64_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset, strlen
from libc.time cimport time as now
from posix.types cimport time_t

from ..data_parser.engine cimport Records
from .identity cimport Identity
from .libslurm cimport *
from .records cimport fill

import pwd

from ..errors import ErrorCode, SlurmError
from .layout import built_for

__all__ = ["Slurmctld", "error_text", "settings"]

cdef enum:
    # Below this number errno is libc's, and says only that the connection failed.
    FIRST_SLURM_ERRNO = 1000
    FEDERATION_SECONDS = 60
    MISSING_SOCKET = 5005
    SOCKET_TIMEOUT = 5004


cdef str decode(const char* text):
    return "" if text == NULL else text.decode("utf-8", "surrogateescape")


def error_text(int number):
    """libslurm's text for an error number."""
    return decode(slurm_strerror(number))


def settings():
    """What the parsed slurm.conf says, as the values of ``session.Session``."""
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


cdef int code_of(int rc, int number) noexcept nogil:
    """The error of a call: calls return it, or -1 with errno set, or -1 with errno left over."""
    if rc != SLURM_ERROR:
        return rc
    # slurmctld answers with numbers of its own; libc's mean that it was not reached.
    return number if number >= FIRST_SLURM_ERRNO else 1800


cdef bint is_passing(int code) noexcept nogil:
    """A fault of one connection that the next may not have."""
    return code == MISSING_SOCKET or code == SOCKET_TIMEOUT


ctypedef void (*free_function)(void*) noexcept nogil


cdef class Held:
    """What libslurm allocated, freed with this."""

    cdef void* message
    cdef free_function release

    def __dealloc__(self):
        if self.message != NULL:
            with nogil:
                self.release(self.message)


cdef Held hold(void* message, free_function release):
    cdef Held held = Held.__new__(Held)
    held.message = message
    held.release = release
    return held


cdef class Message:
    """What a call returned.

    :ivar records: the C records; they keep the C message alive.
    :ivar last_update: when the controller last changed them, in seconds.
    :ivar last_backfill: (jobs) when the backfill scheduler last ran.
    """

    cdef readonly Records records
    cdef readonly int64_t last_update
    cdef readonly int64_t last_backfill
    cdef size_t name_offset

    def __len__(self):
        return self.records.count

    cdef str name_at(self, size_t place):
        return decode((<const char**> (<char*> self.records.item(place) + self.name_offset))[0])

    def named(self, str name, *, bint any_case=False):
        """The records of this name; None when there is none."""
        wanted = name.lower() if any_case else name
        places = []
        for place in range(self.records.count):
            found = self.name_at(place)
            if (found.lower() if any_case else found) == wanted:
                places.append(place)
        return self.records.select(places) if places else None

    cdef Message with_names(self):
        """Without the records that have no name: places of nodes that are gone."""
        places = [place for place in range(self.records.count) if self.name_at(place)]
        if len(places) != self.records.count:
            self.records = self.records.select(places)
        return self


cdef Message message_over(
    Held held, void* first, size_t count, size_t stride, int64_t last_update
):
    cdef Message message = Message.__new__(Message)
    message.records = Records.over(held, first, count, stride)
    message.last_update = last_update
    return message


cdef Message job_message(job_info_msg_t* jobs):
    cdef Message message = message_over(
        hold(jobs, <free_function> slurm_free_job_info_msg),
        jobs.job_array, jobs.record_count, sizeof(slurm_job_info_t), jobs.last_update,
    )
    message.last_backfill = jobs.last_backfill
    return message


class Submitted:
    """What the controller said of a submission it took.

    :ivar job_id: the new job's id.
    :ivar step_id: the step that the id names: ``batch``.
    :ivar error_code: 0, or why the job cannot start yet.
    :ivar job_submit_user_msg: what a job_submit plugin tells the user.
    """

    __slots__ = ("error_code", "job_id", "job_submit_user_msg", "step_id")

    def __init__(self, job_id, error_code, job_submit_user_msg):
        self.job_id = job_id
        self.step_id = "batch"
        self.error_code = error_code
        self.job_submit_user_msg = job_submit_user_msg


class Updated:
    """What the controller said of an update.

    :ivar results: (job id text, error code, message) for each task of an array it told about.
    """

    __slots__ = ("results",)

    def __init__(self, results):
        self.results = results


class KillReply:
    """What the controller said of a signal.

    :ivar records: kill_jobs_resp_job_t of each job that it told about.
    :ivar failures: (error code, text) of those that could not be signalled.
    """

    __slots__ = ("failures", "records")

    def __init__(self, records, failures):
        self.records = records
        self.failures = failures


# When it was last found that the cluster is in no federation; a call each time would cost as much
# as the query it is for.
cdef int64_t alone_until = 0


cdef class Slurmctld:
    """The controller's calls for one caller."""

    cdef Identity identity

    def __cinit__(self, credential):
        self.identity = Identity(credential)

    cdef int check(self, int code, str source) except -1:
        if code:
            raise SlurmError(code, "", source)
        return 0

    cdef uint16_t local_flags(self, uint16_t flags) except? 0xFFFF:
        """Flags of a job query: of this cluster alone, unless it is in a federation."""
        global alone_until
        cdef void* federation = NULL
        cdef int rc, number
        if flags & SHOW_LOCAL or now(NULL) < alone_until:
            return (flags | SHOW_LOCAL) & ~<uint16_t> SHOW_FEDERATION
        self.identity.begin()
        try:
            with nogil:
                errno.errno = 0
                rc = slurm_load_federation(&federation)
                number = errno.errno
        finally:
            self.identity.end()
        self.check(code_of(rc, number), "slurm_load_federation()")
        if is_alone(federation):
            alone_until = now(NULL) + FEDERATION_SECONDS
            flags = (flags | SHOW_LOCAL) & ~<uint16_t> SHOW_FEDERATION
        with nogil:
            slurm_destroy_federation_rec(federation)
        return flags

    def ping(self):
        """A record (controller_ping_t) for each controller, whether it answers or not."""
        cdef controller_ping_t* pings
        cdef size_t count = 0
        self.identity.begin()
        try:
            with nogil:
                pings = ping_all_controllers()
        finally:
            self.identity.end()
        while pings != NULL and pings[count].hostname != NULL:
            count += 1
        return Records.over(hold(pings, free_pings), pings, count, sizeof(controller_ping_t))

    def load_jobs(self, time_t update_time, uint16_t flags):
        """All jobs that the caller may see, as a message of slurm_job_info_t.

        :raises SlurmError: 1900, nothing changed since ``update_time``.
        """
        cdef job_info_msg_t* jobs = NULL
        cdef int rc, number, code = 0, attempt
        flags = self.local_flags(flags)
        for attempt in range(2):
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_load_jobs(update_time, &jobs, flags)
                    number = errno.errno
            finally:
                self.identity.end()
            code = code_of(rc, number)
            if not is_passing(code):
                break
        self.check(code, "slurm_load_jobs()")
        return job_message(jobs)

    def load_job(self, uint32_t job_id, uint16_t flags):
        """One job, or all tasks or components of an array or het job.

        :raises SlurmError: 2017, there is no such job.
        """
        cdef job_info_msg_t* jobs = NULL
        cdef slurm_step_id_t step
        cdef int rc, number, code = 0, attempt
        memset(&step, 0, sizeof(step))
        step.job_id = job_id
        step.step_het_comp = NO_VAL
        step.step_id = NO_VAL
        flags = self.local_flags(flags)
        for attempt in range(2):
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_load_job(&jobs, step, flags)
                    number = errno.errno
            finally:
                self.identity.end()
            code = code_of(rc, number)
            if not is_passing(code):
                break
        self.check(code, "slurm_load_job()")
        return job_message(jobs)

    def load_job_states(self, job_ids):
        """States by themselves: records (job_state_response_job_t), one for each array task.

        :param job_ids: ids as text (``12``, ``12_3``); none of them is all jobs.
        """
        cdef job_state_response_msg_t* states = NULL
        cdef slurm_selected_step_t* wanted = NULL
        cdef int rc, number, code = 0, attempt, count = len(job_ids)
        if count:
            wanted = <slurm_selected_step_t*> malloc(count * sizeof(slurm_selected_step_t))
            if wanted == NULL:
                raise MemoryError
        try:
            for place, text in enumerate(job_ids):
                read_job_id(text, &wanted[<int> place])
            for attempt in range(2):
                self.identity.begin()
                try:
                    with nogil:
                        errno.errno = 0
                        rc = slurm_load_job_state(count, wanted, &states)
                        number = errno.errno
                finally:
                    self.identity.end()
                code = code_of(rc, number)
                if not is_passing(code):
                    break
            self.check(code, "slurm_load_job_state()")
            return states_by_task(states)
        finally:
            free(wanted)
            with nogil:
                slurm_free_job_state_response_msg(states)

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
        cdef partition_info_msg_t* partitions = NULL
        cdef int rc, number, code = 0, attempt
        for attempt in range(2):
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_load_partitions(update_time, &partitions, flags)
                    number = errno.errno
            finally:
                self.identity.end()
            code = code_of(rc, number)
            if not is_passing(code):
                break
        self.check(code, "slurm_load_partitions()")
        return partitions

    def load_nodes(self, time_t update_time, uint16_t flags):
        """All nodes, with the partitions each is in, as a message of node_info_t.

        :raises SlurmError: 1900, nothing changed since ``update_time``.
        """
        cdef node_info_msg_t* nodes = NULL
        cdef partition_info_msg_t* partitions
        cdef Held held
        cdef int rc, number, code = 0, attempt
        for attempt in range(2):
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_load_node(update_time, &nodes, flags)
                    number = errno.errno
            finally:
                self.identity.end()
            code = code_of(rc, number)
            if not is_passing(code):
                break
        self.check(code, "slurm_load_node()")
        held = hold(nodes, <free_function> slurm_free_node_info_msg)
        partitions = self.partitions(0, flags)
        with nogil:
            slurm_populate_node_partitions(nodes, partitions)
            slurm_free_partition_info_msg(partitions)
        return node_message(held, nodes)

    def load_node(self, str name, uint16_t flags):
        """One node by its exact name, likewise; an empty message when there is none."""
        cdef node_info_msg_t* nodes = NULL
        cdef partition_info_msg_t* partitions
        cdef bytes node_name = name.encode("utf-8", "surrogateescape")
        cdef char* node_text = node_name
        cdef Held held
        cdef int rc, number, code = 0, attempt
        for attempt in range(2):
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_load_node_single(&nodes, node_text, flags)
                    number = errno.errno
            finally:
                self.identity.end()
            code = code_of(rc, number)
            if not is_passing(code):
                break
        self.check(code, "slurm_load_node_single()")
        held = hold(nodes, <free_function> slurm_free_node_info_msg)
        partitions = self.partitions(0, flags)
        with nogil:
            name_partitions(nodes, partitions)
            slurm_free_partition_info_msg(partitions)
        return node_message(held, nodes)

    def submit(self, description):
        """Submit a batch job: values of job_desc_msg_t by member.

        :raises SlurmError: the controller's reason for refusing it.
        """
        cdef job_desc_msg_t* job = new_description(description)
        cdef submit_response_msg_t* response = NULL
        cdef int rc, number
        try:
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_submit_batch_job(job, &response)
                    number = errno.errno
            finally:
                self.identity.end()
            self.check(code_of(rc, number), "slurm_submit_batch_job()")
            return submitted(response)
        finally:
            with nogil:
                slurm_free_job_desc_msg(job)
                slurm_free_submit_response_response_msg(response)

    def submit_het(self, descriptions):
        """Submit a heterogeneous job, a description for each component; likewise."""
        cdef list_t* jobs = slurm_list_create(<void (*)(void*) noexcept nogil> slurm_free_job_desc_msg)
        cdef submit_response_msg_t* response = NULL
        cdef int rc, number
        try:
            for description in descriptions:
                slurm_list_append(jobs, new_description(description))
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_submit_batch_het_job(jobs, &response)
                    number = errno.errno
            finally:
                self.identity.end()
            self.check(code_of(rc, number), "slurm_submit_batch_het_job()")
            return submitted(response)
        finally:
            with nogil:
                slurm_list_destroy(jobs)
                slurm_free_submit_response_response_msg(response)

    def update_job(self, str job_id, description):
        """Change a job, an array or a het component (``12+1``): values of job_desc_msg_t.

        :raises SlurmError: the controller's reason for refusing it.
        """
        cdef job_desc_msg_t* job = new_description({**description, "job_id_str": job_id})
        cdef job_array_resp_msg_t* response = NULL
        cdef int rc, number
        try:
            self.identity.begin()
            try:
                with nogil:
                    errno.errno = 0
                    rc = slurm_update_job2(job, &response)
                    number = errno.errno
            finally:
                self.identity.end()
            self.check(code_of(rc, number), "slurm_update_job2()")
            return Updated(array_results(response))
        finally:
            with nogil:
                slurm_free_job_desc_msg(job)
                slurm_free_job_array_resp(response)

    def kill_job(self, str job_id, uint16_t signal, uint16_t flags):
        """Signal one job, task, component or step.

        :returns: what could not be signalled.
        :raises SlurmError: the controller's reason for refusing the whole request.
        """
        cdef kill_jobs_msg_t request
        cdef kill_jobs_resp_msg_t* response = NULL
        cdef bytes text = job_id.encode()
        cdef char* job_text = text
        cdef int rc, number
        memset(&request, 0, sizeof(request))
        request.signal = signal
        request.flags = flags
        request.state = JOB_END
        request.user_id = SLURM_AUTH_NOBODY
        request.jobs_array = &job_text
        request.jobs_cnt = 1
        self.identity.begin()
        try:
            with nogil:
                errno.errno = 0
                rc = slurm_kill_jobs(&request, &response)
                number = errno.errno
        finally:
            self.identity.end()
        self.check(code_of(rc, number), "slurm_kill_jobs()")
        return kill_reply(response)


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


cdef kill_reply(kill_jobs_resp_msg_t* response):
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
    return KillReply(Records.over(held, first, count, sizeof(kill_jobs_resp_job_t)), failures)


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
