"""The output of ``serve``: lines that programs can read, with reasons and without secrets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from checkout import serving_mock
from raw_http import Answer, ask, post, send

from mock_ajera.sample.templates import sample_path

TOKEN, WRONG_TOKEN = "c0ntrol-token-of-this-test", "wr0ng-token-of-this-test"
BEARER = ("Authorization", f"Bearer {TOKEN}")
PASSWORDS = ("Some_thing7", "Another_thing8", "Wr0ng_password!", "Cut_off_pass9")
FAULT = "a cause that only the log has"
BROKEN = f"""
import mock_ajera.api.endpoint as endpoint
import mock_ajera.control.clock as clock

def broken(*given):
    raise RuntimeError({FAULT!r})

clock.shown_time = broken
load_arguments = endpoint.load_arguments
endpoint.load_arguments = lambda method, *given: (broken if method.name == "ListVendors" else load_arguments)(
    method, *given
)
"""
"""Imported by Python at start-up: an action and a method that raise."""
MANY = 60
GOOD_IDS = ("abc", "7", "a.b:c/d+e=f_g-h", "x" * 100, "8f14e45f-ceea-467f-9d3e-2d1c0b7a5e6f")
BAD_IDS = ("two words", "", "x" * 101, "y" * 5000, "\u00e9".encode().decode("latin-1"), "a,b", "<script>", "a\tb", "'")

NOWHERE = {
    "no id": (None, "ListCompanies", "id"),
    "other id": (None, "ListCompanies", "id"),
    "other path": (None, "POST /\x1b[2J", "path"),
    "GET": ("default", "GET /V000001/AjeraAPI.ashx", "http-method"),
}
"""Tenant, method and rule in the lines of requests that are no calls of a tenant."""


@dataclass
class Session:
    """The responses of a server, and its output."""

    printed: str = ""
    responses: dict[str, Answer] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The output lines as JSON."""
        return [json.loads(line) for line in self.printed.splitlines()]

    def requests(self, **members: Any) -> list[dict[str, Any]]:
        """Return the lines of requests with these members."""
        return [each for each in self.lines if each["event"] == "request" and members.items() <= each.items()]


def use(root: str, url: str) -> Session:
    """Send requests of every kind: logins, lists, refusals, invalid requests, actions, and two internal errors."""
    day = Session(secrets=[TOKEN, WRONG_TOKEN, *PASSWORDS, "pbkdf2"])

    def ajera(name: str, body: dict[str, Any], *headers: tuple[str, str]) -> Answer:
        day.responses[name] = answer = post(url, body, *headers)
        return answer

    def control(name: str, verb: str, path: str, body: Any = None, *headers: tuple[str, str]) -> None:
        data = None if body is None else json.dumps(body).encode()
        day.responses[name] = ask(root, f"/_mock{path}", verb, data, *(headers or (BEARER,)))

    login = {"Method": "CreateAPISession", "Username": "integrator", "APIVersion": 1}
    token = ajera("login", login | {"Password": "Offline_4jera"}).json["Content"]["SessionToken"]
    day.secrets.append(token)
    session = {"SessionToken": token, "MethodArguments": {}}
    ajera("wrong password", login | {"Password": "Wr0ng_password!"})
    ajera("list", session | {"Method": "ListCompanies"})
    ajera("refused", session | {"Method": "ListProjects", "MethodArguments": {"FilterByStatus": ["Actv\u00e9\u2028"]}})
    ajera("unknown", session | {"Method": "List\r\nEverything\x1b[2J"})
    member = {"UpdatedClients": [{"ClientKey": -1, "\x1b[2J\n12:00": 1}], "UnchangedClients": []}
    ajera("member", session | {"Method": "UpdateClients", "MethodArguments": member})
    ajera("no session", session | {"Method": "ListCompanies", "SessionToken": f"{token}x"})
    for name, other in (("no id", url.partition("?")[0]), ("other path", f"{root}/\x1b[2J?x"), ("other id", f"{url}x")):
        day.responses[name] = post(quote(other, safe=":/?=%"), session | {"Method": "ListCompanies"})
    day.responses["GET"] = post(url, b"", verb="GET")
    ajera("fault in a method", session | {"Method": "ListVendors"})
    day.responses["cut off"] = post(url, b'{"Method": "CreateAPISession", "Password": "Cut_off_pass9')
    for number, each in enumerate((*GOOD_IDS, *BAD_IDS)):
        ajera(f"id {number}", session | {"Method": "ListCompanies"}, ("X-Request-Id", each))
    user = {"name": "clerk", "password": "Some_thing7", "authorizing_employee": 1}
    control("add", "POST", "/tenants/default/users", user)
    control("change", "PATCH", "/tenants/default/users/clerk", {"password": "Another_thing8"})
    control("bad user", "POST", "/tenants/default/users", {"name": "x" * 50, "password": "Some_thing7", "cleared": 5})
    control("sessions", "GET", "/tenants/default/sessions")
    control("journal", "GET", "/tenants/default/journal?limit=1000")
    control("export", "GET", "/tenants/default/journal.jsonl")
    control("settings", "GET", "/settings")
    control("not let in", "GET", "/version", None, ("Authorization", f"Bearer {WRONG_TOKEN}"))
    control("fault in an action", "GET", "/tenants/default/clock")
    again = login | {"Username": "clerk", "Password": "Another_thing8"}
    day.secrets.append(ajera("clerk", again).json["Content"]["SessionToken"])
    with ThreadPoolExecutor(MANY) as pool:
        body = session | {"Method": "ListClients", "MethodArguments": {"FilterByStatus": ["?" * 3000]}}
        many = [("X-Request-Id", f"many{number}") for number in range(MANY)]
        for number, answer in enumerate(pool.map(lambda header: post(url, body, header), many)):
            day.responses[f"many {number}"] = answer
    ajera("end", session | {"Method": "EndAPISession"})
    return day


