"""GL accounts: the chart of accounts, with balances computed from the postings of the firm.

Source: Ajera API, GL Accounts page, and public API clients.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.context import Visibility
from mock_ajera.api.filters import Instant, Items, select
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation, graded
from mock_ajera.api.reasons import fault
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import ACTIVE, LISTING, guesses_of_get, list_method
from mock_ajera.api.views import TenantView
from mock_ajera.books.ledger import balances, last_closed_day
from mock_ajera.books.rules import ACCOUNT_TYPES, DUE_FROM, DUE_TO, ROLES, Basis
from mock_ajera.claims import Grade
from mock_ajera.tenants import stamps
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import reads_record, relies_on

INTERCOMPANY_TYPES = ("None", DUE_FROM, DUE_TO, "Intercompany Other Income")


class Balance(f.Computed):
    """An amount of money that depends on the arguments of the request."""

    places = 2


class GLAccount(Record):
    """An account of the general ledger."""

    kind = "GLAccount"
    grades: ClassVar[Mapping[str, Grade]] = {"Amount": Grade.OBSERVED}
    GLAccountKey = f.Key()
    ID = f.Text()
    Description = f.Text()
    AccountGroupKey = f.Ref("AccountGroup", shown=Visibility.NEVER)
    AccountGroup = f.Lookup("AccountGroupKey", "Description")
    AccountGroupOrder = f.Lookup("AccountGroupKey", "Order", blank=0)
    AccountGroupStatus = f.Lookup("AccountGroupKey", "Status")
    AccountType = f.Choice(*ACCOUNT_TYPES, required="on_create", claim="account.types")
    AccountTypeValue = f.Computed(lambda body, _: _number(ACCOUNT_TYPES, body["AccountType"], 1))
    Allocated = f.Flag()
    AllowJournalEntries = f.Flag(default=True)
    IntercompanyAccountType = f.Choice(*INTERCOMPANY_TYPES, default="None")
    IntercompanyAccountTypeValue = f.Computed(lambda body, _: _number(INTERCOMPANY_TYPES, _intercompany(body), 0))
    IntercompanyAccount = f.Computed(lambda body, _: _intercompany(body) != "None")
    NormalDebitBalance = f.Flag()
    Notes = f.Text()
    Order = f.Whole(default=0)
    PrintNetProfitAfterGroup = f.Lookup("AccountGroupKey", "PrintNetProfitAfterGroup", blank=False)
    Status = f.Choice(*ACTIVE, default="Active")
    SummarizeGroupOnFS = f.Lookup("AccountGroupKey", "SummarizeGroupOnFS", blank=False)
    Amount = Balance()
    GLBalance = Balance()
    GLBudget = f.Money()
    GLCashBasisBalance = Balance()
    GLCashBasisBudget = f.Money()
    PostingRole = f.Choice(*ROLES, shown=Visibility.NEVER)
    """The role of the account in posting rules; null for most accounts."""

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for an account without a type."""
        return "AccountType: required" if tree["AccountType"] is None else ""


def _number(names: tuple[str, ...], name: str | None, first: int) -> int | None:
    return None if name is None else names.index(name) + first


def _intercompany(body: Body) -> str:
    name: str = body["IntercompanyAccountType"] or "None"
    if name == "None":
        relies_on("account.intercompany-none")
    return name


class JournalLine(Row):
    """A debit or a credit of an account."""

    AccountKey = f.Ref("GLAccount", nullable=False, required="always")
    Debit = f.Money()
    Credit = f.Money()
    VendorKey = f.Ref("Vendor")
    """The vendor whose balance it changes, in a line of the payables account."""


