"""The journal of a tenant, and what the answers of a server rested on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.control.action import BadRequest, NotThere, action
from mock_ajera.control.control import Control
from mock_ajera.tenants.journal import Reliance

_DIGITS = 20
"""Of the longest key that is looked for."""

Time = Annotated[datetime, Meta(tz=True, description="By the tenant's clock, ISO 8601 with an offset.")]
Lines = Annotated[str, Meta(description="JSON lines.", extra={"media": "application/x-ndjson"})]


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """Which entries: those that fit all that is said."""

    method: Annotated[str, Meta(description="Name of the method.", extra={"complete": "methods"})] | None = None
    outcome: Annotated[Literal["ok", "refused", "failed"], Meta(description="How it ended.")] | None = None
    record: Annotated[str, Meta(description="Kind and key, such as Project/1.")] | None = None
    user: Annotated[str, Meta(description="Name of the API user.")] | None = None
    claim: Annotated[str, Meta(description="Id of a claim that the answer rests on.")] | None = None
    since: Time | None = None
    until: Time | None = None
    after: Annotated[int, Meta(description="Number of an entry.")] = 0
    limit: Annotated[int, Meta(ge=1, description="The last so many.")] = 100


class ReasonInfo(msgspec.Struct):
    """Why something was refused."""

    path: str
    rule: str
    text: str
    claim: str


class EntryInfo(msgspec.Struct):
    """One request as the server saw it, without passwords and tokens."""

    columns: ClassVar[tuple[str, ...]] = ("number", "at", "version", "user", "outcome", "method", "message")
    number: int
    at: str
    """By the tenant's clock, UTC."""
    method: str
    user: str
    version: int | None
    outcome: str
    message: str
    reasons: list[ReasonInfo]
    claims: list[str]
    """Claims that the answer rests on."""
    records: list[str]
    request_id: str
    curl: str
    """A line for a shell that makes the request again, when token or password is put in."""


class RelianceInfo(msgspec.Struct):
    """A claim that answers rested on."""

    columns: ClassVar[tuple[str, ...]] = ("answers", "claim", "says")
    claim: str
    grade: str
    answers: int
    methods: dict[str, int]
    says: str
    source: str


class Grades(msgspec.Struct, forbid_unknown_fields=True):
    """Of which grade."""

    grade: Annotated[
        Literal["documented", "observed", "inferred", "all"], Meta(description="How the claims are known.")
    ] = "inferred"


@action("journal list", "GET", "/tenants/{tenant}/journal")
def list_entries(control: Control, tenant: str, query: Asked) -> list[EntryInfo]:
    """Tell the requests to a tenant, oldest first."""
    found = control.tenant(tenant).journal.where(
        query.method,
        outcome=query.outcome,
        record=None if query.record is None else _record(query.record),
        user=query.user,
        claim=query.claim,
        since=query.since,
        until=query.until,
        after=query.after,
    )
    return [_entry(each.to_dict()) for each in found[-query.limit :]]


@action("journal show", "GET", "/tenants/{tenant}/journal/{number}")
def show(control: Control, tenant: str, number: int) -> EntryInfo:
    """Tell one request in full."""
    found = control.tenant(tenant).journal.where(after=number - 1)
    if not found or found[0].number != number:
        raise NotThere(f"the journal has no entry {number}")
    return _entry(found[0].to_dict())


@action("journal export", "GET", "/tenants/{tenant}/journal.jsonl")
def export(control: Control, tenant: str) -> Lines:
    """Tell all requests to a tenant as JSON lines."""
    return control.tenant(tenant).journal.jsonl()


@action("journal clear", "DELETE", "/tenants/{tenant}/journal")
def clear(control: Control, tenant: str) -> None:
    """Forget the requests to a tenant. What answers rested on stays counted."""
    control.tenant(tenant).journal.clear()


@action("reliance", "GET", "/reliance")
def reliance(control: Control, query: Grades) -> list[RelianceInfo]:
    """Tell the behaviours that all answers since the start rested on: by default those that are inferred.

    A client that works here and leans on an inferred behaviour may not work with a real Ajera.
    """
    grades = () if query.grade == "all" else (query.grade,)
    return [reliance_info(each) for each in control.tenants.reliance(*grades)]


def reliance_info(reliance: Reliance) -> RelianceInfo:
    """A reliance as it is told."""
    claim = reliance.known
    return RelianceInfo(claim.id, str(claim.grade), reliance.answers, reliance.methods, claim.says, claim.source)


def _entry(values: dict[str, Any]) -> EntryInfo:
    return msgspec.convert(values, EntryInfo)


def _record(text: str) -> tuple[str, int]:
    kind, slash, key = text.partition("/")
    if not slash or not key.isdecimal() or len(key) > _DIGITS:
        raise BadRequest(f"a record is named by kind and key, such as Project/1, not {text!r}")
    return kind, int(key)
