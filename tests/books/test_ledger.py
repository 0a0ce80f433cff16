"""The general ledger agrees with an independent recomputation from the files of the sample and of a generated firm."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from recomputed import Files, Rows

from mock_ajera import MockAjera
from mock_ajera.api.families import RECORDS
from mock_ajera.books.ledger import last_closed_day, postings
from mock_ajera.sample.files import file_name
from mock_ajera.sample.templates import sample_of, source

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample"
NOW = datetime.datetime(2026, 8, 15, 12, tzinfo=datetime.UTC)
TODAY = NOW.date()
PROJECTS = 200


@cache
def sample_rows(name: str) -> Rows:
    """Return the records of a file of the sample."""
    found: Rows = json.loads((SAMPLE / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)
    return found


@cache
def generated_rows(name: str) -> Rows:
    """Return the records of a file of a generated firm, before it is loaded."""
    by_file = {file_name(kind): kind for kind in RECORDS}
    return list(sample_of(source(PROJECTS)).records[by_file[f"{name}.json"]])


class Books:
    """A served firm with the records of its files."""

    def __init__(self, ajera: MockAjera, rows: Callable[[str], Rows]) -> None:
        self.ajera, self.files = ajera, Files(rows, TODAY)

    def accounts(self, member: str = "GLBalance", **arguments: Any) -> dict[str, Decimal]:
        """Return the balance of each account by its ID, positive for a debit, without closing entries."""
        found = self.ajera.content("GetGLAccounts", {"ExcludeCloseYearEntries": True, **arguments})["GLAccounts"]
        return {row["ID"]: row[member] * (1 if row["NormalDebitBalance"] else -1) for row in found}

    def measured(self, *measures: str, category: str | None = None, until: datetime.date = TODAY) -> Decimal:
        """Return the sum of measures on all projects, up to a day."""
        amounts = (
            work.amount
            for work in self.files.works
            if work.measure in measures and category in (None, work.category) and work.day <= until
        )
        return sum(amounts, Decimal(0))

    def entered(self, account_id: str, basis: str = "Accrual", until: datetime.date = TODAY) -> Decimal:
        """Return the debits minus the credits of an account that are not work on projects, up to a day."""
        key = self.files.account(account_id)
        amounts = (
            moved.amount
            for moved in self.files.moved
            if moved.account == key and moved.basis in ("Both", basis) and moved.day <= until
        )
        return sum(amounts, Decimal(0))


@pytest.fixture(scope="module", params=["sample", "generated"])
def books(request):
    """Provide the books of the sample firm, and those of a generated one."""
    generated = request.param == "generated"
    with MockAjera(sample=PROJECTS if generated else "sample", freeze=NOW) as ajera:
        yield Books(ajera, generated_rows if generated else sample_rows)


@pytest.fixture(scope="module")
def ajera():
    with MockAjera(freeze=NOW) as made:
        yield made


CHECKED_ON = [TODAY - datetime.timedelta(days=days) for days in (0, 1, 30, 90, 200, 400, 1000)]


CATEGORIES = {
    "Labor": ("4010", "5010", "6010"),
    "Consultant": ("4020", "5110", "6020"),
    "Expense": ("4110", "5210", "6030"),
}
"""The revenue, cost and clearing account of each category."""

Terms = tuple[tuple[str, ...], tuple[str, ...], str | None]
"""Measures that debit an account, measures that credit it, and the category of the work."""
BILLED = ("Billed", "BilledAdjustments")
COST = ("Cost", "PremiumCost")

ACCRUAL: dict[str, Terms] = {
    "1110": (("Receipts", "ReceiptsSalesTax"), ("Payments",), None),
    **dict.fromkeys(("1410", "2310"), ((), (), None)),
    "1210": (
        (*BILLED, "BilledSalesTax"),
        ("Receipts", "ReceiptsSalesTax", "ReceiptsAdjustments", "ReceiptsCreditMemo"),
        None,
    ),
    "2010": (("Payments",), ("VendorInvoiced",), None),
    "2210": ((), ("BilledSalesTax",), None),
    "4900": (("ReceiptsAdjustments",), (), None),
    **{revenue: (("ReceiptsCreditMemo",), BILLED, category) for category, (revenue, _, _) in CATEGORIES.items()},
    **{cost: (COST, (), category) for category, (_, cost, _) in CATEGORIES.items()},
    **{clearing: (("VendorInvoiced",), COST, category) for category, (_, _, clearing) in CATEGORIES.items()},
}
CASH: dict[str, Terms] = {
    "1110": ACCRUAL["1110"],
    **dict.fromkeys(("1210", "1410", "2010", "2310", "4900"), ((), (), None)),
    "2210": ((), ("ReceiptsSalesTax",), None),
    **{revenue: ((), ("Receipts",), category) for category, (revenue, _, _) in CATEGORIES.items()},
    **{cost: (COST, (), category) for category, (_, cost, _) in CATEGORIES.items()},
    **{clearing: (("Payments",), COST, category) for category, (_, _, clearing) in CATEGORIES.items()},
}


@pytest.mark.parametrize("account_id", ACCRUAL)
@pytest.mark.parametrize(
    ("member", "basis", "table"), [("GLBalance", "Accrual", ACCRUAL), ("GLCashBasisBalance", "Cash", CASH)]
)
def test_every_account_is_what_the_files_add_up_to(books, account_id, member, basis, table):
    """Today, and on earlier days."""
    debit, credit, category = table[account_id]
    for until in CHECKED_ON:
        wanted = books.measured(*debit, category=category, until=until)
        wanted += books.entered(account_id, basis, until) - books.measured(*credit, category=category, until=until)
        assert books.accounts(member, AsOfDate=str(until))[account_id] == wanted, until


@pytest.mark.parametrize("until", CHECKED_ON, ids=str)
def test_payables_are_the_balances_of_all_vendors(books, until):
    """They are what vendors invoiced and was not paid, on projects and in the office."""
    owed = books.measured("VendorInvoiced", until=until) - books.measured("Payments", until=until)
    assert books.accounts(AsOfDate=str(until))["2010"] == -owed + books.entered("2010", until=until)
    vendors: dict[int | None, Decimal] = defaultdict(Decimal)
    payable = books.files.account("2010")
    for posting in postings(books.ajera.tenant):
        if posting.account == payable and posting.day <= str(until):
            vendors[posting.vendor] -= posting.amount
    assert sum(vendors.values()) == owed - books.entered("2010", until=until)
    assert vendors[None] == 0


@pytest.mark.parametrize("vendor", [1, 2, 5, 7, 13])
def test_the_balance_of_one_vendor(ajera, vendor):
    """What the firm owes a vendor is the sum of its invoices that are neither paid nor voided."""
    mine = [invoice for invoice in sample_rows("vendor_invoices") if invoice["VendorKey"] == vendor]
    owed = sum(row["Amount"] for row in mine if "PaidDate" not in row and row.get("Status") != "Voided")
    found = -sum(each.amount for each in postings(ajera.tenant) if each.vendor == vendor and each.account == 8)
    assert (found, len(mine) > 1) == (owed, True)
    unpaid = ajera.content("ListVendorInvoices", {"FilterByVendor": [vendor], "FilterByUnpaid": True}, version=2)
    assert sum(row["Amount"] for row in unpaid["VendorInvoices"]) == owed


def test_the_totals_of_one_project(ajera):
    """The totals of project 1 and of its phase 4, added up from the files."""
    project = ajera.content("GetProjectTotals", {"RequestedProjectTotals": 1})["ProjectTotals"]
    phases = [phase for top in project["InvoiceGroups"][0]["Phases"] for phase in (top, *top.get("Phases", ()))]
    (phase,) = (each for each in phases if each["PhaseKey"] == 4)
    for totals, key in ((project, None), (phase, 4)):
        added: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for work in Files(sample_rows, TODAY).works:
            if work.project == 1 and key in (None, work.phase):
                added[work.measure, work.category] += work.amount
                added[work.measure, ""] += work.amount
        premium = [f"Premium{number}Hours" for number in (1, 2, 3)]
        wanted = {
            "Hours Worked": added["RegularHours", ""] + sum(added[name, ""] for name in premium),
            "Regular Hours Worked": added["RegularHours", ""],
            "WIP Labor": added["WIP", "Labor"],
            "Spent Consultant": added["Spent", "Consultant"],
            "Cost": added["Cost", ""],
            "Cost + Premium Burdened": sum(
                added[f"{each}{of}", ""] for each in ("", "Premium") for of in ("Cost", "Burden")
            ),
            "Billed Expense": added["Billed", "Expense"],
            "Vendor Invoiced": added["VendorInvoiced", ""],
            "Payable Balance": added["VendorInvoiced", ""] - added["Payments", ""],
            "Receivable Balance": sum(added[each, ""] for each in ("Billed", "BilledSalesTax", "BilledAdjustments"))
            - sum(added[f"Receipts{each}", ""] for each in ("", "SalesTax", "Adjustments", "CreditMemo")),
        }
        assert {name: totals[name] for name in wanted} == wanted
        assert all(wanted.values())


def test_project_totals_agree_with_the_ledger(books):
    """The totals of all projects add up to the accounts."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in books.ajera.content("ListProjects")["Projects"]:
        shown = books.ajera.content("GetProjectTotals", {"RequestedProjectTotals": row["ProjectKey"]})["ProjectTotals"]
        for name in (
            "Receivable Balance",
            "Payable Balance",
            "Cost Consultant",
            "Cost Expense",
            "Cost Labor + Premium",
        ):
            totals[name] += shown[name]
    balance = books.accounts()
    assert balance["1210"] == totals["Receivable Balance"]
    assert -balance["2010"] == totals["Payable Balance"] - books.entered("2010")
    assert balance["5110"] == totals["Cost Consultant"]
    assert balance["5210"] == totals["Cost Expense"]
    assert balance["5010"] == totals["Cost Labor + Premium"]


