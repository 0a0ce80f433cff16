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


def test_keys_that_stand_twice_are_told_with_both_places(ajera, clients):
    """Where the second one stands, and where the first (claims write.negative-keys-differ and write.record-once)."""
    oak, _ = clients
    update(ajera, [new(-1, "Ash"), oak | {"Notes": "one"}, new(-1, "Yew"), oak | {"Notes": "two"}], clients)
    assert [(reason.path, reason.text) for reason in ajera.journal[-1].reasons] == [
        ("UpdatedClients[2].ClientKey", "-1 is already used at UpdatedClients[0].ClientKey"),
        ("UpdatedClients[3].ClientKey", f"{oak['ClientKey']} is already used at UpdatedClients[1]"),
    ]


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


def test_many_writes_in_one_moment_never_share_a_stamp(ajera, clients):
    """A reader of the first state is stale after the third, however fast they came."""
    ajera.tenant.clock.freeze()
    (record, _) = clients
    stamps = [record["LastModifiedDate"]]
    for number in range(5):
        changed = record | {"Notes": str(number)}
        (record,) = update(ajera, [changed], [record])["Content"]["Clients"]
        stamps.append(record["LastModifiedDate"])
    assert len(set(stamps)) == len(stamps)


def test_a_misspelt_argument_of_an_update_is_refused(ajera):
    """UseSingleTransaction by another name would write half."""
    arguments = {"UpdatedClients": [new(-1, "Oak")], "UnchangedClients": [], "UseSingleTransactoin": True}
    assert ajera.call("UpdateClients", arguments)["Errors"]
    assert ajera.journal[-1].reasons[0].path == "UseSingleTransactoin"


def test_what_cannot_be_read_shows_no_secret(ajera):
    """The text near a fault may be a password."""
    for body in (b'{"Password": "Hush_4jera" "APIVersion": 1}', b'{"Password": Hush_4jera}'):
        ajera.post(body)
        assert "Hush" not in repr(ajera.journal[-1])


def test_a_listener_that_fails_changes_no_answer(ajera, caplog):
    """What was written is answered as written."""

    def fail(entry):
        raise BrokenPipeError

    ajera.journal.listeners.append(fail)
    assert update(ajera, [new(-1, "Oak")])["Errors"] == []
    assert "a listener of the journal failed" in caplog.text


def test_null_contacts_and_a_role_without_its_key(ajera):
    """Neither null nor an empty object takes anything away."""
    key = ajera.call("ListProjects")["Content"]["Projects"][0]["ProjectKey"]
    (project,) = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
    assert project["ProjectManager"]["EmployeeKey"]
    for change, rule in (({"Contacts": None}, "null"), ({"ProjectManager": {"Delete": False}}, "no-op")):
        arguments = {"UpdatedProjects": [project | change], "UnchangedProjects": [project]}
        assert ajera.call("UpdateProjects", arguments)["Errors"]
        assert [reason.rule for reason in ajera.journal[-1].reasons] == [rule]


def test_a_day_of_a_week_is_no_date(ajera):
    """ISO has more forms than Ajera takes."""
    update(ajera, [new(-1, "Oak", DateEstablished="2024-W01-1")])
    assert ajera.journal[-1].reasons[0].rule == "date"


def delete_project(ajera, key):
    (read,) = ajera.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
    return ajera.call("UpdateProjects", {"UpdatedProjects": [read | {"Delete": True}], "UnchangedProjects": [read]})


def test_a_project_with_work_is_not_deleted(ajera):
    """Somebody's hours are on it (claim project.delete-with-work-refused)."""
    before = ajera.tenant.fingerprint()
    assert delete_project(ajera, 1)["Errors"][0]["ErrorMessage"] == "The record is in use and cannot be deleted."
    assert ajera.journal[-1].reasons[0].claim == "project.delete-with-work-refused"
    assert ajera.tenant.fingerprint() == before


def test_a_project_without_work_is_deleted(ajera):
    """Nothing is posted to it."""
    assert delete_project(ajera, 34)["Content"]["Projects"] == [{"ProjectKey": 34, "Deleted": True}]


def test_a_client_that_only_a_template_uses_is_not_deleted(ajera, clients):
    """The template would refer to nobody."""
    oak, elm = clients
    group = {"InvoiceGroupKey": 900, "Client": {"ClientKey": oak["ClientKey"]}, "InvoiceFormatKey": 1}
    ajera.put_record("ProjectTemplate", {"ProjectTemplateKey": 900, "CompanyKey": 1, "InvoiceGroups": [group]})
    update(ajera, [oak | {"Delete": True}, elm | {"Delete": True}], clients)
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["in-use"]
    assert names(ajera) & {"Oak", "Elm"} == {"Oak"}
