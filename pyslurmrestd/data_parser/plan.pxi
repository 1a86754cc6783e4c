# Plans as C structures: ops in flat arrays, made once from their Python description.

cdef struct Text:
    const char* data
    size_t size


cdef struct Style:
    # How scalars look; everything else is in the plan's ready-made texts.
    bint yaml
    bint compact
    Text string_tag
    Text integer_tag
    Text number_tag
    Text true_text
    Text false_text
    Text null_text
    Text empty_object
    Text empty_list


ctypedef int (*for_each_function)(
    void* items, int (*function)(void* item, void* argument) noexcept nogil, void* argument
) noexcept nogil


cdef struct Walk
cdef struct Op

ctypedef void (*put_function)(Walk* walk, const Op* op, const char* at) noexcept nogil


cdef struct Flag:
    uint64_t value
    uint64_t mask
    bint whole
    Text text


cdef struct Name:
    uint64_t number
    Text text


cdef enum:
    # What Text each place of Op.text holds, by the kind of op.
    LIST_OPEN = 0
    LIST_FIRST = 1
    LIST_NEXT = 2
    LIST_CLOSE = 3
    TEXT_EMPTY = 4
    TEXT_NULL = 5
    N_UNSET = 0
    N_INFINITE = 1
    N_BEFORE = 2
    N_AFTER = 3
    OBJECT_OPEN = 0
    OBJECT_CLOSE = 1
    CONSTANT = 0
    TEXTS = 6


cdef enum:
    # What op.number holds, by the function that puts it.
    PART_ONLY = 0
    PART_SET = 1
    PART_KEEP = 2
    PART_ZERO = 3
    PART_IS_ZERO = 4
    NOBODY = 0
    ENDLESS = 0
    NUMBERS = 5


cdef enum:
    # What op.number[ENDLESS] says of an infinite double: that it is infinite, a number, or a
    # number that comes with a warning.
    ENDLESS_INFINITE = 0
    ENDLESS_NUMBER = 1
    ENDLESS_MARKED = 2


cdef struct Op:
    put_function put
    char letter
    bint is_word
    int width
    bint is_signed
    bint is_complex
    size_t offset
    ssize_t count_offset
    int count_width
    size_t stride
    int depth
    Text key
    Text text[TEXTS]
    Op* ops
    int count
    Flag* flags
    int flag_count
    Name* names
    int name_count
    bint is_real
    derive_function derive
    for_each_function for_each
    void* python
    uint64_t number[NUMBERS]
    # Of an object: the sources of its rows; all that it may be given, and what holds dotted ones.
    void* sources
    void* known


cdef Text text_of(bytes value) except *:
    """The bytes in place: whoever calls keeps the object alive."""
    cdef Text text
    text.data = PyBytes_AS_STRING(value)
    text.size = PyBytes_GET_SIZE(value)
    return text


# Style tags are module constants, so the texts they point to live as long as the module.
STYLE_TEXTS = {
    "json": (False, False, b"", b"", b"", b"true", b"false", b"null", b"{}", b"[]"),
    "json_compact": (False, True, b"", b"", b"", b"true", b"false", b"null", b"{}", b"[]"),
    "yaml": (
        True, False, b"!!str ", b"!!int ", b"!!float ", b"!!bool true", b"!!bool false",
        b"!!null null", b"!!map {}", b"!!seq []",
    ),
}
STYLES = tuple(STYLE_TEXTS)


cdef Style style_of(str name) except *:
    cdef Style style
    texts = STYLE_TEXTS[name]
    style.yaml = texts[0]
    style.compact = texts[1]
    style.string_tag = text_of(texts[2])
    style.integer_tag = text_of(texts[3])
    style.number_tag = text_of(texts[4])
    style.true_text = text_of(texts[5])
    style.false_text = text_of(texts[6])
    style.null_text = text_of(texts[7])
    style.empty_object = text_of(texts[8])
    style.empty_list = text_of(texts[9])
    return style


cdef struct Chunk:
    # What comes before the memory of a plan; as long as two pointers, so that is aligned.
    Chunk* before
    void* unused


