"""The settings: one table that the command line, the environment, ``-h`` and README share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from . import setting_texts
from .log import Fatal, level
from .record import record
from .serializer import LIMITS

__all__ = ["OPTIONS", "Option", "Settings", "from_environment", "read"]


@record(kw_only=True)
class Settings:
    """How this daemon is to run; the fields are described by :data:`OPTIONS`."""

    listen: tuple[str, ...] = ()
    auth_types: str | None = None
    openapi_plugins: str | None = None
    data_parsers: str | None = None
    slurm_conf: str | None = None
    user: str | None = None
    group: str | None = None
    threads: int = 0
    verbose: int = 0
    max_connections: int = 8192
    max_lenient_body: int = LIMITS.lenient
    max_values: int = LIMITS.values
    user_rate: float | None = None
    jwt_key: str | None = None
    jwks: str | None = None
    user_claim: str | None = None
    max_token_life: float | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    share_port: bool = False
    metrics: str | None = None
    access_log: str = "text"
    observe: frozenset[str] = frozenset()
    generate_openapi_spec: bool = False
    autocomplete: str | None = None
    version: bool = False
    help: bool = False
    security: frozenset[str] = frozenset()
    status_codes: tuple[str, ...] = ("200", "default")
    json: str = "json"
    yaml: frozenset[str] = frozenset()
    debug: str = "info"
    debug_stderr: str | None = None
    debug_syslog: str | None = None
    debug_flags: str = ""
    workers: int = 0
    timeout: float = 0.0
    waiting_bytes: int = 256 << 20
    max_body: int = 50 << 20
    body_rate: int = 16 << 10
    client_timeout: float = 60.0
    queue_length: int = 1000
    queue_timeout: float = 10.0
    aside_bytes: int = 64 << 20
    tls_timeout: float = 10.0
    max_token: int = 16 << 10
    grace: float = 30.0
    cache: int = 256 << 20

    def worker_options(self) -> dict[str, Any]:
        """What a worker's application is started with, as JSON data: the choices as given."""
        return {
            "conf": self.slurm_conf,
            "openapi_plugins": self.openapi_plugins,
            "data_parsers": self.data_parsers,
            "json": self.json,
            "limits": {"lenient": self.max_lenient_body, "values": self.max_values},
            "timed": self.metrics is not None or "timing" in self.observe,
        }


@record
class Option:
    """One setting.

    :ivar name: the field of :class:`Settings`.
    :ivar flags: its spellings on the command line; none for settings of the environment alone.
    :ivar environment: variables that set it, the first that is set counts.
    :ivar takes: what stands for its argument in ``-h``; empty for a switch.
    :ivar text: one line for ``-h`` and README.
    :ivar reason: of a bound, why its default is what it is; docs/limits.md tells it.
    :ivar read: makes the value from text; raises :class:`.Fatal` or ValueError.
    """

    name: str
    flags: tuple[str, ...]
    environment: tuple[str, ...]
    takes: str
    text: str
    read: Callable[[str], Any] = str
    reason: str = ""

    @property
    def default(self) -> Any:
        return getattr(Settings, self.name)


