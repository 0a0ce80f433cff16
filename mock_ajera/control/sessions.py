"""The sessions of a tenant: list and expire them."""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_ajera.control.action import NotThere, action
from mock_ajera.control.control import Control, shown_time
from mock_ajera.tenants.tenant import Tenant


class SessionInfo(msgspec.Struct):
    """A session. ``id`` derives from its token, which stays secret."""

    id: str
    user: str
    version: int
    expires: str
    expired: bool


class Expire(msgspec.Struct, forbid_unknown_fields=True):
    """The sessions to expire. Default: all."""

    user: Annotated[str, Meta(description="Only sessions of this API user.")] | None = None
    id: Annotated[str, Meta(description="Only the session with this id.")] | None = None


class Expired(msgspec.Struct):
    """The number of sessions that expired."""

    expired: int


@action("sessions list", "GET", "/tenants/{tenant}/sessions", kept=True)
def list_sessions(control: Control, tenant: str) -> list[SessionInfo]:
    """List the sessions of a tenant, including expired ones."""
    found = control.tenant(tenant)
    with found.lock:
        now = found.clock.now()
        return [
            SessionInfo(_id(token), each.user, each.version, shown_time(each.expires), each.expires <= now)
            for token, each in found.sessions.items()
        ]


@action("sessions expire", "POST", "/tenants/{tenant}/sessions/expire", kept=True)
def expire(control: Control, tenant: str, body: Expire) -> Expired:
    """Expire sessions now.

    Their tokens are refused from now on, and clients must log in again.
    """
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
        raise NotThere(f"there is no API user {body.user!r}; the users are {', '.join(tenant.users) or 'none'}")
    if body.id is not None and body.id not in map(_id, tenant.sessions):
        raise NotThere(f"there is no session {body.id!r}")


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]
