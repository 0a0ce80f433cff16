"""Members, names and rows that the endpoint never shows, or shows of another record.

A hidden member is hidden everywhere: a record can be sent back as it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.breaks.exchange import Envelope, Exchange, Row, Wrong, add, all_rows

Holders = Callable[[Any], list[Row]]


def holding(*names: str) -> Holders:
    """Return a function that finds the objects with all of these members."""
    return lambda value: [row for row in all_rows(value) if all(name in row for name in names)]


def blank(member: str, value: Any, *beside: str) -> Wrong:
    """Return a break that always shows one value of a member, in objects that have other members too."""
    holders = holding(member, *beside)

    def wrong(exchange: Exchange) -> Envelope:
        for name, rows in exchange.arguments.items():
            for row in holders(rows):
                # A record as it was read must be taken back, though what is stored differs.
                if name.startswith("Unchanged") or row[member] == value:
                    del row[member]
        answer = exchange.send()
        for row in holders(answer.get("Content")):
            row[member] = value
        return answer

    return wrong


def of_another(member: str, key: str) -> Wrong:
    """Return a break that shows the name of a reference of another record."""

    def wrong(exchange: Exchange) -> Envelope:
        answer, texts = exchange.send(), exchange.memory
        for row in holding(member, key)(answer.get("Content")):
            if row[key]:
                texts.setdefault(row[key], row[member])
                row[member] = next((text for other, text in texts.items() if other != row[key]), row[member])
        return answer

    return wrong


_AGAIN = ("lookups", "read_back")
"""Files that compare what is shown with what was written, and with the records that keys name."""

BLANK: tuple[tuple[str, str, str, Any, tuple[str, ...], tuple[str, ...]], ...] = (
    ("clients", "client-notes", "Notes", "", ("ClientKey", "AccountID"), ("clients_write",)),
    ("clients", "client-type-description", "ClientTypeDescription", "", (), ("gets",)),
    ("clients", "client-template-description", "EmailStatementTemplateDescription", "", (), ("gets",)),
    ("clients", "client-contacts", "Contacts", [], ("ClientTypeKey",), ("clients_write", "gets")),
    ("contacts", "contact-email", "Email", "", ("ContactTypeKey",), ("contacts_write",)),
    ("contacts", "contact-type-description", "ContactTypeDescription", "", (), ("gets", "contacts_write")),
    ("contacts", "contact-client-description", "ContactClientDescription", "", (), ("gets",)),
    ("contacts", "contact-vendor-description", "ContactVendorDescription", "", (), ("gets", "vendors")),
    ("vendors", "vendor-website", "Website", "", ("VendorTypeKey",), ("vendors_write",)),
    (
        "vendors",
        "vendor-account-description",
        "AccountDescription",
        "",
        ("VendorTypeKey",),
        ("vendors", "vendors_write"),
    ),
    ("vendors", "vendor-department-description", "DepartmentDescription", "", ("VendorTypeKey",), ("vendors",)),
    ("vendors", "vendor-contacts", "Contacts", [], ("VendorTypeKey",), ("vendors_write",)),
    ("employees", "employee-title", "Title", "", ("EmployeeTypeKey", "BirthDate"), ("employees_write",)),
    ("employees", "employee-pay-rates", "PayRates", [], (), ("pay_rates_write", "gets")),
    ("employees", "employee-credit-cards", "CreditCards", [], (), ("employees_write",)),
    ("employees", "employee-supervisor", "SupervisorKey", None, (), ("employees_write", "filters")),
    ("projects v1", "project-location", "Location", "", ("ProjectKey",), ("projects_change",)),
    ("projects v1", "project-company-description", "CompanyDescription", "", ("ProjectKey", "BillingType"), ("gets",)),
    ("projects v1", "project-rate-table-description", "RateTableDescription", "", (), ("values", "gets")),
    ("projects v1", "project-department-description", "DepartmentDescription", "", ("TaxState",), ("values", "gets")),
    ("projects v1", "group-client-description", "Description", "", ("ClientKey",), ("gets",)),
    ("projects v1", "group-format-description", "InvoiceFormatDescription", "", (), ("gets",)),
    ("projects v1", "group-notes", "Notes", "", ("InvoiceGroupKey", "InvoiceScope"), ("projects_change",)),
    ("projects v1", "phase-notes", "Notes", "", ("PhaseKey", "TaxState"), ("projects_change",)),
    (
        "projects v1",
        "phase-estimated-start",
        "EstimatedStartDate",
        None,
        ("PhaseKey", "TaxState"),
        ("projects_values",),
    ),
    ("projects v1", "role-last-name", "LastName", "", ("EmployeeKey", "MiddleName"), ("projects_people",)),
    ("projects v1", "contact-line-text", "Text", "", ("ContactKey", "Order"), ("projects_people",)),
    ("projects v1", "contact-line-name", "LastName", "", ("ContactKey", "Order"), ("projects_people",)),
    ("projects v2", "v2-client-description", "ClientDescription", "", ("InvoiceGroupKey",), ("v2_projects",)),
    (
        "projects v2",
        "v2-resources",
        "Resources",
        [],
        ("Phases", "InvoiceGroups"),
        ("v2_projects", "v2_projects_change"),
    ),
    ("projects v2", "v2-resource-activity", "ActivityDescription", "", ("ResourceKey",), ("project_views",)),
    ("timesheets", "timesheet-rows", "Detail", [], (), ("timesheets",)),
    ("timesheets", "timesheet-activity", "Activity", "", ("Timesheet Project Key",), ("timesheets",)),
    ("timesheets", "timesheet-notes", "D1 Notes", "", ("Timesheet Project Key",), ("timesheets_write",)),
    ("vendor invoices", "invoice-lines", "VendorInvoicesDetails", [], (), ("vendor_invoices",)),
    ("vendor invoices", "invoice-vendor-description", "VendorDescription", "", (), ("vendor_invoices",)),
    ("vendor invoices", "invoice-line-activity", "ActivityDescription", "", ("TransactionKey",), ("vendor_invoices",)),
    ("vendor invoices", "invoice-notes", "Notes", "", ("VendorInvoiceKey", "DateToPay"), ("vendor_invoices_create",)),
    ("expense reports", "expense-lines", "Expenses", [], (), ("expense_reports",)),
    ("expense reports", "expense-activity", "ActivityDescription", "", ("ExpenseKey",), ("expense_reports",)),
    ("gl accounts", "account-group", "AccountGroup", "", (), ("gl_accounts",)),
    ("gl accounts", "account-balance", "GLBalance", 0, (), ("gl_accounts",)),
)
for _family, _name, _member, _value, _beside, _first in BLANK:
    _state = "never comes" if _value == [] else "is always blank" if _value == "" else f"is always {_value}"
    add(_family, f"{_name}-hidden", f"{_member} {_state}", blank(_member, _value, *_beside), *_AGAIN, *_first)

ANOTHER = (
    ("projects v1", "CompanyDescription", "CompanyKey", ("gets",)),
    ("projects v1", "ProjectTypeDescription", "ProjectTypeKey", ("gets", "values")),
    ("projects v1", "RateTableDescription", "RateTableKey", ("gets", "values")),
    ("clients", "ClientTypeDescription", "ClientTypeKey", ("gets",)),
    ("employees", "EmployeeTypeDescription", "EmployeeTypeKey", ("gets",)),
    ("vendors", "VendorTypeDescription", "VendorTypeKey", ("vendors",)),
    ("vendor invoices", "VendorDescription", "VendorKey", ("vendor_invoices",)),
    ("vendor invoices", "AccountDescription", "AccountKey", ("vendor_invoices",)),
    ("expense reports", "ProjectDescription", "ProjectKey", ("expense_reports",)),
)
for _family, _member, _key, _first in ANOTHER:
    add(
        _family,
        f"{_member}-of-another".lower(),
        f"{_member} is that of another record",
        of_another(_member, _key),
        *_AGAIN,
        *_first,
    )
