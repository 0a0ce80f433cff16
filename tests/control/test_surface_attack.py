"""The control surface answers every request, however malformed, without failing or leaving anything behind."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_http import Answer, ask, send

from mock_ajera import AjeraServer, MockAjera
from mock_ajera.api.families import RECORDS
from mock_ajera.control.action import Action
from mock_ajera.control.openapi import document
from mock_ajera.control.register import ACTIONS

DOCUMENT = document("1.2.3", "http://localhost/_mock")


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """Root URL of a server for tests that do not depend on its state."""
    with MockAjera() as started:
        yield started.control_url.removesuffix("/_mock")


@pytest.fixture
def root() -> Iterator[str]:
    """Root URL of a server for one test."""
    with MockAjera() as started:
        yield started.control_url.removesuffix("/_mock")


@pytest.fixture(autouse=True)
def no_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test if the server logged an error."""
    yield
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


def do(root: str, verb: str, path: str, body: Any = None) -> Answer:
    """Send JSON to a path of the control surface and return the response."""
    return ask(root, f"/_mock{path}", verb, None if body is None else json.dumps(body).encode())


def is_sound(answer: Answer) -> bool:
    """Return whether a response is a success, or a problem with a detail."""
    if answer.status < 300:
        return True
    return answer.status < 500 and bool(answer.json["detail"]) and b"Traceback" not in answer.body


# arbitrary input


NAMES = st.sampled_from(
    ["default", "nobody", "..", ".", "__proto__", "constructor", "%2e%2e", "a/b", "a\nb", "\x00", "7", "-1", "'", '"']
) | st.text(max_size=8)
NUMBERS = st.integers(-10, 10**25).map(str) | st.sampled_from([str(2**31), str(2**63), str(2**64), "9" * 5000])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["2026-03-09T08:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1d", "-1e9h", "default/x"]
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def members(action: Action) -> list[str]:
    """Return the names of the members of an action's body or query."""
    declared = action.body if action.query is None else action.query
    schema = DOCUMENT["components"]["schemas"].get(getattr(declared, "__name__", ""), {})
    listed = DOCUMENT["paths"][action.path][action.verb.lower()].get("parameters", [])
    return [*schema.get("properties", {}), *(each["name"] for each in listed if each["in"] == "query")]


def small(sent: dict[str, Any]) -> dict[str, Any]:
    """Drop a number of projects: it could keep the server busy for hours."""
    return {name: each for name, each in sent.items() if name != "sample" or not str(each).isdecimal()}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", ACTIONS)
@given(data=st.data())
def test_any_value_in_any_place(shared: str, name: str, data: st.DataObject) -> None:
    """Any names and values in path, query and body succeed or are refused. None causes an internal error."""
    action = ACTIONS[name]
    valid = {"tenant": st.just("default"), "kind": st.sampled_from([*RECORDS])}
    places = {
        place: data.draw((NUMBERS if kind is int else NAMES) | valid.get(place, st.nothing()))
        for place, kind in action.types.items()
        if place in action.path_parameters
    }
    path = action.path.format(**{place: quote(value, safe="") for place, value in places.items()})
    known = st.sampled_from(members(action)) if members(action) else st.nothing()
    sent = small(data.draw(st.dictionaries(known | st.text(max_size=8), VALUES, max_size=4)))
    if action.query is not None:
        path += f"?{urlencode({member: str(value) for member, value in sent.items()})}"
    answer = do(shared, action.verb, path, sent)
    assert is_sound(answer), (answer.status, answer.body)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40), verb=st.sampled_from(["GET", "PUT"])
)
def test_any_path(shared: str, path: str, verb: str) -> None:
    assert is_sound(ask(shared, f"/_mock/{path}".partition("#")[0], verb))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /_mock/version HTTP/9.9\r\n\r\n",
        b"GET /_mock/version HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"GET /_mock/" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /_mock/version HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /_mock/version HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{",
        b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
        b"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1000,
    ],
    ids=lambda line: repr(line[:40]),
)
def test_malformed_request(shared: str, line: bytes) -> None:
    """A truncated request, or one of another protocol, does not stop the server."""
    assert b"Traceback" not in send(shared, line, ended=True)
    assert do(shared, "GET", "/health").status == 200


@pytest.mark.parametrize(
    ("length", "sent", "status", "detail"),
    [
        ("50", b'{"name"', 400, b"the body is incomplete"),
        ("268435457", b"{", 413, b"application/problem+json"),
        ("9" * 30, b"{", 413, b"application/problem+json"),
    ],
    ids=["truncated", "too large", "far too large"],
)
def test_body_that_does_not_fit_its_length(shared: str, length: str, sent: bytes, status: int, detail: bytes) -> None:
    """Content-Length is enough to refuse a body that is too large: it is not read."""
    head = f"POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    answer = send(shared, head.encode() + sent, ended=status == 400)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert detail in answer


# names


