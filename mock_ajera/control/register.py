"""The register of actions. Importing it declares them all."""

from mock_ajera.control import (
    claims,
    clock,
    faults,
    journal,
    quirks,
    records,
    server,
    sessions,
    snapshots,
    tenants,
    users,
)
from mock_ajera.control.action import ACTIONS

__all__ = ["ACTIONS"]

_MODULES = (server, tenants, snapshots, users, sessions, clock, quirks, faults, records, journal, claims)
