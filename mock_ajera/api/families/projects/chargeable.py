"""ListChargeablePhases: the phases of a project that accept time, as in the drop-down of a timesheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.families.projects.aggregate import nest
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.records import Record
from mock_ajera.tenants.trace import reads_record, relies_on

_ONE_KEY = "project.chargeable-one-key"
OPEN = frozenset({"Marketing", "Preliminary", "Active", "BillingHold"})
"""Statuses that accept time (claim ``project.status-governs-time``)."""


def chargeable_phases(record: Record) -> Method:
    """Return the method, which lists a project and its phases in the order of the tree, with their levels."""

    def handle(call: Call) -> Answer:
        key = call.arguments["ProjectKey"]
        reads_record(record.kind, (key,))
        row = call.tenant.row(record.kind, key)
        if row is None:
            relies_on("project.chargeable-unknown-key")
            return Answer({"ChargeablePhases": []})
        relies_on("project.chargeable-order")
        relies_on("project.chargeable-wbs")
        return Answer({"ChargeablePhases": list(_rows(record.nest(call.tenant.body(row))))})

    arguments = {"ProjectKey": f.AskedKey(record.kind, typed=_ONE_KEY, required="always", claim=_ONE_KEY)}
    members = {"Key": f.Whole(), "Description": f.Text(), "Level": f.Whole(), "Enabled": f.Flag(), "WBS": f.Text()}
    operation = Operation(
        arguments,
        handle,
        "project.chargeable-members",
        answers=(Layout("ChargeablePhases", {**members, "RequireNotes": f.Flag()}),),
        manual=("project.chargeable-one-key", "project.chargeable-order"),
    )
    return Method(name="ListChargeablePhases", access="read", versions={1: operation, 2: operation}, kind=record.kind)


def is_chargeable(project: Mapping[str, Any], phase: int) -> bool:
    """Return whether a phase of a stored project accepts time."""
    return any(row["Key"] == phase and row["Enabled"] for row in _rows(nest(project, "ProjectKey")))


def _rows(project: Body) -> Iterator[dict[str, Any]]:
    accepts = _accepts_time(project)
    phases = [phase for group in project["InvoiceGroups"] for phase in group["Phases"]]
    yield _row(project, project["ProjectKey"], 0, "", enabled=accepts and not phases)
    yield from _phase_rows(phases, 1, "", accepts=accepts)


def _phase_rows(phases: list[Body], level: int, outer: str, *, accepts: bool) -> Iterator[dict[str, Any]]:
    for i, phase in enumerate(phases, 1):
        wbs = f"{outer}.{i}" if outer else str(i)
        phase_accepts = accepts and _accepts_time(phase)
        yield _row(phase, phase["PhaseKey"], level, wbs, enabled=phase_accepts and not phase["Phases"])
        yield from _phase_rows(phase["Phases"], level + 1, wbs, accepts=phase_accepts)


def _row(record: Body, key: int, level: int, wbs: str, *, enabled: bool) -> dict[str, Any]:
    return {
        "Key": key,
        "Description": record["Description"],
        "Level": level,
        "Enabled": enabled,
        "WBS": wbs,
        "RequireNotes": record["RequireTimesheetNotes"],
    }


def _accepts_time(record: Body) -> bool:
    return record["Status"] in OPEN and bool(record["LaborEntry"])
