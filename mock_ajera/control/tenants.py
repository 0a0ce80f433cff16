"""Tenants: list, create, fork, delete, reset, export and import."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.api.database_id import hosted, on_premise
from mock_ajera.control.action import BadRequest, ControlError, NotThere, action
from mock_ajera.control.control import Control, shown_time
from mock_ajera.sample.export import exported
from mock_ajera.sample.files import BadSample, read_files
from mock_ajera.sample.templates import is_large, new_tenant, tenant_of
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.directory import DatabaseIds, Taken
from mock_ajera.tenants.quirks import Layers, profile_values
from mock_ajera.tenants.snapshots import Snapshot
from mock_ajera.tenants.tenant import DEFAULT, Tenant

Name = Annotated[
    str,
    Meta(
        # In Python, $ also matches before a newline at the end.
        pattern=r"^[a-z0-9][a-z0-9._-]{0,59}(?!\n)$",
        description="Lowercase letters, digits, dots, dashes and underscores.",
    ),
]
Files = Annotated[
    dict[str, Any],
    Meta(description="Files of a firm: firm.json, projects.json and so on, by name.", extra={"cli": "folder"}),
]
Sessions = Annotated[
    Literal["keep", "drop"],
    Meta(description="Whether open sessions are kept. On a reset, drop also removes added users."),
]


class TenantInfo(msgspec.Struct):
    """A tenant: one Ajera database."""

    columns: ClassVar[tuple[str, ...]] = ("name", "database_name", "client_id", "database_id", "records", "company")
    name: str
    url: str
    """API URL in the form of the hosted service."""
    url_on_premise: str
    company: str
    database_name: str
    client_id: int
    database_id: int
    records: int
    sessions: int
    now: str
    frozen: bool
    snapshots: list[str]
    requests: int
    """Number of requests in the journal."""


class Ids(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The name of a tenant and the ids of its database. A missing one is assigned."""

    name: Name | None = None
    database_name: Annotated[str, Meta(min_length=1, description="DatabaseName of the URL's id.")] | None = None
    client_id: Annotated[int, Meta(ge=0, lt=2**31, description="ClientID of the URL's id.")] | None = None
    database_id: Annotated[int, Meta(ge=0, lt=2**31, description="DatabaseID of the URL's id.")] | None = None
    seed: Annotated[str, Meta(description="Seed for reproducible tokens and usage keys.")] | None = None


class NewTenant(Ids, forbid_unknown_fields=True, kw_only=True):
    """The source and the settings of a new tenant."""

    sample: Annotated[
        str | int, Meta(description="sample, empty, a number of projects, or the name of one of your firms.")
    ] = "sample"
    files: Files | None = None
    snapshot: Annotated[str, Meta(description="Snapshot to copy, as TENANT/SNAPSHOT.")] | None = None
    profile: (
        Annotated[Literal["observed", "documented"], Meta(description="Profile that replaces the server's.")] | None
    ) = None
    quirks: Annotated[
        dict[str, Any],
        Meta(description="Quirks that override the profile.", extra={"cli": "pairs", "complete": "quirks"}),
    ] = {}
    freeze: (
        Annotated[
            datetime,
            Meta(
                tz=True,
                description="Time at which to freeze the clock, in ISO 8601 with an offset, such as "
                "2026-03-09T08:00:00Z. Default: that of the server.",
            ),
        ]
        | None
    ) = None


class Reset(msgspec.Struct, forbid_unknown_fields=True):
    """Options of a reset."""

    sessions: Sessions = "keep"


@action("tenants list", "GET", "/tenants")
def list_tenants(control: Control) -> list[TenantInfo]:
    """List all tenants."""
    return [_info(control, tenant) for tenant in control.tenants]


@action("tenants show", "GET", "/tenants/{tenant}")
def show(control: Control, tenant: str) -> TenantInfo:
    """Show one tenant."""
    return _info(control, control.tenant(tenant))


@action("tenants create", "POST", "/tenants")
def create(control: Control, body: NewTenant) -> TenantInfo:
    """Create a tenant from a sample, files or a snapshot.

    A sample can be the sample firm, an empty firm, a number of generated projects, or one of your firms. The tenant has
    the server's profile, quirks and frozen time unless the request sets others; a tenant from a snapshot has those of
    the snapshot. The creation of a large firm ends if its caller closes the connection.
    """
    if (body.files is not None) + (body.snapshot is not None) + (body.sample != "sample") > 1:
        raise BadRequest("sample, files and snapshot exclude each other: give one")
    name = body.name or control.tenants.free_name()
    seed = control.tenants.seed_of(name, body.seed)
    clock = Clock()
    freeze = body.freeze or control.freeze
    try:
        if freeze is not None:
            clock.freeze(freeze)
        if body.snapshot is not None:
            made = Tenant.of(_snapshot(control, body.snapshot), SqliteStore.in_memory(), seed=seed)
            if body.freeze is not None:
                made.clock = clock
            quirks = Layers(asked=body.quirks)
        else:
            if body.files is not None:
                made = tenant_of(read_files(body.files, "files"), seed=seed, clock=clock)
            else:
                sample = control.sample(body.sample)
                seen = partial(_go_on, control) if is_large(sample) else None
                made = new_tenant(sample, seed=seed, clock=clock, grown_from=body.seed, seen=seen)
            if body.profile is None:
                quirks = Layers(control.quirks, made.own_quirks, body.quirks)
            else:
                # A profile that the request names applies in full, whatever the files of the firm set.
                quirks = Layers(profile_values(body.profile), asked=body.quirks)
        return _admit(control, made, name, body, quirks)
    except (BadSample, ValueError) as error:
        raise BadRequest(str(error)) from None


