"""The families of the API. A new family is a new module and a line in ``FAMILIES``."""

from __future__ import annotations

from mock_ajera.api.families import clients, contacts, employees, projects, reference, unserved, vendors
from mock_ajera.api.methods import Register
from mock_ajera.api.read_model import kind_specs

FAMILIES = (reference, employees, contacts, clients, vendors, projects, unserved)

RECORDS = {record.kind: record for family in FAMILIES for record in family.RECORDS}
METHODS = Register(method for family in FAMILIES for method in family.METHODS)
KINDS = kind_specs(RECORDS.values(), METHODS.values())
