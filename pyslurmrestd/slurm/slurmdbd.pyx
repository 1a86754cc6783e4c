"""The accounting daemon's calls, made as the caller, with the GIL released.

Conditions and records are what :func:`.records.new_record` makes: objects that own a C struct at
their ``address``. A call returns Records or plain values, or raises SlurmError with Slurm's number.
A read is tried once more when its connection was kept from an earlier request and slurmdbd has
closed it since. A write happens in a transaction, which nobody else sees before it is committed.
"""

from libc cimport errno
from libc.math cimport INFINITY
from libc.stdint cimport uint32_t
from libc.string cimport memset

from ..data_parser.engine cimport Records
from .calls cimport connected_times, end_waits
from .connections cimport Connection, give_back, take
from .identity cimport Identity
from .libslurm cimport *
from .message cimport Held, decode, free_function, hold, listed

import time
from math import inf

import jwt

from ..errors import ErrorCode, SlurmError
from .layout import LAYOUT

__all__ = ["Slurmdbd"]


# Shapes of libslurm's functions, whose structs are the domain's.

ctypedef list_t* (*get_function)(void* connection, void* condition) noexcept nogil
ctypedef int (*add_function)(void* connection, list_t* records) noexcept nogil
ctypedef char* (*add_with_function)(void* connection, void* condition, void* record) noexcept nogil
ctypedef list_t* (*modify_function)(void* connection, void* condition, void* record) noexcept nogil


cdef class Table:
    """A kind of record that slurmdbd keeps, and what may be done with it; NULL is what may not."""

    cdef void* get
    cdef void* add
    cdef void* add_with
    cdef void* modify
    cdef void* remove


cdef Table keeping(
    void* get, void* add=NULL, void* modify=NULL, void* remove=NULL, void* add_with=NULL
):
    cdef Table kept = Table.__new__(Table)
    kept.get = get
    kept.add = add
    kept.modify = modify
    kept.remove = remove
    kept.add_with = add_with
    return kept


cdef dict TABLES = {
    "accounts": keeping(
        <void*> slurmdb_accounts_get,
        <void*> slurmdb_accounts_add,
        <void*> slurmdb_accounts_modify,
        <void*> slurmdb_accounts_remove,
        <void*> slurmdb_accounts_add_cond,
    ),
    "associations": keeping(
        <void*> slurmdb_associations_get,
        <void*> slurmdb_associations_add,
        <void*> slurmdb_associations_modify,
        <void*> slurmdb_associations_remove,
    ),
    "clusters": keeping(
        <void*> slurmdb_clusters_get,
        <void*> slurmdb_clusters_add,
        <void*> slurmdb_clusters_modify,
        <void*> slurmdb_clusters_remove,
    ),
    "instances": keeping(<void*> slurmdb_instances_get),
    "jobs": keeping(<void*> slurmdb_jobs_get, NULL, <void*> slurmdb_job_modify),
    "qos": keeping(
        <void*> slurmdb_qos_get,
        <void*> slurmdb_qos_add,
        <void*> slurmdb_qos_modify,
        <void*> slurmdb_qos_remove,
    ),
    "tres": keeping(<void*> slurmdb_tres_get, <void*> slurmdb_tres_add),
    "users": keeping(
        <void*> slurmdb_users_get,
        <void*> slurmdb_users_add,
        <void*> slurmdb_users_modify,
        <void*> slurmdb_users_remove,
        <void*> slurmdb_users_add_cond,
    ),
    "wckeys": keeping(
        <void*> slurmdb_wckeys_get,
        <void*> slurmdb_wckeys_add,
        NULL,
        <void*> slurmdb_wckeys_remove,
    ),
}


cdef enum:
    # The first of Slurm's numbers; errno is libc's below it.
    FIRST_OF_SLURM = 1000
    # Of a list that comes with an error.
    MOST_TOLD = 10


cdef int answered(void* answer) noexcept nogil:
    return SLURM_SUCCESS if answer != NULL else SLURM_ERROR


cdef int call_get(Call* call) noexcept nogil:
    call.answer = (<get_function> call.function)(call.connection, call.condition)
    return answered(call.answer)


cdef int call_add(Call* call) noexcept nogil:
    return (<add_function> call.function)(call.connection, call.items)


cdef int call_add_with(Call* call) noexcept nogil:
    call.answer = (<add_with_function> call.function)(call.connection, call.condition, call.record)
    return answered(call.answer)


cdef int call_modify(Call* call) noexcept nogil:
    call.answer = (<modify_function> call.function)(call.connection, call.condition, call.record)
    return answered(call.answer)


cdef int call_add_coordinators(Call* call) noexcept nogil:
    return slurmdb_coord_add(call.connection, call.items, call.condition)


