"""Whatever can be read, of something that is there and of something that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from laboratory import Lab

from pyslurmrestd.data_parser.version import ApiVersion

WHICH = {"/association/": "?id=7777777", "/instance/": "?instance_id=nosuch"}
"""Queries without which a path would tell of more than the one that it is about."""

DOES = ("/reconfigure/", "/requeue")
"""Ends of paths whose GET does something rather than tell it."""

REFUSED = ("/resources/{job_id}",)
"""Ends of paths that refuse to tell of a job that does not run."""

THERE = {"node_name": "c1", "partition_name": "debug"}
"""Names that stand for the parameters of paths; what has none here does not exist."""


@pytest.mark.parametrize("media", ["application/json", "application/yaml"])
def test_every_get_is_answered(
    lab: Lab, version: ApiVersion, held: Callable[..., int], media: str
) -> None:
    there = {**THERE, "job_id": str(held())}
    paths = lab.get("/openapi/v3").json()["paths"]
    asked = [
        path
        for path, methods in paths.items()
        if f"/{version}/" in path and "get" in methods and not path.endswith(DOES)
    ]
    assert f"/slurm/{version}/ping/" in asked
    for path in asked:
        for names in (there, {}):
            url = path
            for parameter in paths[path]["get"].get("parameters", ()):
                name = parameter["name"]
                url = url.replace(f"{{{name}}}", names.get(name, "7777777"))
            url += next((query for end, query in WHICH.items() if url.endswith(end)), "")
            # Some of accounting is for administrators alone.
            user = "root" if path.startswith("/slurmdb/") else "alice"
            answer = lab.get(url, user=user, headers={"Accept": media})
            refused = (url, 422) if path.endswith(REFUSED) else ()
            assert (url, answer.status) in ((url, 200), (url, 404), refused)
            if media == "application/json":
                assert list(answer.json())[-3:] == ["meta", "errors", "warnings"]
            else:
                assert (answer.body[:10], answer.body[-4:]) == (b"%YAML 1.1\n", b"...\n")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("slurm/{}/partition/DEBUG", 200),
        ("slurm/{}/partition/debu", 404),
        ("slurm/{}/partition/debugs", 404),
        ("slurm/{}/partition/debug%00", 404),
        ("slurm/{}/partition/debug%00x", 404),
        ("slurm/{}/node/c1", 200),
        ("slurm/{}/node/C1", 404),
    ],
)
def test_a_name_is_meant_to_its_end(lab: Lab, version: ApiVersion, path: str, status: int) -> None:
    """The case of letters is irrelevant where it is to Slurm: not in names of nodes."""
    assert lab.get(f"/{path.format(version)}").status == status
