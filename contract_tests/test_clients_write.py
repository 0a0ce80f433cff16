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
    """Return a new client as it is sent."""
    return {"ClientKey": key, "LastModifiedDate": NEW_STAMP, "Description": made.name("client")} | members


@claim("client.update-creates-changes-deletes", "write.plain-arguments")
def test_a_client_is_created_changed_and_deleted(made: Made) -> None:
    """One method creates, changes and deletes. Its arguments are directly in MethodArguments."""
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
    """A text that existing clients edit accepts a new value, and all other members stay the same."""
    before = new_client()
    after = changed(made, CLIENTS, before, lambda twin: twin.update({name: "42"}))
    assert after[name] == "42"
    assert {**after, name: None, "LastModifiedDate": None} == {**before, name: None, "LastModifiedDate": None}


@claim("client.editable-members")
def test_the_description_can_be_changed(made: Made, new_client: Create) -> None:
    name = made.name("renamed")
    assert changed(made, CLIENTS, new_client(), Description=name)["Description"] == name


@claim("write.both-arrays-required")
@pytest.mark.parametrize("missing", ["UpdatedClients", "UnchangedClients"])
def test_both_arrays_are_required(made: Made, missing: str) -> None:
    """A call without one of the two arrays is refused."""
    refusal(made.update(CLIENTS, [body(made)], [], **{missing: LEFT_OUT}))


@claim("write.no-op-refused", "errors.no-change-text")
def test_update_without_a_change_is_refused(made: Made, new_client: Create) -> None:
    """A record that is sent as it was read is refused with the documented text."""
    record = new_client()
    assert NO_CHANGE in refused(made, CLIENTS, record, record).texts


@claim("write.read-back-at-once")
def test_new_client_is_visible_at_once(made: Made, new_client: Create) -> None:
    """Another session lists the new client."""
    record = new_client()
    token = made.client.new_token()
    rows = records(
        made.client.call("ListClients", {"FilterByNameEquals": record["Description"]}, token=token), "Clients"
    )
    assert [row["ClientKey"] for row in rows] == [record["ClientKey"]]


@claim("value.stamp-echo-accepted")
def test_returned_stamp_is_accepted(made: Made, new_client: Create) -> None:
    """LastModifiedDate is accepted with its time zone name."""
    record = new_client()
    assert record["LastModifiedDate"].endswith(")")
    changed(made, CLIENTS, record, Notes="echoed")


@claim("client.contacts-link", "contact.client-from-link")
def test_contact_line_links_the_contact(made: Made, firm: Firm, new_client: Create) -> None:
    """A line in the Contacts of a client links a contact. The contact then shows the client."""
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
def test_sixth_contact_line_is_refused(made: Made, firm: Firm, new_client: Create) -> None:
    record = new_client()
    keys = [row["ContactKey"] for row in firm.all("Contacts")][:6]
    if len(keys) < 6:
        lacking("six contacts")
    lines = [{"ContactKey": key, "Order": number % 5, "Text": ""} for number, key in enumerate(keys)]
    refused(made, CLIENTS, record | {"Contacts": lines}, record)


@claim("client.description-required")
@pytest.mark.parametrize("text", [LEFT_OUT, "", None], ids=["left out", "empty", "null"])
def test_client_needs_a_description(made: Made, text: object) -> None:
    """A new client whose Description is missing, empty or null is refused."""
    record = {name: value for name, value in body(made, Description=text).items() if value is not LEFT_OUT}
    assert INVALID in refused(made, CLIENTS, record).texts[0]


@claim("client.description-unique")
def test_duplicate_name_is_refused(made: Made, new_client: Create) -> None:
    """A second client with the same name is refused. Case does not matter."""
    name = new_client()["Description"]
    refused(made, CLIENTS, body(made, Description=name))
    refused(made, CLIENTS, body(made, Description=name.upper()))


@claim("client.description-unique")
def test_two_new_clients_with_one_name(made: Made) -> None:
    """One call does not create two clients with the same name."""
    name = made.name("twins")
    answer = made.update(CLIENTS, [body(made, -1, Description=name), body(made, -2, Description=name)])
    refusal(answer)
    assert len(records(made.client.call("ListClients", {"FilterByNameEquals": name}), "Clients")) <= 1


@claim("client.defaults", "client.status-values")
def test_defaults_of_a_new_client(new_client: Create) -> None:
    """A client that is created with only a name is active, and its other members are empty."""
    record = new_client()
    assert record["Status"] == "Active"
    assert record["MailingAddressSameAsPrimary"] is True
    assert record["Email"] == ""
    assert record["ClientTypeKey"] is None
    assert record["AnnualPercentageRate"] == 0


