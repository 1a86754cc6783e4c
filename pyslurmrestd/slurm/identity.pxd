"""Whose call it is; see identity.pyx."""

cdef class Identity:
    cdef bytes token
    cdef bytes user_name
    cdef int begin(self) except -1
    cdef void end(self) noexcept
