"""How often a caller may ask: a burst, then one request after the other; each by itself."""

from __future__ import annotations

import pytest

from pyslurmrestd.worker import rates
from pyslurmrestd.worker.rates import Rates


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    limit = Rates(10)
    assert [limit.take("a", 100.0) for _ in range(20)] == [0.0] * 20
    assert limit.take("a", 100.0) == pytest.approx(0.1)
    assert limit.take("a", 100.05) == pytest.approx(0.05)
    assert limit.take("a", 100.11) == 0.0
    assert limit.take("a", 100.11) > 0


def test_a_refused_request_costs_nothing() -> None:
    limit = Rates(1)
    while not limit.take("a", 0.0):
        pass
    waits = [limit.take("a", 0.0) for _ in range(100)]
    assert len(set(waits)) == 1
    assert limit.take("a", waits[0] + 0.001) == 0.0


def test_callers_do_not_share() -> None:
    limit = Rates(1)
    while not limit.take("a", 0.0):
        pass
    assert limit.take("b", 0.0) == 0.0


def test_less_than_one_a_second() -> None:
    limit = Rates(0.1)
    assert limit.take("a", 0.0) == 0.0
    assert limit.take("a", 0.0) == pytest.approx(10.0)


def test_callers_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST", 10)
    limit = Rates(1)
    for number in range(100):
        limit.take(str(number), float(number))
    assert len(limit._done) == 10
