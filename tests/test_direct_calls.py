"""Calls that an engine answers directly, without Flask: the answers are those of the application, byte by byte."""

import asyncio
import io
import json
import sys
from types import SimpleNamespace

import pytest

from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.app import _Endpoint, create_app, direct, may_wait
from mock_ajera.cors import Cors
from mock_ajera.rsgi import Adapter
from mock_ajera.sample.templates import PASSWORD, USERNAME, new_tenant
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import DatabaseIds, Directory
from mock_ajera.tenants.faults import Rule

LIMIT = 100_000
LOGIN = {"Method": "CreateAPISession", "Username": USERNAME, "Password": PASSWORD, "APIVersion": 1}
LIST = {"Method": "ListCompanies", "MethodArguments": {}}
KNOWN_ID = {"HTTP_X_REQUEST_ID": "trace-7"}
"""The server makes up another id for each request without one."""


class Twin:
    """One of two applications that answer alike."""

    def __init__(self, **settings):
        directory = Directory(seed=b"twin")
        self.tenant = new_tenant("sample", seed=b"twin", clock=Clock())
        self.tenant.clock.freeze("2026-11-29T12:00:00Z")
        directory.add(self.tenant)
        directory.ready.set()
        self.directory = directory
        self.app = create_app(directory, body_limit=LIMIT, **settings)
        self.target = hosted(self.tenant.firm.database)

    def environ(self, body, target="", **more):
        path, _, query = (target or self.target).partition("?")
        return {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/{path}",
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1:8080",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **KNOWN_ID,
            **more,
        }

    def by_flask(self, environ):
        found = []

        def start_response(status, headers, exc_info=None):
            found[:] = [int(status[:3]), headers]

        body = b"".join(self.app(environ, start_response))
        return found[0], sorted(found[1]), body

    def directly(self, environ):
        answer = direct(self.app)(environ, environ["wsgi.input"].read())
        if answer is None:
            return None
        status, headers, body = answer
        return status, sorted(headers), body


def encoded(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def answers(body, target="", *, log_in=False, **more):
    """Return the answers of two twins to one request: Flask's, and the direct one."""
    found = []
    for twin, ask in ((flasks := Twin(), flasks.by_flask), (bare := Twin(), bare.directly)):
        raw = dict(body) if isinstance(body, dict) else body
        if log_in:
            answer = json.loads(ask(twin.environ(encoded(LOGIN)))[2])
            raw["SessionToken"] = answer["Content"]["SessionToken"]
        found.append(
            (ask(twin.environ(encoded(raw), target, **more)), [each.to_dict() for each in twin.tenant.journal])
        )
    (flask_answer, flask_entries), (direct_answer, direct_entries) = found
    for entry in (*flask_entries, *direct_entries):
        del entry["milliseconds"]
    assert direct_entries == flask_entries
    return flask_answer, direct_answer


@pytest.mark.parametrize(
    "body",
    [
        LOGIN,
        LOGIN | {"UseSessionCookie": True},
        LOGIN | {"Password": "wrong"},
        LIST,
        b"",
        b"{",
        b"\xff",
        {"Method": "x"},
    ],
    ids=str,
)
def test_a_request_without_a_session(body):
    by_flask, directly = answers(body)
    assert directly == by_flask


@pytest.mark.parametrize(
    "body",
    [
        {"Method": "ListProjects", "MethodArguments": {"FilterByNameLike": "a", "Page": 1}},
        {"Method": "GetProjects", "MethodArguments": {"RequestedProjects": [1, 2]}},
        {"Method": "UpdateClients", "MethodArguments": {"UpdatedClients": [{"ClientKey": -1}], "UnchangedClients": []}},
        {"Method": "EndAPISession"},
    ],
    ids=lambda body: body["Method"],
)
@pytest.mark.parametrize("more", [{}, {"HTTP_MOCK_AJERA_EXPLAIN": "1"}, {"HTTP_MOCK_AJERA_SETUP": "yes"}], ids=str)
def test_a_request_in_a_session(body, more):
    by_flask, directly = answers(body, log_in=True, **more)
    assert directly == by_flask


@pytest.mark.parametrize(
    "more",
    [
        {"HTTP_COOKIE": "other=1; AjeraAPISession=unknown"},
        {"CONTENT_TYPE": "application/json; charset=utf-16"},
        {"CONTENT_TYPE": ""},
        {"HTTP_HOST": "ajera.test"},
        {"HTTP_HOST": "127.0.0.1:80"},
        {"HTTP_HOST": "[::1]:8080"},
        {"wsgi.url_scheme": "https", "HTTP_HOST": "ajera.test:443"},
    ],
    ids=str,
)
def test_headers_of_the_request(more):
    for body in (LOGIN, LIST):
        by_flask, directly = answers(body, **more)
        assert directly == by_flask


def targets():
    database = Twin().tenant.firm.database
    identifier = hosted(database).partition("?")[2]
    yield on_premise(database)
    for path in ("ajeraapi.ASHX", "some/where/AjeraAPI.ashx"):
        yield f"{path}?{identifier}"
    for query in ("", "?", "?unknown", f"?id={identifier}", f"?{identifier}&token=secret"):
        yield f"AjeraAPI.ashx{query}"


@pytest.mark.parametrize("target", list(targets()))
def test_the_target_of_the_request(target):
    by_flask, directly = answers(LOGIN, target)
    assert directly == by_flask


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("", {"REQUEST_METHOD": "GET"}),
        ("", {"REQUEST_METHOD": "OPTIONS"}),
        ("_mock/version", {}),
        ("elsewhere", {}),
        ("/AjeraAPI.ashx?x", {}),
        ("a//AjeraAPI.ashx?x", {}),
        ("_mock/AjeraAPI.ashx?x", {}),
        ("AjeraAPI.ashx/?x", {}),
        ("", {"HTTP_HOST": "a,b"}),
        ("", {"HTTP_HOST": "user@127.0.0.1"}),
        ("", {"HTTP_HOST": ""}),
    ],
)
def test_an_unusual_request_is_left_to_flask(target, more):
    twin = Twin()
    assert twin.directly(twin.environ(encoded(LOGIN), target, **more)) is None


