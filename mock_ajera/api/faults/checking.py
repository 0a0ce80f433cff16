"""Check a rule when it is made: one that can never fire is refused."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.faults.kinds import KINDS, Kind
from mock_ajera.api.faults.others import changed_member
from mock_ajera.api.sessions import METHOD_NAMES
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.faults import Place, Rule, kind_and_key, text_of
from mock_ajera.tenants.references import referrers
from mock_ajera.tenants.tenant import Tenant

_PARAMETERS = frozenset(name for kind in KINDS.values() for name in kind.takes)


class BadRule(ValueError):
    """A rule that can never fire, or that its kind of fault does not allow."""


def rule_of(given: Mapping[str, Any]) -> Rule:
    """Return the rule of members as in JSON. Raises ``BadRule``."""
    known = [each.name for each in msgspec.structs.fields(Rule)]
    if not isinstance(given, Mapping):
        raise BadRule("a fault is a mapping, such as {'does': 'http', 'status': 503}, not " + f"{given!r:.80}")
    for name in given:
        if name not in known:
            raise BadRule(f"a fault has no member {name!r}{suggestion(name, known) or _listed(known)}")
    try:
        return msgspec.convert(given, Rule, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        what = what.replace("`", "").replace(" | null", "")
        raise BadRule(f"{where.rstrip('`')}: {what[:1].lower()}{what[1:]}") from None


def rule_of_text(text: str) -> Rule:
    """Return the rule of a kind and NAME=VALUE pairs: ``http method=GetProjects status=503``. Raises ``BadRule``."""
    with _naming(text):
        try:
            does, *pairs = shlex.split(text)
        except ValueError as error:
            raise BadRule(f"the kind of fault and NAME=VALUE pairs are expected ({error})") from None
        given = {"does": does}
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not equals or name in given:
                raise BadRule(f"{pair!r} is repeated" if equals else f"expected NAME=VALUE, found {pair!r}")
            given[name] = value
        return rule_of(given)


def add_rules(
    tenant: Tenant, rules: Iterable[Mapping[str, Any] | Rule], *, resets: bool = True, place: Place | None = None
) -> None:
    """Add rules to a new tenant. Raises ``BadRule``, whose text names the rule. ``place``: see ``Fault``."""
    for given in rules:
        with _naming(given.text if isinstance(given, Rule) else text_of(given) if isinstance(given, Mapping) else ""):
            rule = given if isinstance(given, Rule) else rule_of(given)
            check(rule, tenant, resets=resets)
            tenant.faults.add(rule, place=place)


@contextmanager
def _naming(rule: str) -> Iterator[None]:
    """Put the text of a rule before the message of a ``ValueError``."""
    try:
        yield
    except ValueError as error:
        raise BadRule(f"fault {rule}: {error}" if rule else str(error)) from None


def check_calls(rule: Rule, tenant: Tenant) -> None:
    """Raise ``BadRule`` if a rule can never apply to a call of a tenant."""
    for fault in _wrong_calls(rule, tenant):
        raise BadRule(fault)


def check(rule: Rule, tenant: Tenant, *, resets: bool = True) -> None:
    """Raise ``BadRule`` for a rule that can never fire on a tenant. ``resets``: whether the server can reset."""
    kind = KINDS.get(rule.does)
    if kind is None:
        raise BadRule(f"there is no fault {rule.does!r}{suggestion(rule.does, KINDS) or _listed(KINDS)}")
    for fault in (*_wrong_parameters(rule, kind), *_wrong_calls(rule, tenant), *_wrong_effect(rule, kind, tenant)):
        raise BadRule(fault)
    if kind.name == "reset" and not resets:
        raise BadRule("this engine cannot reset a connection; truncate closes it, and the engine werkzeug can do both")


def _wrong_parameters(rule: Rule, kind: Kind) -> Iterator[str]:
    given = {name for name in _PARAMETERS if getattr(rule, name) is not None}
    for name in sorted(given - set(kind.takes)):
        takes = f"; it takes {', '.join(kind.takes)}" if kind.takes else ""
        yield f"the fault {kind.name} does not use {name}{takes}"
    for name in kind.needs:
        if name not in given:
            yield f"the fault {kind.name} needs {name}"
    if rule.phase is not None and rule.phase not in kind.phases:
        yield f"the fault {kind.name} happens {kind.phases[0]} the work only"
    if kind.name == "reset" and rule.phase == "before" and rule.size is not None:
        yield "a reset before the work has no answer to cut off, and so no size"
    if kind.name == "delay" and not (rule.seconds or rule.most_seconds):
        yield "the fault delay needs seconds or most_seconds"
    if rule.most_seconds is not None and rule.spread is not None:
        yield "the waits have either most_seconds or a spread"
    if rule.most_seconds is not None and rule.most_seconds < (rule.seconds or 0):
        yield f"most_seconds is {rule.most_seconds}, less than the {rule.seconds} seconds"
    if rule.spread is not None and not rule.seconds:
        yield "a spread needs seconds, the median of the waits"
    if rule.retry_after is not None and rule.status is not None and rule.status < 300:
        yield "a success has no Retry-After"


def _wrong_calls(rule: Rule, tenant: Tenant) -> Iterator[str]:
    if rule.method is not None and rule.method not in METHOD_NAMES:
        yield f"there is no method {rule.method!r}{suggestion(rule.method, METHOD_NAMES)}"
    method = METHODS.get(rule.method or "")
    if method is not None and rule.version is not None and rule.version not in method.versions:
        served = " and ".join(map(str, method.versions))
        yield f"{method.name} exists in version {served} of the API only"
    if rule.user is not None and rule.user not in tenant.users:
        hint = suggestion(rule.user, tenant.users) or _listed(tenant.users)
        yield f"there is no API user {rule.user!r}{hint}"
    if rule.since is not None and rule.until is not None and rule.until <= rule.since:
        yield "until must be later than since"
    if rule.until is not None and rule.until <= tenant.clock.now_utc() and tenant.clock.frozen:
        yield "until has passed by the frozen clock of the tenant"
    if rule.record is not None:
        yield from _wrong_record(rule.record, tenant)


def _wrong_effect(rule: Rule, kind: Kind, tenant: Tenant) -> Iterator[str]:
    method = METHODS.get(rule.method or "")
    if kind.writes and method is not None and method.access != "write":
        yield f"{method.name} writes nothing, so the fault {kind.name} cannot happen to it"
    if kind.name == "too-many-sessions" and rule.method not in (None, "CreateAPISession"):
        yield "only CreateAPISession can be refused because of too many sessions"
    if kind.name == "withdraw" and rule.method in SESSION_METHODS:
        yield f"{rule.method} has no check box"
    if kind.name not in ("change", "delete"):
        return
    target = rule.target or rule.record
    if target is None:
        if rule.method in SESSION_METHODS:
            yield f"the calls of {rule.method} name no record, so the fault {kind.name} needs a target"
        return
    wrong = list(_wrong_record(target, tenant))
    yield from wrong
    if wrong:
        return
    of, key = kind_and_key(target)
    if tenant.row(of, key) is None:
        yield f"there is no {of} {key}"
    elif kind.name == "delete":
        for used in referrers(tenant, of, key):
            yield f"{of} {key} cannot be deleted: {used.kind} {used.key} refers to it ({used.path})"
            return
    elif changed_member(of) is None:
        yield f"a {of} has no text that could change"


def _wrong_record(text: str, tenant: Tenant) -> Iterator[str]:
    try:
        kind, _ = kind_and_key(text)
    except ValueError as error:
        yield str(error)
        return
    if kind not in RECORDS:
        yield f"there is no kind of record {kind!r}{suggestion(kind, RECORDS)}"


def _listed(names: Any) -> str:
    return f"; they are {', '.join(names) or 'none'}"
