"""Targets of requests: splitting, decoding, refusing."""

from __future__ import annotations

import pytest

from pyslurmrestd.server.refusal import Refused
from pyslurmrestd.server.url import split_target


@pytest.mark.parametrize(
    ("target", "segments", "query"),
    [
        ("/", (), ""),
        ("/a/b", ("a", "b"), ""),
        ("//a///b/", ("a", "b"), ""),
        ("/a/./b", ("a", "b"), ""),
        ("/a?x=1&y", ("a",), "x=1&y"),
        ("/a?", ("a",), ""),
        ("/a?x=?/:", ("a",), "x=?/:"),
        ("/a#part?x", ("a",), ""),
        ("/a?x#part", ("a",), "x"),
        ("/pin%67", ("ping",), ""),
        ("/a%2Fb/c", ("a/b", "c"), ""),
        ("/a%20b", ("a b",), ""),
        ("/%C3%A9", ("é",), ""),
        ("/%fe", ("\ufffd",), ""),
        ("/a-b_c.d~e", ("a-b_c.d~e",), ""),
        ("/a?\udce4", ("a",), "?"),
        ("http://host:1/a/b?x", ("a", "b"), "x"),
        ("http://user@host/a", ("a",), ""),
        ("HTTP://host", (), ""),
    ],
)
def test_a_target_is_split_before_it_is_decoded(
    target: str, segments: tuple[str, ...], query: str
) -> None:
    assert split_target(target) == (segments, query)


@pytest.mark.parametrize(
    "target",
    ["/a/../b", "/..", "*", "a/b", "", "/é", "/%00", "/a%fF", "/a%", "/a%2", "/a%zz"]
    + [f"/a{character}b" for character in "+,:;@[]()*=&$! \"'<>\\^`{|}"],
)
def test_other_paths_are_refused(target: str) -> None:
    with pytest.raises(Refused, match="Invalid or unknown URL path") as refused:
        split_target(target)
    assert (refused.value.status, refused.value.errno) == (404, 11008)
