"""CreateAPISession, EndAPISession, and the session of a token.

Source: the session page of the Ajera API, and the behavior of existing clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_ajera.api import database_id, errors, families
from mock_ajera.api import fields as f
from mock_ajera.api.authorize import is_active
from mock_ajera.api.context import Visibility
from mock_ajera.api.loading import load
from mock_ajera.api.member import Member
from mock_ajera.api.permission import user_in_effect
from mock_ajera.api.schema import Schema
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.folding import fold
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.users import ApiUser
from mock_ajera.tenants.weeks import DAYS

COOKIE = "AjeraAPISession"
METHODS = {"CreateAPISession": "log in", "EndAPISession": "log out"}
"""The two methods without permission and MethodArguments. The endpoint calls them directly."""
METHOD_NAMES = (*METHODS, *families.METHODS)
"""The names of all methods of the API."""

ICR_CONFIG = {
    "icrURL": "https://icr.invalid/",
    "icrClientId": "not-a-client-id",
    "icrUserName": "not-a-user",
    "icrApiKey": "not-an-api-key",
}
"""The account of the receipt scanner, which a real login discloses (claim ``session.icr-config``)."""


class Expiration(f.Computed):
    """The instant at which a session expires."""

    type_name = "date and time with offset: 2026-11-25T09:15:00.1234567-05:00"


class Timesheets(f.Computed):
    """What the caller may do with timesheets."""

    type_name = (
        "object with UserHasAccess, TimeStartOfWeek, TimeStartOfWeekValue, ClickToCertifyEnabled, ClickToCertifyText"
    )


class Login(Schema):
    """The members of CreateAPISession other than Method."""

    Username = f.Text(required="always", claim="session.create-arguments")
    Password = f.Text(required="always", claim="session.create-arguments")
    APIVersion = f.Whole(
        at_least=1,
        at_most=2,
        outside="session.unknown-version-refused",
        required="always",
        claim="session.version-required",
    )
    UseSessionCookie = f.Flag(word="reading.flag-as-text")


_LOGIN = Login()


class Form(NamedTuple):
    """What a session method takes and answers, for the reference of the API."""

    members: Mapping[str, Member]
    """The members of a request, next to Method."""
    content: Mapping[str, Member]
    claims: tuple[str, ...]
    """The claim that the method exists in this form, and others that a caller should know."""


FORMS: Mapping[str, Form] = {
    "CreateAPISession": Form(
        _LOGIN.by_wire,
        {
            **{name: f.Text() for name in ("CompanyName", "SessionToken")},
            "SessionExpiration": Expiration(),
            **{name: f.Text() for name in ("APIURL", "AjeraVersion")},
            **{name: f.Flag() for name in ("UsingMobileICR", "UsingICRMobile")},
            "Timesheets": Timesheets(),
        },
        ("session.create-arguments", "session.bound-to-version", "session.lifetime", "session.cookie"),
    ),
    "EndAPISession": Form(
        {"SessionToken": f.Text(required="always")},
        {"message": f.Text()},
        ("session.end-arguments", "session.ended-token-refused", "session.end-only-own"),
    ),
}


def create(tenant: Tenant, raw: Mapping[str, Any], api_root: str) -> tuple[Session, dict[str, Any], bool]:
    """Log in. Return the session, Content, and whether to set the token as a cookie too.

    Raises ``InvalidData`` and ``UnableToAuthenticate``.
    """
    sent, reasons = load(_LOGIN, raw, unknown="ignore")
    reasons += [
        Reason(name, "required", "required to log in", member.claim)
        for name, member in _LOGIN.members.items()
        if member.required_on is not None and raw.get(name) is None
    ]
    if reasons:
        raise errors.InvalidData(*reasons)
    user = _authenticated(tenant, sent["Username"], sent["Password"])
    relies_on("session.create-arguments")
    relies_on("session.api-url-is-the-endpoint")
    relies_on("timesheet.access-follows-employee")
    if user.authorizing_employee is None:
        relies_on("permission.authorizing-employee-optional")
    at_most = tenant.quirk("sessions_per_user")
    if at_most:
        relies_on("session.limit-per-user")
    session = tenant.sessions.open(user.name, sent["APIVersion"], _lifetime(tenant), at_most=at_most)
    return session, _content(tenant, session, api_root), bool(sent.get("UseSessionCookie"))


def _authenticated(tenant: Tenant, name: str, password: str) -> ApiUser:
    """Return the user of a name and a password. Raises ``UnableToAuthenticate``."""
    user, most = tenant.users.get(name), tenant.quirk("wrong_passwords")
    if user is not None and most and tenant.lock_outs.hold(name, most):
        text = f"{most} wrong passwords: logins are refused for ten minutes from now (quirk wrong_passwords)"
        raise errors.UnableToAuthenticate(Reason("Username", "locked-out", text, "session.lock-out"))
    if user is None or not user.knows(password):
        if user is not None and most:
            tenant.lock_outs.count(name)
        relies_on("errors.login-user-like-password")
        raise errors.UnableToAuthenticate(_wrong_login(tenant, name))
    tenant.lock_outs.forget(name)
    return user


def _lifetime(tenant: Tenant) -> int:
    """Return for how many milliseconds a session stays open."""
    minutes: int = tenant.quirk("session_minutes")
    return minutes * 60_000


def _wrong_login(tenant: Tenant, name: str) -> Reason:
    if name in tenant.users:
        return Reason("Password", "login", "the password is wrong", "session.wrong-password")
    if any(fold(other) == fold(name) for other in tenant.users):
        text = "no API user has this name; one differs from it only in case"
        return Reason("Username", "login", text, "session.user-name-exact")
    return Reason("Username", "login", "no API user has this name", "session.wrong-password")


def _content(tenant: Tenant, session: Session, api_root: str) -> dict[str, Any]:
    firm, view = tenant.firm, TenantView(tenant)
    content: dict[str, Any] = {
        "CompanyName": firm.company_name,
        "SessionToken": session.token,
        "APIURL": api_root + database_id.hosted(firm.database),
        "AjeraVersion": firm.ajera_version,
    }
    if view.prints(Visibility.DOCUMENTED):
        content["UsingMobileICR"] = firm.icr_mobile
    if view.prints(Visibility.OBSERVED):
        content |= _observed(tenant, session)
    return content


def _observed(tenant: Tenant, session: Session) -> dict[str, Any]:
    """Return the members that clients read, though the page does not have them."""
    firm = tenant.firm
    expires = firm.zone.wall_clock(session.expires)
    timesheets = {
        "UserHasAccess": _has_timesheets(tenant, session.user),
        "TimeStartOfWeek": firm.week_start,
        "TimeStartOfWeekValue": DAYS.index(firm.week_start),
        "ClickToCertifyEnabled": False,
        "ClickToCertifyText": "",
    }
    return {
        "SessionExpiration": f"{expires:%Y-%m-%dT%H:%M:%S.%f}0{expires.isoformat()[-6:]}",
        "AllowEmployeeTypeChanges": False,
        "UsingICRMobile": firm.icr_mobile,
        "Timesheets": timesheets,
        **({"ICRConfigFile": dict(ICR_CONFIG)} if firm.icr_mobile else {}),
    }


def _has_timesheets(tenant: Tenant, name: str) -> bool:
    """Return whether a user may call the methods of timesheets (claim ``timesheet.access-follows-employee``)."""
    user = user_in_effect(name, tenant)
    return user.may("ListTimesheets", "read") and is_active(user.authorizing_employee, tenant)


def find(tenant: Tenant, token: object) -> Session:
    """Return the session of a token. Raises ``InvalidSession``, for expired and ended sessions alike."""
    if token is None or token == "":
        text = "required for every method except CreateAPISession"
        raise errors.InvalidSession(Reason("SessionToken", "required", text, "session.missing-token-refused"))
    session = tenant.sessions.get(token) if isinstance(token, str) else None
    if session is None:
        raise errors.InvalidSession(
            Reason("SessionToken", "unknown-token", "no open session has this token", "session.invalid-token")
        )
    if session.expires <= tenant.clock.now():
        raise errors.InvalidSession(Reason("SessionToken", "expired", "the session has expired", "session.lifetime"))
    if tenant.quirk("session_lifetime") == "sliding":
        relies_on("session.lifetime-sliding")
        return tenant.sessions.prolong(session, _lifetime(tenant))
    return session


def end(tenant: Tenant, session: Session) -> dict[str, Any]:
    """Log out. Return Content."""
    tenant.sessions.end(session.token)
    return {"message": "You have been successfully signed out."}
