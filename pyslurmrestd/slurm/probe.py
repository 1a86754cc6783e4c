"""At build time: the C source that tells where each row's member lies in this Slurm's structs.

Every (struct, member) and constant that a table names becomes a line of a C source. The compiler
first says which of them this Slurm lacks, and the build ends there, naming the rows. What remains
is compiled into the extension ``_layout``, which :mod:`.layout` reads.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ..data_parser.model import Codec, Flags, List, Parser, Struct
from ..openapi.path import ContentPlugin

__all__ = ["BuildError", "Wanted", "check", "release_of", "source", "write_probe"]


_NO_HEADERS = (
    "Slurm's headers are missing: install libslurm-dev (slurm-devel), or name the directory that "
    "holds slurm/slurm.h in SLURM_INCLUDE_DIR"
)


class BuildError(Exception):
    """The package cannot be built here; the text says what to do."""


USUAL_RELEASE: Final = "26.05"
"""The release that the tables speak of."""

_WRITTEN_BY_CALLS = (("job_desc_msg_t", "job_id_str"), ("job_desc_msg_t", "script"))
"""Members that the calls fill in themselves."""


class Wanted:
    """What the tables name of C, each with the rows that name it.

    :param release: the Slurm release whose headers are there, for rows that say where they are on
        another than the usual one (``Field.on``).
    """

    def __init__(self, release: str = USUAL_RELEASE) -> None:
        self.release = release
        self.actual: dict[tuple[str, str] | str, str | None] = {}
        self.members: dict[tuple[str, str], str] = {}
        self.constants: dict[str, str] = {}
        self.records: dict[str, str] = {}
        self.functions: dict[tuple[str, str], str] = {}
        self._seen: set[int] = set()

    def add(self, parser: Parser, record: str | None = None) -> None:
        """A parser with all it reaches, in all versions."""
        if isinstance(parser, Codec):
            self._codec(parser, record)
        if isinstance(parser, List) and parser.count and record:
            self.members.setdefault((record, parser.count), parser.name)
        if isinstance(parser, Struct | Flags):
            # Others lie where their row says, so they are looked at in each record.
            if id(parser) in self._seen:
                return
            self._seen.add(id(parser))
        if isinstance(parser, Struct):
            self._struct(parser)
        elif isinstance(parser, Flags):
            for flag in parser.values:
                if not flag.removed:
                    self.constant(flag.value, f"{parser.name}: {flag.word}")
                    self.constant(flag.mask, f"{parser.name}: {flag.word}")
                    if self.release in flag.on and isinstance(flag.value, str):
                        self.actual[flag.value] = flag.on[self.release]
            self.constant(parser.mask, parser.name)
        else:
            # A choice or a pointer lies where its row says; a list's items do not.
            below = None if isinstance(parser, List) else record
            for part in parser.parts():
                self.add(part, below)

    def _struct(self, struct: Struct) -> None:
        if struct.record:
            self.records.setdefault(struct.record, struct.name)
            for function in (struct.init, struct.free):
                if function:
                    self.functions.setdefault((function, struct.record), struct.name)
            for member, number in struct.initial.items():
                self.members.setdefault((struct.record, member), struct.name)
                self.constant(number, struct.name)
        for row in struct.fields:
            if struct.record and isinstance(row.source, str):
                where = f"{struct.name}: {row.key}"
                self.members.setdefault((struct.record, row.source), where)
                if self.release in row.on:
                    self.actual[struct.record, row.source] = row.on[self.release]
            self.add(row.parser, struct.record)

    def _codec(self, codec: Codec, record: str | None) -> None:
        for option in ("items", "count"):
            member = codec.options.get(option)
            if member and record:
                self.members.setdefault((record, member), codec.name)
        if record:
            for member in codec.members:
                self.members.setdefault((record, member), codec.name)
        for number in codec.options.get("table", ()):
            self.constant(number, codec.name)
        for name in codec.constants:
            self.constant(name, codec.name)
        for inner in (codec.options.get("dumped_as"), codec.written_as):
            if inner is not None:
                self.add(inner)

    def constant(self, name: str | int | None, where: str) -> None:
        if isinstance(name, str):
            self.constants.setdefault(name, where)

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """(C expression that must compile, entry of the tables, rows that name it)."""
        for record, where in self.records.items():
            yield f"sizeof({record})", f'SIZE("{record}", {record})', where
        for (record, member), where in self.members.items():
            actual = self.actual.get((record, member), member)
            if actual is None:
                yield "1", f'ABSENT("{record}", "{member}")', where
                continue
            yield (
                f"sizeof((({record} *) 0)->{actual})",
                f'MEMBER("{record}", {record}, "{member}", {actual})',
                where,
            )
        for (function, record), where in self.functions.items():
            arguments = f"ARGUMENTS({function}, {record})"
            yield (
                f"sizeof(char[{arguments} ? 1 : -1])",
                f'CONSTANTS_OF(functions, "{function}", {arguments})',
                where,
            )
        for name, where in self.constants.items():
            actual = self.actual.get(name, name)
            if actual is not None:
                yield f"(unsigned long long) ({actual})", f'CONSTANT("{name}", {actual})', where


HEAD = """\
/* Written by pyslurmrestd/slurm/probe.py from the tables; made anew by each build. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <signal.h>
#include <time.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>
#include <slurm/slurm_version.h>
#include "private.h"
/* How many arguments a function takes that initialises or frees a record; another is an error. */
#define ARGUMENTS(function, record) _Generic(&(function), void (*)(void *): 1, \\
    void (*)(record *): 1, void (*)(record *, bool): 2, void (*)(record *, bool, uint32_t): 3)
