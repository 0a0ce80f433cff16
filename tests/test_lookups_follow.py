"""A value that a record prints of another record follows that record: the next Get shows a rename.

The look-ups are derived from the declarations, so a new one is tested without a change here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple, Self

import pytest
from client import Client
from rules import places
from rules.world import World

from contract_tests.kinds import CLIENTS, CONTACTS, PROJECTS, VENDORS, Kind
from mock_ajera import MockAjera
from mock_ajera.api import fields as f
from mock_ajera.api.context import Visibility
from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Operation
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Row
from mock_ajera.sample.export import file_row

HOW_TO = "see docs/contributing.md#add-a-member"
UNPRINTED = ("JournalEntry", "Ledger")
"""Kinds that no method prints."""
SUMMED = (*UNPRINTED, "VendorInvoice")
"""Kinds whose amounts other records print as sums."""
SUMS = {("GLAccounts", name) for name in ("Amount", "GLBalance", "GLCashBasisBalance")}
NO_RESOURCES = ("ProjectTemplate",)
"""Kinds that have resources, but no method that prints them."""

Place = tuple[str, str]
"""The innermost list in Content, and the path of the value in its rows without dots.

It is the same in both versions: version 1 prints the client of an invoice group as ``Client.Description``, version 2 as
``ClientDescription``.
"""
FIXED: set[Place] = {
    *(("Employees", name) for name in ("Status", "IsAccountingManager")),
    *(("Expenses", "PhaseKey"), ("Projects", "Phase Key"), ("Overheads", "Phase Key")),
    ("Overheads", "Timesheet Overhead Group Detail Key"),
    ("Timesheets", "Billed"),
    ("Projects", "Nonbillable"),
}
"""What a rename keeps: the state of employees governs what can be read, some whole numbers are references, and billed
and nonbillable hours count elsewhere in totals.
"""
MORE = {"Timesheet": (17,)}
"""More records to read. RequireNotes is that of the phase or the project: timesheet 1 has a row where neither requires
notes, this one a row where both do. However often they are flipped, a flip of one of the two then changes a row.
"""
SECTIONS = {".Project.Detail[": ".Projects[", ".Overhead.Detail[": ".Overheads["}
"""The printed sections of a timesheet, and the lists of its record."""
BY_CODE: set[Place] = {
    *(("Timesheets", f"{first} Name") for first in ("First", "Middle", "Last", "Company")),
    *(("Timesheets", name) for name in ("Employee", "TargetBillablePercent")),
    *(("Timesheets", f"{which} Billable Percent") for which in ("Target", "Actual")),
    *(("Timesheets", f"{state} By") for state in ("Submitted", "Supervisor Approved", "Accounting Approved")),
    *(("Timesheets", f"ProjectTotals{name}") for name in ("Project Description", "Phase Description", "Activity")),
    ("Timesheets", "OverheadTotalsTimesheet Overhead Group Detail"),
    ("Projects", "Project Description"),
}
"""Values of other records that no single member has: joined texts, sums, and labels of totals."""

Values = dict[str, Any]
"""The values in Content of an answer by their paths."""


class LookUp(NamedTuple):
    """A value of another record that a record prints."""

    kind: str
    """The kind of the record that prints it."""
    path: str
    """The path of the printed value in version 1."""
    of: str
    """The kind of the other record."""
    member: str

    @property
    def place(self) -> Place:
        """The place of the value in answers."""
        lines, _, member = self.path.partition("LineItems[].")
        return ("VendorInvoicesDetails", member) if member else place(f"{RECORDS[self.kind].plural}[].{lines}")


def place(path: str) -> Place:
    """Return the place of a path in Content."""
    rows, _, name = re.sub(r"\[\d+\]", "[]", path).rpartition("[].")
    return rows.rpartition(".")[2], name.replace(".", "")


def looked_up(kind: str, row: Row, at: str = "") -> Iterator[LookUp]:
    """Yield the look-ups that the members of a row and its nested rows declare."""
    for member in row.members.values():
        path = within(at, member.wire)
        if member.shown is Visibility.NEVER or (member.shown is Visibility.RESOURCES and kind in NO_RESOURCES):
            continue
        for copied in member.copies():
            yield LookUp(kind, within(path, copied.at) if copied.at else path, copied.kind, copied.member)
        for step, inner, _ in member.rows([{}]):
            if inner is not row:
                yield from looked_up(kind, inner, path + ("[]" if step else ""))


LOOK_UPS = tuple(each for kind, record in RECORDS.items() for each in looked_up(kind, record))
READERS = tuple(
    kind
    for kind, record in RECORDS.items()
    if kind not in UNPRINTED and any(each.refers_to or each.derived or each.nests for each in record.members.values())
)
"""The kinds that may print values of other records."""


def values(content: Any) -> Values:
    """Return everything printed that is neither an object nor a list, by its path."""
    found: Values = {}

    def add(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                add(item, f"{path}.{name}")
        elif isinstance(value, list):
            for i, item in enumerate(value):
                add(item, f"{path}[{i}]")
        else:
            for section, rows in SECTIONS.items():
                path = path.replace(section, rows)
            found[path] = value

    add(content, "")
    return found


def other_value(member: Member, value: Any, number: int) -> Any:
    """Return another value that the member of a file can have, or the same one if it is not a plain value."""
    match member:
        case f.Flag():
            return not value
        case f.Choice():
            return next(word for word in member.words if word != value)
        case f.Text():
            return f"Renamed {number}"
        case f.Whole():
            bounds = (member.at_least, member.at_most)
            return 5000 + number if member.at_most is None else next(bound for bound in bounds if bound != value)
    return value


class Firm:
    """A mock with the sample firm in which every reference is set, and the answers of its methods."""

    def __init__(self) -> None:
        quirks = {"members": "all", "guessed_methods": "serve", "version_2_untried": "serve", "project_totals": "list"}
        self.ajera = MockAjera(quirks=quirks)
        self._numbers = count(1)
        self._state: dict[str, dict[str, Values]] = {}

    def __enter__(self) -> Self:
        self.ajera.__enter__()
        self._clients = {version: Client(self.ajera.url, version=version) for version in (1, 2)}
        for kind in READERS:
            self._set_all_references(kind)
        self._examples = {kind: sorted({*self._chosen(kind), *MORE.get(kind, ())}) for kind in READERS}
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        self.ajera.__exit__(None, None, None)

    def _keys(self, kind: str) -> list[int]:
        return sorted(self.ajera.tenant.model.tables[kind].entries)

    def _set_all_references(self, kind: str) -> None:
        record, tenant = RECORDS[kind], self.ajera.tenant
        first = {other: self._keys(other)[0] for other in RECORDS}

        def set_reference(member: Member, value: Any) -> Any:
            return first[member.refers_to] if member.refers_to and value is None else value

        with tenant.writing():
            for row in tenant.store.rows(kind):
                tree = record.map(record.nest(tenant.body(row)), set_reference)
                tenant.save(kind, row.key, record.flatten(tree), stamp=row.stamp)

    def _chosen(self, kind: str) -> Iterator[int]:
        """Yield the keys of few records that together print every look-up, with and without a value."""
        noun, key = RECORDS[kind].plural, RECORDS[kind].key.wire
        wanted = {each.place for each in LOOK_UPS if each.kind == kind}
        contents = self._contents(kind, self._keys(kind)).values()
        seen: set[tuple[Place, bool]] = set()
        for row in (row for content in contents for row in content.get(noun, ())):
            printed = {(place(path), value in (None, "")) for path, value in values({noun: [row]}).items()}
            if new := {each for each in printed - seen if each[0] in wanted}:
                seen |= new
                yield row[key]

    def answers(self, kind: str) -> dict[str, Values]:
        """Return the answer of every method and version that reads records of a kind."""
        contents = self._contents(kind, self._examples[kind])
        return {call: values(content) for call, content in contents.items()}

    def uncached_answers(self, kind: str) -> dict[str, Values]:
        """Return the answers after all cached records are dropped."""
        self.ajera.set_quirks()
        return self.answers(kind)

    def state(self, kind: str) -> dict[str, Values]:
        """Return the answers without cached records. Between two renames, they are read once."""
        if kind not in self._state:
            self._state[kind] = self.uncached_answers(kind)
        return self._state[kind]

    def _contents(self, kind: str, keys: list[int]) -> dict[str, Any]:
        return {
            f"{method.name} {version} {i}": self._content(version, method.name, arguments)
            for method in METHODS.served.values()
            if method.kind == kind and method.access == "read"
            for version, operation in method.versions.items()
            for i, arguments in enumerate(requests(operation, keys))
        }

    def _content(self, version: int, method: str, arguments: dict[str, Any]) -> Any:
        answer = self._clients[version].call(method, arguments)
        assert answer["Errors"] == []
        return answer["Content"]

    def rename(self, kind: str, path: str = "") -> set[Any]:
        """Change a member, by default each one, in all records of a kind, and return the new values."""
        self._state.clear()
        tenant, record, new = self.ajera.tenant, RECORDS[kind], set()
        renamed = place(f"{record.plural}[].{path}")
        for stored in list(tenant.store.rows(kind)):
            row = file_row(tenant, kind, stored)
            for found in record.visit(row, wire=True):
                here = place(f"{record.plural}[].{found.path}")
                value = other_value(found.member, found.value, next(self._numbers))
                if value != found.value and (here == renamed if path else here not in FIXED):
                    places.put(row, found.path, value)
                    new.add(value)
            if kind in ("ExpenseAttachment", "VendorInvoiceAttachment"):
                row["FileData"] = base64.b64encode(bytes(row["FileSize"])).decode()
            self.ajera.put_record(kind, row)
        return new


def requests(operation: Operation, keys: list[int]) -> list[dict[str, Any]]:
    """Return the arguments that read these records: one request for all, or one for each."""
    arguments = operation.arguments.by_wire
    name = next((name for name in arguments if name.startswith("Requested") or name.endswith("Key")), None)
    if name is None:
        return [{}]
    return [{name: key} for key in keys] if isinstance(arguments[name], f.Whole) else [{name: keys}]


def changes(before: dict[str, Values], after: dict[str, Values]) -> dict[Place, set[Any]]:
    """Return the new values by their places."""
    changed: dict[Place, set[Any]] = {}
    for call, answer in after.items():
        assert before[call].keys() == answer.keys()
        for path, value in answer.items():
            if value != before[call][path] and place(path) not in BY_CODE:
                changed.setdefault(place(path), set()).add(value)
    return changed


@pytest.fixture(scope="module")
def firm() -> Iterator[Firm]:
    with Firm() as firm:
        yield firm


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.mark.parametrize(
    ("kind", "of", "member"), dict.fromkeys((each.kind, each.of, each.member) for each in LOOK_UPS)
)
def test_a_rename_shows_in_records_read_before(kind: str, of: str, member: str, firm: Firm) -> None:
    """Every answer shows the new value, and nothing else of the record changes, such as its stamp."""
    before = firm.state(kind)

    new = firm.rename(of, member)

    after = firm.answers(kind)
    changed = changes(before, after)
    assert changed.keys() == {
        each.place for each in LOOK_UPS if (each.kind, each.of, each.member) == (kind, of, member)
    }
    assert set().union(*changed.values()) <= new
    assert after == firm.state(kind)


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if kind not in SUMMED])
def test_records_print_of_others_what_they_declare(kind: str, firm: Firm) -> None:
    """A look-up that no member declares is not tested above, and may be read from a stale cache."""
    readers = [reader for reader in READERS if reader != kind]
    before = {reader: firm.state(reader) for reader in readers}

    firm.rename(kind)

    for reader in readers:
        printed = changes(before[reader], firm.state(reader)).keys() - SUMS
        declared = {each.place for each in LOOK_UPS if (each.kind, each.of) == (reader, kind)}
        assert printed <= declared, f"{reader}: declare copies() of {sorted(printed - declared)}; {HOW_TO}"
        assert printed == declared


@pytest.mark.parametrize(("kind", "member"), [(CLIENTS, "ContactClientKey"), (VENDORS, "ContactVendorKey")])
def test_a_new_reference_shows_in_the_contact_read_before(kind: Kind, member: str, world: World) -> None:
    key = world.created(CONTACTS)
    assert world.read(CONTACTS, key)[member] is None

    holder = world.created(kind, world.new(kind) | {"Contacts": [{"ContactKey": key, "Order": 0, "Text": ""}]})

    assert world.read(CONTACTS, key)[member] == holder


def test_a_rename_does_not_change_the_project(world: World) -> None:
    """A project read before a rename can be updated: names are not part of its baseline or stamp."""
    company = world.keys["Company"][0]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)
    world.ajera.put_record("Company", {"CompanyKey": company, "Description": "Renamed", "Status": "Active"})

    [changed] = world.client.written(PROJECTS, [read | {"Notes": "After the rename"}], [read])

    assert changed["CompanyDescription"] == "Renamed"


def test_an_update_answers_with_the_new_company_name(world: World) -> None:
    other = world.keys["Company"][1]
    key = world.created(PROJECTS)
    read = world.read(PROJECTS, key)

    [changed] = world.client.written(PROJECTS, [read | {"CompanyKey": other}], [read])

    assert changed["CompanyDescription"] == f"Company {other}"
    assert world.read(PROJECTS, key)["CompanyDescription"] == f"Company {other}"
