"""What ``--host`` means: each form of an address or name, on both engines."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from checkout import serving_mock
from raw_http import ask

from mock_ajera.listening import addresses, listen, local_url, only_loopback

BOTH = ("127.0.0.1", "[::1]")


def answers(host: str, port: int) -> bool:
    """Return whether a server answers at an address."""
    try:
        return ask(f"http://{host}:{port}", "/_mock/health").status == 200
    except OSError:
        return False


@pytest.fixture(scope="module", autouse=True)
def ipv6() -> None:
    """Skip on a machine without IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")


@pytest.mark.parametrize(
    ("host", "expected", "off"),
    [
        ("127.0.0.1", (True, False), False),
        ("::1", (False, True), False),
        ("localhost", (True, True), False),
        ("0.0.0.0", (True, False), True),
        ("", (True, True), True),
    ],
)
def test_addresses_that_answer(engine: str, tmp_path: Path, host: str, expected: tuple[bool, bool], off: bool) -> None:
    """An empty host includes IPv4; ``localhost`` is both addresses. Beyond this machine, control is off."""
    with serving_mock(tmp_path, "--host", host, "--engine", engine) as served:
        port = int(served.root.rpartition(":")[2])
        assert tuple(answers(each, port) for each in BOTH) == expected
        assert ask(served.root, "/_mock/tenants").status == (403 if off else 200)


def test_addresses_of_a_host() -> None:
    assert addresses("[::1]") == ["::1"]
    assert addresses("[::]") == addresses("::") == addresses("") == ["::"]
    assert addresses("localhost") == ["127.0.0.1", "::1"]
    assert addresses("127.1") == ["127.0.0.1"]
    with pytest.raises(OSError, match=r"."):
        addresses("no-such-name.invalid")


@pytest.mark.parametrize(
    ("host", "only"),
    [
        ("localhost", True),
        ("127.1", True),
        ("[::1]", True),
        ("", False),
        ("::", False),
        ("no-such-name.invalid", False),
    ],
)
def test_hosts_of_this_machine_only(host: str, only: bool) -> None:
    assert only_loopback(host) is only


def test_a_port_in_use_on_one_address_of_a_name_is_refused() -> None:
    """A server does not listen on half of a name."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken, pytest.raises(OSError, match="in use"):
        listen("localhost", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "shown"),
    [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("[::1]", "[::1]"), ("a", "a")],
)
def test_the_url_of_a_host(host: str, shown: str) -> None:
    assert local_url(host, 80, tls=False) == f"http://{shown}:80"
