"""Our document beside the one that the real daemon prints: each flag, several versions."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from comparison import differences
from reference import DIFFERENCES, expanded, schemas, without_prose

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.flags import FLAGS
from pyslurmrestd.openapi.document import GENERATED_MEDIA_TYPES, document
from pyslurmrestd.plugins.data_parser.versions import V42, VERSIONS

PLUGINS = "slurmctld,util"
SERVED = [version for version in VERSIONS if version >= V42]


def real_document(chosen: str) -> dict[str, Any]:
    """What slurmrestd 26.05 prints for ``-d``, without prose and with our differences."""
    printed = subprocess.run(
        ["slurmrestd", "--generate-openapi-spec", "-s", PLUGINS, "-d", chosen],
        env={"PATH": "/usr/sbin:/usr/bin", "SLURM_JWT": "daemon"},
        cwd="/tmp",
        user="restd",
        group="restd",
        extra_groups=(),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = without_prose(json.loads(printed.stdout))
    for difference in DIFFERENCES:
        for schema in schemas(found):
            difference(schema)
    return found


def our_document(chosen: str) -> dict[str, Any]:
    made = document(
        plugin.contents(PLUGINS),
        plugin.data_parsers(chosen),
        release="26.05.5",
        media_types=GENERATED_MEDIA_TYPES,
    )
    found: dict[str, Any] = without_prose(json.loads(json.dumps(made)))
    return found


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """All but ``info`` and ``tags``, which say what is ours and what is loaded."""
    for key in ("info", "tags"):
        assert key in ours.keys() & theirs.keys()
        del ours[key], theirs[key]
    assert list(differences(ours, theirs)) == []


@pytest.mark.parametrize(
    "chosen",
    [
        *(
            f"{version}+{flag.word}"
            for version in SERVED
            for flag in FLAGS
            if version in flag and flag.word != "minimize_refs"
        ),
        ",".join(map(str, SERVED)),
        "v0.0.45,v0.0.42+inline_enums,v0.0.44+complex",
        "v0.0.43+complex+spec_only+fast",
    ],
)
def test_the_document_is_the_one_that_the_real_daemon_prints(chosen: str) -> None:
    compare(our_document(chosen), real_document(chosen))


SHARES = "openapi_shares_resp"


@pytest.mark.parametrize("version", SERVED, ids=str)
def test_few_references_are_the_real_ones_but_for_shares(version: str) -> None:
    ours, theirs = (make(f"{version}+minimize_refs") for make in (our_document, real_document))
    path = f"/slurm/{version}/shares"
    shares = [answer["paths"].pop(path) for answer in (ours, theirs)]
    assert list(differences(*map(expanded, (ours, theirs), shares))) == []
    assert f"{version}_{SHARES}" not in ours["components"]["schemas"]
    del theirs["components"]["schemas"][f"{version}_{SHARES}"]
    compare(ours, theirs)
