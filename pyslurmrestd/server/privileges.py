"""Whose processes these are: -u and -g, and who may not run the daemon."""

from __future__ import annotations

import grp
import os
import pwd

from ..log import Fatal, log

__all__ = ["change", "check_security", "refuse_privileged"]


def check_security(words: frozenset[str]) -> None:
    """Say what of SLURMRESTD_SECURITY is not done here. Raises :class:`.Fatal` for what changes
    who a request runs as."""
    for word in ("become_user", "disable_user_check"):
        if word in words:
            raise Fatal(f"SLURMRESTD_SECURITY={word} is not supported")
    for word in sorted(words):
        log.info("SLURMRESTD_SECURITY=%s has no effect: nothing is unshared", word)


def change(user: str | None, group: str | None) -> None:
    """Become the user and group for good, without supplementary groups.

    :param group: None takes the user's own group, or keeps the process's where the user has none.

    Raises :class:`.Fatal` when they are unknown or this process may not change.
    """
    if user is None and group is None:
        return
    uid, gid = (None, None) if user is None else _user(user)
    if group is not None:
        gid = _group(group)
    try:
        os.setgroups([])
        if gid is not None:
            os.setgid(gid)
        if uid is not None:
            os.setuid(uid)
    except PermissionError as error:
        raise Fatal(f"Not permitted to change user or group: {error}") from error


def _user(text: str) -> tuple[int, int | None]:
    """uid and primary gid; a bare number need not be in the password database."""
    try:
        entry = pwd.getpwuid(int(text)) if text.isdecimal() else pwd.getpwnam(text)
    except KeyError:
        if text.isdecimal():
            return int(text), None
        raise Fatal(f"Unable to resolve user: {text}") from None
    return entry.pw_uid, entry.pw_gid


def _group(text: str) -> int:
    if text.isdecimal():
        return int(text)
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        raise Fatal(f"Unable to resolve gid: {text}") from None


def refuse_privileged(slurm_user: tuple[int, int] | None = None) -> None:
    """Refuse to run as root, or as SlurmUser: whoever got hold of this process would be one.

    :param slurm_user: SlurmUser's uid and gid once a worker has told them.
    """
    if os.getuid() == 0:
        raise Fatal("pyslurmrestd must not run as root: name another user with -u")
    if os.getgid() == 0:
        raise Fatal("pyslurmrestd must not run with root's group: name another with -g")
    if slurm_user is None:
        return
    uid, gid = slurm_user
    if os.getuid() == uid:
        raise Fatal("pyslurmrestd must not run as SlurmUser")
    if os.getgid() == gid:
        raise Fatal("pyslurmrestd must not run with SlurmUser's group")
