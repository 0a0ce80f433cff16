"""Keys for generated records: new keys in sequence, and the keys of existing records by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_ajera.sample.rows import Row

_NAMED = (
    *("ProjectType", "Department", "ClientType", "EmployeeType", "VendorType", "RateTable"),
    *("GLAccount", "Activity", "BankAccount", "AttachmentCategory", "OverheadGroup"),
)


@dataclass
class KeySequences:
    """The last key of each sequence."""

    last: dict[str, int]

    def next(self, sequence: str) -> int:
        """Return the next key of a sequence."""
        number = self.last[sequence] = self.last.get(sequence, 0) + 1
        return number


class NamedRecords:
    """The lookup records of a firm by kind and name."""

    def __init__(self, records: Mapping[str, Iterable[Row]]) -> None:
        self._by_name: dict[str, dict[str | None, Row]] = {
            kind: {row.get("Description") or row.get("Department"): row for row in records[kind]} for kind in _NAMED
        }
        self._keys = {
            kind: {name: int(row[f"{kind}Key"]) for name, row in rows.items()} for kind, rows in self._by_name.items()
        }

    def key(self, kind: str, name: str) -> int | None:
        """Return the key of a record, or None if the firm has no record with the name."""
        return self._keys[kind].get(name)

    def keys(self, kind: str) -> list[int]:
        """Return the keys of the active records of a kind."""
        return [int(row[f"{kind}Key"]) for row in self.rows(kind) if row.get("Status") != "Inactive"]

    def rows(self, kind: str) -> list[Row]:
        """Return the records of a kind."""
        return list(self._by_name[kind].values())
