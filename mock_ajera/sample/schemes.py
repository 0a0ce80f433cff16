"""What a generated project is, before its rows are written: trade, size, age, status, name, people."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from decimal import Decimal

from mock_ajera.sample import words
from mock_ajera.sample.rows import Row, day, money

PHASES = {
    "Architecture": words.ARCHITECTURE,
    "Structural Engineering": words.ENGINEERING,
    "Mechanical, Electrical and Plumbing": words.BUILDING_SYSTEMS,
}
"""The phases of a full project, by the department that does it."""


@dataclass
class Scheme:
    """What is settled of a project before its rows are written."""

    rng: random.Random
    department: str
    kind: str
    billing: str
    status: str
    fee: int
    """Whole money, 0 where nothing is billed."""
    start: int
    """Days from today; negative is past."""
    end: int
    employees: list[Row]
    progress: float = field(init=False)
    finished: int = field(init=False)
    """Day of the completion, of a closed project."""
    unit: tuple[str, int] = field(init=False)
    """What is counted, and the price of one."""

    def __post_init__(self) -> None:
        days = max(self.end - self.start, 1)
        self.progress = 1.0 if self.status == "Closed" else min(max(-self.start / days, 0.0), 0.97)
        self.finished = min(self.end + self.rng.randint(0, 20), -1)
        self.unit = self.rng.choice((("point", 85), ("sheet", 420), ("inspection", 650), ("acre", 310)))


def drawn(rng: random.Random, i: int, count: int, employees: list[Row]) -> Scheme:
    """What the generated project ``i`` of ``count`` is: its trade, size, age and status."""
    years = min(15.0, 2.2 + count / 400)
    # The first ones are the oldest, and each year has a few more than the one before.
    age = years * 365 * (1 - ((i + rng.random()) / count) ** 0.8) - 60
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
    return Scheme(rng, department, kind, billing, status, fee, start, end, employees)


def project_name(scheme: Scheme) -> str:
    """What a project is called."""
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


def by_billing(scheme: Scheme, fee: int, done: float) -> Row:
    """The members that its billing type asks for, of a project or phase with that fee and so much of it done."""
    rng = scheme.rng
    if scheme.billing == "PercentComplete":
        told = scheme.finished if scheme.status == "Closed" else max(-rng.randint(3, 35), scheme.start)
        return {
            "ReportedPercentComplete": Decimal(round(done * 20) * 5),
            "ReportedPercentCompleteDate": day(told) if done else None,
        }
    if scheme.billing == "PercentofConstructionCost":
        share = Decimal(rng.choice(("6.0", "6.5", "7.25", "8.0")))
        return {"PercentOfConstructionCost": share, "ConstructionCost": money(Decimal(fee) * 100 / share)}
    if scheme.billing == "UnitPrice":
        name, price = scheme.unit
        return {"Units": money(Decimal(fee) / price), "UnitRate": price, "UnitDescription": name}
    return {}


def role(scheme: Scheme, flag: str, company: int | None) -> Row | None:
    """Somebody with the flag who was there, from the company if there is such; None where nobody leads."""
    if scheme.billing == "Overhead":
        return None
    fitting = [row for row in scheme.employees if row.get(flag)]
    fitting = [row for row in fitting if row.get("Status") != "Inactive" or scheme.status == "Closed"]
    there = [row for row in fitting if _worked(row, scheme.start, scheme.end)] or fitting
    near = [row for row in there if row["CompanyKey"] == company] or there
    return {"EmployeeKey": scheme.rng.choice(near)["EmployeeKey"]} if near else None


def _worked(employee: Row, start: int, end: int) -> bool:
    """Whether an employee was there between two days, as far as the days in the row are relative."""
    hired, left = (_ago(employee.get(name)) for name in ("DateHired", "DateTerminated"))
    return (hired is None or hired <= end) and (left is None or left >= start)


def _ago(text: str | None) -> int | None:
    return int(text.removeprefix("@today")) if text is not None and text.startswith("@today-") else None
