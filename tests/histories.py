"""Histories: repeatable sequences of what testers and clients do to a tenant over HTTP.

As a program, it runs one on tenants of its own and prints every response: ``python histories.py HISTORY SEED``.
"""

from __future__ import annotations

import copy
import random
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from client import STAMP, Connection, arguments

from contract_tests.kinds import CLIENTS, PROJECTS, Kind
from mock_ajera import AjeraServer, codec

FROZEN = "2026-03-09T15:00:00Z"
BASE = "/_mock"

_MILLISECONDS = re.compile(r'"milliseconds":\d+,')
Step = tuple[str, int, int]
"""A verb of ``VERBS``, and two numbers that choose its target and its variant."""

_KINDS = (CLIENTS, PROJECTS)
_NAMES = ("Harbour Trust", "HARBOUR TRUST", "Zoë & Søn", "Kiln Lane 4", "A" * 50)
_LISTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ListClients", {}),
    ("ListClients", {"FilterByNameLike": "r"}),
    ("ListClients", {"FilterByStatus": ["Inactive"]}),
    ("ListProjects", {}),
    ("ListProjects", {"FilterByStatus": ["Active", "Hold"], "FilterByDescriptionLike": "s"}),
    ("ListProjects", {"FilterByEarliestModifiedDate": "2026-03-09"}),
    ("ListProjects", {"FilterByStatus": ["Actve"]}),
    ("ListEmployees", {"FilterByNameLike": "an"}),
    ("ListContacts", {}),
    ("ListNothings", {}),
)
_QUIRKS: tuple[dict[str, Any], ...] = (
    {"success_code": "zero"},
    {"success_code": "200", "members": "documented"},
    {"members": "observed", "generic_error_item": True},
    {"vary_guesses": True},
    {"vary_guesses": False, "duplicate_client_names": "allow"},
    {"session_minutes": 5},
    {"unknown_method": "empty", "unknown_members": "ignore"},
    {"no_such_quirk": 1},
)


