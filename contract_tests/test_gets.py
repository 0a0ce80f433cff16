"""The Get methods."""

from __future__ import annotations

import pytest

from .answers import records, refusal
from .client import AjeraClient
from .firm import Firm, lacking, phases_of
from .kinds import KINDS, key_of
from .target import Target

claim = pytest.mark.claim

UNKNOWN_KEY = 2_000_000_000
"""A key that no record has."""


def some_keys(firm: Firm, noun: str, number: int) -> list[int]:
    """Return the first keys of a list."""
    keys = [row[key_of(noun)] for row in firm.all(noun)][:number]
    return keys if len(keys) == number else lacking(f"{number} {noun}")


def got(firm: Firm, noun: str, *keys: int) -> list[int]:
    """Return the keys of the records that a Get method returns."""
    return [row[key_of(noun)] for row in firm.get(noun, *keys)]


@claim("list.get-several")
@pytest.mark.parametrize("noun", KINDS)
@pytest.mark.parametrize("number", [1, 3])
def test_several_keys(firm: Firm, noun: str, number: int) -> None:
    """A Get method returns a record for each key in the array."""
    keys = some_keys(firm, noun, number)
    assert sorted(got(firm, noun, *keys)) == sorted(keys)


@claim("list.get-unknown-left-out")
@pytest.mark.parametrize("noun", KINDS)
def test_unknown_keys_are_left_out(firm: Firm, noun: str) -> None:
    """An unknown key is left out without an error."""
    (key,) = some_keys(firm, noun, 1)
    assert got(firm, noun, UNKNOWN_KEY, key) == [key]
    assert got(firm, noun, UNKNOWN_KEY) == []


@claim("list.get-duplicate-once")
@pytest.mark.parametrize("noun", KINDS)
def test_duplicate_key(firm: Firm, noun: str) -> None:
    """A key that is requested twice is returned once."""
    (key,) = some_keys(firm, noun, 1)
    assert got(firm, noun, key, key) == [key]


@claim("list.get-empty-array")
@pytest.mark.parametrize("noun", KINDS)
def test_no_keys(firm: Firm, noun: str) -> None:
    """An empty array of keys returns no records."""
    assert got(firm, noun) == []


@claim("list.get-order-asked")
@pytest.mark.parametrize("noun", KINDS)
def test_order(firm: Firm, noun: str) -> None:
    """The records are in the order of the requested keys."""
    keys = some_keys(firm, noun, 3)
    for order in (keys, keys[::-1]):
        assert got(firm, noun, *order) == order


@claim("employee.fifty-keys")
def test_more_than_fifty_employees(client: AjeraClient, target: Target) -> None:
    """A request with 51 keys is refused with the code -100 and without data."""
    answer = client.call("GetEmployees", {"RequestedEmployees": list(range(1, 52))})
    if answer.succeeded and target.differs_by_choice:
        pytest.skip("the target accepts more than fifty keys")
    refusal(answer)
    assert answer.envelope["ResponseCode"] == -100
    assert not answer.content


@claim("employee.fifty-keys-served")
def test_fifty_employees(client: AjeraClient, firm: Firm, target: Target) -> None:
    """A call with 50 keys is served."""
    keys = [row["EmployeeKey"] for row in firm.all("Employees")][:50]
    # Padded with unknown keys if the firm has fewer employees.
    requested = keys + [UNKNOWN_KEY - number for number in range(50 - len(keys))]
    answer = client.call("GetEmployees", {"RequestedEmployees": requested})
    if not answer.succeeded and target.differs_by_choice:
        assert refusal(answer).envelope["ResponseCode"] == -100
        pytest.skip("the target accepts fewer than fifty keys")
    assert {row["EmployeeKey"] for row in records(answer, "Employees")} == set(keys)


