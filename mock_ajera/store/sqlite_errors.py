"""Sentences for errors of SQLite: what cannot be used, and why. They never quote what is stored."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

_SENTENCES = {
    sqlite3.SQLITE_FULL: "{name} cannot be written: the disk is full.",
    sqlite3.SQLITE_READONLY: "{name} cannot be written: it, or its folder, is read-only.",
    sqlite3.SQLITE_CANTOPEN: "{name} cannot be opened: its folder must be writable too.",
    sqlite3.SQLITE_IOERR: "{name} cannot be read or written: {error}.",
    sqlite3.SQLITE_CORRUPT: "{name} is damaged: {error}.",
    sqlite3.SQLITE_NOTADB: "{name} is not a mock-ajera store.",
}


def code_of(error: sqlite3.Error) -> int:
    """Return the primary result code, the low byte of the extended one; 0 for an error of Python's driver."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def sentence(error: sqlite3.Error, name: str, connection: sqlite3.Connection) -> str:
    """Return a sentence for an error of the database ``name``."""
    code = code_of(error)
    if code == 0 and isinstance(error, sqlite3.OperationalError):
        # The driver's only error without a result code. Its message quotes the whole text.
        return f"{name} is damaged: {_place_of_bad_text(connection)} has text that is not UTF-8."
    return _SENTENCES.get(code, "{name} cannot be used: {error}.").format(name=name, error=error)


def _place_of_bad_text(connection: sqlite3.Connection) -> str:
    connection.text_factory = bytes
    try:
        with suppress(sqlite3.Error):
            for kind, key, body in connection.execute("SELECT kind, key, body FROM record"):
                if _is_bad(body) or _is_bad(kind):
                    return f"{_shown(kind)} {key}"
            for area, name, value in connection.execute("SELECT area, name, value FROM note"):
                if _is_bad(value) or _is_bad(name) or _is_bad(area):
                    return f"a note of the area {_shown(area)}"
    finally:
        connection.text_factory = str
    return "a row"


def _is_bad(text: object) -> bool:
    if isinstance(text, bytes):
        try:
            text.decode()
        except UnicodeDecodeError:
            return True
    return False


def _shown(text: object) -> str:
    return ascii(text.decode(errors="backslashreplace"))[1:-1] if isinstance(text, bytes) else "?"