@claim("value.date-bounds")
@pytest.mark.parametrize(("inside", "outside"), [("1900-01-01", "1899-12-31"), ("2079-06-06", "2079-06-07")])
def test_bounds_of_dates(made: Made, new_client: Create, inside: str, outside: str) -> None:
    """The first and the last valid date are accepted. Dates beyond them are refused."""
    record = changed(made, CLIENTS, new_client(), DateEstablished=inside)
    assert record["DateEstablished"] == inside
    refused(made, CLIENTS, record | {"DateEstablished": outside}, record)


@claim("write.new-stamp-required")
def test_new_client_needs_a_stamp(made: Made) -> None:
    """A new client without LastModifiedDate is refused."""
    sent = body(made)
    del sent["LastModifiedDate"]
    refused(made, CLIENTS, sent)


@claim("client.status-values")
def test_status_of_clients(made: Made, new_client: Create) -> None:
    """A client can be made inactive. Other values of Status are refused."""
    record = changed(made, CLIENTS, new_client(), Status="Inactive")
    assert record["Status"] == "Inactive"
    refused(made, CLIENTS, record | {"Status": "Closed"}, record)


@claim("client.delivery-free-text")
def test_delivery_preference(made: Made, new_client: Create) -> None:
    """The delivery preference accepts any text."""
    record = changed(made, CLIENTS, new_client(), InvoiceDeliveryPreference="By pigeon")
    assert record["InvoiceDeliveryPreference"] == "By pigeon"


@claim("write.delete-in-use")
def test_client_in_use_cannot_be_deleted(made: Made, new_client: Create, new_project: Create, minimum: Create) -> None:
    """A client that a project is invoiced to cannot be deleted until the project is deleted."""
    record = new_client()
    groups = minimum()["InvoiceGroups"]
    groups[0]["Client"] = {"ClientKey": record["ClientKey"]}
    project = new_project(InvoiceGroups=groups)
    refused(made, CLIENTS, delete(record, CLIENTS), record)
    success(made.update(PROJECTS, [delete(project)], [project]))
    success(made.update(CLIENTS, [delete(record, CLIENTS)], [record]))


@claim("write.unknown-members-refused")
def test_unknown_member_is_refused(made: Made, new_client: Create) -> None:
    """An unknown member is refused in an existing record and in a new one."""
    record = new_client()
    assert INVALID in refused(made, CLIENTS, record | {"Color": "green"}, record).texts[0]
    assert INVALID in refused(made, CLIENTS, body(made, Color="green")).texts[0]


@claim("write.wrong-type-refused")
@pytest.mark.parametrize(
    "members",
    [
        {"Description": 5},
        {"SendStatements": "maybe"},
        {"SendStatements": 1},
        {"SendStatements": 0},
        {"SendStatements": "1"},
        {"AnnualPercentageRate": "5"},
        {"ClientTypeKey": "1"},
        {"Contacts": {}},
        {"Contacts": [5]},
        {"DateEstablished": 5},
    ],
)
def test_wrong_type_is_refused(made: Made, members: dict[str, Any]) -> None:
    """A value whose type is not that of the member is refused."""
    assert INVALID in refused(made, CLIENTS, body(made) | members).texts[0]


@claim("value.bad-day-refused")
@pytest.mark.parametrize(
    "text",
    [
        *("soon", "2024-02-30", "02/03/2024", "2024-2-9", "20240209", "", "2024-02-09 ", "/Date(1707436800000)/"),
    ],
)
def test_invalid_date_is_refused(made: Made, text: str) -> None:
    assert INVALID in refused(made, CLIENTS, body(made, DateEstablished=text)).texts[0]


@claim("write.unknown-reference", "write.zero-reference-means-none")
def test_client_type(made: Made, new_client: Create) -> None:
    """An unknown client type is refused. Key 0 means no type."""
    refused(made, CLIENTS, body(made, ClientTypeKey=2_000_000_000))
    assert new_client(ClientTypeKey=0)["ClientTypeKey"] is None


@claim("value.excess-digits-rounded")
@pytest.mark.parametrize(("sent", "stored"), [("1.005", "1.01"), ("1.004", "1.00"), ("-1.005", "-1.01")])
def test_rounding(new_client: Create, sent: str, stored: str) -> None:
    """Money is rounded half away from zero."""
    assert new_client(PrePaymentBeginningBalance=Decimal(sent))["PrePaymentBeginningBalance"] == Decimal(stored)


@claim("write.decimal-range")
def test_number_out_of_range_is_refused(made: Made) -> None:
    """A number with more than 19 digits is refused."""
    refused(made, CLIENTS, body(made, PrePaymentBeginningBalance=Decimal("123456789012345678.00")))


@claim("client.filter-company-of-shared")
def test_company_filter_excludes_clients_without_a_company(firm: Firm, new_client: Create) -> None:
    """No company filter finds a client that belongs to no company."""
    record = new_client()
    companies = [row["CompanyKey"] for row in firm.all("Companies")]
    assert record["ClientKey"] not in firm.keys("Clients", FilterByCompany=companies)
    assert record["ClientKey"] in firm.keys("Clients")