@claim("employee.role-flags")
def test_flags_of_employees(firm: Firm) -> None:
    """Five flags define the roles that an employee may have."""
    for row in firm.some("Employees"):
        for name in ("IsProjectManager", "IsPrincipal", "IsSupervisor", "IsAccountingManager", "IsMarketingContact"):
            assert isinstance(row[name], bool), name


@claim("employee.nested-lists")
def test_lists_of_employees(firm: Firm) -> None:
    """Three nested lists are arrays. Two of them may be null."""
    for row in firm.some("Employees"):
        assert isinstance(row["PayRates"], list)
        for name in ("PayRates", "Contacts", "CreditCards"):
            assert row[name] is None or isinstance(row[name], list), name


@claim("employee.type-texts-from-key", "client.type-texts-from-key")
@pytest.mark.parametrize(("noun", "stem"), [("Employees", "EmployeeType"), ("Clients", "ClientType")])
def test_texts_of_types(firm: Firm, noun: str, stem: str) -> None:
    """Records with the same type key show the same description and notes of the type."""
    seen: dict[int, tuple[str, str]] = {}
    for row in firm.some(noun):
        if row[f"{stem}Key"]:
            texts = row[f"{stem}Description"], row[f"{stem}Notes"]
            assert seen.setdefault(row[f"{stem}Key"], texts) == texts
            assert texts[0]
    if not seen:
        lacking(f"{noun} with a type")


@claim("client.company-not-shown")
def test_clients_show_no_company(firm: Firm) -> None:
    assert not any("CompanyKey" in row or "CompanyDescription" in row for row in firm.some("Clients"))


@claim("client.contacts-list")
def test_contact_lines_of_clients(firm: Firm) -> None:
    """Contacts is an array or null, and its rows contain the names of the contact."""
    lines = []
    for row in firm.some("Clients"):
        assert row["Contacts"] is None or isinstance(row["Contacts"], list)
        lines += row["Contacts"] or []
    names = {"ContactKey", "Order", "Text", "FirstName", "MiddleName", "LastName", "Title", "Company"}
    assert all(names <= line.keys() for line in lines or lacking("client with contacts"))


@claim("client.contacts-empty-array")
def test_clients_without_contacts(firm: Firm) -> None:
    """The array is empty if a client has no contacts."""
    assert all(isinstance(row["Contacts"], list) for row in firm.some("Clients"))


@claim("client.contacts-link", "contact.client-from-link")
def test_contacts_show_their_client(firm: Firm) -> None:
    """A contact in the Contacts of clients shows one of these clients."""
    clients: dict[int, set[int]] = {}
    for row in firm.some("Clients"):
        for line in row["Contacts"] or ():
            clients.setdefault(line["ContactKey"], set()).add(row["ClientKey"])
    shown = {row["ContactKey"]: row for row in firm.some("Contacts")}
    linked = clients.keys() & shown.keys() or lacking("client with contacts")
    names = {row["ClientKey"]: row["Description"] for row in firm.all("Clients")}
    for key in linked:
        assert shown[key]["ContactClientKey"] in clients[key]
        assert shown[key]["ContactClientDescription"] == names[shown[key]["ContactClientKey"]]


@claim("contact.client-of-several")
def test_contact_of_several_clients(firm: Firm) -> None:
    """A contact of several clients shows the client with the lowest key."""
    clients: dict[int, set[int]] = {}
    for row in firm.some("Clients"):
        for line in row["Contacts"] or ():
            clients.setdefault(line["ContactKey"], set()).add(row["ClientKey"])
    for row in firm.some("Contacts"):
        if row["ContactKey"] in clients:
            assert row["ContactClientKey"] == min(clients[row["ContactKey"]])


@claim("contact.type-texts-null")
def test_contacts_without_a_type(firm: Firm) -> None:
    """The two texts of the type are null if a contact has no type."""
    rows = [row for row in firm.some("Contacts") if row["ContactTypeKey"] is None] or lacking("contact without a type")
    assert all(row["ContactTypeDescription"] is None and row["ContactTypeNotes"] is None for row in rows)


