"""The records of the target. Tests find the records they need here, and are skipped if there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import pytest

from mock_ajera.claims import Grade

from .answers import Answer, records, success
from .client import AjeraClient
from .kinds import GUESSED, KINDS, OF_ONE_PROJECT, ONLY_IN_VERSION_2, TIMESHEETS, VENDOR_INVOICES, key_of, listed_key
from .members import of_record

Row = dict[str, Any]

BATCH = 20
"""Number of keys in one Get call."""


def lacking(what: str) -> NoReturn:
    """Skip the test because the target has no such record."""
    pytest.skip(f"the target has no {what}")


def first(rows: Iterator[Row] | list[Row], what: str) -> Row:
    """Return the first row. Skip the test if there is none."""
    for row in rows:
        return row
    lacking(what)


def listed_rows(answer: Answer, noun: str) -> list[Row]:
    """Return the rows of the answer of a List method. Raises ``AssertionError`` if the call was refused."""
    # Some targets name the account groups as the page prints them (claim reference.account-groups-as-gl-accounts).
    printed = noun == "AccountGroups" and noun not in success(answer)
    return records(answer, "GLAccounts" if printed else noun)


def _with_key(noun: str, rows: list[Row]) -> list[Row]:
    """Return the rows of a list. Skip the test if they lack a key whose name is inferred."""
    name = key_of(noun)
    if of_record(f"List{noun} 1 {noun}")[name].grade is Grade.INFERRED and any(name not in row for row in rows):
        lacking(f"{name} in List{noun}")
    return rows


class Firm:
    """The records of the target, which are read on first use and cached for the run.

    ``most`` limits the number of detail records per kind. They are spread over the whole list.
    """

    def __init__(self, client: AjeraClient, most: int) -> None:
        self._client = client
        self._most = most
        self._lists: dict[tuple[str, int], list[Row]] = {}
        self._details: dict[str, list[Row]] = {}
        self._rows: dict[str, list[Row]] = {}
        self._bundles: list[Row] | None = None

    def all(self, noun: str, version: int = 1) -> list[Row]:
        """Return every row of a List method."""
        if (noun, version) not in self._lists:
            answer = self._client.call(f"List{noun}", version=version)
            if noun in GUESSED and f"Unauthorized method: List{noun}" in answer.texts:
                pytest.skip("the target refuses methods that are known only by name")
            self._lists[noun, version] = listed_rows(answer, noun)
        return _with_key(noun, self._lists[noun, version])

    def keep(self, noun: str) -> None:
        """Read a list before the run adds records of its own. It is not read if the user may not call it."""
        answer = self._client.call(f"List{noun}")
        if f"Unauthorized method: List{noun}" not in answer.texts:
            self._lists[noun, 1] = records(answer, noun)

    def one(self, noun: str) -> Row:
        """Return the first row of a List method."""
        return first(self.all(noun), noun)

    def listed(self, noun: str, **filters: Any) -> list[Row]:
        """Return the rows of a List method with filters. They are not cached."""
        return _with_key(noun, listed_rows(self._client.call(f"List{noun}", filters), noun))

    def keys(self, noun: str, **filters: Any) -> set[int]:
        """Return the keys of the rows of a List method with filters."""
        return {row[key_of(noun)] for row in self.listed(noun, **filters)}

    def some(self, noun: str) -> list[Row]:
        """Return detail records of version 1, spread over the list."""
        if noun not in self._details:
            found: list[Row] = []
            for batch in self._batches(noun):
                found += records(self._client.call(f"Get{noun}", {KINDS[noun].argument: batch}), noun)
            self._details[noun] = found
        return self._details[noun] or lacking(noun.lower())

    def bundles(self) -> list[Row]:
        """Return the Contents of GetProjects of version 2 for the projects that ``some`` returns."""
        if self._bundles is None:
            self._bundles = [
                success(self._client.call("GetProjects", {"RequestedProjects": batch}, version=2))
                for batch in self._batches("Projects")
            ]
        return self._bundles or lacking("projects")

    def v2(self, noun: str) -> list[Row]:
        """Return the rows of one array of the version 2 bundles."""
        return [row for bundle in self.bundles() for row in bundle.get(noun, ())]

    def rows(self, record: str) -> list[Row]:
        """Return rows of a record of the member table, such as ``GetClients 1 Clients``."""
        if record not in self._rows:
            method, version, array = record.split()
            if method in OF_ONE_PROJECT:
                found = self._of_projects(method, array)
            elif array in ONLY_IN_VERSION_2:
                found = self.of_version_2(method, array)
            elif version == "2":
                found = self.v2(array)
            elif method == f"List{array}":
                found = self.all(array)
            elif method == f"Get{array}":
                found = self.some(array)
            else:
                argument = KINDS[array].argument
                found = [
                    row
                    for batch in self._batches(array)
                    for row in records(self._client.call(method, {argument: batch}), array)
                ]
            self._rows[record] = found
        return self._rows[record]

    def of_version_2(self, method: str, array: str) -> list[Row]:
        """Return the rows of a method that only version 2 has."""
        arguments = {}
        for kind in (TIMESHEETS, VENDOR_INVOICES):
            if method == f"Get{kind.noun}":
                listed = records(self._client.call(f"List{kind.noun}", version=2), kind.noun)
                arguments = {kind.argument: spread([row[listed_key(kind.noun)] for row in listed], self._most)}
        return records(self._client.call(method, arguments, version=2), array)

    def _of_projects(self, method: str, array: str) -> list[Row]:
        """Return the rows of a method that reads one project, for some projects."""
        found: list[Row] = []
        for key in spread([row["ProjectKey"] for row in self.some("Projects")], 8):
            content = success(self._client.call(method, {OF_ONE_PROJECT[method]: key}))
            # Some targets answer the totals as an array of projects (claim project.totals-content).
            rows = content[array] if array in content else content["Projects"]
            found += rows if isinstance(rows, list) else [rows]
        return found

    def get(self, noun: str, *keys: int) -> list[Row]:
        """Return the detail records of these keys. They are not cached."""
        return records(self._client.call(f"Get{noun}", {KINDS[noun].argument: list(keys)}), noun)

    def active(self, noun: str) -> Row:
        """Return an active row of a reference list."""
        return first([row for row in self.all(noun) if row.get("Status") == "Active"], f"active {noun}")

    def employee(self, what: str, test: Callable[[Row], Any]) -> Row:
        """Return an employee that passes the test."""
        return first((row for row in self.some("Employees") if test(row)), what)

    def phases(self) -> list[Row]:
        """Return all phases of the projects that ``some`` returns, at every depth."""
        return [phase for project in self.some("Projects") for phase in phases_of(project)]

    def groups(self) -> list[Row]:
        """Return all invoice groups of the projects that ``some`` returns."""
        return [group for project in self.some("Projects") for group in project["InvoiceGroups"]]

    def _batches(self, noun: str) -> list[list[int]]:
        keys = spread([row[key_of(noun)] for row in self.all(noun)], self._most)
        return [keys[at : at + BATCH] for at in range(0, len(keys), BATCH)]


def phases_of(holder: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the phases of a project of version 1, each phase before its sub-phases."""
    for group in holder.get("InvoiceGroups", ()):
        yield from phases_of(group)
    for phase in holder.get("Phases") or ():
        yield phase
        yield from phases_of(phase)


def spread(keys: list[int], most: int) -> list[int]:
    """Return at most ``most`` of the keys, evenly spaced from the first to the last."""
    if len(keys) <= most:
        return keys
    return [keys[number * (len(keys) - 1) // (most - 1)] for number in range(most)]
