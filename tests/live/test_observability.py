"""What an administrator sees: metrics, readiness, names of requests, lines of the log, times."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from laboratory import Lab
from prometheus_client.parser import text_string_to_metric_families
from rest_daemon import Daemon, daemons

PING = "/slurm/v0.0.45/ping/"
JOBS = "/slurm/v0.0.45/jobs/"


class Observed:
    """A daemon with an address for its administrator."""

    def __init__(self, daemon: Daemon, port: int) -> None:
        self.daemon = daemon
        self._port = port

    def manage(self, path: str) -> tuple[int, bytes]:
        return fetch(self._port, path)[::2]

    def metrics(self) -> dict[tuple[str, ...], float]:
        """Values by the name of the sample and the values of its labels, in their names' order."""
        status, body = self.manage("/metrics")
        assert status == 200
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
        }

    def ask(self, path: str, token: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        sent = {"X-SLURM-USER-TOKEN": token}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return fetch(self.daemon.port, path, sent)


def fetch(
    port: int, path: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def observed() -> Iterator[Observed]:
    port = Lab.free_port()
    with daemons() as start:
        daemon = start(
            *("127.0.0.1:0", "--metrics", f"127.0.0.1:{port}"),
            *("--observe", "id,timing", "--access-log", "json"),
        )
        yield Observed(daemon, port)


def test_requests_are_counted_by_what_they_asked_for(lab: Lab, observed: Observed) -> None:
    before = observed.metrics()
    for path in (PING, JOBS, f"{JOBS}?update_time=x", "/slurm/v0.0.45/job/1", "/nothing"):
        observed.ask(path, lab.token("alice"))
    now = observed.metrics()

    def more(*sample: str) -> float:
        return now.get(sample, 0) - before.get(sample, 0)

    requests = "pyslurmrestd_requests_total"
    assert more(requests, "GET", "/slurm/{data_parser}/ping/", "200", "v0.0.45") == 1
    assert more(requests, "GET", "/slurm/{data_parser}/jobs/", "200", "v0.0.45") == 1
    assert more(requests, "GET", "/slurm/{data_parser}/job/{job_id}", "404", "v0.0.45") == 1
    assert more(requests, "", "", "404", "") == 1
    seconds = ("GET", "/slurm/{data_parser}/jobs/")
    assert more("pyslurmrestd_request_seconds_count", *seconds) == 2
    assert more("pyslurmrestd_call_seconds_count", *seconds) == 2
    total = more("pyslurmrestd_request_seconds_sum", *seconds)
    parts = [more(f"pyslurmrestd_{part}_seconds_sum", *seconds) for part in ("call", "dump")]
    assert min(parts) > 0
    assert sum(parts) < total
    assert more("pyslurmrestd_answer_bytes_total") > 1000


def test_callers_that_nobody_knows_are_counted(lab: Lab, observed: Observed) -> None:
    before = observed.metrics()
    assert observed.ask(JOBS, "a.b.c")[0] == 511
    assert fetch(observed.daemon.port, JOBS)[0] == 401
    now = observed.metrics()
    for by in ("slurm", "daemon"):
        sample = ("pyslurmrestd_callers_refused_total", by)
        assert now[sample] - before[sample] == 1


def test_what_clients_make_up_is_no_label(lab: Lab, observed: Observed) -> None:
    for number in range(5):
        observed.ask(f"/made-up/{number}", lab.token("alice"))
        observed.ask(f"/slurm/v0.0.45/job/{number}x", lab.token("alice"))
    labels = " ".join(" ".join(sample) for sample in observed.metrics())
    assert "made-up" not in labels
    assert "0x" not in labels


def test_workers_and_lanes_are_told(observed: Observed) -> None:
    told = observed.metrics()
    assert told["pyslurmrestd_workers", "token"] >= 1
    assert told["pyslurmrestd_lanes", "token"] > told["pyslurmrestd_lanes_busy", "token"] >= 0
    assert told["pyslurmrestd_worker_starts_total", "token"] >= 1
    assert told["pyslurmrestd_worker_deaths_total", "token"] == 0
    assert told[("pyslurmrestd_waiting_bytes",)] == 0


def test_all_is_ready_and_nobody_needs_a_token_for_it(observed: Observed) -> None:
    status, body = observed.manage("/readyz")
    ready = {"workers": "ready", "slurmctld": "ready", "slurmdbd": "ready"}
    assert (status, json.loads(body)) == (200, ready)
    assert observed.manage("/readyz/slurmctld") == (200, b'{"slurmctld": "ready"}')
    assert observed.manage("/livez")[0] == 204
    assert observed.manage("/readyz/nothing")[0] == 404
    assert observed.manage(JOBS)[0] == 404


def test_a_daemon_of_slurm_that_is_down_is_told(lab: Lab, observed: Observed) -> None:
    lab.run("/src/lab/inside/cluster stop slurmdbd")
    try:
        Lab.wait_for(lambda: observed.manage("/readyz/slurmdbd")[0] == 503)
        status, body = observed.manage("/readyz")
        told = json.loads(body)
        assert (status, told["slurmctld"]) == (503, "ready")
        assert "refused" in told["slurmdbd"].lower()
        assert observed.manage("/readyz/slurmctld")[0] == 200
    finally:
        lab.run("/src/lab/inside/cluster start slurmdbd")
    Lab.wait_for(lambda: observed.manage("/readyz")[0] == 200)


def test_what_metrics_show_is_not_served_to_clients(lab: Lab, observed: Observed) -> None:
    assert observed.ask("/metrics", lab.token("alice"))[0] == 404
    document = observed.ask("/openapi/v3", lab.token("alice"))[2]
    assert b"/metrics" not in document


@pytest.mark.parametrize("name", ["abc", "A-1_2.3:4/5=@", "x" * 128])
def test_a_name_that_a_client_gives_stays(lab: Lab, observed: Observed, name: str) -> None:
    assert observed.ask(PING, lab.token("alice"), X_Request_Id=name)[1]["X-Request-Id"] == name


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "é", 'a"b', "a;b", "{}"])
def test_another_name_is_replaced(lab: Lab, observed: Observed, name: str) -> None:
    told = observed.ask(PING, lab.token("alice"), X_Request_Id=name)[1]["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{24}", told)


