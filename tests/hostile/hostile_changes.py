"""Changes to an input: one to a tree of JSON, or one to its bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["OF_JSON", "bent", "mutated"]

OF_JSON = {"given": 3, "keys": 0}
"""Targets whose input is JSON behind so many bytes."""

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, "", "1", "-1", "0", "true", "a", "a,b", "a=1", "+a,-b", "1-3",
    "1_[1-3]", "n[1-3]", "n[1-70000]", "n[001-999][1-999]", "[", "]", "[1", "1:2:3", "1-00:00",
    "now+1hour", "Infinity", "NaN", "%s%n", "%", "\u00e9", "\U0001f600", "\ufffd", "x" * 5000,
    "1" * 30, "9" * 400, "0x10",
    "gres/gpu:1", "cpu=1,mem=1G", "1G", "1T", "SIGKILL", "9:TERM@60", "root", "0-65535", 2**16 - 1,
    2**16 - 2, 2**31, 2**32 - 1, 2**32 - 2, 2**63 - 1, 2**63, 2**64 - 1, 2**64 - 2, -(2**31),
    -(2**63), 1e20,
    1e308, [], {}, [[]], [{}], [None], [""], ["a"], {"set": True, "number": 2**64 - 1},
    {"set": True, "infinite": True}, {"number": "infinity"}, {"set": False},
    {"": ""}, {"a": {"b": {}}},
)  # fmt: skip


def changed(data: Any, chance: random.Random) -> Any:
    """The tree with one value in it changed."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        steps = node.keys() if isinstance(node, dict) else range(len(node))
        for step in steps:
            places.append((node, step))
            if isinstance(node[step], dict | list):
                walk(node[step])

    if isinstance(data, dict | list):
        walk(data)
    if not places or chance.random() < 0.02:
        return chance.choice(ODD)
    node, step = chance.choice(places)
    match chance.randrange(8):
        case 0:
            del node[step]
        case 1 if isinstance(node, dict):
            node[str(step) + "x"] = node[step]
        case 1:
            node.append(node[step])
        case 2:
            node[step] = [node[step]]
        case 3:
            node[step] = {"a": node[step]}
        case 4:
            other, where = chance.choice(places)
            node[step] = json.loads(json.dumps(other[where]))
        case _:
            node[step] = chance.choice(ODD)
    return data


def bent(data: bytes, chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """The bytes with a few of them taken away, changed, or put in."""
    text = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text) + 1)
        length = chance.choice((1, 1, 2, 4, 16))
        match chance.randrange(6):
            case 0:
                del text[place : place + length]
            case 1:
                text[place : place + 1] = bytes([chance.randrange(256)])
            case 2:
                text[place:place] = text[place : place + length] * chance.choice((1, 2, 40))
            case 3:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other) + 1)
                text[place:place] = other[begin : begin + 4 * length]
            case _:
                text[place:place] = chance.choice(PIECES)
    return bytes(text)


PIECES = (
    b"\0", b"\xff", b"\r", b"\n", b"\r\n", b" ", b"\t", b"%", b"%00", b"%2e", b"%252F", b"..", b"/",
    b":", b",", b";", b"=", b"&", b"[", b"]", b"{", b"}", b"\"", b"'", b"\\", b"\\u0000",
    b"\\ud800",
    b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"-", b"9" * 20, b"1e999",
    b"\r\n X: y", b"\r\nContent-Length: 5", b"\r\nTransfer-Encoding: chunked", b"\xff\xff\xff\xff",
    b"H\0\0\0\2[]", b"E\0\0\0\0", b"B\0\0\0\1", b"X\0\0\0\0", b"!!int ", b"&a ", b"*a ", b"<<: ",
)  # fmt: skip


def mutated(
    data: bytes, most: int, seed: int, before: int, bend: Callable[[bytes, int], bytes]
) -> bytes:
    """Another input of at most so many bytes: mostly a changed tree, sometimes changed bytes.

    :param before: bytes in front of the JSON.
    :param bend: changes bytes, of at most so many.
    """
    chance = random.Random(seed)
    head, text = bytearray(data[:before]), data[before:]
    room = max(most - before, 1)
    if head and chance.random() < 0.1:
        head[chance.randrange(len(head))] = chance.randrange(256)
    if chance.random() < 0.2:
        return bytes(head) + bend(text, room)
    try:
        tree = json.loads(text)
        for _ in range(chance.randrange(1, 4)):
            tree = changed(tree, chance)
        return (bytes(head) + json.dumps(tree).encode())[:most]
    except (ValueError, RecursionError):
        return bytes(head) + bend(text, room)
