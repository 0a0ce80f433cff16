"""GetProjectTotals: the totals of work, costs, bills and payments of a project and each of its phases.

Totals are not stored. Each is computed from the work on the phases, so a project is always the sum of its phases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.context import Visibility
from mock_ajera.api.envelope import varies_guesses
from mock_ajera.api.families.projects.ledger import HOURS
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.records import Record
from mock_ajera.api.views import TenantView
from mock_ajera.books.ledger import work_on
from mock_ajera.books.records import Work
from mock_ajera.books.rules import CATEGORIES, CONSULTANT, EXPENSE, LABOR
from mock_ajera.books.sources import SOURCES
from mock_ajera.claims import Grade
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.trace import reads_record, relies_on

WorkByPhase = Mapping[int | None, list[Work]]
Sums = Mapping[tuple[str, str], Decimal]
"""The sum of the work by (category, measure)."""


class Total(msgspec.Struct, frozen=True):
    """The sum of some measures over some categories, minus the measures of ``less``."""

    name: str
    measures: tuple[str, ...]
    categories: tuple[str, ...] = CATEGORIES
    less: tuple[str, ...] = ()
    observed: bool = False
    """Whether clients read it on projects, though the page does not have it."""

    def of(self, sums: Sums) -> int | Decimal:
        """Return the total. A whole number is printed without decimals."""
        amount = _sum(sums, self.categories, self.measures) - _sum(sums, self.categories, self.less)
        return _plain(amount)


def _sum(sums: Sums, categories: tuple[str, ...], measures: tuple[str, ...]) -> Decimal:
    return sum((sums[category, measure] for category in categories for measure in measures), Decimal(0))


def _plain(amount: Decimal) -> int | Decimal:
    return int(amount) if amount == amount.to_integral_value() else amount


def _by_category(name: str, measure: str, *categories: str) -> tuple[Total, ...]:
    """Return a total for each category, followed by that of all categories."""
    return (*(Total(f"{name} {category}", (measure,), (category,)) for category in categories), Total(name, (measure,)))


_ALL = (CONSULTANT, EXPENSE, LABOR)
_PREMIUM = ("Cost", "PremiumCost")
_BURDENED = ("Cost", "Burden")
_PREMIUM_BURDENED = ("Cost", "PremiumCost", "Burden", "PremiumBurden")

TOTALS = (
    Total("Hours Worked", HOURS),
    Total("Premium 1 Hours Worked", ("Premium1Hours",)),
    Total("Premium 2 Hours Worked", ("Premium2Hours",)),
    Total("Premium 3 Hours Worked", ("Premium3Hours",)),
    Total("Regular Hours Worked", ("RegularHours",)),
    Total("Scheduled Hours", ("ScheduledHours",)),
    Total("WIP Hours", ("WIPHours",)),
    Total("Written off Hours", ("WrittenOffHours",)),
    Total("Billed Hours", ("BilledHours",), observed=True),
    *_by_category("Billed Adjustments", "BilledAdjustments", *_ALL),
    Total("Billed Amount By Accounting Date", ("Billed",)),
    *_by_category("Billed", "Billed", *_ALL),
    Total("Billed Sales Tax", ("BilledSalesTax",)),
    Total("Consultant Billed by Accounting Date", ("Billed",), (CONSULTANT,)),
    Total("Cost + Premium Burdened", _PREMIUM_BURDENED),
    Total("Cost + Premium", _PREMIUM),
    Total("Cost Burdened", _BURDENED),
    Total("Cost Consultant", ("Cost",), (CONSULTANT,)),
    Total("Cost Expense", ("Cost",), (EXPENSE,)),
    Total("Cost Labor + Premium Burdened", _PREMIUM_BURDENED, (LABOR,)),
    Total("Cost Labor + Premium", _PREMIUM, (LABOR,)),
    Total("Cost Labor Burdened", _BURDENED, (LABOR,)),
    Total("Cost Labor", ("Cost",), (LABOR,)),
    Total("Cost", ("Cost",)),
    Total("Expense Billed by Accounting Date", ("Billed",), (EXPENSE,)),
    Total("Labor Billed by Accounting Date", ("Billed",), (LABOR,)),
    Total("Payable Balance", ("VendorInvoiced",), less=("Payments",)),
    *_by_category("Payments", "Payments", CONSULTANT, EXPENSE),
    Total("Receipts Adjustments Consultant", ("ReceiptsAdjustments",), (CONSULTANT,)),
    Total("Receipts Adjustments Expense", ("ReceiptsAdjustments",), (EXPENSE,), observed=True),
    Total("Receipts Adjustments Labor", ("ReceiptsAdjustments",), (LABOR,)),
    Total("Receipts Adjustments", ("ReceiptsAdjustments",)),
    *_by_category("Receipts", "Receipts", *_ALL),
    *_by_category("Receipts Credit Memo", "ReceiptsCreditMemo", *_ALL),
    Total("Receipts Sales Tax", ("ReceiptsSalesTax",)),
    Total(
        "Receivable Balance",
        ("Billed", "BilledSalesTax", "BilledAdjustments"),
        less=("Receipts", "ReceiptsSalesTax", "ReceiptsAdjustments", "ReceiptsCreditMemo"),
    ),
    Total("Scheduled Dollars", ("ScheduledAmount",)),
    *_by_category("Spent", "Spent", *_ALL),
    *_by_category("Vendor Invoiced", "VendorInvoiced", CONSULTANT, EXPENSE),
    *_by_category("WIP", "WIP", *_ALL),
    *_by_category("Written off", "WrittenOff", *_ALL),
)
_ONE_KEY = "project.totals-one-key"
RESOURCE_HOURS = "Resource Hours"
"""The units of the labor resources of a project and its phases, which clients read on projects."""


def get_totals_method(record: Record) -> Method:
    """Return the method ``GetProjectTotals``, which returns one project by its bare key."""

    def handle(call: Call) -> Answer:
        tenant, key = call.tenant, call.arguments["RequestedProjectTotals"]
        row = tenant.row(record.kind, key)
        totals: list[Body] = []
        reads_record(record.kind, (key,))
        if row is None:
            relies_on("project.totals-unknown-key")
            if varies_guesses(tenant.quirk):
                text = f"there is no {record.kind} {key}"
                reason = Reason("RequestedProjectTotals", "unknown-key", text, "project.totals-unknown-key")
                raise errors.UnknownRecord(reason)
        else:
            relies_on("project.totals-add-up")
            relies_on("project.totals-balances")
            relies_on("project.totals-of-phases")
            totals = [_totals(record, tenant.body(row), row.stamp, work_on(tenant, key), TenantView(tenant))]
        if tenant.quirk("project_totals") == "list":
            return Answer({record.plural: totals})
        return Answer({"ProjectTotals": totals[0]} if totals else {})

    arguments = {"RequestedProjectTotals": f.AskedKey(record.kind, typed=_ONE_KEY, required="always", claim=_ONE_KEY)}
    totals = {each.name: f.Computed() for each in TOTALS} | {RESOURCE_HOURS: f.Computed()}
    observed = dict.fromkeys((RESOURCE_HOURS, *(each.name for each in TOTALS if each.observed)), Grade.OBSERVED)
    operation = Operation(
        arguments,
        handle,
        "project.totals-members",
        answers=(Layout("ProjectTotals", {**record.by_wire, **totals}, grades={**record.grades, **observed}),),
        manual=("project.totals-one-key", "project.totals-of-phases", "project.totals-content"),
    )
    return Method(
        name="GetProjectTotals",
        access="read",
        versions={1: operation},
        kind=record.kind,
        needs=tuple(Need(record.kind, referred_by=kind) for kind in SOURCES),
    )


def _totals(record: Record, body: Body, stamp: int, works: Iterable[Work], view: TenantView) -> dict[str, Any]:
    by_phase: dict[int | None, list[Work]] = {}
    for work in works:
        by_phase.setdefault(work.phase, []).append(work)
    tree = record.emit(record.nest(body), view, stamp)
    of_all: list[Work] = []
    for group in tree["InvoiceGroups"]:
        for phase in group["Phases"]:
            of_all += _add_to_phase(phase, by_phase)
    _add(tree, of_all, observed=view.prints(Visibility.OBSERVED))
    if view.prints(Visibility.OBSERVED):
        labor = (row["Units"] for row in body["Resources"] if row["ActivityType"] == LABOR)
        tree[RESOURCE_HOURS] = _plain(sum(labor, Decimal(0)))
    return tree


def _add_to_phase(phase: dict[str, Any], by_phase: WorkByPhase) -> list[Work]:
    """Add the totals of a phase and its sub-phases, and return their work."""
    works = list(by_phase.get(phase["PhaseKey"], ()))
    for sub_phase in phase.get("Phases", ()):
        works += _add_to_phase(sub_phase, by_phase)
    _add(phase, works, observed=False)
    return works


def _add(out: dict[str, Any], works: Iterable[Work], *, observed: bool) -> None:
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for work in works:
        for measure, amount in work.amounts.items():
            sums[work.category, measure] += amount
    out |= {total.name: total.of(sums) for total in TOTALS if observed or not total.observed}
