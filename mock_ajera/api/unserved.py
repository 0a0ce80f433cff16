"""Methods that Ajera has and that are not served here, with the versions whose sessions may call them: whole methods,
and the other version of some that are served.

They are refused, never answered with silent success; the reason says which is which. Source: the API permission
screen, as listed by paulnew2000/ajera-mcp-readonly, and the index of the Ajera API pages. Versions that nobody has
tried are taken for version 1.
"""

from __future__ import annotations

from collections.abc import Mapping

_VERSION_1 = """
UpdateContacts UpdateEmployees UpdateVendors UpdateProjectsWithResources GetGLAccounts ListExpenseReports
GetExpenseReports DownloadExpenseReports UpdateExpenseReports UploadExpenseReports
"""
_VERSION_2 = """
UpdateProjects CreateProjects ListTimesheets GetTimesheets CreateTimesheet UpdateTimesheets SubmitTimesheets
ListTimesheetNonWorkDays EndTimesheetSessions ListVendorInvoices GetVendorInvoices CreateVendorInvoices
UpdateVendorInvoices DeleteVendorInvoices UploadVendorInvoices DownloadVendorInvoices
"""
_BOTH = "ListGLAccounts"

UNSERVED: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(_VERSION_1.split(), (1,)),
    **dict.fromkeys(_VERSION_2.split(), (2,)),
    **dict.fromkeys(_BOTH.split(), (1, 2)),
}
