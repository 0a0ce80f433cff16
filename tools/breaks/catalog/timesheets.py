"""Timesheets."""

from __future__ import annotations

from tools.breaks.exchange import Envelope, Exchange, broken, failed, rows_of


def lost(exchange: Exchange, method: str) -> Envelope:
    """Answer a write that is not kept."""
    if exchange.method != method:
        return exchange.send()
    exchange.mock.snapshot("before a lost timesheet")
    answer = exchange.send()
    exchange.mock.restore("before a lost timesheet")
    return answer


@broken("timesheets", "timesheets_write")
def new_timesheet_not_kept(exchange: Exchange) -> Envelope:
    """CreateTimesheet answers a timesheet that it does not keep."""
    return lost(exchange, "CreateTimesheet")


@broken("timesheets", "timesheets_write")
def hours_not_kept(exchange: Exchange) -> Envelope:
    """UpdateTimesheets answers rows that it does not keep."""
    return lost(exchange, "UpdateTimesheets")


@broken("timesheets", "timesheets_write")
def submission_not_kept(exchange: Exchange) -> Envelope:
    """SubmitTimesheets answers a submission that it does not keep."""
    return lost(exchange, "SubmitTimesheets")


@broken("timesheets", "timesheets_write")
def stale_timesheet_taken(exchange: Exchange) -> Envelope:
    """UpdateTimesheets does not compare UnchangedData."""
    sheets = exchange.arguments.get("Timesheets")
    if exchange.method == "UpdateTimesheets" and isinstance(sheets, list):
        for sheet in sheets:
            if isinstance(sheet, dict) and sheet.get("UnchangedData"):
                fresh = exchange.call("GetTimesheets", {"RequestedTimesheets": [sheet.get("TimesheetKey")]})
                for row in rows_of(fresh, "Timesheets"):
                    sheet["UnchangedData"] = row["UnchangedData"]
    return exchange.send()


@broken("timesheets", "timesheets_write")
def second_timesheet_of_a_week(exchange: Exchange) -> Envelope:
    """CreateTimesheet returns the timesheet that a week already has."""
    answer = exchange.send()
    sheet = exchange.arguments.get("Timesheet")
    if exchange.method == "CreateTimesheet" and failed(answer) and isinstance(sheet, dict):
        listed = exchange.call("ListTimesheets", {"FilterByEmployee": [sheet.get("EmployeeKey")]})
        for row in rows_of(listed, "Timesheets"):
            if str(row["Timesheet Date"])[:10] == str(sheet.get("TimesheetDate"))[:10]:
                return exchange.call("GetTimesheets", {"RequestedTimesheets": [row["Timesheet Key"]]})
    return answer


@broken("timesheets", "timesheets")
def totals_are_not_the_sums(exchange: Exchange) -> Envelope:
    """The totals of a timesheet are not the sums of its rows."""
    answer = exchange.send()
    for row in rows_of(answer, "Timesheets"):
        totals = row.get("Overhead", {}).get("Totals", {})
        for name in totals:
            if name.startswith("D") and name.endswith("Regular"):
                totals[name] += 1
    return answer


@broken("timesheets", "timesheets_write", "timesheets")
def half_the_timesheets_refused(exchange: Exchange) -> Envelope:
    """UpdateTimesheets writes no timesheet if one of several is refused."""
    exchange.mock.snapshot("before several")
    answer = exchange.send()
    if exchange.method == "UpdateTimesheets" and failed(answer):
        exchange.mock.restore("before several")
        answer["Content"] = {"Timesheets": []}
    return answer
