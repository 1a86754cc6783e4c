"""What the serializers make of bodies and queries, well-formed and not."""

from __future__ import annotations

import math
import random
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import orjson
import pytest

from pyslurmrestd.errors import http_status
from pyslurmrestd.plugins.serializer.json import PLUGIN as JSON
from pyslurmrestd.plugins.serializer.lenient_json import parse_lenient
from pyslurmrestd.plugins.serializer.url_encoded import PLUGIN as URL_ENCODED
from pyslurmrestd.plugins.serializer.yaml import PLUGIN as YAML
from pyslurmrestd.serializer import Limits, MalformedText, Serializer, TooMuchText

SERIALIZERS: list[Serializer] = [JSON, YAML, URL_ENCODED]


def test_names_media_types_and_styles() -> None:
    assert [(one.name, one.media_types, one.style) for one in SERIALIZERS] == [
        ("serializer/json", ("application/json", "application/jsonrequest"), "json"),
        ("serializer/yaml", ("application/yaml", "application/x-yaml", "text/yaml"), "yaml"),
        ("serializer/url_encoded", ("application/x-www-form-urlencoded",), None),
    ]


@pytest.mark.parametrize(
    ("serializer", "body", "text"),
    [
        (JSON, b"{", "Failure during parsing"),
        (YAML, b"a: [", "Unable to convert Data type"),
        (URL_ENCODED, b"a=b=c", "Unspecified error"),
    ],
)
def test_malformed_text_is_400_in_slurms_words(
    serializer: Serializer, body: bytes, text: str
) -> None:
    with pytest.raises(MalformedText) as raised:
        serializer.parse(body)
    assert (raised.value.text, http_status(raised.value.errno)) == (text, 400)


@pytest.mark.parametrize("serializer", SERIALIZERS, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bodies_come_in_any_kind_of_buffer(serializer: Serializer, kind: Any) -> None:
    bodies = {"serializer/json": b'{"a": "b",}', "serializer/yaml": b"a: b"}
    assert serializer.parse(kind(bodies.get(serializer.name, b"a=b"))) == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'{"job": {"tasks": 2, "rate": 0.5, "hold": true, "name": null}}', None),
        (b'"text"', None),
        (b"[]", None),
        (b'{"a": "\\u00e4\\ud83d\\ude00\xc3\xa4"}', {"a": "ä😀ä"}),
        (b' {"a": 1} anything } after', {"a": 1}),
        (b'{"a": 1}{"b": 2}', {"a": 1}),
        (b'/* one */ {"a": // two\n 1 /* three */}', {"a": 1}),
        (b"{'a': 'it\"s', \"b\": \"it's\"}", {"a": 'it"s', "b": "it's"}),
        (b'{"a": [1, 2,], "b": {"c": 1,},}', {"a": [1, 2], "b": {"c": 1}}),
        (b"[True, FALSE, nUll]", [True, False, None]),
        (b"[Infinity, -Infinity, infinity]", [math.inf, -math.inf, math.inf]),
        (
            b'{"script": "#!/bin/sh\nsrun\thostname\r\n"}',
            {"script": "#!/bin/sh\nsrun\thostname\r\n"},
        ),
        (b"[007, -01, 1., 1.e2, 2e, 3e+, -.5]", [7, -1, 1.0, 100.0, 2.0, 3.0, -0.5]),
        (b'{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        (b'{"\xe4": "\xff"}', {"\ufffd": "\ufffd"}),
        (b'["\\ud83d", "\\ude00x", "\\ud83d\\u0041"]', ["\ufffd", "\ufffdx", "\ufffdA"]),
        (b'{"a\\u0000b": "c\\u0000d", "e": 1}', {"a": "c", "e": 1}),
        (b'{"a": 1}\0', {"a": 1}),
    ],
)
def test_json_that_is_read(body: bytes, data: Any) -> None:
    parsed = JSON.parse(body)
    assert parsed == (orjson.loads(body) if data is None else data)


