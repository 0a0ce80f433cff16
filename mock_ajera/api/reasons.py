"""Reasons to refuse a value: the faults that fields raise and the reasons that answers report."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import msgspec
from marshmallow import ValidationError

from mock_ajera.spelling import suggestion
from mock_ajera.tenants.journal import Reason

_HINTED = 20
"""Most unknown members of a request that are compared with the known ones: that takes time."""


class Fault(msgspec.Struct, frozen=True):
    """A fault in the value of one field. The schemas around the field add its path."""

    rule: str
    text: str
    claim: str = ""
    """Empty for a rule of every schema, whose claim is the schema's ``unreadable``."""


def fault(rule: str, text: str, claim: str = "") -> ValidationError:
    """Return the exception that carries a ``Fault`` through marshmallow."""
    return ValidationError([Fault(rule, text, claim)])


class NoSuchMember(msgspec.Struct, frozen=True):
    """The fault of a member that does not exist. ``known``: the members that do."""

    known: Collection[str]


@dataclass(frozen=True, slots=True)
class UnknownMember(Reason):
    """The reason for a member that does not exist. ``known``: the members that do."""

    known: Collection[str] = ()


def unknown_member(at: str, claim: str = "write.unknown-members-refused", known: Collection[str] = ()) -> UnknownMember:
    """Return the reason for a member that does not exist. ``known``: the members that do."""
    return UnknownMember(at, "unknown-member", "no such member", claim, known)


def hinted(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons, the first unknown members with a hint at similar names."""
    left = _HINTED
    found: list[Reason] = []
    for reason in reasons:
        hint = ""
        if isinstance(reason, UnknownMember) and left:
            left -= 1
            hint = suggestion(reason.path.rpartition(".")[2], reason.known)
        found.append(replace(reason, text=f"{reason.text}{hint}") if hint else reason)
    return tuple(found)


def differs(at: str, text: str = "the baseline does not match the stored record") -> Reason:
    """Return the reason for a baseline that does not match the stored record."""
    return Reason(at, "baseline", text, "write.baseline-differs")


def quoted(value: Any) -> str:
    """Return the text of a canonical value for a reason, cut off at 40 characters."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def within(at: str, name: str) -> str:
    """Return the path of a member inside ``at``."""
    return f"{at}.{name}" if at else name
