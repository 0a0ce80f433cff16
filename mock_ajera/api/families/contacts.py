"""Contacts: people outside the firm. Source: Ajera API, Contacts page, and public API clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import WriteContext
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families.parts import Addresses, Phones, Unique, active, changed
from mock_ajera.api.member import Body, Member
from mock_ajera.api.methods import graded, ignoring
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import ACTIVE, LISTED_IN_VERSION_2, get_method, list_method, plain, update_method
from mock_ajera.claims import Grade
from mock_ajera.tenants.trace import relies_on

NAME = ("FirstName", "MiddleName", "LastName")


class ContactLine(Row):
    """A contact of a client, vendor or employee. Order and Text are stored in the line, the rest in the contact.

    Only the Projects page gives bounds for Order and a length for Text.
    """

    ContactKey = f.Ref("Contact", nullable=False, required="always")
    Order = f.Whole()
    Text = f.Text()
    FirstName = f.Lookup("ContactKey", "FirstName")
    MiddleName = f.Lookup("ContactKey", "MiddleName")
    LastName = f.Lookup("ContactKey", "LastName")
    Title = f.Lookup("ContactKey", "Title")
    Company = f.Lookup("ContactKey", "Company")


def named(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a contact without any name. The files of a firm may contain one."""
    if context.seeding or any(row[part].strip() for part in NAME) or not changed(row, stored, *NAME):
        return
    text = f"one of {', '.join(NAME)} is required"
    context.refuse(within(at, NAME[0]), "not-empty", text, "contact.name-required")


def one_new(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a second new contact in one request if the quirk says so."""
    second = stored is None and any(kind == Contact.kind and key < 0 for kind, key in context.batch.keys)
    if context.seeding or not second:
        return
    if context.quirk("several_new_contacts") == "refuse":
        text = "the request already creates another contact"
        context.refuse(within(at, "ContactKey"), "one-new", text, "contact.one-new-per-call")
    else:
        relies_on("contact.several-new-per-call")


class Contact(Record):
    """A person outside the firm."""

    kind = "Contact"
    defaults: ClassVar = {Member: "contact.defaults"}
    derived = "contact.derived-ignored"
    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {"CF_*": Grade.INFERRED}
    ContactKey = f.Key()
    Delete = f.Delete()
    Status = active("contact.status-values")
    FirstName = f.Text()
    MiddleName = f.Text()
    LastName = f.Text()
    Company = f.Text()
    Title = f.Text()
    FaxNumber = f.Text()
    FaxDescription = f.Text()
    Email = f.Text()
    Website = f.Text()
    Notes = f.Text()
    ContactTypeKey = f.Ref("ContactType")
    ContactTypeDescription = f.Lookup("ContactTypeKey", "Description", blank=None)
    ContactTypeNotes = f.Lookup("ContactTypeKey", "Notes", blank=None)
    ContactClientKey = f.ReverseRef("Client", first="contact.client-of-several")
    ContactClientDescription = f.ReverseRef("Client", shows="Description", first="contact.client-of-several")
    ContactVendorKey = f.ReverseRef("Vendor", first="contact.client-of-several")
    ContactVendorDescription = f.ReverseRef("Vendor", shows="Name", first="contact.client-of-several")
    LastModifiedDate = f.Stamp()
    phones = f.Members(Phones)
    addresses = f.Members(Addresses)
    CustomFields = CustomFields("Contact", claim="contact.custom-fields")

    checks = (named, Unique(NAME, "contact.name-unique", compared="contact.name-of-three-parts"), one_new)
    examples: ClassVar[Mapping[str, Any]] = {"FirstName": "Avery", "LastName": "Example"}


RECORDS = (CONTACT := Contact(),)

_TEXTS = (*NAME, "Company")

METHODS = (
    graded(
        ignoring(
            list_method(
                CONTACT,
                {name: name for name in ("ContactKey", *_TEXTS, "ContactClientKey", "ContactVendorKey")},
                (
                    filters.ThroughReferrer(
                        "FilterByCompany", ("CompanyKey",), "contact.filter-company-by-client", "Client"
                    ),
                    filters.status("FilterByStatus", *ACTIVE, claim="contact.filter-status"),
                    filters.Like("FilterByText", _TEXTS, "contact.filter-text-columns"),
                    filters.keys(
                        "FilterByContactType",
                        "ContactTypeKey",
                        "contact.filter-contact-type",
                        null_items="filter.null-item-means-none",
                    ),
                    *filters.modified(),
                ),
                guessed={2: LISTED_IN_VERSION_2},
                claim="contact.list-members",
            ),
            "contact.filter-name-like-unknown",
            *("FilterByNameLike", "FilterByClient"),
        ),
        dict.fromkeys(("ContactClientKey", "ContactVendorKey"), Grade.OBSERVED),
    ),
    get_method(CONTACT, {1: plain(CONTACT)}, claim="list.get-several"),
    update_method(CONTACT, plain(CONTACT), claim="contact.update-creates-changes-deletes"),
)
