"""A tenant of a server in this process, as a test uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import flask
from werkzeug.test import Client

from mock_ajera import codec
from mock_ajera.api.database_id import hosted
from mock_ajera.api.envelope import has_errors
from mock_ajera.api.headers import WHY_HEADER
from mock_ajera.api.sessions import METHOD_NAMES
from mock_ajera.control.access import BASE
from mock_ajera.control.action import converted
from mock_ajera.control.control import Control
from mock_ajera.control.register import ACTIONS
from mock_ajera.control.users import UserInfo
from mock_ajera.sample import files, writing
from mock_ajera.served_fault import ServedFault
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.faults import Phase
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.wsgi_calls import SETUP_HEADER


class CallRefused(Exception):
    """A call that had to succeed was refused. ``envelope`` is the whole answer."""

    def __init__(self, method: str, envelope: Mapping[str, Any], why: str) -> None:
        self.envelope = envelope
        super().__init__(f"{method}: {envelope.get('Message')}" + (f"\nwhy: {why}" if why else ""))


class Host(Protocol):
    """The server of a tenant."""

    app: flask.Flask
    control: Control

    @property
    def url(self) -> str:
        """Scheme, host and port. Raises ``RuntimeError`` if the server was never started."""

    @property
    def base_url(self) -> str:
        """Scheme, host and port; before the first start, without a port."""

    def start(self) -> object:
        """Listen."""

    def stop(self) -> None:
        """Stop listening."""


class ServedTenant:
    """A tenant of a server: the URL and credentials for the tested program, and methods for the test.

    Calls of the test do not use the network: neither a proxy nor a library that intercepts or forbids connections
    affects them, and they work while the server is stopped. Methods that set up or inspect the tenant raise
    ``ControlError`` if they cannot do so.
    """

    def __init__(self, tenant: Tenant, username: str, password: str, host: Host) -> None:
        self.tenant = tenant
        self.username, self.password = username, password
        self._host = host
        self._tokens: dict[int, str] = {}

    @property
    def url(self) -> str:
        """The API URL with its id. Raises ``RuntimeError`` if the server was never started."""
        return f"{self._host.url}/{hosted(self.tenant.firm.database)}"

    @property
    def control_url(self) -> str:
        """The URL of the control surface. Raises ``RuntimeError`` if the server was never started."""
        return f"{self._host.url}{BASE}"

    @property
    def journal(self) -> Journal:
        """The requests, their outcomes and reasons, and the claims that the answers relied on."""
        return self.tenant.journal

    @property
    def clock(self) -> Clock:
        """The clock, which sets when sessions expire and which stamps records get."""
        return self.tenant.clock

    # calls

    def call(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Log in if needed, call a method and return the envelope. Numbers are int or Decimal.

        ``top_level``: members next to Method, such as ``PageResults=True``.
        """
        return self._call(method, arguments, version, top_level)[0]

    def content(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Return Content of a call that must succeed, for setup.

        Raises ``CallRefused`` with the reason, and ``ValueError`` for a method that does not exist.
        """
        _must_know(method)
        answer, why = self._call(method, arguments, version, top_level)
        if has_errors(answer):
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
        """Return the token of an open session of a version; log in if there is none."""
        known = self.tenant.sessions.get(self._tokens.get(version, ""))
        if known is None or known.expires <= self.clock.now():
            login = {"Username": self.username, "Password": self.password, "APIVersion": version}
            answer, why = self._post({"Method": "CreateAPISession", **login})
            if has_errors(answer):
                raise CallRefused("CreateAPISession", answer, why)
            self._tokens[version] = answer["Content"]["SessionToken"]
        return self._tokens[version]

    def post(self, body: Mapping[str, Any] | bytes) -> dict[str, Any]:
        """Post a body unchanged and return the envelope."""
        return self._post(body)[0]

    def _post(self, body: Mapping[str, Any] | bytes) -> tuple[dict[str, Any], str]:
        response = Client(self._host.app, use_cookies=False).post(
            f"/{hosted(self.tenant.firm.database)}",
            base_url=self._host.base_url,
            data=body if isinstance(body, bytes) else codec.encode(_exact(body)),
            content_type="application/json",
            headers={SETUP_HEADER: "yes"},
        )
        answer = codec.decode(response.data)
        if not isinstance(answer, dict):
            raise TypeError("the answer is not an object")
        return answer, response.headers.get(WHY_HEADER, "")

    # bad days

    def before(self, method: str, callback: Callable[[], object], *, nth: int | None = 1) -> ServedFault:
        """Call a function just before the server handles a call of the tested program, counted from now.

        ``nth``: 1 is the next call of the method, None is every call. Calls of this object do not count. If the
        function is never called, a warning says so when the tenant is dropped. Raises ``ValueError`` for a method that
        does not exist.
        """
        return self._hook(method, callback, nth, "before")

    def after(self, method: str, callback: Callable[[], object], *, nth: int | None = 1) -> ServedFault:
        """Call a function when the server has handled a call, before it sends the answer. See ``before``."""
        return self._hook(method, callback, nth, "after")

    def fault(self, does: str, **rule: Any) -> ServedFault:
        """Let calls of the tested program go wrong. ``rule``: the members of ``Rule``, such as ``method`` and ``nth``.

        Calls of this object never go wrong. In a ``with`` statement, the fault ends with the block, which fails if it
        never fired. Raises ``ValueError`` for a rule that can never fire.
        """
        return ServedFault(self.tenant, {"does": does, **rule})

    def fail(self, method: str, *, status: int = 503, times: int = 1, **rule: Any) -> ServedFault:
        """Answer the next calls of a method with an HTTP status instead of handling them. See ``fault``.

        With ``phase="after"``, the work is done, and only the answer is lost.
        """
        return self.fault("http", method=method, status=status, times=times, **rule)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections until the block ends: the server of this tenant, and of all others on it, is stopped."""
        self._host.stop()
        try:
            yield
        finally:
            self._host.start()

    def _hook(self, method: str, callback: Callable[[], object], nth: int | None, phase: Phase) -> ServedFault:
        rule = {"does": "hook", "method": method, "phase": phase}
        return ServedFault(self.tenant, rule if nth is None else {**rule, "nth": nth}, callback)

    def as_user(self, name: str, password: str) -> ServedTenant:
        """Return another client of the same tenant, with sessions of its own."""
        return ServedTenant(self.tenant, name, password, self._host)

    # state

    def reset(self, *, sessions: bool = True) -> None:
        """Return to the initial firm; new records get the same keys again.

        ``sessions``: keep open sessions and added API users. The clock does not change.
        """
        self.tenant.reset(sessions=sessions)

    def snapshot(self, name: str = "snapshot") -> None:
        """Save the current state under a name. Raises ``LookupError`` if there are 100 snapshots already."""
        self.tenant.snapshots.take(name)

    def restore(self, name: str = "snapshot", *, sessions: bool = True) -> None:
        """Return to a snapshot. Raises ``LookupError`` for an unknown name."""
        self.tenant.snapshots.restore(name, sessions=sessions)

    def snapshots(self) -> list[str]:
        """Return the names of the snapshots, oldest first."""
        return list(self.tenant.snapshots)

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self._do("snapshots delete", snapshot=name)

    def export(self, folder: str | Path) -> None:
        """Write the tenant as the files of a firm, which ``sample`` accepts, into a new or empty folder.

        Raises ``BadSample`` if the folder is not empty.
        """
        writing.write_files(Path(folder), self._do("tenants export"))

    def set_quirks(self, **values: Any) -> None:
        """Set quirks by name. Raises ``ValueError`` for an unknown name or value; no quirk changes then."""
        self.tenant.set_quirks(values)

    def expire_sessions(self) -> None:
        """Expire all sessions now: their tokens are refused, and a client must log in again."""
        self._do("sessions expire", {})

    # records, in the form of the files of a firm

    def record(self, kind: str, key: int) -> dict[str, Any]:
        """Return a record as it is stored."""
        found: dict[str, Any] = self._do("records show", kind=kind, key=key).record
        return found

    def put_record(self, kind: str, record: Mapping[str, Any]) -> None:
        """Store a record directly, new or in place of the one with its key. Raises ``BadSample``."""
        files.put(self.tenant, kind, _exact(record))

    def change_record(self, kind: str, key: int, /, **members: Any) -> dict[str, Any]:
        """Replace members of a record directly, with a new stamp, and return the record."""
        changed: dict[str, Any] = self._do("records change", _exact(members), kind=kind, key=key).record
        return changed

    def delete_record(self, kind: str, key: int) -> None:
        """Delete a record directly. Raises ``ControlError`` if another record or an API user refers to it."""
        self._do("records delete", kind=kind, key=key)

    # API users

    def users(self) -> list[UserInfo]:
        """Return the API users, by name."""
        found: list[UserInfo] = self._do("users list")
        return found

    def add_user(
        self,
        name: str,
        password: str,
        *,
        authorizing_employee: int | None = None,
        can_read: bool = True,
        can_write: bool = True,
        cleared: Iterable[str] = (),
    ) -> UserInfo:
        """Add an API user under Ajera's own rules. ``cleared``: methods whose check box is cleared."""
        given = {"authorizing_employee": authorizing_employee, "can_read": can_read, "can_write": can_write}
        added: UserInfo = self._do("users add", {"name": name, "password": password, "cleared": list(cleared), **given})
        return added

    def change_user(self, name: str, /, **members: Any) -> UserInfo:
        """Change members of an API user: those of ``add_user`` but the name. Open sessions stay open."""
        changed: UserInfo = self._do("users change", members, user=name)
        return changed

    def remove_user(self, name: str) -> None:
        """Remove an API user and end its sessions."""
        self._do("users remove", user=name)

    def _do(self, action: str, body: Mapping[str, Any] | None = None, **places: Any) -> Any:
        """Run an action of the control surface on this tenant."""
        declared = ACTIONS[action]
        sent = {} if body is None else {"body": converted(body, declared.body)}
        return declared.run(self._host.control, self.tenant.name, **places, **sent)


def _must_know(method: str) -> None:
    if method not in METHOD_NAMES:
        raise ValueError(f"there is no method {method!r}{suggestion(method, METHOD_NAMES)}")


def _exact(value: Any) -> Any:
    """Return the value with an exact Decimal for each float, so that the output of json.loads can be sent."""
    if isinstance(value, Mapping):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return Decimal(repr(value)) if isinstance(value, float) else value
