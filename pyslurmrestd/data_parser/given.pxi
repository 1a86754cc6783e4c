# Values from Python, dumped by the ops that dump C records: the same words, ranges and marks.

cdef put_function ZEROED[4]
ZEROED[0] = &put_plain_number
ZEROED[1] = &put_truth
ZEROED[2] = &put_part
ZEROED[3] = &put_flags


cdef bint is_list(const Op* op) noexcept:
    return (
        op.put == &put_counted or op.put == &put_ended or op.put == &put_slurm_list
        or op.put == &put_strings or op.put == &put_csv
    )


cdef bint takes_records(const Op* op) noexcept:
    """Whether each of some records is dumped by it: an object, as all records are."""
    return op != NULL and (op.put == &put_struct or op.put == &put_constant)


cdef int put_given(Walk* walk, const Op* op, value, str where) except -1:
    """A value as the handler gives it: by sources for an object, a sequence for an array.

    None is what NULL or an unset number is in C. A text stands as it is in rows that dump one, but
    where a function reads a text it works the value out of the one given.

    :param where: names the row in errors.
    :raises TypeError: the value is none for the row, or an object has a key that is none of its.
    :raises ValueError: a number that the row's type cannot hold, or a word that is no flag.
    """
    if op.put == &put_constant:
        put_constant(walk, op, NULL)
    elif op.put == &put_python:
        put_data(&walk.out, walk.style, value, op.depth)
    elif op.put == &put_derived:
        if op.letter == b"s" and isinstance(value, str):
            put_given_scalar(walk, op, value, where)
        else:
            # Given as it is worked out: there is no record to work it out from.
            put_given(walk, op.ops, value, where)
    elif isinstance(value, Records):
        put_records(walk, op, <Records> value, where)
    elif op.put == &put_pointer:
        if value is None:
            put_text(&walk.out, &op.text[TEXT_NULL])
        else:
            put_given(walk, op.ops, value, where)
    elif op.put == &put_struct:
        put_given_struct(walk, op, value, where)
    elif op.put == &put_csv and isinstance(value, str):
        put_given_scalar(walk, op, value, where)
    elif is_list(op):
        put_given_list(walk, op, value, where)
    elif op.put == &put_flags and isinstance(value, (str, list, tuple)):
        put_given_flags(walk, op, value, where)
    elif op.is_word and isinstance(value, str):
        put_given_text(walk, value)
    else:
        put_given_scalar(walk, op, value, where)
    return 0


