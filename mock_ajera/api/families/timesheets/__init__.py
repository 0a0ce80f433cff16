"""Timesheets, and the days on which the firm does not work. Version 2 only.

Source: Ajera API, Timesheets page (version 2), and public API clients.
"""

from __future__ import annotations

from msgspec.structs import replace

from mock_ajera.api.families.timesheets.changing import UPDATE
from mock_ajera.api.families.timesheets.creation import CREATE
from mock_ajera.api.families.timesheets.layouts import LAYOUTS
from mock_ajera.api.families.timesheets.listing import LIST, LIST_NON_WORK_DAYS
from mock_ajera.api.families.timesheets.records import NON_WORK_DAY, TIMESHEET
from mock_ajera.api.families.timesheets.scope import reader_of
from mock_ajera.api.families.timesheets.submission import END_SESSIONS, SUBMIT
from mock_ajera.api.families.timesheets.views import full
from mock_ajera.api.methods import answering
from mock_ajera.api.shapes import get_method

RECORDS = (NON_WORK_DAY, TIMESHEET)

_GET = answering(get_method(TIMESHEET, {2: full(totals=True)}, claim="timesheet.get", audience=reader_of), {2: LAYOUTS})

METHODS = tuple(
    replace(method, needs_active_employee="timesheet.needs-active-employee")
    for method in (LIST, _GET, CREATE, UPDATE, SUBMIT, LIST_NON_WORK_DAYS, END_SESSIONS)
)
