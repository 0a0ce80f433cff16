"""Reliance: the journal names the claims that affected an answer, and no others."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from raw_http import post

import mock_ajera
from mock_ajera import MockAjera
from mock_ajera.api import database_id
from mock_ajera.api.sessions import COOKIE
from mock_ajera.claims import ledger

OLD_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"
NEW_PHASE = {
    "PhaseKey": -1,
    "LastModifiedDate": OLD_STAMP,
    "Description": "New",
    "BillingType": "FixedFee",
    "Contacts": [],
}

NEW_GROUP = {
    "InvoiceGroupKey": -2,
    "Description": "New",
    "Client": {"ClientKey": 1},
    "InvoiceFormatKey": 1,
    "Phases": [NEW_PHASE],
}


class Caller:
    """A client of its own firm. Its methods return the claims that the answer relies on."""

    def __init__(self, ajera: MockAjera) -> None:
        self.ajera = ajera

    def claims(self) -> set[str]:
        return set(self.ajera.journal[-1].claims)

    def call(self, method: str, arguments: Any = None, **more: Any) -> set[str]:
        """Call a method. ``more``: the version, and members next to Method."""
        self.ajera.call(method, arguments, **more)
        return self.claims()

    def at(self, change: Callable[[str], str], cookie: str = "", **body: Any) -> set[str]:
        """Call ListClients at a URL that ``change`` edits."""
        token = {} if cookie else {"SessionToken": self.ajera.token()}
        sent = {"Method": "ListClients", "MethodArguments": {}, **token, **body}
        post(change(self.ajera.url), sent, *([("Cookie", cookie)] if cookie else []))
        return self.claims()

    def in_cookie(self) -> set[str]:
        """Call with the token in a cookie."""
        login = {"Username": self.ajera.username, "Password": self.ajera.password, "APIVersion": 1}
        token = self.ajera.post({"Method": "CreateAPISession", **login, "UseSessionCookie": True})
        return self.at(str, cookie=f"{COOKIE}={token['Content']['SessionToken']}")

    def in_charset(self, charset: str) -> set[str]:
        """Call ListClients with a Content-Type that declares a charset."""
        body = {"Method": "ListClients", "SessionToken": self.ajera.token(), "MethodArguments": {}}
        post(self.ajera.url, body, ("Content-Type", f"application/json; charset={charset}"))
        return self.claims()

    def change_user(self, **members: Any) -> None:
        """Change the API user."""
        users = self.ajera.tenant.users
        users.put(replace(users[self.ajera.username], **members))

    def without_employee(self, method: str) -> set[str]:
        """Call a method as a user without an authorizing employee."""
        return self.with_employee(None, method)

    def with_employee(self, employee: int | None, method: str) -> set[str]:
        """Call a method as a user with an authorizing employee."""
        users = self.ajera.tenant.users
        users.put(replace(users[self.ajera.username], authorizing_employee=employee))
        return self.call(method)

    def without_reading(self, request: Request) -> set[str]:
        """Send a request as a user who may not read."""
        users = self.ajera.tenant.users
        users.put(replace(users[self.ajera.username], can_read=False))
        return request(self)

    def log_in(self, **changed: Any) -> set[str]:
        """Log in with valid credentials, except for the changed members."""
        login = {"Username": self.ajera.username, "Password": self.ajera.password, "APIVersion": 1, **changed}
        self.ajera.post({"Method": "CreateAPISession", **login})
        return self.claims()

    def read(self, noun: str, key: int) -> dict[str, Any]:
        """Return a record as printed."""
        (record,) = self.ajera.content(f"Get{noun}", {f"Requested{noun}": [key]})[noun]
        return dict(record)

    def change(self, noun: str, key: int, edit: Callable[[dict[str, Any]], object]) -> set[str]:
        """Read a record, edit it, and send both."""
        before = self.read(noun, key)
        after = deepcopy(before)
        edit(after)
        return self.update(noun, [after], [before])

    def update(self, noun: str, updated: list[Any], unchanged: list[Any] | None = None, **more: Any) -> set[str]:
        return self.call(f"Update{noun}", {f"Updated{noun}": updated, f"Unchanged{noun}": unchanged or [], **more})

    def change_rows(self, *rows: dict[str, Any], **more: Any) -> set[str]:
        """Send changed rows of project 1 in version 2."""
        bundle = self.ajera.content("GetProjects", {"RequestedProjects": [1]}, version=2)
        return self.call("UpdateProjects", {"UpdatedProjects": rows, "UnchangedProjects": bundle, **more}, version=2)

    def create_project(self, *phases: dict[str, Any], **members: Any) -> set[str]:
        """Create a project in version 2, with a phase or the given ones."""
        project = {"Description": "New", "CompanyKey": 1, "BillingType": "FixedFee", "RateTableKey": 1, **members}
        rows = {
            "CreateType": "Project",
            "Project": {name: value for name, value in project.items() if value is not None},
            "InvoiceGroups": [{"InvoiceGroupKey": -7, "Description": "One", "ClientKey": 1}],
            "Phases": phases or [{"Description": "Design"}],
        }
        if not phases:
            del rows["InvoiceGroups"][0]["InvoiceGroupKey"]
        return self.call("CreateProjects", rows, version=2)


def client(key: int = -1, **members: Any) -> dict[str, Any]:
    return {"ClientKey": key, "LastModifiedDate": OLD_STAMP, "Description": f"New {key}", **members}


def contact(key: int = -1, **members: Any) -> dict[str, Any]:
    """Return a new contact."""
    return {"ContactKey": key, "LastModifiedDate": OLD_STAMP, "LastName": f"New {key}", **members}


def sets(**members: Any) -> Callable[[dict[str, Any]], object]:
    """Return an edit that sets members."""
    return lambda record: record.update(members)


def drops(*members: str) -> Callable[[dict[str, Any]], object]:
    """Return an edit that omits members and changes the notes."""
    return lambda record: [record.pop(each) for each in members] and record.update(Notes="other")


def deleted(caller: Caller, *kept: str) -> set[str]:
    """Create a client, and delete it with its key, its stamp and the ``kept`` members."""
    caller.update("Clients", [client()])
    key = max(row.key for row in caller.ajera.tenant.store.rows("Client"))
    before = caller.read("Clients", key)
    gone = {name: before[name] for name in ("ClientKey", "LastModifiedDate", *kept)}
    return caller.update("Clients", [gone | {"Delete": True}], [before])


def original(caller: Caller, *, kept: bool) -> set[str]:
    """Create a client, and change the record in the answer."""
    made = caller.ajera.content("UpdateClients", {"UpdatedClients": [client()], "UnchangedClients": []})["Clients"][0]
    if not kept:
        del made["OriginalClientKey"]
    return caller.update("Clients", [made | {"Notes": "other"}], [made])


def in_group(edit: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    """Return an edit of the first invoice group of a project."""
    return lambda project: edit(project["InvoiceGroups"][0])


def in_phase(edit: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], object]:
    """Return an edit of the first phase of a project."""
    return lambda project: edit(project["InvoiceGroups"][0]["Phases"][0])


Request = Callable[[Caller], set[str]]


def calls(method: str, arguments: Any = None, **more: Any) -> Request:
    return lambda it: it.call(method, arguments, **more)


def clients(**filters: Any) -> Request:
    return calls("ListClients", filters)


def projects(**filters: Any) -> Request:
    return calls("ListProjects", filters)


def gets(*keys: int) -> Request:
    return calls("GetClients", {"RequestedClients": keys})


def chargeable(project: int) -> Request:
    return calls("ListChargeablePhases", {"ProjectKey": project})


def totals(project: int) -> Request:
    return calls("GetProjectTotals", {"RequestedProjectTotals": project})


def creates(*new: dict[str, Any]) -> Request:
    return lambda it: it.update("Clients", [*new])


def baselines(times: int, **members: Any) -> Request:
    """Return a change of client 1 whose baseline has further members and is sent a number of times."""

    def request(it: Caller) -> set[str]:
        before = it.read("Clients", 1)
        return it.update("Clients", [before | {"Notes": "other"}], [before | members] * times)

    return request


def creates_project(*, phase_too: bool = False, **members: Any) -> Request:
    """Create the printed minimum with other members, which the phase may have, too."""
    new = {"LastModifiedDate": OLD_STAMP, "Description": "New", "BillingType": "FixedFee", "Contacts": []}
    group = {"InvoiceGroupKey": -2, "Description": "New", "Client": {"ClientKey": 1}, "InvoiceFormatKey": 1}
    group["Phases"] = [new | {"PhaseKey": -3} | (members if phase_too else {})]
    project = new | {"ProjectKey": -1, "CompanyKey": 1, "InvoiceGroups": [group]} | members
    return lambda it: it.update("Projects", [project])


def accounts(**arguments: Any) -> Request:
    return calls("GetGLAccounts", arguments)


def changes_client(edit: Callable[[dict[str, Any]], object]) -> Request:
    return lambda it: it.change("Clients", 1, edit)


def changes_project(edit: Callable[[dict[str, Any]], object], key: int = 1) -> Request:
    return lambda it: it.change("Projects", key, edit)


def changes_rows(*rows: dict[str, Any], **more: Any) -> Request:
    return lambda it: it.change_rows(*rows, **more)


def with_one_company(request: Request) -> Request:
    """Return a request to a firm whose other company is gone."""

    def removed(it: Caller) -> set[str]:
        with it.ajera.tenant.lock, it.ajera.tenant.writing():
            it.ajera.tenant.remove("Company", 2)
        return request(it)

    return removed


def changes_report(edit: Callable[[dict[str, Any]], object]) -> Request:
    def request(it: Caller) -> set[str]:
        it.ajera.set_quirks(guessed_methods="serve")
        return it.change("ExpenseReports", 4, edit)

    return request


def url_with(old: str, new: str) -> Request:
    """Return a request to the URL with a part replaced."""
    return lambda it: it.at(lambda url: url.replace(old, new))


def on_premise(it: Caller) -> set[str]:
    """Call the URL of a database on the firm's own server."""
    path = database_id.on_premise(it.ajera.tenant.firm.database)
    return it.at(lambda url: f"{url.partition('/V')[0]}/{path}")


