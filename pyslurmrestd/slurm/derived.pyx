"""Values that no single member holds: worked out from a record, for the engine to dump.

Each function is what ``data_parser/scratch.pxd`` says one is: it gets the address of a record (or
of the member that its row names) and fills a scratch with a value, or a pointer and a count, and
the memory to free after the dump. ``FUNCTIONS`` names them as the tables do, and with them the
functions of libslurm that the engine walks its lists by.
"""

from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, PyThread_type_lock,
    WAIT_LOCK,
)
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset, strchr, strdup, strlen, strncpy
from libc.time cimport time
from posix.types cimport time_t

from ..data_parser.scratch cimport Scratch
from .libslurm cimport *

__all__ = ["FUNCTIONS"]


cdef enum:
    PATH_SIZE = 4096
    TEXT_SIZE = 256
    # Words of PROCESS_EXIT_CODE_STATUS.
    EXIT_INVALID = 0
    EXIT_PENDING = 1
    EXIT_SUCCESS = 2
    EXIT_ERROR = 3
    EXIT_SIGNALED = 4
    EXIT_CORE_DUMPED = 5
    # Bits of JOB_RES_CORE_STATUS.
    CORE_UNALLOCATED = 1
    CORE_ALLOCATED = 2
    CORE_IN_USE = 4


cdef int give_text(Scratch* scratch, char* owned) noexcept nogil:
    """The text is the value, and freed after the dump."""
    scratch.value = <uint64_t> <size_t> owned
    scratch.owned = owned
    return 0


cdef int give_copy(Scratch* scratch, const char* text) noexcept nogil:
    return give_text(scratch, NULL if text == NULL else strdup(text))


cdef int give_slurm_text(Scratch* scratch, char* text) noexcept nogil:
    """A text of libslurm's, which only libslurm may free."""
    cdef int rc = give_copy(scratch, text)
    slurm_xfree(<void**> &text)
    return rc


cdef void* give_records(Scratch* scratch, size_t count, size_t size) noexcept nogil:
    """Records of zeros, to be filled in, as the value; NULL when there is no memory."""
    cdef void* records = calloc(max(count, 1), size)
    if records != NULL:
        scratch.value = <uint64_t> <size_t> records
        scratch.count = count
        scratch.owned = records
    return records