def test_repeated_key_keeps_its_first_place() -> None:
    for body in (b'{"a": 1, "b": 2, "a": 3}', b'{"a": 1, "b": 2, "a": 3,}'):
        assert list(JSON.parse(body).items()) == [("a", 3), ("b", 2)]


def test_json_nan() -> None:
    assert math.isnan(JSON.parse(b"[NaN]")[0])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"null",
        b"NULL",
        b"// null",
        b"/* no end",
        b"\xef\xbb\xbf{}",
        b'{"a": ',
        b'{"a": 1',
        b'{"a"',
        b'{"a": "b',
        b"{'a': 'b\"}",
        b"{a: 1}",
        b"{1: 1}",
        b'{"a" 1}',
        b'{"a": 1 "b": 2}',
        b"{,}",
        b"[,]",
        b"[1,,2]",
        b"[1 2]",
        b"[1x]",
        b"[.5]",
        b"[+5]",
        b"[-]",
        b"[0x10]",
        b"[inf]",
        b"[undefined]",
        b'["\\x41"]',
        b"['\\'']",
        b'["\\u12g4"]',
        b'["\\ud83d\\u12"]',
        b'["\0"]',
        b"\x0b[]",
        b"\xff",
    ],
)
def test_json_that_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedText):
        JSON.parse(body)


@pytest.mark.parametrize("lenient", [b"", b" // more"])
@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        (b"[" * 32 + b"]" * 32, True),
        (b"[" * 31 + b"1" + b"]" * 31, True),
        (b"[" * 32 + b"1" + b"]" * 32, False),
        (b"[" * 33 + b"]" * 33, False),
        (b'{"a":' * 31 + b"[]" + b"}" * 31, True),
        (b'{"a":' * 32 + b"[]" + b"}" * 32, False),
        (b"[" * 100_000, False),
        (b"[" + b"[]," * 1000 + b"{}]", True),
    ],
)
def test_json_has_32_levels(body: bytes, lenient: bytes, accepted: bool) -> None:
    if accepted:
        assert JSON.parse(body + lenient) == orjson.loads(body)
    else:
        with pytest.raises(MalformedText):
            JSON.parse(body + lenient)


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("9223372036854775807", 9223372036854775807),
        ("18446744073709551615", 18446744073709551615),
        ("-9223372036854775808", -9223372036854775808),
        ("18446744073709551616", 18446744073709551616.0),
        ("-9223372036854775809", -9223372036854775809.0),
        ("9" * 10_000, math.inf),
        ("1e999", math.inf),
        ("0" * 5000 + "7", 7),
        ("-" + "0" * 5000 + "7", -7),
    ],
)
def test_integers_beyond_64_bits_become_floats(digits: str, number: float) -> None:
    for body in (f"[{digits}]", f"[{digits},]"):
        parsed = JSON.parse(body.encode())
        assert (parsed, type(parsed[0])) == ([number], type(number))