@claim("project.v1-nested", "project.get-without-resources")
def test_projects_nest(firm: Firm) -> None:
    """A project contains invoice groups, and a group contains phases. Resources are not shown."""
    for row in firm.some("Projects"):
        assert isinstance(row["InvoiceGroups"], list)
        assert all(isinstance(group["Phases"], list) for group in row["InvoiceGroups"])
        assert "Resources" not in row
        assert not any("Resources" in phase for phase in phases_of(row))


@claim("project.v1-sub-phases")
def test_phases_nest(firm: Firm) -> None:
    """A phase contains its sub-phases in a list of phases."""
    subs = [sub for phase in firm.phases() for sub in phase.get("Phases") or ()]
    assert all({"PhaseKey", "Description"} <= sub.keys() for sub in subs or lacking("project with sub-phases"))


@claim("project.leaf-phase-without-phases")
def test_leaf_phases(firm: Firm) -> None:
    """A phase without sub-phases has no list of phases."""
    assert all(phase["Phases"] for phase in firm.phases() if "Phases" in phase)


@claim("project.stamped", "project.group-not-stamped")
def test_records_with_a_stamp(firm: Firm) -> None:
    """Projects and phases have a LastModifiedDate. Invoice groups have none."""
    assert all("LastModifiedDate" in row for row in [*firm.some("Projects"), *firm.phases()])
    assert not any("LastModifiedDate" in group for group in firm.groups())


@claim("project.one-stamp")
def test_one_stamp(firm: Firm) -> None:
    """The phases have the stamp of their project."""
    for row in firm.some("Projects"):
        assert all(phase["LastModifiedDate"] == row["LastModifiedDate"] for phase in phases_of(row))


@claim("project.keys-one-sequence")
def test_keys_of_projects_and_phases(firm: Firm) -> None:
    """No phase has the key of a project, and no two phases have the same key."""
    phases = [phase["PhaseKey"] for phase in firm.phases()]
    assert len(phases) == len(set(phases))
    assert not set(phases) & {row["ProjectKey"] for row in firm.all("Projects")}


@claim("project.unset-role-null", "project.person-object")
@pytest.mark.parametrize("role", ["ProjectManager", "PrincipalInCharge", "MarketingContact"])
def test_roles(firm: Firm, role: str) -> None:
    """A role is an object with a key and names, or null."""
    held = [row[role] for row in [*firm.some("Projects"), *firm.phases()]]
    people = [person for person in held if person is not None]
    assert all(person.keys() == {"EmployeeKey", "FirstName", "MiddleName", "LastName"} for person in people)
    if not people or len(people) == len(held):
        lacking(f"projects with and without a {role}")


@claim("project.group-leaves-out-unset")
def test_unset_members_of_groups(firm: Firm) -> None:
    """Unset members of an invoice group are left out, not null."""
    names = ("Client", "BillingManager", "BillingContact")
    assert all(group[name] is not None for group in firm.groups() for name in names if name in group)
    if all(name in group for group in firm.groups() for name in names):
        lacking("invoice group without a billing manager")


CONTRACT = (
    "TotalContractAmount",
    "LaborContractAmount",
    "ExpenseContractAmount",
    "ConsultantContractAmount",
    "BillLaborAsTE",
    "BillExpenseAsTE",
    "BillConsultantAsTE",
    "ConstructionCost",
    "PercentOfConstructionCost",
)


@claim("project.overhead-leaves-out-contract")
def test_overhead_projects(firm: Firm) -> None:
    """Overhead projects have none of the contract members."""
    rows = [row for row in firm.some("Projects") if row["BillingType"] == "Overhead"] or lacking("overhead project")
    if all(set(CONTRACT) <= row.keys() for row in rows):
        pytest.skip("the target shows every printed member")
    assert not any(name in row for row in rows for name in CONTRACT)


