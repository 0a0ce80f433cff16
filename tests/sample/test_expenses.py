"""Generated expense reports are consistent, and their receipts are real files."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from records import phases

from mock_ajera import MockAjera
from mock_ajera.api.families.expense_reports.records import STATUSES, Attachment, Expense, ExpenseReport
from mock_ajera.sample.receipts import pdf
from mock_ajera.sample.sites import Sites
from mock_ajera.sample.templates import sample_of, source

Row = dict[str, Any]
SIZES = [61, 300]
BASE_REPORTS, BASE_FILES, BASE_PROJECTS = 10, 4, 60
OWN = 1
"""The employee that the API users act for."""


@pytest.fixture(scope="module", params=SIZES)
def firm(request):
    """Provide the records of generated firms by kind, the smallest one included."""
    records = sample_of(source(request.param)).records
    kinds = ("Employee", "Vendor", "Activity", "AttachmentCategory", "Project", "ExpenseReport", "ExpenseAttachment")
    return {kind: list(records[kind]) for kind in kinds}


@pytest.fixture(scope="module")
def reports(firm):
    return [row for row in firm["ExpenseReport"] if row["ExpenseReportKey"] > BASE_REPORTS]


@pytest.fixture(scope="module")
def lines(reports):
    return [line for report in reports for line in report.get("Expenses", ())]


@pytest.fixture(scope="module")
def files(firm):
    return [row for row in firm["ExpenseAttachment"] if row["FileKey"] > BASE_FILES]


def days(text: str) -> int:
    return int(text.removeprefix("@today") or 0)


def test_every_status_occurs_twice_for_the_authorizing_employee(reports):
    """Several other employees have reports too."""
    own = Counter(row["Status"] for row in reports if row["EmployeeKey"] == OWN)
    assert own == dict.fromkeys(STATUSES, 2)
    assert len({row["EmployeeKey"] for row in reports}) > 8


def test_a_status_goes_with_the_age_of_a_report(reports):
    """The oldest reports are processed, the newest ones are new."""
    ends = {
        status: [days(row["EndingDate"]) for row in reports if row["Status"] == status and "EndingDate" in row]
        for status in STATUSES
    }
    for newer, older in pairwise(STATUSES):
        assert max(ends[older]) < min(ends[newer]) < 0


def test_employees_report_only_while_they_work_for_the_firm(firm, reports):
    people = {row["EmployeeKey"]: row for row in firm["Employee"]}
    for row in reports:
        if "BeginningDate" in row and row["EmployeeKey"] != OWN:
            employee = people[row["EmployeeKey"]]
            assert days(employee["DateHired"]) < days(row["BeginningDate"])
            assert days(row["EndingDate"]) <= days(employee.get("DateTerminated", "@today"))


def test_lines_are_on_existing_phases_of_generated_projects(firm, reports, lines):
    """Dates are inside the report, and after the start of the project."""
    projects = {row["ProjectKey"]: row for row in firm["Project"][BASE_PROJECTS:]}
    found = {key: {phase["PhaseKey"] for phase in phases(row)} for key, row in projects.items()}
    on_projects = [line for line in lines if "ProjectKey" in line]
    assert all(line["PhaseKey"] in found[line["ProjectKey"]] for line in on_projects)
    assert len({line["ProjectKey"] for line in on_projects}) > min(len(projects) - 1, 40)
    for report in reports:
        dates = [days(line["Date"]) for line in report.get("Expenses", ())]
        assert dates == sorted(dates)
        if dates:
            assert days(report["BeginningDate"]) <= dates[0] <= dates[-1] <= days(report["EndingDate"])
    if len(projects) > 1:
        started = [days(projects[line["ProjectKey"]]["ActualStartDate"]) <= days(line["Date"]) for line in on_projects]
        assert all(started)


def test_amounts_of_lines(firm, lines):
    """A line with units costs its units times the rate."""
    priced = [line for line in lines if "Units" in line]
    assert all(line["Amount"] == round(line["Units"] * line["UnitRate"] + Decimal("0.000001"), 2) for line in priced)
    assert all(line["Amount"] > 0 for line in lines)
    active = {row["ActivityKey"] for row in firm["Activity"] if row.get("Status") != "Inactive"}
    assert {line["ActivityKey"] for line in lines if "ActivityKey" in line} == active & {8, 9, 10, 11}


def test_some_lines_are_personal_or_paid_by_a_company_card(firm, lines):
    """A personal line has neither a project nor a phase. Cards are vendors of the type Credit Card."""
    personal = [line for line in lines if line.get("IsPersonal")]
    assert 0 < len(personal) < len(lines) / 4
    assert not any(line.keys() & {"ProjectKey", "PhaseKey"} for line in personal)
    cards = {row["VendorKey"] for row in firm["Vendor"] if row.get("VendorTypeKey") == 3}
    used = [line["CreditCardVendorKey"] for line in lines if "CreditCardVendorKey" in line]
    assert 0 < len(used) < len(lines) / 2
    assert set(used) <= cards


def stored(schema: Any) -> set[str]:
    """Return the members that a file has."""
    return {name for name, member in schema.members.items() if member.stored} - {"Delete"}


def test_a_report_has_every_member_and_another_one_the_fewest(reports):
    full, least = max(reports, key=len), min(reports, key=len)
    line = max(full["Expenses"], key=len)
    assert set(full) == stored(ExpenseReport()) | {"LastModifiedDate"}
    assert set(line) == stored(Expense()) - {"IsPersonal"}
    assert set(line["Attachments"][0]) == stored(Attachment())
    assert set(least) == {"ExpenseReportKey", "EmployeeKey", "LastModifiedDate", "Status"}
    assert (full["EmployeeKey"], least["EmployeeKey"]) == (OWN, OWN)


def test_files_belong_to_one_line_each(firm, lines, files):
    attached = [file for line in lines for file in line.get("Attachments", ())]
    assert [file["FileKey"] for file in files] == list(range(5, 5 + len(files)))
    assert sorted(file["FileKey"] for file in attached) == [file["FileKey"] for file in files]
    active = {row["AttachmentCategoryKey"] for row in firm["AttachmentCategory"] if row.get("Status") != "Inactive"}
    assert {file["AttachmentCategoryKey"] for file in attached if "AttachmentCategoryKey" in file} <= active


def test_files_are_small_and_real(files):
    """Each PDF has a correct table of its objects; each PNG has correct checksums and complete rows. All differ."""
    contents = {file["FileName"]: base64.b64decode(file["FileData"]) for file in files}
    assert Counter(name.rpartition(".")[2] for name in contents).keys() == {"pdf", "png"}
    assert all(file["FileSize"] == len(contents[file["FileName"]]) < 1000 for file in files)
    assert len(set(contents.values())) > 0.9 * len(files)
    for name, content in contents.items():
        (check_pdf if name.endswith(".pdf") else check_png)(content)


def check_pdf(content: bytes) -> None:
    table = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", content)[0])
    assert content[table:].startswith(b"xref\n0 6\n")
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n ", content[table:]), 1):
        assert content[int(offset) :].startswith(b"%d 0 obj" % number)
    length, stream = re.findall(rb"/Length (\d+)>>stream\n(.*)\nendstream", content, re.DOTALL)[0]
    assert int(length) == len(stream)


def check_png(content: bytes) -> None:
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    parts, at = {}, 8
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        assert struct.unpack(">I", content[at + 8 + size : at + 12 + size]) == (zlib.crc32(name + data),)
        parts[name], at = data, at + 12 + size
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    assert len(zlib.decompress(parts[b"IDAT"])) == height * (1 + width // 8)


def test_parentheses_in_a_pdf_are_escaped():
    assert rb"(Town Clerk \(records\)) Tj" in pdf(["Town Clerk (records)"])


@pytest.mark.parametrize("size", [61, 300])
def test_the_reports_of_the_authorizing_employee_are_served(size):
    """With totals that are computed from their lines, and with files that can be downloaded."""
    with MockAjera(sample=size) as ajera:
        keys = [row["ExpenseReportKey"] for row in ajera.content("ListExpenseReports")["ExpenseReports"]]
        assert len(keys) == 15
        reports = ajera.content("GetExpenseReports", {"RequestedExpenseReports": keys})["ExpenseReports"]
        for report in reports:
            lines = report["Expenses"]
            assert report["TotalAmount"] == sum(line["Amount"] for line in lines)
            by_card, personal = (
                sum(line["Amount"] for line in lines if line[member])
                for member in ("CreditCardVendorKey", "IsPersonal")
            )
            advance = report["AdvanceAmount"] or 0
            assert report["ReimbursableAmount"] == report["TotalAmount"] - advance - by_card - personal
            assert all(line["PhaseDescription"] for line in lines if line["PhaseKey"])
        files = [file for report in reports for line in report["Expenses"] for file in line["Attachments"]]
        assert len(files) > 10
        for file in files:
            found = ajera.content("DownloadExpenseReports", {"FileKey": file["FileKey"]})
            assert len(base64.b64decode(found["FileData"])) == file["FileSize"]


@pytest.mark.parametrize("count", [1, 200, 201, 10_000])
def test_the_lines_of_a_firm_are_on_at_most_200_projects(count):
    """A site is drawn from those in work on the day, or from all of them. Its phases have no sub-phases."""
    sites, rng = Sites(count), Random("sites")
    group = {"Phases": [{"PhaseKey": 7, "Phases": [{"PhaseKey": 8}]}]}
    for i in range(count):
        old = {"ActualStartDate": "@today-90", "ActualCompletionDate": "@today-60"}
        dates = old if i < count // 2 else {"EstimatedStartDate": "@today-50"}
        sites.consider(i, {"ProjectKey": i, "InvoiceGroups": [group], **dates})
    assert len({sites.draw(rng, -500) for _ in range(3000)}) in range(min(count, 100), 201)
    assert {sites.draw(rng, -1).start for _ in range(100)} == {-50}
    assert sites.draw(rng, -1).phases == (8,)


@pytest.mark.parametrize("size", [61, 700])
def test_reports_do_not_depend_on_the_order_of_iteration(size):
    """They are the same whether projects are generated before them or not."""
    first, second = sample_of(source(size)).records, sample_of(source(size)).records
    for _ in second["Project"]:
        pass
    assert list(first["ExpenseReport"]) == list(second["ExpenseReport"])
