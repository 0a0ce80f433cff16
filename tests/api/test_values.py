"""Single values of records: accepted and refused values, and the reasons."""

from copy import deepcopy
from decimal import Decimal

import pytest
import records
from records import new_client, read_one, reasons, written


@pytest.fixture
def project(ajera):
    """Return a project with every kind of custom field set."""
    return records.read(ajera, "Projects")[0]


def update(ajera, changed, baseline):
    return records.update(ajera, "Projects", changed, baseline)


@pytest.mark.parametrize(("sent", "stored"), [("true", True), ("False", False), (True, True)])
def test_a_flag_may_be_a_word(ajera, project, sent, stored):
    other = update(ajera, project | {"LockFee": not stored, "Notes": "first"}, project)["Content"]["Projects"][0]
    (shown,) = update(ajera, other | {"LockFee": sent, "Notes": "then"}, other)["Content"]["Projects"]
    assert shown["LockFee"] is stored


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        *((member, None, "null") for member in ("Status", "LockFee", "LaborCostBudget")),
        *(("ActualStartDate", f"2024-02-29{time}", "date") for time in ("T25:00:00", " 10:61", "T", " noon")),
        *(("LaborCostBudget", amount, "precision") for amount in (10**17, 10**29, -(10**29))),
    ],
)
def test_an_invalid_value_is_refused(ajera, project, member, value, rule):
    """A valid time after a day is dropped (claim value.day-time-cut)."""
    assert update(ajera, project | {member: value}, project)["Errors"]
    assert reasons(ajera) == [(f"UpdatedProjects[0].{member}", rule)]


@pytest.mark.parametrize(
    ("key", "message"),
    [(2**31 - 1, "The record does not exist."), (2**31, "One or more properties contain invalid data")],
)
def test_keys_have_32_bits(ajera, project, key, message):
    answer = update(ajera, project | {"ProjectKey": key}, project)
    assert answer["Errors"][0]["ErrorMessage"] == message


@pytest.mark.parametrize(("key", "made"), [(-(2**31), True), (-(2**31) - 1, False)])
def test_keys_of_new_records_have_32_bits(ajera, key, made):
    assert (records.update(ajera, "Clients", new_client(key=key))["Errors"] == []) is made


@pytest.mark.parametrize(("length", "shown"), [(40, repr("x" * 40)), (41, repr("x" * 37 + "..."))])
def test_a_value_in_a_reason_is_cut_off_at_40_characters(ajera, project, length, shown):
    update(ajera, project | {"Status": "x" * length}, project)
    assert ajera.journal[-1].reasons[0].text.startswith(f"{shown} is not one of ")
    notes = "x" * (length - 2)
    whole = repr(notes) if length == 40 else f"'{'x' * 36}..."
    update(ajera, project | {"ID": "other"}, project | {"Notes": notes})
    assert ajera.journal[-1].reasons[0].text.startswith(f"{whole} does not match the stored value")


def test_the_content_of_a_refused_update_is_an_empty_object(ajera, project):
    assert update(ajera, project | {"Description": "x" * 81}, project)["Content"] == {}


def test_a_row_after_an_invalid_one_is_reported_with_its_index(ajera, project):
    lines = [{"ContactKey": 1, "Order": 9}, {"ContactKey": 987654, "Order": 0}, {"ContactKey": 1, "Order": 1}]
    update(ajera, project | {"Contacts": lines}, project)
    assert reasons(ajera) == [
        ("UpdatedProjects[0].Contacts[0].Order", "range"),
        ("UpdatedProjects[0].Contacts[1].ContactKey", "reference"),
    ]


@pytest.mark.parametrize("row", [5, "x", None, []])
@pytest.mark.parametrize("unknown", ["refuse", "ignore"])
def test_a_phase_that_is_no_object_is_refused(ajera, project, unknown, row):
    ajera.set_quirks(unknown_members=unknown)
    group = project["InvoiceGroups"][0]
    changed = project | {"InvoiceGroups": [group | {"Phases": [row, *group["Phases"]]}]}
    assert update(ajera, changed, project)["Errors"]
    assert reasons(ajera) == [("UpdatedProjects[0].InvoiceGroups[0].Phases[0]", "type")]


def test_dropping_the_time_of_a_day_relies_on_its_claim(ajera, project):
    """Claim value.day-time-cut."""
    update(ajera, project | {"ActualStartDate": "2001-02-28"}, project)
    assert "value.day-time-cut" not in ajera.journal[-1].claims
    project = read_one(ajera, "Projects", project["ProjectKey"])
    update(ajera, project | {"ActualStartDate": "2001-03-01T10:00:00"}, project)
    assert "value.day-time-cut" in ajera.journal[-1].claims


def test_a_baseline_that_differs_is_reported_with_both_values(ajera, project):
    sum_, text = project["LaborCostBudget"], project["Notes"]
    update(ajera, project | {"ID": "x"}, project | {"LaborCostBudget": sum_ + 1, "Notes": "other"})
    assert {(reason.path, reason.text) for reason in ajera.journal[-1].reasons} == {
        ("UnchangedProjects[0].LaborCostBudget", f"{sum_ + 1:.2f} does not match the stored value {sum_:.2f}"),
        ("UnchangedProjects[0].Notes", f"'other' does not match the stored value {text!r}"),
    }


def test_a_row_of_a_baseline_must_be_stored(ajera, project):
    group = project["InvoiceGroups"][0] | {"InvoiceGroupKey": 987654}
    update(ajera, project | {"ID": "x"}, project | {"InvoiceGroups": [group]})
    assert reasons(ajera) == [("UnchangedProjects[0].InvoiceGroups[0].InvoiceGroupKey", "baseline")]


