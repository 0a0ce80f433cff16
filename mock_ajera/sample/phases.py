"""The phases of a generated project and the postings to them."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from mock_ajera.sample import words
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.postings import Progress, Vendors, draw_postings
from mock_ajera.sample.rows import Row, day, filled, money
from mock_ajera.sample.schemes import PHASES, Scheme, billing_members

Span = tuple[float, float]
"""The start and end of a phase as fractions of the project's duration."""


class Fees(NamedTuple):
    """The parts of a fee."""

    labor: float
    consultants: float
    expenses: float

    def times(self, share: float) -> Fees:
        """Return a share of the fees."""
        return Fees(self.labor * share, self.consultants * share, self.expenses * share)


class PhaseBuilder:
    """Builds the phases of one project and collects their postings."""

    def __init__(self, scheme: Scheme, named: NamedRecords, keys: KeySequences, vendors: Vendors) -> None:
        self.postings: list[Row] = []
        self._scheme, self._named, self._keys, self._vendors = scheme, named, keys, vendors

    def build(self, fees: Fees) -> list[Row]:
        """Return the top-level phases, whose amounts add up to the fees."""
        outline = self._outline()
        total = sum(percent for _, percent in outline)
        rows: list[Row] = []
        at = 0.0
        for name, percent in outline:
            share = percent / total
            rows.append(self._phase(name, (at, at + share), fees.times(share), 1))
            at += share
        # The last phase absorbs the rounding differences.
        for member, amount in (
            ("LaborContractAmount", fees.labor),
            ("ConsultantContractAmount", fees.consultants),
            ("ExpenseContractAmount", fees.expenses),
        ):
            rows[-1][member] += amount - sum(row[member] for row in rows)
        rows[-1]["TotalContractAmount"] = sum(
            rows[-1][f"{part}ContractAmount"] for part in ("Labor", "Consultant", "Expense")
        )
        return [filled(row) for row in rows]

    def _outline(self) -> tuple[tuple[str, int], ...]:
        """Return the names of the top-level phases with their weights."""
        scheme, rng = self._scheme, self._scheme.rng
        if scheme.billing == "Overhead":
            return tuple((name, 20) for name in words.OVERHEAD[: rng.randint(2, 5)])
        if scheme.billing == "Marketing":
            return (("Proposal", 70), ("Interview", 30))
        if scheme.kind == "Feasibility Study" or scheme.fee < 12_000:
            return rng.choice(words.SMALL)
        if scheme.department == "Architecture" and rng.random() < 0.15:
            return words.INTERIORS
        return PHASES[scheme.department]

    def _phase(self, name: str, span: Span, fees: Fees, level: int) -> Row:
        scheme, rng = self._scheme, self._scheme.rng
        labor, consultants, expenses = (round(fee / 50) * 50 for fee in fees)
        days = scheme.end - scheme.start
        start, end = (scheme.start + round(days * part) for part in span)
        done = min(max(round((scheme.progress - span[0]) / (span[1] - span[0]), 6), 0.0), 1.0)
        key = self._keys.next("Project")
        sub_phases: list[Row] = []
        names = words.SUB_PHASES.get(name, ())
        if names and (labor > 90_000 if level == 1 else labor > 40_000 and level == 2):
            sub_phases = self._sub_phases(names, span, Fees(labor, consultants, expenses), level + 1)
        else:
            closed, worked = scheme.status == "Closed", start + round((end - start) * done)
            progress = Progress(scheme.billing, labor, consultants, expenses, done, closed, worked)
            self.postings += draw_postings(rng, key, progress, self._vendors)
        finished = done >= 1.0 and scheme.status not in ("Closed", "Preliminary", "Marketing") and rng.random() < 0.6
        if sub_phases:
            finished = all(row["Status"] == "Closed" for row in sub_phases)
        row: Row = {
            "PhaseKey": key,
            "ID": f"{name[:1]}{level}" if rng.random() < 0.2 else "",
            "Description": name,
            "Status": "Closed" if finished else scheme.status,
            "BillingType": scheme.billing,
            "DepartmentKey": self._named.key("Department", scheme.department),
            "EstimatedStartDate": day(start),
            "EstimatedCompletionDate": day(end),
            "ActualStartDate": day(start) if done > 0 else None,
            "ActualCompletionDate": day(end) if done >= 1.0 else None,
            "HoursCostBudget": Decimal(round(labor / 150)),
            "LaborCostBudget": money(labor / 3),
            "RateTableKey": 1,
            "TotalContractAmount": labor + consultants + expenses,
            "LaborContractAmount": labor,
            "ExpenseContractAmount": expenses,
            "ConsultantContractAmount": consultants,
            **billing_members(scheme, labor + consultants + expenses, done),
            "Contacts": [],
            "Phases": sub_phases,
        }
        row.pop("ConstructionCost", None)
        row.pop("PercentOfConstructionCost", None)
        return row if level == 1 else filled(row)

    def _sub_phases(self, names: tuple[str, ...], span: Span, fees: Fees, level: int) -> list[Row]:
        """Return sub-phases of equal duration and fees."""
        share = 1 / len(names)
        start, duration = span[0], span[1] - span[0]
        return [
            self._phase(
                name,
                (start + duration * i * share, start + duration * (i + 1) * share),
                fees.times(share),
                level,
            )
            for i, name in enumerate(names)
        ]