def body_with(old: str, new: str) -> Request:
    """Return a request whose body has a part replaced."""

    def request(it: Caller) -> set[str]:
        body = {"Method": "ListClients", "SessionToken": it.ajera.token(), "MethodArguments": {}}
        it.ajera.post(json.dumps(body).replace(old, new).encode())
        return it.claims()

    return request


def with_quirks(method: str, arguments: Any, **quirks: Any) -> Request:
    return lambda it: it.ajera.set_quirks(**quirks) or it.call(method, arguments)


def sheets(**filters: Any) -> Request:
    return calls("ListTimesheets", filters, version=2)


def capped(most: int) -> Request:
    return lambda it: it.ajera.set_quirks(timesheets_per_list=most) or it.call("ListTimesheets", version=2)


def submits(*keys: int) -> Request:
    return calls("SubmitTimesheets", {"RequestedTimesheets": list(keys)}, version=2)


def creates_timesheet(day: str, **members: Any) -> Request:
    return calls("CreateTimesheet", {"Timesheet": {"EmployeeKey": 1, "TimesheetDate": day, **members}}, version=2)


def invoices(**filters: Any) -> Request:
    return calls("ListVendorInvoices", filters, version=2)


def gets_invoices(*keys: int) -> Request:
    return calls("GetVendorInvoices", {"RequestedVendorInvoices": list(keys)}, version=2)


def creates_invoice(*, number: str = "", timing: bool = False, **members: Any) -> Request:
    """Return the creation of an invoice, without the members that are None."""
    invoice = {
        "VendorKey": 1,
        "CompanyKey": 1,
        "Number": number,
        "Date": "2026-02-03",
        "AccountingDate": "2026-02-03",
        "Amount": 75,
        "LineItems": [{"CostAmount": 75, "AccountKey": 30}],
        **members,
    }
    sent = {name: value for name, value in invoice.items() if value is not None}
    return calls("CreateVendorInvoices", {"VendorInvoices": [sent], "ShowTiming": timing}, version=2)


def gets_projects(*keys: int) -> Request:
    return calls("GetProjects", {"RequestedProjects": list(keys)})


def gets_timesheets(*keys: int) -> Request:
    return calls("GetTimesheets", {"RequestedTimesheets": list(keys)}, version=2)


def after(first: Request, then: Request) -> Request:
    """Return a request that is sent after another one."""
    return lambda it: (first(it), then(it))[1]


def as_employee(key: int | None, request: Request) -> Request:
    """Return a request of an API user who acts for another employee."""
    return lambda it: it.change_user(authorizing_employee=key) or request(it)


def invoices_project(project: int, phase: int, **members: Any) -> Request:
    """Return the creation of an invoice that is charged to a phase."""
    line = {"CostAmount": 75, "ProjectKey": project, "PhaseKey": phase, "ActivityKey": 6}
    return creates_invoice(LineItems=[line], **members)


def changes_invoice(**members: Any) -> Request:
    """Return a change of the only invoice of a vendor with terms of payment."""

    def request(it: Caller) -> set[str]:
        it.ajera.set_quirks(guessed_methods="serve")
        creates_invoice()(it)
        key = max(row.key for row in it.ajera.tenant.store.rows("VendorInvoice"))
        before = it.ajera.content("GetVendorInvoices", {"RequestedVendorInvoices": [key]}, version=2)
        sent = {"UpdatedVendorInvoices": [{"VendorInvoiceKey": key, **members}], "UnchangedVendorInvoices": before}
        return it.call("UpdateVendorInvoices", sent, version=2)

    return request


