"""Reasons to refuse a value: the faults that fields raise and the reasons that answers report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError

from mock_ajera.tenants.journal import Reason

_LONGEST = 80
"""Characters of an unknown name that are compared with the known ones."""
_SIMILAR = 0.75
"""Least similarity of a suggested name: all filters begin alike."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the value of one field. The schemas around the field add its path."""

    rule: str
    text: str
    claim: str = ""
    """Empty for a rule of every schema, whose claim is the schema's ``unreadable``."""


def fault(rule: str, text: str, claim: str = "") -> ValidationError:
    """Return the exception that carries a ``Fault`` through marshmallow."""
    return ValidationError([Fault(rule, text, claim)])


def unknown_member(at: str, claim: str = "write.unknown-members-refused") -> Reason:
    """Return the reason for a member that does not exist."""
    return Reason(at, "unknown-member", "no such member", claim)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known names that are similar to an unknown one, in any case; "" if none is."""
    folded = {each.lower(): each for each in known}
    similar = get_close_matches(name[:_LONGEST].lower(), folded, n=2, cutoff=_SIMILAR)
    return f"; did you mean {' or '.join(folded[each] for each in similar)}?" if similar else ""


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
