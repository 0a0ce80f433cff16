"""Snapshots of a tenant, kept under names in the memory of the server."""

from __future__ import annotations

import msgspec

from mock_ajera.control.action import ControlError, action
from mock_ajera.control.control import Control
from mock_ajera.control.tenants import Name, Sessions, no_snapshot, snapshot_of


class SnapshotInfo(msgspec.Struct):
    """A snapshot."""

    name: str
    bytes: int


class NewSnapshot(msgspec.Struct, forbid_unknown_fields=True):
    """What a snapshot is called; one that has the name is replaced."""

    name: Name


class Restore(msgspec.Struct, forbid_unknown_fields=True):
    """Which state to go back to, and how."""

    snapshot: Name
    sessions: Sessions = "keep"


@action("snapshots list", "GET", "/tenants/{tenant}/snapshots")
def list_snapshots(control: Control, tenant: str) -> list[SnapshotInfo]:
    """Tell the snapshots of a tenant."""
    return [SnapshotInfo(name, len(taken.image)) for name, taken in control.tenant(tenant).snapshots.items()]


@action("snapshots take", "POST", "/tenants/{tenant}/snapshots")
def take(control: Control, tenant: str, body: NewSnapshot) -> SnapshotInfo:
    """Take a snapshot: records, users, quirks and numbers as they are now."""
    try:
        taken = control.tenant(tenant).snapshots.take(body.name)
    except LookupError as error:
        raise ControlError(str(error)) from None
    return SnapshotInfo(body.name, len(taken.image))


@action("snapshots restore", "POST", "/tenants/{tenant}/restore")
def restore(control: Control, tenant: str, body: Restore) -> SnapshotInfo:
    """Go back to a snapshot.

    Sessions stay open unless told otherwise, the clock stays as it is, and the journal is cleared.
    """
    found = control.tenant(tenant)
    taken = snapshot_of(found, body.snapshot)
    found.restore(taken, sessions=body.sessions == "keep")
    return SnapshotInfo(body.snapshot, len(taken.image))


@action("snapshots delete", "DELETE", "/tenants/{tenant}/snapshots/{snapshot}")
def delete(control: Control, tenant: str, snapshot: str) -> None:
    """Delete a snapshot."""
    found = control.tenant(tenant)
    try:
        found.snapshots.drop(snapshot)
    except LookupError:
        raise no_snapshot(found, snapshot) from None
