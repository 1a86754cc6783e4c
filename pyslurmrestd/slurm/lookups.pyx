"""What slurmdbd knows by number: TRES, QOS and associations, loaded as the caller, once, when first
asked for.

Parsing asks by name, through the methods here; dumps ask by number, through the derive functions
below, which read the same records in C.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc, free, qsort, strtoul, strtoull
from libc.string cimport memcpy, strchr, strdup, strlen
from posix.strings cimport strcasecmp, strncasecmp

from ..data_parser.engine cimport Lookups, Records
from ..data_parser.scratch cimport Scratch
from .libslurm cimport *
from .message cimport decode

from ..errors import SlurmError

__all__ = ["FUNCTIONS", "SlurmdbLookups"]


cdef enum:
    NOTE_SIZE = 80
    # More than there are numbers of reasons (enum job_state_reason).
    MOST_REASONS = 512
    # Decimal digits of 32 bits, a sign, an end.
    ID_SIZE = 12
    # Numbers of what is promised; slurmdbd counts its own from 1.
    FIRST_PROMISED = 0x70000000


cdef struct Tables:
    # Records by their numbers, in order.
    slurmdb_tres_rec_t** tres
    size_t tres_count
    slurmdb_qos_rec_t** qos
    size_t qos_count
    slurmdb_assoc_rec_t** associations
    size_t association_count


cdef class SlurmdbLookups(Lookups):
    """The tables of one request.

    :ivar warnings: (text, source) of each table that could not be loaded and is empty.
    """

    cdef readonly list warnings
    cdef object slurmdbd
    cdef Records tres_records
    cdef Records qos_records
    cdef Records association_records
    # What is yet to be stored, in lower case: (type, name) of a TRES, (name,) of a QOS.
    cdef dict promised
    cdef dict tres_ids
    cdef dict qos_ids
    cdef Tables own

    def __cinit__(self, slurmdbd):
        self.slurmdbd = slurmdbd
        self.warnings = []
        self.promised = {}
        self.tables = &self.own

    def load(self, needs):
        """Have the tables that a dump asks for. One that cannot be loaded is empty: see warnings."""
        for need in needs:
            try:
                if need == "tres":
                    self.load_tres()
                elif need == "qos":
                    self.load_qos()
                elif need == "associations":
                    self.load_associations()
                else:
                    raise ValueError(f"no lookup {need}")
            except SlurmError as error:
                self.warnings.append((f"Unable to load {need.upper()}: {error}", error.source))

    def promise(self, *name):
        """Know a TRES (type, name) or a QOS (name) that a request is about to store.

        A number of no other stands for it until then.
        """
        key = tuple(part.lower() for part in name)
        found = self.number_of(key)
        if found is None or (len(key) == 1 and self.qos_is_deleted(found)):
            self.promised[key] = FIRST_PROMISED + len(self.promised)

    def stored(self):
        """The numbers by now of what was promised, by those that stood for them; None is of what
        is not stored."""
        self.tres_records = self.qos_records = self.tres_ids = self.qos_ids = None
        self.own.tres_count = self.own.qos_count = 0
        found = {number: self.number_of(key) for key, number in self.promised.items()}
        return {number: None if now == number else now for number, now in found.items()}

    cdef object number_of(self, tuple name):
        return self.qos_id(*name) if len(name) == 1 else self.tres_id(*name)

    cdef int load_tres(self) except -1:
        if self.tres_records is None:
            records = self.slurmdbd.tres()
            by_number(records, tres_order)
            self.tres_records = records
            self.own.tres = <slurmdb_tres_rec_t**> self.tres_records.items
            self.own.tres_count = self.tres_records.count
        return 0

    cdef int load_qos(self) except -1:
        if self.qos_records is None:
            records = self.slurmdbd.qos()
            by_number(records, qos_order)
            self.qos_records = records
            self.own.qos = <slurmdb_qos_rec_t**> self.qos_records.items
            self.own.qos_count = self.qos_records.count
        return 0

    cdef int load_associations(self) except -1:
        if self.association_records is None:
            records = self.slurmdbd.associations()
            by_number(records, association_order)
            self.association_records = records
            self.own.associations = <slurmdb_assoc_rec_t**> self.association_records.items
            self.own.association_count = self.association_records.count
        return 0

    def reason(self, str word):
        """The number of a reason why jobs wait, by its word in any case; None when there is none."""
        cdef bytes text = word.encode("utf-8", "surrogateescape")
        cdef int number
        for number in range(MOST_REASONS):
            if strcasecmp(slurm_job_state_reason_string(number), text) == 0:
                return number
        return None

    def tres_id(self, str type, str name):
        """The number of a TRES by its type and name, in any case; None when there is none.

        :raises SlurmError: they cannot be loaded.
        """
        cdef slurmdb_tres_rec_t* record
        cdef size_t place
        self.load_tres()
        if self.tres_ids is None:
            self.tres_ids = {}
            for place in range(self.own.tres_count):
                record = self.own.tres[place]
                key = decode(record.type).lower(), decode(record.name).lower()
                self.tres_ids.setdefault(key, record.id)
        found = self.tres_ids.get((type.lower(), name.lower()))
        return self.promised.get((type.lower(), name.lower())) if found is None else found

    def has_tres(self, number):
        """Whether there is a TRES of this number.

        :raises SlurmError: they cannot be loaded.
        """
        self.load_tres()
        return 0 < number < NO_VAL and find_tres(&self.own, number) != NULL

    def tres_name(self, number):
        """Type and name (empty where it has none) of a TRES by its number; None when there is none.

        :raises SlurmError: they cannot be loaded.
        """
        cdef slurmdb_tres_rec_t* record
        if not self.has_tres(number):
            return None
        record = find_tres(&self.own, number)
        return decode(record.type), decode(record.name)

    def qos_id(self, str name):
        """The number of a QOS by its name, in any case; None when there is none.

        :raises SlurmError: they cannot be loaded.
        """
        cdef slurmdb_qos_rec_t* record
        cdef size_t place
        self.load_qos()
        if self.qos_ids is None:
            self.qos_ids = {}
            for place in range(self.own.qos_count):
                record = self.own.qos[place]
                self.qos_ids.setdefault(decode(record.name).lower(), record.id)
        found = self.qos_ids.get(name.lower())
        promised = self.promised.get((name.lower(),))
        if promised is not None and (found is None or self.qos_is_deleted(found)):
            return promised
        return found

    def has_qos(self, number):
        """Whether there is a QOS of this number.

        :raises SlurmError: they cannot be loaded.
        """
        self.load_qos()
        return 0 < number < NO_VAL and find_qos(&self.own, number) != NULL


    def qos_is_deleted(self, number):
        """Whether a QOS that there is is deleted, and kept for what it used.

        :raises SlurmError: they cannot be loaded.
        """
        return self.has_qos(number) and find_qos(&self.own, number).flags & QOS_FLAG_DELETED != 0

    def qos_name(self, number):
        """The name of a QOS by its number; None when there is none.

        :raises SlurmError: they cannot be loaded.
        """
        if not self.has_qos(number):
            return None
        return decode(find_qos(&self.own, number).name)


ctypedef int (*order_function)(const void* one, const void* other) noexcept nogil


cdef void by_number(Records records, order_function order) noexcept:
    if records.items != NULL:
        with nogil:
            qsort(records.items, records.count, sizeof(void*), order)


cdef int tres_order(const void* one, const void* other) noexcept nogil:
    cdef uint32_t first = (<slurmdb_tres_rec_t**> one)[0].id
    cdef uint32_t second = (<slurmdb_tres_rec_t**> other)[0].id
    return (first > second) - (first < second)


cdef int qos_order(const void* one, const void* other) noexcept nogil:
    cdef uint32_t first = (<slurmdb_qos_rec_t**> one)[0].id
    cdef uint32_t second = (<slurmdb_qos_rec_t**> other)[0].id
    return (first > second) - (first < second)


cdef int association_order(const void* one, const void* other) noexcept nogil:
    cdef uint32_t first = (<slurmdb_assoc_rec_t**> one)[0].id
    cdef uint32_t second = (<slurmdb_assoc_rec_t**> other)[0].id
    return (first > second) - (first < second)


cdef size_t place_of(
    void** records, size_t count, size_t id_offset, uint32_t number
) noexcept nogil:
    """Where the first record of a number is among records in order, or would be."""
    cdef size_t low = 0
    cdef size_t high = count
    cdef size_t middle
    while low < high:
        middle = (low + high) // 2
        if (<uint32_t*> (<char*> records[middle] + id_offset))[0] < number:
            low = middle + 1
        else:
            high = middle
    return low


cdef size_t tres_place(const Tables* tables, uint32_t number) noexcept nogil:
    """Where the TRES of a number is, or would be."""
    cdef size_t offset = <size_t> &(<slurmdb_tres_rec_t*> NULL).id
    return place_of(<void**> tables.tres, tables.tres_count, offset, number)


cdef slurmdb_tres_rec_t* find_tres(const Tables* tables, uint32_t number) noexcept nogil:
    cdef size_t place = tres_place(tables, number)
    if place < tables.tres_count and tables.tres[place].id == number:
        return tables.tres[place]
    return NULL


cdef slurmdb_qos_rec_t* find_qos(const Tables* tables, uint32_t number) noexcept nogil:
    cdef size_t offset = <size_t> &(<slurmdb_qos_rec_t*> NULL).id
    cdef size_t place = place_of(<void**> tables.qos, tables.qos_count, offset, number)
    if place < tables.qos_count and tables.qos[place].id == number:
        return tables.qos[place]
    return NULL


cdef slurmdb_assoc_rec_t* find_association(
    const Tables* tables, uint32_t number, const char* cluster
) noexcept nogil:
    """The association of a number on a cluster: each cluster counts its own."""
    cdef size_t offset = <size_t> &(<slurmdb_assoc_rec_t*> NULL).id
    cdef size_t count = tables.association_count
    cdef size_t place = place_of(<void**> tables.associations, count, offset, number)
    while place < count and tables.associations[place].id == number:
        if is_named(tables.associations[place].cluster, cluster):
            return tables.associations[place]
        place += 1
    return NULL


cdef bint is_named(const char* name, const char* other) noexcept nogil:
    if name == NULL or other == NULL:
        return name == other
    return strcasecmp(name, other) == 0


# Derive functions; see data_parser/scratch.pxd.

# Where nothing was loaded, nothing is found.
cdef Tables nothing


cdef const Tables* tables_of(const void* tables) noexcept nogil:
    return &nothing if tables == NULL else <const Tables*> tables


cdef int missing(Scratch* scratch, const char* format, uint32_t number) noexcept nogil:
    """Warn that nothing has this number."""
    cdef char text[NOTE_SIZE]
    if scratch.note == NULL:
        snprintf(text, NOTE_SIZE, format, number)
        scratch.note = strdup(text)
    return 0


cdef const slurmdb_tres_rec_t* named_tres(
    const Tables* tables, const char* text, size_t size
) noexcept nogil:
    """The TRES that the first ``size`` characters name: ``cpu``, ``gres/gpu``."""
    cdef size_t place
    cdef size_t length
    cdef const slurmdb_tres_rec_t* record
    for place in range(tables.tres_count):
        record = tables.tres[place]
        if record.type == NULL:
            continue
        length = strlen(record.type)
        if length > size or strncasecmp(text, record.type, length) != 0:
            continue
        if record.name == NULL or record.name[0] == 0:
            if length == size:
                return record
        elif length + 1 + strlen(record.name) == size and text[length] == b"/":
            if strncasecmp(text + length + 1, record.name, size - length - 1) == 0:
                return record
    return NULL


cdef int tres_of_text(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """``1=4,1001=2``, or ``cpu=4,gres/gpu=2``, as records (slurmdb_tres_rec_t) with all of that."""
    cdef const char* text = (<const char* const*> member)[0]
    cdef const char* at = text
    cdef const char* equals
    cdef char* end
    cdef size_t most = 1
    cdef slurmdb_tres_rec_t* records
    cdef slurmdb_tres_rec_t* record
    cdef const slurmdb_tres_rec_t* known
    if text == NULL or text[0] == 0:
        return 0
    while at[0]:
        most += at[0] == b","
        at += 1
    records = <slurmdb_tres_rec_t*> calloc(most, sizeof(slurmdb_tres_rec_t))
    if records == NULL:
        return -1
    scratch.owned = records
    scratch.value = <uint64_t> <size_t> records
    at = text
    while at[0] and scratch.count < most:
        if at[0] == b",":
            at += 1
            continue
        record = &records[scratch.count]
        equals = strchr(at, b"=")
        if equals == NULL:
            return -1
        if b"0" <= at[0] <= b"9":
            record.id = <uint32_t> strtoul(at, &end, 10)
            if end != equals:
                return -1
            known = find_tres(tables_of(tables), record.id)
            if known == NULL:
                missing(scratch, b"Unable to find TRES %u", record.id)
        else:
            known = named_tres(tables_of(tables), at, equals - at)
            if known == NULL:
                return -1
        record.count = strtoull(equals + 1, &end, 10)
        if end == equals + 1:
            return -1
        at = end
        while at[0] and at[0] != b",":
            at += 1
        if known != NULL:
            record.id = known.id
            record.type = known.type
            record.name = known.name
        scratch.count += 1
    return 0


cdef int qos_name(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The name of a QOS; nothing for none, its number where it has no name."""
    cdef uint32_t number = (<const uint32_t*> member)[0]
    cdef slurmdb_qos_rec_t* known
    cdef char digits[ID_SIZE]
    if number == 0 or number == INFINITE or number == NO_VAL:
        return 0
    known = find_qos(tables_of(tables), number)
    if known == NULL:
        scratch.value = <uint64_t> <size_t> <const char*> b"Unknown"
        return missing(scratch, b"Unable to find QOS %u", number)
    if known.name != NULL and known.name[0]:
        scratch.value = <uint64_t> <size_t> known.name
        return 0
    snprintf(digits, ID_SIZE, b"%u", number)
    scratch.owned = strdup(digits)
    scratch.value = <uint64_t> <size_t> scratch.owned
    return 0


