# Names of users and groups: looked up through libc, remembered for a minute.

cdef extern from "<pwd.h>" nogil:
    cdef struct passwd:
        char* pw_name
    int getpwuid_r(uid_t uid, passwd* entry, char* buffer, size_t size, passwd** result)

cdef extern from "<grp.h>" nogil:
    cdef struct group:
        char* gr_name
    int getgrgid_r(gid_t gid, group* entry, char* buffer, size_t size, group** result)

cdef enum:
    NAME_SLOTS = 2048
    NAME_SIZE = 128
    NAME_SECONDS = 60
    # Room for an entry: at first, and at most. A group's has the names of all its members.
    ENTRY_SIZE = 16384
    LARGEST_ENTRY = 16777216


cdef struct KnownName:
    uint64_t key
    int64_t expires
    int length
    char text[NAME_SIZE]


cdef KnownName* known_names = <KnownName*> calloc(NAME_SLOTS, sizeof(KnownName))
cdef PyThread_type_lock known_names_lock = PyThread_allocate_lock()
if known_names == NULL or known_names_lock == NULL:
    raise MemoryError


cdef int find_entry(
    uint32_t number, bint is_group, char* buffer, size_t size, const char** name
) noexcept nogil:
    """The name of an entry in the user or group database, NULL if there is none; an errno."""
    cdef passwd user_entry
    cdef passwd* user = NULL
    cdef group group_entry
    cdef group* found = NULL
    cdef int rc
    name[0] = NULL
    if is_group:
        rc = getgrgid_r(number, &group_entry, buffer, size, &found)
        if found != NULL:
            name[0] = found.gr_name
    else:
        rc = getpwuid_r(number, &user_entry, buffer, size, &user)
        if user != NULL:
            name[0] = user.pw_name
    return rc


cdef int copy_name(const char* text, char* name) noexcept nogil:
    """The name's length; 0 for none, or one too long to be one."""
    cdef size_t length = 0 if text == NULL else strlen(text)
    if length >= NAME_SIZE:
        return 0
    memcpy(name, text, length)
    return <int> length


cdef int look_up_name(
    uint32_t number, bint is_group, uint64_t nobody, char* name
) noexcept nogil:
    """The name's length; 0 for an unknown number.

    :param nobody: Slurm's own "nobody" (SLURM_AUTH_NOBODY), whatever the system calls it; it has no
        group.
    """
    cdef char small[ENTRY_SIZE]
    cdef char* large = NULL
    cdef const char* text = NULL
    cdef size_t size = ENTRY_SIZE
    cdef int length
    if number == nobody:
        if not is_group:
            text = b"nobody"
        return copy_name(text, name)
    if find_entry(number, is_group, small, size, &text) != ERANGE:
        return copy_name(text, name)
    while size < LARGEST_ENTRY:
        size *= 4
        large = <char*> malloc(size)
        if large == NULL:
            return 0
        if find_entry(number, is_group, large, size, &text) != ERANGE:
            break
        free(large)
        large = NULL
    length = copy_name(text, name)
    free(large)
    return length


cdef int name_of(uint32_t number, bint is_group, uint64_t nobody, char* name) noexcept nogil:
    """The name of a user or group into ``name`` (NAME_SIZE bytes); its length, 0 if unknown."""
    # The top bit marks a slot as used, so that user 0 is not found in an empty one.
    cdef uint64_t key = (<uint64_t> 1 << 63) | (<uint64_t> is_group << 32) | number
    cdef KnownName* slot = &known_names[(number * <uint64_t> 2 + is_group) % NAME_SLOTS]
    cdef int64_t moment = now(NULL)
    cdef int length = -1
    PyThread_acquire_lock(known_names_lock, WAIT_LOCK)
    if slot.key == key and slot.expires > moment:
        length = slot.length
        memcpy(name, slot.text, length)
    PyThread_release_lock(known_names_lock)
    if length >= 0:
        return length
    length = look_up_name(number, is_group, nobody, name)
    PyThread_acquire_lock(known_names_lock, WAIT_LOCK)
    slot.key = key
    slot.expires = moment + NAME_SECONDS
    slot.length = length
    memcpy(slot.text, name, length)
    PyThread_release_lock(known_names_lock)
    return length
