"""The store on SQLite: in memory, or in a file that outlives the process."""

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
"""Marks a SQLite file as ours: "AjMk"."""
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
"""Rows read at a time: no cursor stays open between them."""
_ATTEMPTS = 5
"""Two processes that start at the same moment can refuse each other (one pair in 70 did); another try lets one in."""
_WAL_VERSION, _ROLLBACK_VERSION = b"\x02\x02", b"\x01\x01"
"""Bytes 18 and 19 of a database image: which journal its readers must know."""


class SqliteStore:
    """A ``Store`` on one SQLite connection. Made by ``in_memory`` or ``open``."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        """``connection`` holds a store already; ``path`` is its file, None in memory."""
        self._connection = connection
        self._path = path

    @classmethod
    def in_memory(cls) -> SqliteStore:
        """An empty store that is gone when closed."""
        connection = _connect(":memory:")
        # A database that was once deserialized is one block of memory, and ten times faster to serialize.
        connection.deserialize(_empty_image())
        return cls(connection, None)

    @classmethod
    def open(cls, path: str | Path) -> SqliteStore:
        """The store in a file, made when there is none. What was committed outlives a killed process.

        Raises ``StoreBusy`` when somebody has the file open, ``StoreUnreadable`` when the file is not a store, is of
        another schema version or cannot be opened at all; it is then left as it was.
        """
        path = Path(path)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return cls(_open(path), path)
            except StoreBusy:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - nobody gains by guessing it
        raise AssertionError("unreachable")

    @property
    def name(self) -> str:
        """The path of the file."""
        return "the store in memory" if self._path is None else str(self._path)

    def get(self, kind: str, key: int) -> Row | None:
        """The row of a record, or None."""
        try:
            found = self._connection.execute(_GET, (kind, key)).fetchone()
        except OverflowError:
            return None
        return None if found is None else Row(*found)

    def get_many(self, kind: str, keys: Iterable[int]) -> list[Row]:
        """The rows of the keys in the order asked for."""
        return [row for row in (self.get(kind, key) for key in keys) if row is not None]

    def rows(self, kind: str | None = None) -> Iterator[Row]:
        """All rows or those of a kind, by kind and key."""
        for each in self.kinds() if kind is None else (kind,):
            page = self._connection.execute(_KIND_FIRST, (each, _PAGE)).fetchall()
            while page:
                for found in page:
                    yield Row(*found)
                page = self._connection.execute(_KIND_PAGE, (each, page[-1][1], _PAGE)).fetchall()

    def kinds(self) -> list[str]:
        """The kinds that have a row."""
        # One index step a kind; DISTINCT would walk the whole index.
        found: list[str] = []
        kind = self._one("SELECT min(kind) FROM record")
        while kind is not None:
            found.append(kind)
            kind = self._one(_NEXT_KIND, kind)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at the end, rolls back on any exception."""
        connection = self._connection
        if connection.in_transaction:
            raise RuntimeError("a transaction is already open")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite itself rolls back after some errors, a full disk for one, and when a connection is closed: Ctrl-C
            # may come where the transaction ends only behind that.
            with suppress(sqlite3.ProgrammingError):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise

    def put(self, kind: str, key: int, stamp: int, body: str) -> Row:
        """Write a record."""
        self._must_be_writing()
        [(version,)] = self._connection.execute(_PUT, (kind, key, stamp, body)).fetchall()
        return Row(kind, key, version, stamp, body)

    def delete(self, kind: str, key: int) -> None:
        """Delete a record. Raises ``KeyError`` when there is none."""
        self._must_be_writing()
        if not self._connection.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key)).rowcount:
            raise KeyError(f"{kind} {key}")

    def number(self, sequence: str) -> int:
        """The last number of a sequence."""
        return int(self._one("SELECT number FROM sequence WHERE name = ?", sequence) or 0)

    def numbers(self) -> dict[str, int]:
        """The last number of every sequence."""
        return dict(self._connection.execute("SELECT name, number FROM sequence ORDER BY name").fetchall())

    def next_number(self, sequence: str) -> int:
        """The next number of a sequence."""
        self._must_be_writing()
        [(number,)] = self._connection.execute(_NEXT_NUMBER, (sequence,)).fetchall()
        return int(number)

    def raise_number(self, sequence: str, at_least: int) -> None:
        """Raise the last number of a sequence."""
        self._must_be_writing()
        if at_least > 0:
            self._connection.execute(_RAISE_NUMBER, (sequence, at_least))

    def note(self, area: str, name: str) -> str | None:
        """A small text, or None."""
        value: str | None = self._one("SELECT value FROM note WHERE area = ? AND name = ?", area, name)
        return value

    def areas(self) -> list[str]:
        """The areas that have a note."""
        return [area for (area,) in self._connection.execute("SELECT DISTINCT area FROM note ORDER BY area")]

    def notes(self, area: str) -> dict[str, str]:
        """The notes of an area."""
        found = self._connection.execute("SELECT name, value FROM note WHERE area = ? ORDER BY name", (area,))
        return dict(found.fetchall())

    def set_note(self, area: str, name: str, value: str | None) -> None:
        """Write or remove a note."""
        self._must_be_writing()
        if value is None:
            self._connection.execute("DELETE FROM note WHERE area = ? AND name = ?", (area, name))
        else:
            self._connection.execute(_SET_NOTE, (area, name, value))

    def size(self) -> int:
        """The pages of the database."""
        return _pragma(self._connection, "page_count") * _pragma(self._connection, "page_size")

    def dump(self) -> bytes:
        """The whole state as a SQLite image."""
        self._must_be_at_rest()
        image = self._connection.serialize()
        if image[18:20] == _WAL_VERSION:
            # A database in memory cannot have a write-ahead log, and would not open an image that says it has.
            image = image[:18] + _ROLLBACK_VERSION + image[20:]
        return image

    def load(self, image: bytes) -> None:
        """Replace the whole state."""
        self._must_be_at_rest()
        loaded = _from_image(image)
        if self._path is None:
            loaded, self._connection = self._connection, loaded
        else:
            loaded.backup(self._connection)
        loaded.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._connection = _CLOSED

    def _one(self, sql: str, *values: object) -> Any:
        """The only column of the only row, or None."""
        found = self._connection.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def _must_be_writing(self) -> None:
        if not self._connection.in_transaction:
            raise RuntimeError("writing needs a transaction")

    def _must_be_at_rest(self) -> None:
        if self._connection.in_transaction:
            raise RuntimeError("a transaction is open")


