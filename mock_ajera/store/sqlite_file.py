"""Connections to SQLite databases that hold a store: new ones, files and images, with all checks before use."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

from mock_ajera.store.protocol import StoreBusy, StoreUnreadable
from mock_ajera.store.sqlite_errors import code_of, sentence

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

_REPLACE = (
    """DELETE FROM main.record AS old
        WHERE NOT EXISTS (SELECT 1 FROM image.record AS new WHERE new.kind = old.kind AND new.key = old.key)""",
    # Most records are the same: writing only the others is many times faster, above all in a file.
    """INSERT OR REPLACE INTO main.record
        SELECT new.* FROM image.record AS new
        LEFT JOIN main.record AS old ON old.kind = new.kind AND old.key = new.key
        WHERE old.version IS NOT new.version OR old.stamp IS NOT new.stamp OR old.body IS NOT new.body""",
    "DELETE FROM main.sequence",
    "INSERT INTO main.sequence SELECT * FROM image.sequence",
    "DELETE FROM main.note WHERE area < :keep OR area > :keep",
    "INSERT INTO main.note SELECT * FROM image.note WHERE area < :keep OR area > :keep",
)
"""Replace the state by that of the attached database ``image``."""


_MARK = (
    """CREATE TEMP TABLE IF NOT EXISTS original (
        kind TEXT NOT NULL, key INTEGER NOT NULL, version INTEGER, stamp INTEGER, body TEXT, PRIMARY KEY (kind, key)
    )""",
    "DELETE FROM temp.original",
    # An update is an insert first. The clause OR IGNORE would not do: that of the outer statement would replace it.
    """CREATE TEMP TRIGGER IF NOT EXISTS original_before_insert BEFORE INSERT ON main.record
        WHEN NOT EXISTS (SELECT 1 FROM temp.original WHERE kind = NEW.kind AND key = NEW.key) BEGIN
            INSERT INTO original SELECT NEW.kind, NEW.key, old.version, old.stamp, old.body
            FROM (SELECT 1) LEFT JOIN main.record AS old ON old.kind = NEW.kind AND old.key = NEW.key;
        END""",
    """CREATE TEMP TRIGGER IF NOT EXISTS original_before_delete BEFORE DELETE ON main.record
        WHEN NOT EXISTS (SELECT 1 FROM temp.original WHERE kind = OLD.kind AND key = OLD.key) BEGIN
            INSERT INTO original VALUES (OLD.kind, OLD.key, OLD.version, OLD.stamp, OLD.body);
        END""",
    "DROP TABLE IF EXISTS temp.original_sequence",
    "CREATE TEMP TABLE original_sequence AS SELECT * FROM main.sequence",
    "DROP TABLE IF EXISTS temp.original_note",
    "CREATE TEMP TABLE original_note AS SELECT * FROM main.note",
)
"""Mark the state: from now on, keep the original of each record that changes. Its version is null if it is new."""

_REWIND = (
    "DELETE FROM main.record WHERE (kind, key) IN (SELECT kind, key FROM temp.original)",
    "INSERT INTO main.record SELECT * FROM temp.original WHERE version IS NOT NULL",
    "DELETE FROM temp.original",
    "DELETE FROM main.sequence",
    "INSERT INTO main.sequence SELECT * FROM temp.original_sequence",
    "DELETE FROM main.note WHERE area < :keep OR area > :keep",
    "INSERT INTO main.note SELECT * FROM temp.original_note WHERE area < :keep OR area > :keep",
)
"""Return to the marked state."""


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection with exclusive access to the store in a file, which is created if it does not exist.

    Raises ``StoreBusy`` and ``StoreUnreadable``; the file is then left unchanged.
    """
    try:
        _check_place(path)
    except OSError as error:
        raise StoreUnreadable(f"{path} cannot be opened: {error.strerror or error}.") from None
    connection = connect(str(path))
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
        with closing(connection):
            if not isinstance(error, sqlite3.Error):
                raise
            if code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreBusy(f"{path} is in use by another process.") from None
            raise StoreUnreadable(sentence(error, str(path), connection)) from None
    return connection


def _check_place(path: Path) -> None:
    """Require a file that can be read and written, or create an empty one. Raises ``OSError``, ``StoreUnreadable``."""
    try:
        # The data has password hashes and tokens, so only the owner may read it. SQLite gives its log the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        # Do not open it: closing it again would release the locks of another store of this process.
        if not stat.S_ISREG(path.stat().st_mode):
            raise StoreUnreadable(f"{path} cannot be opened: it is not a regular file.") from None
        if not os.access(path, os.R_OK):
            raise StoreUnreadable(f"{path} cannot be opened: it may not be read.") from None
        if not os.access(path, os.W_OK):
            raise StoreUnreadable(f"{path} cannot be opened: it may not be written.") from None


