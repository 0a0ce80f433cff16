"""ListChargeablePhases: where on a project time may be charged, as the drop-down of a timesheet shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.methods import Answer, Call, Method
from mock_ajera.api.records import Body, Record
from mock_ajera.api.shapes import arguments_schema
from mock_ajera.tenants.trace import reads_record, relies_on

OPEN = frozenset({"Marketing", "Preliminary", "Active", "BillingHold"})
"""Statuses in which time is taken (claim ``project.status-governs-time``)."""


def chargeable_phases(record: Record) -> Method:
    """A project and its phases as one list in the order of the tree, with their levels."""

    def handle(call: Call) -> Answer:
        key = call.arguments["ProjectKey"]
        reads_record(record.kind, (key,))
        row = call.tenant.row(record.kind, key)
        if row is None:
            relies_on("project.chargeable-unknown-key")
            return Answer({"ChargeablePhases": []})
        relies_on("project.chargeable-order")
        relies_on("project.chargeable-wbs")
        return Answer({"ChargeablePhases": list(_rows(record.open(call.tenant.body(row))))})

    arguments = {"ProjectKey": f.Whole(need="write", claim="project.chargeable-one-key")}
    return Method(
        "ListChargeablePhases",
        (1, 2),
        "read",
        arguments_schema(arguments),
        handle,
        "project.chargeable-members",
        (record,),
    )


def _rows(project: Body) -> Iterator[dict[str, Any]]:
    taken = _takes_time(project)
    phases = [phase for group in project["InvoiceGroups"] for phase in group["Phases"]]
    yield _row(project, project["ProjectKey"], 0, "", enabled=taken and not phases)
    yield from _below(phases, 1, "", taken=taken)


def _below(phases: list[Body], level: int, outer: str, *, taken: bool) -> Iterator[dict[str, Any]]:
    for i, phase in enumerate(phases, 1):
        wbs = f"{outer}.{i}" if outer else str(i)
        open_here = taken and _takes_time(phase)
        yield _row(phase, phase["PhaseKey"], level, wbs, enabled=open_here and not phase["Phases"])
        yield from _below(phase["Phases"], level + 1, wbs, taken=open_here)


def _row(record: Body, key: int, level: int, wbs: str, *, enabled: bool) -> dict[str, Any]:
    return {
        "Key": key,
        "Description": record["Description"],
        "Level": level,
        "Enabled": enabled,
        "WBS": wbs,
        "RequireNotes": record["RequireTimesheetNotes"],
    }


def _takes_time(record: Body) -> bool:
    return record["Status"] in OPEN and bool(record["LaborEntry"])
