# The most and the least that a task of a step used of each TRES, and where that was.

cdef struct Extreme:
    # What three texts say of a TRES: how much, by which task, on which of the step's hosts.
    uint64_t number[3]
    bint given[3]
    uint32_t id
    char* host


cdef enum:
    COUNT, TASK, HOST


cdef int step_tres(
    const slurmdb_step_rec_t* step, const char* counts, const char* tasks, const char* hosts,
    Scratch* scratch, const void* tables,
) noexcept nogil:
    """Three texts by the same ids (``1=90,2=4096``), as records (derived_step_tres_t).

    They come in the order of their ids, without TRES of which all numbers are 0.
    """
    cdef const Tables* known = tables_of(tables)
    cdef size_t most = known.tres_count
    cdef size_t count = most
    cdef size_t place
    cdef const char* texts[3]
    cdef Extreme* extremes
    cdef int rc = 0
    texts[COUNT] = counts
    texts[TASK] = tasks
    texts[HOST] = hosts
    for place in range(3):
        most += parts_of(texts[place])
    if most == count:
        return 0
    extremes = <Extreme*> calloc(most, sizeof(Extreme))
    if extremes == NULL:
        return -1
    for place in range(known.tres_count):
        extremes[place].id = known.tres[place].id
    for place in range(3):
        if rc == 0:
            rc = take_numbers(extremes, &count, known, texts[place], place)
    name_hosts(extremes, count, step.nodes)
    if give_extremes(extremes, count, known, scratch) != 0:
        rc = -1
    for place in range(count):
        free(extremes[place].host)
    free(extremes)
    return rc


cdef size_t parts_of(const char* text) noexcept nogil:
    """How many numbers a text holds at most."""
    cdef size_t parts = 0
    if text != NULL and text[0]:
        parts = 1
        while text[0]:
            parts += text[0] == b","
            text += 1
    return parts


cdef bint is_digit(char letter) noexcept nogil:
    return b"0" <= letter <= b"9"


cdef int take_numbers(
    Extreme* extremes, size_t* count, const Tables* known, const char* text, size_t which
) noexcept nogil:
    """Add the numbers of one text. A TRES that is not known is added behind the others."""
    cdef size_t place
    cdef uint32_t id
    cdef uint64_t number
    cdef char* end
    while text != NULL and text[0]:
        if text[0] == b",":
            text += 1
            continue
        if not is_digit(text[0]):
            return -1
        id = <uint32_t> strtoul(text, &end, 10)
        if end[0] != b"=" or not is_digit(end[1]):
            return -1
        number = strtoull(end + 1, &end, 10)
        if end[0] and end[0] != b",":
            return -1
        text = end
        place = tres_place(known, id)
        if place == known.tres_count or known.tres[place].id != id:
            place = known.tres_count
            while place < count[0] and extremes[place].id != id:
                place += 1
            if place == count[0]:
                extremes[place].id = id
                count[0] += 1
        extremes[place].number[which] = number
        extremes[place].given[which] = True
    return 0


cdef void name_hosts(Extreme* extremes, size_t count, const char* nodes) noexcept nogil:
    """Put the names of hosts beside their numbers, by which they stand in a hostlist."""
    cdef hostlist_t* hosts = NULL
    cdef size_t place
    if nodes == NULL or nodes[0] == 0:
        return
    if strchr(nodes, b",") != NULL or strchr(nodes, b"[") != NULL:
        hosts = slurm_hostlist_create(nodes)
        if hosts == NULL:
            return
    for place in range(count):
        if not extremes[place].given[HOST]:
            continue
        if hosts == NULL:
            if extremes[place].number[HOST] == 0:
                extremes[place].host = strdup(nodes)
        elif extremes[place].number[HOST] < <uint64_t> slurm_hostlist_count(hosts):
            extremes[place].host = slurm_hostlist_nth(hosts, <int> extremes[place].number[HOST])
    if hosts != NULL:
        slurm_hostlist_destroy(hosts)


cdef int give_extremes(
    const Extreme* extremes, size_t count, const Tables* known, Scratch* scratch
) noexcept nogil:
    """Those that say anything; their hosts' names lie behind the records, in the same block."""
    cdef size_t size = 0
    cdef size_t place
    cdef size_t length
    cdef derived_step_tres_t* record
    cdef const slurmdb_tres_rec_t* tres
    cdef char* name
    for place in range(count):
        size += sizeof(derived_step_tres_t)
        if extremes[place].host != NULL:
            size += strlen(extremes[place].host) + 1
    record = <derived_step_tres_t*> calloc(size, 1)
    if record == NULL:
        return -1
    scratch.owned = record
    scratch.value = <uint64_t> <size_t> record
    name = <char*> (record + count)
    for place in range(count):
        if not (
            extremes[place].number[COUNT] or extremes[place].number[TASK]
            or extremes[place].host != NULL
        ):
            continue
        record.id = extremes[place].id
        record.count = <int64_t> extremes[place].number[COUNT]
        record.task = <int64_t> extremes[place].number[TASK]
        tres = find_tres(known, record.id)
        if tres == NULL:
            missing(scratch, b"Unable to find TRES %u", record.id)
        else:
            record.type = tres.type
            record.name = tres.name
        if extremes[place].host != NULL:
            length = strlen(extremes[place].host) + 1
            memcpy(name, extremes[place].host, length)
            record.node = name
            name += length
        scratch.count += 1
        record += 1
    return 0


cdef int step_tres_in_max(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const slurmdb_step_rec_t* step = <const slurmdb_step_rec_t*> record
    return step_tres(
        step, step.stats.tres_usage_in_max, step.stats.tres_usage_in_max_taskid,
        step.stats.tres_usage_in_max_nodeid, scratch, tables,
    )


cdef int step_tres_in_min(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const slurmdb_step_rec_t* step = <const slurmdb_step_rec_t*> record
    return step_tres(
        step, step.stats.tres_usage_in_min, step.stats.tres_usage_in_min_taskid,
        step.stats.tres_usage_in_min_nodeid, scratch, tables,
    )


cdef int step_tres_out_max(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const slurmdb_step_rec_t* step = <const slurmdb_step_rec_t*> record
    return step_tres(
        step, step.stats.tres_usage_out_max, step.stats.tres_usage_out_max_taskid,
        step.stats.tres_usage_out_max_nodeid, scratch, tables,
    )


cdef int step_tres_out_min(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const slurmdb_step_rec_t* step = <const slurmdb_step_rec_t*> record
    return step_tres(
        step, step.stats.tres_usage_out_min, step.stats.tres_usage_out_min_taskid,
        step.stats.tres_usage_out_min_nodeid, scratch, tables,
    )