def lines(daemon: Daemon) -> list[Any]:
    return [json.loads(line) for line in daemon.lines if line.startswith("{")]


def line_of(daemon: Daemon, name: str) -> Any:
    Lab.wait_for(lambda: [line for line in lines(daemon) if line["id"] == name])
    (line,) = (line for line in lines(daemon) if line["id"] == name)
    return line


def test_each_request_has_a_line_with_its_name(lab: Lab, observed: Observed) -> None:
    body = observed.ask(f"{JOBS}?update_time=1", lab.token("alice"), X_Request_Id="mine")[2]
    line = line_of(observed.daemon, "mine")
    assert line["method"] == "GET"
    assert line["path"] == JOBS
    assert line["operation"] == JOBS
    assert (line["status"], line["bytes"]) == (200, len(body))
    assert 0 < line["seconds"] < 30
    assert line["peer"].startswith("127.0.0.1:")
    assert abs(time.mktime(time.strptime(line["time"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()) < 86400


def test_bytes_that_are_no_text_have_a_line_too(lab: Lab, observed: Observed) -> None:
    with socket.create_connection(("127.0.0.1", observed.daemon.port)) as client:
        client.sendall(
            b"GET /slurm/v0.0.45/job/%ff\xff HTTP/1.1\r\nHost: x\r\nX-Request-Id: raw\r\n"
            b"X-SLURM-USER-TOKEN: " + lab.token("alice").encode() + b"\r\n\r\n"
        )
        answer = client.recv(1 << 16)
    assert answer.startswith(b"HTTP/1.1 4")
    assert not [line for line in observed.daemon.lines if "Traceback" in line]


def test_refusals_have_names_too(observed: Observed) -> None:
    told = fetch(observed.daemon.port, JOBS, {"X-Request-Id": "refused"})
    assert (told[0], told[1]["X-Request-Id"]) == (401, "refused")
    assert line_of(observed.daemon, "refused")["status"] == 401


def test_times_are_told_to_who_asks(lab: Lab, observed: Observed) -> None:
    told = observed.ask(JOBS, lab.token("alice"), X_Server_Timing="1")[1]["Server-Timing"]
    times = dict(re.findall(r"(\w+);dur=([0-9.]+)", told))
    assert list(times) == ["total", "call", "dump", "wait"]
    assert float(times["total"]) >= float(times["call"]) > 0
    assert "Server-Timing" not in observed.ask(JOBS, lab.token("alice"))[1]


def test_without_the_options_nothing_is_told(lab: Lab) -> None:
    sent = {"X-Request-Id": "x", "X-Server-Timing": "1"}
    told = lab.get(PING, headers=sent)
    assert not {"X-Request-Id", "Server-Timing"} & set(told.headers)


def test_the_log_may_be_without_requests(lab: Lab) -> None:
    with daemons() as start:
        daemon = start("127.0.0.1:0", "--access-log", "off")
        assert daemon.get(PING, lab.token("alice"))[0] == 200
        daemon.end()
    assert not [line for line in daemon.lines if PING in line]
