"""Coverage: what the passed tests of a run have seen the target do.

A cell is covered only if an answer changed: with the value of an argument, with the record that a write created,
changed or deleted, or with the permission of the user.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .answers import Answer
from .kinds import KINDS, TIMESHEETS, VENDOR_INVOICES, listed_key
from .target import is_write

_READ = {**KINDS, TIMESHEETS.noun: TIMESHEETS, VENDOR_INVOICES.noun: VENDOR_INVOICES}
"""All kinds that have a Get method, by noun."""
_INVOICE_WRITES = {"CreateVendorInvoices": "create", "UpdateVendorInvoices": "update", "DeleteVendorInvoices": "delete"}
TIMESHEET_WRITES = ("CreateTimesheet", "UpdateTimesheets", "SubmitTimesheets")
READ, CREATE, UPDATE, DELETE, WRITE, PERMISSION = "read", "create", "update", "delete", "write", "permission"


class Cell(NamedTuple):
    """Something that a method does: ``read``, ``permission``, an argument ..."""

    method: str
    version: int
    name: str


class _Seen(NamedTuple):
    """A successful answer."""

    content: str
    rows: frozenset[str]
    """The rows of records that the run has not written."""
    writes: int
    """The number of writes before it."""


class Coverage:
    """The cells that the passed tests of a run have seen. ``wanted``: whether they are needed; comparing takes time."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._wanted = wanted
        self.cells: set[Cell] = set()
        self._of_test: set[Cell] = set()
        self._sessions: dict[str, tuple[str, int]] = {}
        """The user and the version of each session, by token."""
        self._writes = 0
        self._reads: dict[tuple[str, int], dict[str, bool]] = defaultdict(dict)
        """Whether there are rows in each different content."""
        self._answers: dict[tuple[str, int], dict[str, dict[str, dict[str, _Seen]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(dict))
        )
        """Method and version -> argument or "" -> the other arguments -> the value of the argument -> last answer."""
        self._records: dict[tuple[str, int, int], Mapping[str, Any] | None] = {}
        """The record as it was last read in a version, by noun and key."""
        self._written: dict[tuple[str, int], Cell] = {}
        """The last write of a record that has not been read since."""
        self._own: dict[str, set[int]] = defaultdict(set)
        """The keys of the records that the run has written, by noun."""
        self._callers: dict[tuple[str, int, bool], set[str]] = defaultdict(set)
        """The users whom a method served, and those whom it did not."""

    def start(self) -> None:
        """Start a test. What it reads is not the effect of an earlier test's writes."""
        self._of_test = set()
        self._written.clear()

    def passed(self) -> None:
        """Add what the test has seen."""
        self.cells |= self._of_test

    def observe(self, request: Mapping[str, Any], answer: Answer) -> None:
        """Observe an exchange. Requests with other members than a method, a token and arguments are ignored."""
        method, token, arguments = (request.get(name) for name in ("Method", "SessionToken", "MethodArguments"))
        if not self._wanted or not isinstance(answer.body, dict):
            return
        if method == "CreateAPISession" and answer.succeeded:
            session = str(request.get("Username")), int(request.get("APIVersion") or 0)
            self._sessions[answer.content["SessionToken"]] = session
        if not isinstance(arguments, dict) or token not in self._sessions or len(request) != 3:
            return
        user, version = self._sessions[token]
        self._permission(str(method), version, user, answer)
        if is_write(method):
            self._writes += 1
            if answer.succeeded:
                self._write(str(method), version, arguments, answer.content)
        elif answer.succeeded:
            self._read(str(method), version, arguments, answer.content)
            self._records_of(str(method), version, arguments, answer.content)

    def _permission(self, method: str, version: int, user: str, answer: Answer) -> None:
        served = f"Unauthorized method: {method}" not in answer.texts
        self._callers[method, version, served].add(user)
        if self._callers[method, version, not served] - {user}:
            self._of_test.add(Cell(method, version, PERMISSION))

    def _read(self, method: str, version: int, arguments: Mapping[str, Any], content: Any) -> None:
        noun, rows = _rows(content)
        others_rows = (_text(row) for row in rows if not self._is_own(noun, row))
        seen = _Seen(_text(content), frozenset(others_rows), self._writes)
        contents = self._reads[method, version]
        contents[seen.content] = bool(rows)
        if len(contents) > 1 and any(contents.values()):
            self._of_test.add(Cell(method, version, READ))
        answers, every = self._answers[method, version], _text(arguments)
        without = answers[""]
        for name, value in arguments.items():
            others = _text({other: each for other, each in arguments.items() if other != name})
            values = answers[name][others]
            if any(_differ(seen, other) for other in (*without[others].values(), *values.values())):
                self._of_test.add(Cell(method, version, name))
            values[_text(value)] = seen
        for name, earlier in answers.items():
            # Answers with one more argument. A write since then may have added rows, so none may lie between.
            last = (other for other in earlier.get(every, {}).values() if other.writes == self._writes)
            if name and any(other.content != seen.content for other in last):
                self._of_test.add(Cell(method, version, name))
        without[every][""] = seen

    def _is_own(self, noun: str, row: Any) -> bool:
        """Return whether a row is of a record that the run has written."""
        own = self._own[noun]
        return bool(own) and isinstance(row, dict) and row.get(listed_key(noun)) in own

    def _records_of(self, method: str, version: int, arguments: Mapping[str, Any], content: Any) -> None:
        """Compare the records that a Get method returned with those before a write."""
        kind = _READ.get(method.removeprefix("Get"))
        if kind is None or not method.startswith("Get") or kind.noun not in content:
            return
        rows = {row[kind.key]: row for row in content[kind.noun] if kind.key in row}
        for key in _keys(arguments.get(kind.argument)):
            at, row = (kind.noun, key), rows.get(key)
            before = self._records.get((*at, version))
            cell = self._written.pop(at, None)
            if cell is not None and _happened(cell.name, before, row):
                self._of_test.add(cell)
            self._records[*at, version] = row

    def _write(self, method: str, version: int, arguments: Mapping[str, Any], content: Any) -> None:
        for kind in KINDS.values():
            if f"Updated{kind.noun}" in arguments:
                for row in content[kind.noun]:
                    name = DELETE if row.get("Deleted") else CREATE if kind.original in row else UPDATE
                    self._wrote(kind.noun, row[kind.key], Cell(method, version, name))
            elif method == f"Create{kind.noun}":
                for row in content.get(kind.noun, ()):
                    self._wrote(kind.noun, row[kind.key], Cell(method, version, CREATE))
            elif kind.key in arguments and method not in TIMESHEET_WRITES:
                self._wrote(kind.noun, arguments[kind.key], Cell(method, version, WRITE))
        if method in _INVOICE_WRITES:
            for row in content[VENDOR_INVOICES.noun]:
                cell = Cell(method, version, _INVOICE_WRITES[method])
                self._wrote(VENDOR_INVOICES.noun, row[VENDOR_INVOICES.key], cell)
        elif VENDOR_INVOICES.key in arguments:
            self._wrote(VENDOR_INVOICES.noun, arguments[VENDOR_INVOICES.key], Cell(method, version, WRITE))
        if method in TIMESHEET_WRITES:
            for row in content[TIMESHEETS.noun]:
                name = CREATE if method.startswith("Create") else WRITE
                self._wrote(TIMESHEETS.noun, row[TIMESHEETS.key], Cell(method, version, name))

    def _wrote(self, noun: str, key: int, cell: Cell) -> None:
        self._written[noun, key] = cell
        self._own[noun].add(key)


def _happened(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Return whether a record is created, changed or deleted."""
    if name == CREATE:
        return before is None and after is not None
    if name == DELETE:
        return before is not None and after is None
    if name == WRITE and before is None:
        return after is not None
    return before is not None and after is not None and _without_stamp(before) != _without_stamp(after)


def _without_stamp(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "LastModifiedDate"}


def _differ(one: _Seen, other: _Seen) -> bool:
    """Return whether two answers differ, and not because of a write between them.

    If there was a write, one must have some of the other's rows. Records that the run has written do not count.
    """
    if one.writes == other.writes:
        return one.content != other.content
    return bool(one.rows and one.rows < other.rows) or bool(other.rows and other.rows < one.rows)


def _rows(content: Any) -> tuple[str, list[Any]]:
    """Return the name and the rows of the first list of an answer, or the whole answer as its only row."""
    if isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, list):
                return name, value
    return "", [content] if content else []


def _keys(value: Any) -> list[int]:
    return [key for key in value if isinstance(key, int)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def write_cells(path: Path, cells: Iterable[Cell]) -> None:
    """Write a file with a line for each cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(Cell._fields)
        rows.writerows(sorted(cells))


def read_cells(path: Path) -> set[Cell]:
    """Read such a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return {Cell(row["method"], int(row["version"]), row["name"]) for row in csv.DictReader(file)}
