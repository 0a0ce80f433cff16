"""Clients: the customers of the firm. Source: Ajera API, Clients page, and public API clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import Visibility
from mock_ajera.api.custom_fields import CustomFields
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import Addresses, NotEmpty, Phones, Unique, active
from mock_ajera.api.member import Member
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import ACTIVE, LISTED_IN_VERSION_2, get_method, list_method, plain, update_method
from mock_ajera.claims import Grade


class Client(Record):
    """A customer of the firm."""

    kind = "Client"
    defaults: ClassVar = {Member: "client.defaults"}
    grade = Grade.OBSERVED
    grades: ClassVar[Mapping[str, Grade]] = {"CF_*": Grade.INFERRED}
    ClientKey = f.Key()
    Delete = f.Delete()
    Status = active("client.status-values")
    Description = f.Text(required="on_create", claim="client.description-required")
    CompanyKey = f.Ref("Company", shown=Visibility.NEVER)
    DateEstablished = f.Day()
    SendStatements = f.Flag()
    CreateFinanceCharge = f.Flag()
    AnnualPercentageRate = f.Rate()
    PrePaymentBeginningBalance = f.Money()
    AccountID = f.Text()
    FaxNumber = f.Text()
    FaxDescription = f.Text()
    Email = f.Text()
    Website = f.Text()
    Contacts = f.Rows(ContactLine, at_most=5, empty="client.contacts-empty-array", claim="client.contacts-at-most-five")
    Notes = f.Text()
    ClientTypeKey = f.Ref("ClientType")
    ClientTypeDescription = f.Lookup("ClientTypeKey", "Description")
    ClientTypeNotes = f.Lookup("ClientTypeKey", "Notes")
    LastModifiedDate = f.Stamp()
    EmailStatementTemplateKey = f.Ref("EmailTemplate")
    EmailStatementTemplateDescription = f.Lookup("EmailStatementTemplateKey", "Description")
    InvoiceDeliveryPreference = f.Text(default="Printed", claim="client.delivery-free-text")

    phones = f.Members(Phones)
    addresses = f.Members(Addresses)
    CustomFields = CustomFields("Client", claim="client.custom-fields")

    checks = (
        NotEmpty("Description", "client.description-required"),
        Unique(
            ("Description",),
            "client.description-unique",
            "duplicate_client_names",
            "client.duplicate-description-allowed",
        ),
    )


RECORDS = (CLIENT := Client(),)

METHODS = (
    list_method(
        CLIENT,
        {"ClientKey": "ClientKey", "Description": "Description"},
        (
            filters.keys(
                "FilterByCompany", "CompanyKey", "client.filter-company", unset="client.filter-company-of-shared"
            ),
            filters.status("FilterByStatus", *ACTIVE, claim="client.filter-status"),
            filters.Like("FilterByNameLike", ("Description",), "client.filter-name-like-column"),
            filters.Equals("FilterByNameEquals", ("Description",), "client.filter-name-equals-column"),
            filters.keys(
                "FilterByClientType",
                "ClientTypeKey",
                "client.filter-client-type",
                null_items="filter.null-item-elsewhere",
            ),
            *filters.modified(),
        ),
        guessed={2: LISTED_IN_VERSION_2},
        claim="client.list-members",
    ),
    get_method(CLIENT, {1: plain(CLIENT)}, claim="list.get-several"),
    update_method(CLIENT, plain(CLIENT), claim="client.update-creates-changes-deletes"),
)
