"""The Python API: calls, set-up, clock, snapshots, and the tenants of a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from records import new_client, read_one, written

from mock_ajera import AjeraServer, CallRefused, MockAjera

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
    ajera.stop()


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
