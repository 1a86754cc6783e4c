"""Calls of libslurm made as the caller, with the GIL released.

A read that fails for a passing fault of the connection is tried once more; a write never is, and
its error says so where nobody knows whether it was done. What the controller has not accepted because the caller asks
too much, libslurm sends again by itself, up to the request's deadline; see patience.h.
"""

from libc.math cimport INFINITY

from .identity cimport Identity
from .libslurm cimport *
from .message cimport decode

import pwd
import sys

from ..errors import LimitReached, SlurmError
from .layout import built_for

__all__ = ["Calls", "error_text", "settings"]

cdef extern from "patience.h" nogil:
    ctypedef bint truth "bool"
    bint watch_waits()
    void wait_until(double deadline)
    unsigned int connections_made()
    int call_patiently(
        call_function function,
        void* call,
        double deadline,
        int* number,
        unsigned int* wait,
        truth* sent,
    )

cdef enum:
    # Ours: the connection broke off, as libc's errno says.
    CUT = -3
    # The first of Slurm's numbers; errno is libc's below it.
    UNEXPECTED_MESSAGE = 1000
    PROTOCOL_AUTHENTICATION = 1007
    MISSING_SOCKET = 1013
    CONTROLLER_CONNECT = 1800
    CONTROLLER_BACKOFF = 1804
    NO_CHANGE = 1900
    SOCKET_TIMEOUT = 5004
    ZERO_BYTES = 5005
    AUTH_NOBODY = 6010

def error_text(int number):
    """libslurm's text for an error number."""
    return decode(slurm_strerror(number))


def settings():
    """What the parsed slurm.conf says, as the values of ``library.Cluster``.

    :raises RuntimeError: libslurm is of another release than this was built for, so that records
        would be read at the wrong places.
    """
    cdef long api = slurm_api_version() >> 16
    if api != BUILT_FOR_API:
        raise RuntimeError(
            f"libslurm.so.{api} is not of Slurm {built_for()}, which pyslurmrestd was built for: "
            "build it again with the headers of the Slurm that is installed"
        )
    accounting = decode(slurm_conf.accounting_storage_type)
    uid = slurm_conf.slurm_user_id
    try:
        gid = pwd.getpwuid(uid).pw_gid
    except KeyError:
        gid = uid
    return {
        "release": built_for(),
        "cluster": decode(slurm_conf.cluster_name),
        "accounting_storage": accounting,
        "accounting": bool(accounting) and accounting != "accounting_storage/none",
        "slurm_user_uid": uid,
        "slurm_user_gid": gid,
        "daemons": daemons(),
    }


cdef dict daemons():
    """Where the daemons of slurm.conf listen: a host and a port each."""
    cdef uint32_t place
    places = {
        "slurmctld": [
            (decode(slurm_conf.control_addr[place]), slurm_conf.slurmctld_port)
            for place in range(slurm_conf.control_cnt)
        ]
    }
    if decode(slurm_conf.accounting_storage_type) == "accounting_storage/slurmdbd":
        hosts = [
            decode(slurm_conf.accounting_storage_host),
            decode(slurm_conf.accounting_storage_backup_host),
        ]
        port = slurm_conf.accounting_storage_port
        places["slurmdbd"] = [(host, port) for host in hosts if host]
    return places

cdef int code_of(int rc, int number) noexcept nogil:
    """The error of a call: calls return it, or -1 with errno set, or -1 with errno left over."""
    cdef int code = number if rc == SLURM_ERROR else rc
    # slurmctld answers with numbers of its own, or with -1 where it gives no reason; libc's mean
    # that it was not reached.
    if rc == SLURM_ERROR and 0 <= code < UNEXPECTED_MESSAGE:
        return CUT
    # Without an answer slurm_update_job2() finds one of an unexpected kind, slurm_kill_jobs() says 1.
    if code == UNEXPECTED_MESSAGE or code == 1:
        return CONTROLLER_CONNECT
    return code


cdef bint is_lost(int code) noexcept nogil:
    """The controller gave no answer, or none that came through."""
    return (
        code == CUT
        or code == MISSING_SOCKET
        or 1000 <= code < 1005
        or 1800 <= code < 1804
        or 5000 <= code < 5100
    )


cdef bint is_passing(int code) noexcept nogil:
    """A fault of one connection that the next may not have."""
    return code in (MISSING_SOCKET, ZERO_BYTES, SOCKET_TIMEOUT, CUT)

if not watch_waits():
    print(
        "warning: libslurm's waits cannot be bounded: requests beyond the controller's limit "
        "(SlurmctldParameters=rl_enable) are answered 504 instead of 429, and each that slurmdbd "
        "leaves without an answer costs a worker",
        file=sys.stderr,
    )


cdef void end_waits(double deadline) noexcept nogil:
    wait_until(deadline)


cdef unsigned int connected_times() noexcept nogil:
    return connections_made()


cdef class Calls:
    """Who calls, and how: the modules of each domain make their calls through it."""

    def __cinit__(self, credential, double deadline=INFINITY):
        self.identity = Identity(credential)
        self.deadline = deadline
        self.wait = 1

    cdef int once(self, call_function function, void* call) except? -2:
        """Make a call as the caller; its error, 0 if there is none."""
        cdef int rc, number
        cdef truth sent
        self.identity.begin()
        try:
            with nogil:
                rc = call_patiently(function, call, self.deadline, &number, &self.wait, &sent)
        finally:
            self.identity.end()
        self.sent = sent
        return code_of(rc, number)

    cdef int read(self, call_function function, void* call, str source) except -1:
        """A call that changes nothing, tried again where that may help."""
        cdef int code = self.once(function, call)
        if is_passing(code):
            code = self.once(function, call)
        return self.judge(code, source)

    cdef int write(self, call_function function, void* call, str source) except -1:
        """A call that changes something."""
        cdef int code = self.once(function, call)
        try:
            return self.judge(code, source)
        except SlurmError as error:
            error.unknown = self.sent and is_lost(code)
            raise

    cdef int judge(self, int code, str source) except -1:
        """Raise the error of a call, if it is one, and note what it says of the caller."""
        if code == CUT:
            code = CONTROLLER_CONNECT
        if code == PROTOCOL_AUTHENTICATION or code == AUTH_NOBODY:
            self.known = False
        elif code == 0 or code == NO_CHANGE or code == CONTROLLER_BACKOFF:
            # libslurm raises other errors of its own, before anybody is asked.
            self.known = True
        if code == CONTROLLER_BACKOFF:
            raise LimitReached(self.wait, source)
        if code:
            raise SlurmError(code, "", source)
        return 0
