"""The files attached to the lines of expense reports: downloading and uploading them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.families.expense_reports.records import REPORT
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call
from mock_ajera.api.records import Record
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import reads_record, relies_on

LARGEST_FILE = 700_000
"""Bytes of an uploaded file. In base64 it still fits into a request."""

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xps": "application/vnd.ms-xpsdocument",
    "txt": "text/plain",
    "rtf": "application/rtf",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "heif": "image/heif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "numbers": "application/vnd.apple.numbers",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pages": "application/vnd.apple.pages",
}
"""The types of files that Ajera's own window attaches, by extension."""


class ExpenseAttachment(Record):
    """A file attached to a line of an expense report. Only DownloadExpenseReports prints its content."""

    kind = "ExpenseAttachment"
    FileKey = f.Key()
    FileName = f.Text()
    ContentType = f.Text()
    FileSize = f.Whole()
    """Bytes of the content. Reports print it, and they do not read the content."""
    FileData = f.Text()
    """The content in base64."""

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for content that is not base64, or of another size."""
        try:
            size = len(base64.b64decode(tree["FileData"], validate=True))
        except (binascii.Error, ValueError):
            return "FileData: base64 is expected"
        return "" if size == (tree["FileSize"] or 0) else f"FileSize: {tree['FileSize']}, but FileData has {size} bytes"


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
    row = tenant.row(ATTACHMENT.kind, key)
    if row is None or all(reports.entries[holder].summary["EmployeeKey"] != own for holder in holders):
        text = f"no report of the authorizing employee has the file {key}"
        raise errors.UnknownRecord(Reason("FileKey", "unknown-key", text, "expense.unknown-file"))
    reads_record(ATTACHMENT.kind, [key])
    relies_on("expense.download-members")
    body = tenant.body(row)
    return Answer({name: body[name] for name in ("FileName", "ContentType", "FileData")})


def _file(sent: Body) -> Body:
    """Return the file in the arguments of an upload. Raises ``InvalidData``."""
    claim, faults = "expense.upload-refused", []
    name, data = sent["FileName"], sent["FileData"]
    stem, _, extension = name.rpartition(".")
    extension = extension.lower()
    if not stem.strip() or extension not in CONTENT_TYPES or set(name) & set("/\\") or not name.isprintable():
        text = f"a file name with one of these extensions is expected: {', '.join(CONTENT_TYPES)}"
        faults.append(Reason("FileName", "extension", text, claim))
    try:
        size = len(base64.b64decode(data, validate=True))
    except ValueError:
        faults.append(Reason("FileData", "base64", "base64 is expected", claim))
    else:
        if not 0 < size <= LARGEST_FILE:
            faults.append(Reason("FileData", "size", f"{size} bytes, not between 1 and {LARGEST_FILE}", claim))
    content_type = sent.get("ContentType") or CONTENT_TYPES[extension]
    if not content_type.isprintable():
        faults.append(Reason("ContentType", "characters", "printable characters are expected", claim))
    if faults:
        raise errors.InvalidData(*faults)
    return {"FileName": name, "ContentType": content_type, "FileSize": size, "FileData": data}


def upload(call: Call) -> Answer:
    """Attach a file to a line. Raises ``UnknownRecord`` and ``InvalidData``."""
    tenant, sent = call.tenant, call.arguments
    key, view = sent["ExpenseReportKey"], TenantView(tenant, authorizing_employee(call))
    report = view.body(REPORT.kind, key)
    if report is None:
        text = f"there is no {REPORT.kind} {key}"
        raise errors.UnknownRecord(Reason("ExpenseReportKey", "unknown-key", text, "expense.upload-refused"))
    REPORT.guard(report, "", view)
    line = next((line for line in report["Expenses"] if line["ExpenseKey"] == sent["ExpenseKey"]), None)
    if line is None:
        text = f"the report has no expense {sent['ExpenseKey']}"
        raise errors.UnknownRecord(Reason("ExpenseKey", "unknown-key", text, "expense.upload-refused"))
    file = _file(sent)
    with tenant.writing():
        file_key = tenant.store.next_number(ATTACHMENT.key.sequence)
        tenant.save(ATTACHMENT.kind, file_key, {ATTACHMENT.key.name: file_key, **file})
        line["Attachments"].append({"FileKey": file_key, "AttachmentCategoryKey": None})
        tenant.save(REPORT.kind, key, report)
    reads_record(REPORT.kind, [key])
    return Answer({"FileKey": file_key})


UPLOAD_ARGUMENTS = {
    "ExpenseReportKey": f.Whole(required="always"),
    "ExpenseKey": f.Whole(required="always"),
    "FileName": f.Text(max=255, required="always"),
    "ContentType": f.Text(max=255),
    "FileData": f.Text(required="always"),
}
