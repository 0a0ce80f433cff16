"""What the rules of timesheets need: a project of two phases, and an employee with overhead who sees all timesheets."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from itertools import count
from typing import Any

from client import arguments

from contract_tests.kinds import EMPLOYEES, PROJECTS, TIMESHEETS
from contract_tests.members import of_record

from .cases import call
from .world import World

NOUN, KEY = TIMESHEETS.noun, TIMESHEETS.key
CREATE, UPDATE = "CreateTimesheet", f"Update{NOUN}"
ITEM, ROW = "Timesheet Overhead Group Detail Key", "Timesheet Project Key"
"""The members that identify a row of overhead and a row of a project."""
CHARGE = ("Project Key", "Phase Key", "Activity Key")
MEMBERS = of_record(f"Get{NOUN} 2 {NOUN}")

Sheet = dict[str, Any]


class Timesheets:
    """Timesheets of the authorizing employee, in weeks of the past that are used once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.employee = world.employees["manager"]
        self._weeks = (date(2001, 1, 7) + timedelta(weeks=week) for week in count())
        project = world.project()
        project["InvoiceGroups"][0]["Phases"].append(world.phase(-4))
        self.project = world.read(PROJECTS, world.created(PROJECTS, project))
        world.keys["Phase"] = [phase["PhaseKey"] for phase in self.project["InvoiceGroups"][0]["Phases"]]
        group = world.keys["OverheadGroup"][0]
        items = [{"OverheadGroupDetailKey": 11, "Description": "Holiday", "AccountKey": world.keys["GLAccount"][0]}]
        world.ajera.put_record("OverheadGroup", {"OverheadGroupKey": group, "Details": items})
        read = world.read(EMPLOYEES, self.employee)
        changed = copy.deepcopy(read) | {"OverheadGroupKey": group, "IsAccountingManager": True}
        world.client.written(EMPLOYEES, [changed], [read])

    def week(self) -> str:
        return next(self._weeks).isoformat()

    def new(self, **members: Any) -> dict[str, Any]:
        """Return the arguments that create a timesheet."""
        least = {"EmployeeKey": self.employee, "TimesheetDate": self.week(), "AllowPast90Days": True}
        return {"Timesheet": least | members}

    def created(self, **members: Any) -> Sheet:
        """Create a timesheet. Return it as a Get shows it."""
        return self.written(CREATE, self.new(**members))

    def written(self, method: str, arguments: dict[str, Any]) -> Sheet:
        """Send a valid request. Return the timesheet as a Get shows it."""
        [sheet] = call(self.world, method, arguments)[NOUN]
        return self.read(sheet[KEY])

    def read(self, key: int) -> Sheet:
        [sheet] = call(self.world, f"Get{NOUN}", {TIMESHEETS.argument: [key]})[NOUN]
        return dict(sheet)

    def update(self, sheet: Sheet, projects: Any = (), overheads: Any = ()) -> dict[str, Any]:
        """Return the arguments that change rows of a timesheet."""
        rows = {"UpdatedProjects": list(projects), "UpdatedOverheads": list(overheads)}
        return {NOUN: [{KEY: sheet[KEY], "UnchangedData": sheet["UnchangedData"]} | rows]}

    def charge(self) -> dict[str, Any]:
        """Return a new row on the first phase of the project."""
        keys = (self.project["ProjectKey"], self.world.keys["Phase"][0], self.world.keys["Activity"][0])
        return {"IsNewRow": True} | dict(zip(CHARGE, keys, strict=True))

    def with_row(self, **members: Any) -> Sheet:
        """Create a timesheet with a row of a project. ``members``: of the timesheet."""
        return self.written(UPDATE, self.update(self.created(**members), [self.charge()]))

    def schedule(self, week: str) -> None:
        """Make the employee a resource of the first phase in a week."""
        shown = {PROJECTS.argument: [self.project["ProjectKey"]]}
        [read] = call(self.world, "GetProjectsWithResources", shown, version=1)[PROJECTS.noun]
        changed = copy.deepcopy(read)
        resource = {"ResourceKey": -1, "EmployeeKey": self.employee}
        resource |= dict.fromkeys(("EstimatedStartDate", "EstimatedCompletionDate"), week)
        changed["InvoiceGroups"][0]["Phases"][0]["Resources"] = [resource]
        call(self.world, "UpdateProjectsWithResources", arguments(PROJECTS, [changed], [read]), version=1)
