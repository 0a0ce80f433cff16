"""What the firm owes each vendor is the sum of its unpaid invoices, also after random invoices."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from mock_ajera import MockAjera
from mock_ajera.books.ledger import postings

NOW = datetime.datetime(2026, 8, 15, 12, tzinfo=datetime.UTC)
PAYABLES = "2010"
LINE_ACCOUNTS = (2, 27, 30, 31, 32)
ENTERED = 60
Json = dict[str, Any]


class Entered:
    """A firm with random invoices: created by the API, or put into its files as paid or voided."""

    def __init__(self, ajera: MockAjera, chance: Random) -> None:
        self.ajera, self.chance = ajera, chance
        self.phases = [
            {"ProjectKey": key, "PhaseKey": row["Key"]}
            for key in (1, 5, 60)
            for row in ajera.content("ListChargeablePhases", {"ProjectKey": key})["ChargeablePhases"]
            if row["Level"] > 0
        ]
        self.vendors = [row["VendorKey"] for row in ajera.content("ListVendors")["Vendors"]]
        self.owed: dict[int, Decimal] = defaultdict(Decimal)
        """The amounts of the new invoices that are neither paid nor voided, by vendor."""

    def day(self) -> str:
        return str(NOW.date() + datetime.timedelta(days=self.chance.randint(-900, 30)))

    def invoice(self) -> Json:
        lines = [self.line() for _ in range(self.chance.randint(1, 4))]
        return {
            "VendorKey": self.chance.choice(self.vendors),
            "CompanyKey": self.chance.choice((1, 2)),
            "Date": self.day(),
            "AccountingDate": self.day(),
            "Amount": sum((line["CostAmount"] for line in lines), Decimal(0)),
            "LineItems": lines,
        }

    def line(self) -> Json:
        amount = Decimal(self.chance.randint(-5000, 90_000)) / 100
        line: Json = {"CostAmount": amount, "CompanyKey": self.chance.choice((1, 2))}
        if self.chance.random() < 0.5:
            return line | {"AccountKey": self.chance.choice(LINE_ACCOUNTS)}
        return line | self.chance.choice(self.phases) | {"ActivityKey": 7}

    def create(self) -> None:
        """Create an invoice."""
        invoice = self.invoice()
        assert self.ajera.call("CreateVendorInvoices", {"VendorInvoices": [invoice]}, version=2)["Errors"] == []
        self.owed[invoice["VendorKey"]] += invoice["Amount"]

    def put(self, number: int) -> None:
        """Put an invoice that is paid, voided or unpaid into the firm."""
        invoice = self.invoice()
        state: Json = self.chance.choice(({"PaidDate": self.day()}, {"Status": "Voided"}, {}))
        lines = [line | {"TransactionKey": 90_000 + 10 * number + i} for i, line in enumerate(invoice["LineItems"])]
        self.ajera.put_record("VendorInvoice", invoice | state | {"VendorInvoiceKey": number, "LineItems": lines})
        if not state:
            self.owed[invoice["VendorKey"]] += invoice["Amount"]


def payable(ajera: MockAjera) -> dict[int | None, Decimal]:
    """Return what the ledger owes each vendor on any day."""
    (account,) = (row for row in ajera.content("GetGLAccounts")["GLAccounts"] if row["ID"] == PAYABLES)
    owed: dict[int | None, Decimal] = defaultdict(Decimal)
    for posting in postings(ajera.tenant):
        if posting.account == account["GLAccountKey"]:
            owed[posting.vendor] -= posting.amount
    return {vendor: amount for vendor, amount in owed.items() if amount}


def unpaid(ajera: MockAjera) -> dict[int, Decimal]:
    """Return the sum of the unpaid lines of each vendor, as the API lists and returns them."""
    listed = ajera.content("ListVendorInvoices", {"FilterByUnpaid": True}, version=2)["VendorInvoices"]
    keys = {row["VendorInvoiceKey"]: row["VendorKey"] for row in listed}
    content = ajera.content("GetVendorInvoices", {"RequestedVendorInvoices": list(keys)}, version=2)
    owed: dict[int, Decimal] = defaultdict(Decimal)
    for line in content["VendorInvoicesDetails"]:
        owed[keys[line["VendorInvoiceKey"]]] += line["CostAmount"]
    return {vendor: amount for vendor, amount in owed.items() if amount}


@pytest.fixture(scope="module")
def entered() -> Iterator[Entered]:
    with MockAjera(freeze=NOW) as ajera:
        before = payable(ajera)
        entered = Entered(ajera, Random("vendor invoices"))
        for _ in range(ENTERED):
            entered.create()
        for number in range(ENTERED):
            entered.put(5000 + number)
        for vendor, amount in before.items():
            assert vendor is not None
            entered.owed[vendor] += amount
        yield entered


@pytest.mark.parametrize("sample", ["sample", 100])
def test_every_vendor_is_owed_its_unpaid_lines(sample: str | int) -> None:
    """In the sample and in a generated firm."""
    with MockAjera(sample=sample, freeze=NOW) as ajera:
        owed = unpaid(ajera)
        assert payable(ajera) == owed
        assert len(owed) > 2


def test_new_invoices_add_to_what_vendors_are_owed(entered: Entered) -> None:
    """Paid and voided ones do not."""
    owed = {vendor: amount for vendor, amount in entered.owed.items() if amount}
    assert payable(entered.ajera) == unpaid(entered.ajera) == owed


@pytest.mark.parametrize("member", ["GLBalance", "GLCashBasisBalance"])
@pytest.mark.parametrize("company", [1, 2, None])
def test_the_trial_balance_is_zero_on_twenty_days(entered: Entered, company: int | None, member: str) -> None:
    """In each company, on both bases. The accounts themselves are not zero."""
    chance = Random(f"{company} {member}")
    days = [NOW.date() - datetime.timedelta(days=chance.randint(-40, 900)) for _ in range(20)]
    filters = {} if company is None else {"FilterByCompany": [company]}
    for day in days:
        found = entered.ajera.content("GetGLAccounts", {"AsOfDate": f"{day:%m/%d/%Y}", **filters})["GLAccounts"]
        signed = [row[member] * (1 if row["NormalDebitBalance"] else -1) for row in found]
        assert sum(signed) == 0
        assert any(signed)


def test_a_voided_invoice_changes_no_total_and_no_balance() -> None:
    with MockAjera(freeze=NOW) as ajera:
        lines = [
            {"TransactionKey": 9001, "CostAmount": 70, "AccountKey": 30},
            {"TransactionKey": 9002, "CostAmount": 30, "ProjectKey": 1, "PhaseKey": 3, "ActivityKey": 7},
        ]
        invoice = {"VendorInvoiceKey": 9000, "VendorKey": 1, "Amount": 100, "LineItems": lines, "CompanyKey": 1}
        before = books(ajera)
        ajera.put_record("VendorInvoice", invoice | {"Status": "Voided", "PaidDate": "@today-3"})
        assert books(ajera) == before
        ajera.put_record("VendorInvoice", invoice)
        assert books(ajera) != before


def books(ajera: MockAjera) -> tuple[Json, Json]:
    """Return the balances of all accounts and the totals of project 1."""
    return ajera.content("GetGLAccounts"), ajera.content("GetProjectTotals", {"RequestedProjectTotals": 1})


def balances(ajera: MockAjera, member: str) -> dict[tuple[int, str], Decimal]:
    """Return the balances by company and account, positive for a debit."""
    return {
        (company, row["ID"]): row[member] * (1 if row["NormalDebitBalance"] else -1)
        for company in (1, 2)
        for row in ajera.content("GetGLAccounts", {"FilterByCompany": [company]})["GLAccounts"]
    }


DUE = {(1, "2310"): -30, (2, "1410"): 30}
"""Company 1 owes company 2."""
ON_ACCOUNT = {"AccountKey": 30, "CompanyKey": 1}
ON_PROJECT = {"ProjectKey": 1, "PhaseKey": 3, "ActivityKey": 7, "CompanyKey": 2}


@pytest.mark.parametrize(("line", "charged"), [(ON_ACCOUNT, {(1, "6320"): 30}), (ON_PROJECT, {(1, "5210"): 30})])
@pytest.mark.parametrize(
    ("paid", "member", "expected"),
    [
        (False, "GLBalance", {(2, "2010"): -30} | DUE),
        (True, "GLBalance", {(2, "1110"): -30} | DUE),
        (False, "GLCashBasisBalance", None),
        (True, "GLCashBasisBalance", {(2, "1110"): -30} | DUE),
    ],
)
def test_an_invoice_of_another_company(line: Json, charged: Json, paid: bool, member: str, expected: Json) -> None:
    """Company 2 pays what is charged to company 1. On a project, only the cost is there before the payment."""
    with MockAjera(freeze=NOW) as ajera:
        before = balances(ajera, member)
        row = line | {"TransactionKey": 9001, "CostAmount": 30}
        invoice = {"VendorInvoiceKey": 9000, "VendorKey": 1, "CompanyKey": 2, "Amount": 30, "LineItems": [row]}
        dates = {"AccountingDate": "@today-5"} | ({"PaidDate": "@today-3"} if paid else {})
        ajera.put_record("VendorInvoice", invoice | dates)
        moved = {at: new - before[at] for at, new in balances(ajera, member).items() if new != before[at]}
        unpaid = {(1, "5210"): 30, (1, "6030"): -30} if line is ON_PROJECT else {}
        assert moved == (unpaid if expected is None else charged | expected)


def test_a_firm_without_accounts_between_companies_posts_in_one() -> None:
    """In that which is charged."""
    with MockAjera(freeze=NOW) as ajera:
        account = ajera.tenant.body(ajera.tenant.row("GLAccount", 11))
        ajera.put_record("GLAccount", dict(account) | {"IntercompanyAccountType": "None"})
        before = balances(ajera, "GLBalance")
        row = ON_ACCOUNT | {"TransactionKey": 9001, "CostAmount": 30}
        invoice = {"VendorInvoiceKey": 9000, "VendorKey": 1, "CompanyKey": 2, "Amount": 30, "LineItems": [row]}
        ajera.put_record("VendorInvoice", invoice | {"AccountingDate": "@today-5"})
        moved = {at: new - before[at] for at, new in balances(ajera, "GLBalance").items() if new != before[at]}
        assert moved == {(1, "6320"): 30, (1, "2010"): -30}
