"""What the build and the start say where something is missing: what to install."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

import pytest

from pyslurmrestd.slurm import library
from pyslurmrestd.slurm.probe import BuildError, write_probe

SOURCE = Path(__file__).parents[2]
HEADERS = Path("/usr/include")


def probe(target: Path, *compiler: str, slurm: Path | None = None) -> None:
    write_probe(
        SOURCE / "pyproject.toml",
        target / "_layout.c",
        compiler=compiler or ("gcc",),
        include_dirs=[str(SOURCE / "pyslurmrestd" / "slurm")],
        slurm_include_dir=None if slurm is None else str(slurm),
    )


@pytest.fixture
def other_slurm(tmp_path: Path) -> Path:
    """Headers to change, which are found before the installed ones."""
    copy = tmp_path / "include"
    (copy / "slurm").mkdir(parents=True)
    for header in (HEADERS / "slurm").glob("*.h"):
        (copy / "slurm" / header.name).write_text(header.read_text())
    return copy


def change(header: Path, before: str, after: str) -> None:
    text = header.read_text()
    assert before in text
    header.write_text(text.replace(before, after))


def test_the_probe_is_written_where_everything_is_there(tmp_path: Path, other_slurm: Path) -> None:
    probe(tmp_path)
    installed = (tmp_path / "_layout.c").read_text()
    probe(tmp_path, slurm=other_slurm)
    assert (tmp_path / "_layout.c").read_text() == installed
    assert 'MEMBER("partition_info_t", partition_info_t, "max_nodes", max_nodes)' in installed


def test_headers_that_are_missing_are_named(tmp_path: Path) -> None:
    everything_else = tmp_path / "include"
    everything_else.mkdir()
    for entry in HEADERS.iterdir():
        if entry.name != "slurm":
            (everything_else / entry.name).symlink_to(entry)
    gcc = subprocess.check_output(["gcc", "-print-file-name=include"], text=True).strip()
    machine = subprocess.check_output(["gcc", "-print-multiarch"], text=True).strip()
    places = [gcc, str(everything_else), str(everything_else / machine)]
    with pytest.raises(BuildError, match=r"install libslurm-dev .* SLURM_INCLUDE_DIR"):
        probe(tmp_path, "gcc", "-nostdinc", *(f"-isystem{place}" for place in places))


def test_a_directory_without_headers_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=f"no slurm/slurm.h in {tmp_path}.*install libslurm-dev"):
        probe(tmp_path, slurm=tmp_path)


def test_a_release_that_is_not_known_is_refused(tmp_path: Path, other_slurm: Path) -> None:
    version = other_slurm / "slurm" / "slurm_version.h"
    line = next(text for text in version.read_text().splitlines() if "VERSION_NUMBER 0x" in text)
    change(version, line, "#define SLURM_VERSION_NUMBER 0x1a0b00")
    with pytest.raises(BuildError, match=r"not known here: install those of Slurm 26\.05"):
        probe(tmp_path, slurm=other_slurm)


def test_a_member_that_slurm_lacks_is_named_with_its_row(tmp_path: Path, other_slurm: Path) -> None:
    change(other_slurm / "slurm" / "slurm.h", "max_cpus_per_socket;", "max_cpus_per_socket_now;")
    with pytest.raises(BuildError) as raised:
        probe(tmp_path, slurm=other_slurm)
    assert str(raised.value) == (
        "this Slurm lacks what these rows name:\n"
        "  PARTITION_INFO: maximums/cpus_per_socket"
        " (sizeof(((partition_info_t *) 0)->max_cpus_per_socket))"
    )
    assert not (tmp_path / "_layout.c").exists()


def test_a_compiler_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no C compiler \(no-such-gcc\): install gcc"):
        probe(tmp_path, "no-such-gcc")


def test_the_build_ends_with_that_message(tmp_path: Path) -> None:
    # Only the message: everything compiled before it is there already.
    ran = subprocess.run(
        [
            sys.executable,
            "setup.py",
            "build_ext",
            "--build-lib",
            tmp_path,
            "--build-temp",
            tmp_path,
        ],
        cwd=SOURCE,
        env={"PATH": "/usr/bin:/bin", "SLURM_INCLUDE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[-1].startswith(f"pyslurmrestd: no slurm/slurm.h in {tmp_path}")


READ_TABLES = """
import sys, types
from pathlib import Path
plugins = types.ModuleType("pyslurmrestd.plugins")
plugins.__path__ = [str(Path("plugins").resolve())]
sys.modules["pyslurmrestd.plugins"] = plugins
from pyslurmrestd.slurm.probe import content_plugins
for plugin in content_plugins(Path("pyproject.toml")):
    print(plugin.name, len(list(plugin.all_paths())) > 1, list(plugin.all_constants()) != [])
"""


def test_the_tables_are_read_before_anything_is_compiled(tmp_path: Path) -> None:
    uncompiled = shutil.ignore_patterns("*.so", "__pycache__")
    for name in ("pyslurmrestd", "plugins"):
        shutil.copytree(SOURCE / name, tmp_path / name, ignore=uncompiled)
    shutil.copy(SOURCE / "pyproject.toml", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", READ_TABLES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "openapi/slurmctld True True",
        "openapi/slurmdbd True True",
        "openapi/util True False",  # its handlers ask for no constants
    ]


@pytest.mark.parametrize("kind", ["token", "local"])
def test_a_configuration_that_is_missing_is_named(kind: Literal["token", "local"]) -> None:
    with pytest.raises(library.LibraryError, match=r"cannot read /nonexistent/slurm\.conf: No"):
        library.start("/nonexistent/slurm.conf", kind)


@pytest.mark.parametrize("argv", [["127.0.0.1:0"], []])
def test_pyslurm_that_is_missing_is_named(argv: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as hiding:
        # A module of that name that cannot be imported stands for one that is not there.
        Path(hiding).chmod(0o755)
        Path(hiding, "pyslurm.py").write_text("raise ImportError('No module named pyslurm')")
        ran = subprocess.run(
            [sys.executable, "-m", "pyslurmrestd", "-a", "jwt", *argv],
            input=b"GET /slurm/v0.0.45/ping/ HTTP/1.1\r\nX-SLURM-USER-TOKEN: x\r\n\r\n",
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": hiding},
            user="restd",
            group="restd",
            extra_groups=(),
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert ran.returncode == 1
    assert (
        b"No module named 'pyslurm.api': install pyslurm built for this host's Slurm" in ran.stderr
    )
