"""Criteria for the entries of a journal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import get_args

import msgspec

from mock_ajera.claims import ledger, no_such_claim
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.entry import Entry, Outcome
from mock_ajera.tenants.trace import Touched

__all__ = ["Criteria", "Known"]

Known = Mapping[str, Callable[[], Collection[str]]]
"""``method``, ``user``, ``record`` or ``fault`` -> returns the methods, API users, kinds of record or faults known."""

_NOUNS = {"method": "method", "user": "API user", "record": "kind of record", "fault": "fault"}
_NO_NAMES = ("?", "-")
"""The method of a request that could not be read, and the user of a request without a session."""


class Criteria(msgspec.Struct, frozen=True):
    """Criteria for entries. None matches every entry.

    Raises ``ValueError`` for an outcome or a claim that does not exist, and for a record or a time of another form: a
    test that expects no entry would pass.
    """

    method: str | None = None
    outcome: Outcome | None = None
    record: Touched | None = None
    """Kind and key, such as ``("Project", 1)``."""
    user: str | None = None
    claim: str | None = None
    """A claim that the answer relied on."""
    fault: str | None = None
    """The name of a fault that the request met. It may have been removed since."""
    since: datetime | None = None
    """Earliest time, with a time zone, by the tenant's clock."""
    until: datetime | None = None
    """Latest time, likewise."""
    after: int = 0
    """The number of an earlier entry."""

    def __post_init__(self) -> None:
        """Check what can be checked without a tenant."""
        if self.outcome not in (None, *get_args(Outcome)):
            raise ValueError(f"there is no outcome {self.outcome!r}; the outcomes are {', '.join(get_args(Outcome))}")
        if self.claim is not None and self.claim not in ledger():
            raise ValueError(no_such_claim(self.claim))
        if self.record is not None and not _is_record(self.record):
            raise ValueError(f'record must be kind and key, such as ("Project", 1), not {self.record!r}')
        for name, time in (("since", self.since), ("until", self.until)):
            if time is not None and (not isinstance(time, datetime) or time.tzinfo is None):
                raise ValueError(f"{name} must be a time with a time zone, such as ajera.clock.now_utc(), not {time!r}")

    def check_names(self, known: Known, entries: Iterable[Entry]) -> None:
        """Raise ``ValueError`` for a method, API user, kind or fault that does not exist and that no entry has."""
        kind = self.record and self.record[0]
        named = {"method": self.method, "user": self.user, "record": kind, "fault": self.fault}
        for criterion, name in named.items():
            names = known[criterion]() if name is not None and criterion in known else ()
            # A request that is no call has a path as its method.
            if name is None or not names or name in names or name in _NO_NAMES or "/" in name:
                continue
            if not any(name in _names(entry, criterion) for entry in entries):
                hint = suggestion(name, names) or ("" if criterion == "method" else f"; there are {', '.join(names)}")
                raise ValueError(f"there is no {_NOUNS[criterion]} {name!r}{hint}")

    def match(self, entry: Entry) -> bool:
        """Return whether an entry matches all criteria."""
        return (
            all(getattr(self, name) in (None, getattr(entry, name)) for name in ("method", "outcome", "user"))
            and (self.record is None or self.record in entry.records)
            and (self.claim is None or self.claim in entry.claims)
            and (self.fault is None or self.fault in entry.faults)
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time <= self.until)
            and entry.number > self.after
        )


def _is_record(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _names(entry: Entry, criterion: str) -> Collection[str]:
    if criterion == "fault":
        return entry.faults
    return [kind for kind, _ in entry.records] if criterion == "record" else [str(getattr(entry, criterion))]
