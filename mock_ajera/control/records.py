"""The records of a tenant, read and written directly: to set up data for a test and to inspect the result.

Records have the format of a sample's files.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mock_ajera.api.families import RECORDS
from mock_ajera.control.action import BadRequest, ControlError, NotThere, action, bad_request_for
from mock_ajera.control.control import Control, shown_time
from mock_ajera.sample import files
from mock_ajera.sample.export import file_row
from mock_ajera.store import Row
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant

Record = Annotated[dict[str, Any], Meta(description="The record as a JSON object.", extra={"cli": "object"})]
Members = Annotated[
    dict[str, Any], Meta(description="The members to replace, as a JSON object.", extra={"cli": "object"})
]


class KindInfo(msgspec.Struct):
    """A kind of record and its number of records."""

    kind: str
    records: int


class RecordInfo(msgspec.Struct):
    """A record with its kind, key, version and stamp."""

    kind: str
    key: int
    version: int
    """How many times the record was written."""
    stamp: str
    record: dict[str, Any]


class RecordsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A page of records, by key."""

    after: Annotated[int, Meta(description="Return records after this key.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="Return at most this many.")] = 100


@action("records kinds", "GET", "/tenants/{tenant}/records", kept=True)
def kinds(control: Control, tenant: str) -> list[KindInfo]:
    """List the kinds of records and how many records each has."""
    tables = control.tenant(tenant).model.tables
    return [KindInfo(kind, len(tables[kind].entries)) for kind in RECORDS]


@action("records list", "GET", "/tenants/{tenant}/records/{kind}", kept=True)
def list_records(control: Control, tenant: str, kind: str, query: RecordsQuery) -> list[RecordInfo]:
    """List the records of a kind, by key."""
    found = control.tenant(tenant)
    _must_know(kind)
    with found.lock:
        keys = sorted(key for key in found.model.tables[kind].entries if key > query.after)[: query.limit]
        return [_info(found, row) for row in found.store.get_many(kind, keys)]


@action("records show", "GET", "/tenants/{tenant}/records/{kind}/{key}", kept=True)
def show(control: Control, tenant: str, kind: str, key: int) -> RecordInfo:
    """Show one record."""
    found = control.tenant(tenant)
    with found.lock:
        return _info(found, _row(found, kind, key))


@action("records put", "PUT", "/tenants/{tenant}/records/{kind}", kept=True)
def put(control: Control, tenant: str, kind: str, body: Record) -> RecordInfo:
    """Create a record, or replace the one with the same key."""
    found = control.tenant(tenant)
    _must_know(kind)
    with found.lock:
        with bad_request_for(files.BadSample):
            files.put(found, kind, body)
        return _info(found, _row(found, kind, body[RECORDS[kind].key.wire]))


@action("records change", "PATCH", "/tenants/{tenant}/records/{kind}/{key}", kept=True)
def change(control: Control, tenant: str, kind: str, key: int, body: Members) -> RecordInfo:
    """Replace members of a record.

    The other members keep their values. The record gets a new stamp, as if somebody else had written it.
    """
    if not body:
        raise BadRequest("no member is given")
    found = control.tenant(tenant)
    with found.lock:
        row = _row(found, kind, key)
        record = RECORDS[kind]
        if body.get(record.key.wire, key) != key:
            raise BadRequest(f"the key of {kind} {key} cannot be changed")
        before = file_row(found, kind, row)
        del before[record.stamp.wire if record.stamp else files.STAMP]
        with bad_request_for(files.BadSample):
            files.put(found, kind, before | body)
        return _info(found, _row(found, kind, key))


@action("records delete", "DELETE", "/tenants/{tenant}/records/{kind}/{key}", kept=True)
def delete(control: Control, tenant: str, kind: str, key: int) -> None:
    """Delete a record. A record that another record or an API user refers to cannot be deleted."""
    found = control.tenant(tenant)
    with found.lock:
        _row(found, kind, key)
        for referrer in referrers(found, kind, key):
            raise ControlError(f"{referrer.kind} {referrer.key} refers to {kind} {key} ({referrer.path})")
        with found.writing():
            found.remove(kind, key)


def _must_know(kind: str) -> None:
    if kind not in RECORDS:
        raise NotThere(files.no_such_kind(kind))


def _row(tenant: Tenant, kind: str, key: int) -> Row:
    _must_know(kind)
    row = tenant.row(kind, key)
    if row is None:
        raise NotThere(f"there is no {kind} {key}")
    return row


def _info(tenant: Tenant, row: Row) -> RecordInfo:
    return RecordInfo(row.kind, row.key, row.version, shown_time(row.stamp), file_row(tenant, row.kind, row))
