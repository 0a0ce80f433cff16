"""Permissions and versions of methods, as far as one user can see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from .answers import refusal, success
from .client import AjeraClient, Pace
from .kinds import KINDS, OF_ONE_PROJECT
from .members import table
from .plugin import COVERAGE, SECRETS, SETTINGS
from .target import Target, is_write

claim = pytest.mark.claim

METHODS = {
    **{member.method: member.version for member in reversed(table())},
    **{f"Update{kind.noun}": 1 for kind in KINDS.values() if kind.created},
    "DownloadExpenseReports": 1,
    "UploadExpenseReports": 1,
    "CreateProjects": 2,
    "UpdateProjectsWithResources": 1,
    **{f"{verb}VendorInvoices": 2 for verb in ("Create", "Update", "Delete", "Upload", "Download")},
    **dict.fromkeys(("EndTimesheetSessions", "CreateTimesheet", "UpdateTimesheets", "SubmitTimesheets"), 2),
}
"""Methods, each with the first version that has it."""

UNKNOWN_METHOD = "ListNothingOfTheKind"
"""A name that is not a method."""

MISTAKEN_NAME = "GetEmployee"
"""A name that an author of a client tried. The real method is GetEmployees."""


@claim("errors.unknown-method-no-data")
@pytest.mark.parametrize("method", [UNKNOWN_METHOD, MISTAKEN_NAME])
def test_unknown_method_returns_no_data(client: AjeraClient, method: str) -> None:
    """An unknown method is refused or returns empty content."""
    answer = client.call(method, {"RequestedEmployees": [1]})
    assert not answer.content, f"no content expected: {answer!r}"


@claim("permission.unauthorized-method")
@pytest.mark.parametrize("method", [UNKNOWN_METHOD, MISTAKEN_NAME])
def test_text_of_an_unknown_method(client: AjeraClient, method: str) -> None:
    """The refusal names the method."""
    answer = client.call(method)
    if answer.succeeded:
        pytest.skip("the target accepts unknown methods")
    assert f"Unauthorized method: {method}" in refusal(answer).texts[0]


@claim("permission.unauthorized-method")
@pytest.mark.parametrize(
    "method",
    ["ListCompanies", "ListDepartments", "ListProjectTypes", "ListInvoiceFormats", "ListRateTables", "ListEmployees"],
)
def test_list_is_served_or_unauthorized(client: AjeraClient, method: str) -> None:
    """A method of the API succeeds or is refused as unauthorized."""
    answer = client.call(method)
    if not answer.succeeded:
        assert f"Unauthorized method: {method}" in refusal(answer).texts[0]


@claim("session.method-of-other-version")
def test_version_2_method_in_a_version_1_session(client: AjeraClient) -> None:
    """The refusal names both versions."""
    text = refusal(client.call("ListVendorInvoices")).texts[0]
    if text == "Unauthorized method: ListVendorInvoices":
        pytest.skip("the user may not call ListVendorInvoices")
    assert text.startswith("Unauthorized method")
    assert "for api version 1 but is supported with api version 2" in text


@claim("employee.version-1-only")
@pytest.mark.parametrize("method", ["ListEmployees", "GetEmployees"])
def test_employees_in_a_version_2_session(client: AjeraClient, method: str) -> None:
    """Employees are not served in version 2."""
    answer = client.call(method, {"RequestedEmployees": [1]}, version=2)
    assert not answer.succeeded or not answer.content, f"no employees expected: {answer!r}"


@claim("session.method-of-other-version-mirrored")
def test_text_of_a_version_1_method_in_a_version_2_session(client: AjeraClient) -> None:
    """The text is the same as in the other direction, with the numbers exchanged."""
    text = refusal(client.call("ListEmployees", version=2)).texts[0]
    assert "for api version 2 but is supported with api version 1" in text


@claim("permission.checked-before-arguments")
def test_method_name_is_checked_before_the_arguments(client: AjeraClient) -> None:
    """An unknown method with invalid arguments is refused because of its name."""
    answer = client.call(UNKNOWN_METHOD, {"RequestedClients": {"no": "sense"}})
    if answer.succeeded:
        pytest.skip("the target accepts unknown methods")
    assert refusal(answer).texts[0].startswith("Unauthorized method")


@claim("reference.version-2-too")
@pytest.mark.parametrize(
    "method",
    [
        *("ListCompanies", "ListDepartments", "ListProjectTypes", "ListInvoiceFormats", "ListRateTables"),
        *("ListClients", "ListContacts", "ListVendors"),
    ],
)
def test_lists_in_a_version_2_session(client: AjeraClient, method: str) -> None:
    """Reference lists, clients, contacts and vendors are also served in version 2."""
    success(client.call(method, version=2))


@claim("permission.checked-before-arguments")
@pytest.mark.parametrize(("method", "version"), [("ListVendorInvoices", 1), ("GetEmployees", 2)])
def test_version_is_checked_before_the_arguments(client: AjeraClient, method: str, version: int) -> None:
    """A method of the other version with invalid arguments is refused because of the version."""
    arguments = {"RequestedEmployees": "nonsense", "FilterByVendor": "nonsense"}
    assert refusal(client.call(method, arguments, version=version)).texts[0].startswith("Unauthorized method")


READS = {
    method: version
    for method, version in METHODS.items()
    if method.startswith(("List", "Get")) and method not in OF_ONE_PROJECT
}
"""Methods that read, each with its first version."""


class Restricted(NamedTuple):
    """A client of a user without permission for some methods."""

    client: AjeraClient
    cleared: tuple[str, ...]


@pytest.fixture
def without(pytestconfig: pytest.Config, target: Target) -> Iterator[Callable[[str], Restricted]]:
    """Yield a function that returns a client of a user without permission for one method, at least."""
    clients = []

    def make(method: str) -> Restricted:
        limited = target.user_without(method)
        if limited is None:
            pytest.skip("no user without permission for the method: see --limited-user and --cleared")
        stash = pytestconfig.stash
        pace = Pace(stash[SETTINGS].pace)
        clients.append(AjeraClient(target, stash[SECRETS], pace, stash[COVERAGE].observe, limited.credentials))
        return Restricted(clients[-1], limited.cleared)

    yield make
    for client in clients:
        client.close()


@claim("permission.box-per-method")
@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_permission_is_for_one_method(
    client: AjeraClient, target: Target, without: Callable[[str], Restricted], method: str
) -> None:
    """A user without permission for a method is refused that method, whatever its arguments, and not another one."""
    (restricted, cleared), version = without(method), METHODS[method]
    if is_write(method) and not target.may_write:
        pytest.skip("this target is read-only")
    text = f"Unauthorized method: {method}"
    if text in client.call(method, version=version).texts:
        pytest.skip("the target refuses methods that are known only by name")
    for arguments in ({}, {"Requested": "nonsense"}, {"FilterByStatus": 5}):
        assert refusal(restricted.call(method, arguments, version=version)).texts == [text]
    other = next(each for each in ("ListCompanies", "ListDepartments", "ListClients") if each not in cleared)
    success(restricted.call(other))


@claim("permission.box-per-method")
@pytest.mark.parametrize("method", ["ListVendors", "ListVendorInvoices", "GetVendors"])
def test_other_methods_are_served(client: AjeraClient, without: Callable[[str], Restricted], method: str) -> None:
    """A user without permission for a method may read with every other method, and reads the same."""
    restricted, cleared = without(method)
    for other, version in READS.items():
        if other not in cleared:
            one, same = (each.call(other, version=version) for each in (client, restricted))
            assert same.envelope["Errors"] == one.envelope["Errors"]
            assert same.content == one.content
