"""Clients that send slowly, half a request, or too much: each ends, and the others do not notice."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from checkout import Served, serving_mock
from raw_http import TIMEOUT, ask, post, send

HALF = {
    "nothing": b"",
    "half a line": b"POST /Aje",
    "half a head": b"POST /AjeraAPI.ashx HTTP/1.1\r\nHost: x\r\n",
    "no body": b"POST /AjeraAPI.ashx?x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    "half a body": b'POST /AjeraAPI.ashx?x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"a"',
    "half a chunk": b"POST /AjeraAPI.ashx?x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
    "no body of an action": b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
}


@pytest.mark.parametrize("kind", [kind for kind, sent in HALF.items() if sent])
def test_half_a_request_ends(impatient: Served, kind: str) -> None:
    """The server closes the connection of a client that sends no more, without a success."""
    answer = send(impatient.root, HALF[kind])
    assert answer == b"" or answer.split(b" ")[1] in (b"400", b"408")


def test_a_body_that_is_cut_off_is_refused(impatient: Served) -> None:
    """What arrived of it may be a valid request, but is not the one that the client meant."""
    head = b"POST /AjeraAPI.ashx?x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"
    answer = send(impatient.root, head + b'{"Method": "ListCompanies"}', ended=True)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"the body is shorter than declared" in answer


def test_half_requests_do_not_stop_the_server(engine: str, tmp_path: Path) -> None:
    """Many of each kind stay open, and the next client is answered."""
    with serving_mock(tmp_path, "--engine", engine) as served, ExitStack() as connections:
        address = urlsplit(served.root)
        for request_ in 20 * list(HALF.values()):
            opened = socket.create_connection((address.hostname or "", address.port or 0), TIMEOUT)
            connections.enter_context(opened).sendall(request_)
        assert ask(served.root, "/_mock/health").status == 200
        assert post(served.url, {"Method": "ListCompanies"}).json["Message"] == "Invalid Session"


def test_a_slow_client_that_goes_on_is_answered(impatient: Served) -> None:
    """The time limit is for a pause, not for the request."""
    address = urlsplit(impatient.url)
    body = json.dumps({"Method": "ListCompanies"}).encode()
    head = f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), TIMEOUT) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        for each in (body[:9], body[9:18], body[18:]):
            connection.settimeout(0.6)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.sendall(each)
        connection.settimeout(TIMEOUT)
        assert b"Invalid Session" in connection.makefile("rb").read()


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_too_large_a_body_is_answered_and_the_connection_closed(engine: str, tmp_path: Path, declared: bool) -> None:
    """A client that reads until the end, and keeps its own side open, need not wait."""
    with serving_mock(tmp_path, "--engine", engine, "--body-limit", "100") as served:
        address = urlsplit(served.url)
        head = f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: x\r\n".encode()
        if declared:
            request_ = head + b"Content-Length: 9999999\r\n\r\n" + b" " * 1000
        else:
            request_ = head + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + b" " * 1000 + b"\r\n"
        # Repeated, because Python's garbage collector closes a forgotten connection now and then.
        answers = [send(served.root, request_) for _ in range(3)]
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"The request could not be read." in answer
        assert b"the maximum is 100" in answer or b"more than 100 bytes" in answer


def test_the_body_limit_is_a_setting(engine: str, tmp_path: Path) -> None:
    """A larger limit than the default one is obeyed, too."""
    with serving_mock(tmp_path, "--engine", engine, "--body-limit", "6000000") as served:
        for size, message in ((5_900_000, "Invalid Session"), (6_100_000, "The request could not be read.")):
            body = {"Method": "ListCompanies", "Filler": "x" * size}
            assert post(served.url, body).json["Message"] == message


def test_a_hundred_projects_can_be_updated_at_once(engine: str, tmp_path: Path) -> None:
    """An update has each project twice."""
    with serving_mock(tmp_path, "--engine", engine, "--sample", "140") as served:
        login = {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
        token = post(served.url, login).json["Content"]["SessionToken"]

        def call(method: str, **arguments: object) -> dict[str, list[dict[str, object]]]:
            body = {"Method": method, "SessionToken": token, "MethodArguments": arguments}
            answer = post(served.url, body).json
            assert answer["Errors"] == []
            found: dict[str, list[dict[str, object]]] = answer["Content"]
            return found

        keys = [each["ProjectKey"] for each in call("ListProjects")["Projects"]][-100:]
        old = call("GetProjects", RequestedProjects=keys)["Projects"]
        new = [each | {"BillingDescription": "batch"} for each in old]
        assert len(call("UpdateProjects", UpdatedProjects=new, UnchangedProjects=old)["Projects"]) == 100
