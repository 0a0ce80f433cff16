"""Methods that Ajera has and that no family serves yet.

They are refused, never answered with silent success. Source: the API permission screen, as listed by
paulnew2000/ajera-mcp-readonly, and the index of the Ajera API pages. A version that nobody has tried is taken to be
version 1.
"""

from __future__ import annotations

from mock_ajera.api.methods import NAME_ONLY, NOT_YET, Method, NotServed
from mock_ajera.api.records import Record
from mock_ajera.tenants.users import Access


def _method(name: str, access: Access, *versions: int, why: NotServed = NOT_YET, label: str = "") -> Method:
    return Method(name=name, access=access, versions=dict.fromkeys(versions, why), label=label)


RECORDS: tuple[Record, ...] = ()

METHODS = (
    _method("UpdateContacts", "write", 1),
    _method("UpdateEmployees", "write", 1),
    _method("UpdateVendors", "write", 1),
    _method("UpdateProjectsWithResources", "write", 1, why=NAME_ONLY),
    _method("CreateProjects", "write", 2),
    _method("ListGLAccounts", "read", 1, 2, label="List GL Accounts"),
    _method("GetGLAccounts", "read", 1, label="Get GL Accounts"),
    _method("ListExpenseReports", "read", 1),
    _method("GetExpenseReports", "read", 1),
    _method("DownloadExpenseReports", "read", 1),
    _method("UpdateExpenseReports", "write", 1, why=NAME_ONLY),
    _method("UploadExpenseReports", "write", 1, why=NAME_ONLY),
    _method("ListTimesheets", "read", 2),
    _method("GetTimesheets", "read", 2),
    _method("CreateTimesheet", "write", 2),
    _method("UpdateTimesheets", "write", 2),
    _method("SubmitTimesheets", "write", 2),
    _method("ListTimesheetNonWorkDays", "read", 2, label="Timesheets: List Non Work Days"),
    _method("EndTimesheetSessions", "write", 2, why=NAME_ONLY),
    _method("ListVendorInvoices", "read", 2),
    _method("GetVendorInvoices", "read", 2),
    _method("CreateVendorInvoices", "write", 2),
    _method("UpdateVendorInvoices", "write", 2, why=NAME_ONLY),
    _method("DeleteVendorInvoices", "write", 2, why=NAME_ONLY),
    _method("UploadVendorInvoices", "write", 2, why=NAME_ONLY),
    _method("DownloadVendorInvoices", "read", 2, why=NAME_ONLY),
)
