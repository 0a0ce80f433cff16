"""Vendors."""

from __future__ import annotations

import pytest

from .firm import Firm, lacking

claim = pytest.mark.claim


@claim("vendor.list-members")
def test_members_of_the_list(firm: Firm) -> None:
    """Every row has exactly the two members that existing clients read."""
    rows = firm.all("Vendors") or lacking("Vendors")
    assert all(row.keys() == {"VendorKey", "Name"} for row in rows)


@claim("vendor.get-members")
def test_type_of_a_vendor(firm: Firm) -> None:
    """A vendor shows its type with the description and notes of ListVendorTypes, and with two flags."""
    types = {row["VendorTypeKey"]: row for row in firm.all("VendorTypes")}
    typed = [row for row in firm.some("Vendors") if row["VendorTypeKey"] is not None]
    for row in typed or lacking("vendors with a type"):
        assert row["VendorTypeDescription"] == types[row["VendorTypeKey"]]["Description"]
        assert row["VendorTypeNotes"] == types[row["VendorTypeKey"]]["Notes"]
        assert isinstance(row["VendorTypeIsConsultant"], bool)
        assert isinstance(row["VendorTypeIsCreditCard"], bool)


@claim("vendor.misspelt-members")
def test_misspelled_members(firm: Firm) -> None:
    """Two names are misspelled, as Ajera spells them."""
    for row in firm.some("Vendors"):
        assert {"BuisnessTypeW9", "FederalTaxWitheld"} <= row.keys()
        assert not {"BusinessTypeW9", "FederalTaxWithheld"} & row.keys()


@claim("vendor.name-unique")
def test_names_are_unique(firm: Firm) -> None:
    """No two vendors have the same name."""
    names = [row["Name"].casefold() for row in firm.all("Vendors") or lacking("Vendors")]
    assert len(names) == len(set(names))


@claim("vendor.day-to-pay")
def test_day_to_pay(firm: Firm) -> None:
    """The day of the month to pay is between 1 and 31."""
    days = [row["DayOfTheMonthToPay"] for row in firm.some("Vendors") if row["DayOfTheMonthToPay"] is not None]
    assert all(1 <= day <= 31 for day in days or lacking("vendors with a day of the month to pay"))


@claim("vendor.get-members")
def test_contacts_show_their_vendor(firm: Firm) -> None:
    """A contact on a vendor's line shows that vendor."""
    contacts = {row["ContactKey"]: row for row in firm.some("Contacts")}
    lines = [
        (row, contacts[line["ContactKey"]])
        for row in firm.some("Vendors")
        for line in row["Contacts"] or ()
        if line["ContactKey"] in contacts
    ]
    for vendor, contact in lines or lacking("vendors with contacts"):
        assert contact["ContactVendorKey"] is not None
        if contact["ContactVendorKey"] == vendor["VendorKey"]:
            assert contact["ContactVendorDescription"] == vendor["Name"]
