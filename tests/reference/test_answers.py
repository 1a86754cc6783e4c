"""Our answers held against the real daemons' on the same cluster: every GET, every version."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from laboratory import Lab

SERVED = {
    "v0.0.40": "24.11",
    "v0.0.41": "24.11",
    "v0.0.42": "26.05",
    "v0.0.43": "26.05",
    "v0.0.44": "26.05",
    "v0.0.45": "26.05",
}

PATHS = (
    "ping/",
    "jobs/",
    "jobs/?flags=DETAIL",
    "job/{running}",
    "job/{pending}",
    "job/{completed}",
    "job/{failed}",
    "job/{array}",
    "job/{array}_1",
    "job/{het}",
    "job/{het}%2B1",
    "job/{licensed}",
    "nodes/",
    "node/c1",
    "node/sim0007",
    "partitions/",
    "partition/debug",
)

DEVIATIONS = {
    # 24.11 looks the partition up by the node's place among all nodes, which it does not know.
    ("v0.0.40", "node/sim0007"): ["nodes[0]/partitions[0]: 'batch' is not 'debug'"],
    ("v0.0.41", "node/sim0007"): ["nodes[0]/partitions[0]: 'batch' is not 'debug'"],
}
"""What differs on purpose; told in docs/deviations.md."""

VOLATILE = frozenset(
    {
        # Times and measures that pass between two calls.
        "last_update",
        "last_backfill",
        "last_sched_evaluation",
        "latency",
        "cpu_load",
        "free_mem",
        "last_busy",
        # Who asked from where: the real daemons name themselves here, see docs/deviations.md.
        "client",
    }
)

RELEASE_OF_THE_DAEMON = frozenset({"release", "version"})
"""``meta.slurm`` tells the release of the daemon itself."""


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where two answers differ: types, keys and their order, values that hold still."""
    if type(ours) is not type(theirs):
        yield f"{path}: {ours!r:.80} is not {theirs!r:.80}"
    elif isinstance(ours, dict):
        if list(ours) != list(theirs):
            yield f"{path}: keys {list(ours)} are not {list(theirs)}"
        for key in ours.keys() & theirs.keys():
            in_meta = path == "meta/slurm" and key in RELEASE_OF_THE_DAEMON
            if key not in VOLATILE and not in_meta:
                yield from differences(ours[key], theirs[key], f"{path}/{key}".lstrip("/"))
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} elements are not {len(theirs)}"
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(mine, other, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: {ours!r:.120} is not {theirs!r:.120}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("version", SERVED)
def test_answer_is_the_real_daemons(
    lab: Lab, jobs: dict[str, int], version: str, path: str
) -> None:
    url = f"/slurm/{version}/{path.format(**jobs)}"
    found: list[str] = []
    for _ in range(4):  # the cluster may change between the two calls
        ours = lab.get(url)
        theirs = lab.get(url, url=lab.reference[SERVED[version]])
        assert ours.status == theirs.status
        found = list(differences(ours.json(), theirs.json()))
        if found == DEVIATIONS.get((version, path), []):
            return
        time.sleep(0.5)
    pytest.fail("\n".join(found[:40]) or "what should differ does not")