cdef uint32_t as_many(uint32_t count, const void* array, size_t size) noexcept nogil:
    """How many elements of an array of libslurm's are there, of those that its message counts."""
    if array == NULL:
        return 0
    return <uint32_t> min(<size_t> count, slurm_xsize(<void*> array) // size)


# Jobs

# libslurm looks user names up (%u) in a cache of its own that two threads must not use at once:
# it reads an entry after it has let go of its lock, when another thread may already move it.
cdef PyThread_type_lock user_names = PyThread_allocate_lock()
if user_names == NULL:
    raise MemoryError

ctypedef void (*path_function)(char* path, int size, slurm_job_info_t* job) noexcept nogil


cdef int job_path(path_function function, const void* record, Scratch* scratch) noexcept nogil:
    cdef char path[PATH_SIZE]
    path[0] = 0
    PyThread_acquire_lock(user_names, WAIT_LOCK)
    function(path, PATH_SIZE, <slurm_job_info_t*> record)
    PyThread_release_lock(user_names)
    return give_copy(scratch, path)


cdef int job_stdin(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return job_path(slurm_get_job_stdin, record, scratch)


cdef int job_stdout(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return job_path(slurm_get_job_stdout, record, scratch)


cdef int job_stderr(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return job_path(slurm_get_job_stderr, record, scratch)


cdef int job_stderr_or_stdout(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    """The path of stderr, which is that of stdout where the job names none."""
    cdef char* named = (<slurm_job_info_t*> record).std_err
    if named == NULL or named[0] == 0:
        return job_stdout(record, scratch, tables)
    return job_stderr(record, scratch, tables)


cdef int expanded(const void* record, char* path, Scratch* scratch) noexcept nogil:
    cdef char* whole
    if path == NULL or path[0] == 0:
        return give_copy(scratch, b"")
    PyThread_acquire_lock(user_names, WAIT_LOCK)
    whole = slurm_expand_job_stdio_fields(path, <slurm_job_info_t*> record)
    PyThread_release_lock(user_names)
    return give_slurm_text(scratch, whole)


cdef int job_stdin_expanded(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    return expanded(record, (<slurm_job_info_t*> record).std_in, scratch)


cdef int job_stdout_expanded(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    return expanded(record, (<slurm_job_info_t*> record).std_out, scratch)


cdef int job_stderr_expanded(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    return expanded(record, (<slurm_job_info_t*> record).std_err, scratch)


cdef int process_exit_code(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """A wait status (``wait(2)``), taken apart as its macros do."""
    cdef uint32_t status = (<const uint32_t*> member)[0]
    cdef uint32_t signal = status & 0x7F
    cdef derived_exit_code_t* code = <derived_exit_code_t*> malloc(sizeof(derived_exit_code_t))
    if code == NULL:
        return -1
    code.status = EXIT_INVALID
    code.return_code = NO_VAL
    code.signal = NO_VAL16
    if status == NO_VAL:
        code.status = EXIT_PENDING
    elif signal == 0:
        code.return_code = (status >> 8) & 0xFF
        code.status = EXIT_ERROR if code.return_code else EXIT_SUCCESS
    elif signal != 0x7F:
        code.status = EXIT_SIGNALED
        code.signal = signal
    elif status & 0x80:
        code.status = EXIT_CORE_DUMPED
    else:
        code.return_code = status
    scratch.value = <uint64_t> <size_t> code
    scratch.owned = code
    return 0


cdef int priority_by_partition(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    """The names, a comma list, with the priorities beside them.

    While a partition is deleted slurmctld sends fewer priorities than names.
    """
    cdef const slurm_job_info_t* job = <const slurm_job_info_t*> record
    cdef derived_part_prio_t* parts
    cdef char* text
    cdef char* comma
    cdef size_t size
    cdef size_t count = 1
    cdef size_t place
    if job.priority_array == NULL or job.priority_array_names == NULL:
        return 0
    size = strlen(job.priority_array_names) + 1
    for place in range(size):
        count += job.priority_array_names[place] == b","
    count = min(count, slurm_xsize(job.priority_array) // sizeof(uint32_t))
    parts = <derived_part_prio_t*> malloc(count * sizeof(derived_part_prio_t) + size)
    if parts == NULL:
        return -1
    text = <char*> (parts + count)
    memcpy(text, job.priority_array_names, size)
    for place in range(count):
        parts[place].part = text
        parts[place].prio = job.priority_array[place]
        comma = strchr(text, b",")
        if comma != NULL:
            comma[0] = 0
            text = comma + 1
    scratch.value = <uint64_t> <size_t> parts
    scratch.count = count
    scratch.owned = parts
    return 0


cdef int selected_step(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef char* text = NULL
    if fmt_job_id_string(<slurm_selected_step_t*> record, &text) != 0:
        slurm_xfree(<void**> &text)
        return -1
    return give_slurm_text(scratch, text)


cdef int sluid(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The text of a job's unique id; none for 0."""
    cdef char text[TEXT_SIZE]
    cdef sluid_t number = (<const sluid_t*> member)[0]
    if number == 0:
        return 0
    text[0] = 0
    print_sluid(number, text, TEXT_SIZE)
    return give_copy(scratch, text)


cdef int job_reason(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """Why a job waits or ended (enum job_state_reason); the text is libslurm's own."""
    cdef uint32_t reason = (<const uint32_t*> member)[0]
    scratch.value = <uint64_t> <size_t> slurm_job_state_reason_string(reason)
    return 0


cdef int signal_name(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The short name of a signal, else its number; none for one that is unset."""
    cdef uint16_t number = (<const uint16_t*> member)[0]
    if number == NO_VAL16:
        return 0
    return give_slurm_text(scratch, sig_num2name(number))


cdef int error_text(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    return give_copy(scratch, slurm_strerror((<const uint32_t*> member)[0]))


cdef int bitmap_text(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return give_slurm_text(scratch, slurm_bit_fmt_full(<bitstr_t*> record))


include "accounted_jobs.pxi"
include "accounting_daemon.pxi"
include "configuration.pxi"
include "job_resources.pxi"
include "shares.pxi"
include "statistics.pxi"


# Hostlists

cdef int hostlist_names(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The names that a hostlist (``c[1-3],d7``) stands for, in its order."""
    cdef const char* text = (<const char**> member)[0]
    cdef hostlist_t* hosts
    cdef char** names
    cdef size_t count
    cdef size_t place
    cdef int rc
    if text == NULL or text[0] == 0:
        return 0
    hosts = slurm_hostlist_create(text)
    if hosts == NULL:
        return -1
    count = slurm_hostlist_count(hosts)
    names = <char**> calloc(count + 1, sizeof(char*))
    if names != NULL:
        for place in range(count):
            names[place] = slurm_hostlist_shift(hosts)
    slurm_hostlist_destroy(hosts)
    if names == NULL:
        return -1
    rc = give_texts(scratch, names, count)
    for place in range(count):
        free(names[place])
    free(names)
    return rc


cdef int hostlist_ranged(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """A hostlist in its shortest form, in its order: ``c[1-3],d7`` for ``c1,c[2-3],d7``."""
    cdef const char* text = (<const char**> member)[0]
    cdef hostlist_t* hosts
    cdef char* ranged
    if text == NULL or text[0] == 0:
        return give_copy(scratch, b"")
    hosts = slurm_hostlist_create(text)
    if hosts == NULL:
        return -1
    ranged = slurm_hostlist_ranged_string_xmalloc(hosts)
    slurm_hostlist_destroy(hosts)
    return give_slurm_text(scratch, ranged)


cdef int give_texts(Scratch* scratch, char** texts, size_t count) noexcept nogil:
    """Copies of the texts, in one block that begins with their addresses."""
    cdef size_t size = count * sizeof(char*)
    cdef size_t length
    cdef size_t place
    cdef char** block
    cdef char* at
    for place in range(count):
        if texts[place] == NULL:
            return -1
        size += strlen(texts[place]) + 1
    block = <char**> malloc(size + 1)
    if block == NULL:
        return -1
    at = <char*> (block + count)
    for place in range(count):
        length = strlen(texts[place]) + 1
        memcpy(at, texts[place], length)
        block[place] = at
        at += length
    scratch.value = <uint64_t> <size_t> block
    scratch.count = count
    scratch.owned = block
    return 0


# Nodes, partitions, controllers

cdef int idle_cpus(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const node_info_t* node = <const node_info_t*> record
    scratch.value = <uint64_t> (<int64_t> node.cpus - node.alloc_cpus)
    return 0


cdef int node_reason_user(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """Who set the reason, while there is one."""
    cdef const node_info_t* node = <const node_info_t*> record
    scratch.value = NO_VAL if node.reason == NULL else node.reason_uid
    return 0


cdef int partition_exclusive(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef const partition_info_t* partition = <const partition_info_t*> record
    cdef const char* word = b"NO"
    if partition.flags & PART_FLAG_EXCLUSIVE_TOPO:
        word = b"TOPO"
    elif (partition.max_share & ~SHARED_FORCE) == 0:
        word = b"NODE"
    elif partition.flags & PART_FLAG_EXCLUSIVE_USER:
        word = b"USER"
    return give_copy(scratch, word)


cdef int partition_oversubscribe(
    const void* member, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef uint16_t share = (<const uint16_t*> member)[0]
    cdef int jobs = share & ~SHARED_FORCE
    cdef char text[TEXT_SIZE]
    if jobs == 0 or (jobs == 1 and not share & SHARED_FORCE):
        return give_copy(scratch, b"NO")
    snprintf(text, TEXT_SIZE, b"FORCE:%d" if share & SHARED_FORCE else b"YES:%d", jobs)
    return give_copy(scratch, text)


cdef int controller_mode(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    cdef int offset = (<const int*> member)[0]
    cdef char text[TEXT_SIZE]
    if offset == 0:
        return give_copy(scratch, b"primary")
    if offset == 1 and slurm_conf.control_cnt == 2:
        return give_copy(scratch, b"backup")
    snprintf(text, TEXT_SIZE, b"backup%d", offset)
    return give_copy(scratch, text)


cdef int controller_is_primary(
    const void* member, Scratch* scratch, const void* tables
) noexcept nogil:
    scratch.value = (<const int*> member)[0] == 0
    return 0


FUNCTIONS = {
    "accounted_stderr": <size_t> &accounted_stderr,
    "accounted_stdin": <size_t> &accounted_stdin,
    "accounted_stdout": <size_t> &accounted_stdout,
    "accounted_user": <size_t> &accounted_user,
    "accounting_rpc_name": <size_t> &accounting_rpc_name,
    "allocated_cores": <size_t> &allocated_cores,
    "allocated_cpus": <size_t> &allocated_cpus,
    "association_of_job": <size_t> &association_of_job,
    "backfill_active": <size_t> &backfill_active,
    "backfill_cycle_mean": <size_t> &backfill_cycle_mean,
    "backfill_depth_mean": <size_t> &backfill_depth_mean,
    "backfill_depth_mean_try": <size_t> &backfill_depth_mean_try,
    "backfill_exits": <size_t> &backfill_exits,
    "backfill_queue_mean": <size_t> &backfill_queue_mean,
    "bitmap_text": <size_t> &bitmap_text,
    "controller_is_primary": <size_t> &controller_is_primary,
    "controller_mode": <size_t> &controller_mode,
    "controllers": <size_t> &controllers,
    "cpu_frequency": <size_t> &cpu_frequency,
    "duration": <size_t> &duration,
    "error_text": <size_t> &error_text,
    "hostlist_names": <size_t> &hostlist_names,
    "hostlist_ranged": <size_t> &hostlist_ranged,
    "idle_cpus": <size_t> &idle_cpus,
    "job_reason": <size_t> &job_reason,
    "job_res_nodes": <size_t> &job_res_nodes,
    "job_res_nodes_by_number": job_res_nodes_by_number,
    "job_stderr": <size_t> &job_stderr,
    "job_stderr_expanded": <size_t> &job_stderr_expanded,
    "job_stderr_or_stdout": <size_t> &job_stderr_or_stdout,
    "job_stdin": <size_t> &job_stdin,
    "job_stdin_expanded": <size_t> &job_stdin_expanded,
    "job_stdout": <size_t> &job_stdout,
    "job_stdout_expanded": <size_t> &job_stdout_expanded,
    "list_for_each": <size_t> &slurm_list_for_each_ro,
    "node_reason_user": <size_t> &node_reason_user,
    "partition_exclusive": <size_t> &partition_exclusive,
    "partition_oversubscribe": <size_t> &partition_oversubscribe,
    "planned_time": <size_t> &planned_time,
    "port_range": <size_t> &port_range,
    "priority_by_partition": <size_t> &priority_by_partition,
    "process_exit_code": <size_t> &process_exit_code,
    "purge_units": <size_t> &purge_units,
    "rollups": <size_t> &rollups,
    "rpc_name": <size_t> &rpc_name,
    "rpcs_by_type": <size_t> &rpcs_by_type,
    "rpcs_by_user": <size_t> &rpcs_by_user,
    "rpcs_pending": <size_t> &rpcs_pending,
    "rpcs_pending_by_host": <size_t> &rpcs_pending_by_host,
    "schedule_cycle_mean": <size_t> &schedule_cycle_mean,
    "schedule_cycle_mean_depth": <size_t> &schedule_cycle_mean_depth,
    "schedule_cycles_per_minute": <size_t> &schedule_cycles_per_minute,
    "schedule_exits": <size_t> &schedule_exits,
    "selected_step": <size_t> &selected_step,
    "shares": <size_t> &shares,
    "shares_group_minutes": <size_t> &shares_group_minutes,
    "shares_run_seconds": <size_t> &shares_run_seconds,
    "shares_usage": <size_t> &shares_usage,
    "signal_name": <size_t> &signal_name,
    "sluid": <size_t> &sluid,
    "step_frequency": <size_t> &step_frequency,
    "step_id_text": <size_t> &step_id_text,
    "step_nodes": <size_t> &step_nodes,
    "step_stderr": <size_t> &step_stderr,
    "step_stdin": <size_t> &step_stdin,
    "step_stdout": <size_t> &step_stdout,
    "user_or_number": <size_t> &user_or_number,
    "wckey_tag": <size_t> &wckey_tag,
}
