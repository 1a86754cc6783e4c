"""Whose call it is: libslurm is told before each call and forgets after it.

auth/jwt keeps the token per thread. A thread that was not cleared would act as its last caller,
one whose token was refused as the daemon itself; so begin() fails closed, and end() is always
called.
"""

from .libslurm cimport auth_g_thread_clear, auth_g_thread_config

from ..errors import ErrorCode, SlurmError


cdef class Identity:
    """The caller of a token, or the daemon's own user where there is none (local)."""

    def __cinit__(self, credential):
        if credential.kind == "token":
            if "\0" in (credential.token or ""):
                raise SlurmError(ErrorCode.PROTOCOL_AUTHENTICATION)
            self.token = (credential.token or "").encode("utf-8", "surrogateescape")
            if credential.user_name is not None:
                self.user_name = credential.user_name.encode("utf-8", "surrogateescape")

    cdef int begin(self) except -1:
        """Calls of this thread are the caller's from here on.

        :raises SlurmError: 1007, the token cannot be used.
        """
        cdef const char* user = NULL
        if self.token is None:
            return 0
        if self.user_name is not None:
            user = self.user_name
        if auth_g_thread_config(self.token, user) != 0:
            auth_g_thread_clear()
            raise SlurmError(ErrorCode.PROTOCOL_AUTHENTICATION)
        return 0

    cdef void end(self) noexcept:
        if self.token is not None:
            auth_g_thread_clear()
