"""Build of the extensions; everything else is in pyproject.toml.

Slurm's headers are found where ``SLURM_INCLUDE_DIR`` says, else where the compiler looks. Nothing
is linked to libslurm: pyslurm loads it (see pyslurmrestd/slurm/__init__.py).
"""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent

ENGINE = [
    f"pyslurmrestd/data_parser/{room}.pxi"
    for room in ("plan", "buffer", "names", "values", "data", "given", "dump")
]
CALLS_DEPEND_ON = [
    f"pyslurmrestd/slurm/{room}"
    for room in (
        "private.h",
        "patience.h",
        "derived_records.h",
        "accounted_jobs.pxi",
        "accounting_daemon.pxi",
        "configuration.pxi",
        "job_resources.pxi",
        "shares.pxi",
        "statistics.pxi",
        "step_tres.pxi",
    )
]
CALLS = (
    "identity",
    "written",
    "message",
    "derived",
    "calls",
    "controllers",
    "jobs",
    "submission",
    "allocation",
    "nodes",
    "reservations",
    "configuration",
    "licenses",
    "shares",
    "connections",
    "slurmdbd",
    "accounting_daemon",
    "accounted_jobs",
    "lookups",
)
WITH_C = {"calls": ["pyslurmrestd/slurm/patience.c"]}


OWN_HEADERS = str(HERE / "pyslurmrestd/slurm")
SLURM_HEADERS = os.environ.get("SLURM_INCLUDE_DIR") or None
INCLUDE_DIRS = [OWN_HEADERS, *([SLURM_HEADERS] if SLURM_HEADERS else [])]


def import_project() -> None:
    """Make the tree importable as it will be installed, without installing it."""
    sys.path.insert(0, str(HERE))
    plugins = types.ModuleType("pyslurmrestd.plugins")
    plugins.__path__ = [str(HERE / "plugins")]
    sys.modules["pyslurmrestd.plugins"] = plugins


class BuildExtensions(build_ext):
    """Writes the probe of the layout from the tables before compiling."""

    def build_extensions(self) -> None:
        import_project()
        from pyslurmrestd.slurm.probe import BuildError, write_probe

        try:
            write_probe(
                HERE / "pyproject.toml",
                HERE / "build" / "_layout.c",
                compiler=self.compiler.compiler[:1],
                include_dirs=[OWN_HEADERS],
                slurm_include_dir=SLURM_HEADERS,
            )
        except BuildError as error:
            raise SystemExit(f"pyslurmrestd: {error}") from None
        super().build_extensions()


(HERE / "build").mkdir(exist_ok=True)
if not (HERE / "build" / "_layout.c").exists():
    (HERE / "build" / "_layout.c").touch()

setup(
    cmdclass={"build_ext": BuildExtensions},
    ext_modules=[
        *cythonize(
            [
                Extension(
                    "pyslurmrestd.data_parser.engine",
                    ["pyslurmrestd/data_parser/engine.pyx"],
                    depends=ENGINE,
                    extra_compile_args=["-O3"],
                ),
                *(
                    Extension(
                        f"pyslurmrestd.slurm.{room}",
                        [f"pyslurmrestd/slurm/{room}.pyx", *WITH_C.get(room, ())],
                        depends=CALLS_DEPEND_ON,
                        include_dirs=INCLUDE_DIRS,
                        extra_compile_args=["-O2"],
                    )
                    for room in CALLS
                ),
            ],
            build_dir="build",
            compiler_directives={"language_level": 3},
        ),
        Extension("pyslurmrestd.slurm._layout", ["build/_layout.c"], include_dirs=INCLUDE_DIRS),
    ],
)
