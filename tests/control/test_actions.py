"""The actions of the control surface, over HTTP as a tester meets them."""

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
    """The control surface of a server, as a client sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer to a request that must succeed."""
        status, answer = self.ask(verb, path, body)
        assert status < 300, answer
        return answer

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and detail of a request that must not."""
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
    """What a program under test does: it logs in once, and calls."""

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
    """A server of the test's own: its default tenant is reset and its list of tenants is counted."""
    with MockAjera() as ajera:
        yield ajera


@pytest.fixture
def control(ajera):
    return Surface(ajera.control_url)


@pytest.fixture
def client(ajera):
    return Client(ajera.url)


# tenants


def test_a_tenant_has_the_ids_that_it_is_given(control, client):
    """All three, and both forms of its URL lead there."""
    made = control(
        "POST", "/tenants", {"name": "mine", "database_name": "Ajera_Mine", "client_id": 77, "database_id": 12}
    )
    assert (made["database_name"], made["client_id"], made["database_id"]) == ("Ajera_Mine", 77, 12)
    for url in (made["url"], made["url_on_premise"]):
        Client(url).create(f"By {url[-9:]}")
    assert made["url"].partition("/V")[2].startswith("000077/")
    assert len(Client(made["url"]).names()) == len(client.names()) + 2


def test_ids_that_are_taken_are_refused(control):
    """Each with the tenant that has them, and no tenant is made."""
    control("POST", "/tenants", {"name": "mine", "client_id": 77, "database_id": 12})
    for taken, said in (
        ({"name": "mine"}, "there is a tenant mine already"),
        ({"name": "default"}, "there is a tenant default already"),
        ({"database_name": "Ajera_Main"}, "the tenant default has the database Ajera_Main"),
        ({"client_id": 77, "database_id": 12}, "the tenant mine has the database ClientID 77, DatabaseID 12"),
    ):
        assert control.refused("POST", "/tenants", taken) == (409, said)
    assert [each["name"] for each in control("GET", "/tenants")] == ["default", "mine"]


def test_samples(control):
    """Empty, and of a number of projects; the same seed makes the same firm."""
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
    ("body", "said"),
    [
        ({"sample": "nowhere"}, "there is no sample 'nowhere'; there are sample, empty, a number of projects"),
        ({"sample": "/etc"}, "there is no sample '/etc'"),
        ({"sample": 0}, "a firm has at least one project"),
        ({"snapshot": "default/none"}, "the tenant default has no snapshot 'none'"),
        ({"snapshot": "none"}, "named TENANT/SNAPSHOT"),
        ({"files": {}}, "firm.json"),
        ({"files": {"firm.json": {}, "projects.json": []}, "sample": "empty"}, "give one"),
        ({"quirks": {"sesion_minutes": 5}}, "there is no quirk 'sesion_minutes'"),
        ({"freeze": "2026-03-09T12:00:00"}, "freeze"),
        ({"name": "Not A Name"}, "name"),
        ({"nam": "x"}, "unknown field `nam`"),
        ([], "an object is expected"),
    ],
)
def test_a_tenant_that_cannot_be_made(control, body, said):
    """Says why, and leaves none behind."""
    status, detail = control.refused("POST", "/tenants", body)
    assert status in (400, 404)
    assert said in detail
    assert len(control("GET", "/tenants")) == 1


def test_a_new_tenant_has_its_quirks_and_its_time(control):
    """Over the profile; sessions and stamps follow the clock."""
    body = {"profile": "documented", "quirks": {"session_minutes": 5}, "freeze": "2026-03-09T12:00:00Z", "name": "t"}
    made = control("POST", "/tenants", body)
    quirks = {each["name"]: each["value"] for each in control("GET", "/tenants/t/quirks")}
    assert (quirks["success_code"], quirks["session_minutes"]) == ("docs", 5)
    assert (made["now"], made["frozen"]) == ("2026-03-09T12:00:00.000Z", True)


def test_delete(control):
    """Its URL leads nowhere then; the default tenant stays."""
    made = control("POST", "/tenants", {"name": "mine"})
    own = Client(made["url"])
    assert control("DELETE", "/tenants/mine") == ""
    assert "could not be found" in own.call("ListCompanies")["Message"]
    assert control.refused("DELETE", "/tenants/mine") == (404, "there is no tenant 'mine'; there are default")
    assert control.refused("DELETE", "/tenants/default")[0] == 409


