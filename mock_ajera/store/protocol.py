"""The protocol of a store. One test suite covers all adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec


class StoreError(Exception):
    """A store cannot be used. The message is a sentence for the user."""


class StoreBusy(StoreError):
    """Another process, or another store of this process, has the file open."""


class StoreUnreadable(StoreError):
    """The file or image is not a store, has an unsupported schema version, or has contents that are not supported."""


class StoreFailed(StoreError):
    """An open store could not be read or written: the disk is full, for example, or a page is damaged."""


class StoreClosed(StoreError):
    """The store is closed."""


class Row(msgspec.Struct, frozen=True):
    """One record as it is stored."""

    kind: str
    key: int
    version: int
    """1 for the first put, incremented by each later put. Deleting the record resets it."""
    stamp: int
    """UTC milliseconds."""
    body: str
    """JSON text of canonical values. The store does not parse it."""


class Store(Protocol):
    """Rows, number sequences and notes, changed in transactions.

    A store is not thread-safe: the caller must hold the tenant's lock. Every method that writes raises
    ``RuntimeError`` outside a transaction. Every method raises ``StoreFailed`` if the medium fails; a transaction
    whose commit fails has no effect.
    """

    @property
    def name(self) -> str:
        """The name of the store for messages: the path of its file, if it has one."""

    def get(self, kind: str, key: int) -> Row | None:
        """Return the row of a record, or None. A key of any size is accepted."""

    def get_many(self, kind: str, keys: Iterable[int]) -> list[Row]:
        """Return the rows of any number of keys, in the order of the keys. Missing rows are omitted."""

    def rows(self, kind: str | None = None) -> Iterator[Row]:
        """Yield all rows, or those of a kind, ordered by kind and key. The store may change during the iteration."""

    def kinds(self) -> list[str]:
        """Return the kinds that have a row, in order."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit at the end of the block; roll back on any exception. Nesting raises ``RuntimeError``."""

    def on_commit(self, change: Callable[[], object]) -> None:
        """Call ``change`` when the open transaction is committed, never if it is rolled back.

        State in memory that mirrors the store changes only in this way, so that it is never ahead of the store.
        """

    def put(self, kind: str, key: int, stamp: int, body: str) -> Row:
        """Insert or replace a record."""

    def insert(self, records: Iterable[tuple[str, int, int, str]]) -> None:
        """Insert records (kind, key, stamp and body) that do not exist yet: the fastest way to store many."""

    def delete(self, kind: str, key: int) -> None:
        """Delete a record. Raises ``KeyError`` if it does not exist."""

    def number(self, sequence: str) -> int:
        """Return the last number of a sequence, 0 if it has none."""

    def numbers(self) -> dict[str, int]:
        """Return the last number of every sequence that has one, by name, in order."""

    def next_number(self, sequence: str) -> int:
        """Return the next number of a sequence; the first is 1. It is rolled back with the transaction."""

    def raise_number(self, sequence: str, at_least: int) -> None:
        """Raise the last number of a sequence to ``at_least``, unless it is higher already."""

    def note(self, area: str, name: str) -> str | None:
        """Return a note, or None. Notes are small texts for everything but records: users, quirks, clock."""

    def areas(self) -> list[str]:
        """Return the areas that have a note, in order."""

    def notes(self, area: str) -> dict[str, str]:
        """Return the notes of an area by name, in order."""

    def set_note(self, area: str, name: str, value: str | None) -> None:
        """Write a note; None deletes it."""

    def clear_notes(self, area: str) -> None:
        """Delete all notes of an area."""

    def fault(self) -> str | None:
        """Return why the store cannot be used, or None. After a failure, every call checks the whole store again."""

    def size(self) -> int:
        """Return the approximate size in bytes of the image that ``dump`` would return."""

    def dump(self) -> bytes:
        """Return the whole state as an image for ``load`` of any store. Raises ``RuntimeError`` in a transaction."""

    def load(self, image: bytes, *, keep: str = "") -> None:
        """Replace the whole state by an image, except the notes of the area ``keep``.

        Part of the open transaction, if there is one. Raises ``StoreUnreadable`` for an invalid image; nothing changes
        then. A second load in one transaction raises ``RuntimeError``.
        """

    def mark(self) -> None:
        """Remember the current state for ``rewind``, until the store is closed, in the place of an earlier one.

        That takes no time and space but for what changes afterwards. Requires an open transaction.
        """

    def rewind(self, *, keep: str = "") -> list[tuple[str, Row | int]]:
        """Return to the state of ``mark``, versions included, except the notes of the area ``keep``.

        Returns the kind of each record that had changed, with its row, or with its key if it does not exist now.
        Requires an open transaction. Raises ``LookupError`` if there is no mark.
        """

    def close(self) -> None:
        """Close the store. It may be called twice; every other method then raises ``StoreClosed``."""
