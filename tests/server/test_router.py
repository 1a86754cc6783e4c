"""Finding operations: all that the plugins name, each in the versions that have it."""

from __future__ import annotations

import pytest

from pyslurmrestd import plugin
from pyslurmrestd.application.route import Routes
from pyslurmrestd.server.pages import Document, held_routes
from pyslurmrestd.server.refusal import Refused
from pyslurmrestd.server.router import Router


@pytest.fixture(scope="module")
def router() -> Router:
    contents, data_parsers = plugin.contents(None), plugin.data_parsers(None)
    document = Document(contents, data_parsers, "26.05.5", ["200"], str)
    return Router(held_routes(document), Routes(contents, data_parsers))


def match(router: Router, method: str, path: str) -> tuple[str, dict[str, str]]:
    found = router.match(method, tuple(filter(None, path.split("/"))))
    return found.route.key, found.params


def test_every_operation_is_found_by_its_own_path(router: Router) -> None:
    all_routes = list(Routes(plugin.contents(None), plugin.data_parsers(None)))
    assert len({route.key for route in all_routes}) == len(all_routes) > 0
    for route in all_routes:
        path = route.url.replace("{", "x").replace("}", "x")
        assert match(router, route.method, path)[0] == route.key


@pytest.mark.parametrize("segment", ["12", "007", "0x10", "true", "null", "~x", "9" * 100])
def test_a_segment_that_stands_for_a_name_is_given_as_it_stands(
    router: Router, segment: str
) -> None:
    assert match(router, "GET", f"/slurm/v0.0.45/node/{segment}") == (
        "get /slurm/v0.0.45/node/{node_name}",
        {"node_name": segment},
    )


def test_head_is_not_the_get_that_changes_something(router: Router) -> None:
    path = "/slurm/v0.0.45/job/1/requeue"
    assert match(router, "GET", path)[1] == {"job_id": "1"}
    with pytest.raises(Refused) as refused:
        match(router, "HEAD", path)
    assert (refused.value.status, refused.value.headers) == (405, {"Allow": "GET"})


def test_head_takes_the_route_of_get(router: Router) -> None:
    assert match(router, "HEAD", "/slurm/v0.0.42/ping")[0] == "get /slurm/v0.0.42/ping/"


def test_fixed_words_come_before_names(router: Router) -> None:
    assert match(router, "POST", "/slurm/v0.0.45/job/submit") == (
        "post /slurm/v0.0.45/job/submit",
        {},
    )
    assert match(router, "GET", "/slurm/v0.0.45/job/submit") == (
        "get /slurm/v0.0.45/job/{job_id}",
        {"job_id": "submit"},
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/slurm/v0.0.45/ping", "GET, HEAD"),
        ("PATCH", "/slurm/v0.0.45/job/1", "DELETE, GET, HEAD, POST"),
        ("PUT", "/slurm/v0.0.45/job/submit", "DELETE, GET, HEAD, POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("DELETE", "/openapi/v3", "GET, HEAD"),
    ],
)
def test_a_known_path_names_its_methods(
    router: Router, method: str, path: str, allowed: str
) -> None:
    with pytest.raises(Refused) as refused:
        match(router, method, path)
    assert (refused.value.status, refused.value.headers) == (405, {"Allow": allowed})


@pytest.mark.parametrize(
    "path", ["/", "/slurm", "/SLURM/v0.0.45/ping", "/slurm/v0.0.45/ping/x", "/slurm/latest/ping"]
)
def test_an_unknown_path_is_not_found(router: Router, path: str) -> None:
    with pytest.raises(Refused) as refused:
        match(router, "GET", path)
    assert (refused.value.status, refused.value.errno) == (404, 9006)


def test_an_operation_is_absent_where_a_parser_is(router: Router) -> None:
    assert match(router, "GET", "/slurm/v0.0.44/resources/1")
    with pytest.raises(Refused):
        match(router, "GET", "/slurm/v0.0.43/resources/1")
