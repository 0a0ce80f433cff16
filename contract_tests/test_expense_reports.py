"""Expense reports of the employee that the API user acts for.

No public source names the members of a report. A test that needs one is skipped on a target that does not have it.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from .answers import refusal, success
from .client import AjeraClient
from .filtering import by, keeps, needle
from .firm import Firm, Row, lacking

claim = pytest.mark.claim

UNKNOWN_KEY = 2_000_000_000


def having(firm: Firm, *members: str) -> list[Row]:
    """Return the reports if they have these members. Skip the test otherwise."""
    rows = firm.some("ExpenseReports")
    return rows if all(member in row for row in rows for member in members) else lacking(f"{members} of reports")


def attachments(value: Any) -> list[Row]:
    """Return the objects with a FileKey, at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in attachments(item)]
    if not isinstance(value, dict):
        return []
    return [value] if "FileKey" in value else attachments(list(value.values()))


def download(client: AjeraClient, key: int) -> Row:
    """Return the Content of a file."""
    return success(client.call("DownloadExpenseReports", {"FileKey": key}))


@claim("expense.list", "expense.get")
def test_listed_reports_can_be_read(firm: Firm) -> None:
    """The keys of the list, sent in RequestedExpenseReports, return the reports."""
    rows = firm.all("ExpenseReports") or lacking("expense reports")
    assert len(firm.some("ExpenseReports")) == min(len(rows), 200)
    assert len(rows[0]) < len(firm.some("ExpenseReports")[0])


@claim("expense.employee-filled-in", "expense.own-reports")
def test_the_filter_by_employee_is_ignored(firm: Firm) -> None:
    """Any employees in FilterByEmployee give the same list."""
    rows = firm.all("ExpenseReports") or lacking("expense reports")
    employees = [row["EmployeeKey"] for row in firm.all("Employees")]
    for keys in (employees[:1], employees[1:2], employees[2:], [UNKNOWN_KEY], []):
        assert firm.listed("ExpenseReports", FilterByEmployee=keys) == rows


@claim("expense.own-reports")
def test_unlisted_reports_cannot_be_read(firm: Firm) -> None:
    """For a range of keys past the last one, Get returns the listed reports and no other."""
    listed = firm.keys("ExpenseReports") or lacking("expense reports")
    keys = range(max(1, max(listed) - 30), max(listed) + 10)
    assert {row["ExpenseReportKey"] for row in firm.get("ExpenseReports", *keys)} == listed & set(keys)


@claim("expense.members-ours")
def test_all_reports_are_of_one_employee(firm: Firm) -> None:
    assert len({row["EmployeeKey"] for row in having(firm, "EmployeeKey")}) == 1


@claim("expense.download")
def test_download(client: AjeraClient, firm: Firm) -> None:
    """Content has the bytes of each attached file in base64."""
    for file in attachments(firm.some("ExpenseReports")) or lacking("attachments of expense reports"):
        assert base64.b64decode(download(client, file["FileKey"])["FileData"], validate=True)


@claim("expense.download-members", "expense.members-ours")
def test_members_of_a_download(client: AjeraClient, firm: Firm) -> None:
    """The name, the type and the size are those in the report."""
    for file in attachments(firm.some("ExpenseReports")) or lacking("attachments of expense reports"):
        content = download(client, file["FileKey"])
        assert content.keys() == {"FileName", "ContentType", "FileData"}
        assert (content["FileName"], content["ContentType"]) == (file["FileName"], file["ContentType"])
        assert len(base64.b64decode(content["FileData"])) == file["FileSize"]


@claim("expense.unknown-file")
def test_unlisted_files_are_refused(client: AjeraClient, firm: Firm) -> None:
    """Files that no listed report has are refused."""
    own = {file["FileKey"] for file in attachments(firm.some("ExpenseReports"))}
    for key in {UNKNOWN_KEY, *range(1, max(own, default=0) + 5)} - own:
        refusal(client.call("DownloadExpenseReports", {"FileKey": key}))


@claim("expense.filter-processed")
def test_processed_reports(firm: Firm) -> None:
    """The bare flag divides the list in two."""
    kept, others = (firm.keys("ExpenseReports", FilterByIsProcessed=flag) for flag in (True, False))
    assert kept | others == firm.keys("ExpenseReports")
    assert not kept & others
    if not kept or not others:
        lacking("processed and other reports")


