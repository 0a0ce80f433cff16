"""The sessions of a tenant: who is logged in, and an end to it."""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_ajera.control.action import NotThere, action
from mock_ajera.control.control import Control, shown_time
from mock_ajera.tenants.tenant import Tenant


class SessionInfo(msgspec.Struct):
    """A session. Its token is not told; ``id`` is made from it."""

    id: str
    user: str
    version: int
    expires: str
    expired: bool


class Expire(msgspec.Struct, forbid_unknown_fields=True):
    """Which sessions; all where nothing is said."""

    user: Annotated[str, Meta(description="Those of this API user.")] | None = None
    id: Annotated[str, Meta(description="The one with this id.")] | None = None


class Expired(msgspec.Struct):
    """How many sessions expired."""

    expired: int


@action("sessions list", "GET", "/tenants/{tenant}/sessions", kept=True)
def list_sessions(control: Control, tenant: str) -> list[SessionInfo]:
    """Tell the sessions of a tenant, those that expired and were not used since among them."""
    found = control.tenant(tenant)
    with found.lock:
        now = found.clock.now()
        return [
            SessionInfo(_id(token), each.user, each.version, shown_time(each.expires), each.expires <= now)
            for token, each in found.sessions.items()
        ]


@action("sessions expire", "POST", "/tenants/{tenant}/sessions/expire", kept=True)
def expire(control: Control, tenant: str, body: Expire) -> Expired:
    """Let sessions expire now: the next call with such a token is refused, and a client must log in again."""
    found = control.tenant(tenant)
    with found.lock:
        now = found.clock.now()
        chosen = [
            token
            for token, each in found.sessions.items()
            if each.expires > now and body.user in (None, each.user) and body.id in (None, _id(token))
        ]
        _must_know(found, body)
        found.sessions.expire(chosen)
    return Expired(len(chosen))


def _must_know(tenant: Tenant, body: Expire) -> None:
    if body.user is not None and body.user not in tenant.users:
        raise NotThere(f"there is no API user {body.user!r}; there are {', '.join(tenant.users) or 'none'}")
    if body.id is not None and body.id not in map(_id, tenant.sessions):
        raise NotThere(f"there is no session {body.id!r}")


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]
