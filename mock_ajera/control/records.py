"""The records of a tenant, read and written past the API: to set a scene, and to look at what became of it.

A record has the form that it has in the files of a sample.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mock_ajera.api.families import RECORDS
from mock_ajera.control.action import BadRequest, ControlError, NotThere, action
from mock_ajera.control.control import Control, shown_time
from mock_ajera.sample import files
from mock_ajera.sample.export import file_row
from mock_ajera.store import Row
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant

Record = Annotated[dict[str, Any], Meta(description="The record by member.", extra={"cli": "object"})]


class KindInfo(msgspec.Struct):
    """A kind of record."""

    kind: str
    records: int


class RecordInfo(msgspec.Struct):
    """A record with what it is stored under."""

    kind: str
    key: int
    version: int
    """1 when first put, one more at each write."""
    stamp: str
    record: dict[str, Any]


class Page(msgspec.Struct, forbid_unknown_fields=True):
    """Which records: those behind a key, as many as asked for."""

    after: Annotated[int, Meta(description="Key behind which the page begins.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="Records at most.")] = 100


@action("records kinds", "GET", "/tenants/{tenant}/records", kept=True)
def kinds(control: Control, tenant: str) -> list[KindInfo]:
    """Tell every kind of record, and how many there are."""
    tables = control.tenant(tenant).model.tables
    return [KindInfo(kind, len(tables[kind].entries)) for kind in RECORDS]


@action("records list", "GET", "/tenants/{tenant}/records/{kind}", kept=True)
def list_records(control: Control, tenant: str, kind: str, query: Page) -> list[RecordInfo]:
    """Tell the records of a kind by key."""
    found = control.tenant(tenant)
    _must_know(kind)
    with found.lock:
        keys = sorted(key for key in found.model.tables[kind].entries if key > query.after)[: query.limit]
        return [_info(found, row) for row in found.store.get_many(kind, keys)]


@action("records show", "GET", "/tenants/{tenant}/records/{kind}/{key}", kept=True)
def show(control: Control, tenant: str, kind: str, key: int) -> RecordInfo:
    """Tell one record."""
    found = control.tenant(tenant)
    with found.lock:
        return _info(found, _row(found, kind, key))


@action("records put", "PUT", "/tenants/{tenant}/records/{kind}", kept=True)
def put(control: Control, tenant: str, kind: str, body: Record) -> RecordInfo:
    """Put a record: new, or in place of the one with its key."""
    found = control.tenant(tenant)
    _must_know(kind)
    with found.lock:
        try:
            files.put(found, kind, body)
        except files.BadSample as error:
            raise BadRequest(str(error)) from None
        return _info(found, _row(found, kind, body[RECORDS[kind].key.wire]))


@action("records delete", "DELETE", "/tenants/{tenant}/records/{kind}/{key}", kept=True)
def delete(control: Control, tenant: str, kind: str, key: int) -> None:
    """Delete a record to which no other one refers."""
    found = control.tenant(tenant)
    with found.lock:
        _row(found, kind, key)
        for referrer in referrers(found, kind, key):
            raise ControlError(f"{referrer.kind} {referrer.key} refers to {kind} {key} ({referrer.path})")
        with found.writing():
            found.remove(kind, key)


def _must_know(kind: str) -> None:
    if kind not in RECORDS:
        raise NotThere(f"there is no kind {kind!r}; there are {', '.join(RECORDS)}")


def _row(tenant: Tenant, kind: str, key: int) -> Row:
    _must_know(kind)
    row = tenant.row(kind, key)
    if row is None:
        raise NotThere(f"there is no {kind} {key}")
    return row


def _info(tenant: Tenant, row: Row) -> RecordInfo:
    return RecordInfo(row.kind, row.key, row.version, shown_time(row.stamp), file_row(tenant, row.kind, row))
