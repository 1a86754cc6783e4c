# What slurmdbd tells of itself: kinds of messages, its rollups, and when it purges what.

cdef int accounting_rpc_name(
    const void* member, Scratch* scratch, const void* tables
) noexcept nogil:
    """The name of a kind of message, or its number as libslurm writes it."""
    cdef uint32_t number = (<const uint32_t*> member)[0]
    cdef const char* name = slurmdbd_msg_type_2_str(number, 1)
    cdef char text[TEXT_SIZE]
    # Numbers lie in memory that all threads share.
    if name == NULL or strchr(name, b"=") != NULL:
        snprintf(text, TEXT_SIZE, b"MsgType=%u", number)
        name = text
    return give_copy(scratch, name)


cdef int rollups(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """Of the three periods those in which there was any."""
    cdef const slurmdb_rollup_stats_t* stats = <const slurmdb_rollup_stats_t*> record
    cdef derived_rollup_t* told
    cdef size_t count = 0
    cdef int period
    told = <derived_rollup_t*> give_records(scratch, DBD_ROLLUP_COUNT, sizeof(derived_rollup_t))
    if told == NULL:
        return -1
    for period in range(DBD_ROLLUP_COUNT):
        if stats.time_total[period] == 0:
            continue
        told[count].period = period
        told[count].last_run = stats.timestamp[period]
        told[count].last_cycle = stats.time_last[period]
        told[count].max_cycle = stats.time_max[period]
        told[count].total_time = stats.time_total[period]
        told[count].total_cycles = stats.count[period]
        told[count].mean_cycles = stats.time_total[period] // max(stats.count[period], 1)
        count += 1
    scratch.count = count
    return 0


cdef int purge_units(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """An age in the one unit that it was given in; none for what is never purged."""
    cdef uint32_t age = (<const uint32_t*> member)[0]
    cdef derived_purge_units_t* told
    told = <derived_purge_units_t*> give_records(scratch, 1, sizeof(derived_purge_units_t))
    if told == NULL:
        return -1
    if age == NO_VAL:
        return 0
    told.set = True
    told.archive = (age & SLURMDB_PURGE_ARCHIVE) != 0
    if age & SLURMDB_PURGE_HOURS:
        told.hours = age & SLURMDB_PURGE_BASE
    elif age & SLURMDB_PURGE_DAYS:
        told.days = age & SLURMDB_PURGE_BASE
    elif age & SLURMDB_PURGE_MONTHS:
        told.months = age & SLURMDB_PURGE_BASE
    return 0
