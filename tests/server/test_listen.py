"""Addresses: what is listened on, what is refused, whose socket file is replaced."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyslurmrestd.log import Fatal
from pyslurmrestd.server.listen import Listener, listeners

Listen = Callable[..., list[Listener]]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Listen until the test is over."""
    found: list[Listener] = []

    def listen(
        *addresses: str, inherited: tuple[socket.socket, ...] = (), shared: bool = False
    ) -> list[Listener]:
        new = listeners(addresses, inherited, shared=shared)
        found.extend(new)
        return new

    yield listen
    for listener in found:
        listener.close()


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("127.0.0.1:0", "127.0.0.1"),
        ("http://127.0.0.1:0", "127.0.0.1"),
        ("[::1]:0", "::1"),
        (":0", "0.0.0.0"),
        ("[::]:0", "::"),
    ],
)
def test_an_address_is_listened_on(listen: Listen, address: str, host: str) -> None:
    (listener,) = listen(address)
    assert listener.socket.getsockname()[0] == host
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    socket.create_connection((target, listener.socket.getsockname()[1])).close()


def test_a_port_is_shared_by_those_alone_who_say_so(listen: Listen) -> None:
    (first,) = listen("127.0.0.1:0", shared=True)
    (second,) = listen(first.name, shared=True)
    assert second.name == first.name
    with pytest.raises(Fatal, match="already in use"):
        listen(first.name)
    (alone,) = listen("127.0.0.1:0")
    with pytest.raises(Fatal, match="already in use"):
        listen(alone.name, shared=True)


def test_a_host_is_listened_on_at_its_addresses(listen: Listen) -> None:
    hosts = {listener.socket.getsockname()[0] for listener in listen("localhost:0")}
    assert "127.0.0.1" in hosts
    assert hosts <= {"127.0.0.1", "::1"}


def test_all_interfaces_of_ipv6_take_ipv4_too(listen: Listen) -> None:
    (listener,) = listen("[::]:0")
    socket.create_connection(("127.0.0.1", listener.socket.getsockname()[1])).close()


def test_the_same_address_twice_is_one_listener(listen: Listen, tmp_path: Path) -> None:
    assert len(listen(f"unix:{tmp_path}/s", f"unix:{tmp_path}/s")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "6820",
        "localhost",
        "localhost:http",
        "localhost:65536",
        "localhost:1/path",
        "user@localhost:1",
        "",
        "/run/s",
        "unix:",
        "::1:6820",
    ],
)
def test_other_addresses_are_refused(listen: Listen, address: str) -> None:
    with pytest.raises(Fatal, match=f"^Unable to parse {address}"):
        listen(address)


def test_a_host_that_nobody_knows_is_fatal(listen: Listen) -> None:
    with pytest.raises(Fatal, match="Unable to resolve 256\\.256\\.256\\.256"):
        listen("256.256.256.256:1")


def test_a_port_in_use_is_fatal(listen: Listen) -> None:
    (listener,) = listen("127.0.0.1:0")
    port = listener.socket.getsockname()[1]
    with pytest.raises(
        Fatal, match=rf"Unable to bind socket: Address already in use by .* \(pid {os.getpid()}\)"
    ):
        listen(f"127.0.0.1:{port}")


@pytest.mark.parametrize("form", ["unix:{}", "unix://{}"])
def test_a_unix_socket_is_open_to_all_and_goes_with_its_listener(
    listen: Listen, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "rest.sock"
    (listener,) = listen(form.format(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o777
    listener.close()
    assert not path.exists()


def test_a_relative_path_starts_where_the_daemon_does(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (listener,) = listen("unix:rest.sock")
    os.chdir("/")
    listener.close()
    assert not (tmp_path / "rest.sock").exists()


def test_a_stale_socket_is_replaced(listen: Listen, tmp_path: Path) -> None:
    path = str(tmp_path / "rest.sock")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(path)
    listen(f"unix:{path}")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def test_a_living_socket_is_left_alone(listen: Listen, tmp_path: Path) -> None:
    path = str(tmp_path / "rest.sock")
    listen(f"unix:{path}")
    with pytest.raises(Fatal, match=rf"\(pid {os.getpid()}\) listens there"):
        listen(f"unix:{path}")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def test_a_file_is_left_alone(listen: Listen, tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(Fatal, match="the file is no socket"):
        listen(f"unix:{path}")
    assert path.read_text() == "data"


def test_what_was_bound_is_given_up_when_a_later_address_fails(tmp_path: Path) -> None:
    path = tmp_path / "rest.sock"
    with pytest.raises(Fatal):
        listeners([f"unix:{path}", "nonsense"], [])
    assert not path.exists()


def test_inherited_sockets_are_served_as_they_are(listen: Listen, tmp_path: Path) -> None:
    path = tmp_path / "rest.sock"
    inherited = socket.socket(socket.AF_UNIX)
    inherited.bind(str(path))
    inherited.listen()
    (listener,) = listen(inherited=(inherited,))
    assert listener.socket is inherited
    listener.close()
    assert path.exists()  # who made it takes it away
