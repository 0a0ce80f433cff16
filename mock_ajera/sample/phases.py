"""The phases of a generated project and the postings to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from mock_ajera.sample import words
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.postings import Progress, Vendors, draw_postings
from mock_ajera.sample.rows import Row, day, filled, money
from mock_ajera.sample.schemes import PHASES, Scheme, billing_members, draw_role

Span = tuple[float, float]
"""The start and end of a phase as fractions of the project's duration."""


class Fees(NamedTuple):
    """The parts of a fee, in whole dollars."""

    labor: int
    consultants: int
    expenses: int

    def split(self, weights: Sequence[int]) -> Iterator[Fees]:
        """Yield fees in proportion to weights. Each is a multiple of $50, except for the last one."""
        total, before = sum(weights), Fees(0, 0, 0)
        for weight in accumulate(weights):
            upto = self if weight == total else Fees(*(round(fee * weight / total / 50) * 50 for fee in self))
            yield Fees(*(after - fee for after, fee in zip(upto, before, strict=True)))
            before = upto


class Part(NamedTuple):
    """A phase before it is built."""

    name: str
    weight: int
    """Its share of the fee and of the duration, relative to the phases beside it."""
    parts: tuple[Part, ...] = ()


def _group(name: str, parts: tuple[Part, ...]) -> Part:
    return Part(name, sum(part.weight for part in parts), parts)


class PhaseBuilder:
    """Builds the phases of one project and collects their postings."""

    def __init__(
        self, scheme: Scheme, named: NamedRecords, keys: KeySequences, vendors: Vendors, roles: Mapping[str, Row | None]
    ) -> None:
        """``roles``: the roles of the project. Most phases have the same ones."""
        self.postings: list[Row] = []
        self._scheme, self._named, self._keys, self._vendors = scheme, named, keys, vendors
        self._roles = {role: employee for role, employee in roles.items() if employee}

    def build(self, fees: Fees) -> list[Row]:
        """Return the top-level phases, whose amounts add up to the fees. Most work is in phases below them."""
        parts = tuple(Part(*each) for each in self._outline())
        if len(parts) > 2 and self._scheme.billing != "Overhead":
            if self._scheme.fee > 250_000:
                parts = (_group("Base Services", parts[:-1]), _group("Construction Phase Services", parts[-1:]))
            else:
                parts = (_group("Basic Services", parts),)
        return self._phases(parts, (0.0, 1.0), fees, 1)

    def _phases(self, parts: Sequence[Part], span: Span, fees: Fees, level: int) -> list[Row]:
        """Return phases one after the other, whose amounts add up to the fees."""
        weights = [part.weight for part in parts]
        start, unit = span[0], (span[1] - span[0]) / sum(weights)
        rows: list[Row] = []
        for part, own_fees in zip(parts, fees.split(weights), strict=True):
            end = start + unit * part.weight
            rows.append(self._phase(part, (start, end), own_fees, level))
            start = end
        return rows

    def _outline(self) -> tuple[tuple[str, int], ...]:
        """Return the names of the phases with their weights."""
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

    def _phase(self, part: Part, span: Span, fees: Fees, level: int) -> Row:
        scheme, rng = self._scheme, self._scheme.rng
        labor, consultants, expenses = fees
        days = scheme.end - scheme.start
        start, end = (scheme.start + round(days * part) for part in span)
        done = min(max(round((scheme.progress - span[0]) / (span[1] - span[0]), 6), 0.0), 1.0)
        key = self._keys.next("Project")
        sub_phases: list[Row] = []
        parts = part.parts
        if not parts and labor > 90_000:
            parts = tuple(Part(name, 1) for name in words.SUB_PHASES.get(part.name, ()))
        if parts:
            sub_phases = self._phases(parts, span, fees, level + 1)
        else:
            closed, worked = scheme.status == "Closed", start + round((end - start) * done)
            progress = Progress(scheme.billing, labor, consultants, expenses, done, closed, worked)
            self.postings += draw_postings(rng, key, progress, self._vendors)
        finished = done >= 1.0 and scheme.status not in ("Closed", "Preliminary", "Marketing") and rng.random() < 0.6
        if sub_phases:
            finished = all(row["Status"] == "Closed" for row in sub_phases)
        row: Row = {
            "PhaseKey": key,
            "ID": f"{part.name[:1]}{level}" if rng.random() < 0.2 else "",
            "Description": part.name,
            "Status": "Closed" if finished else scheme.status,
            "BillingType": scheme.billing,
            "DepartmentKey": self._named.key("Department", scheme.department),
            **self._draw_roles(),
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
        return filled(row)

    def _draw_roles(self) -> Row:
        """Draw the roles of a phase: those of the project, another project manager, or none."""
        chance = self._scheme.rng.random()
        if chance < 0.1 and self._roles:
            manager = draw_role(self._scheme, "IsProjectManager", None)
            return {"ProjectManager": manager} if manager else {}
        return self._roles if chance < 0.85 else {}
