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
    for employee, keys in ((1, [1, 2, 3, 4, 5]), (2, [6, 9]), (3, [7, 8, 10]), (4, []), (1, [1, 2, 3, 4, 5])):
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
    """A renamed phase is renamed in the reports that were read before."""

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


@pytest.fixture
def guessing(ajera):
    """A mock that serves guessed methods."""
    ajera.set_quirks(guessed_methods="serve")
    return ajera


def report(ajera, key):
    """Return a report as its employee sees it."""
    return ajera.content("GetExpenseReports", {"RequestedExpenseReports": [key]})["ExpenseReports"][0]


def write(ajera, updated, unchanged):
    """Update one report; return the outcome and the claims of the reasons."""
    ajera.call("UpdateExpenseReports", {"UpdatedExpenseReports": [updated], "UnchangedExpenseReports": [unchanged]})
    return ajera.journal[-1].outcome, [reason.claim for reason in ajera.journal[-1].reasons]


def upload(ajera, key, line):
    """Upload a file for a line; return the message of the answer and the claims of the reasons."""
    arguments = {"ExpenseReportKey": key, "ExpenseKey": line, "FileName": "a.txt", "FileData": "AAAA"}
    answer = ajera.call("UploadExpenseReports", arguments)
    return answer["Message"], [reason.claim for reason in ajera.journal[-1].reasons]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ({"ExpenseKey": -1}, r"Expenses\[0\]\.ExpenseKey: a positive whole number is expected"),
        ({"ExpenseKey": 90, "ProjectKey": 1, "PhaseKey": 9999}, "the project of the expense has no phase 9999"),
        ({"ExpenseKey": 90, "PhaseKey": 2}, "the project of the expense has no phase 2"),
        (
            {"ExpenseKey": 90, "Attachments": [{"FileKey": 1}] * 2},
            r"Attachments\[1\].FileKey: 1 is already in this list",
        ),
    ],
)
def test_faults_in_reports_of_a_firm(ajera, line, text):
    with pytest.raises(ValueError, match=text):
        ajera.put_record("ExpenseReport", {"ExpenseReportKey": 99, "EmployeeKey": 1, "Expenses": [line]})


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("method", ["UpdateExpenseReports", "UploadExpenseReports"])
def test_writing_is_a_guess(ajera, method, version):
    """The reason of the refusal names the quirk and what it serves (claim permission.guessed-methods)."""
    assert ajera.call(method, version=version)["Message"] == f"Unauthorized method: {method}"
    assert "the quirk guessed_methods serves a guess in version 1" in ajera.journal[-1].reasons[0].text


@pytest.mark.parametrize("method", ["UpdateExpenseReports", "UploadExpenseReports"])
def test_writing_needs_an_active_employee(guessing, method):
    act_for(guessing, None)
    assert guessing.call(method)["Message"] == f"Unauthorized method: {method}"
    assert guessing.journal[-1].reasons[0].claim == "expense.needs-active-employee"


def test_only_open_reports_are_written(guessing):
    """Reports that are submitted, approved or processed are not changed or deleted (claim expense.write-editable)."""
    before = guessing.tenant.fingerprint()
    closed = {}
    for row in guessing.content("ListExpenseReports")["ExpenseReports"]:
        if row["Status"] in ("New", "In Progress"):
            continue
        record = report(guessing, row["ExpenseReportKey"])
        for change in ({"Notes": "other"}, {"Delete": True}, {"Status": "New"}):
            outcome, claims = write(guessing, {**record, **change}, record)
            assert claims == ["expense.write-editable"], outcome
        _, claims = upload(guessing, record["ExpenseReportKey"], record["Expenses"][0]["ExpenseKey"])
        assert claims == ["expense.write-editable"]
        closed[row["Status"]] = record
    assert closed.keys() == {"Submitted", "Approved", "Processed"}
    assert guessing.tenant.fingerprint() == before


