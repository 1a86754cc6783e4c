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
    # job_desc_msg_t.core_spec: the bit that makes it count threads.
    CORE_SPEC_THREAD = 0x8000

cdef uint32_t NO_VAL32_ = 0xFFFFFFFE
cdef uint32_t INFINITE32_ = 0xFFFFFFFF
cdef uint64_t NO_VAL64_ = 0xFFFFFFFFFFFFFFFE
cdef uint64_t INFINITE64_ = 0xFFFFFFFFFFFFFFFF
# slurm.h MEM_PER_CPU: the bit that makes a memory size one per CPU.
cdef uint64_t PER_CPU = 0x8000000000000000
# slurm.h NICE_OFFSET.
cdef int64_t NICE_ZERO = 0x80000000


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


cdef inline void put_number(Walk* walk, uint64_t value, bint is_signed) noexcept nogil:
    put_text(&walk.out, &walk.style.integer_tag)
    if is_signed:
        put_signed(&walk.out, <int64_t> value)
    else:
        put_unsigned(&walk.out, value)


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
            put_number(walk, value, op.is_signed)
    elif state == 0:
        put_text(&walk.out, &op.text[N_UNSET])
    elif state == 1:
        put_text(&walk.out, &op.text[N_INFINITE])
    else:
        put_text(&walk.out, &op.text[N_BEFORE])
        put_number(walk, value, op.is_signed)
        put_text(&walk.out, &op.text[N_AFTER])


cdef void put_n_double(Walk* walk, const Op* op, double value) noexcept nogil:
    cdef bint infinite = isinf(value) or value == <double> INFINITE32_ or value == <double> INFINITE64_
    cdef bint unset = isnan(value) or value == <double> NO_VAL32_
    if infinite or unset:
        put_n(walk, op, 0, 1 if infinite else 0)
    elif op.is_complex:
        put_spelled(walk, value)
    else:
        put_text(&walk.out, &op.text[N_BEFORE])
        put_spelled(walk, value)
        put_text(&walk.out, &op.text[N_AFTER])


cdef void put_c_string(Walk* walk, const Op* op, const char* text) noexcept nogil:
    if text != NULL:
        put_string(&walk.out, walk.style, text, strlen(text))
    elif op.is_complex:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_string(&walk.out, walk.style, b"", 0)


cdef inline void put_separator(Walk* walk, const Op* op, bint first) noexcept nogil:
    if first:
        put_text(&walk.out, &op.text[LIST_OPEN])
        put_text(&walk.out, &op.text[LIST_FIRST])
    else:
        put_text(&walk.out, &op.text[LIST_NEXT])


cdef inline void put_list_end(Walk* walk, const Op* op, bint empty) noexcept nogil:
    put_text(&walk.out, &op.text[TEXT_EMPTY] if empty else &op.text[LIST_CLOSE])


cdef void put_csv(Walk* walk, const Op* op, const char* text) noexcept nogil:
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


cdef void put_flags(Walk* walk, const Op* op, uint64_t value) noexcept nogil:
    """Words in table order. A matched whole value hides the bits under its mask."""
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
        if op.kind == FLAG:
            put_text(&walk.out, &flag.text)
            return
        put_separator(walk, op, first)
        put_text(&walk.out, &flag.text)
        first = False
    if op.kind == FLAG:
        put_string(&walk.out, walk.style, b"", 0)
    else:
        put_list_end(walk, op, first)


cdef void put_name(Walk* walk, const Op* op, uint64_t value) noexcept nogil:
    """The text of a number by binary search; the fallback is the op's empty text."""
    cdef int low = 0
    cdef int high = op.name_count
    cdef int middle
    cdef char digits[24]
    cdef int length
    while low < high:
        middle = (low + high) // 2
        if op.names[middle].number < value:
            low = middle + 1
        else:
            high = middle
    if low < op.name_count and op.names[low].number == value:
        put_text(&walk.out, &op.names[low].text)
    elif op.kind == WORD:
        length = snprintf(digits, sizeof(digits), "%lld", <long long> value)
        put_string(&walk.out, walk.style, digits, length)
    else:
        put_text(&walk.out, &op.text[TEXT_EMPTY])


