"""Pieces of generated rows: relative days and stamps, money, and rows without what says nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.records import Row as Schema

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


def scaled(schema: Schema, row: Mapping[str, Any]) -> Row:
    """The row with the decimals that its members have: two of money, four of rates and of custom numbers."""
    found: Row = {}
    for name, value in row.items():
        member = schema.members.get(name)
        if isinstance(member, f.Money | f.Rate):
            found[name] = member.deserialize(value)
        elif name.startswith("CF_") and type(value) in (int, Decimal):
            found[name] = _CUSTOM.deserialize(value)
        elif isinstance(member, f.KeyedRows | f.Rows):
            found[name] = [scaled(member.row, item) for item in value]
        else:
            found[name] = value
    return found


_CUSTOM = f.Rate()
