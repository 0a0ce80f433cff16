"""UpdateVendors."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import LEFT_OUT
from .firm import Firm, Row, lacking
from .kinds import CONTACTS, VENDORS
from .made import NEW_STAMP, Made
from .members import of_record
from .writing import INVALID, NO_CHANGE, delete, refused

claim = pytest.mark.claim

Create = Callable[..., Row]


DERIVED = [
    member.path
    for member in of_record("GetVendors 1 Vendors").values()
    if member.access == "read-only" and "." not in member.path
]
"""Some targets refuse the members that Ajera derives from others."""


def plain(record: Row) -> Row:
    """Return the record without its derived members."""
    return {name: value for name, value in record.items() if name not in DERIVED}


def changed(made: Made, record: Row, **members: Any) -> Row:
    """Send the record with other members, and return the changed record."""
    records(made.update(VENDORS, [plain(record) | members], [record]), "Vendors")
    current = made.read(VENDORS, record["VendorKey"])
    assert current is not None, "a changed record cannot be read"
    return current


def body(made: Made, key: int = -1, **members: Any) -> Row:
    """Return a new vendor as it is sent."""
    return {"VendorKey": key, "LastModifiedDate": NEW_STAMP, "Name": made.name("vendor")} | members


@claim("vendor.update-creates-changes-deletes", "write.plain-arguments")
def test_a_vendor_is_created_changed_and_deleted(made: Made) -> None:
    """One method creates, changes and deletes, and its answer shows each result."""
    answer = success(made.update(VENDORS, [body(made, -7, VendorAccountID="A-1")]))
    (created,) = answer["Vendors"]
    assert (answer["NumberOfVendorsUpdated"], created["OriginalVendorKey"]) == (1, -7)
    record = made.read(VENDORS, created["VendorKey"])
    assert record == {name: value for name, value in created.items() if name != "OriginalVendorKey"}
    record = changed(made, record, Notes="changed")
    assert (record["VendorAccountID"], record["Notes"]) == ("A-1", "changed")
    (gone,) = records(made.update(VENDORS, [delete(record, VENDORS)], [record]), "Vendors")
    assert gone == {"VendorKey": record["VendorKey"], "Deleted": True}
    assert made.read(VENDORS, record["VendorKey"]) is None


@claim("vendor.editable-members", "vendor.misspelt-members")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Receives1099Form", True),
        ("FormType1099", "Rents"),
        ("RecipientID1099", "00-0000042"),
        ("RecipientName1099", "42"),
        ("ReportedAmount1099", Decimal("12.34")),
        ("FederalTaxWitheld", Decimal("0.05")),
        ("ReceivesW9Form", True),
        ("BuisnessTypeW9", "Individual/Sole Proprietor"),
        ("OtherDescriptionW9", "42"),
        ("VendorAccountID", "42"),
        ("DateEstablished", "2015-03-11"),
        ("CalculatePaymentDateMethod", "Day of the month"),
        ("NumberOfDaysFromInvoiceDate", 30),
        ("DayOfTheMonthToPay", 31),
        ("Email", "42"),
        ("Website", "42"),
        ("PrimaryPhoneNumber", "42"),
        ("FaxNumber", "42"),
        ("PrimaryAddressCity", "42"),
        ("MailingAddressSameAsPrimary", False),
        ("Notes", "42"),
    ],
)
def test_editable_members(made: Made, new_vendor: Create, name: str, value: Any) -> None:
    """A member accepts a new value, and all other members stay the same."""
    before = new_vendor()
    assert before[name] != value
    after = changed(made, before, **{name: value})
    assert after[name] == value
    assert {**after, name: None, "LastModifiedDate": None} == {**before, name: None, "LastModifiedDate": None}


@claim("vendor.editable-members")
def test_the_name_can_be_changed(made: Made, new_vendor: Create) -> None:
    name = made.name("renamed")
    assert changed(made, new_vendor(), Name=name)["Name"] == name


@claim("write.both-arrays-required")
@pytest.mark.parametrize("missing", ["UpdatedVendors", "UnchangedVendors"])
def test_both_arrays_are_required(made: Made, missing: str) -> None:
    """A call without one of the two arrays is refused."""
    refusal(made.update(VENDORS, [body(made)], [], **{missing: LEFT_OUT}))


@claim("write.no-op-refused", "errors.no-change-text")
def test_update_without_a_change_is_refused(made: Made, new_vendor: Create) -> None:
    """A record that is sent as it was read is refused with the documented text."""
    record = new_vendor()
    assert NO_CHANGE in refused(made, VENDORS, plain(record), record).texts


@claim("vendor.name-required")
@pytest.mark.parametrize("text", [LEFT_OUT, "", None], ids=["left out", "empty", "null"])
def test_vendor_needs_a_name(made: Made, text: object) -> None:
    """A new vendor whose Name is missing, empty or null is refused."""
    record = {name: value for name, value in body(made, Name=text).items() if value is not LEFT_OUT}
    assert INVALID in refused(made, VENDORS, record).texts[0]


@claim("vendor.duplicate-name-refused")
def test_duplicate_name_is_refused(made: Made, new_vendor: Create) -> None:
    """A second vendor with the same name is refused, whether it is new or renamed."""
    name = new_vendor()["Name"]
    refused(made, VENDORS, body(made, Name=name))
    other = new_vendor()
    refused(made, VENDORS, plain(other) | {"Name": name}, other)


@claim("vendor.contacts-link")
def test_contact_line_links_the_contact(made: Made, firm: Firm, new_vendor: Create, new_contact: Create) -> None:
    """A line in the Contacts of a vendor links a contact, which then shows the vendor until the line is removed."""
    contact = new_contact()
    line = {"ContactKey": contact["ContactKey"], "Order": 0, "Text": "made by a test"}
    record = changed(made, new_vendor(), Contacts=[line])
    assert record["Contacts"][0].items() >= (line | {"LastName": contact["LastName"]}).items()
    (linked,) = firm.get("Contacts", contact["ContactKey"])
    assert (linked["ContactVendorKey"], linked["ContactVendorDescription"]) == (record["VendorKey"], record["Name"])
    changed(made, record, Contacts=[])
    (alone,) = firm.get("Contacts", contact["ContactKey"])
    assert (alone["ContactVendorKey"], alone["ContactVendorDescription"]) == (None, None)


@claim("vendor.contacts-at-most-five")
def test_sixth_contact_line_is_refused(made: Made, firm: Firm, new_vendor: Create) -> None:
    record = new_vendor()
    keys = [row["ContactKey"] for row in firm.all("Contacts")][:6]
    if len(keys) < 6:
        lacking("six contacts")
    lines = [{"ContactKey": key, "Order": number % 5, "Text": ""} for number, key in enumerate(keys)]
    refused(made, VENDORS, plain(record) | {"Contacts": lines}, record)
    assert len(changed(made, record, Contacts=lines[:5])["Contacts"]) == 5


@claim("vendor.derived-ignored")
@pytest.mark.parametrize("name", ["VendorTypeDescription", "VendorTypeNotes", "DepartmentDescription"])
def test_derived_members(made: Made, new_vendor: Create, name: str) -> None:
    """A text that is derived from a key may be sent, and is not stored."""
    before = new_vendor()
    success(made.update(VENDORS, [before | {name: "another", "Notes": "changed"}], [before]))
    after = made.read(VENDORS, before["VendorKey"])
    assert after is not None
    assert (after[name], after["Notes"]) == (before[name], "changed")


@claim("vendor.day-to-pay")
@pytest.mark.parametrize(("inside", "outside"), [(1, 0), (31, 32)])
def test_bounds_of_the_day_to_pay(made: Made, new_vendor: Create, inside: int, outside: int) -> None:
    record = changed(made, new_vendor(), DayOfTheMonthToPay=inside)
    assert record["DayOfTheMonthToPay"] == inside
    refused(made, VENDORS, plain(record) | {"DayOfTheMonthToPay": outside}, record)


@claim("vendor.defaults", "vendor.status-values")
def test_defaults_of_a_new_vendor(new_vendor: Create) -> None:
    """A vendor that is created with only a name is active, and its other members are empty."""
    record = new_vendor()
    assert record["Status"] == "Active"
    assert record["MailingAddressSameAsPrimary"] is True
    assert (record["Receives1099Form"], record["ReceivesW9Form"]) == (False, False)
    assert (record["Email"], record["VendorTypeKey"], record["ReportedAmount1099"]) == ("", None, 0)


@claim("vendor.status-values")
def test_status_of_vendors(made: Made, new_vendor: Create) -> None:
    """A vendor can be made inactive. Other values of Status are refused."""
    record = changed(made, new_vendor(), Status="Inactive")
    assert record["Status"] == "Inactive"
    refused(made, VENDORS, plain(record) | {"Status": "Closed"}, record)


@claim("write.unknown-reference", "write.zero-reference-means-none")
@pytest.mark.parametrize("name", ["VendorTypeKey", "DepartmentKey", "AccountKey"])
def test_references(made: Made, new_vendor: Create, name: str) -> None:
    """An unknown key is refused. Key 0 means none."""
    refused(made, VENDORS, body(made, **{name: 2_000_000_000}))
    assert new_vendor(**{name: 0})[name] is None


@claim("vendor.get-members")
def test_the_account_of_a_vendor(made: Made, firm: Firm, new_vendor: Create) -> None:
    """A vendor shows the name and the number of its GL account."""
    account = firm.one("GLAccounts")
    record = changed(made, new_vendor(), AccountKey=account["GLAccountKey"])
    assert (record["AccountDescription"], record["AccountID"]) == (account["Description"], account["ID"])


@claim("write.delete-in-use")
def test_contact_of_a_vendor_cannot_be_deleted(made: Made, new_vendor: Create, new_contact: Create) -> None:
    """A contact that a vendor lists cannot be deleted until the vendor is deleted."""
    contact = new_contact()
    vendor = new_vendor(Contacts=[{"ContactKey": contact["ContactKey"], "Order": 0, "Text": ""}])
    current = made.read(CONTACTS, contact["ContactKey"])
    assert current is not None
    refused(made, CONTACTS, delete(current, CONTACTS), current)
    success(made.update(VENDORS, [delete(vendor, VENDORS)], [vendor]))
    current = made.read(CONTACTS, contact["ContactKey"])
    assert current is not None
    success(made.update(CONTACTS, [delete(current, CONTACTS)], [current]))


@claim("write.unknown-members-refused")
@pytest.mark.parametrize("name", ["BusinessTypeW9", "FederalTaxWithheld", "Description", "CompanyKey"])
def test_unknown_member_is_refused(made: Made, new_vendor: Create, name: str) -> None:
    """An unknown member, such as a name in the right spelling, is refused in an old record and in a new one."""
    record = new_vendor()
    assert INVALID in refused(made, VENDORS, plain(record) | {name: 1}, record).texts[0]
    assert INVALID in refused(made, VENDORS, body(made, **{name: 1})).texts[0]


@claim("write.each-record-alone")
@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_invalid_record_does_not_stop_the_others(made: Made, position: int) -> None:
    """Two valid vendors beside an invalid one are created."""
    sent = [body(made, -1), body(made, -2)]
    sent.insert(position, body(made, -3, Name=""))
    made.update(VENDORS, sent)
    names = {row["Name"] for row in records(made.client.call("ListVendors"), "Vendors")}
    assert {row["Name"] for row in sent if row["Name"]} <= names
