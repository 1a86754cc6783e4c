"""Connections to slurmdbd, each opened as one caller and never lent to another.

slurmdbd asks who somebody is when a connection is opened, and does all that comes over it as that
user. So a connection is kept under all that told the caller: the token, letter by letter, and the
user named beside it. It serves one request at a time. It is closed when it was idle or open for
long, when its token has ended, and when there are too many. Deadlines are CLOCK_MONOTONIC's.
"""

from libc cimport errno
from libc.math cimport INFINITY
from libc.stdint cimport uint16_t

from .calls cimport connected_times, end_waits
from .identity cimport Identity
from .libslurm cimport *

import threading
import time
from collections import OrderedDict

from ..errors import ErrorCode, Rejected, SlurmError

__all__ = ["IDLE_SECONDS", "MOST_IDLE", "close_all", "idle"]

MOST_IDLE = 8
"""Of a process. slurmdbd has a thread for each connection, and about a hundred in all."""

IDLE_SECONDS = 20.0
"""After which an unused connection is closed."""

OPEN_SECONDS = 300.0
"""After which a connection is not used again: keys and users change meanwhile."""

cdef enum:
    # That slurmdbd may take to say good-bye.
    CLOSE_SECONDS = 2


cdef class Connection:
    """One connection, and whose it is.

    :ivar key: of the caller, as it is kept under.
    :ivar kept: it served an earlier request, so slurmdbd may have closed it since.
    :ivar opened: when, by the monotonic clock.
    """

    cdef bint alive(self):
        """Whether slurmdbd still has its end.

        Asked before each step of a transaction: libslurm would open a lost connection again, commit
        nothing on it, and say that it is done.
        """
        cdef int rc
        with nogil:
            rc = slurm_persist_conn_writeable(self.handle)
        return rc == 1

    cdef int finish(self, bint commit, double deadline) except? -2:
        """Commit or roll back; the error, 0 if there is none.

        ``unanswered``: slurmdbd has said nothing, so a commit may have been done.
        """
        cdef int rc, number
        cdef unsigned int before = connected_times()
        self.unanswered = False
        if not self.alive():
            return ErrorCode.DB_CONNECTION
        self.identity.begin()
        try:
            with nogil:
                errno.errno = 0
                end_waits(deadline)
                rc = slurmdb_connection_commit(self.handle, commit)
                number = errno.errno
                end_waits(INFINITY)
        finally:
            self.identity.end()
        if rc == SLURM_SUCCESS:
            # What was committed over another connection was nothing.
            return 0 if connected_times() == before else ErrorCode.DB_CONNECTION
        # slurmdbd answers with numbers of its own.
        self.unanswered = rc == SLURM_ERROR
        if time.monotonic() >= deadline:
            return ErrorCode.SOCKET_TIMEOUT
        if rc == SLURM_ERROR:
            # errno is not always set then.
            return number or ErrorCode.DB_CONNECTION
        return rc

    def __dealloc__(self):
        # Closing may open a lost connection again, so it too is done as the caller.
        cdef double deadline = time.monotonic() + CLOSE_SECONDS
        if self.handle == NULL:
            return
        try:
            self.identity.begin()
        except SlurmError:
            return
        try:
            with nogil:
                end_waits(deadline)
                slurmdb_connection_close(&self.handle)
                end_waits(INFINITY)
        finally:
            self.identity.end()


cdef Connection opened(tuple key, Identity identity, double deadline):
    """:raises SlurmError: 7000, slurmdbd is not reached, or does not take the caller's token.
        5004, it does not answer.
    """
    cdef Connection connection = Connection.__new__(Connection)
    cdef uint16_t flags = 0
    cdef int number = 0
    connection.key = key
    connection.identity = identity
    connection.opened = time.monotonic()
    try:
        identity.begin()
    except SlurmError:
        raise refused() from None
    try:
        with nogil:
            errno.errno = 0
            end_waits(deadline)
            connection.handle = slurmdb_connection_get(&flags)
            number = errno.errno
            end_waits(INFINITY)
    finally:
        identity.end()
    if connection.handle == NULL or number:
        if time.monotonic() >= deadline:
            raise SlurmError(ErrorCode.SOCKET_TIMEOUT, "slurmdbd does not answer")
        raise refused()
    return connection


def refused():
    return Rejected(
        ErrorCode.DB_CONNECTION, "Failed to open slurmdbd connection", "openapi_get_db_conn"
    )


# Kept ones, the longest unused first. Whoever takes one out has it for itself.
_lock = threading.Lock()
_idle = OrderedDict()
_closer = None


cdef Connection take(tuple key, Identity identity, double ends, double deadline):
    """A connection of this caller: one that is kept, else a new one.

    :param ends: when the caller's token ends, in seconds of UNIX time.
    :raises SlurmError: 7000, 5004.
    """
    cdef Connection connection
    cdef Connection found = None
    with _lock:
        for number, kept in _idle.items():
            connection = kept
            if connection.key == key:
                found = connection
                del _idle[number]
                break
    if found is not None and usable(found, ends):
        return found
    return opened(key, identity, deadline)


cdef bint usable(Connection connection, double ends) except? -1:
    return (
        ends > time.time()
        and time.monotonic() - connection.opened < OPEN_SECONDS
        and connection.alive()
    )


cdef void give_back(Connection connection, double ends, double deadline):
    """Keep a connection for the caller's next request, or close it.

    Reads open a transaction too. It is ended here, or the next request would see what was there
    when this one first asked.
    """
    global _closer
    closing = []
    connection.kept = True
    connection.idle_since = time.monotonic()
    if not usable(connection, ends) or connection.finish(False, deadline):
        return
    with _lock:
        _idle[id(connection)] = connection
        while len(_idle) > MOST_IDLE:
            closing.append(_idle.popitem(last=False))
        if _closer is None:
            _closer = threading.Thread(target=close_idle, name="slurmdbd-closer", daemon=True)
            _closer.start()
    closing.clear()  # outside the lock, as closing talks to slurmdbd


def close_idle():
    """Close what is idle for long, until nothing is kept."""
    global _closer
    cdef Connection connection
    while True:
        time.sleep(IDLE_SECONDS / 4)
        closing = []
        with _lock:
            before = time.monotonic() - IDLE_SECONDS
            for number, kept in list(_idle.items()):
                connection = kept
                if connection.idle_since <= before:
                    closing.append(_idle.pop(number))
            finished = not _idle
            if finished:
                _closer = None
        connection = kept = None
        closing.clear()  # outside the lock: closing talks to slurmdbd
        if finished:
            return


def close_all():
    """Close all that are kept."""
    with _lock:
        closing = list(_idle.values())
        _idle.clear()
    closing.clear()


def idle():
    """The callers of the kept connections, the longest unused first."""
    with _lock:
        return [connection.key for connection in _idle.values()]