"""

KIND = """\
#define KIND(expression) _Generic((expression), bool: '?', int8_t: 'b', uint8_t: 'B', \\
    int16_t: 'h', uint16_t: 'H', int32_t: 'i', uint32_t: 'I', int64_t: 'l', uint64_t: 'L', \\
    double: 'd', long double: 'D', char *: 's', char **: 'S', list_t *: 'T', default: 'x')
#define SIZE(text, record) \\
    if (add_size(sizes, text, sizeof(record)) < 0) return -1;
#define MEMBER(text, record, member_text, member) \\
    if (add_member(members, text, member_text, offsetof(record, member), \\
                   sizeof(((record *) 0)->member), KIND(((record *) 0)->member)) < 0) return -1;
#define ABSENT(text, member_text) \\
    if (add_member(members, text, member_text, 0, 0, '-') < 0) return -1;
#define CONSTANTS_OF(numbers, text, value) \\
    if (add_constant(numbers, text, (unsigned long long) (value)) < 0) return -1;
#define CONSTANT(text, value) CONSTANTS_OF(constants, text, value)

static int add_size(PyObject *sizes, const char *record, size_t size)
{
    PyObject *value = PyLong_FromSize_t(size);
    int rc = value ? PyDict_SetItemString(sizes, record, value) : -1;
    Py_XDECREF(value);
    return rc;
}