cdef int call_remove_coordinators(Call* call) noexcept nogil:
    call.answer = slurmdb_coord_remove(call.connection, call.items, call.condition)
    return answered(call.answer)


OF_LOST_DATABASE = frozenset({1053, 1927, 2006, 2013, 2055})
"""MariaDB: it shuts down; the connection was killed; the server is gone, or lost within a query."""

SILENT_SECONDS = 20.0
"""So long is slurmdbd not asked aside again, once it did not answer."""

_silent_until = 0.0


cdef class Slurmdbd:
    """The accounting daemon's calls for one caller, over one connection at a time.

    :param deadline: when to give up what it does not answer, by CLOCK_MONOTONIC.
    :param aside: a daemon that does not answer is not worth the wait.
    :ivar known: whether slurmdbd took the caller's token.
    """

    def __cinit__(self, credential, double deadline=INFINITY, bint aside=False):
        self.deadline = deadline
        self.aside = aside
        self.identity = Identity(credential)
        self.key = (credential.kind, credential.token, credential.user_name)
        self.ends = end_of(credential)

    cdef Connection connected(self):
        """:raises SlurmError: 7000, slurmdbd is not reached, or refuses the caller; 5004."""
        if self.connection is None:
            if self.aside and time.monotonic() < _silent_until:
                raise SlurmError(ErrorCode.SOCKET_TIMEOUT, "slurmdbd does not answer")
            try:
                self.connection = take(self.key, self.identity, self.ends, self.deadline)
            except SlurmError as error:
                self.note(error.errno)
                raise
            self.known = True
        return self.connection

    cdef void note(self, int code) noexcept:
        """Remember for those who ask aside that there was no answer."""
        global _silent_until
        if self.aside and code == ErrorCode.SOCKET_TIMEOUT:
            _silent_until = time.monotonic() + SILENT_SECONDS

    def vouch(self):
        """Make sure that slurmdbd knows the caller.

        :raises SlurmError: 7000, it does not, or is not reached.
        """
        self.connected()

    def close(self):
        """Give the connection back. What was written and not committed is rolled back."""
        cdef Connection connection = self.connection
        self.connection = None
        if connection is not None and not self.writing:
            give_back(connection, self.ends, self.deadline)
        self.writing = False

    cdef int once(self, call_function function, Call* call) except? -2:
        """Make a call as the caller; its error, 0 if there is none. 5004: no answer in time."""
        cdef int rc, number
        cdef unsigned int before
        call.connection = self.connected().handle
        before = connected_times()
        if self.writing and not self.connection.alive():
            return ErrorCode.DB_CONNECTION
        self.identity.begin()
        try:
            with nogil:
                errno.errno = 0
                end_waits(self.deadline)
                rc = function(call)
                number = errno.errno
                end_waits(INFINITY)
        finally:
            self.identity.end()
        if rc == SLURM_SUCCESS:
            if self.writing and connected_times() != before:
                # libslurm has opened a lost connection again: what was written before is gone.
                return ErrorCode.DB_CONNECTION
            # What a call gives may be what it tells of its error.
            return number if call.answer != NULL and number >= FIRST_OF_SLURM else 0
        if time.monotonic() >= self.deadline:
            return ErrorCode.SOCKET_TIMEOUT
        if rc != SLURM_ERROR:
            return without_databases(rc)
        # slurmdbd answers with numbers of its own; libc's, or none, mean that it did not.
        return without_databases(number) if number >= FIRST_OF_SLURM else ErrorCode.DB_CONNECTION

    cdef int read(self, call_function function, Call* call, str source) except -1:
        """A call that changes nothing; over a new connection where a kept one is lost."""
        cdef bint kept = self.connected().kept
        cdef int code = self.once(function, call)
        if is_lost(code):
            self.note(code)
            if self.writing:
                self.lost = True
            else:
                self.connection = None
                if kept and code != ErrorCode.SOCKET_TIMEOUT:
                    code = self.once(function, call)
        if code:
            raise SlurmError(code, "", source)
        return 0

    cdef int write(self, call_function function, Call* call, str source) except -1:
        if not self.writing:
            raise RuntimeError(f"{source} outside of a transaction")
        cdef int code = self.once(function, call)
        if is_lost(code):
            self.lost = True
        if code:
            raise SlurmError(code, "", source)
        return 0

    def transaction(self):
        """What is written in this ``with`` is committed at its end, or nothing of it is.

        :raises SlurmError: 7000; or the number with which slurmdbd refused to commit.
        """
        return Transaction(self)

    cdef int begin(self) except -1:
        if self.writing:
            raise RuntimeError("a transaction within another")
        # A write is never tried again, so the connection has to be one that slurmdbd still has;
        # and what was read before is read anew.
        if self.connected().finish(False, self.deadline):
            self.connection = None
            self.connected()
        self.writing = True
        return 0

    cdef int finish(self, bint commit) except? -2:
        cdef int code = ErrorCode.DB_CONNECTION
        self.unanswered = False
        if not self.lost:
            code = self.connection.finish(commit, self.deadline)
            self.unanswered = self.connection.unanswered
        if code:
            # Closing rolls back what slurmdbd may still have.
            self.connection = None
        self.writing = self.lost = False
        return code

    def get(self, str kind, condition):
        """Records of a kind (a name of TABLES), by a condition of theirs."""
        return self.found(kind, address_of(condition))

    def add(self, str kind, records):
        """Add records that there are not yet; they stay the caller's."""
        cdef Call call
        cdef Table kept = table_of(kind)
        cdef Held items = held_list(slurm_list_create(NULL))
        memset(&call, 0, sizeof(call))
        call.function = function_of(kind, kept.add)
        call.items = <list_t*> items.message
        for record in records:
            slurm_list_append(call.items, address_of(record))
        self.write(call_add, &call, f"slurmdb_{kind}_add()")

    def add_with(self, str kind, associations, record):
        """Add records with associations (slurmdb_add_assoc_cond_t), all described alike.

        :returns: what was added, as sacctmgr prints it.
        """
        cdef Call call
        cdef Table kept = table_of(kind)
        memset(&call, 0, sizeof(call))
        call.function = function_of(kind, kept.add_with)
        call.condition = address_of(associations)
        call.record = address_of(record)
        try:
            self.write(call_add_with, &call, f"slurmdb_{kind}_add_cond()")
            return decode(<const char*> call.answer)
        except SlurmError as error:
            error.text = decode(<const char*> call.answer)
            raise
        finally:
            slurm_xfree(&call.answer)

    def modify(self, str kind, condition, record):
        """Give records the values that ``record`` has; those changed, by name or as a text."""
        cdef Call call
        cdef Table kept = table_of(kind)
        memset(&call, 0, sizeof(call))
        call.function = function_of(kind, kept.modify)
        call.condition = address_of(condition)
        call.record = address_of(record)
        return self.changed(call_modify, &call, f"slurmdb_{kind}_modify")

    def remove(self, str kind, condition):
        """Remove records; those removed, by name or as a text."""
        cdef Call call
        cdef Table kept = table_of(kind)
        memset(&call, 0, sizeof(call))
        call.function = function_of(kind, kept.remove)
        call.condition = address_of(condition)
        return self.changed(call_get, &call, f"slurmdb_{kind}_remove")

    def add_coordinators(self, accounts, users):
        """Make users (slurmdb_user_cond_t) coordinators of accounts, given by their names."""
        cdef Call call
        cdef Held names = text_list(accounts)
        memset(&call, 0, sizeof(call))
        call.items = <list_t*> names.message
        call.condition = address_of(users)
        self.write(call_add_coordinators, &call, "slurmdb_coord_add()")

    def remove_coordinators(self, accounts, users):
        """End that again; those that are none any more, as text."""
        cdef Call call
        cdef Held names = text_list(accounts)
        memset(&call, 0, sizeof(call))
        call.items = <list_t*> names.message
        call.condition = address_of(users)
        self.write(call_remove_coordinators, &call, "slurmdb_coord_remove()")
        return text_items(held_list(call.answer))

    @property
    def cluster(self):
        """The name of the cluster that this host belongs to."""
        return decode(slurm_conf.cluster_name)

    def associations(self):
        """Who has which number: all associations (slurmdb_assoc_rec_t), also those that are
        deleted, without what they inherit, which takes slurmdbd most of the time."""
        cdef slurmdb_assoc_cond_t condition
        memset(&condition, 0, sizeof(condition))
        condition.flags = ASSOC_COND_FLAG_WITH_DELETED | ASSOC_COND_FLAG_WOPI
        return self.found("associations", &condition)

    def qos(self):
        """All QOS (slurmdb_qos_rec_t), also those that are deleted: jobs name them still."""
        cdef slurmdb_qos_cond_t condition
        memset(&condition, 0, sizeof(condition))
        condition.flags = QOS_COND_FLAG_WITH_DELETED
        return self.found("qos", &condition)

    def tres(self):
        """All TRES (slurmdb_tres_rec_t), also those that are deleted."""
        cdef slurmdb_tres_cond_t condition
        memset(&condition, 0, sizeof(condition))
        condition.count = NO_VAL
        condition.with_deleted = 1
        return self.found("tres", &condition)

    def values(self, Records records, str struct, str member):
        """A member of each record, a text (empty for NULL) or a 32-bit number."""
        cdef size_t offset
        cdef size_t place
        cdef char* at
        found = LAYOUT.member(struct, member)
        if found.kind not in "sI":
            raise TypeError(f"{struct}.{member} is neither a text nor a 32-bit number")
        offset = found.offset
        values = []
        for place in range(records.count):
            at = <char*> records.item(place) + offset
            if found.kind == "s":
                values.append(decode((<const char**> at)[0]))
            else:
                values.append((<uint32_t*> at)[0])
        return values

    def direct_coordinators(self, Records accounts):
        """Names of the coordinators of accounts (slurmdb_account_rec_t), not of those above."""
        cdef slurmdb_account_rec_t* account
        cdef slurmdb_coord_rec_t* coordinator
        cdef list_itr_t* iterator
        cdef size_t place
        names = []
        for place in range(accounts.count):
            account = <slurmdb_account_rec_t*> accounts.item(place)
            if account.coordinators == NULL:
                continue
            iterator = slurm_list_iterator_create(account.coordinators)
            try:
                while True:
                    coordinator = <slurmdb_coord_rec_t*> slurm_list_next(iterator)
                    if coordinator == NULL:
                        break
                    if coordinator.direct:
                        names.append(decode(coordinator.name))
            finally:
                slurm_list_iterator_destroy(iterator)
        return names

    cdef Records found(self, str kind, void* condition):
        """Records of a kind, by a C struct of its conditions."""
        cdef Call call
        cdef Table kept = table_of(kind)
        memset(&call, 0, sizeof(call))
        call.function = function_of(kind, kept.get)
        call.condition = condition
        try:
            self.read(call_get, &call, f"slurmdb_{kind}_get()")
        except SlurmError:
            held_list(call.answer)  # and so freed
            raise
        return listed(held_list(call.answer), <list_t*> call.answer)

    cdef list changed(self, call_function function, Call* call, str name):
        try:
            self.write(function, call, f"{name}()")
        except SlurmError as error:
            told = text_items(held_list(call.answer)) if call.answer != NULL else []
            if told:
                # Of running jobs that stand against it, or associations that it is the default of.
                error.text = f"{name} failed: {', '.join(told[:MOST_TOLD])}"
            raise
        return text_items(held_list(call.answer))


