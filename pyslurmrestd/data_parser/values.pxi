# The kinds of op: one C value each, in the style of the plan.

cdef enum:
    # Warnings kept of one answer, and the bytes of each. More would only repeat the same few.
    NOTES = 64
    NOTE_SIZE = 512


cdef enum Note:
    NOTE_INFINITE_32, NOTE_NO_VAL_32, NOTE_INFINITE_64, NOTE_NO_VAL_64, NOTE_DOUBLE_NO_VAL
    NOTE_BROKEN, NOTE_DOUBLE_RANGE, NOTE_OWN

# Slurm: an unset number has no JSON form of its own here, so clients are told what stands for it.
NOTE_TEXTS = (
    "Dumping (0xffffffff) as place holder for Infinity",
    "Dumping (0xfffffffe) as place holder for null",
    "Dumping (0xffffffffffffffff) as place holder for Infinity",
    "Dumping (0xfffffffffffffffe) as place holder for null",
    "Dumping (0xfffffffe) as place holder for null",
    "A value could not be worked out from its record and was left empty",
    "A number is beyond the range of JSON numbers and was replaced by Infinity",
)

cdef enum:
    NO_VAL16_ = 0xFFFE
    INFINITE16_ = 0xFFFF

cdef uint32_t NO_VAL32_ = 0xFFFFFFFE
cdef uint32_t INFINITE32_ = 0xFFFFFFFF
cdef uint64_t NO_VAL64_ = 0xFFFFFFFFFFFFFFFE
cdef uint64_t INFINITE64_ = 0xFFFFFFFFFFFFFFFF
# slurm.h MEM_PER_CPU: the bit that makes a memory size one per CPU.
cdef uint64_t PER_CPU = 0x8000000000000000


cdef struct Walk:
    # What is at hand while records are dumped: the output, its style, the warnings so far.
    Buffer out
    const Style* style
    const void* tables
    int notes[NOTES]
    char* note_texts[NOTES]
    int note_count
    bint quiet


cdef void note(Walk* walk, int which) noexcept nogil:
    if not walk.quiet and walk.note_count < NOTES:
        walk.notes[walk.note_count] = which
        walk.note_count += 1


cdef void note_text(Walk* walk, char* text) noexcept nogil:
    """A warning in words of its own; the text is the walk's from here on."""
    if walk.quiet or walk.note_count == NOTES:
        free(text)
        return
    walk.note_texts[walk.note_count] = text
    note(walk, NOTE_OWN)


cdef void free_notes(Walk* walk) noexcept nogil:
    cdef int place
    for place in range(walk.note_count):
        free(walk.note_texts[place])


cdef inline uint64_t read_number(const char* at, int width, bint is_signed) noexcept nogil:
    if width == 4:
        if is_signed:
            return <uint64_t> <int64_t> (<const int32_t*> at)[0]
        return (<const uint32_t*> at)[0]
    if width == 2:
        if is_signed:
            return <uint64_t> <int64_t> (<const int16_t*> at)[0]
        return (<const uint16_t*> at)[0]
    if width == 8:
        return (<const uint64_t*> at)[0]
    if is_signed:
        return <uint64_t> <int64_t> (<const int8_t*> at)[0]
    return (<const uint8_t*> at)[0]


cdef inline long double read_real(const char* at, int width) noexcept nogil:
    if width == 8:
        return (<const double*> at)[0]
    return (<const long double*> at)[0]


cdef inline bint is_infinite(uint64_t value, int width) noexcept nogil:
    if width == 4:
        return value == INFINITE32_
    if width == 2:
        return value == INFINITE16_
    return value == INFINITE64_


cdef inline bint is_unset(uint64_t value, int width) noexcept nogil:
    if width == 4:
        return value == NO_VAL32_
    if width == 2:
        return value == NO_VAL16_
    return value == NO_VAL64_


cdef inline void put_number(Walk* walk, uint64_t value) noexcept nogil:
    """Slurm: beyond 63 bits it comes out signed, so that every client has a type for it."""
    put_text(&walk.out, &walk.style.integer_tag)
    put_signed(&walk.out, <int64_t> value)


