"""UpdateClients."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import LEFT_OUT
from .firm import Firm, Row, lacking
from .kinds import CLIENTS, PROJECTS
from .made import NEW_STAMP, Made
from .writing import INVALID, NO_CHANGE, changed, delete, refused

claim = pytest.mark.claim

Create = Callable[..., Row]


def body(made: Made, key: int = -1, **members: Any) -> Row:
    """A new client."""
    return {"ClientKey": key, "LastModifiedDate": NEW_STAMP, "Description": made.name("client")} | members


@claim("client.update-creates-changes-deletes", "write.plain-arguments")
def test_a_client_is_created_changed_and_deleted(made: Made) -> None:
    """One method does all three, with its arguments directly in MethodArguments."""
    (created,) = records(made.update(CLIENTS, [body(made)]), "Clients")
    record = made.read(CLIENTS, created["ClientKey"])
    assert record is not None
    record = changed(made, CLIENTS, record, Notes="changed")
    assert record["Notes"] == "changed"
    (gone,) = records(made.update(CLIENTS, [delete(record, CLIENTS)], [record]), "Clients")
    assert gone == {"ClientKey": record["ClientKey"], "Deleted": True}
    assert made.read(CLIENTS, record["ClientKey"]) is None


@claim("client.editable-members")
@pytest.mark.parametrize(
    "name",
    [
        "AccountID",
        "Email",
        "Website",
        "PrimaryPhoneNumber",
        "SecondaryPhoneNumber",
        "TertiaryPhoneNumber",
        "FaxNumber",
        "Notes",
    ],
)
def test_editable_members(made: Made, new_client: Create, name: str) -> None:
    """A text that clients in the field edit takes a new value, and the rest stays as it is."""
    before = new_client()
    after = changed(made, CLIENTS, before, lambda twin: twin.update({name: "42"}))
    assert after[name] == "42"
    assert {**after, name: None, "LastModifiedDate": None} == {**before, name: None, "LastModifiedDate": None}


@claim("client.editable-members")
def test_the_description_can_be_changed(made: Made, new_client: Create) -> None:
    """A client can be renamed."""
    name = made.name("renamed")
    assert changed(made, CLIENTS, new_client(), Description=name)["Description"] == name


@claim("write.both-arrays-required")
@pytest.mark.parametrize("missing", ["UpdatedClients", "UnchangedClients"])
def test_both_arrays_are_required(made: Made, missing: str) -> None:
    """A call without one of the arrays is refused."""
    refusal(made.update(CLIENTS, [body(made)], [], **{missing: LEFT_OUT}))


@claim("write.no-op-refused", "errors.no-change-text")
def test_an_update_that_changes_nothing(made: Made, new_client: Create) -> None:
    """A record that is sent as it was read is refused with the known text."""
    record = new_client()
    assert NO_CHANGE in refused(made, CLIENTS, record, record).texts


@claim("write.read-back-at-once")
def test_a_new_client_is_seen_at_once(made: Made, new_client: Create) -> None:
    """Another session lists and answers the new client."""
    record = new_client()
    token = made.client.new_token()
    rows = records(
        made.client.call("ListClients", {"FilterByNameEquals": record["Description"]}, token=token), "Clients"
    )
    assert [row["ClientKey"] for row in rows] == [record["ClientKey"]]


@claim("value.stamp-echo-accepted")
def test_the_stamp_is_taken_as_it_was_returned(made: Made, new_client: Create) -> None:
    """LastModifiedDate with its zone name is taken back."""
    record = new_client()
    assert record["LastModifiedDate"].endswith(")")
    changed(made, CLIENTS, record, Notes="echoed")


@claim("client.contacts-link", "contact.client-from-link")
def test_a_contact_line_links_the_contact(made: Made, firm: Firm, new_client: Create) -> None:
    """A line in the Contacts of a client links a contact, which then shows a client."""
    contact = next((row for row in firm.some("Contacts") if row["ContactClientKey"] is None), None)
    if contact is None:
        lacking("contact without a client")
    line = {"ContactKey": contact["ContactKey"], "Order": 0, "Text": "made by a test"}
    record = changed(made, CLIENTS, new_client(), Contacts=[line])
    assert [row["ContactKey"] for row in record["Contacts"]] == [contact["ContactKey"]]
    (linked,) = firm.get("Contacts", contact["ContactKey"])
    assert linked["ContactClientKey"] == record["ClientKey"]
    assert linked["ContactClientDescription"] == record["Description"]


@claim("client.contacts-at-most-five")
def test_six_contact_lines(made: Made, firm: Firm, new_client: Create) -> None:
    """A sixth line is refused."""
    record = new_client()
    keys = [row["ContactKey"] for row in firm.all("Contacts")][:6]
    if len(keys) < 6:
        lacking("six contacts")
    lines = [{"ContactKey": key, "Order": number % 5, "Text": ""} for number, key in enumerate(keys)]
    refused(made, CLIENTS, record | {"Contacts": lines}, record)


@claim("client.description-required")
@pytest.mark.parametrize("text", [LEFT_OUT, "", None], ids=["left out", "empty", "null"])
def test_a_client_without_a_name(made: Made, text: object) -> None:
    """A new client needs a Description."""
    record = {name: value for name, value in body(made, Description=text).items() if value is not LEFT_OUT}
    assert INVALID in refused(made, CLIENTS, record).texts[0]


@claim("client.description-unique")
def test_a_name_that_another_client_has(made: Made, new_client: Create) -> None:
    """A second client of one name is refused, in any case of the letters."""
    name = new_client()["Description"]
    refused(made, CLIENTS, body(made, Description=name))
    refused(made, CLIENTS, body(made, Description=name.upper()))


@claim("client.description-unique")
def test_two_new_clients_of_one_name(made: Made) -> None:
    """Two new clients of one name in one call are not both created."""
    name = made.name("twins")
    answer = made.update(CLIENTS, [body(made, -1, Description=name), body(made, -2, Description=name)])
    assert not answer.succeeded
    assert len(records(made.client.call("ListClients", {"FilterByNameEquals": name}), "Clients")) <= 1


@claim("client.defaults", "client.status-values")
def test_what_a_new_client_has(new_client: Create) -> None:
    """A client that is created by its name alone is active and otherwise empty."""
    record = new_client()
    assert record["Status"] == "Active"
    assert record["MailingAddressSameAsPrimary"] is True
    assert record["Email"] == ""
    assert record["ClientTypeKey"] is None
    assert record["AnnualPercentageRate"] == 0


@claim("value.date-bounds")
@pytest.mark.parametrize(("inside", "outside"), [("1900-01-01", "1899-12-31"), ("2079-06-06", "2079-06-07")])
def test_bounds_of_dates(made: Made, new_client: Create, inside: str, outside: str) -> None:
    """The first and the last day are taken, and none beyond."""
    record = changed(made, CLIENTS, new_client(), DateEstablished=inside)
    assert record["DateEstablished"] == inside
    refused(made, CLIENTS, record | {"DateEstablished": outside}, record)


@claim("write.new-stamp-required")
def test_a_new_client_without_a_stamp(made: Made) -> None:
    """It needs one, though nothing exists yet."""
    sent = body(made)
    del sent["LastModifiedDate"]
    refused(made, CLIENTS, sent)


@claim("client.status-values")
def test_status_of_clients(made: Made, new_client: Create) -> None:
    """A client can be made inactive, and nothing else."""
    record = changed(made, CLIENTS, new_client(), Status="Inactive")
    assert record["Status"] == "Inactive"
    refused(made, CLIENTS, record | {"Status": "Closed"}, record)


@claim("client.delivery-free-text")
def test_delivery_preference(made: Made, new_client: Create) -> None:
    """The delivery preference takes any word."""
    record = changed(made, CLIENTS, new_client(), InvoiceDeliveryPreference="By pigeon")
    assert record["InvoiceDeliveryPreference"] == "By pigeon"


@claim("write.delete-in-use")
def test_a_client_in_use(made: Made, new_client: Create, new_project: Create, minimum: Create) -> None:
    """A client that a project is invoiced to cannot be deleted; after the project is gone it can."""
    record = new_client()
    groups = minimum()["InvoiceGroups"]
    groups[0]["Client"] = {"ClientKey": record["ClientKey"]}
    project = new_project(InvoiceGroups=groups)
    refused(made, CLIENTS, delete(record, CLIENTS), record)
    success(made.update(PROJECTS, [delete(project)], [project]))
    success(made.update(CLIENTS, [delete(record, CLIENTS)], [record]))


@claim("write.unknown-members-refused")
def test_a_member_that_clients_do_not_have(made: Made, new_client: Create) -> None:
    """A member that the record does not have is refused, on a new record too."""
    record = new_client()
    assert INVALID in refused(made, CLIENTS, record | {"Colour": "green"}, record).texts[0]
    assert INVALID in refused(made, CLIENTS, body(made, Colour="green")).texts[0]


@claim("write.wrong-type-refused")
@pytest.mark.parametrize(
    "members",
    [
        {"Description": 5},
        {"SendStatements": "maybe"},
        {"AnnualPercentageRate": "5"},
        {"ClientTypeKey": "1"},
        {"Contacts": {}},
        {"Contacts": [5]},
        {"DateEstablished": 5},
    ],
)
def test_values_of_the_wrong_type(made: Made, members: dict[str, Any]) -> None:
    """A value of another type than the member's is refused."""
    assert INVALID in refused(made, CLIENTS, body(made) | members).texts[0]


