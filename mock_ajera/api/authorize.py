"""Authorization: check whether a session may call a method."""

from __future__ import annotations

from mock_ajera.api import errors
from mock_ajera.api.families import METHODS
from mock_ajera.api.methods import Guess, Method
from mock_ajera.api.permission import user_in_effect
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

_FOLDED = frozenset(name.lower() for name in METHODS)


def authorize(name: str, session: Session, tenant: Tenant) -> Method | None:
    """Return the method if it exists in the session's version of the API and the user has permission to call it.

    Return None for an unknown method if the tenant answers it with an empty success (quirk ``unknown_method``). Raises
    ``UnauthorizedMethod`` and ``OtherVersion``.
    """
    method = METHODS.get(name)
    lacking = {} if method is None else _lacking(method, tenant)
    if method is None and name.lower() in _FOLDED:
        relies_on("reading.method-name-exact")
    if method is None or session.version not in method.versions or session.version in lacking:
        _refuse_unserved(name, method, lacking, session, tenant)
        return None
    _check_permission(method, session, tenant)
    return method


def _lacking(method: Method, tenant: Tenant) -> dict[int, Guess]:
    """Return the versions that a quirk of the tenant turns off, with the guess that they rest on."""
    found: dict[int, Guess] = {}
    for version, operation in method.versions.items():
        refused = [guess for guess in operation.guesses if tenant.quirk(guess.quirk) != "serve"]
        found |= {version: refused[0]} if refused else {}
    return found


def _refuse_unserved(
    name: str, method: Method | None, lacking: dict[int, Guess], session: Session, tenant: Tenant
) -> None:
    for guess in lacking.values():
        if guess.unless:
            text = f"exists in Ajera but is not served here for version {session.version}: {guess.unless}"
            raise _unauthorized(name, text)
    served = [version for version in (method.versions if method else ()) if version not in lacking]
    if served:
        claim = "session.method-of-other-version"
        if session.version == 2:
            relies_on("session.method-of-other-version-mirrored")
            untried = lacking.get(session.version)
            claim = untried.refused if untried is not None else "session.method-of-other-version-mirrored"
        raise errors.OtherVersion(
            Reason("Method", "version", f"a version {served[0]} session is required", claim),
            method=name,
            version=session.version,
            other=served[0],
        )
    if tenant.quirk("unknown_method") != "empty":
        raise _unauthorized(name, f"does not exist{suggestion(name, METHODS.served)}")
    relies_on("errors.unknown-method-empty")


def _check_permission(method: Method, session: Session, tenant: Tenant) -> None:
    user = user_in_effect(session.user, tenant)
    if method.needs_employee and user.authorizing_employee is None:
        text = f"{session.user} has no authorizing employee"
        claim = "permission.account-groups-need-employee"
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)
    if method.needs_employee and not is_active(user.authorizing_employee, tenant):
        relies_on("permission.account-groups-inactive-employee")
    if method.needs_active_employee and not is_active(user.authorizing_employee, tenant):
        relies_on("expense.refused-as-unauthorized")
        text = f"{session.user} has no active authorizing employee"
        reason = Reason("Method", "permission", text, method.needs_active_employee)
        raise errors.UnauthorizedMethod(reason, method=method.name)
    if not user.may(method.name, method.access):
        box = f"{method.permission} under Can {method.access.capitalize()}"
        is_late = tenant.users[session.user].may(method.name, method.access)
        text = f"{session.user} does not have {box}{' yet (quirk permission_minutes)' if is_late else ''}"
        cleared = method.name in user.cleared
        claim = "permission.box-per-method" if cleared else "permission.can-read-and-can-write"
        relies_on("permission.refused-like-unknown")
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)


def is_active(employee: int | None, tenant: Tenant) -> bool:
    """Return whether an employee exists and is active."""
    summary = tenant.model.summary("Employee", employee)
    return summary is not None and summary["Status"] == "Active"


def _unauthorized(name: str, why: str) -> errors.UnauthorizedMethod:
    reason = Reason("Method", "unknown-method", f"{name!r:.80} {why}", "permission.unauthorized-method")
    return errors.UnauthorizedMethod(reason, method=name)