cdef void put_identity(Walk* walk, const Op* op, uint32_t number) noexcept nogil:
    cdef char name[NAME_SIZE]
    cdef int length = name_of(number, op.kind == GROUP, name)
    # Slurm: +complex has a null for an unknown group only.
    if length == 0 and op.is_complex and op.kind == GROUP:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_string(&walk.out, walk.style, name, length)


cdef void put_struct(Walk* walk, const Op* op, const char* record) noexcept nogil:
    cdef int place
    put_text(&walk.out, &op.text[OBJECT_OPEN])
    for place in range(op.count):
        put_text(&walk.out, &op.ops[place].key)
        put_value(walk, &op.ops[place], record)
    put_text(&walk.out, &op.text[OBJECT_CLOSE])


cdef bint is_zero(const char* at, size_t size) noexcept nogil:
    cdef size_t place
    for place in range(size):
        if at[place] != 0:
            return False
    return True


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
    if items != NULL:
        op.for_each(items, &put_list_item, &state)
    elif op.text[TEXT_NULL].size:
        put_text(&walk.out, &op.text[TEXT_NULL])
        return
    put_list_end(walk, op, state.first)


cdef void put_list(Walk* walk, const Op* op, const char* record) noexcept nogil:
    """An array behind a pointer: counted, or ended by an empty element."""
    cdef const char* items = (<const char* const*> (record + op.offset))[0]
    cdef const char* item
    cdef uint64_t count = 0
    cdef uint64_t place = 0
    cdef bint first = True
    if items == NULL and op.text[TEXT_NULL].size:
        put_text(&walk.out, &op.text[TEXT_NULL])
        return
    if op.kind == COUNTED or (op.kind == STRINGS and op.count_width):
        count = read_number(record + op.count_offset, op.count_width, False)
    while items != NULL:
        item = items + place * op.stride
        if op.kind == ENDED:
            if is_zero(item, op.stride):
                break
        elif op.kind == POINTERS or (op.kind == STRINGS and not op.count_width):
            if (<const char* const*> item)[0] == NULL:
                break
        elif place == count:
            break
        put_separator(walk, op, first)
        put_value(walk, op.ops, item)
        first = False
        place += 1
    put_list_end(walk, op, first)


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


