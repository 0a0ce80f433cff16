"""Timesheets with their rows of projects and overhead, and the days on which the firm does not work.

The rates and accounts that the postings of a row depend on are stored in the row, so that a later change of a pay rate
or of an overhead group does not change the past (``rates``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.context import View, Visibility
from mock_ajera.api.families.parts import PhaseMember, phase_of
from mock_ajera.api.families.timesheets import rates, rules
from mock_ajera.api.families.timesheets.members import (
    AllHours,
    Hours,
    LocalTime,
    Note,
    Overtime,
    OvertimeNote,
    SparseRef,
    WeekEnd,
    of_each_day,
)
from mock_ajera.api.families.timesheets.scope import Reader
from mock_ajera.api.member import Body, Copied, Member
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.weeks import NUMBERS

_HIDDEN = Visibility.NEVER
_OBSERVED = Visibility.OBSERVED


def closing_state(timesheet: Body) -> str:
    """Return the state that protects a timesheet beyond its submission: paid, billed or approved; "" for none."""
    for state in ("Paid", "Billed"):
        if timesheet[state]:
            return state.lower()
    return (
        "approved" if any(timesheet[f"{by}Approved"] for by in ("Supervisor", "Accounting", "ProjectManager")) else ""
    )


def is_editable(timesheet: Body) -> bool:
    """Return whether nothing protects a timesheet from changes."""
    return timesheet["OpenedBy"] is None and not timesheet["Submitted"] and not closing_state(timesheet)


class _ProjectDescription(f.Computed):
    """The ID and the description of the project (claim ``timesheet.project-description``)."""

    def value(self, body: Body, view: View) -> Any:
        project = view.summary("Project", body["ProjectKey"])
        return "" if project is None else " ".join(filter(None, (project["ID"], project["Description"])))

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "Project", "ID"
        yield "Project", "Description"


class _RequireNotes(f.Computed):
    """Whether hours need a note (claim ``timesheet.notes-required``)."""

    def value(self, body: Body, view: View) -> Any:
        return rules.requires_notes(body, view)

    def copies(self) -> Iterator[Copied]:
        yield Copied("", "Project", "RequireTimesheetNotes")
        yield Copied("", "Project", "Phases[].RequireTimesheetNotes")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "Project", ""


class _ItemDescription(f.Computed):
    """The description of the overhead item. It is read from the stored overhead group."""

    def value(self, body: Body, view: View) -> Any:
        group = view.body("OverheadGroup", body["OverheadGroupKey"]) or {}
        items = {item["OverheadGroupDetailKey"]: item["Description"] for item in group.get("Details", ())}
        return items.get(body["DetailKey"], "")

    def copies(self) -> Iterator[Copied]:
        yield Copied("", "OverheadGroup", "Details[].Description")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield "OverheadGroup", ""


def _cost_rate() -> Mapping[str, Member]:
    """Return the pay per hour."""
    return {"CostRate": f.Rate(wire="Cost Rate", shown=_HIDDEN)}


def _project_rates() -> Mapping[str, Member]:
    """Return the rates of work on a project.

    The overtime markup is the factor of pay for overtime, such as 1.5; 0 if overtime is not paid more. The burden rate
    is overhead in percent of the cost. Work that is nonbillable has a value at billing rates too, but is never billed.
    """
    names = ("Billing Rate", "Overtime Markup", "Burden Rate")
    rates = {name.replace(" ", ""): f.Rate(wire=name, shown=_HIDDEN) for name in names}
    return {**_cost_rate(), **rates, "Nonbillable": f.Flag(shown=_HIDDEN)}


class _OverheadRates(Row):
    """The rates of a day of a row of overhead."""

    Day = f.Whole(required="always", at_least=1, at_most=7)
    rates = f.Members(_cost_rate())


class _ProjectRates(Row):
    """The rates of a day of a row of a project."""

    Day = f.Whole(required="always", at_least=1, at_most=7)
    rates = f.Members(_project_rates())


class OverheadRow(Row):
    """The time of a week on one item of the employee's overhead group.

    The first two keys are those of the timesheet, which prints them in each row.
    """

    Locked = f.Flag()
    TimesheetKey = f.Computed(lambda body, _: body.get("TimesheetKey"), wire="Timesheet Overhead Key")
    EmployeeKey = f.Computed(lambda body, _: body.get("EmployeeKey"), wire="Employee Key")
    OverheadGroupKey = f.Ref("OverheadGroup", wire="Timesheet Overhead Group", shown=_OBSERVED)
    DetailKey = f.Whole(wire="Timesheet Overhead Group Detail Key")
    Detail = _ItemDescription(wire="Timesheet Overhead Group Detail")
    ProjectKey = SparseRef("Project", wire="Project Key", shown=_OBSERVED)
    PhaseKey = f.Whole(wire="Phase Key", shown=_HIDDEN)
    ActivityKey = SparseRef("Activity", wire="Activity Key", shown=_OBSERVED)
    AccountKey = f.Ref("GLAccount", wire="Account Key", shown=_HIDDEN)
    """The account that the time is charged to, if the item has no project."""
    CompanyKey = f.Ref("Company", wire="Company Key", shown=_HIDDEN)
    """The company whose account it is."""
    rates = f.Members(_cost_rate())
    DayRates = f.Rows(_OverheadRates, wire="Day Rates", shown=_HIDDEN)
    all_hours = f.Members({f"D{day}": AllHours(day, shown=_OBSERVED) for day in NUMBERS})
    regular = f.Members(of_each_day("Regular", Hours))
    notes = f.Members(of_each_day("Notes", Note))

    checks = (
        rules.no_new_overhead,
        rules.Fixed("Locked", "OverheadGroupKey", "ProjectKey", "ActivityKey"),
        rules.unlocked,
    )


class ProjectRow(Row):
    """The time of a week on one phase and activity of a project."""

    TimesheetProjectKey = f.Key(
        wire="Timesheet Project Key", sequence="TimesheetProject", new="none in a new row, which has IsNewRow"
    )
    IsNewRow = f.Instruction()
    ProjectKey = f.Ref("Project", wire="Project Key", nullable=False, required="on_create", claim="timesheet.new-row")
    ProjectDescription = _ProjectDescription(wire="Project Description")
    PhaseKey = f.Whole(wire="Phase Key", required="on_create", claim="timesheet.new-row")
    PhaseDescription = PhaseMember("Description", wire="Phase Description")
    ActivityKey = f.Ref(
        "Activity", wire="Activity Key", nullable=False, required="on_create", claim="timesheet.new-row"
    )
    Activity = f.Lookup("ActivityKey", "Description")
    EmployeeTypeKey = f.Ref("EmployeeType", wire="Employee Type Key")
    EmployeeType = f.Lookup("EmployeeTypeKey", "Description", wire="Employee Type", shown=_OBSERVED)
    RequireNotes = _RequireNotes(shown=_OBSERVED)
    rates = f.Members(_project_rates())
    DayRates = f.Rows(_ProjectRates, wire="Day Rates", shown=_HIDDEN)
    Locked = f.Flag(shown=_HIDDEN)
    all_hours = f.Members({f"D{day}": AllHours(day, shown=_OBSERVED) for day in NUMBERS})
    regular = f.Members(of_each_day("Regular", Hours))
    overtime = f.Members(of_each_day("Overtime", Overtime))
    notes = f.Members(of_each_day("Notes", Note))
    overtime_notes = f.Members(of_each_day("OT Notes", OvertimeNote))

    checks = (
        rules.phase_exists,
        rules.Fixed("ProjectKey", "PhaseKey", "ActivityKey"),
        rules.unlocked,
        rules.chargeable,
        rules.notes_required,
    )


class Timesheet(Record):
    """The time of an employee in one week.

    No method prints the record as it is declared here: lists and Get have forms of their own (``views``).
    """

    kind = "Timesheet"
    TimesheetKey = f.Key(new="")
    TimesheetDate = WeekEnd(required="on_create", claim="timesheet.create-required")
    EmployeeKey = f.Ref("Employee", nullable=False, required="on_create", claim="timesheet.create-required")
    Submitted = f.Flag(shown=_HIDDEN)
    SubmittedDateTime = LocalTime(shown=_HIDDEN)
    SubmittedBy = f.Ref("Employee", shown=_HIDDEN)
    SupervisorApproved = f.Flag(shown=_HIDDEN)
    SupervisorApprovedDateTime = LocalTime(shown=_HIDDEN)
    SupervisorApprovedBy = f.Ref("Employee", shown=_HIDDEN)
    AccountingApproved = f.Flag(shown=_HIDDEN)
    AccountingApprovedDateTime = LocalTime(shown=_HIDDEN)
    AccountingApprovedBy = f.Ref("Employee", shown=_HIDDEN)
    ProjectManagerApproved = f.Flag(shown=_HIDDEN)
    Rejected = f.Flag(shown=_HIDDEN)
    Billed = f.Flag(shown=_HIDDEN)
    Paid = f.Flag(shown=_HIDDEN)
    OpenedBy = f.Ref("Employee", shown=_HIDDEN)
    """The employee who has the timesheet open in Ajera itself, which locks it."""
    Overheads = f.KeyedRows(OverheadRow, by="DetailKey")
    Projects = f.KeyedRows(ProjectRow, new="IsNewRow")

    checks = (rules.week_end_only, rules.only_notes_of_closed, rules.resources_only)

    def guard(self, stored: Body, at: str, view: View) -> None:
        """Hide the timesheets that the reader does not see, and protect those that are open or submitted."""
        if isinstance(view.audience, Reader) and not view.audience.sees(stored["EmployeeKey"]):
            text = f"there is no timesheet {stored['TimesheetKey']}"
            path = within(at, "TimesheetKey")
            raise errors.UnknownRecord(Reason(path, "unknown-key", text, "timesheet.write-visible-only"))
        if stored["OpenedBy"] is not None:
            text = f"employee {stored['OpenedBy']} has the timesheet open in Ajera"
            raise errors.InvalidData(Reason(at, "opened", text, "timesheet.opened-in-ajera"))
        state = closing_state(stored) or ("submitted" if stored["Submitted"] else "")
        if state in ("approved", "submitted"):
            raise errors.InvalidData(Reason(at, "status", f"the timesheet is {state}", "timesheet.submitted-unchanged"))

    def complete(self, tree: Body, stored: Body | None, view: View) -> Body:
        """Store the rates of the days that get their first hours, and forget those of the days that have none."""
        employee = view.body("Employee", tree["EmployeeKey"]) or {}
        for section, row, before in rules.changed_rows(tree, stored or {"Overheads": (), "Projects": ()}):
            if section == "Overheads":
                in_force = rates.of_overhead(employee)
            else:
                in_force = rates.of_project(employee, phase_of(row, view) or {}, view)
            row["DayRates"] = list(rates.of_days(tree["TimesheetDate"], row, before, in_force))
        return tree


class NonWorkDay(Record):
    """A day on which the firm does not work, such as a holiday. Its key is not printed."""

    kind = "NonWorkDay"
    NonWorkDayKey = f.Key(shown=_HIDDEN)
    Date = f.Day()
    Description = f.Text()
    CompanyKey = f.Ref("Company", shown=_HIDDEN)
    """The company that does not work; null for all companies."""


TIMESHEET, NON_WORK_DAY = Timesheet(), NonWorkDay()
