"""The tests' client: one kept connection, one session, calls and updates."""

from __future__ import annotations

import http.client
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from contract_tests.kinds import Kind
from mock_ajera import codec

STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
"""LastModifiedDate of a new record: any stamp in the printed form."""


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    body: bytes
    is_json: bool

    @property
    def json(self) -> Any:
        """The decoded body, numbers as int or Decimal. None without JSON."""
        return codec.decode(self.body) if self.body and self.is_json else None


class Connection:
    """A kept connection to a server. Use it as a context manager, and from one thread."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._http = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)

    def send(self, verb: str, path: str, body: bytes | None = None, **headers: str) -> Response:
        """Send one request. ``headers``: by name, with underscores for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._http.request(verb, path, body, {"Content-Type": "application/json", **named})
        with self._http.getresponse() as response:
            is_json = response.headers.get_content_subtype().endswith("json")
            return Response(response.status, response.read(), is_json)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Client(Connection):
    """A session of the API."""

    def __init__(
        self, url: str, username: str = "integrator", password: str = "Offline_4jera", *, version: int = 1
    ) -> None:
        super().__init__(url)
        address = urlsplit(url)
        self._target = f"{address.path}?{address.query}"
        login = {"Method": "CreateAPISession", "Username": username, "Password": password, "APIVersion": version}
        self.token: str | None = self.post(login)["Content"].get("SessionToken")
        """None when the login was refused."""

    def post(self, body: Mapping[str, Any] | str) -> dict[str, Any]:
        """Send a request body, as an object or as text. Return the envelope."""
        response = self.send("POST", self._target, body.encode() if isinstance(body, str) else codec.encode(dict(body)))
        assert response.status == HTTPStatus.OK
        envelope = response.json
        assert isinstance(envelope, dict)
        return envelope

    def call(self, method: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call a method. Return the envelope."""
        return self.post({"Method": method, "SessionToken": self.token, "MethodArguments": arguments or {}})

    def update(
        self, kind: Kind, updated: Sequence[Any], unchanged: Sequence[Any] = (), *, single: bool = False
    ) -> dict[str, Any]:
        """Call the Update method of a kind. Return the envelope."""
        return self.call(f"Update{kind.noun}", arguments(kind, updated, unchanged, single=single))

    def written(
        self, kind: Kind, updated: Sequence[Any], unchanged: Sequence[Any] = (), *, single: bool = False
    ) -> list[dict[str, Any]]:
        """Update records, which must succeed. Return the records in the answer."""
        answer = self.update(kind, updated, unchanged, single=single)
        assert answer["Errors"] == []
        return list(answer["Content"][kind.noun])

    def read(self, kind: Kind, key: int) -> dict[str, Any]:
        """Return one record. Raises ``AssertionError`` when there is none."""
        answer = self.call(f"Get{kind.noun}", {kind.argument: [key]})
        assert answer["Errors"] == []
        [record] = answer["Content"][kind.noun]
        return dict(record)


def arguments(kind: Kind, updated: Sequence[Any], unchanged: Sequence[Any], *, single: bool = False) -> dict[str, Any]:
    """Return the arguments of an Update method."""
    return {f"Updated{kind.noun}": updated, f"Unchanged{kind.noun}": unchanged, "UseSingleTransaction": single}