class Actor(Connection):
    """Does steps to one tenant and to copies that it makes of it. Every request and response is in ``transcript``."""

    def __init__(self, root: str) -> None:
        """``root``: scheme, host and port of the server. The transcript has ``http://there`` instead."""
        super().__init__(root)
        self._root = root
        self._seed: str | None = None
        self.transcript: list[str] = []
        self.name = ""
        self._info: dict[str, Any] = {}
        self._tokens: list[str] = []
        self.copies: dict[str, str] = {}
        """URLs of the tenants that were forked from it, by name."""
        self._keys: dict[Kind, list[int]] = {}
        self._shape: dict[str, Any] = {}

    def __exit__(self, *_: object) -> None:
        try:
            self.end()
        finally:
            self.close()

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """Send one request. Return the response as JSON, None when it is empty."""
        data = None if body is None else codec.encode(body)
        response = self.send(verb, path, data, X_Request_Id=str(len(self.transcript)))
        shown = f"{verb} {path} {data or b''!r}\n  {response.status} {response.body.decode()}"
        # How long a request took differs in every run.
        self.transcript.append(_MILLISECONDS.sub("", shown.replace(self._root, "http://there")))
        return response.json

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        """Send a request to the control surface; ``path`` follows that of the tenant."""
        return self.ask(verb, f"{BASE}/tenants/{self.name}{path}", body)

    def call(self, method: str, arguments: Mapping[str, Any], nth: int = 0, **top_level: Any) -> Any:
        """Call a method of the API and return Content.

        ``nth``: from 7 on, an older token is sent. A refused token is replaced.
        """
        token = self._tokens[-1 if nth < 7 else nth % len(self._tokens)]
        body = {"Method": method, "SessionToken": token, "MethodArguments": arguments}
        answer = self._post(self._info["url"], body | top_level)
        if answer["Message"] == "Invalid Session":
            self._tokens.append(self._log_in(self._info["url"]))
        return answer["Content"]

    def _post(self, url: str, body: Mapping[str, Any]) -> Any:
        return self.ask("POST", url.removeprefix(self._root), body)

    def _log_in(self, url: str, password: str = "Offline_4jera", version: int = 1) -> str:
        login = {"Method": "CreateAPISession", "Username": "integrator", "Password": password, "APIVersion": version}
        return str(self._post(url, login)["Content"].get("SessionToken", ""))

    def begin(self, name: str, seed: str, **options: Any) -> Actor:
        """Create the tenant."""
        self._seed = seed
        info = self.ask("POST", f"{BASE}/tenants", {"name": name, "freeze": FROZEN, "seed": seed} | options)
        assert "url" in info, info
        return self.adopt(info)

    def adopt(self, info: Mapping[str, Any]) -> Actor:
        """Continue with an existing tenant: log in and list its records."""
        self.name, self._info = info["name"], dict(info)
        self._tokens = [self._log_in(info["url"])]
        for kind in (CLIENTS, PROJECTS):
            rows = self.call(f"List{kind.noun}", {})[kind.noun]
            self._keys[kind] = [row[kind.key] for row in rows[:4]]
        [self._shape] = self._read(PROJECTS, *self._keys[PROJECTS][:1])
        return self

    def do(self, step: Step) -> None:
        """Do one step."""
        verb, first, second = step
        _DO[verb](self, first, second)

    def end(self) -> None:
        """Delete the tenant and its copies, unless that was done."""
        for name in filter(None, (self.name, *self.copies)):
            self.ask("DELETE", f"{BASE}/tenants/{name}")
        self.name, self.copies = "", {}

    # steps of a client

    def log_in(self, first: int, second: int) -> None:
        token = self._log_in(self._info["url"], "wrong" if second == 9 else "Offline_4jera", 2 if first > 80 else 1)
        if token:
            self._tokens.append(token)

    def log_out(self, first: int, second: int) -> None:
        self.call("EndAPISession", {}, second)

    def list(self, first: int, second: int) -> None:
        method, arguments = _LISTS[first % len(_LISTS)]
        paging = {"PageResults": True, "PageNumber": second % 3 + 1, "PageSize": 3} if second > 6 else {}
        self.call(method, arguments, second, **paging)

    def get(self, first: int, second: int) -> None:
        kind = _KINDS[second % 2]
        self._read(kind, self._key(kind, first), self._key(kind, second), 99, nth=second)

    def create(self, first: int, second: int) -> None:
        if second < 5:
            self._update(CLIENTS, [self._client(-1, first)], [])
        elif second < 8:
            self._update(PROJECTS, [self._project(first)], [])
        else:
            self._update(CLIENTS, [self._client(-1, first), self._client(-2, second)], [], single=second == 8)

    def change(self, first: int, second: int) -> None:
        kind = _KINDS[second % 2]
        read = self._read(kind, self._key(kind, first))
        if not read:
            return
        changed = copy.deepcopy(read[0]) | {"Notes": f"Change {first}"}
        if second == 2:
            changed["Description"] = _NAMES[first % len(_NAMES)]
        # A session of version 2 reads projects flat: their groups are not inside them.
        if second == 3 and "InvoiceGroups" in changed:
            changed["InvoiceGroups"][0].setdefault("Phases", []).append({"PhaseKey": -1, "Description": "Late"})
        if second == 4:
            read[0]["Description"] = "not what is stored"
        if second == 5:
            changed["Description"] = "B" * 300
        more = [self._client(-3, first)] if kind == CLIENTS and second == 6 else []
        self._update(kind, [changed, *more], read)

    def delete(self, first: int, second: int) -> None:
        kind = _KINDS[second % 2]
        key = self._key(kind, first)
        read = self._read(kind, key)
        gone = [{kind.key: key, "LastModifiedDate": each["LastModifiedDate"], "Delete": True} for each in read]
        self._update(kind, gone, read)

    def _read(self, kind: Kind, *keys: int, nth: int = 0) -> list[Any]:
        return self.call(f"Get{kind.noun}", {kind.argument: keys}, nth).get(kind.noun) or []

    def _update(self, kind: Kind, updated: list[Any], unchanged: list[Any], *, single: bool = False) -> None:
        sent = arguments(kind, updated, unchanged, single=single)
        for row in self.call(f"Update{kind.noun}", sent).get(kind.noun, ()):
            if row[kind.key] not in self._keys[kind]:
                self._keys[kind].append(row[kind.key])

    def _key(self, kind: Kind, number: int) -> int:
        return self._keys[kind][number % len(self._keys[kind])]

    @staticmethod
    def _client(key: int, number: int) -> dict[str, Any]:
        name = _NAMES[number % len(_NAMES)] if number % 2 else f"Client {number}"
        return {"ClientKey": key, "LastModifiedDate": STAMP, "Description": name, "Contacts": []}

    def _project(self, number: int) -> dict[str, Any]:
        group = self._shape["InvoiceGroups"][0]
        kept = ("InvoiceFormatKey", "Client", "BillingManager", "BillingContact")
        stamp = {"LastModifiedDate": STAMP, "BillingType": "FixedFee", "Contacts": self._shape["Contacts"]}
        phase = stamp | {"PhaseKey": -3, "Description": "Phase"}
        return stamp | {
            "ProjectKey": -1,
            "Description": f"Project {number}",
            "ID": f"P-{number % 5}",
            "CompanyKey": self._shape["CompanyKey"],
            "InvoiceGroups": [
                {name: group[name] for name in kept if name in group}
                | {"InvoiceGroupKey": -2, "Description": "Group", "Phases": [phase]}
            ],
        }

    # steps of a tester

    def reset(self, first: int, second: int) -> None:
        self.control("POST", "/reset", {"sessions": "drop" if second == 9 else "keep"})

    def snapshot(self, first: int, second: int) -> None:
        self.control("POST", "/snapshots", {"name": f"s{first % 3}"})

    def restore(self, first: int, second: int) -> None:
        sessions = "drop" if second == 9 else "keep"
        self.control("POST", "/restore", {"snapshot": f"s{first % 3}", "sessions": sessions})

    def drop_snapshot(self, first: int, second: int) -> None:
        self.control("DELETE", f"/snapshots/s{first % 3}")

    def clock(self, first: int, second: int) -> None:
        if second < 4:
            self.control("POST", "/clock/freeze", {"at": f"2026-0{second + 1}-09T15:{first % 60:02d}:00.123Z"})
        else:
            self.control("POST", "/clock/advance", {"by": f"{'-' if second == 4 else ''}{first}.5m"})

    def quirks(self, first: int, second: int) -> None:
        if second == 9:
            self.control("PUT", "/quirks/profile", {"profile": ("observed", "documented")[first % 2]})
        else:
            self.control("PATCH", "/quirks", _QUIRKS[first % len(_QUIRKS)])

    def expire(self, first: int, second: int) -> None:
        self.control("POST", "/sessions/expire", {"user": "integrator"} if second == 9 else {})

    def put(self, first: int, second: int) -> None:
        if second < 4:
            self.control("PUT", "/records/Company", {"CompanyKey": 1 + first % 4, "Description": f"Company {first}"})
        else:
            key = self._key(CLIENTS, first)
            record = {"ClientKey": key, "Description": f"Put {first}", "ClientTypeKey": 99 if second == 9 else None}
            self.control("PUT", "/records/Client", record)

    def remove(self, first: int, second: int) -> None:
        self.control("DELETE", f"/records/Client/{self._key(CLIENTS, first)}")

    def users(self, first: int, second: int) -> None:
        name = f"clerk{first % 2}"
        if second < 5:
            self.control("POST", "/users", {"name": name, "password": "Quay_side7", "cleared": ["ListClients"]})
        elif second < 8:
            self.control("PATCH", f"/users/{name}", {"can_write": False, "password": f"Kiln_lane{first}"})
        else:
            self.control("DELETE", f"/users/{name}")

    def fork(self, first: int, second: int) -> None:
        name = f"{self.name}-{first % 2}"
        if name in self.copies:
            self.ask("DELETE", f"{BASE}/tenants/{name}")
            del self.copies[name]
            return
        body = {"name": name, "database_id": self._info["database_id"] + 1000 * (1 + first % 2)}
        seed = {} if self._seed is None else {"seed": f"{self._seed} {name}"}
        self.copies[name] = url = self.control("POST", "/fork", body | seed)["url"]
        sent = arguments(CLIENTS, [self._client(-1, 2 * first)], [])
        body = {"Method": "UpdateClients", "SessionToken": self._log_in(url), "MethodArguments": sent}
        self._post(url, body)
        self.ask("GET", f"{BASE}/tenants/{name}/records/Client")

    def look(self, first: int, second: int) -> None:
        seen = ("", "/records", "/records/Client", "/sessions", "/users", "/journal", "/clock", "/snapshots", "/quirks")
        self.control("GET", seen[first % len(seen)])


