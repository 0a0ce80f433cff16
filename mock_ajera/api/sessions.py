"""CreateAPISession and EndAPISession, and who a token belongs to.

Source: Ajera API, session page, and clients in the field.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from mock_ajera.api import database_id, errors
from mock_ajera.api import fields as f
from mock_ajera.api.loading import load
from mock_ajera.api.records import Schema
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on

COOKIE = "AjeraAPISession"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
METHODS = {"CreateAPISession": "log in", "EndAPISession": "log out"}
"""The two methods that need no permission and have no MethodArguments; the endpoint calls them itself."""


class Login(Schema):
    """What CreateAPISession takes, beside Method."""

    Username = f.Text(need="write", claim="session.create-arguments")
    Password = f.Text(need="write", claim="session.create-arguments")
    APIVersion = f.Whole(
        at_least=1,
        at_most=2,
        outside="session.unknown-version-refused",
        need="write",
        claim="session.version-required",
    )
    UseSessionCookie = f.Flag()


_LOGIN = Login()


def create(tenant: Tenant, raw: Mapping[str, Any], api_root: str) -> tuple[Session, dict[str, Any], bool]:
    """Log in: the session, Content, and whether the token goes into a cookie too.

    Raises ``InvalidData`` and ``UnableToAuthenticate``.
    """
    sent, reasons = load(_LOGIN, raw, unknown="ignore")
    reasons += [
        Reason(name, "required", "required to log in", member.claim)
        for name, member in _LOGIN.members.items()
        if member.need is not None and raw.get(name) is None
    ]
    if reasons:
        raise errors.InvalidData(*reasons)
    user = tenant.users.get(sent["Username"])
    if user is None or not user.knows(sent["Password"]):
        relies_on("errors.login-user-like-password")
        what = "Username" if user is None else "Password"
        raise errors.UnableToAuthenticate(
            Reason(what, "login", "no API user has this name" if user is None else "wrong", "session.wrong-password")
        )
    relies_on("session.create-arguments")
    session = tenant.sessions.open(user.name, sent["APIVersion"], tenant.quirk("session_minutes") * 60_000)
    return session, _content(tenant, session, api_root), bool(sent.get("UseSessionCookie"))


def _content(tenant: Tenant, session: Session, api_root: str) -> dict[str, Any]:
    firm = tenant.firm
    offset, _ = firm.zone.offset_and_name(session.expires)
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    expires = datetime.datetime.fromtimestamp(session.expires / 1000, zone)
    return {
        "CompanyName": firm.company_name,
        "SessionToken": session.token,
        "SessionExpiration": f"{expires:%Y-%m-%dT%H:%M:%S.%f}0{expires.isoformat()[-6:]}",
        "APIURL": api_root + database_id.hosted(firm.database),
        "AjeraVersion": firm.ajera_version,
        "UsingMobileICR": False,
        "UsingICRMobile": False,
        "Timesheets": {
            "UserHasAccess": False,
            "TimeStartOfWeek": firm.week_start,
            "TimeStartOfWeekValue": _DAYS.index(firm.week_start),
            "ClickToCertifyEnabled": False,
            "ClickToCertifyText": "",
        },
    }


def find(tenant: Tenant, token: object) -> Session:
    """The session of a token. Raises ``InvalidSession``; an expired one is refused like an ended one."""
    if token is None or token == "":
        raise errors.InvalidSession(
            Reason(
                "SessionToken",
                "required",
                "required for every method but CreateAPISession",
                "session.missing-token-refused",
            )
        )
    session = tenant.sessions.get(token) if isinstance(token, str) else None
    if session is None:
        raise errors.InvalidSession(
            Reason("SessionToken", "unknown-token", "no open session has this token", "session.invalid-token")
        )
    if session.expires <= tenant.clock.now():
        raise errors.InvalidSession(Reason("SessionToken", "expired", "the session has expired", "session.lifetime"))
    return session


def end(tenant: Tenant, session: Session) -> dict[str, Any]:
    """Log out: Content."""
    tenant.sessions.end(session.token)
    return {"message": "You have been successfully signed out."}
