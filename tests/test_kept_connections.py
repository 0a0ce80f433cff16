"""Connections that a client uses for several requests."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import flask
import pytest
from checkout import Served
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_http import TIMEOUT, send

from mock_ajera.mock import AjeraServer
from mock_ajera.self_signed import certificate
from mock_ajera.server import Server

CALL = json.dumps({"Method": "ListCompanies"}).encode()


def connected(root: str) -> http.client.HTTPConnection:
    address = urlsplit(root)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)


def asked(
    connection: http.client.HTTPConnection, path: str, body: bytes | None = None, verb: str = "POST"
) -> http.client.HTTPResponse:
    """Return the answer to a request. Its body has been read."""
    connection.request("GET" if body is None else verb, path, body)
    response = connection.getresponse()
    response.read()
    return response


def is_closed(connection: http.client.HTTPConnection) -> bool:
    """Wait for the end of a connection. Return whether the server sends nothing before it."""
    assert connection.sock is not None
    try:
        return connection.sock.recv(1) == b""
    except ssl.SSLError:
        # OpenSSL sends an alert when it can read no more.
        return True


def head_of(served: Served) -> bytes:
    """Return the beginning of a call."""
    address = urlsplit(served.url)
    return f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: localhost\r\n".encode()


def test_a_connection_is_kept_for_any_request(impatient: Served) -> None:
    """Calls, refusals, and requests that are no calls."""
    address = urlsplit(impatient.url)
    path = f"{address.path}?{address.query}"
    with closing(connected(impatient.root)) as connection:
        asked(connection, path, CALL)
        first = connection.sock
        assert first is not None
        for other, body in (("/_mock/health", None), (path, b"{"), ("/nothing", None), ("/", None), (path, None)):
            asked(connection, other, body)
            assert connection.sock is first
        for verb in ("HEAD", "PUT", "DELETE"):
            asked(connection, path, CALL, verb)
            assert connection.sock is first


def test_requests_sent_together_are_answered_in_their_order(impatient: Served) -> None:
    bodies = [CALL, b'{"Method": "ListNothing", "SessionToken": "x"}', b"{"]
    requests = [head_of(impatient) + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies]
    requests.append(b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answers = send(impatient.root, b"".join(requests)).split(b"HTTP/1.1 200 ")[1:]
    assert len(answers) == 4
    assert b"could not be read" in answers[2]
    assert b'"status"' in answers[3]


def test_a_client_may_end_the_connection_with_its_request(impatient: Served) -> None:
    """Perl's LWP lists the word with others."""
    head = head_of(impatient) + b"Connection: TE, Close\r\nContent-Length: %d\r\n\r\n" % len(CALL)
    head_of_answer, _, _ = send(impatient.root, head + CALL).partition(b"\r\n\r\n")
    assert b"connection: close" in head_of_answer.lower()


@pytest.mark.parametrize(
    "framing",
    [
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"Content-Length: %d\r\nContent-Length: 3\r\n\r\n%b" % (len(CALL), CALL),
        b"Content-Length: +%d\r\n\r\n%b" % (len(CALL), CALL),
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(CALL), CALL),
        b"Content-Length: 99999999\r\n\r\n" + CALL,
    ],
    ids=["chunked", "two lengths", "a sign", "length and chunks", "too large"],
)
def test_no_body_is_taken_for_a_request(impatient: Served, framing: bytes) -> None:
    """Where two readers could see the end of a body at different places, the next bytes are no request."""
    hidden = b"GET /_mock/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    head, _, rest = send(impatient.root, head_of(impatient) + framing + hidden).partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    body, rest = (rest[: int(length[1])], rest[int(length[1]) :]) if length else (rest, b"")
    if framing.startswith(b"Transfer-Encoding"):
        assert b"Invalid Session" in body
        assert rest == b"" or rest.startswith(b"HTTP/1.1 200 ")
    else:
        assert rest == b""


def test_a_connection_without_requests_is_closed(impatient: Served) -> None:
    """It waits as long as for the bytes of a request."""
    with closing(connected(impatient.root)) as connection:
        asked(connection, "/_mock/health")
        assert is_closed(connection)