def test_strict_and_lenient_reader_agree() -> None:
    generator = random.Random(1)
    for _ in range(500):
        body = orjson.dumps(random_data(generator, 5))
        assert parse_lenient(body.decode()) == orjson.loads(body)


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"job:\n  tasks: 2\n  hold: true\n", {"job": {"tasks": "2", "hold": "true"}}),
        (b"- ~\n- null\n- ''\n- 1.5\n-\n", ["~", "null", "", "1.5", ""]),
        (b'{"script": "a\\nb", "job": {"tasks": 1}}', {"script": "a\nb", "job": {"tasks": "1"}}),
        (b"[!!int 2, !!int '0x10', !!int -3]", [2, 16, -3]),
        (b"[!!bool yes, !!bool False, !!bool 1, !!bool 0]", [True, False, True, False]),
        (b"[!!float 1.5, !!float 2, !!float -.inf, !!float 1e3]", [1.5, 2.0, -math.inf, 1000.0]),
        (b"[!!null null, !!null ~, !!null '']", [None, None, None]),
        (b"[!!str 26, ! 5]", ["26", "5"]),
        (b"%YAML 1.1\n--- !!map\n!!str a: !!seq\n- !!int 1\n...\n", {"a": [1]}),
        (b"a: 1\n---\nb: [unfinished", {"a": "1"}),
        (b"script: |\n  #!/bin/sh\n  date\n", {"script": "#!/bin/sh\ndate\n"}),
        (b"a: 1\nb: 2\na: 3\n", {"a": "3", "b": "2"}),
        (b'a: "x\\0y"', {"a": "x"}),
        (b"<<: {a: 1}", {"<<": {"a": "1"}}),
        (b"\xef\xbb\xbfa: \xc3\xa4", {"a": "ä"}),
        (
            b"\xef\xbb\xbf# ours\r\n%YAML 1.1 # or so\n# and\n---\na: b\n",
            {"a": "b"},
        ),
        (b"%YAML 1.2\n---\na: 'b\n%TAG c'\n", {"a": "b %TAG c"}),
        ("a: ä".encode("utf-16"), {"a": "ä"}),
        (b"!!int " + b"0" * 5000 + b"7", 7),
        (b"!!int 18446744073709551616", 18446744073709551616.0),
        (b"text", "text"),
        (b"", ""),
        (b"# nothing\n", ""),
        (b"---\n", ""),
    ],
)
def test_yaml_that_is_read(body: bytes, data: Any) -> None:
    assert YAML.parse(body) == data


@pytest.mark.parametrize(
    "body",
    [
        b"a: &x 1\nb: *x",
        b"&x [1]",
        b"&x {a: 1}",
        b"{&x a: 1}",
        b"a: *x",
        b"!!int abc",
        b"!!int 1.5",
        b"!!int 0x11111111111111111",
        b"!!float abc",
        b"!!bool perhaps",
        b"!!null 5",
        b"!!seq text",
        b"!!map [1]",
        b"!!seq {a: 1}",
        b"!!binary aGk=",
        b"!own text",
        b"!x!y text",
        b"!!python/object/apply:os.getcwd []",
        b"? [a]\n: b",
        b"a:\n\t- b",
        b"a: [",
        b"a: b: c",
        b"a: '",
        b"\xff\xff: 1",
        b"a: \x01",
        b'"\\ud800"',
        b'"\\UFFFFFFFF"',
    ],
)
def test_yaml_that_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedText):
        YAML.parse(body)


DIRECTIVE = "YAML directives other than one %YAML are refused"


@pytest.mark.parametrize(
    "body",
    [
        b"%TAG !a! tag:x,1:\n---\na: b",
        b"\xef\xbb\xbf%TAG !a! tag:x,1:\n---\na: b",
        b"# \xc3\xa4\xe2\x82\xac\r%TAG !a! tag:x,1:\n---\na: b",
        b"#\xc2\x85%TAG !a! tag:x,1:\n---\na: b",
        b"# x\xe2\x80\xa8%TAG !a! tag:x,1:\n---\na: b",
        b"%YAML 1.1\n%TAG !a! tag:x,1:\n---\na: b",
        b"%YAML 1.1\n%YAML 1.1\n---\na: b",
        b"%YAML 1.x\n---\na: b",
        b"\n \n%RESERVED a b\n---\na: b",
        "%TAG !a! tag:x,1:\n---\na: b".encode("utf-16"),
    ],
)
def test_yaml_directives_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedText) as raised:
        YAML.parse(body)
    assert raised.value.text == DIRECTIVE


@pytest.mark.parametrize(
    "before", [b"", b"#\n", b"a: b\n", b"a: b\n...\n", b"---\n...\n", b"...\n"]
)
def test_many_directives_cost_no_time(before: bytes) -> None:
    """Two megabytes took libyaml ten seconds."""
    body = before + b"".join(b"%%TAG !%d! tag:x,%d:\n" % (n, n) for n in range(90_000))
    begun = time.process_time()
    with suppress(MalformedText):  # behind the first document nothing is read
        YAML.parse(body)
    assert time.process_time() - begun < 1


def test_comments_in_json_take_no_memory() -> None:
    """A pattern that goes back needs some sixty bytes for each byte that it may give back."""
    body = b"//\n" * (1 << 20) + b"[]"
    tracemalloc.start()
    try:
        assert JSON.parse(body) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * len(body)


