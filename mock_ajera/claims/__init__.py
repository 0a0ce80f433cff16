"""The ledger of claims: statements about the behavior of Ajera, each with a grade and a source.

A claim is one sentence about how the Ajera API behaves. Its grade is how well the behavior is known; its source is the
evidence. The claims are data in TOML files next to this module, one file per theme. The code that implements a claim
and the contract test that checks it both refer to its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from mock_ajera.spelling import suggestion

__all__ = ["Claim", "Grade", "LedgerError", "ledger", "no_such_claim", "read_claims", "themes"]

_LISTED = 5
"""Most claims that a message lists."""
_ID = re.compile(r"[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
_REQUIRED = ("id", "says", "grade", "source")
_TEXTS = ("untraced", "instead")
_KNOWN = frozenset((*_REQUIRED, "variant", *_TEXTS))


class Grade(StrEnum):
    """How well a claim is known."""

    DOCUMENTED = "documented"
    """An official page documents it."""
    OBSERVED = "observed"
    """The author of a client reports it, or a working client depends on it."""
    INFERRED = "inferred"
    """A choice that the server has to make. It is never asserted against a real endpoint."""


class LedgerError(ValueError):
    """An entry of the ledger is malformed. The message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One behavior of the Ajera API.

    ``id`` is ``<theme>.<slug>``; ``says`` is one sentence; ``source`` is the public name of a page or a program.
    A ``variant`` holds for some endpoints only (or is visible to some users only), so a run need not show it.
    ``untraced``: why no line of the server names it, so that no answer is reported to rely on it; "" for most claims.
    ``instead``: what the server does instead of a variant that it does not have; "" for all other claims.
    """

    id: str
    says: str
    grade: Grade
    source: str
    variant: bool = False
    untraced: str = ""
    instead: str = ""

    @property
    def theme(self) -> str:
        """The part of the id before the dot, which is also the file name."""
        return self.id.partition(".")[0]


@cache
def ledger() -> Mapping[str, Claim]:
    """Return all claims by id, ordered by file name and then by entry. The files are read once.

    Raises ``LedgerError`` if an entry is malformed or an id occurs twice.
    """
    return MappingProxyType(read_claims((name, text) for name, text in _files()))


def themes() -> frozenset[str]:
    """Return the themes that have a file, which are the valid first parts of ids."""
    return frozenset(name.removesuffix(".toml") for name, _ in _files())


def no_such_claim(name: str) -> str:
    """Return the message for an unknown id, with the claims that begin with it or are similar to it."""
    found = [each for each in ledger() if name and each.startswith(name)]
    if not found:
        return f"there is no claim {name!r}{suggestion(name, ledger())}"
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    every = f"; claims list --theme {name} lists them" if name in themes() and more else ""
    return f"there is no claim {name!r}; it is the beginning of {', '.join(found[:_LISTED])}{more}{every}"


def read_claims(files: Iterable[tuple[str, str]]) -> dict[str, Claim]:
    """Return the claims by id from pairs of file name and TOML text.

    Raises ``LedgerError`` for text that is not TOML, a missing or unknown member, an invalid or repeated id, an id
    whose theme is not that of the file, and an unknown grade.
    """
    import tomllib  # most runs never read the ledger

    found: dict[str, Claim] = {}
    for name, text in files:
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise LedgerError(f"{name}: {error}") from None
        if set(tables) - {"claim"}:
            raise LedgerError(f"{name}: only [[claim]] entries are allowed")
        for number, entry in enumerate(tables.get("claim", ()), start=1):
            claim = _claim(name, number, entry)
            if claim.id in found:
                raise LedgerError(f"{name}: entry {number}: the id {claim.id} occurs twice")
            found[claim.id] = claim
    return found


def _files() -> list[tuple[str, str]]:
    folder = resources.files(__name__)
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in entries)


def _claim(name: str, number: int, entry: Mapping[str, Any]) -> Claim:
    label = f"{name}: entry {number} ({entry.get('id', 'no id')})"
    for member in _REQUIRED:
        value = entry.get(member)
        if not isinstance(value, str) or not value.strip():
            raise LedgerError(f"{label}: {member} is missing")
    unknown = sorted(set(entry) - _KNOWN)
    if unknown:
        raise LedgerError(f"{label}: unknown member {unknown[0]}")
    variant = entry.get("variant", False)
    if not isinstance(variant, bool):
        raise LedgerError(f"{label}: variant must be true or false")
    texts = {name: entry[name] for name in _TEXTS if name in entry}
    for member, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise LedgerError(f"{label}: {member} must be a text")
    if not _ID.fullmatch(entry["id"]):
        raise LedgerError(f"{label}: the id must be <theme>.<slug> in lowercase")
    if entry["id"].partition(".")[0] != name.removesuffix(".toml"):
        raise LedgerError(f"{label}: the id belongs in another file")
    try:
        grade = Grade(entry["grade"])
    except ValueError:
        raise LedgerError(f"{label}: unknown grade {entry['grade']!r}") from None
    members = {name: entry[name] for name in ("id", "says", "source")}
    return Claim(**members, grade=grade, variant=variant, **texts)
