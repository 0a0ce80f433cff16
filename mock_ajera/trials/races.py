"""Races: another client does something between two calls of a program, or just before one of them.

The other client has an API user of its own and calls the API, so that it can do only what a real one can. Each race
happens once, at the first call that it fits, within that call: the same seed gives the same answers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mock_ajera.api.envelope import has_errors
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.faults.others import changed_member, named
from mock_ajera.served_tenant import ServedTenant
from mock_ajera.tenants.faults import Facts, Rule
from mock_ajera.trials.books import Written

USER, PASSWORD = "colleague", "Quiet_Mill9"
MARK = "(by a colleague)"
Act = Callable[["Other", Facts], "list[Written] | None"]
"""Do something at a call. Return what was written, or None if the call does not fit."""


@dataclass(frozen=True)
class Race:
    """Something that another client does."""

    name: str
    says: str
    act: Act


class Other:
    """Another client, and what it has written."""

    def __init__(self, ajera: ServedTenant) -> None:
        """Add the client to a firm. Raises ``ControlError``."""
        own = ajera.tenant.users[ajera.username]
        ajera.add_user(USER, PASSWORD, authorizing_employee=own.authorizing_employee)
        self.tenant, self.client = ajera.tenant, ajera.as_user(USER, PASSWORD)
        self.calls: list[Facts] = []
        """The calls of the program so far, without the session methods."""
        self.written: list[Written] = []
        self.happened = False
        """Whether the race has happened."""

    def join(self, race: Race) -> None:
        """Let a race happen at the first call that it fits."""
        # A program may call from several threads.
        lock = threading.Lock()

        def before(facts: Facts) -> None:
            if facts.method not in METHODS:
                return
            with lock:
                written = None if self.happened else race.act(self, facts)
                if written is not None:
                    self.written += written
                    self.happened = True
                self.calls.append(facts)

        self.tenant.faults.add(Rule(does="hook", phase="before", name=race.name), before)

    def succeeds(
        self, method: str, arguments: Mapping[str, Any], version: int = 1, **paging: Any
    ) -> dict[str, Any] | None:
        """Call a method. Return Content, or None if the call was refused."""
        if version not in METHODS[method].versions:
            return None
        answer = self.client.call(method, arguments, version=version, **paging)
        content: dict[str, Any] = answer["Content"]
        return None if has_errors(answer) else content

    def read(self, kind: str, key: int) -> dict[str, Any] | None:
        """Return a record of version 1; None if there is none, or no method that reads it."""
        record = RECORDS[kind]
        method, requested = f"Get{record.plural}", record.requested or f"Requested{record.plural}"
        found = self.succeeds(method, {requested: [key]}) if method in METHODS else None
        rows = found[record.plural] if found else []
        return rows[0] if rows else None

    def writes(self, kind: str, row: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        """Write a record in version 1. Return the written row; None if that was refused."""
        noun = RECORDS[kind].plural
        if f"Update{noun}" not in METHODS:
            return None
        arguments = {f"Updated{noun}": [row], f"Unchanged{noun}": list(before)}
        found = self.succeeds(f"Update{noun}", arguments)
        written: dict[str, Any] | None = found[noun][0] if found else None
        return written


class Meeting:
    """A race that happens to a program."""

    def __init__(self, race: Race) -> None:
        self._race = race
        self._other: Other | None = None

    @contextmanager
    def happening(self, ajera: ServedTenant) -> Generator[None]:
        """Let it happen at the first call that it fits. Raises ``ControlError``."""
        self._other = Other(ajera)
        self._other.join(self._race)
        yield

    @property
    def happened(self) -> bool:
        """Whether it has happened."""
        return self._other is not None and self._other.happened

    @property
    def written(self) -> Sequence[Written]:
        """What the other client has written."""
        return [] if self._other is None else self._other.written


# What the other client does


def _update(other: Other, facts: Facts) -> list[Written] | None:
    keys = _written_keys(facts)
    return _changed(other, _kind(facts), keys[0]) if keys else None


def _update_last(other: Other, facts: Facts) -> list[Written] | None:
    keys = _written_keys(facts)
    return _changed(other, _kind(facts), keys[-1]) if len(keys) > 1 else None


def _update_read_back(other: Other, facts: Facts) -> list[Written] | None:
    """Change a record that the program has written, before it reads it again."""
    if _access(facts) != "read":
        return None
    kind = _kind(facts)
    written = {key for call in other.calls if _kind(call) == kind for key in _written_keys(call)}
    again = [key for key in _keys(facts) if key in written]
    return _changed(other, kind, again[0]) if again else None


def _delete(other: Other, facts: Facts) -> list[Written] | None:
    keys = _written_keys(facts)
    return _deleted(other, _kind(facts), keys[0]) if keys else None


def _delete_read(other: Other, facts: Facts) -> list[Written] | None:
    keys = _keys(facts) if _access(facts) == "read" else []
    return next((done for key in keys if (done := _deleted(other, _kind(facts), key)) is not None), None)


def _create(other: Other, facts: Facts) -> list[Written] | None:
    """Create what the program is about to create, with the same call."""
    creates = facts.method.startswith("Create") or any(key < 0 for key in _keys(facts))
    if _access(facts) != "write" or not creates or facts.version is None:
        return None
    done = other.succeeds(facts.method, facts.arguments, facts.version)
    return None if done is None else []


def _end_session(other: Other, facts: Facts) -> list[Written] | None:
    """End the sessions of the program before its second call."""
    if not other.calls:
        return None
    sessions = other.tenant.sessions
    with other.tenant.lock:
        sessions.expire([session.token for session in sessions.values() if session.user == facts.user])
    return []


def _update_in_other_version(other: Other, facts: Facts) -> list[Written] | None:
    """Change the project of a write in the version that the program does not use for it."""
    keys = _written_keys(facts) if _kind(facts) == "Project" else []
    if not keys:
        return None
    if facts.version == 2:
        return _changed(other, "Project", keys[0])
    bundle = other.succeeds("GetProjects", {"RequestedProjects": keys[:1]}, 2)
    if not bundle:
        return None
    row = {**bundle["Projects"][0], "Notes": f"{bundle['Projects'][0]['Notes']} {MARK}".strip()}
    arguments = {"UpdatedProjects": [row], "UnchangedProjects": bundle}
    done = other.succeeds("UpdateProjects", arguments, 2)
    return None if done is None else [Written("Project", keys[0], "Notes", MARK)]


def _edit_timesheet(other: Other, facts: Facts) -> list[Written] | None:
    """Write a note to the last day of a timesheet that the program is about to write or submit."""
    keys = _written_keys(facts) if _kind(facts) == "Timesheet" else []
    read = other.succeeds("GetTimesheets", {"RequestedTimesheets": keys[:1]}, 2) if keys else None
    sheets = read["Timesheets"] if read else []
    rows = sheets[0]["Project"].get("Detail") if sheets else []
    if not rows:
        return None
    edit = {
        "TimesheetKey": keys[0],
        "UnchangedData": sheets[0]["UnchangedData"],
        "UpdatedProjects": [{"Timesheet Project Key": rows[0]["Timesheet Project Key"], "D7 Notes": MARK}],
    }
    done = other.succeeds("UpdateTimesheets", {"Timesheets": [edit]}, 2)
    return None if done is None else [Written("Timesheet", keys[0], "Projects", MARK)]


def _shift_page(other: Other, facts: Facts) -> list[Written] | None:
    """Delete a record of an earlier page of a list, before the program asks for the next page."""
    kind = _kind(facts)
    if facts.page < 2 or not facts.page_size or facts.method != f"List{RECORDS[kind].plural}":
        return None
    earlier = {"PageResults": True, "PageNumber": 1, "PageSize": facts.page_size * (facts.page - 1)}
    found = other.succeeds(facts.method, facts.arguments, facts.version or 1, **earlier)
    rows = found[RECORDS[kind].plural] if found else []
    keys = [row[RECORDS[kind].key.wire] for row in rows]
    return next((done for key in keys if (done := _deleted(other, kind, key)) is not None), None)


def _changed(other: Other, kind: str, key: int) -> list[Written] | None:
    member, row = changed_member(kind), other.read(kind, key)
    if member is None or row is None:
        return None
    done = other.writes(kind, {**row, member.wire: f"{row[member.wire]} {MARK}".strip()}, [row])
    return None if done is None else [Written(kind, key, member.name, MARK)]


def _deleted(other: Other, kind: str, key: int) -> list[Written] | None:
    delete, row = RECORDS[kind].delete, other.read(kind, key)
    if delete is None or row is None:
        return None
    done = other.writes(kind, {**row, delete.wire: True}, [row])
    return None if done is None else [Written(kind, key)]


def _access(facts: Facts) -> str:
    return METHODS[facts.method].access


def _kind(facts: Facts) -> str:
    return METHODS[facts.method].kind


def _keys(facts: Facts) -> list[int]:
    """Return the keys of its kind that a call names."""
    kind = _kind(facts)
    return list(dict.fromkeys(named(kind, facts.arguments, kind))) if kind else []


def _written_keys(facts: Facts) -> list[int]:
    """Return the keys of the existing records that a call writes."""
    return [key for key in _keys(facts) if key > 0] if _access(facts) == "write" else []


RACES: Sequence[Race] = (
    Race("update/update", "A colleague changes the record that the program is about to write.", _update),
    Race("update/delete", "A colleague deletes the record that the program is about to write.", _delete),
    Race("read/delete", "A colleague deletes a record that was listed, before the program reads it.", _delete_read),
    Race("write/read", "A colleague changes what the program has written, before it reads it back.", _update_read_back),
    Race("create/create", "A colleague creates the same record just before the program.", _create),
    Race("half a transaction", "A colleague changes the last of several records of one write.", _update_last),
    Race("session", "The session ends in the middle of the work.", _end_session),
    Race("versions", "A colleague changes the project through the other version of the API.", _update_in_other_version),
    Race("timesheet", "A colleague edits the timesheet that the program writes or submits.", _edit_timesheet),
    Race("pages", "A record disappears from the list while the program pages through it.", _shift_page),
)
"""The races, by what meets what."""