def test_reset_brings_the_default_tenant_back(control, client):
    """A service that holds its URL and a token does not notice; new records get the same keys again."""
    before = control("GET", "/tenants/default/files")
    key = client.create("First")
    control("PATCH", "/tenants/default/quirks", {"session_minutes": 5})
    control("PATCH", "/tenants/default/users/reader", {"can_read": False})
    control("POST", "/tenants/default/reset", {})
    assert control("GET", "/tenants/default/files") == before
    assert control("GET", "/tenants/default/journal") == []
    assert client.create("Second") == key


def test_users_that_were_added_outlive_a_reset(control, client, ajera):
    """With their sessions, and unless it is told otherwise."""
    control("POST", "/tenants/default/users", {"name": "clerk", "password": "Quiet_Mill9"})
    own = Client(ajera.url, "clerk", "Quiet_Mill9")
    control("POST", "/tenants/default/reset", {})
    assert own.call("ListCompanies")["Errors"] == []
    assert Client(ajera.url, "clerk", "Quiet_Mill9").token
    control("POST", "/tenants/default/reset", {"sessions": "drop"})
    assert Client(ajera.url, "clerk", "Quiet_Mill9").token is None


def test_reset_may_drop_sessions(control, client):
    """When it is told so."""
    control("POST", "/tenants/default/reset", {"sessions": "drop"})
    assert client.call("ListCompanies")["Message"] == "Invalid Session"
    assert control("GET", "/tenants/default/sessions") == []


def test_fork(control, client):
    """The copy has what there was then, users and quirks too, and goes its own way; sessions stay behind."""
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
    """What was taken out comes back whole into another tenant, which keeps its ids."""
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


def test_files_that_cannot_be_imported(control, client):
    """The place is named, and the tenant is as it was."""
    before = control("GET", "/tenants/default/files")
    broken = before | {"companies.json": [{"CompanyKey": "one"}]}
    status, said = control.refused("PUT", "/tenants/default/files", broken)
    assert status == 400
    assert "companies.json: record 1" in said
    assert control("GET", "/tenants/default/files") == before
    assert client.call("ListCompanies")["Errors"] == []


# snapshots


def test_snapshots(control, client):
    """Taken, listed, gone back to, made a tenant from, deleted."""
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
        "the tenant default has no snapshot 'before'; there are after",
    )


def test_snapshots_are_bounded(control, ajera):
    """A test that takes one in a loop is told."""
    for number in range(SNAPSHOTS):
        ajera.snapshot(f"n{number}")
    assert control.refused("POST", "/tenants/default/snapshots", {"name": "more"})[0] == 409
    control("POST", "/tenants/default/snapshots", {"name": "n0"})


# users, sessions, clock, quirks


def test_users_by_ajeras_own_rules(control, ajera):
    """All that is wrong at once, each with its claim."""
    status, said = control.refused("POST", "/tenants/default/users", {"name": "reader", "password": "short"})
    assert status == 400
    assert said.startswith("reader cannot be an API user; Username: there is a user 'reader' already")
    assert "Password: 5 characters, at least 8 [min-length; permission.password-rules]" in said


def test_a_user_that_is_changed_is_held_to_its_new_boxes(control, ajera):
    """Its open session too; what is not named stays."""
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
    """Listed without their tokens, and expired by user, by id or all."""
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
    """Frozen, advanced, set, and real again; sessions follow."""
    frozen = control("POST", "/tenants/default/clock/freeze", {"at": "2026-03-09T08:00:00-04:00"})
    assert frozen == {"now": "2026-03-09T12:00:00.000Z", "frozen": True, "setting": "frozen 1773057600000"}
    advanced = control("POST", "/tenants/default/clock/advance", {"by": "1d2h30m0.5s"})
    assert advanced["now"] == "2026-03-10T14:30:00.500Z"
    assert control("POST", "/tenants/default/clock/advance", {"by": "-1d"})["now"] == "2026-03-09T14:30:00.500Z"
    assert client.call("ListCompanies")["Errors"] == []  # the clock has gone back, not forward
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
def test_a_time_that_cannot_be(control, path, body):
    """Is refused, and the clock goes on as before."""
    assert control.refused("POST", f"/tenants/default/clock/{path}", body)[0] == 400
    assert control("GET", "/tenants/default/clock")["setting"] == "real"


def test_quirks(control, client):
    """Seen with what they are about; set, all or none; and a whole profile."""
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
    """Counted, paged, shown, put and deleted past the API."""
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


