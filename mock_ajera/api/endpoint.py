"""The endpoint: the steps from a request to its answer.

Each step is one function. A step refuses a request by raising an ``AjeraError``; ``answer`` turns it into an envelope
and notes the reasons in the journal. ``Request`` and ``Response`` keep this module independent of HTTP and Flask.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from math import ceil
from typing import Any

import msgspec

from mock_ajera.api import envelope, errors, headers, reading, redact, sessions
from mock_ajera.api.address import Tenants, check_open, find_tenant, note_path
from mock_ajera.api.authorize import authorize
from mock_ajera.api.body import (
    TOP_LEVEL,
    ignored_in_login,
    ignored_members,
    ignored_paging,
    load_arguments,
    method_name,
    read,
    read_paging,
    rely_on_ignored_members,
)
from mock_ajera.api.envelope import Envelope
from mock_ajera.api.faults import AffectedCall, Delivery, Unanswered, affected, silent_content
from mock_ajera.api.member_case import respelled
from mock_ajera.api.methods import Answer, Call, Operation, Paging
from mock_ajera.api.reasons import hinted
from mock_ajera.store import StoreError
from mock_ajera.tenants.journal import Entry, Outcome, Reason
from mock_ajera.tenants.quirks import profile_values
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import Trace, relies_on, tracing

_METHOD_LIMIT = 80
"""Maximum characters of a method name in the journal; the longest real name has 28."""
_NO_TENANT = profile_values("observed")
"""Quirks for an answer without a tenant."""
_KNOWN = {name: TOP_LEVEL | form.members.keys() for name, form in sessions.FORMS.items()}
"""Session method -> the members of its requests; for all other methods ``TOP_LEVEL``."""
logger = logging.getLogger("mock_ajera")


class Request(msgspec.Struct, frozen=True):
    """The parts of an HTTP request that the endpoint uses."""

    query: str
    """The raw query string."""
    body: bytes | None
    """None if the body is larger than the limit."""
    cookie: str | None
    api_root: str
    """URL before the path of the endpoint, for APIURL; ends with a slash."""
    length: int | None = None
    """Content-Length, in bytes."""
    limit: int = reading.LIMIT
    """Maximum size of a body, in bytes."""
    charset: str = ""
    """The charset of Content-Type."""
    path: str = "/AjeraAPI.ashx"
    request_id: str = ""
    explain: bool = False
    """Whether the response headers list the claims that the answer relies on."""
    setup: bool = False
    """Whether this is a setup call of a test; its claims are not counted."""
    verb: str = "POST"


class Response(msgspec.Struct):
    """An answer. Its HTTP status is always 200 (claim ``endpoint.failure-is-http-200``)."""

    body: bytes
    headers: dict[str, str] = {}
    cookie: str | None = None
    delivery: Delivery | None = None
    """How the answer is sent, if the call met a fault."""


class RequestState(msgspec.Struct):
    """The state of a request. Each step adds to it."""

    request: Request
    trace: Trace = msgspec.field(default_factory=Trace)
    body: bytes | None = None
    """The body as JSON, without secrets."""
    method: str = "?"
    user: str = "-"
    version: int | None = None
    token: str = ""
    """The token of the session."""
    paging: Paging | None = None
    cookie: str | None = None
    quirks: Mapping[str, Any] | None = None
    """Quirks at the time the lock was acquired; later changes do not affect the answer."""
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    failure: Exception | None = None
    """The internal error, if any."""
    affected: AffectedCall | None = None
    """The call with its faults, if it meets any."""
    is_unanswered: bool = False
    """Whether a fault keeps the call from being handled."""
    began: float = msgspec.field(default_factory=lambda: time.perf_counter())  # looked up late: a test may freeze it

    @property
    def outcome(self) -> Outcome:
        """How the request ended."""
        if self.failure is not None or self.is_unanswered:
            return "failed"
        return "refused" if self.reasons else "ok"

    def entry(self, at: int, message: str, answer: bytes | None = None) -> Entry:
        """Return the journal entry. ``at``: UTC milliseconds. ``message``: the value of ``Message`` in the answer."""
        request = self.request
        return Entry(
            number=0,
            at=at,
            method=self.method[:_METHOD_LIMIT],
            user=self.user,
            version=self.version,
            outcome=self.outcome,
            message=message,
            reasons=self.reasons,
            claims=tuple(self.trace.claims),
            records=tuple(self.trace.records),
            url=redact.journal_url(f"{request.api_root.rstrip('/')}{request.path}?{request.query}"),
            body=self.body,
            size=len(request.body or b"") or request.length or 0,
            request_id=request.request_id,
            notes=self.notes,
            answer=None if answer is None else redact.journal_answer(answer, self.token),
            milliseconds=ceil((time.perf_counter() - self.began) * 1000),
            verb=request.verb,
            faults=() if self.affected is None else tuple(self.affected.names),
        )


def answer(request: Request, tenants: Tenants) -> Response:
    """Answer a request and note it in the journal. Internal errors are answered, too, never raised."""
    state = RequestState(request)
    with tracing(state.trace):
        try:
            tenant = find_tenant(request.query, tenants)
        except errors.AjeraError as error:
            refusal = envelope.of_refusal(error, tenants.usage_key(), _NO_TENANT)
            state.reasons = error.reasons
            _peek(state)
            tenants.note(state.entry(0, refusal.message, refusal.body))
            return Response(refusal.body, headers.why(error.reasons))
        result = _handled(lambda: _process(state, tenant), state, tenant)
        if state.affected is not None:
            result = _handled(partial(state.affected.end, result), state, tenant)
        entry = state.entry(tenant.clock.now(), result.message, result.body)
        # A call that met a fault is no evidence for anything.
        tenant.journal.note(entry, state.failure, counted=not request.setup and not entry.faults)
        explained = headers.explanation(entry) if request.explain else {}
        answered = Response(
            result.body, headers.why(entry.reasons, entry.notes, entry.faults) | explained, state.cookie
        )
        if state.affected is not None:
            state.affected.delay_answer()
            answered.delivery = state.affected.delivery
        return answered


def _handled(step: Callable[[], Envelope], state: RequestState, tenant: Tenant) -> Envelope:
    """Return the envelope of a step, or that of its refusal. Internal errors are answered, too."""
    try:
        return step()
    except errors.AjeraError as error:
        return _refuse(state, tenant, error)
    except Unanswered:
        state.is_unanswered = True
        return Envelope("not handled", b"")
    except StoreError as error:
        logger.error("%s failed: %s", state.method, error)  # noqa: TRY400 - the message is a sentence for the user
        state.failure = error
        return _refuse(state, tenant, errors.ServerFailure.caused_by(error))
    except Exception as error:
        logger.exception("%s failed", state.method)
        state.failure = error
        return _refuse(state, tenant, errors.ServerFailure.caused_by(error))


def note_refusal(request: Request, tenants: Tenants, message: str, reason: Reason) -> None:
    """Note a request that HTTP refuses, with ``message`` as its status: in the tenant of its id, if it has one."""
    state = RequestState(request, method=f"{request.verb} {request.path}", reasons=(reason,))
    state.trace.claims[reason.claim] = None
    with tracing(Trace()):
        try:
            tenant = find_tenant(request.query, tenants)
        except errors.AjeraError:
            tenants.note(state.entry(0, message))
            return
    tenant.journal.note(state.entry(tenant.clock.now(), message), counted=False)


def _peek(state: RequestState) -> None:
    """Read the method of a request to no tenant, as far as it can be read."""
    request = state.request
    with tracing(Trace()), suppress(errors.AjeraError):
        raw = read(request.body, request.length, request.limit, request.charset)
        state.body = redact.journal_body(raw, len(request.body or b""))
        state.method = method_name(raw)


def _process(state: RequestState, tenant: Tenant) -> Envelope:
    request = state.request
    note_path(request.path, tenant)
    # A large body in the lenient dialect is slow to read, so it is read before the lock is acquired.
    raw = read(request.body, request.length, request.limit, request.charset)
    state.body = redact.journal_body(raw, len(request.body or b""))
    raw = respelled(raw, tenant)
    state.method = method_name(raw)
    if tenant.faults and not request.setup:
        state.affected = affected(state.method, raw, request.cookie, tenant)
        if state.affected is not None:
            if state.affected.token:
                # The call may never be authenticated.
                state.user, state.version = state.affected.facts.user, state.affected.facts.version
            state.affected.begin()
    with tenant.lock:
        state.quirks = tenant.quirks
        check_open(tenant)
        result = _perform(state, raw, tenant) if state.affected is None else _perform_affected(state, raw, tenant)
        usage_key = tenant.usage_key()
    state.reasons = hinted(reason for error in result.refused for reason in error.reasons)
    state.notes += tuple(result.notes)
    return envelope.of_answer(result, state.method, state.paging, usage_key, state.quirks)


def _perform(state: RequestState, raw: Mapping[str, Any], tenant: Tenant) -> Answer:
    known = _KNOWN.get(state.method, TOP_LEVEL)
    if state.method == "CreateAPISession":
        state.notes = tuple(ignored_in_login(raw, known))
        done = log_in(state, raw, tenant)
        rely_on_ignored_members(raw, known)
        return done
    state.notes = tuple(ignored_members(raw, known))
    session = authenticate(state, raw, tenant)
    if state.method == "EndAPISession":
        rely_on_ignored_members(raw, known)
        return Answer(sessions.end(tenant, session))
    method = authorize(state.method, session, tenant)
    if method is None:
        return Answer({})
    operation = method.versions[session.version]
    state.notes = tuple(ignored_members(raw, known, operation.arguments.by_wire))
    arguments = load_arguments(method, session.version, raw, tenant, len(state.request.body or b""))
    state.paging = read_paging(method, raw)
    note_claims(operation)
    rely_on_ignored_members(raw, known)
    done = operation.handle(Call(tenant, session, arguments, state.paging))
    done.notes = [*ignored_paging(method, raw), *done.notes]
    if method.access != "write":
        done.notes = [*operation.ignored_arguments(raw["MethodArguments"], paged=method.paged), *done.notes]
    return done


def _perform_affected(state: RequestState, raw: Mapping[str, Any], tenant: Tenant) -> Answer:
    """Perform a call that meets a fault which changes how often it is performed."""
    assert state.affected is not None
    if state.affected.is_silent:
        authorize(state.method, authenticate(state, raw, tenant), tenant)
        return Answer(silent_content(state.method))
    if state.affected.is_twice:
        with suppress(errors.AjeraError):
            _perform(state, raw, tenant)
    return _perform(state, raw, tenant)


def _refuse(state: RequestState, tenant: Tenant, error: errors.AjeraError) -> Envelope:
    state.reasons, state.cookie = hinted(error.reasons), None
    with tenant.lock:
        usage_key = tenant.usage_key()
        quirks = tenant.quirks if state.quirks is None else state.quirks
    return envelope.of_refusal(error, usage_key, quirks)


def log_in(state: RequestState, raw: Mapping[str, Any], tenant: Tenant) -> Answer:
    """Create a session. Raises ``InvalidData`` and ``UnableToAuthenticate``."""
    session, content, cookie = sessions.create(tenant, raw, state.request.api_root)
    state.user, state.version, state.token = session.user, session.version, session.token
    state.cookie = session.token if cookie else None
    return Answer(content)


def authenticate(state: RequestState, raw: Mapping[str, Any], tenant: Tenant) -> Session:
    """Return the session of the token, which is in the body or the cookie. Raises ``InvalidSession``."""
    token, cookie = raw.get("SessionToken"), state.request.cookie
    if cookie:
        relies_on("session.token-before-cookie" if token else "session.cookie")
    session = sessions.find(tenant, token or cookie)
    state.user, state.version, state.token = session.user, session.version, session.token
    return session


def note_claims(operation: Operation) -> None:
    """Note the claims that an operation exists."""
    relies_on(operation.claim)
    for guess in operation.guesses:
        relies_on(guess.claim)