cdef int put_given_text(Walk* walk, str value) except -1:
    cdef bytes text = encoded(value)
    put_string(&walk.out, walk.style, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
    return 0


cdef int put_given_scalar(Walk* walk, const Op* op, value, str where) except -1:
    """A text or a number in the place of a member, dumped from there."""
    # As wide and as aligned as any member.
    cdef long double slot = 0
    cdef char* at = <char*> &slot
    cdef bytes text
    cdef double real
    memset(at, 0, sizeof(slot))
    if op.letter == b"s":
        if value is not None:
            if not isinstance(value, str):
                raise TypeError(f"{where} takes a text, not {type(value).__name__}")
            text = encoded(value)
            (<const char**> at)[0] = text
    elif op.is_real:
        if value is not None and not isinstance(value, (int, float)):
            raise TypeError(f"{where} takes a number, not {type(value).__name__}")
        real = <double> NO_VAL32_ if value is None else value
        if op.width == sizeof(double):
            (<double*> at)[0] = real
        else:
            (<long double*> at)[0] = real
    elif op.letter == b"x":
        raise TypeError(f"{where} cannot be {type(value).__name__}")
    else:
        if value is not None and not isinstance(value, int):
            raise TypeError(f"{where} takes a whole number, not {type(value).__name__}")
        write_slot(at, op, value, where)
    op.put(walk, op, at)
    return 0


cdef int write_slot(char* at, const Op* op, value, str where) except -1:
    cdef uint64_t number = 0
    cdef int place
    if value is None:
        number = NO_VAL64_ if op.width == 8 else (NO_VAL32_ if op.width == 4 else NO_VAL16_)
        for place in range(4):
            if op.put == ZEROED[place]:
                number = 0
    else:
        bits = 8 * <object> op.width
        if not -(1 << (bits - 1)) <= value < (1 << bits):
            raise ValueError(f"{where} does not fit {bits} bits: {value}")
        number = <uint64_t> (int(value) & 0xFFFFFFFFFFFFFFFF)
    if op.width == 8:
        (<uint64_t*> at)[0] = number
    elif op.width == 4:
        (<uint32_t*> at)[0] = <uint32_t> number
    elif op.width == 2:
        (<uint16_t*> at)[0] = <uint16_t> number
    else:
        (<uint8_t*> at)[0] = <uint8_t> number
    return 0


cdef int put_given_list(Walk* walk, const Op* op, value, str where) except -1:
    cdef bint first = True
    if value is None:
        if not put_null_list(walk, op, NULL):
            put_list_end(walk, op, True)
        return 0
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{where} takes a list, not {type(value).__name__}")
    for item in value:
        put_separator(walk, op, first)
        if op.put == &put_csv:
            put_given_text(walk, item)
        else:
            put_given(walk, op.ops, item, f"{where}[]")
        first = False
    put_list_end(walk, op, first)
    return 0


cdef int put_given_flags(Walk* walk, const Op* op, value, str where) except -1:
    """Words, each one of the flags'."""
    cdef bint first = True
    cdef size_t start
    for word in [value] if isinstance(value, str) else value:
        if not op.is_word:
            put_separator(walk, op, first)
        start = walk.out.used
        put_given_text(walk, word)
        if not has_word(op, walk.out.data + start, walk.out.used - start):
            raise ValueError(f"{where} has no flag {word}")
        first = False
    if not op.is_word:
        put_list_end(walk, op, first)
    elif first:
        put_given_text(walk, "")
    return 0


cdef bint has_word(const Op* op, const char* text, size_t size) noexcept:
    cdef int place
    for place in range(op.flag_count):
        if op.flags[place].text.size == size and not memcmp(op.flags[place].text.data, text, size):
            return True
    return False


cdef inline bint is_object(value) except -1:
    """Most are dicts, which are told apart at once."""
    return isinstance(value, dict) or isinstance(value, Mapping)


cdef int put_given_struct(Walk* walk, const Op* op, value, str where) except -1:
    cdef int place
    if not is_object(value):
        raise TypeError(f"{where} takes an object, not {type(value).__name__}")
    check_keys(value, <tuple> <object> op.known, "", where)
    put_text(&walk.out, &op.text[OBJECT_OPEN])
    for place, source in enumerate(<tuple> <object> op.sources):
        put_text(&walk.out, &op.ops[place].key)
        put_given(walk, &op.ops[place], find(value, source), f"{where}.{source}")
    put_text(&walk.out, &op.text[OBJECT_CLOSE])
    return 0


cdef int check_keys(data, tuple known, str prefix, str where) except -1:
    """An object has no key that no row of any version takes."""
    sources, holders = known
    for key, value in data.items():
        name = f"{prefix}{key}"
        if name in sources:
            continue
        if name not in holders or not is_object(value):
            raise TypeError(f"{where} has no {name}")
        check_keys(value, known, f"{name}.", where)
    return 0


cdef object find(data, str source):
    """The value of a source; one of dotted name may lie in an object of its own."""
    if source in data:
        return data[source]
    first, _, rest = source.partition(".")
    below = data.get(first) if rest else None
    return find(below, rest) if is_object(below) else None


cdef int put_records(Walk* walk, const Op* op, Records value, str where) except -1:
    """Records in one go: the one of an object, or all of an array."""
    cdef const char* item
    cdef size_t place
    if not is_list(op):
        if op.put == &put_pointer:
            op = op.ops
        if not takes_records(op):
            raise TypeError(f"{where} takes no records")
        if value.count != 1:
            raise ValueError(f"{where}: {value.count} records for one object")
        item = <const char*> value.item(0)
        with nogil:
            put_value(walk, op, item)
        return 0
    if not takes_records(op.ops):
        raise TypeError(f"{where} takes no records")
    with nogil:
        for place in range(value.count):
            put_separator(walk, op, place == 0)
            put_value(walk, op.ops, <const char*> value.item(place))
        put_list_end(walk, op, value.count == 0)
    return 0
