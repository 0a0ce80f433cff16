"""The register of methods: no name twice, none both served and not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_ajera.api.families import METHODS
from mock_ajera.api.methods import Register
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.api.unserved import UNSERVED
from mock_ajera.claims import ledger


def test_two_methods_of_one_name_are_refused():
    """A duplicate is found when the register is made, not when it is called."""
    method = METHODS["ListClients"]
    with pytest.raises(ValueError, match="ListClients is declared twice"):
        Register([method, method])


def test_all_known_methods_are_served_or_known_to_be_missing():
    """Ajera has 66 methods that anybody has evidence of."""
    assert not SESSION_METHODS.keys() & UNSERVED.keys()
    assert not any(set(method.versions) & set(UNSERVED.get(name, ())) for name, method in METHODS.items())
    assert len({*METHODS, *SESSION_METHODS, *UNSERVED}) == 66


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_rests_on_a_claim(method):
    """Its declaration names one that exists."""
    assert method.grade is ledger()[method.claim].grade


def test_permission_labels_are_the_names_in_words():
    """As printed in public set-up guides (claim permission.labels)."""
    labels = {method.permission for method in METHODS.values()}
    assert {"Get Clients", "List Projects", "List Project Types", "List Rate Tables"} <= labels


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        (
            "ListVendorInvoices",
            1,
            "Unauthorized method ListVendorInvoices for api version 1 but is supported with api version 2",
        ),
        ("ListEmployees", 2, "Unauthorized method ListEmployees for api version 2 but is supported with api version 1"),
        ("ListVendorInvoices", 2, "Unauthorized method: ListVendorInvoices"),
        ("NoSuchMethod", 1, "Unauthorized method: NoSuchMethod"),
    ],
)
def test_a_method_that_cannot_be_called(ajera, name, version, message):
    """The other version is named where it would do; what is not served never succeeds silently."""
    ajera.tenant.set_quirks({"unknown_method": "empty" if name == "ListVendorInvoices" else "refuse"})
    assert ajera.call(name, version=version)["Message"] == message


@pytest.mark.parametrize(
    ("method", "version", "message"),
    [
        ("UpdateVendors", 1, "Unauthorized method: UpdateVendors"),
        ("UpdateVendors", 2, "Unauthorized method UpdateVendors for api version 2 but is supported with api version 1"),
        ("GetTimesheets", 1, "Unauthorized method GetTimesheets for api version 1 but is supported with api version 2"),
        ("GetTimesheets", 2, "Unauthorized method: GetTimesheets"),
        ("ListGLAccounts", 1, "Unauthorized method: ListGLAccounts"),
        ("ListGLAccounts", 2, "Unauthorized method: ListGLAccounts"),
    ],
)
def test_a_method_that_is_not_served_is_refused_as_ajera_would(ajera, method, version, message):
    """By the version that has it; that it is missing here is in the reason."""
    assert ajera.call(method, {}, version=version)["Errors"][0]["ErrorMessage"] == message


def test_account_groups_need_an_authorizing_employee(ajera):
    """The one method whose page says so (claim permission.account-groups-need-employee)."""
    assert ajera.call("ListAccountGroups")["Errors"] == []
    ajera.tenant.users.put(replace(ajera.tenant.users[ajera.username], authorizing_employee=None))
    assert ajera.call("ListAccountGroups")["Errors"][0]["ErrorMessage"] == "Unauthorized method: ListAccountGroups"
    assert ajera.call("ListActivities")["Errors"] == []
    assert ajera.call("GetClients", {"RequestedClients": [1]})["Errors"] == []


def test_paging_members_that_are_null_are_absent(ajera):
    """As everywhere."""
    answer = ajera.call("ListProjects", PageResults=True, PageSize=None, PageNumber=None)
    assert (answer["PageSize"], answer["PageNumber"]) == (10, 1)
