"""Tenants made from a sample, which is loaded once a day of its firm and forked: that takes about a millisecond."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

import msgspec

from mock_ajera.api.families import KINDS
from mock_ajera.sample import migration
from mock_ajera.sample.files import BadSample, Sample, fill, firm_of, read
from mock_ajera.store import SqliteStore, Store
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.snapshots import Snapshot
from mock_ajera.tenants.tenant import Tenant

USERNAME, PASSWORD = "integrator", "Offline_4jera"
"""The credentials of the sample firm: fakes, documented, the same everywhere."""

_LOCK = threading.Lock()
GROWN_FROM = "fennimore"
"""The seed of a generated firm, where none is given."""
LARGE = 2000
"""Projects from which on a firm is not kept to be forked: the copy would cost more memory than the time is worth."""


State = tuple[tuple[str, int], ...]
"""Names of files, and when each was last written."""


@dataclass(frozen=True)
class Source:
    """Where a firm comes from: a folder, as it is or grown to a number of projects."""

    folder: Path
    state: State
    """What tells that a file was edited, added or taken away."""
    projects: int | None = None
    seed: str = GROWN_FROM
    empty: bool = False
    """Whether only the firm and its API users are taken, without records."""


def source(name: str | Path | int, seed: str | None = None) -> Source:
    """The source of a name: "sample", "empty", a folder of one's own, or a number of projects. Raises ``BadSample``."""
    text = str(name)
    projects = int(text) if text.isdecimal() else None
    if projects == 0:
        raise BadSample("a firm has at least one project, not 0")
    empty = text == "empty"
    folder = sample_path("sample" if projects is not None or empty else text)
    # The files of the package do not change while it runs.
    state = () if folder == _shipped() else _state(folder)
    return Source(folder, state, projects, seed or GROWN_FROM, empty)


def _state(folder: Path) -> State:
    try:
        with os.scandir(folder) as files:
            # Not by pathlib, which takes ten times as long: this is asked for with each tenant.
            return tuple(sorted((each.name, each.stat().st_mtime_ns) for each in files if each.name.endswith(".json")))
    except OSError:
        return ()


def sample_path(name: str | Path = "sample") -> Path:
    """The folder of a sample: the one of the package, or one's own."""
    return _shipped() if str(name) == "sample" else Path(name).resolve()


@cache
def _shipped() -> Path:
    shipped = Path(str(resources.files("mock_ajera"))) / "fixtures" / "sample"
    # A checkout has its fixtures beside the package, a wheel inside it.
    return (shipped if shipped.is_dir() else Path(__file__).parents[2] / "fixtures" / "sample").resolve()


def sample_of(where: Source) -> Sample:
    """The firm of a source, not loaded yet; a large one is made while it is walked over. Raises ``BadSample``."""
    base = _read(where.folder, where.state)
    if where.empty:
        return emptied(base)
    if where.projects is None:
        return base
    # Imported here: faker takes its time, and only who grows a firm needs it.
    from mock_ajera.sample.generator import grow

    return grow(base, where.projects, where.seed)


def emptied(sample: Sample) -> Sample:
    """A firm without records and custom fields, whose API users act for no employee."""
    users = tuple(msgspec.structs.replace(user, AuthorizingEmployeeKey=None) for user in sample.firm.ApiUsers)
    firm = msgspec.structs.replace(sample.firm, CustomFields=(), ApiUsers=users, Numbers=msgspec.UNSET)
    return replace(sample, firm=firm, records={})


def new_tenant(
    sample: str | Path | int,
    *,
    seed: bytes,
    store: Store | None = None,
    clock: Clock | None = None,
    grown_from: str | None = None,
    seen: Callable[[str], object] | None = None,
) -> Tenant:
    """A tenant filled from a sample, by its clock.

    ``grown_from``: seed of a generated firm. ``seen``: called with its kind for each record that is put. Raises
    ``BadSample``.
    """
    clock = Clock() if clock is None else clock
    where = source(sample, grown_from)
    day = firm_of(_read(where.folder, where.state)).zone.local_date(clock.now())
    if (where.projects or 0) > LARGE or seen is not None:
        tenant = _filled(sample_of(where), day, seed=seed, store=store, seen=seen)
    else:
        with _LOCK:
            template = _template(where, day)
        tenant = Tenant.of(template, SqliteStore.in_memory() if store is None else store, seed=seed)
    tenant.clock = clock
    return tenant


def tenant_of(sample: Sample, *, seed: bytes, store: Store | None = None, clock: Clock | None = None) -> Tenant:
    """A tenant filled from files that were read, by its clock. Raises ``BadSample``."""
    clock = Clock() if clock is None else clock
    day = firm_of(sample).zone.local_date(clock.now())
    tenant = _filled(sample, day, seed=seed, store=store)
    tenant.clock = clock
    return tenant


def open_tenant(store: Store, *, seed: bytes) -> Tenant | None:
    """The tenant that a store holds, in today's form; None when it is new.

    Raises ``BadSample`` when it was not filled to its end, and ``StoreUnreadable`` when it holds what has no place in
    today's form.
    """
    if store.note("tenant", "firm") is None:
        if store.kinds():
            raise BadSample("the file was not filled to its end: delete it, and it is filled anew")
        return None
    migration.migrate(store)
    return Tenant(store, KINDS, seed=seed)


def credentials(sample: str | Path | int) -> tuple[str, str] | None:
    """User name and password of a sample's first API user with a password, None when there is none."""
    where = source(sample)
    for user in _read(where.folder, where.state).firm.ApiUsers:
        if user.Password is not msgspec.UNSET:
            return user.Username, user.Password
    return None


@lru_cache(maxsize=8)
def _read(folder: Path, state: State) -> Sample:
    return read(folder)


@lru_cache(maxsize=8)
def _template(where: Source, day: str) -> Snapshot:
    with closing(_filled(sample_of(where), day, seed=b"template")) as tenant:
        return tenant.snapshot()


def _filled(
    sample: Sample,
    day: str,
    *,
    seed: bytes,
    store: Store | None = None,
    seen: Callable[[str], object] | None = None,
) -> Tenant:
    tenant = Tenant(SqliteStore.in_memory() if store is None else store, KINDS, seed=seed)
    try:
        _fill(tenant, sample, day, seen)
    except BaseException:
        tenant.close()
        raise
    return tenant


def _fill(tenant: Tenant, sample: Sample, day: str, seen: Callable[[str], object] | None) -> None:
    # A record whose file gives it no stamp was last modified when the day began: never in the future.
    midnight = firm_of(sample).zone.local_midnight(day)
    tenant.clock.freeze(datetime.fromtimestamp(midnight / 1000, UTC))
    fill(tenant, sample, seen)
    with tenant.lock, tenant.store.transaction():
        migration.stamp_schema(tenant.store)


__all__ = [
    "BadSample",
    "Source",
    "credentials",
    "emptied",
    "new_tenant",
    "open_tenant",
    "sample_of",
    "sample_path",
    "source",
    "tenant_of",
]
