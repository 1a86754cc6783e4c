# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The engine: plans walked over C records, giving JSON or YAML text without the GIL.

A :class:`Plan` is made from what :mod:`.plan` describes in Python. :class:`Records` are C records
and who keeps them alive. A :class:`Dump` gives the blocks of one answer. :func:`render` writes
plain Python data in the same styles. Nothing here knows Slurm's structs, and nothing is linked to
libslurm: offsets come with the plan, and values worked out by Slurm's own functions through the
addresses of such functions.
"""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, PyThread_type_lock,
    WAIT_LOCK,
)
from libc.errno cimport ERANGE
from libc.math cimport isinf, isnan
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport abort, calloc, free, malloc, realloc, strtod
from libc.string cimport memcmp, memcpy, memset, strlen
from libc.time cimport time as now
from posix.types cimport gid_t, uid_t

from .scratch cimport Scratch, derive_function

from collections.abc import Mapping

__all__ = ["KINDS", "STYLES", "Dump", "Lookups", "Plan", "Prepared", "Records", "render"]

include "plan.pxi"
include "buffer.pxi"
include "names.pxi"
include "values.pxi"
include "data.pxi"
include "given.pxi"
include "dump.pxi"
