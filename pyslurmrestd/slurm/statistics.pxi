# Statistics of the controller (stats_info_response_msg_t): means, and arrays that lie beside one another.

cdef enum:
    # Places in schedule_exit and bf_exit (enums schedule_exit_t and bf_exit_t of slurmctld).
    SCHEDULE_EXIT_END = 0
    SCHEDULE_EXIT_MAX_DEPTH = 1
    SCHEDULE_EXIT_MAX_JOB_START = 2
    SCHEDULE_EXIT_LIC = 3
    SCHEDULE_EXIT_RPC_CNT = 4
    SCHEDULE_EXIT_TIMEOUT = 5
    BF_EXIT_END = 0
    BF_EXIT_MAX_JOB_START = 1
    BF_EXIT_MAX_JOB_TEST = 2
    BF_EXIT_STATE_CHANGED = 3
    BF_EXIT_TABLE_LIMIT = 4
    BF_EXIT_TIMEOUT = 5


cdef int give_mean(Scratch* scratch, uint64_t total, uint64_t count) noexcept nogil:
    """A whole number; 0 of nothing."""
    scratch.value = total // count if count else 0
    return 0


cdef int schedule_cycle_mean(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.schedule_cycle_sum, stats.schedule_cycle_counter)


cdef int schedule_cycle_mean_depth(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.schedule_cycle_depth, stats.schedule_cycle_counter)


