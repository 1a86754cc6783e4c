# Plain Python data in Slurm's text styles.

cdef bytes encoded(str text):
    """UTF-8 in which bytes that were none, kept as surrogates, are themselves again: the writer
    replaces each. Half a character is replaced here."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


cdef int put_data(Buffer* out, const Style* style, data, int depth) except -1:
    """JSON-shaped data as it stands ``depth`` levels deep."""
    cdef bytes text
    if data is None:
        put_text(out, &style.null_text)
    elif data is True:
        put_text(out, &style.true_text)
    elif data is False:
        put_text(out, &style.false_text)
    elif isinstance(data, str):
        text = encoded(data)
        put_string(out, style, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
    elif isinstance(data, int):
        text = str(int(data)).encode()
        put_text(out, &style.integer_tag)
        put(out, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
    elif isinstance(data, float):
        put_float(out, style, data)
    elif isinstance(data, dict):
        put_object(out, style, data, depth)
    elif isinstance(data, (list, tuple)):
        put_array(out, style, data, depth)
    else:
        raise TypeError(f"no JSON form for {type(data).__name__}")
    return 0


cdef void put_float(Buffer* out, const Style* style, double value) noexcept:
    cdef Walk walk
    memset(&walk, 0, sizeof(Walk))
    walk.out = out[0]
    walk.style = style
    put_spelled(&walk, value)
    out[0] = walk.out


cdef void put_line(Buffer* out, const Style* style, int depth) noexcept nogil:
    """A new line, indented; nothing in the compact style."""
    cdef int level
    if not style.compact:
        put_char(out, b"\n")
        for level in range(depth):
            put(out, b"  ", 2)


cdef int put_object(Buffer* out, const Style* style, dict data, int depth) except -1:
    cdef bytes name
    cdef bint first = True
    if not data:
        put_text(out, &style.empty_object)
        return 0
    if style.yaml:
        put(out, b"!!map", 5)
    else:
        put_char(out, b"{")
    for key, value in data.items():
        name = encoded(str(key))
        if not first and not style.yaml:
            put_char(out, b",")
        put_line(out, style, depth if style.yaml else depth + 1)
        put_string(out, style, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name))
        put(out, b": ", 1 if style.compact else 2)
        put_data(out, style, value, depth + 1)
        first = False
    if not style.yaml:
        put_line(out, style, depth)
        put_char(out, b"}")
    return 0


cdef int put_array(Buffer* out, const Style* style, data, int depth) except -1:
    cdef bint first = True
    if not data:
        put_text(out, &style.empty_list)
        return 0
    if style.yaml:
        put(out, b"!!seq", 5)
    else:
        put_char(out, b"[")
    for value in data:
        if not first and not style.yaml:
            put_char(out, b",")
        if style.yaml:
            put_line(out, style, max(depth - 1, 0))
            put(out, b"- ", 2)
            # A list in a list is indented once more: its dashes may not stand under this one's.
            put_data(out, style, value, max(depth, 1) + isinstance(value, (list, tuple)))
        else:
            put_line(out, style, depth + 1)
            put_data(out, style, value, depth + 1)
        first = False
    if not style.yaml:
        put_line(out, style, depth)
        put_char(out, b"]")
    return 0


def render(data, str style="json"):
    """Text of plain data (objects, lists, texts, numbers, booleans, None), as bytes.

    :param style: ``json`` (two blanks a level), ``json_compact``, or ``yaml`` (tagged, YAML 1.1).
    :raises TypeError: for anything that JSON has no form for.
    """
    cdef Style known = style_of(style)
    cdef Buffer out
    memset(&out, 0, sizeof(Buffer))
    out.data = <char*> malloc(4096)
    if out.data == NULL:
        raise MemoryError
    out.size = 4096
    try:
        if known.yaml:
            put(&out, b"%YAML 1.1\n--- ", 14)
        put_data(&out, &known, data, 0)
        if known.yaml:
            put(&out, b"\n...\n", 5)
        if out.failed:
            raise MemoryError
        return out.data[:out.used]
    finally:
        free(out.data)
