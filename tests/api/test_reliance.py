"""Reliance: the journal names the claims that affected an answer, and no others."""

from __future__ import annotations

import ast
import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import mock_ajera
from mock_ajera import MockAjera, codec
from mock_ajera.api.sessions import COOKIE

OLD_STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


class Caller:
    """A client of its own firm. Its methods return the claims that the answer relies on."""

    def __init__(self, ajera: MockAjera) -> None:
        self.ajera = ajera

    def claims(self) -> set[str]:
        """Return the claims of the last answer."""
        return set(self.ajera.journal[-1].claims)

    def call(self, method: str, arguments: Any = None, **more: Any) -> set[str]:
        """Call a method. ``more``: the version, and members next to Method."""
        self.ajera.call(method, arguments, **more)
        return self.claims()

    def with_quirks(self, method: str, arguments: Any, **quirks: Any) -> set[str]:
        """Set quirks and call a method."""
        self.ajera.set_quirks(**quirks)
        return self.call(method, arguments)

    def text(self, change: Callable[[str], str], arguments: Any = None, **top_level: Any) -> set[str]:
        """Call ListClients with a body that ``change`` edits."""
        body = {"Method": "ListClients", "SessionToken": self.ajera.token(), "MethodArguments": arguments or {}}
        self.ajera.post(change(json.dumps(body | top_level)).encode())
        return self.claims()

    def at(self, change: Callable[[str], str], cookie: str = "", **body: Any) -> set[str]:
        """Call ListClients with a path and query that ``change`` edits."""
        url = urlsplit(self.ajera.url)
        token = {} if cookie else {"SessionToken": self.ajera.token()}
        sent = {"Method": "ListClients", "MethodArguments": {}, **token, **body}
        connection = http.client.HTTPConnection(url.hostname or "", url.port)
        try:
            headers = {"Content-Type": "application/json", **({"Cookie": cookie} if cookie else {})}
            connection.request("POST", change(f"{url.path}?{url.query}"), codec.encode(sent), headers)
            connection.getresponse().read()
        finally:
            connection.close()
        return self.claims()

    def in_cookie(self) -> set[str]:
        """Call with the token in a cookie."""
        login = {"Username": self.ajera.username, "Password": self.ajera.password, "APIVersion": 1}
        token = self.ajera.post({"Method": "CreateAPISession", **login, "UseSessionCookie": True})
        return self.at(str, cookie=f"{COOKIE}={token['Content']['SessionToken']}")

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
        """Call an Update."""
        return self.call(f"Update{noun}", {f"Updated{noun}": updated, f"Unchanged{noun}": unchanged or [], **more})