_CLIENT = (Actor.log_in, Actor.log_out, Actor.list, Actor.get, Actor.create, Actor.change, Actor.delete)
_TESTER = (
    *(Actor.reset, Actor.snapshot, Actor.restore, Actor.drop_snapshot, Actor.clock, Actor.quirks, Actor.expire),
    *(Actor.put, Actor.remove, Actor.users, Actor.fork, Actor.look),
)
_DO: dict[str, Callable[[Actor, int, int], None]] = {each.__name__: each for each in (*_CLIENT, *_TESTER)}
_OFTEN = ("create", "change", "delete", "list", "get", "log_in")
VERBS = (*_DO, *_OFTEN, *_OFTEN)
"""Every verb; those of a client occur more often."""


def drawn(history: str, steps: int) -> list[Step]:
    """Return the steps of a named history."""
    draw = random.Random(history)
    return [(draw.choice(VERBS), draw.randrange(100), draw.randrange(10)) for _ in range(steps)]


def transcripts(actors: Sequence[Actor], history: str, steps: int) -> list[str]:
    """Run one history per tenant, in turns, and export the tenants. Return all transcripts."""
    histories = [drawn(f"{history} {number}", steps) for number in range(len(actors))]
    for together in zip(*histories, strict=True):
        for actor, step in zip(actors, together, strict=True):
            actor.do(step)
    for actor in actors:
        actor.control("GET", "/files")
        actor.end()
    return [line for actor in actors for line in actor.transcript]


def main() -> None:
    """Print the transcripts of two tenants."""
    history, seed = sys.argv[1:]
    with AjeraServer() as server, Actor(server.url) as one, Actor(server.url) as two:
        one.begin("one", seed)
        two.begin("two", f"{seed}, again", profile="documented")
        print("\n".join(transcripts((one, two), history, 80)))


if __name__ == "__main__":
    main()
