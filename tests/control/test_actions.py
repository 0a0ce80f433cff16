"""The actions of the control surface, over HTTP."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest

from mock_ajera import MockAjera, codec
from mock_ajera.control.register import ACTIONS
from mock_ajera.tenants.snapshots import SNAPSHOTS

NEW = {"ClientKey": -1, "LastModifiedDate": "2017-12-06 14:46:06.873 GMT-08:00"}


class Surface:
    """A client of the control surface."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, verb: str, path: str, body: Any = None) -> Any:
        """Return the response to a request that must succeed."""
        status, answer = self.ask(verb, path, body)
        assert status < 300, answer
        return answer

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, str]:
        """Return the status and the detail of a request that must be refused."""
        status, answer = self.ask(verb, path, body)
        assert status >= 400, answer
        assert (answer["status"], bool(answer["title"])) == (status, True)
        return status, "; ".join([answer["detail"], *answer.get("reasons", ())])

    def ask(self, verb: str, path: str, body: Any) -> tuple[int, Any]:
        data = None if body is None else codec.encode(body)
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=verb)
        try:
            with urllib.request.urlopen(request) as response:
                raw = response.read()
                kind = response.headers.get_content_type()
                return response.status, codec.decode(raw) if kind == "application/json" else raw.decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, codec.decode(error.read())


class Client:
    """A client of the API with one session."""

    def __init__(self, url: str, username: str = "integrator", password: str = "Offline_4jera") -> None:
        self.url = url
        login = {"Method": "CreateAPISession", "Username": username, "Password": password, "APIVersion": 1}
        self.token = self.post(login)["Content"].get("SessionToken")

    def post(self, body: Any) -> Any:
        with urllib.request.urlopen(self.url, codec.encode(body)) as response:
            return codec.decode(response.read())

    def call(self, method: str, arguments: Any = None) -> Any:
        return self.post({"Method": method, "SessionToken": self.token, "MethodArguments": arguments or {}})

    def create(self, name: str) -> int:
        update = {"UpdatedClients": [NEW | {"Description": name}], "UnchangedClients": []}
        answer = self.call("UpdateClients", update)
        assert answer["Errors"] == []
        return answer["Content"]["Clients"][0]["ClientKey"]

    def names(self) -> list[str]:
        return [each["Description"] for each in self.call("ListClients")["Content"]["Clients"]]


@pytest.fixture
def ajera():
    """A server for one test: tests reset its default tenant and count its tenants."""
    with MockAjera() as ajera:
        yield ajera


@pytest.fixture
def control(ajera):
    return Surface(ajera.control_url)


@pytest.fixture
def client(ajera):
    return Client(ajera.url)


# tenants


def test_tenant_has_the_given_ids(control, client):
    """Both forms of the tenant's URL work."""
    made = control(
        "POST", "/tenants", {"name": "mine", "database_name": "Ajera_Mine", "client_id": 77, "database_id": 12}
    )
    assert (made["database_name"], made["client_id"], made["database_id"]) == ("Ajera_Mine", 77, 12)
    for url in (made["url"], made["url_on_premise"]):
        Client(url).create(f"By {url[-9:]}")
    assert made["url"].partition("/V")[2].startswith("000077/")
    assert len(Client(made["url"]).names()) == len(client.names()) + 2


def test_ids_in_use_are_refused(control):
    """The message names the tenant that has the ids, and no tenant is created."""
    control("POST", "/tenants", {"name": "mine", "client_id": 77, "database_id": 12})
    for taken, message in (
        ({"name": "mine"}, "there is a tenant mine already"),
        ({"name": "default"}, "there is a tenant default already"),
        ({"database_name": "Ajera_Main"}, "the tenant default has the database Ajera_Main"),
        ({"client_id": 77, "database_id": 12}, "the tenant mine has the database ClientID 77, DatabaseID 12"),
    ):
        assert control.refused("POST", "/tenants", taken) == (409, message)
    assert [each["name"] for each in control("GET", "/tenants")] == ["default", "mine"]


