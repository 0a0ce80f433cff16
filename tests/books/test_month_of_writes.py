"""After a month of writes through both versions, the books still agree with the recomputation from an export."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from recomputed import Files, Work

from mock_ajera import MockAjera
from mock_ajera.sample.export import exported

START = datetime.datetime(2026, 3, 2, 14, tzinfo=datetime.UTC)
DAYS = 30
WEEK = datetime.date(2026, 3, 8)
"""The last day of the first week."""
TOTALS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "Regular Hours Worked": (("RegularHours",), None),
    "WIP Hours": (("WIPHours",), None),
    "Cost": (("Cost",), None),
    "Cost + Premium Burdened": (("Cost", "PremiumCost", "Burden", "PremiumBurden"), None),
    "Spent": (("Spent",), None),
    "WIP Labor": (("WIP",), "Labor"),
    "Vendor Invoiced": (("VendorInvoiced",), None),
    "Billed": (("Billed",), None),
}
"""Totals of a project, with the measures and the category that they add up."""


class Month:
    """Random writes of a month, by an integrator with a session of each version."""

    def __init__(self, ajera: MockAjera, chance: Random) -> None:
        self.ajera, self.chance = ajera, chance
        self.projects = [row["ProjectKey"] for row in ajera.content("ListProjects")["Projects"]][:12]
        self.written: dict[str, int] = defaultdict(int)

    def run(self) -> None:
        writes: tuple[Callable[[], Any], ...] = (
            self.create_project,
            self.rename_project,
            self.enter_time,
            self.enter_time,
            self.enter_invoice,
            self.edit_in_version_1,
        )
        for _ in range(DAYS):
            for _ in range(3):
                write = self.chance.choice(writes)
                if not write()["Errors"]:
                    self.written[write.__name__] += 1
            self.ajera.clock.advance(datetime.timedelta(days=1))

    def _call(self, method: str, arguments: dict[str, Any], version: int = 2) -> dict[str, Any]:
        answer: dict[str, Any] = self.ajera.call(method, arguments, version=version)
        return answer

    def create_project(self) -> dict[str, Any]:
        number = self.chance.randrange(10**6)
        project = {"Description": f"Quay {number}", "CompanyKey": self.chance.choice((1, 2)), "RateTableKey": 1}
        answer = self._call(
            "CreateProjects",
            {
                "CreateType": "Project",
                "Project": project | {"BillingType": "TimeAndExpense"},
                "InvoiceGroups": [{"Description": "All", "ClientKey": 1}],
                "Phases": [{"Description": "Design"}, {"Description": "Drawings"}],
            },
        )
        self.projects.append(answer["Content"]["Projects"][0]["ProjectKey"])
        return answer

    def rename_project(self) -> dict[str, Any]:
        """Another company moves the postings of a project to its accounts."""
        key = self.chance.choice(self.projects)
        bundle = self.ajera.content("GetProjects", {"RequestedProjects": [key]}, version=2)
        row = {"ProjectKey": key, "CompanyKey": self.chance.choice((1, 2)), "Notes": f"{self.chance.random()}"}
        return self._call("UpdateProjects", {"UpdatedProjects": [row], "UnchangedProjects": bundle})

    def edit_in_version_1(self) -> dict[str, Any]:
        (before,) = self.ajera.content("GetProjects", {"RequestedProjects": [self.chance.choice(self.projects)]})[
            "Projects"
        ]
        after = before | {"Location": f"{self.chance.random()}"}
        return self._call("UpdateProjects", {"UpdatedProjects": [after], "UnchangedProjects": [before]}, version=1)

    def enter_time(self) -> dict[str, Any]:
        """Create the timesheet of an employee and week if there is none, and add a row or change the hours."""
        employee, phase = self.chance.randint(1, 9), self._phase()
        week = WEEK + datetime.timedelta(weeks=self.chance.randrange(4))
        self._call("CreateTimesheet", {"Timesheet": {"EmployeeKey": employee, "TimesheetDate": str(week)}})
        found = self.ajera.content(
            "ListTimesheets",
            {
                "FilterByEmployee": [employee],
                "FilterByEarliestTimesheetDate": str(week),
                "FilterByLatestTimesheetDate": str(week),
            },
            version=2,
        )["Timesheets"]
        if not found or phase is None:
            return {"Errors": [{}]}
        key = found[0]["Timesheet Key"]
        (timesheet,) = self.ajera.content("GetTimesheets", {"RequestedTimesheets": [key]}, version=2)["Timesheets"]
        hours = {f"D{self.chance.randint(1, 7)} Regular": Decimal(self.chance.randint(1, 36)) / 4 for _ in range(3)}
        rows = timesheet["Project"]["Detail"]
        if rows and self.chance.random() < 0.5:
            row = {"Timesheet Project Key": self.chance.choice(rows)["Timesheet Project Key"], **hours}
        else:
            charge = {"Project Key": phase[0], "Phase Key": phase[1], "Activity Key": 1}
            row = {"IsNewRow": True, **charge, **hours, **{name.replace("Regular", "Notes"): "Work" for name in hours}}
        overheads = [
            {"Timesheet Overhead Group Detail Key": each["Timesheet Overhead Group Detail Key"], "D1 Regular": 2}
            for each in timesheet["Overhead"]["Detail"][:1]
        ]
        edit = {"TimesheetKey": key, "UpdatedProjects": [row], "UpdatedOverheads": overheads}
        return self._call("UpdateTimesheets", {"Timesheets": [edit | {"UnchangedData": timesheet["UnchangedData"]}]})

    def enter_invoice(self) -> dict[str, Any]:
        amounts = [Decimal(self.chance.randint(100, 90_000)) / 100 for _ in range(2)]
        lines: list[dict[str, Any]] = [{"AccountKey": 32, "CostAmount": amounts[0]}, {"CostAmount": amounts[1]}]
        phase = self._phase()
        charged = {"AccountKey": 30} if phase is None else dict(zip(("ProjectKey", "PhaseKey"), phase, strict=True))
        lines[1] |= charged | ({} if phase is None else {"ActivityKey": 11})
        invoice = {"VendorKey": self.chance.randint(1, 14), "Amount": sum(amounts), "LineItems": lines}
        return self._call("CreateVendorInvoices", {"VendorInvoices": [invoice]})

    def _phase(self) -> tuple[int, int] | None:
        """Return an open phase of a project."""
        key = self.chance.choice(self.projects)
        rows = self.ajera.content("ListChargeablePhases", {"ProjectKey": key})["ChargeablePhases"]
        phases = [row["Key"] for row in rows if row["Enabled"]]
        return (key, self.chance.choice(phases)) if phases else None


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    with MockAjera(freeze=START) as ajera:
        month = Month(ajera, Random("a month"))
        month.run()
        yield month


@pytest.fixture(scope="module")
def files(month: Month) -> Files:
    found = {name.removesuffix(".json"): rows for name, rows in exported(month.ajera.tenant).items()}
    return Files(found.__getitem__, START.date() + datetime.timedelta(days=DAYS))


def test_every_kind_of_write_happened(month):
    assert len(month.written) == 5
    assert min(month.written.values()) > 3, dict(month.written)


def test_totals_agree(month, files):
    """Of every project, and of each measure."""
    by_project: defaultdict[int, list[Work]] = defaultdict(list)
    for work in files.works:
        by_project[work.project].append(work)
    for row in month.ajera.content("ListProjects")["Projects"]:
        key = row["ProjectKey"]
        totals = month.ajera.content("GetProjectTotals", {"RequestedProjectTotals": key})["ProjectTotals"]
        for name, (measures, category) in TOTALS.items():
            wanted = sum(
                work.amount
                for work in by_project[key]
                if work.measure in measures and category in (None, work.category)
            )
            assert totals[name] == wanted, (key, name)


@pytest.mark.parametrize("member", ["GLBalance", "GLCashBasisBalance"])
def test_the_trial_balance_is_zero(month, member):
    """On every tenth day, in each company."""
    for company in (1, 2):
        for days in range(0, DAYS + 10, 10):
            on = (START + datetime.timedelta(days=days)).date()
            arguments = {"FilterByCompany": [company], "AsOfDate": f"{on:%m/%d/%Y}"}
            accounts = month.ajera.content("GetGLAccounts", arguments)["GLAccounts"]
            assert sum(row[member] * (1 if row["NormalDebitBalance"] else -1) for row in accounts) == 0


def test_what_vendors_are_owed_is_what_they_invoiced_and_was_not_paid(month, files):
    unpaid = month.ajera.content("ListVendorInvoices", {"FilterByUnpaid": True}, version=2)["VendorInvoices"]
    (payables,) = (row for row in month.ajera.content("GetGLAccounts")["GLAccounts"] if row["ID"] == "2010")
    assert payables["GLBalance"] == sum(row["Amount"] for row in unpaid)
    assert sum(work.amount for work in files.works if work.measure == "VendorInvoiced")


def test_labor_of_the_month_is_in_the_accounts(month, files):
    """Direct labor is debited with the cost of time, overtime included."""
    (account,) = (
        row
        for row in month.ajera.content("GetGLAccounts", {"ExcludeCloseYearEntries": True})["GLAccounts"]
        if row["ID"] == "5010"
    )
    cost = sum(
        work.amount
        for work in files.works
        if work.category == "Labor" and work.measure in ("Cost", "PremiumCost") and work.day <= files.today
    )
    assert account["GLBalance"] == cost
