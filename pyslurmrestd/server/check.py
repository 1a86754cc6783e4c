"""``pyslurmrestd check``: what a daemon with these settings would find, and what is to be mended.

Everything is tried as the daemon does it: its listeners, its keys, its worker.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import stat
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from .. import plugin
from ..application.protocol import Request
from ..auth.credential import Credential, Peer
from ..errors import SlurmError
from ..log import Fatal
from ..record import replace
from ..release import slurm_release
from ..settings import Settings
from ..worker.exchange import LongAnswer
from ..worker.pool import Pool, PoolSettings, StartFailed
from . import privileges
from .edge import edge
from .listen import listeners
from .tls import tls

__all__ = ["Report", "check"]

_USUAL_USER: Final = "slurmrestd"
"""Whom the service runs as."""

_SLURM_KEY: Final = "/etc/slurm/slurm.key"

_SECONDS: Final = 15.0
"""For each call of Slurm."""


class Report:
    """What was found, told line by line.

    :ivar status: 1 once there is something to mend.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self.status = 0
        self._tell = tell

    def ok(self, text: str) -> None:
        self._tell(f"ok    {text}")

    def note(self, text: str) -> None:
        self._tell(f"note  {text}")

    def mend(self, text: str) -> None:
        self.status = 1
        self._tell(f"mend  {text}")


def check(settings: Settings, report: Report) -> int:
    """Look at everything; returns the exit status."""
    try:
        plugin.refuse_unknown(settings.auth_types, settings.openapi_plugins, settings.data_parsers)
        privileges.check_security(settings.security)
    except Fatal as error:
        report.mend(str(error))
        return report.status
    _sockets(settings, report)
    # As root still: the user below may not even see them.
    _secret_file(_SLURM_KEY, "the cluster's key", report)
    if settings.jwt_key is not None:
        _secret_file(settings.jwt_key, "--jwt-key", report)
    if settings.jwks is not None and "://" not in settings.jwks:
        _public_file(settings.jwks, "--jwks", report)
    if not _become_user(settings, report):
        return report.status
    try:
        edge(settings)
        if tls(settings) is not None:
            report.ok(f"--tls-cert {settings.tls_cert} and its key can be used")
    except Fatal as error:
        report.mend(str(error))
    asyncio.run(_slurm(settings, report))
    return report.status


def _sockets(settings: Settings, report: Report) -> None:
    managing = () if settings.metrics is None else (settings.metrics,)
    for address in dict.fromkeys((*settings.listen, *managing)):
        encrypted = settings.tls_cert is not None and address not in managing
        try:
            for listener in listeners((address,), (), tls=encrypted, shared=settings.share_port):
                listener.close()
        except Fatal as error:
            if "pyslurmrestd (pid " in str(error):
                report.note(f"{error}: it runs already")
            else:
                report.mend(str(error))
        else:
            report.ok(f"{address} can be listened on")
    if not settings.listen:
        report.note(
            "no addresses: sockets come from pyslurmrestd.socket, or standard input is read"
        )