cdef int schedule_cycles_per_minute(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    """Of whole minutes; 0 before the first has passed."""
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef int64_t seconds = stats.req_time - stats.req_time_start
    return give_mean(scratch, stats.schedule_cycle_counter, max(seconds, 0) // 60)


cdef int backfill_cycle_mean(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.bf_cycle_sum, stats.bf_cycle_counter)


cdef int backfill_depth_mean(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.bf_depth_sum, stats.bf_cycle_counter)


cdef int backfill_depth_mean_try(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.bf_depth_try_sum, stats.bf_cycle_counter)


cdef int backfill_queue_mean(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    return give_mean(scratch, stats.bf_queue_len_sum, stats.bf_cycle_counter)


cdef int backfill_active(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    scratch.value = (<const stats_info_response_msg_t*> record).bf_active != 0
    return 0


cdef uint32_t counted_at(const uint32_t* counts, uint32_t size, uint32_t place) noexcept nogil:
    return counts[place] if place < size else 0


cdef int schedule_exits(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef const uint32_t* counts = stats.schedule_exit
    cdef uint32_t size = as_many(stats.schedule_exit_cnt, counts, sizeof(uint32_t))
    cdef derived_schedule_exit_t* told
    told = <derived_schedule_exit_t*> give_records(scratch, 1, sizeof(derived_schedule_exit_t))
    if told == NULL:
        return -1
    told.end_job_queue = counted_at(counts, size, SCHEDULE_EXIT_END)
    told.default_queue_depth = counted_at(counts, size, SCHEDULE_EXIT_MAX_DEPTH)
    told.max_job_start = counted_at(counts, size, SCHEDULE_EXIT_MAX_JOB_START)
    told.licenses = counted_at(counts, size, SCHEDULE_EXIT_LIC)
    told.max_rpc_cnt = counted_at(counts, size, SCHEDULE_EXIT_RPC_CNT)
    told.max_sched_time = counted_at(counts, size, SCHEDULE_EXIT_TIMEOUT)
    return 0


cdef int backfill_exits(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef const uint32_t* counts = stats.bf_exit
    cdef uint32_t size = as_many(stats.bf_exit_cnt, counts, sizeof(uint32_t))
    cdef derived_bf_exit_t* told
    told = <derived_bf_exit_t*> give_records(scratch, 1, sizeof(derived_bf_exit_t))
    if told == NULL:
        return -1
    told.end_job_queue = counted_at(counts, size, BF_EXIT_END)
    told.bf_max_job_start = counted_at(counts, size, BF_EXIT_MAX_JOB_START)
    told.bf_max_job_test = counted_at(counts, size, BF_EXIT_MAX_JOB_TEST)
    told.state_changed = counted_at(counts, size, BF_EXIT_STATE_CHANGED)
    told.bf_node_space_size = counted_at(counts, size, BF_EXIT_TABLE_LIMIT)
    told.bf_max_time = counted_at(counts, size, BF_EXIT_TIMEOUT)
    return 0


cdef int rpcs_by_type(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef uint32_t count = as_many(stats.rpc_type_size, stats.rpc_type_id, sizeof(uint16_t))
    cdef uint32_t queues = 0
    cdef derived_rpc_type_t* rpcs
    cdef uint32_t place
    count = as_many(count, stats.rpc_type_cnt, sizeof(uint32_t))
    count = as_many(count, stats.rpc_type_time, sizeof(uint64_t))
    if stats.rpc_queue_enabled:
        queues = as_many(count, stats.rpc_type_queued, sizeof(uint16_t))
        queues = as_many(queues, stats.rpc_type_dropped, sizeof(uint64_t))
        queues = as_many(queues, stats.rpc_type_cycle_last, sizeof(uint16_t))
        queues = as_many(queues, stats.rpc_type_cycle_max, sizeof(uint16_t))
    rpcs = <derived_rpc_type_t*> give_records(scratch, count, sizeof(derived_rpc_type_t))
    if rpcs == NULL:
        return -1
    for place in range(count):
        rpcs[place].id = stats.rpc_type_id[place]
        rpcs[place].count = stats.rpc_type_cnt[place]
        rpcs[place].time = stats.rpc_type_time[place]
        if rpcs[place].count:
            rpcs[place].mean = rpcs[place].time // rpcs[place].count
        rpcs[place].average_time = (
            rpcs[place].mean if rpcs[place].count and rpcs[place].time else NO_VAL64
        )
        if place < queues:
            rpcs[place].queued = stats.rpc_type_queued[place]
            rpcs[place].dropped = stats.rpc_type_dropped[place]
            rpcs[place].cycle_last = stats.rpc_type_cycle_last[place]
            rpcs[place].cycle_max = stats.rpc_type_cycle_max[place]
    return 0


cdef int rpcs_by_user(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef uint32_t count = as_many(stats.rpc_user_size, stats.rpc_user_id, sizeof(uint32_t))
    cdef derived_rpc_user_t* rpcs
    cdef uint32_t place
    count = as_many(count, stats.rpc_user_cnt, sizeof(uint32_t))
    count = as_many(count, stats.rpc_user_time, sizeof(uint64_t))
    rpcs = <derived_rpc_user_t*> give_records(scratch, count, sizeof(derived_rpc_user_t))
    if rpcs == NULL:
        return -1
    for place in range(count):
        rpcs[place].id = stats.rpc_user_id[place]
        rpcs[place].count = stats.rpc_user_cnt[place]
        rpcs[place].time = stats.rpc_user_time[place]
        if rpcs[place].count:
            rpcs[place].mean = rpcs[place].time // rpcs[place].count
        rpcs[place].average_time = (
            rpcs[place].mean if rpcs[place].count and rpcs[place].time else NO_VAL64
        )
    return 0


cdef int rpcs_pending(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef derived_rpc_queue_t* rpcs
    cdef uint32_t count, place
    count = as_many(stats.rpc_queue_type_count, stats.rpc_queue_type_id, sizeof(uint32_t))
    count = as_many(count, stats.rpc_queue_count, sizeof(uint32_t))
    rpcs = <derived_rpc_queue_t*> give_records(scratch, count, sizeof(derived_rpc_queue_t))
    if rpcs == NULL:
        return -1
    for place in range(count):
        rpcs[place].id = <uint16_t> stats.rpc_queue_type_id[place]
        rpcs[place].count = stats.rpc_queue_count[place]
    return 0


cdef int rpcs_pending_by_host(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef const stats_info_response_msg_t* stats = <const stats_info_response_msg_t*> record
    cdef uint32_t count = as_many(stats.rpc_dump_count, stats.rpc_dump_types, sizeof(uint32_t))
    cdef derived_rpc_dump_t* rpcs
    cdef uint32_t place
    count = as_many(count, stats.rpc_dump_hostlist, sizeof(char*))
    rpcs = <derived_rpc_dump_t*> give_records(scratch, count, sizeof(derived_rpc_dump_t))
    if rpcs == NULL:
        return -1
    for place in range(count):
        rpcs[place].id = <uint16_t> stats.rpc_dump_types[place]
        rpcs[place].hostlist = stats.rpc_dump_hostlist[place]
    return 0


cdef int rpc_name(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The name of a kind of message; its number if libslurm has none for it."""
    cdef uint16_t number = (<const uint16_t*> member)[0]
    cdef const char* name = rpc_num2string(number)
    # Digits lie in memory that all threads share.
    if name == NULL or b"0" <= name[0] <= b"9":
        return give_number(scratch, number)
    return give_copy(scratch, name)


cdef int user_or_number(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    cdef uint32_t number = (<const uint32_t*> member)[0]
    cdef char* name = uid_to_string_or_null(number)
    if name == NULL:
        return give_number(scratch, number)
    return give_slurm_text(scratch, name)


cdef int give_number(Scratch* scratch, uint32_t number) noexcept nogil:
    """The digits of a number, as a text."""
    cdef char digits[16]
    snprintf(digits, sizeof(digits), "%u", number)
    return give_copy(scratch, digits)
