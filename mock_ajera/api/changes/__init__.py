"""The change engine, in three steps: read the changes of a request, plan each record, write the plans.

Only reading depends on the form of a request; ``version_1`` reads that of version 1. Planning checks rules and
conflicts. Writing changes the store.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mock_ajera.api import errors
from mock_ajera.api.changes.planning import Baseline, Change, Plan, Removal, Stored, plan
from mock_ajera.api.changes.writing import Removed, Saved, Written, write
from mock_ajera.api.context import BatchState, WriteContext
from mock_ajera.api.records import Record
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.references import Referrer
from mock_ajera.tenants.render_cache import EVERYBODY, Audience
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

__all__ = [
    "Baseline",
    "Change",
    "Outcome",
    "Removed",
    "Saved",
    "Stored",
    "nothing_to_update",
    "unknown_members",
    "update",
]


class Outcome(msgspec.Struct):
    """The result of an update."""

    written: list[Written] = []
    """In the order of the request."""
    refused: list[errors.AjeraError] = []
    notes: list[Reason] = []
    """What a client may not notice in the written records."""


def unknown_members(tenant: Tenant) -> str:
    """Return what a write does with members that do not exist: "refuse" or "ignore"."""
    return str(tenant.quirk("unknown_members"))


def nothing_to_update(at: str, rows: Sequence[object]) -> list[Reason]:
    """Return a note if the list of a request at ``at`` has no rows, so that the success has no effect."""
    if rows:
        return []
    relies_on("write.nothing-to-update")
    return [Reason(at, "nothing", "the list is empty, so nothing is written", "write.nothing-to-update")]


def update(
    record: Record,
    changes: Sequence[Change],
    tenant: Tenant,
    *,
    single: bool,
    unknown: str,
    audience: Audience = EVERYBODY,
) -> Outcome:
    """Plan each change separately, then write the valid plans; with ``single``, write all or none.

    ``unknown``: "refuse" or "ignore" members that do not exist. ``audience``: who writes. If ``single`` is set, raises
    the first refusal with the reasons of all.
    """
    view = TenantView(tenant, audience)
    batch = BatchState()
    plans: list[Plan] = []
    notes: list[Reason] = []
    refused: list[errors.AjeraError] = []
    defaulted: set[str] = set()
    for change in changes:
        context = WriteContext(view, tenant.quirk, unknown, batch=batch, all_rows=record.all_rows)
        try:
            planned = plan(record, change, context, tenant)
        except errors.AjeraError as error:
            refused.append(error)
        else:
            plans.append(planned)
            defaulted |= context.defaulted
            notes += context.notes
            if change is not changes[-1]:
                _note(record, planned, context)
    if refused:
        relies_on("write.refused-leaves-nothing")
    if single and refused:
        first = refused[0]
        first.reasons = tuple(reason for error in refused for reason in error.reasons)
        raise first
    for claim in sorted(defaulted):
        relies_on(claim)
    return Outcome(write(record, plans, tenant), refused, notes)


def _note(record: Record, planned: Plan, context: WriteContext) -> None:
    """Note a plan for the checks of the later records of the request."""
    batch, kind = context.batch, record.kind
    batch.keys.add((kind, planned.key))
    batch.texts |= context.texts
    if isinstance(planned, Removal):
        batch.removed.add((kind, planned.key))
        return
    for path, member, value in record.visit(planned.tree, only_keys=True):
        # Other kinds of records do not change in the same request.
        if member.refers_to == kind and value not in (None, planned.key):
            batch.references.setdefault((kind, value), Referrer(kind, planned.key, path))