@claim("value.bad-day-refused")
@pytest.mark.parametrize("text", ["soon", "2024-02-30", "02/03/2024"])
def test_a_day_that_is_none(made: Made, text: str) -> None:
    """A date that is none is refused."""
    assert INVALID in refused(made, CLIENTS, body(made, DateEstablished=text)).texts[0]


@claim("write.unknown-reference", "write.zero-reference-means-none")
def test_the_type_of_a_client(made: Made, new_client: Create) -> None:
    """A type that does not exist is refused; 0 means none."""
    refused(made, CLIENTS, body(made, ClientTypeKey=2_000_000_000))
    assert new_client(ClientTypeKey=0)["ClientTypeKey"] is None


@claim("value.excess-digits-rounded")
@pytest.mark.parametrize(("sent", "stored"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01")])
def test_rounding(new_client: Create, sent: str, stored: str) -> None:
    """Money is rounded half up, away from zero."""
    assert new_client(PrePaymentBeginningBalance=Decimal(sent))["PrePaymentBeginningBalance"] == Decimal(stored)


@claim("write.decimal-range")
def test_a_number_that_is_too_big(made: Made) -> None:
    """A number of more than nineteen digits is refused."""
    refused(made, CLIENTS, body(made, PrePaymentBeginningBalance=Decimal("123456789012345678.00")))


@claim("client.filter-company-of-shared")
def test_a_client_without_a_company(firm: Firm, new_client: Create) -> None:
    """A client that belongs to no company is kept by no company filter."""
    record = new_client()
    companies = [row["CompanyKey"] for row in firm.all("Companies")]
    assert record["ClientKey"] not in firm.keys("Clients", FilterByCompany=companies)
    assert record["ClientKey"] in firm.keys("Clients")