def test_samples(control):
    """A tenant can be empty or have generated projects. The same seed gives the same firm."""
    empty = control("POST", "/tenants", {"sample": "empty"})
    assert Client(empty["url"]).names() == []
    one, twin, other = (
        control("POST", "/tenants", {"sample": 80, "seed": seed, "freeze": "2026-03-09T12:00:00Z"})
        for seed in ("a", "a", "b")
    )
    files = [control("GET", f"/tenants/{each['name']}/files") for each in (one, twin, other)]
    assert len(files[0]["projects.json"]) == 80
    assert files[0]["projects.json"] == files[1]["projects.json"] != files[2]["projects.json"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"sample": "nowhere"}, "there is no sample 'nowhere'; the samples are sample, empty, a number of projects"),
        ({"sample": "/etc"}, "there is no sample '/etc'"),
        ({"sample": 0}, "a firm has at least one project"),
        ({"snapshot": "default/none"}, "the tenant default has no snapshot 'none'"),
        ({"snapshot": "none"}, "must be TENANT/SNAPSHOT"),
        ({"files": {}}, "firm.json"),
        ({"files": {"firm.json": {}, "projects.json": []}, "sample": "empty"}, "give one"),
        ({"quirks": {"sesion_minutes": 5}}, "there is no quirk 'sesion_minutes'"),
        ({"freeze": "2026-03-09T12:00:00"}, "freeze"),
        ({"name": "Not A Name"}, "name"),
        ({"nam": "x"}, "unknown field `nam`"),
        ([], "a JSON object is expected"),
    ],
)
def test_invalid_new_tenant_is_refused(control, body, message):
    """The message gives the reason, and no tenant is created."""
    status, detail = control.refused("POST", "/tenants", body)
    assert status in (400, 404)
    assert message in detail
    assert len(control("GET", "/tenants")) == 1


def test_new_tenant_has_its_quirks_and_its_time(control):
    """Quirks override the profile."""
    body = {"profile": "documented", "quirks": {"session_minutes": 5}, "freeze": "2026-03-09T12:00:00Z", "name": "t"}
    made = control("POST", "/tenants", body)
    quirks = {each["name"]: each["value"] for each in control("GET", "/tenants/t/quirks")}
    assert (quirks["success_code"], quirks["session_minutes"]) == ("docs", 5)
    assert (made["now"], made["frozen"]) == ("2026-03-09T12:00:00.000Z", True)


def test_delete(control):
    """The URL of a deleted tenant stops working. The default tenant cannot be deleted."""
    made = control("POST", "/tenants", {"name": "mine"})
    own = Client(made["url"])
    assert control("DELETE", "/tenants/mine") == ""
    assert "could not be found" in own.call("ListCompanies")["Message"]
    assert control.refused("DELETE", "/tenants/mine") == (404, "there is no tenant 'mine'; the tenants are default")
    assert control.refused("DELETE", "/tenants/default")[0] == 409


def test_reset_restores_the_default_tenant(control, client):
    """The URL and tokens stay valid, and new records get the same keys again."""
    before = control("GET", "/tenants/default/files")
    key = client.create("First")
    control("PATCH", "/tenants/default/quirks", {"session_minutes": 5})
    control("PATCH", "/tenants/default/users/reader", {"can_read": False})
    control("POST", "/tenants/default/reset", {})
    assert control("GET", "/tenants/default/files") == before
    assert control("GET", "/tenants/default/journal") == []
    assert client.create("Second") == key


def test_added_users_survive_a_reset(control, client, ajera):
    """Added users and their sessions are kept, unless the reset drops sessions."""
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9"})
    own = Client(ajera.url, "clerk", "Quiet_Mill9")
    control("POST", "/tenants/default/reset", {})
    assert own.call("ListCompanies")["Errors"] == []
    assert Client(ajera.url, "clerk", "Quiet_Mill9").token
    control("POST", "/tenants/default/reset", {"sessions": "drop"})
    assert Client(ajera.url, "clerk", "Quiet_Mill9").token is None


def test_reset_can_drop_sessions(control, client):
    control("POST", "/tenants/default/reset", {"sessions": "drop"})
    assert client.call("ListCompanies")["Message"] == "Invalid Session"
    assert control("GET", "/tenants/default/sessions") == []


def test_fork(control, client):
    """The copy has the records, users and quirks, but no sessions. Later changes to one do not affect the other."""
    client.create("Before")
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9"})
    control("PATCH", "/tenants/default/quirks", {"session_minutes": 5})
    made = control("POST", "/tenants/default/fork", {"name": "copy"})
    twin = Client(made["url"], "clerk", "Quiet_Mill9")
    assert "Before" in twin.names()
    assert twin.create("In the copy") == client.create("In the original")
    assert "In the copy" not in client.names()
    assert made["sessions"] == 0
    quirks = {each["name"]: each["value"] for each in control("GET", "/tenants/copy/quirks")}
    assert quirks["session_minutes"] == 5
    control("POST", "/tenants/copy/reset", {})
    assert "Before" in twin.names()
    assert "In the copy" not in twin.names()


