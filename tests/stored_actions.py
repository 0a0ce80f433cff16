"""Everything that a tester or a client can do to the stored state of a tenant, each as one request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import flask.testing
from client import STAMP

from mock_ajera import codec
from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.control.control import Control
from mock_ajera.sample.export import exported
from mock_ajera.sample.templates import new_tenant, open_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.quirks import Layers
from mock_ajera.tenants.tenant import DEFAULT, Tenant

PASSWORD = "Quiet_Mill9"
FREEZE = "2026-03-09T15:00:00Z"


class World:
    """The default tenant in a file, with a session, an added user and a changed record, behind an application."""

    def __init__(self, file: Path) -> None:
        self.file = file
        tenants = Directory(b"seed")
        store = SqliteStore.open(file)
        stored = open_tenant(store, seed=b"seed")
        self.tenant = new_tenant("sample", seed=b"seed", store=store) if stored is None else stored
        tenants.admit(self.tenant, DEFAULT, quirks=Layers(self.tenant.own_quirks))
        self.tenants = tenants
        self.http: flask.testing.FlaskClient = create_app(tenants, control=Control(tenants)).test_client()

    def prepare(self) -> None:
        """Change something of everything, so that each action has something to do."""
        self.tenant.clock.freeze(FREEZE)
        self.tenant.mark()
        self.token = self.log_in()["Content"]["SessionToken"]
        for name in ("added", "other"):
            self.control("POST", "/users", {"name": name, "password": PASSWORD})
        self.control("PATCH", "/quirks", {"success_code": "zero"})
        self.control("PUT", "/records/Company", company(900))
        self.tenant.snapshots.take("snapshot")
        self.control("PUT", "/records/Company", company(901))
        self.control("DELETE", "/users/other")

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        """Send a request to the control surface."""
        return self.http.open(f"/_mock/tenants/default{path}", method=verb, data=codec.encode(body or {}))

    def api(self, body: dict[str, Any]) -> Any:
        """Send a request to the API and return the envelope."""
        return codec.decode(self.http.post(f"/{hosted(self.tenant.firm.database)}", data=codec.encode(body)).data)

    def log_in(self) -> Any:
        return self.api(
            {"Method": "CreateAPISession", "Username": "integrator", "Password": "Offline_4jera", "APIVersion": 1}
        )

    def call(self, method: str, arguments: dict[str, Any]) -> Any:
        return self.api({"Method": method, "SessionToken": self.token, "MethodArguments": arguments})


def company(key: int) -> dict[str, Any]:
    return {"CompanyKey": key, "Description": f"Company {key}", "Status": "Active", "Notes": ""}


def in_memory(tenant: Tenant) -> Any:
    """Return what the tenant answers from memory."""
    return (
        {name: table.entries for name, table in tenant.model.tables.items()},
        dict(tenant.users),
        dict(tenant.sessions),
        tenant.quirks,
        tenant.clock.to_text(),
        tenant.firm,
    )


def stored(store: SqliteStore) -> Any:
    """Return everything that a store has."""
    return list(store.rows()), store.numbers(), {area: store.notes(area) for area in store.areas()}


def _control(verb: str, path: str, body: Any = None) -> Callable[[World], Any]:
    return lambda world: world.control(verb, path, body)


def _import(world: World) -> Any:
    with closing(new_tenant("empty", seed=b"import")) as other:
        files: dict[str, Any] = exported(other)
    files["firm.json"]["CompanyName"] = "Imported"
    files["firm.json"]["Database"] = {"DatabaseName": "Elsewhere", "ClientID": 9, "DatabaseID": 999}
    return world.control("PUT", "/files", files)


CONTROL: dict[str, Callable[[World], Any]] = {
    "clock freeze": _control("POST", "/clock/freeze", {"at": "2026-04-01T00:00:00Z"}),
    "clock set": _control("POST", "/clock/set", {"at": "2026-04-01T00:00:00Z"}),
    "clock advance": _control("POST", "/clock/advance", {"by": "1h"}),
    "clock reset": _control("POST", "/clock/reset"),
    "quirks set": _control("PATCH", "/quirks", {"session_minutes": 5}),
    "quirks profile": _control("PUT", "/quirks/profile", {"profile": "documented"}),
    "records put": _control("PUT", "/records/Company", company(902)),
    "records change": _control("PATCH", "/records/Company/901", {"Notes": "changed"}),
    "records delete": _control("DELETE", "/records/Company/901"),
    "sessions expire": _control("POST", "/sessions/expire"),
    "tenants reset": _control("POST", "/reset"),
    "tenants import": _import,
    "snapshots restore": _control("POST", "/restore", {"snapshot": "snapshot"}),
    "users add": _control("POST", "/users", {"name": "full", "password": PASSWORD}),
    "users change": _control("PATCH", "/users/added", {"can_write": False}),
    "users remove": _control("DELETE", "/users/integrator"),
}
"""The actions of the control surface by name."""
NOT_STORED = {
    "faults add",
    "faults clear",
    "faults remove",
    "journal clear",
    "server down",
    "snapshots delete",
    "snapshots take",
    "tenants create",
    "tenants delete",
    "tenants fork",
}
"""The actions whose effect is in memory only, or on a tenant in memory."""
API: dict[str, Callable[[World], Any]] = {
    "CreateAPISession": World.log_in,
    "EndAPISession": lambda world: world.call("EndAPISession", {}),
    "UpdateClients": lambda world: world.call(
        "UpdateClients",
        {
            "UnchangedClients": [],
            "UpdatedClients": [
                {
                    "ClientKey": -1,
                    "Description": "New",
                    "ClientTypeKey": 1,
                    "Status": "Active",
                    "LastModifiedDate": STAMP,
                }
            ],
        },
    ),
}
"""Calls of the API."""
