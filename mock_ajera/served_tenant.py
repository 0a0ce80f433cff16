"""A tenant that a server in this process serves, as a test uses it."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mock_ajera import codec
from mock_ajera.api.database_id import hosted
from mock_ajera.api.envelope import has_errors
from mock_ajera.api.headers import WHY_HEADER
from mock_ajera.app import SETUP_HEADER
from mock_ajera.control.http import BASE
from mock_ajera.sample import files
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.tenant import Tenant


class CallRefused(Exception):
    """A call that had to succeed was refused. ``envelope`` is the whole answer."""

    def __init__(self, method: str, envelope: Mapping[str, Any], why: str) -> None:
        self.envelope = envelope
        super().__init__(f"{method}: {envelope.get('Message')}" + (f"\nwhy: {why}" if why else ""))


class ServedTenant:
    """A tenant behind a real socket: the URL and credentials for the tested program, and methods for the test."""

    def __init__(self, tenant: Tenant, username: str, password: str) -> None:
        self.tenant = tenant
        self.username, self.password = username, password
        self._root: str | None = None
        self._tokens: dict[int, str] = {}

    @property
    def url(self) -> str:
        """The API URL with its id. Raises ``RuntimeError`` if the server is not started."""
        return f"{self._served_at()}/{hosted(self.tenant.firm.database)}"

    @property
    def control_url(self) -> str:
        """The URL of the control surface. Raises ``RuntimeError`` if the server is not started."""
        return f"{self._served_at()}{BASE}"

    def _served_at(self) -> str:
        if self._root is None:
            raise RuntimeError(f"{type(self).__name__} is not started: use it in a with statement, or call start()")
        return self._root

    @property
    def journal(self) -> Journal:
        """The requests, their outcomes and reasons, and the claims that the answers relied on."""
        return self.tenant.journal

    @property
    def clock(self) -> Clock:
        """The clock, which sets when sessions expire and which stamps records get."""
        return self.tenant.clock

    def reset(self, *, sessions: bool = True) -> None:
        """Return to the initial firm; new records get the same keys again.

        ``sessions``: keep open sessions and added API users. The clock does not change.
        """
        self.tenant.snapshots.reset(sessions=sessions)

    def snapshot(self, name: str = "snapshot") -> None:
        """Save the current state under a name."""
        self.tenant.snapshots.take(name)

    def restore(self, name: str = "snapshot", *, sessions: bool = True) -> None:
        """Return to a snapshot. Raises ``LookupError`` for an unknown name."""
        self.tenant.snapshots.restore(name, sessions=sessions)

    def set_quirks(self, **values: Any) -> None:
        """Set quirks by name. Raises ``ValueError`` for an unknown name or value; no quirk changes then."""
        self.tenant.set_quirks(values)

    def expire_sessions(self) -> None:
        """Expire all sessions now: their tokens are refused, and a client must log in again."""
        with self.tenant.lock:
            self.tenant.sessions.expire(list(self.tenant.sessions))

    def call(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Log in if needed, call a method over HTTP and return the envelope. Numbers are int or Decimal.

        ``top_level``: members next to Method, such as ``PageResults=True``.
        """
        return self._call(method, arguments, version, top_level)[0]

    def content(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Return Content of a call that must succeed, for setup. Raises ``CallRefused`` with the reason."""
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
        """Store a record directly, new or in place of the one with its key.

        ``record`` has the form of the files of a firm. Raises ``BadSample``.
        """
        files.put(self.tenant, kind, _exact(record))


def _exact(value: Any) -> Any:
    """Return the value with an exact Decimal for each float, so that the output of json.loads can be sent."""
    if isinstance(value, Mapping):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return Decimal(repr(value)) if isinstance(value, float) else value
