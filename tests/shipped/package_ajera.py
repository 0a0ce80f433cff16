"""Every call of the package ajera against a mock, read back without the package.

Only the environment of the recipes has the package: ``test_recipes.py`` runs this file there.
"""

from __future__ import annotations

import datetime
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ajera import AjeraClient
from ajera.schemas.timesheet import TimesheetOverheadEdit, TimesheetProjectEdit, TimesheetProjectRowCreate

from mock_ajera import ServedTenant

Json = dict[str, Any]

STATUS = {"FilterByStatus": ["Inactive"]}
MODIFIED: Json = {
    "FilterByEarliestModifiedDate": "2020-01-01 00:00:00.000 GMT-05:00",
    "FilterByLatestModifiedDate": "2030-01-01 00:00:00.000 GMT-05:00",
}
PROJECTS: Json = {
    "FilterByCompany": [2],
    "FilterByStatus": ["Active", "Closed"],
    "FilterByNameLike": "bridge",
    "FilterByDescriptionLike": "bridge",
    "FilterByIDLike": "2024",
    "FilterByProjectType": [1],
    "FilterBySyncToCRM": [True],
    **MODIFIED,
}
LISTS: dict[str, tuple[str, int, Json]] = {
    "list_account_groups": ("ListAccountGroups", 1, STATUS),
    "list_activities": ("ListActivities", 1, STATUS | {"FilterByDescriptionLike": "a"}),
    "list_bank_accounts": ("ListBankAccounts", 1, STATUS),
    "list_client_types": ("ListClientTypes", 1, STATUS),
    "list_clients": (
        "ListClients",
        1,
        STATUS
        | {"FilterByCompany": [2], "FilterByNameLike": "of", "FilterByNameEquals": "Pellworth Holdings"}
        | {"FilterByClientType": [1], **MODIFIED},
    ),
    "list_companies": ("ListCompanies", 1, STATUS),
    "list_contact_types": ("ListContactTypes", 1, STATUS),
    "list_contacts": (
        "ListContacts",
        1,
        STATUS | {"FilterByCompany": [2], "FilterByText": "an", "FilterByContactType": [1], **MODIFIED},
    ),
    "list_deductions": ("ListDeductions", 1, STATUS),
    "list_departments": ("ListDepartments", 1, STATUS),
    "list_employee_types": ("ListEmployeeTypes", 1, STATUS),
    "list_employees": (
        "ListEmployees",
        1,
        STATUS | {"FilterByCompany": [2], "FilterByNameLike": "an", "FilterByEmployeeType": [1], **MODIFIED},
    ),
    "list_fringes": ("ListFringes", 1, STATUS),
    "list_invoice_formats": ("ListInvoiceFormats", 1, STATUS),
    "list_ledger_accounts": (
        "ListGLAccounts",
        1,
        STATUS | {"FilterByAccountGroup": [1], "FilterByType": ["CurrentAsset", "Income"]},
    ),
    "list_payroll_taxes": ("ListPayrollTaxes", 1, STATUS),
    "list_pays": ("ListPays", 1, STATUS),
    "list_project_templates": (
        "ListProjectTemplates",
        1,
        PROJECTS | {"FilterByDescriptionEquals": "Feasibility Study"},
    ),
    "list_project_types": ("ListProjectTypes", 1, STATUS),
    "list_projects": ("ListProjects", 2, PROJECTS | {"FilterByDescriptionEquals": "Saltmeadow Wharf Offices"}),
    "list_rate_tables": ("ListRateTables", 1, STATUS),
    "list_vendor_types": (
        "ListVendorTypes",
        1,
        STATUS | {"FilterByIsCreditCard": [True], "FilterByIsConsultant": [True]},
    ),
    "list_vendors": (
        "ListVendors",
        1,
        STATUS | {"FilterByCompany": [2], "FilterByNameLike": "an", "FilterByVendorType": [1], **MODIFIED},
    ),
    "list_wage_tables": ("ListWageTables", 1, STATUS),
}
"""The lists of the package: method, version, and a value of each filter."""