def test_export_and_import(control, client):
    """Exported files can be imported into another tenant, which keeps its ids."""
    key = client.create("Taken out")
    files = control("GET", "/tenants/default/files")
    made = control("POST", "/tenants", {"name": "other", "sample": "empty"})
    own = Client(made["url"])
    after = control("PUT", "/tenants/other/files", files)
    assert after["database_id"] == made["database_id"]
    taken = control("GET", "/tenants/other/files")
    assert {name: rows for name, rows in taken.items() if name != "firm.json"} == {
        name: rows for name, rows in files.items() if name != "firm.json"
    }
    assert "Taken out" in own.names()
    assert own.create("Next") == key + 1
    third = control("POST", "/tenants", {"files": files})
    assert "Taken out" in Client(third["url"]).names()


def test_invalid_files_are_refused(control, client):
    """The message names the place of the error, and the tenant is unchanged."""
    before = control("GET", "/tenants/default/files")
    broken = before | {"companies.json": [{"CompanyKey": "one"}]}
    status, message = control.refused("PUT", "/tenants/default/files", broken)
    assert status == 400
    assert "companies.json: record 1" in message
    assert control("GET", "/tenants/default/files") == before
    assert client.call("ListCompanies")["Errors"] == []


# snapshots


def test_snapshots(control, client):
    """A snapshot can be taken, listed, restored, used for a new tenant, and deleted."""
    control("POST", "/tenants/default/snapshots", {"name": "before"})
    client.create("Later")
    control("POST", "/tenants/default/snapshots", {"name": "after"})
    assert [each["name"] for each in control("GET", "/tenants/default/snapshots")] == ["before", "after"]
    control("POST", "/tenants/default/restore", {"snapshot": "before"})
    assert "Later" not in client.names()
    made = control("POST", "/tenants", {"snapshot": "default/after"})
    assert "Later" in Client(made["url"]).names()
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


def test_invalid_user_is_refused(control, ajera):
    """Every reason is reported with its claim."""
    status, message = control.refused("POST", "/tenants/default/users", {"name": "reader", "password": "short"})
    assert status == 400
    assert message.startswith("reader is not a valid API user; Username: there is a user 'reader' already")
    assert "Password: 5 characters, at least 8 [min-length; permission.password-rules]" in message


def test_changed_permissions_apply_at_once(control, ajera):
    """They apply to open sessions too. Members that are not sent are unchanged."""
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9", "authorizing_employee": 2})
    own = Client(ajera.url, "clerk", "Quiet_Mill9")
    assert own.call("ListClients")["Errors"] == []
    changed = control("PATCH", "/tenants/default/users/clerk", {"cleared": ["ListClients"]})
    assert changed == {
        "name": "clerk",
        "authorizing_employee": 2,
        "can_read": True,
        "can_write": True,
        "cleared": ["ListClients"],
    }
    assert own.call("ListClients")["Message"] == "Unauthorized method: ListClients"
    control("PATCH", "/tenants/default/users/clerk", {"password": "Other_Mill9", "authorizing_employee": None})
    assert Client(ajera.url, "clerk", "Other_Mill9").call("ListCompanies")["Errors"] == []
    assert Client(ajera.url, "clerk", "Quiet_Mill9").token is None
    control("DELETE", "/tenants/default/users/clerk")
    assert own.call("ListCompanies")["Message"] == "Invalid Session"


