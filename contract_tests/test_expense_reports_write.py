"""UpdateExpenseReports and UploadExpenseReports, of which only the names are known.

They are not sent to a real endpoint: nobody knows what it would do with them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from .answers import Answer, records, refusal, success
from .client import AjeraClient
from .firm import Firm, Row, first
from .kinds import EXPENSE_REPORTS, PROJECTS
from .made import NEW_STAMP, Made
from .target import Target
from .writing import INVALID, NO_CHANGE, UNKNOWN_KEY, changed, delete, refused

claim = pytest.mark.claim

Body = Callable[..., Row]
Create = Callable[..., Row]
Upload = Callable[..., Answer]

PDF = base64.b64encode(b"%PDF-1.4 receipt").decode()


@pytest.fixture
def body(made: Made, firm: Firm, target: Target) -> Body:
    """Return a function that makes a new report of the authorizing employee, with one line. Skip on a real target."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    if any("Unauthorized method" in text for text in made.update(EXPENSE_REPORTS, []).texts):
        pytest.skip("the target refuses methods that are known only by name")
    employee = first(firm.some("ExpenseReports"), "expense reports")["EmployeeKey"]

    def make(line: Row | None = None, **members: Any) -> Row:
        return {
            "ExpenseReportKey": -1,
            "LastModifiedDate": NEW_STAMP,
            "EmployeeKey": employee,
            "Description": made.name("report"),
            "BeginningDate": "2025-03-01",
            "EndingDate": "2025-03-31",
            "Expenses": [{"ExpenseKey": -2, "Date": "2025-03-10", "Amount": 25} | (line or {})],
        } | members

    return make


@pytest.fixture
def new_report(made: Made, body: Body) -> Create:
    """Return a function that creates a report with one line and the given members."""

    def create(line: Row | None = None, **members: Any) -> Row:
        (record,) = records(made.update(EXPENSE_REPORTS, [body(line, **members)]), "ExpenseReports")
        return read(made, record)

    return create


@pytest.fixture
def upload(client: AjeraClient) -> Upload:
    """Return a function that uploads a file for the last line of a report."""

    def call(report: Row, **changed: Any) -> Answer:
        arguments = {
            "ExpenseReportKey": report["ExpenseReportKey"],
            "ExpenseKey": report["Expenses"][-1]["ExpenseKey"],
            "FileName": "taxi.pdf",
            "FileData": PDF,
        }
        return client.call("UploadExpenseReports", arguments | changed)

    return call


def read(made: Made, report: Row) -> Row:
    """Return the current report."""
    current = made.read(EXPENSE_REPORTS, report["ExpenseReportKey"])
    assert current, "a report that was created cannot be read"
    return current


def project_with_phase(firm: Firm) -> tuple[Row, Row]:
    """Return a project and its first phase."""
    for project in firm.some("Projects"):
        for group in project["InvoiceGroups"]:
            for phase in group["Phases"]:
                return project, phase
    return first([], "projects with phases"), {}


@claim("expense.update")
def test_a_report_is_created_changed_and_deleted(made: Made, body: Body) -> None:
    """One method creates, changes and deletes, and its answer shows each result."""
    answer = success(made.update(EXPENSE_REPORTS, [body()]))
    (created,) = answer["ExpenseReports"]
    assert (answer["NumberOfExpenseReportsUpdated"], created["OriginalExpenseReportKey"]) == (1, -1)
    record = read(made, created)
    assert record == {name: value for name, value in created.items() if name != "OriginalExpenseReportKey"}
    assert (record["Status"], record["TotalAmount"], record["ReimbursableAmount"]) == ("New", 25, 25)
    record = changed(made, EXPENSE_REPORTS, record, Status="In Progress", AdvanceAmount=10)
    assert (record["Status"], record["ReimbursableAmount"]) == ("In Progress", 15)
    assert NO_CHANGE in refused(made, EXPENSE_REPORTS, record, record).texts
    (gone,) = records(made.update(EXPENSE_REPORTS, [delete(record, EXPENSE_REPORTS)], [record]), "ExpenseReports")
    assert gone == {"ExpenseReportKey": record["ExpenseReportKey"], "Deleted": True}
    assert made.read(EXPENSE_REPORTS, record["ExpenseReportKey"]) is None


