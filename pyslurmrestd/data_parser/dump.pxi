# Records of a call, and the blocks of an answer made from them.

cdef class Records:
    """C records, all of one struct, and the message that owns them.

    Made by the calls of :mod:`pyslurmrestd.slurm`; :meth:`at` makes them from an address.
    """

    def __cinit__(self):
        self.items = NULL

    def __dealloc__(self):
        free(self.items)

    @staticmethod
    cdef Records over(object owner, void* first, size_t count, size_t stride):
        cdef Records records = Records.__new__(Records)
        records.owner = owner
        records.first = <char*> first
        records.count = count
        records.stride = stride
        return records

    @staticmethod
    def at(object owner, size_t address, size_t count, size_t stride):
        """Records that lie one behind the other from ``address``; ``owner`` keeps them alive."""
        return Records.over(owner, <void*> address, count, stride)

    @staticmethod
    cdef Records pointed(object owner, size_t count):
        """Records that lie anywhere; whoever made this fills ``items``."""
        cdef Records records = Records.over(owner, NULL, count, 0)
        records.items = <void**> calloc(max(count, 1), sizeof(void*))
        if records.items == NULL:
            raise MemoryError
        return records

    cdef void* item(self, size_t place) noexcept nogil:
        if self.items != NULL:
            return self.items[place]
        return self.first + place * self.stride

    def select(self, places):
        """The records at these places, in this order."""
        cdef Records chosen = Records.over(self.owner, self.first, len(places), self.stride)
        cdef size_t index
        cdef size_t place
        if not chosen.count:
            return chosen
        chosen.items = <void**> malloc(chosen.count * sizeof(void*))
        if chosen.items == NULL:
            raise MemoryError
        for index, place in enumerate(places):
            if place >= self.count:
                raise IndexError(place)
            chosen.items[index] = self.item(place)
        return chosen

    def __len__(self):
        return self.count


cdef class Lookups:
    """Tables that derive functions look values up in; whoever loads some subclasses this.

    ``tables`` points to them. What it points to is read while a dump is made.
    """

    @staticmethod
    def at(object owner, size_t address):
        """Tables that lie at ``address``; ``owner`` keeps them alive."""
        cdef Lookups lookups = Lookups()
        lookups.owner = owner
        lookups.tables = <const void*> address
        return lookups