cdef inline void put_bool(Walk* walk, bint value) noexcept nogil:
    put_text(&walk.out, &walk.style.true_text if value else &walk.style.false_text)


cdef void put_spelled(Walk* walk, double value) noexcept nogil:
    """A double. Those that JSON has no number for are spelled, so the text stays JSON."""
    if isnan(value):
        put_string(&walk.out, walk.style, b"NaN", 3)
    elif isinf(value):
        if value > 0:
            put_string(&walk.out, walk.style, b"Infinity", 8)
        else:
            put_string(&walk.out, walk.style, b"-Infinity", 9)
    else:
        put_text(&walk.out, &walk.style.number_tag)
        put_double(&walk.out, value)


cdef void put_n(Walk* walk, const Op* op, uint64_t value, int state) noexcept nogil:
    """{set, infinite, number}; state 0 is unset, 1 infinite, 2 a number."""
    if op.is_complex:
        if state == 0:
            put_text(&walk.out, &walk.style.null_text)
        elif state == 1:
            put_string(&walk.out, walk.style, b"Infinity", 8)
        else:
            put_number(walk, value)
    elif state == 0:
        put_text(&walk.out, &op.text[N_UNSET])
    elif state == 1:
        put_text(&walk.out, &op.text[N_INFINITE])
    else:
        put_text(&walk.out, &op.text[N_BEFORE])
        put_number(walk, value)
        put_text(&walk.out, &op.text[N_AFTER])


cdef inline void put_separator(Walk* walk, const Op* op, bint first) noexcept nogil:
    if first:
        put_text(&walk.out, &op.text[LIST_OPEN])
        put_text(&walk.out, &op.text[LIST_FIRST])
    else:
        put_text(&walk.out, &op.text[LIST_NEXT])


cdef inline void put_list_end(Walk* walk, const Op* op, bint empty) noexcept nogil:
    put_text(&walk.out, &op.text[TEXT_EMPTY] if empty else &op.text[LIST_CLOSE])


