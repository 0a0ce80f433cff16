"""Let faults happen to a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from mock_ajera import codec
from mock_ajera.api import errors
from mock_ajera.api.envelope import HARMLESS, Envelope
from mock_ajera.api.families import METHODS
from mock_ajera.api.faults import refusals
from mock_ajera.api.faults.delivery import Delivery, page
from mock_ajera.api.faults.kinds import KINDS
from mock_ajera.api.faults.others import change_record, delete_record, named
from mock_ajera.tenants.faults import Facts, Fault, Rule, kind_and_key
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant

_HTML = "text/html; charset=utf-8"
_USUAL_RATE = 9
"""Calls a second, as a client observed (claim ``fault.throttled``)."""


class Unanswered(Exception):
    """The call is not handled. Its delivery has what the client gets."""


class AffectedCall:
    """A call that meets faults."""

    def __init__(self, facts: Facts, token: str, faults: Iterable[Fault], tenant: Tenant) -> None:
        """``token``: that of the call's session; "" without one."""
        self.facts, self.token, self.tenant = facts, token, tenant
        self.delivery = Delivery()
        self.names: list[str] = []
        """The names of the faults that happened."""
        self.is_twice = self.is_silent = False
        self._faults = [(each, each.rule.phase or _usual_phase(each.rule)) for each in faults]
        self._late: list[Fault] = []
        """Delays before the answer is sent."""

    def begin(self) -> None:
        """Let happen what happens before the work. Raises ``AjeraError`` and ``Unanswered``."""
        for fault, phase in self._faults:
            if phase == "before":
                self._happen(fault)

    def end(self, result: Envelope) -> Envelope:
        """Let happen what happens after the work, and return the envelope."""
        for fault, phase in self._faults:
            if phase == "after":
                if fault.rule.does in _CHANGES:
                    result = _CHANGES[fault.rule.does](result, fault.rule)
                    self.names.append(fault.name)
                else:
                    self._happen(fault)
        return result

    def delay_answer(self) -> None:
        """Wait as long as the answer is delayed."""
        for fault in self._late:
            self.wait(fault, _seconds(fault.rule, self.tenant))

    def _happen(self, fault: Fault) -> None:
        self.names.append(fault.name)
        if fault.run is not None:
            fault.run(self.facts)
        elif not _ACTS[fault.rule.does](self, fault):
            self.names.pop()
            self.tenant.faults.spare(fault)

    def wait(self, fault: Fault, seconds: float) -> None:
        """Wait for seconds of the tenant's clock, or until the fault is removed. What is not waited is added to it."""
        clock, faults = self.tenant.clock, self.tenant.faults
        until = clock.now() + round(seconds * 1000)
        if not clock.frozen:
            fault.removed.wait(seconds * faults.time_scale)
        if clock.frozen or faults.time_scale < 1:
            clock.advance(timedelta(milliseconds=max(0, until - clock.now())))


def _usual_phase(rule: Rule) -> str:
    """Return the phase of a rule that names none. A function of a test has no kind."""
    return KINDS[rule.does].phases[0] if rule.does in KINDS else "before"


def _seconds(rule: Rule, tenant: Tenant) -> float:
    draw, seconds = tenant.faults.draw, rule.seconds or 0
    if rule.most_seconds is not None:
        return draw.uniform(seconds, rule.most_seconds)
    return seconds if rule.spread is None else min(seconds * draw.lognormvariate(0, rule.spread), 3600)


# What happens, by kind. Each returns whether it did happen.


def _delay(affected: AffectedCall, fault: Fault) -> bool:
    if fault.rule.phase == "after":
        affected._late.append(fault)
    else:
        affected.wait(fault, _seconds(fault.rule, affected.tenant))
    return True


def _send(affected: AffectedCall, rule: Rule, **changes: Any) -> bool:
    """Change the delivery. Raises ``Unanswered`` before the work."""
    for name, value in changes.items():
        setattr(affected.delivery, name, value)
    if (rule.phase or _usual_phase(rule)) == "before":
        raise Unanswered
    return True


def _reset(affected: AffectedCall, fault: Fault) -> bool:
    return _send(affected, fault.rule, end="reset", size=fault.rule.size or 0)


def _hang(affected: AffectedCall, fault: Fault) -> bool:
    return _send(affected, fault.rule, end="silence", size=0)


def _http(affected: AffectedCall, fault: Fault) -> bool:
    rule = fault.rule
    status = HTTPStatus(rule.status or 503)
    headers = {"Content-Type": _HTML}
    if rule.retry_after is not None:
        headers["Retry-After"] = str(rule.retry_after)
    body = page(rule.page or "iis", status.value, status.phrase)
    return _send(affected, rule, status=status.value, headers=headers, body=body)


