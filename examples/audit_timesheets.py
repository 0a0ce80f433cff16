"""Check the timesheets of a week before it is billed.

    python audit_timesheets.py [WEEK_END]

WEEK_END is the last day of the week, such as 2026-02-22; by default, that of the last week that is over. For each
employee, the program prints the hours of each day, and what has to be corrected: a missing or rejected timesheet, one
that is not submitted, workdays without hours, and hours without the note that their phase or project requires. It also
lists the days that have only overhead.

Timesheets exist only in version 2 of the API, employees and the settings of phases are read in version 1. The API user
sees the timesheets that its authorizing employee sees: all of them if that is an accounting manager.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0, or with 1 if Ajera refused a call or could not be reached.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import requests
from ajera_client import Ajera, Record, Refused, connect, listed, phases_of, read

MOST = 500
"""ListTimesheets cuts off longer lists, and does not report it."""
DAYS = range(1, 8)
"""The days of a week: D1 is the first one, D7 is the date of the timesheet."""
KINDS_OF_HOURS = {"Regular": "Notes", "Overtime": "OT Notes"}
"""The columns of a day with hours, and those with their notes."""


class Week:
    """A week, and the days on which each company works."""

    def __init__(self, ajera: Ajera, end: date) -> None:
        self.end = end
        self.dates = [end - timedelta(days=7 - day) for day in DAYS]
        self._ajera = ajera
        self._off: dict[int, set[str]] = {}

    def workdays(self, company: int) -> list[int]:
        """Return the numbers of the days, Monday to Friday, that are workdays of a company."""
        if company not in self._off:
            filters = {
                "FilterByEarliestDate": str(self.dates[0]),
                "FilterByLatestDate": str(self.end),
                "FilterByCompany": [company],
            }
            rows = self._ajera.call("ListTimesheetNonWorkDays", filters)["NonWorkDays"]
            self._off[company] = {row["Date"][:10] for row in rows}
        off = self._off[company]
        return [day for day, at in zip(DAYS, self.dates, strict=True) if at.weekday() < 5 and str(at) not in off]

    def names(self, days: list[int]) -> str:
        """Return the names of days, such as "Mon, Tue"."""
        return ", ".join(f"{self.dates[day - 1]:%a}" for day in days)


def start_of_week(ajera: Ajera) -> str:
    """Return the day on which the weeks of the firm start, such as "Monday". Exit if timesheets cannot be read."""
    found = ajera.log_in().get("Timesheets")
    if found is None:
        raise SystemExit("this Ajera does not say on which day its weeks start")
    if not found["UserHasAccess"]:
        raise SystemExit("the API user has no access to timesheets: its authorizing employee must be active")
    name: str = found["TimeStartOfWeek"]
    return name


def ends_week(day: date, start: str) -> bool:
    """Return whether a day is the last one of a week."""
    return f"{day + timedelta(days=1):%A}" == start


def last_week_end(start: str) -> date:
    """Return the last day of the last week that is over."""
    today = datetime.now().astimezone().date()
    return next(day for day in (today - timedelta(days=days) for days in DAYS) if ends_week(day, start))


def list_week(ajera: Ajera, week: Week, employees: list[int]) -> list[Record]:
    """Return the rows of ListTimesheets of a week."""
    dates = {"FilterByEarliestTimesheetDate": str(week.end), "FilterByLatestTimesheetDate": str(week.end)}
    rows = listed(ajera, "Timesheets", **dates)
    if len(rows) < MOST:
        return rows
    # The list may be cut off. An employee has one timesheet a week, so a list of 100 employees is complete.
    rows = []
    for at in range(0, len(employees), 100):
        rows += listed(ajera, "Timesheets", **dates, FilterByEmployee=employees[at : at + 100])
    return rows


def read_timesheets(ajera: Ajera, keys: list[int]) -> dict[int, Record]:
    """Return timesheets by key. They are large, so a call reads ten."""
    found: dict[int, Record] = {}
    for at in range(0, len(keys), 10):
        content = ajera.call("GetTimesheets", {"RequestedTimesheets": keys[at : at + 10]})
        found |= {sheet["TimesheetKey"]: sheet for sheet in content["Timesheets"]}
    return found


def phases_with_notes(ajera: Ajera, projects: list[int]) -> set[int]:
    """Return the phases of projects that require notes on hours, or whose project does."""
    return {
        phase["PhaseKey"]
        for row in read(ajera, "Projects", projects)
        for phase in phases_of(row)
        if row["RequireTimesheetNotes"] or phase["RequireTimesheetNotes"]
    }


def hours_on(rows: list[Record], day: int) -> float:
    """Return the hours of rows on a day. A row lacks the columns of days without hours."""
    return sum(row.get(f"D{day} {kind}", 0) for row in rows for kind in KINDS_OF_HOURS)


def findings(summary: Record, sheet: Record, week: Week, with_notes: set[int], first: str) -> Iterator[str]:
    """Yield what is wrong with a timesheet, and which of its days have only overhead.

    ``first``: the first day of the employee, before which no hours are expected.
    """
    overheads, projects = sheet["Overhead"]["Detail"], sheet["Project"]["Detail"]
    if summary["Rejected"]:
        yield "rejected"
    # The list leaves out Submitted if nobody has done anything with the timesheet.
    elif not summary.get("Submitted"):
        yield "not submitted"
    workdays = (day for day in week.workdays(summary["Company Key"]) if str(week.dates[day - 1]) >= first)
    empty = [day for day in workdays if not hours_on([*overheads, *projects], day)]
    if empty:
        yield f"no hours on {week.names(empty)}"
    for row in projects:
        lacking = [day for day in DAYS if row["Phase Key"] in with_notes and lacks_note(row, day)]
        if lacking:
            yield f"no note on {week.names(lacking)}: {row['Project Description']}, {row['Phase Description']}"
    only_overhead = [day for day in DAYS if hours_on(overheads, day) and not hours_on(projects, day)]
    for row in overheads:
        days = [day for day in only_overhead if hours_on([row], day)]
        if days:
            yield f"only overhead on {week.names(days)}: {row['Timesheet Overhead Group Detail']}"


def lacks_note(row: Record, day: int) -> bool:
    """Return whether a row has hours without a note on a day."""
    return any(
        row.get(f"D{day} {kind}") and not row.get(f"D{day} {notes}", "").strip()
        for kind, notes in KINDS_OF_HOURS.items()
    )


def line(name: str, cells: list[str]) -> str:
    """Return a line of the table of hours."""
    return f"{name:<30}" + "".join(f"{cell:>7}" for cell in cells)


def full_name(row: Record) -> str:
    """Return the first and the last name of an employee."""
    return f"{row['FirstName']} {row['LastName']}"


def first_day(row: Record) -> str:
    """Return the day on which an employee was hired, the last time if there were two; "" if it is unknown."""
    return max((row[name] or "")[:10] for name in ("DateHired", "DateRehired"))


def audit(v1: Ajera, v2: Ajera, week: Week) -> None:
    """Print the hours of each employee in a week, and what has to be corrected."""
    every = [row["EmployeeKey"] for row in listed(v1, "Employees")]
    active = [row["EmployeeKey"] for row in listed(v1, "Employees", FilterByStatus=["Active"])]
    summaries = sorted(list_week(v2, week, every), key=lambda row: (row["Last Name"], row["First Name"]))
    sheets = read_timesheets(v2, [row["Timesheet Key"] for row in summaries])
    projects = {row["Project Key"] for sheet in sheets.values() for row in sheet["Project"]["Detail"]}
    with_notes = phases_with_notes(v1, sorted(projects))
    present = {row["Employee Key"] for row in summaries}
    employees = {row["EmployeeKey"]: row for row in read(v1, "Employees", sorted(present.union(active)))}

    print(line(f"{week.dates[0]} to {week.end}", [*(f"{at:%a}" for at in week.dates), "Total"]))
    for summary in summaries:
        sheet = sheets[summary["Timesheet Key"]]
        rows = [*sheet["Overhead"]["Detail"], *sheet["Project"]["Detail"]]
        hours = [hours_on(rows, day) for day in DAYS]
        print(line(summary["Employee"], [*(f"{each:g}" if each else "-" for each in hours), f"{sum(hours):g}"]))
        first = first_day(employees[summary["Employee Key"]])
        for finding in findings(summary, sheet, week, with_notes, first):
            print(f"    {finding}")
    for key in active:
        if key not in present and first_day(employees[key]) <= str(week.end):
            print(f"{full_name(employees[key])}\n    no timesheet")


def main(words: list[str]) -> int:
    """Check the timesheets of a week."""
    if len(words) > 1:
        raise SystemExit(__doc__)
    try:
        end = date.fromisoformat(words[0]) if words else None
    except ValueError:
        raise SystemExit(f"{words[0]} is not a date like 2026-02-22") from None
    try:
        with connect() as v1, connect(version=2) as v2:
            start = start_of_week(v2)
            end = end or last_week_end(start)
            if not ends_week(end, start):
                raise SystemExit(f"{end} is not the end of a week: the weeks of this firm start on {start}")
            audit(v1, v2, Week(v2, end))
    except (Refused, requests.RequestException) as error:
        print(f"audit_timesheets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
