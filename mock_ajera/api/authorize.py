"""Authorization: check whether a session may call a method."""

from __future__ import annotations

from mock_ajera.api import errors
from mock_ajera.api.families import METHODS
from mock_ajera.api.methods import Method, NotServed, Operation
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on


def authorize(name: str, session: Session, tenant: Tenant) -> Method | None:
    """Return the method if it exists in the session's version of the API and the user has permission to call it.

    Return None for an unknown method if the tenant answers it with an empty success (quirk ``unknown_method``). Raises
    ``UnauthorizedMethod`` and ``OtherVersion``.
    """
    method = METHODS.get(name)
    versions = {} if method is None else _versions(method, tenant)
    if method is None or not isinstance(versions.get(session.version), Operation):
        _refuse_unserved(name, versions, session, tenant)
        return None
    _check_permission(method, session, tenant)
    return method


Versions = dict[int, Operation | NotServed]


def _versions(method: Method, tenant: Tenant) -> Versions:
    """Return the versions that have the method with the tenant's quirks."""
    found = {version: _with_quirks(each, tenant) for version, each in method.versions.items()}
    return {version: each for version, each in found.items() if each is not None}


def _with_quirks(version: Operation | NotServed, tenant: Tenant) -> Operation | NotServed | None:
    for guess in version.guesses if isinstance(version, Operation) else ():
        if tenant.quirk(guess.quirk) != "serve":
            return guess.otherwise
    return version


def _refuse_unserved(name: str, versions: Versions, session: Session, tenant: Tenant) -> None:
    for version, unserved in versions.items():
        if isinstance(unserved, NotServed) and (version == session.version or unserved.name_only):
            text = f"exists in Ajera but is not served here for version {session.version}: {unserved.why}"
            raise _unauthorized(name, text)
    if versions:
        other = next(iter(versions))
        claim = "session.method-of-other-version" + ("" if session.version == 1 else "-mirrored")
        raise errors.OtherVersion(
            Reason("Method", "version", f"a version {other} session is required", claim),
            method=name,
            version=session.version,
            other=other,
        )
    if tenant.quirk("unknown_method") != "empty":
        raise _unauthorized(name, "does not exist")
    relies_on("errors.unknown-method-empty")


def _check_permission(method: Method, session: Session, tenant: Tenant) -> None:
    user = tenant.users[session.user]
    if method.needs_employee and user.authorizing_employee is None:
        text = f"{session.user} has no authorizing employee"
        claim = "permission.account-groups-need-employee"
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)
    if method.needs_active_employee and not is_active(user.authorizing_employee, tenant):
        relies_on("expense.refused-as-unauthorized")
        text = f"{session.user} has no active authorizing employee"
        reason = Reason("Method", "permission", text, method.needs_active_employee)
        raise errors.UnauthorizedMethod(reason, method=method.name)
    if not user.may(method.name, method.access):
        box = f"{method.permission} under Can {method.access.capitalize()}"
        text, claim = f"{session.user} does not have {box}", "permission.box-per-method"
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)


def is_active(employee: int | None, tenant: Tenant) -> bool:
    """Return whether an employee exists and is active."""
    summary = tenant.model.summary("Employee", employee)
    return summary is not None and summary["Status"] == "Active"


def _unauthorized(name: str, why: str) -> errors.UnauthorizedMethod:
    reason = Reason("Method", "unknown-method", f"{name!r:.80} {why}", "permission.unauthorized-method")
    return errors.UnauthorizedMethod(reason, method=name)
