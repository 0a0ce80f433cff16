"""UpdateContacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import LEFT_OUT
from .firm import Firm, Row
from .kinds import CLIENTS, CONTACTS, PROJECTS
from .made import NEW_STAMP, Made
from .writing import INVALID, NO_CHANGE, changed, delete, refused

claim = pytest.mark.claim

Create = Callable[..., Row]

NAME = ("FirstName", "MiddleName", "LastName")


def body(made: Made, key: int = -1, **members: Any) -> Row:
    """Return a new contact as it is sent."""
    return {"ContactKey": key, "LastModifiedDate": NEW_STAMP, "LastName": made.name("contact")} | members


def line(contact: Row) -> Row:
    """Return a line for the Contacts of another record."""
    return {"ContactKey": contact["ContactKey"], "Order": 0, "Text": "made by a test"}


@claim("contact.update-creates-changes-deletes", "write.plain-arguments")
def test_a_contact_is_created_changed_and_deleted(made: Made) -> None:
    """One method creates, changes and deletes, and its answer shows each result."""
    answer = success(made.update(CONTACTS, [body(made, -7, FirstName="Ada", MiddleName="B.")]))
    (created,) = answer["Contacts"]
    assert (answer["NumberOfContactsUpdated"], created["OriginalContactKey"]) == (1, -7)
    record = made.read(CONTACTS, created["ContactKey"])
    assert record == {name: value for name, value in created.items() if name != "OriginalContactKey"}
    record = changed(made, CONTACTS, record, Notes="changed")
    assert (record["FirstName"], record["MiddleName"], record["Notes"]) == ("Ada", "B.", "changed")
    (gone,) = records(made.update(CONTACTS, [delete(record, CONTACTS)], [record]), "Contacts")
    assert gone == {"ContactKey": record["ContactKey"], "Deleted": True}
    assert made.read(CONTACTS, record["ContactKey"]) is None


@claim("contact.editable-members")
@pytest.mark.parametrize(
    "name",
    [
        "FirstName",
        "MiddleName",
        "Title",
        "Company",
        "Email",
        "Website",
        "PrimaryPhoneNumber",
        "SecondaryPhoneNumber",
        "TertiaryPhoneNumber",
        "FaxNumber",
        "Notes",
    ],
)
def test_editable_members(made: Made, new_contact: Create, name: str) -> None:
    """A text that existing clients edit accepts a new value, and all other members stay the same."""
    before = new_contact()
    after = changed(made, CONTACTS, before, lambda twin: twin.update({name: "42"}))
    assert after[name] == "42"
    assert {**after, name: None, "LastModifiedDate": None} == {**before, name: None, "LastModifiedDate": None}


@claim("contact.editable-members")
def test_the_last_name_can_be_changed(made: Made, new_contact: Create) -> None:
    name = made.name("renamed")
    assert changed(made, CONTACTS, new_contact(), LastName=name)["LastName"] == name


@claim("write.both-arrays-required")
@pytest.mark.parametrize("missing", ["UpdatedContacts", "UnchangedContacts"])
def test_both_arrays_are_required(made: Made, missing: str) -> None:
    """A call without one of the two arrays is refused."""
    refusal(made.update(CONTACTS, [body(made)], [], **{missing: LEFT_OUT}))


@claim("write.no-op-refused", "errors.no-change-text")
def test_update_without_a_change_is_refused(made: Made, new_contact: Create) -> None:
    """A record that is sent as it was read is refused with the documented text."""
    record = new_contact()
    assert NO_CHANGE in refused(made, CONTACTS, record, record).texts


@claim("contact.name-unique")
def test_duplicate_name_is_refused(made: Made, new_contact: Create) -> None:
    """A second contact with the same name is refused, whether it is new or renamed."""
    first = new_contact(FirstName="Ada", MiddleName="B.")
    name = {part: first[part] for part in NAME}
    refused(made, CONTACTS, body(made, **name))
    other = new_contact()
    refused(made, CONTACTS, other | name, other)


@claim("contact.name-of-three-parts")
def test_parts_of_a_name(made: Made, new_contact: Create) -> None:
    """Contacts may share two of their three names. The same names in capitals are refused."""
    first = new_contact(FirstName="Ada", MiddleName="B.")
    for part, other in (("FirstName", "Eva"), ("MiddleName", "C."), ("LastName", made.name("other"))):
        name = {each: first[each] for each in NAME} | {part: other}
        assert new_contact(**name)[part] == other
    refused(made, CONTACTS, body(made, FirstName="ADA", MiddleName="b.", LastName=first["LastName"].upper()))


@claim("contact.name-of-three-parts")
def test_two_new_contacts_with_one_name(made: Made, firm: Firm) -> None:
    """One call does not create two contacts with the same name."""
    name = made.name("twins")
    answer = made.update(CONTACTS, [body(made, -1, LastName=name), body(made, -2, LastName=name)])
    refusal(answer)
    assert len(firm.listed("Contacts", FilterByText=name)) <= 1


@claim("contact.name-required")
def test_new_contact_needs_a_name(made: Made) -> None:
    """A new contact whose names are all left out, empty or null is refused."""
    nameless = {name: value for name, value in body(made, Company="Nobody").items() if name != "LastName"}
    for names in ({}, dict.fromkeys(NAME, ""), dict.fromkeys(NAME)):
        assert INVALID in refused(made, CONTACTS, nameless | names).texts[0]


@claim("contact.name-required")
@pytest.mark.parametrize("part", NAME)
def test_one_name_is_enough(made: Made, new_contact: Create, part: str) -> None:
    """A contact may keep any one of its three names, but not lose the last one."""
    only = dict.fromkeys(NAME, "") | {part: made.name("only")}
    record = changed(made, CONTACTS, new_contact(), **only)
    assert {name: record[name] for name in NAME} == only
    assert INVALID in refused(made, CONTACTS, record | {part: ""}, record).texts[0]


@claim("contact.several-new-per-call")
def test_several_new_contacts(made: Made) -> None:
    """One call creates several contacts with different negative keys."""
    sent = [body(made, key) for key in (-1, -2, -3)]
    created = records(made.update(CONTACTS, sent, single=True), "Contacts")
    assert [row["OriginalContactKey"] for row in created] == [-1, -2, -3]
    assert len({row["ContactKey"] for row in created}) == 3


@claim("write.each-record-alone", "write.mixed-outcome")
def test_a_refused_record_alone(made: Made, new_contact: Create) -> None:
    """A valid change is written although the call contains a refused record."""
    record = new_contact()
    answer = made.update(CONTACTS, [record | {"Notes": "changed"}, body(made, Status="Retired")], [record])
    assert len(answer.specific_errors) == 1
    assert [row["Notes"] for row in answer.content["Contacts"]] == ["changed"]


@claim("contact.derived-ignored")
def test_texts_of_the_type_are_ignored(made: Made, firm: Firm, new_contact: Create) -> None:
    """A contact shows the texts of its type, not those that were sent."""
    kind = firm.one("ContactTypes")
    sent = {"ContactTypeDescription": "Nobody", "ContactTypeNotes": "Nobody"}
    record = new_contact(ContactTypeKey=kind["ContactTypeKey"], **sent)
    shown = (record["ContactTypeDescription"], record["ContactTypeNotes"])
    assert shown == (kind["Description"], kind["Notes"])
    assert NO_CHANGE in refused(made, CONTACTS, record | sent, record).texts


@claim("contact.derived-ignored")
def test_links_are_ignored(made: Made, firm: Firm, new_contact: Create) -> None:
    """Sending the key of a client or a vendor does not link the contact."""
    links = {
        "ContactClientKey": firm.one("Clients")["ClientKey"],
        "ContactClientDescription": "Nobody",
        "ContactVendorKey": firm.one("Vendors")["VendorKey"],
        "ContactVendorDescription": "Nobody",
    }
    record = new_contact(**links)
    assert {record[name] for name in links} == {None}
    assert NO_CHANGE in refused(made, CONTACTS, record | links, record).texts
    record = changed(made, CONTACTS, record, Notes="changed", **links)
    assert {record[name] for name in links} == {None}


@claim("contact.client-from-link", "client.contacts-list")
def test_a_link_survives_a_change(made: Made, new_contact: Create, new_client: Create) -> None:
    """A contact that a client lists is changed with its client in the record, and keeps it."""
    client = new_client(Contacts=[line(contact := new_contact())])
    linked = made.read(CONTACTS, contact["ContactKey"])
    assert linked is not None
    assert (linked["ContactClientKey"], linked["ContactVendorKey"]) == (client["ClientKey"], None)
    after = changed(made, CONTACTS, linked, FirstName="Ada")
    assert after["ContactClientDescription"] == client["Description"]
    current = made.read(CLIENTS, client["ClientKey"])
    assert current is not None
    assert [row["FirstName"] for row in current["Contacts"]] == ["Ada"]


@claim("write.delete-in-use")
def test_contact_of_a_client_cannot_be_deleted(made: Made, new_contact: Create, new_client: Create) -> None:
    """A contact that a client lists cannot be deleted until the client no longer lists it."""
    client = new_client(Contacts=[line(contact := new_contact())])
    record = made.read(CONTACTS, contact["ContactKey"])
    assert record is not None
    refused(made, CONTACTS, delete(record, CONTACTS), record)
    changed(made, CLIENTS, client, Contacts=[])
    record = made.read(CONTACTS, contact["ContactKey"])
    assert record is not None
    success(made.update(CONTACTS, [delete(record, CONTACTS)], [record]))


@claim("write.delete-in-use")
def test_contact_of_a_project_cannot_be_deleted(
    made: Made, new_contact: Create, new_project: Create, minimum: Create
) -> None:
    """A contact that gets the invoices of a project cannot be deleted until the project is deleted."""
    record = new_contact()
    groups = minimum()["InvoiceGroups"]
    groups[0]["BillingContact"] = {"ContactKey": record["ContactKey"]}
    project = new_project(InvoiceGroups=groups)
    refused(made, CONTACTS, delete(record, CONTACTS), record)
    success(made.update(PROJECTS, [delete(project)], [project]))
    success(made.update(CONTACTS, [delete(record, CONTACTS)], [record]))


@claim("contact.defaults", "contact.status-values")
def test_defaults_of_a_new_contact(new_contact: Create) -> None:
    """A contact that is created with only a name is active, and its other members are empty."""
    record = new_contact()
    assert record["Status"] == "Active"
    assert record["MailingAddressSameAsPrimary"] is True
    assert record["FirstName"] == record["MiddleName"] == record["Email"] == ""
    assert record["ContactTypeKey"] is None


@claim("contact.status-values")
def test_status_of_contacts(made: Made, new_contact: Create) -> None:
    """A contact can be made inactive. Other values of Status are refused."""
    record = changed(made, CONTACTS, new_contact(), Status="Inactive")
    assert record["Status"] == "Inactive"
    refused(made, CONTACTS, record | {"Status": "Retired"}, record)


@claim("write.unknown-reference", "write.zero-reference-means-none")
def test_contact_type(made: Made, new_contact: Create) -> None:
    """An unknown contact type is refused. Key 0 means no type."""
    refused(made, CONTACTS, body(made, ContactTypeKey=2_000_000_000))
    assert new_contact(ContactTypeKey=0)["ContactTypeKey"] is None


@claim("write.new-stamp-required")
def test_new_contact_needs_a_stamp(made: Made) -> None:
    """A new contact without LastModifiedDate is refused."""
    sent = body(made)
    del sent["LastModifiedDate"]
    refused(made, CONTACTS, sent)


@claim("write.unknown-members-refused")
def test_unknown_member_is_refused(made: Made, new_contact: Create) -> None:
    """An unknown member is refused in an existing record and in a new one."""
    record = new_contact()
    assert INVALID in refused(made, CONTACTS, record | {"Color": "green"}, record).texts[0]
    assert INVALID in refused(made, CONTACTS, body(made, Color="green")).texts[0]
