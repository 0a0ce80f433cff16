"""Vendor invoices that the suite creates. No evidenced method removes one, so the suite creates them in a mock only."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from .answers import Answer, records, success
from .client import AjeraClient
from .firm import Firm, Row, first, lacking, phases_of
from .kinds import LINES, VENDOR_INVOICES


class VendorInvoices:
    """Requests of CreateVendorInvoices with records of the target."""

    def __init__(self, client: AjeraClient, firm: Firm) -> None:
        self.client, self.firm = client, firm
        self.run = f"contract {uuid.uuid4().hex[:6]}"

    def vendor(self, what: str = "active vendor", **members: Any) -> Row:
        """Return an active vendor that has these values."""
        rows = (row for row in self.firm.some("Vendors") if row["Status"] == "Active")
        return first([row for row in rows if members.items() <= row.items()], what)

    def account(self, *, postable: bool = True) -> int:
        """Return the key of an active account that allows journal entries, or that does not."""
        active = {row["GLAccountKey"] for row in self.firm.all("GLAccounts") if row["Status"] == "Active"}
        rows = [row for row in self.firm.some("GLAccounts") if row["GLAccountKey"] in active]
        found = [row["GLAccountKey"] for row in rows if row["AllowJournalEntries"] is postable]
        key: int = found[0] if found else lacking(f"active accounts with AllowJournalEntries {postable}")
        return key

    def on_account(self, amount: Any = 75, **members: Any) -> Row:
        """Return a line that is charged to an account."""
        return {"CostAmount": amount, "AccountKey": self.account(), **members}

    def on_project(self, amount: Any = 75, **members: Any) -> Row:
        """Return a line that is charged to a project, a phase and an activity."""
        for project in self.firm.some("Projects"):
            for phase in phases_of(project):
                keys = {"ProjectKey": project["ProjectKey"], "PhaseKey": phase["PhaseKey"]}
                activity = {"ActivityKey": self.firm.active("Activities")["ActivityKey"]}
                return {"CostAmount": amount, **keys, **activity, **members}
        return lacking("projects with phases")

    def body(self, *lines: Row, **members: Any) -> Row:
        """Return an invoice of these lines, by default of one."""
        items = copy.deepcopy(list(lines)) or [self.on_account()]
        return {
            "VendorKey": self.vendor()["VendorKey"],
            "CompanyKey": self.firm.active("Companies")["CompanyKey"],
            "Description": self.run,
            "Amount": sum(line.get("CostAmount", 0) for line in items),
            "LineItems": items,
            **members,
        }

    def send(self, *bodies: Row, **arguments: Any) -> Answer:
        """Call CreateVendorInvoices."""
        sent = {VENDOR_INVOICES.noun: list(bodies), **arguments}
        return self.client.call("CreateVendorInvoices", sent, version=2)

    def create(self, body: Row) -> tuple[Row, list[Row]]:
        """Create one invoice. Return it and its lines as a new Get shows them."""
        (answered,) = records(self.send(body), VENDOR_INVOICES.noun)
        return self.read(answered[VENDOR_INVOICES.key])

    def read(self, key: int) -> tuple[Row, list[Row]]:
        """Return an invoice and its lines."""
        content = self.bundle(key)
        (invoice,) = content[VENDOR_INVOICES.noun]
        lines: list[Row] = content[LINES]
        return invoice, lines

    def bundle(self, *keys: int) -> Row:
        """Return Content of GetVendorInvoices."""
        return success(self.client.call("GetVendorInvoices", {VENDOR_INVOICES.argument: list(keys)}, version=2))

    def listed(self, **filters: Any) -> list[Row]:
        """Return the rows of ListVendorInvoices."""
        return records(self.client.call("ListVendorInvoices", filters, version=2), VENDOR_INVOICES.noun)
