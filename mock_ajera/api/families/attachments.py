"""Attached files: the base of their kinds, and what uploading and downloading have in common."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.context import Examples, WriteContext
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Layout
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant

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


class FileName(f.Text):
    """The name of an uploaded file."""

    type_name = f"text of at most 255 characters that ends in {', '.join(f'.{each}' for each in CONTENT_TYPES)}"

    def example(self, firm: Examples) -> Any:
        return "example.txt"


class Base64(f.Text):
    """The content of a file."""

    type_name = "text in base64"

    def example(self, firm: Examples) -> Any:
        return base64.b64encode(b"Example").decode()


FILE_ARGUMENTS = {
    "FileName": FileName(max=255, required="always"),
    "ContentType": f.Text(max=255),
    "FileData": Base64(required="always"),
}
"""The arguments of an upload with the file itself."""
CONTENT_LAYOUT = Layout("", {"FileName": f.Text(), "ContentType": f.Text(), "FileData": Base64()})
KEY_LAYOUT = Layout("", {"FileKey": f.Whole()})
"""Content of a download and of an upload."""


class File(Row):
    """The members of an attached file."""

    FileKey = f.Key()
    FileName = f.Text()
    ContentType = f.Text()
    FileSize = f.Whole()
    """Bytes of the content. The records that have the file print it, and they do not read the content."""
    FileData = f.Text()
    """The content in base64."""


class AttachedFile(Record):
    """A base for the kinds of attached files. Only a download prints the content."""

    def check_seed(self, tree: Body, in_use: Any) -> str:
        """Return a fault for content that is not base64, or of another size."""
        try:
            size = len(base64.b64decode(tree["FileData"], validate=True))
        except (binascii.Error, ValueError):
            return "FileData: base64 is expected"
        return "" if size == (tree["FileSize"] or 0) else f"FileSize: {tree['FileSize']}, but FileData has {size} bytes"


def no_new_files(row: Body, stored: Body | None, at: str, context: WriteContext, claim: str) -> None:
    """Refuse a file twice in ``Attachments``, and files that are not there yet: only an upload attaches files.

    Otherwise a row could refer to a file of another record and make it readable.
    """
    keys = [file["FileKey"] for file in row["Attachments"]]
    known = {file["FileKey"] for file in (stored or {}).get("Attachments", ())}
    for i, key in enumerate(keys):
        path = within(at, f"Attachments[{i}].FileKey")
        if key in keys[:i]:
            context.refuse(path, "repeated-key", f"{key} is already in this list", claim)
        elif key not in known and not context.seeding:
            context.refuse(path, "reference", "this file is not attached here", claim)


def content_of(tenant: Tenant, file: Record, key: int) -> Answer | None:
    """Return the answer of a download, or None if there is no such file."""
    row = tenant.row(file.kind, key)
    if row is None:
        return None
    body = tenant.body(row)
    return Answer({name: body[name] for name in ("FileName", "ContentType", "FileData")})


def uploaded(sent: Body, claim: str) -> Body:
    """Return the file in the arguments of an upload. Raises ``InvalidData``."""
    faults = []
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
    content_type = sent.get("ContentType") or CONTENT_TYPES.get(extension, "")
    if not content_type.isprintable():
        faults.append(Reason("ContentType", "characters", "printable characters are expected", claim))
    if faults:
        raise errors.InvalidData(*faults)
    return {"FileName": name, "ContentType": content_type, "FileSize": size, "FileData": data}


def store(tenant: Tenant, file: Record, content: Body) -> int:
    """Store a new file and return its key."""
    key = tenant.store.next_number(file.key.sequence)
    tenant.save(file.kind, key, {file.key.name: key, **content})
    return key
