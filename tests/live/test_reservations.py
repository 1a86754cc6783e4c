"""Reservations through the daemon: found, made, changed, deleted, and refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from comparison import SERVED, differences
from laboratory import Answer, Lab

each_version = pytest.mark.parametrize("version", SERVED)
each_writing_version = pytest.mark.parametrize("version", ["v0.0.43", "v0.0.44", "v0.0.45"])

NAME = "lab_r"
START = 2_000_000_000


def number(value: int) -> dict[str, Any]:
    return {"set": True, "infinite": False, "number": value}


WHOLE = {
    "name": NAME,
    "users": ["alice"],
    "start_time": number(START),
    "duration": number(60),
    "node_list": ["c2", "c3"],
    "partition": "real",
    "flags": ["FLEX"],
}


@pytest.fixture
def none(lab: Lab) -> Iterator[None]:
    """No reservation of the name that is made here, before and after."""
    lab.delete_reservations(NAME, "lab_r2")
    yield
    lab.delete_reservations(NAME, "lab_r2")


@pytest.fixture
def one(lab: Lab, none: None) -> dict[str, Any]:
    """A reservation, as it is shown."""
    made = write(lab, WHOLE)
    assert (made.status, made.json()["errors"]) == (200, [])
    return shown(lab)


def write(lab: Lab, body: Any, *, version: str = "v0.0.45", user: str = "root") -> Answer:
    return lab.ask("POST", f"/slurm/{version}/reservation", body=body, user=user)


def all_shown(lab: Lab) -> dict[str, dict[str, Any]]:
    told = lab.get("/slurm/v0.0.45/reservations/", user="root").json()
    return {entry["name"]: entry for entry in told["reservations"]}


def shown(lab: Lab, name: str = NAME) -> dict[str, Any]:
    return all_shown(lab)[name]


@each_version
def test_every_reservation_is_listed_once(
    lab: Lab, reservations: tuple[str, ...], version: str
) -> None:
    found = lab.get(f"/slurm/{version}/reservations/").json()["reservations"]
    assert [entry["name"] for entry in found] == list(reservations)


@pytest.mark.parametrize("version", [v for v, release in SERVED.items() if release == "26.05"])
@pytest.mark.parametrize("path", ["reservations/", "reservation/cores"])
def test_complex_reservations_are_the_real_daemons(
    lab: Lab,
    reservations: tuple[str, ...],
    real_complex: str,
    ours_complex: str,
    version: str,
    path: str,
) -> None:
    url = f"/slurm/{version}/{path}"
    ours = lab.get(url, url=ours_complex).json()
    theirs = lab.get(url, url=real_complex).repaired_json()
    assert list(differences(ours, theirs)) == []


@each_version
def test_reservations_in_yaml_are_those_in_json(
    lab: Lab, reservations: tuple[str, ...], version: str
) -> None:
    url = f"/slurm/{version}/reservations/"
    told = yaml.safe_load(lab.get(url, headers={"Accept": "application/yaml"}).body)
    assert told["reservations"] == lab.get(url).json()["reservations"]


@each_version
def test_an_unknown_reservation_is_404_with_the_empty_list(lab: Lab, version: str) -> None:
    answer = lab.get(f"/slurm/{version}/reservation/nosuch")
    told = answer.json()
    assert (answer.status, told["reservations"], told["errors"]) == (
        404,
        [],
        [
            {
                "description": "Unable to find reservation nosuch",
                "error_number": 2053,
                "error": "Requested reservation is invalid",
                "source": "_get_single_reservation",
            }
        ],
    )


@each_writing_version
def test_a_reservation_is_made_and_told_as_it_was_asked_for(
    lab: Lab, none: None, version: str
) -> None:
    answer = write(lab, WHOLE, version=version)
    told = answer.json()
    (entry,) = told["reservations"]
    asked = {key: entry[key] for key in WHOLE}
    assert (answer.status, told["errors"], told["warnings"], asked) == (200, [], [], WHOLE)
    made = shown(lab)
    assert {
        "node_list": "c[2-3]",
        "users": "alice",
        "partition": "real",
        "start_time": number(START),
        "end_time": number(START + 3600),
        "flags": ["SPEC_NODES", "FLEX"],
    }.items() <= made.items()


@pytest.mark.parametrize(
    ("change", "effect"),
    [
        ({"accounts": ["sci"]}, {"accounts": "sci"}),
        ({"users": ["alice", "bob"]}, {"users": "alice,bob"}),
        ({"users": ["+bob"]}, {"users": "alice,bob"}),
        ({"users": "", "accounts": "sci"}, {"users": "", "accounts": "sci"}),
        ({"users": "", "groups": ["alice"]}, {"users": "", "groups": "alice"}),
        ({"duration": number(30)}, {"end_time": number(START + 1800)}),
        (
            {"duration": number(30), "flags": ["DURATION_PLUS"]},
            {"end_time": number(START + 5400)},
        ),
        ({"end_time": number(START + 60)}, {"end_time": number(START + 60)}),
        (
            {"start_time": number(START + 60)},
            {"start_time": number(START + 60), "end_time": number(START + 3660)},
        ),
        (
            {"flags": ["MAGNETIC", "no_flex"]},
            {"flags": ["SPEC_NODES", "MAGNETIC"]},
        ),
        ({"flags": []}, {}),
        ({"licenses": ["matlab:2", "ansys:1"]}, {"licenses": "matlab:2;ansys:1"}),
        ({"max_start_delay": number(90)}, {"max_start_delay": 90}),
        (
            {"purge_completed": {"time": number(120)}},
            {"purge_completed": {"time": number(120)}},
        ),
        (
            {"node_list": "c4"},
            {"node_list": "c4", "node_count": 1, "core_count": 4, "tres": "cpu=4"},
        ),
        ({"node_list": None, "start_time": None, "users": None, "tres": []}, {}),
        ({}, {}),
    ],
    ids=str,
)
def test_an_update_changes_what_it_mentions_and_nothing_else(
    lab: Lab, one: dict[str, Any], change: dict[str, Any], effect: dict[str, Any]
) -> None:
    answer = write(lab, {"name": NAME, **change})
    assert (answer.status, answer.json()["errors"]) == (200, [])
    assert shown(lab) == one | effect


def test_cores_and_tres_are_reserved_by_number(lab: Lab, none: None) -> None:
    common = {key: WHOLE[key] for key in ("users", "start_time", "duration", "partition")}
    tres = [{"type": "cpu", "name": "", "id": 1, "count": 4}]
    answer = lab.ask(
        "POST",
        "/slurm/v0.0.45/reservations",
        user="root",
        body={
            "reservations": [
                {**common, "name": NAME, "core_count": number(2)},
                {**common, "name": "lab_r2", "tres": [{"type": "", "id": 1, "count": 4}]},
            ]
        },
    )
    told = answer.json()
    assert (answer.status, told["errors"]) == (200, [])
    assert [entry["tres"] for entry in told["reservations"]] == [[], tres]
    assert [shown(lab, name)["core_count"] for name in (NAME, "lab_r2")] == [2, 4]


def test_one_that_is_refused_does_not_stop_the_others(lab: Lab, none: None) -> None:
    bad = {**WHOLE, "name": "lab_r2", "partition": "nosuch"}
    answer = lab.ask(
        "POST",
        "/slurm/v0.0.45/reservations",
        user="root",
        body={"reservations": [bad, WHOLE]},
    )
    told = answer.json()
    assert (
        answer.status,
        [entry["name"] for entry in told["reservations"]],
        [(error["error_number"], error["description"]) for error in told["errors"]],
        NAME in all_shown(lab),
    ) == (422, [NAME], [(2000, "Error creating reservation  lab_r2")], True)


@pytest.mark.parametrize(
    ("bad", "errno", "source"),
    [
        ({"accounts": [["sci"]]}, 9202, "#/accounts/"),
        ({"burst_buffer": {}}, 9202, "#/burst_buffer/"),
        ({"comment": ["x"]}, 9202, "#/comment/"),
        ({"core_count": "two"}, 9202, "#/core_count/"),
        ({"duration": "1:00:00"}, 9202, "#/duration/"),
        ({"duration": {"set": True, "number": -5}}, 9202, "#/duration/number/"),
        ({"end_time": "whenever"}, 9202, "#/end_time/"),
        ({"features": {}}, 9202, "#/features/"),
        ({"flags": ["NOSUCH"]}, 9207, "#/flags[0]/"),
        ({"flags": {}}, 9206, "#/flags/"),
        ({"groups": [{}]}, 9202, "#/groups/"),
        ({"licenses": [[]]}, 9202, "#/licenses/"),
        ({"max_start_delay": True}, 9202, "#/max_start_delay/"),
        ({"node_count": "few"}, 9202, "#/node_count/"),
        ({"node_list": "c[2-"}, 9216, "#/node_list/"),
        ({"node_list": ["c2", {}]}, 9216, "#/node_list/"),
        ({"node_list": "c[1-99999999]"}, 9216, "#/node_list/"),
        ({"partition": []}, 9202, "#/partition/"),
        ({"purge_completed": {"time": "soon"}}, 9202, "#/purge_completed/time/"),
        ({"start_time": "whenever"}, 9202, "#/start_time/"),
        ({"tres": "cpu=4"}, 9208, "#/tres/"),
        ({"tres": [{"count": 4}]}, 9200, "#/tres[0]/type/"),
        ({"tres": [{"type": "cpu", "count": "x"}]}, 9202, "#/tres[0]/count/"),
        ({"tres": [{"type": "cpu=1,node", "count": 1}]}, 2115, "#/tres[0]/"),
        ({"users": [["alice"]]}, 9202, "#/users/"),
        ([WHOLE], 9209, "#/"),
    ],
    ids=str,
)
def test_bad_input_names_its_place_and_changes_nothing(
    lab: Lab, one: dict[str, Any], bad: Any, errno: int, source: str
) -> None:
    before = all_shown(lab)
    answer = write(lab, {"name": NAME, **bad} if isinstance(bad, dict) else bad)
    told = answer.json()
    assert answer.status == 422
    assert [(error["error_number"], error["source"]) for error in told["errors"]] == [
        (errno, source),
        (9000, "_parse_resv_desc"),
    ]
    assert all_shown(lab) == before


@pytest.mark.parametrize(
    ("body", "errno", "description"),
    [
        ({}, 2053, "Reservation must be given."),
        ({"name": None}, 2053, "Reservation must be given."),
        (
            {"name": NAME},
            2053,
            "A start time must be given.  No reservation created.",
        ),
        (
            {**WHOLE, "end_time": number(START + 1)},
            2053,
            "StartTime + Duration does not equal EndTime.  No reservation created.",
        ),
        ({**WHOLE, "users": ["nosuch"]}, 2053, f"Error creating reservation  {NAME}"),
        ({**WHOLE, "node_list": "nosuch"}, 2018, f"Error creating reservation  {NAME}"),
        ({**WHOLE, "partition": "nosuch"}, 2000, f"Error creating reservation  {NAME}"),
        ({**WHOLE, "licenses": "nosuch:1"}, 2048, f"Error creating reservation  {NAME}"),
        (
            {**WHOLE, "tres": [{"type": "nosuch", "count": 1}]},
            2115,
            f"Error creating reservation  {NAME}",
        ),
    ],
    ids=str,
)
def test_what_the_controller_refuses_is_told_in_its_words(
    lab: Lab, none: None, body: dict[str, Any], errno: int, description: str
) -> None:
    answer = write(lab, body)
    told = answer.json()
    assert (
        answer.status,
        [(error["error_number"], error["description"]) for error in told["errors"]],
        NAME in all_shown(lab),
    ) == (422, [(errno, description)], False)


@each_writing_version
def test_only_administrators_make_and_delete_reservations(
    lab: Lab, one: dict[str, Any], version: str
) -> None:
    url = f"/slurm/{version}/reservation"
    answers = [
        lab.ask("POST", url, body={**WHOLE, "name": "lab_r2"}),
        lab.ask("POST", url, body={"name": NAME, "duration": number(5)}),
        lab.ask("DELETE", f"{url}/{NAME}"),
    ]
    assert [(answer.status, answer.json()["errors"][0]) for answer in answers] == [
        (
            422,
            {
                "description": f"Error {what}",
                "error_number": 2010,
                "error": "Invalid user id",
                "source": source,
            },
        )
        for what, source in (
            ("creating reservation  lab_r2", "slurm_create_reservation"),
            (f"updating reservation {NAME}", "slurm_update_reservation"),
            (f"deleting reservation {NAME}", "slurm_delete_reservation"),
        )
    ]
    assert shown(lab) == one
    assert "lab_r2" not in all_shown(lab)


@pytest.mark.parametrize("version", ["v0.0.42", "v0.0.43", "v0.0.44", "v0.0.45"])
def test_a_reservation_is_deleted(lab: Lab, one: dict[str, Any], version: str) -> None:
    url = f"/slurm/{version}/reservation/{NAME}"
    first, second = (lab.ask("DELETE", url, user="root") for _ in range(2))
    assert (first.status, first.json()["errors"], NAME in all_shown(lab)) == (200, [], False)
    assert (second.status, second.json()["errors"][0]["error_number"]) == (422, 2053)


@pytest.mark.parametrize("version", ["v0.0.40", "v0.0.41"])
def test_versions_without_a_way_to_write_say_so(lab: Lab, version: str) -> None:
    answers = [
        lab.ask("POST", f"/slurm/{version}/reservation", body=WHOLE, user="root"),
        lab.ask("POST", f"/slurm/{version}/reservations", body={}, user="root"),
        lab.ask("DELETE", f"/slurm/{version}/reservation/{NAME}", user="root"),
    ]
    assert [answer.status for answer in answers] == [404, 405, 405]


def test_a_list_that_is_empty_is_a_warning_and_none_an_error(lab: Lab) -> None:
    url = "/slurm/v0.0.45/reservations"
    text = "No reservation descriptions specified in reservations array"
    empty = lab.ask("POST", url, body={"reservations": []}, user="root")
    missing = lab.ask("POST", url, body={}, user="root")
    assert (empty.status, empty.json()["warnings"][0]["description"]) == (200, text)
    assert (missing.status, missing.json()["errors"][0]["description"]) == (422, text)
