"""The register of methods: served and unserved versions, and permissions."""

import re
from dataclasses import replace

import pytest

from mock_ajera.api.families import METHODS, RECORDS
from mock_ajera.api.methods import Register
from mock_ajera.api.records import by_kind
from mock_ajera.claims import ledger


def test_a_duplicate_method_is_refused():
    """The register is checked when it is built."""
    method = METHODS["ListClients"]
    with pytest.raises(ValueError, match="ListClients is declared twice"):
        Register([method, method])


def test_a_duplicate_record_is_refused():
    with pytest.raises(ValueError, match="the record Client is declared twice"):
        by_kind([RECORDS["Client"], RECORDS["Client"]])


def test_the_claim_of_untried_methods_names_each_of_them():
    """Claim session.untried-method-refused."""
    says = ledger()["session.untried-method-refused"].says.partition(": ")[2]
    untried = {name for name, each in METHODS.items() if each.versions.keys() != each.known.keys()}
    assert set(re.findall(r"[A-Z]\w+", says)) == untried


def test_every_claim_of_a_method_is_in_the_ledger():
    for method in METHODS.values():
        for operation in method.versions.values():
            guessed = [guess.claim for guess in operation.guesses]
            assert {operation.claim, *operation.claims.values(), *guessed, *operation.manual} <= ledger().keys()


def test_permission_labels_are_the_names_in_words():
    """Source: public set-up guides (claim permission.labels)."""
    labels = {method.permission for method in METHODS.values()}
    assert {"Get Clients", "List Projects", "List Project Types", "List GL Accounts"} <= labels


UNAUTHORIZED = "Unauthorized method: {}"
OTHER_VERSION = "Unauthorized method {} for api version {} but is supported with api version {}"


@pytest.mark.parametrize("unknown", ["refuse", "empty"])
@pytest.mark.parametrize(
    ("name", "messages"),
    [
        ("ListVendorInvoices", (OTHER_VERSION, None)),
        ("GetTimesheets", (OTHER_VERSION, None)),
        ("EndTimesheetSessions", (UNAUTHORIZED, UNAUTHORIZED)),
        ("ListExpenseReports", (None, OTHER_VERSION)),
        ("ListEmployees", (None, OTHER_VERSION)),
        ("CreateProjects", (OTHER_VERSION, None)),
        ("UpdateVendorInvoices", (UNAUTHORIZED, UNAUTHORIZED)),
        ("UploadExpenseReports", (UNAUTHORIZED, UNAUTHORIZED)),
    ],
)
def test_a_method_that_is_not_served_is_refused_in_each_version(ajera, unknown, name, messages):
    """An unserved method never succeeds silently."""
    ajera.set_quirks(unknown_method=unknown)
    for version, message in enumerate(messages, 1):
        if message:
            assert ajera.call(name, version=version)["Message"] == message.format(name, version, 3 - version)


def test_account_groups_need_an_authorizing_employee(ajera):
    """Claim permission.account-groups-need-employee."""
    assert ajera.call("ListAccountGroups")["Errors"] == []
    ajera.tenant.users.put(replace(ajera.tenant.users[ajera.username], authorizing_employee=None))
    for method in ("ListAccountGroups", "GetGLAccounts"):
        assert ajera.call(method)["Errors"][0]["ErrorMessage"] == f"Unauthorized method: {method}"
    assert ajera.call("ListActivities")["Errors"] == []
    assert ajera.call("GetClients", {"RequestedClients": [1]})["Errors"] == []


def test_account_groups_are_served_to_a_user_of_an_inactive_employee(ajera):
    """Claim permission.account-groups-inactive-employee."""
    ajera.tenant.users.put(replace(ajera.tenant.users[ajera.username], authorizing_employee=8))
    for method in ("ListAccountGroups", "GetGLAccounts"):
        assert ajera.call(method)["Errors"] == []
    assert ajera.call("ListExpenseReports")["Errors"]


def test_null_paging_members_are_absent(ajera):
    answer = ajera.call("ListProjects", PageResults=True, PageSize=None, PageNumber=None)
    assert (answer["PageSize"], answer["PageNumber"]) == (10, 1)
