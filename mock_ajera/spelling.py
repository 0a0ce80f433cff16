"""Names that are similar to an unknown one, for the message that refuses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "place_hint", "similar", "suggestion"]

_LONGEST = 80
"""Characters of an unknown name that are compared with the known ones."""
_SIMILAR = 0.75
"""Least similarity of a suggested name: all filters begin alike."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known names that are similar to an unknown one; "" if none is."""
    return did_you_mean(similar(name, known))


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Return at most two known names that are similar to an unknown one; one alone if only case differs.

    Each comparison takes some microseconds: a caller whose client sends many unknown names must limit their number.
    """
    folded = {each.casefold(): each for each in known}
    wanted = name[:_LONGEST].casefold()
    if wanted in folded:
        return [folded[wanted]]
    return [folded[each] for each in get_close_matches(wanted, folded, n=2, cutoff=_SIMILAR)]


def place_hint(name: str, here: Iterable[str], there: Collection[str], place: str) -> str:
    """Return a hint for an unknown name: that it belongs in another place, or at the similar names; "" without either.

    ``here``: the names known where it is; ``there``: those known in the other place; ``place``: "in MethodArguments".
    """
    if name in there:
        return f"; it belongs {place}"
    return did_you_mean([f"{each} {place}" if each in there else each for each in similar(name, [*here, *there])])


def did_you_mean(names: list[str]) -> str:
    """Return the names as the last part of a message; "" without names."""
    return f"; did you mean {' or '.join(names)}?" if names else ""