@pytest.mark.parametrize("company", [1, 2, None])
@pytest.mark.parametrize("member", ["GLBalance", "GLCashBasisBalance"])
def test_the_trial_balance_is_zero_on_twenty_days(books, company, member):
    """With closing entries and without them. The accounts themselves are not zero."""
    chance = Random(f"{company}")
    days = [TODAY, datetime.date(2025, 12, 31), datetime.date(2026, 1, 1)]
    days += [TODAY - datetime.timedelta(days=chance.randint(1, 2400)) for _ in range(17)]
    for each in days:
        for exclude in (False, True):
            found = books.ajera.content(
                "GetGLAccounts",
                {
                    "AsOfDate": f"{each:%m/%d/%Y}",
                    "ExcludeCloseYearEntries": exclude,
                    **({} if company is None else {"FilterByCompany": [company]}),
                },
            )["GLAccounts"]
            signed = [row[member] * (1 if row["NormalDebitBalance"] else -1) for row in found]
            assert sum(signed) == 0
            assert any(signed), each


def test_an_entry_moves_only_the_accounts_that_it_names(ajera):
    ajera.snapshot("before")
    before = ajera.content("GetGLAccounts")["GLAccounts"]
    lines = [{"AccountKey": 27, "Debit": "12.34"}, {"AccountKey": 31, "Debit": "7.66"}, {"AccountKey": 2, "Credit": 20}]
    lines = [
        {name: Decimal(value) if name != "AccountKey" else value for name, value in line.items()} for line in lines
    ]
    ajera.put_record("JournalEntry", {"JournalEntryKey": 9000, "Date": "@today", "CompanyKey": 2, "Lines": lines})
    after = ajera.content("GetGLAccounts")["GLAccounts"]
    moved = {
        one["GLAccountKey"]: other["GLBalance"] - one["GLBalance"]
        for one, other in zip(before, after, strict=True)
        if one != other
    }
    assert moved == {27: Decimal("12.34"), 31: Decimal("7.66"), 2: Decimal(-20)}
    ajera.restore("before")
    assert ajera.content("GetGLAccounts")["GLAccounts"] == before


