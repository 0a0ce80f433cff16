"""The change engine with several records in one request."""

import pytest
import records
from records import new_client, read, read_one, reasons


def new(key, name, **members):
    return new_client(name, key, **members)


def update(ajera, updated, unchanged=(), single=False):
    return records.update(ajera, "Clients", updated, unchanged, UseSingleTransaction=single)


@pytest.fixture
def clients(ajera):
    """Return two clients that no record refers to."""
    made = records.written(ajera, "Clients", [new(-1, "Oak"), new(-2, "Elm")])
    return read(ajera, "Clients", *(each["ClientKey"] for each in made))


def names(ajera):
    return {row["Description"] for row in ajera.call("ListClients")["Content"]["Clients"]}


def test_two_new_records_cannot_have_the_same_name(ajera):
    """The first is written, the second is refused."""
    answer = update(ajera, [new(-1, "Oak"), new(-2, "OAK")])
    assert len(answer["Errors"]) == 1
    assert [row["OriginalClientKey"] for row in answer["Content"]["Clients"]] == [-1]
    assert ajera.journal[-1].reasons[0].path == "UpdatedClients[1].Description"


def test_repeated_keys_are_reported_with_both_places(ajera, clients):
    """Claims write.negative-keys-differ and write.record-once."""
    oak, _ = clients
    update(ajera, [new(-1, "Ash"), oak | {"Notes": "one"}, new(-1, "Yew"), oak | {"Notes": "two"}], clients)
    assert [(reason.path, reason.text) for reason in ajera.journal[-1].reasons] == [
        ("UpdatedClients[2].ClientKey", "-1 is already used at UpdatedClients[0].ClientKey"),
        ("UpdatedClients[3].ClientKey", f"{oak['ClientKey']} is already used at UpdatedClients[1]"),
    ]


def test_a_refused_record_does_not_reserve_its_name(ajera):
    answer = update(ajera, [new(-1, "Oak", ClientTypeKey=987654), new(-2, "Oak")])
    assert [row["OriginalClientKey"] for row in answer["Content"]["Clients"]] == [-2]


def test_a_name_is_free_after_its_record_is_renamed(ajera, clients):
    """A name can move to another record in one request."""
    oak, elm = clients
    answer = update(ajera, [oak | {"Description": "Ash"}, elm | {"Description": "Oak"}], clients)
    assert answer["Errors"] == []
    assert {"Ash", "Oak"} <= names(ajera)


def test_a_name_is_free_after_its_record_is_deleted(ajera, clients):
    gone = {"ClientKey": clients[0]["ClientKey"], "LastModifiedDate": clients[0]["LastModifiedDate"], "Delete": True}
    assert update(ajera, [gone, new(-1, "Oak")], clients)["Errors"] == []


def test_a_single_transaction_reports_every_refused_record(ajera):
    """Nothing is written (claim write.single-transaction)."""
    before = ajera.tenant.fingerprint()
    answer = update(ajera, [new(-1, "Oak"), new(-2, ""), new(-3, "Ash", ClientTypeKey=987654)], single=True)
    assert answer["Content"] == {}
    assert [path for path, _ in reasons(ajera)] == ["UpdatedClients[1].Description", "UpdatedClients[2].ClientTypeKey"]
    assert ajera.tenant.fingerprint() == before


def test_a_refused_record_uses_no_key(ajera):
    update(ajera, [new(-1, "")])
    first = update(ajera, [new(-1, "Oak")])["Content"]["Clients"][0]["ClientKey"]
    update(ajera, [new(-1, "")])
    assert update(ajera, [new(-1, "Elm")])["Content"]["Clients"][0]["ClientKey"] == first + 1


def test_an_invalid_member_is_not_also_reported_as_missing(ajera):
    update(ajera, [new(-1, 5)])
    assert reasons(ajera) == [("UpdatedClients[0].Description", "type")]


def test_a_fault_does_not_hide_one_of_a_longer_name(ajera):
    """ClientTypeKey is not inside Client."""
    update(ajera, [new(-1, "Oak", Notes=5, ClientTypeKey=987654)])
    assert {path for path, _ in reasons(ajera)} == {"UpdatedClients[0].Notes", "UpdatedClients[0].ClientTypeKey"}


def test_a_misspelled_argument_of_an_update_is_refused(ajera):
    """Without UseSingleTransaction, a part would be written."""
    arguments = {"UpdatedClients": [new(-1, "Oak")], "UnchangedClients": [], "UseSingleTransactoin": True}
    assert ajera.call("UpdateClients", arguments)["Errors"]
    assert ajera.journal[-1].reasons[0].path == "UseSingleTransactoin"


def test_the_reason_of_an_unreadable_body_has_no_secret(ajera):
    """The text near an error may be a password."""
    for body in (b'{"Password": "Hush_4jera" "APIVersion": 1}', b'{"Password": Hush_4jera}'):
        ajera.post(body)
        assert "Hush" not in repr(ajera.journal[-1])


def test_a_failing_journal_listener_does_not_change_the_answer(ajera, caplog):

    def fail(entry):
        raise BrokenPipeError

    ajera.journal.listeners.append(fail)
    assert update(ajera, [new(-1, "Oak")])["Errors"] == []
    assert "a listener of the journal failed" in caplog.text


def test_null_contacts_and_a_role_without_a_key_change_nothing(ajera):
    project = read_one(ajera, "Projects", 1)
    assert project["ProjectManager"]["EmployeeKey"]
    for change, rule in (({"Contacts": None}, "null"), ({"ProjectManager": {"Delete": False}}, "no-op")):
        assert records.update(ajera, "Projects", project | change, project)["Errors"]
        assert [each for _, each in reasons(ajera)] == [rule]


def test_an_iso_week_date_is_refused(ajera):
    update(ajera, [new(-1, "Oak", DateEstablished="2024-W01-1")])
    assert ajera.journal[-1].reasons[0].rule == "date"


def delete_project(ajera, key):
    project = read_one(ajera, "Projects", key)
    return records.update(ajera, "Projects", project | {"Delete": True}, project)


def test_a_project_with_work_cannot_be_deleted(ajera):
    """Claim project.delete-with-work-refused."""
    before = ajera.tenant.fingerprint()
    assert delete_project(ajera, 14)["Errors"][0]["ErrorMessage"] == "The record is in use and cannot be deleted."
    reasons = ajera.journal[-1].reasons
    assert {reason.claim for reason in reasons} == {"project.delete-with-work-refused"}
    assert {reason.path for reason in reasons} == {"UpdatedProjects[0].ProjectKey"}
    texts = {"it has time, expenses or invoices", "it is on a timesheet", "it is on a vendor invoice"}
    assert {reason.text for reason in reasons} == texts
    assert ajera.tenant.fingerprint() == before


def test_a_project_without_work_can_be_deleted(ajera):
    assert delete_project(ajera, 305)["Content"]["Projects"] == [{"ProjectKey": 305, "Deleted": True}]


def test_a_client_of_a_template_cannot_be_deleted(ajera, clients):
    oak, elm = clients
    group = {"InvoiceGroupKey": 900, "Client": {"ClientKey": oak["ClientKey"]}, "InvoiceFormatKey": 1}
    ajera.put_record("ProjectTemplate", {"ProjectTemplateKey": 900, "CompanyKey": 1, "InvoiceGroups": [group]})
    update(ajera, [oak | {"Delete": True}, elm | {"Delete": True}], clients)
    assert [reason.rule for reason in ajera.journal[-1].reasons] == ["in-use"]
    assert names(ajera) & {"Oak", "Elm"} == {"Oak"}