def removes_supervisor(caller: Caller, *, frees: bool) -> set[str]:
    """Delete a supervisor. ``frees``: the same request makes the other employee free of the supervisor."""

    def new(key: int, **members: Any) -> dict[str, Any]:
        names = {"FirstName": f"New {-key}", "LastName": "Person"}
        kept = {"CompanyKey": 1, "EmployeeTypeKey": 1, "LastModifiedDate": OLD_STAMP}
        return {"EmployeeKey": key, **names, **kept, **members}

    caller.update("Employees", [new(-1)])
    above = caller.read("Employees", max(row.key for row in caller.ajera.tenant.store.rows("Employee")))
    caller.update("Employees", [new(-2, SupervisorKey=above["EmployeeKey"] if frees else None)])
    below = caller.read("Employees", max(row.key for row in caller.ajera.tenant.store.rows("Employee")))
    return caller.update(
        "Employees", [below | {"SupervisorKey": None, "Notes": "x"}, above | {"Delete": True}], [below, above]
    )


def stale(caller: Caller, **members: Any) -> set[str]:
    """Change client 1 with an old stamp."""
    before = caller.read("Clients", 1)
    return caller.update("Clients", [before | {"LastModifiedDate": OLD_STAMP, **members}], [before])


def with_baseline(*omitted: str) -> Request:
    """Return a change of client 1 whose baseline omits members."""

    def request(it: Caller) -> set[str]:
        before = it.read("Clients", 1)
        seen = {name: value for name, value in before.items() if name not in omitted}
        return it.update("Clients", [before | {"Notes": "other"}], [seen])

    return request


def creates_projects(it: Caller) -> set[str]:
    """Create a project from the printed minimum."""
    stamped: dict[str, Any] = {
        "LastModifiedDate": OLD_STAMP,
        "Description": "New",
        "BillingType": "Null",
        "Contacts": [],
    }
    group = {"InvoiceGroupKey": -2, "InvoiceFormatKey": 1, "Description": "Fees", "Client": {"ClientKey": 1}}
    phases = [{"PhaseKey": -3, **stamped}]
    return it.update(
        "Projects", [{"ProjectKey": -1, "CompanyKey": 1, **stamped, "InvoiceGroups": [group | {"Phases": phases}]}]
    )


