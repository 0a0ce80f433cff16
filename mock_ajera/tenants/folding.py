"""Texts as SQL Server compares them: case does not count."""

from __future__ import annotations


def fold(text: str) -> str:
    """Case-fold a text without changing its length, so that a LIKE's _ still matches one character."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


def collated(text: str) -> str:
    """Return the form in which two texts are equal for SQL Server's =: case and trailing blanks do not count."""
    return fold(text.rstrip(" "))


def _fold_character(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