def test_an_entry_that_does_not_balance_is_refused(ajera):
    line = {"AccountKey": 27, "Debit": Decimal("0.01")}
    with pytest.raises(Exception, match=r"Lines: debits of 0\.01 do not equal credits of 0"):
        ajera.put_record("JournalEntry", {"JournalEntryKey": 9001, "Date": "@today", "Lines": [line]})


@pytest.mark.parametrize(
    ("on", "last"),
    [
        ("2026-08-15", "2025-12-31"),
        ("2025-12-31", "2025-12-31"),
        ("2025-12-30", "2024-12-31"),
        ("2027-03-01", "2025-12-31"),
        ("2026-12-31", "2025-12-31"),
    ],
)
def test_the_last_closed_day(on, last):
    """Years before the current one are closed."""
    assert last_closed_day(on, "2026-08-15") == last


def test_a_firm_without_a_chart_of_accounts_has_no_postings():
    """Project totals need no accounts."""
    with MockAjera(sample="empty") as ajera:
        phase = {"PhaseKey": 2, "Description": "All"}
        group = {"InvoiceGroupKey": 1, "Description": "Fees", "Phases": [phase]}
        ajera.put_record("Project", {"ProjectKey": 1, "Description": "Quay", "InvoiceGroups": [group]})
        posting = {"PhaseKey": 2, "Category": "Labor", "Amounts": {"Cost": 100, "Billed": 150}}
        ajera.put_record("Ledger", {"ProjectKey": 1, "Postings": [posting]})
        assert list(postings(ajera.tenant)) == []
        totals = ajera.content("GetProjectTotals", {"RequestedProjectTotals": 1})["ProjectTotals"]
        assert (totals["Cost"], totals["Billed"]) == (100, 150)


def test_wide_postings_of_older_files_are_read():
    """They had a member for each measure, and no date."""
    with MockAjera(sample="empty") as ajera:
        group = {"InvoiceGroupKey": 1, "Description": "Fees", "Phases": [{"PhaseKey": 2, "Description": "All"}]}
        ajera.put_record("Project", {"ProjectKey": 1, "Description": "Quay", "InvoiceGroups": [group]})
        wide = {"PhaseKey": 2, "Category": "Labor", "RegularHours": Decimal("3.5"), "Cost": Decimal(100), "Billed": 0}
        ajera.put_record("Ledger", {"ProjectKey": 1, "Postings": [wide]})
        found = ajera.content("GetProjectTotals", {"RequestedProjectTotals": 1})["ProjectTotals"]
        assert (found["Regular Hours Worked"], found["Cost"], found["Billed"]) == (Decimal("3.5"), 100, 0)
