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

    @staticmethod
    cdef Records coming(object owner, size_t count, next_function next, void* source):
        """Records that are only there one after another: each is asked for once, in their order."""
        cdef Records records = Records.over(owner, NULL, count, 0)
        records.next = next
        records.source = source
        return records

    cdef void* item(self, size_t place) noexcept nogil:
        if self.next != NULL:
            return self.next(self.source)
        if self.items != NULL:
            return self.items[place]
        return self.first + place * self.stride

    def select(self, places):
        """The records at these places, in this order; not of those that come one after another."""
        if self.next != NULL:
            raise TypeError("these records are there only once")
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


cdef class Block:
    """The memory of one block of an answer. Views keep it, and it stays as it is while there is one."""

    cdef char* data
    cdef size_t used
    cdef size_t size
    cdef int views
    cdef bint filling

    def __cinit__(self, size_t size):
        self.data = <char*> malloc(size)
        if self.data == NULL:
            raise MemoryError
        self.size = size

    def __dealloc__(self):
        free(self.data)

    def __getbuffer__(self, Py_buffer* view, int flags):
        if self.filling:
            raise BufferError("this block is being written")
        PyBuffer_FillInfo(view, self, self.data, self.used, True, flags)
        self.views += 1

    def __releasebuffer__(self, Py_buffer* view):
        self.views -= 1


cdef class Prepared:
    """One row of a plan as it is written, its key included: for a value that many answers have.

    :raises TypeError, ValueError: see :func:`put_given`.
    """

    cdef bytes text
    cdef Text written

    def __cinit__(self, Plan plan, str source, value):
        begin, end = 1, -1 if plan.style.compact else -2
        if plan.style.yaml:
            begin, end = 19, -5
        self.text = bytes(next(Dump(plan, {source: value}, [source])))[begin:end]
        self.written = text_of(self.text)


cdef class Dump:
    """The text of one answer, block by block; iterate over it.

    :param plan: of the response's struct.
    :param values: by source: Records, :class:`Prepared`, or values from Python (see
        :func:`put_given`).
    :param order: the sources of the rows to dump, in this order.
    :param block_size: a block ends with the record that makes it this long.
    :param quiet: no warnings about values.
    :param lookups: of the request; what ``plan.needs`` names has to be loaded.
    :raises TypeError: a value for a source that the response has in no version.

    A block is a view of memory that a later block reuses once nobody looks at it any more. Warnings
    about values are added to the list of ``warnings`` (a source) when its turn comes.
    """

    cdef Plan plan
    cdef dict values
    cdef list order
    cdef list blocks
    cdef int place
    cdef size_t element
    cdef size_t block_size
    cdef readonly bint finished
    cdef bint running
    cdef Lookups lookups
    cdef Walk walk

    def __cinit__(
        self, Plan plan, dict values, order, size_t block_size=1 << 18, bint quiet=False,
        Lookups lookups=None,
    ):
        memset(&self.walk, 0, sizeof(Walk))
        unknown = values.keys() - plan.known
        if unknown:
            raise TypeError(f"the response has no {', '.join(sorted(unknown))}")
        self.plan = plan
        self.values = values
        self.order = [plan.sources.index(source) for source in order]
        self.blocks = []
        self.block_size = max(block_size, 1)
        self.walk.style = &plan.style
        self.walk.quiet = quiet
        self.lookups = lookups
        if lookups is not None:
            self.walk.tables = lookups.tables

    def __dealloc__(self):
        free_notes(&self.walk)

    def __iter__(self):
        return self

    def __next__(self):
        cdef Block block
        if self.running:
            raise RuntimeError("this answer is being dumped by another thread")
        if self.finished:
            raise StopIteration
        block = self.free_block()
        self.walk.out.data = block.data
        self.walk.out.size = block.size
        self.walk.out.used = 0
        self.running = block.filling = True
        try:
            self.write()
        except BaseException:
            # What is written of it is no answer.
            self.finished = True
            raise
        finally:
            self.running = block.filling = False
            block.data = self.walk.out.data
            block.size = self.walk.out.size
            block.used = self.walk.out.used
        if self.walk.out.failed:
            raise MemoryError
        return memoryview(block)

    cdef Block free_block(self):
        """One that nobody looks at; two are kept, since the last is looked at while the next is made."""
        cdef Block block
        for block in self.blocks:
            if block.views == 0:
                return block
        block = Block(max(min(self.block_size, 1 << 14), 64))
        if len(self.blocks) < 2:
            self.blocks.append(block)
        return block

    cdef int write(self) except -1:
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
        return 0

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
        value = self.values.get(source)
        if self.element == 0:
            if self.place and not self.walk.style.yaml:
                put_char(&self.walk.out, b",")
            if isinstance(value, Prepared):
                put_text(&self.walk.out, &(<Prepared> value).written)
                return True
            put_text(&self.walk.out, &op.key)
        if source == "warnings":
            value = value + [{"description": text, "source": ""} for text in self.notes]
        if isinstance(value, Records) and is_list(op) and takes_records(op.ops):
            return self.records(op, <Records> value)
        put_given(&self.walk, op, value, source)
        return True

    cdef bint records(self, Op* op, Records value) except -1:
        cdef Walk* walk = &self.walk
        cdef size_t limit = self.block_size
        cdef bint full = False
        cdef const char* record
        with nogil:
            while self.element < value.count:
                if walk.out.used >= limit and self.element:
                    full = True
                    break
                record = <const char*> value.item(self.element)
                if record == NULL:
                    break
                put_separator(walk, op, self.element == 0)
                put_value(walk, op.ops, record)
                self.element += 1
        if full:
            return False
        if self.element < value.count:
            raise RuntimeError("a record cannot be read")
        put_list_end(walk, op, value.count == 0)
        return True
