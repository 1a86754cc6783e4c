# The growing output buffer, and texts and numbers written into it.

cdef struct Buffer:
    char* data
    size_t used
    size_t size
    bint failed


cdef inline char* reserve(Buffer* out, size_t count) noexcept nogil:
    """Room for ``count`` more bytes; the caller adds what it wrote to ``used``."""
    cdef size_t size
    cdef char* data
    if out.size - out.used < count:
        size = out.size * 2
        while size - out.used < count:
            size *= 2
        data = <char*> realloc(out.data, size)
        if data == NULL:
            # Start over inside what there is: the answer is lost, and the Dump says so.
            out.failed = True
            out.used = 0
            if out.size < count:
                abort()
            return out.data
        out.data = data
        out.size = size
    return out.data + out.used


cdef inline void put(Buffer* out, const char* text, size_t count) noexcept nogil:
    memcpy(reserve(out, count), text, count)
    out.used += count


cdef inline void put_text(Buffer* out, const Text* text) noexcept nogil:
    put(out, text.data, text.size)


cdef inline void put_char(Buffer* out, char letter) noexcept nogil:
    reserve(out, 1)[0] = letter
    out.used += 1


cdef void put_unsigned(Buffer* out, uint64_t value) noexcept nogil:
    cdef char digits[20]
    cdef int start = 20
    while True:
        start -= 1
        digits[start] = <char> (48 + value % 10)
        value //= 10
        if value == 0:
            break
    put(out, digits + start, 20 - start)


cdef void put_signed(Buffer* out, int64_t value) noexcept nogil:
    if value < 0:
        put_char(out, b"-")
        put_unsigned(out, 0 - <uint64_t> value)
    else:
        put_unsigned(out, <uint64_t> value)


cdef void put_double(Buffer* out, double value) noexcept nogil:
    """The shortest text of up to 17 digits that reads back the same, always with a ``.0``."""
    cdef char text[40]
    cdef int count = 0
    cdef int digits
    cdef int place
    cdef bint plain = True
    for digits in range(15, 18):
        count = snprintf(text, sizeof(text), "%.*g", digits, value)
        if strtod(text, NULL) == value:
            break
    for place in range(count):
        if text[place] == b"." or text[place] == b"e":
            plain = False
    put(out, text, count)
    if plain:
        put(out, b".0", 2)


cdef const char* HEX = b"0123456789abcdef"

# What a byte needs in a JSON string: 0 nothing, 1 \u00XX, 2 a check that it is UTF-8, else the
# letter behind the backslash.
cdef unsigned char[256] NEEDS


cdef void fill_needs() noexcept:
    cdef int byte
    for byte in range(256):
        NEEDS[byte] = 1 if byte < 0x20 else (2 if byte >= 0x80 else 0)
    NEEDS[8] = b"b"
    NEEDS[9] = b"t"
    NEEDS[10] = b"n"
    NEEDS[12] = b"f"
    NEEDS[13] = b"r"
    NEEDS[34] = b'"'
    NEEDS[92] = b"\\"
    NEEDS[47] = b"/"


fill_needs()


cdef int sequence_length(const unsigned char* text, size_t left) noexcept nogil:
    """Bytes of the UTF-8 sequence that begins here; 0 where it is none (RFC 3629)."""
    cdef unsigned char first = text[0]
    cdef unsigned char low = 0x80
    cdef unsigned char high = 0xBF
    cdef int count
    cdef int place
    if 0xC2 <= first <= 0xDF:
        count = 2
    elif 0xE0 <= first <= 0xEF:
        count = 3
        if first == 0xE0:
            low = 0xA0
        elif first == 0xED:
            high = 0x9F
    elif 0xF0 <= first <= 0xF4:
        count = 4
        if first == 0xF0:
            low = 0x90
        elif first == 0xF4:
            high = 0x8F
    else:
        return 0
    if <size_t> count > left or not low <= text[1] <= high:
        return 0
    for place in range(2, count):
        if not 0x80 <= text[place] <= 0xBF:
            return 0
    return count


