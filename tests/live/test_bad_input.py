"""Requests that cannot be understood: the right status, the place named, and nothing done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from job_bodies import SCRIPT, description
from laboratory import Answer, Lab
from rest_daemon import StartDaemon

from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import V40, VERSIONS


def submit(lab: Lab, version: ApiVersion, body: Any, **headers: str) -> Answer:
    return lab.ask("POST", f"/slurm/{version}/job/submit", body=body, headers=headers)


def errors(answer: Answer) -> list[tuple[int, str, str]]:
    return [
        (error["error_number"], error["source"], error["description"])
        for error in answer.json()["errors"]
    ]


@pytest.fixture(scope="module", autouse=True)
def waiting(lab: Lab) -> Iterator[int]:
    """A held job that nothing changes; and nothing is submitted by any test here."""

    def queue() -> set[str]:
        return set(lab.run("squeue -h -a -o %i").split())

    job_id = lab.submit("--hold --output=/dev/null --comment=kept --wrap true")
    before = queue()
    yield job_id
    added = queue() - before
    lab.cancel(job_id)
    assert added == set()


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b'{"job": {', "application/json", "Failure during parsing"),
        (b'{"job" {}}', "application/json", "Failure during parsing"),
        (b"null", "application/json", "Failure during parsing"),
        (b"[" * 64, "application/json", "Failure during parsing"),
        (b"a: [", "application/yaml", "Unable to convert Data type"),
        (b"a: !!int abc", "application/yaml", "Unable to convert Data type"),
        (b"a=(b", "application/x-www-form-urlencoded", "Unspecified error"),
    ],
)
def test_text_that_is_no_data(
    lab: Lab, version: ApiVersion, body: bytes, content_type: str, text: str
) -> None:
    answer = submit(lab, version, body, **{"Content-Type": content_type})
    assert (answer.status, errors(answer)) == (400, [(9001, "", text)])
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Connection"] == "Close"


def test_text_that_is_no_data_is_told_in_the_type_asked_for(lab: Lab, version: ApiVersion) -> None:
    answer = submit(lab, version, b"{", Accept="application/yaml")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/yaml")
    assert b"!!str description: !!str Failure during parsing\n" in answer.body


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"[" + b"[]," * (1 << 24), "application/json", "The body has more than 1000000 values"),
        (
            b"//\n" * (1 << 24),
            "application/json",
            "The body is lenient JSON of 50331648 bytes; at most 4194304 are read, and more in "
            "strict JSON alone",
        ),
        (
            b"- a\n" * (5 << 20),
            "application/yaml",
            "The body is YAML of 20971520 bytes; at most 4194304 are read, and more in strict "
            "JSON alone",
        ),
    ],
)
def test_text_that_would_cost_too_much(lab: Lab, body: bytes, content_type: str, text: str) -> None:
    answer = submit(lab, VERSIONS[-1], body, **{"Content-Type": content_type})
    assert (answer.status, errors(answer)) == (413, [(9001, "", text)])


def test_a_type_of_data_that_nobody_knows(lab: Lab, version: ApiVersion) -> None:
    answer = submit(lab, version, b"<job/>", **{"Content-Type": "application/xml"})
    assert answer.status == 415


@pytest.mark.parametrize("body", [b"[]", b'"job"', b"5", b"true"])
def test_a_body_of_another_kind(lab: Lab, version: ApiVersion, body: bytes) -> None:
    answer = submit(lab, version, body)
    ((number, source, _),) = errors(answer)
    assert (answer.status, number, source) == (422, 9209, "#/")


@pytest.mark.parametrize("body", [None, b"", b"{}"])
def test_a_body_that_is_missing(lab: Lab, version: ApiVersion, body: bytes | None) -> None:
    answer = submit(lab, version, body)
    told = 'Populated "script" field is required for job submission'
    assert (answer.status, errors(answer)) == (422, [(9000, "_job_post", told)])


BAD_FIELDS = [
    ({"tasks": "two"}, 9202, "#/job/tasks/"),
    ({"tasks": {}}, 9202, "#/job/tasks/"),
    ({"tasks": [1]}, 9202, "#/job/tasks/"),
    ({"tasks": True}, 9202, "#/job/tasks/"),
    ({"tasks": 1 << 32}, None, "#/job/tasks/"),
    ({"cpus_per_task": 65536}, None, "#/job/cpus_per_task/"),
    ({"cpus_per_task": -3}, None, "#/job/cpus_per_task/"),
    ({"cpus_per_task": "many"}, 9202, "#/job/cpus_per_task/"),
    ({"name": {}}, 9202, "#/job/name/"),
    ({"name": ["a"]}, 9202, "#/job/name/"),
    ({"contiguous": {}}, 9202, "#/job/contiguous/"),
    ({"hold": []}, 9202, "#/job/hold/"),
    ({"environment": "A=b"}, 9208, "#/job/environment/"),
    ({"environment": [{}]}, None, "#/job/environment"),
    ({"argv": 5}, None, "#/job/argv/"),
    ({"time_limit": "1:00:00"}, None, "#/job/time_limit/"),
    ({"time_limit": [1]}, None, "#/job/time_limit/"),
    ({"time_limit": {"set": True, "number": "soon"}}, None, "#/job/time_limit/"),
    ({"time_limit": {"set": True, "number": -70000}}, None, "#/job/time_limit/"),
    ({"memory_per_node": {"set": True, "number": []}}, None, "#/job/memory_per_node/"),
    ({"memory_per_node": "lots"}, None, "#/job/memory_per_node/"),
    ({"begin_time": "when it suits"}, 9202, "#/job/begin_time/"),
    ({"deadline": "never"}, 9202, "#/job/deadline/"),
    ({"nodes": "many"}, 9202, "#/job/nodes/"),
    ({"nodes": [1, 2, 3]}, 9202, "#/job/nodes/"),
    ({"flags": ["NO_SUCH_FLAG"]}, 9207, "#/job/flags[0]/"),
    ({"mail_type": ["END", "SOMETIMES"]}, 9207, "#/job/mail_type[1]/"),
    ({"mail_type": {}}, 9206, "#/job/mail_type/"),
    ({"shared": [5]}, 9207, "#/job/shared[0]/"),
    ({"open_mode": "SIDEWAYS"}, 9207, "#/job/open_mode[0]/"),
    ({"cpu_frequency": "fast"}, 9202, "#/job/cpu_frequency/"),
    ({"kill_warning_signal": "NOSUCH"}, 9202, "#/job/kill_warning_signal/"),
    ({"nice": 1 << 40}, 2123, "#/job/nice/"),
    ({"core_specification": 0}, None, "#/job/core_specification/"),
    ({"user_id": "no-such-user"}, None, "#/job/user_id/"),
    ({"rlimits": {"cpu": "much"}}, None, "#/job/rlimits/cpu/"),
    ({"rlimits": 5, "tasks": {}}, 9202, "#/job/tasks/"),
]


@pytest.mark.parametrize(("fields", "number", "place"), BAD_FIELDS)
def test_a_value_that_cannot_be_understood(
    lab: Lab, version: ApiVersion, fields: dict[str, Any], number: int | None, place: str
) -> None:
    answer = submit(lab, version, {"script": SCRIPT, "job": description(**fields)})
    first, source, text = errors(answer)[0]
    assert source.startswith(place)
    assert text
    assert answer.status == 422
    if number is not None and version != V40:
        assert first == number


@pytest.mark.parametrize("fields", [fields for fields, _, _ in BAD_FIELDS[:12]])
def test_a_bad_component_is_named_by_its_place(
    lab: Lab, version: ApiVersion, fields: dict[str, Any]
) -> None:
    jobs = [description(), description(**fields)]
    answer = submit(lab, version, {"script": SCRIPT, "jobs": jobs})
    assert answer.status == 422
    assert errors(answer)[0][1].startswith("#/jobs[1]/")


def test_a_number_that_no_member_can_hold_is_not_cut(lab: Lab, version: ApiVersion) -> None:
    for value in (1 << 64, -(1 << 63), 1e30, float("inf"), float("nan")):
        job = description(minimum_nodes=value)
        answer = submit(lab, version, {"script": SCRIPT, "job": job})
        assert answer.status == 422, value
        assert errors(answer)[0][1] == "#/job/minimum_nodes/"


@pytest.mark.parametrize("text", ["a\\u0000b", "\\u0000"])
def test_a_nul_ends_a_text_as_in_c(lab: Lab, version: ApiVersion, text: str) -> None:
    # json-c ends the text there, and so nothing behind it can be smuggled past.
    body = f'{{"script": "#!/bin/sh", "job": {{"name": "{text}", "partition": "nowhere"}}}}'
    answer = submit(lab, version, body)
    assert answer.status == 422
    assert errors(answer)[0][0] == 2000


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"partition": "nowhere"}, 2000),
        ({"account": "x" * 5000}, 2012),
        ({"user_id": "bob"}, 2010),
        ({"array": "3-1"}, 2081),
        ({"licenses": "nothing:1"}, 2048),
        ({"constraints": "nothing"}, 2029),
        ({"reservation": "nothing"}, 2053),
        ({"dependency": "afterok:4000000"}, 2038),
        ({"current_working_directory": None}, 2063),
        ({"environment": []}, 2127),
        ({"environment": None}, 2127),
    ],
)
def test_what_the_controller_refuses(
    lab: Lab, version: ApiVersion, fields: dict[str, Any], number: int
) -> None:
    answer = submit(lab, version, {"script": SCRIPT, "job": description(**fields)})
    told = (number, "slurm_submit_batch_job()", "Batch job submission failed")
    assert (answer.status, errors(answer)) == (422, [told])
    assert "job_id" not in answer.json()


def test_unknown_fields_are_told_and_nothing_is_lost(lab: Lab, version: ApiVersion) -> None:
    job = {"nmae": "typo", "rlimits": {"cup": 1}, "partition": "nowhere"}
    answer = submit(lab, version, {"script": SCRIPT, "job": job, "jbo": 1})
    told = {(entry["source"], entry["description"]) for entry in answer.json()["warnings"]}
    assert told >= {
        ("#/job/nmae/", 'Ignoring unknown field "nmae" of type string in DATA_PARSER_JOB_DESC_MSG'),
        (
            "#/job/rlimits/cup/",
            'Ignoring unknown field "cup" of type 64 bit integer in DATA_PARSER_JOB_DESC_MSG',
        ),
        (
            "#/jbo/",
            'Ignoring unknown field "jbo" of type 64 bit integer in DATA_PARSER_JOB_SUBMIT_REQ',
        ),
    }


@pytest.mark.parametrize(("fields", "number", "place"), BAD_FIELDS)
def test_a_bad_update_is_refused(
    lab: Lab,
    waiting: int,
    version: ApiVersion,
    fields: dict[str, Any],
    number: int | None,
    place: str,
) -> None:
    body = {"comment": "changed", **fields}
    answer = lab.ask("POST", f"/slurm/{version}/job/{waiting}", body=body)
    assert answer.status == 422
    told = errors(answer)
    assert told[0][1].startswith(place.replace("#/job/", "#/"))
    rejection = "Rejecting request. Failure parsing job update request."
    assert told[-1] == (9000, "_job_post_update", rejection)


def test_a_refused_update_has_changed_nothing(lab: Lab, waiting: int) -> None:
    for version in VERSIONS:
        body = {"comment": "changed", "name": "changed", "tasks": "two"}
        assert lab.ask("POST", f"/slurm/{version}/job/{waiting}", body=body).status == 422
    text = lab.run(f"scontrol show job {waiting}")
    assert "Comment=kept" in text
    assert "changed" not in text


@pytest.mark.parametrize("job_id", ["abc", "0", "-1", "_1", "12_[0-1]", "%20", "4294967295", "1x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_job_id_that_is_none(lab: Lab, version: ApiVersion, method: str, job_id: str) -> None:
    body = {} if method == "POST" else None
    job_id = job_id.replace("[", "%5B").replace("]", "%5D")
    answer = lab.ask(method, f"/slurm/{version}/job/{job_id}", body=body)
    told = "Rejecting request. Failure parsing parameters"
    assert (answer.status, errors(answer)) == (422, [(9000, "op_handler_job", told)])


@pytest.mark.parametrize("job_id", [67108864, 99999999])
def test_a_job_id_beyond_all(lab: Lab, version: ApiVersion, job_id: int) -> None:
    answer = lab.get(f"/slurm/{version}/job/{job_id}")
    told = f"Invalid JobID={job_id} rejected"
    assert (answer.status, errors(answer)) == (404, [(2017, "op_handler_job", told)])


@pytest.mark.parametrize(
    ("path", "number", "empty", "text"),
    [
        ("job/4000000", 2017, "jobs", "Unable to query JobId=4000000"),
        ("node/nowhere", 2018, "nodes", "Failure to query node nowhere"),
        ("node/C1", 2018, "nodes", "Failure to query node C1"),
        ("node/c%5B1-2%5D", 2018, "nodes", "Failure to query node c[1-2]"),
        ("partition/nowhere", 2000, "partitions", "Unable to find partition nowhere"),
    ],
)
def test_what_is_not_there(
    lab: Lab, version: ApiVersion, path: str, number: int, empty: str, text: str
) -> None:
    answer = lab.get(f"/slurm/{version}/{path}")
    ((first, _, description),) = errors(answer)
    assert (answer.status, first) == (404, number)
    assert description.startswith(text)
    assert answer.json()[empty] == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("jobs/?update_time=abc", "#/update_time/"),
        ("nodes/?update_time=abc", "#/update_time/"),
        ("partitions/?update_time=abc", "#/update_time/"),
        ("jobs/?flags=NOPE", "#/flags[0]/"),
        ("nodes/?flags=NOPE", "#/flags[0]/"),
        ("partitions/?flags=DETAIL&flags=NOPE", "#/flags[1]/"),
        ("job/1?flags=NOPE", "#/flags[0]/"),
    ],
)
def test_a_query_that_cannot_be_understood(
    lab: Lab, version: ApiVersion, path: str, place: str
) -> None:
    answer = lab.get(f"/slurm/{version}/{path}")
    assert answer.status == 422
    assert errors(answer)[0][1] == place


@pytest.mark.parametrize("query", ["a=(b)", "a=b=c", "=x", "a=%ZZ", "a=%FF"])
def test_a_query_that_is_no_text(lab: Lab, version: ApiVersion, query: str) -> None:
    answer = lab.get(f"/slurm/{version}/jobs/?{query}")
    assert (answer.status, errors(answer)) == (400, [(9001, "", "Unspecified error")])
    told = answer.json()
    assert (told["jobs"], list(told)[:3]) == ([], ["jobs", "last_backfill", "last_update"])


def test_a_body_beside_a_query_is_refused(lab: Lab, version: ApiVersion) -> None:
    answer = lab.ask("POST", f"/slurm/{version}/job/submit?a=b", body={"script": SCRIPT})
    assert answer.status == 400
    assert answer.body == b"Unexpected HTTP body provided when URL Query provided"


def test_a_method_that_a_path_does_not_have(lab: Lab, version: ApiVersion) -> None:
    answer = lab.ask("PUT", f"/slurm/{version}/jobs/", body={})
    assert (answer.status, answer.headers["Allow"]) == (405, "DELETE, GET, HEAD")
    # Slurm: a GET of it asks for the job of that name.
    assert lab.get(f"/slurm/{version}/job/submit").status == 422


def test_the_longest_body_is_a_setting(lab: Lab, start_daemon: StartDaemon) -> None:
    daemon = start_daemon("127.0.0.1:0", PYSLURMRESTD_MAX_BODY="10")
    answers = [
        lab.ask("POST", "/slurm/v0.0.45/job/submit", url=daemon.url, body=body)
        for body in ({"a": "bcde"}, {})
    ]
    assert [answer.status == 413 for answer in answers] == [True, False]
