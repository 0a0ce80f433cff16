"""Expense reports: what each API user sees, and the files of a firm."""

from __future__ import annotations

import base64
from copy import deepcopy
from dataclasses import replace

import pytest

METHODS = {
    "ListExpenseReports": {},
    "GetExpenseReports": {"RequestedExpenseReports": [1]},
    "DownloadExpenseReports": {"FileKey": 1},
}


def act_for(ajera, employee):
    """Change the authorizing employee of the API user."""
    users = ajera.tenant.users
    users.put(replace(users[ajera.username], authorizing_employee=employee))


def seen(ajera):
    """Return the keys of the listed reports and of those that Get returns for all keys."""
    listed = ajera.content("ListExpenseReports", {"FilterByEmployee": [1, 2, 3]})["ExpenseReports"]
    got = ajera.content("GetExpenseReports", {"RequestedExpenseReports": list(range(1, 12))})["ExpenseReports"]
    return [[row["ExpenseReportKey"] for row in rows] for rows in (listed, got)]


def test_an_employee_sees_own_reports(ajera):
    """What one employee has read is not shown to the next one (claim expense.own-reports)."""
    for employee, keys in ((1, [1, 2, 3, 4, 5]), (2, [6]), (3, [7, 8]), (4, []), (1, [1, 2, 3, 4, 5])):
        act_for(ajera, employee)
        assert seen(ajera) == [keys, keys]
        assert "expense.own-reports" in ajera.journal[-1].claims
        assert "expense.others-left-out" in ajera.journal[-1].claims


def test_an_employee_gets_own_files(ajera):
    """A file of another employee is refused like one that does not exist (claim expense.unknown-file)."""
    for employee, own in ((1, {1, 2, 3}), (3, {4}), (2, set())):
        act_for(ajera, employee)
        answers = {key: ajera.call("DownloadExpenseReports", {"FileKey": key}) for key in (1, 2, 3, 4, 5)}
        assert {key for key, answer in answers.items() if not answer["Errors"]} == own
        assert len({str(answer["Errors"]) for key, answer in answers.items() if key not in own}) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("employee", [None, 8, 77_777])
def test_an_active_employee_is_required(ajera, method, employee):
    """Without an employee, and with one that is inactive or gone, the methods are refused."""
    assert ajera.call(method, METHODS[method])["Errors"] == []
    act_for(ajera, employee)
    assert ajera.call(method, METHODS[method])["Errors"][0]["ErrorMessage"] == f"Unauthorized method: {method}"
    assert ajera.journal[-1].reasons[0].claim == "expense.needs-active-employee"
    assert "expense.refused-as-unauthorized" in ajera.journal[-1].claims


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_relies_on_our_members(ajera, method):
    ajera.call(method, METHODS[method])
    assert "expense.members-ours" in ajera.journal[-1].claims


def test_files_of_the_sample_open(ajera):
    """The first bytes are those of the type."""
    starts = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n"}
    for key in (1, 2, 3):
        content = ajera.content("DownloadExpenseReports", {"FileKey": key})
        assert base64.b64decode(content["FileData"]).startswith(starts[content["ContentType"]])


@pytest.mark.parametrize(
    ("data", "text"), [("!", "base64 is expected"), ("AAAA0000", "FileSize: 3, but FileData has 6 bytes")]
)
def test_faults_in_files(ajera, data, text):
    """The content of a file is base64 of the stated size."""
    with pytest.raises(ValueError, match=text):
        ajera.put_record("ExpenseAttachment", {"FileKey": 9, "FileSize": 3, "FileData": data})


def test_a_report_is_changed_with_its_files(ajera):
    """A new line counts in the amounts, and its file can be downloaded (claim expense.amounts)."""
    content = base64.b64encode(b"%PDF-1.4 receipt").decode()
    ajera.put_record("ExpenseAttachment", {"FileKey": 9, "FileName": "taxi.pdf", "FileSize": 16, "FileData": content})
    line = {"ExpenseKey": 90, "ProjectKey": 1, "PhaseKey": 2, "Amount": 30, "Attachments": [{"FileKey": 9}]}
    card = {"ExpenseKey": 91, "Amount": 12, "CreditCardVendorKey": 3, "IsPersonal": True}
    report = {"ExpenseReportKey": 5, "EmployeeKey": 1, "AdvanceAmount": 4, "Expenses": [line, card]}
    ajera.put_record("ExpenseReport", report)
    (row,) = ajera.content("GetExpenseReports", {"RequestedExpenseReports": [5]})["ExpenseReports"]
    assert (row["TotalAmount"], row["ReimbursableAmount"]) == (42, 42 - 4 - 12 - 12)
    assert ajera.content("DownloadExpenseReports", {"FileKey": 9})["FileData"] == content


def test_a_line_shows_the_phase_as_it_is_now(ajera):
    """A renamed phase is renamed in the reports that were read before. A phase of another project has no name."""

    def phase():
        (report,) = ajera.content("GetExpenseReports", {"RequestedExpenseReports": [1]})["ExpenseReports"]
        return report["Expenses"][0]["PhaseDescription"]

    assert phase() == "Schematic Design"
    (before,) = ajera.content("GetProjects", {"RequestedProjects": [1]})["Projects"]
    after = deepcopy(before)
    rows = [row for group in after["InvoiceGroups"] for row in group["Phases"] if row["PhaseKey"] == 2]
    rows[0]["Description"] = "Sketches"
    ajera.content("UpdateProjects", {"UpdatedProjects": [after], "UnchangedProjects": [before]})
    assert phase() == "Sketches"
    ajera.put_record(
        "ExpenseReport", {"ExpenseReportKey": 1, "EmployeeKey": 1, "Expenses": [{"ExpenseKey": 1, "PhaseKey": 2}]}
    )
    assert phase() == ""
