"""The forms in which a project is printed: nested in version 1, as four flat lists in version 2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.context import Visibility
from mock_ajera.api.custom_fields import CF, is_unset
from mock_ajera.api.families.projects.records import InvoiceGroup, Phase, Project, Resource
from mock_ajera.api.families.projects.roles import NAMES
from mock_ajera.api.member import Body
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import plain
from mock_ajera.api.views import Render, TenantView

Rows = dict[str, list[Any]]

_ZERO = Decimal("0.0")


def with_resources(record: Record) -> Render:
    """Render version 1 with the Resources of the project and its phases, and the names of the records they refer to."""
    groups = (Visibility.RESOURCES, Visibility.RESOURCE_NAMES)
    return lambda body, view, stamp: plain(record)(body, view.showing(*groups), stamp)


def as_updated(record: Record) -> Render:
    """Render version 1 with Resources that have keys only (claim ``project.update-answer-resources``)."""
    return lambda body, view, stamp: plain(record)(body, view.showing(Visibility.RESOURCES), stamp)


NOT_IN_TEMPLATES = ("LaborEntry", "ExpenseConsultantEntry")
NOT_IN_GROUPS_OF_TEMPLATES = (
    "EmailClientStatementTemplateKey",
    "EmailClientStatementTemplateDescription",
    "PrintBackup",
    "EmailIncludeBackup",
)


def template(record: Record) -> Render:
    """Render a template in version 1. The page lacks some members that it has for projects; clients read them all."""

    def render(body: Body, view: TenantView, stamp: int) -> Rows:
        tree = record.emit(record.nest(body), view, stamp)
        if not view.prints(Visibility.OBSERVED):
            for name in NOT_IN_TEMPLATES:
                del tree[name]
            for group in tree["InvoiceGroups"]:
                for name in NOT_IN_GROUPS_OF_TEMPLATES:
                    del group[name]
        return {record.plural: [tree]}

    return render


class _FlatProject(Row):
    members_printed = f.Members(Project, but={"Contacts": None, "InvoiceGroups": None, "Resources": None})


class _FlatGroup(Row):
    members_printed = f.Members(InvoiceGroup, but={"Client": None, "Phases": None})


class _FlatPhase(Row):
    members_printed = f.Members(Phase, but={"Contacts": None, "Phases": None, "Resources": None})


_PROJECT, _GROUP, _PHASE, _RESOURCE = _FlatProject(), _FlatGroup(), _FlatPhase(), Resource()


def flat(body: Body, view: TenantView, stamp: int) -> Rows:
    """Render version 2: four lists (Projects, InvoiceGroups, Phases, Resources), linked by keys, without nulls."""
    view = view.in_version_2()
    project = body["ProjectKey"]
    return {
        "Projects": [_present(_PROJECT.emit(body, view, stamp), view)],
        "InvoiceGroups": [_group(group, project, view, stamp) for group in body["InvoiceGroups"]],
        "Phases": [_phase(phase, project, view, stamp) for phase in body["Phases"]],
        "Resources": [_resource(resource, view, stamp) for resource in body["Resources"]],
    }


def _group(group: Body, project: int, view: TenantView, stamp: int) -> Body:
    client = view.summary("Client", group["Client"])
    head = {"InvoiceGroupKey": group["InvoiceGroupKey"], "ProjectKey": project}
    tail = {"ClientKey": group["Client"], "ClientDescription": client["Description"] if client else ""}
    return _present(head | _GROUP.emit(group, view, stamp) | tail, view)


def _phase(phase: Body, project: int, view: TenantView, stamp: int) -> Body:
    links = {
        "ProjectKey": project,
        "PhaseKey": phase["PhaseKey"],
        "ParentKey": phase["ParentKey"],
        "InvoiceGroupKey": phase["InvoiceGroupKey"],
    }
    return _present(links | _PHASE.emit(phase, view, stamp), view)


def _resource(resource: Body, view: TenantView, stamp: int) -> Body:
    """Render a resource with both ParentKey, which clients read, and PhaseKey, which the page has.

    The employee's names are in an object without a key, blank if there is no employee (claim
    ``project.v2-resource-employee``).
    """
    parent = resource["ParentKey"]
    head = {"ResourceKey": resource["ResourceKey"], "ParentKey": parent, "PhaseKey": parent}
    employee = view.summary("Employee", resource["EmployeeKey"]) or {}
    names = {"Employee": {name: employee.get(name, "") for name in NAMES}}
    row = head | _RESOURCE.emit(resource, view, stamp) | names
    return {name: value for name, value in row.items() if value is not None}


def _present(row: Body, view: TenantView) -> Body:
    """Return the row without nulls, with its custom fields in an object if any is set.

    Unset custom numbers are 0.0 (claim ``project.v2-custom-number-unset``).
    """
    present = {name: value for name, value in row.items() if value is not None and not name.startswith(CF)}
    custom = {name.removeprefix(CF): value for name, value in row.items() if name.startswith(CF)}
    if not any(map(_is_set, custom.values())):
        return present
    numbers = (definition.name for definition in view.custom_fields["Project"] if definition.kind == "Number")
    return present | {"CustomFields": custom | {name: _ZERO for name in numbers if custom[name] is None}}


def _is_set(value: Any) -> bool:
    return not is_unset(value["Value"] if isinstance(value, dict) else value)
