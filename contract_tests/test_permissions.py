"""Permissions and versions of methods, as far as one user can see them."""

from __future__ import annotations

import pytest

from .answers import refusal, success
from .client import AjeraClient

claim = pytest.mark.claim

NOWHERE = "ListNothingOfTheKind"
"""The name of no method."""

SINGULAR = "GetEmployee"
"""A name that a client author tried; the method is GetEmployees."""


@claim("errors.unknown-method-no-data")
@pytest.mark.parametrize("method", [NOWHERE, SINGULAR])
def test_an_unknown_method_brings_nothing(client: AjeraClient, method: str) -> None:
    """A name that is no method is refused or answered with nothing."""
    answer = client.call(method, {"RequestedEmployees": [1]})
    assert not answer.content, f"no content expected: {answer!r}"


@claim("permission.unauthorized-method")
@pytest.mark.parametrize("method", [NOWHERE, SINGULAR])
def test_the_text_of_an_unknown_method(client: AjeraClient, method: str) -> None:
    """The refusal names the method."""
    answer = client.call(method)
    if answer.succeeded:
        pytest.skip("the target answers unknown methods with success")
    assert f"Unauthorized method: {method}" in refusal(answer).texts[0]


@claim("permission.unauthorized-method")
@pytest.mark.parametrize(
    "method",
    ["ListCompanies", "ListDepartments", "ListProjectTypes", "ListInvoiceFormats", "ListRateTables", "ListEmployees"],
)
def test_a_list_is_answered_or_not_allowed(client: AjeraClient, method: str) -> None:
    """A method of the API answers, or is refused as not allowed: there is no third way."""
    answer = client.call(method)
    if not answer.succeeded:
        assert f"Unauthorized method: {method}" in refusal(answer).texts[0]


@claim("session.method-of-other-version")
def test_a_method_of_version_2_in_a_session_of_version_1(client: AjeraClient) -> None:
    """The refusal names both versions."""
    text = refusal(client.call("ListVendorInvoices")).texts[0]
    if text == "Unauthorized method: ListVendorInvoices":
        pytest.skip("the user may not call ListVendorInvoices")
    assert text.startswith("Unauthorized method")
    assert "for api version 1 but is supported with api version 2" in text


@claim("employee.version-1-only")
@pytest.mark.parametrize("method", ["ListEmployees", "GetEmployees"])
def test_employees_in_a_session_of_version_2(client: AjeraClient, method: str) -> None:
    """Employees are not served in version 2."""
    answer = client.call(method, {"RequestedEmployees": [1]}, version=2)
    assert not answer.succeeded or not answer.content, f"no employees expected: {answer!r}"


@claim("session.method-of-other-version-mirrored")
def test_the_text_of_a_method_of_version_1(client: AjeraClient) -> None:
    """The text is that of the other direction with the numbers exchanged."""
    text = refusal(client.call("ListEmployees", version=2)).texts[0]
    assert "for api version 2 but is supported with api version 1" in text


@claim("permission.checked-before-arguments")
def test_the_name_is_looked_at_before_the_arguments(client: AjeraClient) -> None:
    """An unknown method with arguments that make no sense is refused for its name."""
    answer = client.call(NOWHERE, {"RequestedClients": {"no": "sense"}})
    if answer.succeeded:
        pytest.skip("the target answers unknown methods with success")
    assert refusal(answer).texts[0].startswith("Unauthorized method")


@claim("reference.version-2-too")
@pytest.mark.parametrize(
    "method",
    [
        *("ListCompanies", "ListDepartments", "ListProjectTypes", "ListInvoiceFormats", "ListRateTables"),
        *("ListClients", "ListContacts", "ListVendors"),
    ],
)
def test_lists_in_a_session_of_version_2(client: AjeraClient, method: str) -> None:
    """Reference lists, clients, contacts and vendors are served in version 2 too."""
    success(client.call(method, version=2))
