"""The measured calls of the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from benchmarks import load
from benchmarks.copies import description

Caller = load.Caller


@dataclass
class _Once:
    """A caller that keeps its answer."""

    body: bytes
    content: Any = None

    def request(self) -> bytes:
        return self.body

    def answered(self, body: bytes) -> None:
        answer = json.loads(body)
        assert not answer["Errors"], answer
        self.content = answer["Content"]


@dataclass
class Session:
    """A session of the API."""

    port: int
    path: str
    version: int
    token: str = field(init=False)

    def __post_init__(self) -> None:
        login = {"Username": "integrator", "Password": "Offline_4jera", "APIVersion": self.version}
        self.token = self._ask({"Method": "CreateAPISession", **login})["SessionToken"]

    def content(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Return the content of the answer to a call."""
        return self._ask(self.call(method, arguments))

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of a request."""
        return {"Method": method, "SessionToken": self.token, "MethodArguments": arguments}

    def _ask(self, request: Mapping[str, Any]) -> Any:
        caller = _Once(msgspec.json.encode(request))
        load.ask(self.port, self.path, caller)
        return caller.content


class Updates:
    """Successful updates of one project, each based on the answer to the last one."""

    def __init__(self, session: Session, key: int) -> None:
        self._session = session
        self._record = session.content("GetProjects", {"RequestedProjects": [key]})["Projects"][0]
        self._number = 0

    def request(self) -> bytes:
        """Return an update of the project's notes."""
        self._number += 1
        changed = {**self._record, "Notes": f"note {self._number}"}
        arguments = {"UpdatedProjects": [changed], "UnchangedProjects": [self._record]}
        return msgspec.json.encode(self._session.call("UpdateProjects", arguments))

    def answered(self, body: bytes) -> None:
        """Keep the updated project. Fails if the update was refused."""
        (self._record,) = msgspec.json.decode(body)["Content"]["Projects"]
        assert self._record["Notes"] == f"note {self._number}"
        del self._record["Resources"]


Make = Callable[[Session, int], Caller]
"""Return the caller of a session; sessions are numbered."""


@dataclass(frozen=True)
class Call:
    """A call with its goals: the highest ratio to the baseline, by engine, with one connection and with eight."""

    name: str
    make: Make
    goals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    version: int = 1
    once: bool = False
    """Whether each request gets a connection of its own."""


def _constant(method: str, arguments: Mapping[str, Any]) -> Make:
    return lambda session, _: load.Constant(msgspec.json.encode(session.call(method, arguments)))


def calls(session: Session, projects: int) -> list[Call]:
    """Return the measured calls in a firm of copies."""
    named = {"FilterByDescriptionEquals": description(7, projects)}
    like = {"FilterByNameLike": description(7, projects)[6:-9]}
    keys = [row["ProjectKey"] for row in session.content("ListProjects", named)["Projects"]]
    return [*_of_projects(named, like, keys), *_of_other_families()]


def _of_projects(named: Mapping[str, str], like: Mapping[str, str], keys: list[int]) -> list[Call]:
    # 1.15 is level: the noise of a ratio.
    return [
        Call(
            "GetProjects, 1 key",
            _constant("GetProjects", {"RequestedProjects": keys[:1]}),
            {"werkzeug": (1.25, 1.6), "granian": (1.15, 1.15)},
        ),
        Call(
            "GetProjects, 100 keys",
            _constant("GetProjects", {"RequestedProjects": keys[:100]}),
            {"werkzeug": (2, 2), "granian": (1.15, 1.15)},
        ),
        Call(
            "ListProjects by equality, 100 rows",
            _constant("ListProjects", named),
            {"werkzeug": (1.6, 2.3), "granian": (1.15, 1.15)},
        ),
        Call(
            "ListProjects by LIKE, 100 rows",
            _constant("ListProjects", like),
            {"werkzeug": (5, 10), "granian": (5, 10)},
        ),
        Call(
            "UpdateProjects, 1 project",
            lambda session, number: Updates(session, keys[number]),
            {"werkzeug": (3, 3.5), "granian": (6, 8)},
        ),
        Call(
            "GetProjects, 1 key, new connections",
            _constant("GetProjects", {"RequestedProjects": keys[:1]}),
            once=True,
        ),
    ]


def _of_other_families() -> list[Call]:
    return [
        Call("GetProjectTotals", _constant("GetProjectTotals", {"RequestedProjectTotals": 1})),
        Call("GetGLAccounts, all", _constant("GetGLAccounts", {})),
        Call("ListTimesheets, the newest 500", _constant("ListTimesheets", {}), version=2),
        Call("ListTimesheets of an employee", _constant("ListTimesheets", {"FilterByEmployee": [3]}), version=2),
        Call("GetTimesheets, 1 key", _constant("GetTimesheets", {"RequestedTimesheets": [1]}), version=2),
        Call("ListVendorInvoices of a vendor", _constant("ListVendorInvoices", {"FilterByVendor": [2]}), version=2),
        Call("GetVendorInvoices, 1 key", _constant("GetVendorInvoices", {"RequestedVendorInvoices": [1]}), version=2),
    ]
