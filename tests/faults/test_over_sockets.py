"""Every kind of fault over real sockets, with the HTTP clients that integrations use, on both engines."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from http.client import IncompleteRead
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
from checkout import PATIENCE, serving_mock
from client import STAMP, Client, Connection, arguments
from http_clients import CLIENTS, ERRORS, Errors, Seen, Send, timed
from raw_http import post

from contract_tests.kinds import KINDS as RECORDS
from mock_ajera import AjeraServer, MockAjera, codec
from mock_ajera.api.faults.kinds import KINDS
from mock_ajera.sample.templates import PASSWORD, USERNAME

LOGIN = codec.encode({"Method": "CreateAPISession", "Username": USERNAME, "Password": PASSWORD, "APIVersion": 1})
NEW = arguments(RECORDS["Clients"], [{"ClientKey": -1, "Description": "New", "LastModifiedDate": STAMP}], [])
CHANGED, DELETED = 1, 2
"""Keys of the clients that others change and delete."""
WAITING = 20
WAIT = 0.2
SIZE = 40
RATE = 4000
"""Bytes a second: an answer takes about a third of a second."""
PIECE = 0.1
"""Seconds after which the last byte is there in advance."""


# What a client sees


def success(seen: Seen, errors: Errors) -> dict[str, Any]:
    envelope = json.loads(seen.body)
    assert (seen.error, seen.status, seen.content_type) == ("", 200, "application/json")
    assert envelope["Message"] == "Success"
    assert envelope["Errors"] == []
    assert envelope["Content"]["NumberOfClientsUpdated"] == 1
    return dict(envelope)


def late_success(seen: Seen, errors: Errors) -> None:
    success(seen, errors)
    assert seen.seconds >= WAIT


def slow_success(seen: Seen, errors: Errors) -> None:
    success(seen, errors)
    assert seen.seconds >= len(seen.body) / RATE - PIECE


def warning(seen: Seen, errors: Errors) -> None:
    assert success(seen, errors)["Warnings"] == ["This is a warning."]


def empty_success(seen: Seen, errors: Errors) -> None:
    assert json.loads(seen.body)["Errors"] == []
    assert json.loads(seen.body)["Content"] == {"NumberOfClientsUpdated": 0, "Clients": []}


def refusal(text: str) -> Callable[[Seen, Errors], None]:
    def check(seen: Seen, errors: Errors) -> None:
        assert (seen.error, seen.status) == ("", 200)
        assert json.loads(seen.body)["Message"] == text

    return check


def no_json(seen: Seen, errors: Errors) -> None:
    assert (seen.error, seen.status, seen.content_type) == ("", 200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.body)


def other_type(seen: Seen, errors: Errors) -> None:
    assert seen.content_type == "text/html"
    success(seen._replace(content_type="application/json"), errors)


def unavailable(seen: Seen, errors: Errors) -> None:
    assert (seen.error, seen.status, seen.retry_after) == ("", 503, "30")
    assert seen.content_type.startswith("text/html")
    assert b"Scheduled maintenance" in seen.body


def too_many_requests(seen: Seen, errors: Errors) -> None:
    assert (seen.error, seen.status) == ("", 429)
    assert b"429 Too Many Requests" in seen.body


def reset(seen: Seen, errors: Errors) -> None:
    assert seen.error in errors.reset


def cut_off(seen: Seen, errors: Errors) -> None:
    assert seen.error in errors.cut
    assert len(seen.body) == SIZE or not seen.body  # Only curl keeps what has arrived.


def nothing(seen: Seen, errors: Errors) -> None:
    assert seen.error in errors.late
    assert seen.body == b""
    assert seen.seconds >= WAIT


# What each fault does


class Case(NamedTuple):
    """A fault of one call, which creates a client if the rule names no other method."""

    sees: Callable[[Seen, Errors], object]
    changes: list[str]
    """What differs in the books."""
    rule: Mapping[str, Any] = {}
    nth: int = 1
    """The number of the call."""
    patience: float = PATIENCE
    """Seconds that the client waits."""


UNTOUCHED: list[str] = []
DONE = ["clients.json: created"]
CASES = {
    ("delay", "before"): Case(late_success, DONE, {"seconds": WAIT}),
    ("delay", "after"): Case(late_success, DONE, {"seconds": WAIT}),
    ("reset", "before"): Case(reset, UNTOUCHED),
    ("reset", "after"): Case(reset, DONE),
    ("hang", "before"): Case(nothing, UNTOUCHED, patience=WAIT),
    ("hang", "after"): Case(nothing, DONE, patience=WAIT),
    ("truncate", "after"): Case(cut_off, DONE, {"size": SIZE}),
    ("drip", "after"): Case(slow_success, DONE, {"rate": RATE}),
    ("http", "before"): Case(unavailable, UNTOUCHED, {"retry_after": 30, "page": "maintenance"}),
    ("http", "after"): Case(unavailable, DONE, {"retry_after": 30, "page": "maintenance"}),
    ("malformed", "after"): Case(no_json, DONE),
    ("content-type", "after"): Case(other_type, DONE, {"content_type": "text/html"}),
    ("envelope", "after"): Case(warning, DONE, {"change": "warnings"}),
    ("throttle", "before"): Case(too_many_requests, DONE, {"rate": 0.01, "excess": "refuse"}, nth=2),
    ("silent-success", "before"): Case(empty_success, UNTOUCHED),
    # The second time, there is a client of the name.
    ("twice", "before"): Case(refusal("One or more properties contain invalid data"), DONE),
    ("change", "before"): Case(success, ["clients.json: changed", *DONE], {"target": f"Client {CHANGED}"}),
    ("change", "after"): Case(success, ["clients.json: changed", *DONE], {"target": f"Client {CHANGED}"}),
    ("delete", "before"): Case(success, [*DONE, "clients.json: deleted"], {"target": f"Client {DELETED}"}),
    ("delete", "after"): Case(success, [*DONE, "clients.json: deleted"], {"target": f"Client {DELETED}"}),
    ("locked", "before"): Case(refusal("The record is locked by another user."), UNTOUCHED),
    ("closed-period", "before"): Case(refusal("The accounting period is closed."), UNTOUCHED),
    ("expire", "before"): Case(refusal("Invalid Session"), UNTOUCHED),
    ("expire", "after"): Case(success, DONE),
    ("too-many-sessions", "before"): Case(
        refusal("Too many sessions are open."), UNTOUCHED, {"method": "CreateAPISession"}
    ),
    ("withdraw", "before"): Case(refusal("Unauthorized method: UpdateClients"), ["firm.json: changed"]),
    ("withdraw", "after"): Case(success, [*DONE, "firm.json: changed"]),
}
PLACES = [(kind.name, phase) for kind in KINDS.values() for phase in kind.phases]


class Firm:
    """A new empty firm of a server, with two clients and a session."""

    def __init__(self, root: str) -> None:
        self._http = Connection(root)
        made = self.control("POST", "", {"sample": "empty"})
        self.url, self.name = made["url"], made["name"]
        with Client(self.url) as client:
            self.token = client.token
            names = {CHANGED: "To change", DELETED: "To delete"}
            old = [{"ClientKey": -key, "Description": each, "LastModifiedDate": STAMP} for key, each in names.items()]
            client.written(RECORDS["Clients"], old)

    def control(self, verb: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """Send a request to the control surface. It must succeed, or have a status."""
        data = None if body is None else json.dumps(body).encode()
        response = self._http.send(verb, f"/_mock/tenants{path}", data)
        assert response.status == status if status else response.status < 300, response.body
        return response.json

    def add_fault(self, does: str, **rule: Any) -> None:
        self.control("POST", f"/{self.name}/faults", {"does": does, **rule})

    def fired(self) -> int:
        """Return how often the fault has fired."""
        [fault] = self.control("GET", f"/{self.name}/faults")
        return int(fault["fired"])

    def has_handled(self) -> bool:
        """Return whether a call that met a fault is in the journal."""
        return any(entry["faults"] for entry in self.control("GET", f"/{self.name}/journal"))

    def end_faults(self) -> None:
        self.control("DELETE", f"/{self.name}/faults")

    def books(self) -> dict[str, dict[str, Any]]:
        """Return all records, by file and key. The file of the firm has the API users."""
        files = self.control("GET", f"/{self.name}/files")
        rows = {name: [each] if isinstance(each, dict) else each for name, each in files.items()}
        return {name: {next(iter(row.values())): row for row in each} for name, each in rows.items()}

    def call(self, method: str, arguments: Mapping[str, Any] = {}) -> bytes:
        """Return the body of a call."""
        return json.dumps({"Method": method, "SessionToken": self.token, "MethodArguments": arguments}).encode()

    def close(self) -> None:
        self.control("DELETE", f"/{self.name}")
        self._http.close()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def differences(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    """Return what became of records, sorted."""
    found = []
    for file, rows in before.items():
        now = after[file]
        found += [f"{file}: created"] * len(now.keys() - rows.keys())
        found += [f"{file}: deleted"] * len(rows.keys() - now.keys())
        found += [f"{file}: changed" for key in rows.keys() & now.keys() if rows[key] != now[key]]
    return sorted(found)


@pytest.fixture(scope="module")
def root(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of each engine in turn, and return its URL."""
    if engine == "werkzeug":
        with AjeraServer() as server:
            yield server.url
    else:
        folder = tmp_path_factory.mktemp("served")
        with serving_mock(folder, "--engine", engine, "--sample", "empty") as served:
            yield served.root


