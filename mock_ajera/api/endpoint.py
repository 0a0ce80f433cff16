"""The one route, as a short chain: tenant, read, authenticate, authorise, dispatch, answer.

Each step is one function with one reason to refuse. A refusal is an ``AjeraError``; ``answer`` turns it into the
failing envelope and notes the reasons in the journal. The HTTP layer is behind ``Request`` and ``Response``: nothing
here knows Flask.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, takewhile
from typing import Any, Protocol
from urllib.parse import quote

from mock_ajera.api import database_id, envelope, errors, reading, sessions
from mock_ajera.api import fields as f
from mock_ajera.api.families import METHODS
from mock_ajera.api.loading import load
from mock_ajera.api.methods import Answer, Call, Method, Paging
from mock_ajera.api.records import Schema
from mock_ajera.api.unserved import UNSERVED
from mock_ajera.claims import ledger
from mock_ajera.codec import encode
from mock_ajera.tenants.journal import BODY_LIMIT, Entry, Outcome, Reason
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import Trace, relies_on, tracing

RESOURCE = "AjeraAPI.ashx"
WHY_HEADER = "Mock-Ajera-Why"
"""Stands on every answer that refuses something."""
CLAIMS_HEADER, ENTRY_HEADER = "Mock-Ajera-Claims", "Mock-Ajera-Entry"
"""Stand on an answer whose request asks for them: the claims that it rests on, and its number in the journal."""
_HEADER_LIMIT = 4000
"""Characters of such a header's value: some clients take no more than 8 KB of headers."""
_METHOD_LIMIT = 80
"""Characters of a method's name in the journal; the longest one that exists has 28."""
_PRINTED = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_LOG = logging.getLogger("mock_ajera")


class Tenants(Protocol):
    """Where tenants are found."""

    def find(self, name: database_id.Name) -> Tenant | None: ...

    def names(self) -> list[str]: ...

    def usage_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What of an HTTP request matters."""

    query: str
    """Everything behind the question mark, as it came."""
    body: bytes | None
    """None when it is larger than what is read."""
    cookie: str | None
    api_root: str
    """URL that the path of the endpoint is put behind, for APIURL; ends with a slash."""
    length: int | None = None
    """Bytes of the body, as the client says."""
    path: str = "/AjeraAPI.ashx"
    request_id: str = ""
    explain: bool = False
    """Whether the answer shall say in headers what it rests on."""
    setup: bool = False
    """Whether a test set its scene with it: what it rests on is not what the tested program leans on."""


@dataclass(slots=True)
class Response:
    """An answer; always HTTP status 200 (claim ``endpoint.failure-is-http-200``)."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str | None = None


@dataclass(slots=True)
class RequestState:
    """What is known of a request by the time that it is answered or refused."""

    method: str = "?"
    user: str = "-"
    version: int | None = None
    cookie: str | None = None
    paging: Paging | None = None
    body: bytes | None = None
    """What was read, without secrets."""
    trace: Trace = field(default_factory=Trace)
    quirks: Mapping[str, Any] | None = None
    """Those in force when the request had its turn: an answer is of one moment, whatever is set meanwhile."""


class PagingMembers(Schema):
    """What stands beside Method to ask for one page of a list."""

    unreadable = "paging.bad-page-refused"
    PageResults = f.Flag()
    PageNumber = f.Whole(at_least=1, outside=unreadable, need="write")
    PageSize = f.Whole(at_least=1, outside=unreadable, need="write")


_PAGING = PagingMembers()
_TOP_LEVEL = frozenset({"Method", "SessionToken", "MethodArguments", *_PAGING.members})


def answer(request: Request, tenants: Tenants) -> Response:
    """Answer a request. Nothing but a fault of ours raises, and even that is answered."""
    trail = RequestState()
    with tracing(trail.trace):
        try:
            tenant = find_tenant(request, tenants)
            _look_at_path(request, tenant)
        except errors.AjeraError as error:
            failing = _failing(error, tenants.usage_key(), generic=False)
            return Response(failing, {WHY_HEADER: _in_header(map(str, error.reasons))})
        return _answer(request, tenant, trail)


