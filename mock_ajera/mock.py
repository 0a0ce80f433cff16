"""``MockAjera``: a fake Ajera in the tests of one's own program; ``AjeraServer``: one server for many tenants."""

from __future__ import annotations

import secrets
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mock_ajera import codec
from mock_ajera.api.database_id import hosted
from mock_ajera.api.endpoint import WHY_HEADER
from mock_ajera.app import SETUP_HEADER, create_app
from mock_ajera.control.control import Control
from mock_ajera.control.http import BASE
from mock_ajera.sample import files
from mock_ajera.sample.templates import PASSWORD, USERNAME, credentials, new_tenant
from mock_ajera.server import Server
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import DatabaseIds, Directory
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.quirks import Layers, profile_values
from mock_ajera.tenants.tenant import DEFAULT, Tenant


class CallRefused(Exception):
    """Ajera, or the mock, refused a call that had to succeed. ``envelope`` is the whole answer."""

    def __init__(self, method: str, envelope: Mapping[str, Any], why: str) -> None:
        self.envelope = envelope
        super().__init__(f"{method}: {envelope.get('Message')}" + (f"\nwhy: {why}" if why else ""))


class ServedTenant:
    """A tenant behind a real socket: what a test needs of it, and what its program needs to get there."""

    def __init__(self, tenant: Tenant, username: str, password: str) -> None:
        self.tenant = tenant
        self.username, self.password = username, password
        self._root: str | None = None
        self._tokens: dict[int, str] = {}

    @property
    def url(self) -> str:
        """The API URL, with its id. Raises ``RuntimeError`` while nothing listens."""
        return f"{self._served_at()}/{hosted(self.tenant.firm.database)}"

    @property
    def control_url(self) -> str:
        """The control surface of the server. Raises ``RuntimeError`` while nothing listens."""
        return f"{self._served_at()}{BASE}"

    def _served_at(self) -> str:
        if self._root is None:
            raise RuntimeError(f"{type(self).__name__} is not started: use it in a with statement, or call start()")
        return self._root

    @property
    def journal(self) -> Journal:
        """What was asked, how it ended, why it was refused, and what the answers rest on."""
        return self.tenant.journal

    @property
    def clock(self) -> Clock:
        """The time: sessions expire and stamps are made by it."""
        return self.tenant.clock

    def reset(self, *, sessions: bool = True) -> None:
        """Back to the firm as it was at the start, where new records get the same keys again.

        Sessions and API users that were added stay unless told otherwise; the clock stays as it is.
        """
        self.tenant.snapshots.reset(sessions=sessions)

    def snapshot(self, name: str = "snapshot") -> None:
        """Keep the state as it is now under a name, to come back to."""
        self.tenant.snapshots.take(name)

    def restore(self, name: str = "snapshot", *, sessions: bool = True) -> None:
        """Back to a snapshot. Raises ``LookupError`` when there is none of that name."""
        self.tenant.snapshots.restore(name, sessions=sessions)

    def set_quirks(self, **values: Any) -> None:
        """Give quirks other values. Raises ``ValueError``, and then sets none."""
        self.tenant.set_quirks(values)

    def expire_sessions(self) -> None:
        """Let all sessions expire now: the next call with such a token is refused, and a client must log in again."""
        with self.tenant.lock:
            self.tenant.sessions.expire(list(self.tenant.sessions))

    def call(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Call a method over HTTP, logged in: the whole envelope, its numbers int or Decimal.

        ``top_level``: members beside Method, such as ``PageResults=True``.
        """
        return self._call(method, arguments, version, top_level)[0]

    def content(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Content of a call that must succeed, as one that sets a scene. Raises ``CallRefused``, which says why."""
        answer, why = self._call(method, arguments, version, top_level)
        if answer["Errors"]:
            raise CallRefused(method, answer, why)
        content: dict[str, Any] = answer["Content"]
        return content

    def _call(
        self, method: str, arguments: Mapping[str, Any] | None, version: int, top_level: Mapping[str, Any]
    ) -> tuple[dict[str, Any], str]:
        body = {"Method": method, "SessionToken": self.token(version), "MethodArguments": dict(arguments or {})}
        if method == "EndAPISession":
            del self._tokens[version]
        return self._post({**body, **top_level})

    def token(self, version: int = 1) -> str:
        """The token of an open session of a version; logs in where there is none."""
        known = self.tenant.sessions.get(self._tokens.get(version, ""))
        if known is None or known.expires <= self.clock.now():
            login = {"Username": self.username, "Password": self.password, "APIVersion": version}
            answer, why = self._post({"Method": "CreateAPISession", **login})
            if answer["Errors"]:
                raise CallRefused("CreateAPISession", answer, why)
            self._tokens[version] = answer["Content"]["SessionToken"]
        return self._tokens[version]

    def post(self, body: Mapping[str, Any] | bytes) -> dict[str, Any]:
        """Post a body as it is: the whole envelope."""
        return self._post(body)[0]

    def _post(self, body: Mapping[str, Any] | bytes) -> tuple[dict[str, Any], str]:
        data = body if isinstance(body, bytes) else codec.encode(_exact(body))
        headers = {"Content-Type": "application/json", SETUP_HEADER: "yes"}
        request = urllib.request.Request(self.url, data, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = codec.decode(response.read())
            why = response.headers.get(WHY_HEADER, "")
        if not isinstance(answer, dict):
            raise TypeError("the answer is not an object")
        return answer, why

    def put_record(self, kind: str, record: Mapping[str, Any]) -> None:
        """Put a record past the API, as a test sets a scene: new, or in place of the one with its key.

        ``record`` has the members that the API prints, as in the files of a sample. Raises ``BadSample``.
        """
        files.put(self.tenant, kind, record)


def _exact(value: Any) -> Any:
    """A value with a Decimal for each float, digit by digit: what json.loads has read can be sent back."""
    if isinstance(value, Mapping):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


class MockAjera(ServedTenant):
    """A tenant of its own behind a real socket.

    ::

        with MockAjera() as ajera:
            sync(url=ajera.url, username=ajera.username, password=ajera.password)
            assert ajera.journal.last().outcome == "ok"

    ``sample``: "sample", "empty", the folder of a firm of one's own, or a number of projects of a generated one.
    ``profile``: "observed" or "documented". ``quirks``: values by name, over the profile. ``seed``: makes tokens and
    usage keys repeatable, and of a generated firm another one. ``clock``: a shifted one, or one of one's own;
    ``freeze``: a time with a zone at which it stands still, and by which the firm's days are counted.

    Raises ``BadSample`` and ``ValueError`` before anything is started.
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
    ) -> None:
        self._server = AjeraServer()
        made = self._server.make(
            DEFAULT, sample=sample, profile=profile, quirks=quirks, seed=seed, clock=clock, freeze=freeze
        )
        super().__init__(made, *(credentials(sample) or (USERNAME, PASSWORD)))
        self._server.credentials = self.username, self.password

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1."""
        self._root = self._server.start().url
        return self

    def stop(self) -> None:
        """Listen no more, and forget the tenant."""
        self._root = None
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


class AjeraServer:
    """A server in one's own process for as many tenants as one likes.

    ::

        with AjeraServer() as server:
            ajera = server.tenant(sample="empty")
            other = server.tenant(quirks={"session_minutes": 5})
    """

    def __init__(self) -> None:
        self.tenants = Directory()
        self.credentials = USERNAME, PASSWORD
        """What the page for people shows."""
        self._server: Server | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Scheme, host and port. Raises ``RuntimeError`` while it is not started."""
        if self._server is None:
            raise RuntimeError("AjeraServer is not started: use it in a with statement, or call start()")
        return self._server.url

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1."""
        app = create_app(self.tenants, credentials=lambda: self.credentials, control=Control(self.tenants))
        self._server = Server(app).start()
        return self

    def stop(self) -> None:
        """Listen no more, and forget the tenants."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        for tenant in self.tenants:
            self.tenants.remove(tenant.name)
            tenant.close()

    def tenant(self, name: str | None = None, **options: Any) -> ServedTenant:
        """A new tenant; the options are those of ``MockAjera``. It has ids of its own, unless it stands alone."""
        made = self.make(name or self.tenants.free_name(), **options)
        return self._served(made, credentials(options.get("sample", "sample")) or (USERNAME, PASSWORD))

    def fork(self, of: ServedTenant, name: str | None = None) -> ServedTenant:
        """A new tenant with the records, users, quirks and numbers of another as they are now, without its sessions."""
        name = name or self.tenants.free_name()
        twin = of.tenant.fork(SqliteStore.in_memory(), seed=self.tenants.seed_of(name))
        self._admit(twin, name)
        return self._served(twin, (of.username, of.password))

    def forget(self, tenant: ServedTenant) -> None:
        """Serve a tenant no longer."""
        with suppress(KeyError):
            self.tenants.remove(tenant.tenant.name)
        tenant.tenant.close()

    def make(
        self,
        name: str,
        *,
        sample: str | Path | int = "sample",
        profile: str = "observed",
        quirks: Mapping[str, Any] | None = None,
        seed: str | int | None = None,
        clock: Clock | None = None,
        freeze: datetime | str | None = None,
    ) -> Tenant:
        """The tenant behind ``tenant``. Raises ``BadSample`` and ``ValueError``."""
        clock = Clock() if clock is None else clock
        if freeze is not None:
            clock.freeze(freeze)
        key = secrets.token_bytes(16) if seed is None else str(seed).encode()
        made = new_tenant(sample, seed=key, clock=clock, grown_from=None if seed is None else str(seed))
        self._admit(made, name, Layers(profile_values(profile), made.own_quirks, quirks or {}))
        return made

    def _admit(self, made: Tenant, name: str, quirks: Layers | None = None) -> None:
        with self._lock:
            # The first tenant keeps the ids of its firm, which are those in the documentation.
            alone = next(iter(self.tenants), None) is None
            self.tenants.admit(made, name, quirks=quirks, ids=None if alone else DatabaseIds())

    def _served(self, tenant: Tenant, user: tuple[str, str]) -> ServedTenant:
        found = ServedTenant(tenant, *user)
        found._root = self.url
        return found

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
