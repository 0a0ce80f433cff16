"""Pieces of generated rows: relative days and stamps, money, and rows without what says nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_ajera.api.records import Record

Row = dict[str, Any]

_CENT = Decimal("0.01")


def filled(row: Row) -> Row:
    """The row without members that say nothing: null, the empty text, false."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and value != "" and value is not False and (value != [] or name == "Contacts")
    }


def slug(text: str) -> str:
    """Letters and digits of a text, for addresses on the net."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def day(days: int) -> str:
    """A day so many days from today, as files have it."""
    return "@today" if days == 0 else f"@today{days:+d}"


def stamp(rng: random.Random, days: int) -> str:
    """A stamp in office hours so many days ago, as files have it."""
    seconds = rng.randint(7 * 3600, 19 * 3600)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"@today-{days} {clock}.{round(rng.randrange(300) * 10 / 3):03d}"


def money(amount: float | Decimal) -> Decimal:
    """An amount in whole cents."""
    return Decimal(amount).quantize(_CENT, ROUND_HALF_UP)


def scaled(record: Record, row: Mapping[str, Any]) -> Row:
    """Return the row with the decimals that its members have: two for money, four for rates and custom numbers."""
    found: Row = record.map(row, lambda member, value: member.to_file(value), wire=True)
    return found
