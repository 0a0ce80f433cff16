"""The scheme of a generated project: discipline, size, dates, status, name and people."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from decimal import Decimal

from mock_ajera.sample import words
from mock_ajera.sample.rows import Row, day, money
from mock_ajera.sample.staff import Staff

PHASES = {
    "Architecture": words.ARCHITECTURE,
    "Structural Engineering": words.ENGINEERING,
    "Mechanical, Electrical and Plumbing": words.BUILDING_SYSTEMS,
}
"""The phases of a full project by its department."""


@dataclass
class Scheme:
    """The properties of a project from which its rows are built."""

    rng: random.Random
    department: str
    kind: str
    billing: str
    status: str
    fee: int
    """Whole dollars; 0 if nothing is billed."""
    start: int
    """Days from today; negative is in the past."""
    end: int
    staff: Staff
    progress: float = field(init=False)
    finished: int = field(init=False)
    """The completion date of a closed project, in days from today."""
    unit: tuple[str, int] = field(init=False)
    """The name and the price of a unit."""

    def __post_init__(self) -> None:
        days = max(self.end - self.start, 1)
        self.progress = 1.0 if self.status == "Closed" else min(max(-self.start / days, 0.0), 0.97)
        self.finished = min(self.end + self.rng.randint(0, 20), -1)
        self.unit = self.rng.choice((("point", 85), ("sheet", 420), ("inspection", 650), ("acre", 310)))


def years_of(count: int) -> float:
    """Return the number of years in which a number of generated projects start."""
    return min(15.0, 2.2 + count / 400)


def draw_scheme(rng: random.Random, i: int, count: int, staff: Staff) -> Scheme:
    """Draw the scheme of the generated project ``i`` of ``count``."""
    # The first projects are the oldest, and each year has a few more than the year before.
    age = years_of(count) * 365 * (1 - ((i + rng.random()) / count) ** 0.8) - 60
    department = rng.choices(tuple(PHASES), (55, 27, 18))[0]
    billing = rng.choices(
        (
            "FixedFee",
            "TimeAndExpense",
            "PercentComplete",
            "PercentofConstructionCost",
            "UnitPrice",
            "Marketing",
            "Nonbillable",
            "Overhead",
            "Adjustment",
        ),
        (42, 24, 17, 4, 4, 5, 2, 1, 1),
    )[0]
    fee = round(min(max(rng.lognormvariate(math.log(38_000), 1.3), 2_400), 9_500_000) / 50) * 50
    if billing in ("Marketing", "Nonbillable", "Overhead"):
        fee = 0
    start = -round(age)
    length = 40 + round(11 * math.sqrt(max(fee, 5000) / 1000) * rng.uniform(0.6, 1.7))
    end = start + length
    if billing == "Marketing":
        status = "Closed" if end < -60 else "Marketing"
    elif billing == "Overhead":
        status = "Active"
    elif start > 0:
        status = "Preliminary"
    elif end < -20:
        status = rng.choices(("Closed", "Active", "BillingHold"), (93, 5, 2))[0]
    else:
        status = rng.choices(("Active", "Hold", "WorkHold", "BillingHold"), (84, 6, 5, 5))[0]
    civil = department == "Structural Engineering" and rng.random() < 0.6
    kind = "Bridge and Site" if civil else rng.choice(tuple(words.BUILDINGS))
    if fee and fee < 9_000 and rng.random() < 0.5:
        kind = "Feasibility Study"
    return Scheme(rng, department, kind, billing, status, fee, start, end, staff)


def draw_name(scheme: Scheme) -> str:
    """Draw the name of a project."""
    rng = scheme.rng
    place = rng.choice(words.PLACES)
    if scheme.billing == "Overhead":
        return f"{rng.choice(('Studio', 'Engineering', 'General'))} Overhead"
    if scheme.kind == "Bridge and Site":
        name = f"{place} {rng.choice(words.SITES)}"
    elif scheme.kind == "Feasibility Study":
        name = f"{place} {rng.choice(words.STUDIES)}"
    else:
        name = f"{place} {rng.choice(words.BUILDINGS[scheme.kind])}"
        if scheme.fee < 400_000 and rng.random() < 0.55:
            name = f"{name} {rng.choice(words.WORKS)}"
    return f"Pursuit: {name}" if scheme.billing == "Marketing" else name


def billing_members(scheme: Scheme, fee: int, done: float) -> Row:
    """Return the members that are specific to the billing type of a project or phase.

    ``done`` is the completed fraction, from 0 to 1.
    """
    rng = scheme.rng
    if scheme.billing == "PercentComplete":
        reported = scheme.finished if scheme.status == "Closed" else max(-rng.randint(3, 35), scheme.start)
        return {
            "ReportedPercentComplete": Decimal(round(done * 20) * 5),
            "ReportedPercentCompleteDate": day(reported) if done else None,
        }
    if scheme.billing == "PercentofConstructionCost":
        share = Decimal(rng.choice(("6.0", "6.5", "7.25", "8.0")))
        return {"PercentOfConstructionCost": share, "ConstructionCost": money(Decimal(fee) * 100 / share)}
    if scheme.billing == "UnitPrice":
        name, price = scheme.unit
        return {"Units": money(Decimal(fee) / price), "UnitRate": price, "UnitDescription": name}
    return {}


def draw_role(scheme: Scheme, flag: str, company: int | None) -> Row | None:
    """Draw an employee with a flag, or return None if nobody qualifies or the project is overhead.

    Employees who were employed during the project are preferred, and then those of the company.
    """
    if scheme.billing == "Overhead":
        return None
    span = scheme.start, scheme.end
    drawn = scheme.staff.draw(scheme.rng, flag, span, company=company, past=scheme.status == "Closed")
    return None if drawn is None else {"EmployeeKey": drawn}