@claim("expense.members-ours")
def test_processed_is_a_status(firm: Firm) -> None:
    having(firm, "Status", "IsProcessed")
    keeps(firm, "ExpenseReports", lambda row: row["Status"] == "Processed", FilterByIsProcessed=True)
    keeps(firm, "ExpenseReports", lambda row: row["IsProcessed"], FilterByIsProcessed=True)


@claim("expense.filter-name")
def test_reports_by_description(firm: Firm) -> None:
    having(firm, "Description")
    part = needle(firm, "ExpenseReports", "Description")
    keeps(firm, "ExpenseReports", lambda row: part.lower() in row["Description"].lower(), FilterByNameLike=part)


def middle_day(firm: Firm, member: str) -> str:
    """Return a date that some reports have, between those of others."""
    days: list[str] = sorted({row[member] for row in having(firm, member) if row[member]})
    return days[len(days) // 2] if len(days) > 2 else lacking(f"reports with different {member}")


@claim("expense.filter-dates")
@pytest.mark.parametrize("name", ["Beginning", "Ending"])
def test_bounds_of_dates(firm: Firm, name: str) -> None:
    """Both bounds include the day itself."""
    member = f"{name}Date"
    day = middle_day(firm, member)
    dated = {row["ExpenseReportKey"]: row[member] for row in firm.some("ExpenseReports") if row[member]}
    since = firm.keys("ExpenseReports", **by(f"FilterByEarliest{name}Date", day)) & dated.keys()
    until = firm.keys("ExpenseReports", **by(f"FilterByLatest{name}Date", day)) & dated.keys()
    assert since == {key for key, value in dated.items() if value >= day}
    assert until == {key for key, value in dated.items() if value <= day}


@claim("expense.no-date-not-kept")
@pytest.mark.parametrize("name", ["EarliestBeginning", "LatestBeginning", "EarliestEnding", "LatestEnding"])
def test_reports_without_a_date(firm: Firm, name: str) -> None:
    member = "BeginningDate" if "Beginning" in name else "EndingDate"
    undated = {row["ExpenseReportKey"] for row in having(firm, member) if not row[member]}
    bound = "1900-01-01" if "Earliest" in name else "2079-01-01"
    kept = firm.keys("ExpenseReports", **by(f"FilterBy{name}Date", bound))
    assert kept == firm.keys("ExpenseReports") - (undated or lacking("reports without a date"))


@claim("expense.time-in-date-filter")
def test_bounds_with_a_time(firm: Firm) -> None:
    """The time of a bound does not matter."""
    day = middle_day(firm, "BeginningDate")
    for name in ("FilterByEarliestBeginningDate", "FilterByLatestBeginningDate"):
        wanted = firm.keys("ExpenseReports", **by(name, day))
        for time in ("T00:00:00", "T16:22:54"):
            assert firm.keys("ExpenseReports", **by(name, day + time)) == wanted


@claim("expense.filter-company", "expense.filter-supervisor")
@pytest.mark.parametrize(
    ("name", "member"), [("FilterByCompany", "CompanyKey"), ("FilterBySupervisor", "SupervisorKey")]
)
def test_reports_by_a_key_of_the_employee(firm: Firm, name: str, member: str) -> None:
    """All reports are of one employee: the key of that employee keeps them all, and another key none."""
    own = having(firm, "EmployeeKey")[0]["EmployeeKey"]
    key = firm.get("Employees", own)[0][member] or lacking(f"{member} of the authorizing employee")
    assert firm.keys("ExpenseReports", **by(name, [key, UNKNOWN_KEY])) == firm.keys("ExpenseReports")
    assert firm.keys("ExpenseReports", **by(name, [UNKNOWN_KEY])) == set()


@claim("expense.amounts")
def test_amounts(firm: Firm) -> None:
    """The firm pays what the employee spent, but not twice, and not what was private."""
    for row in having(firm, "Expenses", "TotalAmount", "ReimbursableAmount", "AdvanceAmount"):
        lines = row["Expenses"]
        assert row["TotalAmount"] == sum((line["Amount"] for line in lines), Decimal(0))
        by_card = sum(line["Amount"] for line in lines if line["CreditCardVendorKey"])
        personal = sum(line["Amount"] for line in lines if line["IsPersonal"])
        assert row["ReimbursableAmount"] == row["TotalAmount"] - row["AdvanceAmount"] - by_card - personal


@claim("expense.members-ours")
def test_personal_lines_have_no_project(firm: Firm) -> None:
    lines = [line for row in having(firm, "Expenses") for line in row["Expenses"] if line["IsPersonal"]]
    for line in lines or lacking("personal expenses"):
        assert (line["ProjectKey"], line["PhaseKey"]) == (None, None)
