"""Projects of both versions."""

from __future__ import annotations

from typing import Any

from tools.breaks.exchange import (
    Envelope,
    Exchange,
    Row,
    all_rows,
    broken,
    failed,
    phases_in,
    rows_of,
    unchanged,
    updated,
)


def holders(exchange: Exchange, level: str) -> list[Row]:
    """Return the projects, groups, phases, clients, roles or lines that UpdateProjects of version 1 sends."""
    rows = updated(exchange, "Projects")
    if level == "project":
        return rows
    if level == "phase":
        return [phase for row in rows for phase in phases_in(row)]
    key = {"group": "InvoiceGroupKey", "client": "ClientKey", "role": "EmployeeKey", "line": "Order"}[level]
    return [row for row in all_rows(rows) if key in row]


KNOWN = {
    "client": {"ClientKey", "Description", "Delete"},
    "role": {"EmployeeKey", "FirstName", "MiddleName", "LastName", "Delete"},
    "line": {"ContactKey", "Order", "Text", "FirstName", "MiddleName", "LastName", "Title", "Company", "Delete"},
}


def drop_unknown(exchange: Exchange, level: str) -> Envelope:
    """Drop unknown members of an object inside a project."""
    for row in holders(exchange, level):
        for name in set(row) - KNOWN[level]:
            del row[name]
    return exchange.send()


@broken("projects v1", "projects_change")
def unknown_member_of_a_client_taken(exchange: Exchange) -> Envelope:
    """Unknown members inside the Client of an invoice group are dropped."""
    return drop_unknown(exchange, "client")


@broken("projects v1", "projects_change")
def unknown_member_of_a_role_taken(exchange: Exchange) -> Envelope:
    """Unknown members inside a role are dropped."""
    return drop_unknown(exchange, "role")


@broken("projects v1", "projects_change")
def unknown_member_of_a_contact_line_taken(exchange: Exchange) -> Envelope:
    """Unknown members inside a contact line are dropped."""
    return drop_unknown(exchange, "line")


@broken("projects v1", "projects_change")
def unknown_member_of_a_phase_taken(exchange: Exchange) -> Envelope:
    """A misspelled member of a phase is dropped."""
    for row in holders(exchange, "phase"):
        for name in ("Color", "Colour", "NoSuchMember", "Unknown"):
            row.pop(name, None)
    return exchange.send()


@broken("projects v1", "projects_change")
def unknown_member_of_a_group_taken(exchange: Exchange) -> Envelope:
    """A misspelled member of an invoice group is dropped."""
    for row in holders(exchange, "group"):
        for name in ("Color", "Colour", "NoSuchMember", "Unknown"):
            row.pop(name, None)
    return exchange.send()


def five(exchange: Exchange, level: str) -> Envelope:
    """Take any number of contact lines, and any Order."""
    for row in holders(exchange, level):
        if isinstance(row.get("Contacts"), list):
            row["Contacts"] = row["Contacts"][:5]
    return exchange.send()


@broken("projects v1", "projects_people")
def six_contact_lines_on_a_project(exchange: Exchange) -> Envelope:
    """A sixth contact line of a project is dropped."""
    return five(exchange, "project")


@broken("projects v1", "projects_people")
def six_contact_lines_on_a_phase(exchange: Exchange) -> Envelope:
    """A sixth contact line of a phase is dropped."""
    return five(exchange, "phase")


def any_order(exchange: Exchange, level: str) -> Envelope:
    """Take any Order of a contact line."""
    for row in holders(exchange, level):
        for line in row.get("Contacts") or ():
            if isinstance(line, dict) and isinstance(line.get("Order"), int):
                line["Order"] = min(max(line["Order"], 0), 4)
    return exchange.send()


@broken("projects v1", "projects_people")
def order_five_on_a_project(exchange: Exchange) -> Envelope:
    """A contact line of a project may have any Order."""
    return any_order(exchange, "project")


