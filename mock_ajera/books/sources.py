"""The kinds of records with postings, and what each of them posts: work on projects, and lines to accounts.

A record posts from its stored body: the rates that its postings depend on are stored in it, so that a later change of
a rate does not change the past. Two things are those of today: the company of a project (claim
``account.project-company``), and the accounts with the roles in posting rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from mock_ajera.books import timesheets, vendor_invoices
from mock_ajera.books.records import Body, Posting, Roles, Work
from mock_ajera.books.rules import Basis


class Source(msgspec.Struct, frozen=True):
    """What the records of a kind post."""

    work: Callable[[Body], Iterator[Work]] = lambda _: iter(())
    """Return the work on projects."""
    lines: Callable[[Body, Roles], Iterator[Posting]] = lambda *_: iter(())
    """Return the debits and credits that are not work on a project."""


def _work_of_ledger(ledger: Body) -> Iterator[Work]:
    for row in ledger["Postings"]:
        yield Work(
            ledger["ProjectKey"],
            row["PhaseKey"],
            row["Date"] or "",
            row["Category"],
            row["Amounts"],
            row["VendorKey"],
        )


def _lines_of_entry(entry: Body, roles: Roles) -> Iterator[Posting]:
    for line in entry["Lines"]:
        yield Posting(
            line["AccountKey"],
            entry["CompanyKey"],
            entry["Date"] or "",
            line["Debit"] - line["Credit"],
            Basis(entry["Basis"]),
            line["VendorKey"],
        )


SOURCES: Mapping[str, Source] = {
    "Ledger": Source(work=_work_of_ledger),
    "JournalEntry": Source(lines=_lines_of_entry),
    "VendorInvoice": Source(work=vendor_invoices.work_of, lines=vendor_invoices.lines_of),
    "Timesheet": Source(work=timesheets.work_of, lines=timesheets.lines_of),
}
"""The kinds of records with postings."""
