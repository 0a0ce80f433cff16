"""Filters that keep the wrong records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.breaks.exchange import Envelope, Exchange, Wrong, add, broken, rows_of

NAMES = {"Projects": "Description", "ProjectTemplates": "Description", "Clients": "Description"}
"""The member that an Equals filter compares."""


def without(exchange: Exchange, *names: str) -> Envelope:
    """Send the request without some arguments."""
    left = {name: value for name, value in exchange.arguments.items() if name not in names}
    return exchange.send(MethodArguments=left)


def ignored(noun: str, *names: str, version: int = 0) -> Wrong:
    """Return a break that ignores filters of a list, in any version or in one."""

    def wrong(exchange: Exchange) -> Envelope:
        if exchange.method == f"List{noun}" and version in (0, exchange.version):
            return without(exchange, *names)
        return exchange.send()

    return wrong


def equals_as(test: Callable[[str, str], bool], *nouns: str) -> Wrong:
    """Return a break that compares the texts of Equals filters differently."""

    def wrong(exchange: Exchange) -> Envelope:
        noun = exchange.method.removeprefix("List")
        name = next((name for name in exchange.arguments if name.endswith("Equals")), None)
        if noun not in nouns or not isinstance(exchange.arguments.get(name or ""), str):
            return exchange.send()
        answer, text = without(exchange, str(name)), exchange.arguments[str(name)]
        if rows_of(answer, noun):
            rows = rows_of(answer, noun)
            answer["Content"][noun] = [row for row in rows if test(row[NAMES[noun]].lower(), text.lower())]
        return answer

    return wrong


for _nouns, _words in ((("Projects",), "project"), (("ProjectTemplates",), "template"), (("Clients",), "client")):
    add(
        "filters",
        f"{_words}-equals-matches-prefix",
        "An Equals filter keeps records that begin with the text",
        equals_as(lambda whole, text: whole.startswith(text), *_nouns),
        "filters_by_text",
    )
    add(
        "filters",
        f"{_words}-equals-matches-suffix",
        "An Equals filter keeps records that end with the text",
        equals_as(lambda whole, text: whole.endswith(text), *_nouns),
        "filters_by_text",
    )
    add(
        "filters",
        f"{_words}-equals-matches-inside",
        "An Equals filter keeps records that contain the text between other words",
        equals_as(
            lambda whole, text: whole == text or text in whole[1:-1],
            *_nouns,
        ),
        "filters_by_text",
    )

IGNORED: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("Projects", ("FilterByStatus",), 0),
    ("Projects", ("FilterByCompany",), 0),
    ("Projects", ("FilterByProjectType",), 2),
    ("Projects", ("FilterByEarliestModifiedDate",), 0),
    ("Projects", ("FilterByLatestModifiedDate",), 0),
    ("Clients", ("FilterByCompany",), 0),
    ("Clients", ("FilterByClientType",), 0),
    ("Contacts", ("FilterByCompany",), 0),
    ("Contacts", ("FilterByText",), 0),
    ("Vendors", ("FilterByCompany",), 0),
    ("Vendors", ("FilterByStatus",), 0),
    ("Vendors", ("FilterByLatestModifiedDate",), 0),
    ("Employees", ("FilterBySupervisor",), 0),
    ("Employees", ("FilterByDepartment",), 0),
    ("Employees", ("FilterByEarliestModifiedDate",), 0),
    ("VendorTypes", ("FilterByIsConsultant",), 0),
    ("Activities", ("FilterByDescriptionLike",), 0),
    ("Departments", ("FilterByStatus",), 0),
    ("GLAccounts", ("FilterByType",), 0),
    ("ExpenseReports", ("FilterByLatestEndingDate",), 0),
    ("Timesheets", ("FilterByEmployee",), 0),
    ("Timesheets", ("FilterByEarliestTimesheetDate",), 0),
    ("Timesheets", ("FilterByRejected",), 0),
    ("VendorInvoices", ("FilterByVendor",), 0),
    ("VendorInvoices", ("FilterByUnpaid",), 0),
    ("VendorInvoices", ("FilterByLatestDatetoPay",), 0),
)
FILES = {
    "GLAccounts": ("gl_accounts",),
    "ExpenseReports": ("expense_reports",),
    "Timesheets": ("timesheets",),
    "VendorInvoices": ("vendor_invoices",),
}
for _noun, _names, _version in IGNORED:
    _where = f" in version {_version}" if _version else ""
    add(
        "filters",
        f"{_noun}-{_names[0]}-ignored".lower(),
        f"List{_noun} ignores {_names[0]}{_where}",
        ignored(_noun, *_names, version=_version),
        *FILES.get(_noun, ("filters", "filters_by_text", "filters_by_date", "filters_in_version_2", "clients_write")),
    )


@broken("filters", "filters")
def only_the_first_value_counts(exchange: Exchange) -> Envelope:
    """A filter with several values regards the first only."""
    return exchange.send(MethodArguments=each_list(exchange, lambda values: values[:1]))


@broken("filters", "filters")
def null_in_a_filter_is_ignored(exchange: Exchange) -> Envelope:
    """Null among the values of a filter keeps no records."""
    return exchange.send(
        MethodArguments=each_list(
            exchange, lambda values: [value for value in values if value is not None] or [1_999_999_999]
        )
    )


@broken("filters", "filters_by_text")
def like_matches_the_beginning(exchange: Exchange) -> Envelope:
    """FilterByDescriptionLike keeps the projects that begin with the text."""
    answer = exchange.send()
    text = exchange.arguments.get("FilterByDescriptionLike")
    if exchange.method == "ListProjects" and isinstance(text, str) and "%" not in text:
        rows = rows_of(answer, "Projects")
        answer["Content"]["Projects"] = [row for row in rows if row["Description"].lower().startswith(text.lower())]
    return answer


@broken("filters", "filters_by_text")
def equals_regards_case(exchange: Exchange) -> Envelope:
    """FilterByDescriptionEquals regards the case."""
    answer = exchange.send()
    text = exchange.arguments.get("FilterByDescriptionEquals")
    if exchange.method == "ListProjects" and isinstance(text, str):
        rows = rows_of(answer, "Projects")
        answer["Content"]["Projects"] = [row for row in rows if row["Description"] == text]
    return answer


@broken("filters", "filters_by_text")
def employee_name_in_last_names_only(exchange: Exchange) -> Envelope:
    """FilterByNameLike of employees does not search first names."""
    answer = exchange.send()
    text = exchange.arguments.get("FilterByNameLike")
    if exchange.method == "ListEmployees" and isinstance(text, str):
        rows = rows_of(answer, "Employees")
        answer["Content"]["Employees"] = [row for row in rows if text.lower() in row["LastName"].lower()]
    return answer


@broken("filters", "filters")
def unknown_status_keeps_nothing(exchange: Exchange) -> Envelope:
    """An unknown status is not refused and keeps nothing."""
    answer = exchange.send()
    if exchange.arguments.get("FilterByStatus") == ["Green"]:
        noun = exchange.method.removeprefix("List")
        return exchange.send(MethodArguments={}) | {"Content": {noun: []}}
    return answer


def each_list(exchange: Exchange, edit: Callable[[list[Any]], list[Any]]) -> Any:
    """Return the arguments of a List method with its lists of values edited."""
    if not exchange.method.startswith("List"):
        return exchange.request.get("MethodArguments")
    return {
        name: edit(value) if name.startswith("FilterBy") and isinstance(value, list) else value
        for name, value in exchange.arguments.items()
    }