def _go_on(control: Control, kind: str) -> None:
    """Raise ``ControlError`` if nobody waits for the action any more."""
    if control.gone():
        raise ControlError("the caller has closed the connection")


@action("tenants fork", "POST", "/tenants/{tenant}/fork")
def fork(control: Control, tenant: str, body: Ids) -> TenantInfo:
    """Create a copy of a tenant.

    Records, users, quirks, number sequences and the clock are copied, sessions are not. Later changes to one tenant do
    not affect the other.
    """
    name = body.name or control.tenants.free_name()
    twin = control.tenant(tenant).fork(SqliteStore.in_memory(), seed=control.tenants.seed_of(name, body.seed))
    return _admit(control, twin, name, body)


@action("tenants delete", "DELETE", "/tenants/{tenant}")
def delete(control: Control, tenant: str) -> None:
    """Delete a tenant. The default tenant cannot be deleted."""
    found = control.tenant(tenant)
    if tenant == DEFAULT:
        raise ControlError("the default tenant cannot be deleted: the server's URL points to it")
    try:
        control.tenants.remove(tenant)
    except KeyError:
        raise NotThere(f"there is no tenant {tenant!r}") from None
    found.close()


@action("tenants reset", "POST", "/tenants/{tenant}/reset")
def reset(control: Control, tenant: str, body: Reset) -> TenantInfo:
    """Return a tenant to its initial state.

    Records, the original API users, quirks and number sequences are reset, and the journal is cleared. Sessions and API
    users that were added later are kept by default; ``drop`` removes both. The clock does not change.
    """
    found = control.tenant(tenant)
    found.reset(sessions=body.sessions == "keep")
    return _info(control, found)


@action("tenants export", "GET", "/tenants/{tenant}/files", kept=True)
def export(control: Control, tenant: str) -> Files:
    """Export a tenant as the files of a firm.

    The files can be served (``serve --sample``), imported, or used to create a tenant. They contain password hashes.
    """
    found = control.tenant(tenant)
    with found.lock:
        return exported(found)


@action("tenants import", "PUT", "/tenants/{tenant}/files", kept=True)
def import_files(control: Control, tenant: str, body: Files) -> TenantInfo:
    """Replace a tenant's contents with a firm from files.

    The tenant keeps its ids and its clock. Sessions of users that the files contain stay open.
    """
    found = control.tenant(tenant)
    try:
        scratch = tenant_of(read_files(body, "files"), seed=b"import", clock=Clock.from_text(found.clock.to_text()))
    except BadSample as error:
        raise BadRequest(str(error)) from None
    try:
        found.restore(scratch.snapshot())
    finally:
        scratch.close()
    return _info(control, found)


def _admit(control: Control, made: Tenant, name: str, ids: Ids, quirks: Layers | None = None) -> TenantInfo:
    """Serve a tenant. Raises ``ControlError`` for a name or id in use, and ``ValueError`` for a quirk."""
    chosen = DatabaseIds(ids.database_name, ids.client_id, ids.database_id)
    try:
        control.tenants.admit(made, name, quirks=quirks, ids=chosen)
    except Taken as error:
        raise ControlError(str(error)) from None
    return _info(control, made)


def _snapshot(control: Control, named: str) -> Snapshot:
    tenant, slash, name = named.partition("/")
    if not slash:
        raise BadRequest(f"a snapshot must be TENANT/SNAPSHOT, not {named!r}")
    return snapshot_of(control.tenant(tenant), name)


def snapshot_of(tenant: Tenant, name: str) -> Snapshot:
    """Return a snapshot of a tenant by its name. Raises ``NotThere``."""
    try:
        return tenant.snapshots[name]
    except KeyError:
        raise no_snapshot(tenant, name) from None


def no_snapshot(tenant: Tenant, name: str) -> NotThere:
    """Return the refusal of a snapshot that does not exist."""
    there = ", ".join(tenant.snapshots) or "none"
    return NotThere(f"the tenant {tenant.name} has no snapshot {name!r}; its snapshots are {there}")


def _info(control: Control, tenant: Tenant) -> TenantInfo:
    with tenant.lock:
        firm, database = tenant.firm, tenant.firm.database
        return TenantInfo(
            name=tenant.name,
            url=f"{control.root}/{hosted(database)}",
            url_on_premise=f"{control.root}/{on_premise(database)}",
            company=firm.company_name,
            database_name=database.name,
            client_id=database.client_id,
            database_id=database.database_id,
            records=sum(len(table.entries) for table in tenant.model.tables.values()),
            sessions=len(tenant.sessions),
            now=shown_time(tenant.clock.now()),
            frozen=tenant.clock.frozen,
            snapshots=list(tenant.snapshots),
            requests=len(tenant.journal),
        )
