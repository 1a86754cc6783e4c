"""The document around its schemas: operations, parameters, what a caller may choose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyslurmrestd.data_parser.flags import DataParser
from pyslurmrestd.data_parser.model import Codec, F, Flags, Struct, bit
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.document import GENERATED_MEDIA_TYPES, document
from pyslurmrestd.openapi.parameters import parameters
from pyslurmrestd.openapi.path import Path as UrlPath
from pyslurmrestd.plugins.data_parser.versions import V40, V42, V45, VERSIONS
from pyslurmrestd.plugins.openapi.slurmctld import PLUGIN

ENDPOINTS = Path(__file__).parents[1] / "facts" / "endpoints.json"

TEXT = Codec(name="TEXT", kind="string", type="string")
BOOLEAN = Codec(name="BOOLEAN", kind="bool", type="boolean")
WHICH = Flags(name="WHICH", values=(bit("ALL", 1, "Everything"), bit("SECRET", 2, hidden=True)))
QUERY = Struct(
    name="QUERY",
    fields=(
        F("name", TEXT, "Name to look for", required=True),
        F("with_deleted", BOOLEAN, "Deleted ones too"),
        F("which", WHICH, "What to show", deprecated=V45),
        F("switches", WHICH, "Likewise", exploded=True),
        F("nested", Struct(name="NESTED", fields=()), "Not for a query"),
    ),
)


def told(
    name: str, words: str, *, empty: bool = False, required: bool = False, **more: Any
) -> dict[str, Any]:
    return {
        "in": "query",
        "name": name,
        "style": "form",
        "explode": False,
        "allowEmptyValue": empty,
        "allowReserved": False,
        "description": words,
        "required": required,
        "schema": {"type": "string"},
    } | more


def test_parameters_of_a_query() -> None:
    assert list(parameters(QUERY, "query", V45)) == [
        told("name", "Name to look for", required=True),
        told("with_deleted", "Deleted ones too", empty=True),
        told(
            "which",
            "What to show",
            deprecated=True,
            schema={"type": "string", "enum": ["ALL"]},
        ),
        told("ALL", "Everything", empty=True),
    ]


def test_parameters_of_a_path_are_required() -> None:
    struct = Struct(name="PARAMS", fields=(F("name", TEXT, "Its name"),))
    assert list(parameters(struct, "path", V45)) == [
        told("name", "Its name", required=True, style="simple") | {"in": "path"}
    ]


@pytest.mark.parametrize(("version", "deprecated"), [(V40, False), (V42, True)])
def test_versions_that_say_deprecated_of_every_parameter(
    version: ApiVersion, deprecated: bool
) -> None:
    marks = [parameter["deprecated"] for parameter in parameters(QUERY, "query", version)]
    assert marks == [deprecated] * 4


def test_operation_ids_are_the_real_ones() -> None:
    versions = {str(version): version for version in VERSIONS}
    checked = 0
    for release, endpoints in json.loads(ENDPOINTS.read_text())["versions"].items():
        version = versions[release.split("/")[1]]
        for endpoint in endpoints:
            path = UrlPath(url=endpoint["path"].replace(str(version), "{data_parser}"))
            assert path.operation_id(endpoint["method"], version) == endpoint["operationId"]
            checked += 1
    assert checked > 400


def one_operation(**chosen: Any) -> dict[str, Any]:
    made = document([PLUGIN], [DataParser(V45)], release="26.05.5", **chosen)
    operation: dict[str, Any] = made["paths"]["/slurm/v0.0.45/job/submit"]["post"]
    return operation


def test_live_document_tells_both_media_types_and_a_generated_one_is_asked_for_less() -> None:
    live = one_operation()
    assert list(live["requestBody"]["content"]) == ["application/json", "application/yaml"]
    generated = one_operation(media_types=("application/json",))
    assert list(generated["responses"]["200"]["content"]) == ["application/json"]


def test_status_codes_are_the_keys_of_the_responses() -> None:
    responses = one_operation(status_codes=("200", "404", "default"))["responses"]
    assert list(responses) == ["200", "404", "default"]
    assert responses["200"] == responses["404"] == responses["default"]


def test_info_names_versions_flags_and_plugins() -> None:
    loaded = [DataParser(V45, ("fast", "bogus", "Complex")), DataParser(V42)]
    assert document([PLUGIN], loaded, release="26.05.5")["info"]["x-slurm"] == {
        "data_parsers": [
            {"plugin": "v0.0.45", "flags": ["FAST", "COMPLEX"]},
            {"plugin": "v0.0.42", "flags": ["NONE"]},
        ],
        "openapi": ["openapi/slurmctld"],
        "version": {"major": "26", "micro": "5", "minor": "05"},
        "release": "26.05.5",
    }


def test_all_operations_have_words_of_their_own() -> None:
    for path in PLUGIN.all_paths():
        for _, operation in path.operations():
            assert operation.summary
            assert operation.handler.__doc__


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_generated_document_is_the_golden_one(
    version: ApiVersion, golden: Callable[[str, str], None]
) -> None:
    made = document(
        [PLUGIN],
        [DataParser(version)],
        release="26.05.5",
        media_types=GENERATED_MEDIA_TYPES,
    )
    golden(f"{version}/openapi.json", json.dumps(made, indent=1) + "\n")