AS_PRINTED = url_with("", "")
TRAILING_COMMA = body_with('"MethodArguments": {}}', '"MethodArguments": {},}')
UNKNOWN, FUNDED = 987654, "CF_FundingSource"
CASES: dict[str, tuple[Request, Request]] = {
    # The URL and the body.
    "endpoint.path-any-case": (url_with("AjeraAPI.ashx", "ajeraapi.ASHX"), AS_PRINTED),
    "endpoint.onpremise-id-names-database": (on_premise, AS_PRINTED),
    "endpoint.any-path-prefix": (url_with("/V000001/", "/somewhere/else/"), url_with("/V000001/", "/")),
    "endpoint.named-id": (url_with("?", "?id="), AS_PRINTED),
    "endpoint.padding-any-spelling": (url_with("%3d", "="), url_with("%3d", "%3D")),
    "reading.trailing-comma": (TRAILING_COMMA, body_with('"Method"', "Method")),
    "reading.unquoted-keys": (body_with('"Method"', "Method"), TRAILING_COMMA),
    "reading.single-quotes": (body_with('"', "'"), TRAILING_COMMA),
    "reading.comments": (body_with("{", "/* all */ {"), TRAILING_COMMA),
    "reading.unknown-top-level-ignored": (calls("ListClients", Colour="red"), calls("ListClients", PageResults=False)),
    "reading.declared-charset": (lambda it: it.in_charset("iso-8859-1"), lambda it: it.in_charset("utf-8")),
    "reading.number-forms": (body_with("{}", '{"PageSize": 5.}'), body_with("{}", "{,}")),
    # Texts, flags and numbers.
    "value.length-in-utf16": (
        changes_project(sets(Description="\N{GRINNING FACE}")),
        changes_project(sets(Description="\xc9")),
    ),
    "value.flag-as-word": (
        projects(FilterBySyncToCRM=["true"]),
        projects(FilterBySyncToCRM=[True]),
    ),
    "reading.flag-as-text": (
        lambda it: it.log_in(UseSessionCookie="false"),
        lambda it: it.log_in(UseSessionCookie=False),
    ),
    "value.day-as-written": (
        changes_project(sets(ActualStartDate="2024-02-09T23:59:59-05:00")),
        changes_project(sets(ActualStartDate="2024-02-09T23:59:59")),
    ),
    "value.any-sign": (changes_project(sets(LaborCostBudget=-5)), changes_project(sets(LaborCostBudget=5))),
    "write.unique-trailing-blanks": (
        creates(client(), client(-2, Description="New -1 ")),
        creates(client(), client(-2)),
    ),
    "write.unique-accents": (creates(client(Description="\xc9lan")), creates(client(Description="Elan"))),
    "write.baseline-twice": (baselines(2), baselines(1)),
    "write.baseline-delete-ignored": (baselines(1, Delete=True), baselines(1)),
    # Timesheets.
    "timesheet.visible": (sheets(), calls("ListTimesheetNonWorkDays", version=2)),
    "timesheet.list-order": (sheets(), sheets(FilterByEmployee=[8])),
    "timesheet.list-cap": (capped(3), capped(300)),
    "timesheet.list-cap-keeps-newest": (capped(3), capped(300)),
    "timesheet.filter-false-is-absent": (sheets(FilterByPaid=False), sheets(FilterByPaid=True)),
    "timesheet.opposite-filters": (
        sheets(FilterByPaid=True, FilterByUnpaid=True),
        sheets(FilterByPaid=True, FilterBySubmitted=True),
    ),
    "timesheet.non-work-day-order": (
        calls("ListTimesheetNonWorkDays", version=2),
        calls("ListTimesheetNonWorkDays", {"FilterByLatestDate": "2025-01-02"}, version=2),
    ),
    "timesheet.each-alone": (submits(2, 4), submits(4)),
    "timesheet.submit-clears-rejection": (submits(6), submits(4)),
    "timesheet.past-days-local": (
        creates_timesheet("2015-01-04"),
        creates_timesheet("2015-01-04", AllowPast90Days=True),
    ),
    "timesheet.prefill-chargeable-only": (
        creates_timesheet("2015-01-04", AllowPast90Days=True, CopyFromTimesheetKey=1),
        creates_timesheet("2015-01-04", AllowPast90Days=True, CopyFromTimesheetKey=4),
    ),
    # Vendor invoices.
    "invoice.partition": (invoices(FilterByPaid=True), invoices(FilterByVendor=[1])),
    "invoice.filter-false-is-absent": (invoices(FilterByPaid=False), invoices(FilterByPaid=True)),
    "invoice.payment-filters-either": (
        invoices(FilterByPaid=True, FilterByVoided=True),
        invoices(FilterByPaid=True, FilterByUnpaid=False),
    ),
    "invoice.attachment-members": (gets_invoices(260), gets_invoices(259)),
    "invoice.dates-default": (creates_invoice(AccountingDate=None), creates_invoice()),
    "invoice.company-default": (creates_invoice(CompanyKey=None), creates_invoice()),
    "invoice.number-warning": (creates_invoice(number="1991"), creates_invoice(number="2001")),
    "invoice.timing-unknown": (creates_invoice(timing=True), creates_invoice(timing=False)),
    # Sessions and methods.
    "session.cookie": (Caller.in_cookie, AS_PRINTED),
    "session.token-before-cookie": (
        lambda it: it.at(str, cookie=f"{COOKIE}=none", SessionToken=it.ajera.token()),
        lambda it: it.at(str, cookie=f"{COOKIE}=none"),
    ),
    "paging.lists-only": (
        calls("GetClients", {"RequestedClients": [1]}, PageResults=True),
        calls("ListClients", PageResults=True),
    ),
    "paging.size-alone-ignored": (calls("ListClients", PageSize=3), calls("ListClients", PageSize=3, PageResults=True)),
    "list.repeated-keys-count-once": (
        calls("GetEmployees", {"RequestedEmployees": [1] * 51}),
        calls("GetEmployees", {"RequestedEmployees": [1] * 50}),
    ),
    "session.api-url-is-the-endpoint": (Caller.log_in, AS_PRINTED),
    "timesheet.access-follows-employee": (Caller.log_in, AS_PRINTED),
    "permission.authorizing-employee-optional": (as_employee(None, Caller.log_in), Caller.log_in),
    "session.create-arguments": (Caller.log_in, lambda it: it.log_in(Password="wrong")),
    "session.lifetime-sliding": (with_quirks("ListClients", {}, session_lifetime="sliding"), clients()),
    "session.limit-per-user": (
        lambda it: it.ajera.set_quirks(sessions_per_user=2) or it.log_in(),
        lambda it: it.ajera.set_quirks(sessions_per_user=0) or it.log_in(),
    ),
    "permission.takes-minutes": (
        lambda it: it.ajera.set_quirks(permission_minutes=5) or it.change_user(cleared=("ListVendors",)) or it.log_in(),
        lambda it: it.ajera.set_quirks(permission_minutes=5) or it.change_user(cleared=()) or it.log_in(),
    ),
    "errors.login-user-like-password": (lambda it: it.log_in(Password="wrong"), Caller.log_in),
    "reference.version-2-too": (calls("ListClients", version=2), calls("ListProjects", version=2)),
    "errors.unknown-method-empty": (
        with_quirks("NoSuchMethod", {}, unknown_method="empty"),
        with_quirks("ListClients", {}, unknown_method="empty"),
    ),
    "client.list-members": (clients(), projects()),
    "account.type-spelling": (
        calls("ListGLAccounts", {"FilterByType": ["NonCurrentAsset"]}),
        calls("ListGLAccounts", {"FilterByType": ["Non-CurrentAsset"]}),
    ),
    "account.type-numbers": (
        calls("ListGLAccounts", {"FilterByType": ["6"]}),
        calls("ListGLAccounts", {"FilterByType": ["Income"]}),
    ),
    "account.as-of-iso": (accounts(AsOfDate="2026-03-31"), accounts(AsOfDate="03/31/2026")),
    "account.as-of-time": (accounts(AsOfDate="2026-03-31T12:00:00"), accounts(AsOfDate="2026-03-31")),
    "account.as-of-today": (accounts(), accounts(AsOfDate="03/31/2026")),
    "account.keys-and-filters": (
        accounts(RequestedGLAccounts=[1], FilterByStatus=["Active"]),
        accounts(RequestedGLAccounts=[1]),
    ),
    "account.filter-company": (accounts(FilterByCompany=[1]), accounts(FilterByCompany=[])),
    "account.exclude-closing": (accounts(ExcludeCloseYearEntries=True), accounts(ExcludeCloseYearEntries=False)),
    "account.years-closed": (accounts(ExcludeCloseYearEntries=False), accounts(ExcludeCloseYearEntries=True)),
    "account.balance": (accounts(), calls("ListGLAccounts")),
    "account.amount": (accounts(), calls("ListGLAccounts")),
    "vendor.derived-ignored": (
        lambda it: it.change("Vendors", 1, sets(Notes="other")),
        lambda it: it.update("Vendors", [{"VendorKey": -1, "LastModifiedDate": OLD_STAMP, "Name": "New"}]),
    ),
    "contact.several-new-per-call": (
        lambda it: it.update("Contacts", [contact(-1), contact(-2)]),
        lambda it: it.update("Contacts", [contact(-1, Status="?"), contact(-2)]),
    ),
    "employee.salaried-rate-ignored": (
        lambda it: it.change(
            "Employees", 2, lambda record: record["PayRates"][0].update(PayRate=1, PayPeriod="Weekly")
        ),
        lambda it: it.change("Employees", 2, lambda record: record["PayRates"][0].update(PayPeriod="Weekly")),
    ),
    "employee.absent-pay-rates-kept": (
        lambda it: it.change("Employees", 1, lambda record: record["PayRates"].pop() and record.update(Notes="other")),
        lambda it: it.change("Employees", 1, sets(Notes="other")),
    ),
    # Projects in version 2.
    "project.v2-changes-of-every-list": (
        changes_rows({"PhaseKey": 2, "Notes": "other"}),
        changes_rows({"ProjectKey": 1, "Notes": "other"}),
    ),
    "project.v2-stale-bundle": (
        lambda it: it.call(
            "UpdateProjects",
            {
                "UpdatedProjects": [{"ProjectKey": 1, "Notes": "other"}],
                "UnchangedProjects": {"Projects": [{"ProjectKey": 1, "LastModifiedDate": OLD_STAMP}]},
            },
            version=2,
        ),
        changes_rows({"ProjectKey": 1, "Notes": "other"}),
    ),
    "project.v2-no-op-refused": (
        changes_rows({"ProjectKey": 1, "CompanyKey": 1}),
        changes_rows({"ProjectKey": 1, "Notes": "other"}),
    ),
    "project.v2-single-transaction": (
        changes_rows({"ProjectKey": 1, "Notes": "other"}, UseSingleTransaction=True),
        changes_rows({"ProjectKey": 1, "Notes": "other"}, UseSingleTransaction=False),
    ),
    "project.v2-phase-inherits": (
        changes_rows({"PhaseKey": -1, "ProjectKey": 1, "Description": "New"}),
        changes_rows({"InvoiceGroupKey": -1, "ProjectKey": 1, "Description": "New", "ClientKey": 1}),
    ),
    "project.v2-rows-in-any-order": (
        lambda it: it.create_project(
            {"ParentKey": -8, "Description": "Inner"}, {"PhaseKey": -8, "InvoiceGroupKey": -7, "Description": "Outer"}
        ),
        lambda it: it.create_project(
            {"PhaseKey": -8, "InvoiceGroupKey": -7, "Description": "Outer"}, {"ParentKey": -8, "Description": "Inner"}
        ),
    ),
    "project.v2-resource-phase-key": (
        changes_rows({"ResourceKey": -1, "PhaseKey": 2, "Description": "New"}),
        changes_rows({"ResourceKey": -1, "ParentKey": 2, "Description": "New"}),
    ),
    "project.v2-first-group": (
        lambda it: it.create_project(),
        lambda it: it.create_project({"InvoiceGroupKey": -7, "Description": "Design"}),
    ),
    "project.v2-create-keys": (
        lambda it: it.create_project({"InvoiceGroupKey": -7, "Description": "Design"}),
        lambda it: it.create_project(),
    ),
    "project.v2-create-ignores-custom-fields": (
        lambda it: it.create_project(CustomFields={"PermitNumber": "7"}),
        lambda it: it.create_project(Notes="7"),
    ),
    "project.v2-single-company": (
        with_one_company(lambda it: it.create_project(CompanyKey=None)),
        with_one_company(lambda it: it.create_project(CompanyKey=1)),
    ),
    "project.v2-skeleton-ours": (
        calls("CreateProjects", {"CreateType": "Project"}, version=2),
        lambda it: it.create_project(),
    ),
    "project.v2-create-extra-arguments": (
        calls("CreateProjects", {"CreateType": "Project", "Colour": "red"}, version=2),
        calls("CreateProjects", {"CreateType": "Project"}, version=2),
    ),
    # What is printed.
    "account.intercompany-none": (accounts(RequestedGLAccounts=[1]), accounts(RequestedGLAccounts=[5])),
    "account.project-company": (accounts(), calls("ListGLAccounts")),
    "account.between-companies": (after(invoices_project(1, 2, CompanyKey=2), accounts()), accounts()),
    "expense.amounts": (
        calls("GetExpenseReports", {"RequestedExpenseReports": [1]}),
        calls("GetExpenseReports", {"RequestedExpenseReports": [UNKNOWN]}),
    ),
    "invoice.books-of-companies": (accounts(), totals(1)),
    "invoice.date-to-pay": (creates_invoice(), gets_invoices(1)),
    "invoice.department-default": (
        creates_invoice(),
        creates_invoice(LineItems=[{"CostAmount": 75, "AccountKey": 30, "DepartmentKey": 1}]),
    ),
    "invoice.not-billable": (after(invoices_project(32, 33), totals(32)), totals(60)),
    "invoice.nulls-left-out": (gets_invoices(1), gets_invoices(UNKNOWN)),
    "invoice.of-expense-report": (gets_invoices(256), gets_invoices(255)),
    "invoice.types-of-help": (gets_invoices(255), gets_invoices(256)),
    "invoice.on-hold": (gets_invoices(260), gets_invoices(1)),
    "invoice.posts-at-once": (totals(60), totals(21)),
    "invoice.voided-posts-nothing": (totals(1), totals(41)),
    "invoice.update-derives": (changes_invoice(Date="2026-02-10"), changes_invoice(Notes="other")),
    "project.status-null": (changes_project(sets(Status="Null")), changes_project(sets(Status="Hold"))),
    "project.status-spelling": (changes_project(sets(Status="Workhold")), changes_project(sets(Status="WorkHold"))),
    "project.tree-order": (gets_projects(1), creates_projects),
    "project.date-order-equal": (
        changes_project(sets(EstimatedStartDate="2015-03-01", EstimatedCompletionDate="2015-03-01")),
        changes_project(sets(EstimatedStartDate="2015-03-01", EstimatedCompletionDate="2015-03-02")),
    ),
    "project.contact-order-kept": (changes_project(sets(Notes="other")), changes_project(sets(Notes="other"), 41)),
    "project.overhead-echo": (changes_project(sets(Notes="other"), 21), changes_project(sets(Notes="other"))),
    "timesheet.billing-rate": (totals(1), totals(60)),
    "timesheet.nonbillable-hours": (totals(21), totals(60)),
    "timesheet.posts-at-once": (totals(1), totals(60)),
    "timesheet.rates-kept": (totals(1), totals(60)),
    "timesheet.list-values": (sheets(), gets_timesheets(1)),
    "timesheet.totals": (gets_timesheets(1), sheets()),
    "timesheet.members-of-one-client": (gets_timesheets(1), sheets()),
    "timesheet.multilevel": (
        as_employee(2, lambda it: it.ajera.set_quirks(multilevel_approval=True) or sheets()(it)),
        as_employee(2, sheets()),
    ),
    "timesheet.overhead-from-group": (
        creates_timesheet("2015-01-04", AllowPast90Days=True),
        creates_timesheet("2015-01-04", AllowPast90Days=True, EmployeeKey=2),
    ),
    "value.stamp-thousandths": (creates(client()), gets(1)),
    # Refusals.
    "errors.specific-item-first": (
        with_quirks("NoSuchMethod", {}, generic_error_item=True),
        with_quirks("NoSuchMethod", {}, generic_error_item=False),
    ),
    "permission.refused-like-unknown": (
        lambda it: it.change_user(cleared=("ListClients",)) or it.call("ListClients"),
        calls("NoSuchMethod"),
    ),
    "session.method-of-other-version-mirrored": (calls("GetEmployees", version=2), calls("ListTimesheets")),
    "write.order-of-checks": (lambda it: stale(it, Status="?"), lambda it: stale(it, Notes="other")),
    "write.refused-leaves-nothing": (creates(client(Status="?")), creates(client())),
    "envelope.failure-message": (clients(FilterByStatus=["?"]), clients()),
    "envelope.failure-content-object": (calls("NoSuchMethod"), clients()),
    "envelope.failure-code-zero": (
        clients(FilterByStatus=["?"]),
        calls("GetEmployees", {"RequestedEmployees": list(range(1, 60))}),
    ),
    "filter.unknown-status-refused": (clients(FilterByStatus=["?"]), clients(FilterByStatus=["Active"])),
    "errors.item-per-record": (
        creates(client(-1, Status="?"), client(-2, Status="?")),
        creates(client(-1, Status="?")),
    ),
    # Arguments, filters and lists.
    "filter.unknown-key-matches-none": (clients(FilterByCompany=[UNKNOWN]), clients(FilterByCompany=[1])),
    "reading.member-names-any-case": (
        with_quirks("ListClients", {"filterbystatus": ["Active"]}, member_case="any"),
        with_quirks("ListClients", {"FilterByStatus": ["Active"]}, member_case="any"),
    ),
    "reading.exact-member-names": (clients(filterbystatus=["Active"]), clients(FilterByColour=["red"])),
    "reading.method-name-exact": (calls("listclients"), calls("NoSuchMethod")),
    "paging.page-count": (calls("ListClients", PageResults=True), calls("ListClients", PageResults=False)),
    "filter.null-is-absent": (clients(FilterByNameLike=None), clients(FilterByNameLike="a")),
    "filter.unknown-arguments-ignored": (
        with_quirks("ListClients", {"FilterByColour": ["red"]}, unknown_arguments="ignore"),
        with_quirks("ListClients", {"FilterByStatus": ["Active"]}, unknown_arguments="ignore"),
    ),
    "filter.empty-array-is-absent": (clients(FilterByStatus=[]), clients(FilterByStatus=None)),
    "filter.or-within-and-between": (
        clients(FilterByStatus=["Active", "Inactive"]),
        clients(FilterByStatus=["Active"]),
    ),
    "filter.project-status-case-insensitive": (
        projects(FilterByStatus=["active"]),
        projects(FilterByStatus=["Active"]),
    ),
    "filter.status-case-elsewhere": (clients(FilterByStatus=["active"]), projects(FilterByStatus=["active"])),
    "filter.status-case-insensitive": (
        calls("ListProjectTypes", {"FilterByStatus": ["active"]}),
        calls("ListCompanies", {"FilterByStatus": ["active"]}),
    ),
    "filter.null-item-elsewhere": (clients(FilterByClientType=[None]), clients(FilterByClientType=[1])),
    "filter.like-case-insensitive": (clients(FilterByNameLike="a"), clients(FilterByNameEquals="a")),
    "filter.like-wildcards": (clients(FilterByNameLike="a%e"), clients(FilterByNameLike="ae")),
    "filter.equals-case-insensitive": (clients(FilterByNameEquals="a"), clients(FilterByNameLike="a")),
    "filter.stamp-as-date": (
        clients(FilterByLatestModifiedDate=OLD_STAMP),
        clients(FilterByLatestModifiedDate="2017-12-06"),
    ),
    "filter.iso-date": (
        clients(FilterByLatestModifiedDate="2017-12-06T14:46:06Z"),
        clients(FilterByLatestModifiedDate="2017-12-06"),
    ),
    "filter.bare-date-is-local-midnight": (
        clients(FilterByEarliestModifiedDate="2017-12-06"),
        clients(FilterByEarliestModifiedDate=OLD_STAMP),
    ),
    "filter.bare-date-upper-bound": (
        clients(FilterByLatestModifiedDate="2017-12-06"),
        clients(FilterByEarliestModifiedDate="2017-12-06"),
    ),
    "value.stamp-without-colon-accepted": (
        clients(FilterByLatestModifiedDate=OLD_STAMP.replace("-08:00", "-0800")),
        clients(FilterByLatestModifiedDate=OLD_STAMP),
    ),
    "list.key-order": (calls("ListCompanies"), clients(FilterByNameEquals="Saltmeadow Development Group")),
    "paging.pages-make-the-list": (calls("ListClients", PageResults=True), calls("ListClients", PageResults=False)),
    "paging.beyond-last-empty": (
        calls("ListClients", PageResults=True, PageSize=1000, PageNumber=2),
        calls("ListClients", {"FilterByNameEquals": "?"}, PageResults=True, PageNumber=1),
    ),
    "list.get-empty-array": (gets(), gets(1)),
    "list.get-order-asked": (gets(2, 1), gets(2)),
    "list.get-duplicate-once": (gets(1, 1), gets(1, 2)),
    "list.get-unknown-left-out": (gets(UNKNOWN), gets(1)),
    # Writing.
    "write.count-changed": (changes_client(sets(Notes="other")), creates(client())),
    "write.baseline-may-omit": (with_baseline("Notes"), with_baseline()),
    "write.references-in-order": (
        lambda it: removes_supervisor(it, frees=True),
        lambda it: removes_supervisor(it, frees=False),
    ),
    "write.content-wrapper": (
        with_quirks(
            "UpdateClients",
            {"Content": {"UpdatedClients": [client()], "UnchangedClients": []}},
            content_wrapper="accept",
        ),
        with_quirks("UpdateClients", {"UpdatedClients": [client()], "UnchangedClients": []}, content_wrapper="accept"),
    ),
    "write.each-record-alone": (creates(client(Status="?")), creates(client())),
    "write.mixed-outcome": (creates(client(-1), client(-2, Status="?")), creates(client(-2, Status="?"))),
    "permission.write-answers-with-the-record": (
        lambda it: it.without_reading(creates(client())),
        creates(client()),
    ),
    "write.answer-order": (creates(client(-1), client(-2)), creates(client(-1))),
    "write.stamp-moves": (changes_client(sets(Notes="other")), creates(client())),
    "write.omitted-is-kept": (changes_client(drops("Website")), changes_client(sets(Notes="other"))),
    "write.nothing-to-update": (creates(), creates(client())),
    "write.baseline-alone-ignored": (
        lambda it: it.update("Clients", [client()], [it.read("Clients", 1)]),
        creates(client()),
    ),
    "project.description-may-be-empty": (
        changes_project(in_phase(sets(Description=" "))),
        changes_project(in_phase(sets(Description="Named"))),
    ),
    "project.role-without-key-kept": (
        changes_project(sets(Notes="other", ProjectManager={})),
        changes_project(sets(Notes="other", ProjectManager={"EmployeeKey": None})),
    ),
    "write.null-clears": (changes_client(sets(ClientTypeKey=None)), changes_client(sets(ClientTypeKey=2))),
    "write.zero-reference-means-none": (
        changes_client(sets(ClientTypeKey=0)),
        changes_client(sets(ClientTypeKey=None)),
    ),
    "write.derived-ignored": (
        changes_project(sets(Notes="other", ProjectManager={"EmployeeKey": 1, "LastName": "Other"})),
        creates(client()),
    ),
    "write.descriptions-ignored": (changes_project(sets(Notes="other")), creates(client())),
    "write.original-key-ignored": (lambda it: original(it, kept=True), lambda it: original(it, kept=False)),
    "write.delete-unneeded-members-ignored": (lambda it: deleted(it, "Notes"), deleted),
    "write.choice-case-insensitive": (changes_client(sets(Status="inactive")), changes_client(sets(Status="Inactive"))),
    "write.custom-choice-by-value": (
        changes_project(sets(**{FUNDED: "State grant"})),
        changes_project(sets(**{FUNDED: {"Value": "State grant"}})),
    ),
    "write.custom-fields-elsewhere": (
        changes_client(sets(CF_PoRequired=False)),
        changes_project(sets(**{FUNDED: {"Value": "State grant"}})),
    ),
    "value.excess-digits-rounded": (
        changes_client(sets(AnnualPercentageRate=Decimal("1.23456"))),
        changes_client(sets(AnnualPercentageRate=Decimal("1.2345"))),
    ),
    "value.day-time-cut": (
        changes_client(sets(DateEstablished="2011-05-03T00:00:00")),
        changes_client(sets(DateEstablished="2011-05-03")),
    ),
    "project.absent-children-kept": (
        changes_project(in_group(lambda group: group["Phases"].pop() and None)),
        changes_project(sets(Notes="other")),
    ),
    "project.resources-not-written": (
        changes_project(in_phase(sets(Notes="other", Resources=[]))),
        changes_project(in_phase(sets(Notes="other"))),
    ),
    # Views of projects.
    "project.chargeable-unknown-key": (chargeable(UNKNOWN), chargeable(1)),
    "project.chargeable-order": (chargeable(1), chargeable(UNKNOWN)),
    "project.chargeable-wbs": (chargeable(1), chargeable(UNKNOWN)),
    "project.totals-unknown-key": (totals(UNKNOWN), totals(1)),
    "project.totals-add-up": (totals(1), totals(UNKNOWN)),
    "project.totals-of-phases": (totals(1), totals(UNKNOWN)),
    **dict.fromkeys(("expense.members-ours", "expense.own-reports"), (calls("ListExpenseReports"), clients())),
    "expense.others-left-out": (
        calls("GetExpenseReports", {"RequestedExpenseReports": [1, 6]}),
        calls("GetExpenseReports", {"RequestedExpenseReports": [1, UNKNOWN]}),
    ),
    "expense.download-members": (
        calls("DownloadExpenseReports", {"FileKey": 1}),
        calls("DownloadExpenseReports", {"FileKey": UNKNOWN}),
    ),
    "permission.account-groups-inactive-employee": (
        lambda it: it.with_employee(8, "ListAccountGroups"),
        lambda it: it.with_employee(2, "ListAccountGroups"),
    ),
    "project.entry-flag-defaults": (
        creates_project(),
        creates_project(LaborEntry=True, ExpenseConsultantEntry=False, phase_too=True),
    ),
    "filter.status-narrows-to-active": (
        with_quirks("ListProjects", {"FilterByStatus": ["Hold", "Closed"]}, project_status_filter="active"),
        with_quirks("ListProjectTemplates", {"FilterByStatus": ["Hold", "Closed"]}, project_status_filter="active"),
    ),
    "write.unseen-members-written": (
        changes_project(sets(PhaseInvoiceText="T")),
        changes_project(sets(PhaseInvoiceText="", Notes="other")),
    ),
    "project.tax-state-unchecked": (
        changes_project(sets(TaxState="Oregon")),
        changes_project(sets(TaxState="WA")),
    ),
    "project.totals-balances": (totals(1), totals(UNKNOWN)),
    "expense.refused-as-unauthorized": (
        lambda it: it.without_employee("ListExpenseReports"),
        lambda it: it.without_employee("ListAccountGroups"),
    ),
}


