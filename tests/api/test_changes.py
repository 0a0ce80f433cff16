"""The change engine where one request holds several records: what they come to together."""

from __future__ import annotations

import pytest

STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


def new(key, name, **members):
    return {"ClientKey": key, "LastModifiedDate": STAMP, "Description": name, **members}


def update(ajera, updated, unchanged=(), single=False):
    arguments = {"UpdatedClients": updated, "UnchangedClients": list(unchanged), "UseSingleTransaction": single}
    return ajera.call("UpdateClients", arguments)


@pytest.fixture
def clients(ajera):
    """Two clients that nobody uses, as read."""
    keys = [row["ClientKey"] for row in update(ajera, [new(-1, "Oak"), new(-2, "Elm")])["Content"]["Clients"]]
    return ajera.call("GetClients", {"RequestedClients": keys})["Content"]["Clients"]


def names(ajera):
    return {row["Description"] for row in ajera.call("ListClients")["Content"]["Clients"]}


def test_two_new_records_cannot_take_one_name(ajera):
    """The second is refused, the first is written."""
    answer = update(ajera, [new(-1, "Oak"), new(-2, "OAK")])
    assert len(answer["Errors"]) == 1
    assert [row["OriginalClientKey"] for row in answer["Content"]["Clients"]] == [-1]
    assert ajera.journal[-1].reasons[0].path == "UpdatedClients[1].Description"


def test_a_refused_record_takes_no_name(ajera):
    """What is not written is in nobody's way."""
    answer = update(ajera, [new(-1, "Oak", ClientTypeKey=987654), new(-2, "Oak")])
    assert [row["OriginalClientKey"] for row in answer["Content"]["Clients"]] == [-2]


def test_a_name_is_free_when_its_record_is_renamed_before(ajera, clients):
    """A name can be handed on in one request."""
    oak, elm = clients
    answer = update(ajera, [oak | {"Description": "Ash"}, elm | {"Description": "Oak"}], clients)
    assert answer["Errors"] == []
    assert {"Ash", "Oak"} <= names(ajera)


def test_a_name_is_free_when_its_record_is_deleted_before(ajera, clients):
    """Deleted means gone."""
    gone = {"ClientKey": clients[0]["ClientKey"], "LastModifiedDate": clients[0]["LastModifiedDate"], "Delete": True}
    assert update(ajera, [gone, new(-1, "Oak")], clients)["Errors"] == []


def test_a_single_transaction_names_every_refused_record(ajera):
    """Nothing is written, and each reason is in the trace (claim write.single-transaction)."""
    before = ajera.tenant.fingerprint()
    answer = update(ajera, [new(-1, "Oak"), new(-2, ""), new(-3, "Ash", ClientTypeKey=987654)], single=True)
    assert answer["Content"] == {}
    assert [reason.path for reason in ajera.journal[-1].reasons] == [
        "UpdatedClients[1].Description",
        "UpdatedClients[2].ClientTypeKey",
    ]
    assert ajera.tenant.fingerprint() == before


def test_a_refused_record_uses_up_no_key(ajera):
    """The next new record gets the key that the refused one would have had."""
    update(ajera, [new(-1, "")])
    first = update(ajera, [new(-1, "Oak")])["Content"]["Clients"][0]["ClientKey"]
    update(ajera, [new(-1, "")])
    assert update(ajera, [new(-1, "Elm")])["Content"]["Clients"][0]["ClientKey"] == first + 1


def test_a_member_that_cannot_be_read_is_not_missing_as_well(ajera):
    """One fault, one reason, at its own place."""
    update(ajera, [new(-1, 5)])
    assert [(reason.path, reason.rule) for reason in ajera.journal[-1].reasons] == [
        ("UpdatedClients[0].Description", "type")
    ]


def test_a_fault_hides_no_other_of_a_longer_name(ajera):
    """ClientTypeKey is not inside Client: both are told."""
    update(ajera, [new(-1, "Oak", Notes=5, ClientTypeKey=987654)])
    assert {reason.path for reason in ajera.journal[-1].reasons} == {
        "UpdatedClients[0].Notes",
        "UpdatedClients[0].ClientTypeKey",
    }
