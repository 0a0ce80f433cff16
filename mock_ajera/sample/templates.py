"""Tenants from a sample. A sample is loaded once for each day of its firm and then copied, in about a millisecond."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mock_ajera.api.families import KINDS
from mock_ajera.sample import migration
from mock_ajera.sample.files import BadSample, Sample, complete, fill, firm_of, read
from mock_ajera.sample.own import store_records
from mock_ajera.spelling import suggestion
from mock_ajera.store import SqliteStore, Store
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.snapshots import Snapshot
from mock_ajera.tenants.tenant import Tenant

USERNAME, PASSWORD = "integrator", "Offline_4jera"
"""The documented, fake credentials of the sample firm."""

_LOCK = threading.Lock()
GROWN_FROM = "fennimore"
"""The default seed of a generated firm."""
LARGE = 2000
"""Maximum number of projects of a firm that is cached for copying; a larger copy would need too much memory."""


State = tuple[tuple[str, int], ...]
"""Names of files with their modification times."""


class Source(msgspec.Struct, frozen=True):
    """The source of a firm: a folder, unchanged or extended to a number of projects."""

    folder: Path
    state: State
    """Changes if a file is edited, added or removed."""
    projects: int | None = None
    seed: str = GROWN_FROM
    empty: bool = False
    """Whether to use only the firm and its API users, without records."""


def source(name: str | Path | int, seed: str | None = None) -> Source:
    """Return the source of a name: "sample", "empty", a folder, or a number of projects. Raises ``BadSample``."""
    text = str(name)
    projects = int(text) if text.isascii() and text.isdecimal() else None
    if projects == 0:
        raise BadSample("a firm has at least one project, not 0")
    empty = text == "empty"
    try:
        folder = sample_path("sample" if projects is not None or empty else text)
        # The files of the package do not change while it runs.
        state = () if folder == _shipped() else _state(folder)
    except ValueError:
        raise BadSample(f"{text!r} cannot be the name of a folder") from None
    if not state and not folder.is_dir():
        known = "a sample is sample, empty, a number of projects, or a folder with firm.json"
        raise BadSample(f"there is no folder {folder}{suggestion(text, ('sample', 'empty')) or f'; {known}'}")
    return Source(folder, state, projects, seed or GROWN_FROM, empty)


def is_large(sample: str | Path | int) -> bool:
    """Return whether a sample is a generated firm that is too large for a template in memory."""
    return (source(sample).projects or 0) > LARGE


def _state(folder: Path) -> State:
    try:
        with os.scandir(folder) as files:
            # pathlib takes ten times as long, and this runs for every tenant.
            return tuple(sorted((each.name, each.stat().st_mtime_ns) for each in files if each.name.endswith(".json")))
    except OSError:
        return ()


def sample_path(name: str | Path = "sample") -> Path:
    """Return the folder of a sample: the packaged one, or the user's."""
    return _shipped() if str(name) == "sample" else Path(name).resolve()


@cache
def _shipped() -> Path:
    shipped = Path(str(resources.files("mock_ajera"))) / "fixtures" / "sample"
    # In a checkout, fixtures/ is next to the package; in a wheel, inside it.
    return (shipped if shipped.is_dir() else Path(__file__).parents[2] / "fixtures" / "sample").resolve()


def sample_of(where: Source) -> Sample:
    """Return the sample of a source; a generated firm is created during iteration. Raises ``BadSample``."""
    base = _read(where.folder, where.state)
    if where.empty:
        return emptied(base)
    if where.projects is None:
        return base
    # A late import: faker is slow to import, and only generated firms need it.
    from mock_ajera.sample.generator import grow

    return grow(base, where.projects, where.seed)


def emptied(sample: Sample) -> Sample:
    """Return a firm without records and custom fields, with API users without an authorizing employee."""
    users = tuple(replace(user, AuthorizingEmployeeKey=None) for user in sample.firm.ApiUsers)
    firm = replace(sample.firm, CustomFields=(), ApiUsers=users, Numbers=msgspec.UNSET)
    return replace(sample, firm=firm, records={})


def new_tenant(
    sample: str | Path | int,
    *,
    seed: bytes,
    store: Store | None = None,
    clock: Clock | None = None,
    grown_from: str | None = None,
    seen: Callable[[str], object] | None = None,
    reads: bool = True,
) -> Tenant:
    """Return a tenant filled from a sample. Relative days count from the day of its clock.

    ``grown_from``: seed of a generated firm. ``seen``: called with the kind of each loaded record. ``reads``: whether
    the records are going to be read; if not, the read model of the tenant may be empty. Raises ``BadSample``.
    """
    clock = Clock() if clock is None else clock
    where = source(sample, grown_from)
    day = firm_of(_read(where.folder, where.state)).zone.local_date(clock.now())
    if (where.projects or 0) > LARGE or seen is not None:
        tenant = _filled(sample_of(where), day, seed=seed, store=store, seen=seen, reads=reads)
    else:
        with _LOCK:
            template = _template(where, day)
        tenant = Tenant.of(template, SqliteStore.in_memory() if store is None else store, seed=seed)
    tenant.clock = clock
    return tenant


def tenant_of(sample: Sample, *, seed: bytes, store: Store | None = None, clock: Clock | None = None) -> Tenant:
    """Return a tenant filled from files, whose relative days count from the day of its clock. Raises ``BadSample``."""
    clock = Clock() if clock is None else clock
    day = firm_of(sample).zone.local_date(clock.now())
    tenant = _filled(sample, day, seed=seed, store=store)
    tenant.clock = clock
    return tenant


def open_tenant(store: Store, *, seed: bytes) -> Tenant | None:
    """Return the tenant of a store, migrated to today's form; None if the store is new.

    Raises ``BadSample`` if the store is incomplete, and ``StoreUnreadable`` if it cannot be migrated.
    """
    if store.note("tenant", "firm") is None:
        if store.kinds():
            raise BadSample(f"{store.name} is incomplete: delete it to fill it again")
        return None
    migration.migrate(store)
    return Tenant(store, KINDS, seed=seed)


def credentials(sample: str | Path | int) -> tuple[str, str] | None:
    """Return user name and password of the first API user with a password, None if there is none."""
    where = source(sample)
    for user in _read(where.folder, where.state).firm.ApiUsers:
        if user.Password is not msgspec.UNSET:
            return user.Username, user.Password
    return None


@lru_cache(maxsize=8)
def _read(folder: Path, state: State) -> Sample:
    return read(folder, own=folder == _shipped())


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
    reads: bool = True,
) -> Tenant:
    store = SqliteStore.in_memory() if store is None else store
    try:
        model = store_records(store, sample, day, seen, reads=reads) if sample.own else None
        tenant = Tenant(store, KINDS, seed=seed, model=model)
        # A record without a stamp in its file was last modified at the start of the day, never in the future.
        midnight = firm_of(sample).zone.local_midnight(day)
        tenant.clock.freeze(datetime.fromtimestamp(midnight / 1000, UTC))
        if sample.own:
            complete(tenant, sample)
        else:
            fill(tenant, sample, seen)
        with tenant.lock, store.transaction():
            migration.stamp_schema(store)
    except BaseException:
        store.close()
        raise
    return tenant


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