@claim("expense.write-own")
def test_reports_of_other_employees(made: Made, firm: Firm, body: Body, new_report: Create) -> None:
    """A report for another employee cannot be created, and a report cannot be given to another one."""
    record = new_report()
    other = firm.employee("another employee", lambda row: row["EmployeeKey"] != record["EmployeeKey"])["EmployeeKey"]
    for employee in (other, UNKNOWN_KEY):
        assert INVALID in refused(made, EXPENSE_REPORTS, body(EmployeeKey=employee)).texts
        assert INVALID in refused(made, EXPENSE_REPORTS, record | {"EmployeeKey": employee}, record).texts


@claim("expense.write-status")
@pytest.mark.parametrize("status", ["Submitted", "Approved", "Processed"])
def test_statuses_of_approval(made: Made, body: Body, new_report: Create, status: str) -> None:
    """A write neither submits nor approves a report."""
    record = new_report()
    refused(made, EXPENSE_REPORTS, body(Status=status))
    refused(made, EXPENSE_REPORTS, record | {"Status": status}, record)


@claim("expense.write-personal")
def test_a_personal_expense_has_no_project(made: Made, firm: Firm, body: Body, new_report: Create) -> None:
    project, phase = project_with_phase(firm)
    line = {"ProjectKey": project["ProjectKey"], "PhaseKey": phase["PhaseKey"]}
    assert new_report(line)["Expenses"][0]["PhaseDescription"] == phase["Description"]
    assert new_report({"IsPersonal": True})["ReimbursableAmount"] == 0
    refused(made, EXPENSE_REPORTS, body({"IsPersonal": True, **line}))
    refused(made, EXPENSE_REPORTS, body({"IsPersonal": True, "ProjectKey": project["ProjectKey"]}))
    record = new_report(line)
    refused(made, EXPENSE_REPORTS, record | {"Expenses": [record["Expenses"][0] | {"IsPersonal": True}]}, record)


@claim("expense.write-phase")
def test_the_phase_is_one_of_the_project(made: Made, firm: Firm, body: Body, new_project: Create) -> None:
    """The phase of another project, an unknown one, and one without a project are refused."""
    project, phase = project_with_phase(firm)
    other = new_project()
    assert other["ProjectKey"] != project["ProjectKey"]
    wrong = ((other["ProjectKey"], phase["PhaseKey"]), (other["ProjectKey"], UNKNOWN_KEY), (None, phase["PhaseKey"]))
    for project_key, phase_key in wrong:
        refused(made, EXPENSE_REPORTS, body({"ProjectKey": project_key, "PhaseKey": phase_key}))


@claim("write.zero-reference-means-none")
def test_zero_is_no_project_and_no_phase(new_report: Create) -> None:
    (line,) = new_report({"ProjectKey": 0, "PhaseKey": 0})["Expenses"]
    assert (line["ProjectKey"], line["PhaseKey"]) == (None, None)


@claim("write.delete-in-use")
def test_a_project_in_a_report_cannot_be_deleted(made: Made, new_report: Create, new_project: Create) -> None:
    """A project with an expense is deleted only after the report."""
    project = new_project()
    record = new_report({"ProjectKey": project["ProjectKey"]})
    refused(made, PROJECTS, delete(project), project)
    success(made.update(EXPENSE_REPORTS, [delete(record, EXPENSE_REPORTS)], [record]))
    success(made.update(PROJECTS, [delete(project)], [project]))


