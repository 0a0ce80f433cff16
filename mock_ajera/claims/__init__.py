"""The ledger of claims: what mock-ajera says about Ajera, with grade and source.

A claim is one sentence of ours about how the Ajera API behaves, with a grade that tells how sure we are and a source
that tells why. The claims are data, one TOML file a theme beside this module; code that implements a claim and the
contract test that checks it both name its id.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

__all__ = ["Claim", "Grade", "LedgerError", "ledger", "read_claims", "themes"]

_ID = re.compile(r"[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
_REQUIRED = ("id", "says", "grade", "source")
_KNOWN = frozenset((*_REQUIRED, "variant"))


class Grade(StrEnum):
    """How a claim is known."""

    DOCUMENTED = "documented"
    """An official page says so."""
    OBSERVED = "observed"
    """The author of a client reports it, or a working client depends on it."""
    INFERRED = "inferred"
    """Our reasoning: a choice that a server has to make. Never asserted of a real endpoint."""


class LedgerError(ValueError):
    """An entry of the ledger is not well formed. The message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One behaviour of the Ajera API.

    ``id`` is ``<theme>.<slug>``; ``says`` is a sentence of ours; ``source`` is the public name of a page or a program.
    A ``variant`` is true of some endpoints only (or can be seen by some users only), so no run has to show it.
    """

    id: str
    says: str
    grade: Grade
    source: str
    variant: bool = False

    @property
    def theme(self) -> str:
        """The part of the id before the dot, which is also the name of the file."""
        return self.id.partition(".")[0]


@cache
def ledger() -> Mapping[str, Claim]:
    """All claims by id, in the order of the files' names and of their entries. Read once.

    Raises ``LedgerError`` when an entry is not well formed or an id occurs twice.
    """
    return MappingProxyType(read_claims((name, text) for name, text in _files()))


def themes() -> frozenset[str]:
    """The themes that have a file: the first parts of the ids that may occur."""
    return frozenset(name.removesuffix(".toml") for name, _ in _files())


def read_claims(files: Iterable[tuple[str, str]]) -> dict[str, Claim]:
    """Claims by id from pairs of file name and TOML text.

    Raises ``LedgerError`` for text that is not TOML, a missing or unknown member, a bad or repeated id, an id of
    another theme than the file's, and an unknown grade.
    """
    found: dict[str, Claim] = {}
    for name, text in files:
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise LedgerError(f"{name}: {error}") from None
        if set(tables) - {"claim"}:
            raise LedgerError(f"{name}: only [[claim]] entries belong here")
        for number, entry in enumerate(tables.get("claim", ()), start=1):
            claim = _claim(name, number, entry)
            if claim.id in found:
                raise LedgerError(f"{name}: entry {number}: the id {claim.id} occurs twice")
            found[claim.id] = claim
    return found


def _files() -> list[tuple[str, str]]:
    """Name and text of each ledger file, by name."""
    folder = resources.files(__name__)
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in entries)


def _claim(name: str, number: int, entry: Mapping[str, Any]) -> Claim:
    """One claim from an entry of the file ``name``."""
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
        raise LedgerError(f"{label}: variant is neither true nor false")
    if not _ID.fullmatch(entry["id"]):
        raise LedgerError(f"{label}: the id is not <theme>.<slug> in lower case")
    if entry["id"].partition(".")[0] != name.removesuffix(".toml"):
        raise LedgerError(f"{label}: the id belongs to another file")
    try:
        grade = Grade(entry["grade"])
    except ValueError:
        raise LedgerError(f"{label}: unknown grade {entry['grade']!r}") from None
    return Claim(id=entry["id"], says=entry["says"], grade=grade, source=entry["source"], variant=variant)
