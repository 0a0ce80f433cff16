"""The snapshots of a tenant: named states that it can return to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from mock_ajera.tenants.model import Model

SNAPSHOTS = 100
"""Snapshots that a tenant keeps at most."""


class Snapshot(msgspec.Struct, frozen=True):
    """The state of a tenant at one moment."""

    image: bytes
    """The dump of its store."""
    model: Model


class Restorable(Protocol):
    """What ``Snapshots`` needs of a tenant."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while the state is read or replaced."""

    def snapshot(self) -> Snapshot:
        """Return the current state."""

    def restore(self, snapshot: Snapshot, *, sessions: bool) -> None:
        """Return to a snapshot."""


class Snapshots(Mapping[str, Snapshot]):
    """The snapshots of a tenant by name, in memory."""

    def __init__(self, tenant: Restorable) -> None:
        self._tenant = tenant
        self._by_name: dict[str, Snapshot] = {}

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
        self._tenant.restore(found, sessions=sessions)
        return found

    def drop(self, name: str) -> None:
        """Delete a snapshot. Raises ``LookupError`` for an unknown name."""
        with self._tenant.lock:
            self.find(name)
            self._by_name = {other: taken for other, taken in self._by_name.items() if other != name}

    def clear(self) -> None:
        """Delete all snapshots."""
        self._by_name = {}

    def __getitem__(self, name: str) -> Snapshot:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)