class _Closed:
    """Stands where a connection was."""

    def close(self) -> None:
        """Closing twice is no mistake."""

    def __getattr__(self, name: str) -> NoReturn:
        raise StoreClosed("The store was closed.")


_CLOSED: Any = _Closed()


def _connect(target: str) -> sqlite3.Connection:
    # No isolation level: the driver begins no transaction of its own, so BEGIN and COMMIT stand in transaction() alone.
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
    """A connection that alone has the file, which is ours or new."""
    try:
        connection = _connect(str(path))
    except sqlite3.Error as error:
        raise StoreUnreadable(f"{path} cannot be opened: {error}.") from None
    try:
        # Exclusive before the first reading, and the log's index stays out of shared memory, which not every
        # mounted folder offers. Nothing is written before the file is known as ours.
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
        # The low byte is the primary result code, whatever is said beyond it.
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreBusy(f"{path} is in use by another process.") from None
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_NOTADB:
            raise StoreUnreadable(f"{path} is not a mock-ajera store.") from None
        raise StoreUnreadable(f"{path} cannot be opened: {error}.") from None
    return connection


def _from_image(image: bytes) -> sqlite3.Connection:
    """A database in memory with the state of an image."""
    if len(image) < 100 or len(image) != _image_size(image):
        # SQLite would open a truncated image, and fail when it comes to the part that is missing.
        raise StoreUnreadable("The image is not a mock-ajera store, or not a whole one.")
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
    """The size in bytes that an image's header tells."""
    page_size = int.from_bytes(image[16:18], "big")
    return (65536 if page_size == 1 else page_size) * int.from_bytes(image[28:32], "big")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever written: no mark of any program, and no table."""
    marks = ("application_id", "user_version", "schema_version")
    return not any(_pragma(connection, mark) for mark in marks)


def _check(connection: sqlite3.Connection, what: str) -> None:
    """Raise ``StoreUnreadable`` unless the database is a store of the schema that we know."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreUnreadable(f"{what} is not a mock-ajera store.")
    version = _pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise StoreUnreadable(
            f"{what} was written by {age} mock-ajera: it has schema version {version}, this program reads "
            f"{SCHEMA_VERSION}."
        )