def _answer(request: Request, tenant: Tenant, trail: RequestState) -> Response:
    failure: Exception | None = None
    try:
        # A big body in the lenient dialect takes its time: it is read before the tenant is held.
        raw = read(request)
        trail.body = _without_secrets(raw, request)
        trail.method = method_name(raw)
        with tenant.lock:
            quirks = trail.quirks = tenant.quirks
            if tenant.closed:
                raise errors.UnknownDatabase(Reason("URL", "id", "the tenant was deleted", "endpoint.unknown-id"))
            found = _serve(request, raw, tenant, trail)
            usage_key = tenant.usage_key()
        refused = list(found.refused)
        code = 0 if refused else envelope.success_code(quirks["success_code"], trail.method)
        said = _said(refused, quirks)
        message = said[0][1] if said else envelope.SUCCESS
        items = envelope.items(said, quirks["generic_error_item"])
        body = envelope.envelope(code, message, items, found.content, usage_key, trail.paging, found.pages)
        reasons = tuple(reason for error in refused for reason in error.reasons)
        entry = _note(tenant, request, trail, "refused" if refused else "ok", message, reasons)
        return Response(body, _headers(entry, request), trail.cookie)
    except errors.AjeraError as error:
        outcome: Outcome = "refused"
        refusal = error
    except Exception as error:  # noqa: BLE001 - no request stops the server, and no traceback reaches a client
        _LOG.exception("%s failed", trail.method)
        reason = Reason("", type(error).__name__, "a fault inside the server; see its log", errors.ServerFailure.claim)
        outcome = "failed"
        refusal = errors.ServerFailure(reason)
        failure = error
    with tenant.lock:
        usage_key = tenant.usage_key()
        quirks = tenant.quirks if trail.quirks is None else trail.quirks
    said = _said([refusal], quirks)
    body = _failing(refusal, usage_key, said=said, generic=quirks["generic_error_item"])
    entry = _note(tenant, request, trail, outcome, said[0][1], refusal.reasons, failure)
    return Response(body, _headers(entry, request))


def find_tenant(request: Request, tenants: Tenants) -> Tenant:
    """The tenant that the id of the URL names. Raises ``UnknownDatabase``."""
    try:
        name = database_id.decode(request.query)
    except ValueError as error:
        raise errors.UnknownDatabase(Reason("URL", "id", str(error), "endpoint.unknown-id")) from None
    tenant = tenants.find(name)
    if tenant is None:
        text = f"there is no database {name}; there are {', '.join(tenants.names()[:5]) or 'none'}"
        raise errors.UnknownDatabase(Reason("URL", "id", text, "endpoint.unknown-id"))
    return tenant


def _look_at_path(request: Request, tenant: Tenant) -> None:
    """Note what the path takes for granted beyond the printed one."""
    prefix, _, resource = request.path.rpartition("/")
    if resource != RESOURCE:
        relies_on("endpoint.path-any-case")
    if prefix not in ("", f"/V{tenant.firm.database.client_id:06d}"):
        relies_on("endpoint.any-path-prefix")


def _serve(request: Request, raw: Mapping[str, Any], tenant: Tenant, trail: RequestState) -> Answer:
    if trail.method == "CreateAPISession":
        session, content, cookie = sessions.create(tenant, raw, request.api_root)
        trail.user, trail.version = session.user, session.version
        trail.cookie = session.token if cookie else None
        return Answer(content)
    if request.cookie and not raw.get("SessionToken"):
        relies_on("session.cookie")
    session = sessions.find(tenant, raw.get("SessionToken") or request.cookie)
    trail.user, trail.version = session.user, session.version
    if trail.method == "EndAPISession":
        return Answer(sessions.end(tenant, session))
    method = authorise(trail.method, session, tenant)
    if method is None:
        return Answer({})
    arguments = load_arguments(method, raw, tenant)
    trail.paging = read_paging(raw) if method.paged else None
    relies_on(method.claim)
    if session.version == 2 and method.version_2 is not None:
        relies_on(method.version_2)
    if any(name not in _TOP_LEVEL for name in raw):
        relies_on("reading.unknown-top-level-ignored")
    return method.handle(Call(tenant, session, arguments, trail.paging))