@broken("projects v1", "projects_people")
def order_five_on_a_phase(exchange: Exchange) -> Envelope:
    """A contact line of a phase may have any Order."""
    return any_order(exchange, "phase")


DATES = ("EstimatedStartDate", "EstimatedCompletionDate", "ActualStartDate", "ActualCompletionDate")


def without_bounds(exchange: Exchange, level: str) -> Envelope:
    """Take dates outside 1900 to 2079."""
    for row in holders(exchange, level):
        for name in DATES:
            if isinstance(row.get(name), str) and len(row[name]) == 10:
                row[name] = min(max(row[name], "1900-01-01"), "2079-06-06")
    return exchange.send()


@broken("projects v1", "projects_values")
def dates_of_projects_without_bounds(exchange: Exchange) -> Envelope:
    """Dates of projects may be before 1900 and after 2079."""
    return without_bounds(exchange, "project")


@broken("projects v1", "projects_values")
def dates_of_phases_without_bounds(exchange: Exchange) -> Envelope:
    """Dates of phases may be before 1900 and after 2079."""
    return without_bounds(exchange, "phase")


@broken("projects v1", "projects_values")
def dates_of_phases_in_any_order(exchange: Exchange) -> Envelope:
    """The start of a phase may be after its completion."""
    for row in holders(exchange, "phase"):
        for stem in ("Estimated", "Actual"):
            start, end = row.get(f"{stem}StartDate"), row.get(f"{stem}CompletionDate")
            if start and end and start > end:
                row[f"{stem}StartDate"] = end
    return exchange.send()


def none_for_negative(exchange: Exchange, level: str) -> Envelope:
    """Take a negative reference for none, where there may be none."""
    for row in holders(exchange, level):
        for name in ("ProjectTypeKey", "DepartmentKey", "WageTableKey", "TaxLocalKey", "RateTableKey"):
            if isinstance(row.get(name), int) and row[name] < 0:
                row[name] = None
        for name in ("EmailInvoiceTemplateKey", "EmailClientStatementTemplateKey"):
            if isinstance(row.get(name), int) and row[name] < 0:
                row[name] = None
        for name in ("ProjectManager", "PrincipalInCharge", "MarketingContact", "BillingManager", "BillingContact"):
            person = row.get(name)
            if isinstance(person, dict) and any(isinstance(key, int) and key < 0 for key in person.values()):
                row[name] = None
    return exchange.send()


@broken("projects v1", "projects_create")
def negative_reference_of_a_project_is_none(exchange: Exchange) -> Envelope:
    """A negative reference of a project that may be empty is taken for none."""
    return none_for_negative(exchange, "project")


@broken("projects v1", "projects_create")
def negative_reference_of_a_phase_is_none(exchange: Exchange) -> Envelope:
    """A negative reference of a phase that may be empty is taken for none."""
    return none_for_negative(exchange, "phase")


@broken("projects v1", "projects_create")
def negative_reference_of_a_group_is_none(exchange: Exchange) -> Envelope:
    """A negative reference of an invoice group that may be empty is taken for none."""
    return none_for_negative(exchange, "group")


def dropped(exchange: Exchange, kind: str) -> Envelope:
    """Hide the phases, or groups, that a change leaves out beside others."""
    answer, gone = exchange.send(), exchange.memory.setdefault("gone", set())
    if not failed(answer):
        for row in updated(exchange, "Projects"):
            groups = row.get("InvoiceGroups")
            for base in unchanged(exchange, "Projects"):
                if not groups or base.get("ProjectKey") != row.get("ProjectKey"):
                    continue
                kept = {group.get("InvoiceGroupKey"): group for group in groups}
                for group in base.get("InvoiceGroups", ()):
                    sent = kept.get(group["InvoiceGroupKey"])
                    if kind == "group" and sent is None:
                        gone.add(("InvoiceGroupKey", group["InvoiceGroupKey"]))
                    if kind == "phase" and sent and sent.get("Phases"):
                        rest = {phase.get("PhaseKey") for phase in sent["Phases"]}
                        keys = {phase["PhaseKey"] for phase in group["Phases"]} - rest
                        gone.update(("PhaseKey", key) for key in keys)
    for row in all_rows(answer.get("Content")):
        for name in ("InvoiceGroups", "Phases"):
            if isinstance(row.get(name), list):
                row[name] = [each for each in row[name] if not gone & set(_keys(each))]
    return answer