@claim("project.overhead-rate-table-zero")
def test_rate_table_of_overhead_projects(firm: Firm) -> None:
    """An Overhead project without a rate table has the key 0 and no description."""
    rows = [row for row in firm.some("Projects") if row["BillingType"] == "Overhead"] or lacking("overhead project")
    unset = [row for row in rows if not row["RateTableKey"]] or lacking("overhead project without a rate table")
    if all(row["RateTableKey"] is None for row in unset):
        pytest.skip("the target returns null")
    assert all((row["RateTableKey"], row["RateTableDescription"]) == (0, "") for row in unset)


@claim("project.keys-per-get")
def test_two_thousand_keys_are_refused(client: AjeraClient) -> None:
    """GetProjects refuses 2000 keys and returns no data."""
    answer = client.call("GetProjects", {"RequestedProjects": list(range(1, 2001))})
    if answer.succeeded:
        pytest.skip("the target accepts more keys")
    assert not refusal(answer).content


@claim("project.members-by-billing-type")
@pytest.mark.parametrize(
    ("billing_type", "names"),
    [
        ("UnitPrice", ("Units", "UnitRate", "UnitDescription")),
        ("PercentComplete", ("ReportedPercentComplete", "ReportedPercentCompleteDate")),
    ],
)
def test_members_by_billing_type(firm: Firm, billing_type: str, names: tuple[str, ...]) -> None:
    """Some members are shown for one billing type only."""
    if all(names[0] in row for row in firm.some("Projects")):
        pytest.skip("the target shows every printed member")
    for row in [*firm.some("Projects"), *firm.phases()]:
        for name in names:
            assert (name in row) == (row["BillingType"] == billing_type), (row["BillingType"], name)


@claim("project.reported-date-name", "project.percent-date-name")
def test_name_of_the_reported_date(firm: Firm) -> None:
    """The date is ReportedPercentCompleteDate, or ReportedPercentDate on every project, as the page prints it."""
    projects, phases = firm.some("Projects"), list(firm.phases())
    other = {"ReportedPercentDate" in row for row in projects}
    assert len(other) == 1
    if True in other:
        assert all("ReportedPercentComplete" in row for row in projects)
        assert not any("ReportedPercentDate" in phase for phase in phases)
    else:
        for row in [*projects, *phases]:
            assert "ReportedPercentDate" not in row
            assert ("ReportedPercentComplete" in row) == ("ReportedPercentCompleteDate" in row)


@claim("project.v1-custom-fields-prefixed")
def test_custom_fields(firm: Firm) -> None:
    """Custom fields are members of the record, with a prefix and without spaces."""
    names = {name for row in firm.some("Projects") for name in row if name.startswith("CF_")}
    assert all(len(name) > 3 and " " not in name for name in names or lacking("project with custom fields"))
    assert not any("CustomFields" in row for row in firm.some("Projects"))


@claim("project.custom-field-choice")
def test_custom_choices(firm: Firm) -> None:
    """A drop-down shows its value, whether other values may be typed, and its list of values."""
    values = [value for row in firm.some("Projects") for name, value in row.items() if name.startswith("CF_")]
    choices = [value for value in values if isinstance(value, dict)] or lacking("drop-down custom field")
    for choice in choices:
        assert choice.keys() == {"Value", "AllowEdit", "Values"}
        assert isinstance(choice["Value"], str)
        assert isinstance(choice["AllowEdit"], bool)
        assert all(isinstance(value, str) for value in choice["Values"])


@claim("list.repeated-keys-count-once")
def test_repeated_keys_count_once(client: AjeraClient, firm: Firm) -> None:
    """Sixty times the same key is one key for the maximum of GetEmployees."""
    key = firm.one("Employees")["EmployeeKey"]
    (record,) = records(client.call("GetEmployees", {"RequestedEmployees": [key] * 60}), "Employees")
    assert record["EmployeeKey"] == key
