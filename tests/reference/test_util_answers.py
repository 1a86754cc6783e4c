"""Hostlists and names turned into one another, as the real daemon does it."""

from __future__ import annotations

from typing import Any

import pytest
from comparison import differences
from laboratory import Lab

each_version = pytest.mark.parametrize("version", ["v0.0.44", "v0.0.45"])

REQUESTS: list[tuple[str, Any]] = [
    ("hostnames", {"hostlist": "n[1-3,7],x"}),
    ("hostnames", {"hostlist": "n[001-003]"}),
    ("hostnames", {"hostlist": "n[3,1,2,2],n1"}),
    ("hostnames", {"hostlist": "n[1-2]-ib[0-1]"}),
    ("hostnames", {"hostlist": " a, b ,c"}),
    ("hostnames", {"hostlist": "a,,b"}),
    ("hostnames", {"hostlist": ""}),
    ("hostnames", {"hostlist": None}),
    ("hostnames", {"hostlist": 12}),
    ("hostnames", {"hostlist": True}),
    ("hostnames", {"hostlist": ["n1", "n[2-3]"]}),
    ("hostnames", {"hostlist": []}),
    ("hostnames", {"hostlist": "n[1-"}),
    ("hostnames", {"hostlist": "n[3-1]"}),
    ("hostnames", {"hostlist": "n[a-b]"}),
    ("hostnames", {"hostlist": {"a": "b"}}),
    ("hostnames", {"hostlist": "a", "more": 1}),
    ("hostnames", {"hostnames": ["a"]}),
    ("hostnames", {}),
    ("hostnames", []),
    ("hostlist", {"hostnames": ["n1", "n2", "n4"]}),
    ("hostlist", {"hostnames": ["n01", "n1", "n001"]}),
    ("hostlist", {"hostnames": ["n2", "n1", "n1"]}),
    ("hostlist", {"hostnames": ["b", "a"]}),
    ("hostlist", {"hostnames": ["n[1-3]", "n4"]}),
    ("hostlist", {"hostnames": "n1,n2"}),
    ("hostlist", {"hostnames": "n[1-4]"}),
    ("hostlist", {"hostnames": ""}),
    ("hostlist", {"hostnames": None}),
    ("hostlist", {"hostnames": []}),
    ("hostlist", {"hostnames": [1, 2]}),
    ("hostlist", {"hostnames": ["n[1-"]}),
    ("hostlist", {"hostnames": {"a": "b"}}),
    ("hostlist", {"hostnames": [["a"]]}),
    ("hostlist", {"hostlist": "a"}),
    ("hostlist", {}),
]


@each_version
@pytest.mark.parametrize(("path", "body"), REQUESTS, ids=str)
def test_what_is_converted_and_what_is_refused_is_the_real_daemons(
    lab: Lab, version: str, path: str, body: Any
) -> None:
    url = f"/util/{version}/{path}"
    ours = lab.ask("POST", url, body=body)
    theirs = lab.ask("POST", url, body=body, url=lab.reference["26.05"])
    told = ours.json()
    if told["errors"]:
        # The key that the document requires is there as well, and then the order is another.
        assert told.pop(path) in ([], "")
        told = {key: told[key] for key in ("errors", "warnings", "meta")}
    found = list(differences(told, theirs.json()))
    assert (ours.status, found) == (theirs.status, [])
