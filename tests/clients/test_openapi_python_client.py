"""Clients of openapi-python-client: they call every operation and read what has no null."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from laboratory import Lab
from scenario import REFUSED, VERSIONS, by_name, lost, play

UNREADABLE = {"get_job", "get_jobs", "post_job"}
"""From v0.0.42 on they have null for an object or a list, as the real daemons' have."""

SETTINGS = """\
post_hooks: []
content_type_overrides:
  application/yaml: application/json
"""
"""The generator knows no bodies in YAML, and leaves out operations that take them beside JSON."""


def package_of(version: str) -> str:
    return f"attrs_{version.replace('.', '')}"


@pytest.fixture(scope="module")
def packages(
    documents: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The directory of the clients' packages, from which they are imported."""
    directory = tmp_path_factory.mktemp("openapi-python-client")
    (directory / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    for version in VERSIONS:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("openapi-python-client")),
                *("generate", "--fail-on-warning", "--meta", "none"),
                *("--path", documents[version], "--config", directory / "settings.yaml"),
                *("--output-path", directory / package_of(version)),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))


class Client:
    """A client of one version, which checks that nothing of an answer is lost to it."""

    def __init__(self, version: str, url: str, token: str) -> None:
        package = importlib.import_module(package_of(version))
        hooks = {"response": [self._keep]}
        self.connection = package.AuthenticatedClient(
            base_url=url, token=token, httpx_args={"event_hooks": hooks}
        )
        self._told: Any = None
        api = importlib.import_module(f"{package.__name__}.api")
        operations = (
            module.name
            for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
            if not module.ispkg
        )
        self._modules = {
            name: importlib.import_module(module)
            for name, module in by_name(operations, version).items()
        }
        self.uncalled = set(self._modules)
        self.unreadable: set[str] = set()

    def _keep(self, response: httpx.Response) -> None:
        """Note the answer as it came."""
        response.read()
        self._told = response.json()

    def __call__(self, operation: str, *, body: Any = None, **parameters: Any) -> Any:
        module = self._modules.get(operation)
        if module is None:
            return None
        self.uncalled.discard(operation)
        call = module.sync_detailed
        if body is not None:
            model = get_args(get_type_hints(call)["body"])[0]
            parameters["body"] = model.from_dict(body)
        try:
            answer = call(client=self.connection, **parameters)
        except TypeError as error:
            if str(error) != "'NoneType' object is not iterable":
                raise
            self.unreadable.add(operation)
            return self._told
        assert (operation, answer.status_code, self._told["errors"]) == (operation, 200, [])
        found = list(lost(answer.parsed.to_dict(), self._told))
        assert (operation, found) == (operation, [])
        return self._told


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.usefixtures("tidy", "reservations", "packages")
def test_its_client_calls_everything_and_loses_nothing(
    lab: Lab, jobs: dict[str, int], version: str
) -> None:
    client = Client(version, lab.ours, lab.token("root"))
    with client.connection:
        play(lab, client, jobs)
    unreadable = set() if version == "v0.0.40" else UNREADABLE
    assert (client.uncalled, client.unreadable) == (REFUSED, unreadable)