cdef class Dump:
    """The text of one answer, block by block; iterate over it.

    :param plan: of the response's struct.
    :param values: by source: Records, plain data, or numbers and texts for the row's own kind.
    :param order: the sources of the rows to dump, in this order.
    :param block_size: a block ends with the record that makes it this long.
    :param quiet: no warnings about values.
    :param lookups: of the request; what ``plan.needs`` names has to be loaded.

    A block is a view of memory that the next block reuses. Warnings about values are added to the
    list of ``warnings`` (a source) when its turn comes.
    """

    cdef Plan plan
    cdef dict values
    cdef list order
    cdef int place
    cdef size_t element
    cdef size_t block_size
    cdef readonly bint finished
    cdef Lookups lookups
    cdef Walk walk

    def __cinit__(
        self, Plan plan, dict values, order, size_t block_size=1 << 18, bint quiet=False,
        Lookups lookups=None,
    ):
        cdef size_t size = min(block_size, 1 << 14)
        memset(&self.walk, 0, sizeof(Walk))
        self.plan = plan
        self.values = values
        self.order = [plan.sources.index(source) for source in order]
        self.block_size = block_size
        self.walk.style = &plan.style
        self.walk.quiet = quiet
        self.lookups = lookups
        if lookups is not None:
            self.walk.tables = lookups.tables
        self.walk.out.data = <char*> malloc(size)
        if self.walk.out.data == NULL:
            raise MemoryError
        self.walk.out.size = size

    def __dealloc__(self):
        free(self.walk.out.data)
        free_notes(&self.walk)

    def __iter__(self):
        return self

    def __next__(self):
        if self.finished:
            raise StopIteration
        self.walk.out.used = 0
        if self.place == 0 and self.element == 0:
            self.begin()
        while self.place < len(self.order):
            if not self.row(&self.plan.ops[<int> self.order[self.place]]):
                break
            self.place += 1
            self.element = 0
            if self.walk.out.used >= self.block_size:
                break
        if self.place == len(self.order):
            self.end()
            self.finished = True
        if self.walk.out.failed:
            raise MemoryError
        return memoryview(self)

    def __getbuffer__(self, Py_buffer* view, int flags):
        """The current block; who looks at it keeps its memory."""
        PyBuffer_FillInfo(view, self, self.walk.out.data, self.walk.out.used, True, flags)

    @property
    def notes(self):
        """Warnings about values dumped so far."""
        return [self.note_at(place) for place in range(self.walk.note_count)]

    cdef str note_at(self, int place):
        cdef char* text = self.walk.note_texts[place]
        if text == NULL:
            return NOTE_TEXTS[self.walk.notes[place]]
        return text[:min(strlen(text), NOTE_SIZE)].decode("utf-8", "replace")

    cdef void begin(self) noexcept:
        if self.walk.style.yaml:
            put(&self.walk.out, b"%YAML 1.1\n--- !!map", 19)
        else:
            put_char(&self.walk.out, b"{")

    cdef void end(self) noexcept:
        if self.walk.style.yaml:
            put(&self.walk.out, b"\n...\n", 5)
        elif self.walk.style.compact:
            put_char(&self.walk.out, b"}")
        else:
            put(&self.walk.out, b"\n}", 2)

    cdef bint row(self, Op* op) except -1:
        """One row of the struct; False where the block was full before its end."""
        source = self.plan.sources[<int> self.order[self.place]]
        value = self.values[source]
        if self.element == 0:
            if self.place and not self.walk.style.yaml:
                put_char(&self.walk.out, b",")
            put_text(&self.walk.out, &op.key)
        if source == "warnings":
            value = value + [{"description": text, "source": ""} for text in self.notes]
        if isinstance(value, Records):
            return self.records(op, <Records> value)
        self.plain(op, value)
        return True

    cdef bint records(self, Op* op, Records value) except -1:
        cdef Walk* walk = &self.walk
        cdef size_t limit = self.block_size
        cdef const char* item
        if op.kind != COUNTED:
            if value.count != 1:
                raise ValueError(f"{value.count} records for one object")
            item = <const char*> value.item(0)
            if op.kind == POINTER:
                op = op.ops
            with nogil:
                put_value(walk, op, item)
            return True
        with nogil:
            while self.element < value.count:
                if walk.out.used >= limit and self.element:
                    with gil:
                        return False
                put_separator(walk, op, self.element == 0)
                put_value(walk, op.ops, <const char*> value.item(self.element))
                self.element += 1
        put_list_end(walk, op, value.count == 0)
        return True

    cdef int plain(self, Op* op, value) except -1:
        """A value from Python: of the row's own kind when it is one number or text."""
        cdef Scratch scratch
        cdef bytes text
        cdef double number
        memset(&scratch, 0, sizeof(Scratch))
        if value is None and op.text[TEXT_NULL].size:
            put_text(&self.walk.out, &op.text[TEXT_NULL])
        elif value is None and op.kind in (COUNTED, STRINGS, CSV):
            put_list_end(&self.walk, op, True)
        elif isinstance(value, (dict, list, tuple)) or op.kind in (
            FLAGS, FLAG, USER, GROUP, NAME, WORD
        ):
            put_data(&self.walk.out, self.walk.style, value, op.depth)
        elif op.kind == STRING:
            # Anything but a text would be taken for a pointer to one.
            if value is not None:
                text = encoded(value)
                scratch.value = <uint64_t> <size_t> PyBytes_AS_STRING(text)
            put_value(&self.walk, op, <const char*> &scratch)
        elif isinstance(value, float):
            number = value
            memcpy(&scratch.value, &number, sizeof(double))
            put_value(&self.walk, op, <const char*> &scratch)
        else:
            scratch.value = NO_VAL64_ if value is None else <uint64_t> (value & 0xFFFFFFFFFFFFFFFF)
            put_value(&self.walk, op, <const char*> &scratch)
        return 0
