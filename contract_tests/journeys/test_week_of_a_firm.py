"""A week of a firm over both versions: a project is created, staffed, worked on and invoiced, and the books agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from ..answers import records, success
from ..client import AjeraClient
from ..firm import Firm, Row, lacking, phases_of
from ..kinds import PROJECTS
from ..made import Made
from ..target import Target
from ..timesheets import Timesheets
from ..totals import totals_of
from ..vendor_invoices import VendorInvoices
from ..writing import changed

claim = pytest.mark.claim

HOURS = {1: Decimal("6.5"), 2: Decimal(8), 4: Decimal("7.25")}
ON_PROJECT, ON_ACCOUNT = Decimal("1610.40"), Decimal("89.60")
CENT = Decimal("0.01")


@pytest.fixture
def put_back(made: Made, target: Target) -> Iterator[None]:
    """Put the mock back after the test: no method deletes a timesheet, nor a project with time."""
    if target.real:
        pytest.skip("only a mock can undo what the test writes")
    with target.put_back():
        yield


def free_week(timesheets: Timesheets) -> tuple[Row, Decimal, str]:
    """Return an employee who is paid by the hour, the hourly rate, and a past week without a timesheet or a raise."""
    listed = records(timesheets.client.call("ListTimesheets", version=2), "Timesheets")
    last = date.fromisoformat(timesheets.latest["Timesheet Date"])
    for employee in timesheets.firm.some("Employees"):
        key, rates = employee["EmployeeKey"], employee["PayRates"]
        taken = {row["Timesheet Date"] for row in listed if row["Employee Key"] == key}
        if employee["Status"] != "Active" or not taken:
            continue
        for weeks in range(1, 50):
            week = (last - timedelta(weeks=weeks)).isoformat()
            first = (last - timedelta(weeks=weeks, days=6)).isoformat()
            begun = [row for row in rates if row["StartDate"][:10] <= week]
            rate = max(begun, key=lambda row: row["StartDate"], default=None)
            if rate and rate["StartDate"][:10] > first:
                continue
            if week not in taken and rate and rate["IsHourly"] and rate["PayRate"]:
                return employee, rate["PayRate"], week
    return lacking("employees who are paid by the hour and have a week without a timesheet")


@pytest.mark.usefixtures("put_back")
@claim("timesheet.posts-at-once", "invoice.posts-at-once", "account.balance")
def test_books_agree_after_the_week(
    made: Made,
    timesheets: Timesheets,
    invoices: VendorInvoices,
    firm: Firm,
    v2_minimum: Callable[[], dict[str, Any]],
) -> None:
    """Version 2 writes the project, the hours and the invoice; the totals and accounts of version 1 move by them."""
    client = made.client
    employee, rate, week = free_week(timesheets)

    # Monday: the project is created in version 2, and staffed in version 1.
    arguments = v2_minimum()
    arguments["Project"]["CompanyKey"] = employee["CompanyKey"]
    key = success(made.create_project(arguments))["Projects"][0]["ProjectKey"]
    manager = firm.employee("project manager", lambda row: row["IsProjectManager"] and row["Status"] == "Active")
    (project,) = firm.get("Projects", key)
    project = changed(made, PROJECTS, project, ProjectManager={"EmployeeKey": manager["EmployeeKey"]})
    (seen,) = made.read_rows(key)["Projects"]
    assert seen["ProjectManager"]["EmployeeKey"] == manager["EmployeeKey"]
    accounts, totals = balances(client), totals_of(client, key)

    # The employee works on its phase, and submits the timesheet.
    charge = {"ProjectKey": key, "PhaseKey": next(phases_of(project))["PhaseKey"]}
    charge["ActivityKey"] = firm.active("Activities")["ActivityKey"]
    sheet = timesheets.new(EmployeeKey=employee["EmployeeKey"], TimesheetDate=week)
    row = {"IsNewRow": True} | {name.replace("Key", " Key"): value for name, value in charge.items()}
    success(timesheets.update(sheet, [row | {f"D{day} Regular": hours for day, hours in HOURS.items()}]))
    success(timesheets.submit(sheet["TimesheetKey"]))

    # A vendor sends an invoice with a line for the project and one for an account.
    account = expense_account(firm)
    lines = [charge | {"CostAmount": ON_PROJECT}, {"AccountKey": account, "CostAmount": ON_ACCOUNT}]
    success(invoices.create(invoices.of(*lines, CompanyKey=employee["CompanyKey"], Date=week, AccountingDate=week)))

    # Friday: version 1 shows what it makes of them.
    labor = sum((cents(rate * hours) for hours in HOURS.values()), Decimal(0))
    expected = {
        "Hours Worked": sum(HOURS.values()),
        "Cost Labor": labor,
        "Vendor Invoiced": ON_PROJECT,
        "Cost": labor + ON_PROJECT,
    }
    moved = totals_of(client, key)
    assert {name: moved[name] - totals.get(name, 0) for name in expected} == expected
    now = balances(client)
    moves = {number: now[number] - accounts[number] for number in now if now[number] != accounts[number]}
    assert sum(moves.values()) == 0
    assert Counter(moves.values()) == Counter([labor, -labor, ON_PROJECT, ON_ACCOUNT, -(ON_PROJECT + ON_ACCOUNT)])
    assert moves[account] == ON_ACCOUNT


def balances(client: AjeraClient) -> dict[int, Decimal]:
    """Return the balance of each account, positive for a debit, without the entries that close a year."""
    rows = records(client.call("GetGLAccounts", {"ExcludeCloseYearEntries": True}), "GLAccounts")
    return {row["GLAccountKey"]: row["GLBalance"] * (1 if row["NormalDebitBalance"] else -1) for row in rows}


def expense_account(firm: Firm) -> int:
    """Return the key of an expense account that neither labor nor lines of projects move."""
    rows = [row for row in firm.some("GLAccounts") if row["AccountType"] == "Expense"]
    found = [row for row in rows if row["AllowJournalEntries"] and row["Status"] == "Active"]
    return int(found[-1]["GLAccountKey"]) if found else lacking("expense accounts")


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to cents, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)
