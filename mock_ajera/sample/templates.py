"""Tenants made from a sample. The sample is loaded once a day of the firm and forked: a new tenant costs about a
millisecond.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path

from mock_ajera.api.families import KINDS
from mock_ajera.sample.files import BadSample, Sample, fill, firm_of, read
from mock_ajera.store import SqliteStore, Store
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.tenant import Tenant

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
    read_sample = _read(sample_path(sample).resolve())
    firm = firm_of(read_sample)
    with _LOCK:
        template = _template(read_sample.path, firm.zone.local_date(clock.now()))
        tenant = template.fork(SqliteStore.in_memory() if store is None else store, seed=seed)
    tenant.clock = clock
    return tenant


def open_tenant(store: Store, *, seed: bytes) -> Tenant | None:
    """The tenant that a store holds, None when it is new."""
    return Tenant(store, KINDS, seed=seed) if store.note("tenant", "firm") is not None else None


def credentials(sample: str | Path) -> tuple[str, str] | None:
    """User name and password of a sample's first API user, None when it has none."""
    users = _read(sample_path(sample).resolve()).firm.get("ApiUsers") or []
    return (str(users[0]["Username"]), str(users[0]["Password"])) if users else None


def _read(path: Path) -> Sample:
    newest = max((file.stat().st_mtime_ns for file in path.glob("*.json")), default=0)
    return _read_once(path, newest)


@lru_cache(maxsize=8)
def _read_once(path: Path, newest: int) -> Sample:
    return read(path)


@lru_cache(maxsize=8)
def _template(path: Path, day: str) -> Tenant:
    sample = _read(path)
    tenant = Tenant(SqliteStore.in_memory(), KINDS, seed=b"template")
    midnight = firm_of(sample).zone.local_midnight(day)
    tenant.clock.freeze(datetime.fromtimestamp(midnight / 1000, UTC) + timedelta(hours=12))
    fill(tenant, sample)
    return tenant


__all__ = ["BadSample", "credentials", "new_tenant", "open_tenant", "sample_path"]