cdef class Transaction:
    """All that a ``with`` writes, or nothing of it."""

    cdef Slurmdbd slurmdbd

    def __cinit__(self, Slurmdbd slurmdbd):
        self.slurmdbd = slurmdbd

    def __enter__(self):
        self.slurmdbd.begin()
        return self

    def __exit__(self, kind, error, traceback):
        cdef int code = self.slurmdbd.finish(kind is None)
        if code and kind is None:
            failed = SlurmError(
                code if code >= FIRST_OF_SLURM else ErrorCode.DB_CONNECTION,
                "",
                "slurmdb_connection_commit()",
            )
            failed.unknown = self.slurmdbd.unanswered
            raise failed


cdef Table table_of(str kind):
    found = TABLES.get(kind)
    if found is None:
        raise ValueError(f"slurmdbd keeps no {kind}")
    return found


cdef void* function_of(str kind, void* function) except NULL:
    if function == NULL:
        raise ValueError(f"slurmdbd does not do this with {kind}")
    return function


cdef int without_databases(int code) noexcept:
    """A number of Slurm's. slurmdbd passes on those of a MariaDB that is lost while it asks, and
    they mean something else in Slurm, which no call of slurmdbd can give."""
    return ErrorCode.DB_CONNECTION if code in OF_LOST_DATABASE else code


