"""Conversion of a project between its stored form (flat) and the form of version 1 (nested).

A stored project has InvoiceGroups, Phases and Resources as flat lists in tree order. A phase has its InvoiceGroupKey
and its ParentKey (a phase, or the project for a top-level phase); a resource has its ParentKey (a phase or the
project).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from mock_ajera.api.member import Body


def nest(body: Mapping[str, Any], key: str) -> Body:
    """Return the tree: invoice groups with their phases, phases with their sub-phases, each with its resources.

    ``key``: the member with the project's key.
    """
    project = body[key]
    phases: defaultdict[tuple[int, int], list[Body]] = defaultdict(list)
    for phase in body["Phases"]:
        phases[phase["InvoiceGroupKey"], phase["ParentKey"]].append(phase)
    resources: defaultdict[int, list[Body]] = defaultdict(list)
    for resource in body["Resources"]:
        resources[resource["ParentKey"]].append(_without(resource, "ParentKey"))

    groups = [
        group | {"Phases": _nested(group["InvoiceGroupKey"], project, phases, resources)}
        for group in body["InvoiceGroups"]
    ]
    return _without(body, "Phases") | {"InvoiceGroups": groups, "Resources": resources[project]}


# A function within a function that calls itself would leave the rows to the garbage collector.


def _nested(
    group: int, parent: int, phases: Mapping[tuple[int, int], list[Body]], resources: Mapping[int, list[Body]]
) -> list[Body]:
    """Return the phases under a group and a parent, with their sub-phases and resources."""
    return [
        _without(phase, "InvoiceGroupKey", "ParentKey")
        | {
            "Resources": resources[phase["PhaseKey"]],
            "Phases": _nested(group, phase["PhaseKey"], phases, resources),
        }
        for phase in phases[group, parent]
    ]


def flatten(tree: Body, key: str) -> Body:
    """Return the stored body of a tree; the inverse of ``nest``."""
    project = tree[key]
    phases: list[Body] = []
    resources: list[Body] = [resource | {"ParentKey": project} for resource in tree["Resources"]]
    for group in tree["InvoiceGroups"]:
        _flatten(group["Phases"], group["InvoiceGroupKey"], project, phases, resources)
    groups = [_without(group, "Phases") for group in tree["InvoiceGroups"]]
    return tree | {"InvoiceGroups": groups, "Phases": phases, "Resources": resources}


def _flatten(rows: list[Body], group: int, parent: int, phases: list[Body], resources: list[Body]) -> None:
    """Add nested phases and their resources to flat lists."""
    for phase in rows:
        own = phase["PhaseKey"]
        phases.append(_without(phase, "Phases", "Resources") | {"InvoiceGroupKey": group, "ParentKey": parent})
        resources.extend(resource | {"ParentKey": own} for resource in phase["Resources"])
        _flatten(phase["Phases"], group, own, phases, resources)


def place_resources(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Move the resources of a project that have a PhaseKey to that phase.

    A malformed project is left to the checks of its schema. Raises ``ValueError`` for a phase that does not exist.
    """
    by_phase: dict[Any, list[Any]] = {}
    own: list[Any] = []
    listed = raw.get("Resources")
    if listed is not None and not isinstance(listed, list):
        return dict(raw)
    for resource in listed or ():
        phase = resource.get("PhaseKey") if isinstance(resource, Mapping) else None
        if type(phase) is not int:
            own.append(resource)
        else:
            row = {name: value for name, value in resource.items() if name != "PhaseKey"}
            by_phase.setdefault(phase, []).append(row)

    placed = {**raw, "InvoiceGroups": _placed(raw.get("InvoiceGroups"), "", by_phase), "Resources": own}
    if by_phase:
        raise ValueError(f"Resources: there is no phase {min(by_phase)} in this project")
    return placed


def _placed(rows: Any, inside: str, by_phase: dict[Any, list[Any]]) -> Any:
    """Return phases, or groups with phases, with their resources. ``inside``: the member with the phase key."""
    if not isinstance(rows, list):
        return rows
    placed = []
    for row in rows:
        if not isinstance(row, Mapping):
            placed.append(row)
            continue
        key = row.get(inside)
        moved = by_phase.pop(key, []) if type(key) is int else []
        listed_here = row.get("Resources") or []
        resources = {"Resources": [*listed_here, *moved]} if moved and isinstance(listed_here, list) else {}
        inner = {"Phases": _placed(row["Phases"], "PhaseKey", by_phase)} if "Phases" in row else {}
        placed.append({**row, **resources, **inner})
    return placed


def _without(row: Mapping[str, Any], *names: str) -> Body:
    kept = dict(row)
    for name in names:
        kept.pop(name, None)
    return kept