def client(key: int = -1, **members: Any) -> dict[str, Any]:
    """Return a new client."""
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
CLIENT, PROJECT, FUNDED = 1, 1, "CF_FundingSource"
CASES: dict[str, tuple[Request, Request]] = {
    # The URL and the body.
    "endpoint.path-any-case": (
        lambda it: it.at(lambda url: url.replace("AjeraAPI.ashx", "ajeraapi.ASHX")),
        lambda it: it.at(str),
    ),
    "endpoint.any-path-prefix": (
        lambda it: it.at(lambda url: url.replace("/V000001/", "/somewhere/else/")),
        lambda it: it.at(lambda url: url.replace("/V000001/", "/")),
    ),
    "endpoint.named-id": (lambda it: it.at(lambda url: url.replace("?", "?id=")), lambda it: it.at(str)),
    "endpoint.padding-any-spelling": (
        lambda it: it.at(lambda url: url.replace("%3d", "=")),
        lambda it: it.at(lambda url: url.replace("%3d", "%3D")),
    ),
    "reading.trailing-comma": (
        lambda it: it.text(lambda body: body[:-1] + ",}"),
        lambda it: it.text(lambda body: body.replace('"Method"', "Method")),
    ),
    "reading.unquoted-keys": (
        lambda it: it.text(lambda body: body.replace('"Method"', "Method")),
        lambda it: it.text(lambda body: body[:-1] + ",}"),
    ),
    "reading.single-quotes": (
        lambda it: it.text(lambda body: body.replace('"', "'")),
        lambda it: it.text(lambda body: body[:-1] + ",}"),
    ),
    "reading.comments": (
        lambda it: it.text(lambda body: "/* all */" + body),
        lambda it: it.text(lambda body: body[:-1] + ",}"),
    ),
    "reading.unknown-top-level-ignored": (
        lambda it: it.call("ListClients", Colour="red"),
        lambda it: it.call("ListClients", PageResults=False),
    ),
    # Sessions and methods.
    "session.cookie": (Caller.in_cookie, lambda it: it.at(str)),
    "session.create-arguments": (Caller.log_in, lambda it: it.log_in(Password="wrong")),
    "errors.login-user-like-password": (lambda it: it.log_in(Password="wrong"), Caller.log_in),
    "reference.version-2-too": (
        lambda it: it.call("ListClients", version=2),
        lambda it: it.call("ListProjects", version=2),
    ),
    "errors.unknown-method-empty": (
        lambda it: it.with_quirks("NoSuchMethod", {}, unknown_method="empty"),
        lambda it: it.with_quirks("ListClients", {}, unknown_method="empty"),
    ),
    "client.list-members": (lambda it: it.call("ListClients"), lambda it: it.call("ListProjects")),
    "account.filter-type": (
        lambda it: it.call("ListGLAccounts", {"FilterByType": ["Income"]}),
        lambda it: it.call("ListGLAccounts", {"FilterByStatus": ["Active"]}),
    ),
    "account.type-numbers": (
        lambda it: it.call("ListGLAccounts", {"FilterByType": ["6"]}),
        lambda it: it.call("ListGLAccounts", {"FilterByType": ["Income"]}),
    ),
    "account.as-of-iso": (
        lambda it: it.call("GetGLAccounts", {"AsOfDate": "2026-03-31"}),
        lambda it: it.call("GetGLAccounts", {"AsOfDate": "03/31/2026"}),
    ),
    "account.as-of-today": (
        lambda it: it.call("GetGLAccounts"),
        lambda it: it.call("GetGLAccounts", {"AsOfDate": "03/31/2026"}),
    ),
    "account.keys-and-filters": (
        lambda it: it.call("GetGLAccounts", {"RequestedGLAccounts": [1], "FilterByStatus": ["Active"]}),
        lambda it: it.call("GetGLAccounts", {"RequestedGLAccounts": [1]}),
    ),
    "account.filter-company": (
        lambda it: it.call("GetGLAccounts", {"FilterByCompany": [1]}),
        lambda it: it.call("GetGLAccounts", {"FilterByCompany": []}),
    ),
    "account.exclude-closing": (
        lambda it: it.call("GetGLAccounts", {"ExcludeCloseYearEntries": True}),
        lambda it: it.call("GetGLAccounts", {"ExcludeCloseYearEntries": False}),
    ),
    "account.years-closed": (
        lambda it: it.call("GetGLAccounts", {"ExcludeCloseYearEntries": False}),
        lambda it: it.call("GetGLAccounts", {"ExcludeCloseYearEntries": True}),
    ),
    "account.balance": (lambda it: it.call("GetGLAccounts"), lambda it: it.call("ListGLAccounts")),
    "account.amount": (lambda it: it.call("GetGLAccounts"), lambda it: it.call("ListGLAccounts")),
    # Refusals.
    "envelope.failure-message": (
        lambda it: it.call("ListClients", {"FilterByStatus": ["?"]}),
        lambda it: it.call("ListClients"),
    ),
    "envelope.failure-content-object": (lambda it: it.call("NoSuchMethod"), lambda it: it.call("ListClients")),
    "envelope.failure-code-zero": (
        lambda it: it.call("ListClients", {"FilterByStatus": ["?"]}),
        lambda it: it.call("GetEmployees", {"RequestedEmployees": list(range(1, 60))}),
    ),
    "filter.unknown-status-refused": (
        lambda it: it.call("ListClients", {"FilterByStatus": ["?"]}),
        lambda it: it.call("ListClients", {"FilterByStatus": ["Active"]}),
    ),
    "errors.item-per-record": (
        lambda it: it.update("Clients", [client(-1, Status="?"), client(-2, Status="?")]),
        lambda it: it.update("Clients", [client(-1, Status="?")]),
    ),
    # Arguments, filters and lists.
    "filter.null-is-absent": (
        lambda it: it.call("ListClients", {"FilterByNameLike": None}),
        lambda it: it.call("ListClients", {"FilterByNameLike": "a"}),
    ),
    "filter.unknown-arguments-ignored": (
        lambda it: it.with_quirks("ListClients", {"FilterByColour": ["red"]}, unknown_arguments="ignore"),
        lambda it: it.with_quirks("ListClients", {"FilterByStatus": ["Active"]}, unknown_arguments="ignore"),
    ),
    "filter.empty-array-is-absent": (
        lambda it: it.call("ListClients", {"FilterByStatus": []}),
        lambda it: it.call("ListClients", {"FilterByStatus": None}),
    ),
    "filter.or-within-and-between": (
        lambda it: it.call("ListClients", {"FilterByStatus": ["Active", "Inactive"]}),
        lambda it: it.call("ListClients", {"FilterByStatus": ["Active"]}),
    ),
    "filter.project-status-case-insensitive": (
        lambda it: it.call("ListProjects", {"FilterByStatus": ["active"]}),
        lambda it: it.call("ListProjects", {"FilterByStatus": ["Active"]}),
    ),
    "filter.status-case-insensitive": (
        lambda it: it.call("ListClients", {"FilterByStatus": ["active"]}),
        lambda it: it.call("ListProjects", {"FilterByStatus": ["active"]}),
    ),
    "filter.like-case-insensitive": (
        lambda it: it.call("ListClients", {"FilterByNameLike": "a"}),
        lambda it: it.call("ListClients", {"FilterByNameEquals": "a"}),
    ),
    "filter.like-wildcards": (
        lambda it: it.call("ListClients", {"FilterByNameLike": "a%e"}),
        lambda it: it.call("ListClients", {"FilterByNameLike": "ae"}),
    ),
    "filter.equals-case-insensitive": (
        lambda it: it.call("ListClients", {"FilterByNameEquals": "a"}),
        lambda it: it.call("ListClients", {"FilterByNameLike": "a"}),
    ),
    "filter.stamp-as-date": (
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": OLD_STAMP}),
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": "2017-12-06"}),
    ),
    "filter.iso-date": (
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": "2017-12-06T14:46:06Z"}),
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": "2017-12-06"}),
    ),
    "filter.bare-date-is-local-midnight": (
        lambda it: it.call("ListClients", {"FilterByEarliestModifiedDate": "2017-12-06"}),
        lambda it: it.call("ListClients", {"FilterByEarliestModifiedDate": OLD_STAMP}),
    ),
    "filter.bare-date-upper-bound": (
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": "2017-12-06"}),
        lambda it: it.call("ListClients", {"FilterByEarliestModifiedDate": "2017-12-06"}),
    ),
    "value.stamp-without-colon-accepted": (
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": OLD_STAMP.replace("-08:00", "-0800")}),
        lambda it: it.call("ListClients", {"FilterByLatestModifiedDate": OLD_STAMP}),
    ),
    "list.key-order": (
        lambda it: it.call("ListCompanies"),
        lambda it: it.call("ListClients", {"FilterByNameEquals": "Saltmeadow Development Group"}),
    ),
    "paging.pages-make-the-list": (
        lambda it: it.call("ListClients", PageResults=True),
        lambda it: it.call("ListClients", PageResults=False),
    ),
    "paging.beyond-last-empty": (
        lambda it: it.call("ListClients", PageResults=True, PageSize=1000, PageNumber=2),
        lambda it: it.call("ListClients", {"FilterByNameEquals": "?"}, PageResults=True, PageNumber=1),
    ),
    "list.get-empty-array": (
        lambda it: it.call("GetClients", {"RequestedClients": []}),
        lambda it: it.call("GetClients", {"RequestedClients": [1]}),
    ),
    "list.get-order-asked": (
        lambda it: it.call("GetClients", {"RequestedClients": [2, 1]}),
        lambda it: it.call("GetClients", {"RequestedClients": [2]}),
    ),
    "list.get-duplicate-once": (
        lambda it: it.call("GetClients", {"RequestedClients": [1, 1]}),
        lambda it: it.call("GetClients", {"RequestedClients": [1, 2]}),
    ),
    "list.get-unknown-left-out": (
        lambda it: it.call("GetClients", {"RequestedClients": [987654]}),
        lambda it: it.call("GetClients", {"RequestedClients": [1]}),
    ),
    # Writing.
    "write.content-wrapper": (
        lambda it: it.with_quirks(
            "UpdateClients",
            {"Content": {"UpdatedClients": [client()], "UnchangedClients": []}},
            content_wrapper="accept",
        ),
        lambda it: it.with_quirks(
            "UpdateClients", {"UpdatedClients": [client()], "UnchangedClients": []}, content_wrapper="accept"
        ),
    ),
    "write.each-record-alone": (
        lambda it: it.update("Clients", [client(Status="?")]),
        lambda it: it.update("Clients", [client()]),
    ),
    "write.mixed-outcome": (
        lambda it: it.update("Clients", [client(-1), client(-2, Status="?")]),
        lambda it: it.update("Clients", [client(-2, Status="?")]),
    ),
    "write.answer-order": (
        lambda it: it.update("Clients", [client(-1), client(-2)]),
        lambda it: it.update("Clients", [client(-1)]),
    ),
    "write.stamp-moves": (
        lambda it: it.change("Clients", CLIENT, sets(Notes="other")),
        lambda it: it.update("Clients", [client()]),
    ),
    "write.omitted-is-kept": (
        lambda it: it.change("Clients", CLIENT, drops("Website")),
        lambda it: it.change("Clients", CLIENT, sets(Notes="other")),
    ),
    "write.nothing-to-update": (
        lambda it: it.update("Clients", []),
        lambda it: it.update("Clients", [client()]),
    ),
    "write.baseline-alone-ignored": (
        lambda it: it.update("Clients", [client()], [it.read("Clients", CLIENT)]),
        lambda it: it.update("Clients", [client()]),
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
    "project.description-may-be-empty": (
        lambda it: it.change("Projects", PROJECT, in_phase(sets(Description=" "))),
        lambda it: it.change("Projects", PROJECT, in_phase(sets(Description="Named"))),
    ),
    "project.role-without-key-kept": (
        lambda it: it.change("Projects", PROJECT, sets(Notes="other", ProjectManager={})),
        lambda it: it.change("Projects", PROJECT, sets(Notes="other", ProjectManager={"EmployeeKey": None})),
    ),
    "write.null-clears": (
        lambda it: it.change("Clients", CLIENT, sets(ClientTypeKey=None)),
        lambda it: it.change("Clients", CLIENT, sets(ClientTypeKey=2)),
    ),
    "write.zero-reference-means-none": (
        lambda it: it.change("Clients", CLIENT, sets(ClientTypeKey=0)),
        lambda it: it.change("Clients", CLIENT, sets(ClientTypeKey=None)),
    ),
    "write.original-key-ignored": (lambda it: original(it, kept=True), lambda it: original(it, kept=False)),
    "write.delete-unneeded-members-ignored": (lambda it: deleted(it, "Notes"), deleted),
    "write.choice-case-insensitive": (
        lambda it: it.change("Clients", CLIENT, sets(Status="inactive")),
        lambda it: it.change("Clients", CLIENT, sets(Status="Inactive")),
    ),
    "write.custom-choice-by-value": (
        lambda it: it.change("Projects", PROJECT, sets(**{FUNDED: "State grant"})),
        lambda it: it.change("Projects", PROJECT, sets(**{FUNDED: {"Value": "State grant"}})),
    ),
    "value.excess-digits-rounded": (
        lambda it: it.change("Clients", CLIENT, sets(AnnualPercentageRate=Decimal("1.23456"))),
        lambda it: it.change("Clients", CLIENT, sets(AnnualPercentageRate=Decimal("1.2345"))),
    ),
    "value.day-time-cut": (
        lambda it: it.change("Clients", CLIENT, sets(DateEstablished="2011-05-03T00:00:00")),
        lambda it: it.change("Clients", CLIENT, sets(DateEstablished="2011-05-03")),
    ),
    "project.absent-children-kept": (
        lambda it: it.change("Projects", PROJECT, in_group(lambda group: group["Phases"].pop() and None)),
        lambda it: it.change("Projects", PROJECT, sets(Notes="other")),
    ),
    "project.resources-not-written": (
        lambda it: it.change("Projects", PROJECT, in_phase(sets(Notes="other", Resources=[]))),
        lambda it: it.change("Projects", PROJECT, in_phase(sets(Notes="other"))),
    ),
    # Views of projects.
    "project.chargeable-unknown-key": (
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": 987654}),
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": PROJECT}),
    ),
    "project.chargeable-order": (
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": PROJECT}),
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": 987654}),
    ),
    "project.chargeable-wbs": (
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": PROJECT}),
        lambda it: it.call("ListChargeablePhases", {"ProjectKey": 987654}),
    ),
    "project.totals-unknown-key": (
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": 987654}),
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": PROJECT}),
    ),
    "project.totals-add-up": (
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": PROJECT}),
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": 987654}),
    ),
    "project.totals-of-phases": (
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": PROJECT}),
        lambda it: it.call("GetProjectTotals", {"RequestedProjectTotals": 987654}),
    ),
}


MORE_CASES: list[tuple[str, Request, Request]] = [
    (
        "project.filter-name-like",
        lambda it: it.call("ListProjects", {"FilterByNameLike": "a"}),
        lambda it: it.call("ListProjects", {"FilterByDescriptionLike": "a"}),
    ),
    (
        "filter.project-status-case-insensitive",
        lambda it: it.call("ListProjectTemplates", {"FilterByStatus": ["active"]}),
        lambda it: it.call("ListClients", {"FilterByStatus": ["active"]}),
    ),
    (
        "write.omitted-is-kept",
        lambda it: it.change("Clients", CLIENT, drops("Description")),
        lambda it: it.update("Clients", [client()]),
    ),
    (
        "write.omitted-is-kept",
        lambda it: it.change("Projects", 1, drops("Location")),
        lambda it: it.change("Projects", 1, sets(Notes="other")),
    ),
    (
        "write.omitted-is-kept",
        lambda it: it.change("Projects", 41, lambda project: project["InvoiceGroups"][0]["Phases"][0].pop("Notes")),
        lambda it: it.change("Projects", 41, sets(Notes="other")),
    ),
    (
        "write.omitted-is-kept",
        lambda it: it.change("Projects", 236, lambda project: project["InvoiceGroups"][0].pop("Notes")),
        lambda it: it.change("Projects", 236, sets(Notes="other")),
    ),
    (
        "reference.version-2-too",
        lambda it: it.call("ListVendors", version=2),
        lambda it: it.call("ListVendors", version=1),
    ),
    (
        "reference.version-2-too",
        lambda it: it.call("ListCompanies", version=2),
        lambda it: it.call("GetProjects", {"RequestedProjects": [1]}, version=2),
    ),
    (
        "endpoint.padding-any-spelling",
        lambda it: it.at(lambda url: url.replace("%3d", "")),
        lambda it: it.at(str),
    ),
    (
        "session.cookie",
        Caller.in_cookie,
        lambda it: it.at(str, cookie="", SessionToken=""),
    ),
    (
        "filter.unknown-arguments-ignored",
        lambda it: it.with_quirks("GetClients", {"RequestedClients": [1], "More": 1}, unknown_arguments="ignore"),
        lambda it: it.with_quirks("GetClients", {"RequestedClients": [1]}, unknown_arguments="ignore"),
    ),
    (
        "reading.missing-arguments-refused",
        lambda it: it.text(lambda body: body.replace("MethodArguments", "Arguments")),
        lambda it: it.text(lambda body: body.replace('"MethodArguments": {}', '"MethodArguments": null')),
    ),
    (
        "reading.null-arguments-refused",
        lambda it: it.text(lambda body: body.replace('"MethodArguments": {}', '"MethodArguments": null')),
        lambda it: it.text(lambda body: body.replace("MethodArguments", "Arguments")),
    ),
    (
        "filter.or-within-and-between",
        lambda it: it.call("ListClients", {"FilterByStatus": ["Active"], "FilterByNameLike": "a"}),
        lambda it: it.call("ListClients", {"FilterByNameLike": "a"}),
    ),
    (
        "paging.beyond-last-empty",
        lambda it: it.call("ListClients", PageResults=True, PageSize=1, PageNumber=1000),
        lambda it: it.call("ListClients", PageResults=True, PageSize=1, PageNumber=2),
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
                named.update(text for text in texts if isinstance(text, str))
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
