"""What a record posts: work on projects, and debits and credits of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from mock_ajera.books.rules import DUE_FROM, DUE_TO, Basis
from mock_ajera.tenants.trace import relies_on

Body = Mapping[str, Any]
Roles = Mapping[str, int]
"""The keys of the accounts by their roles in posting rules."""


class Work(NamedTuple):
    """Work, bills or payments of a phase on one day: labor, expenses or consultants."""

    project: int
    phase: int | None
    day: str
    """The accounting date as YYYY-MM-DD; "" for work from before the books began."""
    category: str
    amounts: Mapping[str, Decimal]
    """Money or hours by measure."""
    vendor: int | None = None
    """The vendor of an invoice or payment."""
    payer: int | None = None
    """The company that owes and pays the vendor; None for that of the project."""


class Posting(NamedTuple):
    """A debit or a credit."""

    account: int
    company: int | None
    day: str
    """The accounting date as YYYY-MM-DD; "" for a posting from before the books began."""
    amount: Decimal
    """Positive for a debit."""
    basis: Basis
    vendor: int | None = None
    """The vendor whose balance it changes."""


class Side(NamedTuple):
    """The account of a debit or a credit, and its company."""

    account: int
    company: int | None


def moved(
    debit: Side, credit: Side, day: str, amount: Decimal, basis: Basis, vendor: int | None, roles: Roles
) -> Iterator[Posting]:
    """Yield a debit and a credit. Balance each company if there are two (claim ``account.between-companies``)."""
    yield Posting(debit.account, debit.company, day, amount, basis, vendor)
    yield Posting(credit.account, credit.company, day, -amount, basis, vendor)
    if debit.company != credit.company:
        relies_on("account.between-companies")
        yield Posting(roles[DUE_TO], debit.company, day, -amount, basis)
        yield Posting(roles[DUE_FROM], credit.company, day, amount, basis)


def payer(company: int | None, charged: int | None, roles: Roles) -> int | None:
    """Return the company that owes and pays a charge: that of the invoice, if the accounts between companies exist.

    ``charged``: the company of the charge, which pays in other firms, or if one of the two is unknown.
    """
    if company is None:
        return charged
    relies_on("invoice.books-of-companies")
    if charged is not None and DUE_TO in roles and DUE_FROM in roles:
        return company
    if charged not in (None, company):
        relies_on("account.between-companies")
    return charged