def run_server(folder: Path, *options: str) -> Session:
    """Run a server with two faults, send the requests, and stop it."""
    faults = folder / "faults"
    faults.mkdir()
    (faults / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    with serving_mock(folder, "--control-token", TOKEN, *options, PYTHONPATH=str(faults)) as served:
        day = use(served.root, served.url)
    day.printed = (folder / "served.txt").read_text(encoding="utf-8")
    return day


@pytest.fixture(scope="module")
def json_log(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return run_server(tmp_path_factory.mktemp("json"), "--log-format", "json", "--engine", engine)


@pytest.fixture(scope="module")
def text_log(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return run_server(tmp_path_factory.mktemp("text"), "--log-format", "text", "--engine", engine)


def test_every_line_is_json(json_log: Session) -> None:
    """Each has the real time in UTC and an event, even with many requests at once."""
    for line in json_log.lines:
        assert datetime.fromisoformat(line["time"]).utcoffset().total_seconds() == 0
        assert line["event"] in ("ready", "note", "request", "log", "stopped")
    assert json_log.lines[0]["event"] == "ready"
    assert json_log.printed.isascii()


def test_every_request_is_a_line(json_log: Session) -> None:
    """Each line has the id of its request."""
    wanted = [
        answer.headers["X-Request-Id"] for answer in json_log.responses.values() if answer.headers["X-Request-Id"]
    ]
    assert sorted(each["request_id"] for each in json_log.requests()) == sorted(wanted)
    assert len(set(wanted)) == len(wanted) > MANY


def test_request_ids(json_log: Session) -> None:
    """A valid id is echoed. One with spaces, non-ASCII characters or too many characters is replaced."""
    for number, sent in enumerate((*GOOD_IDS, *BAD_IDS)):
        given = json_log.responses[f"id {number}"].headers["X-Request-Id"]
        assert given == sent if sent in GOOD_IDS else given != sent and len(given) == 16
        assert len(json_log.requests(request_id=given)) == 1


def test_a_folded_request_id_is_replaced(engine: str, tmp_path: Path) -> None:
    """A header with a second line adds no line to the log and no header to the response."""
    with serving_mock(tmp_path, "--engine", engine, "--log-format", "json") as served:
        address = urlsplit(served.url)
        head = f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for folded in (
            b"X-Request-Id: a\r\n X-Evil: b\r\n",
            b"X-Request-Id: a\r\n\tb\r\n",
            b"X-Request-Id: a\nb: c\r\n",
        ):
            answer = send(served.root, head.encode() + folded + b"Content-Length: 2\r\n\r\n{}")
            assert b"Evil" not in answer
            assert b"Traceback" not in answer
    for line in (tmp_path / "served.txt").read_text(encoding="utf-8").splitlines():
        assert "Evil" not in json.dumps(json.loads(line))


def test_a_refusal_has_its_reasons(json_log: Session) -> None:
    """Each reason has path, rule, text and claim."""
    (refused,) = json_log.requests(method="ListProjects")
    assert refused["outcome"] == "refused"
    (reason,) = refused["reasons"]
    assert reason["path"] == "FilterByStatus"
    assert reason["rule"] == "enum"
    assert reason["text"].startswith("'Actv\u00e9\\u2028' is not one of ")
    assert reason["claim"] == "filter.unknown-status-refused"
    for line in json_log.requests(outcome="refused"):
        assert line["reasons"]


def test_a_request_to_no_tenant_is_a_line(json_log: Session, text_log: Session) -> None:
    """It has the reason; a request of another HTTP method belongs to the tenant of its URL."""
    lines = {name: json_log.requests(request_id=json_log.responses[name].headers["X-Request-Id"]) for name in NOWHERE}
    shown = {name: (each["tenant"], each["method"], each["reasons"][0]["rule"]) for name, [each] in lines.items()}
    assert shown == NOWHERE
    assert "there is nothing at /\\x1b[2J; Ajera's API is at /AjeraAPI.ashx?<id>" in text_log.printed
    assert text_log.printed.count("Ajera's API accepts POST only, not GET [http-method; endpoint.only-post]") == 1


def test_the_log_has_durations(json_log: Session) -> None:
    assert all(line["milliseconds"] >= 1 for line in json_log.requests())


def test_an_internal_error_is_only_logged(json_log: Session) -> None:
    """A method answers with a general message, an action with the type of the exception. Nothing else is an error."""
    method, action = json_log.responses["fault in a method"], json_log.responses["fault in an action"]
    assert (method.status, method.json["Message"]) == (200, "An error has occurred.")
    assert (action.status, action.json["detail"]) == (500, "RuntimeError; the log has more")
    logged = [each for each in json_log.lines if each["event"] == "log"]
    assert [each["text"] for each in logged] == ["ListVendors failed", "clock show failed"]
    for line in logged:
        assert line["level"] == "error"
        assert line["traceback"].startswith("Traceback")
        assert FAULT in line["traceback"]
    assert [each["outcome"] for each in json_log.requests(method="ListVendors")] == ["failed"]


def test_no_secret_is_printed(json_log: Session, text_log: Session) -> None:
    """No token, password or hash is printed, except the password of the sample at start-up."""
    for day, printed in ((json_log, json_log.printed), (text_log, text_log.printed.partition("Ctrl-C")[2])):
        assert len(day.secrets) > len(PASSWORDS) + 3
        for secret in (*day.secrets, "Offline_4jera"):
            assert secret not in printed


def test_no_secret_is_answered(json_log: Session) -> None:
    """Only a login returns a token, and no response has details of an internal error."""
    for name, answer in json_log.responses.items():
        secrets = [each for each in json_log.secrets if each in answer.everything]
        assert not secrets or name in ("login", "clerk"), name
        assert FAULT not in answer.everything
        assert "Traceback" not in answer.everything


def test_a_text_line_is_one_line(text_log: Session) -> None:
    """Control characters in requests are escaped."""
    assert "\x1b" not in text_log.printed
    assert "\u2028" not in text_log.printed
    assert "List\\r\\nEverything\\x1b[2J" in text_log.printed
    assert "[0].\\x1b[2J\\n12:00: no such member" in text_log.printed


def test_a_name_from_a_file_is_escaped(tmp_path: Path) -> None:
    """Control characters in names of tenants and users are escaped."""
    firm = copytree(sample_path(), tmp_path / "firms" / "a\x1b[2Jb")
    text = (firm / "firm.json").read_text(encoding="utf-8").replace("Ajera_Main", "Other").replace("101", "102")
    (firm / "firm.json").write_text(text, encoding="utf-8")
    with serving_mock(tmp_path, "--tenants", tmp_path / "firms") as served:
        (other,) = [each for each in ask(served.root, "/_mock/tenants").json if each["name"] != "default"]
        assert post(other["url"], {"Method": "ListCompanies"}).status == 200
    printed = (tmp_path / "served.txt").read_text(encoding="utf-8")
    assert "(a\\x1b[2Jb)" in printed
    assert "  a\\x1b[2Jb: Fennimore Quay" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize("log", ["json", "text"])
def test_an_encoding_without_the_characters_of_a_firm(tmp_path: Path, log: str) -> None:
    """A server starts on a terminal of another encoding."""
    firm = copytree(sample_path(), tmp_path / "firm")
    text = (firm / "firm.json").read_text(encoding="utf-8").replace("Fennimore Quay", "\u0141\u00f3d\u017a")
    (firm / "firm.json").write_text(text, encoding="utf-8")
    with serving_mock(tmp_path, "--sample", firm, "--log-format", log, PYTHONIOENCODING="cp1252"):
        pass
    first = (tmp_path / "served.txt").read_text(encoding="cp1252").splitlines()[0]
    if log == "json":
        assert json.loads(first)["company"].startswith("\u0141\u00f3d\u017a")
    else:
        assert first.startswith("\\u0141\u00f3d\\u017a")