def connect(target: str) -> sqlite3.Connection:
    """Return a connection that begins no transaction by itself."""
    connection = sqlite3.connect(target, timeout=0, isolation_level=None, check_same_thread=False)
    if target == ":memory:":
        # What a mark keeps is in a temporary database, which would be a file.
        connection.execute("PRAGMA temp_store = MEMORY")
    return connection


@cache
def empty_image() -> bytes:
    """Return the image of an empty store."""
    with closing(connect(":memory:")) as connection:
        _create(connection)
        return connection.serialize()


def open_image(image: bytes) -> sqlite3.Connection:
    """Return a connection to an image in memory. Raises ``StoreUnreadable``."""
    _check_length(image)
    connection = connect(":memory:")
    try:
        connection.deserialize(image)
        _check_marks(connection, "The image")
    except BaseException as error:
        with closing(connection):
            if isinstance(error, sqlite3.Error):
                raise StoreUnreadable(sentence(error, "The image", connection)) from None
            raise
    return connection


def replace_by(image: bytes, connection: sqlite3.Connection, keep: str) -> None:
    """Replace the state by an image, except the notes of the area ``keep``, within a transaction.

    The caller must detach the database ``image`` after the transaction. Raises ``StoreUnreadable``.
    """
    if any(name == "image" for _, name, _ in connection.execute("PRAGMA database_list")):
        raise RuntimeError("an image was loaded in this transaction already")
    _check_length(image)
    connection.execute("ATTACH ':memory:' AS image")
    connection.deserialize(image, name="image")
    _check_marks(connection, "The image", "image.")
    for statement in _REPLACE:
        connection.execute(statement, {"keep": keep} if ":keep" in statement else ())


def mark(connection: sqlite3.Connection) -> None:
    """Mark the current state, within a transaction."""
    for statement in _MARK:
        connection.execute(statement)


def rewind(connection: sqlite3.Connection, keep: str) -> list[tuple[str, int, int | None, int, str]]:
    """Return to the marked state, except the notes of the area ``keep``, within a transaction.

    Returns the originals of the records that had changed. Raises ``LookupError`` if there is no mark.
    """
    if not connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'original_note'").fetchone():
        raise LookupError("the store has no mark to return to")
    originals = connection.execute("SELECT * FROM temp.original ORDER BY kind, key").fetchall()
    for statement in _REWIND:
        connection.execute(statement, {"keep": keep} if ":keep" in statement else ())
    return originals


def problem_in(connection: sqlite3.Connection) -> str | None:
    """Return a problem in the structure of the database, None if every page can be read and is sound."""
    columns = _columns(connection)
    for table, expected in _expected_columns().items():
        if table not in columns:
            return f"the table {table} is missing"
        for column in expected:
            if column not in columns[table]:
                return f"the table {table} has no column {column}"
    found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if found == "ok" else found.splitlines()[-1]


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return the number of a pragma."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)


@cache
def _expected_columns() -> Mapping[str, list[str]]:
    with closing(connect(":memory:")) as connection:
        _create(connection)
        return _columns(connection)


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the names of the columns of each table."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    sql = "SELECT name FROM pragma_table_info(?)"
    return {table: [name for (name,) in connection.execute(sql, (table,))] for table in tables}


def _check_length(image: bytes) -> None:
    if len(image) < 100 or len(image) != _image_size(image):
        # SQLite would open a truncated image and fail later, when it reads the missing part.
        raise StoreUnreadable("The image is not a mock-ajera store, or is incomplete.")


def _image_size(image: bytes) -> int:
    """Return the size in bytes from the image's header."""
    page_size = int.from_bytes(image[16:18], "big")
    return (65536 if page_size == 1 else page_size) * int.from_bytes(image[28:32], "big")


def _is_new(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever written: no mark of any program, and no table."""
    marks = ("application_id", "user_version", "schema_version")
    return not any(pragma(connection, mark) for mark in marks)


def _check(connection: sqlite3.Connection, name: str) -> None:
    """Raise ``StoreUnreadable`` unless the database is a sound store with the supported schema version."""
    _check_marks(connection, name)
    problem = problem_in(connection)
    if problem is not None:
        raise StoreUnreadable(f"{name} is damaged: {problem}.")


def _check_marks(connection: sqlite3.Connection, name: str, database: str = "") -> None:
    """Raise ``StoreUnreadable`` unless the database is a store with the supported schema version."""
    if pragma(connection, f"{database}application_id") != APPLICATION_ID:
        raise StoreUnreadable(f"{name} is not a mock-ajera store.")
    version = pragma(connection, f"{database}user_version")
    if version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        raise StoreUnreadable(
            f"{name} was written by {age} mock-ajera: it has schema version {version}, this version reads "
            f"{SCHEMA_VERSION}."
        )


__all__ = [
    "SCHEMA_VERSION",
    "connect",
    "empty_image",
    "mark",
    "open_file",
    "open_image",
    "pragma",
    "problem_in",
    "replace_by",
    "rewind",
]
