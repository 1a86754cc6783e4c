"""The command line: options and environment to Settings; what is printed and then done with."""

from __future__ import annotations

import gc
import getopt
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from . import plugin
from .log import Fatal, configure, log
from .record import replace
from .release import slurm_release
from .settings import OPTIONS, Option, Settings, from_environment, read

__all__ = ["CHECK", "Usage", "help_text", "main", "parse"]

CHECK: Final = "check"
"""Among the addresses, but none: have a look instead of serving."""

_BY_FLAG: Final[dict[str, Option]] = {flag: option for option in OPTIONS for flag in option.flags}


class Usage(Exception):
    """A command line that cannot be understood."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the daemon; returns the exit status."""
    configure("info")
    try:
        settings = parse(sys.argv[1:] if argv is None else argv, os.environ)
        configure(settings.debug_stderr or settings.debug, settings.verbose)
        return _run(settings)
    except BrokenPipeError:
        # Who reads what is printed has gone; the interpreter would flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Usage as error:
        print(f"{_program()}: {error}; {_program()} --help tells more", file=sys.stderr)
        return 1
    except Fatal as error:
        log.critical("%s", error)
        if "ABORT_ON_FATAL" in os.environ:
            os.abort()
        return 1


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings from the command line, which wins, and the environment.

    Addresses are the exception: those of both are listened on. Raises :class:`Usage` and
    :class:`.Fatal`.
    """
    short, long = "", []
    for flag, option in _BY_FLAG.items():
        if flag.startswith("--"):
            long.append(flag[2:] + ("=" if option.takes else ""))
        else:
            short += flag[1:] + (":" if option.takes else "")
    try:
        given, addresses = getopt.gnu_getopt(list(argv), short, long)
    except getopt.GetoptError as error:
        raise Usage(str(error)) from error
    values: dict[str, Any] = from_environment(environment)
    for flag, text in given:
        option = _BY_FLAG[flag]
        if option.takes:
            values[option.name] = read(option, text, flag)
        elif option.name == "verbose":
            values["verbose"] = values.get("verbose", 0) + 1
        else:
            values[option.name] = True
    values["listen"] = (*values.get("listen", ()), *addresses)
    return Settings(**values)


def _run(settings: Settings) -> int:
    if settings.help:
        print(help_text(), file=sys.stderr)
        return 0
    if settings.version:
        print(f"slurm-wlm {slurm_release()}")
        return 0
    if settings.autocomplete is not None:
        prefix = settings.autocomplete
        print(*(flag for flag in _BY_FLAG if flag.startswith(prefix)), "", sep="\n")
        return 0
    for kind, choice in (
        (plugin.REST_AUTH, settings.auth_types),
        (plugin.CONTENT, settings.openapi_plugins),
        (plugin.DATA_PARSER, settings.data_parsers),
    ):
        if choice is not None and choice.strip().lower() == "list":
            print(f"Possible {kind.words} plugins:", file=sys.stderr)
            print(*plugin.names(kind), sep="\n")
            return 0
    if settings.generate_openapi_spec:
        return _generate(settings)
    if CHECK in settings.listen:
        return _check(settings)
    return _serve(settings)


def _program() -> str:
    """What this was called as: under the real daemon's name it answers to that."""
    name = os.path.basename(sys.argv[0])
    return name if name == "slurmrestd" else "pyslurmrestd"


def _check(settings: Settings) -> int:
    from .server.check import Report, check

    configure("error", settings.verbose)
    addresses = tuple(address for address in settings.listen if address != CHECK)
    return check(replace(settings, listen=addresses), Report(print))


def _generate(settings: Settings) -> int:
    """Print the OpenAPI document: reads no configuration and asks nobody."""
    from .data_parser.engine import render
    from .openapi.document import GENERATED_MEDIA_TYPES, document

    told = document(
        plugin.contents(settings.openapi_plugins),
        plugin.data_parsers(settings.data_parsers),
        release=slurm_release(),
        media_types=GENERATED_MEDIA_TYPES,
        status_codes=settings.status_codes,
    )
    sys.stdout.buffer.write(render(told, "json"))
    sys.stdout.flush()
    return 0


def _serve(settings: Settings) -> int:
    from .server import privileges, systemd

    plugin.refuse_unknown(settings.auth_types, settings.openapi_plugins, settings.data_parsers)
    privileges.check_security(settings.security)
    if settings.yaml:
        log.info("SLURMRESTD_YAML=%s has no effect", ",".join(sorted(settings.yaml)))
    if settings.debug_syslog is not None:
        log.info("SLURMRESTD_DEBUG_SYSLOG has no effect: the log is standard error")
    inherited = systemd.listening_sockets()
    if settings.listen or inherited:
        from .server import app

        return app.run(settings, inherited)
    if settings.tls_cert is not None:
        raise Fatal("--tls-cert needs an address to listen on")
    # What is imported now stays: looking for rubbish among it takes a tenth of the time.
    gc.disable()
    from .server import inetd

    status = inetd.run(settings)
    # Everything is out: to take the interpreter apart would take longer than the answer did.
    os._exit(status)


def help_text() -> str:
    """What ``-h`` prints: every setting of the table."""
    lines = [
        f"Usage: {_program()} [OPTIONS] [host:port|unix:/path]...",
        f"       {_program()} check [OPTIONS] [host:port|unix:/path]...",
        "               tells what would have to be mended, and serves nothing",
        "",
        "Options:",
    ]
    for option in OPTIONS:
        if option.flags:
            spelled = ", ".join(option.flags)
            if option.takes:
                spelled += ("=" if option.flags[-1].startswith("--") else " ") + option.takes
            lines += (f"  {spelled}", f"        {option.text}")
    lines += ("", "Environment:")
    for option in OPTIONS:
        if option.environment:
            lines += (f"  {', '.join(option.environment)}", f"        {_environment_text(option)}")
    return "\n".join(lines)


def _environment_text(option: Option) -> str:
    return f"Like {option.flags[-1]}" if option.flags else option.text
