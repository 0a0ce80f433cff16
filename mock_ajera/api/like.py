"""The pattern matcher of SQL Server's LIKE, without regard to case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mock_ajera.tenants.folding import fold

LONGEST_PATTERN = 4000
"""Maximum characters of a pattern: SQL Server accepts 8,000 bytes, two per character."""
WILDCARDS = re.compile(r"[%_\[]")


def like(text: str) -> Callable[[str], bool]:
    """Return a function that matches texts against LIKE '%text%'.

    The pieces between the % are searched one after another, each at the first possible position. Without backtracking,
    no pattern is slow.
    """
    pieces = [re.compile(piece, re.DOTALL) for piece in _pieces(text)]

    def matches(value: str) -> bool:
        value = fold(value)
        at = 0
        for piece in pieces:
            found = piece.search(value, at)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def literals(text: str) -> list[str]:
    """Return the folded parts of a pattern without wildcards: each text that matches contains them all."""
    parts = [""]
    for token in _tokens(text):
        if token.literal:
            parts[-1] += token.literal
        else:
            parts.append("")
    return [part for part in parts if part]


class _Token(NamedTuple):
    """A character of a pattern, or a wildcard."""

    literal: str
    """The folded character; "" for a wildcard."""
    expression: str
    """The regular expression; "" for %."""


def _tokens(text: str) -> Iterator[_Token]:
    text = fold(text)
    at = 0
    while at < len(text):
        character = text[at]
        if character == "%":
            yield _Token("", "")
        elif character == "_":
            yield _Token("", ".")
        elif character == "[" and (end := text.find("]", at + 2)) != -1:
            inside = text[at + 1 : end]
            negated = inside.startswith("^") and len(inside) > 1
            yield _Token("", f"[{'^' if negated else ''}{_set(inside[1:] if negated else inside)}]")
            at = end
        else:
            yield _Token(character, re.escape(character))
        at += 1


def _pieces(text: str) -> list[str]:
    """Return the regular expressions of the pieces between the %."""
    pieces = [""]
    for token in _tokens(text):
        if token.expression:
            pieces[-1] += token.expression
        else:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _set(inside: str) -> str:
    """Translate the inside of a LIKE set to that of a regular expression.

    A dash between two characters is a range only if they are in ascending order.
    """
    translated: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside) and inside[at] <= inside[at + 2]:
            translated.append(f"{re.escape(inside[at])}-{re.escape(inside[at + 2])}")
            at += 3
        else:
            translated.append(re.escape(inside[at]))
            at += 1
    return "".join(translated)