OPTIONS: Final = (
    Option(
        "listen",
        (),
        ("SLURMRESTD_LISTEN",),
        "[https://]host:port|unix:/path",
        "Addresses to listen on, beside those of the command line; without any, requests are "
        "read from standard input",
        setting_texts.addresses,
    ),
    Option(
        "auth_types",
        ("-a",),
        ("SLURMRESTD_AUTH_TYPES",),
        "PLUGIN,...|list",
        "rest_auth plugins in the order in which they are asked (default: all)",
    ),
    Option(
        "openapi_plugins",
        ("-s",),
        ("SLURMRESTD_OPENAPI_PLUGINS",),
        "PLUGIN,...|list",
        "Content plugins to serve (default: all; slurmdbd only where accounting is set up)",
    ),
    Option(
        "data_parsers",
        ("-d",),
        ("SLURMRESTD_DATA_PARSER_PLUGINS",),
        "VERSION[+FLAG...],...|list",
        "API versions to serve, with flags, or 'latest' (default: all)",
    ),
    Option("slurm_conf", ("-f",), ("SLURM_CONF",), "FILE", "slurm.conf to read"),
    Option("user", ("-u",), (), "USER", "Become this user (name or uid) once the sockets are open"),
    Option("group", ("-g",), (), "GROUP", "Become this group (name or gid), likewise"),
    Option(
        "threads",
        ("-t",),
        (),
        "COUNT",
        "Requests that one worker process answers at a time (0: automatic)",
        setting_texts.threads,
        reason="they mostly wait for slurmctld",
    ),
    Option("verbose", ("-v",), (), "", "One log level more, each time it is given", int),
    Option(
        "max_connections",
        ("--max-connections",),
        ("SLURMRESTD_MAX_CONNECTIONS",),
        "COUNT",
        "Connections served at a time; further ones wait, and close the longest idle one first",
        setting_texts.positive,
        reason="idle ones take some 60 MB together",
    ),
    Option(
        "generate_openapi_spec",
        ("--generate-openapi-spec",),
        (),
        "",
        "Print the OpenAPI document and exit",
        bool,
    ),
    Option(
        "autocomplete",
        ("--autocomplete",),
        (),
        "PREFIX",
        "Print the options that begin with PREFIX and exit",
    ),
    Option("version", ("-V",), (), "", "Print the Slurm release and exit", bool),
    Option("help", ("-h", "--help"), (), "", "Print this text and exit", bool),
    Option(
        "max_lenient_body",
        ("--max-lenient-body",),
        ("PYSLURMRESTD_MAX_LENIENT_BODY",),
        "BYTES",
        "Longest body that is read where it is not strict JSON: JSON with comments, line ends "
        "within texts and the like, YAML, forms (default: 4194304, the longest job script)",
        setting_texts.positive,
        reason=(
            "no job script is longer (max_script_size); to read it costs a hundred times as much "
            "as strict JSON"
        ),
    ),
    Option(
        "max_values",
        ("--max-values",),
        ("PYSLURMRESTD_MAX_VALUES",),
        "COUNT",
        "Most values (lists, objects, texts, numbers, ...) in one body (default: 1000000)",
        setting_texts.positive,
        reason="what they become takes many times their size",
    ),
    Option(
        "user_rate",
        ("--user-rate",),
        ("PYSLURMRESTD_USER_RATE",),
        "COUNT",
        "Requests a second that a user may make; further ones are answered 429 (default: any)",
        setting_texts.seconds,
        reason="slurmctld has a limit of its own (rl_enable)",
    ),
    Option(
        "jwt_key",
        ("--jwt-key",),
        ("PYSLURMRESTD_JWT_KEY",),
        "FILE",
        "Judge HS256 tokens here, by the secret of Slurm's jwt_key, before Slurm is asked",
    ),
    Option(
        "jwks",
        ("--jwks",),
        ("PYSLURMRESTD_JWKS",),
        "FILE|URL",
        "Judge RS256, ES256 and EdDSA tokens here, by public keys (a JSON Web Key Set)",
    ),
    Option(
        "user_claim",
        ("--user-claim",),
        ("PYSLURMRESTD_USER_CLAIM",),
        "CLAIM",
        "Claim that names the user where a token has neither sun nor username, like Slurm's "
        "userclaimfield",
    ),
    Option(
        "max_token_life",
        ("--max-token-life",),
        ("PYSLURMRESTD_MAX_TOKEN_LIFE",),
        "SECONDS",
        "Refuse tokens that are good for longer, where they are judged here (default: any time)",
        setting_texts.seconds,
        reason="Slurm has none",
    ),
    Option(
        "tls_cert",
        ("--tls-cert",),
        ("PYSLURMRESTD_TLS_CERT",),
        "FILE",
        "Speak TLS on TCP, but for addresses that begin with http://; FILE is the certificate "
        "and its chain (PEM)",
    ),
    Option(
        "tls_key",
        ("--tls-key",),
        ("PYSLURMRESTD_TLS_KEY",),
        "FILE",
        "The certificate's private key (PEM), where it is not in the same file",
    ),
    Option(
        "tls_client_ca",
        ("--tls-client-ca",),
        ("PYSLURMRESTD_TLS_CLIENT_CA",),
        "FILE",
        "Let only clients in over TLS that have a certificate of these authorities (PEM)",
    ),
    Option(
        "share_port",
        ("--share-port",),
        ("PYSLURMRESTD_SHARE_PORT",),
        "",
        "Listen on TCP beside other daemons of the same user that do so too: the kernel deals "
        "connections out among them",
        setting_texts.switch,
    ),
    Option(
        "metrics",
        ("--metrics",),
        ("PYSLURMRESTD_METRICS",),
        "ADDRESS",
        "An address of its own for /metrics (Prometheus) and /readyz, which asks for no token",
    ),
    Option(
        "access_log",
        ("--access-log",),
        ("PYSLURMRESTD_ACCESS_LOG",),
        "text|json|off",
        "The form of the line that the log has for each request (default: text)",
        setting_texts.access_log,
    ),
    Option(
        "observe",
        ("--observe",),
        ("PYSLURMRESTD_OBSERVE",),
        "WORD,...",
        "id: requests have names (X-Request-Id), in answers and log; timing: a client that sends "
        "X-Server-Timing is told how long its request took",
        setting_texts.observe,
    ),
    Option(
        "security",
        (),
        ("SLURMRESTD_SECURITY",),
        "WORD,...",
        "disable_unshare_sysv and disable_unshare_files (nothing is unshared anyway); become_user "
        "and disable_user_check are refused",
        setting_texts.security,
    ),
    Option(
        "status_codes",
        (),
        ("SLURMRESTD_RESPONSE_STATUS_CODES",),
        "CODE,...",
        "Status codes that the OpenAPI document lists for each operation (default: 200,default)",
        setting_texts.status_codes,
    ),
    Option(
        "json",
        (),
        ("SLURMRESTD_JSON", "SLURM_JSON"),
        "compact|pretty",
        "How JSON is written (default: pretty)",
        setting_texts.json,
    ),
    Option(
        "yaml",
        (),
        ("SLURMRESTD_YAML", "SLURM_YAML"),
        "compact|pretty|no_tag",
        "Accepted, without effect: YAML is always written with tags",
        setting_texts.yaml,
    ),
    Option(
        "debug",
        (),
        ("SLURMRESTD_DEBUG", "SLURM_DEBUG"),
        "LEVEL",
        "Log level: quiet, fatal, error, info, verbose, debug to debug5, or a number from 0 "
        "(default: info)",
        level,
    ),
    Option(
        "debug_stderr",
        (),
        ("SLURMRESTD_DEBUG_STDERR",),
        "LEVEL",
        "Log level of standard error, where it differs",
        level,
    ),
    Option(
        "debug_syslog",
        (),
        ("SLURMRESTD_DEBUG_SYSLOG",),
        "LEVEL",
        "Accepted, without effect: the journal or a service manager passes standard error on",
        level,
    ),
    Option(
        "debug_flags",
        (),
        ("SLURM_DEBUG_FLAGS",),
        "FLAG,...",
        "Debug flags of libslurm in the workers",
    ),
    Option(
        "workers",
        (),
        ("PYSLURMRESTD_WORKERS",),
        "COUNT",
        "Worker processes for each kind of credential (default: automatic)",
        setting_texts.positive,
        reason="one that hangs leaves the other",
    ),
    Option(
        "timeout",
        (),
        ("PYSLURMRESTD_TIMEOUT",),
        "SECONDS",
        "How long a request may take before it is answered 504 (default: automatic)",
        setting_texts.seconds,
        reason="an answer begins in far less, or not at all",
    ),
    Option(
        "waiting_bytes",
        (),
        ("PYSLURMRESTD_WAITING_BYTES",),
        "BYTES",
        "Bytes of all requests together that are not answered yet; beyond it the largest is "
        "answered 503 (default: 256 MiB)",
        setting_texts.positive,
        reason="five of the longest bodies",
    ),
    Option(
        "cache",
        (),
        ("PYSLURMRESTD_CACHE",),
        "BYTES",
        "Bytes of answers that are kept and served again while the controller says that nothing "
        "has changed; 0: none (default: 256 MiB)",
        setting_texts.natural,
        reason="three listings of 10,000 jobs",
    ),
    Option(
        "max_body",
        (),
        ("PYSLURMRESTD_MAX_BODY",),
        "BYTES",
        "Longest body of a request (default: 50 MiB)",
        setting_texts.positive,
        reason="as slurmrestd",
    ),
    Option(
        "body_rate",
        (),
        ("PYSLURMRESTD_BODY_RATE",),
        "BYTES",
        "Bytes a second that a body has to come with once PYSLURMRESTD_CLIENT_TIMEOUT is over "
        "(default: 16384)",
        setting_texts.positive,
        reason="slower lines are hardly left; the longest body has an hour",
    ),
    Option(
        "client_timeout",
        (),
        ("PYSLURMRESTD_CLIENT_TIMEOUT",),
        "SECONDS",
        "How long a client may take nothing of its answer, or take for its body whatever its rate"
        " (default: 60)",
        setting_texts.seconds,
        reason="a thread of a worker may wait for it",
    ),
    Option(
        "queue_length",
        (),
        ("PYSLURMRESTD_QUEUE",),
        "COUNT",
        "Requests that may wait for a worker; beyond it the last of whoever has most is answered "
        "503 (default: 1000)",
        setting_texts.positive,
        reason="each holds a connection and its bytes",
    ),
    Option(
        "queue_timeout",
        (),
        ("PYSLURMRESTD_QUEUE_TIMEOUT",),
        "SECONDS",
        "How long a request may wait for a worker before it is answered 503 (default: 10)",
        setting_texts.seconds,
        reason="who waits longer had better come again",
    ),
    Option(
        "aside_bytes",
        (),
        ("PYSLURMRESTD_ASIDE_BYTES",),
        "BYTES",
        "Bytes of answers that slow clients have yet to take, kept while others wait for their "
        "threads; beyond it the largest is cut off (default: 64 MiB)",
        setting_texts.positive,
        reason="most of a listing of 10,000 jobs",
    ),
    Option(
        "tls_timeout",
        (),
        ("PYSLURMRESTD_TLS_TIMEOUT",),
        "SECONDS",
        "How long a TLS handshake may take (default: 10)",
        setting_texts.seconds,
        reason="it is a few messages",
    ),
    Option(
        "max_token",
        (),
        ("PYSLURMRESTD_MAX_TOKEN",),
        "BYTES",
        "Longest token that is judged here, by --jwt-key or --jwks (default: 16384)",
        setting_texts.positive,
        reason="it is hashed and decoded before anybody is known",
    ),
    Option(
        "grace",
        (),
        ("PYSLURMRESTD_GRACE",),
        "SECONDS",
        "How long requests that have begun may take once the daemon is told to stop (default: 30)",
        setting_texts.seconds,
        reason="systemd ends a service by force after 90",
    ),
)
"""All settings, in the order of ``-h``: slurmrestd's own options first."""


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The values that the environment sets, by the names of the fields.

    Raises :class:`.Fatal` for a value that no setting can have.
    """
    values: dict[str, Any] = {}
    for option in OPTIONS:
        for variable in option.environment:
            text = environment.get(variable)
            if text is not None:
                values[option.name] = read(option, text, variable)
                break
    return values


def read(option: Option, text: str, named: str) -> Any:
    """The value of an option from its text; ``named`` is where the text was given."""
    try:
        return option.read(text)
    except ValueError as error:
        raise Fatal(f"Invalid {named}: {text!r}") from error
