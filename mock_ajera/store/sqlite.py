"""The SQLite store, in memory or in a file."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from mock_ajera.store.protocol import Row, StoreBusy, StoreClosed, StoreUnreadable

__all__ = ["SqliteStore"]

APPLICATION_ID = 0x416A4D6B
"""Identifies a SQLite file as a store: "AjMk"."""
SCHEMA_VERSION = 1

_SCHEMA = (
    """CREATE TABLE record (
        kind TEXT NOT NULL,
        key INTEGER NOT NULL,
        version INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    )""",
    "CREATE TABLE sequence (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE note (
        area TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (area, name)
    ) WITHOUT ROWID""",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

_GET = "SELECT kind, key, version, stamp, body FROM record WHERE kind = ? AND key = ?"
_KIND_PAGE = """SELECT kind, key, version, stamp, body FROM record
    WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"""
_KIND_FIRST = """SELECT kind, key, version, stamp, body FROM record
    WHERE kind = ? ORDER BY key LIMIT ?"""
_NEXT_KIND = "SELECT min(kind) FROM record WHERE kind > ?"
_PUT = """INSERT INTO record VALUES (?, ?, 1, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET version = version + 1, stamp = excluded.stamp, body = excluded.body
    RETURNING version"""
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

    @classmethod
    def in_memory(cls) -> SqliteStore:
        """Create an empty store in memory."""
        connection = _connect(":memory:")
        # A deserialized database is one block of memory, which is ten times faster to serialize.
        connection.deserialize(_empty_image())
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
                return cls(_open(path), path)
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
            found = self._connection.execute(_GET, (kind, key)).fetchone()
        except OverflowError:
            return None
        return None if found is None else Row(*found)

    def get_many(self, kind: str, keys: Iterable[int]) -> list[Row]:
        """Return the rows of the keys, in the order of the keys."""
        return [row for row in (self.get(kind, key) for key in keys) if row is not None]

    def rows(self, kind: str | None = None) -> Iterator[Row]:
        """Yield all rows, or those of a kind, ordered by kind and key."""
        for each in self.kinds() if kind is None else (kind,):
            page = self._connection.execute(_KIND_FIRST, (each, _PAGE)).fetchall()
            while page:
                for found in page:
                    yield Row(*found)
                page = self._connection.execute(_KIND_PAGE, (each, page[-1][1], _PAGE)).fetchall()

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
        connection = self._connection
        if connection.in_transaction:
            raise RuntimeError("a transaction is already open")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite itself rolls back after some errors (such as a full disk) and when a connection is closed: after
            # Ctrl-C, the store may be closed before the transaction ends.
            with suppress(sqlite3.ProgrammingError):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise

    def put(self, kind: str, key: int, stamp: int, body: str) -> Row:
        """Insert or replace a record."""
        self._require_transaction()
        [(version,)] = self._connection.execute(_PUT, (kind, key, stamp, body)).fetchall()
        return Row(kind, key, version, stamp, body)

    def delete(self, kind: str, key: int) -> None:
        """Delete a record. Raises ``KeyError`` if it does not exist."""
        self._require_transaction()
        if not self._connection.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key)).rowcount:
            raise KeyError(f"{kind} {key}")

    def number(self, sequence: str) -> int:
        """Return the last number of a sequence, 0 if it has none."""
        return int(self._one("SELECT number FROM sequence WHERE name = ?", sequence) or 0)

    def numbers(self) -> dict[str, int]:
        """Return the last number of every sequence, by name."""
        return dict(self._connection.execute("SELECT name, number FROM sequence ORDER BY name").fetchall())

    def next_number(self, sequence: str) -> int:
        """Return the next number of a sequence."""
        self._require_transaction()
        [(number,)] = self._connection.execute(_NEXT_NUMBER, (sequence,)).fetchall()
        return int(number)

    def raise_number(self, sequence: str, at_least: int) -> None:
        """Raise the last number of a sequence to ``at_least``, unless it is higher already."""
        self._require_transaction()
        if at_least > 0:
            self._connection.execute(_RAISE_NUMBER, (sequence, at_least))

    def note(self, area: str, name: str) -> str | None:
        """Return a note, or None."""
        value: str | None = self._one("SELECT value FROM note WHERE area = ? AND name = ?", area, name)
        return value

    def areas(self) -> list[str]:
        """Return the areas that have a note, in order."""
        return [area for (area,) in self._connection.execute("SELECT DISTINCT area FROM note ORDER BY area")]

    def notes(self, area: str) -> dict[str, str]:
        """Return the notes of an area by name, in order."""
        found = self._connection.execute("SELECT name, value FROM note WHERE area = ? ORDER BY name", (area,))
        return dict(found.fetchall())

    def set_note(self, area: str, name: str, value: str | None) -> None:
        """Write a note; None deletes it."""
        self._require_transaction()
        if value is None:
            self._connection.execute("DELETE FROM note WHERE area = ? AND name = ?", (area, name))
        else:
            self._connection.execute(_SET_NOTE, (area, name, value))

    def size(self) -> int:
        """Return the size in bytes of the database's pages."""
        return _pragma(self._connection, "page_count") * _pragma(self._connection, "page_size")

    def dump(self) -> bytes:
        """Return the whole state as a SQLite image."""
        self._require_no_transaction()
        image = self._connection.serialize()
        if image[18:20] == _WAL_VERSION:
            # A database in memory cannot have a write-ahead log, and cannot open an image that is marked as having one.
            image = image[:18] + _ROLLBACK_VERSION + image[20:]
        return image

    def load(self, image: bytes) -> None:
        """Replace the whole state by an image."""
        self._require_no_transaction()
        loaded = _from_image(image)
        if self._path is None:
            loaded, self._connection = self._connection, loaded
        else:
            loaded.backup(self._connection)
        loaded.close()

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
        self._connection = _CLOSED

    def _one(self, sql: str, *values: object) -> Any:
        found = self._connection.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def _require_transaction(self) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("writing needs a transaction")

    def _require_no_transaction(self) -> None:
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is open")


