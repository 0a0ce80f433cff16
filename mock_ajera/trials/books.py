"""The books of a tenant in a form that two runs of a program can be compared by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from mock_ajera import codec
from mock_ajera.api.families import RECORDS
from mock_ajera.api.families.timesheets.members import LocalTime
from mock_ajera.api.fields import Key, RowRef
from mock_ajera.api.member import Member
from mock_ajera.tenants.tenant import Tenant

_NAMES = ("Description", "Name", "LastName", "Number", "ID", "TimesheetDate")
"""The members by which people know a record, the first that it has."""
_PHASE = "PhaseKey"
"""Refers to a row of a project, although timesheets declare it as a whole number."""
_NEW = "new"
"""Stands for the key of a new record: runs number them differently."""
_NOW = "now"
"""Stands for the time at which something was done: runs do it at different times."""

Place = tuple[str, int]
"""Kind and key of a record."""


class Written(NamedTuple):
    """What somebody else has written to a record: a text in one of its members, or its deletion, without a member."""

    kind: str
    key: int
    member: str = ""
    text: str = ""
    """A text that is in the member then."""

    @property
    def is_deletion(self) -> bool:
        """Whether the record was deleted."""
        return not self.member


@dataclass(frozen=True, slots=True)
class Item:
    """A record as it was written: its kind, its key if it was there before, the name that people know, and its text."""

    kind: str
    key: int | None
    name: str
    text: bytes

    def __str__(self) -> str:
        known = f" {self.key}" if self.key is not None else ""
        return f"{self.kind}{known} {self.name!r}" if self.name else f"{self.kind}{known}"


@dataclass(frozen=True)
class Changes:
    """What a run of a program has done to the books."""

    items: Counter[Item]
    """The records that were created or changed, as they are now."""
    deleted: frozenset[Place]

    def __bool__(self) -> bool:
        """Return whether anything was done."""
        return bool(self.items or self.deleted)

    def copies_beyond(self, other: Changes) -> list[Item]:
        """Return the records that were created more often than in another run, by kind and name."""
        known = Counter((item.kind, item.name) for item in other.items.elements() if item.key is None)
        found = []
        for item in self.items.elements():
            if item.key is None and (item.kind, item.name) in known:
                known[item.kind, item.name] -= 1
                if known[item.kind, item.name] < 0:
                    found.append(item)
        return found

    def lacking(self, other: Changes) -> list[str]:
        """Return what another run has done and this one has not, as text."""
        missing = [str(item) for item in (other.items - self.items).elements()]
        return missing + [f"{kind} {key} (deletion)" for kind, key in sorted(other.deleted - self.deleted)]


class Books:
    """The records of a tenant at a moment."""

    def __init__(self, tenant: Tenant) -> None:
        with tenant.lock:
            self._numbers = tenant.store.numbers()
            self._bodies = {(row.kind, row.key): row.body for row in tenant.store.rows()}

    def changes_until(self, later: Books, ignoring: Collection[Written] = ()) -> Changes:
        """Return what was done to these books until later ones. ``ignoring``: what somebody else has written."""
        ignored: dict[Place, set[str]] = {}
        for each in ignoring:
            ignored.setdefault((each.kind, each.key), set()).add(each.member)
        items = Counter(
            later._item(place, self, ignored.get(place, set()))
            for place, body in later._bodies.items()
            if body != self._bodies.get(place) and self._differs(place, body, ignored.get(place, set()))
        )
        gone = self._bodies.keys() - later._bodies.keys()
        return Changes(items, frozenset(place for place in gone if place not in ignored))

    def _differs(self, place: Place, body: str, ignored: set[str]) -> bool:
        """Return whether a body that was changed differs by more than what somebody else has written."""
        if place not in self._bodies or not ignored:
            return True
        before, after = _decoded(self._bodies[place]), _decoded(body)
        return "" not in ignored and any(after[name] != before.get(name) for name in after if name not in ignored)

    def lacks(self, written: Written) -> bool:
        """Return whether the record is there, but not what was written to it."""
        body = self._bodies.get((written.kind, written.key))
        return body is not None and written.text not in str(_decoded(body).get(written.member, written.text))

    def _item(self, place: Place, before: Books, ignored: set[str]) -> Item:
        kind, key = place
        body = {name: value for name, value in _decoded(self._bodies[place]).items() if name not in ignored}
        name = next((str(body[each]) for each in _NAMES if body.get(each)), "")
        record = RECORDS[kind]
        known = record.map(record.nest(body), before._comparable)
        return Item(kind, key if place in before._bodies else None, name, codec.encode(known))

    def _comparable(self, member: Member, value: Any) -> Any:
        """Return a value of a later record, with ``_NEW`` for a key that these books do not have, and ``_NOW``."""
        if isinstance(member, LocalTime):
            return None if value is None else _NOW
        if type(value) is not int:
            return value
        if isinstance(member, Key) and not member.refers_to:
            return value if value <= self._numbers.get(member.sequence, 0) else _NEW
        if isinstance(member, RowRef) or member.name == _PHASE:
            return value if value <= self._numbers["Project"] else _NEW
        if member.refers_to:
            return value if (member.refers_to, value) in self._bodies else _NEW
        return value


def _decoded(text: str) -> dict[str, Any]:
    body: Any = codec.decode_stored(text)
    return dict(body)