DETAILS: dict[str, tuple[str, str]] = {
    "get_clients": ("Clients", "RequestedClients"),
    "get_contacts": ("Contacts", "RequestedContacts"),
    "get_employees": ("Employees", "RequestedEmployees"),
    "get_ledger_accounts": ("GLAccounts", "RequestedGLAccounts"),
    "get_project_templates": ("ProjectTemplates", "RequestedProjects"),
    "get_vendors": ("Vendors", "RequestedVendors"),
}

PHONES = {f"{each.lower()}_phone_number": f"{each}PhoneNumber" for each in ("Primary", "Secondary", "Tertiary")}
COMMON = {"email": "Email", "website": "Website", "fax_number": "FaxNumber", **PHONES}
PERSON = {"first_name": "FirstName", "middle_name": "MiddleName", "last_name": "LastName", "title": "Title"}
UPDATES: dict[str, tuple[str, dict[str, str]]] = {
    "update_client": (
        "Clients",
        {**COMMON, "description": "Description", "account_id": "AccountID", "notes": "Notes"},
    ),
    "update_contact": ("Contacts", {**COMMON, **PERSON, "company": "Company", "notes": "Notes"}),
    "update_employee": ("Employees", {**COMMON, **PERSON}),
    "update_vendor": (
        "Vendors",
        {**COMMON, "name": "Name", "vendor_account_id": "VendorAccountID", "notes": "Notes"},
    ),
}
"""The updates of the package: noun, and the member that each argument sets."""

NOT_SERVED: dict[str, Json] = {
    "create_project": {
        "description": "New",
        "billing_type": "FixedFee",
        "rate_table_key": 1,
        "client_key": 1,
        "invoice_format_key": 1,
    },
    "update_project": {"project_key": 1, "notes": "New"},
    "create_vendor_invoice": {"vendor_key": 1, "company_key": 1, "amount": 1.0, "line_items": []},
    "get_vendor_invoices": {"invoice_keys": [1]},
    "list_vendor_invoices": {},
}
"""Calls of version 2 that the mock does not serve yet, and their arguments."""

NO_CALLS = {
    "close": "closes the HTTP client; the fixture calls it",
    "http": "the HTTP client",
    "session": "a deprecated alias of http",
}

TIMESHEET_FILTERS: Json = {
    "FilterByCompany": [2],
    "FilterByEmployee": [1],
    "FilterByNameLike": "odile",
    "FilterByPaid": True,
    "FilterByUnpaid": True,
    "FilterBySubmitted": True,
    "FilterByUnsubmitted": True,
    "FilterByRejected": True,
    "FilterByEarliestTimesheetDate": "2026-01-01",
    "FilterByLatestTimesheetDate": "2026-01-01",
}
"""The filters of timesheets, and a value that keeps some. Dates are replaced."""

OTHERS = (
    "create_timesheet",
    "get_project_summary",
    "get_project_totals",
    "get_projects",
    "get_session_info",
    "get_session_token",
    "get_timesheets",
    "list_chargeable_phases",
    "list_timesheets",
    "submit_timesheets",
    "update_timesheet",
)
"""Calls with a test of their own."""


@pytest.fixture
def client(ajera: ServedTenant) -> Iterator[AjeraClient]:
    with AjeraClient(url=ajera.url, username=ajera.username, password=ajera.password) as client:
        yield client


def read(ajera: ServedTenant, method: str, arguments: Json | None = None, version: int = 1) -> Any:
    """Return Content of a call without the package, numbers as float."""
    return json.loads(json.dumps(ajera.content(method, arguments, version=version), default=float))


def rows(ajera: ServedTenant, method: str, arguments: Json | None = None, version: int = 1) -> list[Json]:
    """Return the records in Content of a call without the package."""
    return list(read(ajera, method, arguments, version)[method.removeprefix("List").removeprefix("Get")])


def key_of(records: list[Json]) -> str:
    """Return the member with the keys of the records: the first key that is different in all of them."""
    names = (name for name in records[0] if name.endswith("Key"))
    return next(name for name in names if len({record[name] for record in records}) == len(records))