@pytest.mark.parametrize("body", [b"[" * 65 + b"]" * 65, b"{a: " * 65 + b"}" * 65, b"- " * 5000])
def test_yaml_has_64_levels(body: bytes) -> None:
    with pytest.raises(MalformedText):
        YAML.parse(body)
    assert YAML.parse(b"[" * 64 + b"]" * 64) == orjson.loads(b"[" * 64 + b"]" * 64)


FEW = Limits(values=4, lenient=40)


@pytest.mark.parametrize(
    ("serializer", "body"),
    [
        (JSON, b'[1, {"a": "b,,[{"}]'),
        (JSON, rb'["\",[{,\\", ",,,,", 2]'),
        (JSON, b"[1, '2', 3]"),
        (JSON, b'{"a": "' + b"[" * 5000 + b'"}'),
        (YAML, b"[1, {a: b}]"),
        (YAML, b"a: {b: c, d: e}\n# " + b"[" * 20),
        (URL_ENCODED, b"a=1&b=2;c=3&d=4"),
    ],
)
def test_as_many_values_as_may_be_are_read(serializer: Serializer, body: bytes) -> None:
    assert serializer.parse(body, FEW) == serializer.parse(body)


@pytest.mark.parametrize(
    ("serializer", "body"),
    [
        (JSON, b"[1, 2, 3, 4]"),
        (JSON, b'["a", {"b": {}}, ""]'),
        (JSON, b"[[], [], []] and more, and more"),
        (JSON, b"[1, '2', 3, 4]"),
        (JSON, b'["a" "a" "a" "a" "a" "a" "a" "a" "a" "a" ,,,,]'),
        (YAML, b"[1, 2, 3, 4]"),
        (YAML, b"a: {b: c, d: e, f: g}"),
        (URL_ENCODED, b"a&b&c&d&e"),
    ],
)
def test_one_value_more_is_413(serializer: Serializer, body: bytes) -> None:
    with pytest.raises(TooMuchText) as raised:
        serializer.parse(body, FEW)
    told = (raised.value.status, raised.value.text)
    assert told == (413, "The body has more than 4 values")


@pytest.mark.parametrize(
    ("serializer", "body", "kind"),
    [
        (JSON, b'["%b",]', "lenient JSON"),
        (YAML, b"- %b", "YAML"),
        (URL_ENCODED, b"a=%b", "a form"),
    ],
)
def test_what_is_no_strict_json_has_a_shorter_limit(
    serializer: Serializer, body: bytes, kind: str
) -> None:
    longest = body % (b"x" * (42 - len(body)))
    assert serializer.parse(longest, FEW) == serializer.parse(longest)
    with pytest.raises(TooMuchText) as raised:
        serializer.parse(longest.replace(b"x", b"xx", 1), FEW)
    told = (raised.value.status, raised.value.text)
    text = f"The body is {kind} of 41 bytes; at most 40 are read, and more in strict JSON alone"
    assert told == (413, text)


@pytest.mark.parametrize(
    ("serializer", "body"), [(JSON, b"[%b 1,]" % (b"[]," * 2000)), (YAML, b"- a\n" * 2000)]
)
def test_reading_ends_in_time(serializer: Serializer, body: bytes) -> None:
    with pytest.raises(TooMuchText) as raised:
        serializer.parse(body, Limits(seconds=0))
    text = "The body could not be read within 0 seconds; strict JSON is read faster"
    assert (raised.value.status, raised.value.text) == (413, text)


