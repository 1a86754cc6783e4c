# slurm.conf (slurm_conf_t): what libslurm has words for, and arrays that lie beside one another.

cdef int cpu_frequency(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """A frequency with its unit, or the word for one; none for an unset one."""
    cdef char text[TEXT_SIZE]
    text[0] = 0
    cpu_freq_to_string(text, TEXT_SIZE, (<const uint32_t*> member)[0])
    return give_copy(scratch, text)


cdef int duration(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """Seconds as ``[D-]HH:MM:SS``."""
    cdef char text[TEXT_SIZE]
    text[0] = 0
    secs2time_str((<const uint32_t*> member)[0], text, TEXT_SIZE)
    return give_copy(scratch, text)


cdef int controllers(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    cdef const slurm_conf_t* conf = <const slurm_conf_t*> record
    cdef uint32_t count = as_many(conf.control_cnt, conf.control_machine, sizeof(char*))
    cdef derived_controller_t* told
    cdef uint32_t place
    count = as_many(count, conf.control_addr, sizeof(char*))
    told = <derived_controller_t*> give_records(scratch, count, sizeof(derived_controller_t))
    if told == NULL:
        return -1
    for place in range(count):
        told[place].addr = conf.control_addr[place]
        told[place].machine = conf.control_machine[place]
    return 0


cdef int port_range(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The two ends of a range, if there is one."""
    cdef const uint16_t* ends = (<const uint16_t**> member)[0]
    cdef derived_port_range_t* told
    told = <derived_port_range_t*> give_records(scratch, 1, sizeof(derived_port_range_t))
    if told == NULL:
        return -1
    if as_many(2, ends, sizeof(uint16_t)) == 2 and ends[0] and ends[1]:
        told.min = ends[0]
        told.max = ends[1]
        told.set = True
    return 0
