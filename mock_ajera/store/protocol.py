"""What every store does. One test suite holds for all adapters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


class StoreError(Exception):
    """A store cannot be used. The message is a sentence for the person who started the program."""


class StoreBusy(StoreError):
    """Another process, or another store of this process, has the file open."""


class StoreUnreadable(StoreError):
    """The file or image is not a store, or is of a schema version that this program does not know; or it keeps what
    this program cannot hold.
    """


class StoreClosed(StoreError):
    """The store was given up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it is stored."""

    kind: str
    key: int
    version: int
    """1 when first put, one more at each put after it. A record put again after its deletion starts at 1."""
    stamp: int
    """UTC milliseconds."""
    body: str
    """JSON text of canonical values. The store does not look inside."""


class Store(Protocol):
    """Rows, number sequences and notes, changed in transactions.

    A store has no lock of its own: who calls it holds the tenant's lock. Every method that writes raises
    ``RuntimeError`` outside a transaction.
    """

    @property
    def name(self) -> str:
        """What messages call it: the path of its file, if it has one."""

    def get(self, kind: str, key: int) -> Row | None:
        """The row of a record, or None. A key of any size may be asked for."""

    def get_many(self, kind: str, keys: Iterable[int]) -> list[Row]:
        """The rows of any number of keys, in the order asked for; missing ones are left out."""

    def rows(self, kind: str | None = None) -> Iterator[Row]:
        """All rows, or those of a kind, ordered by kind and key. The store may be changed meanwhile."""

    def kinds(self) -> list[str]:
        """The kinds that have a row, in order."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commits at the end of the block; any exception rolls back. Nesting raises ``RuntimeError``."""

    def put(self, kind: str, key: int, stamp: int, body: str) -> Row:
        """Write a record, new or not."""

    def delete(self, kind: str, key: int) -> None:
        """Delete a record. Raises ``KeyError`` when there is none."""

    def number(self, sequence: str) -> int:
        """The last number that a sequence gave, 0 if none."""

    def numbers(self) -> dict[str, int]:
        """The last number of every sequence that gave or was raised to one, by name, in order."""

    def next_number(self, sequence: str) -> int:
        """The next number of a sequence; the first is 1. Rolled back with the transaction."""

    def raise_number(self, sequence: str, at_least: int) -> None:
        """See to it that the last number of a sequence is ``at_least`` this."""

    def note(self, area: str, name: str) -> str | None:
        """A small text, or None. Notes are what a tenant is besides its records: users, quirks, clock."""

    def areas(self) -> list[str]:
        """The areas that have a note, in order."""

    def notes(self, area: str) -> dict[str, str]:
        """The notes of an area by name, in order."""

    def set_note(self, area: str, name: str, value: str | None) -> None:
        """Write a note; None removes it."""

    def size(self) -> int:
        """Bytes of the image that ``dump`` would make, about."""

    def dump(self) -> bytes:
        """The whole state as an image that ``load`` of any store takes. Raises ``RuntimeError`` in a transaction."""

    def load(self, image: bytes) -> None:
        """Replace the whole state by an image. What was there stays when the image cannot be read.

        Raises ``StoreUnreadable`` for an image that is none, and ``RuntimeError`` in a transaction.
        """

    def close(self) -> None:
        """Give the store up. May be called twice; every other method then raises ``StoreClosed``."""
