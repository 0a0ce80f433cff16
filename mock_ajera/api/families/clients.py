"""Clients: whom the firm works for. Source: Ajera API, Clients page, and clients in the field."""

from __future__ import annotations

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.families.contacts import ContactLine
from mock_ajera.api.families.parts import Addresses, NotEmpty, Phones, Unique, active
from mock_ajera.api.records import NEVER, Record
from mock_ajera.api.shapes import ACTIVE, get_method, list_method, plain, update_method


class Client(Addresses, Phones, Record):
    kind = "Client"
    ClientKey = f.Key()
    Delete = f.Delete()
    Status = active()
    Description = f.Text(need="create", claim="client.description-required")
    CompanyKey = f.Ref("Company", shown=NEVER)
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
    Contacts = f.Rows(ContactLine, at_most=5, claim="client.contacts-at-most-five")
    Notes = f.Text()
    ClientTypeKey = f.Ref("ClientType")
    ClientTypeDescription = f.Lookup("ClientTypeKey", "Description")
    ClientTypeNotes = f.Lookup("ClientTypeKey", "Notes")
    LastModifiedDate = f.Stamp()
    EmailStatementTemplateKey = f.Ref("EmailTemplate")
    EmailStatementTemplateDescription = f.Lookup("EmailStatementTemplateKey", "Description")
    InvoiceDeliveryPreference = f.Text(default="Printed", claim="client.delivery-free-text")

    holds = {"contacts": ("Contacts", "ContactKey")}
    used_by = tuple(
        (kind, "clients", f"{kind} {{user}} refers to it", "write.delete-in-use")
        for kind in ("Project", "ProjectTemplate")
    )
    checks = (
        NotEmpty("Description", "client.description-required"),
        Unique("Client", "ClientKey", "Description", "duplicate_client_names", "client.description-unique"),
    )


RECORDS = (CLIENT := Client(),)

METHODS = (
    list_method(
        CLIENT,
        {"ClientKey": "ClientKey", "Description": "Description"},
        (
            filters.keys("FilterByCompany", "CompanyKey", "client.filter-company"),
            filters.status("FilterByStatus", *ACTIVE, claim="client.filter-status"),
            filters.Like("FilterByNameLike", ("Description",), "client.filter-name-like"),
            filters.Equals("FilterByNameEquals", ("Description",), "client.filter-name-equals"),
            filters.keys("FilterByClientType", "ClientTypeKey", "client.filter-client-type", null_items=True),
            *filters.modified(),
        ),
        versions=(1, 2),
        version_2="reference.version-2-too",
        claim="client.list-members",
    ),
    get_method(CLIENT, {1: plain(CLIENT)}, claim="list.get-several"),
    update_method(CLIENT, plain(CLIENT), claim="client.update-creates-changes-deletes"),
)
