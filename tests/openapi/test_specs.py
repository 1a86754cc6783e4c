"""Our document against the real daemons', one API version at a time."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from reference import (
    DIFFERENCES,
    FACTS,
    RELEASES,
    expanded,
    in_order,
    reachable,
    real_document,
    schemas,
    without_prose,
)

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.flags import DataParser
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.document import GENERATED_MEDIA_TYPES, LIVE_MEDIA_TYPES, document
from pyslurmrestd.plugins.data_parser.versions import V41, VERSIONS

PLUGINS = plugin.contents(None)

COVERED = {
    # version: paths, operations and named schemas of the real document that ours has. A change
    # that adds some raises the numbers; none may lower them.
    "v0.0.40": (36, 57, 165),
    "v0.0.41": (37, 58, 17),
    "v0.0.42": (38, 60, 181),
    "v0.0.43": (39, 62, 155),
    "v0.0.44": (43, 68, 168),
    "v0.0.45": (47, 74, 185),
}

each_version = pytest.mark.parametrize("version", VERSIONS, ids=str)


def our_document(version: ApiVersion, *words: str) -> dict[str, Any]:
    return document(
        PLUGINS,
        [DataParser(version, words)],
        release=RELEASES["26.05"],
        media_types=GENERATED_MEDIA_TYPES,
    )


def operations(data: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (url, method): operation
        for url, methods in data["paths"].items()
        for method, operation in methods.items()
    }


@each_version
def test_operations_are_the_real_ones(version: ApiVersion) -> None:
    ours, real = without_prose(our_document(version)), real_document(version)
    if version == V41:
        # Which schemas stand inline depends on how often all operations together name them.
        ours, real = (
            ours | {"paths": expanded(ours, ours["paths"])},
            real | {"paths": expanded(real, real["paths"])},
        )
    theirs = operations(real)
    for place, operation in operations(ours).items():
        assert in_order(operation) == in_order(theirs[place]), place


@each_version
def test_schemas_are_the_real_ones(version: ApiVersion) -> None:
    ours, real = without_prose(our_document(version)), real_document(version)
    ours_named = ours["components"]["schemas"]
    if version == V41:
        ours_named = {name: expanded(ours, schema) for name, schema in ours_named.items()}
        theirs = {
            name: expanded(real, schema)
            for name, schema in real["components"]["schemas"].items()
            if name in ours_named
        }
    else:
        common = {url: real["paths"][url] for url in ours["paths"]}
        kept = {
            url: {method: methods[method] for method in ours["paths"][url]}
            for url, methods in common.items()
        }
        theirs = reachable(real, kept, {})
    assert set(ours_named) == set(theirs)
    for name, schema in ours_named.items():
        assert in_order(schema) == in_order(theirs[name]), name


@each_version
def test_paths_stand_in_the_real_order(version: ApiVersion) -> None:
    ours, real = our_document(version), real_document(version)
    assert list(ours["paths"]) == [url for url in real["paths"] if url in ours["paths"]]


@pytest.mark.parametrize("version", VERSIONS[2:], ids=str)
def test_frame_is_the_real_one(version: ApiVersion) -> None:
    ours, real = without_prose(our_document(version)), real_document(version)
    assert list(ours) == list(real)
    for key in ("servers", "security", "openapi"):
        assert ours[key] == real[key]
    assert ours["components"]["securitySchemes"] == real["components"]["securitySchemes"]
    assert [tag for tag in real["tags"] if tag in ours["tags"]] == ours["tags"]
    loaded = real["info"]["x-slurm"]["openapi"]
    real["info"]["x-slurm"]["openapi"] = [
        name for name in loaded if name in {content.name for content in PLUGINS}
    ]
    assert in_order(ours["info"]) == in_order(real["info"])


@each_version
def test_coverage_never_shrinks(version: ApiVersion) -> None:
    ours, real = our_document(version), real_document(version)
    theirs = real["components"]["schemas"]
    numbers = {
        "paths": (len(ours["paths"]), len(real["paths"])),
        "operations": (len(operations(ours)), len(operations(real))),
        "schemas": (sum(name in theirs for name in ours["components"]["schemas"]), len(theirs)),
    }
    print(version, *(f"{what} {have} of {all_}" for what, (have, all_) in numbers.items()))
    assert tuple(have for have, _ in numbers.values()) == COVERED[str(version)]


def test_every_difference_is_still_needed() -> None:
    for difference in DIFFERENCES:
        changed = 0
        for path in FACTS.iterdir():
            for schema in schemas(json.loads(path.read_text())):
                changed += difference(schema)
        assert changed, difference.__name__


@pytest.mark.parametrize("media_types", [GENERATED_MEDIA_TYPES, LIVE_MEDIA_TYPES], ids=len)
@pytest.mark.parametrize("chosen", [*([v] for v in VERSIONS), VERSIONS], ids=str)
def test_document_is_valid(chosen: list[ApiVersion], media_types: tuple[str, ...]) -> None:
    told = document(
        PLUGINS,
        [DataParser(version) for version in chosen],
        release=RELEASES["26.05"],
        media_types=media_types,
    )
    faults = [fault.message for fault in OpenAPIV30SpecValidator(told).iter_errors()]
    assert faults == []


def test_a_real_document_is_not_valid() -> None:
    """What the validator finds there it would find in ours."""
    told = json.loads((FACTS / "slurm-24.11.5-v0.0.40.json").read_text())
    faults = [fault.message for fault in OpenAPIV30SpecValidator(told).iter_errors()]
    assert "[] should be non-empty" in faults
    assert "0 is not of type 'boolean'" in faults


def test_documents_of_all_versions_are_one_document() -> None:
    merged = document(PLUGINS, [DataParser(version) for version in VERSIONS], release="26.05.5")
    single = [document(PLUGINS, [DataParser(version)], release="26.05.5") for version in VERSIONS]
    paths: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for part in copy.deepcopy(single):
        paths |= part["paths"]
        named |= part["components"]["schemas"]
    assert merged["paths"] == paths
    assert merged["components"]["schemas"] == named


@each_version
def test_operation_ids_are_unique(version: ApiVersion) -> None:
    told = [operation["operationId"] for operation in operations(our_document(version)).values()]
    assert len(told) == len(set(told))
