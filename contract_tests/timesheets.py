"""Timesheets that the suite writes. No method deletes one, so a real endpoint needs --allow-lasting-records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

from .answers import Answer, records
from .client import AjeraClient
from .firm import Firm, Row, lacking, phases_of

_FIRST_DAY = date(2001, 1, 1)
_WEEKS = count()
"""Weeks since the first day. Each is used once."""


class Timesheets:
    """Timesheets of one employee in weeks of the past."""

    def __init__(self, client: AjeraClient, firm: Firm) -> None:
        self.client, self.firm = client, firm
        listed = records(client.call("ListTimesheets", version=2), "Timesheets") or lacking("timesheets")
        active = [row for row in listed if row["Employee Status"] == "Active"]
        active = active or lacking("timesheets of active employees")
        with_items = (row for row in active if self.read(row["Timesheet Key"])["Overhead"]["Detail"])
        self.latest = next(with_items, active[0])
        self.employee: int = self.latest["Employee Key"]

    def week(self) -> str:
        """Return the date of an unused week."""
        latest = date.fromisoformat(self.latest["Timesheet Date"])
        first = _FIRST_DAY + timedelta(days=(latest - _FIRST_DAY).days % 7)
        return (first + timedelta(weeks=next(_WEEKS))).isoformat()

    def create(self, **members: Any) -> Answer:
        """Call CreateTimesheet for the employee, by default in an unused week."""
        least = {"EmployeeKey": self.employee, "TimesheetDate": self.week(), "AllowPast90Days": True}
        return self.client.call("CreateTimesheet", {"Timesheet": least | members}, version=2)

    def new(self, **members: Any) -> Row:
        """Return a new timesheet."""
        (sheet,) = records(self.create(**members), "Timesheets")
        return sheet

    def read(self, key: int) -> Row:
        """Return a timesheet in full."""
        answer = self.client.call("GetTimesheets", {"RequestedTimesheets": [key]}, version=2)
        (sheet,) = records(answer, "Timesheets")
        return sheet

    def update(self, sheet: Row, projects: Any = (), overheads: Any = (), **more: Any) -> Answer:
        """Call UpdateTimesheets for one timesheet, with its UnchangedData."""
        return self.updates([edit(sheet, projects, overheads) | more])

    def updates(self, edits: list[Row]) -> Answer:
        """Call UpdateTimesheets."""
        return self.client.call("UpdateTimesheets", {"Timesheets": edits}, version=2)

    def submit(self, *keys: int, **more: Any) -> Answer:
        """Call SubmitTimesheets."""
        return self.client.call("SubmitTimesheets", {"RequestedTimesheets": list(keys), **more}, version=2)

    def charge(self, test: Any = lambda phase: not phase["RequireTimesheetNotes"], *, enabled: bool = True) -> Row:
        """Return the keys of a new row on an unrestricted phase that passes a test. Its project needs no notes."""
        activity = self.firm.active("Activities")["ActivityKey"]
        for project in self.firm.some("Projects"):
            if project["RestrictTimeEntryToResourcesOnly"] or project["RequireTimesheetNotes"]:
                continue
            arguments = {"ProjectKey": project["ProjectKey"]}
            listed = records(self.client.call("ListChargeablePhases", arguments, version=2), "ChargeablePhases")
            states = {row["Key"]: row["Enabled"] for row in listed if row["Level"] > 0}
            for phase in phases_of(project):
                unrestricted = not phase["RestrictTimeEntryToResourcesOnly"]
                if states[phase["PhaseKey"]] is enabled and unrestricted and test(phase):
                    return new_row(project["ProjectKey"], phase["PhaseKey"], activity)
        return lacking("phases that accept time")

    def with_row(self) -> tuple[Row, int]:
        """Return a new timesheet with a row of a project, and the key of the row."""
        sheet = self.new()
        (written,) = records(self.update(sheet, [self.charge() | {"D1 Regular": 2}]), "Timesheets")
        return written, written["Project"]["Detail"][0]["Timesheet Project Key"]


def edit(sheet: Row, projects: Any = (), overheads: Any = ()) -> Row:
    """Return an entry of UpdateTimesheets."""
    return {
        "TimesheetKey": sheet["TimesheetKey"],
        "UpdatedProjects": list(projects),
        "UpdatedOverheads": list(overheads),
        "UnchangedData": sheet["UnchangedData"],
    }


def new_row(project: int, phase: int, activity: int) -> Row:
    """Return a new row without hours."""
    return {"IsNewRow": True, "Project Key": project, "Phase Key": phase, "Activity Key": activity}


def row_of(sheet: Mapping[str, Any], key: int) -> Row:
    """Return a row of a project."""
    (row,) = (row for row in sheet["Project"]["Detail"] if row["Timesheet Project Key"] == key)
    return dict(row)
