"""All breaks, by subject."""

from tools.breaks.catalog import (
    accounts,
    filters,
    hidden,
    invoices,
    permissions,
    projects,
    protocol,
    timesheets,
    writes,
)
from tools.breaks.exchange import BREAKS

__all__ = [
    "BREAKS",
    "accounts",
    "filters",
    "hidden",
    "invoices",
    "permissions",
    "projects",
    "protocol",
    "timesheets",
    "writes",
]