def _become_user(settings: Settings, report: Report) -> bool:
    user = settings.user
    if os.getuid() == 0 and user is None:
        user = _USUAL_USER
    try:
        privileges.change(user, settings.group)
        privileges.refuse_privileged()
    except Fatal as error:
        lacking = user is not None and "resolve user" in str(error)
        hint = f"; name another with -u, or make it: useradd --system {user}" if lacking else ""
        report.mend(f"{error}{hint}")
        return False
    report.ok(f"runs as {_user_name(os.getuid())}")
    return True


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _mode(path: str, report: Report, what: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        report.note(f"{what} {path} cannot be looked at: {error.strerror}; run check as root")
        return None


def _secret_file(path: str, what: str, report: Report) -> None:
    """A file that nobody else may read, nor write. (The daemon's own key is missed elsewhere.)"""
    found = _mode(path, report, what)
    if found is None:
        return
    mode = stat.S_IMODE(found.st_mode)
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        report.mend(f"{what} {path} has mode {mode:04o}: others may use it; chmod 0600 or 0640")
    else:
        report.ok(f"{what} {path} has mode {mode:04o}, of {_user_name(found.st_uid)}")


def _public_file(path: str, what: str, report: Report) -> None:
    """A file that nobody else may write."""
    found = _mode(path, report, what)
    if found is None:
        return
    mode = stat.S_IMODE(found.st_mode)
    if mode & (stat.S_IWOTH | stat.S_IWGRP):
        report.mend(f"{what} {path} has mode {mode:04o}: others may change it; chmod 0644")
    else:
        report.ok(f"{what} {path} has mode {mode:04o}, of {_user_name(found.st_uid)}")


async def _slurm(settings: Settings, report: Report) -> None:
    """The configuration and the daemons of Slurm, through a worker."""
    token = os.environ.get("SLURM_JWT")
    credential = Credential("local", uid=os.getuid())
    if token is not None and credential_of(token).may_be_known:
        credential = credential_of(token)
    # All that is asked is asked of the newest version.
    options = replace(settings, openapi_plugins=None, data_parsers="latest").worker_options()
    pool = Pool(
        PoolSettings(
            options=options,
            processes=1,
            threads=1,
            eager=(credential.kind,),
            deadline=_SECONDS,
            log_level="CRITICAL",
        )
    )
    try:
        await pool.start()
    except StartFailed as error:
        report.mend(f"a worker does not start: {error}")
        return
    try:
        hello = pool.hello
        conf = settings.slurm_conf or os.environ.get("SLURM_CONF") or "/etc/slurm/slurm.conf"
        report.ok(f"{conf}: cluster {hello.cluster}, libslurm {hello.release}")
        if hello.release != slurm_release():
            report.note(f"built for Slurm {slurm_release()}, libslurm is {hello.release}")
        try:
            privileges.refuse_privileged((hello.slurm_user_uid, hello.slurm_user_gid))
        except Fatal as error:
            report.mend(str(error))
        who = "the token of SLURM_JWT" if credential.token else "the daemon's own user"
        ask = _Asker(pool, credential, str(plugin.data_parsers("latest")[0].version))
        if await _controllers(ask, report, who):
            await _tokens(ask, settings, report)
        await _accounting(ask, report, accounting=hello.accounting)
    finally:
        await pool.stop()


def credential_of(token: str) -> Credential:
    return Credential("token", token)


class _Asker:
    """Asks Slurm what a client would ask of the daemon."""

    def __init__(self, pool: Pool, credential: Credential, version: str) -> None:
        self._pool = pool
        self._credential = credential
        self._version = version

    async def get(self, place: str, **params: str) -> Mapping[str, Any]:
        """The data of an answer; its errors are raised as :class:`.SlurmError`.

        :param place: the URL, with the version left out.
        :param params: its parameters.
        """
        first, _, rest = place.partition("/")
        request = Request(
            f"get /{first}/{self._version}/{rest}",
            params,
            "",
            None,
            "application/json",
            b"",
            self._credential,
            Peer("file", "check"),
        )
        answer = await self._pool.exchange(request)
        try:
            if isinstance(answer, LongAnswer):
                body = b"".join([bytes(block) async for block in answer])
            else:
                body = answer.body or b""
        finally:
            answer.close()
        told: Mapping[str, Any] = orjson.loads(body)
        for error in told["errors"]:
            raise SlurmError(error["error_number"], error["description"] or error["error"])
        return told


async def _controllers(ask: _Asker, report: Report, who: str) -> bool:
    """Whether a controller answers."""
    try:
        pings = (await ask.get("slurm/ping/"))["pings"]
    except SlurmError as error:
        report.mend(f"the controller, asked with {who}: {error}")
        return False
    for ping in pings:
        name = (
            f"{'the controller' if ping['primary'] else 'the backup controller'} {ping['hostname']}"
        )
        if ping["responding"]:
            report.ok(f"{name} answers {who} within {ping['latency']} microseconds")
        elif any(other["responding"] for other in pings):
            report.note(f"{name} does not answer: {ping['status']}")
        else:
            report.mend(f"{name} does not answer {who}: {ping['status']}")
    return any(ping["responding"] for ping in pings)


async def _tokens(ask: _Asker, settings: Settings, report: Report) -> None:
    """Whether Slurm takes tokens, and what its keys look like, where they are on this machine."""
    try:
        conf = (await ask.get("slurm/conf"))["slurm_conf"]
    except SlurmError as error:
        report.mend(f"the controller's configuration: {error}")
        return
    served = plugin.authenticators(settings.auth_types)
    if any(entry.name == "rest_auth/jwt" for entry in served):
        if "auth/jwt" in (conf["AuthType"], *conf["AuthAltTypes"]):
            report.ok("the controller takes tokens (auth/jwt)")
        else:
            report.mend(
                "tokens are refused: the controller's slurm.conf lacks AuthAltTypes=auth/jwt"
            )
    for parameter in conf["AuthAltParameters"].split(","):
        name, _, path = parameter.partition("=")
        judge = {"jwt_key": _secret_file, "jwks": _public_file}.get(name)
        if judge is not None:
            judge(path, f"slurm.conf's {name}", report)


async def _accounting(ask: _Asker, report: Report, *, accounting: bool) -> None:
    if not accounting:
        report.note("no accounting in slurm.conf: openapi/slurmdbd is left out")
        return
    try:
        await ask.get("slurmdb/account/{account_name}", account_name="root")
    except SlurmError as error:
        report.mend(f"slurmdbd: {error}")
    else:
        report.ok("slurmdbd answers")
