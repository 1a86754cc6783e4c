"""Job requests that are refused before the controller is asked: order of checks, and texts."""

from __future__ import annotations

from typing import Any

import pytest

from pyslurmrestd.application.context import Context, Reply
from pyslurmrestd.application.session import Session
from pyslurmrestd.auth.credential import Credential
from pyslurmrestd.data_parser.parse import ParseContext, parse_value
from pyslurmrestd.data_parser.parsed import Parsed
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.errors import SlurmError
from pyslurmrestd.openapi.path import Operation
from pyslurmrestd.plugins.data_parser.versions import V40, V41, V45, VERSIONS
from pyslurmrestd.plugins.openapi.slurmctld import PLUGIN
from pyslurmrestd.plugins.openapi.slurmctld.jobs import JOB
from pyslurmrestd.plugins.openapi.slurmctld.submit import SUBMIT

CONSTANTS = {"EXTERNAL_JOB": 1 << 24, "MAX_HET_JOB_COMPONENTS": 128, "MAX_JOB_ID": 0x03FFFFFF}

Told = tuple[int, str, str]


def context(operation: Operation, version: ApiVersion, body: Any = None, **params: str) -> Context:
    """A request up to its handler; there is no controller behind it."""
    parsing = ParseContext(version, (), CONSTANTS)
    read: dict[str, Any] = {
        "params": parse_value(resolve(operation.params, version), params, parsing)
        if operation.params
        else Parsed(),
        "body": parse_value(resolve(operation.body, version), body, parsing)
        if operation.body and body is not None
        else None,
    }
    assert parsing.errors == []
    return Context(
        version=version,
        query=Parsed(),
        session=Session(Credential("token")),
        constants=CONSTANTS,
        error_text=str,
        **read,
    )


def refusal(ctx: Context, operation: Operation) -> Told:
    with pytest.raises(SlurmError) as raised:
        operation.handler(ctx)
    return raised.value.errno, raised.value.text, raised.value.source


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            None,
            (9000, 'Populated "script" field is required for job submission', "_job_post"),
        ),
        (
            {"job": {"name": "x"}},
            (9000, 'Populated "script" field is required for job submission', "_job_post"),
        ),
        (
            {"script": "", "job": {}},
            (9000, 'Populated "script" field is required for job submission', "_job_post"),
        ),
        (
            {"script": "#!/bin/sh", "job": {"name": "x"}, "jobs": [{"name": "x"}]},
            (9000, 'Specify only one "job" or "jobs" fields but never both', "_job_post"),
        ),
        (
            {"script": "#!/bin/sh"},
            (
                9000,
                'Specifying either "job" or "jobs" fields are required to submit job',
                "_job_post",
            ),
        ),
        (
            {"job": {"script": ""}},
            (2009, "Batch job script empty or missing", "script"),
        ),
        (
            {"jobs": [{"name": "x"}, {"script": "#!/bin/sh"}]},
            (
                2009,
                "Refusing HetJob submission without batch script or empty batch script for first "
                "component",
                "_job_post_het_submit",
            ),
        ),
        (
            {"script": "#!/bin/sh", "jobs": []},
            (
                9000,
                "Refusing HetJob submission without any components",
                "_job_post_het_submit",
            ),
        ),
        (
            {"script": "#!/bin/sh", "jobs": [{"name": "x"}] * 129},
            (
                9000,
                "Refusing HetJob submission too many components: 129 > 128",
                "_job_post_het_submit",
            ),
        ),
    ],
)
def test_refused_submission(version: ApiVersion, body: Any, told: Told) -> None:
    assert SUBMIT.post is not None
    assert refusal(context(SUBMIT.post, version, body), SUBMIT.post) == told


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_job_id_that_no_job_can_have(method: str) -> None:
    operation = dict(JOB.operations())[method]
    ctx = context(operation, V45, job_id="99999999")
    assert refusal(ctx, operation) == (2017, "Invalid JobID=99999999 rejected", "op_handler_job")


@pytest.mark.parametrize(("version", "results"), [(V40, []), (V41, None), (V45, None)])
def test_update_of_an_array_task_is_refused(version: ApiVersion, results: Any) -> None:
    assert JOB.post is not None
    ctx = context(JOB.post, version, {"comment": "x"}, job_id="12_1")
    reply: Reply = JOB.post.handler(ctx)
    assert reply.payload["results"] == results
    assert [(error.errno, error.text, error.source) for error in ctx.errors] == [
        (
            9000,
            "Rejecting request. Submit job update against Array Job's JobID instead of array "
            "task id.",
            "_job_post_update",
        )
    ]


def test_plugin_names_every_constant_that_its_handlers_ask_for() -> None:
    assert set(CONSTANTS) <= set(PLUGIN.all_constants())
