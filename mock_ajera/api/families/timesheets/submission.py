"""SubmitTimesheets and EndTimesheetSessions."""

from __future__ import annotations

from collections.abc import Callable

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Outcome, Saved
from mock_ajera.api.families.timesheets.changing import answer_of
from mock_ajera.api.families.timesheets.layouts import SUBMITTED
from mock_ajera.api.families.timesheets.records import TIMESHEET, closing_state, is_editable
from mock_ajera.api.families.timesheets.scope import Reader, reader_of
from mock_ajera.api.families.timesheets.views import submitted
from mock_ajera.api.filters import Items
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Method, Operation, guessed_method
from mock_ajera.api.shapes import Keys
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on

_KEYS = "RequestedTimesheets"
_UNKNOWN = "timesheet.write-visible-only"


def _now(tenant: Tenant) -> str:
    """Return the time of the firm's wall clock, in whole seconds."""
    return f"{tenant.firm.zone.wall_clock(tenant.clock.now()):%Y-%m-%dT%H:%M:%S}"


def _find(tenant: Tenant, key: int, reader: Reader, at: str) -> Body:
    """Return a visible timesheet. Raises ``UnknownRecord``."""
    row = tenant.row(TIMESHEET.kind, key)
    body = None if row is None else tenant.body(row)
    if body is None or not reader.sees(body["EmployeeKey"]):
        raise errors.UnknownRecord(Reason(at, "unknown-key", f"there is no timesheet {key}", _UNKNOWN))
    return body


def _submit(timesheet: Body, reader: Reader, tenant: Tenant, at: str) -> Body:
    _refuse_if(timesheet["OpenedBy"] is not None, at, "opened", "it is open in Ajera", "timesheet.opened-in-ajera")
    _refuse_if(timesheet["Submitted"], at, "submitted", "it is submitted already", "timesheet.submit-once")
    state = closing_state(timesheet)
    _refuse_if(bool(state), at, "status", f"it is {state}", "timesheet.submit-once")
    if timesheet["Rejected"]:
        relies_on("timesheet.submit-clears-rejection")
    now = {"Submitted": True, "SubmittedDateTime": _now(tenant), "SubmittedBy": reader.employee}
    return timesheet | now | {"Rejected": False}


def _unsubmit(timesheet: Body, _reader: Reader, _tenant: Tenant, at: str) -> Body:
    _refuse_if(timesheet["OpenedBy"] is not None, at, "opened", "it is open in Ajera", "timesheet.opened-in-ajera")
    _refuse_if(not timesheet["Submitted"], at, "not-submitted", "it is not submitted", "timesheet.unsubmit-submitted")
    state = closing_state(timesheet)
    _refuse_if(bool(state), at, "status", f"it is {state}", "timesheet.unsubmit-submitted")
    return timesheet | {"Submitted": False, "SubmittedDateTime": None, "SubmittedBy": None}


def _refuse_if(refused: bool, at: str, rule: str, text: str, claim: str) -> None:
    if refused:
        raise errors.InvalidData(Reason(at, rule, text, claim))


def _handle(call: Call) -> Answer:
    tenant, reader = call.tenant, reader_of(call)
    change: Callable[[Body, Reader, Tenant, str], Body] = _unsubmit if call.arguments.get("Unsubmit") else _submit
    keys = list(dict.fromkeys(call.arguments[_KEYS]))
    reads_record(TIMESHEET.kind, keys)
    _refuse_if(not keys, _KEYS, "at-least", "at least one key is required", "timesheet.submit-needs-key")
    outcome = Outcome()
    with tenant.writing():
        for i, key in enumerate(keys):
            at = f"{_KEYS}[{i}]"
            try:
                body = change(_find(tenant, key, reader, at), reader, tenant, at)
            except errors.AjeraError as error:
                outcome.refused.append(error)
            else:
                row = tenant.save(TIMESHEET.kind, key, body)
                outcome.written.append(Saved(key, body, row.stamp))
    return answer_of(call, outcome, submitted)


def _end_sessions(call: Call) -> Answer:
    tenant, reader = call.tenant, reader_of(call)
    table = tenant.model.tables[TIMESHEET.kind].entries
    keys = call.arguments.get(_KEYS, sorted(table))
    with tenant.writing():
        for key in keys:
            row = tenant.row(TIMESHEET.kind, key)
            body = None if row is None else tenant.body(row)
            if body is not None and body["OpenedBy"] is not None and reader.sees(body["EmployeeKey"]):
                tenant.save(TIMESHEET.kind, key, body | {"OpenedBy": None})
    return Answer({})


SUBMIT = Method(
    name="SubmitTimesheets",
    access="write",
    versions={
        2: Operation(
            {_KEYS: Keys(TIMESHEET.kind), "Unsubmit": f.Flag()},
            _handle,
            "timesheet.submit",
            answers=SUBMITTED,
            manual=("timesheet.submit-once", "timesheet.unsubmit-submitted", "timesheet.opened-in-ajera"),
            example=lambda firm: {_KEYS: [firm.key(TIMESHEET.kind, is_editable)]},
        )
    },
    kind=TIMESHEET.kind,
)
END_SESSIONS = guessed_method(
    Method(
        name="EndTimesheetSessions",
        access="write",
        versions={
            2: Operation({_KEYS: Items(f.AskedKey(TIMESHEET.kind))}, _end_sessions, "timesheet.end-sessions"),
        },
        kind=TIMESHEET.kind,
    )
)