def test_cors_is_left_to_flask():
    twin = Twin(cors=Cors.of(["*"]))
    assert twin.directly(twin.environ(encoded(LOGIN))) is None


def test_a_server_that_starts_is_left_to_flask():
    twin = Twin()
    twin.directory.ready.clear()
    assert twin.directly(twin.environ(encoded(LOGIN))) is None
    assert twin.by_flask(twin.environ(encoded(LOGIN)))[0] == 503


def test_only_calls_to_a_tenant_with_faults_need_flask():
    """They may wait, and get threads of their own."""
    twin, other = Twin(), new_tenant("sample", seed=b"other")
    twin.directory.admit(other, "other", ids=DatabaseIds())
    target = hosted(other.firm.database)
    fault = twin.tenant.faults.add(Rule(does="http"))
    assert twin.directly(twin.environ(encoded(LIST))) is None
    assert twin.directly(twin.environ(encoded(LIST), target)) is not None
    assert [may_wait(twin.app)(twin.environ(b"", each)) for each in ("", target, "AjeraAPI.ashx?x")] == [
        True,
        False,
        False,
    ]
    twin.tenant.faults.remove(fault)
    assert twin.directly(twin.environ(encoded(LIST))) is not None


def test_a_fault_that_comes_during_a_call_is_delivered(monkeypatch):
    """The call was on its way without Flask."""
    flasks, bare = Twin(), Twin()
    for twin in (flasks, bare):
        twin.tenant.faults.add(Rule(does="http", retry_after=30))
    expected = flasks.by_flask(flasks.environ(encoded(LIST)))
    monkeypatch.setattr(_Endpoint, "may_wait", lambda self, environ: False)
    assert bare.directly(bare.environ(encoded(LIST))) == expected
    assert expected[0] == 503


class Connection:
    """The protocol of an RSGI request: yields a body, and keeps the answer."""

    def __init__(self, *chunks):
        self.chunks = list(chunks)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.chunks:
            raise StopAsyncIteration
        return self.chunks.pop(0)

    def response_bytes(self, *answer):
        self.answer = answer


@pytest.mark.parametrize(
    ("headers", "answered_by"),
    [({"content-length": "4"}, "direct"), ({"transfer-encoding": "chunked"}, "app"), ({"content-length": "9"}, "app")],
    ids=["whole", "chunked", "too large"],
)
def test_the_adapter_asks_for_a_direct_answer_to_a_whole_body(headers, answered_by):
    def app(environ, start_response):
        start_response("200 OK", [("X-By", "app")])
        return [environ["wsgi.input"].read()]

    def direct(environ, body):
        return 200, [("X-By", "direct")], body

    async def answer():
        connection = Connection(b"ab", b"cd")
        scope = SimpleNamespace(
            method="POST", path="/x", query_string="", http_version="1.1", scheme="http", authority=None
        )
        scope.server, scope.client, scope.headers = "127.0.0.1:80", "127.0.0.1:9", headers
        await Adapter(app, direct, lambda _: False, threads=1, read_ahead=8, read_timeout=5)(scope, connection)
        return connection.answer

    status, sent, body = asyncio.run(answer())
    assert (status, body) == (200, b"abcd")
    assert ("x-by", answered_by) in sent
