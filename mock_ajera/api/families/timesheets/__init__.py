"""Timesheets, and the days on which the firm does not work. Version 2 only.

Source: Ajera API, Timesheets page (version 2), and public API clients.
"""

from __future__ import annotations

from mock_ajera.api.families.timesheets.records import NON_WORK_DAY, TIMESHEET

RECORDS = (NON_WORK_DAY, TIMESHEET)