def test_pauses_between_requests_are_no_pauses_within_one(impatient: Served) -> None:
    """A connection lives longer than the time limit."""
    with closing(connected(impatient.root)) as connection:
        for _ in range(3):
            asked(connection, "/_mock/health")
            assert connection.sock is not None
            connection.sock.settimeout(0.6)
            with pytest.raises(TimeoutError):
                connection.sock.recv(1)
            connection.sock.settimeout(TIMEOUT)
        assert asked(connection, "/_mock/health").status == 200


@pytest.mark.parametrize("ending", ["stop", "go_down"])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
def test_a_stopped_server_answers_nobody(ending: str, secure: bool, tmp_path: Path) -> None:
    """A connection that waits is closed at once, and a request in flight is answered."""
    app, began, goes_on = flask.Flask("app"), threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        began.set()
        goes_on.wait(TIMEOUT)
        return "answer"

    @app.get("/")
    def quick() -> str:
        return "answer"

    with certificate(["127.0.0.1"], tmp_path / "certificate.pem") as files:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*files)
    trusting = ssl._create_unverified_context()
    with Server(app, tls=tls if secure else None) as server:

        def connect() -> http.client.HTTPConnection:
            if secure:
                return http.client.HTTPSConnection("127.0.0.1", server.port, timeout=TIMEOUT, context=trusting)
            return http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)

        with closing(connect()) as idle, closing(connect()) as busy:
            assert asked(idle, "/").getheader("Connection") is None
            busy.request("GET", "/slow")
            began.wait(TIMEOUT)
            if ending == "stop":
                server.stop()
            else:
                server.go_down(TIMEOUT)
            assert is_closed(idle)
            goes_on.set()
            response = busy.getresponse()
            assert (response.read(), response.getheader("Connection")) == (b"answer", "close")


def test_a_new_mock_is_no_old_one() -> None:
    """A client with a connection to a mock that was closed is not answered from its records."""
    with AjeraServer() as server:
        ajera = server.tenant()
        address = urlsplit(ajera.url)
        connection = connected(ajera.url)
        asked(connection, f"{address.path}?{address.query}", CALL)
    with closing(connection):
        assert is_closed(connection)


FRAMES = {
    "call": b"Content-Length: %(length)d\r\n\r\n%(body)s",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n%(length)x\r\n%(body)s\r\n0\r\n\r\n",
    "no body": b"\r\n",
    "too large": b"Content-Length: 99999999\r\n\r\n%(body)s",
    "two lengths": b"Content-Length: %(length)d\r\nContent-Length: 2\r\n\r\n%(body)s",
    "no number": b"Content-Length: x\r\n\r\n%(body)s",
    "the last one": b"Connection: close\r\nContent-Length: %(length)d\r\n\r\n%(body)s",
}


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["POST", "GET", "HEAD", "PUT"]), st.sampled_from(sorted(FRAMES))), min_size=1)
)
def test_every_answer_is_one_to_a_request(impatient: Served, requests: list[tuple[str, str]]) -> None:
    """Whatever is sent over a connection, its answers are those of its requests, in order, up to the first end."""
    start = head_of(impatient).removeprefix(b"POST")
    sent = b""
    for number, (verb, frame) in enumerate([*requests, ("GET", "the last one")]):
        sent += b"%s%sX-Request-Id: r%d\r\n" % (verb.encode(), start, number)
        sent += FRAMES[frame] % {b"length": len(CALL), b"body": CALL}
    received = send(impatient.root, sent)
    verbs = [*(verb for verb, _ in requests), "GET"]
    ids = []
    for verb in verbs:
        head, end, received = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 "), head
        assert end
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        ids.append(headers.get(b"x-request-id"))
        received = received[0 if verb == "HEAD" else int(headers[b"content-length"]) :]
        if headers.get(b"connection") == b"close":
            break
    assert received == b""
    expected = [b"r%d" % number for number in range(len(ids))]
    # HTTP itself refuses the last one, if none of the application's answers ends the connection.
    assert ids == expected or ids == [*expected[:-1], None]
