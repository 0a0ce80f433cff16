"""The kinds of faults: what can go wrong with a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from mock_ajera.tenants.faults import Phase

Group = Literal["connection", "answer", "session", "record"]


class Kind(msgspec.Struct, frozen=True):
    """A kind of fault."""

    name: str
    group: Group
    says: str
    phases: tuple[Phase, ...] = ("before", "after")
    """The phases in which it can happen, the usual one first."""
    takes: tuple[str, ...] = ()
    """The parameters of a rule that it uses."""
    needs: tuple[str, ...] = ()
    """Those of them that a rule must have."""
    writes: bool = False
    """Whether it happens to methods that write only."""


_AFTER: tuple[Phase, ...] = ("after",)
_BEFORE: tuple[Phase, ...] = ("before",)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "delay",
            "connection",
            "The call waits, before it is handled or before its answer is sent.",
            takes=("seconds", "most_seconds", "spread"),
        ),
        Kind(
            "reset",
            "connection",
            "The connection is reset: instead of an answer, or with size within it.",
            phases=("after", "before"),
            takes=("size",),
        ),
        Kind("hang", "connection", "No answer is ever sent. The connection stays open.", ("after", "before")),
        Kind("truncate", "connection", "The answer is cut off, and the connection closed.", _AFTER, ("size",)),
        Kind("drip", "connection", "The answer is sent slowly.", _AFTER, ("rate",), ("rate",)),
        Kind(
            "http",
            "answer",
            "An HTTP status with a page instead of an answer.",
            takes=("status", "page", "retry_after"),
        ),
        Kind("malformed", "answer", "The answer is no JSON: it lacks its end.", _AFTER),
        Kind("content-type", "answer", "The answer has another Content-Type.", _AFTER, ("content_type",)),
        Kind("envelope", "answer", "The envelope of a success differs.", _AFTER, ("change",), ("change",)),
        Kind("throttle", "answer", "Calls above a rate are delayed or refused.", _BEFORE, ("rate", "excess")),
        Kind(
            "silent-success",
            "answer",
            "A write is answered as a success, and nothing is written.",
            _BEFORE,
            writes=True,
        ),
        Kind("twice", "record", "The call is handled twice, as if it had been sent again.", _BEFORE),
        Kind("change", "record", "A record changes, as if another client had written it.", takes=("target",)),
        Kind("delete", "record", "A record is deleted, as if another client had done so.", takes=("target",)),
        Kind("locked", "record", "A write is refused because somebody else edits the record.", _BEFORE, writes=True),
        Kind("closed-period", "record", "A write is refused because its period is closed.", _BEFORE, writes=True),
        Kind("expire", "session", "The session of the call expires."),
        Kind("too-many-sessions", "session", "A login is refused because of too many sessions.", _BEFORE),
        Kind("withdraw", "session", "The check box of the method is cleared for the user."),
    )
}
"""The kinds of faults by name."""