class JournalEntry(Record):
    """An entry in the general ledger. No method prints it; the balances of accounts are computed from it."""

    kind = "JournalEntry"
    JournalEntryKey = f.Key()
    Date = f.Day()
    CompanyKey = f.Ref("Company")
    Basis = f.Choice(*(basis.value for basis in Basis), default=Basis.BOTH.value)
    Description = f.Text()
    Lines = f.Rows(JournalLine)

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for an entry that does not balance."""
        debit, credit = (sum((line[side] for line in tree["Lines"]), Decimal(0)) for side in ("Debit", "Credit"))
        return "" if debit == credit else f"Lines: debits of {debit} do not equal credits of {credit}"


class TypeName(f.Choice):
    """The name of an account type without spaces, or its number as a text (claim ``account.filter-type``)."""

    def __init__(self) -> None:
        self._names = {name.replace(" ", ""): name for name in ACCOUNT_TYPES}
        self._unhyphenated = {word.replace("-", ""): name for word, name in self._names.items() if "-" in word}
        self._numbers = {str(number): name for number, name in enumerate(ACCOUNT_TYPES, 1)}
        words = (*self._names, *self._unhyphenated, *self._numbers)
        super().__init__(*words, outside="account.filter-type", cased="account.type-spelling")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        word = super()._deserialize(value, attr, data, **kwargs)
        if word in self._numbers:
            relies_on("account.type-numbers")
            return self._numbers[word]
        if word in self._unhyphenated:
            relies_on("account.type-spelling")
            return self._unhyphenated[word]
        return self._names[word]


_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class AsOf(Instant):
    """A day as MM/DD/YYYY (claim ``account.as-of``), as YYYY-MM-DD, or as a time of that day."""

    type_name = "date: 11/25/2026 or 2026-11-25; or a time of that day"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = _SLASHED.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            other = super()._deserialize(value, attr, data, **kwargs)
            if stamps.form(other) == "day":
                relies_on("account.as-of-iso")
            else:
                relies_on("account.as-of-time")
            return other
        month, day, year = map(int, found.groups())
        try:
            text = datetime.date(year, month, day).isoformat()
        except ValueError:
            raise fault("date", f"{value!r} is a date that does not exist", "account.as-of") from None
        return super()._deserialize(text, attr, data, **kwargs)


RECORDS = (GL_ACCOUNT := GLAccount(), JournalEntry())

_FILTERS = (
    filters.keys("FilterByAccountGroup", "AccountGroupKey", "account.filter-group"),
    filters.status("FilterByStatus", *ACTIVE, claim="account.filter-status"),
    filters.OneOf("FilterByType", ("AccountType",), "account.filter-type", TypeName),
)
_MISSPELLED = filters.keys("FitlerByAccountGroup", "AccountGroupKey", "account.misspelled-filter")
_LISTED = ("GLAccountKey", "ID", "Description", "AccountType", "AccountGroup", "Order", "Status")


def _get(call: Call) -> Answer:
    tenant, arguments = call.tenant, call.arguments
    requested = arguments.get("RequestedGLAccounts")
    table = tenant.model.tables[GL_ACCOUNT.kind]
    keys = select(table, (*_FILTERS, _MISSPELLED), arguments, tenant)
    if requested is not None:
        for guess in guesses_of_get(requested, table.entries):
            relies_on(guess)
        if len(keys) < len(table.entries):
            relies_on("account.keys-and-filters")
        kept = set(keys)
        keys = [key for key in dict.fromkeys(requested) if key in kept]
    reads_record(GL_ACCOUNT.kind, keys)
    amounts = _Amounts(tenant, arguments)
    view = TenantView(tenant)
    rows = []
    for row in tenant.store.get_many(GL_ACCOUNT.kind, keys):
        body = tenant.body(row)
        rows.append(GL_ACCOUNT.emit(body, view, row.stamp) | amounts.of(body))
    return Answer({GL_ACCOUNT.plural: rows})


class _Amounts:
    """The amounts of accounts on one day."""

    def __init__(self, tenant: Tenant, arguments: Mapping[str, Any]) -> None:
        zone = tenant.firm.zone
        today = zone.local_date(tenant.clock.now())
        as_of = arguments.get("AsOfDate")
        for claim in ("account.balance", "account.amount", "account.budgets"):
            relies_on(claim)
        if not as_of:
            relies_on("account.as-of-today")
        self._day = today if as_of is None else stamps.local_day(as_of, zone)
        closing = not arguments.get("ExcludeCloseYearEntries")
        relies_on("account.years-closed" if closing else "account.exclude-closing")
        self._closed = last_closed_day(self._day, today) if closing else ""
        self._companies = arguments.get("FilterByCompany") or None
        if self._companies:
            relies_on("account.filter-company")
        self._balances = balances(tenant)
        for claim in sorted(self._balances.claims):
            relies_on(claim)

    def of(self, account: Body) -> dict[str, Decimal]:
        """Return the balances of an account as printed."""
        accrual, cash = (self._balance(account, cash=cash) for cash in (False, True))
        return {"Amount": accrual, "GLBalance": accrual, "GLCashBasisBalance": cash}

    def _balance(self, account: Body, *, cash: bool) -> Decimal:
        key = account[GL_ACCOUNT.key.name]
        debit = self._balances.of(key, self._day, closed=self._closed, companies=self._companies, cash=cash)
        return debit if account["NormalDebitBalance"] else -debit


_GET = Operation(
    {
        "RequestedGLAccounts": Items(f.AskedKey(GL_ACCOUNT.kind)),
        "ExcludeCloseYearEntries": f.Flag(),
        "AsOfDate": AsOf(),
        "FilterByCompany": Items(f.AskedKey("Company")),
        **{each.argument: each.field() for each in (*_FILTERS, _MISSPELLED)},
    },
    _get,
    "account.get-members",
    claims={
        "ExcludeCloseYearEntries": "account.exclude-closing",
        "AsOfDate": "account.as-of",
        "FilterByCompany": "account.filter-company",
        **{each.argument: each.claim for each in (*_FILTERS, _MISSPELLED)},
    },
    answers=(Layout.of(GL_ACCOUNT.plural, GL_ACCOUNT),),
    manual=("account.keys-and-filters", "account.as-of-today", "account.balance", *LISTING),
    example=lambda firm: {"RequestedGLAccounts": [firm.key(GL_ACCOUNT.kind)], "AsOfDate": "12/31/2025"},
)

METHODS = (
    graded(
        list_method(
            GL_ACCOUNT,
            {name: name for name in _LISTED},
            _FILTERS,
            versions=(1, 2),
            claim="account.list-members",
        ),
        {"Order": Grade.DOCUMENTED},
    ),
    Method(
        name="GetGLAccounts",
        access="read",
        versions={1: _GET},
        kind=GL_ACCOUNT.kind,
        needs=(
            Need(GL_ACCOUNT.kind, ("AccountType", "PostingRole", "IntercompanyAccountType")),
            Need("Project", ("CompanyKey",)),
        ),
        needs_employee=True,
    ),
)
