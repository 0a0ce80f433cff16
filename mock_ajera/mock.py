"""``MockAjera``: a fake Ajera for the tests of your program. ``AjeraServer``: one server for many tenants."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from mock_ajera.api.faults.checking import add_rules
from mock_ajera.app import create_app
from mock_ajera.control.action import ControlError
from mock_ajera.control.control import Control
from mock_ajera.listening import local_url
from mock_ajera.sample.templates import PASSWORD, USERNAME, credentials, new_tenant
from mock_ajera.served_fault import place_of_test, warn_of_unused
from mock_ajera.served_tenant import CallRefused, ServedTenant
from mock_ajera.server import Server
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import DatabaseIds, Directory
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.quirks import Layers, profile_values
from mock_ajera.tenants.tenant import DEFAULT, Tenant

__all__ = ["AjeraServer", "CallRefused", "MockAjera", "ServedTenant"]

HOST = "127.0.0.1"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant is made with: the arguments of ``MockAjera``."""

    sample: str | Path | int = "sample"
    profile: str = "observed"
    quirks: Mapping[str, Any] | None = None
    seed: str | int | None = None
    clock: Clock | None = None
    freeze: datetime | str | None = None
    faults: Iterable[Mapping[str, Any]] = ()


class MockAjera(ServedTenant):
    """A separate tenant behind a real socket.

    ::

        with MockAjera() as ajera:
            sync(url=ajera.url, username=ajera.username, password=ajera.password)
            assert ajera.journal.last().outcome == "ok"

    ``sample``: "sample", "empty", the folder of a firm, or the number of projects of a generated firm. ``profile``:
    "observed" or "documented". ``quirks``: values by name that override the profile. ``seed``: makes tokens, usage keys
    and a generated firm reproducible. ``clock``: the clock of the tenant. ``freeze``: a time with a time zone at which
    the clock is frozen, and from which the firm's relative days count. ``faults``: rules that make calls go wrong, such
    as ``{"does": "http", "method": "GetProjects", "status": 503}``.

    Raises ``BadSample`` and ``ValueError``; no server is started then.
    """

    def __init__(
        self,
        *,
        sample: str | Path | int = "sample",
        profile: str = "observed",
        quirks: Mapping[str, Any] | None = None,
        seed: str | int | None = None,
        clock: Clock | None = None,
        freeze: datetime | str | None = None,
        faults: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._server = AjeraServer()
        options = {"sample": sample, "profile": profile, "quirks": quirks, "seed": seed, "clock": clock}
        made = self._server.make(DEFAULT, **options, freeze=freeze, faults=faults)
        super().__init__(made, *(credentials(sample) or (USERNAME, PASSWORD)), self._server)
        self._server.credentials = self.username, self.password

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1; after ``stop``, on the same port again."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening, so that connections are refused. The firm is kept, and calls of the test still work."""
        self._server.stop()

    def close(self) -> None:
        """Stop the server and drop the firm."""
        self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AjeraServer:
    """A server in this process for any number of tenants.

    ::

        with AjeraServer() as server:
            ajera = server.tenant(sample="empty")
            other = server.tenant(quirks={"session_minutes": 5})

    ``on_demand``: start when ``url`` is used for the first time.
    """

    def __init__(self, *, on_demand: bool = False) -> None:
        self.tenants = Directory()
        self.credentials = USERNAME, PASSWORD
        """User name and password on the home page."""
        self.control = Control(self.tenants, down=self._go_down)
        self.app = create_app(self.tenants, credentials=lambda: self.credentials, control=self.control)
        """The WSGI application."""
        self._on_demand = on_demand
        self._server: Server | None = None
        self._port = 0
        """The port of the last start; 0 before the first one."""
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        """Scheme, host and port; after ``stop``, those it had. Raises ``RuntimeError`` if it was never started."""
        with self._lock:
            if not self._port and self._on_demand:
                self.start()
            if not self._port:
                raise RuntimeError("the server is not started: use it in a with statement, or call start()")
        return self.base_url

    @property
    def base_url(self) -> str:
        """Scheme, host and port; before the first start, without a port."""
        return local_url(HOST, self._port, tls=False) if self._port else f"http://{HOST}"

    @property
    def stopped(self) -> bool:
        """Whether the server was started and stopped."""
        return self._server is None and self._port != 0

    @property
    def journal(self) -> Journal:
        """The refused requests that reached no tenant: a wrong or missing id in the URL, another path, no POST."""
        return self.tenants.journal

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1; after ``stop``, on the same port again."""
        with self._lock:
            if self._server is None:
                self._server = Server(self.app, HOST, self._port).start()
                self._port = self._server.port
        return self

    def stop(self) -> None:
        """Stop listening, so that connections are refused. The tenants are kept."""
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def _go_down(self, seconds: float) -> None:
        with self._lock:
            if self._server is None:
                raise ControlError("the server is stopped already")
            self._server.go_down(seconds)

    def close(self) -> None:
        """Stop the server and drop its tenants."""
        self.stop()
        self._port = 0
        dropped = list(self.tenants)
        for tenant in dropped:
            self.tenants.remove(tenant.name)
            tenant.close()
        for tenant in dropped:
            warn_of_unused(tenant)

    def tenant(self, name: str | None = None, **options: Any) -> ServedTenant:
        """Create a tenant with the options of ``MockAjera``. The first has the documented ids, others unused ones."""
        made = self.make(name or self.tenants.free_name(), **options)
        return self._served(made, credentials(options.get("sample", "sample")) or (USERNAME, PASSWORD))

    def fork(self, of: ServedTenant, name: str | None = None) -> ServedTenant:
        """Create a copy of a tenant: records, users, quirks and number sequences, but not sessions."""
        name = name or self.tenants.free_name()
        twin = of.tenant.fork(SqliteStore.in_memory(), seed=self.tenants.seed_of(name))
        self._admit(twin, name)
        return self._served(twin, (of.username, of.password))

    def forget(self, tenant: ServedTenant) -> None:
        """Drop a tenant."""
        with suppress(KeyError):
            self.tenants.remove(tenant.tenant.name)
        tenant.tenant.close()
        warn_of_unused(tenant.tenant)

    def make(self, name: str, **options: Any) -> Tenant:
        """Create the tenant for ``tenant``. Raises ``BadSample`` and ``ValueError``."""
        asked = Options(**options)
        clock = Clock() if asked.clock is None else asked.clock
        if asked.freeze is not None:
            clock.freeze(asked.freeze)
        chosen = None if asked.seed is None else str(asked.seed)
        made = new_tenant(asked.sample, seed=self.tenants.seed_of(name, chosen), clock=clock, grown_from=chosen)
        try:
            add_rules(made, asked.faults, place=place_of_test())
        except ValueError:
            made.close()
            raise
        self._admit(made, name, Layers(profile_values(asked.profile), made.own_quirks, asked.quirks or {}))
        return made

    def _admit(self, made: Tenant, name: str, quirks: Layers | None = None) -> None:
        with self._lock:
            # The first tenant keeps the ids of its firm, which are those in the documentation.
            alone = next(iter(self.tenants), None) is None
            self.tenants.admit(made, name, quirks=quirks, ids=None if alone else DatabaseIds())

    def _served(self, tenant: Tenant, user: tuple[str, str]) -> ServedTenant:
        return ServedTenant(tenant, *user, self)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
