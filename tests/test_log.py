"""Log lines: levels, their form on standard error and for the journal, gathering."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator

import pytest

from pyslurmrestd.log import (
    LEVELS,
    VERBOSE,
    configure,
    gather_lines,
    level,
    level_name,
    log,
    log_line,
)

STAMP = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\] "


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gather_lines(None)
    configure("info")


@pytest.mark.parametrize(
    ("text", "name"),
    [("info", "info"), (" DEBUG2 ", "debug2"), ("0", "quiet"), ("3", "info"), ("99", "debug5")],
)
def test_a_level_has_a_name_and_a_number(text: str, name: str) -> None:
    assert level(text) == name


@pytest.mark.parametrize("text", ["", "bogus", "-1", "3.5"])
def test_other_words_are_no_level(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        level(text)


@pytest.mark.parametrize(
    ("name", "more", "expected", "for_workers"),
    [
        ("info", 0, "info", "INFO"),
        ("info", 1, "verbose", "INFO"),
        ("info", 2, "debug", "DEBUG"),
        ("info", 50, "debug5", "DEBUG"),
        ("quiet", 0, "quiet", "CRITICAL"),
        ("error", 0, "error", "ERROR"),
    ],
)
def test_more_words_go_beyond_the_level(
    name: str, more: int, expected: str, for_workers: str
) -> None:
    configure(name, more)
    assert log.level == LEVELS[expected]
    assert level_name() == for_workers


def test_a_line_has_time_and_level(capfd: pytest.CaptureFixture[str]) -> None:
    configure("verbose")
    log.info("one %d", 1)
    log.error("two")
    log.critical("three")
    log.warning("four")
    log.log(VERBOSE, "five")
    log.debug("never")
    log_line("six")
    texts = ["one 1", "error: two", "fatal: three", "warning: four", "verbose: five", "six"]
    err = capfd.readouterr().err
    assert re.fullmatch("".join(f"{STAMP}{text}\n" for text in texts), err)


def test_the_journal_gets_severities_and_no_time(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{stderr.st_dev}:{stderr.st_ino}")
    configure("debug")
    log.critical("a")
    log.error("b\nc")
    log.warning("d")
    log_line("e")
    log.debug("f")
    assert capfd.readouterr().err == "<2>a\n<3>b\n<3>c\n<4>d\n<6>e\n<7>f\n"


def test_another_stream_is_not_the_journal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    configure("info")
    log_line("a")
    assert re.fullmatch(f"{STAMP}a\n", capfd.readouterr().err)


def test_a_traceback_follows_its_line(capfd: pytest.CaptureFixture[str]) -> None:
    configure("info")
    try:
        raise KeyError("lost")
    except KeyError:
        log.exception("failed")
    err = capfd.readouterr().err
    assert re.match(f"{STAMP}error: failed\nTraceback ", err)
    assert err.endswith("KeyError: 'lost'\n")


def test_lines_of_requests_wait_for_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    configure("info")
    asked: list[Callable[[], None]] = []
    gather_lines(asked.append)
    log_line("a")
    log_line("b")
    assert (capfd.readouterr().err, len(asked)) == ("", 1)
    log.info("c")  # which keeps the order
    assert [line[-1] for line in capfd.readouterr().err.splitlines()] == ["a", "b", "c"]
    log_line("d")
    asked[-1]()
    assert capfd.readouterr().err.endswith("] d\n")
    log_line("e")
    gather_lines(None)
    assert capfd.readouterr().err.endswith("] e\n")


def test_quiet_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    configure("quiet")
    log.critical("a")
    log_line("b")
    assert capfd.readouterr().err == ""
    assert not log.isEnabledFor(logging.CRITICAL)


def test_bytes_that_are_no_text_are_escaped(capfd: pytest.CaptureFixture[str]) -> None:
    configure("info")
    log_line("/a\udce4")
    assert capfd.readouterr().err.endswith("] /a\\udce4\n")
