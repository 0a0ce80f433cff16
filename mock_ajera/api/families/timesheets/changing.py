"""UpdateTimesheets: hours and notes of rows, and new rows of projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Change, Outcome, Saved, Stored, nothing_to_update, unknown_members, update
from mock_ajera.api.context import Visibility, WriteContext
from mock_ajera.api.families.timesheets.layouts import LAYOUTS
from mock_ajera.api.families.timesheets.members import WeekEnd
from mock_ajera.api.families.timesheets.records import TIMESHEET, OverheadRow, ProjectRow, Timesheet, is_editable
from mock_ajera.api.families.timesheets.scope import reader_of
from mock_ajera.api.families.timesheets.views import SECTIONS, full, tokens
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import RawObject, RawRows, note_outcome
from mock_ajera.api.views import Render, TenantView
from mock_ajera.tenants.journal import Reason

_UNCHANGED, _NAME = "UnchangedData", "Timesheets"

_KEPT = f.RowClaims(kept="timesheet.absent-rows-kept")


class _Edit(Timesheet):
    """A timesheet as UpdateTimesheets sends it: only its key and the rows that change."""

    TimesheetDate = WeekEnd(shown=Visibility.NEVER)
    EmployeeKey = f.Ref("Employee", shown=Visibility.NEVER)
    Overheads = f.KeyedRows(OverheadRow, by="DetailKey", wire="UpdatedOverheads", claims=_KEPT)
    Projects = f.KeyedRows(ProjectRow, new="IsNewRow", wire="UpdatedProjects", claims=_KEPT)


_EDIT = _Edit()


class Tokens(msgspec.Struct, frozen=True):
    """The baseline of a timesheet: the two opaque texts of UnchangedData."""

    sent: Any
    at: str
    stamps_sent = False

    def require(self, record: Record, stored: Stored) -> None:
        faults = []
        for section in SECTIONS:
            path = within(self.at, section)
            if not isinstance(self.sent, Mapping) or not isinstance(self.sent.get(section), str):
                text = "a text is required, as GetTimesheets returned it"
                faults.append(Reason(path, "baseline", text, "timesheet.unchanged-data-required"))
        if faults:
            raise errors.InvalidData(*faults)

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        return [
            Reason(within(self.at, section), "baseline", "the section has changed", "timesheet.unchanged-data-current")
            for section, current in tokens(stored.tree).items()
            if self.sent[section] != current
        ]


def _negative_keys(sent: Body, at: str) -> Iterator[Reason]:
    """Yield a reason for each row with a negative key: new rows have a flag instead."""
    for i, row in enumerate(sent.get("Projects") or ()):
        if (row.get("TimesheetProjectKey") or 0) < 0:
            path, text = f"{at}[{i}].Timesheet Project Key", "a new row has IsNewRow, and no key"
            yield Reason(path, "key", text, "timesheet.new-row")


def _changes(raws: list[Mapping[str, Any]], unknown: str) -> list[Change]:
    changes = []
    for i, raw in enumerate(raws):
        at = f"{_NAME}[{i}]"
        sent, faults = load(_EDIT, {name: raw[name] for name in raw if name != _UNCHANGED}, at, unknown=unknown)
        faults += _negative_keys(sent, within(at, "UpdatedProjects"))
        changes.append(Change(at, sent, faults, Tokens(raw.get(_UNCHANGED), within(at, _UNCHANGED))))
    keys = [change.sent.get(_EDIT.key.name) for change in changes]
    repeated = [change for i, change in enumerate(changes) if keys[i] is not None and keys[i] in keys[:i]]
    if repeated:
        text = "the timesheet is already in this list"
        raise errors.InvalidData(*(Reason(each.at, "repeated-key", text, "write.record-once") for each in repeated))
    for change in changes:
        key = change.sent.get(_EDIT.key.name)
        if key is not None and key < 0:
            path = within(change.at, _EDIT.key.wire)
            change.faults.append(Reason(path, "key", "a key of a timesheet is expected", "timesheet.update"))
            del change.sent[_EDIT.key.name]
    return changes


def _update(call: Call) -> Answer:
    tenant, reader = call.tenant, reader_of(call)
    unknown = unknown_members(tenant)
    changes = _changes(call.arguments[_NAME], unknown)
    outcome = update(_EDIT, changes, tenant, single=False, unknown=unknown, audience=reader)
    answer = answer_of(call, outcome, full(totals=False))
    return replace(answer, notes=nothing_to_update(_NAME, changes))


def answer_of(call: Call, outcome: Outcome, render: Render) -> Answer:
    """Return the written timesheets, and the refusals."""
    note_outcome(outcome, "timesheet.each-alone")
    view = TenantView(call.tenant)
    saved = [each for each in outcome.written if isinstance(each, Saved)]
    written = [row for each in saved for row in render(each.body, view, each.stamp)["Timesheets"]]
    return Answer({"Timesheets": written} if written or not outcome.refused else {}, outcome.refused)


def _example(firm: FirmValues) -> dict[str, Any]:
    """Return a note on the first project row of a timesheet that can be changed."""
    key = firm.key(TIMESHEET.kind, lambda body: is_editable(body) and bool(body["Projects"]))
    (timesheet,) = firm.content(TIMESHEET.kind, key, full(totals=False))["Timesheets"]
    row = {
        "Timesheet Project Key": timesheet["Project"]["Detail"][0]["Timesheet Project Key"],
        "D1 Notes": "Site visit",
    }
    return {_NAME: [{"TimesheetKey": key, "UpdatedProjects": [row], _UNCHANGED: timesheet[_UNCHANGED]}]}


UPDATE = Method(
    name="UpdateTimesheets",
    access="write",
    versions={
        2: Operation(
            {_NAME: RawRows(required="always")},
            _update,
            "timesheet.update",
            takes=(Layout(_NAME, {**_EDIT.by_wire, _UNCHANGED: RawObject(required="always")}),),
            answers=LAYOUTS,
            manual=(
                *("timesheet.unchanged-data-required", "timesheet.unchanged-data-current", "timesheet.new-row"),
                *("timesheet.absent-rows-kept", "timesheet.no-new-overhead", "timesheet.row-identity-fixed"),
                *("timesheet.submitted-unchanged", "timesheet.each-alone"),
            ),
            example=_example,
        )
    },
    kind=_EDIT.kind,
)
