"""ListTimesheets and ListTimesheetNonWorkDays: their filters, their order, and the cap of the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api import filters
from mock_ajera.api.families.employees import NAME
from mock_ajera.api.families.timesheets.layouts import LISTED
from mock_ajera.api.families.timesheets.records import NON_WORK_DAY, TIMESHEET
from mock_ajera.api.families.timesheets.scope import reader_of
from mock_ajera.api.families.timesheets.views import list_row
from mock_ajera.api.filters import Condition, Filter, select
from mock_ajera.api.member import Member
from mock_ajera.api.methods import Answer, Call, Layout, Method, Operation
from mock_ajera.api.shapes import LISTING, page_of
from mock_ajera.api.views import render_all
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need, Table
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on


class Has(Filter, frozen=True):
    """Keep the timesheets whose flag has the wanted value. The argument false means that the filter is absent."""

    wanted: bool = True

    def field(self) -> Member:
        return f.Flag()

    def needs(self, kind: str) -> Iterator[Need]:
        yield Need(kind, self.members, self.members)

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return table.keys_with(self.members[0], (self.wanted,))


class OfCompany(filters.OneOfKeys, frozen=True):
    """Keep the days of the listed companies, and those of all companies."""

    def condition(self, value: Any, table: Table, tenant: Tenant) -> Condition:
        return super().condition((*value, None), table, tenant)


def _of_employee(argument: str, claim: str, other: Filter) -> Filter:
    return filters.ThroughReference(argument, ("EmployeeKey",), claim, "Employee", other)


_OPPOSITES = (("FilterByPaid", "FilterByUnpaid"), ("FilterBySubmitted", "FilterByUnsubmitted"))
_FLAGS = (
    Has("FilterByPaid", ("Paid",), "timesheet.filter-paid"),
    Has("FilterByUnpaid", ("Paid",), "timesheet.filter-paid", wanted=False),
    Has("FilterBySubmitted", ("Submitted",), "timesheet.filter-submitted"),
    Has("FilterByUnsubmitted", ("Submitted",), "timesheet.filter-submitted", wanted=False),
    Has("FilterByRejected", ("Rejected",), "timesheet.filter-rejected"),
)
_COMPANY, _NAME = (
    filters.keys("", "CompanyKey", "timesheet.filter-company"),
    filters.JoinedLike("", NAME, "timesheet.filter-name"),
)
_FILTERS = (
    _of_employee("FilterByCompany", "timesheet.filter-company", _COMPANY),
    filters.keys("FilterByEmployee", "EmployeeKey", "timesheet.filter-employee"),
    _of_employee("FilterByNameLike", "timesheet.filter-name", _NAME),
    *_FLAGS,
    filters.OnDay("FilterByEarliestTimesheetDate", ("TimesheetDate",), "timesheet.filter-dates"),
    filters.OnDay("FilterByLatestTimesheetDate", ("TimesheetDate",), "timesheet.filter-dates", upper=True),
)
_DAY_FILTERS = (
    filters.OnDay("FilterByEarliestDate", ("Date",), "timesheet.non-work-day-filters"),
    filters.OnDay("FilterByLatestDate", ("Date",), "timesheet.non-work-day-filters", upper=True),
    OfCompany("FilterByCompany", ("CompanyKey",), "timesheet.non-work-day-company"),
)


def _in_force(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments without flags that are false and without pairs of opposites."""
    if any(arguments.get(each.argument) is False for each in _FLAGS):
        relies_on("timesheet.filter-false-is-absent")
    dropped = {each.argument for each in _FLAGS if not arguments.get(each.argument)}
    for pair in _OPPOSITES:
        if all(arguments.get(name) for name in pair):
            relies_on("timesheet.opposite-filters")
            dropped |= set(pair)
    return {name: value for name, value in arguments.items() if name not in dropped}


def _list(call: Call) -> Answer:
    tenant, reader = call.tenant, reader_of(call)
    entries = tenant.model.tables[TIMESHEET.kind].entries
    selected = select(tenant.model.tables[TIMESHEET.kind], _FILTERS, _in_force(call.arguments), tenant)
    keys = [key for key in selected if reader.sees(entries[key].summary["EmployeeKey"])]
    keys.sort(key=lambda key: (entries[key].summary["TimesheetDate"], key), reverse=True)
    notes: list[Reason] = []
    if 0 < (most := tenant.quirk("timesheets_per_list")) < len(keys):
        relies_on("timesheet.list-cap")
        relies_on("timesheet.list-cap-keeps-newest")
        text = f"{most} of {len(keys)} timesheets are returned, the newest ones"
        notes = [Reason("", "cut-off", text, "timesheet.list-cap")]
        keys = keys[:most]
    keys, pages = page_of(call, keys, order="timesheet.list-order")
    row = list_row(omits_approvals=tenant.quirk("untouched_timesheets") == "sparse")
    pieces = render_all(tenant, TIMESHEET.kind, keys, "ListTimesheets", row, audience=reader)
    return Answer({"Timesheets": [piece["Timesheets"] for piece in pieces]}, pages=pages, notes=notes)


def _list_days(call: Call) -> Answer:
    table = call.tenant.model.tables[NON_WORK_DAY.kind]
    keys = select(table, _DAY_FILTERS, call.arguments, call.tenant)
    keys.sort(key=lambda key: (table.entries[key].summary["Date"] or "", key))
    keys, pages = page_of(call, keys, order="timesheet.non-work-day-order")
    days = (table.entries[key].summary for key in keys)
    rows = [{name: day[name] for name in ("Date", "Description")} for day in days]
    return Answer({"NonWorkDays": rows}, pages=pages)


def _method(
    name: str,
    kind: str,
    arguments: tuple[Filter, ...],
    handle: Callable[[Call], Answer],
    claim: str,
    answer: Layout,
    manual: tuple[str, ...] = (),
    **options: Any,
) -> Method:
    claims = {each.argument: each.claim for each in arguments}
    declared = {each.argument: each.field() for each in arguments}
    needs = [need for each in arguments for need in each.needs(kind)]
    return Method(
        name=name,
        access="read",
        versions={
            2: Operation(declared, handle, claim, claims=claims, answers=(answer,), manual=manual, example=lambda _: {})
        },
        kind=kind,
        needs=(*needs, *options.pop("needs", ())),
        paged=True,
        **options,
    )


_NEEDED = (
    Need("Employee", (*NAME, "Status", "CompanyKey", "SupervisorKey", "IsAccountingManager", "BillablePercent")),
    Need("Employee", ("EmployeeTypeKey",)),
    Need("EmployeeType", ("BillablePercent",)),
    Need("Company", ("Description",)),
    Need(TIMESHEET.kind, ("TimesheetDate", "EmployeeKey"), ("EmployeeKey",)),
)
"""The data of other records that answers with timesheets have."""

LIST = _method(
    "ListTimesheets",
    TIMESHEET.kind,
    _FILTERS,
    _list,
    "timesheet.list",
    Layout("Timesheets", LISTED),
    ("timesheet.visible", "timesheet.list-cap", "timesheet.list-order", *LISTING),
    needs=_NEEDED,
)
LIST_NON_WORK_DAYS = _method(
    "ListTimesheetNonWorkDays",
    NON_WORK_DAY.kind,
    _DAY_FILTERS,
    _list_days,
    "timesheet.non-work-days",
    Layout("NonWorkDays", {name: NON_WORK_DAY.by_wire[name] for name in ("Date", "Description")}),
    LISTING,
    label="Timesheets: List Non Work Days",
    needs=(Need(NON_WORK_DAY.kind, ("Date", "Description")),),
)
