"""Requests over sockets: what is asked of a worker, and the exact answer on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from wire import TOKEN, Address, Answer, Client, Front

StartFront = Callable[..., Awaitable[Front]]
Connect = Callable[[Address], Awaitable[Client]]

PING = "/slurm/v0.0.45/ping/"


async def ask(client: Client, request: str, *, bodiless: bool = False) -> Answer:
    await client.send(request)
    return await client.answer(bodiless=bodiless)


def get(path: str, headers: str = "", method: str = "GET") -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{TOKEN}{headers}\r\n"


def post(path: str, headers: str, body: str) -> str:
    return get(path, f"Content-Length: {len(body)}\r\n{headers}", "POST") + body


async def test_a_worker_is_asked_what_the_request_says(client: Client, front: Front) -> None:
    answer = await ask(client, get("/slurm/v0.0.42/job/007?flags=detail"))
    port = client.writer.get_extra_info("sockname")[1]
    assert answer.json["peer"]["source"].startswith(f"127.0.0.1:{port}(fd:")
    unsaid = ("peer", "timeout", "long", "accounting", "id")
    assert {key: value for key, value in answer.json.items() if key not in unsaid} == {
        "operation": "get /slurm/v0.0.42/job/{job_id}",
        "params": {"job_id": "007"},
        "query": "flags=detail",
        "content_type": None,
        "media": "application/json",
        "body": "",
        "credential": {"kind": "token", "token": "a.b.c", "user_name": None, "uid": None},
        "has": None,
        "keeps": False,
        "coding": "",
    }


async def test_an_answer_has_its_own_headers_alone(client: Client) -> None:
    answer = await ask(client, get(PING + "?status=200"))
    assert answer.head == ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json")
    assert await client.quiet()


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (404, "404 NOT FOUND"),
        (422, "422 UNPROCESSABLE CONTENT"),
        (500, "500 INTERNAL ERROR"),
        (502, "502 BAD GATEWAY"),
        (511, "511 Network Authentication Required"),
    ],
)
async def test_a_failure_closes_the_connection(client: Client, status: int, line: str) -> None:
    answer = await ask(client, get(f"{PING}?status={status}"))
    assert answer.head == (
        f"HTTP/1.1 {line}\r\nConnection: Close\r\nContent-Length: 2\r\n"
        "Content-Type: application/json"
    )
    assert await client.rest() == b""


@pytest.mark.parametrize(("status", "line"), [(204, "204 NO CONTENT"), (304, "304 NOT MODIFIED")])
async def test_no_body_needs_no_headers(client: Client, status: int, line: str) -> None:
    answer = await ask(client, get(f"{PING}?status={status}"))
    assert answer.head == f"HTTP/1.1 {line}"
    assert await client.quiet()


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
async def test_health_checks_need_a_token_and_no_worker(client: Client, path: str) -> None:
    assert (await ask(client, get(path))).head == "HTTP/1.1 204 NO CONTENT"
    assert (await ask(client, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).status == 401


async def test_readiness_takes_a_worker(
    start_front: StartFront, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = await start_front()
    monkeypatch.setenv("PYTHONPATH", "")  # no worker finds its application from here on
    client = await connect(front.tcp)
    assert (await ask(client, get(PING + "?die=1"))).status == 502
    async with asyncio.timeout(20):
        while "mirror" not in (front.pool.lacking() or ""):
            await asyncio.sleep(0.05)
    client = await connect(front.tcp)
    answer = await ask(client, get("/readyz"))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert b"No module named 'mirror'" in answer.body
    client = await connect(front.tcp)
    assert (await ask(client, get("/livez"))).status == 204


async def test_head_is_get_without_a_body(client: Client) -> None:
    with_body = await ask(client, get(PING + "?status=200"))
    answer = await ask(client, get(PING + "?status=200", method="HEAD"), bodiless=True)
    assert answer.head == with_body.head
    answer = await ask(client, get("/nowhere", method="HEAD"), bodiless=True)
    assert answer.status == 404
    assert await client.rest() == b""


async def test_a_long_answer_comes_in_chunks(client: Client) -> None:
    answer = await ask(client, get(PING + "?stream=20"))
    assert answer.head == (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json"
    )
    assert answer.body == b"".join(b"%7d\n" % number * 8192 for number in range(20))
    assert (await ask(client, get(PING + "?status=200"))).status == 200


async def test_a_long_answer_to_http_1_0_ends_with_the_connection(client: Client) -> None:
    answer = await ask(client, f"GET {PING}?stream=3 HTTP/1.0\r\n{TOKEN}\r\n")
    assert answer.head == ("HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: application/json")
    assert len(answer.body) == 3 * 8 * 8192


async def test_http_1_0_keeps_the_connection_after_a_short_answer(client: Client) -> None:
    answer = await ask(client, f"GET {PING}?status=200 HTTP/1.0\r\n{TOKEN}\r\n")
    assert answer.head.startswith("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n")
    assert await client.quiet()


async def test_a_long_answer_that_is_cut_ends_the_connection(client: Client) -> None:
    await client.send(get(PING + "?stream=3&cut=1"))
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError, ValueError)):
        await client.answer()


async def test_a_long_answer_to_http_1_0_that_is_cut_is_reset(client: Client) -> None:
    await client.send(f"GET {PING}?stream=3&cut=1 HTTP/1.0\r\n{TOKEN}\r\n")
    with pytest.raises(ConnectionResetError):
        await client.rest()


async def test_close_is_obeyed(client: Client) -> None:
    answer = await ask(client, get(PING + "?status=200", "Connection: close\r\n"))
    assert answer.head == (
        "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n"
        "Content-Type: application/json"
    )
    assert await client.rest() == b""


async def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    await client.send("".join(get(f"/slurm/v0.0.45/job/{number}") for number in range(1, 9)))
    for number in range(1, 9):
        assert (await client.answer()).json["params"] == {"job_id": str(number)}


async def test_a_request_may_come_byte_by_byte(client: Client) -> None:
    for byte in post("/slurm/v0.0.45/job/submit", "Content-Type: application/json\r\n", '{"a": 1}'):
        await client.send(byte)
        await asyncio.sleep(0)
    assert (await client.answer()).json["body"] == '{"a": 1}'


async def test_who_has_ended_its_side_gets_all_answers(client: Client) -> None:
    await client.send(get(PING + "?sleep=0.2") + get(PING + "?status=200"))
    client.writer.write_eof()
    assert (await client.answer()).json["query"] == "sleep=0.2"
    assert (await client.answer()).body == b"{}"
    assert await client.rest() == b""


UNKNOWN_URL = (
    "Unable to find requested URL endpoint. Please query the '/openapi/v3' endpoint or visit "
    "'https://slurm.schedmd.com/rest_api.html' for the OpenAPI specification which includes a "
    "list of all possible slurmrestd endpoints."
)
BROKEN = "Unexpected character added or missing in HTTP"
BAD_LENGTH = "Unexpected character or unparsable number in HTTP Content-Length header"
BAD_ENCODING = "Invalid or unsupported HTTP Content-Encoding header"
NO_LF = "Missing an expected LF character"
BAD_MEDIA = "HTTP Accept header content type is unknown or unsupported"
LONG_HEADERS = "".join(f"X-{number}: {'x' * 80}\r\n" for number in range(1000))


@pytest.mark.parametrize(
    ("request_text", "line", "text"),
    [
        ("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", "401 UNAUTHORIZED", "Authentication failure"),
        (get("/nowhere", "Accept: text/html\r\n"), "404 NOT FOUND", UNKNOWN_URL),
        (get("/slurm/v0.0.39/ping"), "404 NOT FOUND", UNKNOWN_URL),
        (get("/slurm/v0.0.45/ping%zz"), "404 NOT FOUND", "Invalid or unknown URL path"),
        (get("/slurm/v0.0.45/../ping"), "404 NOT FOUND", "Invalid or unknown URL path"),
        (get(PING, "Accept: text/html\r\n"), "415 UNSUPPORTED MEDIA TYPE", BAD_MEDIA),
        (get(PING, "Upgrade: h2c\r\n"), "406 NOT ACCEPTABLE",
         "HTTP protocol upgrading is not supported."),
        (get(PING, "Content-Encoding: gzip\r\n"), "406 NOT ACCEPTABLE", BAD_ENCODING),
        (get(PING, "Transfer-Encoding: identity\r\n"), "406 NOT ACCEPTABLE",
         "Invalid HTTP Tranfser-Encoding header"),
        (get(PING, "Expect: foo\r\n"), "417 EXPECTATION FAILED", BAD_ENCODING),
        (get(PING, "Content-Length: -1\r\n"), "400 BAD REQUEST", BAD_LENGTH),
        (get(PING, f"Content-Length: {'9' * 20}\r\n"), "400 BAD REQUEST", BAD_LENGTH),
        (get(PING, "Content-Length: 1\r\nContent-Length: 1\r\n"), "400 BAD REQUEST", BAD_LENGTH),
        (get(PING, f"Content-Length: {(50 << 20) + 1}\r\n"), "413 ENTITY TOO LARGE",
         "HTTP Content-Length header too large to process"),
        (get(PING, f"Content-Length: {'0' * 5000}1\r\n"), "400 BAD REQUEST", BAD_LENGTH),
        (get(PING, "Transfer-Encoding: gzip, chunked\r\n"), "406 NOT ACCEPTABLE",
         "Invalid HTTP Tranfser-Encoding header"),
        (get(PING).replace("HTTP/1.1", "HTTP/2.0"), "400 BAD REQUEST",
         "Only HTTP version 1.1 requests are supported"),
        (get(PING, "X: y\rZ: y\r\n"), "400 BAD REQUEST", NO_LF),
        (get(PING, "X: y\r\r\n"), "400 BAD REQUEST", NO_LF),
        (get(PING, "X:\ry\r\n"), "400 BAD REQUEST", NO_LF),
        (get(PING, "X\r: y\r\n"), "400 BAD REQUEST", NO_LF),
        (get(PING, "\rX: y\r\n"), "400 BAD REQUEST", NO_LF),
        (get(PING).replace("HTTP/1.1\r\n", "HTTP/1.1\r"), "400 BAD REQUEST", NO_LF),
        (get(PING).replace("HTTP/1.1", "HTTP/1.1\r"), "400 BAD REQUEST", NO_LF),
        (get(PING, "Transfer-Encoding: chunked\r\n") + "1\rx\r\n0\r\n\r\n",
         "400 BAD REQUEST", NO_LF),
        (get(PING, "Transfer-Encoding: chunked\r\n") + "1\r\nx\r0\r\n\r\n",
         "400 BAD REQUEST", NO_LF),
        (get(PING, "Foo\r\n"), "400 BAD REQUEST", BROKEN),
        (get(PING, "Transfer-Encoding: chunked\r\n", "POST").replace("ping", "job/submit")
         + "zz\r\n", "400 BAD REQUEST", BROKEN),
        (get(PING, method="FOO"), "405 NOT ALLOWED", "Invalid HTTP method"),
        (get(PING, method="PROPFIND"), "405 NOT ALLOWED", "Invalid HTTP method"),
        ("\x01\x02\x03\r\n\r\n", "405 NOT ALLOWED", "Invalid HTTP method"),
        ("\x16\x03\x01\x02\x00\x01\x00", "405 NOT ALLOWED", "Invalid HTTP method"),
        (f"GET {PING} HTTP/1.2\r\nHost: x\r\n\r\n", "400 BAD REQUEST",
         "Only HTTP version 1.1 requests are supported"),
        (f"GET {PING}\r\n\r\n", "400 BAD REQUEST", "Only HTTP version 1.1 requests are supported"),
        (get("https://x" + PING), "400 BAD REQUEST", "TLS missing but required for connection"),
        (get("ftp://x" + PING), "400 BAD REQUEST", "Unknown URL scheme"),
        (get("/" + "x" * 81920), "431 REQUEST HEADER FIELDS TOO LARGE", "Insane message length"),
        (get(PING, LONG_HEADERS), "431 REQUEST HEADER FIELDS TOO LARGE", "Insane message length"),
        (post(PING + "?a=b", "Content-Type: application/json\r\n", "{}").replace("POST", "GET"),
         "400 BAD REQUEST", "Unexpected HTTP body provided when URL Query provided"),
        (post("/slurm/v0.0.45/job/submit", "Content-Type: text/plain\r\n", "{}"),
         "415 UNSUPPORTED MEDIA TYPE", "MIME type is unknown to any loaded plugins"),
        (post("/slurm/v0.0.45/job/submit", "Content-Type: text/plain\r\nAccept: a/b\r\n", "{}"),
         "415 UNSUPPORTED MEDIA TYPE", BAD_MEDIA),
    ],
)  # fmt: skip
async def test_refusals_are_one_plain_line(
    client: Client, request_text: str, line: str, text: str
) -> None:
    answer = await ask(client, request_text)
    version = "1.1"
    assert (answer.head, answer.body.decode()) == (
        f"HTTP/{version} {line}\r\nConnection: Close\r\nContent-Length: {len(text)}\r\n"
        "Content-Type: text/plain",
        text,
    )
    client.writer.write_eof()
    assert await client.rest() == b""


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    answer = await ask(client, get(PING, method="PUT"))
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert await client.rest() == b""


async def test_a_path_of_one_method_may_be_a_parameter_of_another(client: Client) -> None:
    answer = await ask(client, get("/slurm/v0.0.45/job/submit"))
    assert answer.json["operation"] == "get /slurm/v0.0.45/job/{job_id}"
    assert answer.json["params"] == {"job_id": "submit"}


@pytest.mark.parametrize(
    ("content_type", "read_as"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("Content-Type: application/json\r\n", "application/json"),
        ("Content-Type: APPLICATION/JSON; charset=utf-8\r\n", "application/json"),
        ("Content-Type: */*\r\n", "application/json"),
        ("Content-Type: text/yaml\r\n", "text/yaml"),
    ],
)
async def test_a_body_is_read_by_its_content_type(
    client: Client, content_type: str, read_as: str
) -> None:
    answer = await ask(client, post("/slurm/v0.0.45/job/submit", content_type, "a=b"))
    assert (answer.json["content_type"], answer.json["body"]) == (read_as, "a=b")


async def test_an_empty_body_needs_no_content_type(client: Client) -> None:
    answer = await ask(client, get(PING, "Content-Type: foo/bar\r\n"))
    assert (answer.status, answer.json["content_type"]) == (200, None)


@pytest.mark.parametrize("size", [100_000, 300_000, 3_000_000])
async def test_a_long_body_arrives_whole(client: Client, size: int) -> None:
    body = "x" * size
    for _ in range(2):
        answer = await ask(client, post("/slurm/v0.0.45/job/submit", "", body))
        assert (answer.status, answer.json["body"] == body) == (200, True)


async def test_a_body_may_come_in_chunks(client: Client) -> None:
    answer = await ask(
        client,
        get("/slurm/v0.0.45/job/submit", "Transfer-Encoding: chunked\r\n", "POST")
        + "2\r\na=\r\n1;x=y\r\nb\r\n0\r\n\r\n",
    )
    assert answer.json["body"] == "a=b"


async def test_chunks_that_break_off_are_told(client: Client) -> None:
    await client.send(get("/slurm/v0.0.45/job/submit", "Transfer-Encoding: chunked\r\n", "POST"))
    await asyncio.sleep(0.1)
    answer = await ask(client, "1\rx\r\n0\r\n\r\n")
    assert (answer.status, answer.body.decode()) == (400, NO_LF)


async def test_chunks_beyond_the_limit_are_refused(client: Client) -> None:
    await client.send(get("/slurm/v0.0.45/job/submit", "Transfer-Encoding: chunked\r\n", "POST"))
    for _ in range(51):
        await client.send(b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n")
    answer = await client.answer()
    assert answer.status == 413


async def test_a_client_that_waits_is_told_to_go_on(client: Client) -> None:
    await client.send(
        get("/slurm/v0.0.45/job/submit", "Content-Length: 3\r\nExpect: 100-continue\r\n", "POST")
    )
    assert (await client.answer()).head == "HTTP/1.1 100 CONTINUE"
    assert (await ask(client, "a=b")).json["body"] == "a=b"


async def test_a_client_that_waits_is_refused_before_it_sends(client: Client) -> None:
    answer = await ask(
        client, get("/nowhere", "Content-Length: 3\r\nExpect: 100-continue\r\n", "POST")
    )
    assert answer.status == 404


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/html, application/yaml", "application/yaml"),
        ("application/x-yaml", "application/x-yaml"),
        ("application/json;q=0.5, application/yaml", "application/yaml"),
        ("application/json;version=1;q=0.3,application/yaml;q=0.5", "application/yaml"),
        ("application/json;q=0.9,application/yaml;q=0.1", "application/json"),
        ("application/json;q=nonsense,application/yaml;q=0.9", "application/json"),
        ("application/json;q=0", "application/json"),
    ],
)
async def test_the_best_known_media_type_is_chosen(client: Client, accept: str, media: str) -> None:
    answer = await ask(client, get(PING, f"Accept: {accept}\r\n"))
    assert answer.headers["Content-Type"] == media
    assert answer.json["media"] == media


async def test_the_last_accept_counts(client: Client) -> None:
    answer = await ask(client, get(PING, "Accept: text/html\r\nAccept: text/yaml\r\n"))
    assert answer.headers["Content-Type"] == "text/yaml"


async def test_forms_cannot_be_written(client: Client) -> None:
    answer = await ask(client, get(PING, "Accept: application/x-www-form-urlencoded\r\n"))
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (
        422,
        "application/x-www-form-urlencoded",
        b"Requested operation not supported on this system",
    )


@pytest.mark.parametrize(
    ("path", "accept", "media"),
    [
        ("/openapi", "", "application/json"),
        ("/openapi/v3", "Accept: text/yaml\r\n", "text/yaml"),
        ("/openapi.yaml", "", "application/yaml"),
        ("/openapi.yaml", "Accept: */*\r\n", "application/yaml"),
        ("/openapi.yaml", "Accept: application/json\r\n", "application/json"),
        ("/openapi.json", "Accept: text/html, */*\r\n", "application/json"),
    ],
)
async def test_the_document_follows_accept_then_its_suffix(
    client: Client, path: str, accept: str, media: str
) -> None:
    answer = await ask(client, get(path, accept))
    assert answer.headers["Content-Type"] == media
    if media == "application/json":
        assert list(answer.json) == [
            "tags", "paths", "components", "info", "servers", "security", "openapi"
        ]  # fmt: skip
    else:
        assert answer.body.startswith(b"%YAML 1.1\n--- !!map\n!!str tags: !!seq\n")


async def test_a_lost_worker_is_told_in_an_envelope(client: Client) -> None:
    answer = await ask(client, get(PING + "?die=1"))
    assert answer.head.startswith("HTTP/1.1 502 BAD GATEWAY\r\nConnection: Close\r\n")
    assert list(answer.json) == ["errors", "warnings", "meta"]
    assert [list(entry) for entry in answer.json["errors"]] == [
        ["description", "error_number", "error", "source"]
    ]
    assert answer.json["meta"]["plugin"] == {
        "type": "openapi/slurmctld",
        "name": "Slurm OpenAPI slurmctld",
        "data_parser": "data_parser/v0.0.45",
        "accounting_storage": "accounting_storage/slurmdbd",
    }
    assert answer.json["meta"]["slurm"] == {
        "version": {"major": "26", "micro": "5", "minor": "05"},
        "release": "26.05.5",
        "cluster": "lab",
    }


async def test_a_lost_worker_is_told_in_yaml_to_who_reads_that(client: Client) -> None:
    answer = await ask(client, get(PING + "?die=1", "Accept: application/yaml\r\n"))
    assert answer.status == 502
    assert answer.body.startswith(b"%YAML 1.1\n--- !!map\n!!str errors: !!seq\n")
