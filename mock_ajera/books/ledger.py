"""The general ledger of a tenant: the postings of all records, and the balance of each account on any day.

Balances are debits minus credits. The years before the current one are closed: on December 31, a closing entry moves
the income and expenses of the year to retained earnings (claim ``account.years-closed``). Closing entries are not
stored; they follow from the postings.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from mock_ajera import codec
from mock_ajera.books.records import Body, Posting, Roles, Side, Work, moved, payer
from mock_ajera.books.rules import CASH, DUE_FROM, DUE_TO, PAYABLE, RETAINED_EARNINGS, RULES, TEMPORARY, Basis
from mock_ajera.books.sources import SOURCES
from mock_ajera.tenants.model import Entry
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import noting, relies_on

_READS = (*SOURCES, "GLAccount", "Project")
"""The kinds of records that balances are computed from."""
_NOTHING = Decimal("0.00")

_Companies = Mapping[int, int | None]
"""The company of each project that a record refers to, as it is now (claim ``account.project-company``)."""
_Series = tuple[int, int | None, bool]
"""An account, a company, and whether the basis is cash."""
_Running = tuple[list[str], list[Decimal]]


def work_on(tenant: Tenant, project: int) -> Iterator[Work]:
    """Yield all work on a project."""
    for kind, source in SOURCES.items():
        for key in sorted(tenant.model.tables[kind].referrers("Project", project) or ()):
            if row := tenant.row(kind, key):
                yield from (work for work in source.work(tenant.body(row)) if work.project == project)


def postings(tenant: Tenant) -> Iterator[Posting]:
    """Yield all postings, closing entries excluded."""
    roles = _accounts_by_role(tenant)
    for kind in SOURCES:
        for key, entry in tenant.model.tables[kind].entries.items():
            if row := tenant.row(kind, key):
                yield from _of_record(kind, tenant.body(row), _companies(tenant, entry), roles)


def _of_record(kind: str, body: Body, companies: _Companies, roles: Roles) -> Iterator[Posting]:
    yield from SOURCES[kind].lines(body, roles)
    for work in SOURCES[kind].work(body):
        yield from _of_work(work, companies.get(work.project), roles)


def _companies(tenant: Tenant, entry: Entry) -> _Companies:
    projects = {key: tenant.model.summary("Project", key) for key in entry.references.get("Project", ())}
    if projects:
        relies_on("account.project-company")
    return {key: project["CompanyKey"] for key, project in projects.items() if project is not None}


def _of_work(work: Work, company: int | None, roles: Roles) -> Iterator[Posting]:
    of_payer = payer(work.payer, company, roles)

    def side(role: str) -> Side | None:
        account = roles.get(role.format(category=work.category))
        return None if account is None else Side(account, of_payer if role in (PAYABLE, CASH) else company)

    for measure, amount in work.amounts.items():
        for rule in RULES.get(measure, ()):
            debit, credit = side(rule.debit), side(rule.credit)
            if debit is not None and credit is not None:
                yield from moved(debit, credit, work.day, amount, rule.basis, work.vendor, roles)


def _accounts_by_role(tenant: Tenant) -> dict[str, int]:
    accounts = sorted(tenant.model.tables["GLAccount"].entries.items(), reverse=True)
    between = {
        entry.summary["IntercompanyAccountType"]: key
        for key, entry in accounts
        if entry.summary["IntercompanyAccountType"] in (DUE_FROM, DUE_TO)
    }
    return between | {entry.summary["PostingRole"]: key for key, entry in accounts}


class _Posted(NamedTuple):
    """A record as it was included in balances."""

    entry: Entry
    """The record in the read model. A changed record has another entry."""
    companies: _Companies
    body: bytes
    """The stored body, compressed because there are many. Its postings are subtracted after a change."""


class Balances:
    """The balances of all accounts on any day. They never change, so copies of a tenant share them."""

    def __init__(self, tenant: Tenant, before: Balances | None = None) -> None:
        """Compute the balances of a tenant.

        ``before``: balances of the tenant or of its original, to which only the changed records are applied.
        """
        accounts = tenant.model.tables["GLAccount"].entries
        self._temporary = {key for key, entry in accounts.items() if entry.summary["AccountType"] in TEMPORARY}
        self._roles = _accounts_by_role(tenant)
        self._posted: dict[tuple[str, int], _Posted] = {}
        self._daily: dict[_Series, Mapping[str, Decimal]] = {}
        self._running: dict[tuple[int, bool], dict[int | None, _Running]] = defaultdict(dict)
        # Accounts with other roles change the postings of all ledgers.
        if before is not None and before._roles == self._roles:
            self._posted |= before._posted
            self._daily |= before._daily
            self._running.update((pair, dict(companies)) for pair, companies in before._running.items())
        with noting() as claims:
            changed = self._apply_changes(tenant)
        self.claims: frozenset[str] = frozenset(claims) | (frozenset() if before is None else before.claims)
        """The claims that the postings rely on."""
        for series, changes in changed.items():
            account, company, cash = series
            self._daily[series] = _merged(self._daily.get(series, {}), changes)
            self._running[account, cash][company] = _running(self._daily[series])

    def _apply_changes(self, tenant: Tenant) -> Mapping[_Series, Mapping[str, Decimal]]:
        """Bring the posted records up to date. Return the differences of each account by day."""
        changes: dict[_Series, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

        def add(kind: str, body: Body, companies: _Companies, sign: int) -> None:
            for posting in _of_record(kind, body, companies, self._roles):
                for cash in (False, True):
                    if posting.basis is not (Basis.ACCRUAL if cash else Basis.CASH):
                        changes[posting.account, posting.company, cash][posting.day] += sign * posting.amount

        def subtract(kind: str, key: int) -> None:
            if old := self._posted.pop((kind, key), None):
                body: Any = codec.decode_stored(zlib.decompress(old.body))
                add(kind, body, old.companies, -1)

        for kind in SOURCES:
            entries = tenant.model.tables[kind].entries
            for key in [key for posted, key in self._posted if posted == kind and key not in entries]:
                subtract(kind, key)
            for key, entry in entries.items():
                companies = _companies(tenant, entry)
                old = self._posted.get((kind, key))
                if old is not None and old.entry is entry and old.companies == companies:
                    continue
                subtract(kind, key)
                if row := tenant.row(kind, key):
                    add(kind, tenant.body(row), companies, 1)
                    self._posted[kind, key] = _Posted(entry, companies, zlib.compress(row.body.encode(), 1))
        return changes

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
        elif closed and account == self._roles.get(RETAINED_EARNINGS):
            total += self._sum(self._temporary, closed, companies, cash)
        return total

    def _sum(self, accounts: set[int], day: str, companies: Collection[int | None] | None, cash: bool) -> Decimal:
        found = _NOTHING
        for account in accounts:
            for company, (days, sums) in self._running.get((account, cash), {}).items():
                if companies is None or company in companies:
                    found += sums[bisect_right(days, day)]
        return found


def _merged(amounts: Mapping[str, Decimal], changes: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    return {**amounts, **{day: amounts.get(day, _NOTHING) + change for day, change in changes.items()}}


def _running(amounts: Mapping[str, Decimal]) -> _Running:
    """Return the days in order, and the sum before each of them and after the last."""
    days = sorted(amounts)
    return days, list(accumulate((amounts[day] for day in days), initial=_NOTHING))


def last_closed_day(day: str, today: str) -> str:
    """Return the last day, on or before a day, that ends a closed year. Years before the current one are closed."""
    year = int(day[:4]) if day.endswith("-12-31") else int(day[:4]) - 1
    return f"{min(year, int(today[:4]) - 1):04}-12-31"


def balances(tenant: Tenant) -> Balances:
    """Return the balances of a tenant, updated if one of the records that they are computed from has changed."""
    return tenant.model.computed(Balances, _READS, lambda before: Balances(tenant, before))