def test_reports_of_others_are_not_written(guessing):
    """The answer is that for an unknown key, even with a valid baseline (claim expense.write-own)."""
    act_for(guessing, 2)
    record = report(guessing, 6)
    act_for(guessing, 1)
    before = guessing.tenant.fingerprint()
    line = record["Expenses"][0]["ExpenseKey"]
    assert upload(guessing, 6, line)[0] == upload(guessing, 987654, line)[0] == "The record does not exist."
    for change in ({"Notes": "other"}, {"Delete": True}, {"EmployeeKey": 1}):
        assert write(guessing, {**record, **change}, record)[1] == ["expense.write-own"]
        assert write(guessing, {**record, **change, "ExpenseReportKey": 987654}, record)[1] == ["write.unknown-key"]
    assert guessing.tenant.fingerprint() == before


def test_a_report_of_a_firm_may_have_lines_outside_its_dates(guessing):
    """It can be changed as long as neither the dates nor these lines change (claim expense.write-dates)."""
    line = {"ExpenseKey": 90, "Date": "2025-05-01", "Amount": 5}
    stored = {"ExpenseReportKey": 99, "EmployeeKey": 1, "BeginningDate": "2025-03-02", "EndingDate": "2025-03-01"}
    guessing.put_record("ExpenseReport", {**stored, "Expenses": [line]})
    record = report(guessing, 99)
    assert write(guessing, {**record, "Notes": "other"}, record) == ("ok", [])
    record = report(guessing, 99)
    moved = {**record, "Expenses": [{**record["Expenses"][0], "Date": "2025-05-02"}]}
    assert write(guessing, moved, record)[1] == ["expense.write-dates"]


def test_a_file_is_in_a_line_once(guessing):
    record = report(guessing, 4)
    upload(guessing, 4, record["Expenses"][0]["ExpenseKey"])
    record = report(guessing, 4)
    line = record["Expenses"][0]
    sent = {**record, "Expenses": [{**line, "Attachments": line["Attachments"] * 3}]}
    assert write(guessing, sent, record)[1] == ["expense.write-files"] * 2
    assert report(guessing, 4) == record


def test_files_of_others_are_not_attached(guessing):
    """An employee who knows the key of a file cannot read it through a report (claim expense.write-files)."""
    record = report(guessing, 4)
    assert record["Status"] in ("New", "In Progress")
    sent = deepcopy(record)
    sent["Expenses"][0]["Attachments"].append({"FileKey": 4})
    assert write(guessing, sent, record)[1] == ["expense.write-files"]
    guessing.call("DownloadExpenseReports", {"FileKey": 4})
    assert guessing.journal[-1].reasons[0].claim == "expense.unknown-file"


def test_files_are_deleted_with_their_report(guessing):
    """No file remains without a report, and other files do (claim expense.write-files)."""
    record = report(guessing, 4)
    upload(guessing, 4, record["Expenses"][0]["ExpenseKey"])
    kept = {row.key for row in guessing.tenant.store.rows("ExpenseAttachment")}
    record = report(guessing, 4)
    (file,) = record["Expenses"][0]["Attachments"]
    stamp = record["LastModifiedDate"]
    write(guessing, {"ExpenseReportKey": 4, "LastModifiedDate": stamp, "Delete": True}, record)
    remaining = {row.key for row in guessing.tenant.store.rows("ExpenseAttachment")}
    assert remaining == kept - {file["FileKey"]}


def test_files_are_deleted_with_a_report_that_a_tester_deletes_or_replaces(ajera):
    """Files are deleted with the last report that has them."""

    def files():
        return {row.key for row in ajera.tenant.store.rows("ExpenseAttachment")}

    shared = {
        "ExpenseReportKey": 98,
        "EmployeeKey": 1,
        "Expenses": [{"ExpenseKey": 98, "Attachments": [{"FileKey": 1}]}],
    }
    ajera.put_record("ExpenseReport", shared)
    assert files() == {1, 2, 3, 4}
    ajera.put_record("ExpenseReport", {"ExpenseReportKey": 1, "EmployeeKey": 1})
    assert files() == {1, 3, 4}
    with ajera.tenant.lock, ajera.tenant.writing():
        ajera.tenant.remove("ExpenseReport", 98)
    assert files() == {3, 4}
