"""A project as it is stored, flat, and as version 1 speaks of it, nested.

Stored, a project holds InvoiceGroups, Phases and Resources as flat lists in tree order. A phase names its
InvoiceGroupKey and its ParentKey (a phase, or the project for a phase on top); a resource names its ParentKey (a
phase or the project).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

Body = dict[str, Any]


def nest(body: Body, key: str) -> Body:
    """The tree: invoice groups with their phases, phases with their sub-phases, each with its resources.

    ``key``: the member that holds the project's key.
    """
    project = body[key]
    phases: defaultdict[tuple[int, int], list[Body]] = defaultdict(list)
    for phase in body["Phases"]:
        phases[phase["InvoiceGroupKey"], phase["ParentKey"]].append(phase)
    resources: defaultdict[int, list[Body]] = defaultdict(list)
    for resource in body["Resources"]:
        resources[resource["ParentKey"]].append(_without(resource, "ParentKey"))

    def below(group: int, parent: int) -> list[Body]:
        return [
            _without(phase, "InvoiceGroupKey", "ParentKey")
            | {"Resources": resources[phase["PhaseKey"]], "Phases": below(group, phase["PhaseKey"])}
            for phase in phases[group, parent]
        ]

    groups = [group | {"Phases": below(group["InvoiceGroupKey"], project)} for group in body["InvoiceGroups"]]
    return _without(body, "Phases") | {"InvoiceGroups": groups, "Resources": resources[project]}


def flatten(tree: Body, key: str) -> Body:
    """What ``nest`` made a tree of."""
    project = tree[key]
    phases: list[Body] = []
    resources: list[Body] = [resource | {"ParentKey": project} for resource in tree["Resources"]]

    def walk(rows: list[Body], group: int, parent: int) -> None:
        for phase in rows:
            own = phase["PhaseKey"]
            phases.append(_without(phase, "Phases", "Resources") | {"InvoiceGroupKey": group, "ParentKey": parent})
            resources.extend(resource | {"ParentKey": own} for resource in phase["Resources"])
            walk(phase["Phases"], group, own)

    for group in tree["InvoiceGroups"]:
        walk(group["Phases"], group["InvoiceGroupKey"], project)
    groups = [_without(group, "Phases") for group in tree["InvoiceGroups"]]
    return tree | {"InvoiceGroups": groups, "Phases": phases, "Resources": resources}


def _without(row: Body, *names: str) -> Body:
    return {name: value for name, value in row.items() if name not in names}
