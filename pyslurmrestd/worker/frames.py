"""The frames on a lane: what front end and worker say to each other, one request at a time.

A lane is a stream socket. The front end sends a request: the lengths of header and body, a JSON
header, the body as the client sent it. The worker answers with frames of a type byte, a length
and a payload: a head; behind one that tells the body's length just that body, behind another blocks
of it and an end; or an abort with a text. A worker's first word on its first lane is its Hello.

A request without a header is a word (:class:`Word`). A probe is answered with an empty head. Behind
a head that tells no length the worker waits for one that says where the blocks go: over the lane,
to nobody, or straight to the client, whose socket and head come with the word. Then there are no
blocks on the lane, but frames that tell how far it is (TOLD); its end tells the size of the body.
Or it ends early: the client is gone (GONE), or the front end has asked for the rest (BACK).
"""

from __future__ import annotations

import socket
import struct
from enum import IntEnum
from http import HTTPStatus
from typing import Final, NamedTuple

import orjson

from ..application.protocol import Block, Head, Hello, Request
from ..auth.credential import Credential, Peer
from ..record import astuple

__all__ = [
    "ABORT",
    "BACK",
    "BLOCK",
    "END",
    "FRAME",
    "GONE",
    "HEAD",
    "HELLO",
    "LONGEST_FRAME",
    "TOLD",
    "Lent",
    "Sent",
    "Word",
    "abort_frame",
    "decode_head",
    "decode_hello",
    "decode_sent",
    "decode_told",
    "encode_request",
    "head_frame",
    "hello_frame",
    "lend",
    "receive_request",
    "receive_word",
    "send_all",
    "sent_frame",
    "told_frame",
    "word",
]

REQUEST: Final = struct.Struct("!II")
"""Lengths of a request's header and body."""

FRAME: Final = struct.Struct("!BI")
"""Type and payload length of a worker's frame."""

HELLO: Final = ord("W")
HEAD: Final = ord("H")
BLOCK: Final = ord("B")
END: Final = ord("E")
ABORT: Final = ord("X")

LONGEST_FRAME: Final = 1 << 20
"""Payload bytes of a frame without anything of a body."""

END_FRAME: Final = FRAME.pack(END, 0)

# Of an answer that goes straight to the client:
TOLD: Final = ord("T")
BACK: Final = ord("R")
GONE: Final = ord("G")

_TOLD: Final = struct.Struct("!Qd")
_SENT: Final = struct.Struct("!Q?")
_LENT: Final = struct.Struct("!Id")


class Word(IntEnum):
    """What the front end says beside its requests."""

    PROBE = 0  # is somebody at the other end?
    HERE = 1  # the blocks go over the lane
    DROP = 2  # nobody wants them
    LENT = 3  # they go to the client, whose socket comes along
    RECALL = 4  # a client that makes the worker wait is to be left to the front end


class Lent(NamedTuple):
    """A client for the worker to write to.

    :ivar seconds: for it to take a block.
    :ivar head: of the answer, as it is sent.
    """

    client: socket.socket
    seconds: float
    head: bytes


class Sent(NamedTuple):
    """What a worker has sent to the client itself.

    :ivar size: bytes of the body, with those that are left.
    :ivar complete: nothing follows but what is left.
    :ivar left: of the last chunk, with its frame, to be sent as it is.
    """

    size: int
    complete: bool = True
    left: bytes = b""


_RECEIVE: Final = 64 << 10
"""Most requests come whole with one read of this size."""


def encode_request(request: Request, timeout: float) -> bytes:
    """The request without its body, which follows on the lane."""
    credential, peer = request.credential, request.peer
    fields = (
        request.operation,
        request.params,
        request.query,
        request.content_type,
        request.media,
        (credential.kind, credential.token, credential.user_name, credential.uid),
        (peer.family, peer.source, peer.uid, peer.gid, peer.mode),
        timeout,
        request.id,
        request.has,
        request.keeps,
        request.coding,
    )
    try:
        header = orjson.dumps(fields)
    except TypeError:
        # Bytes of a client's header that are not UTF-8 are lone surrogates here.
        import json

        header = json.dumps(fields, default=dict).encode()
    return REQUEST.pack(len(header), len(request.body)) + header


def _decode_request(header: Block, body: Block) -> Request:
    try:
        fields = orjson.loads(header)
    except orjson.JSONDecodeError:
        import json

        fields = json.loads(bytes(header))
    operation, params, query, content_type, media, credential, peer, *others = fields
    return Request(
        operation,
        params,
        query,
        content_type,
        media,
        body,
        Credential(*credential),
        Peer(*peer),
        *others,
    )


