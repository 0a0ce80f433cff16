"""Bad requests: valid ones, changed in one to five places."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS

STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
_NOUNS = ("Clients", "Contacts", "Vendors", "Employees", "Projects")
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, -(2**31) - 1, 10**19, 0.5, -1e300, 1e-300, "", " ", "x" * 81, "x" * 5000,
    "\0", "\ud800", "\N{GRINNING FACE}", "%", "_[", "Active", "2026-02-30", "1899-12-31", "2080-01-01T00:00:00Z", STAMP,
    "../../etc/passwd", "<script>", "'; DROP TABLE record;--", "\x1b[31m", "true", "NaN", [], {}, [[]], [{}], {"": {}},
    [None] * 5, {"Delete": True}, [1] * 2000,
)  # fmt: skip
_PIECES = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b"/*", b"//", b"\0", b"\xff", b"1E999", b"null", b" ")


def valid(ajera: MockAjera) -> dict[str, dict[str, Any]]:
    """Return valid bodies by name: every method that reads, and updates and creations of each kind of record."""
    bodies: dict[str, dict[str, Any]] = {}
    for method in METHODS.served.values():
        if method.access == "read":
            for version, operation in method.versions.items():
                arguments = {
                    name: [1, 2] if name.startswith("Requested") and not name.endswith(("Totals", "File")) else 1
                    for name, member in operation.arguments.by_wire.items()
                    if member.required_on is not None
                }
                bodies[f"{method.name} {version}"] = _body(ajera, method.name, arguments, version)
    for noun in _NOUNS:
        key = f"{noun[:-1]}Key"
        (record,) = ajera.content(f"Get{noun}", {f"Requested{noun}": [1]})[noun]
        plain = json.loads(json.dumps(record, default=float))
        lists: dict[str, Any] = {f"Updated{noun}": [plain | {"Notes": "changed"}], f"Unchanged{noun}": [plain]}
        bodies[f"Update{noun} change"] = _body(ajera, f"Update{noun}", lists, 1)
        new = {key: -1, "LastModifiedDate": STAMP, "Description": "New", "LastName": "New", "Name": "New"}
        lists = {f"Updated{noun}": [new], f"Unchanged{noun}": [], "UseSingleTransaction": True}
        bodies[f"Update{noun} create"] = _body(ajera, f"Update{noun}", lists, 1)
    bundle = json.loads(json.dumps(ajera.content("GetProjects", {"RequestedProjects": [1]}, version=2), default=float))
    rows = [rows[0] | {"Notes": "other"} for rows in bundle.values() if rows]
    lists = {"UpdatedProjects": rows, "UnchangedProjects": bundle}
    bodies["UpdateProjects 2"] = _body(ajera, "UpdateProjects", lists, 2)
    bodies["CreateAPISession"] = {
        "Method": "CreateAPISession",
        "Username": ajera.username,
        "Password": ajera.password,
        "APIVersion": 1,
    }
    return bodies


def _body(ajera: MockAjera, method: str, arguments: Any, version: int) -> dict[str, Any]:
    return {"Method": method, "SessionToken": ajera.token(version), "MethodArguments": arguments}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each node inside a JSON value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*at, step)
        yield from places(inner, (*at, step))


def mutated(chance: Random, bodies: list[dict[str, Any]]) -> bytes:
    """Return a body with one to five changes: of values, names and members, and now and then of bytes."""
    body = deepcopy(chance.choice(bodies))
    for _ in range(chance.randint(1, 5)):
        chance.choice(_CHANGES)(chance, body)
    text = json.dumps(body, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    if chance.random() < 0.2:
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(_PIECES) + text[at + chance.randint(0, 3) :]
    return text


def _somewhere(chance: Random, body: Any) -> tuple[Any, Any]:
    """Return the nest of a random node, and the last step to it."""
    path = chance.choice(list(places(body)) or [("Method",)])
    for step in path[:-1]:
        body = body[step]
    return body, path[-1]


def _replace(chance: Random, body: Any) -> None:
    nest, step = _somewhere(chance, body)
    nest[step] = deepcopy(chance.choice(_VALUES))


def _remove(chance: Random, body: Any) -> None:
    nest, step = _somewhere(chance, body)
    if len(nest) > 1:
        del nest[step]


def _rename(chance: Random, body: Any) -> None:
    nest, step = _somewhere(chance, body)
    if isinstance(nest, dict):
        nest[chance.choice((step.lower(), f"{step} ", f"{step}s", "Delete", "", step[:-1]))] = nest[step]


def _repeat(chance: Random, body: Any) -> None:
    nest, step = _somewhere(chance, body)
    if isinstance(nest, list):
        nest += [deepcopy(nest[step]) for _ in range(chance.choice((1, 2, 60)))]
    else:
        nest[step] = [nest[step]] * 2


def _swap(chance: Random, body: Any) -> None:
    (one, at), (other, to) = _somewhere(chance, body), _somewhere(chance, body)
    one[at] = deepcopy(other[to])


_CHANGES: tuple[Callable[[Random, Any], None], ...] = (_replace, _replace, _replace, _remove, _rename, _repeat, _swap)
