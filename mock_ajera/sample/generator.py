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
from dataclasses import replace
from datetime import timedelta
from itertools import chain

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
        return replace(base, records={**base.records, **fewer})
    growth = _Growth(base, projects, seed)
    added: dict[str, Iterable[Row]] = {
        "Employee": growth.employees,
        "Contact": growth.contacts,
        "Client": growth.clients,
        "Vendor": growth.vendors,
    }
    # Projects are generated again for their ledgers instead of being kept in memory.
    streamed: dict[str, Callable[[], Iterator[Row]]] = {
        "Project": lambda: (project for project, _ in growth.projects()),
        "Ledger": growth.ledgers,
        "JournalEntry": growth.journal_entries,
        "VendorInvoice": growth.vendor_invoices,
        "ExpenseReport": lambda: (report for report, _ in growth.expense_reports()),
        "ExpenseAttachment": lambda: (file for _, files in growth.expense_reports() for file in files),
        "Timesheet": growth.timesheets,
    }
    return replace(
        base,
        records={
            kind: _Repeatable(rows, streamed[kind]) if kind in streamed else [*rows, *added.get(kind, ())]
            for kind, rows in base.records.items()
        },
    )


def _charging(rows: Iterable[Row], projects: Container[int], member: str, *lists: str) -> list[Row]:
    """Return rows whose nested rows charge one of the projects, or none. ``member``: the project of a nested row."""

    def kept(nested: list[Row]) -> list[Row]:
        return [row for row in nested if member not in row or row[member] in projects]

    return [row | {name: kept(row[name]) for name in lists if name in row} for row in rows]


def _charges_only(invoice: Row, projects: Container[int]) -> bool:
    """Return whether an invoice charges no other projects."""
    return all(line["ProjectKey"] in projects for line in invoice["LineItems"] if "ProjectKey" in line)


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
        self._all_employees = [*base.records["Employee"], *self.employees]
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
        self._reimbursements = Reimbursements(self._invoices, named, self._all_employees, vendors)
        self._expenses = ExpenseReports(people_seed, named, own, self.employees, vendors)
        approvers = (*base.records["Employee"], *self.employees)
        week_start = base.firm.TimeStartOfWeek
        non_work_days = list(base.records["NonWorkDay"])
        self._timesheets = Timesheets(people_seed, named, self.employees, approvers, non_work_days, week_start)
        self._charged: tuple[Sites, Tasks] | None = None

    def ledgers(self) -> Iterator[Row]:
        """Yield the ledger of each generated project that has postings."""
        for project, drawn in self.projects():
            postings, _ = split(drawn)
            if postings:
                yield {"ProjectKey": project["ProjectKey"], "Postings": postings}

    def vendor_invoices(self) -> Iterator[Row]:
        """Yield the invoices for generated projects, then those of expense reports and the bills of the office."""
        keys = KeySequences(dict(self._base_numbers))
        for project, drawn in self.projects():
            _, purchases = split(drawn)
            yield from self._invoices.of_project(project, purchases, keys)
        for report, _ in self.expense_reports():
            yield from self._reimbursements.of_report(report, keys)
        # Last, because pay rates decide in which months the office has bills: other keys must not depend on them.
        yield from self._office.bills(self._invoices, keys)

    def journal_entries(self) -> Iterator[Row]:
        """Yield the generated journal entries."""
        return self._office.entries(self._base_numbers.get("JournalEntry", 0))

    def expense_reports(self) -> Iterator[tuple[Row, list[Row]]]:
        """Yield each generated expense report with the files of its lines."""
        sites, _ = self._charged_projects()
        yield from self._expenses.reports(sites, self._base_numbers)

    def timesheets(self) -> Iterator[Row]:
        """Yield the generated timesheets."""
        _, tasks = self._charged_projects()
        yield from self._timesheets.sheets(tasks, self._base_numbers)

    def _charged_projects(self) -> tuple[Sites, Tasks]:
        """Return the projects for expense reports and timesheets. Projects are generated if that has not happened."""
        if self._charged is None:
            sites, tasks = Sites(self._count), Tasks(since=-7 * WEEKS)
            for i, (project, _) in enumerate(self.projects()):
                sites.consider(i, project)
                tasks.consider(project)
            self._charged = sites, tasks
        return self._charged

    def projects(self) -> Iterator[tuple[Row, list[Row]]]:
        """Yield each generated project with the postings to its phases, purchases included."""
        keys = KeySequences(dict(self._base_numbers))
        numbers: dict[int, int] = {}
        for i in range(self._count):
            rng = random.Random(f"{self._seed} project {self._first + i}")
            scheme = draw_scheme(rng, i, self._count, self._all_employees)
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
