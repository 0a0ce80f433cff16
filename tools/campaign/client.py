"""A small client of the API and of the control surface, whose calls fail when the server is killed."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from tools.campaign.mutation import STAMP
from tools.campaign.served import Served


class Refused(Exception):
    """A call that had to succeed was refused."""


class Client:
    """A client of the default tenant, with a connection for each call. Raises ``OSError`` if there is no answer."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._parts = urlsplit(url)
        self._login = {"Username": username, "Password": password, "APIVersion": 1}
        self.token = ""

    @classmethod
    def of(cls, served: Served) -> Client:
        """Return a client of a served firm."""
        return cls(served.url, served.username, served.password)

    def call(self, method: str, arguments: Any) -> dict[str, Any]:
        """Call a method in the session of the client, and return the envelope."""
        if not self.token:
            self.token = self.log_in()
        return self._post({"Method": method, "SessionToken": self.token, "MethodArguments": arguments})

    def content(self, method: str, arguments: Any) -> dict[str, Any]:
        """Return the Content of a call. Raises ``Refused``."""
        envelope = self.call(method, arguments)
        if envelope["Errors"]:
            raise Refused(f"{method}: {envelope['Errors'][0]['ErrorMessage']}")
        content: dict[str, Any] = envelope["Content"]
        return content

    def log_in(self) -> str:
        """Open a session and return its token."""
        envelope = self._post({"Method": "CreateAPISession", **self._login})
        return str(envelope["Content"]["SessionToken"])

    def new_clients(self, *names: str) -> list[dict[str, Any]]:
        """Create clients with these names, and return them as read."""
        new = [
            {"ClientKey": -number, "LastModifiedDate": STAMP, "Description": name, "Notes": "0", "Contacts": []}
            for number, name in enumerate(names, 1)
        ]
        made = self.content("UpdateClients", {"UpdatedClients": new, "UnchangedClients": []})["Clients"]
        return self.clients(*(row["ClientKey"] for row in made))

    def clients(self, *keys: int) -> list[dict[str, Any]]:
        """Return clients by key."""
        rows: list[dict[str, Any]] = self.content("GetClients", {"RequestedClients": list(keys)})["Clients"]
        return rows

    def set_notes(self, rows: list[dict[str, Any]], notes: str) -> list[dict[str, Any]]:
        """Set the notes of clients in one transaction, and return them as written. Raises ``Refused``."""
        new = [row | {"Notes": notes} for row in rows]
        arguments = {"UpdatedClients": new, "UnchangedClients": rows, "UseSingleTransaction": True}
        written: list[dict[str, Any]] = self.content("UpdateClients", arguments)["Clients"]
        return written

    def _post(self, body: Any) -> dict[str, Any]:
        target = f"{self._parts.path}?{self._parts.query}"
        answer: dict[str, Any] = _send(self._parts.netloc, "POST", target, body)[1]
        return answer


def control(served: Served, verb: str, path: str, body: Any = None) -> Any:
    """Perform an action of the control surface, and return its answer. Raises ``Refused`` and ``OSError``."""
    parts = urlsplit(served.control)
    status, answer = _send(parts.netloc, verb, parts.path + path, body)
    if status >= 400:
        raise Refused(f"{verb} {path}: HTTP {status} {answer}")
    return answer


def _send(netloc: str, verb: str, target: str, body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(netloc, timeout=60)
    try:
        sent = None if body is None else json.dumps(body).encode()
        connection.request(verb, target, sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(f"no whole answer: {error!r}") from None
    finally:
        connection.close()