@claim("expense.write-dates")
def test_dates_are_in_order(made: Made, body: Body, new_report: Create) -> None:
    """A line on the first or the last day is accepted. One outside, and a report that ends first, are refused."""
    for day in ("2025-03-01", "2025-03-31"):
        assert new_report({"Date": day})["Expenses"][0]["Date"] == day
    for day in ("2025-02-28", "2025-04-01"):
        refused(made, EXPENSE_REPORTS, body({"Date": day}))
    refused(made, EXPENSE_REPORTS, body({"Date": None}, EndingDate="2025-02-28"))
    record = new_report()
    refused(made, EXPENSE_REPORTS, record | {"BeginningDate": "2025-03-11"}, record)
    assert new_report(BeginningDate=None, EndingDate=None)["Expenses"][0]["Date"] == "2025-03-10"


@claim("expense.write-absent-lines-kept")
def test_absent_lines_are_kept(made: Made, new_report: Create) -> None:
    """A report that is sent with a new line only keeps the others."""
    record = new_report()
    after = changed(made, EXPENSE_REPORTS, record, Expenses=[{"ExpenseKey": -5, "Amount": 5}])
    assert [line["Amount"] for line in after["Expenses"]] == [25, 5]
    assert after["TotalAmount"] == 30


@claim("expense.upload", "expense.write-files")
def test_a_file_is_attached_and_removed(made: Made, client: AjeraClient, new_report: Create, upload: Upload) -> None:
    """An uploaded file is in its line of the report and can be downloaded, until an update leaves it out."""
    before = changed(made, EXPENSE_REPORTS, new_report(), Expenses=[{"ExpenseKey": -5, "Amount": 5}])
    keys = [success(upload(before, **more))["FileKey"] for more in ({}, {"FileName": "A.PNG", "ContentType": "x/y"})]
    record = read(made, before)
    assert record["LastModifiedDate"] != before["LastModifiedDate"]
    first, line = record["Expenses"]
    files = line["Attachments"]
    assert first["Attachments"] == []
    assert [(file["FileKey"], file["FileName"], file["ContentType"], file["FileSize"]) for file in files] == [
        (keys[0], "taxi.pdf", "application/pdf", 16),
        (keys[1], "A.PNG", "x/y", 16),
    ]
    download = success(client.call("DownloadExpenseReports", {"FileKey": keys[0]}))
    assert (download["FileName"], download["FileData"]) == ("taxi.pdf", PDF)
    after = changed(made, EXPENSE_REPORTS, record, Expenses=[line | {"Attachments": files[1:]}])
    assert [file["FileKey"] for file in after["Expenses"][1]["Attachments"]] == keys[1:]
    refusal(client.call("DownloadExpenseReports", {"FileKey": keys[0]}))
    assert success(client.call("DownloadExpenseReports", {"FileKey": keys[1]}))["FileData"] == PDF


@claim("expense.write-files")
def test_an_update_attaches_no_file(made: Made, body: Body, new_report: Create, upload: Upload) -> None:
    """The file of another line is refused in a new line and in an existing one."""
    record = new_report()
    files = [{"FileKey": success(upload(record))["FileKey"]}]
    refused(made, EXPENSE_REPORTS, body({"Attachments": files}))
    other = new_report()
    refused(made, EXPENSE_REPORTS, other | {"Expenses": [other["Expenses"][0] | {"Attachments": files}]}, other)


@claim("expense.upload-refused")
@pytest.mark.parametrize(
    "wrong",
    [
        {"ExpenseReportKey": UNKNOWN_KEY},
        {"ExpenseKey": UNKNOWN_KEY},
        {"FileName": "taxi.exe"},
        {"FileName": "taxi"},
        {"FileName": ".pdf"},
        {"FileName": "../taxi.pdf"},
        {"FileName": " .pdf"},
        {"FileName": "ta\nxi.pdf"},
        {"FileName": "x" * 300 + ".pdf"},
        {"ContentType": "text/plain\r\nX: y"},
        {"FileName": None},
        {"FileData": ""},
        {"FileData": "AAAA!"},
        {"FileData": base64.b64encode(bytes(700_001)).decode()},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_wrong_uploads_are_refused(made: Made, new_report: Create, upload: Upload, wrong: Row) -> None:
    """A refused upload leaves the report unchanged."""
    record = new_report()
    refusal(upload(record, **wrong))
    assert read(made, record) == record