@pytest.fixture(scope="module")
def open_client() -> Iterator[Callable[[str], Send]]:
    """Return a function that opens a client, once each."""
    with ExitStack() as opened:
        yield cache(lambda name: timed(opened.enter_context(CLIENTS[name]())))


@pytest.fixture
def firm(root: str) -> Iterator[Firm]:
    made = Firm(root)
    yield made
    made.close()


def test_every_fault_has_a_case() -> None:
    owed = set(PLACES) ^ set(CASES)
    assert not owed, f"CASES states what a client sees of each kind of fault in each phase; it differs in {owed}"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("kind", "phase"), PLACES, ids=[f"{kind} {phase}" for kind, phase in PLACES])
def test_a_client_meets_a_fault(
    engine: str, firm: Firm, open_client: Callable[[str], Send], client: str, kind: str, phase: str
) -> None:
    """The client sees it, the books are as its phase says, and the next call is answered."""
    send, errors = open_client(client), ERRORS[client]
    case = CASES[kind, phase]
    rule = {"does": kind, "phase": phase, "nth": case.nth, "method": "UpdateClients", **case.rule}
    if kind == "throttle":
        del rule["nth"]
    if (engine, kind) == ("granian", "reset"):
        refused = firm.control("POST", f"/{firm.name}/faults", rule, status=400)
        assert refused["detail"].startswith("this engine cannot reset a connection; truncate closes it")
        return
    before = firm.books()
    firm.add_fault(**rule)
    body = firm.call("UpdateClients", NEW) if rule["method"] == "UpdateClients" else LOGIN
    for _ in range(case.nth - 1):
        success(send(firm.url, body, PATIENCE), errors)
    case.sees(send(firm.url, body, case.patience), errors)
    wait_until(firm.has_handled)  # A client that is not answered does not know when.
    assert firm.fired() == 1
    assert differences(before, firm.books()) == sorted(case.changes)
    firm.end_faults()
    firm.token = json.loads(send(firm.url, LOGIN, PATIENCE).body)["Content"]["SessionToken"]
    listed = json.loads(send(firm.url, firm.call("ListClients"), PATIENCE).body)["Content"]["Clients"]
    assert len(listed) == len(firm.books()["clients.json"])


