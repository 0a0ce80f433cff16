"""The members of timesheets as answers print them, for the reference of the API.

``views`` prints them. The contract suite's table of members is compared with both.
"""

from __future__ import annotations

from collections.abc import Mapping

from mock_ajera.api import fields as f
from mock_ajera.api.context import Visibility
from mock_ajera.api.families.timesheets.members import LocalTime
from mock_ajera.api.families.timesheets.records import OverheadRow, ProjectRow
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Layout
from mock_ajera.api.shapes import RawObject

LISTED: Mapping[str, Member] = {
    "Timesheet Key": f.Whole(),
    "Company Key": f.Ref("Company"),
    "Employee Key": f.Ref("Employee"),
    **{name: f.Text() for name in ("Employee Status", "Employee", "First Name", "Middle Name", "Last Name")},
    "My Employee": f.Flag(),
    "Timesheet Date": f.Day(),
    "Timesheet Total": f.Money(),
    **{
        name: f.Flag()
        for name in (
            *("Submitted", "Supervisor Approved", "Accounting Approved", "Project Manager Approved"),
            *("Rejected", "Billed", "Paid"),
        )
    },
    **{name: f.Whole() for name in ("Project Manager Approved Value", "Paid Value", "Rejected Value")},
    **{name: f.Rate() for name in ("Target Billable Percent", "Actual Billable Percent")},
    "Company Name": f.Text(),
    "Multilevel Employee": f.Flag(),
    **{
        name: member
        for by in ("Submitted", "Accounting Approved", "Supervisor Approved")
        for name, member in ((f"{by} Date", LocalTime()), (f"{by} By", f.Text()))
    },
}
"""The members of a row of ListTimesheets."""

PRINTED: Mapping[str, Member] = {
    "TimesheetKey": f.Whole(),
    "TimesheetDate": LocalTime(),
    "EmployeeKey": f.Ref("Employee"),
    "Employee": f.Text(shown=Visibility.OBSERVED),
    "EmployeeStatus": f.Text(shown=Visibility.OBSERVED),
    "TargetBillablePercent": f.Rate(shown=Visibility.OBSERVED),
    "Overhead": RawObject(),
    "Project": RawObject(),
    "UnchangedData": RawObject(),
}
"""The members of a timesheet in full, outside its two sections."""

SUBMISSION: Mapping[str, Member] = {
    "Status": f.Text(),
    "SubmittedDateTime": LocalTime(),
    "SubmittedBy": f.Ref("Employee"),
}
"""The members that SubmitTimesheets adds."""

LAYOUTS = (
    Layout("Timesheets", PRINTED),
    Layout("Timesheets, rows of Overhead.Detail", OverheadRow().by_wire),
    Layout("Timesheets, rows of Project.Detail", ProjectRow().by_wire),
)
"""Timesheets in full with their rows."""
SUBMITTED = (Layout("Timesheets", {**PRINTED, **SUBMISSION}), *LAYOUTS[1:])
"""Timesheets in full with their submission."""
