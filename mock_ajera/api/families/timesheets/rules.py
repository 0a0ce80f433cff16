"""The rules of writing time: which rows and hours of a timesheet may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.families.parts import changed, phase_of, project_of
from mock_ajera.api.families.projects.chargeable import is_chargeable
from mock_ajera.api.member import Body
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Row
from mock_ajera.tenants.weeks import NUMBERS

REGULAR = tuple(f"D{day}Regular" for day in NUMBERS)
NOTES = tuple(f"D{day}Notes" for day in NUMBERS)


def phase_exists(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a phase that the project of the row does not have."""
    if row["PhaseKey"] is None or not changed(row, stored, "ProjectKey", "PhaseKey"):
        return
    if phase_of(row, context.view) is None:
        text = f"the project of the row has no phase {row['PhaseKey']}"
        context.refuse(within(at, "Phase Key"), "reference", text, "timesheet.phase-of-project")


class Fixed:
    """Members that identify a row, so that a write cannot change them."""

    def __init__(self, *members: str) -> None:
        self.members = members

    def __call__(self, schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
        if context.seeding or stored is None:
            return
        for member in self.members:
            if row[member] != stored[member]:
                path = within(at, schema.members[member].wire)
                context.refuse(path, "fixed", "cannot be changed in an existing row", "timesheet.row-identity-fixed")


def no_new_overhead(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a row of overhead that the timesheet does not have."""
    if stored is None and not context.seeding:
        text = f"the timesheet has no item {row['DetailKey']}"
        context.refuse(
            within(at, "Timesheet Overhead Group Detail Key"), "unknown-key", text, "timesheet.no-new-overhead"
        )


def unlocked(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a change of a locked row."""
    if not context.seeding and stored is not None and stored["Locked"] and row != stored:
        context.refuse(at, "locked", "the row is locked", "timesheet.locked-row")


def chargeable(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a new row and changed hours on a phase that does not accept time."""
    if context.seeding or not changed(row, stored, *REGULAR):
        return
    project = project_of(row, context.view)
    if project is not None and phase_of(row, context.view) and not is_chargeable(project, row["PhaseKey"]):
        text = f"phase {row['PhaseKey']} does not accept time"
        context.refuse(within(at, "Phase Key"), "chargeable", text, "timesheet.chargeable-phases-only")


def notes_required(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse changed hours without a required note."""
    if context.seeding or not requires_notes(row, context.view):
        return
    for day, hours, note in zip(NUMBERS, REGULAR, NOTES, strict=True):
        if changed(row, stored, hours, note) and row[hours] and not row[note].strip():
            text = "the phase or its project requires a note on hours"
            context.refuse(within(at, f"D{day} Notes"), "note", text, "timesheet.notes-required")


def requires_notes(row: Body, view: View) -> bool:
    """Return whether the phase of a row or its project requires notes on hours."""
    return any((each or {}).get("RequireTimesheetNotes") for each in (phase_of(row, view), project_of(row, view)))


def week_end_only(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse a timesheet in the files of a firm whose date is not the last day of a week."""
    if row["TimesheetDate"] is not None and not context.view.is_week_end(row["TimesheetDate"]):
        text = f"{row['TimesheetDate']} is not the last day of a week"
        context.refuse(within(at, "TimesheetDate"), "week", text, "timesheet.week-end-only")


def only_notes_of_closed(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse new rows and all changes but those of notes in a timesheet that is paid or billed."""
    if context.seeding or stored is None or not (stored["Paid"] or stored["Billed"]):
        return
    for member, changed_row, before in changed_rows(row, stored):
        if changed(changed_row, before, *(name for name in changed_row if name not in NOTES)):
            text = f"row {_key(member, changed_row)}: the timesheet is paid or billed, so only notes can change"
            context.refuse(within(at, schema.members[member].wire), "closed", text, "timesheet.closed-hours")


def resources_only(schema: Row, row: Body, stored: Body | None, at: str, context: WriteContext) -> None:
    """Refuse hours of employees other than the resources of a project or phase that is restricted to them."""
    if context.seeding or stored is None:
        return
    for member, changed_row, before in changed_rows(row, stored):
        if member != "Projects" or not changed(changed_row, before, *REGULAR):
            continue
        if not is_resource(row["EmployeeKey"], changed_row, context.view):
            text = f"row {_key(member, changed_row)}: employee {row['EmployeeKey']} is not a resource of the phase"
            context.refuse(within(at, schema.members[member].wire), "resource", text, "timesheet.resources-only")


def is_resource(employee: int, row: Body, view: View) -> bool:
    """Return whether an employee may charge time to the phase of a row, if only resources may."""
    project, phase = project_of(row, view), phase_of(row, view)
    if project is None or phase is None:
        return True
    resources = [resource for resource in project["Resources"] if resource["EmployeeKey"] == employee]
    if phase["RestrictTimeEntryToResourcesOnly"]:
        return any(resource["ParentKey"] == phase["PhaseKey"] for resource in resources)
    return bool(resources) or not project["RestrictTimeEntryToResourcesOnly"]


def changed_rows(timesheet: Body, stored: Body) -> Iterator[tuple[str, Body, Body | None]]:
    """Yield the section, the row, and the stored row of each row that a write adds or changes."""
    for member, key in (("Overheads", "DetailKey"), ("Projects", "TimesheetProjectKey")):
        before = {row[key]: row for row in stored[member]}
        for row in timesheet[member]:
            if row != before.get(row[key]):
                yield member, row, before.get(row[key])


def _key(member: str, row: Body) -> Any:
    key = row["DetailKey" if member == "Overheads" else "TimesheetProjectKey"]
    return key if key > 0 else "(new)"
