"""kill -9 while clients write and while actions run, and what the next start finds."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from tools.campaign.client import Client, Refused, control
from tools.campaign.report import Report
from tools.campaign.served import Served

_WRITERS = 4
_EMPTY = ("--sample", "empty")
"""A small firm: a thousand starts take their time."""
_FROZEN = (*_EMPTY, "--seed", "campaign", "--freeze", "2026-03-04T15:00:00Z")


class _Writer(threading.Thread):
    """Writes a number into two clients in one transaction, again and again, until the server is gone."""

    def __init__(self, served: Served, pair: list[int]) -> None:
        super().__init__(daemon=True)
        self.client, self.pair = Client.of(served), pair
        self.tried = self.acknowledged = -1
        self.tokens: list[str] = []

    def run(self) -> None:
        try:
            self.tokens.append(self.client.log_in())
            self.client.token = self.tokens[0]
            rows = self.client.clients(*self.pair)
            number = int(rows[0]["Notes"])
            while True:
                number += 1
                self.tried = number
                rows = self.client.set_notes(rows, str(number))
                self.acknowledged = number
                if number % 5 == 0:
                    self.tokens.append(self.client.log_in())
        except OSError:
            pass


def under_writes(report: Report, rounds: int, seed: int) -> None:
    """Kill a server while clients write: no acknowledged write or session is lost, no transaction is half done."""
    if rounds == 0:
        return
    chance = Random(f"{seed} kills")
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "firm.sqlite")
        with Served("--data", data, *_EMPTY) as served:
            first = Client.of(served)
            pairs = [
                [row["ClientKey"] for row in first.new_clients(f"Left {number}", f"Right {number}")]
                for number in range(_WRITERS)
            ]
            served.kill()
            before: list[_Writer] = []
            for done in range(rounds + 1):
                served.start()
                _compare(report, served, before)
                if done == rounds:
                    return
                before = [_Writer(served, pair) for pair in pairs]
                for writer in before:
                    writer.start()
                time.sleep(chance.uniform(0.05, 0.6))
                served.kill()
                for writer in before:
                    writer.join(60)
                report.count("kills under writes")
                report.progress(done, rounds)


def _compare(report: Report, served: Served, writers: list[_Writer]) -> None:
    client = Client.of(served)
    for writer in writers:
        left, right = client.clients(*writer.pair)
        if left["Notes"] != right["Notes"]:
            report.find(f"half a transaction: {left['Notes']} and {right['Notes']}")
        if writer.acknowledged >= 0:
            report.count("acknowledged writes looked for")
            if not writer.acknowledged <= int(left["Notes"]) <= writer.tried:
                report.find(f"{writer.acknowledged} was acknowledged, {left['Notes']} is there")
        for token in writer.tokens:
            session = Client.of(served)
            session.token = token
            report.count("acknowledged sessions looked for")
            if session.call("ListCompanies", {})["Errors"]:
                report.find("an acknowledged session is lost")


Act = Callable[[Served], object]


def _user(name: str) -> dict[str, Any]:
    return {"name": name, "password": "Quiet_Mill9"}


def _imported(served: Served) -> Any:
    """Import the firm's own files with another name and other ids."""
    files = control(served, "GET", "/tenants/default/files")
    files["firm.json"]["CompanyName"] = "Another firm"
    files["firm.json"]["Database"] |= {"DatabaseName": "Another", "ClientID": 9, "DatabaseID": 999}
    return control(served, "PUT", "/tenants/default/files", files)


ACTIONS: dict[str, Act] = {
    "reset": lambda it: control(it, "POST", "/tenants/default/reset", {"sessions": "keep"}),
    "reset without sessions": lambda it: control(it, "POST", "/tenants/default/reset", {"sessions": "drop"}),
    "import": _imported,
    "add a user": lambda it: control(it, "POST", "/tenants/default/users", _user("second")),
    "change a user": lambda it: control(it, "PATCH", "/tenants/default/users/added", {"can_write": False}),
    "remove a user": lambda it: control(it, "DELETE", "/tenants/default/users/added"),
    "set quirks": lambda it: control(it, "PATCH", "/tenants/default/quirks", {"session_minutes": 7}),
    "advance the clock": lambda it: control(it, "POST", "/tenants/default/clock/advance", {"by": "3h"}),
    "expire sessions": lambda it: control(it, "POST", "/tenants/default/sessions/expire", {}),
    "delete a record": lambda it: control(it, "DELETE", f"/tenants/default/records/Client/{_added(it)}"),
}


def _added(served: Served) -> int:
    records = control(served, "GET", "/tenants/default/records/Client?limit=1000")
    return max(int(each["key"]) for each in records)


def in_actions(report: Report, number: int, seed: int) -> None:
    """Kill a server in the middle of actions: the next start finds the state before or after, nothing between."""
    if number == 0:
        return
    chance = Random(f"{seed} actions")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared = folder / "prepared"
        prepared.mkdir()
        _prepare(prepared)
        before = _after(prepared, folder, lambda _: None)
        outcomes: dict[str, tuple[str, float]] = {}
        for done in range(number):
            action = list(ACTIONS)[done % len(ACTIONS)]
            if action not in outcomes:
                began = time.monotonic()
                outcomes[action] = _after(prepared, folder, ACTIONS[action]), time.monotonic() - began
            found = _killed(prepared, folder, ACTIONS[action], chance.uniform(0, 0.06))
            report.count("kills in actions")
            report.count(f"{action}: " + ("before" if found == before else "after"))
            if found not in (before, outcomes[action][0]):
                report.find(f"killed in {action!r}: neither the state before nor the state after")
            report.progress(done, number)


def _prepare(folder: Path) -> None:
    """Make a data file with an added client, user, session, quirk and clock."""
    with Served("--data", str(folder / "firm.sqlite"), *_FROZEN) as served:
        client = Client.of(served)
        client.new_clients("Added")
        control(served, "POST", "/tenants/default/users", _user("added"))
        control(served, "PATCH", "/tenants/default/quirks", {"session_minutes": 50})
        control(served, "POST", "/tenants/default/clock/advance", {"by": "5m"})


def _copied(prepared: Path, folder: Path) -> Path:
    target = folder / "run"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(prepared, target)
    return target / "firm.sqlite"


def _after(prepared: Path, folder: Path, act: Act) -> str:
    """Return the state that a start finds after an action that was not killed."""
    data = _copied(prepared, folder)
    with Served("--data", str(data), *_FROZEN) as served:
        act(served)
        served.kill()
        served.start()
        return _state(served)


def _killed(prepared: Path, folder: Path, act: Act, delay: float) -> str:
    """Return the state that a start finds after a kill in the middle of an action."""
    data = _copied(prepared, folder)
    with Served("--data", str(data), *_FROZEN) as served:
        thread = threading.Thread(target=_try, args=(act, served), daemon=True)
        thread.start()
        time.sleep(delay)
        served.kill()
        thread.join(60)
        served.start()
        return _state(served)


def _try(act: Act, served: Served) -> None:
    with suppress(OSError, Refused):
        act(served)


def _state(served: Served) -> str:
    """Return all that a tenant is, as a hash: files, users, sessions, quirks, clock and ids."""
    paths = ("files", "users", "quirks", "clock", "sessions")
    parts = [control(served, "GET", f"/tenants/default/{path}") for path in paths]
    shown = control(served, "GET", "/tenants/default")
    parts.append([shown[name] for name in ("database_name", "client_id", "database_id", "records", "company")])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