# Custom fields.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CF_PermitNumber", ""),
        ("CF_PermitNumber", "B-00-0000"),
        ("CF_SquareFootage", None),
        ("CF_SquareFootage", "wide"),
        ("CF_PublicWork", False),
        ("CF_PermitIssued", None),
        ("CF_LeedTarget", ""),
        ("CF_LeedTarget", "Bronze"),
    ],
)
def test_a_custom_field_of_a_baseline_must_match(ajera, project, name, value):
    assert project[name] not in (None, "", False)
    answer = update(ajera, project | {"Notes": "other"}, project | {name: value})
    assert answer["Errors"][0]["ErrorMessage"] == "The record has been changed since it was read."
    assert reasons(ajera) == [(f"UnchangedProjects[0].{name}", "baseline")]


@pytest.mark.parametrize(
    ("name", "value"), [("CF_PermitNumber", "B-1"), ("CF_SquareFootage", 5), ("CF_PublicWork", True)]
)
def test_an_unset_custom_field_must_be_unset_in_a_baseline(ajera, name, value):
    project = next(row for row in records.read(ajera, "Projects") if not row[name])
    assert update(ajera, project | {"Notes": "other"}, project | {name: value})["Errors"]
    assert reasons(ajera) == [(f"UnchangedProjects[0].{name}", "baseline")]


def test_unset_custom_fields_are_printed_by_kind(ajera):
    """A text is empty, a flag false, a drop-down has no value; a number and a day are null."""
    unset = {"CF_PermitNumber": "", "CF_PublicWork": False, "CF_SquareFootage": None, "CF_PermitIssued": None}
    unset["CF_LeedTarget"] = {"Value": "", "AllowEdit": False, "Values": ["Certified", "Silver", "Gold", "Platinum"]}
    bare = next(
        row for row in records.read(ajera, "Projects") if not row["CF_SquareFootage"] and not row["CF_PermitNumber"]
    )
    assert {name: bare[name] for name in unset} == unset


def test_only_the_version_1_text_for_the_other_version_is_observed(ajera):
    """The mirrored text of version 2 is a guess, and so is that the method is not served there."""
    ajera.call("GetClients", {"RequestedClients": [1]}, version=2)
    assert "session.method-of-other-version-mirrored" in ajera.journal[-1].claims
    ajera.call("ListEmployees", version=2)
    assert ajera.journal[-1].reasons[0].claim == "session.method-of-other-version-mirrored"
    ajera.call("ListTimesheets")
    assert ajera.journal[-1].reasons[0].claim == "session.method-of-other-version"


def test_an_optional_whole_number_may_be_null(ajera):
    """The Order of a contact line of a client (claim write.null-clears)."""
    line = {"ContactKey": 1, "Order": None, "Text": "no order"}
    (client,) = written(ajera, "Clients", new_client(Contacts=[line]))
    (shown,) = client["Contacts"]
    assert (shown["Order"], shown["Text"]) == (None, "no order")


def test_a_negative_amount_keeps_its_sign_and_zero_has_none(ajera, project):
    (less,) = update(ajera, project | {"LaborCostBudget": Decimal("-5.50")}, project)["Content"]["Projects"]
    assert str(less["LaborCostBudget"]) == "-5.50"
    (none,) = update(ajera, less | {"LaborCostBudget": Decimal("-0.001")}, less)["Content"]["Projects"]
    assert str(none["LaborCostBudget"]) == "0.00"


def test_list_contacts_prints_client_and_vendor_as_get_contacts_does(ajera):
    rows = {row["ContactKey"]: row for row in ajera.content("ListContacts")["Contacts"]}
    full = records.read(ajera, "Contacts")
    for name in ("ContactClientKey", "ContactVendorKey"):
        assert len({row[name] for row in full}) >= 2
        assert {row["ContactKey"]: row[name] for row in full} == {key: row[name] for key, row in rows.items()}


def test_lookups_without_a_reference_have_their_blank_value(ajera):
    """A vendor prints the flags of its type (claim vendor.get-members)."""
    ajera.put_record("Vendor", {"VendorKey": 900, "Name": "Without a type", "VendorTypeKey": None})
    vendor = read_one(ajera, "Vendors", 900)
    assert (vendor["VendorTypeKey"], vendor["VendorTypeDescription"]) == (None, "")
    assert (vendor["VendorTypeIsConsultant"], vendor["VendorTypeIsCreditCard"]) == (False, False)


@pytest.mark.parametrize(("group", "role", "removed"), [(0, "BillingManager", False), (None, "ProjectManager", True)])
def test_delete_removes_a_person_only_in_the_roles_of_a_project(ajera, group, role, removed):
    """Elsewhere, Delete is an unknown member."""
    before = read_one(ajera, "Projects", 1)
    after = deepcopy(before)
    holder = after if group is None else after["InvoiceGroups"][group]
    holder[role] |= {"Delete": True}
    assert (update(ajera, after, before)["Errors"] == []) is removed
    if not removed:
        ((path, rule),) = reasons(ajera)
        assert (path.rpartition(".")[2], rule) == ("Delete", "unknown-member")


def test_null_removes_all_rows_of_an_optional_list(ajera):
    before = read_one(ajera, "Clients", 1)
    assert before["Contacts"]
    (answered,) = written(ajera, "Clients", before | {"Contacts": None}, before)
    stored = ajera.tenant.body(ajera.tenant.row("Client", 1))
    assert answered["Contacts"] == read_one(ajera, "Clients", 1)["Contacts"] == stored["Contacts"] == []