def _keys(row: Row) -> list[tuple[str, Any]]:
    return [(name, row[name]) for name in ("PhaseKey", "InvoiceGroupKey") if name in row]


@broken("projects v1", "projects_change")
def phase_left_out_is_dropped(exchange: Exchange) -> Envelope:
    """A phase that is left out beside another one is dropped."""
    return dropped(exchange, "phase")


@broken("projects v1", "projects_change")
def group_left_out_is_dropped(exchange: Exchange) -> Envelope:
    """An invoice group that is left out beside another one is dropped."""
    return dropped(exchange, "group")


@broken("projects v1", "projects_people")
def role_needs_no_flag(exchange: Exchange) -> Envelope:
    """An employee without the flag of a role is dropped instead of refused."""
    answer = exchange.send()
    if failed(answer) and updated(exchange, "Projects"):
        for row in updated(exchange, "Projects"):
            for name in ("ProjectManager", "PrincipalInCharge"):
                row.pop(name, None)
        return exchange.send()
    return answer


@broken("projects v1", "projects_create")
def equal_phase_keys_taken(exchange: Exchange) -> Envelope:
    """Two new phases may have the same negative key."""
    key = -1000
    for row in holders(exchange, "phase"):
        if isinstance(row.get("PhaseKey"), int) and row["PhaseKey"] < 0:
            key -= 1
            row["PhaseKey"] = key
    return exchange.send()


@broken("projects v1", "projects_create")
def equal_project_keys_taken(exchange: Exchange) -> Envelope:
    """Two new projects may have the same negative key."""
    key = -1000
    names = ("ProjectKey", "PhaseKey", "InvoiceGroupKey")
    if len(updated(exchange, "Projects")) > 1:
        for row in all_rows(updated(exchange, "Projects")):
            for name in names:
                if isinstance(row.get(name), int) and row[name] < 0:
                    key -= 1
                    row[name] = key
    return exchange.send()


@broken("projects v1", "projects_create")
def required_members_of_phases_are_filled(exchange: Exchange) -> Envelope:
    """A new phase needs neither a billing type nor contacts."""
    for row in holders(exchange, "phase"):
        if isinstance(row.get("PhaseKey"), int) and row["PhaseKey"] < 0:
            row.setdefault("BillingType", "TimeAndExpense")
            row.setdefault("Contacts", [])
    return exchange.send()


@broken("projects v1", "project_views")
def totals_of_the_first_phase(exchange: Exchange) -> Envelope:
    """The hours of a project's totals are not those of its phases."""
    answer = exchange.send()
    content = answer.get("Content")
    totals = content.get("ProjectTotals") if isinstance(content, dict) else None
    if isinstance(totals, dict):
        for name, value in list(totals.items()):
            if (
                "Hours" in name
                and not isinstance(value, list | dict | str | bool)
                and value
                and name != "HoursCostBudget"
            ):
                totals[name] = value + 1
    return answer


@broken("projects v1", "custom_fields", "projects_change")
def custom_texts_are_lost(exchange: Exchange) -> Envelope:
    """Custom fields of projects with a text never show it."""
    for name in ("UpdatedProjects", "UnchangedProjects"):
        for row in all_rows(exchange.arguments.get(name)):
            for field in [field for field in row if field.startswith("CF_") and name.startswith("Unch")]:
                del row[field]
    answer = exchange.send()
    for row in all_rows(answer.get("Content")):
        if "BillingType" in row:
            for field in row:
                if field.startswith("CF_") and isinstance(row[field], str):
                    row[field] = ""
    return answer