MINIMUM = (
    *("project.default-status", "project.tax-state-none", "project.flag-defaults", "project.entry-flag-defaults"),
    *("project.billing-group-defaults", "project.amount-and-text-defaults", "project.no-original-key-on-children"),
    "project.leaf-phase-without-phases",
)
"""What creating a project from the printed minimum relies on."""

MORE_CASES: list[tuple[str, Request, Request]] = [
    *((claim, creates_projects, gets_projects(UNKNOWN)) for claim in MINIMUM),
    *((claim, lambda it: it.create_project(), gets_projects(1)) for claim in MINIMUM[:-1]),
    ("client.defaults", creates(client()), changes_client(sets(Notes="other"))),
    ("client.defaults", creates(client()), creates(client(Status="?"))),
    ("contact.defaults", lambda it: it.update("Contacts", [contact()]), creates(client())),
    ("client.contacts-empty-array", creates(client()), gets(1)),
    ("client.status-values", creates(client(Status="?")), creates(client(Status="Active"))),
    ("client.filter-company-of-shared", clients(FilterByCompany=[1]), clients(FilterByStatus=["Active"])),
    (
        "contact.filter-name-like-unknown",
        calls("ListContacts", {"FilterByNameLike": "a"}),
        calls("ListContacts", {"FilterByText": "a"}),
    ),
    (
        "filter.unknown-key-matches-none",
        calls("ListContacts", {"FilterByCompany": [UNKNOWN]}),
        calls("ListContacts", {"FilterByCompany": [1]}),
    ),
    (
        "paging.in-arguments-ignored",
        clients(PageResults=True),
        calls("ListClients", PageResults=True),
    ),
    (
        "contact.client-of-several",
        calls("GetContacts", {"RequestedContacts": [6]}),
        calls("GetContacts", {"RequestedContacts": [1]}),
    ),
    (
        "project.new-group-in-existing",
        changes_project(lambda project: project["InvoiceGroups"].append(NEW_GROUP)),
        changes_project(in_group(lambda group: group["Phases"].append(NEW_PHASE))),
    ),
    (
        "write.baseline-invalid-value",
        lambda it: it.update("Clients", [it.read("Clients", 1)], [it.read("Clients", 1) | {"ClientTypeKey": "1"}]),
        lambda it: it.update("Clients", [it.read("Clients", 1)], [it.read("Clients", 1) | {"ClientTypeKey": 77}]),
    ),
    ("permission.checked-before-arguments", calls("NoSuchMethod"), clients(FilterByStatus=["?"])),
    ("project.members-by-billing-type", gets_projects(1), gets_projects(UNKNOWN)),
    ("project.one-stamp", gets_projects(1), calls("ListProjects")),
    ("project.leaf-phase-without-phases", gets_projects(1), calls("ListProjects")),
    ("project.leaf-phase-without-phases", after(gets_projects(1), gets_projects(1)), calls("ListProjects")),
    (
        "project.new-phase-in-existing",
        changes_project(in_group(lambda group: group["Phases"].append(NEW_PHASE))),
        changes_project(in_group(lambda group: group.update(Notes="other"))),
    ),
    (
        "project.v2-resources-array",
        calls("GetProjects", {"RequestedProjects": [UNKNOWN]}, version=2),
        calls("GetProjects", {"RequestedProjects": [1]}, version=2),
    ),
    ("reading.key-is-whole-number", calls("GetClients", {"RequestedClients": ["1"]}), gets(UNKNOWN)),
    (
        "write.both-arrays-required",
        calls("UpdateClients", {"UpdatedClients": []}),
        calls("UpdateClients", {"UpdatedClients": [], "UnchangedClients": []}),
    ),
    ("value.bad-day-refused", creates(client(DateEstablished="2/9/2024")), creates(client())),
    (
        "write.unknown-arguments-refused",
        calls("UpdateClients", {"UpdatedClients": [], "UnchangedClients": [], "UseSingleTransactions": True}),
        creates(),
    ),
    (
        "expense.time-in-date-filter",
        calls("ListExpenseReports", {"FilterByLatestEndingDate": "2026-01-05T10:00:00"}),
        calls("ListExpenseReports", {"FilterByLatestEndingDate": "2026-01-05"}),
    ),
    (
        "expense.write-absent-lines-kept",
        changes_report(sets(Notes="other", Expenses=[])),
        changes_report(sets(Notes="other")),
    ),
    (
        "expense.no-date-not-kept",
        calls("ListExpenseReports", {"FilterByLatestEndingDate": "2026-01-05"}),
        calls("ListExpenseReports", {"FilterByLatestModifiedDate": "2026-01-05"}),
    ),
    ("project.filter-name-like", projects(FilterByNameLike="a"), projects(FilterByDescriptionLike="a")),
    (
        "filter.project-status-case-insensitive",
        calls("ListProjectTemplates", {"FilterByStatus": ["active"]}),
        clients(FilterByStatus=["active"]),
    ),
    ("write.omitted-is-kept", changes_client(drops("Description")), creates(client())),
    ("write.omitted-is-kept", changes_project(drops("Location")), changes_project(sets(Notes="other"))),
    (
        "write.omitted-is-kept",
        changes_project(lambda project: project["InvoiceGroups"][0]["Phases"][0].pop("Notes"), 41),
        changes_project(sets(Notes="other"), 41),
    ),
    (
        "write.omitted-is-kept",
        changes_project(lambda project: project["InvoiceGroups"][0].pop("Notes"), 236),
        changes_project(sets(Notes="other"), 236),
    ),
    ("reference.version-2-too", calls("ListVendors", version=2), calls("ListVendors", version=1)),
    (
        "reference.version-2-too",
        calls("ListCompanies", version=2),
        calls("GetProjects", {"RequestedProjects": [1]}, version=2),
    ),
    ("endpoint.padding-any-spelling", url_with("%3d", ""), AS_PRINTED),
    ("session.cookie", Caller.in_cookie, lambda it: it.at(str, cookie="", SessionToken="")),
    (
        "filter.unknown-arguments-ignored",
        with_quirks("GetClients", {"RequestedClients": [1], "More": 1}, unknown_arguments="ignore"),
        with_quirks("GetClients", {"RequestedClients": [1]}, unknown_arguments="ignore"),
    ),
    (
        "reading.missing-arguments-refused",
        body_with("MethodArguments", "Arguments"),
        body_with('"MethodArguments": {}', '"MethodArguments": null'),
    ),
    (
        "reading.null-arguments-refused",
        body_with('"MethodArguments": {}', '"MethodArguments": null'),
        body_with("MethodArguments", "Arguments"),
    ),
    (
        "filter.or-within-and-between",
        clients(FilterByStatus=["Active"], FilterByNameLike="a"),
        clients(FilterByNameLike="a"),
    ),
    ("filter.equals-trailing-blanks", clients(FilterByNameEquals="a "), clients(FilterByNameEquals="a")),
    ("filter.equals-empty", clients(FilterByNameEquals=""), clients(FilterByNameEquals="a")),
    ("filter.like-blanks-count", clients(FilterByNameLike="a "), clients(FilterByNameLike="a")),
    ("filter.like-empty", clients(FilterByNameLike=""), clients(FilterByNameLike="a")),
    ("filter.accents-count", clients(FilterByNameLike="\xe9"), clients(FilterByNameLike="e")),
    ("filter.accents-count", clients(FilterByNameEquals="\xe9"), clients(FilterByNameEquals="e")),
    (
        "paging.beyond-last-empty",
        calls("ListClients", PageResults=True, PageSize=1, PageNumber=1000),
        calls("ListClients", PageResults=True, PageSize=1, PageNumber=2),
    ),
]
"""Other requests that rely on these claims, and claims that are not noted with ``relies_on``."""


