"""A plain client of the API: one kept connection, one session, bodies as text or as objects."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from mock_ajera import MockAjera, codec


class Wire:
    """A session with a running mock. Use it as a context manager, and from one thread."""

    def __init__(self, ajera: MockAjera, version: int = 1) -> None:
        url = urlsplit(ajera.url)
        self._connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        self._target = f"{url.path}?{url.query}"
        login = {"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password}
        answer = self.post(json.dumps(login | {"APIVersion": version, "UseSessionCookie": False}))
        self.token = str(answer["Content"]["SessionToken"])

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def post(self, body: str | bytes) -> dict[str, Any]:
        """Send a body as it is; the whole envelope, its numbers int or Decimal."""
        data = body.encode() if isinstance(body, str) else body
        self._connection.request("POST", self._target, data, {"Content-Type": "application/json"})
        with self._connection.getresponse() as response:
            assert response.status == http.HTTPStatus.OK
            answer = codec.decode(response.read())
        assert isinstance(answer, dict)
        return answer

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a method; the whole envelope."""
        request = {"Method": method, "SessionToken": self.token, "MethodArguments": arguments}
        return self.post(codec.encode(request))

    def project(self, key: int) -> dict[str, Any]:
        """A project as GetProjects shows it in version 1."""
        [project] = self.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"]
        return dict(project)
