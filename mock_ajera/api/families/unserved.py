"""Families that exist in Ajera but are not served yet.

Their methods are refused, never answered with silent success. Source: the API permission screen, as listed by
paulnew2000/ajera-mcp-readonly, and the index of the Ajera API pages. Methods with
an unknown version are assumed to be in version 1.
"""

from __future__ import annotations

from mock_ajera.api.methods import NAME_ONLY, not_served

VENDOR_INVOICES = (
    not_served("UpdateVendorInvoices", "write", 2, why=NAME_ONLY),
    not_served("DeleteVendorInvoices", "write", 2, why=NAME_ONLY),
    not_served("UploadVendorInvoices", "write", 2, why=NAME_ONLY),
    not_served("DownloadVendorInvoices", "read", 2, why=NAME_ONLY),
)
