"""Firms of any size for the benchmarks: copies of a few records of the sample firm, written straight into a store."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mock_ajera import codec
from mock_ajera.api.families import KINDS
from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore, Store
from mock_ajera.tenants.tenant import Tenant

ALIKE = 100
"""Number of projects with the same description: a list of them has the same size in a firm of any size."""
_PAGE = 10_000
"""Records per transaction."""
_SEED = b"benchmark"


def grown(projects: int, data: Path | None = None) -> Tenant:
    """Return a tenant with copies of the sample's first project, and every tenth with a timesheet and an invoice.

    The firm is stored in a file, or in memory by default.
    """
    store = SqliteStore.in_memory() if data is None else SqliteStore.open(data)
    tenant = new_tenant("sample", seed=_SEED, store=store)
    # Sessions last longer than the benchmarks.
    tenant.set_quirks({"session_minutes": 10_000})
    _grow(tenant, projects)
    return Tenant(store, KINDS, seed=_SEED)


def opened(data: Path) -> Tenant:
    """Return the tenant of a file."""
    return Tenant(SqliteStore.open(data), KINDS, seed=_SEED)


def description(number: int, projects: int) -> str:
    """Return the description of the project with a number, in a firm of so many projects."""
    return f"Project {number % max(projects // ALIKE, 1)} of the benchmark"


def _grow(tenant: Tenant, projects: int) -> None:
    charged: list[dict[str, int]] = []
    _put(tenant.store, "Project", _projects(tenant, projects, charged))
    _put(tenant.store, "Timesheet", _timesheets(tenant, charged))
    _put(tenant.store, "VendorInvoice", _vendor_invoices(tenant, charged))


def _put(store: Store, kind: str, bodies: Iterable[dict[str, Any]]) -> None:
    stamp = next(store.rows(kind)).stamp
    page = iter(bodies)
    full = True
    while full:
        with store.transaction():
            full = False
            for number, body in enumerate(page, 1):
                store.put(kind, body[f"{kind}Key"], stamp, codec.encode(body).decode())
                if number == _PAGE:
                    full = True
                    break


class _Numbers:
    """The next numbers of sequences, which are raised in the store afterwards."""

    def __init__(self, store: Store, *names: str) -> None:
        self._store = store
        self._last = {name: store.number(name) for name in names}

    def next(self, name: str) -> int:
        self._last[name] += 1
        return self._last[name]

    def keep(self) -> None:
        for name, number in self._last.items():
            self._store.raise_number(name, number)


def _first(tenant: Tenant, kind: str) -> dict[str, Any]:
    return tenant.body(next(tenant.store.rows(kind)))


def _projects(tenant: Tenant, projects: int, charged: list[dict[str, int]]) -> Iterator[dict[str, Any]]:
    """Yield projects, one in a hundred without a project type. Add the keys of every tenth, with its first phase."""
    body = _first(tenant, "Project")
    types = sorted(tenant.model.tables["ProjectType"].entries)
    numbers = _Numbers(tenant.store, "Project", "InvoiceGroup")
    for number in range(len(tenant.model.tables["Project"].entries), projects):
        project, group = numbers.next("Project"), numbers.next("InvoiceGroup")
        phases = [
            {**phase, "PhaseKey": numbers.next("Project"), "ParentKey": project, "InvoiceGroupKey": group}
            for phase in body["Phases"][:3]
        ]
        if number % 10 == 0:
            charged.append({"ProjectKey": project, "PhaseKey": phases[0]["PhaseKey"]})
        yield {
            **body,
            "ProjectKey": project,
            "ID": f"26-{number:06d}",
            "Description": description(number, projects),
            "ProjectTypeKey": types[number % len(types)] if number % 100 else None,
            "InvoiceGroups": [{**body["InvoiceGroups"][0], "InvoiceGroupKey": group}],
            "Phases": phases,
            "Resources": [],
        }
    numbers.keep()


def _timesheets(tenant: Tenant, charged: list[dict[str, int]]) -> Iterator[dict[str, Any]]:
    """Yield a timesheet for each of these charges, in weeks of the past."""
    body = _first(tenant, "Timesheet")
    employees = sorted(tenant.model.tables["Employee"].entries)
    first = datetime.date.fromisoformat(body["TimesheetDate"])
    numbers = _Numbers(tenant.store, "Timesheet", "TimesheetProject")
    for number, charge in enumerate(charged):
        week = first - datetime.timedelta(weeks=1 + number // len(employees) % 1000)
        row = {**body["Projects"][0], **charge, "TimesheetProjectKey": numbers.next("TimesheetProject")}
        yield body | {
            "TimesheetKey": numbers.next("Timesheet"),
            "TimesheetDate": week.isoformat(),
            "EmployeeKey": employees[number % len(employees)],
            "Projects": [row],
        }
    numbers.keep()


def _vendor_invoices(tenant: Tenant, charged: list[dict[str, int]]) -> Iterator[dict[str, Any]]:
    """Yield a vendor invoice for each of these charges."""
    body = _first(tenant, "VendorInvoice")
    vendors = sorted(tenant.model.tables["Vendor"].entries)
    numbers = _Numbers(tenant.store, "VendorInvoice", "Transaction")
    for number, charge in enumerate(charged):
        yield body | {
            "VendorInvoiceKey": numbers.next("VendorInvoice"),
            "VendorKey": vendors[number % len(vendors)],
            "Number": f"B-{number:06d}",
            "LineItems": [{**body["LineItems"][0], **charge, "TransactionKey": numbers.next("Transaction")}],
        }
    numbers.keep()
