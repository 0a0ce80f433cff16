"""The files attached to vendor invoices. Only the names of the methods are known: a guess of both."""

from __future__ import annotations

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.families.attachments import CONTENT_LAYOUT, FILE_ARGUMENTS, KEY_LAYOUT, content_of, store, uploaded
from mock_ajera.api.families.vendor_invoices.records import FILE, INVOICE
from mock_ajera.api.methods import Answer, Call, Method, Operation, guessed_method
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import reads_record


def _download(call: Call) -> Answer:
    key = call.arguments["FileKey"]
    answer = content_of(call.tenant, FILE, key)
    if answer is None:
        text = f"no vendor invoice has the file {key}"
        raise errors.UnknownRecord(Reason("FileKey", "unknown-key", text, "invoice.file-refused"))
    reads_record(FILE.kind, [key])
    return answer


def _upload(call: Call) -> Answer:
    tenant, sent = call.tenant, call.arguments
    key = sent[INVOICE.key.wire]
    row = tenant.row(INVOICE.kind, key)
    if row is None:
        text = f"there is no {INVOICE.kind} {key}"
        raise errors.UnknownRecord(Reason(INVOICE.key.wire, "unknown-key", text, "invoice.file-refused"))
    file, invoice = uploaded(sent, "invoice.file-refused"), tenant.body(row)
    with tenant.writing():
        file_key = store(tenant, FILE, file)
        attachments = [*invoice["Attachments"], {"FileKey": file_key}]
        tenant.save(INVOICE.kind, key, invoice | {"Attachments": attachments})
    reads_record(INVOICE.kind, [key])
    return Answer({"FileKey": file_key})


DOWNLOAD = guessed_method(
    Method(
        name="DownloadVendorInvoices",
        access="read",
        versions={
            2: Operation(
                {"FileKey": f.AskedKey(FILE.kind, required="always")},
                _download,
                "invoice.download",
                answers=(CONTENT_LAYOUT,),
            )
        },
        kind=FILE.kind,
    )
)

UPLOAD = guessed_method(
    Method(
        name="UploadVendorInvoices",
        access="write",
        versions={
            2: Operation(
                {"VendorInvoiceKey": f.AskedKey(INVOICE.kind, required="always"), **FILE_ARGUMENTS},
                _upload,
                "invoice.upload",
                answers=(KEY_LAYOUT,),
                manual=("invoice.file-refused",),
            )
        },
        kind=INVOICE.kind,
    )
)
