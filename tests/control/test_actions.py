"""The actions of the control surface, over HTTP."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from client import STAMP, Client, Connection
from raw_http import post

from contract_tests.kinds import CLIENTS
from mock_ajera import MockAjera, codec
from mock_ajera.tenants.snapshots import SNAPSHOTS

LogIn = Callable[..., Client]


class Surface(Connection):
    """A client of the control surface."""

    def __call__(self, verb: str, path: str, body: Any = None) -> Any:
        """Return the response to a request that must succeed."""
        response = self.send(verb, f"/_mock{path}", None if body is None else codec.encode(body))
        assert response.status < HTTPStatus.BAD_REQUEST, response.body
        return response.json if response.is_json else response.body.decode()

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, str]:
        """Return the status and the detail of a request that must be refused."""
        response = self.send(verb, f"/_mock{path}", None if body is None else codec.encode(body))
        problem = response.json
        assert (problem["status"], bool(problem["title"])) == (response.status, True)
        return response.status, "; ".join([problem["detail"], *problem.get("reasons", ())])

    def quirks(self, tenant: str = "default") -> dict[str, Any]:
        return {each["name"]: each["value"] for each in self("GET", f"/tenants/{tenant}/quirks")}

    def tenants(self) -> list[str]:
        return [each["name"] for each in self("GET", "/tenants")]


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    """Provide a server for one test: tests reset its default tenant and count its tenants."""
    with MockAjera() as ajera:
        yield ajera


@pytest.fixture
def control(ajera: MockAjera) -> Iterator[Surface]:
    with Surface(ajera.control_url) as control:
        yield control


@pytest.fixture
def log_in(ajera: MockAjera) -> Iterator[LogIn]:
    """Return a function that logs in to a tenant, by default to that of ``ajera``."""
    with ExitStack() as clients:
        yield lambda *login: clients.enter_context(Client(*(login or (ajera.url,))))


@pytest.fixture
def client(log_in: LogIn) -> Client:
    return log_in()


def create(client: Client, name: str) -> int:
    [made] = client.written(CLIENTS, [{"ClientKey": -1, "LastModifiedDate": STAMP, "Description": name}])
    return int(made["ClientKey"])


def names(client: Client) -> list[str]:
    return [each["Description"] for each in client.call("ListClients")["Content"]["Clients"]]


# tenants


def test_tenant_has_the_given_ids(control, client, log_in):
    """Both forms of the tenant's URL work."""
    ids = {"database_name": "Ajera_Mine", "client_id": 77, "database_id": 12}
    made = control("POST", "/tenants", {"name": "mine"} | ids)
    assert ids.items() <= made.items()
    for url in (made["url"], made["url_on_premise"]):
        create(log_in(url), f"By {url[-9:]}")
    assert made["url"].partition("/V")[2].startswith("000077/")
    assert len(names(log_in(made["url"]))) == len(names(client)) + 2


def test_samples(control, log_in):
    """A tenant can be empty or have generated projects. The same seed gives the same firm."""
    assert names(log_in(control("POST", "/tenants", {"sample": "empty"})["url"])) == []
    one, twin, other = (
        control("POST", "/tenants", {"sample": 80, "seed": seed, "freeze": "2026-03-09T12:00:00Z"})
        for seed in ("a", "a", "b")
    )
    files = [control("GET", f"/tenants/{each['name']}/files")["projects.json"] for each in (one, twin, other)]
    assert len(files[0]) == 80
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"sample": "empyt"}, "there is no sample 'empyt'; did you mean empty?"),
        ({"sample": "nowhere"}, "there is no sample 'nowhere'; the samples are sample, empty, a number of projects"),
        *(({"sample": name}, f"there is no sample '{name}'") for name in ("/etc", "../..", "fixtures/sample", ".", "")),
        ({"sample": 0}, "a firm has at least one project"),
        ({"sample": 1_000_000_000}, "a running server generates at most 10000 projects, not 1000000000"),
        ({"sample": "\u0663"}, "there is no sample '\u0663'"),
        ({"snapshot": "default/none"}, "the tenant default has no snapshot 'none'"),
        ({"snapshot": "none"}, "must be TENANT/SNAPSHOT"),
        ({"files": {}}, "firm.json"),
        ({"files": {"firm.json": {}, "../firm.json": []}}, "firm.json"),
        ({"files": {"firm.json": {}, "projects.json": []}, "sample": "empty"}, "give one"),
        ({"quirks": {"sesion_minutes": 5}}, "there is no quirk 'sesion_minutes'"),
        ({"freeze": "2026-03-09T12:00:00"}, "freeze"),
        ({"freeze": "9999-12-31T23:59:59-14:00"}, "1900 to 2079"),
        ({"name": "Not A Name"}, "name"),
        ({"nam": "x"}, "there is no member `nam`; did you mean name?"),
        ([], "a JSON object is expected"),
    ],
)
def test_invalid_new_tenant_is_refused(control, body, message):
    """The message gives the reason, and no tenant is created."""
    status, detail = control.refused("POST", "/tenants", body)
    assert status in (400, 404)
    assert message in detail
    assert control.tenants() == ["default"]


