"""The definitions are there before anything is compiled: the build reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

WITHOUT_COMPILED_PARTS = """
import importlib.machinery, sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("pyslurmrestd."):
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            if spec is not None and str(spec.origin).endswith(".so"):
                raise ModuleNotFoundError(f"{name} is not compiled yet")
        return None

sys.meta_path.insert(0, Refuse())
from pyslurmrestd.slurm.probe import content_plugins
for plugin in content_plugins(Path(sys.argv[1])):
    print(plugin.name, sum(1 for path in plugin.all_paths() for _ in path.operations()))
"""


def test_all_definitions_are_read_before_anything_is_compiled() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILED_PARTS, ROOT / "pyproject.toml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    counts = dict(line.split() for line in ran.stdout.splitlines())
    assert sorted(counts) == ["openapi/slurmctld", "openapi/slurmdbd", "openapi/util"]
    assert all(int(count) for count in counts.values())
