"""Names and addresses of generated people as in real books: missing, shared, in capitals, with commas and blanks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from mock_ajera.sample.rows import Row

_PERIOD = 13
"""Every 13th person has the same habit. The generated employees of the smallest firm are just enough for all habits."""
_HABITS: dict[int, Callable[[Row, Row], Row]] = {
    1: lambda *_: {"Email": ""},
    3: lambda row, before: {"Email": before["Email"] if _domain(before) == _domain(row) else row["Email"]},
    4: lambda row, _: {"Email": row["Email"].upper()},
    5: lambda row, _: {"Email": row["Email"].title()},
    7: lambda row, _: {"LastName": f"{row['LastName']}, Jr."},
    8: lambda row, _: {"LastName": f"{row['LastName']} "},
    9: lambda row, _: {"LastName": f"Núñez-{row['LastName']}"},
    11: lambda row, _: {"LastName": f"{row['LastName']}-O'Brien"},
}
"""Returns changed members of a person, from the person and the one before."""


def make_untidy(people: Sequence[Row]) -> None:
    """Change some names and addresses in place. All people have an address."""
    for i, (before, row) in enumerate(pairwise(people)):
        if habit := _HABITS.get(i % _PERIOD):
            row |= habit(row, before)
            if not row["Email"]:
                del row["Email"]


def _domain(person: Row) -> str:
    return str(person["Email"]).lower().partition("@")[2]