def receive_request(lane: socket.socket) -> Request | None:
    """The next request; None when the front end has closed the lane. Probes are answered here.

    Raises ConnectionError when the lane ends within a request.
    """
    data = lane.recv(_RECEIVE)
    while data:
        while len(data) < REQUEST.size:
            data += _received(lane.recv(_RECEIVE))
        header_length, body_length = REQUEST.unpack_from(data)
        if header_length:
            break
        if body_length == Word.PROBE:
            lane.sendall(head_frame(Head(HTTPStatus.NO_CONTENT, None, 0)))
        # Else it is for an answer that had ended before it came.
        data = data[REQUEST.size :] or lane.recv(_RECEIVE)
    if not data:
        return None
    begin = REQUEST.size + header_length
    size = begin + body_length
    whole = data if len(data) == size else _receive_rest(lane, data, size)
    return _decode_request(whole[REQUEST.size : begin], whole[begin:])


def _receive_rest(lane: socket.socket, data: bytes, size: int) -> memoryview:
    if len(data) > size:
        raise ConnectionError("a second request before the answer to the first")
    whole = memoryview(bytearray(size))
    filled = len(data)
    whole[:filled] = data
    while filled < size:
        got = lane.recv_into(whole[filled:])
        if got == 0:
            raise ConnectionError("the lane ended within a request")
        filled += got
    return whole


def _received(data: bytes) -> bytes:
    if not data:
        raise ConnectionError("the lane ended within a request")
    return data


def word(kind: Word) -> bytes:
    return REQUEST.pack(0, kind)


def lend(lane: socket.socket, lent: Lent) -> None:
    """Say so on a lane on which nothing else is on its way. Raises OSError, nothing being said."""
    text = word(Word.LENT) + _LENT.pack(len(lent.head), lent.seconds) + lent.head
    if socket.send_fds(lane, [text], [lent.client.fileno()]) < len(text):
        raise ConnectionError("a lane took half a word")


def receive_word(lane: socket.socket) -> Word | Lent:
    """What the front end says. Raises ConnectionError when the lane ends."""
    data, descriptors, _, _ = socket.recv_fds(lane, _RECEIVE, 1, socket.MSG_CMSG_CLOEXEC)
    client = socket.socket(fileno=descriptors[0]) if descriptors else None
    while len(data) < REQUEST.size:
        data += _received(lane.recv(REQUEST.size - len(data)))
    kind = Word(REQUEST.unpack_from(data)[1])
    if kind != Word.LENT or client is None:
        return kind
    length, seconds = _LENT.unpack_from(data, REQUEST.size)
    head = data[REQUEST.size + _LENT.size :]
    if len(head) != length:
        raise ConnectionError("half a word on the lane")
    return Lent(client, seconds, head)


def head_frame(head: Head) -> bytes:
    payload = orjson.dumps(astuple(head))
    return FRAME.pack(HEAD, len(payload)) + payload


def decode_head(payload: Block) -> Head:
    """Raises ValueError for what is no head."""
    try:
        head = Head(*orjson.loads(payload))
    except TypeError as error:
        raise ValueError(str(error)) from error
    length, change = head.length, head.last_change
    if not (
        type(head.status) is int
        and 200 <= head.status <= 599
        and (length is None or (type(length) is int and length >= 0))
        and (head.content_type is None or _is_line(head.content_type))
        and (change is None or type(change) is int)
        and (head.headers is None or _are_lines(head.headers))
    ):
        raise ValueError(f"no head: {head!r:.200}")
    return head


def _are_lines(headers: object) -> bool:
    return isinstance(headers, dict) and all(map(_is_line, (*headers, *headers.values())))


def _is_line(text: object) -> bool:
    return isinstance(text, str) and text.isprintable()


def hello_frame(hello: Hello) -> bytes:
    payload = orjson.dumps(astuple(hello))
    return FRAME.pack(HELLO, len(payload)) + payload


def decode_hello(payload: Block) -> Hello:
    """Raises ValueError for what is no Hello."""
    try:
        return Hello(*orjson.loads(payload))
    except TypeError as error:
        raise ValueError(str(error)) from error


def abort_frame(text: str) -> bytes:
    payload = text.encode(errors="replace")[:LONGEST_FRAME]
    return FRAME.pack(ABORT, len(payload)) + payload


def told_frame(size: int, waited: float) -> bytes:
    """So much of the body is sent, after so many seconds in which the client took nothing."""
    return FRAME.pack(TOLD, _TOLD.size) + _TOLD.pack(size, waited)


def decode_told(payload: Block) -> tuple[int, float]:
    size, waited = _TOLD.unpack(payload)
    return size, waited


def sent_frame(kind: int, sent: Sent) -> bytes:
    """An END, or a BACK."""
    length = _SENT.size + len(sent.left)
    return FRAME.pack(kind, length) + _SENT.pack(sent.size, sent.complete) + sent.left


def decode_sent(payload: bytes) -> Sent:
    size, complete = _SENT.unpack_from(payload)
    return Sent(size, complete, payload[_SENT.size :])


def send_all(lane: socket.socket, parts: list[Block]) -> None:
    """Send all parts, with one system call where the socket takes them at once."""
    sent = lane.sendmsg(parts)
    for part in parts:
        if sent >= len(part):
            sent -= len(part)
        else:
            lane.sendall(part[sent:] if sent else part)
            sent = 0
