"""The snapshots of a tenant: named states, and the baseline that a reset returns to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from mock_ajera.store import Store
from mock_ajera.tenants.model import Model

BASELINE_LIMIT = 64 * 1024 * 1024
"""Bytes. A larger tenant has no baseline: it would double the memory that the tenant needs."""
SNAPSHOTS = 100
"""Snapshots that a tenant keeps at most."""


@dataclass(frozen=True)
class Snapshot:
    """The state of a tenant at one moment."""

    image: bytes
    """The dump of its store."""
    model: Model


class Restorable(Protocol):
    """What ``Snapshots`` needs of a tenant."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while the state is read or replaced."""

    @property
    def store(self) -> Store:
        """Where the state is."""

    def snapshot(self) -> Snapshot:
        """Return the current state."""

    def restore(self, snapshot: Snapshot, *, sessions: bool, added_users: bool) -> None:
        """Return to a snapshot."""


class Snapshots(Mapping[str, Snapshot]):
    """The snapshots of a tenant by name, in memory."""

    def __init__(self, tenant: Restorable) -> None:
        self._tenant = tenant
        self._by_name: dict[str, Snapshot] = {}
        self._baseline: Snapshot | None = None

    def take(self, name: str) -> Snapshot:
        """Take a snapshot under a name, and replace the one that has it. Raises ``LookupError`` when full."""
        with self._tenant.lock:
            if name not in self._by_name and len(self._by_name) >= SNAPSHOTS:
                raise LookupError(f"{SNAPSHOTS} snapshots are kept already: delete one first")
            taken = self._tenant.snapshot()
            # A new mapping: an iteration over the old one needs no lock.
            self._by_name = {**self._by_name, name: taken}
        return taken

    def find(self, name: str) -> Snapshot:
        """Return the snapshot of a name. Raises ``LookupError``, with the names that exist."""
        known = self._by_name
        if name not in known:
            raise LookupError(f"there is no snapshot {name!r}; there are {', '.join(sorted(known)) or 'none'}")
        return known[name]

    def restore(self, name: str, *, sessions: bool = True) -> Snapshot:
        """Return to a snapshot (see ``Tenant.restore``). Raises ``LookupError`` for an unknown name."""
        found = self.find(name)
        self._tenant.restore(found, sessions=sessions, added_users=False)
        return found

    def drop(self, name: str) -> None:
        """Delete a snapshot. Raises ``LookupError`` for an unknown name."""
        with self._tenant.lock:
            self.find(name)
            self._by_name = {other: taken for other, taken in self._by_name.items() if other != name}

    def clear(self) -> None:
        """Delete all snapshots and the baseline."""
        self._by_name, self._baseline = {}, None

    def save_baseline(self) -> None:
        """Make the current state the baseline, unless it exceeds ``BASELINE_LIMIT``."""
        with self._tenant.lock:
            fits = self._tenant.store.size() <= BASELINE_LIMIT
            self._baseline = self._tenant.snapshot() if fits else None

    def reset(self, *, sessions: bool = True) -> None:
        """Return to the baseline.

        With ``sessions``, open sessions stay open and API users that were added since are kept, so that a service
        under test stays logged in. Users of the baseline are restored. Raises ``LookupError`` without a baseline.
        """
        with self._tenant.lock:
            if self._baseline is None:
                size = self._tenant.store.size()
                text = f"the firm is too large for a baseline ({size} bytes): take a snapshot and restore that instead"
                raise LookupError(text)
            self._tenant.restore(self._baseline, sessions=sessions, added_users=sessions)

    def __getitem__(self, name: str) -> Snapshot:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
