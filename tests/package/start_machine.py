"""Turns this process into the first one of a machine: systemd, in this root filesystem.

``python start_machine.py DIR CGROUP SHARED...``, as pid 1 of namespaces of its own for mounts,
processes, IPC and host name. What is written is kept in DIR alone, which is in ``/run``. SHARED
directories are those of where it is started, and so is the network.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Final

_MS_RDONLY: Final = 1
_MS_BIND: Final = 1 << 12
_MS_REC: Final = 1 << 14
_MS_PRIVATE: Final = 1 << 18

_MNT_DETACH: Final = 2
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
"""The number of the system call, for which libc has no function."""

_NODES: Final = ("null", "zero", "full", "random", "urandom", "tty")

_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, target: Path, *, source: str = "none", flags: int = 0, data: str = "") -> None:
    """mount(2): the lab has no mount(8)."""
    given = (source.encode(), bytes(target), kind.encode(), ctypes.c_ulong(flags), data.encode())
    if _LIBC.mount(*given):
        number = ctypes.get_errno()
        raise OSError(number, f"mount of {kind or source}: {os.strerror(number)}", str(target))


def keep_mounts_here() -> None:
    """Mounts below /run are this namespace's alone. (The lab's root is no mount.)"""
    mount("", Path("/run"), flags=_MS_REC | _MS_PRIVATE)


def main(directory: Path, cgroup: str, shared: list[str]) -> None:
    keep_mounts_here()
    root = _root(directory)
    for path in shared:
        place = root / path.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount("", place, source=path, flags=_MS_BIND)
    cgroups = directory / "cgroup"
    mount("cgroup2", cgroups)
    (cgroups / cgroup).mkdir()
    (cgroups / cgroup / "cgroup.procs").write_text("0")
    os.unshare(os.CLONE_NEWCGROUP)
    _system(root)
    _make_root(root)
    os.execve(
        "/usr/lib/systemd/systemd",
        ["systemd", "--system", "--unit=basic.target"],
        {"container": "lab", "PATH": "/usr/sbin:/usr/bin"},
    )


def _root(directory: Path) -> Path:
    """This root filesystem under a layer of its own, without what the lab has added."""
    mount("tmpfs", directory, data="mode=755")
    for name in ("changed", "work", "root", "cgroup"):
        (directory / name).mkdir()
    root = directory / "root"
    layers = f"lowerdir=/,upperdir={directory}/changed,workdir={directory}/work"
    mount("overlay", root, data=layers)
    for added in (*(root / "opt").iterdir(), *(root / "root").iterdir()):
        if added.is_dir():
            shutil.rmtree(added)
        else:
            added.unlink()
    return root


def _system(root: Path) -> None:
    mount("proc", root / "proc")
    mount("sysfs", root / "sys", flags=_MS_RDONLY)
    mount("cgroup2", root / "sys/fs/cgroup")
    for name in ("run", "dev"):
        mount("tmpfs", root / name, data="mode=755")
    for name in _NODES:
        node = root / "dev" / name
        node.touch()
        mount("", node, source=f"/dev/{name}", flags=_MS_BIND)
    for name, target in ("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2"):
        (root / "dev" / name).symlink_to(f"/proc/self/fd{target}")
    for name in ("shm", "pts", "mqueue"):
        (root / "dev" / name).mkdir()
    mount("devpts", root / "dev/pts", data="newinstance,ptmxmode=666")
    (root / "dev/ptmx").symlink_to("pts/ptmx")
    mount("tmpfs", root / "dev/shm")
    mount("mqueue", root / "dev/mqueue")


def _make_root(root: Path) -> None:
    """Make it the root of all mounts, as systemd finds it on any machine.

    pivot_root(2) is for a process that sees the present one, not the lab's directory in it.
    """
    new = os.open(root, os.O_PATH)
    os.chdir("/")
    os.chroot(root)  # from outside of which the way up is open
    while not os.path.samefile(".", ".."):
        os.chdir("..")
    os.chroot(".")
    mount("", Path("/"), flags=_MS_REC | _MS_PRIVATE)
    os.fchdir(new)
    if _LIBC.syscall(_PIVOT_ROOT[platform.machine()], b".", b"."):
        raise OSError(ctypes.get_errno(), "pivot_root")
    if _LIBC.umount2(b".", _MNT_DETACH):
        raise OSError(ctypes.get_errno(), "umount of what was the root")
    os.chdir("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
