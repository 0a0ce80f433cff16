"""The shapes in which a project is answered: nested in version 1, as four flat lists in version 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mock_ajera.api.custom_fields import CF, is_unset
from mock_ajera.api.records import Body, Record
from mock_ajera.api.views import Render, TenantView

Rows = dict[str, list[Any]]

_ZERO = Decimal("0.0")


def nested(record: Record) -> Render:
    """Version 1: one tree a project."""
    return lambda body, view, stamp: {record.plural: [record.emit(record.open(body), view, stamp)]}


def with_resources(record: Record) -> Render:
    """Version 1, with the Resources of the project and of every phase, and the names of whom they are."""
    return lambda body, view, stamp: nested(record)(body, view.showing("resources", "names"), stamp)


def as_updated(record: Record) -> Render:
    """Version 1, with Resources that show keys only (claim ``project.update-answer-resources``)."""
    return lambda body, view, stamp: nested(record)(body, view.showing("resources"), stamp)


NOT_IN_TEMPLATES = ("LaborEntry", "ExpenseConsultantEntry")
NOT_IN_GROUPS_OF_TEMPLATES = (
    "EmailClientStatementTemplateKey",
    "EmailClientStatementTemplateDescription",
    "PrintBackup",
    "EmailIncludeBackup",
)


def template(record: Record) -> Render:
    """A template in version 1. The page leaves out some members that it prints of projects; clients read them all."""

    def render(body: Body, view: TenantView, stamp: int) -> Rows:
        tree = record.emit(record.open(body), view, stamp)
        if "observed" in view.hidden:
            for name in NOT_IN_TEMPLATES:
                del tree[name]
            for group in tree["InvoiceGroups"]:
                for name in NOT_IN_GROUPS_OF_TEMPLATES:
                    del group[name]
        return {record.plural: [tree]}

    return render


def flat(record: Record) -> Render:
    """Version 2: Projects, InvoiceGroups, Phases and Resources side by side, linked by keys, without nulls."""
    return lambda body, view, stamp: _Flat(record.emit(record.open(body), view.in_version_2(), stamp), view).rows


class _Flat:
    """The rows of one project in version 2."""

    def __init__(self, tree: Body, view: TenantView) -> None:
        self._view = view
        self._numbers = frozenset(definition.name for definition in view.custom_fields if definition.kind == "Number")
        self._project = tree["ProjectKey"]
        self.rows: Rows = {"Projects": [], "InvoiceGroups": [], "Phases": [], "Resources": []}
        self._add_resources(tree.pop("Resources"), self._project)
        for group in tree.pop("InvoiceGroups"):
            self._add_group(group)
        self.rows["Projects"].append(self._row(tree))

    def _add_group(self, group: Body) -> None:
        phases, client = group.pop("Phases"), group.pop("Client", {})
        head = {"InvoiceGroupKey": group["InvoiceGroupKey"], "ProjectKey": self._project}
        tail = {"ClientKey": client.get("ClientKey"), "ClientDescription": client.get("Description", "")}
        self.rows["InvoiceGroups"].append(self._row(head | group | tail))
        self._add_phases(phases, group["InvoiceGroupKey"], self._project)

    def _add_phases(self, phases: list[Body], group: int, parent: int) -> None:
        for phase in phases:
            below, resources, key = phase.pop("Phases", []), phase.pop("Resources"), phase["PhaseKey"]
            links = {"ProjectKey": self._project, "PhaseKey": key, "ParentKey": parent, "InvoiceGroupKey": group}
            self.rows["Phases"].append(self._row(links | phase))
            self._add_resources(resources, key)
            self._add_phases(below, group, key)

    def _add_resources(self, resources: list[Body], parent: int) -> None:
        # The page links a resource by PhaseKey, a client in the field reads ParentKey: both are there. The employee's
        # names stand in an object without a key, blank where there is none (claim project.v2-resource-employee).
        for resource in resources:
            head = {"ResourceKey": resource["ResourceKey"], "ParentKey": parent, "PhaseKey": parent}
            employee = self._view.summary("Employee", resource["EmployeeKey"]) or {}
            names = {name: employee.get(name, "") for name in ("FirstName", "MiddleName", "LastName")}
            row = head | resource | {"Employee": names}
            self.rows["Resources"].append({name: value for name, value in row.items() if value is not None})

    def _row(self, row: Body) -> Body:
        """No contacts, no nulls, custom fields in an object of their own if any is set.

        A number among them that is not set is 0.0 (claim ``project.v2-custom-number-unset``).
        """
        plain = {name: value for name, value in row.items() if not name.startswith(CF) and name != "Contacts"}
        custom = {name.removeprefix(CF): value for name, value in row.items() if name.startswith(CF)}
        present = {name: value for name, value in plain.items() if value is not None}
        if not any(map(_set, custom.values())):
            return present
        unset = {name: _ZERO for name in self._numbers if custom[name] is None}
        return present | {"CustomFields": custom | unset}


def _set(value: Any) -> bool:
    return not is_unset(value["Value"] if isinstance(value, dict) else value)
