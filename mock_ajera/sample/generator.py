"""Generate a firm of any size from a base firm: its records, followed by generated ones.

With one version of faker, the same base, number of projects and seed give the same records, byte for byte. Dates stay
relative to the tenant's clock. Projects, ledgers, journal entries, expense reports and timesheets are generated one at
a time, so that generating a large firm needs no more memory than storing it.

The distribution is that of a real firm: a few large projects and many small ones, most of them closed; a few clients
with many projects and many clients with one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import timedelta
from functools import partial
from itertools import chain

from msgspec.structs import replace

from mock_ajera.sample import words
from mock_ajera.sample.expenses import ExpenseReports
from mock_ajera.sample.files import Sample, numbers_of
from mock_ajera.sample.invoices import Invoices, split
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.office import Office
from mock_ajera.sample.people import People
from mock_ajera.sample.projects import REFERENCE_DATE, ProjectBuilder
from mock_ajera.sample.reimbursements import Reimbursements
from mock_ajera.sample.resources import ResourceBuilder
from mock_ajera.sample.rows import Row
from mock_ajera.sample.schemes import draw_scheme, years_of
from mock_ajera.sample.sites import Sites, Tasks
from mock_ajera.sample.staff import Staff
from mock_ajera.sample.timesheets import WEEKS, Timesheets
from mock_ajera.sample.untidy import make_untidy


def grow(base: Sample, projects: int, seed: str) -> Sample:
    """Return a firm with a number of projects: the first ones of the base, or all of them and generated ones.

    The base is the shipped sample, or a sample with its lookup records. Raises ``ValueError`` for a number below 1.
    """
    if projects < 1:
        raise ValueError(f"a firm has at least one project, not {projects}")
    base_projects = list(base.records["Project"])
    if projects <= len(base_projects):
        kept = {row["ProjectKey"] for row in base_projects[:projects]}
        ledgers = [row for row in base.records["Ledger"] if row["ProjectKey"] in kept]
        fewer = {
            "Project": base_projects[:projects],
            "Ledger": ledgers,
            "OverheadGroup": _charging(base.records["OverheadGroup"], kept, "ProjectKey", "Details"),
            "Timesheet": _charging(base.records["Timesheet"], kept, "Project Key", "Overheads", "Projects"),
            "VendorInvoice": [row for row in base.records["VendorInvoice"] if _charges_only(row, kept)],
        }
        return replace(base, records={**base.records, **fewer}, mixed=None)
    growth = _Growth(base, projects, seed)
    added: dict[str, Iterable[Row]] = {
        "Employee": growth.employees,
        "Contact": growth.contacts,
        "Client": growth.clients,
        "Vendor": growth.vendors,
    }
    grown = {kind: [*rows, *added.get(kind, ())] for kind, rows in base.records.items() if kind not in _STREAMED}

    def mixed() -> Iterator[tuple[str, Row]]:
        """Yield all records. Each project is generated once, with the records of other kinds that depend on it."""
        for kind, rows in base.records.items():
            for row in grown.get(kind, rows):
                yield kind, row
        yield from growth.streamed()

    streamed = {kind: _Repeatable(base.records[kind], partial(growth.of_kind, kind)) for kind in _STREAMED}
    return replace(base, records={kind: (grown | streamed)[kind] for kind in base.records}, mixed=mixed)


def _charging(rows: Iterable[Row], projects: Container[int], member: str, *lists: str) -> list[Row]:
    """Return rows whose nested rows charge one of the projects, or none. ``member``: the project of a nested row."""

    def kept(nested: list[Row]) -> list[Row]:
        return [row for row in nested if member not in row or row[member] in projects]

    return [row | {name: kept(row[name]) for name in lists if name in row} for row in rows]


def _charges_only(invoice: Row, projects: Container[int]) -> bool:
    """Return whether an invoice charges no other projects."""
    return all(line["ProjectKey"] in projects for line in invoice["LineItems"] if "ProjectKey" in line)


_STREAMED = ("Project", "Ledger", "JournalEntry", "VendorInvoice", "ExpenseReport", "ExpenseAttachment", "Timesheet")
"""The kinds whose records are generated during the iteration."""


class _Repeatable:
    """The rows of the base followed by generated ones. They can be iterated more than once."""

    def __init__(self, base: Iterable[Row], generate: Callable[[], Iterator[Row]]) -> None:
        self._base, self._generate = base, generate

    def __iter__(self) -> Iterator[Row]:
        return chain(self._base, self._generate())


class _Growth:
    """The records that are generated for a base firm."""

    def __init__(self, base: Sample, projects: int, seed: str) -> None:
        self._seed = seed
        # The index of a project in the firm is part of its seed: growing a grown firm does not repeat projects.
        self._first = len(list(base.records["Project"]))
        self._count = projects - self._first
        self._base_numbers = numbers_of(base)
        self._base_ids = {row.get("ID") for row in base.records["Project"]}
        named = NamedRecords(base.records)
        # The seed text must not change: every generated firm depends on it.
        people_seed = f"{seed} behind {self._first}"
        people = People(people_seed, named.key, KeySequences(dict(self._base_numbers)).next)
        more = max(0, self._count - 48)
        self.employees = people.employees(15 + more // 60)
        names = {row["Description"].lower() for row in base.records["Client"]}
        self.clients, self.contacts = people.clients(4 + round(0.25 * self._count), names)
        make_untidy(self.employees)
        make_untidy(self.contacts)
        names = {row["Name"].lower() for row in base.records["Vendor"]}
        # One of each pattern at least, so that there are vendors of every type.
        self.vendors = people.vendors(len(words.VENDORS) + more // 100, names)
        self.contacts += people.personal_records(self.employees, len(self.contacts))
        everybody = [*base.records["Employee"], *self.employees]
        self._staff = Staff(everybody)
        consultant = named.key("VendorType", "Engineering Consultant")
        vendors = (*base.records["Vendor"], *self.vendors)
        consultants = [row for row in vendors if row.get("VendorTypeKey") == consultant]
        suppliers = [row for row in vendors if row.get("VendorTypeKey") not in (None, consultant)]
        resources = ResourceBuilder(named.rows("EmployeeType"), consultants)
        vendors_of = {
            category: [row["VendorKey"] for row in rows]
            for category, rows in (("Consultant", consultants), ("Expense", suppliers))
        }
        clients = [*self.clients, *base.records["Client"]]
        custom_fields = frozenset(
            field.Name.replace(" ", "") for field in base.firm.CustomFields if "Project" in field.On
        )
        self._builder = ProjectBuilder(named, resources, clients, vendors_of, custom_fields)
        own = sorted({user.AuthorizingEmployeeKey for user in base.firm.ApiUsers if user.AuthorizingEmployeeKey})
        self._office = Office(people_seed, named, self.employees, vendors, round(years_of(self._count) * 365))
        self._invoices = Invoices(named, vendors)
        self._reimbursements = Reimbursements(self._invoices, named, everybody, vendors)
        self._expenses = ExpenseReports(people_seed, named, own, self.employees, vendors)
        week_start = base.firm.TimeStartOfWeek
        non_work_days = list(base.records["NonWorkDay"])
        self._timesheets = Timesheets(people_seed, named, self.employees, everybody, non_work_days, week_start)
        self._charged: tuple[Sites, Tasks] | None = None

    def of_kind(self, kind: str) -> Iterator[Row]:
        """Yield the records of a kind that is streamed. Projects are generated again instead of being kept."""
        return (row for found, row in self.streamed(kind) if found == kind)

    def streamed(self, wanted: str = "") -> Iterator[tuple[str, Row]]:
        """Yield the records of the kinds in ``_STREAMED``; with a ``wanted`` kind, at least its records."""
        keys = KeySequences(dict(self._base_numbers))
        if wanted in ("", "Project", "Ledger", "VendorInvoice"):
            yield from self._of_projects(keys)
        if wanted in ("", "JournalEntry"):
            for entry in self._office.entries(self._base_numbers.get("JournalEntry", 0)):
                yield "JournalEntry", entry
        if wanted in ("", "ExpenseReport", "ExpenseAttachment", "VendorInvoice"):
            yield from self._of_expenses(keys)
        if wanted in ("", "VendorInvoice"):
            # After all others, because pay rates decide in which months the office has bills: no key depends on them.
            for bill in self._office.bills(self._invoices, keys):
                yield "VendorInvoice", bill
        if wanted in ("", "Timesheet"):
            _, tasks = self._charged_projects()
            for sheet in self._timesheets.sheets(tasks, self._base_numbers):
                yield "Timesheet", sheet

    def _of_projects(self, keys: KeySequences) -> Iterator[tuple[str, Row]]:
        """Yield each project with its ledger, if it has postings, and the invoices for it."""
        charged = self._nothing_charged()
        for i, (project, drawn) in enumerate(self.projects()):
            _consider(charged, i, project)
            yield "Project", project
            postings, purchases = split(drawn)
            if postings:
                yield "Ledger", {"ProjectKey": project["ProjectKey"], "Postings": postings}
            for invoice in self._invoices.of_project(project, purchases, keys):
                yield "VendorInvoice", invoice
        self._charged = charged

    def _of_expenses(self, keys: KeySequences) -> Iterator[tuple[str, Row]]:
        """Yield each expense report with the files of its lines, and the invoices that reimburse it."""
        sites, _ = self._charged_projects()
        for report, files in self._expenses.reports(sites, self._base_numbers):
            yield "ExpenseReport", report
            for file in files:
                yield "ExpenseAttachment", file
            for invoice in self._reimbursements.of_report(report, keys):
                yield "VendorInvoice", invoice

    def _charged_projects(self) -> tuple[Sites, Tasks]:
        """Return the projects for expense reports and timesheets. Projects are generated if that has not happened."""
        if self._charged is None:
            charged = self._nothing_charged()
            for i, (project, _) in enumerate(self.projects()):
                _consider(charged, i, project)
            self._charged = charged
        return self._charged

    def _nothing_charged(self) -> tuple[Sites, Tasks]:
        return Sites(self._count), Tasks(since=-7 * WEEKS)

    def projects(self) -> Iterator[tuple[Row, list[Row]]]:
        """Yield each generated project with the postings to its phases, purchases included."""
        keys = KeySequences(dict(self._base_numbers))
        numbers: dict[int, int] = {}
        for i in range(self._count):
            rng = random.Random(f"{self._seed} project {self._first + i}")
            scheme = draw_scheme(rng, i, self._count, self._staff)
            year = (REFERENCE_DATE + timedelta(days=scheme.start)).year
            project, postings = self._builder.build(scheme, self._next_id(numbers, year), keys)
            yield project, postings

    def _next_id(self, numbers: dict[int, int], year: int) -> str:
        """Return the next project ID of a year that the base does not use."""
        while True:
            numbers[year] = numbers.get(year, 0) + 1
            project_id = f"{year}-{numbers[year]:03d}"
            if project_id not in self._base_ids:
                return project_id


def _consider(charged: tuple[Sites, Tasks], index: int, project: Row) -> None:
    """Add a project to those that expense reports and timesheets charge."""
    sites, tasks = charged
    sites.consider(index, project)
    tasks.consider(project)
