"""Generated expense reports on generated projects, with the files attached to their lines."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from mock_ajera.api.families.attachments import CONTENT_TYPES
from mock_ajera.api.families.expense_reports.records import STATUSES
from mock_ajera.sample import receipts
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.rows import Row, day, days_from_today, filled, money, slug, stamp
from mock_ajera.sample.sites import Sites

_HISTORY = 540
"""The oldest reports end this many days before today."""
_UNTIL = dict(zip(STATUSES, (2, 7, 21, 60, _HISTORY), strict=True))
"""The age in days up to which a report has a status."""

_UNIT_ITEMS = (("Mileage", "0.67", (6, 240)), ("Large-format Prints", "1.25", (4, 60)))
"""Expense items with the price of a unit, and the lowest and highest number of units."""
_ITEMS = (
    ("Meals and Lodging", ("Harbor Inn", "Station Hotel", "The Copper Kettle", "Canal Diner"), (11, 320)),
    ("Permit Fees", ("Saltmeadow Permit Counter", "Town Clerk (records)", "County Planning Office"), (25, 400)),
    (None, ("Quayside Parking", "Larkspur Outfitters", "Corner Pharmacy"), (4, 90)),
)
"""Expense items with payees, and the lowest and highest amount in dollars."""
_TEXTS = ("Site visits", "Meeting with the client", "Permit filings", "Prints and postage", "Field measurement")


class _Plan(NamedTuple):
    """An employee's report before it is drawn."""

    employee: int
    age: int
    """Days from its end to today."""
    status: str


class ExpenseReports:
    """Generates expense reports: two in every status for each employee in ``own``, and some for other employees."""

    def __init__(
        self, seed: str, named: NamedRecords, own: Sequence[int], employees: Sequence[Row], vendors: Sequence[Row]
    ) -> None:
        """``own``: keys of the employees that API users act for, the only ones whose reports are visible."""
        self._seed, self._named, self._own, self._employees = seed, named, own, employees
        card = named.key("VendorType", "Credit Card")
        self._cards = [row["VendorKey"] for row in vendors if card and row.get("VendorTypeKey") == card]
        self._categories = named.keys("AttachmentCategory")

    def reports(self, sites: Sites, last_keys: dict[str, int]) -> Iterator[tuple[Row, list[Row]]]:
        """Yield each report with the files of its lines. Keys follow ``last_keys``, by sequence."""
        keys = KeySequences(dict(last_keys))
        for i, plan in enumerate(self._plans()):
            yield self._report(random.Random(f"{self._seed} expense report {i}"), plan, sites, keys)

    def _plans(self) -> Iterator[_Plan]:
        for key in self._own:
            # Two reports in each status. The first report has every member set, the last one as few as possible.
            for status, last in reversed(_UNTIL.items()):
                yield _Plan(key, last, status)
                yield _Plan(key, last - 1, status)
        for row in self._employees:
            rng = random.Random(f"{self._seed} expense reports of {row['EmployeeKey']}")
            hired, left = (-(days_from_today(row.get(name)) or 0) for name in ("DateHired", "DateTerminated"))
            for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 5))):
                age = rng.choice((rng.randint(1, 70), rng.randint(1, _HISTORY)))
                if left <= age < hired - 10:
                    status = next(status for status, last in _UNTIL.items() if age <= last)
                    yield _Plan(row["EmployeeKey"], age, status)

    def _report(self, rng: random.Random, plan: _Plan, sites: Sites, keys: KeySequences) -> tuple[Row, list[Row]]:
        full, least = plan.age == _HISTORY, plan.age == 1
        row: Row = {
            "ExpenseReportKey": keys.next("ExpenseReport"),
            "EmployeeKey": plan.employee,
            "Status": plan.status,
            "LastModifiedDate": stamp(rng, max(plan.age - rng.randint(0, 5), 1)),
        }
        if least:
            return filled(row), []
        days = rng.randint(3, 9)
        first = -plan.age - days
        files: list[Row] = []
        lines = [
            self._line(rng, first + rng.randint(0, days), full and i == 0, sites, keys, files)
            for i in range(rng.randint(2, 6))
        ]
        row |= {
            "Description": rng.choice(_TEXTS),
            "Notes": "With the client" if full or rng.random() < 0.2 else "",
            "BeginningDate": day(first),
            "EndingDate": day(-plan.age),
            "AdvanceAmount": money(rng.randint(2, 8) * 25) if full or rng.random() < 0.2 else None,
            "Expenses": sorted(lines, key=lambda line: days_from_today(line["Date"]) or 0),
        }
        return filled(row), files

    def _line(self, rng: random.Random, on: int, full: bool, sites: Sites, keys: KeySequences, files: list[Row]) -> Row:
        """Return a line, and append its files. ``full``: with every member."""
        row: Row = {"ExpenseKey": keys.next("Expense"), "Date": day(on)}
        personal = not full and rng.random() < 0.1
        if not personal and (full or rng.random() < 0.9):
            site = sites.draw(rng, on)
            row |= {"ProjectKey": site.project, "PhaseKey": rng.choice(site.phases) if site.phases else None}
        units = not personal and rng.random() < 0.4
        if units and not full:
            item, price, bounds = rng.choice(_UNIT_ITEMS)
            quantity, rate = Decimal(rng.randint(bounds[0] * 2, bounds[1] * 2)) / 2, Decimal(price)
            row |= {"ActivityKey": self._named.key("Activity", item), "Units": money(quantity), "UnitRate": rate}
            row["Amount"] = money(quantity * rate)
            return filled(row)
        name, payees, bounds = _ITEMS[2 if personal else 0 if full else rng.randrange(3)]
        amount = Decimal(rng.randint(bounds[0] * 100, bounds[1] * 100)) / 100
        payee = rng.choice(payees)
        row |= {
            "ActivityKey": self._named.key("Activity", name) if name else None,
            "Payee": payee,
            "Units": Decimal(1) if full else None,
            "UnitRate": amount if full else None,
            "Amount": amount,
            "Reference": f"R-{rng.randint(1000, 9999)}" if full or rng.random() < 0.5 else "",
            "CreditCardVendorKey": rng.choice(self._cards) if self._cards and (full or rng.random() < 0.3) else None,
            "IsPersonal": personal,
            "Attachments": [],
        }
        count = 2 if full else rng.choice((0, 0, 1, 1, 1, 2))
        for i in range(count):
            files.append(_file(rng, keys.next("File"), payee, amount, pdf=i == count - 1))
            category = rng.choice(self._categories) if self._categories and (full or rng.random() < 0.4) else None
            row["Attachments"].append(filled({"FileKey": files[-1]["FileKey"], "AttachmentCategoryKey": category}))
        return filled(row)


def _file(rng: random.Random, key: int, payee: str, amount: Decimal, *, pdf: bool) -> Row:
    extension = "pdf" if pdf and rng.random() < 0.7 else "png"
    content = receipts.pdf((payee, f"Total {amount:.2f}")) if extension == "pdf" else receipts.png(rng)
    return {
        "FileKey": key,
        "FileName": f"{slug(payee)}-{key}.{extension}",
        "ContentType": CONTENT_TYPES[extension],
        "FileSize": len(content),
        "FileData": base64.b64encode(content).decode(),
    }
