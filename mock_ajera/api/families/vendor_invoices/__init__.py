"""Vendor invoices: what the firm owes. Version 2 only.

Source: Ajera API, Vendor Invoices page (version 2), and public API clients.
"""

from __future__ import annotations

from mock_ajera.api.families.vendor_invoices.changing import DELETE, UPDATE
from mock_ajera.api.families.vendor_invoices.creating import CREATE
from mock_ajera.api.families.vendor_invoices.files import DOWNLOAD, UPLOAD
from mock_ajera.api.families.vendor_invoices.listing import GET, LIST
from mock_ajera.api.families.vendor_invoices.records import FILE, INVOICE

RECORDS = (FILE, INVOICE)

METHODS = (LIST, GET, CREATE, UPDATE, DELETE, UPLOAD, DOWNLOAD)
