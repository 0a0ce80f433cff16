"""The named snapshots of a tenant, in the server's memory."""

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
    """The name of a snapshot. An existing snapshot of that name is replaced."""

    name: Name


class Restore(msgspec.Struct, forbid_unknown_fields=True):
    """The snapshot to restore."""

    snapshot: Name
    sessions: Sessions = "keep"


@action("snapshots list", "GET", "/tenants/{tenant}/snapshots")
def list_snapshots(control: Control, tenant: str) -> list[SnapshotInfo]:
    """List the snapshots of a tenant."""
    return [SnapshotInfo(name, len(taken.image)) for name, taken in control.tenant(tenant).snapshots.items()]


@action("snapshots take", "POST", "/tenants/{tenant}/snapshots")
def take(control: Control, tenant: str, body: NewSnapshot) -> SnapshotInfo:
    """Take a snapshot of the current state.

    It contains records, users, quirks and number sequences.
    """
    try:
        taken = control.tenant(tenant).snapshots.take(body.name)
    except LookupError as error:
        raise ControlError(str(error)) from None
    return SnapshotInfo(body.name, len(taken.image))


@action("snapshots restore", "POST", "/tenants/{tenant}/restore")
def restore(control: Control, tenant: str, body: Restore) -> SnapshotInfo:
    """Return to a snapshot.

    The journal is cleared. Sessions stay open by default, and the clock does not change.
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
