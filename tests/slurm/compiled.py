"""Layouts of structs that no endpoint names, found by the compiler as the build finds its own."""

from __future__ import annotations

import subprocess
import sysconfig
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from pyslurmrestd.data_parser.model import Parser
from pyslurmrestd.slurm.layout import Layout
from pyslurmrestd.slurm.probe import Wanted, check, source

__all__ = ["compiled"]

SOURCE = Path(__file__).parents[2]


def compiled(directory: Path, *parsers: Parser) -> Layout:
    """The layout of all that these definitions name."""
    wanted = Wanted()
    for parser in parsers:
        wanted.add(parser)
    rows = list(wanted.lines())
    include = f"-I{SOURCE / 'pyslurmrestd' / 'slurm'}"
    check(rows, ["gcc", include])
    written, built = directory / "_layout.c", directory / "_layout.so"
    written.write_text(source(rows))
    headers = sysconfig.get_path("include")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", include, f"-I{headers}", "-o", built, written], check=True
    )
    loader = ExtensionFileLoader("_layout", str(built))
    spec = spec_from_loader("_layout", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return Layout(module)