def test_new_tenant_has_its_quirks_and_its_time(control):
    """Quirks override the profile."""
    body = {"profile": "documented", "quirks": {"session_minutes": 5}, "freeze": "2026-03-09T12:00:00Z", "name": "t"}
    made = control("POST", "/tenants", body)
    assert {"success_code": "docs", "session_minutes": 5}.items() <= control.quirks("t").items()
    assert (made["now"], made["frozen"]) == ("2026-03-09T12:00:00.000Z", True)


def test_delete(control, log_in):
    """The URL of a deleted tenant stops working. The default tenant cannot be deleted."""
    own = log_in(control("POST", "/tenants", {"name": "mine"})["url"])
    assert control("DELETE", "/tenants/mine") == ""
    assert "could not be found" in own.call("ListCompanies")["Message"]
    assert control.refused("DELETE", "/tenants/mine") == (404, "there is no tenant 'mine'; the tenants are default")
    assert control.refused("DELETE", "/tenants/default")[0] == 409


def test_reset_restores_the_default_tenant(control, client):
    """The URL and tokens stay valid, and new records get the same keys again."""
    before = control("GET", "/tenants/default/files")
    key = create(client, "First")
    control("PATCH", "/tenants/default/quirks", {"session_minutes": 5})
    control("PATCH", "/tenants/default/users/reader", {"can_read": False})
    control("POST", "/tenants/default/reset", {})
    assert control("GET", "/tenants/default/files") == before
    assert control("GET", "/tenants/default/journal") == []
    assert create(client, "Second") == key


def test_added_users_survive_a_reset(control, log_in, ajera):
    """Added users and their sessions are kept, unless the reset drops sessions."""
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9"})
    own, integrator = log_in(ajera.url, "clerk", "Quiet_Mill9"), log_in()
    control("POST", "/tenants/default/reset", {})
    assert own.call("ListCompanies")["Errors"] == []
    assert log_in(ajera.url, "clerk", "Quiet_Mill9").token
    control("POST", "/tenants/default/reset", {"sessions": "drop"})
    assert log_in(ajera.url, "clerk", "Quiet_Mill9").token is None
    assert integrator.call("ListCompanies")["Message"] == "Invalid Session"
    assert control("GET", "/tenants/default/sessions") == []


def test_fork(control, client, log_in):
    """The copy has the records, users and quirks, but no sessions. Later changes to one do not affect the other."""
    create(client, "Before")
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9"})
    control("PATCH", "/tenants/default/quirks", {"session_minutes": 5})
    made = control("POST", "/tenants/default/fork", {"name": "copy"})
    assert made["sessions"] == 0
    assert control.quirks("copy")["session_minutes"] == 5
    twin = log_in(made["url"], "clerk", "Quiet_Mill9")
    assert create(twin, "In the copy") == create(client, "In the original")
    assert "In the copy" not in names(client)
    control("POST", "/tenants/copy/reset", {})
    assert "Before" in names(twin)
    assert "In the copy" not in names(twin)