def keys_of(ajera: ServedTenant, noun: str) -> list[int]:
    """Return the keys of all records."""
    listed = rows(ajera, f"List{noun}")
    return [record[key_of(listed)] for record in listed]


def same(models: Any, printed: list[Json]) -> None:
    """Assert that the models of the package have the keys of the printed records and no other values."""
    records = [json.loads(model.model_dump_json(by_alias=True)) for model in models]
    assert len(records) == len(printed)
    if not printed:
        return
    key = key_of(printed)
    parsed, expected = ({record[key]: record for record in each} for each in (records, printed))
    assert parsed.keys() == expected.keys()
    for key, record in parsed.items():
        agrees(record, expected[key])


def agrees(parsed: Any, printed: Any) -> None:
    """Assert that everything in a parsed value that is printed has the printed value."""
    if isinstance(parsed, dict) and isinstance(printed, dict):
        assert parsed.keys() & printed.keys() or not printed
        for name in parsed.keys() & printed.keys():
            agrees(parsed[name], printed[name])
    elif isinstance(parsed, list) and isinstance(printed, list):
        assert len(parsed) == len(printed)
        for one, other in zip(parsed, printed, strict=True):
            agrees(one, other)
    else:
        assert parsed == printed


def keyword(argument: str) -> str:
    """Return the package's name of a filter: ``filter_by_id_like`` for FilterByIDLike."""
    words = argument.replace("ID", "Id").replace("CRM", "Crm")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in words).removeprefix("_")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_rows_of_the_api(name: str, client: AjeraClient, ajera: ServedTenant) -> None:
    """By default, the package lists active records only, except projects and templates."""
    method, version, filters = LISTS[name]
    parameters = inspect.signature(getattr(client, name)).parameters
    default = {"FilterByStatus": parameters["filter_by_status"].default}
    same(getattr(client, name)(), rows(ajera, method, default, version))
    same(getattr(client, name)(filter_by_status=None), rows(ajera, method, version=version))
    assert {keyword(argument) for argument in filters} == parameters.keys()


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [(name, argument, value) for name, (_, _, filters) in LISTS.items() for argument, value in filters.items()],
)
def test_a_filter_keeps_the_rows_of_the_api(
    name: str, argument: str, value: Any, client: AjeraClient, ajera: ServedTenant
) -> None:
    method, version, _ = LISTS[name]

    found = getattr(client, name)(**{"filter_by_status": None, keyword(argument): value})

    kept = rows(ajera, method, {argument: value}, version)
    same(found, kept)
    if argument not in MODIFIED:
        assert len(kept) < len(rows(ajera, method, version=version))


@pytest.mark.parametrize("name", DETAILS)
def test_records_have_the_printed_values(name: str, client: AjeraClient, ajera: ServedTenant) -> None:
    noun, argument = DETAILS[name]
    keys = keys_of(ajera, noun)
    printed = rows(ajera, f"Get{noun}", {argument: keys})
    assert len(printed) == len(keys)

    same(getattr(client, name)(keys), printed)


def test_accounts_are_filtered(client: AjeraClient, ajera: ServedTenant) -> None:
    filters: Json = {
        "FilterByAccountGroup": [1],
        "FilterByStatus": ["Active"],
        "FilterByType": ["CurrentAsset"],
        "AsOfDate": "01/31/2025",
        "ExcludeCloseYearEntries": True,
    }

    found = client.get_ledger_accounts(**{keyword(argument): value for argument, value in filters.items()})

    same(found, rows(ajera, "GetGLAccounts", filters))
    assert found


@pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name, (_, members) in UPDATES.items() for argument in members]
)
def test_an_update_changes_one_member(name: str, argument: str, client: AjeraClient, ajera: ServedTenant) -> None:
    noun, members = UPDATES[name]
    [before] = rows(ajera, f"Get{noun}", {f"Requested{noun}": [3]})

    answer = getattr(client, name)(3, **{argument: "New value"})

    [after] = rows(ajera, f"Get{noun}", {f"Requested{noun}": [3]})
    assert after.pop("LastModifiedDate") != before.pop("LastModifiedDate")
    assert before[members[argument]] != "New value"
    assert after == before | {members[argument]: "New value"}
    agrees(json.loads(answer.model_dump_json(by_alias=True)), after)


