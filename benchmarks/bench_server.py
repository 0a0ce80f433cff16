"""The measured server, which runs in its own process and serves both a tenant and the baseline.

The baseline is a bare Flask view that reads the request body and returns a prepared body of the same size: the cost of
a server that does nothing. The server prints its address as one line of JSON when it is ready.
"""

from __future__ import annotations

import datetime
import json
import sys
import time

import flask

from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.sample.templates import new_tenant
from mock_ajera.server import Server
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.tenant import Tenant


def grow(tenant: Tenant, projects: int) -> None:
    """Fill the tenant with copies of the sample's first project, and every tenth with a timesheet and an invoice."""
    charged = grow_projects(tenant, projects)[::10]
    grow_timesheets(tenant, charged)
    grow_invoices(tenant, charged)


def grow_projects(tenant: Tenant, projects: int) -> list[dict[str, int]]:
    """Add projects, one in a hundred without a project type. Return the keys of each with its first phase."""
    charged = []
    with tenant.lock:
        rows = list(tenant.store.rows("Project"))
        body = tenant.body(rows[0])
        types = sorted(tenant.model.tables["ProjectType"].entries)
        key = tenant.store.number("Project")
        group = tenant.store.number("InvoiceGroup")
        with tenant.writing():
            for number in range(len(rows), projects):
                key += 1
                group += 1
                project = key
                phases = []
                charged.append({"ProjectKey": project, "PhaseKey": project + 1})
                for phase in body["Phases"][:3]:
                    key += 1
                    phases.append({**phase, "PhaseKey": key, "ParentKey": project, "InvoiceGroupKey": group})
                tenant.save(
                    "Project",
                    project,
                    {
                        **body,
                        "ProjectKey": project,
                        "ID": f"26-{number:06d}",
                        "Description": f"Project {number % 1000} of the benchmark",
                        "ProjectTypeKey": types[number % len(types)] if number % 100 else None,
                        "InvoiceGroups": [{**body["InvoiceGroups"][0], "InvoiceGroupKey": group}],
                        "Phases": phases,
                        "Resources": [],
                    },
                )
            tenant.store.raise_number("Project", key)
            tenant.store.raise_number("InvoiceGroup", group)
    return charged


def grow_timesheets(tenant: Tenant, charged: list[dict[str, int]]) -> None:
    """Add a timesheet for each of these charges: copies of the sample's first one, in weeks of the past."""
    with tenant.lock, tenant.writing():
        body = tenant.body(next(iter(tenant.store.rows("Timesheet"))))
        employees = sorted(tenant.model.tables["Employee"].entries)
        first = datetime.date.fromisoformat(body["TimesheetDate"])
        key, row = tenant.store.number("Timesheet"), tenant.store.number("TimesheetProject")
        for number, charge in enumerate(charged):
            key, row = key + 1, row + 1
            week = first - datetime.timedelta(weeks=1 + number // len(employees))
            changes = {
                "TimesheetKey": key,
                "TimesheetDate": week.isoformat(),
                "EmployeeKey": employees[number % len(employees)],
                "Projects": [{**body["Projects"][0], **charge, "TimesheetProjectKey": row}],
            }
            tenant.save("Timesheet", key, body | changes)
        tenant.store.raise_number("Timesheet", key)
        tenant.store.raise_number("TimesheetProject", row)


def grow_invoices(tenant: Tenant, charged: list[dict[str, int]]) -> None:
    """Add a vendor invoice for each of these charges: copies of the sample's first one."""
    with tenant.lock, tenant.writing():
        body = tenant.body(next(iter(tenant.store.rows("VendorInvoice"))))
        vendors = sorted(tenant.model.tables["Vendor"].entries)
        key, line = tenant.store.number("VendorInvoice"), tenant.store.number("Transaction")
        for number, charge in enumerate(charged):
            key, line = key + 1, line + 1
            changes = {
                "VendorInvoiceKey": key,
                "VendorKey": vendors[number % len(vendors)],
                "Number": f"B-{number:06d}",
                "LineItems": [{**body["LineItems"][0], **charge, "TransactionKey": line}],
            }
            tenant.save("VendorInvoice", key, body | changes)
        tenant.store.raise_number("VendorInvoice", key)
        tenant.store.raise_number("Transaction", line)


def main() -> None:
    """Serve until standard input is closed."""
    projects = int(sys.argv[1])
    tenant = new_tenant("sample", seed=b"benchmark")
    tenant.set_quirks({"session_minutes": 10_000})
    began = time.perf_counter()
    grow(tenant, projects)
    grown = time.perf_counter() - began
    tenants = Directory()
    tenants.add(tenant)
    app = create_app(tenants)
    ready: dict[int, bytes] = {}

    @app.post("/bare/<int:size>")
    def bare(size: int) -> flask.Response:
        flask.request.get_data(cache=False)
        return flask.Response(ready.setdefault(size, b"x" * size), mimetype="application/json")

    @app.get("/cpu")
    def cpu() -> str:
        return str(time.process_time())

    with Server(app) as server:
        path = "/" + hosted(tenant.firm.database)
        print(json.dumps({"port": server.port, "path": path, "grown": grown}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