def holders(sources):
    """The objects that hold the values of dotted sources: ``a`` and ``a.b`` for ``a.b.c``."""
    return frozenset(
        source[:place]
        for source in sources
        for place in range(len(source))
        if source[place] == "."
    )


cdef class Plan:
    """How the values of one struct are dumped in one version, style and set of flags.

    :param style: one of ``STYLES``.
    :param rows: for each row of the struct its (source, key text, value op); ops are
        :class:`pyslurmrestd.data_parser.plan.Op`.
    :param needs: the lookups that a dump by this plan asks for, such as ``tres``.
    :param known: sources that values may be given for though this version has no row for them.
    """

    cdef readonly str style_name
    cdef readonly tuple sources
    cdef readonly frozenset needs
    cdef readonly frozenset known
    cdef Style style
    cdef Op* ops
    cdef int count
    cdef list kept
    cdef Chunk* chunks

    def __cinit__(self, str style, rows, needs=(), known=()):
        cdef int place
        self.style_name = style
        self.style = style_of(style)
        self.kept = []
        self.needs = frozenset(needs)
        self.sources = tuple(source for source, _, _ in rows)
        self.known = frozenset(known).union(self.sources)
        self.count = len(self.sources)
        self.ops = <Op*> self.block(sizeof(Op) * max(self.count, 1))
        for place, (_, key, op) in enumerate(rows):
            self.fill(&self.ops[place], op)
            self.ops[place].key = self.keep(key)

    def __dealloc__(self):
        cdef Chunk* chunk
        while self.chunks != NULL:
            chunk = self.chunks
            self.chunks = chunk.before
            free(chunk)

    cdef void* block(self, size_t size) except NULL:
        """Memory for as long as the plan, all zeros."""
        cdef Chunk* chunk = <Chunk*> calloc(1, sizeof(Chunk) + size)
        if chunk == NULL:
            raise MemoryError
        chunk.before = self.chunks
        self.chunks = chunk
        return chunk + 1

    cdef void* hold(self, object value) except NULL:
        self.kept.append(value)
        return <void*> value

    cdef Text keep(self, bytes value) except *:
        self.kept.append(value)
        return text_of(value)

    cdef int fill(self, Op* op, described) except -1:
        """One op from its description, and all below it."""
        cdef int place
        cdef size_t address
        address = KINDS[described.kind]
        op.put = <put_function> <void*> address
        op.letter = ord(described.letter)
        op.is_word = described.word
        op.width = described.width
        op.is_signed = described.signed
        op.is_complex = described.complex
        op.is_real = described.real
        op.offset = described.offset
        op.count_offset = described.count_offset
        op.count_width = described.count_width
        op.stride = described.stride
        op.depth = described.depth
        op.key = self.keep(described.key)
        for place, text in enumerate(described.texts):
            op.text[place] = self.keep(text)
        if described.ops:
            op.count = len(described.ops)
            op.ops = <Op*> self.block(sizeof(Op) * op.count)
            for place, below in enumerate(described.ops):
                self.fill(&op.ops[place], below)
        if described.flags:
            op.flag_count = len(described.flags)
            op.flags = <Flag*> self.block(sizeof(Flag) * op.flag_count)
            for place, (value, mask, whole, word) in enumerate(described.flags):
                op.flags[place].value = value
                op.flags[place].mask = mask
                op.flags[place].whole = whole
                op.flags[place].text = self.keep(word)
        if described.names:
            op.name_count = len(described.names)
            op.names = <Name*> self.block(sizeof(Name) * op.name_count)
            for place, (number, word) in enumerate(sorted(described.names.items())):
                op.names[place].number = number
                op.names[place].text = self.keep(word)
        for place, number in enumerate(described.numbers):
            op.number[place] = number
        if op.put == &put_struct:
            op.sources = self.hold(described.sources)
            known = frozenset(described.known).union(described.sources)
            op.known = self.hold((known, holders(known)))
        if described.function is not None:
            if callable(described.function):
                op.python = self.hold(described.function)
            else:
                address = described.function
                if op.put == &put_slurm_list:
                    op.for_each = <for_each_function> <void*> address
                else:
                    op.derive = <derive_function> <void*> address
        return 0
