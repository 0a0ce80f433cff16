"""The clock of a tenant, which session expiry and stamps follow."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_ajera.control.action import action, bad_request_for
from mock_ajera.control.control import Control, shown_time
from mock_ajera.tenants.tenant import Tenant

Time = Annotated[datetime, Meta(tz=True, description="ISO 8601 with an offset, such as 2026-03-09T08:00:00Z.")]


class ClockInfo(msgspec.Struct):
    """The state of a clock."""

    now: str
    frozen: bool
    setting: str
    """``real``, ``frozen`` with a time, or ``shifted`` with an offset from real time; both in milliseconds."""


class Freeze(msgspec.Struct, forbid_unknown_fields=True):
    """The time at which to freeze the clock."""

    at: Time | None = None


class Set(msgspec.Struct, forbid_unknown_fields=True):
    """The time to which to set the clock."""

    at: Time


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    """The duration by which to move the clock."""

    by: Annotated[
        str,
        Meta(
            description="Days, hours, minutes and seconds: 90m, 1d12h, 0.5s. Negative to move back: -2h.",
            extra={"cli": "signed"},
        ),
    ]


@action("clock show", "GET", "/tenants/{tenant}/clock", kept=True)
def show(control: Control, tenant: str) -> ClockInfo:
    """Show the clock of a tenant."""
    return _info(control.tenant(tenant))


@action("clock freeze", "POST", "/tenants/{tenant}/clock/freeze", kept=True)
def freeze(control: Control, tenant: str, body: Freeze) -> ClockInfo:
    """Freeze the clock at the given time, or at its current time."""
    found = control.tenant(tenant)
    with bad_request_for(ValueError):
        found.clock.freeze(body.at)
    return _info(found)


@action("clock set", "POST", "/tenants/{tenant}/clock/set", kept=True)
def set_clock(control: Control, tenant: str, body: Set) -> ClockInfo:
    """Set the clock to a time; it runs on from there."""
    found = control.tenant(tenant)
    with bad_request_for(ValueError):
        found.clock.set(body.at)
    return _info(found)


@action("clock advance", "POST", "/tenants/{tenant}/clock/advance", kept=True)
def advance(control: Control, tenant: str, body: Advance) -> ClockInfo:
    """Move the clock forward or back. A frozen clock stays frozen."""
    found = control.tenant(tenant)
    with bad_request_for(ValueError, OverflowError):
        found.clock.advance(duration(body.by))
    return _info(found)


@action("clock reset", "POST", "/tenants/{tenant}/clock/reset", kept=True)
def reset(control: Control, tenant: str) -> ClockInfo:
    """Return the clock to real time."""
    found = control.tenant(tenant)
    found.clock.reset()
    return _info(found)


_DURATION = re.compile(
    r"(?P<minus>-)?(?:(?P<days>[\d.]+)d)?(?:(?P<hours>[\d.]+)h)?(?:(?P<minutes>[\d.]+)m)?(?:(?P<seconds>[\d.]+)s)?"
)


def duration(text: str) -> timedelta:
    """Parse a duration such as ``1d12h`` or ``-90m``. Raises ``ValueError``."""
    found = _DURATION.fullmatch(text.replace(" ", ""))
    parts = (
        {} if found is None else {name: each for name, each in found.groupdict().items() if name != "minus" and each}
    )
    if found is None or not parts:
        raise ValueError(f"{text!r} is not a duration such as 90m, 1d12h, 0.5s or -2h")
    length = timedelta(**{name: float(each) for name, each in parts.items()})
    return -length if found["minus"] else length


def _info(tenant: Tenant) -> ClockInfo:
    return ClockInfo(shown_time(tenant.clock.now()), tenant.clock.frozen, tenant.clock.to_text())
