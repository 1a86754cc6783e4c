"""What clients are made from: our document as it is served, in whole and of one version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import Lab
from scenario import VERSIONS, forget

Document = dict[str, Any]


@pytest.fixture(scope="session")
def document(lab: Lab) -> Document:
    """Of all versions."""
    found: Document = lab.get("/openapi/v3").json()
    return found


def of_version(document: Document, version: str) -> Document:
    """The paths and schemas of one version, which is what a client is made from."""
    components = document["components"]
    schemas = components["schemas"]
    return {
        **document,
        "paths": {
            path: methods
            for path, methods in document["paths"].items()
            if path.split("/")[2] == version
        },
        "components": {
            **components,
            "schemas": {
                name: schema for name, schema in schemas.items() if name.startswith(f"{version}_")
            },
        },
    }


@pytest.fixture(scope="session")
def documents(document: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file for each of the versions of which clients are made."""
    directory = tmp_path_factory.mktemp("documents")
    found = {}
    for version in VERSIONS:
        found[version] = directory / f"{version}.json"
        found[version].write_text(json.dumps(of_version(document, version)), encoding="utf-8")
    return found


@pytest.fixture
def tidy(lab: Lab) -> Iterator[None]:
    """Without anything that the scenario makes, before and after."""
    forget(lab)
    yield
    forget(lab)
