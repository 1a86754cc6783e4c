# Shares of associations (shares_response_msg_t): each with the TRES that its message names once for all.

cdef struct SharesWalk:
    derived_shares_t* next
    const shares_response_msg_t* message


cdef int take_shares(void* item, void* argument) noexcept nogil:
    cdef SharesWalk* walk = <SharesWalk*> argument
    walk.next.obj = (<const assoc_shares_object_t*> item)[0]
    walk.next.tres_cnt = walk.message.tres_cnt
    walk.next.tres_names = walk.message.tres_names
    walk.next += 1
    return 0


cdef int shares(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const shares_response_msg_t* message = <const shares_response_msg_t*> record
    cdef SharesWalk walk
    if message.assoc_shares_list == NULL:
        if slurm_conf.accounting_storage_type == NULL:
            scratch.note = strdup(
                b"Shares list is empty because slurm accounting storage is disabled."
            )
        return 0
    walk.message = message
    walk.next = <derived_shares_t*> give_records(
        scratch, slurm_list_count(message.assoc_shares_list), sizeof(derived_shares_t)
    )
    if walk.next == NULL:
        return -1
    slurm_list_for_each_ro(message.assoc_shares_list, take_shares, &walk)
    return 0


cdef int shares_numbers(
    const derived_shares_t* shares, const uint64_t* numbers, Scratch* scratch
) noexcept nogil:
    cdef uint32_t count = as_many(shares.tres_cnt, shares.tres_names, sizeof(char*))
    cdef derived_shares_number_t* told
    cdef uint32_t place
    count = as_many(count, numbers, sizeof(uint64_t))
    told = <derived_shares_number_t*> give_records(
        scratch, count, sizeof(derived_shares_number_t)
    )
    if told == NULL:
        return -1
    for place in range(count):
        told[place].name = shares.tres_names[place]
        told[place].value = numbers[place]
    return 0


cdef int shares_run_seconds(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const derived_shares_t* shares = <const derived_shares_t*> record
    return shares_numbers(shares, shares.obj.tres_run_secs, scratch)


cdef int shares_group_minutes(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    cdef const derived_shares_t* shares = <const derived_shares_t*> record
    return shares_numbers(shares, shares.obj.tres_grp_mins, scratch)


cdef int shares_usage(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const derived_shares_t* shares = <const derived_shares_t*> record
    cdef uint32_t count = as_many(shares.tres_cnt, shares.tres_names, sizeof(char*))
    cdef derived_shares_usage_t* told
    cdef uint32_t place
    count = as_many(count, shares.obj.usage_tres_raw, sizeof(long double))
    told = <derived_shares_usage_t*> give_records(scratch, count, sizeof(derived_shares_usage_t))
    if told == NULL:
        return -1
    for place in range(count):
        told[place].name = shares.tres_names[place]
        told[place].value = shares.obj.usage_tres_raw[place]
    return 0
