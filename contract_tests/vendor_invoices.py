"""Vendor invoices that the suite writes. No documented method deletes one: see --allow-lasting-records."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

import pytest

from .answers import Answer, records, success
from .client import AjeraClient
from .firm import Firm, Row, first, lacking, phases_of
from .kinds import LINES, VENDOR_INVOICES

NOT_BILLABLE = ("Nonbillable", "Marketing", "Overhead")
"""The billing types of phases that are never billed."""
NOUN, KEY = VENDOR_INVOICES.noun, VENDOR_INVOICES.key


def call_guess(client: AjeraClient, method: str, arguments: Any) -> Answer:
    """Call a method that is known only by its name. Skip the test if the target refuses it."""
    answer = client.call(method, arguments, version=2)
    if f"Unauthorized method: {method}" in answer.texts:
        pytest.skip("the target refuses methods that are known only by name")
    return answer


class Invoice(NamedTuple):
    """An invoice as it was read: its header and its lines."""

    header: Row
    lines: list[Row]

    @property
    def key(self) -> int:
        """Return its key."""
        return int(self.header[KEY])

    @property
    def line(self) -> Row:
        """Return its only line."""
        (line,) = self.lines
        return line


class VendorInvoices:
    """Creates invoices from records of the target."""

    def __init__(self, client: AjeraClient, firm: Firm) -> None:
        self.client, self.firm = client, firm
        self.run = f"contract {uuid.uuid4().hex[:6]}"
        """The beginning of the numbers of invoices, which no other run has."""

    def vendor(self, **members: Any) -> Row:
        """Return a vendor with these members."""
        rows = (row for row in self.firm.some("Vendors") if all(row[name] == members[name] for name in members))
        return first(rows, f"vendors with {members}")

    def account(self, *, allowed: bool = True) -> int:
        """Return the key of an account that allows lines of invoices, or of one that does not."""
        rows = (row for row in self.firm.some("GLAccounts") if _open(row) is allowed)
        return int(first(rows, "such accounts")["GLAccountKey"])

    def charge(self, *, billable: bool = True) -> Row:
        """Return the project, the phase and the activity of a line. ``billable``: whether the phase is ever billed."""
        activity = self.firm.active("Activities")["ActivityKey"]
        for project in self.firm.some("Projects"):
            for phase in phases_of(project):
                if (phase["BillingType"] not in NOT_BILLABLE) is billable:
                    return {
                        "ProjectKey": project["ProjectKey"],
                        "PhaseKey": phase["PhaseKey"],
                        "ActivityKey": activity,
                    }
        return lacking("such phases")

    def body(self, line: Row | None = None, **members: Any) -> Row:
        """Return the least of an invoice, with one line."""
        lines = [{"AccountKey": self.account(), "CostAmount": 25} if line is None else {"CostAmount": 25} | line]
        company = self.firm.one("Companies")["CompanyKey"]
        least = {"VendorKey": self.firm.one("Vendors")["VendorKey"], "CompanyKey": company, "Amount": 25}
        return least | {"LineItems": lines} | members

    def on_account(self, amount: Any = 75, **members: Any) -> Row:
        """Return a line that is charged to an account."""
        return {"CostAmount": amount, "AccountKey": self.account(), **members}

    def on_project(self, amount: Any = 75, **members: Any) -> Row:
        """Return a line that is charged to a project, a phase and an activity."""
        return {"CostAmount": amount, **self.charge(), **members}

    def of(self, *lines: Row, **members: Any) -> Row:
        """Return an invoice of these lines, by default of one. Its Amount is their sum."""
        items = list(lines) or [self.on_account()]
        total = sum(line.get("CostAmount", 0) for line in items)
        return self.body() | {"Amount": total, "LineItems": items} | members

    def create(self, *bodies: Any, **arguments: Any) -> Answer:
        """Call CreateVendorInvoices."""
        return self.client.call(f"Create{NOUN}", {NOUN: list(bodies), **arguments}, version=2)

    def new(self, line: Row | None = None, **members: Any) -> Invoice:
        """Return a new invoice as it is read after its creation."""
        return self.made(self.body(line, **members))

    def made(self, body: Row) -> Invoice:
        """Create an invoice, and return it as it is read."""
        return self.read(success(self.create(body))[NOUN][0][KEY])

    def read(self, key: int) -> Invoice:
        """Return an invoice."""
        content = self.bundle(key)
        (header,) = content[NOUN]
        return Invoice(header, content[LINES])

    def bundle(self, *keys: int) -> Row:
        """Return Content of GetVendorInvoices."""
        return success(self.client.call(f"Get{NOUN}", {VENDOR_INVOICES.argument: list(keys)}, version=2))

    def listed(self, **filters: Any) -> set[int]:
        """Return the keys of the listed invoices."""
        return {row[KEY] for row in records(self.client.call(f"List{NOUN}", filters, version=2), NOUN)}


def _open(account: Row) -> bool:
    return account["Status"] == "Active" and bool(account["AllowJournalEntries"])