@pytest.mark.parametrize("name", UPDATES)
def test_every_argument_of_an_update_is_tried(name: str) -> None:
    _, members = UPDATES[name]
    _self, _key, *arguments = inspect.signature(getattr(AjeraClient, name)).parameters
    assert set(arguments) == members.keys()


def test_projects_are_read_in_version_2(client: AjeraClient, ajera: ServedTenant) -> None:
    keys = keys_of(ajera, "Projects")

    bundle = client.get_projects(keys)

    printed = read(ajera, "GetProjects", {"RequestedProjects": keys}, version=2)
    same(bundle.projects, printed["Projects"])
    same(bundle.invoice_groups, printed["InvoiceGroups"])
    same(bundle.phases, printed["Phases"])
    same(bundle.resources, printed["Resources"])


def test_totals_of_a_project(client: AjeraClient, ajera: ServedTenant) -> None:
    totals = read(ajera, "GetProjectTotals", {"RequestedProjectTotals": 1})["ProjectTotals"]

    found = client.get_project_totals(1)

    assert found.project_key == totals["ProjectKey"]
    assert found.totals.keys() == {name for name in totals if name in found.totals}
    agrees(found.totals, totals)


def test_summary_of_a_project(client: AjeraClient, ajera: ServedTenant) -> None:
    [printed] = rows(ajera, "GetProjects", {"RequestedProjects": [1]})

    summary = client.get_project_summary(1)

    assert (summary.name, summary.company) == (printed["Description"], printed["CompanyDescription"])


def test_chargeable_phases_of_a_project(client: AjeraClient, ajera: ServedTenant) -> None:
    same(client.list_chargeable_phases(1), rows(ajera, "ListChargeablePhases", {"ProjectKey": 1}, version=2))


def timesheets(ajera: ServedTenant, **filters: Any) -> list[Json]:
    """Return the listed timesheets of a call without the package."""
    return rows(ajera, "ListTimesheets", filters, version=2)


def timesheet(ajera: ServedTenant, key: int) -> Json:
    """Return a timesheet of a call without the package."""
    [found] = rows(ajera, "GetTimesheets", {"RequestedTimesheets": [key]}, version=2)
    return found


def dumped(model: Any) -> Json:
    return dict(json.loads(model.model_dump_json(by_alias=True)))