def test_export_and_import(control, client, log_in):
    """Exported files can be imported into another tenant, which keeps its ids."""
    key = create(client, "Taken out")
    files = control("GET", "/tenants/default/files")
    made = control("POST", "/tenants", {"name": "other", "sample": "empty"})
    own = log_in(made["url"])
    assert control("PUT", "/tenants/other/files", files)["database_id"] == made["database_id"]
    taken = control("GET", "/tenants/other/files")
    assert taken | {"firm.json": files["firm.json"]} == files
    assert create(own, "Next") == key + 1
    assert "Taken out" in names(log_in(control("POST", "/tenants", {"files": files})["url"]))


def test_invalid_files_are_refused(control):
    """The message names the place of the error, and the tenant is unchanged."""
    before = control("GET", "/tenants/default/files")
    broken = before | {"companies.json": [{"CompanyKey": "one"}]}
    status, message = control.refused("PUT", "/tenants/default/files", broken)
    assert status == 400
    assert "companies.json: record 1" in message
    assert control("GET", "/tenants/default/files") == before


# snapshots


def test_snapshots(control, client, log_in):
    """A snapshot can be taken, listed, restored, used for a new tenant, and deleted."""
    control("POST", "/tenants/default/snapshots", {"name": "before"})
    create(client, "Later")
    control("POST", "/tenants/default/snapshots", {"name": "after"})
    assert [each["name"] for each in control("GET", "/tenants/default/snapshots")] == ["before", "after"]
    control("POST", "/tenants/default/restore", {"snapshot": "before"})
    assert "Later" not in names(client)
    assert "Later" in names(log_in(control("POST", "/tenants", {"snapshot": "default/after"})["url"]))
    control("DELETE", "/tenants/default/snapshots/before")
    assert control.refused("POST", "/tenants/default/restore", {"snapshot": "before"}) == (
        404,
        "the tenant default has no snapshot 'before'; its snapshots are after",
    )


def test_number_of_snapshots_is_limited(control, ajera):
    """A snapshot with a new name is refused; an existing one can be replaced."""
    for number in range(SNAPSHOTS):
        ajera.snapshot(f"n{number}")
    assert control.refused("POST", "/tenants/default/snapshots", {"name": "more"})[0] == 409
    control("POST", "/tenants/default/snapshots", {"name": "n0"})


# users, sessions, clock, quirks


def test_changed_permissions_apply_at_once(control, ajera, log_in):
    """They apply to open sessions too. Members that are not sent are unchanged."""
    user = {"name": "clerk", "authorizing_employee": 2}
    control("POST", "/tenants/default/users", user | {"password": "Quiet_Mill9"})
    own = log_in(ajera.url, "clerk", "Quiet_Mill9")
    assert own.call("ListClients")["Errors"] == []
    changed = control("PATCH", "/tenants/default/users/clerk", {"cleared": ["ListClients"]})
    assert changed == user | {"can_read": True, "can_write": True, "cleared": ["ListClients"]}
    assert own.call("ListClients")["Message"] == "Unauthorized method: ListClients"
    control("PATCH", "/tenants/default/users/clerk", {"password": "Other_Mill9", "authorizing_employee": None})
    assert log_in(ajera.url, "clerk", "Other_Mill9").call("ListCompanies")["Errors"] == []
    assert log_in(ajera.url, "clerk", "Quiet_Mill9").token is None
    control("DELETE", "/tenants/default/users/clerk")
    assert own.call("ListCompanies")["Message"] == "Invalid Session"


def test_sessions(control, client, ajera, log_in):
    """Sessions are listed without tokens and can be expired by user or by id."""
    reader = log_in(ajera.url, "reader", "Reading_4jera")
    listed = control("GET", "/tenants/default/sessions")
    assert [(each["user"], each["expired"]) for each in listed] == [("integrator", False), ("reader", False)]
    assert client.token not in str(listed)
    assert control("POST", "/tenants/default/sessions/expire", {"user": "reader"}) == {"expired": 1}
    assert reader.call("ListCompanies")["Message"] == "Invalid Session"
    assert client.call("ListCompanies")["Errors"] == []
    assert control("POST", "/tenants/default/sessions/expire", {"id": listed[0]["id"]}) == {"expired": 1}
    assert client.call("ListCompanies")["Message"] == "Invalid Session"
    for unknown in ({"user": "nobody"}, {"id": "none"}):
        assert control.refused("POST", "/tenants/default/sessions/expire", unknown)[0] == 404


