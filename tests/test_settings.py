"""Bounds that are set arrive where they hold."""

from __future__ import annotations

import io

import pytest

from pyslurmrestd.auth.judge import TokenJudge
from pyslurmrestd.cli import parse
from pyslurmrestd.errors import AuthFailed
from pyslurmrestd.server.app import _pool_settings
from pyslurmrestd.server.reader import read_body, read_head
from pyslurmrestd.server.refusal import Refused
from pyslurmrestd.settings import OPTIONS


def test_the_pool_gets_its_bounds() -> None:
    settings = parse(
        [],
        {
            "PYSLURMRESTD_BODY_RATE": "11",
            "PYSLURMRESTD_CLIENT_TIMEOUT": "1.5",
            "PYSLURMRESTD_QUEUE": "12",
            "PYSLURMRESTD_QUEUE_TIMEOUT": "2.5",
            "PYSLURMRESTD_ASIDE_BYTES": "13",
            "PYSLURMRESTD_WORKERS": "14",
            "PYSLURMRESTD_TIMEOUT": "3.5",
        },
    )
    pool = _pool_settings(settings, [])
    assert (pool.body_rate, pool.client_timeout, pool.queue_length) == (11, 1.5, 12)
    assert (pool.queue_seconds, pool.spill_bytes, pool.processes) == (2.5, 13, 14)
    assert pool.deadline == 3.5


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
)
def test_a_body_is_as_long_as_it_may_be(body: bytes) -> None:
    def read(longest: int) -> bytes | None:
        stream = io.BytesIO(b"POST / HTTP/1.1\r\n" + body)
        head = read_head(stream)
        assert head is not None
        return read_body(stream, head, lambda: None, longest)

    assert read(3) == b"abc"
    with pytest.raises(Refused) as refused:
        read(2)
    assert refused.value.status == 413


def test_a_token_is_as_long_as_it_may_be() -> None:
    with pytest.raises(AuthFailed, match="longer than 5 characters"):
        TokenJudge(None, None, ("sun",), longest=5).check("a.b.c.")
    with pytest.raises(AuthFailed) as other:
        TokenJudge(None, None, ("sun",), longest=6).check("a.b.c.")
    assert "longer" not in str(other.value)


def test_options_of_slurmrestd_come_first_in_the_help() -> None:
    """Its own are those whose variable, if they have one, is Slurm's too."""
    ours = [
        any(name.startswith("PYSLURMRESTD_") for name in option.environment)
        for option in OPTIONS
        if option.flags
    ]
    assert ours == sorted(ours)