def rows_not_kept(exchange: Exchange, array: str) -> Envelope:
    """Answer changed rows of version 2 that are not written."""
    rows = exchange.arguments.get("UpdatedProjects")
    if exchange.method != "UpdateProjects" or exchange.version != 2 or not isinstance(rows, list):
        return exchange.send()
    key = {"Phases": "PhaseKey", "InvoiceGroups": "InvoiceGroupKey", "Resources": "ResourceKey"}[array]
    if not any(isinstance(row, dict) and key in row for row in rows):
        return exchange.send()
    exchange.mock.snapshot("before lost rows")
    answer = exchange.send()
    exchange.mock.restore("before lost rows")
    return answer


@broken("projects v2", "v2_projects_change")
def v2_changes_of_phases_not_kept(exchange: Exchange) -> Envelope:
    """UpdateProjects of version 2 does not keep what it writes with phases."""
    return rows_not_kept(exchange, "Phases")


@broken("projects v2", "v2_projects_change")
def v2_changes_of_resources_not_kept(exchange: Exchange) -> Envelope:
    """UpdateProjects of version 2 does not keep what it writes with resources."""
    return rows_not_kept(exchange, "Resources")


@broken("projects v2", "v2_projects_create")
def v2_creation_not_kept(exchange: Exchange) -> Envelope:
    """CreateProjects answers a project that it does not keep."""
    if exchange.method != "CreateProjects":
        return exchange.send()
    exchange.mock.snapshot("before a lost project")
    answer = exchange.send()
    exchange.mock.restore("before a lost project")
    return answer


@broken("projects v2", "v2_projects_change")
def v2_stale_bundle_taken(exchange: Exchange) -> Envelope:
    """UpdateProjects of version 2 does not compare the bundle."""
    answer = exchange.send()
    bundle = exchange.arguments.get("UnchangedProjects")
    if exchange.method == "UpdateProjects" and exchange.version == 2 and failed(answer) and isinstance(bundle, dict):
        keys = [row.get("ProjectKey") for row in bundle.get("Projects") or ()]
        fresh = exchange.call("GetProjects", {"RequestedProjects": keys})
        if rows_of(fresh, "Projects"):
            stamp = rows_of(fresh, "Projects")[0]["LastModifiedDate"]
            for row in all_rows(exchange.arguments.get("UpdatedProjects")):
                if "LastModifiedDate" in row:
                    row["LastModifiedDate"] = stamp
            return exchange.send(MethodArguments=exchange.arguments | {"UnchangedProjects": fresh["Content"]})
    return answer


@broken("projects v2", "v2_projects_change")
def v2_transaction_keeps_half(exchange: Exchange) -> Envelope:
    """A refused single transaction of version 2 writes the projects that are right."""
    answer = exchange.send()
    single = exchange.arguments.get("UseSingleTransaction") is True
    if exchange.method == "UpdateProjects" and exchange.version == 2 and failed(answer) and single:
        exchange.call("UpdateProjects", exchange.arguments | {"UseSingleTransaction": False})
    return answer


@broken("projects v2", "values", "v2_projects")
def v2_shows_nulls(exchange: Exchange) -> Envelope:
    """Version 2 shows unset dates as null."""
    answer = exchange.send()
    if exchange.method == "GetProjects" and exchange.version == 2:
        for row in rows_of(answer, "Projects"):
            for name in DATES:
                row.setdefault(name, None)
    return answer


@broken("projects v2", "v2_projects")
def v2_phases_of_one_group(exchange: Exchange) -> Envelope:
    """The phases of version 2 name the first invoice group."""
    answer = exchange.send()
    if exchange.method == "GetProjects" and exchange.version == 2 and rows_of(answer, "InvoiceGroups"):
        first = rows_of(answer, "InvoiceGroups")[0]["InvoiceGroupKey"]
        for row in rows_of(answer, "Phases"):
            row["InvoiceGroupKey"] = first
    return answer
