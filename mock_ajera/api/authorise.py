"""Authorization: whether a session may call a method."""

from __future__ import annotations

from mock_ajera.api import errors
from mock_ajera.api.families import METHODS
from mock_ajera.api.methods import Method
from mock_ajera.api.unserved import UNSERVED
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Session, Tenant
from mock_ajera.tenants.trace import relies_on


def authorise(name: str, session: Session, tenant: Tenant) -> Method | None:
    """Return the method if it exists in the session's version of the API and the user has permission to call it.

    Return None for an unknown method if the tenant answers it with an empty success (quirk ``unknown_method``). Raises
    ``UnauthorizedMethod`` and ``OtherVersion``.
    """
    method = METHODS.get(name)
    if method is None or session.version not in _served_versions(method, tenant):
        _refuse_unserved(name, method, session, tenant)
        return None
    _check_permission(method, session, tenant)
    return method


def _served_versions(method: Method, tenant: Tenant) -> tuple[int, ...]:
    if method.version_2 is not None and tenant.quirk("version_2_lists") == "refuse":
        return (1,)
    return method.versions


def _refuse_unserved(name: str, method: Method | None, session: Session, tenant: Tenant) -> None:
    served = () if method is None else _served_versions(method, tenant)
    unserved = UNSERVED.get(name, ())
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
    if tenant.quirk("unknown_method") != "empty":
        raise _unauthorized(name, "does not exist")
    relies_on("errors.unknown-method-empty")


def _check_permission(method: Method, session: Session, tenant: Tenant) -> None:
    user = tenant.users[session.user]
    if method.needs_employee and user.authorizing_employee is None:
        text = f"{session.user} has no authorizing employee"
        claim = "permission.account-groups-need-employee"
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)
    if not user.may(method.name, method.access):
        box = f"{method.permission} under Can {method.access.capitalize()}"
        text, claim = f"{session.user} does not have {box}", "permission.box-per-method"
        raise errors.UnauthorizedMethod(Reason("Method", "permission", text, claim), method=method.name)


def _unauthorized(name: str, why: str) -> errors.UnauthorizedMethod:
    reason = Reason("Method", "unknown-method", f"{name!r:.80} {why}", "permission.unauthorized-method")
    return errors.UnauthorizedMethod(reason, method=name)
