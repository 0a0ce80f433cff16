"""The journal of a tenant, and the claims that responses relied on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.control.action import BadRequest, NotThere, action, bad_request_for
from mock_ajera.control.control import Control
from mock_ajera.tenants.journal import Journal, Reliance

_DIGITS = 20
"""Most digits of a key in a query."""

_CLOCK = "on the tenant's clock, in ISO 8601 with an offset, such as 2026-03-09T08:00:00Z"
Since = Annotated[datetime, Meta(tz=True, description=f"Earliest time of a request, {_CLOCK}.")]
Until = Annotated[datetime, Meta(tz=True, description=f"Latest time of a request, {_CLOCK}.")]
Lines = Annotated[str, Meta(description="JSON lines.", extra={"media": "application/x-ndjson"})]


class JournalQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Filters of the journal, combined with AND."""

    method: Annotated[str, Meta(description="Only calls of this method.", extra={"complete": "methods"})] | None = None
    outcome: (
        Annotated[Literal["ok", "refused", "failed"], Meta(description="Only requests with this outcome.")] | None
    ) = None
    record: (
        Annotated[str, Meta(description="Only requests about this record: kind and key, such as Project/1.")] | None
    ) = None
    user: Annotated[str, Meta(description="Only requests of this API user.")] | None = None
    claim: Annotated[str, Meta(description="Only requests whose response relied on this claim.")] | None = None
    fault: Annotated[str, Meta(description="Only requests that met the fault with this name.")] | None = None
    since: Since | None = None
    until: Until | None = None
    after: Annotated[int, Meta(description="Only entries after this number.")] = 0
    limit: Annotated[int, Meta(ge=1, description="Return at most this many, newest last.")] = 100


class ReasonInfo(msgspec.Struct):
    """A reason for a refusal."""

    path: str
    rule: str
    text: str
    claim: str


class EntryInfo(msgspec.Struct):
    """One request, without passwords and tokens."""

    columns: ClassVar[tuple[str, ...]] = ("number", "at", "version", "user", "outcome", "method", "message")
    number: int
    at: str
    """Time on the tenant's clock, in UTC."""
    method: str
    user: str
    version: int | None
    outcome: str
    message: str
    reasons: list[ReasonInfo]
    notes: list[ReasonInfo]
    """What a client may not notice in a response, such as a filter that was ignored."""
    claims: list[str]
    """Ids of the claims that the response relied on."""
    faults: list[str]
    """Names of the faults that the request met."""
    records: list[str]
    request_id: str
    milliseconds: int
    """How long the server took to answer, rounded up."""
    request: str | None
    """The request as JSON text, without password and token. Null if it is unreadable or larger than 32 KB."""
    answer: str | None
    """The response as JSON text, without token. Null if it is larger than 32 KB."""
    curl: str
    """A line for a POSIX shell that logs in, with the password in `AJERA_API_PASSWORD`, and repeats the request."""


class RelianceInfo(msgspec.Struct):
    """A claim that responses relied on."""

    columns: ClassVar[tuple[str, ...]] = ("answers", "claim", "says")
    claim: str
    grade: str
    answers: int
    methods: dict[str, int]
    says: str
    source: str


class RelianceQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Filter of the claims relied on."""

    grade: Annotated[
        Literal["documented", "observed", "inferred", "all"], Meta(description="Only claims of this grade.")
    ] = "inferred"


@action("journal list", "GET", "/tenants/{tenant}/journal")
def list_entries(control: Control, tenant: str, query: JournalQuery) -> list[EntryInfo]:
    """List the requests to a tenant, oldest first."""
    return _found(control.tenant(tenant).journal, query)


@action("server journal", "GET", "/journal")
def list_entries_of_server(control: Control, query: JournalQuery) -> list[EntryInfo]:
    """List the refused requests that reached no tenant, oldest first.

    The URL had no id, an unknown id or a wrong path, or the request was not a POST. If the server has just one tenant,
    that tenant's journal lists them too.
    """
    return _found(control.tenants.journal, query)


@action("journal show", "GET", "/tenants/{tenant}/journal/{number}")
def show(control: Control, tenant: str, number: int) -> EntryInfo:
    """Show one request in full."""
    found = control.tenant(tenant).journal.where(after=number - 1)
    if not found or found[0].number != number:
        raise NotThere(f"the journal has no entry {number}")
    return _entry(found[0].to_dict())


@action("journal export", "GET", "/tenants/{tenant}/journal.jsonl")
def export(control: Control, tenant: str) -> Lines:
    """Export all requests to a tenant as JSON lines."""
    return control.tenant(tenant).journal.jsonl()


@action("journal clear", "DELETE", "/tenants/{tenant}/journal")
def clear(control: Control, tenant: str) -> None:
    """Delete a tenant's journal entries. The counts of claims relied on are kept."""
    control.tenant(tenant).journal.clear()


@action("reliance", "GET", "/reliance")
def reliance(control: Control, query: RelianceQuery) -> list[RelianceInfo]:
    """List the claims that the server's responses relied on.

    The counts cover all tenants since the server started. By default, only inferred claims are listed. A client that
    relies on an inferred claim may fail against a real Ajera.
    """
    grades = () if query.grade == "all" else (query.grade,)
    return [reliance_info(each) for each in control.tenants.reliance(*grades)]


def reliance_info(reliance: Reliance) -> RelianceInfo:
    """Return a reliance as the control surface shows it."""
    claim = reliance.known
    return RelianceInfo(claim.id, str(claim.grade), reliance.answers, reliance.methods, claim.says, claim.source)


def _found(journal: Journal, query: JournalQuery) -> list[EntryInfo]:
    with bad_request_for(ValueError):
        found = journal.where(
            query.method,
            outcome=query.outcome,
            record=None if query.record is None else _record(query.record),
            user=query.user,
            claim=query.claim,
            fault=query.fault,
            since=query.since,
            until=query.until,
            after=query.after,
        )
    return [_entry(each.to_dict()) for each in found[-query.limit :]]


def _entry(values: dict[str, Any]) -> EntryInfo:
    return msgspec.convert(values, EntryInfo)


def _record(text: str) -> tuple[str, int]:
    kind, slash, key = text.partition("/")
    if not slash or not key.isdecimal() or len(key) > _DIGITS:
        raise BadRequest(f"{text!r} is not a record: give kind and key, such as Project/1")
    return kind, int(key)
