"""The general ledger of a tenant: the postings of all records, and the balance of each account on any day.

Balances are debits minus credits. The years before the current one are closed: on December 31, a closing entry moves
the income and expenses of the year to retained earnings (claim ``account.years-closed``). Closing entries are not
stored; they follow from the postings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from mock_ajera.books.rules import RETAINED_EARNINGS, RULES, TEMPORARY, Basis
from mock_ajera.tenants.tenant import Tenant

POSTED_BY = ("Ledger", "JournalEntry")
"""The kinds of records with postings."""
_READS = (*POSTED_BY, "GLAccount", "Project")
"""The kinds of records that balances are computed from."""
_NOTHING = Decimal("0.00")

Body = Mapping[str, Any]
_Running = tuple[list[str], list[Decimal]]


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


def postings(tenant: Tenant) -> Iterator[Posting]:
    """Yield all postings, closing entries excluded."""
    accounts = _accounts_by_role(tenant)
    projects = tenant.model.tables["Project"].entries
    for row in tenant.store.rows("Ledger"):
        company = projects[row.key].summary["CompanyKey"] if row.key in projects else None
        for posting in tenant.body(row)["Postings"]:
            yield from _of_work(posting, company, accounts)
    for row in tenant.store.rows("JournalEntry"):
        yield from _of_entry(tenant.body(row))


def _of_work(work: Body, company: int | None, accounts: Mapping[str, int]) -> Iterator[Posting]:
    day, vendor = work["Date"] or "", work["VendorKey"]
    for measure, amount in work["Amounts"].items():
        for rule in RULES.get(measure, ()):
            debit, credit = (accounts.get(role.format(category=work["Category"])) for role in (rule.debit, rule.credit))
            if debit is not None and credit is not None:
                yield Posting(debit, company, day, amount, rule.basis, vendor)
                yield Posting(credit, company, day, -amount, rule.basis, vendor)


def _of_entry(entry: Body) -> Iterator[Posting]:
    for line in entry["Lines"]:
        yield Posting(
            line["AccountKey"],
            entry["CompanyKey"],
            entry["Date"] or "",
            line["Debit"] - line["Credit"],
            Basis(entry["Basis"]),
            line["VendorKey"],
        )


def _accounts_by_role(tenant: Tenant) -> dict[str, int]:
    accounts = tenant.model.tables["GLAccount"].entries
    return {entry.summary["PostingRole"]: key for key, entry in sorted(accounts.items(), reverse=True)}


class Balances:
    """The balances of all accounts on any day."""

    def __init__(self, tenant: Tenant) -> None:
        accounts = tenant.model.tables["GLAccount"].entries
        self._temporary = {key for key, entry in accounts.items() if entry.summary["AccountType"] in TEMPORARY}
        self._retained = _accounts_by_role(tenant).get(RETAINED_EARNINGS)
        daily: dict[tuple[int, int | None, bool], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for posting in postings(tenant):
            for cash in (False, True):
                if posting.basis is not (Basis.ACCRUAL if cash else Basis.CASH):
                    daily[posting.account, posting.company, cash][posting.day] += posting.amount
        self._running: dict[tuple[int, bool], dict[int | None, _Running]] = defaultdict(dict)
        for (account, company, cash), amounts in daily.items():
            self._running[account, cash][company] = _running(amounts)

    def of(
        self,
        account: int,
        day: str,
        *,
        closed: str,
        companies: Collection[int | None] | None = None,
        cash: bool = False,
    ) -> Decimal:
        """Return the balance of an account at the end of a day (YYYY-MM-DD), in dollars.

        ``closed``: the last day of the last closed year, or "" to leave out closing entries. ``companies``: those to
        add up; None for all. ``cash``: on the cash basis instead of the accrual basis.
        """
        total = self._sum({account}, day, companies, cash)
        if closed and account in self._temporary:
            total -= self._sum({account}, closed, companies, cash)
        elif closed and account == self._retained:
            total += self._sum(self._temporary, closed, companies, cash)
        return total

    def _sum(self, accounts: set[int], day: str, companies: Collection[int | None] | None, cash: bool) -> Decimal:
        found = _NOTHING
        for account in accounts:
            for company, (days, sums) in self._running.get((account, cash), {}).items():
                if companies is None or company in companies:
                    found += sums[bisect_right(days, day)]
        return found


def _running(amounts: Mapping[str, Decimal]) -> _Running:
    """Return the days in order, and the sum before each of them and after the last."""
    days = sorted(amounts)
    return days, list(accumulate((amounts[day] for day in days), initial=_NOTHING))


def last_closed_day(day: str, today: str) -> str:
    """Return the last day, on or before a day, that ends a closed year. Years before the current one are closed."""
    year = int(day[:4]) if day.endswith("-12-31") else int(day[:4]) - 1
    return f"{min(year, int(today[:4]) - 1):04}-12-31"


def balances(tenant: Tenant) -> Balances:
    """Return the balances of a tenant, computed again if one of the records behind them has changed."""
    return tenant.model.computed(Balances, _READS, lambda: Balances(tenant))
