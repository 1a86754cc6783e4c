"""Layouts of structs that no endpoint names, found by the compiler as the build finds its own."""

from __future__ import annotations

import subprocess
import sysconfig
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from pyslurmrestd.data_parser.model import Parser
from pyslurmrestd.slurm.layout import Layout
from pyslurmrestd.slurm.probe import Wanted, check, release_of, source

__all__ = ["compiled"]

SOURCE = Path(__file__).parents[2]


def compiled(directory: Path, *parsers: Parser, headers: Path | None = None) -> Layout:
    """The layout of all that these definitions name.

    :param headers: of another Slurm, with a ``private.h`` of its own; None is the installed one.
    """
    include = f"-I{headers or SOURCE / 'pyslurmrestd' / 'slurm'}"
    wanted = Wanted(release_of(["gcc", include]))
    for parser in parsers:
        wanted.add(parser)
    rows = list(wanted.lines())
    check(rows, ["gcc", include])
    written, built = directory / "_layout.c", directory / "_layout.so"
    written.write_text(source(rows))
    subprocess.run(
        [
            "gcc",
            "-shared",
            "-fPIC",
            include,
            f"-I{sysconfig.get_path('include')}",
            "-o",
            built,
            written,
        ],
        check=True,
    )
    loader = ExtensionFileLoader("_layout", str(built))
    spec = spec_from_loader("_layout", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return Layout(module)
