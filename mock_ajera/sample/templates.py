"""Tenants made from a sample, which is loaded once a day of its firm and forked: that takes about a millisecond."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path

from mock_ajera.api.families import KINDS
from mock_ajera.sample.files import BadSample, Sample, fill, firm_of, read
from mock_ajera.store import SqliteStore, Store
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.tenant import Snapshot, Tenant

_LOCK = threading.Lock()


def sample_path(name: str | Path = "sample") -> Path:
    """The folder of a sample: the one of the package, or one's own."""
    if str(name) != "sample":
        return Path(name)
    shipped = Path(str(resources.files("mock_ajera"))) / "fixtures" / "sample"
    # A checkout has its fixtures beside the package, a wheel inside it.
    return shipped if shipped.is_dir() else Path(__file__).resolve().parents[2] / "fixtures" / "sample"


def new_tenant(sample: str | Path, *, seed: bytes, store: Store | None = None, clock: Clock | None = None) -> Tenant:
    """A tenant filled from a sample, by its clock. Raises ``BadSample``."""
    clock = Clock() if clock is None else clock
    folder = sample_path(sample).resolve()
    state = _state(folder)
    with _LOCK:
        day = firm_of(_read(folder, state)).zone.local_date(clock.now())
        template = _template(folder, state, day)
    tenant = Tenant.of(template, SqliteStore.in_memory() if store is None else store, seed=seed)
    tenant.clock = clock
    return tenant


def open_tenant(store: Store, *, seed: bytes) -> Tenant | None:
    """The tenant that a store holds, None when it is new."""
    return Tenant(store, KINDS, seed=seed) if store.note("tenant", "firm") is not None else None


def credentials(sample: str | Path) -> tuple[str, str] | None:
    """User name and password of a sample's first API user, None when it has none."""
    folder = sample_path(sample).resolve()
    users = _read(folder, _state(folder)).firm.ApiUsers
    return (users[0].Username, users[0].Password) if users else None


def _state(folder: Path) -> tuple[int, ...]:
    """What tells that a file was edited, added or taken away."""
    return tuple(file.stat().st_mtime_ns for file in sorted(folder.glob("*.json")))


@lru_cache(maxsize=8)
def _read(folder: Path, state: tuple[int, ...]) -> Sample:
    return read(folder)


@lru_cache(maxsize=8)
def _template(folder: Path, state: tuple[int, ...], day: str) -> Snapshot:
    sample = _read(folder, state)
    with closing(Tenant(SqliteStore.in_memory(), KINDS, seed=b"template")) as tenant:
        midnight = firm_of(sample).zone.local_midnight(day)
        # A record whose file gives it no stamp was last modified when the day began: never in the future.
        tenant.clock.freeze(datetime.fromtimestamp(midnight / 1000, UTC))
        fill(tenant, sample)
        return tenant.snapshot()


__all__ = ["BadSample", "credentials", "new_tenant", "open_tenant", "sample_path"]
