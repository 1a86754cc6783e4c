"""Plugins of somebody else's package: found by their entry points, served like ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
"""A content plugin and a rest_auth plugin of another package."""

from pyslurmrestd.auth.credential import Credential
from pyslurmrestd.openapi.path import ContentPlugin, Operation, Path
from pyslurmrestd.plugins.data_parser.tables.envelope import OPENAPI_RESP, response
from pyslurmrestd.plugins.data_parser.codecs.numbers import UINT32
from pyslurmrestd.plugins.data_parser.codecs.strings import STRING
from pyslurmrestd.data_parser.model import F, Struct
from pyslurmrestd.application.context import Reply

GREETING = Struct(
    name="GREETING",
    fields=(F("text", STRING, "Text"), F("length", UINT32, "Its length")),
)
GREETING_RESP = response(
    "GREETING_RESP", F("greeting", GREETING, "Greeting", required=True)
)


def greet(ctx):
    return Reply(greeting={"text": "hello", "length": 5})


CONTENT = ContentPlugin(
    name="openapi/example",
    title="Example",
    tag="example",
    paths=(
        Path(
            url="/example/{data_parser}/greeting",
            get=Operation(handler=greet, summary="greet", response=GREETING_RESP),
        ),
    ),
)


class Everybody:
    name = "rest_auth/everybody"
    rank = 90

    def authenticate(self, headers, peer):
        return Credential("token", token="nobody's")


EVERYBODY = Everybody()
'''

ENTRY_POINTS = """\
[pyslurmrestd.content]
example = example_plugin:CONTENT

[pyslurmrestd.rest_auth]
everybody = example_plugin:EVERYBODY
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """With a package beside ours, installed as far as entry points go."""
    (tmp_path / "example_plugin.py").write_text(MODULE)
    information = tmp_path / "example_plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: example-plugin\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest"):
            parent.chmod(0o755)
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def daemon(environment: dict[str, str], *options: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "pyslurmrestd", *options]
    done = subprocess.run(
        ["runuser", "-u", "restd", "--", *command],
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_content_of_another_package_is_in_the_document(environment: dict[str, str]) -> None:
    told = json.loads(daemon(environment, "-s", "example", "--generate-openapi-spec"))
    assert sorted(told["paths"])[-1] == "/example/v0.0.45/greeting"


def test_its_handler_answers_whom_its_rest_auth_plugin_lets_in(
    environment: dict[str, str],
) -> None:
    answer = daemon(
        environment,
        *("-s", "example", "-a", "everybody", "-d", "v0.0.45"),
        stdin="GET /example/v0.0.45/greeting HTTP/1.1\r\nHost: here\r\n\r\n",
    )
    head, _, body = answer.partition("\n\n")  # line ends are plain in text mode
    assert head.startswith("HTTP/1.1 200 OK"), answer
    assert json.loads(body)["greeting"] == {"text": "hello", "length": 5}
