"""Parsed records written into C structs; see records.pyx."""

cdef int fill(char* record, str struct, values) except -1
