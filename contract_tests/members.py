"""The suite's own table of members: one row for each member that the pages print or that existing clients read.

The table is written from the pages and from public clients, never from the server, so that it finds wrong limits in the
server. A version of a method without rows of its own returns the members of version 1. Columns of ``members.csv``:

* ``method``, ``version``, ``array``: the method that returns the record in ``Content.<array>``
* ``path``: the member; ``[]`` marks rows, and a phase inside a phase has the path of a phase
* ``type``: key, reference, text, choice, flag, whole, decimal, day, stamp, object, rows, custom
* ``null``: yes, no, or omitted (left out instead of null)
* ``limit``, ``limit_grade``: maximum length, decimals ("19,2"), values of a choice, or maximum number of rows
* ``access``: key, required, required-on-create, required-on-update, optional, read-only
* ``presence``: always; conditional (depends on the record); observed (returned, but not on the page); documented (on
  the page, but not returned)
* ``grade``, ``source``: of the member's existence and type
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from mock_ajera.claims import Grade

_NESTED_PHASES = re.compile(r"(Phases\[\])(?:\.Phases\[\])+")


@dataclass(frozen=True)
class Member:
    """One row of the table."""

    method: str
    version: int
    array: str
    path: str
    type: str
    null: str
    limit: str
    limit_grade: Grade | None
    access: str
    presence: str
    grade: Grade
    source: str

    @property
    def record(self) -> str:
        """Return the record that it belongs to: method, version and array."""
        return f"{self.method} {self.version} {self.array}"

    @property
    def parent(self) -> str:
        """Return the path of the rows or the object that contains it, empty for the record itself."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Return the name on the wire."""
        return self.path.rpartition(".")[2].removesuffix("[]")

    @property
    def scale(self) -> int | None:
        """Return the number of decimals if it is known."""
        return int(self.limit.partition(",")[2]) if self.type == "decimal" and self.limit else None

    @property
    def longest(self) -> int | None:
        """Return the maximum number of characters if it is known."""
        return int(self.limit) if self.type == "text" and self.limit else None

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the valid values. Empty if they are not known."""
        return tuple(self.limit.split("|")) if self.type == "choice" and self.limit else ()


@cache
def table() -> tuple[Member, ...]:
    """Return all rows of the table."""
    text = resources.files(__package__).joinpath("members.csv").read_text(encoding="utf-8")
    return tuple(_member(row) for row in csv.DictReader(text.splitlines()))


EXTENDED = {
    "GetProjectsWithResources 1 Projects": "GetProjects 1 Projects",
    "GetProjectTotals 1 ProjectTotals": "GetProjects 1 Projects",
}
"""Records that contain all members of another one. The table lists only the members that they add."""


@cache
def of_record(record: str) -> Mapping[str, Member]:
    """Return the rows of one record by path."""
    inherited = of_record(EXTENDED[record]) if record in EXTENDED else {}
    return {**inherited} | {member.path: member for member in table() if member.record == record}


def record_names() -> tuple[str, ...]:
    """Return the records in the order of the table."""
    return tuple(dict.fromkeys(member.record for member in table()))


def values(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of every member of a record and of everything nested in it.

    Rows and objects precede their members. The contents of custom fields are not included.
    """
    for name, value in record.items():
        rows = isinstance(value, list)
        path = _path(prefix, name, rows=rows)
        yield path, value
        if _is_custom(name):
            continue
        if rows:
            for row in value:
                if isinstance(row, dict):
                    yield from values(row, f"{path}.")
        elif isinstance(value, dict):
            yield from values(value, f"{path}.")


def holders(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path and the content of the record itself and of every row and object nested in it."""
    yield prefix.removesuffix("."), record
    for name, value in record.items():
        if _is_custom(name):
            continue
        rows = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        path = _path(prefix, name, rows=isinstance(value, list))
        for row in rows:
            if isinstance(row, dict):
                yield from holders(row, f"{path}.")


@cache
def _path(prefix: str, name: str, *, rows: bool) -> str:
    return _NESTED_PHASES.sub(r"\1", f"{prefix}{name}{'[]' if rows else ''}")


def find(members: Mapping[str, Member], path: str) -> Member | None:
    """Return the row of a path. Custom fields and null lists are found by their pattern."""
    parent, _, name = path.rpartition(".")
    if name.startswith("CF_"):
        path = f"{parent}.CF_*" if parent else "CF_*"
    return members.get(path.removesuffix("[]") if path.endswith("CF_*[]") else path) or members.get(f"{path}[]")


def _is_custom(name: str) -> bool:
    return name.startswith("CF_") or name == "CustomFields"


def _member(row: Mapping[str, str]) -> Member:
    return Member(
        method=row["method"],
        version=int(row["version"]),
        array=row["array"],
        path=row["path"],
        type=row["type"],
        null=row["null"],
        limit=row["limit"],
        limit_grade=Grade(row["limit_grade"]) if row["limit_grade"] else None,
        access=row["access"],
        presence=row["presence"],
        grade=Grade(row["grade"]),
        source=row["source"],
    )