cdef int qos_names(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The names of a list_t of numbers, each a text; an unknown one stays as it is."""
    cdef list_t* items = (<list_t* const*> member)[0]
    cdef list_itr_t* iterator
    cdef slurmdb_qos_rec_t* known
    cdef const char** names
    cdef const char* text
    cdef char* end
    cdef uint32_t number
    cdef int count
    if items == NULL:
        return 0
    count = slurm_list_count(items)
    if count == 0:
        return 0
    names = <const char**> calloc(count + 1, sizeof(char*))  # it ends at a NULL
    if names == NULL:
        return -1
    scratch.owned = names
    scratch.value = <uint64_t> <size_t> names
    iterator = slurm_list_iterator_create(items)
    while scratch.count < <uint64_t> count:
        text = <const char*> slurm_list_next(iterator)
        if text == NULL:
            break
        number = <uint32_t> strtoul(text, &end, 10)
        known = find_qos(tables_of(tables), number) if end != text and end[0] == 0 else NULL
        if known != NULL and known.name != NULL and known.name[0]:
            text = known.name
        elif end != text and end[0] == 0:
            missing(scratch, b"Unable to find QOS %u", number)
        names[scratch.count] = text
        scratch.count += 1
    slurm_list_iterator_destroy(iterator)
    return 0


cdef int preempted_qos(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """The names of the QOS whose numbers are bits of a QOS's bitmap; unknown ones are left out."""
    cdef bitstr_t* bits = (<const slurmdb_qos_rec_t*> record).preempt_bitstr
    cdef const Tables* known = tables_of(tables)
    cdef const char** names
    cdef slurmdb_qos_rec_t* qos
    cdef int64_t number
    if bits == NULL:
        return 0
    names = <const char**> calloc(known.qos_count + 1, sizeof(char*))  # it ends at a NULL
    if names == NULL:
        return -1
    scratch.owned = names
    scratch.value = <uint64_t> <size_t> names
    for number in range(1, slurm_bit_size(bits)):
        if not slurm_bit_test(bits, number):
            continue
        qos = find_qos(known, <uint32_t> number)
        if qos == NULL or qos.name == NULL:
            missing(scratch, b"Unable to find QOS %u", <uint32_t> number)
        elif scratch.count < known.qos_count:
            names[scratch.count] = qos.name
            scratch.count += 1
    return 0


cdef int association_id(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    scratch.value = (<const slurmdb_assoc_rec_t*> record).id
    return 0


cdef int known_association_of_job(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil:
    """The association that a job was charged to; nothing and a warning where it is not known."""
    cdef const slurmdb_job_rec_t* job = <const slurmdb_job_rec_t*> record
    cdef slurmdb_assoc_rec_t* known = NULL
    if job.associd and job.associd != NO_VAL:
        known = find_association(tables_of(tables), job.associd, job.cluster)
    scratch.value = <uint64_t> <size_t> known
    if known == NULL:
        return missing(
            scratch, b"Unknown association with id#%u. Unable to dump association.", job.associd
        )
    return 0


include "step_tres.pxi"


FUNCTIONS = {
    "association_id": <size_t> &association_id,
    "known_association_of_job": <size_t> &known_association_of_job,
    "preempted_qos": <size_t> &preempted_qos,
    "qos_name": <size_t> &qos_name,
    "qos_names": <size_t> &qos_names,
    "step_tres_in_max": <size_t> &step_tres_in_max,
    "step_tres_in_min": <size_t> &step_tres_in_min,
    "step_tres_out_max": <size_t> &step_tres_out_max,
    "step_tres_out_min": <size_t> &step_tres_out_min,
    "tres_of_text": <size_t> &tres_of_text,
}
