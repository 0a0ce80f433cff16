"""The SQLite store, in memory or in a file."""

from __future__ import annotations

import random
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn

from mock_ajera.store import sqlite_file
from mock_ajera.store.protocol import Row, StoreBusy, StoreClosed, StoreFailed
from mock_ajera.store.sqlite_errors import sentence
from mock_ajera.store.sqlite_file import connect, empty_image, open_file, open_image, pragma, problem_in, replace_by

__all__ = ["SqliteStore"]

_GET = "SELECT kind, key, version, stamp, body FROM record WHERE kind = ? AND key = ?"
_KIND_PAGE = """SELECT kind, key, version, stamp, body FROM record
    WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"""
_KIND_FIRST = """SELECT kind, key, version, stamp, body FROM record
    WHERE kind = ? ORDER BY key LIMIT ?"""
_NEXT_KIND = "SELECT min(kind) FROM record WHERE kind > ?"
_PUT = """INSERT INTO record VALUES (?, ?, 1, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET version = version + 1, stamp = excluded.stamp, body = excluded.body
    RETURNING version"""
_INSERT = "INSERT INTO record VALUES (?, ?, 1, ?, ?)"
_NEXT_NUMBER = """INSERT INTO sequence VALUES (?, 1)
    ON CONFLICT (name) DO UPDATE SET number = number + 1 RETURNING number"""
_RAISE_NUMBER = """INSERT INTO sequence VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET number = max(number, excluded.number)"""
_SET_NOTE = """INSERT INTO note VALUES (?, ?, ?)
    ON CONFLICT (area, name) DO UPDATE SET value = excluded.value"""

_PAGE = 256
"""Rows per page. No cursor stays open between pages."""
_ATTEMPTS = 5
"""Two processes that open a file at the same moment can lock each other out (1 pair in 70 did); a retry resolves it."""
_WAL_VERSION, _ROLLBACK_VERSION = b"\x02\x02", b"\x01\x01"
"""Bytes 18 and 19 of a database image, the format of its journal."""


