"""Processed expense reports are vendor invoices, in the sample and in generated firms."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from records import phases

from mock_ajera.sample.invoices import Invoices
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.reimbursements import Reimbursements
from mock_ajera.sample.templates import sample_of, source

Row = dict[str, Any]
REIMBURSED, TRAVEL = 15, 36
"""The vendor of expense reports, and the account of lines that are on no project."""
BASE_PROJECTS = 60


@pytest.fixture(scope="module", params=["sample", 61, 300])
def firm(request):
    """Provide the records of firms by kind."""
    records = sample_of(source(request.param)).records
    return {kind: list(records[kind]) for kind in ("Employee", "Project", "Vendor", "ExpenseReport", "VendorInvoice")}


@pytest.fixture(scope="module")
def processed(firm):
    return [row for row in firm["ExpenseReport"] if row.get("Status") == "Processed"]


def of_type(firm: dict[str, list[Row]], name: str) -> list[Row]:
    return [row for row in firm["VendorInvoice"] if row.get("Type") == name]


def total(lines: list[Row]) -> Decimal:
    return sum((Decimal(str(line["Amount"])) for line in lines), Decimal(0))


def reimbursable(report: Row) -> Decimal:
    """Return what the employee paid, less what the employee owes the firm."""
    lines = report["Expenses"]
    own = total([line for line in lines if "CreditCardVendorKey" not in line and not line.get("IsPersonal")])
    owed = total([line for line in lines if "CreditCardVendorKey" in line and line.get("IsPersonal")])
    return own - owed - Decimal(str(report.get("AdvanceAmount", 0)))


def test_reimbursements_are_over_what_employees_are_owed(firm, processed):
    """Only processed reports have one. It is dated with the last day of the report."""
    companies = {row["EmployeeKey"]: row["CompanyKey"] for row in firm["Employee"]}
    invoices = {row["Number"]: row for row in of_type(firm, "Expense Report")}
    owing = {f"ER-{row['ExpenseReportKey']}": row for row in processed if reimbursable(row)}
    assert owing.keys() == invoices.keys()
    assert len(owing) > 1
    for number, report in owing.items():
        invoice = invoices[number]
        assert invoice["Amount"] == reimbursable(report)
        assert invoice["Date"] == invoice["AccountingDate"] == report["EndingDate"]
        assert (invoice["VendorKey"], invoice["CompanyKey"]) == (REIMBURSED, companies[report["EmployeeKey"]])


def test_card_bills_are_over_what_cards_paid(firm, processed):
    """They include what is personal."""
    paid: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for report in processed:
        for line in report["Expenses"]:
            if "CreditCardVendorKey" in line:
                paid[line["CreditCardVendorKey"], report["EndingDate"]].append(line)
    billed: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for invoice in of_type(firm, "Credit Card"):
        billed[invoice["VendorKey"], invoice["Date"]] += Decimal(str(invoice["Amount"]))
    assert billed == {at: total(lines) for at, lines in paid.items()}


def test_lines_are_on_the_phases_of_their_expenses(firm, processed):
    """Other lines are on an account, among them those of phases without an activity."""
    invoices = [*of_type(firm, "Expense Report"), *of_type(firm, "Credit Card")]
    lines = [line for row in invoices for line in row["LineItems"]]
    expected = [line for row in processed for line in row["Expenses"] if {"ProjectKey", "ActivityKey"} <= line.keys()]
    members = ("ProjectKey", "PhaseKey", "ActivityKey")
    charged = [line for line in lines if "ProjectKey" in line]
    assert sorted([*(line[name] for name in members), line["CostAmount"]] for line in charged) == sorted(
        [*(line[name] for name in members), line["Amount"]] for line in expected
    )
    assert {line.get("AccountKey") for line in lines if "ProjectKey" not in line} == {TRAVEL}


def test_expenses_are_on_phases_without_sub_phases(firm):
    lowest = {p["PhaseKey"] for row in firm["Project"][BASE_PROJECTS:] for p in phases(row) if not p.get("Phases")}
    lines = [line for row in firm["ExpenseReport"][10:] for line in row.get("Expenses", ())]
    assert {line["PhaseKey"] for line in lines if "PhaseKey" in line} <= lowest


@pytest.mark.parametrize("lacking", ["Vendor", "GLAccount"])
def test_a_firm_without_the_vendor_or_the_account_has_no_reimbursements(lacking):
    records = sample_of(source("sample")).records | {lacking: []}
    named, keys = NamedRecords(records), KeySequences({})
    invoices = Invoices(named, records["Vendor"])
    maker = Reimbursements(invoices, named, records["Employee"], records["Vendor"])
    assert [row for report in records["ExpenseReport"] for row in maker.of_report(report, keys)] == []
