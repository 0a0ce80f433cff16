"""``MockAjera``: a fake Ajera in the tests of one's own program."""

from __future__ import annotations

import secrets
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mock_ajera import codec
from mock_ajera.api.database_id import hosted
from mock_ajera.app import create_app
from mock_ajera.sample import files
from mock_ajera.sample.templates import credentials, new_tenant
from mock_ajera.server import Server
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import Directory
from mock_ajera.tenants.journal import Journal
from mock_ajera.tenants.quirks import profile_values
from mock_ajera.tenants.tenant import Tenant

USERNAME, PASSWORD = "integrator", "Offline_4jera"
"""The credentials of the sample firm: fakes, documented, the same everywhere."""


class MockAjera:
    """A tenant of its own behind a real socket.

    ::

        with MockAjera() as ajera:
            sync(url=ajera.url, username=ajera.username, password=ajera.password)
            assert ajera.journal[-1].outcome == "ok"

    ``sample``: "sample", the folder of a firm of one's own, or a number of projects of a generated one. ``profile``:
    "observed" or "documented". ``quirks``: values by name, over the profile. ``seed``: makes tokens and usage keys
    repeatable, and of a generated firm another one. ``clock``: a frozen or shifted one.

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
    ) -> None:
        key = secrets.token_bytes(16) if seed is None else str(seed).encode()
        self.tenant: Tenant = new_tenant(sample, seed=key, clock=clock, grown_from=None if seed is None else str(seed))
        try:
            self.tenant.set_quirks(profile_values(profile) | dict(quirks or {}))
        except ValueError:
            self.tenant.close()
            raise
        self.username, self.password = credentials(sample) or (USERNAME, PASSWORD)
        self._tenants = Directory()
        self._tenants.add(self.tenant)
        self._server: Server | None = None
        self._tokens: dict[int, str] = {}
        self._fresh = self.tenant.snapshot()

    @property
    def url(self) -> str:
        """The API URL, with its id. Raises ``RuntimeError`` while it is not started."""
        if self._server is None:
            raise RuntimeError("MockAjera is not started: use it in a with statement, or call start()")
        return f"{self._server.url}/{hosted(self.tenant.firm.database)}"

    @property
    def journal(self) -> Journal:
        """What was asked, how it ended, and why it was refused."""
        return self.tenant.journal

    def start(self) -> MockAjera:
        """Listen on a free port of 127.0.0.1."""
        app = create_app(self._tenants, credentials=(self.username, self.password))
        self._server = Server(app).start()
        return self

    def stop(self) -> None:
        """Listen no more, and forget the tenant."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self.tenant.close()

    def reset(self) -> None:
        """Back to the firm as it was at the start; sessions stay open, and new records get the same keys again."""
        self.tenant.restore(self._fresh)

    def __enter__(self) -> MockAjera:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def call(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, version: int = 1, **top_level: Any
    ) -> dict[str, Any]:
        """Call a method over HTTP, logged in: the whole envelope, its numbers int or Decimal.

        ``top_level``: members beside Method, such as ``PageResults=True``.
        """
        body = {"Method": method, "SessionToken": self.token(version), "MethodArguments": dict(arguments or {})}
        if method == "EndAPISession":
            del self._tokens[version]
        return self.post(body | top_level)

    def token(self, version: int = 1) -> str:
        """The token of an open session of a version; logs in the first time."""
        if version not in self._tokens:
            login = {"Username": self.username, "Password": self.password, "APIVersion": version}
            self._tokens[version] = self.post({"Method": "CreateAPISession", **login})["Content"]["SessionToken"]
        return self._tokens[version]

    def post(self, body: Mapping[str, Any] | bytes) -> dict[str, Any]:
        """Post a body as it is: the whole envelope."""
        data = body if isinstance(body, bytes) else codec.encode(body)
        request = urllib.request.Request(self.url, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = codec.decode(response.read())
        if not isinstance(answer, dict):
            raise TypeError("the answer is not an object")
        return answer

    def put_record(self, kind: str, record: Mapping[str, Any]) -> None:
        """Put a record past the API, as a test sets a scene: new, or in place of the one with its key.

        ``record`` has the members that the API prints, as in the files of a sample. Raises ``BadSample``.
        """
        files.put(self.tenant, kind, record)