@pytest.mark.parametrize(
    ("serializer", "unit"),
    [
        (JSON, b"[],"),
        (JSON, b'"",'),
        (JSON, b'"a":1,'),
        (JSON, b"[" * 20 + b"]" * 20 + b","),
        (JSON, b"//\n"),
        (YAML, b"- a\n"),
        (YAML, b"[],"),
        (URL_ENCODED, b"a&"),
        (URL_ENCODED, b"abcdefgh"),
    ],
)
def test_a_long_body_takes_little_memory_to_refuse(serializer: Serializer, unit: bytes) -> None:
    body = b"[" * (serializer is JSON) + unit * ((12 << 20) // len(unit)) + b"]"
    tracemalloc.start()
    try:
        with pytest.raises(MalformedText):
            serializer.parse(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * len(body)  # twelve of which orjson reserves and does not touch


@pytest.mark.parametrize(
    ("query", "data"),
    [
        (b"", {}),
        (b"update_time=1;flags=ALL&a-._~=b", {"update_time": "1", "flags": "ALL", "a-._~": "b"}),
        (b"foo", {"foo": True}),
        (b"foo=", {"foo": None}),
        (b"foo==", {"foo": None}),
        (b"a==b", {"a": "b"}),
        (b"a=1&b=2&a=3&a=4", {"a": ["1", "3", "4"], "b": "2"}),
        (b"a&a=&a=1", {"a": [True, None, "1"]}),
        (b"&a=1&&b=2;", {"a": "1", "b": "2"}),
        (b"a+b=c+d%20e", {"a b": "c d e"}),
        (b"a=%2C%26%3d%25%C3%A4%FE", {"a": ",&=%ä\ufffd"}),
        (b"a%3Db=1", {"a=b": "1"}),
        (b"A=1&a=2", {"A": "1", "a": "2"}),
    ],
)
def test_query_that_is_read(query: bytes, data: dict[str, Any]) -> None:
    parsed = URL_ENCODED.parse(query)
    assert list(parsed.items()) == list(data.items())


@pytest.mark.parametrize(
    "query",
    [b"=x", b"a=b=c", b"a=b=", b"a=%zz", b"a=%4", b"a=%", b"a=%00", b"a=%ff", b"a=%FF", b"a=\xe4"]
    + [b"a=" + bytes([code]) for code in b",:/@[]()?*!$'\"{}<> \n\0#|\\^`"]
    + [b'{"script":"#!/bin/sh","job":{"foo":1}}'],
)
def test_query_that_is_refused(query: bytes) -> None:
    with pytest.raises(MalformedText):
        URL_ENCODED.parse(query)


def random_data(generator: random.Random, depth: int) -> Any:
    kind = generator.randrange(8 if depth else 6)
    if kind == 6:
        return [random_data(generator, depth - 1) for _ in range(generator.randrange(4))]
    if kind == 7:
        keys = ["job", "a/b", "ä", "\n", ""]
        return {
            generator.choice(keys): random_data(generator, depth - 1)
            for _ in range(generator.randrange(4))
        }
    return generator.choice(
        [None, True, False, 0, -5, 2**63, 1.5, -1e-9, "", "text", '"quoted"\\\u2028\t\'', "😀"]
    )


@pytest.mark.parametrize("serializer", SERIALIZERS, ids=lambda one: one.name)
def test_whatever_comes_is_read_or_malformed(serializer: Serializer) -> None:
    generator = random.Random(serializer.name)
    words = [b"a", b"=", b"&", b": ", b"\n", b"- ", b"[", b"]", b"{", b"}", b",", b'"', b"'", b"\\"]
    words += [b"\\u", b"d83d", b"!!int", b"!", b"&x", b"*x", b"%", b"---", b"?", b"|", b">", b"#"]
    words += [b"//", b"/*", b"*/", b"1", b"-", b".", b"e", b"NaN", b"\xff", b"\0", b"\xef\xbb\xbf"]
    outcomes = set()
    for _ in range(5000):
        if generator.random() < 0.5:
            body = bytearray(b"".join(generator.choices(words, k=generator.randrange(12))))
        else:
            body = bytearray(orjson.dumps(random_data(generator, 4)))
            for _ in range(generator.randrange(3)):
                place = generator.randrange(len(body) + 1)
                body[place : place + generator.randrange(2)] = generator.choice(words)
        try:
            serializer.parse(body)
            outcomes.add("read")
        except MalformedText:
            outcomes.add("malformed")
    assert outcomes == {"read", "malformed"}