cdef void put_quoted(Buffer* out, const char* text, size_t count) noexcept nogil:
    """A JSON string. Bytes that are not UTF-8 become U+FFFD, so it is always valid."""
    cdef const unsigned char* data = <const unsigned char*> text
    cdef size_t start = 0
    cdef size_t place = 0
    cdef unsigned char need
    cdef int sequence
    cdef char* room
    put_char(out, b'"')
    while place < count:
        need = NEEDS[data[place]]
        if need == 0:
            place += 1
            continue
        if need == 2:
            sequence = sequence_length(data + place, count - place)
            if sequence:
                place += sequence
                continue
        put(out, text + start, place - start)
        if need == 2:
            put(out, b"\xef\xbf\xbd", 3)
        elif need == 1:
            room = reserve(out, 6)
            memcpy(room, b"\\u00", 4)
            room[4] = HEX[data[place] >> 4]
            room[5] = HEX[data[place] & 15]
            out.used += 6
        else:
            room = reserve(out, 2)
            room[0] = b"\\"
            room[1] = need
            out.used += 2
        place += 1
        start = place
    put(out, text + start, count - start)
    put_char(out, b'"')


cdef uint32_t code_point(const unsigned char* text, int length) noexcept nogil:
    """The character of a valid UTF-8 sequence of two to four bytes."""
    cdef uint32_t point = text[0] & (0xFF >> (length + 1))
    cdef int place
    for place in range(1, length):
        point = (point << 6) | (text[place] & 0x3F)
    return point


cdef void put_yaml_quoted(Buffer* out, const char* text, size_t count) noexcept nogil:
    """A double-quoted YAML string in ASCII: everything else is escaped."""
    cdef const unsigned char* data = <const unsigned char*> text
    cdef size_t place = 0
    cdef uint32_t point
    cdef int sequence
    cdef char* room
    put_char(out, b'"')
    while place < count:
        room = reserve(out, 12)
        point = data[place]
        sequence = 1
        if point >= 0x80:
            sequence = sequence_length(data + place, count - place)
            point = code_point(data + place, sequence) if sequence else 0xFFFD
            sequence = sequence if sequence else 1
        place += sequence
        if point == 34 or point == 92:
            room[0] = b"\\"
            room[1] = <char> point
            out.used += 2
        elif point == 10:
            memcpy(room, b"\\n", 2)
            out.used += 2
        elif point == 9:
            memcpy(room, b"\\t", 2)
            out.used += 2
        elif 0x20 <= point < 0x7F:
            room[0] = <char> point
            out.used += 1
        elif point < 0x100:
            out.used += snprintf(room, 12, "\\x%02X", point)
        elif point < 0x10000:
            out.used += snprintf(room, 12, "\\u%04X", point)
        else:
            out.used += snprintf(room, 12, "\\U%08X", point)
    put_char(out, b'"')


cdef bint is_plain_yaml(const char* text, size_t count) noexcept nogil:
    """Whether YAML reads the text back without quotes (tagged, so number-like text is safe)."""
    cdef size_t place
    cdef char letter
    if count == 0:
        return False
    for place in range(count):
        letter = text[place]
        if b"a" <= letter <= b"z" or b"A" <= letter <= b"Z" or b"0" <= letter <= b"9":
            continue
        if letter == b"_" or letter == b"/":
            continue
        if place and (
            letter == b"." or letter == b"-" or letter == b"+" or letter == b"@"
            or letter == b"=" or letter == b"(" or letter == b")"
        ):
            continue
        if letter == b" " and 0 < place < count - 1:
            continue
        return False
    return True


cdef void put_string(Buffer* out, const Style* style, const char* text, size_t count) noexcept nogil:
    put_text(out, &style.string_tag)
    if style.yaml:
        if is_plain_yaml(text, count):
            put(out, text, count)
        else:
            put_yaml_quoted(out, text, count)
    else:
        put_quoted(out, text, count)