def test_sessions(control, client, ajera):
    """Sessions are listed without tokens and can be expired by user or by id."""
    reader = Client(ajera.url, "reader", "Reading_4jera")
    listed = control("GET", "/tenants/default/sessions")
    assert [(each["user"], each["expired"]) for each in listed] == [("integrator", False), ("reader", False)]
    assert client.token not in str(listed)
    assert control("POST", "/tenants/default/sessions/expire", {"user": "reader"}) == {"expired": 1}
    assert reader.call("ListCompanies")["Message"] == "Invalid Session"
    assert client.call("ListCompanies")["Errors"] == []
    assert control("POST", "/tenants/default/sessions/expire", {"id": listed[0]["id"]}) == {"expired": 1}
    assert client.call("ListCompanies")["Message"] == "Invalid Session"
    assert control.refused("POST", "/tenants/default/sessions/expire", {"user": "nobody"})[0] == 404
    assert control.refused("POST", "/tenants/default/sessions/expire", {"id": "none"})[0] == 404


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
        ("advance", {"by": "soon"}),
        ("advance", {"by": ""}),
        ("advance", {"by": "-"}),
        ("advance", {"by": "1.2.3h"}),
        ("advance", {"by": "9999999d"}),
        ("advance", {"by": "9" * 400 + "d"}),
        ("advance", {}),
        ("set", {"at": "2026-03-09T12:00:00"}),
        ("set", {"at": "1800-01-01T00:00:00Z"}),
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
    values = {
        each["name"]: each["value"]
        for each in control("PUT", "/tenants/default/quirks/profile", {"profile": "documented"})
    }
    assert values == {each["name"]: each["documented"] for each in listed}


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


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "message"),
    [
        ("PUT", "Compani", {}, 404, "there is no kind 'Compani'"),
        ("PUT", "Company", {"CompanyKey": 900, "Descripton": "x"}, 400, "Descripton"),
        (
            "PUT",
            "Client",
            {"ClientKey": 900, "Description": "x", "ClientTypeKey": 987},
            400,
            "there is no ClientType 987",
        ),
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
    key = client.create("Noted")

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
    printed = str(control("GET", "/tenants/default/journal")) + control("GET", "/tenants/default/journal.jsonl")
    assert client.token not in printed
    assert "Offline_4jera" not in printed
    entry = control("GET", "/tenants/default/journal/3")
    assert entry["reasons"][0]["claim"] == "filter.unknown-status-refused"
    assert '"FilterByStatus":["Actve"]' in entry["curl"]
    control("DELETE", "/tenants/default/journal")
    assert methods("") == []
    assert control.refused("GET", "/tenants/default/journal/3")[0] == 404


def test_curl_line_repeats_the_request(control, client, tmp_path):
    """The line runs in a shell once the token is filled in."""
    import subprocess

    client.call("ListProjects", {"FilterByDescriptionLike": 'it\'s "$HOME" & `x`'})
    line = control("GET", "/tenants/default/journal/2")["curl"].replace("<SessionToken>", client.token)
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True, cwd=tmp_path)
    assert codec.decode(done.stdout)["Content"] == {"Projects": []}
    first, again = control("GET", "/tenants/default/journal?method=ListProjects")
    assert first["curl"] == again["curl"]


def test_reliance_covers_all_tenants(control, client):
    """It includes deleted tenants, and only inferred claims by default."""
    made = control("POST", "/tenants", {"name": "gone"})
    for each in (client, Client(made["url"])):
        each.call("ListClients", {"FilterByNameLike": "a"})
    control("DELETE", "/tenants/gone")
    control("POST", "/tenants/default/reset", {})
    inferred = {each["claim"]: each for each in control("GET", "/reliance")}
    assert inferred["filter.like-case-insensitive"]["answers"] == 2
    assert inferred["filter.like-case-insensitive"]["methods"] == {"ListClients": 2}
    assert {each["grade"] for each in inferred.values()} == {"inferred"}
    assert {"documented", "inferred"} <= {each["grade"] for each in control("GET", "/reliance?grade=all")}


# the server


def test_server_and_claims(control, ajera):
    """Health, readiness, version, methods and claims are shown."""
    assert control("GET", "/health") == {"status": "ready", "tenants": 1}
    assert control("GET", "/ready")["status"] == "ready"
    assert {"version", "python", "data_schema"} == {*control("GET", "/version")}
    methods = {each["name"]: each for each in control("GET", "/methods")}
    assert methods["ListProjects"]["arguments"]["FilterByStatus"] == "list of Choice"
    assert methods["UpdateClients"]["arguments"] == {
        "UpdatedClients": "records",
        "UnchangedClients": "records",
        "UseSingleTransaction": "Flag",
    }
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
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(ajera.url, b"{}")
    with failure.value as answer:
        assert (answer.code, answer.headers["Retry-After"]) == (503, "1")
    ready.set()
    assert ajera.call("ListCompanies")["Errors"] == []


@pytest.mark.parametrize(
    "action", [each for each in ACTIONS.values() if "tenant" in each.path_parameters], ids=lambda each: each.name
)
def test_unknown_tenant_is_refused_by_every_action(control, action):
    """The message lists the tenants that exist."""
    places = dict.fromkeys(action.path_parameters, "1") | {"tenant": "nobody", "kind": "Client"}
    bodies = {
        "clock set": {"at": "2026-03-09T12:00:00Z"},
        "clock advance": {"by": "1h"},
        "snapshots take": {"name": "x"},
        "snapshots restore": {"snapshot": "x"},
        "users add": {"name": "x", "password": "x"},
        "quirks profile": {"profile": "observed"},
    }
    body = None if action.body is None else bodies.get(action.name, {})
    refusal = control.refused(action.verb, action.path.format(**places), body)
    assert refusal == (404, "there is no tenant 'nobody'; the tenants are default")
