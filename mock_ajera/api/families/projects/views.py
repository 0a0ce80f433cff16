"""The shapes in which a project is answered: nested in version 1, as four flat lists in version 2."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from mock_ajera.api.custom_fields import CF, is_unset
from mock_ajera.api.records import Body, Record
from mock_ajera.api.views import Render, TenantView

Rows = dict[str, list[Any]]

_ZERO = Decimal("0.0")


def nested(record: Record) -> Render:
    """Version 1: one tree a project."""
    return lambda body, view, stamp: {"Projects": [record.emit(record.open(body), view, stamp)]}


def with_resources(record: Record) -> Render:
    """Version 1, with the Resources of the project and of every phase (claim ``project.update-answer-resources``)."""
    return lambda body, view, stamp: nested(record)(body, view.showing("resources"), stamp)


def flat(record: Record) -> Render:
    """Version 2: Projects, InvoiceGroups, Phases and Resources side by side, linked by keys, without nulls."""

    def render(body: Body, view: TenantView, stamp: int) -> Rows:
        tree = record.emit(record.open(body), view.in_version_2(), stamp)
        numbers = frozenset(definition.name for definition in view.custom_fields if definition.kind == "Number")
        project = tree["ProjectKey"]
        rows: Rows = {"Projects": [], "InvoiceGroups": [], "Phases": [], "Resources": []}
        rows["Resources"] += _resources(tree.pop("Resources"), project)
        for group in tree.pop("InvoiceGroups"):
            phases = group.pop("Phases")
            client = group.pop("Client", {})
            head = {"InvoiceGroupKey": group["InvoiceGroupKey"], "ProjectKey": project}
            flat_client = {"ClientKey": client.get("ClientKey"), "ClientDescription": client.get("Description", "")}
            rows["InvoiceGroups"].append(_row(head | group | flat_client, numbers))
            _phases(phases, project, group["InvoiceGroupKey"], project, rows, numbers)
        rows["Projects"].append(_row(tree, numbers))
        return rows

    def _phases(phases: list[Body], project: int, group: int, parent: int, rows: Rows, numbers: frozenset[str]) -> None:
        for phase in phases:
            below = phase.pop("Phases", [])
            resources = phase.pop("Resources")
            key = phase["PhaseKey"]
            links = {"ProjectKey": project, "PhaseKey": key, "ParentKey": parent, "InvoiceGroupKey": group}
            rows["Phases"].append(_row(links | phase, numbers))
            rows["Resources"] += _resources(resources, key)
            _phases(below, project, group, key, rows, numbers)

    return render


def _row(row: Body, numbers: frozenset[str]) -> Body:
    """A row of version 2: no contacts, no nulls, custom fields in an object of their own if any is set.

    ``numbers``: the custom fields that hold a number; unset they are 0.0 (claim ``project.v2-custom-number-unset``).
    """
    plain = {name: value for name, value in row.items() if not name.startswith(CF) and name != "Contacts"}
    custom = {name.removeprefix(CF): value for name, value in row.items() if name.startswith(CF)}
    present = {name: value for name, value in plain.items() if value is not None}
    if not any(map(_set, custom.values())):
        return present
    unset = {name: _ZERO for name in numbers if custom[name] is None}
    return present | {"CustomFields": custom | unset}


def _set(value: Any) -> bool:
    return not is_unset(value["Value"] if isinstance(value, dict) else value)


def _resources(rows: list[Body], parent: int) -> Iterator[Body]:
    # The page links a resource by PhaseKey, a client in the field reads ParentKey: both are there.
    for row in rows:
        key = {"ResourceKey": row["ResourceKey"], "ParentKey": parent, "PhaseKey": parent}
        yield {name: value for name, value in (key | row).items() if value is not None}