cdef bint is_lost(int code) noexcept:
    """An error of the connection, after which it is not used again."""
    return code == ErrorCode.DB_CONNECTION or 5000 <= code < 5100


cdef double end_of(credential) except? -1:
    """When the caller's token ends, in seconds of UNIX time, if slurmdbd takes it at all."""
    if credential.kind != "token":
        return inf
    try:
        claims = jwt.decode(credential.token or "", options={"verify_signature": False})
        return float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return 0.0


cdef void* address_of(owner) except NULL:
    cdef size_t address = owner.address
    return <void*> address


cdef Held held_list(void* items):
    return hold(items, <free_function> slurm_list_destroy)


cdef Held text_list(names):
    """A list_t of texts, freed with what is returned."""
    cdef Held items = held_list(slurm_list_create(<void (*)(void*) noexcept nogil> slurm_xfree_ptr))
    cdef bytes text
    for name in names:
        text = name.encode("utf-8", "surrogateescape")
        slurm_list_append(<list_t*> items.message, slurm_xstrdup(text))
    return items


cdef list text_items(Held items):
    """The texts in a list_t."""
    cdef list_itr_t* iterator = slurm_list_iterator_create(<list_t*> items.message)
    cdef const char* text
    found = []
    try:
        while True:
            text = <const char*> slurm_list_next(iterator)
            if text == NULL:
                return found
            found.append(decode(text))
    finally:
        slurm_list_iterator_destroy(iterator)
