"""Permissions and versions of methods, as far as one user can see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from .answers import records, refusal, success
from .client import AjeraClient, Pace
from .kinds import CLIENTS, KINDS, OF_ONE_PROJECT, PROJECTS, TIMESHEETS, VENDOR_INVOICES, listed_key
from .made import NEW_STAMP, Made
from .members import table
from .plugin import COVERAGE, SECRETS, SETTINGS
from .target import Credentials, Target, is_write

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


@claim("permission.refused-like-unknown")
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


def reading(client: AjeraClient, method: str) -> dict[str, Any]:
    """Return arguments with which a method reads: the first key for a Get method."""
    kind = READ_BY_KEY.get(method)
    if kind is None:
        return {}
    rows = records(client.call(f"List{kind.noun}", version=METHODS[method]), kind.noun)
    return {kind.argument: [row[listed_key(kind.noun)] for row in rows[:1]]}


READ_BY_KEY = {f"Get{kind.noun}": kind for kind in (*KINDS.values(), TIMESHEETS, VENDOR_INVOICES)}
READ_BY_KEY["GetProjectsWithResources"] = PROJECTS


class Restricted(NamedTuple):
    """A client of a user without permission for some methods."""

    client: AjeraClient
    cleared: tuple[str, ...]


@pytest.fixture
def client_of(pytestconfig: pytest.Config, target: Target) -> Iterator[Callable[[Credentials], AjeraClient]]:
    """Yield a function that returns a client of another user."""
    stash, clients = pytestconfig.stash, []

    def make(user: Credentials) -> AjeraClient:
        client = AjeraClient(target, stash[SECRETS], Pace(stash[SETTINGS].pace), stash[COVERAGE].observe, user)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def without(target: Target, client_of: Callable[[Credentials], AjeraClient]) -> Callable[[str], Restricted]:
    """Return a function that returns a client of a user without permission for one method, at least."""

    def make(method: str) -> Restricted:
        limited = target.user_without(method)
        if limited is None:
            pytest.skip("no user without permission for the method: see --limited-user and --cleared")
        return Restricted(client_of(limited.credentials), limited.cleared)

    return make


@pytest.fixture
def lacking(target: Target, client_of: Callable[[Credentials], AjeraClient]) -> Callable[[str], AjeraClient]:
    """Return a function that returns a client of a user who lacks something."""

    def make(what: str) -> AjeraClient:
        user = target.user_lacking(what)
        if user is None:
            pytest.skip("no API user who lacks this: see --user-without")
        return client_of(user)

    return make


@claim("permission.box-per-method")
@pytest.mark.parametrize("method", sorted(READS))
def test_a_permission_is_for_one_method(client: AjeraClient, without: Callable[[str], Restricted], method: str) -> None:
    """A user without permission for a method is refused what another user reads, and not another method."""
    (restricted, cleared), version = without(method), METHODS[method]
    arguments = reading(client, method)
    answer = client.call(method, arguments, version=version)
    if f"Unauthorized method: {method}" in answer.texts:
        pytest.skip("the target refuses methods that are known only by name")
    success(answer)
    refusal(restricted.call(method, arguments, version=version))
    other = next(each for each in ("ListCompanies", "ListDepartments", "ListClients") if each not in cleared)
    success(restricted.call(other))


def new_client(made: Made) -> dict[str, Any]:
    """Return the arguments that create a client."""
    body = {"ClientKey": -1, "LastModifiedDate": NEW_STAMP, "Description": made.name("client")}
    return {"UpdatedClients": [body], "UnchangedClients": []}


def writes_nothing(made: Made, restricted: AjeraClient) -> None:
    """Assert that a user cannot create a client, which another user can."""
    answer = restricted.call("UpdateClients", new_client(made))
    made.note(CLIENTS, answer)
    refusal(answer)
    success(made.update(CLIENTS, new_client(made)["UpdatedClients"]))


@claim("permission.box-per-method")
def test_a_permission_to_write(made: Made, without: Callable[[str], Restricted]) -> None:
    """A user without permission for UpdateClients cannot create a client, and can read clients."""
    restricted = without("UpdateClients").client
    writes_nothing(made, restricted)
    success(restricted.call("ListClients"))


@claim("permission.refused-like-unknown", "permission.checked-before-arguments")
@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_refusal_of_a_permission(
    client: AjeraClient, target: Target, without: Callable[[str], Restricted], method: str
) -> None:
    """A method without permission is refused with the text of an unknown one, whatever its arguments."""
    restricted, version = without(method).client, METHODS[method]
    if is_write(method) and not target.may_write:
        pytest.skip("this target is read-only")
    text = f"Unauthorized method: {method}"
    if text in client.call(method, version=version).texts:
        pytest.skip("the target refuses methods that are known only by name")
    for arguments in ({}, {"Requested": "nonsense"}, {"FilterByStatus": 5}):
        assert refusal(restricted.call(method, arguments, version=version)).texts == [text]


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


@claim("permission.can-read-and-can-write")
@pytest.mark.parametrize("method", ["ListCompanies", "GetClients", "GetProjects", "ListTimesheets"])
def test_a_user_without_can_read(client: AjeraClient, lacking: Callable[[str], AjeraClient], method: str) -> None:
    """A user without Can Read is refused what another user reads."""
    restricted, arguments, version = lacking("can_read"), reading(client, method), METHODS[method]
    success(client.call(method, arguments, version=version))
    refusal(restricted.call(method, arguments, version=version))


@claim("permission.can-read-and-can-write")
def test_a_user_without_can_write(made: Made, lacking: Callable[[str], AjeraClient]) -> None:
    """A user without Can Write cannot create a client, and can read."""
    restricted = lacking("can_write")
    writes_nothing(made, restricted)
    success(restricted.call("ListClients"))


@claim("permission.write-answers-with-the-record")
def test_the_answer_to_a_write_of_a_user_without_can_read(made: Made, lacking: Callable[[str], AjeraClient]) -> None:
    """The answer has the whole record."""
    answer = lacking("can_read").call("UpdateClients", new_client(made))
    made.note(CLIENTS, answer)
    (row,) = records(answer, "Clients")
    read = made.read(CLIENTS, row[CLIENTS.key])
    assert read is not None
    assert row == read | {CLIENTS.original: -1}


@claim("permission.account-groups-need-employee")
@pytest.mark.parametrize("method", ["ListAccountGroups", "GetGLAccounts"])
def test_a_user_without_an_employee(client: AjeraClient, lacking: Callable[[str], AjeraClient], method: str) -> None:
    """A user without an authorizing employee is refused account groups and the details of accounts only."""
    restricted, arguments = lacking("employee"), reading(client, method)
    success(client.call(method, arguments))
    refusal(restricted.call(method, arguments))
    success(restricted.call("ListActivities"))
