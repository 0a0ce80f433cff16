"""The Python API: calls, set-up, clock, snapshots, and the tenants of a server."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import raw_http
from records import new_client, read_one, written

from mock_ajera import AjeraServer, BadSample, CallRefused, ControlError, FaultNeverFired, MockAjera
from mock_ajera.trials.chaos import BAD_DAYS, Scene

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def clients(ajera) -> list[str]:
    return [client["Description"] for client in ajera.content("ListClients")["Clients"]]


def create(ajera, name: str) -> int:
    return written(ajera, "Clients", new_client(name))[0]["ClientKey"]


def test_content_raises_if_the_call_is_refused(ajera):
    """The exception has Ajera's message and the mock's reason."""
    with pytest.raises(CallRefused, match=r"(?s)ListProjects: One .*why: FilterByStatus: 'Actve' is not one of"):
        ajera.content("ListProjects", {"FilterByStatus": ["Actve"]})


def test_a_record_from_json_loads_can_be_sent_back(ajera):
    """Floats keep their digits."""
    read = json.loads(json.dumps(ajera.content("GetClients", {"RequestedClients": [1]}), default=float))
    (client,) = read["Clients"]
    assert isinstance(client["AnnualPercentageRate"], float)
    changed = client | {"Notes": "sent back"}
    ajera.content("UpdateClients", {"UpdatedClients": [changed], "UnchangedClients": [client]})


def test_a_record_from_json_loads_can_be_stored(ajera):
    """Floats keep their digits."""
    ajera.put_record("Client", {"ClientKey": 900, "Description": "Brook", "AnnualPercentageRate": 1.1})
    (client,) = ajera.content("GetClients", {"RequestedClients": [900]})["Clients"]
    assert client["AnnualPercentageRate"] == Decimal("1.1")


def test_snapshots_can_be_restored_in_any_order(ajera):
    """New records get the same keys again."""
    ajera.snapshot("before")
    first = create(ajera, "First")
    ajera.snapshot("after")
    ajera.restore("before")
    assert "First" not in clients(ajera)
    ajera.restore("after")
    assert "First" in clients(ajera)
    ajera.reset()
    assert "First" not in clients(ajera)
    assert create(ajera, "Other") == first


def test_restoring_an_unknown_snapshot_raises(ajera):
    """The message lists the existing ones."""
    with pytest.raises(LookupError, match="there is no snapshot 'snapshot'; there are none"):
        ajera.restore()
    ajera.snapshot("before")
    with pytest.raises(LookupError, match="there is no snapshot 'after'; there are before"):
        ajera.restore("after")


def test_a_reset_keeps_or_ends_sessions(ajera):
    token = ajera.token()
    ajera.reset()
    body = {"Method": "ListCompanies", "SessionToken": token, "MethodArguments": {}}
    assert ajera.post(body)["Errors"] == []
    ajera.reset(sessions=False)
    assert ajera.post(body)["Message"] == "Invalid Session"
    ajera.content("ListCompanies")  # it logs in again by itself


def test_sessions_expire_on_request(ajera):
    body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
    assert ajera.post(body)["Errors"] == []
    ajera.expire_sessions()
    assert ajera.post(body)["Message"] == "Invalid Session"
    assert ajera.journal.last().reasons[0].rule == "expired"


def test_stamps_follow_the_clock():
    with MockAjera(freeze=NOON) as ajera:
        stamp = read_one(ajera, "Clients", create(ajera, "Stamped"))["LastModifiedDate"]
        assert stamp == "2026-03-09 08:00:00.000 GMT-04:00 (Eastern Daylight Time)"


def test_the_dates_of_the_sample_are_relative_to_the_frozen_day():
    with MockAjera(freeze=NOON) as ajera:
        since = {"FilterByEarliestModifiedDate": "2026-03-08"}
        marched = ajera.content("ListProjects", since)["Projects"]
    with MockAjera(freeze=NOON + timedelta(days=200)) as ajera:
        since = {"FilterByEarliestModifiedDate": "2026-09-24"}
        assert ajera.content("ListProjects", since)["Projects"] == marched != []


def test_tenants_of_a_server_have_their_own_ids_and_records():
    with AjeraServer() as server:
        one, two = server.tenant(), server.tenant()
        assert one.url != two.url
        create(one, "Of the first")
        assert "Of the first" not in clients(two)
        twin = server.fork(one)
        assert "Of the first" in clients(twin)
        create(twin, "Of the twin")
        assert "Of the twin" not in clients(one)
        server.forget(one)
        assert twin.call("ListCompanies")["Errors"] == []


def test_the_url_of_a_mock_that_is_not_started_raises():
    ajera = MockAjera()
    with pytest.raises(RuntimeError, match="with statement"):
        _ = ajera.url
    ajera.close()


def test_calls_of_the_test_do_not_use_the_network(monkeypatch):
    """They are the same requests: journal, reasons and APIURL do not differ."""
    with MockAjera() as ajera:

        def forbidden(*given, **named):
            raise AssertionError("the network is used")

        monkeypatch.setattr(socket.socket, "connect", forbidden)
        with pytest.raises(CallRefused, match="why: FilterByStatus"):
            ajera.content("ListProjects", {"FilterByStatus": ["Actve"]})
        login = {"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password}
        assert ajera.post(login | {"APIVersion": 1})["Content"]["APIURL"] == ajera.url
        assert [entry.method for entry in ajera.journal] == ["CreateAPISession", "ListProjects", "CreateAPISession"]
        assert {entry.url for entry in ajera.journal} == {ajera.url}


def test_the_fixture_needs_no_socket_before_its_url(monkeypatch):
    """Until then, it works where sockets are forbidden."""

    def forbidden(*given, **named):
        raise AssertionError("a socket is made")

    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(socket, "socket", forbidden)
        server = AjeraServer(on_demand=True)
        stack.callback(server.close)
        ajera = server.tenant()
        assert ajera.content("ListCompanies")["Companies"]
        patch.undo()
        assert raw_http.post(ajera.url, {"Method": "ListCompanies"}).json["Message"] == "Invalid Session"


def test_a_stopped_server_keeps_its_firm_and_its_port():
    with MockAjera() as ajera:
        url, key = ajera.url, create(ajera, "Kept")
        ajera.stop()
        with pytest.raises(ConnectionRefusedError):
            raw_http.post(url, {})
        assert ajera.url == url
        assert read_one(ajera, "Clients", key)["Description"] == "Kept"  # calls of the test still work
        ajera.start()
        body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
        assert raw_http.post(url, body).json["Errors"] == []


def test_a_method_that_does_not_exist_cannot_set_the_scene(ajera):
    """Whatever the quirk for such methods says."""
    ajera.set_quirks(unknown_method="empty")
    for use in (ajera.content, lambda method: ajera.before(method, print)):
        with pytest.raises(ValueError, match=r"no method .ListProject.; did you mean ListProjects or "):
            use("ListProject")


def test_something_happens_before_the_nth_call_of_the_program(ajera):
    """Calls of the test do not count; the callback can call Ajera."""
    seen = []

    def call():
        body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
        return raw_http.post(ajera.url, body).json["Message"]

    ajera.before("ListCompanies", ajera.expire_sessions, nth=2)
    ajera.before("ListCompanies", lambda: seen.append(len(ajera.content("ListCompanies")["Companies"])), nth=None)
    assert [call(), call(), call()] == ["Success", "Invalid Session", "Success"]
    assert len(seen) == 3
    with pytest.raises(ValueError, match="nth: expected int >= 1"):
        ajera.before("ListCompanies", call, nth=0)


@pytest.mark.parametrize("nth", [1, None])
def test_a_callback_that_was_never_called_is_a_warning(nth):
    """At the line that set it up; calls of the test do not count."""
    ajera = MockAjera().start()
    ajera.before("GetClients", ajera.expire_sessions, nth=nth)
    ajera.content("GetClients", {"RequestedClients": [1]})
    said = r"the fault hook 1 \(hook method=GetClients .*phase=before\) never fired: it applied to 0 calls"
    with pytest.warns(FaultNeverFired, match=said) as warned:
        ajera.close()
    assert [each.filename for each in warned] == [__file__]


@pytest.mark.parametrize(
    "add",
    [
        lambda ajera: ajera.before("ListCompanies", ajera.expire_sessions, nth=2),
        lambda ajera: ajera.fail("ListCompanies", nth=2),
    ],
)
def test_a_fault_whose_turn_never_came_is_a_warning(add):
    with AjeraServer() as server:
        ajera = server.tenant()
        add(ajera)
        raw_http.post(ajera.url, {"Method": "ListCompanies"})
        with pytest.warns(FaultNeverFired, match="never fired: it applied to 1 calls$"):
            server.forget(ajera)


def test_a_fault_of_a_trial_that_never_came_is_no_warning():
    """The report of the trial says what happened. Warnings are errors here."""
    (day, *_) = (each for each in BAD_DAYS if each.rule)
    ajera = MockAjera().start()
    with Scene(day, "read", "ListCompanies").happening(ajera):
        assert len(ajera.tenant.faults) == 1
        ajera.close()


def test_an_error_of_a_callback_is_an_internal_error_of_the_request(ajera):
    """The pytest plugin raises it in the test."""
    ajera.before("ListCompanies", lambda: 1 // 0)
    raw_http.post(ajera.url, {"Method": "ListCompanies", "SessionToken": ajera.token()})
    assert isinstance(ajera.journal.failures.pop(), ZeroDivisionError)
    assert ajera.journal.last().outcome == "failed"


def test_members_of_a_record_can_be_changed(ajera):
    """The others stay, and the record gets a new stamp, so that an update of the program comes too late."""
    (read,) = ajera.content("GetContacts", {"RequestedContacts": [1]})["Contacts"]
    before = ajera.record("Contact", 1)
    changed = ajera.change_record("Contact", 1, Email="new@example.com")
    assert changed == ajera.record("Contact", 1)
    different = {name for name in before if before[name] != changed[name]}
    assert different == {"Email", "LastModifiedDate"}
    with pytest.raises(CallRefused, match="changed after it was read"):
        ajera.content("UpdateContacts", {"UpdatedContacts": [read], "UnchangedContacts": [read]})


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda ajera: ajera.record("Contact", 99999), "there is no Contact 99999"),
        (lambda ajera: ajera.record("Contract", 1), "there is no kind 'Contract'"),
        (lambda ajera: ajera.change_record("Contact", 1, Emial="x"), "Emial: no such member"),
        (lambda ajera: ajera.change_record("Contact", 1), "no member is given"),
        (lambda ajera: ajera.change_record("Contact", 1, ContactKey=2), "the key of Contact 1 cannot be changed"),
        (lambda ajera: ajera.change_record("Client", 1, AnnualPercentageRate="many"), "AnnualPercentageRate"),
        (lambda ajera: ajera.delete_record("Client", 1), r"refers to Client 1"),
        (lambda ajera: ajera.add_user("clerk", "clerk"), "(?s)clerk is not a valid API user.*Password: "),
        (lambda ajera: ajera.add_user("clerk", "Some_thing7", cleared=["Nothing"]), "(?s)clerk is not .*Nothing"),
        (lambda ajera: ajera.add_user("clerk", "Some_thing7", can_read="no"), "can_read"),
        (lambda ajera: ajera.add_user("clerk", "Some_thing7\ud800"), "(?s)clerk is not .*Password: half a character"),
        (lambda ajera: ajera.add_user("cl\ud800rk", "Some_thing7"), "(?s)is not a valid API user.*Username: printable"),
        (lambda ajera: ajera.change_user("reader", password="Some_thing7\udfff"), "(?s)reader is not .*Password: half"),
        (lambda ajera: ajera.change_user("reader", cleared=["\ud800"]), "(?s)reader is not .*has no check box"),
        (lambda ajera: ajera.change_user("rea\ud800er", can_read=False), "there is no API user 'rea.ud800er'"),
        (lambda ajera: ajera.remove_user("rea\ud800er"), "there is no API user 'rea.ud800er'"),
        (lambda ajera: ajera.change_record("Client", 1, Notes="\udc00"), "Client 1: Notes has half a character"),
        (lambda ajera: ajera.change_user("reader", can_raed=False), "no member `can_raed`; did you mean can_read"),
        (lambda ajera: ajera.change_user("reader", wxyz=False), "no member `wxyz`; the members are password, "),
        (lambda ajera: ajera.change_user("nobody", can_read=False), "there is no API user 'nobody'"),
        (lambda ajera: ajera.remove_user("nobody"), "there is no API user 'nobody'"),
        (lambda ajera: ajera.delete_snapshot("never"), "has no snapshot 'never'"),
    ],
)
def test_a_mistake_in_setting_the_scene_raises(ajera, mistake, said):
    """And changes nothing."""
    before = ajera.tenant.fingerprint()
    with pytest.raises(ControlError, match=said):
        mistake(ajera)
    assert ajera.tenant.fingerprint() == before


def test_a_record_with_half_a_character_is_refused(ajera):
    with pytest.raises(BadSample, match=r"^Client 900: Description has half a character \(a lone surrogate\)$"):
        ajera.put_record("Client", {"ClientKey": 900, "Description": "Brook\ud800"})
    assert ajera.content("GetClients", {"RequestedClients": [900]}) == {"Clients": []}


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (
            lambda ajera: ajera.call("GetClients", {"Rows": [{"Name": "\udc00"}]}),
            r"^MethodArguments\.Rows\[0\]\.Name has half a character \(a lone surrogate\)$",
        ),
        (lambda ajera: ajera.post({"\udc00": 1}), r"^\\udc00 has half a character"),
        (lambda _: MockAjera(seed="\udc00"), r"^the seed '\\udc00' has half a character"),
        (lambda ajera: ajera.export("firm\ud800"), r"^'firm\\ud800' cannot be the name of a folder$"),
        (lambda _: MockAjera(sample="firm\ud800"), r"^'firm\\ud800' cannot be the name of a folder$"),
    ],
)
def test_half_a_character_is_refused_where_it_is(ajera, use, said):
    """With a text that says so, not that something cannot be encoded."""
    with pytest.raises(ValueError, match=said) as error:
        use(ajera)
    assert not isinstance(error.value, UnicodeError)


def test_a_record_can_be_deleted(ajera):
    ajera.put_record("Client", {"ClientKey": 900, "Description": "Brook"})
    ajera.delete_record("Client", 900)
    assert ajera.content("GetClients", {"RequestedClients": [900]}) == {"Clients": []}


def test_users_and_their_permissions(ajera):
    ajera.add_user("clerk", "Some_thing7", authorizing_employee=1, cleared=["ListVendors"])
    assert [user.name for user in ajera.users()] == ["clerk", "integrator", "partial", "reader"]
    login = {"Method": "CreateAPISession", "Username": "clerk", "APIVersion": 1}
    token = ajera.post(login | {"Password": "Some_thing7"})["Content"]["SessionToken"]

    def listed(method):
        return ajera.post({"Method": method, "SessionToken": token, "MethodArguments": {}})["Message"]

    assert [listed("ListVendors"), listed("ListClients")] == ["Unauthorized method: ListVendors", "Success"]
    assert ajera.change_user("clerk", cleared=["ListClients"]).authorizing_employee == 1
    assert [listed("ListVendors"), listed("ListClients")] == ["Success", "Unauthorized method: ListClients"]
    ajera.remove_user("clerk")
    assert listed("ListVendors") == "Invalid Session"


def test_snapshots_can_be_listed_and_deleted(ajera):
    for name in ("one", "two"):
        ajera.snapshot(name)
    assert ajera.snapshots() == ["one", "two"]
    ajera.delete_snapshot("one")
    assert ajera.snapshots() == ["two"]


def test_an_export_is_a_firm(ajera, tmp_path):
    """It can be the sample of another mock. A folder that is not empty is refused."""
    create(ajera, "Exported")
    ajera.export(tmp_path / "firm")
    with MockAjera(sample=tmp_path / "firm") as other:
        assert clients(other) == clients(ajera)
    with pytest.raises(BadSample, match="the folder is not empty"):
        ajera.export(tmp_path / "firm")


def test_guesses_can_be_varied(ajera):
    """Unverified texts, ErrorIDs and list orders change; verified ones do not."""
    usual = ajera.call("ListProjects", {"FilterByStatus": ["Actve"]})["Errors"]
    listed = ajera.content("ListClients")["Clients"]
    shapes = [{"RequestedProjectTotals": [1]}, {}]
    met = [ajera.call("GetProjectTotals", shape)["Message"] for shape in shapes]
    ajera.set_quirks(vary_guesses=True)
    assert [ajera.call("GetProjectTotals", shape)["Message"] for shape in shapes] == met
    varied = ajera.call("ListProjects", {"FilterByStatus": ["Actve"]})["Errors"]
    assert varied[0]["ErrorID"] != usual[0]["ErrorID"]
    assert varied[0]["ErrorMessage"] != usual[0]["ErrorMessage"]
    assert ajera.content("ListClients")["Clients"] == listed[::-1]
    wrong = {"Method": "CreateAPISession", "Username": "integrator", "Password": "wrong", "APIVersion": 1}
    assert ajera.post(wrong)["Errors"] == [{"ErrorID": -150, "ErrorMessage": "Unable to authenticate user"}]


def test_pages_of_a_varied_list_make_up_the_list(ajera):
    ajera.set_quirks(vary_guesses=True)
    whole = clients(ajera)
    pages = []
    for number in range(1, 4):
        page = ajera.content("ListClients", PageResults=True, PageNumber=number, PageSize=10)["Clients"]
        pages += [client["Description"] for client in page]
    assert pages == whole
