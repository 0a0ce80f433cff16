"""Sheets: rows of a CSV file, and the keys of the records that they name. Shared by the programs that read a sheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from ajera_client import Record

Row = dict[str, str]


class Wrong(Exception):
    """A part of a sheet that cannot be written to Ajera as it is."""


def read_sheet(file: str, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a CSV file. Exit if it cannot be read or lacks a column."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as text:
            sheet = csv.DictReader(text)
            if missing := [name for name in columns if name not in (sheet.fieldnames or ())]:
                raise SystemExit(f"{file}: the sheet has no column {', '.join(missing)}")
            return [{name: (row[name] or "").strip() for name in columns} for row in sheet]
    except OSError as error:
        raise SystemExit(f"{file}: {error.strerror}") from None


class Names:
    """The keys of the records that a sheet can name in one column. Case does not count."""

    def __init__(self, column: str, rows: Iterable[Record], key: str, *names: str) -> None:
        """``key`` is the member with the key of a row, ``names`` are those that may be in the sheet."""
        self._column = column
        self._keys: dict[str, set[int]] = {}
        for row in rows:
            for name in names:
                self._keys.setdefault(row[name].casefold(), set()).add(row[key])

    def key(self, text: str) -> int:
        """Return the key of the record with this name. Raises ``Wrong``."""
        found = self._keys.get(text.casefold(), set()) if text else set()
        if len(found) != 1:
            raise Wrong(f"{self._column}: there {'are several' if found else 'is no'} {text!r}")
        return next(iter(found))
