"""A small client of the Ajera API, shared by the examples. It needs only the package requests."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any, Self

import requests

Record = dict[str, Any]
TIMEOUT = float(os.environ.get("AJERA_TIMEOUT", "180"))
"""Seconds without a sign of Ajera after which a call fails."""


class Refused(Exception):
    """Ajera refused a call, or its answer does not show that it was done. ``texts`` say why."""

    def __init__(self, method: str, texts: list[str]) -> None:
        super().__init__(f"{method}: {'; '.join(texts)}")
        self.texts = texts

    @property
    def session_is_over(self) -> bool:
        """Whether the session has expired or was ended. Such a call has changed nothing and may be repeated."""
        return any("invalid session" in text.lower() for text in self.texts)


class Ajera:
    """A client that logs in with its first call, and once more when its session is over."""

    def __init__(self, url: str, username: str, password: str, version: int = 1) -> None:
        self._url = url
        self._login = {"Username": username, "Password": password, "APIVersion": version, "UseSessionCookie": False}
        self._token = ""
        self._http = requests.Session()
        self.warnings: list[str] = []
        """The warnings of the last call that succeeded. Ajera has done what the call wanted in spite of them."""

    def log_in(self) -> Record:
        """Open a session and return what Ajera reports about itself: CompanyName, AjeraVersion and more."""
        content = self._post({"Method": "CreateAPISession", **self._login})
        self._token = content["SessionToken"]
        return content

    def call(self, method: str, arguments: Record | None = None, **options: Any) -> Record:
        """Call a method and return the Content of its response. ``options`` are members next to Method.

        Raises ``Refused``, and ``requests.RequestException`` if there is no response of Ajera.
        """
        if not self._token:
            self.log_in()
        body = {"Method": method, "MethodArguments": arguments or {}, **options}
        try:
            return self._post({**body, "SessionToken": self._token})
        except Refused as refused:
            if not refused.session_is_over:
                raise
        self.log_in()
        return self._post({**body, "SessionToken": self._token})

    def _post(self, body: Record) -> Record:
        response = self._http.post(self._url, json=body, timeout=TIMEOUT)
        response.raise_for_status()
        envelope = response.json()
        # A refusal has HTTP status 200, too. A success may have an item with ErrorID 0, which is no error.
        errors = [error["ErrorMessage"] for error in envelope["Errors"] if error["ErrorID"] != 0]
        if errors or envelope["ResponseCode"] not in (0, 200):
            raise Refused(body["Method"], errors)
        content: Record | None = envelope.get("Content")
        if content is None:
            raise Refused(body["Method"], ["the answer has no Content"])
        self.warnings = envelope.get("Warnings") or []
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Refused, requests.RequestException):
            if self._token:
                self._post({"Method": "EndAPISession", "SessionToken": self._token})
        self._http.close()


def connect(version: int = 1) -> Ajera:
    """Return a client of the endpoint that the environment names."""
    url, username, password = (os.environ.get(f"AJERA_API_{name}", "") for name in ("URL", "USERNAME", "PASSWORD"))
    if not (url and username and password):
        raise SystemExit("set AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD")
    return Ajera(url, username, password, version)


def listed(ajera: Ajera, noun: str, **filters: Any) -> list[Record]:
    """Return the rows of a List method."""
    rows: list[Record] = ajera.call(f"List{noun}", filters)[noun]
    return rows


def read(ajera: Ajera, noun: str, keys: list[int]) -> list[Record]:
    """Return the records of these keys, in batches: Ajera allows 50 employees in one call."""
    found: list[Record] = []
    for at in range(0, len(keys), 50):
        found += ajera.call(f"Get{noun}", {f"Requested{noun}": keys[at : at + 50]})[noun]
    return found


def phases_of(holder: Record) -> Iterator[Record]:
    """Yield the phases of a project, an invoice group or a phase of version 1, at every depth."""
    for group in holder.get("InvoiceGroups") or ():
        yield from phases_of(group)
    for phase in holder.get("Phases") or ():
        yield phase
        yield from phases_of(phase)


def change(ajera: Ajera, noun: str, record: Record, **changes: Any) -> Record:
    """Write a record that was just read. Ajera refuses the write if the record has changed since."""
    method, arguments = f"Update{noun}", {f"Updated{noun}": [record | changes], f"Unchanged{noun}": [record]}
    rows: list[Record] = ajera.call(method, arguments)[noun]
    if not rows:
        raise Refused(method, ["the answer is a success, but nothing was written"])
    return rows[0]
