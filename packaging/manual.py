"""Writes the manual page pyslurmrestd(8): the settings from their table, prose around them.

Run with the Python of an environment that has pyslurmrestd in it; prints to standard output.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from pyslurmrestd.release import slurm_release
from pyslurmrestd.settings import OPTIONS, Option

HEAD = r"""
.SH NAME
pyslurmrestd \- Slurm's REST daemon
.SH SYNOPSIS
.SY pyslurmrestd
.RI [ options ]
.RI [ address ...]
.YS
.SY "pyslurmrestd check"
.RI [ options ]
.RI [ address ...]
.YS
.SH DESCRIPTION
.B pyslurmrestd
serves Slurm's REST API over HTTP, as
.BR slurmrestd (8)
does: the same paths, data, options and environment variables, several versions of the API at once.
It asks the controller and slurmdbd for each request, with the rights of the caller: of the user
that a token speaks for, or that is at the other end of a unix socket.
.PP
It runs as a user of its own, neither root nor SlurmUser.
.PP
An
.I address
is
.IR host : port ,
.BI : port
(all interfaces),
.BI [ IPv6 ]: port
or
.BI unix: path \fR.
Without any, and without sockets that systemd hands over, requests are read from standard input and
answered on standard output, as under
.BR inetd (8).
.PP
.B pyslurmrestd check
does not serve. It reads the settings as the daemon would and looks at what it would need: the
configuration, the sockets, the controller, slurmdbd, the modes of key files. It prints what was
found, a line each, and what would have to be mended; run it as root to have all of it looked at,
and with the same options and environment as the daemon.
""".strip()

TAIL = r"""
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
No further connections; requests that have begun are finished.
.TP
.B SIGHUP
Reads slurm.conf again, in new workers that take the place of the old ones. No request is lost.
.SH EXIT STATUS
0 after a signal or the end of standard input; 1 when it cannot start or go on, or when
.B check
found something to mend. On standard input: the number of the error that ended the conversation,
modulo 256.
.SH FILES
.TP
.I /etc/slurm/slurm.conf
Slurm's configuration
.TP
.I /etc/default/pyslurmrestd
environment of the service, with
.B PYSLURMRESTD_OPTIONS
for its command line
.SH NOTES
.B pyslurmrestd.service
is told alive to systemd's watchdog only while a worker process answers.
.B pyslurmrestd.socket
has systemd make the sockets.
.SH SEE ALSO
.BR slurm.conf (5),
.BR scontrol (1),
.BR systemctl (1)
""".strip()


def escape(text: str) -> str:
    """Text as roff takes it: nothing in it is a request, an escape or a hyphenation."""
    escaped = text.replace("\\", r"\(rs").replace("-", r"\-").replace("'", r"\(aq")
    return r"\&" + escaped if escaped.startswith(".") else escaped


def option_entry(option: Option) -> list[str]:
    """An option of the command line."""
    spelled = []
    for flag in option.flags:
        text = rf"\fB{escape(flag)}\fR"
        if option.takes:
            text += ("=" if flag.startswith("--") else " ") + rf"\fI{escape(option.takes)}\fR"
        spelled.append(text)
    return [".TP", ", ".join(spelled), escape(option.text + ".")]


def environment_entry(option: Option) -> list[str]:
    """A variable of the environment; those of options refer to them."""
    names = ", ".join(rf"\fB{name}\fR" for name in option.environment)
    if option.flags:
        return [".TP", names, rf"As \fB{escape(option.flags[-1])}\fR, which wins."]
    return [".TP", rf"{names}=\fI{escape(option.takes)}\fR", escape(option.text + ".")]


def page() -> str:
    """The whole page."""
    release = f"pyslurmrestd {version('pyslurmrestd')} for Slurm {slurm_release()}"
    lines = [rf'.TH PYSLURMRESTD 8 "" "{escape(release)}"', HEAD, ".SH OPTIONS"]
    for option in OPTIONS:
        if option.flags:
            lines += option_entry(option)
    lines.append(".SH ENVIRONMENT")
    for option in OPTIONS:
        if option.environment:
            lines += environment_entry(option)
    return "\n".join([*lines, TAIL, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
