"""The kinds of records that have a Get method.

The shared parts of the suite read a family, and create and remove its records, with nothing but its row in ``KINDS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .members import of_record


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    noun: str
    """Plural in method names and arrays: ``ListProjects``, ``Content.Projects``."""
    key: str
    argument: str
    """Argument of the Get method that contains the keys."""
    named_by: str = ""
    """Member of a list row that contains the name the suite gave the record. Empty if the suite creates none."""

    @property
    def created(self) -> bool:
        """Return whether the suite creates such records."""
        return bool(self.named_by)

    @property
    def original(self) -> str:
        """Return the member of a response that repeats the negative key of a created record."""
        return f"Original{self.key}"

    @property
    def count(self) -> str:
        """Return the member of a response that counts the changed records."""
        return f"NumberOf{self.noun}Updated"


KINDS = {
    kind.noun: kind
    for kind in (
        Kind("GLAccounts", "GLAccountKey", "RequestedGLAccounts"),
        Kind("Contacts", "ContactKey", "RequestedContacts", named_by="LastName"),
        Kind("Employees", "EmployeeKey", "RequestedEmployees", named_by="LastName"),
        Kind("Vendors", "VendorKey", "RequestedVendors", named_by="Name"),
        Kind("Clients", "ClientKey", "RequestedClients", named_by="Description"),
        Kind("Projects", "ProjectKey", "RequestedProjects", named_by="Description"),
        Kind("ExpenseReports", "ExpenseReportKey", "RequestedExpenseReports", named_by="Description"),
        Kind("ProjectTemplates", "ProjectTemplateKey", "RequestedProjects"),
    )
}
"""All kinds by noun. A kind comes after the kinds it refers to; records are removed in the reverse order."""

STAMPED = tuple(noun for noun in KINDS if "LastModifiedDate" in of_record(f"Get{noun} 1 {noun}"))
"""The kinds whose records have a LastModifiedDate."""

GUESSED = ("AttachmentCategories",)
"""Nouns of lists that are known only by name. A target may refuse them."""

OF_ONE_PROJECT = {"GetProjectTotals": "RequestedProjectTotals", "ListChargeablePhases": "ProjectKey"}
"""Methods that answer for one project, and their argument: a single key."""

TIMESHEETS = Kind("Timesheets", "TimesheetKey", "RequestedTimesheets")
"""The kind whose records exist in version 2 only, and cannot be deleted."""

VENDOR_INVOICES = Kind("VendorInvoices", "VendorInvoiceKey", "RequestedVendorInvoices")
"""The kind whose records exist in version 2 only, and can be deleted only by a method known by its name."""

LINES = "VendorInvoicesDetails"
"""The array with the lines of vendor invoices."""

ONLY_IN_VERSION_2 = ("Timesheets", "NonWorkDays", VENDOR_INVOICES.noun, LINES)
"""Arrays of methods that version 1 does not have."""

CLIENTS = KINDS["Clients"]
CONTACTS = KINDS["Contacts"]
EMPLOYEES = KINDS["Employees"]
EXPENSE_REPORTS = KINDS["ExpenseReports"]
PROJECTS = KINDS["Projects"]
VENDORS = KINDS["Vendors"]


@cache
def key_of(noun: str) -> str:
    """Return the key member of the rows of ``List<noun>``, such as ``CompanyKey`` for ``Companies``."""
    if noun in KINDS:
        return KINDS[noun].key
    return next(member.path for member in of_record(f"List{noun} 1 {noun}").values() if member.access == "key")


def listed_key(noun: str) -> str:
    """Return the key member of the rows of the list of a kind in any version."""
    if noun == TIMESHEETS.noun:
        return "Timesheet Key"
    return VENDOR_INVOICES.key if noun == VENDOR_INVOICES.noun else KINDS[noun].key