def test_calls_that_wait_hold_up_no_other(firm: Firm) -> None:
    """They are more than the threads of an engine, and go on when the fault ends."""
    firm.add_fault("delay", seconds=10 * PATIENCE, method="ListClients")
    body = firm.call("ListClients")
    with ThreadPoolExecutor(WAITING) as pool:
        calls = [pool.submit(post, firm.url, body) for _ in range(WAITING)]
        try:
            wait_until(lambda: firm.fired() == WAITING)
            assert post(firm.url, firm.call("ListCompanies")).json["Message"] == "Success"
            assert not any(call.done() for call in calls)
        finally:
            firm.end_faults()
        assert {call.result().json["Message"] for call in calls} == {"Success"}


def test_a_chunked_call_meets_a_fault(firm: Firm) -> None:
    """Its body is read while it is being answered."""
    firm.add_fault("http", method="ListClients")
    response = requests.post(firm.url, data=iter([firm.call("ListClients")]), timeout=PATIENCE)
    assert response.status_code == 503


def test_an_answer_may_be_cut_off_before_its_body(firm: Firm) -> None:
    """The headers arrive, with the length of the whole body."""
    firm.add_fault("truncate", size=0)
    with pytest.raises(IncompleteRead) as caught:
        post(firm.url, firm.call("ListClients"))
    assert caught.value.partial == b""
    assert caught.value.expected


def test_a_connection_is_reset_within_an_answer() -> None:
    """The client has the beginning before it has the error."""
    with MockAjera() as ajera, ajera.fault("reset", size=SIZE):
        address = urlsplit(ajera.url)
        head = f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(LOGIN)}\r\n\r\n"
        received: list[bytes] = []
        with socket.create_connection((address.hostname, address.port), PATIENCE) as connection:
            connection.sendall(head.encode() + LOGIN)
            with pytest.raises(ConnectionResetError):
                list(map(received.append, iter(lambda: connection.recv(65536), b"")))
        assert len(b"".join(received).partition(b"\r\n\r\n")[2]) == SIZE