class SqliteStore:
    """A ``Store`` on one SQLite connection. Create it with ``in_memory`` or ``open``."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        """Wrap a connection to an existing store; ``path`` is its file, None in memory."""
        self._connection = connection
        self._path = path
        if path is None:
            # What nobody refers to any more is gone. Since Python 3.13, it would warn that nobody has closed it.
            self._end = weakref.finalize(self, connection.close)
        self._on_commit: list[Callable[[], object]] = []
        self._failure: str | None = None
        """The last failure of the medium, until a check finds that it is over."""

    @classmethod
    def in_memory(cls) -> SqliteStore:
        """Create an empty store in memory."""
        connection = connect(":memory:")
        # A deserialized database is one block of memory, which is ten times faster to serialize.
        connection.deserialize(empty_image())
        return cls(connection, None)

    @classmethod
    def open(cls, path: str | Path) -> SqliteStore:
        """Open the store in a file, or create it. Committed data survives a killed process.

        Raises ``StoreBusy`` if the file is open already, and ``StoreUnreadable`` if the file is not a store, has
        another schema version or cannot be opened. The file is then left unchanged.
        """
        path = Path(path)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return cls(open_file(path), path)
            except StoreBusy:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - not a secret
        raise AssertionError("unreachable")

    @property
    def name(self) -> str:
        """The path of the file, or a fixed name in memory."""
        return "the store in memory" if self._path is None else str(self._path)

    def get(self, kind: str, key: int) -> Row | None:
        """Return the row of a record, or None."""
        try:
            found = self._all(_GET, kind, key)
        except OverflowError:
            return None
        return Row(*found[0]) if found else None

    def get_many(self, kind: str, keys: Iterable[int]) -> list[Row]:
        """Return the rows of the keys, in the order of the keys."""
        return [row for row in (self.get(kind, key) for key in keys) if row is not None]

    def rows(self, kind: str | None = None) -> Iterator[Row]:
        """Yield all rows, or those of a kind, ordered by kind and key."""
        for each in self.kinds() if kind is None else (kind,):
            page = self._all(_KIND_FIRST, each, _PAGE)
            while page:
                for found in page:
                    yield Row(*found)
                page = self._all(_KIND_PAGE, each, page[-1][1], _PAGE)

    def kinds(self) -> list[str]:
        """Return the kinds that have a row, in order."""
        # One index lookup per kind; DISTINCT would scan the whole index.
        found: list[str] = []
        kind = self._one("SELECT min(kind) FROM record")
        while kind is not None:
            found.append(kind)
            kind = self._one(_NEXT_KIND, kind)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end of the block; roll back on any exception."""
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is already open")
        self._all("BEGIN IMMEDIATE")
        changes = self._on_commit = []
        try:
            yield
            self._all("COMMIT")
        finally:
            # SQLite itself rolls back after some errors (such as a full disk) and when a connection is closed: after
            # Ctrl-C, the store may be closed before the transaction ends.
            if self._connection is not _CLOSED:
                self._end_transaction()
        for change in changes:
            change()

    def _end_transaction(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            self._connection.execute("DETACH image")  # if one was loaded

    def on_commit(self, change: Callable[[], object]) -> None:
        """Call ``change`` when the open transaction is committed."""
        self._require_transaction()
        self._on_commit.append(change)

    def put(self, kind: str, key: int, stamp: int, body: str) -> Row:
        """Insert or replace a record."""
        self._require_transaction()
        [(version,)] = self._all(_PUT, kind, key, stamp, body)
        return Row(kind, key, version, stamp, body)

    def insert(self, records: Iterable[tuple[str, int, int, str]]) -> None:
        """Insert records that do not exist yet."""
        self._require_transaction()
        with self._translated():
            self._connection.executemany(_INSERT, records)

    def delete(self, kind: str, key: int) -> None:
        """Delete a record. Raises ``KeyError`` if it does not exist."""
        self._require_transaction()
        if not self._all("DELETE FROM record WHERE kind = ? AND key = ? RETURNING 1", kind, key):
            raise KeyError(f"{kind} {key}")

    def number(self, sequence: str) -> int:
        """Return the last number of a sequence, 0 if it has none."""
        return int(self._one("SELECT number FROM sequence WHERE name = ?", sequence) or 0)

    def numbers(self) -> dict[str, int]:
        """Return the last number of every sequence, by name."""
        return dict(self._all("SELECT name, number FROM sequence ORDER BY name"))

    def next_number(self, sequence: str) -> int:
        """Return the next number of a sequence."""
        self._require_transaction()
        [(number,)] = self._all(_NEXT_NUMBER, sequence)
        return int(number)

    def raise_number(self, sequence: str, at_least: int) -> None:
        """Raise the last number of a sequence to ``at_least``, unless it is higher already."""
        self._require_transaction()
        if at_least > 0:
            self._all(_RAISE_NUMBER, sequence, at_least)

    def note(self, area: str, name: str) -> str | None:
        """Return a note, or None."""
        value: str | None = self._one("SELECT value FROM note WHERE area = ? AND name = ?", area, name)
        return value

    def areas(self) -> list[str]:
        """Return the areas that have a note, in order."""
        return [area for (area,) in self._all("SELECT DISTINCT area FROM note ORDER BY area")]

    def notes(self, area: str) -> dict[str, str]:
        """Return the notes of an area by name, in order."""
        return dict(self._all("SELECT name, value FROM note WHERE area = ? ORDER BY name", area))

    def set_note(self, area: str, name: str, value: str | None) -> None:
        """Write a note; None deletes it."""
        self._require_transaction()
        if value is None:
            self._all("DELETE FROM note WHERE area = ? AND name = ?", area, name)
        else:
            self._all(_SET_NOTE, area, name, value)

    def clear_notes(self, area: str) -> None:
        """Delete all notes of an area."""
        self._require_transaction()
        self._all("DELETE FROM note WHERE area = ?", area)

    def size(self) -> int:
        """Return the size in bytes of the database's pages."""
        with self._translated():
            return pragma(self._connection, "page_count") * pragma(self._connection, "page_size")

    def dump(self) -> bytes:
        """Return the whole state as a SQLite image."""
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is open")
        with self._translated():
            image = self._connection.serialize()
        if image[18:20] == _WAL_VERSION:
            # A database in memory cannot have a write-ahead log, and cannot open an image that is marked as having one.
            image = image[:18] + _ROLLBACK_VERSION + image[20:]
        return image

    def load(self, image: bytes, *, keep: str = "") -> None:
        """Replace the whole state by an image, except the notes of the area ``keep``."""
        inside = self._connection.in_transaction
        if self._path is None and not keep and not inside:
            # The fastest way, by which new tenants are made.
            connection = open_image(image)
            self._end()
            self._connection = connection
            self._end = weakref.finalize(self, connection.close)
            return
        with nullcontext() if inside else self.transaction(), self._translated():
            replace_by(image, self._connection, keep)

    def mark(self) -> None:
        """Remember the current state for ``rewind``."""
        self._require_transaction()
        with self._translated():
            sqlite_file.mark(self._connection)

    def rewind(self, *, keep: str = "") -> list[tuple[str, Row | int]]:
        """Return to the state of ``mark``, except the notes of the area ``keep``."""
        self._require_transaction()
        with self._translated():
            originals = sqlite_file.rewind(self._connection, keep)
        return [
            (kind, key if version is None else Row(kind, key, version, stamp, body))
            for kind, key, version, stamp, body in originals
        ]

    def fault(self) -> str | None:
        """Return why the store cannot be used, or None."""
        if self._failure is not None:
            try:
                self._check()
            except StoreFailed as error:
                self._failure = str(error)
            else:
                self._failure = None
        return self._failure

    def _check(self) -> None:
        """Read every page anew and write some. Raises ``StoreFailed``."""
        self._all("PRAGMA shrink_memory")
        with self._translated():
            problem = problem_in(self._connection)
        if problem is not None:
            raise StoreFailed(f"{self.name} is damaged: {problem}.")
        with self.transaction():
            self.set_note("", "", "x" * 4 * pragma(self._connection, "page_size"))
            self.clear_notes("")

    def close(self) -> None:
        """Close the store."""
        with suppress(sqlite3.Error):
            self._connection.close()
        self._connection = _CLOSED

    def _all(self, sql: str, *values: object) -> list[Any]:
        """Run a statement and return its rows. Every statement on the data runs through it. Raises ``StoreFailed``."""
        # Not by ``_translated``: this is the path of every read.
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from None

    def _one(self, sql: str, *values: object) -> Any:
        found = self._all(sql, *values)
        return found[0][0] if found else None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from None

    def _failed(self, error: sqlite3.DatabaseError) -> Exception:
        if isinstance(error, sqlite3.ProgrammingError):
            return error
        self._failure = sentence(error, self.name, self._connection)
        return StoreFailed(self._failure)

    def _require_transaction(self) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("writing needs a transaction")


class _Closed:
    """Replaces the connection of a closed store."""

    def close(self) -> None:
        """Do nothing: a store may be closed twice."""

    def __getattr__(self, name: str) -> NoReturn:
        raise StoreClosed("The store was closed.")


_CLOSED: Any = _Closed()
