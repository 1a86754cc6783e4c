"""Jobs that slurmdbd keeps, taken out of its answer one by one as they are written.

libslurm's own call makes records of all of them first, which are some four times as large as the
answer.
"""

from libc cimport errno
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memset

from ..data_parser.engine cimport Records
from .libslurm cimport *
from .slurmdbd cimport Call, Slurmdbd

__all__ = ["load_jobs"]


cdef struct Arrived:
    # An answer, read up to its first job; how many there are.
    message_buf_t* message
    uint32_t count


cdef struct Coming:
    message_buf_t* message
    void* job


cdef class Arriving:
    """An answer of slurmdbd's, and the last job that was taken from it."""

    cdef Coming coming

    def __dealloc__(self):
        with nogil:
            if self.coming.job != NULL:
                slurmdb_destroy_job_rec(self.coming.job)
            if self.coming.message != NULL:
                slurm_free_buf(self.coming.message)


cdef void* next_job(void* source) noexcept nogil:
    cdef Coming* arriving = <Coming*> source
    if arriving.job != NULL:
        slurmdb_destroy_job_rec(arriving.job)
        arriving.job = NULL
    if slurmdb_unpack_job_rec(&arriving.job, DBD_PROTOCOL, arriving.message) != SLURM_SUCCESS:
        arriving.job = NULL
    return arriving.job


cdef int call_jobs(Call* call) noexcept nogil:
    """Ask for jobs as libslurm's slurmdb_jobs_get() does."""
    cdef Arrived* arrived = <Arrived*> call.record
    cdef dbd_cond_msg_t wanted
    cdef persist_msg_t request
    cdef message_buf_t* message
    cdef int rc
    wanted.cond = call.condition
    memset(&request, 0, sizeof(request))
    request.pcon = call.connection
    request.data = &wanted
    request.msg_type = DBD_GET_JOBS_COND
    message = slurm_pack_slurmdbd_msg(&request, DBD_PROTOCOL)
    if message == NULL:
        return SLURM_ERROR
    rc = slurm_persist_send_msg(call.connection, message)
    slurm_free_buf(message)
    if rc != SLURM_SUCCESS:
        errno.errno = rc
        return SLURM_ERROR
    message = slurm_persist_recv_msg(call.connection)
    if message == NULL:
        return SLURM_ERROR
    rc = opened(message, &arrived.count)
    if rc == SLURM_SUCCESS and arrived.count:
        arrived.message = message
    else:
        slurm_free_buf(message)
    return rc


cdef int opened(message_buf_t* message, uint32_t* count) noexcept nogil:
    """Read what stands before the jobs; -1, with errno, where there are none but an error."""
    cdef persist_rc_msg_t* told = NULL
    cdef uint16_t kind
    cdef uint32_t number = 0
    errno.errno = 0
    if slurm_unpack16(&kind, message) != SLURM_SUCCESS:
        return SLURM_ERROR
    if kind == PERSIST_RC:
        if slurm_persist_unpack_rc_msg(&told, message, DBD_PROTOCOL) != SLURM_SUCCESS:
            return SLURM_ERROR
        errno.errno = <int> told.rc
        slurm_persist_free_rc_msg(told)
        return SLURM_SUCCESS if errno.errno == 0 else SLURM_ERROR
    if kind != DBD_GOT_JOBS or slurm_unpack32(count, message) != SLURM_SUCCESS:
        return SLURM_ERROR
    if count[0] < NO_VAL:
        return SLURM_SUCCESS
    # There is no list, but the reason.
    count[0] = 0
    slurm_unpack32(&number, message)
    errno.errno = <int> number
    return SLURM_ERROR


def load_jobs(Slurmdbd self, condition):
    """Jobs with their steps (slurmdb_job_rec_t) by a slurmdb_job_cond_t, to be dumped once.

    :raises SlurmError: slurmdbd does not answer, or refuses.
    """
    cdef Call call
    cdef Arrived arrived
    cdef Arriving arriving = Arriving.__new__(Arriving)
    cdef size_t address = condition.address
    memset(&call, 0, sizeof(call))
    memset(&arrived, 0, sizeof(arrived))
    call.condition = <void*> address
    call.record = &arrived
    self.read(call_jobs, &call, "slurmdb_jobs_get()")
    arriving.coming.message = arrived.message
    return Records.coming(arriving, arrived.count, next_job, &arriving.coming)
