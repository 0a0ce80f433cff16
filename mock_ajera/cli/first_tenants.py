"""The initial tenants of ``mock-ajera serve``: the default one, and one for each folder in ``--tenants``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mock_ajera.api.faults.checking import add_rules
from mock_ajera.cli.log import Log
from mock_ajera.cli.output import progress
from mock_ajera.cli.serve_settings import ServeSettings
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import PASSWORD, USERNAME, credentials, new_tenant, open_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.directory import Directory, Taken
from mock_ajera.tenants.quirks import Layers
from mock_ajera.tenants.tenant import DEFAULT, Tenant


def empty_directory(settings: ServeSettings) -> Directory:
    """Return the directory for a server whose tenants are not loaded yet."""
    tenants = Directory(None if settings.seed is None else settings.seed.encode(), time_scale=settings.time_scale)
    tenants.ready.clear()
    return tenants


def fill(tenants: Directory, settings: ServeSettings, log: Log | None) -> None:
    """Load and admit the initial tenants, and mark the directory as ready. ``log`` logs each request.

    Raises ``BadSample``, ``StoreError`` and ``ValueError``.
    """
    if log is not None:
        tenants.journal.listeners.append(partial(log.entry, None))
        tenants.added = lambda tenant: tenant.journal.listeners.append(partial(log.entry, tenant))
    folders = _folders(settings.tenants)
    seed = tenants.seed_of(DEFAULT)
    sample = folders.pop(DEFAULT, settings.sample)
    with progress(sample) as seen:
        make = partial(new_tenant, sample, seed=seed, clock=settings.clock(), grown_from=settings.seed, seen=seen)
        first = make() if settings.data is None else _stored(settings.data, settings, seed, make)
    try:
        add_rules(first, settings.faults, resets=settings.engine != "granian")
    except ValueError:
        first.close()
        raise
    # The quirks in a file apply unless a profile is set explicitly.
    own = {} if settings.data is not None and settings.profile_chosen else first.own_quirks
    tenants.admit(first, DEFAULT, quirks=Layers(settings.profile_quirks, own, settings.asked_quirks))
    for name, folder in folders.items():
        made = new_tenant(folder, seed=tenants.seed_of(name), clock=settings.clock())
        try:
            layers = Layers(settings.profile_quirks, made.own_quirks, settings.asked_quirks)
            tenants.admit(made, name, quirks=layers)
        except Taken as error:
            raise ValueError(f"{settings.tenants}/{name}: {error}; set another Database in its firm.json") from None
    tenants.ready.set()


def _folders(given: str | None) -> dict[str, str | Path]:
    """Return the folders in ``--tenants`` by name. Raises ``BadSample``."""
    if given is None:
        return {}
    folder = Path(given)
    if not folder.is_dir():
        raise BadSample(f"{folder}: --tenants must be a folder that contains one folder per firm")
    found: dict[str, str | Path] = {each.name: each for each in sorted(folder.iterdir()) if each.is_dir()}
    if not found:
        raise BadSample(f"{folder}: --tenants has no folder for any firm")
    return found


def _stored(data: str, settings: ServeSettings, seed: bytes, make: Callable[..., Tenant]) -> Tenant:
    """Open the tenant in a file; ``make`` fills a new file."""
    store = SqliteStore.open(Path(data))
    try:
        stored = open_tenant(store, seed=seed)
        if stored is None:
            return make(store=store)
        if settings.frozen_at is not None:
            stored.clock = settings.clock()
    except BaseException:
        store.close()
        raise
    return stored


@contextmanager
def closing(tenants: Directory) -> Iterator[None]:
    """Close all tenants at the end of the context."""
    try:
        yield
    finally:
        for tenant in tenants:
            tenant.close()


def login(tenants: Directory, settings: ServeSettings) -> tuple[str, str]:
    """Return user name and password for the default tenant, each empty if unknown.

    The password is unknown for users that came from another sample: a file stores only hashes.
    """
    tenant = tenants.get(DEFAULT)
    if tenant is None:
        return "", ""
    sample: str | Path = _folders(settings.tenants).get(DEFAULT) or settings.sample
    name, password = credentials(sample) or (USERNAME, PASSWORD)
    if name in tenant.users and tenant.users[name].knows(password):
        return name, password
    return next(iter(tenant.users), ""), ""
