"""The families of the API. A new family is a new module and a line in ``FAMILIES``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_ajera.api.families import (
    clients,
    contacts,
    employees,
    expense_reports,
    gl_accounts,
    projects,
    reference,
    timesheets,
    vendor_invoices,
    vendors,
)
from mock_ajera.api.methods import Method, Register, untried_in_version_2
from mock_ajera.api.read_model import kind_specs
from mock_ajera.api.records import Record, by_kind


class Family(NamedTuple):
    """The records and methods of one subject."""

    records: tuple[Record, ...]
    methods: tuple[Method, ...]


FAMILIES: Mapping[str, Family] = {
    "lists": Family(reference.RECORDS, reference.METHODS),
    "employees": Family(employees.RECORDS, employees.METHODS),
    "contacts": Family(contacts.RECORDS, contacts.METHODS),
    "clients": Family(clients.RECORDS, clients.METHODS),
    "vendors": Family(vendors.RECORDS, vendors.METHODS),
    "GL accounts": Family(gl_accounts.RECORDS, gl_accounts.METHODS),
    "projects": Family(projects.RECORDS, projects.METHODS),
    "expense reports": Family(expense_reports.RECORDS, expense_reports.METHODS),
    "timesheets": Family(timesheets.RECORDS, timesheets.METHODS),
    "vendor invoices": Family(vendor_invoices.RECORDS, vendor_invoices.METHODS),
}
"""Families by subject. Records are loaded in the order of the families and of their records."""

RECORDS = by_kind(record for family in FAMILIES.values() for record in family.records)
VERSION_1_ONLY = ("ListEmployees", "GetEmployees")
"""The methods that clients found refused in version 2 (claim ``employee.version-1-only``)."""

METHODS = Register(
    method if method.name in VERSION_1_ONLY else untried_in_version_2(method)
    for family in FAMILIES.values()
    for method in family.methods
)
KINDS = kind_specs(RECORDS.values(), METHODS.values())
