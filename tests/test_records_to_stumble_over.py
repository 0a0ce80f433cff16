"""The records of the sample that programs stumble over, and those that can be deleted."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from records import keys_of, phases, read, read_one, update, written

from mock_ajera import MockAjera

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "fixtures" / "README.md").read_text(encoding="utf-8")
NOUNS = ("Clients", "Contacts", "Employees", "Vendors", "Projects", "ExpenseReports")
"""The kinds that version 1 updates."""
DELETABLE = re.findall(r"^\| (\w+) (\d+) \| `Update(\w+)` \|", PAGE, re.MULTILINE)
"""The kind, the key and the noun of each record that the page says can be deleted in version 1."""
DELETABLE_INVOICE = int(re.findall(r"^\| VendorInvoice (\d+) \| `DeleteVendorInvoices`", PAGE, re.MULTILINE)[0])


@pytest.fixture(scope="module")
def firm() -> Iterator[MockAjera]:
    """Provide a firm that no test changes."""
    with MockAjera() as ajera:
        yield ajera


@pytest.fixture
def ajera() -> Iterator[MockAjera]:
    """Provide a firm with the guessed methods, such as UpdateExpenseReports and DeleteVendorInvoices."""
    with MockAjera(quirks={"guessed_methods": "serve"}) as ajera:
        yield ajera


# Deletion.


def test_the_page_names_a_record_of_each_kind_that_can_be_deleted():
    assert sorted(noun for _, _, noun in DELETABLE) == sorted(NOUNS)


@pytest.mark.parametrize(("kind", "key", "noun"), DELETABLE, ids=[kind for kind, _, _ in DELETABLE])
def test_the_record_on_the_page_can_be_deleted(ajera, kind, key, noun):
    record = read_one(ajera, noun, int(key))
    assert written(ajera, noun, record | {"Delete": True}, record) == [{f"{kind}Key": int(key), "Deleted": True}]
    assert int(key) not in keys_of(ajera, noun)


def test_the_vendor_invoice_on_the_page_can_be_deleted(ajera):
    ajera.content("DeleteVendorInvoices", {"DeletedVendorInvoices": [DELETABLE_INVOICE]}, version=2)
    found = ajera.content("ListVendorInvoices", version=2)["VendorInvoices"]
    assert DELETABLE_INVOICE not in [row["VendorInvoiceKey"] for row in found]


# Numbers.


def with_floats(ajera: MockAjera, version: int, method: str, arguments: Any) -> Any:
    """Call a method as a program does whose numbers are binary floats, with the module json. Return the envelope."""
    body = {"Method": method, "SessionToken": ajera.token(version), "MethodArguments": arguments}
    with urllib.request.urlopen(urllib.request.Request(ajera.url, json.dumps(body).encode())) as response:
        return json.loads(response.read())


CHANGES = pytest.mark.parametrize(
    ("changes", "message"),
    [({}, "No valid changes to this object exist."), ({"Notes": "changed"}, "Success")],
    ids=["unchanged", "changed"],
)


@CHANGES
@pytest.mark.parametrize("noun", NOUNS)
def test_a_program_with_binary_floats_can_write_every_record(ajera, noun, changes, message):
    answers = {}
    for key in keys_of(ajera, noun):
        (record,) = with_floats(ajera, 1, f"Get{noun}", {f"Requested{noun}": [key]})["Content"][noun]
        arguments = {f"Updated{noun}": [record | changes], f"Unchanged{noun}": [record]}
        answers[key] = with_floats(ajera, 1, f"Update{noun}", arguments)["Message"]
    if noun == "ExpenseReports":
        # A report that is submitted, approved or processed cannot be changed.
        answers = {key: answers[key] for key in (4, 5)}
    assert set(answers.values()) == {message}, answers


@CHANGES
def test_a_program_with_binary_floats_can_write_every_project_in_version_2(ajera, changes, message):
    answers = {}
    for key in keys_of(ajera, "Projects"):
        bundle = with_floats(ajera, 2, "GetProjects", {"RequestedProjects": [key]})["Content"]
        rows = [bundle["Projects"][0] | changes, *bundle["InvoiceGroups"], *bundle["Phases"]]
        arguments = {"UpdatedProjects": rows, "UnchangedProjects": bundle}
        answers[key] = with_floats(ajera, 2, "UpdateProjects", arguments)["Message"]
    assert set(answers.values()) == {message}, answers


@pytest.mark.parametrize("floats", [False, True])
def test_nineteen_digits_survive_only_as_decimals(floats):
    """The other firm has an amount that no binary float holds. A program that rounds it has a stale baseline."""
    with MockAjera(sample=ROOT / "tests" / "fixtures" / "other_firm") as ajera:
        project = read_one(ajera, "Projects", 7007)
        assert project["TotalContractAmount"] == Decimal("12345678901234567.89")
        sent = json.loads(json.dumps(project, default=float)) if floats else project
        answer = update(ajera, "Projects", sent | {"Notes": "changed"}, sent)
        assert answer["Message"] == ("The record has been changed since it was read." if floats else "Success")
        assert read_one(ajera, "Projects", 7007)["TotalContractAmount"] == project["TotalContractAmount"]


# People.


@pytest.mark.parametrize("noun", ["Employees", "Contacts"])
def test_addresses_do_not_identify_people(firm, noun):
    """Some active people have none, two share one, and some are written in capitals or mixed case."""
    found = [row["Email"] for row in read(firm, noun) if row["Status"] == "Active"]
    assert "" in found
    assert Counter(text.lower() for text in found if text).most_common(1)[0][1] > 1
    assert any(text.isupper() or text != text.lower() for text in found)


def test_an_employee_who_left_shares_the_address_of_the_successor(firm):
    left, successor = read_one(firm, "Employees", 16), read_one(firm, "Employees", 11)
    assert (left["Status"], successor["Status"]) == ("Inactive", "Active")
    assert left["Email"] == successor["Email"]


@pytest.mark.parametrize("noun", ["Employees", "Contacts"])
@pytest.mark.parametrize("trait", [r"[^\x00-\x7f]", "'", ", Jr[.]$", "[A-Z][a-z]+-[A-Z]", " $"])
def test_names_are_as_people_write_them(firm, noun, trait):
    """Names have accents, apostrophes, commas, hyphens, and a blank at the end, which Ajera keeps."""
    assert any(re.search(trait, row[part]) for row in read(firm, noun) for part in ("FirstName", "LastName"))


def test_a_client_has_no_contacts(firm):
    assert {row["Status"] for row in read(firm, "Clients") if not row["Contacts"]} == {"Active", "Inactive"}


def test_a_phase_still_has_the_manager_who_left(ajera):
    """The project has the successor. It can be changed; but the employee is in use, and manages nothing new."""
    project = read_one(ajera, "Projects", 5)
    [phase] = [row for row in phases(project) if (row.get("ProjectManager") or {}).get("EmployeeKey") == 16]
    left = read_one(ajera, "Employees", 16)
    assert (phase["PhaseKey"], phase["Status"], left["Status"]) == (8, "Closed", "Inactive")
    assert read_one(ajera, "Employees", project["ProjectManager"]["EmployeeKey"])["Status"] == "Active"
    [project] = written(ajera, "Projects", project | {"Notes": "changed"}, project)
    assert update(ajera, "Employees", left | {"Delete": True}, left)["Errors"]
    assert update(ajera, "Projects", project | {"ProjectManager": {"EmployeeKey": 16}}, project)["Errors"]


@pytest.mark.parametrize("member", ["PayRates", "CreditCards", "Contacts"])
def test_some_employees_have_rates_cards_and_contacts(firm, member):
    filled = [bool(row[member]) for row in read(firm, "Employees")]
    assert 5 <= sum(filled) < len(filled)


# Phases.


def levels(rows: Any, level: int = 1) -> Iterator[tuple[int, Any]]:
    """Yield the phases of a group with their levels."""
    for row in rows:
        yield level, row
        yield from levels(row.get("Phases", ()), level + 1)


def all_levels(firm: MockAjera) -> list[tuple[int, Any]]:
    groups = [group for project in read(firm, "Projects") for group in project["InvoiceGroups"]]
    return [found for group in groups for found in levels(group["Phases"])]


def test_most_phases_are_on_the_second_level(firm):
    """A warehouse of a real firm has 1044, 3007 and 258 phases on the three levels."""
    counts = Counter(level for level, _ in all_levels(firm))
    assert counts[2] > counts[1] + counts[3]
    assert counts[1] > counts[3] > 0.05 * counts.total()


def test_time_is_logged_on_the_second_and_third_level(firm):
    keys = [row["Timesheet Key"] for row in firm.content("ListTimesheets", version=2)["Timesheets"]]
    sheets = firm.content("GetTimesheets", {"RequestedTimesheets": keys}, version=2)["Timesheets"]
    worked = {row["Phase Key"] for sheet in sheets for row in sheet["Project"].get("Detail", ())}
    assert {level for level, phase in all_levels(firm) if phase["PhaseKey"] in worked} == {1, 2, 3}


def test_most_phases_have_roles(firm):
    """A project manager, and often a principal; some have a marketing contact or another manager than the project."""
    rows = [phase for _, phase in all_levels(firm)]
    counts = Counter(
        role for row in rows for role in ("ProjectManager", "PrincipalInCharge", "MarketingContact") if row.get(role)
    )
    assert counts["ProjectManager"] > 0.7 * len(rows)
    assert counts["PrincipalInCharge"] > 0.6 * len(rows)
    assert counts["MarketingContact"] > 0.1 * len(rows)
