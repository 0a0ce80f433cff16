"""Take a project through its first week, with a session of each version, and check that the books agree.

    python week_of_a_firm.py PROJECT EMPLOYEE WEEK_END VENDOR ACCOUNT

Version 2 creates the project, version 1 gives it a project manager. The employee, named like "Dale Anderson" and paid
by the hour, works on it in the week that ends on WEEK_END, such as 2026-02-22, and submits the timesheet. The vendor
sends an invoice: one line for the project, one for the account, given by its number. Then the totals of the project and
the balances of all accounts, read in version 1, are compared with what the hours and the invoice should have moved.

This is a rehearsal: no documented method deletes a timesheet or an invoice, so run it against a mock or a test company.
A run that is cut short is not taken up by the next one, which says what it finds and ends.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0 if the books agree, and with 1 if not.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import requests
from ajera_client import Ajera, Record, Refused, change, connect, listed, phases_of, read
from sheet import Names, Wrong

HOURS = {1: "6.5", 2: "8", 3: "7.25", 4: "8", 5: "2.5"}
"""The hours of each day of the week."""
ON_PROJECT, ON_ACCOUNT = Decimal("1610.40"), Decimal("89.60")
"""The lines of the invoice, in dollars."""


def dollars(value: Any) -> Decimal:
    """Return an amount of a response exactly. It has four decimals at most."""
    return Decimal(str(value))


def active(ajera: Ajera, noun: str) -> Record:
    """Return the first active record."""
    rows = listed(ajera, noun, FilterByStatus=["Active"])
    if not rows:
        raise Wrong(f"there are no active {noun}")
    return rows[0]


def employees(v1: Ajera) -> dict[int, Record]:
    """Return the active employees in full, with a full name, by key."""
    keys = [row["EmployeeKey"] for row in listed(v1, "Employees", FilterByStatus=["Active"])]
    rows = read(v1, "Employees", keys)
    return {row["EmployeeKey"]: row | {"Name": f"{row['FirstName']} {row['LastName']}"} for row in rows}


def hourly_rate(employee: Record, day: str) -> Decimal:
    """Return the pay rate of an employee on a day, in dollars an hour."""
    rates = [row for row in employee["PayRates"] if row["StartDate"][:10] <= day]
    latest = max(rates, key=lambda row: row["StartDate"], default=None)
    if latest is None or not latest["IsHourly"]:
        raise Wrong(f"{employee['Name']} is not paid by the hour")
    return dollars(latest["PayRate"])


class Books:
    """The accounts and the totals of a project at one time."""

    def __init__(self, v1: Ajera, project: int) -> None:
        # Without these entries, an account of a year that is closed keeps its balance.
        self.accounts = v1.call("GetGLAccounts", {"ExcludeCloseYearEntries": True})["GLAccounts"]
        self.totals = v1.call("GetProjectTotals", {"RequestedProjectTotals": project})["ProjectTotals"]

    def balances(self) -> dict[str, Decimal]:
        """Return the balance of each account, by number. Debits are positive."""
        return {
            row["ID"]: dollars(row["GLBalance"]) * (1 if row["NormalDebitBalance"] else -1) for row in self.accounts
        }

    def total(self, name: str) -> Decimal:
        """Return a total of the project. One that is zero may be absent."""
        return dollars(self.totals.get(name, 0))


def check_week(v2: Ajera, employee: Record, week_end: str) -> None:
    """Raise ``Wrong`` unless the week is over and the employee has no timesheet for it."""
    if date.fromisoformat(week_end) >= datetime.now().astimezone().date():
        raise Wrong(f"the week to {week_end} is not over")
    dates = {"FilterByEarliestTimesheetDate": week_end, "FilterByLatestTimesheetDate": week_end}
    if listed(v2, "Timesheets", **dates, FilterByEmployee=[employee["EmployeeKey"]]):
        raise Wrong(f"{employee['Name']} has a timesheet for the week to {week_end}")


def create_project(v1: Ajera, v2: Ajera, name: str, company: int) -> int:
    """Create a project with one phase, and return its key. Raises ``Wrong`` if its name is taken."""
    if listed(v1, "Projects", FilterByDescriptionEquals=name):
        raise Wrong(f"there is a project {name} already; it may be from a run that was cut short")
    content = v2.call(
        "CreateProjects",
        {
            "CreateType": "Project",
            "Project": {
                "Description": name,
                "CompanyKey": company,
                "BillingType": "TimeAndExpense",
                "RateTableKey": active(v1, "RateTables")["RateTableKey"],
            },
            "InvoiceGroups": [{"Description": name, "ClientKey": active(v1, "Clients")["ClientKey"]}],
            "Phases": [{"Description": "Design"}],
        },
    )
    if not content.get("Projects"):
        raise Wrong("Ajera reports a success but has created nothing")
    key: int = content["Projects"][0]["ProjectKey"]
    return key


def staff(v1: Ajera, v2: Ajera, project: int, manager: int) -> None:
    """Give the project a manager in version 1, and read it in version 2."""
    (record,) = read(v1, "Projects", [project])
    change(v1, "Projects", record, ProjectManager={"EmployeeKey": manager})
    (seen,) = read(v2, "Projects", [project])
    if seen["ProjectManager"]["EmployeeKey"] != manager:
        raise Wrong("version 2 shows another project manager")


def work(v2: Ajera, employee: int, week_end: str, row: Record) -> None:
    """Enter the hours of a week on a phase, and submit the timesheet."""
    # Ajera refuses a week that ended more than 90 days ago, unless this is what the caller wants.
    new = {"EmployeeKey": employee, "TimesheetDate": week_end, "AllowPast90Days": True}
    content = v2.call("CreateTimesheet", {"Timesheet": new})
    (sheet,) = content["Timesheets"]
    key = sheet["TimesheetKey"]
    hours = {f"D{day} Regular": float(value) for day, value in HOURS.items()}
    edit = {
        "TimesheetKey": key,
        "UpdatedProjects": [{"IsNewRow": True, **row, **hours}],
        "UpdatedOverheads": [],
        "UnchangedData": sheet["UnchangedData"],
    }
    v2.call("UpdateTimesheets", {"Timesheets": [edit]})
    v2.call("SubmitTimesheets", {"RequestedTimesheets": [key]})


def receive_invoice(v2: Ajera, vendor: int, company: int, day: str, charge: Record, account: int) -> None:
    """Enter an invoice with a line for the project and one for an account."""
    lines = [charge | {"CostAmount": float(ON_PROJECT)}, {"AccountKey": account, "CostAmount": float(ON_ACCOUNT)}]
    invoice = {
        "VendorKey": vendor,
        "CompanyKey": company,
        "Number": f"W-{day}",
        "Date": day,
        "Amount": float(ON_PROJECT + ON_ACCOUNT),
        "LineItems": lines,
    }
    v2.call("CreateVendorInvoices", {"VendorInvoices": [invoice]})


def cost_of_week(employee: Record, week_end: str) -> Decimal:
    """Return the pay for the hours of the week, each day at the rate of that day."""
    cost = Decimal(0)
    for day, hours in HOURS.items():
        at = date.fromisoformat(week_end) - timedelta(days=7 - day)
        cost += (hourly_rate(employee, str(at)) * Decimal(hours)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return cost


def agree(before: Books, after: Books, labor: Decimal, account: str) -> bool:
    """Print what has moved, and return whether it is what the hours and the invoice should have moved."""
    hours = sum(map(Decimal, HOURS.values()))
    expected = {"Hours Worked": hours, "Cost Labor": labor, "Cost": labor + ON_PROJECT, "Vendor Invoiced": ON_PROJECT}
    found = {name: after.total(name) - before.total(name) for name in expected}
    for name, moved in found.items():
        print(f"{name:<34}{moved:>10.2f}")

    old, new = before.balances(), after.balances()
    names = {row["ID"]: row["Description"] for row in after.accounts}
    moves = {number: new[number] - old[number] for number in new if new[number] != old[number]}
    for number, moved in moves.items():
        print(f"{f'{number} {names[number]}':<34}{moved:>10.2f}")
    print(f"{'sum of the accounts':<34}{sum(moves.values()):>10.2f}")
    # Labor is moved from applied to direct labor; the line of the project is a direct cost; the vendor is owed both.
    others = Counter([labor, -labor, ON_PROJECT, -(ON_PROJECT + ON_ACCOUNT)])
    return found == expected and moves.pop(account, 0) == ON_ACCOUNT and Counter(moves.values()) == others


def go_through(name: str, worker: str, week_end: str, supplier: str, number: str) -> bool:
    """Take a project through a week. Return whether the books agree. Raises ``Refused`` and ``Wrong``."""
    with connect() as v1, connect(version=2) as v2:
        staffed = employees(v1)
        employee = staffed[Names("Employee", staffed.values(), "EmployeeKey", "Name").key(worker)]
        manager = next((row for row in staffed.values() if row["IsProjectManager"] and row is not employee), None)
        if manager is None:
            raise Wrong("there is no active project manager")
        labor, company = cost_of_week(employee, week_end), employee["CompanyKey"]
        vendors, accounts = (listed(v1, noun, FilterByStatus=["Active"]) for noun in ("Vendors", "GLAccounts"))
        vendor = Names("Vendor", vendors, "VendorKey", "Name").key(supplier)
        account = Names("Account", accounts, "GLAccountKey", "ID").key(number)
        check_week(v2, employee, week_end)

        project = create_project(v1, v2, name, company)
        print(f"created   project {project}, {name}")
        before = Books(v1, project)

        staff(v1, v2, project, manager["EmployeeKey"])
        print(f"staffed   {manager['Name']}")

        (record,) = read(v1, "Projects", [project])
        phase = next(phases_of(record))["PhaseKey"]
        activity = active(v1, "Activities")["ActivityKey"]
        row = {"Project Key": project, "Phase Key": phase, "Activity Key": activity}
        work(v2, employee["EmployeeKey"], week_end, row)
        print(f"worked    {employee['Name']}, the week to {week_end}")

        charge = {"ProjectKey": project, "PhaseKey": phase, "ActivityKey": activity}
        receive_invoice(v2, vendor, company, week_end, charge, account)
        print(f"invoiced  {supplier}\n")

        agreed = agree(before, Books(v1, project), labor, number)
        print("\nthe books agree" if agreed else "\nthe books do not agree")
        return agreed


def main(words: list[str]) -> int:
    """Take a project through a week."""
    if len(words) != 5:
        raise SystemExit(__doc__)
    try:
        date.fromisoformat(words[2])
    except ValueError:
        raise SystemExit(f"{words[2]} is not a date like 2026-02-22") from None
    try:
        return 0 if go_through(*words) else 1
    except (Refused, Wrong, requests.RequestException) as error:
        print(f"week_of_a_firm: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