def _throttle(affected: AffectedCall, fault: Fault) -> bool:
    rule = fault.rule
    early = fault.seconds_early(affected.facts, rule.rate or _USUAL_RATE, waits=rule.excess in (None, "delay"))
    if not early:
        return False
    if rule.excess == "login":
        raise errors.UnableToAuthenticate(_reason("throttled", "more calls than the rate allows", "fault.throttled"))
    if rule.excess == "refuse":
        _send(
            affected, rule, status=429, headers={"Content-Type": _HTML}, body=page("gateway", 429, "Too Many Requests")
        )
    affected.wait(fault, early)
    return True


def _locked(affected: AffectedCall, fault: Fault) -> bool:
    raise refusals.RecordLocked(_reason("locked", "somebody else edits the record", "fault.locked-record"))


def _closed_period(affected: AffectedCall, fault: Fault) -> bool:
    raise refusals.PeriodClosed(_reason("closed-period", "the period is closed", "fault.closed-period"))


def _too_many_sessions(affected: AffectedCall, fault: Fault) -> bool:
    raise refusals.TooManySessions(_reason("sessions", "too many sessions are open", "fault.too-many-sessions"))


def _reason(rule: str, text: str, claim: str) -> Reason:
    return Reason("", rule, text, claim)


def _silent_success(affected: AffectedCall, fault: Fault) -> bool:
    affected.is_silent = True
    return True


def _twice(affected: AffectedCall, fault: Fault) -> bool:
    affected.is_twice = True
    return True


def _change(affected: AffectedCall, fault: Fault) -> bool:
    target = _target(affected, fault.rule)
    return target is not None and change_record(affected.tenant, *target)


def _delete(affected: AffectedCall, fault: Fault) -> bool:
    target = _target(affected, fault.rule)
    return target is not None and delete_record(affected.tenant, *target)


def _target(affected: AffectedCall, rule: Rule) -> tuple[str, int] | None:
    """Return the record that changes: that of the rule, or else the first one that the call names."""
    of_rule = rule.target or rule.record
    if of_rule is not None:
        return kind_and_key(of_rule)
    kind = METHODS[affected.facts.method].kind if affected.facts.method in METHODS else ""
    keys = named(kind, affected.facts.arguments, kind) if kind else ()
    return next(((kind, key) for key in keys if key > 0), None)


def _expire(affected: AffectedCall, fault: Fault) -> bool:
    with affected.tenant.lock:
        if affected.token not in affected.tenant.sessions:
            return False
        affected.tenant.sessions.expire([affected.token])
    return True


def _withdraw(affected: AffectedCall, fault: Fault) -> bool:
    with affected.tenant.lock:
        user = affected.tenant.users.get(affected.facts.user)
        if user is None or affected.facts.method in user.cleared:
            return False
        affected.tenant.users.put(replace(user, cleared=(*user.cleared, affected.facts.method)))
    return True


_ACTS: Mapping[str, Callable[[AffectedCall, Fault], bool]] = {
    "delay": _delay,
    "reset": _reset,
    "hang": _hang,
    "truncate": lambda affected, fault: _send(affected, fault.rule, end="closed", size=fault.rule.size),
    "drip": lambda affected, fault: _send(affected, fault.rule, rate=fault.rule.rate),
    "http": _http,
    "throttle": _throttle,
    "content-type": lambda affected, fault: _send(
        affected, fault.rule, headers={"Content-Type": fault.rule.content_type or _HTML}
    ),
    "silent-success": _silent_success,
    "twice": _twice,
    "change": _change,
    "delete": _delete,
    "locked": _locked,
    "closed-period": _closed_period,
    "expire": _expire,
    "too-many-sessions": _too_many_sessions,
    "withdraw": _withdraw,
}


# What changes an answer


def _malformed(result: Envelope, rule: Rule) -> Envelope:
    return result._replace(body=result.body[:-2])


def _envelope(result: Envelope, rule: Rule) -> Envelope:
    members = codec.decode_stored(result.body)
    if not isinstance(members, dict) or members["Errors"]:
        return result
    if rule.change == "harmless-error":
        members["Errors"] = [HARMLESS]
    elif rule.change == "warnings":
        members = _with_warnings(members)
    elif rule.change == "null-content":
        members["Content"] = None
    else:
        del members["Content"]
    return result._replace(body=codec.encode(members))


def _with_warnings(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members with Warnings behind Errors, where Ajera prints them."""
    warned: dict[str, Any] = {}
    for name, value in members.items():
        warned[name] = value
        if name == "Errors":
            warned["Warnings"] = ["This is a warning."]
    return warned


_CHANGES: Mapping[str, Callable[[Envelope, Rule], Envelope]] = {"malformed": _malformed, "envelope": _envelope}
