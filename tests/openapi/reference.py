"""The real daemons' documents, and what ours says otherwise on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyslurmrestd.data_parser.version import ApiVersion

FACTS = Path(__file__).parents[1] / "facts" / "openapi"
RELEASES = {"24.11": "24.11.5", "26.05": "26.05.5"}
PROSE = {"description", "summary"}
METHODS = ("get", "post", "delete")


def real_document(version: ApiVersion) -> dict[str, Any]:
    """The real daemon's document of one version, without prose and with our differences."""
    text = (FACTS / f"slurm-{RELEASES[version.release]}-{version}.json").read_text()
    document: dict[str, Any] = without_prose(json.loads(text))
    for difference in DIFFERENCES:
        for schema in schemas(document):
            difference(schema)
    return document


def without_prose(data: Any, *, names: bool = False) -> Any:
    """A copy without descriptions and summaries; ``names`` says that keys are names of ours."""
    if isinstance(data, dict):
        return {
            key: without_prose(value, names=key == "properties" and not names)
            for key, value in data.items()
            if names or key not in PROSE
        }
    return [without_prose(item) for item in data] if isinstance(data, list) else data


def schemas(data: Any, *, names: bool = False) -> Iterator[dict[str, Any]]:
    """Every object of a document that is no map of names."""
    if isinstance(data, dict):
        if not names:
            yield data
        for key, value in data.items():
            yield from schemas(value, names=key == "properties" and not names)
    elif isinstance(data, list):
        for item in data:
            yield from schemas(item)


def drop_slashed_required(schema: dict[str, Any]) -> bool:
    """``required`` names keys of nested objects, ``error/code``, which no answer can have."""
    return _keep_required(schema, lambda key: "/" not in key)


def drop_empty_required(schema: dict[str, Any]) -> bool:
    """OpenAPI 3.0 allows no empty ``required``."""
    if schema.get("required") == []:
        del schema["required"]
        return True
    return False


def mend_boolean_default(schema: dict[str, Any]) -> bool:
    """v0.0.40 gives the boolean ``infinite`` a number as its default."""
    if schema.get("type") == "boolean" and schema.get("default", False) is not False:
        schema["default"] = False
        return True
    return False


def _keep_required(schema: dict[str, Any], wanted: Callable[[str], bool]) -> bool:
    required = schema.get("required")
    if not isinstance(required, list) or all(map(wanted, required)):
        return False
    schema["required"] = [key for key in required if wanted(key)]
    return True


DIFFERENCES = (drop_slashed_required, drop_empty_required, mend_boolean_default)
"""Where ours differs: each changes a schema of the real document and says whether it did."""


def reachable(document: dict[str, Any], data: Any, found: dict[str, Any]) -> dict[str, Any]:
    """The named schemas that ``data`` leads to, added to ``found``."""
    if isinstance(data, dict):
        if isinstance(reference := data.get("$ref"), str):
            name = reference.rsplit("/", 1)[1]
            if name not in found:
                found[name] = document["components"]["schemas"][name]
                reachable(document, found[name], found)
        for value in data.values():
            reachable(document, value, found)
    elif isinstance(data, list):
        for item in data:
            reachable(document, item, found)
    return found


def expanded(document: dict[str, Any], data: Any) -> Any:
    """A copy in which every reference is replaced by what it names."""
    if isinstance(data, list):
        return [expanded(document, item) for item in data]
    if not isinstance(data, dict):
        return data
    beside = {key: expanded(document, value) for key, value in data.items() if key != "$ref"}
    if not isinstance(reference := data.get("$ref"), str):
        return beside
    named = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return expanded(document, named) | beside


def in_order(data: Any) -> str:
    """As a text, so that a comparison sees the order of keys too."""
    return json.dumps(data, indent=1)
