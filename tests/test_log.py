"""Log lines: levels, their form on standard error and for the journal, gathering."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pyslurmrestd.log import (
    LEVELS,
    VERBOSE,
    configure,
    level,
    level_name,
    log,
    log_line,
    write_apart,
    write_here,
)
from pyslurmrestd.log_writer import MOST_WAITING, LogWriter

STAMP = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\] "


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    write_here()
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
    except KeyError as lost:
        log.error("failed", error=lost)
    err = capfd.readouterr().err
    assert re.match(f"{STAMP}error: failed\nTraceback ", err)
    assert err.endswith("KeyError: 'lost'\n")


def test_lines_of_requests_wait_for_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    configure("info")
    asked: list[Callable[[], None]] = []
    written = ""

    def written_are(count: int) -> list[str]:
        """The last characters of so many further lines, once they are there."""
        nonlocal written
        deadline = time.monotonic() + 10
        while written.count("\n") < count and time.monotonic() < deadline:
            written += capfd.readouterr().err
        lines, written = written.splitlines(), ""
        return [line[-1] for line in lines]

    write_apart(asked.append)
    log_line("a")
    log_line("b")
    assert (capfd.readouterr().err, len(asked)) == ("", 1)
    log.info("c")  # which keeps the order
    assert written_are(3) == ["a", "b", "c"]
    log_line("d")
    asked[-1]()
    assert written_are(1) == ["d"]
    log_line("e")
    write_here()
    assert capfd.readouterr().err.endswith("] e\n")


def test_quiet_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    configure("quiet")
    log.critical("a")
    log_line("b")
    assert capfd.readouterr().err == ""
    assert log.level > LEVELS["fatal"]


def test_bytes_that_are_no_text_are_escaped(capfd: pytest.CaptureFixture[str]) -> None:
    configure("info")
    log_line("/a\udce4")
    assert capfd.readouterr().err.endswith("] /a\\udce4\n")


def gap(lines: int) -> bytes:
    return b"%d missing\n" % lines


def read_all(descriptor: int) -> list[bytes]:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read().splitlines()


def test_lines_beyond_the_bound_are_dropped_and_counted_in_their_place() -> None:
    source, sink = os.pipe()
    writer = LogWriter(sink, gap)
    first = b"a" * (128 << 10) + b"\n"  # more than the pipe takes
    line = b"%7d" % 0 + b"x" * 1000 + b"\n"
    count = 3 * MOST_WAITING // len(line)
    writer.put(first)
    for number in range(count):
        writer.put(b"%7d" % number + line[7:])
    assert not writer.close(0.05)
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.extend(read_all(source)))
    reader.start()
    assert writer.close(20)
    os.close(sink)
    reader.join()
    kept = (MOST_WAITING - len(first)) // len(line)
    assert [int(line[:7]) for line in lines[1:-1]] == list(range(kept))
    assert lines[-1] == b"%d missing" % (count - kept)


def test_lines_follow_the_gap_once_somebody_reads() -> None:
    source, sink = os.pipe()
    writer = LogWriter(sink, gap)
    writer.put(b"a" * (128 << 10) + b"\n")  # more than the pipe takes
    writer.put(b"b" * (MOST_WAITING - (128 << 10) - 2) + b"\n")
    writer.put(b"c\nd\n")
    writer.put(b"e\n")
    with os.fdopen(source, "rb") as stream:
        lines = [stream.readline()[:9] for _ in range(3)]
        writer.put(b"f\n")
        assert writer.close(20)
        os.close(sink)
        lines += stream.read().splitlines()
    assert lines == [b"a" * 9, b"b" * 9, b"3 missing", b"f"]


def test_a_log_whose_reader_is_gone_is_no_reason_to_stop() -> None:
    source, sink = os.pipe()
    os.close(source)
    writer = LogWriter(sink, gap)
    writer.put(b"a\n")
    writer.put(b"b\n")
    assert writer.close(20)
    os.close(sink)


def test_lines_that_find_no_room_on_the_disk_are_told_of_once_there_is_some() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    writer = LogWriter(descriptor, gap)
    writer.put(b"a\nb\n")
    writer.put(b"c\n")
    assert writer.flush(20)
    source, sink = os.pipe()
    os.dup2(sink, descriptor)
    os.close(sink)
    writer.put(b"d\n")
    writer.put(b"e\n")
    assert writer.close(20)
    os.close(descriptor)
    assert read_all(source) == [b"3 missing", b"d", b"e"]


def test_what_is_logged_last_waits_a_second_at_most() -> None:
    """Where nobody reads standard error; the process can still end."""
    source, sink = os.pipe()
    kept = os.dup(2)
    os.dup2(sink, 2)
    try:
        configure("info")
        write_apart(lambda flush: None)
        log.info("x" * (128 << 10))
        begun = time.monotonic()
        write_here()
        log.error("too late")
        assert time.monotonic() - begun < 10
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    reader = threading.Thread(target=read_all, args=(source,))
    reader.start()
    write_here()
    os.close(sink)
    reader.join()