@pytest.fixture
def caller() -> Iterator[Caller]:
    with MockAjera() as ajera:
        yield Caller(ajera)


ALL = [*((claim, *requests) for claim, requests in CASES.items()), *MORE_CASES]


@pytest.mark.parametrize(("claim", "reliance"), [(claim, reliance) for claim, reliance, _ in ALL])
def test_an_answer_that_relies_on_a_claim_names_it(caller: Caller, claim: str, reliance: Request) -> None:
    """The answer would be different if the claim were false."""
    assert claim in reliance(caller)


@pytest.mark.parametrize(("claim", "other"), [(claim, other) for claim, _, other in ALL])
def test_an_answer_that_does_not_rely_on_a_claim_does_not_name_it(caller: Caller, claim: str, other: Request) -> None:
    """The request is as similar as possible."""
    assert claim not in other(caller)


def test_every_claim_that_the_code_notes_has_a_case() -> None:
    named: set[str] = set()
    for path in Path(mock_ajera.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "relies_on":
                texts = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
                named.update(text for text in texts if text in ledger())
    assert len(named) > 40
    owed = sorted(named - CASES.keys())
    assert not owed, (
        "Add a request that relies on each of these claims, and a similar one that does not, to CASES; "
        f"see docs/contributing.md#add-a-claim: {owed}"
    )


READS = [
    ({"RequestedClients": [2, 1, 2]}, "GetClients", [("Client", 2), ("Client", 1)]),
    ({"ProjectKey": 1}, "ListChargeablePhases", [("Project", 1)]),
    ({"RequestedProjectTotals": 987654}, "GetProjectTotals", [("Project", 987654)]),
]


@pytest.mark.parametrize(("arguments", "method", "records"), READS)
def test_the_journal_lists_the_records_that_a_request_reads(
    caller: Caller, arguments: Mapping[str, Any], method: str, records: list[tuple[str, int]]
) -> None:
    """Each record is listed once, in the order of the request."""
    caller.call(method, arguments)
    assert list(caller.ajera.journal[-1].records) == records


def test_the_journal_lists_the_records_that_a_request_writes(caller: Caller) -> None:
    """A created record is listed with its new key."""
    before = caller.read("Clients", 3)
    caller.update("Clients", [client(), before | {"Notes": "other"}], [before])
    made = max(row.key for row in caller.ajera.tenant.store.rows("Client"))
    assert set(caller.ajera.journal[-1].records) == {("Client", 3), ("Client", made)}