@pytest.mark.parametrize("argument", [None, *TIMESHEET_FILTERS])
def test_timesheets_are_listed(argument: str | None, client: AjeraClient, ajera: ServedTenant) -> None:
    every = timesheets(ajera)
    value = TIMESHEET_FILTERS[argument] if argument else None
    if argument and argument.endswith("Date"):
        value = sorted(row["Timesheet Date"] for row in every)[len(every) // 2]
    filters = {argument: value} if argument else {}

    found = client.list_timesheets(**{keyword(name): each for name, each in filters.items()})

    kept = timesheets(ajera, **filters)
    same(found, kept)
    assert (len(kept) < len(every)) is bool(argument)


def test_every_filter_of_timesheets_is_tried() -> None:
    _self, *arguments = inspect.signature(AjeraClient.list_timesheets).parameters
    assert set(arguments) == {keyword(name) for name in TIMESHEET_FILTERS}


def test_timesheets_have_the_printed_values(client: AjeraClient, ajera: ServedTenant) -> None:
    keys = [row["Timesheet Key"] for row in timesheets(ajera)]
    printed = rows(ajera, "GetTimesheets", {"RequestedTimesheets": keys}, version=2)

    found = client.get_timesheets(keys)

    assert len(found) == len(printed) == len(keys)
    for model, sheet in zip(found, printed, strict=True):
        agrees(dumped(model), sheet)
        assert len(model.project.detail) == len(sheet["Project"]["Detail"])


def test_a_timesheet_is_created_updated_and_submitted(client: AjeraClient, ajera: ServedTenant) -> None:
    created = client.create_timesheet(1, week_of(ajera, 150), copy_from_timesheet_key=4, allow_past_90_days=True)
    read_back = timesheet(ajera, created.timesheet_key)
    assert read_back["TimesheetDate"].startswith(week_of(ajera, 150))
    rows_before = read_back["Project"]["Detail"]
    assert [row["Project Key"] for row in rows_before] == [1, 5]

    row = rows_before[0]["Timesheet Project Key"]
    item = read_back["Overhead"]["Detail"][1]["Timesheet Overhead Group Detail Key"]
    client.update_timesheet(
        created.timesheet_key,
        overheads=[TimesheetOverheadEdit(overhead_group_detail_key=item, d5_regular=8)],
        projects=[
            TimesheetProjectEdit(timesheet_project_key=row, d1_regular=2.5, d1_notes="Site"),
            TimesheetProjectRowCreate(project_key=1, phase_key=4, activity_key=4, d2_regular=1),
        ],
    )
    read_back = timesheet(ajera, created.timesheet_key)
    first, _, new = read_back["Project"]["Detail"]
    assert (first["D1 Regular"], first["D1 Notes"], new["D2 Regular"]) == (2.5, "Site", 1)
    assert read_back["Overhead"]["Detail"][1]["D5 Regular"] == 8

    for unsubmit in (False, True):
        [answer] = client.submit_timesheets([created.timesheet_key], unsubmit=unsubmit)
        [listed] = [row for row in timesheets(ajera) if row["Timesheet Key"] == created.timesheet_key]
        assert listed.get("Submitted", False) is not unsubmit
        assert answer.status == ("" if unsubmit else "Submitted")
        assert listed["Submitted Date"] == (None if unsubmit else answer.submitted_date_time)


def test_a_week_is_prefilled(client: AjeraClient, ajera: ServedTenant) -> None:
    recent = client.create_timesheet(1, week_of(ajera, 0), prefill_recent=True)
    scheduled = client.create_timesheet(7, week_of(ajera, 0), prefill_scheduled=True, activity_key=4)

    charges = [row["Phase Key"] for row in timesheet(ajera, recent.timesheet_key)["Project"]["Detail"]]
    assert charges == [3, 4, 9]
    added = timesheet(ajera, scheduled.timesheet_key)["Project"]["Detail"]
    assert 3 in [row["Phase Key"] for row in added]
    assert {row["Activity Key"] for row in added} == {4}


def week_of(ajera: ServedTenant, weeks: int) -> str:
    """Return the end of the current week of the sample, or of one that many weeks before."""
    newest = max(row["Timesheet Date"] for row in timesheets(ajera))
    return str(datetime.date.fromisoformat(newest) - datetime.timedelta(weeks=weeks))


@pytest.mark.parametrize("version", [1, 2])
def test_a_session_opens_in_each_version(version: int, client: AjeraClient, ajera: ServedTenant) -> None:
    content = client.get_session_info(version)

    assert client.get_session_token(version) == content.session_token
    body = {"Method": "ListCompanies", "SessionToken": content.session_token, "MethodArguments": {}}
    assert ajera.post(body)["Errors"] == []


@pytest.mark.parametrize("name", NOT_SERVED)
def test_a_call_that_is_not_served_is_refused(name: str, client: AjeraClient) -> None:
    """A call that fails this test is served now: test it like the others."""
    with pytest.raises(Exception, match="Unauthorized method"):
        getattr(client, name)(**NOT_SERVED[name])


def test_every_call_of_the_package_is_tried() -> None:
    public = {name for name, _ in inspect.getmembers(AjeraClient) if not name.startswith("_")}
    tried = {*LISTS, *DETAILS, *UPDATES, *OTHERS}
    assert public - tried - NOT_SERVED.keys() - NO_CALLS.keys() == set()
    assert {*tried, *NOT_SERVED, *NO_CALLS} <= public
    assert not tried & NOT_SERVED.keys()