static int add_member(PyObject *members, const char *record, const char *member, size_t offset,
                      size_t size, char kind)
{
    PyObject *key = Py_BuildValue("(ss)", record, member);
    PyObject *value = Py_BuildValue("(nns#)", (Py_ssize_t) offset, (Py_ssize_t) size, &kind,
                                    (Py_ssize_t) 1);
    int rc = key && value ? PyDict_SetItem(members, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return rc;
}

static int add_constant(PyObject *constants, const char *name, unsigned long long number)
{
    PyObject *value = PyLong_FromUnsignedLongLong(number);
    int rc = value ? PyDict_SetItemString(constants, name, value) : -1;
    Py_XDECREF(value);
    return rc;
}

static int fill(PyObject *sizes, PyObject *members, PyObject *constants, PyObject *functions)
{
"""

TAIL = """\
    return 0;
}

static int load(PyObject *module)
{
    PyObject *sizes = PyDict_New(), *members = PyDict_New(), *constants = PyDict_New(),
             *functions = PyDict_New();
    int rc = -1;
    if (sizes && members && constants && functions &&
        !fill(sizes, members, constants, functions) &&
        !PyModule_AddObjectRef(module, "sizes", sizes) &&
        !PyModule_AddObjectRef(module, "members", members) &&
        !PyModule_AddObjectRef(module, "constants", constants) &&
        !PyModule_AddObjectRef(module, "functions", functions) &&
        !PyModule_AddIntConstant(module, "slurm_version_number", SLURM_VERSION_NUMBER))
        rc = 0;
    Py_XDECREF(sizes);
    Py_XDECREF(members);
    Py_XDECREF(constants);
    Py_XDECREF(functions);
    return rc;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, load}, {0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_layout", "Where members lie in this Slurm's structs.", 0, NULL, slots,
};

PyMODINIT_FUNC PyInit__layout(void)
{
    return PyModuleDef_Init(&definition);
}
"""


def content_plugins(pyproject: Path) -> Iterator[ContentPlugin]:
    """The content plugins that the project declares."""
    with pyproject.open("rb") as file:
        groups = tomllib.load(file)["project"]["entry-points"]
    for target in groups["pyslurmrestd.content"].values():
        module, _, name = target.partition(":")
        yield getattr(importlib.import_module(module), name)


def source(rows: Sequence[tuple[str, str, str]]) -> str:
    """The C source that tells of these rows (``Wanted.lines``)."""
    return HEAD + KIND + "".join(f"    {entry}\n" for _, entry, _ in rows) + TAIL


def write_probe(
    pyproject: Path,
    target: Path,
    *,
    compiler: Sequence[str],
    include_dirs: Sequence[str],
    slurm_include_dir: str | None = None,
) -> None:
    """Write the source of ``_layout``.

    :param include_dirs: searched before the compiler's own.
    :param slurm_include_dir: one more, which has to hold Slurm's headers.
    :raises BuildError: Slurm's headers are missing or of an unknown release, or lack what a row
        names.
    """
    if slurm_include_dir is not None:
        if not Path(slurm_include_dir, "slurm", "slurm.h").is_file():
            raise BuildError(f"no slurm/slurm.h in {slurm_include_dir}. {_NO_HEADERS}")
        include_dirs = [*include_dirs, slurm_include_dir]
    command = [*compiler, *(f"-I{path}" for path in include_dirs)]
    wanted = Wanted(release_of(command))
    wanted.members.update(dict.fromkeys(_WRITTEN_BY_CALLS, "submission.pyx"))
    for plugin in content_plugins(pyproject):
        for path in plugin.all_paths():
            for _, operation in path.operations():
                for parser in operation.all_parsers():
                    wanted.add(parser)
        for name in plugin.all_constants():
            wanted.constant(name, plugin.name)
    rows = list(wanted.lines())
    check(rows, command)
    text = source(rows)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_text() != text:
        target.write_text(text)


def release_of(command: Sequence[str]) -> str:
    """The release of the headers, such as ``26.05``. Without any it is the usual one; what is wrong
    is :func:`check`'s to say."""
    try:
        result = subprocess.run(
            [*command, "-E", "-P", "-xc", "-"],
            input="#include <slurm/slurm_version.h>\nSLURM_VERSION_NUMBER\n",
            capture_output=True,
            text=True,
            check=False,
        )
        number = int(result.stdout.split()[-1], 16)
    except (FileNotFoundError, ValueError, IndexError):
        return USUAL_RELEASE
    return f"{number >> 16}.{number >> 8 & 0xFF:02}"


def check(rows: Sequence[tuple[str, str, str]], command: Sequence[str]) -> None:
    """Let the compiler look at each expression by itself, all in one run.

    :raises BuildError: some do not compile; names their rows.
    """
    head = HEAD.replace("#include <Python.h>\n", "")
    first = head.count("\n") + 1
    text = head + "".join(
        f"unsigned long long check_{number}(void) {{ return {expression}; }}\n"
        for number, (expression, _, _) in enumerate(rows)
    )
    try:
        result = subprocess.run(
            [*command, "-fsyntax-only", "-fmax-errors=0", "-w", "-xc", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},  # its messages are read below
        )
    except FileNotFoundError as error:
        raise BuildError(f"no C compiler ({command[0]}): install gcc") from error
    if result.returncode == 0:
        return
    if "slurm/slurm.h: No such file" in result.stderr:
        raise BuildError(_NO_HEADERS)
    release = re.search(r"error: #error (.*)", result.stderr)
    if release:
        raise BuildError(release[1].strip('"'))
    lacking = {
        int(match[1]) - first for match in re.finditer(r"<stdin>:(\d+):\d+: error", result.stderr)
    }
    named = [
        f"  {rows[number][2]} ({rows[number][0]})"
        for number in sorted(lacking)
        if 0 <= number < len(rows)
    ]
    if not named:
        raise BuildError(f"the compiler refuses Slurm's headers:\n{result.stderr}")
    raise BuildError("this Slurm lacks what these rows name:\n" + "\n".join(named))