cdef void put_csv(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef const char* text = (<const char* const*> at)[0]
    cdef const char* start = text
    cdef bint first = True
    if text != NULL:
        while True:
            if text[0] == b"," or text[0] == 0:
                if text != start:
                    put_separator(walk, op, first)
                    put_string(&walk.out, walk.style, start, text - start)
                    first = False
                start = text + 1
                if text[0] == 0:
                    break
            text += 1
    put_list_end(walk, op, first)


cdef void put_flags(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """Words in table order. A matched whole value hides the bits under its mask."""
    cdef uint64_t value = read_number(at, op.width, False)
    cdef uint64_t covered = 0
    cdef const Flag* flag
    cdef bint first = True
    cdef int place
    for place in range(op.flag_count):
        flag = &op.flags[place]
        if flag.whole:
            if (value & flag.mask) != flag.value:
                continue
            covered |= flag.mask
        elif (value & flag.value) != flag.value or (covered & flag.mask):
            continue
        if op.is_word:
            put_text(&walk.out, &flag.text)
            return
        put_separator(walk, op, first)
        put_text(&walk.out, &flag.text)
        first = False
    if op.is_word:
        put_string(&walk.out, walk.style, b"", 0)
    else:
        put_list_end(walk, op, first)


cdef const Text* name_text(const Op* op, uint64_t value) noexcept nogil:
    """The text of a number, by binary search; NULL for one that has none."""
    cdef int low = 0
    cdef int high = op.name_count
    cdef int middle
    while low < high:
        middle = (low + high) // 2
        if op.names[middle].number < value:
            low = middle + 1
        else:
            high = middle
    if low < op.name_count and op.names[low].number == value:
        return &op.names[low].text
    return NULL


cdef void put_name(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef const Text* text = name_text(op, read_number(at, op.width, op.is_signed))
    put_text(&walk.out, &op.text[TEXT_EMPTY] if text == NULL else text)


cdef void put_name_or_number(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, op.width, op.is_signed)
    cdef const Text* text = name_text(op, value)
    cdef char digits[24]
    cdef int length
    if text != NULL:
        put_text(&walk.out, text)
    else:
        length = snprintf(digits, sizeof(digits), "%lld", <long long> value)
        put_string(&walk.out, walk.style, digits, length)


cdef void put_user(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef char name[NAME_SIZE]
    cdef uint32_t number = <uint32_t> read_number(at, op.width, False)
    put_string(&walk.out, walk.style, name, name_of(number, False, op.number[NOBODY], name))


cdef void put_group(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef char name[NAME_SIZE]
    cdef uint32_t number = <uint32_t> read_number(at, op.width, False)
    cdef int length = name_of(number, True, op.number[NOBODY], name)
    # Slurm: +complex has a null for an unknown group only.
    if length == 0 and op.is_complex:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_string(&walk.out, walk.style, name, length)


cdef inline void put_value(Walk* walk, const Op* op, const char* record) noexcept nogil:
    """The value of one op from its record."""
    op.put(walk, op, record + op.offset)


cdef void put_struct(Walk* walk, const Op* op, const char* record) noexcept nogil:
    cdef int place
    put_text(&walk.out, &op.text[OBJECT_OPEN])
    for place in range(op.count):
        put_text(&walk.out, &op.ops[place].key)
        put_value(walk, &op.ops[place], record)
    put_text(&walk.out, &op.text[OBJECT_CLOSE])


cdef void put_pointer(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef const char* target = (<const char* const*> at)[0]
    if target == NULL:
        put_text(&walk.out, &op.text[TEXT_NULL])
    else:
        put_value(walk, op.ops, target)


cdef bint is_zero(const char* at, size_t size) noexcept nogil:
    cdef size_t place
    for place in range(size):
        if at[place] != 0:
            return False
    return True


cdef inline bint put_null_list(Walk* walk, const Op* op, const void* items) noexcept nogil:
    """Null for an array that is not there, where it may be null."""
    if items == NULL and op.text[TEXT_NULL].size:
        put_text(&walk.out, &op.text[TEXT_NULL])
        return True
    return False


cdef struct ListWalk:
    Walk* walk
    const Op* op
    bint first


cdef int put_list_item(void* item, void* list_walk) noexcept nogil:
    cdef ListWalk* state = <ListWalk*> list_walk
    put_separator(state.walk, state.op, state.first)
    put_value(state.walk, state.op.ops, <const char*> &item)
    state.first = False
    return 0


cdef void put_slurm_list(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """A ``list_t``: its elements are pointers, each dumped as if it lay in a member."""
    cdef void* items = (<void* const*> at)[0]
    cdef ListWalk state
    state.walk = walk
    state.op = op
    state.first = True
    if put_null_list(walk, op, items):
        return
    if items != NULL:
        op.for_each(items, &put_list_item, &state)
    put_list_end(walk, op, state.first)


cdef void put_counted(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """An array behind a pointer that a member beside it counts."""
    cdef const char* items = (<const char* const*> at)[0]
    cdef uint64_t count = 0
    cdef uint64_t place
    if put_null_list(walk, op, items):
        return
    if items != NULL:
        count = read_number(at + op.count_offset, op.count_width, False)
    for place in range(count):
        put_separator(walk, op, place == 0)
        put_value(walk, op.ops, items + place * op.stride)
    put_list_end(walk, op, count == 0)


cdef void put_ended(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """An array behind a pointer that ends at an element of zeros: a record, or a NULL pointer."""
    cdef const char* items = (<const char* const*> at)[0]
    cdef const char* item = items
    if put_null_list(walk, op, items):
        return
    while item != NULL and not is_zero(item, op.stride):
        put_separator(walk, op, item == items)
        put_value(walk, op.ops, item)
        item += op.stride
    put_list_end(walk, op, item == items)


cdef void put_strings(Walk* walk, const Op* op, const char* at) noexcept nogil:
    if op.count_width:
        put_counted(walk, op, at)
    else:
        put_ended(walk, op, at)


cdef void put_derived(Walk* walk, const Op* op, const char* record) noexcept nogil:
    cdef Scratch scratch
    memset(&scratch, 0, sizeof(Scratch))
    cdef int rc = op.derive(record, &scratch, walk.tables)
    if scratch.note != NULL:
        note_text(walk, scratch.note)
    elif rc != 0:
        note(walk, NOTE_BROKEN)
    put_value(walk, op.ops, <const char*> &scratch)
    free(scratch.owned)


cdef void put_c_string(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef const char* text = (<const char* const*> at)[0]
    if text != NULL:
        put_string(&walk.out, walk.style, text, strlen(text))
    elif op.is_complex:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_string(&walk.out, walk.style, b"", 0)


cdef void put_plain_number(Walk* walk, const Op* op, const char* at) noexcept nogil:
    put_number(walk, read_number(at, op.width, op.is_signed))


cdef void put_truth(Walk* walk, const Op* op, const char* at) noexcept nogil:
    put_bool(walk, not is_zero(at, op.width))


cdef void put_no_val_bool(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, op.width, False)
    if not is_unset(value, op.width):
        put_bool(walk, value != 0)
    elif op.is_complex:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_bool(walk, False)


cdef void put_no_val(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, op.width, op.is_signed)
    if is_infinite(value, op.width):
        put_n(walk, op, 0, 1)
    elif is_unset(value, op.width):
        put_n(walk, op, 0, 0)
    else:
        put_n(walk, op, value, 2)


cdef void put_no_val_double(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef double value = <double> read_real(at, op.width)
    cdef bint endless = isinf(value) or value == <double> INFINITE64_
    cdef bint infinite = value == <double> INFINITE32_
    cdef bint unset = isnan(value) or value == <double> NO_VAL32_
    if endless and (op.is_complex or op.number[ENDLESS] == ENDLESS_INFINITE):
        infinite = True
    if infinite or unset:
        put_n(walk, op, 0, 1 if infinite else 0)
    elif endless:
        if op.number[ENDLESS] == ENDLESS_MARKED:
            note(walk, NOTE_INFINITE_64)
        put_text(&walk.out, &op.text[N_BEFORE])
        put_spelled(walk, <double> INFINITE64_)
        put_text(&walk.out, &op.text[N_AFTER])
    elif op.is_complex:
        put_spelled(walk, value)
    else:
        put_text(&walk.out, &op.text[N_BEFORE])
        put_spelled(walk, value)
        put_text(&walk.out, &op.text[N_AFTER])


cdef void put_timestamp_no_val(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, op.width, False)
    # A time_t is signed and 64 bits wide, but Slurm also leaves its 32-bit marks in it.
    if value == INFINITE64_ or value == INFINITE32_:
        put_n(walk, op, 0, 1)
    elif value == NO_VAL64_ or value == NO_VAL32_:
        put_n(walk, op, 0, 0)
    else:
        put_n(walk, op, value, 2)


cdef void put_memory_per_cpu(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, 8, False)
    # Slurm: NO_VAL64 has the bit, so an unset size shows as set here.
    put_n(walk, op, value & ~PER_CPU, 2 if value & PER_CPU else 0)


cdef void put_memory_per_node(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, 8, False)
    put_n(walk, op, value, 0 if value & PER_CPU else 2)


cdef void put_part(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """A number that shares its member with marks; op.number says which."""
    cdef uint64_t value = read_number(at, op.width, False)
    if (value & op.number[PART_ONLY]) != op.number[PART_SET]:
        value = 0
    elif op.is_signed and is_unset(value, op.width):
        value = 0
    else:
        value = (value & op.number[PART_KEEP]) - op.number[PART_ZERO]
    if op.number[PART_IS_ZERO]:
        put_bool(walk, value == 0)
    else:
        put_number(walk, value)


cdef void put_constant(Walk* walk, const Op* op, const char* at) noexcept nogil:
    put_text(&walk.out, &op.text[CONSTANT])


cdef void put_double_spelled(Walk* walk, const Op* op, const char* at) noexcept nogil:
    put_spelled(walk, <double> read_real(at, op.width))


cdef void put_null_number(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef uint64_t value = read_number(at, op.width, False)
    if is_infinite(value, op.width) or is_unset(value, op.width):
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_number(walk, value)


cdef void put_marked_number(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """A number that may be a sentinel, and then comes with a warning that it is one."""
    cdef uint64_t value = read_number(at, op.width, False)
    cdef bint infinite = is_infinite(value, op.width)
    if not infinite and not is_unset(value, op.width):
        put_number(walk, value)
    elif op.is_complex and infinite:
        put_string(&walk.out, walk.style, b"Infinity", 8)
    elif op.is_complex and op.width == 8:
        # Slurm: +complex has no null for an unset 64-bit number.
        put_number(walk, value)
    elif op.is_complex:
        put_text(&walk.out, &walk.style.null_text)
    else:
        # Slurm: 64-bit placeholders come out signed, as -1 and -2.
        put_number(walk, value)
        if op.width == 8:
            note(walk, NOTE_INFINITE_64 if infinite else NOTE_NO_VAL_64)
        elif op.width == 4:
            note(walk, NOTE_INFINITE_32 if infinite else NOTE_NO_VAL_32)


cdef void put_null_double(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """A number whose 32-bit marks (what it is when cut to 32 bits) are null."""
    cdef double value = <double> read_real(at, op.width)
    if <double> NO_VAL32_ <= value < <double> INFINITE32_ + 1:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_spelled(walk, value)


cdef void put_marked_double(Walk* walk, const Op* op, const char* at) noexcept nogil:
    cdef long double real = read_real(at, op.width)
    cdef double value = <double> real
    cdef bint beyond = isinf(value) and not isinf(real)
    cdef bint infinite = isinf(value) or value == <double> INFINITE64_
    cdef bint unset = isnan(value) or value == <double> NO_VAL32_
    if beyond:
        note(walk, NOTE_DOUBLE_RANGE)
        put_spelled(walk, value)
    elif not infinite and not unset:
        put_spelled(walk, value)
    elif op.is_complex:
        if infinite:
            put_string(&walk.out, walk.style, b"Infinity", 8)
        else:
            put_text(&walk.out, &walk.style.null_text)
    else:
        note(walk, NOTE_INFINITE_64 if infinite else NOTE_DOUBLE_NO_VAL)
        put_spelled(walk, <double> INFINITE64_ if infinite else <double> NO_VAL32_)


cdef void put_python(Walk* walk, const Op* op, const char* at) noexcept nogil:
    """The slow kind: a Python function turns the record's address into data."""
    cdef size_t used = walk.out.used
    with gil:
        try:
            data = (<object> op.python)(<size_t> at)
            put_data(&walk.out, walk.style, data, op.depth)
        except Exception:
            note(walk, NOTE_BROKEN)
            walk.out.used = used
            put_text(&walk.out, &walk.style.null_text)


# A kind's function by its name; the op of each is made in kinds.py, or by the planner itself.
KINDS = {
    "bool": <size_t> &put_truth,
    "constant": <size_t> &put_constant,
    "counted": <size_t> &put_counted,
    "csv": <size_t> &put_csv,
    "derived": <size_t> &put_derived,
    "double": <size_t> &put_double_spelled,
    "ended": <size_t> &put_ended,
    "flag": <size_t> &put_flags,
    "flags": <size_t> &put_flags,
    "group": <size_t> &put_group,
    "list": <size_t> &put_slurm_list,
    "marked_double": <size_t> &put_marked_double,
    "marked_number": <size_t> &put_marked_number,
    "memory_per_cpu": <size_t> &put_memory_per_cpu,
    "memory_per_node": <size_t> &put_memory_per_node,
    "name": <size_t> &put_name,
    "name_or_number": <size_t> &put_name_or_number,
    "no_val": <size_t> &put_no_val,
    "no_val_bool": <size_t> &put_no_val_bool,
    "no_val_double": <size_t> &put_no_val_double,
    "null_double": <size_t> &put_null_double,
    "null_number": <size_t> &put_null_number,
    "number": <size_t> &put_plain_number,
    "part": <size_t> &put_part,
    "pointer": <size_t> &put_pointer,
    "pointers": <size_t> &put_ended,
    "python": <size_t> &put_python,
    "string": <size_t> &put_c_string,
    "strings": <size_t> &put_strings,
    "struct": <size_t> &put_struct,
    "timestamp_no_val": <size_t> &put_timestamp_no_val,
    "user": <size_t> &put_user,
}
