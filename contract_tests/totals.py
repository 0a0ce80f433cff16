"""The totals of a project, and which of them are sums of others."""

from __future__ import annotations

from mock_ajera.claims import Grade

from .answers import success
from .client import AjeraClient
from .firm import Row
from .members import table

TOTALS = [
    member.name
    for member in table()
    if member.method == "GetProjectTotals" and not member.parent and member.grade is Grade.DOCUMENTED
]
"""The totals that the page prints for a project. It prints the same totals for a phase."""

PARTS = ("Labor", "Expense", "Consultant")
SUMS: dict[str, tuple[str, ...]] = {
    "Hours Worked": tuple(f"{kind} Hours Worked" for kind in ("Regular", "Premium 1", "Premium 2", "Premium 3")),
    **{name: tuple(f"{name} {part}" for part in PARTS) for name in ("Billed", "Cost", "Spent", "Receipts", "WIP")},
    **{name: tuple(f"{name} {part}" for part in PARTS) for name in ("Written off", "Billed Adjustments")},
    "Receipts Credit Memo": tuple(f"Receipts Credit Memo {part}" for part in PARTS),
    **{name: (f"{name} Expense", f"{name} Consultant") for name in ("Payments", "Vendor Invoiced")},
    "Cost + Premium": ("Cost Labor + Premium", "Cost Expense", "Cost Consultant"),
    "Cost Burdened": ("Cost Labor Burdened", "Cost Expense", "Cost Consultant"),
    "Cost + Premium Burdened": ("Cost Labor + Premium Burdened", "Cost Expense", "Cost Consultant"),
    "Billed Amount By Accounting Date": tuple(f"{part} Billed by Accounting Date" for part in PARTS),
}
"""The parts of each total that is a sum."""


def totals_of(client: AjeraClient, project: int) -> Row:
    """Return the totals of a project."""
    content = success(client.call("GetProjectTotals", {"RequestedProjectTotals": project}))
    # Some targets answer an array of projects (claim project.totals-content).
    found: Row = content["ProjectTotals"] if "ProjectTotals" in content else content["Projects"][0]
    return found
