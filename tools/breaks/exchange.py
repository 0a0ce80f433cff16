"""An exchange on its way through the proxy, and the table of breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from mock_ajera import MockAjera

Row = dict[str, Any]
Envelope = dict[str, Any]

KEYS = {
    "Projects": "ProjectKey",
    "Clients": "ClientKey",
    "Contacts": "ContactKey",
    "Vendors": "VendorKey",
    "Employees": "EmployeeKey",
}
"""Keys of the kinds with an Update method of version 1."""


@dataclass
class Exchange:
    """A call of a method, and what a break may do with it."""

    request: dict[str, Any]
    version: int
    """Version of the session; 0 if the token is unknown."""
    user: str
    mock: MockAjera
    forward: Callable[[dict[str, Any]], Envelope]
    sessions: Mapping[str, tuple[int, str]]
    """Version and user of each token."""
    memory: dict[str, Any]
    """What the break remembers of earlier requests. Empty when it starts."""

    @property
    def method(self) -> str:
        """Return the name of the method."""
        return str(self.request.get("Method"))

    @property
    def arguments(self) -> Row:
        """Return the arguments. Empty if they are not an object."""
        found = self.request.get("MethodArguments")
        return found if isinstance(found, dict) else {}

    def send(self, **top_level: Any) -> Envelope:
        """Send the request, with other members at the top, and return the answer."""
        return self.forward(self.request | top_level)

    def call(self, method: str, arguments: Row, *, token: str | None = None) -> Envelope:
        """Call another method in the same session, or in that of ``token``."""
        used = token or self.request.get("SessionToken")
        return self.forward({"Method": method, "SessionToken": used, "MethodArguments": arguments})

    def token(self, *, version: int | None = None, other_than: str = "") -> str | None:
        """Return a token of a version, of a user other than this one."""
        for token, (of, user) in self.sessions.items():
            if of == (version or self.version) and user != other_than:
                return token
        return None

    def stored(self, noun: str, key: Any) -> Row | None:
        """Return the stored record of version 1."""
        rows = rows_of(self.call(f"Get{noun}", {f"Requested{noun}": [key]}), noun)
        return rows[0] if rows else None


Wrong = Callable[[Exchange], Envelope]
"""What a broken endpoint answers."""


@dataclass(frozen=True)
class Break:
    """One wrong behavior."""

    name: str
    family: str
    says: str
    first: tuple[str, ...]
    """The files of the suite that should notice it."""
    wrong: Wrong
    inside: Callable[[], AbstractContextManager[object]] = nullcontext
    """Changes the mock itself while the break is in place, where answers do not show it."""


BREAKS: dict[str, Break] = {}


def add(
    family: str,
    name: str,
    says: str,
    wrong: Wrong,
    *first: str,
    inside: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Add a break to the table."""
    if name in BREAKS:
        raise ValueError(f"two breaks are called {name}")
    BREAKS[name] = Break(name, family, says, tuple(f"test_{file}.py" for file in first), wrong, inside)


def broken(family: str, *first: str) -> Callable[[Wrong], Wrong]:
    """Add a function as a break. Its docstring is what the break does."""

    def decorate(wrong: Wrong) -> Wrong:
        add(family, wrong.__name__.replace("_", "-"), str(wrong.__doc__).rstrip("."), wrong, *first)
        return wrong

    return decorate


def failed(answer: Envelope) -> bool:
    """Return whether an answer has an error."""
    return any(isinstance(item, dict) and item.get("ErrorID", -1) < 0 for item in answer.get("Errors") or ())


def rows_of(answer: Envelope, noun: str) -> list[Row]:
    """Return the rows of an answer."""
    content = answer.get("Content")
    found = content.get(noun) if isinstance(content, dict) else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def all_rows(value: Any) -> Iterator[Row]:
    """Yield every object in a value, at any depth."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from all_rows(member)
    elif isinstance(value, list):
        for member in value:
            yield from all_rows(member)


def phases_in(project: Any) -> Iterator[Row]:
    """Yield the phases of a project of version 1 as it is read or written."""
    return (row for row in all_rows(project) if "PhaseKey" in row and "ActivityKey" not in row)


def updated(exchange: Exchange, noun: str) -> list[Row]:
    """Return the records that an Update call of version 1 sends. Empty for other calls."""
    if exchange.method != f"Update{noun}" or exchange.version != 1:
        return []
    rows = exchange.arguments.get(f"Updated{noun}")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def unchanged(exchange: Exchange, noun: str) -> list[Row]:
    """Return the baselines that an Update call of version 1 sends."""
    rows = exchange.arguments.get(f"Unchanged{noun}")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def refuse(answer: Envelope, text: str, number: int = -110) -> Envelope:
    """Return a refusal in the shape of an answer."""
    errors = [{"ErrorID": number, "ErrorMessage": text}]
    return answer | {"ResponseCode": 0, "Message": text, "Errors": errors, "Content": {}}


def succeed(answer: Envelope, content: Row) -> Envelope:
    """Return a success in the shape of an answer."""
    return answer | {"ResponseCode": 200, "Message": "Success", "Errors": [], "Content": content}
