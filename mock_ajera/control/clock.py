"""The clock of a tenant: sessions expire by it, stamps are made by it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_ajera.control.action import BadRequest, action
from mock_ajera.control.control import Control, shown_time
from mock_ajera.tenants.tenant import Tenant

Time = Annotated[datetime, Meta(tz=True, description="ISO 8601 with an offset, such as 2026-03-09T08:00:00Z.")]


class ClockInfo(msgspec.Struct):
    """What a clock shows."""

    now: str
    frozen: bool
    setting: str
    """real, frozen or shifted, and by how many milliseconds."""


class Freeze(msgspec.Struct, forbid_unknown_fields=True):
    """When it shall stand still; where nothing is said, now."""

    at: Time | None = None


class Set(msgspec.Struct, forbid_unknown_fields=True):
    """What time it shall be."""

    at: Time


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """How far."""

    by: Annotated[
        str,
        Meta(
            description="Days, hours, minutes and seconds: 90m, 1d12h, 0.5s; back with a minus: -2h.",
            extra={"cli": "signed"},
        ),
    ]


@action("clock show", "GET", "/tenants/{tenant}/clock", kept=True)
def show(control: Control, tenant: str) -> ClockInfo:
    """Tell what the clock of a tenant shows."""
    return _info(control.tenant(tenant))


@action("clock freeze", "POST", "/tenants/{tenant}/clock/freeze", kept=True)
def freeze(control: Control, tenant: str, body: Freeze) -> ClockInfo:
    """Let the clock stand still."""
    found = control.tenant(tenant)
    try:
        found.clock.freeze(body.at)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return _info(found)


@action("clock set", "POST", "/tenants/{tenant}/clock/set", kept=True)
def set_clock(control: Control, tenant: str, body: Set) -> ClockInfo:
    """Make it a time, and run on from there."""
    found = control.tenant(tenant)
    try:
        found.clock.set(body.at)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return _info(found)


@action("clock advance", "POST", "/tenants/{tenant}/clock/advance", kept=True)
def advance(control: Control, tenant: str, body: Advance) -> ClockInfo:
    """Go forward or back. A clock that stands still stands still afterwards."""
    found = control.tenant(tenant)
    try:
        found.clock.advance(duration(body.by))
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error)) from None
    return _info(found)


@action("clock reset", "POST", "/tenants/{tenant}/clock/reset", kept=True)
def reset(control: Control, tenant: str) -> ClockInfo:
    """Run with the real time again."""
    found = control.tenant(tenant)
    found.clock.reset()
    return _info(found)


_DURATION = re.compile(
    r"(?P<minus>-)?(?:(?P<days>[\d.]+)d)?(?:(?P<hours>[\d.]+)h)?(?:(?P<minutes>[\d.]+)m)?(?:(?P<seconds>[\d.]+)s)?"
)


def duration(text: str) -> timedelta:
    """A stretch of time such as ``1d12h`` or ``-90m``. Raises ``ValueError``."""
    found = _DURATION.fullmatch(text.replace(" ", ""))
    parts = (
        {} if found is None else {name: each for name, each in found.groupdict().items() if name != "minus" and each}
    )
    if found is None or not parts:
        raise ValueError(f"{text!r} is no stretch of time such as 90m, 1d12h, 0.5s or -2h")
    length = timedelta(**{name: float(each) for name, each in parts.items()})
    return -length if found["minus"] else length


def _info(tenant: Tenant) -> ClockInfo:
    return ClockInfo(shown_time(tenant.clock.now()), tenant.clock.frozen, tenant.clock.to_text())