def read(request: Request) -> Mapping[str, Any]:
    """The body as an object. Raises ``UnreadableRequest``."""
    try:
        if request.body is None:
            raise reading.too_large(request.length)
        return reading.read(request.body)
    except reading.Unreadable as error:
        # What stands near the fault may be a password: the place has to do.
        text = str(error).partition(", near ")[0].partition(", found ")[0]
        raise errors.UnreadableRequest(Reason("", error.reason, text, error.claim)) from None


def method_name(raw: Mapping[str, Any]) -> str:
    """The Method of a body. Raises ``InvalidData``."""
    name = raw.get("Method")
    if not isinstance(name, str) or not name:
        raise errors.InvalidData(Reason("Method", "required", "a text is required", "reading.missing-method-refused"))
    return name


def authorise(name: str, session: Session, tenant: Tenant) -> Method | None:
    """The method, if it exists in the session's version and the user may call it.

    None is the silent success that some instances give for a name that they do not know. Raises
    ``UnauthorizedMethod`` and ``OtherVersion``.
    """
    method = METHODS.get(name)
    served = method.versions if method is not None else ()
    if method is not None and method.version_2 is not None and tenant.quirk("version_2_lists") == "refuse":
        served = (1,)
    unserved = UNSERVED.get(name, ())
    if method is None or session.version not in served:
        if session.version in unserved:
            raise _unauthorized(name, f"exists in Ajera and is not served here in version {session.version}")
        if versions := (*served, *unserved):
            claim = "session.method-of-other-version" + ("" if session.version == 1 else "-mirrored")
            raise errors.OtherVersion(
                Reason("Method", "version", f"a session of version {versions[0]} is needed", claim),
                method=name,
                version=session.version,
                other=versions[0],
            )
        if tenant.quirk("unknown_method") == "empty":
            relies_on("errors.unknown-method-empty")
            return None
        raise _unauthorized(name, "does not exist")
    user = tenant.users[session.user]
    if method.needs_employee and user.authorizing_employee is None:
        text = f"{session.user} has no authorizing employee"
        raise errors.UnauthorizedMethod(
            Reason("Method", "permission", text, "permission.account-groups-need-employee"), method=name
        )
    if not user.may(name, method.access):
        box = f"{method.permission} under Can {method.access.capitalize()}"
        raise errors.UnauthorizedMethod(
            Reason("Method", "permission", f"{session.user} does not have {box}", "permission.box-per-method"),
            method=name,
        )
    return method


def _unauthorized(name: str, what: str) -> errors.UnauthorizedMethod:
    reason = Reason("Method", "unknown-method", f"{name!r:.80} {what}", "permission.unauthorized-method")
    return errors.UnauthorizedMethod(reason, method=name)


def load_arguments(method: Method, raw: Mapping[str, Any], tenant: Tenant) -> dict[str, Any]:
    """The checked arguments. Raises ``InvalidData``."""
    arguments = raw.get("MethodArguments")
    if not isinstance(arguments, Mapping):
        missing = "MethodArguments" not in raw
        claim = "reading.missing-arguments-refused" if missing else "reading.null-arguments-refused"
        raise errors.InvalidData(Reason("MethodArguments", "required", "an object is required", claim))
    if method.access == "write" and tenant.quirk("content_wrapper") == "accept":
        wrapped = arguments.get("Content")
        if isinstance(wrapped, Mapping):
            relies_on("write.content-wrapper")
            arguments = wrapped
    # A misspelt UseSingleTransaction must not write half: an Update has no arguments that are ignored.
    return method.load(arguments, "refuse" if method.access == "write" else tenant.quirk("unknown_arguments"))