class _Closed:
    """Replaces the connection of a closed store."""

    def close(self) -> None:
        """Do nothing: a store may be closed twice."""

    def __getattr__(self, name: str) -> NoReturn:
        raise StoreClosed("The store was closed.")


_CLOSED: Any = _Closed()


def _connect(target: str) -> sqlite3.Connection:
    # Without an isolation level the driver never begins a transaction implicitly; transaction() and _open() do.
    return sqlite3.connect(target, timeout=0, isolation_level=None, check_same_thread=False)


@cache
def _empty_image() -> bytes:
    with closing(_connect(":memory:")) as connection:
        _create(connection)
        return connection.serialize()


def _create(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)


def _open(path: Path) -> sqlite3.Connection:
    try:
        connection = _connect(str(path))
    except sqlite3.Error as error:
        raise StoreUnreadable(f"{path} cannot be opened: {error}.") from None
    try:
        # Exclusive mode before the first read keeps the log's index out of shared memory, which not every mounted
        # folder supports. Nothing is written before the file is known to be new or a store.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        if _is_new(connection):
            _create(connection)
        else:
            _check(connection, str(path))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException as error:
        connection.close()
        if not isinstance(error, sqlite3.Error):
            raise
        # The low byte of an extended result code is the primary result code.
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreBusy(f"{path} is in use by another process.") from None
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB:
            raise StoreUnreadable(f"{path} is not a mock-ajera store.") from None
        raise StoreUnreadable(f"{path} cannot be opened: {error}.") from None
    return connection


def _from_image(image: bytes) -> sqlite3.Connection:
    if len(image) < 100 or len(image) != _image_size(image):
        # SQLite would open a truncated image and fail later, when it reads the missing part.
        raise StoreUnreadable("The image is not a mock-ajera store, or is incomplete.")
    connection = _connect(":memory:")
    try:
        connection.deserialize(image)
        _check(connection, "The image")
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise StoreUnreadable(f"The image cannot be read: {error}.") from None
        raise
    return connection


def _image_size(image: bytes) -> int:
    """Return the size in bytes from the image's header."""
    page_size = int.from_bytes(image[16:18], "big")
    return (65536 if page_size == 1 else page_size) * int.from_bytes(image[28:32], "big")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _is_new(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever written: no mark of any program, and no table."""
    marks = ("application_id", "user_version", "schema_version")
    return not any(_pragma(connection, mark) for mark in marks)


def _check(connection: sqlite3.Connection, name: str) -> None:
    """Raise ``StoreUnreadable`` unless the database is a store with the supported schema version."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreUnreadable(f"{name} is not a mock-ajera store.")
    version = _pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise StoreUnreadable(
            f"{name} was written by {age} mock-ajera: it has schema version {version}, this version reads "
            f"{SCHEMA_VERSION}."
        )