cdef void put_value(Walk* walk, const Op* op, const char* record) noexcept nogil:
    """The value of one op from its record."""
    cdef const char* at = record + op.offset
    cdef int kind = op.kind
    cdef uint64_t value
    cdef const char* target
    if kind == STRING:
        put_c_string(walk, op, (<const char* const*> at)[0])
    elif kind == NO_VAL_OBJECT:
        if op.is_real:
            put_n_double(walk, op, <double> read_real(at, op.width))
            return
        value = read_number(at, op.width, op.is_signed)
        if is_infinite(value, op.width):
            put_n(walk, op, 0, 1)
        elif is_unset(value, op.width):
            put_n(walk, op, 0, 0)
        else:
            put_n(walk, op, value, 2)
    elif kind == TIMESTAMP_NO_VAL:
        value = read_number(at, op.width, False)
        # A time_t is signed and 64 bits wide, but Slurm also leaves its 32-bit marks in it.
        if value == INFINITE64_ or value == INFINITE32_:
            put_n(walk, op, 0, 1)
        elif value == NO_VAL64_ or value == NO_VAL32_:
            put_n(walk, op, 0, 0)
        else:
            put_n(walk, op, value, 2)
    elif kind == NUMBER:
        put_number(walk, read_number(at, op.width, op.is_signed), op.is_signed)
    elif kind == MARKED_NUMBER or kind == NULL_NUMBER:
        put_marked(walk, op, read_number(at, op.width, False))
    elif kind == BOOL:
        put_bool(walk, not is_zero(at, op.width))
    elif kind == NO_VAL_BOOL:
        value = read_number(at, op.width, False)
        if not is_unset(value, op.width):
            put_bool(walk, value != 0)
        elif op.is_complex:
            put_text(&walk.out, &walk.style.null_text)
        else:
            put_bool(walk, False)
    elif kind == FLAGS or kind == FLAG:
        put_flags(walk, op, read_number(at, op.width, False))
    elif kind == CSV:
        put_csv(walk, op, (<const char* const*> at)[0])
    elif kind == DOUBLE:
        put_spelled(walk, <double> read_real(at, op.width))
    elif kind == MARKED_DOUBLE:
        put_marked_double(walk, op, read_real(at, op.width))
    elif kind == NULL_DOUBLE:
        put_null_double(walk, <double> read_real(at, op.width))
    elif kind == MEMORY_PER_CPU:
        value = read_number(at, 8, False)
        # Slurm: NO_VAL64 has the bit, so an unset size shows as set here.
        put_n(walk, op, value & ~PER_CPU, 2 if value & PER_CPU else 0)
    elif kind == MEMORY_PER_NODE:
        value = read_number(at, 8, False)
        put_n(walk, op, value, 0 if value & PER_CPU else 2)
    elif kind == CORE_SPEC:
        value = read_number(at, op.width, False)
        put_number(walk, 0 if value & CORE_SPEC_THREAD else value, False)
    elif kind == THREAD_SPEC:
        value = read_number(at, op.width, False)
        put_number(walk, value & ~<uint64_t> CORE_SPEC_THREAD if value & CORE_SPEC_THREAD else 0, False)
    elif kind == NICE:
        value = read_number(at, op.width, False)
        put_number(walk, 0 if is_unset(value, op.width) else <uint64_t> (<int64_t> value - NICE_ZERO), True)
    elif kind == HOLD:
        put_bool(walk, read_number(at, op.width, False) == 0)
    elif kind == MASKED_NUMBER:
        put_number(walk, read_number(at, op.width, False) & op.flags[0].mask, False)
    elif kind == USER or kind == GROUP:
        put_identity(walk, op, <uint32_t> read_number(at, op.width, False))
    elif kind == NAME or kind == WORD:
        put_name(walk, op, read_number(at, op.width, op.is_signed))
    elif kind == STRUCT:
        put_struct(walk, op, at)
    elif kind == POINTER:
        target = (<const char* const*> at)[0]
        if target == NULL:
            put_text(&walk.out, &op.text[TEXT_NULL])
        else:
            put_value(walk, op.ops, target)
    elif kind == COUNTED or kind == ENDED or kind == POINTERS or kind == STRINGS:
        put_list(walk, op, record)
    elif kind == LIST:
        put_slurm_list(walk, op, at)
    elif kind == DERIVED:
        put_derived(walk, op, at)
    elif kind == CONSTANT_VALUE:
        put_text(&walk.out, &op.text[CONSTANT])
    elif kind == PYTHON:
        with gil:
            put_python(walk, op, at)


cdef void put_marked(Walk* walk, const Op* op, uint64_t value) noexcept nogil:
    """A number that may be a sentinel: null, or itself with a warning that it is one."""
    cdef bint infinite = is_infinite(value, op.width)
    if not infinite and not is_unset(value, op.width):
        put_number(walk, value, op.is_signed)
    elif op.is_complex and infinite and op.kind == MARKED_NUMBER:
        put_string(&walk.out, walk.style, b"Infinity", 8)
    elif op.is_complex and op.width == 8 and op.kind == MARKED_NUMBER:
        # Slurm: +complex has no null for an unset 64-bit number.
        put_number(walk, value, True)
    elif op.is_complex or op.kind == NULL_NUMBER:
        put_text(&walk.out, &walk.style.null_text)
    else:
        # Slurm: 64-bit placeholders come out signed, as -1 and -2.
        put_number(walk, value, op.is_signed or op.width == 8)
        if op.width == 8:
            note(walk, NOTE_INFINITE_64 if infinite else NOTE_NO_VAL_64)
        elif op.width == 4:
            note(walk, NOTE_INFINITE_32 if infinite else NOTE_NO_VAL_32)


cdef void put_null_double(Walk* walk, double value) noexcept nogil:
    """A number whose 32-bit marks (what it is when cut to 32 bits) are null."""
    if <double> NO_VAL32_ <= value < <double> INFINITE32_ + 1:
        put_text(&walk.out, &walk.style.null_text)
    else:
        put_spelled(walk, value)


cdef void put_marked_double(Walk* walk, const Op* op, long double real) noexcept nogil:
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


cdef void put_python(Walk* walk, const Op* op, const char* at) noexcept:
    """The slow kind: a Python function turns the record's address into data."""
    cdef size_t used = walk.out.used
    try:
        data = (<object> op.python)(<size_t> at)
        put_data(&walk.out, walk.style, data, op.depth)
    except Exception:
        note(walk, NOTE_BROKEN)
        walk.out.used = used
        put_text(&walk.out, &walk.style.null_text)