def test_clock(control, client):
    """The clock can be frozen, moved, set and reset, and session expiry follows it."""
    frozen = control("POST", "/tenants/default/clock/freeze", {"at": "2026-03-09T08:00:00-04:00"})
    assert frozen == {"now": "2026-03-09T12:00:00.000Z", "frozen": True, "setting": "frozen 1773057600000"}
    advanced = control("POST", "/tenants/default/clock/advance", {"by": "1d2h30m0.5s"})
    assert advanced["now"] == "2026-03-10T14:30:00.500Z"
    assert control("POST", "/tenants/default/clock/advance", {"by": "-1d"})["now"] == "2026-03-09T14:30:00.500Z"
    assert client.call("ListCompanies")["Errors"] == []  # the clock was moved back, not forward
    assert not control("POST", "/tenants/default/clock/set", {"at": "2026-03-09T12:00:00Z"})["frozen"]
    assert control("POST", "/tenants/default/clock/reset")["setting"] == "real"
    control("POST", "/tenants/default/clock/advance", {"by": "1h"})
    assert client.call("ListCompanies")["Message"] == "Invalid Session"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *(("advance", {"by": by}) for by in ("soon", "", "-", "1.2.3h", "9999999d", "9" * 400 + "d")),
        ("advance", {}),
        ("set", {"at": "2026-03-09T12:00:00"}),
        ("set", {"at": "1800-01-01T00:00:00Z"}),
        ("freeze", {"at": "0001-01-01T00:00:00+14:00"}),
        ("freeze", {"at": "noon"}),
    ],
)
def test_invalid_time_is_refused(control, path, body):
    """The clock is unchanged."""
    assert control.refused("POST", f"/tenants/default/clock/{path}", body)[0] == 400
    assert control("GET", "/tenants/default/clock")["setting"] == "real"


def test_quirks(control, client):
    """Quirks can be listed, set one by one (all or none), and set from a profile."""
    listed = control("GET", "/tenants/default/quirks")
    assert {"name", "value", "choices", "observed", "documented", "says", "claim"} == {*listed[0]}
    wrong = {"success_code": "zero", "session_minutes": "many"}
    assert control.refused("PATCH", "/tenants/default/quirks", wrong)[0] == 400
    assert client.call("ListCompanies")["ResponseCode"] == 200
    control("PATCH", "/tenants/default/quirks", {"success-code": "zero"})
    assert client.call("ListCompanies")["ResponseCode"] == 0
    control("PUT", "/tenants/default/quirks/profile", {"profile": "documented"})
    assert control.quirks() == {each["name"]: each["documented"] for each in listed}


# records


def test_records(control, client):
    """Records can be counted, paged, shown, written and deleted directly."""
    kinds = {each["kind"]: each["records"] for each in control("GET", "/tenants/default/records")}
    assert kinds["Company"] == len(client.call("ListCompanies")["Content"]["Companies"])
    page = control("GET", "/tenants/default/records/Client?limit=2&after=1")
    assert [each["key"] for each in page] == [2, 3]
    put = control("PUT", "/tenants/default/records/Company", {"CompanyKey": 900, "Description": "Put"})
    assert (put["key"], put["version"], put["record"]["Description"]) == (900, 1, "Put")
    assert "Put" in str(client.call("ListCompanies"))
    control("DELETE", "/tenants/default/records/Company/900")
    assert control.refused("GET", "/tenants/default/records/Company/900") == (404, "there is no Company 900")
    assert "Put" not in str(client.call("ListCompanies"))


def test_shown_record_can_be_put_back(control):
    """A record of any kind is unchanged after it is put back."""
    for kind in control("GET", "/tenants/default/records"):
        for shown in control("GET", f"/tenants/default/records/{kind['kind']}?limit=3"):
            put = control("PUT", f"/tenants/default/records/{kind['kind']}", shown["record"])
            assert (put["record"], put["stamp"]) == (shown["record"], shown["stamp"])