def read_paging(raw: Mapping[str, Any]) -> Paging | None:
    """The page that is asked for, by members beside Method; None is the whole list. Raises ``InvalidData``."""
    if raw.get("PageResults") is None:
        return None
    sent, reasons = load(_PAGING, raw, unknown="ignore")
    if sent.get("PageResults") is False:
        return None
    if reasons:
        raise errors.InvalidData(*reasons)
    relies_on("paging.pages-make-the-list")
    return Paging(sent.get("PageNumber") or 1, sent.get("PageSize") or 10)


def _said(refused: Sequence[errors.AjeraError], quirks: Mapping[str, Any]) -> list[envelope.Said]:
    """ErrorID and ErrorMessage of each refusal."""
    for error in refused:
        for claim in (*(reason.claim for reason in error.reasons), *error.guesses):
            relies_on(claim)
    if refused:
        relies_on("envelope.failure-message")
    varied = refused and quirks["vary_guesses"]
    return [error.varied() if varied else (error.error_id, error.message) for error in refused]


def _failing(
    error: errors.AjeraError, usage_key: str, *, generic: bool, said: Sequence[envelope.Said] | None = None
) -> bytes:
    said = [(error.error_id, error.message)] if said is None else said
    relies_on("envelope.failure-content-object")
    if error.response_code == 0:
        relies_on("envelope.failure-code-zero")
    return envelope.envelope(error.response_code, said[0][1], envelope.items(said, generic), {}, usage_key)


_SECRETS = frozenset({"password", "sessiontoken"})


def _without_secrets(raw: Mapping[str, Any], request: Request) -> bytes | None:
    """The request as JSON for the journal: passwords and tokens replaced, at any depth; None when it is too long."""
    if len(request.body or b"") > BODY_LIMIT:
        return None
    return encode(_replaced(raw))


def _replaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: f"<{name}>" if name.casefold() in _SECRETS and item is not None else _replaced(item)
            for name, item in value.items()
        }
    return [_replaced(item) for item in value] if isinstance(value, list) else value


def _note(
    tenant: Tenant,
    request: Request,
    trail: RequestState,
    outcome: Outcome,
    message: str,
    reasons: tuple[Reason, ...],
    failure: Exception | None = None,
) -> Entry:
    return tenant.journal.note(
        Entry(
            number=0,
            at=tenant.clock.now(),
            method=trail.method[:_METHOD_LIMIT],
            user=trail.user,
            version=trail.version,
            outcome=outcome,
            message=message,
            reasons=reasons,
            claims=tuple(trail.trace.claims),
            records=tuple(trail.trace.records),
            url=f"{request.api_root.rstrip('/')}{request.path}?{request.query}",
            body=trail.body,
            size=len(request.body or b"") or request.length or 0,
            request_id=request.request_id,
        ),
        failure,
        counted=not request.setup,
    )


def _headers(entry: Entry, request: Request) -> dict[str, str]:
    headers = {WHY_HEADER: _in_header(map(str, entry.reasons))} if entry.reasons else {}
    if request.explain:
        known = ledger()
        headers[CLAIMS_HEADER] = _in_header(f"{claim} ({known[claim].grade})" for claim in entry.claims)
        headers[ENTRY_HEADER] = str(entry.number)
    return headers


def _in_header(texts: Iterable[str]) -> str:
    """Texts as the value of a header: ASCII, percent-escaped where needed."""
    escaped = [quote(sign, safe=_PRINTED) for sign in "; ".join(texts)[: _HEADER_LIMIT + 1]]
    room = len(list(takewhile(lambda length: length <= _HEADER_LIMIT, accumulate(map(len, escaped)))))
    return "".join(escaped) if room == len(escaped) else "".join(escaped[:room]) + " ..."
