"""Vendors: the suppliers of the firm. Source: Ajera API, Vendors page, and public API clients."""

from __future__ import annotations

from typing import ClassVar

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.changes.version_1 import DerivedMembers
from mock_ajera.api.context import Visibility
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import Addresses, NotEmpty, Phones, Unique, active
from mock_ajera.api.member import Member
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import ACTIVE, LISTED_IN_VERSION_2, get_method, list_method, plain, update_method
from mock_ajera.claims import Grade


class Vendor(Record):
    """A supplier of the firm. Two names are misspelled, as in Ajera (claim ``vendor.misspelt-members``)."""

    kind = "Vendor"
    defaults: ClassVar = {Member: "vendor.defaults"}
    derived = ""  # a quirk decides: ``DerivedMembers``
    grade = Grade.OBSERVED
    VendorKey = f.Key()
    Delete = f.Delete()
    Name = f.Text(required="on_create", claim="vendor.name-required")
    Status = active("vendor.status-values")
    CompanyKey = f.Ref("Company", shown=Visibility.NEVER)
    DateEstablished = f.Day()
    Receives1099Form = f.Flag()
    FormType1099 = f.Text()
    RecipientID1099 = f.Text()
    RecipientName1099 = f.Text()
    ReportedAmount1099 = f.Money()
    FederalTaxWitheld = f.Money()
    ReceivesW9Form = f.Flag()
    BuisnessTypeW9 = f.Text()
    OtherDescriptionW9 = f.Text()
    DepartmentKey = f.Ref("Department")
    DepartmentDescription = f.Lookup("DepartmentKey", "Department")
    AccountKey = f.Ref("GLAccount")
    AccountDescription = f.Lookup("AccountKey", "Description", blank=None)
    AccountID = f.Lookup("AccountKey", "ID", blank=None)
    VendorAccountID = f.Text()
    RemittanceContact = f.Text()
    RemittanceContactEmail = f.Text()
    CalculatePaymentDateMethod = f.Text()
    NumberOfDaysFromInvoiceDate = f.Whole()
    DayOfTheMonthToPay = f.Whole(at_least=1, at_most=31, outside="vendor.day-to-pay")
    FaxNumber = f.Text()
    FaxDescription = f.Text()
    Email = f.Text()
    Website = f.Text()
    Contacts = f.Rows(ContactLine, at_most=5, claim="vendor.contacts-at-most-five")
    Notes = f.Text()
    VendorTypeKey = f.Ref("VendorType")
    VendorTypeDescription = f.Lookup("VendorTypeKey", "Description")
    VendorTypeIsConsultant = f.Lookup("VendorTypeKey", "IsConsultant", blank=False)
    VendorTypeIsCreditCard = f.Lookup("VendorTypeKey", "IsCreditCard", blank=False)
    VendorTypeNotes = f.Lookup("VendorTypeKey", "Notes")
    LastModifiedDate = f.Stamp()

    phones = f.Members(Phones)
    addresses = f.Members(Addresses)
    CustomFields = CustomFields("Vendor", claim="vendor.custom-fields")

    checks = (
        NotEmpty("Name", "vendor.name-required"),
        Unique(("Name",), "vendor.duplicate-name-refused", quirk="duplicate_vendor_names"),
    )


RECORDS = (VENDOR := Vendor(),)

METHODS = (
    list_method(
        VENDOR,
        {"VendorKey": "VendorKey", "Name": "Name"},
        (
            filters.keys("FilterByCompany", "CompanyKey", "vendor.filter-company"),
            filters.status("FilterByStatus", *ACTIVE, claim="vendor.filter-status"),
            filters.Like("FilterByNameLike", ("Name",), "vendor.filter-name-like-column"),
            filters.keys(
                "FilterByVendorType",
                "VendorTypeKey",
                "vendor.filter-vendor-type",
                null_items="filter.null-item-elsewhere",
            ),
            *filters.modified(),
        ),
        guessed={2: LISTED_IN_VERSION_2},
        claim="vendor.list-members",
    ),
    get_method(VENDOR, {1: plain(VENDOR)}, claim="list.get-several"),
    update_method(
        VENDOR,
        plain(VENDOR),
        derived=DerivedMembers("vendor_derived_members", "vendor.derived-ignored", "vendor.derived-refused"),
        claim="vendor.update-creates-changes-deletes",
    ),
)
