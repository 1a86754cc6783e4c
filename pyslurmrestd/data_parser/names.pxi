# Names of users and groups: looked up through libc, remembered for a minute.

cdef extern from "<pwd.h>" nogil:
    cdef struct passwd:
        char* pw_name
    int getpwuid_r(uid_t uid, passwd* entry, char* buffer, size_t size, passwd** result)

cdef extern from "<grp.h>" nogil:
    cdef struct group:
        char* gr_name
    int getgrgid_r(gid_t gid, group* entry, char* buffer, size_t size, group** result)

cdef extern from "pythread.h" nogil:
    ctypedef void* PyThread_type_lock
    PyThread_type_lock PyThread_allocate_lock()
    int PyThread_acquire_lock(PyThread_type_lock lock, int wait)
    void PyThread_release_lock(PyThread_type_lock lock)

cdef enum:
    NAME_SLOTS = 2048
    NAME_SIZE = 128
    NAME_SECONDS = 60
    ENTRY_SIZE = 16384
    # Slurm: 99 is its own "nobody" (SLURM_AUTH_NOBODY), whatever the system calls it; it has no group.
    SLURM_NOBODY = 99


cdef struct KnownName:
    uint64_t key
    int64_t expires
    int length
    char text[NAME_SIZE]


cdef KnownName* known_names = <KnownName*> calloc(NAME_SLOTS, sizeof(KnownName))
cdef PyThread_type_lock known_names_lock = PyThread_allocate_lock()
if known_names == NULL or known_names_lock == NULL:
    raise MemoryError


cdef int look_up_name(uint32_t number, bint is_group, char* name) noexcept nogil:
    """The name's length; 0 for an unknown number or a name too long to be one."""
    cdef char buffer[ENTRY_SIZE]
    cdef passwd user_entry
    cdef passwd* user = NULL
    cdef group group_entry
    cdef group* found = NULL
    cdef const char* text = NULL
    cdef size_t length
    if number == SLURM_NOBODY and is_group:
        return 0
    if number == SLURM_NOBODY:
        text = b"nobody"
    elif is_group:
        if getgrgid_r(number, &group_entry, buffer, ENTRY_SIZE, &found) == 0 and found != NULL:
            text = found.gr_name
    elif getpwuid_r(number, &user_entry, buffer, ENTRY_SIZE, &user) == 0 and user != NULL:
        text = user.pw_name
    if text == NULL:
        return 0
    length = strlen(text)
    if length >= NAME_SIZE:
        return 0
    memcpy(name, text, length)
    return <int> length


cdef int name_of(uint32_t number, bint is_group, char* name) noexcept nogil:
    """The name of a user or group into ``name`` (NAME_SIZE bytes); its length, 0 if unknown."""
    # The top bit marks a slot as used, so that user 0 is not found in an empty one.
    cdef uint64_t key = (<uint64_t> 1 << 63) | (<uint64_t> is_group << 32) | number
    cdef KnownName* slot = &known_names[(number * <uint64_t> 2 + is_group) % NAME_SLOTS]
    cdef int64_t moment = now(NULL)
    cdef int length = -1
    PyThread_acquire_lock(known_names_lock, 1)
    if slot.key == key and slot.expires > moment:
        length = slot.length
        memcpy(name, slot.text, length)
    PyThread_release_lock(known_names_lock)
    if length >= 0:
        return length
    length = look_up_name(number, is_group, name)
    PyThread_acquire_lock(known_names_lock, 1)
    slot.key = key
    slot.expires = moment + NAME_SECONDS
    slot.length = length
    memcpy(slot.text, name, length)
    PyThread_release_lock(known_names_lock)
    return length