UNTYPED = {"ClientKey": 900, "Description": "x", "ClientTypeKey": 987}


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "message"),
    [
        ("PUT", "Compani", {}, 404, "there is no kind 'Compani'"),
        ("PUT", "Company", {"CompanyKey": 900, "Descripton": "x"}, 400, "Descripton"),
        ("PUT", "Client", UNTYPED, 400, "there is no ClientType 987"),
        ("DELETE", "Company/1", None, 409, "refers to Company 1"),
        ("DELETE", "Project/1", None, 409, "refers to Project 1"),
        ("DELETE", "Client/987654", None, 404, "there is no Client 987654"),
        ("GET", "Client?limit=0", None, 400, "limit"),
        ("GET", "Client?lmit=5", None, 400, "lmit"),
        ("GET", "Client?limit=5&limit=6", None, 400, "repeated"),
    ],
)
def test_invalid_record_request_is_refused(control, verb, path, body, status, message):
    """No record is changed."""
    before = control("GET", "/tenants/default/files")
    refusal = control.refused(verb, f"/tenants/default/records/{path}", body)
    assert refusal[0] == status
    assert message in refusal[1]
    assert control("GET", "/tenants/default/files") == before


# the journal


def test_journal_filters(control, client):
    """The journal can be filtered by method, outcome, record, user, claim, number and time, and has no secrets."""
    client.call("GetProjects", {"RequestedProjects": [1, 2]})
    client.call("ListProjects", {"FilterByStatus": ["Actve"]})
    key = create(client, "Noted")

    def methods(query: str) -> list[str]:
        return [each["method"] for each in control("GET", f"/tenants/default/journal?{query}")]

    assert methods("") == ["CreateAPISession", "GetProjects", "ListProjects", "UpdateClients"]
    assert methods("outcome=refused") == ["ListProjects"]
    assert methods("record=Project/2") == ["GetProjects"]
    assert methods(f"record=Client/{key}") == ["UpdateClients"]
    assert methods("method=GetProjects&user=integrator") == ["GetProjects"]
    assert methods("claim=filter.unknown-status-refused") == ["ListProjects"]
    assert methods("after=3") == ["UpdateClients"]
    assert methods("limit=1") == ["UpdateClients"]
    assert methods("since=2999-01-01T00:00:00Z") == []
    assert methods("until=2999-01-01T00:00:00Z") == methods("")
    for record in ("Client", "Client/x", f"Client/{'9' * 5000}"):
        assert control.refused("GET", f"/tenants/default/journal?record={record}")[0] == 400
    for path in ("journal", "journal.jsonl"):
        printed = control.send("GET", f"/_mock/tenants/default/{path}").body.decode()
        assert client.token not in printed
        assert "Offline_4jera" not in printed
    entry = control("GET", "/tenants/default/journal/3")
    assert entry["reasons"][0]["claim"] == "filter.unknown-status-refused"
    assert '"FilterByStatus":["Actve"]' in entry["curl"]
    control("DELETE", "/tenants/default/journal")
    assert methods("") == []
    assert control.refused("GET", "/tenants/default/journal/3")[0] == 404


PASSWORD = 'A "quoted" \\ & 1t\'s $HOME `x`'


@pytest.mark.parametrize("session", [{}, {"UseSessionCookie": True}], ids=["token", "cookie"])
@pytest.mark.parametrize("version", [1, 2])
def test_curl_line_repeats_the_request(control, ajera, tmp_path, version, session):
    """It logs in with the password of the environment, as the same user in the same version of the API."""
    control("PATCH", "/tenants/default/users/reader", {"password": PASSWORD})
    login = {"Method": "CreateAPISession", "Username": "reader", "Password": PASSWORD, "APIVersion": version}
    opened = post(ajera.url, login | session)
    call = {"Method": "ListProjects", "MethodArguments": {"FilterByDescriptionLike": 'it\'s "$HOME" & `x`'}}
    if session:
        first = post(ajera.url, call, ("Cookie", opened.headers["Set-Cookie"].partition(";")[0]))
    else:
        first = post(ajera.url, call | {"SessionToken": opened.json["Content"]["SessionToken"]})
    assert first.json["Content"] == {"Projects": []}
    for number in (1, 2):
        line = control("GET", f"/tenants/default/journal/{number}")["curl"]
        environment = os.environ | {"AJERA_API_PASSWORD": PASSWORD}
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, cwd=tmp_path, env=environment)
        assert codec.decode(done.stdout)["Errors"] == []
    log = control("GET", "/tenants/default/journal")
    assert [(each["method"], each["user"], each["version"]) for each in log] == [
        ("CreateAPISession", "reader", version),
        ("ListProjects", "reader", version),
    ] + [("CreateAPISession", "reader", version)] * 2 + [("ListProjects", "reader", version)]


