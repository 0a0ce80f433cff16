"""A family that exists in tests only: it has every form that the families of the API are still to bring.

A crew sheet has member names with spaces, a nested object with rows that are identified by a reference, rows that are
new by a flag, members made by a rule, computed sums, and in version 2 an opaque token in each record in place of a
stamp and unchanged rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mock_ajera import codec
from mock_ajera.api import errors, filters
from mock_ajera.api import fields as f
from mock_ajera.api.changes import Change, Stored, update
from mock_ajera.api.loading import load
from mock_ajera.api.methods import Answer, Call, Operation
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import RawRows, get_method, list_method, plain, update_method
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason

TOKEN = "UnchangedData"
CLAIM = "list.get-several"


def _hours() -> dict[str, f.Money]:
    return {f"D{day}Regular": f.Money(wire=f"D{day} Regular") for day in range(1, 8)}


def _sum(row: dict[str, Any], _: object = None) -> Decimal:
    return sum((row[f"D{day}Regular"] for day in range(1, 8)), Decimal(0))


class OverheadRow(Row):
    """Identified by the activity that it refers to."""

    ActivityKey = f.Ref("Activity", wire="Activity Key")
    ActivityDescription = f.Lookup("ActivityKey", "Description", wire="Activity Description")
    days = f.Members(_hours())


class Overhead(Row):
    Totals = f.Computed(lambda body, _: {"Regular": sum(map(_sum, body["Detail"]), Decimal(0))})
    Detail = f.KeyedRows(OverheadRow, by="ActivityKey")


class ProjectRow(Row):
    RowKey = f.Key(wire="Row Key", sequence="CrewRow")
    IsNewRow = f.Instruction()
    ProjectKey = f.Ref("Project", wire="Project Key", nullable=False, required="on_create")
    days = f.Members(_hours(), but={"D7Regular": None})
    Notes = f.Text(max=20, wire="D1 Notes")


class CrewSheet(Record):
    kind = "CrewSheet"
    SheetKey = f.Key(wire="Sheet Key", sequence="CrewSheet")
    Delete = f.Delete()
    EmployeeKey = f.Ref("Employee", wire="Employee Key", nullable=False, required="on_create")
    Text = f.Text(max=10, wire="Sheet Text")
    IsMine = f.Computed(lambda body, view: view.audience == body["EmployeeKey"], wire="Is Mine")
    LastModifiedDate = f.Stamp()
    Overhead = f.Object(Overhead)
    Projects = f.KeyedRows(ProjectRow, new="IsNewRow")


SHEET = CrewSheet()


def token_of(tree: dict[str, Any]) -> str:
    """Return an opaque text that changes with the stored record."""
    return hashlib.sha256(codec.encode(tree)).hexdigest()[:20]


@dataclass(frozen=True)
class Token:
    """The baseline of version 2: the text that Get printed in the record."""

    sent: Any
    at: str
    stamps_sent = False

    def require(self, record: Record, stored: Stored) -> None:
        if not isinstance(self.sent, str):
            raise errors.InvalidData(Reason(self.at, "baseline", "a token is required", CLAIM))

    def conflicts(self, record: Record, stored: Stored, context: object) -> list[Reason]:
        same = self.sent == token_of(stored.tree)
        return [] if same else [Reason(self.at, "baseline", "the token is not current", CLAIM)]


def _changes(rows: list[dict[str, Any]], unknown: str) -> list[Change]:
    changes = []
    for i, raw in enumerate(rows):
        at = f"Sheets[{i}]"
        sent, faults = load(SHEET, {name: raw[name] for name in raw if name != TOKEN}, at, unknown=unknown)
        baseline = Token(raw.get(TOKEN), within(at, TOKEN))
        changes.append(Change(at, sent, faults, baseline, bool(sent.get("Delete"))))
    return changes


def _with_token(body: dict[str, Any], view: TenantView, stamp: int) -> dict[str, list[Any]]:
    row = SHEET.emit(body, view, stamp)
    del row["LastModifiedDate"]
    return {"CrewSheets": [row | {TOKEN: token_of(body)}]}


def _update_version_2(call: Call) -> Answer:
    changes = _changes(call.arguments["Sheets"], call.tenant.quirk("unknown_members"))
    outcome = update(SHEET, changes, call.tenant, single=False, unknown="refuse")
    return Answer({"Written": [each.key for each in outcome.written]}, outcome.refused)


def _employee(call: Call) -> int | None:
    return call.tenant.users[call.session.user].authorizing_employee


RECORDS = (SHEET,)
METHODS = (
    list_method(
        SHEET,
        {"Sheet Key": "SheetKey", "Employee": "EmployeeKey"},
        (
            filters.keys("FilterByEmployee", "EmployeeKey", CLAIM),
            filters.ThroughReference(
                "FilterByNameLike",
                ("EmployeeKey",),
                CLAIM,
                "Employee",
                filters.Like("FilterByNameLike", ("LastName",), CLAIM),
            ),
        ),
        versions=(1, 2),
        claim=CLAIM,
    ),
    get_method(SHEET, {1: plain(SHEET), 2: _with_token}, claim=CLAIM, audience=_employee),
    update_method(
        SHEET,
        plain(SHEET),
        claim=CLAIM,
        others={2: Operation({"Sheets": RawRows(required="always")}, _update_version_2, CLAIM)},
    ),
)