def test_a_record_is_shown_as_it_can_be_put(control):
    """The whole of a project, and every other kind."""
    for kind in control("GET", "/tenants/default/records"):
        for shown in control("GET", f"/tenants/default/records/{kind['kind']}?limit=3"):
            put = control("PUT", f"/tenants/default/records/{kind['kind']}", shown["record"])
            assert (put["record"], put["stamp"]) == (shown["record"], shown["stamp"])


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "said"),
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
        ("GET", "Client?limit=5&limit=6", None, 400, "twice"),
    ],
)
def test_records_that_are_refused(control, verb, path, body, status, said):
    """The books are as they were."""
    before = control("GET", "/tenants/default/files")
    told = control.refused(verb, f"/tenants/default/records/{path}", body)
    assert told[0] == status
    assert said in told[1]
    assert control("GET", "/tenants/default/files") == before


# the journal


def test_the_journal_is_asked(control, client):
    """By method, outcome, record, user, claim, number and time; each entry as a curl line without secrets."""
    client.call("GetProjects", {"RequestedProjects": [1, 2]})
    client.call("ListProjects", {"FilterByStatus": ["Actve"]})
    key = client.create("Noted")

    def asked(query: str) -> list[str]:
        return [each["method"] for each in control("GET", f"/tenants/default/journal?{query}")]

    assert asked("") == ["CreateAPISession", "GetProjects", "ListProjects", "UpdateClients"]
    assert asked("outcome=refused") == ["ListProjects"]
    assert asked("record=Project/2") == ["GetProjects"]
    assert asked(f"record=Client/{key}") == ["UpdateClients"]
    assert asked("method=GetProjects&user=integrator") == ["GetProjects"]
    assert asked("claim=filter.unknown-status-refused") == ["ListProjects"]
    assert asked("after=3") == ["UpdateClients"]
    assert asked("limit=1") == ["UpdateClients"]
    assert asked("since=2999-01-01T00:00:00Z") == []
    assert asked("until=2999-01-01T00:00:00Z") == asked("")
    told = str(control("GET", "/tenants/default/journal")) + control("GET", "/tenants/default/journal.jsonl")
    assert client.token not in told
    assert "Offline_4jera" not in told
    entry = control("GET", "/tenants/default/journal/3")
    assert entry["reasons"][0]["claim"] == "filter.unknown-status-refused"
    assert '"FilterByStatus":["Actve"]' in entry["curl"]
    control("DELETE", "/tenants/default/journal")
    assert asked("") == []
    assert control.refused("GET", "/tenants/default/journal/3")[0] == 404


def test_a_curl_line_asks_again(control, client, tmp_path):
    """With the token put in, in a shell."""
    import subprocess

    client.call("ListProjects", {"FilterByDescriptionLike": 'it\'s "$HOME" & `x`'})
    line = control("GET", "/tenants/default/journal/2")["curl"].replace("<SessionToken>", client.token)
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True, cwd=tmp_path)
    assert codec.decode(done.stdout)["Content"] == {"Projects": []}
    first, again = control("GET", "/tenants/default/journal?method=ListProjects")
    assert first["curl"] == again["curl"]


def test_reliance_are_counted_over_all_tenants(control, client):
    """Those that are inferred, unless asked for others; of a tenant that is gone too."""
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


def test_what_the_server_tells_of_itself(control, ajera):
    """Version, settings, methods with their arguments, claims."""
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


def test_while_firms_are_filled_ajera_is_not_served(control, ajera):
    """Health answers; readiness and Ajera say to come back."""
    ready = ajera._server.tenants.ready
    ready.clear()
    assert control("GET", "/health")["status"] == "starting"
    assert control.refused("GET", "/ready")[0] == 503
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(ajera.url, b"{}")
    with told.value as answer:
        assert (answer.code, answer.headers["Retry-After"]) == (503, "1")
    ready.set()
    assert ajera.call("ListCompanies")["Errors"] == []


@pytest.mark.parametrize(
    "action", [each for each in ACTIONS.values() if "tenant" in each.places], ids=lambda each: each.name
)
def test_every_action_says_that_there_is_no_such_tenant(control, action):
    """With the names that there are, and changes nothing."""
    places = dict.fromkeys(action.places, "1") | {"tenant": "nobody", "kind": "Client"}
    bodies = {
        "clock set": {"at": "2026-03-09T12:00:00Z"},
        "clock advance": {"by": "1h"},
        "snapshots take": {"name": "x"},
        "snapshots restore": {"snapshot": "x"},
        "users add": {"name": "x", "password": "x"},
        "quirks profile": {"profile": "observed"},
    }
    body = None if action.body is None else bodies.get(action.name, {})
    told = control.refused(action.verb, action.path.format(**places), body)
    assert told == (404, "there is no tenant 'nobody'; there are default")