@pytest.mark.parametrize("method", ["CreateAPISession", "ListCompanies"])
def test_curl_line_without_the_password_says_what_to_set(control, ajera, client, method):
    """It sends nothing: an empty password would be refused, and then the call for want of a session."""
    client.call("ListCompanies")
    line = next(each["curl"] for each in control("GET", "/tenants/default/journal") if each["method"] == method)
    before = len(ajera.tenant.journal)
    environment = {name: value for name, value in os.environ.items() if name != "AJERA_API_PASSWORD"}
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, env=environment, text=True)
    assert done.returncode != 0
    assert "AJERA_API_PASSWORD: set it to the password of the API user" in done.stderr
    assert len(ajera.tenant.journal) == before


def test_curl_line_of_a_refused_request_is_refused_again(control, client, ajera, tmp_path):
    """A request without a session, one that is no POST, and one without an id."""
    post(ajera.url, {"Method": "ListClients", "SessionToken": "unknown"})
    post(ajera.url, b"", verb="GET")
    post(ajera.url.partition("?")[0], {"Method": "ListClients"})
    lines = [each["curl"] for each in control("GET", "/tenants/default/journal?outcome=refused")]
    for line in lines:
        subprocess.run(["sh", "-c", line], capture_output=True, check=True, cwd=tmp_path)
    refused = [(each["method"], each["message"]) for each in control("GET", "/tenants/default/journal?outcome=refused")]
    assert len(lines) == 3
    assert refused[3:] == refused[:3]


def test_curl_line_quotes_the_method_of_a_request(control, ajera):
    """HTTP allows characters of a shell in a method."""
    post(ajera.url, b"", verb="`ID`|X&$HOME")
    (entry,) = control("GET", "/tenants/default/journal?outcome=refused")
    words = subprocess.check_output(["sh", "-c", f"curl() {{ printf '%s\\n' \"$@\"; }}; {entry['curl']}"], text=True)
    assert words.splitlines() == ["-s", "-X", "`ID`|X&$HOME", ajera.url]


def test_journal_has_request_answer_and_duration(control, client):
    """Neither contains the token."""
    client.call("ListCompanies")
    login, listed = control("GET", "/tenants/default/journal")
    assert codec.decode(login["answer"].encode())["Content"]["SessionToken"] == "<SessionToken>"
    assert codec.decode(listed["answer"].encode())["Content"]["Companies"]
    assert codec.decode(listed["request"].encode())["SessionToken"] == "<SessionToken>"
    assert all(1 <= each["milliseconds"] < 60_000 for each in (login, listed))


@pytest.mark.parametrize(
    ("verb", "path", "query", "shown"),
    [
        ("POST", "/AjeraAPI.ashx", "", ("ListClients", "The database could not be found.", "id")),
        ("POST", "/AjeraAPI.ashx", "e30", ("ListClients", "The database could not be found.", "id")),
        ("GET", "/AjeraAPI.ashx", "", ("GET /AjeraAPI.ashx", "405 Method Not Allowed", "http-method")),
        ("POST", "/api", "", ("POST /api", "404 Not Found", "path")),
        ("POST", "/", "", ("POST /", "405 Method Not Allowed", "path")),
    ],
)
def test_refused_request_to_no_tenant_is_in_the_journal_of_the_server(control, ajera, verb, path, query, shown):
    """The only tenant has it too; of several tenants, none has it."""

    def ask_there():
        root = ajera.control_url.removesuffix("/_mock")
        return post(f"{root}{path}?{query}", {"Method": "ListClients", "SessionToken": "s3cret"}, verb=verb)

    assert shown[2] in ask_there().headers["Mock-Ajera-Why"]
    (entry,) = control("GET", "/journal")
    (same,) = control("GET", "/tenants/default/journal")
    for each in (entry, same):
        assert (each["method"], each["message"], each["reasons"][0]["rule"]) == shown
        assert "s3cret" not in str(each)
    control("POST", "/tenants", {"name": "second", "sample": "empty"})
    ask_there()
    assert len(control("GET", "/journal?outcome=refused")) == 2
    assert len(control("GET", "/tenants/default/journal")) == 1
    assert control("GET", "/tenants/second/journal") == []