def test_invalid_names_are_refused(root: str) -> None:
    """Names appear in URLs, log lines and commands."""
    controls = ("a\n", "a\x1b[2J")
    for name in ("", ".", "..", "a/b", "../x", "A", "a b", *controls, "\u0430", "-a", "_a", "__proto__", "a" * 61):
        for path in ("/tenants", "/tenants/default/fork", "/tenants/default/snapshots"):
            assert do(root, "POST", path, {"name": name}).status == 400
    assert [each["name"] for each in do(root, "GET", "/tenants").json] == ["default"]


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a b", "a%2Fb", "a?b#c", "\u00e9", "constructor", "x" * 2000])
def test_user_of_any_name_is_found(root: str, name: str) -> None:
    """Names of Ajera's users may have characters that are special in a URL."""
    path = f"/tenants/default/users/{quote(name, safe='')}"
    assert do(root, "POST", "/tenants/default/users", {"name": name, "password": "Some_thing7"}).status == 201
    assert do(root, "GET", path).json["name"] == name
    assert do(root, "PATCH", path, {"can_write": False}).json["can_write"] is False
    assert do(root, "DELETE", path).status == 204
    assert do(root, "GET", path).status == 404


@pytest.mark.parametrize("minutes", [10**9, 10**9 + 1, 10**25, "9" * 5000])
def test_no_quirk_makes_a_login_fail(minutes: Any) -> None:
    """A value that would put the end of a session in an invalid year is refused."""
    with MockAjera() as ajera:
        root = ajera.control_url.removesuffix("/_mock")
        done = do(root, "PATCH", "/tenants/default/quirks", {"session_minutes": minutes})
        assert done.status == (200 if minutes == 10**9 else 400)
        do(root, "POST", "/tenants/default/clock/set", {"at": "2079-12-31T00:00:00Z"})
        assert ajera.call("ListCompanies")["Errors"] == []


# concurrency


def at_once(*tasks: Callable[[], Answer]) -> list[Answer]:
    """Send requests at the same time, each from its own thread, and return the responses."""
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], Answer]) -> Answer:
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_two_hundred_at_once(root: str) -> None:
    """Each request gets its own response."""
    tasks = [partial(ask, root, f"/_mock/tenants/default/records/Client?after={key}&limit=1") for key in range(200)]
    for key, answer in enumerate(at_once(*tasks)):
        assert answer.status == 200
        assert all(each["key"] > key for each in answer.json)


def test_name_is_assigned_once(root: str) -> None:
    """Of many simultaneous requests for a name, one succeeds."""
    for verb, path, body, counts in (
        ("POST", "/tenants", {"name": "one"}, {201: 1, 409: 7}),
        ("DELETE", "/tenants/one", None, {204: 1, 404: 7}),
    ):
        answers = at_once(*[partial(do, root, verb, path, body)] * 8)
        assert Counter(answer.status for answer in answers) == counts


def test_tenants_that_come_and_go() -> None:
    """Clients create, fork, import, read and delete tenants at once: responses are valid, and nothing is left."""
    with AjeraServer() as server:
        root = server.url
        for name in ("source", "other"):
            assert do(root, "POST", "/tenants", {"name": name, "sample": "empty"}).status == 201
        requests = (
            ("POST", "/tenants", {"name": "one", "sample": "empty"}),
            ("DELETE", "/tenants/one"),
            ("POST", "/tenants/one/fork", {"name": "two"}),
            ("DELETE", "/tenants/two"),
            ("PUT", "/tenants/one/files", do(root, "GET", "/tenants/source/files").json),
            ("POST", "/tenants/one/reset", {}),
            ("GET", "/tenants/one/files"),
            ("GET", "/tenants"),
            ("POST", "/tenants/one/snapshots", {"name": "kept"}),
            ("POST", "/tenants", {"name": "two", "snapshot": "one/kept"}),
        )
        for _ in range(12):
            for answer in at_once(*(partial(do, root, *request) for request in requests)):
                assert is_sound(answer), answer.body
        for name in ("one", "two"):
            do(root, "DELETE", f"/tenants/{name}")
            again = do(root, "POST", "/tenants", {"name": name, "sample": "empty"})
            assert again.status == 201, again.body
        tenants = do(root, "GET", "/tenants").json
        assert sorted(each["name"] for each in tenants) == ["one", "other", "source", "two"]
        for url in (each[form] for each in tenants for form in ("url", "url_on_premise")):
            path = url.removeprefix(root)
            assert ask(root, path, "POST", b'{"Method": "ListCompanies"}').json["Message"] == "Invalid Session"


def test_incomplete_requests_do_not_block_others(root: str) -> None:
    """Some connections are opened without a request, some break in the middle of one."""
    address = urlsplit(root)
    halves = [
        b"",
        b"GET /_mo",
        b"GET /_mock/tenants HTTP/1.1\r\nHost: localhost\r\n",
        b'POST /_mock/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"na',
    ]
    with ExitStack() as opened:
        for half in halves * 15:
            opened.enter_context(socket.create_connection((address.hostname, address.port))).sendall(half)
        assert do(root, "POST", "/tenants", {"name": "made"}).status == 201
    assert len(do(root, "GET", "/tenants").json) == 2


def test_a_long_action_ends_with_its_caller() -> None:
    """A firm of thousands of projects takes a while; nobody waits for it if the connection is closed."""
    with MockAjera() as ajera:
        before = threading.active_count()
        body = json.dumps({"name": "large", "sample": 2_001}).encode()
        address = urlsplit(ajera.control_url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            head = f"POST /_mock/tenants HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            until(lambda: threading.active_count() > before)
        until(lambda: threading.active_count() <= before)
        assert [each.name for each in ajera._server.tenants] == ["default"]


def until(done: Callable[[], bool]) -> None:
    """Wait until something is true."""
    for _ in range(2000):
        if done():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen in twenty seconds")
