"""What a derive function fills for the engine to dump, and the shape of such a function."""

from libc.stdint cimport uint64_t


cdef struct Scratch:
    # A value, or the address of a text, a record or the first of some; how many; what to free()
    # after the dump; a warning (malloc'd, freed by the engine) for the answer.
    uint64_t value
    uint64_t count
    void* owned
    char* note


# Given a record (or the member that the row names) and the tables of the request's Lookups, NULL
# where there are none. 0, or -1 where the record makes no sense: then the value is dumped as it
# stands, and the answer warns in the words of the note, or in the engine's own.
ctypedef int (*derive_function)(
    const void* record, Scratch* scratch, const void* tables
) noexcept nogil