def test_what_a_browser_asks_for_is_in_no_journal(control, ajera):
    """The icon of a page is no mistake of a client; another path is."""
    root = ajera.control_url.removesuffix("/_mock")
    for path, entries in (("/favicon.ico", 0), ("/favicon.png", 1)):
        assert post(f"{root}{path}", b"", verb="GET").status == 404
        assert len(control("GET", "/journal")) == len(control("GET", "/tenants/default/journal")) == entries


def test_request_that_http_refuses_is_in_the_journal_of_the_tenant_in_its_url(control, ajera):
    """The server's own journal does not have it, and no claim is counted."""
    post(ajera.url, b"", verb="PUT")
    (entry,) = control("GET", "/tenants/default/journal")
    assert entry["method"] == "PUT /V000001/AjeraAPI.ashx"
    assert control("GET", "/journal") == []
    assert control("GET", "/reliance") == []


def test_reliance_covers_all_tenants(control, client, log_in):
    """It includes deleted tenants, and only inferred claims by default."""
    for each in (client, log_in(control("POST", "/tenants", {"name": "gone"})["url"])):
        each.call("ListClients", {"FilterByNameLike": "a"})
    control("DELETE", "/tenants/gone")
    control("POST", "/tenants/default/reset", {})
    inferred = {each["claim"]: each for each in control("GET", "/reliance")}
    assert inferred["filter.like-case-insensitive"]["answers"] == 2
    assert inferred["filter.like-case-insensitive"]["methods"] == {"ListClients": 2}
    assert {each["grade"] for each in inferred.values()} == {"inferred"}
    assert {"documented", "inferred"} <= {each["grade"] for each in control("GET", "/reliance?grade=all")}


# the server


def test_server_and_claims(control):
    """Health, readiness, version, methods and claims are shown."""
    assert control("GET", "/health") == {"status": "ready", "tenants": 1}
    assert control("GET", "/ready")["status"] == "ready"
    assert {"version", "python", "data_schema"} == {*control("GET", "/version")}
    methods = {each["name"]: each["arguments"] for each in control("GET", "/methods")}
    assert methods["ListProjects"]["FilterByStatus"] == (
        "list, each item: one of Preliminary, Active, Hold, WorkHold, BillingHold, Closed, Marketing, in any case"
    )
    rows = dict.fromkeys(("UpdatedClients", "UnchangedClients"), "list of objects")
    updating = {**rows, "UseSingleTransaction": "true or false"}
    assert methods["UpdateClients"] == updating
    assert control("GET", "/claims/write.stale-stamp")["grade"] == "inferred"
    assert control.refused("GET", "/claims/none.such")[0] == 404
    themes = {each["id"].partition(".")[0] for each in control("GET", "/claims?theme=session&grade=observed")}
    assert themes == {"session"}


def test_ajera_is_unavailable_while_firms_are_loaded(control, ajera):
    """Health answers; readiness and Ajera respond with 503."""
    ready = ajera._server.tenants.ready
    ready.clear()
    assert control("GET", "/health")["status"] == "starting"
    assert control.refused("GET", "/ready")[0] == 503
    address = urlsplit(ajera.url)
    assert control.send("POST", f"{address.path}?{address.query}", b"{}").status == 503
    ready.set()
    assert ajera.call("ListCompanies")["Errors"] == []
