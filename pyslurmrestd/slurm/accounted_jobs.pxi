# Jobs and their steps as slurmdbd keeps them.

ctypedef char* (*expand_function)(char* path, const void* record) noexcept nogil


cdef int accounted_path(
    expand_function function, char* path, const void* record, Scratch* scratch
) noexcept nogil:
    """A path with its patterns filled in; see user_names for the lock."""
    cdef char* whole
    if path == NULL or path[0] == 0:
        return 0
    PyThread_acquire_lock(user_names, WAIT_LOCK)
    whole = function(path, record)
    PyThread_release_lock(user_names)
    return give_slurm_text(scratch, whole)


cdef int accounted_job_path(char* path, const void* record, Scratch* scratch) noexcept nogil:
    return accounted_path(
        <expand_function> slurmdb_expand_job_stdio_fields, path, record, scratch
    )


cdef int accounted_step_path(char* path, const void* record, Scratch* scratch) noexcept nogil:
    if (<const slurmdb_step_rec_t*> record).job_ptr == NULL:
        return give_copy(scratch, path)
    return accounted_path(
        <expand_function> slurmdb_expand_step_stdio_fields, path, record, scratch
    )


cdef int accounted_stdin(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_job_path((<const slurmdb_job_rec_t*> record).std_in, record, scratch)


cdef int accounted_stdout(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_job_path((<const slurmdb_job_rec_t*> record).std_out, record, scratch)


cdef int accounted_stderr(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_job_path((<const slurmdb_job_rec_t*> record).std_err, record, scratch)


cdef int step_stdin(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_step_path((<const slurmdb_step_rec_t*> record).std_in, record, scratch)


cdef int step_stdout(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_step_path((<const slurmdb_step_rec_t*> record).std_out, record, scratch)


cdef int step_stderr(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return accounted_step_path((<const slurmdb_step_rec_t*> record).std_err, record, scratch)


cdef int accounted_user(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """The name in the database, else that of the number."""
    cdef const slurmdb_job_rec_t* job = <const slurmdb_job_rec_t*> record
    if job.user != NULL and job.user[0]:
        scratch.value = <uint64_t> <size_t> job.user
        return 0
    return give_slurm_text(scratch, uid_to_string_or_null(job.uid))


cdef int planned_time(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """Seconds between when a job could start and when it did, ended without a start, or now."""
    cdef const slurmdb_job_rec_t* job = <const slurmdb_job_rec_t*> record
    cdef time_t until = job.start
    if job.eligible == 0 or job.eligible == INFINITE:
        return 0
    if job.start == NO_VAL and job.end:
        until = job.end
    elif job.start == 0:
        until = time(NULL)
    scratch.value = <uint64_t> (until - job.eligible)
    return 0


cdef int association_of_job(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    """An association of which the cluster and the number are all that is known."""
    cdef const slurmdb_job_rec_t* job = <const slurmdb_job_rec_t*> record
    cdef slurmdb_assoc_rec_t* association = <slurmdb_assoc_rec_t*> give_records(
        scratch, 1, sizeof(slurmdb_assoc_rec_t)
    )
    if association == NULL:
        return -1
    association.cluster = job.cluster
    association.id = job.associd
    return 0


cdef int wckey_tag(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """A wckey; a star before it marks one that was chosen for want of another."""
    cdef char* text = (<char* const*> member)[0]
    cdef derived_wckey_tag_t* tag
    if text == NULL:
        return 0
    tag = <derived_wckey_tag_t*> give_records(scratch, 1, sizeof(derived_wckey_tag_t))
    if tag == NULL:
        return -1
    tag.flags = text[0] == b"*"
    tag.wckey = text + 1 if tag.flags else text
    return 0


cdef int step_id_text(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """``123.batch``, ``123.0``."""
    cdef slurm_selected_step_t selected
    memset(&selected, 0, sizeof(selected))
    selected.array_task_id = selected.het_job_offset = NO_VAL
    selected.step_id = (<const slurm_step_id_t*> member)[0]
    return selected_step(&selected, scratch, tables)


cdef int step_nodes(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    return hostlist_names(&(<const slurmdb_step_rec_t*> record).nodes, scratch, tables)


cdef int step_frequency(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """A mean CPU frequency, in whole kHz; 0 where it was not measured."""
    cdef double frequency = (<const double*> member)[0]
    if 0 < frequency < <double> NO_VAL:
        scratch.value = <uint64_t> (frequency + 0.5)
    return 0
