"""Validators of answers: which request they are of, and what a client may send in their place."""

from __future__ import annotations

from typing import Any

import pytest

from pyslurmrestd.application.protocol import Request
from pyslurmrestd.auth.credential import Credential, Peer
from pyslurmrestd.record import replace
from pyslurmrestd.server.validator import tag, tagged

PEER = Peer("tcp", "127.0.0.1:1(fd:3)")
ONE = Request(
    operation="get /slurm/v0.0.45/partition/{partition_name}",
    params={"partition_name": "a"},
    query="flags=ALL",
    content_type=None,
    media="application/json",
    body=b"",
    credential=Credential("token", token="x.y.z", user_name="alice"),
    peer=PEER,
)
TIME = 0x6B0E9E55


@pytest.mark.parametrize(
    "text", ["{}", '"a", {}', '{} , W/"b"', 'W/"1-0", {}', '"6b0e9e55-00", {},"x"']
)
def test_a_tag_is_found_among_others(text: str) -> None:
    assert tagged(ONE, [text.format(tag(ONE, TIME))]) == TIME


def test_the_latest_of_several_counts() -> None:
    assert tagged(ONE, [tag(ONE, TIME), tag(ONE, TIME + 1), tag(ONE, TIME - 1)]) == TIME + 1


@pytest.mark.parametrize("text", ["", "*", '""', 'W/"x"', 'W/"zz-0011223344556677"', "W/", '"' * 9])
def test_what_is_no_tag_of_ours_is_none(text: str) -> None:
    assert tagged(ONE, [text]) is None


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "get /slurm/v0.0.44/partition/{partition_name}"},
        {"params": {"partition_name": "b"}},
        {"query": ""},
        {"query": "flags=ALL&update_time=1"},
        {"media": "application/yaml"},
        {"credential": Credential("token", token="x.y.z", user_name="bob")},
        {"credential": Credential("local", uid=0)},
    ],
)
def test_a_tag_of_another_request_means_nothing(other: dict[str, Any]) -> None:
    assert tagged(replace(ONE, **other), [tag(ONE, TIME)]) is None


def test_callers_whose_names_are_not_known_are_told_apart() -> None:
    one, two = (replace(ONE, credential=Credential("token", token=token)) for token in ("a", "b"))
    assert tagged(two, [tag(one, TIME)]) is None


def test_a_new_token_of_the_same_user_is_the_same_caller() -> None:
    renewed = replace(ONE, credential=Credential("token", token="n.e.w", user_name="alice"))
    assert tagged(renewed, [tag(ONE, TIME)]) == TIME


def test_parts_do_not_run_into_each_other() -> None:
    one = replace(ONE, query="a", media="bc")
    assert tagged(replace(ONE, query="ab", media="c"), [tag(one, TIME)]) is None
