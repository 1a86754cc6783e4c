"""Command line and environment to Settings; what is printed and done with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from pyslurmrestd import plugin
from pyslurmrestd.cli import Usage, help_text, main, parse
from pyslurmrestd.log import Fatal
from pyslurmrestd.settings import OPTIONS, Settings

DAEMON = (sys.executable, "-m", "pyslurmrestd")
API_VERSIONS = [f"v0.0.{number}" for number in range(40, 46)]


def test_every_setting_has_one_row_in_the_table() -> None:
    assert sorted(option.name for option in OPTIONS) == sorted(vars(Settings()))


def test_help_names_every_option_and_variable() -> None:
    text = help_text()
    for option in OPTIONS:
        for name in (*option.flags, *option.environment):
            assert name in text
    assert text.startswith("Usage: pyslurmrestd [OPTIONS] ")


def test_nothing_given_is_the_default() -> None:
    assert parse([], {}) == Settings()


@pytest.mark.parametrize(
    ("argv", "environment", "expected"),
    [
        (["-a", "jwt"], {"SLURMRESTD_AUTH_TYPES": "local"}, {"auth_types": "jwt"}),
        ([], {"SLURMRESTD_AUTH_TYPES": "local"}, {"auth_types": "local"}),
        (["-s", "slurmctld"], {}, {"openapi_plugins": "slurmctld"}),
        ([], {"SLURMRESTD_OPENAPI_PLUGINS": "util"}, {"openapi_plugins": "util"}),
        (["-dlatest"], {}, {"data_parsers": "latest"}),
        ([], {"SLURMRESTD_DATA_PARSER_PLUGINS": "v0.0.42"}, {"data_parsers": "v0.0.42"}),
        (["-f", "/a"], {"SLURM_CONF": "/b"}, {"slurm_conf": "/a"}),
        ([], {"SLURM_CONF": "/b"}, {"slurm_conf": "/b"}),
        (["-u", "restd", "-g", "0"], {}, {"user": "restd", "group": "0"}),
        (["-t", "8"], {}, {"threads": 8}),
        (["-t", "many"], {}, {"threads": 0}),
        (["-vv", "-v"], {}, {"verbose": 3}),
        (["--max-connections", "5"], {}, {"max_connections": 5}),
        (["--max-c=5"], {"SLURMRESTD_MAX_CONNECTIONS": "6"}, {"max_connections": 5}),
        (["--max-lenient-body=5"], {"PYSLURMRESTD_MAX_LENIENT_BODY": "6"}, {"max_lenient_body": 5}),
        ([], {"PYSLURMRESTD_MAX_LENIENT_BODY": "6"}, {"max_lenient_body": 6}),
        (["--share-port"], {"PYSLURMRESTD_SHARE_PORT": "no"}, {"share_port": True}),
        ([], {"PYSLURMRESTD_SHARE_PORT": "Yes"}, {"share_port": True}),
        ([], {"PYSLURMRESTD_SHARE_PORT": "0"}, {"share_port": False}),
        (["--max-values", "5"], {"PYSLURMRESTD_MAX_VALUES": "6"}, {"max_values": 5}),
        (["--gen"], {}, {"generate_openapi_spec": True}),
        (["-V"], {}, {"version": True}),
        (["--he"], {}, {"help": True}),
        ([":1", "-v", "unix:/a"], {}, {"listen": (":1", "unix:/a"), "verbose": 1}),
        (["--", "-v"], {}, {"listen": ("-v",)}),
        (["c:3"], {"SLURMRESTD_LISTEN": "a:1, b:2,"}, {"listen": ("a:1", "b:2", "c:3")}),
        ([], {"SLURMRESTD_LISTEN": ""}, {"listen": ()}),
        ([], {"SLURMRESTD_SECURITY": ""}, {"security": frozenset()}),
        ([], {"SLURMRESTD_SECURITY": "become_user,disable_unshare_files"},
         {"security": frozenset(("become_user", "disable_unshare_files"))}),
        ([], {"SLURMRESTD_RESPONSE_STATUS_CODES": "200, 99,NOT FOUND,default"},
         {"status_codes": ("200", "99", "404", "default")}),
        ([], {"SLURMRESTD_JSON": "compact"}, {"json": "json_compact"}),
        ([], {"SLURM_JSON": "compact"}, {"json": "json_compact"}),
        ([], {"SLURMRESTD_JSON": "pretty,compact"}, {"json": "json"}),
        ([], {"SLURMRESTD_YAML": "no_tag"}, {"yaml": frozenset(("no_tag",))}),
        ([], {"SLURMRESTD_DEBUG": "debug2", "SLURM_DEBUG": "error"}, {"debug": "debug2"}),
        ([], {"SLURM_DEBUG": "5"}, {"debug": "debug"}),
        ([], {"SLURMRESTD_DEBUG_STDERR": "QUIET"}, {"debug_stderr": "quiet"}),
        ([], {"SLURMRESTD_DEBUG_SYSLOG": "1"}, {"debug_syslog": "fatal"}),
        ([], {"SLURM_DEBUG_FLAGS": "net"}, {"debug_flags": "net"}),
        ([], {"PYSLURMRESTD_WORKERS": "3", "PYSLURMRESTD_TIMEOUT": "2.5"},
         {"workers": 3, "timeout": 2.5}),
    ],
)  # fmt: skip
def test_options_and_environment_are_read(
    argv: list[str], environment: Mapping[str, str], expected: dict[str, Any]
) -> None:
    assert parse(argv, environment) == Settings(**expected)


@pytest.mark.parametrize("argv", [["-x"], ["-a"], ["--version"], ["--max"], ["--generate=1"]])
def test_an_unknown_option_is_a_usage_error(argv: list[str]) -> None:
    with pytest.raises(Usage):
        parse(argv, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLURMRESTD_MAX_CONNECTIONS", "0"),
        ("SLURMRESTD_MAX_CONNECTIONS", "many"),
        ("SLURMRESTD_SECURITY", "bogus"),
        ("SLURMRESTD_RESPONSE_STATUS_CODES", "foo"),
        ("SLURMRESTD_JSON", "bogus"),
        ("SLURMRESTD_YAML", "bogus"),
        ("SLURMRESTD_DEBUG", "bogus"),
        ("SLURMRESTD_DEBUG_STDERR", "bogus"),
        ("PYSLURMRESTD_WORKERS", "0"),
        ("PYSLURMRESTD_TIMEOUT", "nan"),
    ],
)
def test_a_value_that_no_setting_has_is_fatal(name: str, value: str) -> None:
    with pytest.raises(Fatal, match=f"Invalid {name}: '{value}'"):
        parse([], {name: value})


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (None, ["rest_auth/local", "rest_auth/jwt"]),
        ("jwt, rest_auth/local,jwt", ["rest_auth/jwt", "rest_auth/local"]),
        ("rest_auth/jwt", ["rest_auth/jwt"]),
    ],
)
def test_rest_auth_plugins_keep_the_order_given(choice: str | None, names: list[str]) -> None:
    assert [entry.name for entry in plugin.authenticators(choice)] == names


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (None, API_VERSIONS),
        ("latest", ["v0.0.45"]),
        ("v0.0.44,data_parser/v0.0.42", ["v0.0.44", "v0.0.42"]),
        ("v0.0.42+fast+complex,v0.0.42", ["v0.0.42+fast+complex"]),
        ("v0.0.45+bogus", ["v0.0.45+bogus"]),
    ],
)
def test_data_parsers_are_chosen_with_their_flags(choice: str | None, names: list[str]) -> None:
    assert [entry.name.removeprefix("data_parser/") for entry in plugin.data_parsers(choice)] == (
        names
    )


@pytest.mark.parametrize(
    ("choose", "text"),
    [
        (
            lambda: plugin.authenticators("bogus"),
            r"Unable to find plugin: rest_auth/bogus \(there are: jwt, local\)",
        ),
        (lambda: plugin.authenticators(""), "No authentication plugins to load"),
        (lambda: plugin.contents("slurmctld,bogus"), "Unable to find plugin: openapi/bogus .*"),
        (lambda: plugin.data_parsers("v0_0_42"), "Unable to find plugin: data_parser/v0_0_42 .*"),
        (
            lambda: plugin.data_parsers("v0.0.39"),
            r"Unable to find plugin: data_parser/v0.0.39 \(there are: v0.0.40, .*, v0.0.45\)",
        ),
    ],
)
def test_an_unknown_plugin_is_fatal(choose: Any, text: str) -> None:
    with pytest.raises(Fatal, match=f"^{text}$"):
        choose()


def run(capfd: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main(argv)
    captured = capfd.readouterr()
    return status, captured.out, captured.err


def test_version_is_slurms(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capfd, "-V")
    assert (status, err) == (0, "")
    assert out.startswith("slurm-wlm ")


def test_help_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "-h") == (0, "", help_text() + "\n")


def test_a_usage_error_is_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capfd, "--bogus")
    assert (status, out) == (1, "")
    assert err == ("pyslurmrestd: option --bogus not recognized; pyslurmrestd --help tells more\n")


def test_under_the_real_daemons_name_it_answers_to_that(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/sbin/slurmrestd"])
    assert run(capfd, "-a")[2].startswith("slurmrestd: option -a requires argument; slurmrestd ")
    assert run(capfd, "-h")[2].startswith("Usage: slurmrestd [OPTIONS] ")


@pytest.mark.parametrize(
    ("flag", "heading", "names"),
    [
        ("-a", "REST authentication", ["rest_auth/jwt", "rest_auth/local"]),
        ("-d", "data_parser", [f"data_parser/{version}" for version in API_VERSIONS]),
    ],
)
@pytest.mark.parametrize("word", ["list", "LIST"])
def test_list_names_the_plugins(
    capfd: pytest.CaptureFixture[str], flag: str, heading: str, names: list[str], word: str
) -> None:
    assert run(capfd, flag, word) == (
        0,
        "".join(f"{name}\n" for name in names),
        f"Possible {heading} plugins:\n",
    )


def test_list_names_content_plugins(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capfd, "-s", "list")
    assert (status, err) == (0, "Possible OpenAPI plugins:\n")
    assert "openapi/slurmctld" in out.splitlines()


def test_autocomplete_lists_options(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "--autocomplete=--max-c") == (0, "--max-connections\n\n", "")
    assert run(capfd, "--autocomplete=--nothing") == (0, "\n", "")


def test_a_fatal_error_is_one_log_line_and_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capfd, "-a", "bogus", "127.0.0.1:0")
    assert (status, out) == (1, "")
    assert err.endswith("] fatal: Unable to find plugin: rest_auth/bogus (there are: jwt, local)\n")


@pytest.mark.parametrize(
    ("flag", "choice", "text"),
    [
        ("-s", "slurmctld,openapi/bogus", "openapi/bogus (there are: slurmctld, slurmdbd, util)"),
        ("-d", "v0.0.45,v0.0.39+fast", "data_parser/v0.0.39 (there are: v0.0.40, "),
    ],
)
@pytest.mark.parametrize("argv", [("127.0.0.1:0",), ()], ids=["sockets", "standard input"])
def test_an_unknown_plugin_is_told_once_and_starts_no_worker(
    capfd: pytest.CaptureFixture[str], flag: str, choice: str, text: str, argv: tuple[str, ...]
) -> None:
    # Root, as whom the tests run, is refused only later.
    status, _, err = run(capfd, flag, choice, *argv)
    assert status == 1
    (line,) = err.splitlines()
    assert f"fatal: Unable to find plugin: {text}" in line


@pytest.mark.parametrize("word", ["become_user", "disable_user_check"])
def test_what_would_change_the_caller_is_refused(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setenv("SLURMRESTD_SECURITY", word)
    status, _, err = run(capfd, "127.0.0.1:0")
    assert status == 1
    assert f"fatal: SLURMRESTD_SECURITY={word} is not supported" in err


def test_the_document_needs_neither_slurm_nor_a_user() -> None:
    ran = subprocess.run(
        [*DAEMON, "--generate-openapi-spec", "-f", "/dev/null", "-d", "latest"],
        capture_output=True,
        env={**os.environ, "SLURMRESTD_RESPONSE_STATUS_CODES": "404"},
        check=True,
    )
    assert ran.stderr == b""
    assert ran.stdout.startswith(b'{\n  "tags": [\n')
    assert ran.stdout.endswith(b"\n}")
    assert b'"404": {' in ran.stdout


def test_a_reader_that_has_had_enough_brings_no_traceback() -> None:
    ran = subprocess.run(
        ["sh", "-c", '"$@" | head -c 1', "sh", *DAEMON, "--generate-openapi-spec"],
        capture_output=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == (b"{", b"")


def test_abort_on_fatal_aborts() -> None:
    ran = subprocess.run(
        [*DAEMON, "-a", "bogus", "127.0.0.1:0"],
        capture_output=True,
        env={**os.environ, "ABORT_ON_FATAL": ""},
        check=False,
    )
    assert ran.returncode == -6
