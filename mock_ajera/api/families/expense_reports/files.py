"""The files attached to the lines of expense reports: downloading and uploading them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.families.attachments import FILE_ARGUMENTS, AttachedFile, File, content_of, store, uploaded
from mock_ajera.api.families.expense_reports.records import EDITABLE, REPORT
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import reads_record, relies_on


class ExpenseAttachment(AttachedFile):
    """A file attached to a line of an expense report."""

    kind = "ExpenseAttachment"
    file = f.Members(File)


ATTACHMENT = ExpenseAttachment()


def authorizing_employee(call: Call) -> int | None:
    """Return the employee that the caller acts for; no other employee's report is visible."""
    relies_on("expense.own-reports")
    return call.tenant.users[call.session.user].authorizing_employee


def download(call: Call) -> Answer:
    """Return a file of the caller's reports. Raises ``UnknownRecord``."""
    tenant, key, own = call.tenant, call.arguments["FileKey"], authorizing_employee(call)
    reports = tenant.model.tables[REPORT.kind]
    holders = reports.referrers(ATTACHMENT.kind, key) or ()
    answer = content_of(tenant, ATTACHMENT, key)
    if answer is None or all(reports.entries[holder].summary["EmployeeKey"] != own for holder in holders):
        text = f"no report of the authorizing employee has the file {key}"
        raise errors.UnknownRecord(Reason("FileKey", "unknown-key", text, "expense.unknown-file"))
    reads_record(ATTACHMENT.kind, [key])
    relies_on("expense.download-members")
    return answer


def upload(call: Call) -> Answer:
    """Attach a file to a line. Raises ``UnknownRecord`` and ``InvalidData``."""
    tenant, sent = call.tenant, call.arguments
    key, view = sent["ExpenseReportKey"], TenantView(tenant, authorizing_employee(call))
    row = tenant.row(REPORT.kind, key)
    if row is None:
        text = f"there is no {REPORT.kind} {key}"
        raise errors.UnknownRecord(Reason("ExpenseReportKey", "unknown-key", text, "expense.upload-refused"))
    report = tenant.body(row)
    REPORT.guard(report, "", view)
    line = next((line for line in report["Expenses"] if line["ExpenseKey"] == sent["ExpenseKey"]), None)
    if line is None:
        text = f"the report has no expense {sent['ExpenseKey']}"
        raise errors.UnknownRecord(Reason("ExpenseKey", "unknown-key", text, "expense.upload-refused"))
    file = uploaded(sent, "expense.upload-refused")
    with tenant.writing():
        file_key = store(tenant, ATTACHMENT, file)
        line["Attachments"].append({"FileKey": file_key, "AttachmentCategoryKey": None})
        tenant.save(REPORT.kind, key, report)
    reads_record(REPORT.kind, [key])
    return Answer({"FileKey": file_key})


def own_file(firm: FirmValues) -> int:
    """Return a file of a report of the user's employee, for an example."""
    own = (body for _, body in firm.bodies(REPORT.kind) if body["EmployeeKey"] == firm.employee)
    files: Iterator[int] = (
        file["FileKey"] for body in own for line in body["Expenses"] for file in line["Attachments"]
    )
    return next(files)


def example_of_upload(firm: FirmValues) -> dict[str, Any]:
    """Return an upload to a line of a report of the user's employee that can be changed."""

    def fits(report: Body) -> bool:
        return report["EmployeeKey"] == firm.employee and report["Status"] in EDITABLE and bool(report["Expenses"])

    key = firm.key(REPORT.kind, fits)
    report = next(body for other, body in firm.bodies(REPORT.kind) if other == key)
    file = {name: member.example(firm) for name, member in FILE_ARGUMENTS.items() if member.required_on is not None}
    return {"ExpenseReportKey": key, "ExpenseKey": report["Expenses"][0]["ExpenseKey"], **file}


UPLOAD_ARGUMENTS = {
    "ExpenseReportKey": f.AskedKey(REPORT.kind, required="always"),
    "ExpenseKey": f.AskedKey(required="always"),
    **FILE_ARGUMENTS,
}
