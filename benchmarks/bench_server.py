"""The measured server, which runs in its own process and serves both a tenant and the baseline.

The baseline is a bare Flask view that reads the request body and returns a prepared body of the same size: the cost of
a server that does nothing. The server prints its address as one line of JSON when it is ready.
"""

from __future__ import annotations

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
    """Fill the tenant with copies of the sample's first project, one in a hundred without a project type."""
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
