"""Parts of generated rows: relative days and stamps, money, and rows without empty values."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from mock_ajera.api.records import Record

Row = dict[str, Any]

_CENT = Decimal("0.01")
_DAYS = 20_000
"""Days that are remembered: a generated firm has those of 16 years, again and again."""


def filled(row: Row) -> Row:
    """Return the row without empty members: null, the empty string, false."""
    return {name: value for name, value in row.items() if value or not _is_empty(name, value)}


def _is_empty(name: str, value: Any) -> bool:
    # Zeros are values, and contacts are always listed.
    return value is None or value is False or value == "" or (value == [] and name != "Contacts")


def slug(text: str) -> str:
    """Return the letters and digits of a text in lower case, for internet addresses."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@lru_cache(_DAYS)
def day(days: int) -> str:
    """Return the relative day of a file, a number of days from today."""
    return "@today" if days == 0 else f"@today{days:+d}"


@lru_cache(_DAYS)
def days_from_today(text: str | None) -> int | None:
    """Return the number of days of a relative day, or None for null and absolute dates."""
    if text is None or not text.startswith("@today"):
        return None
    return int(text.removeprefix("@today") or 0)


def stamp(rng: random.Random, days: int) -> str:
    """Return a relative stamp of a file, during office hours a number of days ago."""
    seconds = rng.randint(7 * 3600, 19 * 3600)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"@today-{days} {clock}.{round(rng.randrange(300) * 10 / 3):03d}"


def money(amount: float | Decimal) -> Decimal:
    """Return an amount rounded to cents."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def scaled(record: Record, row: Mapping[str, Any]) -> Row:
    """Return the row with the decimal places of its members: two for money, four for rates and custom numbers."""
    result: Row = record.map(row, lambda member, value: member.to_file(value), wire=True)
    return result
