"""Malformed requests: each gets a failing envelope or a clear HTTP error, never a traceback, and changes nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from raw_http import post

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS

STAMP = "2017-12-06 14:46:06.873 GMT-08:00"


@pytest.fixture(scope="module")
def ajera() -> Iterator[MockAjera]:
    """Share one tenant: no refused request may change it."""
    with MockAjera(seed="attack") as started:
        started.call("ListCompanies")
        yield started


def envelope(answer: bytes) -> dict[str, Any]:
    """Check that an answer is a failing envelope and return it."""
    found = json.loads(answer)
    assert list(found) == ["ResponseCode", "Message", "Errors", "Content", "UsageKey"]
    assert found["ResponseCode"] <= 0
    assert found["Errors"]
    assert found["Content"] == {}
    assert b"Traceback" not in answer
    return found


MALFORMED = {
    "empty": b"",
    "blank": b"  \r\n",
    "not JSON": b"Method=ListProjects",
    "array": b"[1, 2]",
    "text": b'"ListProjects"',
    "null": b"null",
    "brackets": b"[" * 5000,
    "braces": b'{"a":' * 5000,
    "nested arguments": b'{"Method": "ListProjects", "MethodArguments": ' + b"[" * 5000,
    "exponent": b'{"Method": "GetProjects", "MethodArguments": {"RequestedProjects": [1E+30000000]}}',
    "small exponent": b'{"Method": "GetProjects", "MethodArguments": {"RequestedProjects": [1E-30000000]}}',
    "digits": b'{"Method": ' + b"9" * 100_000 + b"}",
    "lone surrogate": b'{"Method": "\\ud800"}',
    "lone surrogate, lenient": b"{Method: '\\udfff'}",
    "not UTF-8": b'{"Method": "\xff\xfe"}',
    "UTF-16": '{"Method": "ListProjects"}'.encode("utf-16"),
    "NUL": b'{"Method": "List\x00Projects"}',
    "unfinished text": b'{"Method": "ListProj',
    "unfinished comment": b"{/* Method",
    "too large": b'{"Method": "' + b"x" * 4_300_000 + b'"}',
    "no method": b'{"SessionToken": "x"}',
    "null method": b'{"Method": null}',
    "numeric method": b'{"Method": 5}',
    "empty method": b'{"Method": ""}',
    "long method": b'{"Method": "' + b"M" * 100_000 + b'"}',
    "no token": b'{"Method": "ListProjects", "MethodArguments": {}}',
    "numeric token": b'{"Method": "ListProjects", "SessionToken": 5, "MethodArguments": {}}',
    "list token": b'{"Method": "ListProjects", "SessionToken": ["x"], "MethodArguments": {}}',
    "object token": b'{"Method": "EndAPISession", "SessionToken": {"a": 1}}',
    "login without anything": b'{"Method": "CreateAPISession"}',
    "login with numbers": b'{"Method": "CreateAPISession", "Username": 1, "Password": 2, "APIVersion": "1"}',
    "login with version 3": b'{"Method": "CreateAPISession", "Username": "a", "Password": "b", "APIVersion": 3}',
    "login with version true": b'{"Method": "CreateAPISession", "Username": "a", "Password": "b", "APIVersion": true}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_body_gets_a_failing_envelope(ajera: MockAjera, body: bytes) -> None:
    before = ajera.tenant.fingerprint()
    answer = post(ajera.url, body)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    envelope(answer.body)
    assert ajera.tenant.fingerprint() == before
    assert ajera.journal[-1].outcome == "refused"
    assert ajera.journal[-1].reasons


@pytest.mark.parametrize("verb", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_http_methods_get_405_that_names_post(ajera: MockAjera, verb: str) -> None:
    """The endpoint accepts POST only (claim endpoint.only-post)."""
    answer = post(ajera.url, b"", verb=verb)
    assert answer.status == 405
    assert verb == "HEAD" or b"POST" in answer.body


@pytest.mark.parametrize(
    "query", ["", "id=", "%", "nonsense", "e30", "W10", "bnVsbA", "5", "x" * 5000, "%00", "ew0KIC"]
)
def test_unknown_id_gets_a_failing_envelope(ajera: MockAjera, query: str) -> None:
    """An id that does not name a database is refused (claim endpoint.unknown-id)."""
    answer = post(f"{ajera.url.partition('?')[0]}?{query}", b'{"Method": "ListProjects"}')
    assert answer.status == 200
    assert envelope(answer.body)["Errors"][0]["ErrorMessage"] == "The database could not be found."


@settings(max_examples=75)
@given(
    raw=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["DatabaseName", "ClientID", "DatabaseID"]), inner, max_size=3)
        ),
    )
)
@example({"DatabaseName": "\ud800"})
@example({"DatabaseName": "Ajera_Main\udfff"})
@example({"ClientID": 10**4000, "DatabaseID": -(10**4000)})
def test_any_json_in_the_id_gets_a_failing_envelope(ajera: MockAjera, raw: object) -> None:
    encoded = base64.b64encode(json.dumps(raw).encode()).decode()
    answer = post(f"{ajera.url.partition('?')[0]}?{encoded}", b'{"Method": "ListProjects"}')
    assert answer.status == 200
    assert envelope(answer.body)["Errors"][0]["ErrorMessage"] == "The database could not be found."


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(float)
    | st.text(max_size=90)
    | st.sampled_from([STAMP, "2026-02-30", "2026-02-28", "Active", "FixedFee", -1, 0, 1, "true"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every node in a JSON value, outermost first."""
    found = [at]
    if isinstance(value, dict):
        for name, item in value.items():
            found += places(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*at, index))
    return found


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """Return a copy with the node at a path replaced."""
    if not at:
        return new
    twin = deepcopy(value)
    inner = twin
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = new
    return twin


def plain(value: Any) -> Any:
    """Convert each Decimal to a float, so that json can encode the value."""
    return json.loads(json.dumps(value, default=float))


@pytest.mark.parametrize("noun", ["Projects", "Clients", "Contacts", "Employees", "Vendors"])
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_in_an_update_is_refused_or_written(
    ajera: MockAjera, noun: str, data: st.DataObject
) -> None:
    """A valid update with one value replaced by an arbitrary one is written or refused, never an internal error."""
    singular = noun[:-1]
    listed = ajera.call(f"List{noun}")["Content"][noun]
    key = data.draw(st.sampled_from([row[f"{singular}Key"] for row in listed]))
    record = plain(ajera.call(f"Get{noun}", {f"Requested{noun}": [key]})["Content"][noun][0])
    arguments = {f"Updated{noun}": [record], f"Unchanged{noun}": [record], "UseSingleTransaction": False}
    at = data.draw(st.sampled_from(places(arguments)))
    before = ajera.tenant.fingerprint()
    sent = put(arguments, at, data.draw(VALUES))
    call = {"Method": f"Update{noun}", "SessionToken": ajera.token(), "MethodArguments": sent}
    answer = ajera.post(json.dumps(call).encode())
    entry = ajera.journal[-1]
    assert entry.outcome in ("ok", "refused"), entry
    if answer["Errors"]:
        assert entry.reasons
        assert ajera.tenant.fingerprint() == before
    else:
        assert ajera.tenant.fingerprint() != before or not answer["Content"][noun]


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([1, 5, 41]), data=st.data())
def test_any_value_anywhere_in_an_update_of_version_2_is_refused_or_written(
    ajera: MockAjera, key: int, data: st.DataObject
) -> None:
    """As in version 1: each list has a changed row, and the bundle is the baseline."""
    ajera.reset()
    bundle = plain(ajera.content("GetProjects", {"RequestedProjects": [key]}, version=2))
    rows = [rows[0] | {"Notes": "other"} for rows in bundle.values() if rows]
    new = {"PhaseKey": -1, "ProjectKey": key, "Description": "New"}
    arguments = {"UpdatedProjects": [*rows, new], "UnchangedProjects": bundle}
    check_write(ajera, "UpdateProjects", arguments, data)


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_in_a_creation_is_refused_or_written(ajera: MockAjera, data: st.DataObject) -> None:
    """A request of the wrong shape is a success that writes nothing."""
    project = {"Description": "New", "CompanyKey": 1, "BillingType": "FixedFee", "RateTableKey": 1, "Notes": ""}
    arguments = {
        "CreateType": "Project",
        "Project": project | {"ProjectManager": {"EmployeeKey": 1}},
        "InvoiceGroups": [{"InvoiceGroupKey": -2, "Description": "One", "ClientKey": 1}],
        "Phases": [{"PhaseKey": -3, "InvoiceGroupKey": -2, "Description": "One"}],
    }
    check_write(ajera, "CreateProjects", arguments, data)


def check_write(ajera: MockAjera, method: str, arguments: Any, data: st.DataObject) -> None:
    """Replace a value of a version 2 write by an arbitrary one. Assert that it is refused or written."""
    at = data.draw(st.sampled_from(places(arguments)))
    before = ajera.tenant.fingerprint()
    sent = put(arguments, at, data.draw(VALUES))
    answer = ajera.post(
        json.dumps({"Method": method, "SessionToken": ajera.token(2), "MethodArguments": sent}).encode()
    )
    entry = ajera.journal[-1]
    assert entry.outcome in ("ok", "refused"), entry
    if answer["Errors"]:
        assert entry.reasons
    if not answer["Content"].get("Projects"):
        assert ajera.tenant.fingerprint() == before


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["ListProjects", "ListClients", "GetProjects", "ListEmployees", "ListContacts"]),
    data=st.data(),
)
def test_any_argument_of_a_read_is_refused_or_answered(ajera: MockAjera, method: str, data: st.DataObject) -> None:
    names = st.sampled_from(list(METHODS[method].versions[1].arguments.members)) | st.text(max_size=8)
    arguments = data.draw(st.dictionaries(names, VALUES, max_size=3))
    before = ajera.tenant.fingerprint()
    body = {"Method": method, "SessionToken": ajera.token(), "MethodArguments": arguments}
    answer = ajera.post(json.dumps(body).encode())
    assert ajera.journal[-1].outcome in ("ok", "refused")
    assert bool(answer["Errors"]) == (ajera.journal[-1].outcome == "refused")
    assert ajera.tenant.fingerprint() == before


MANY_ROWS = {
    "records": lambda count: ("UpdateClients", "UpdatedClients", [{} for _ in range(count)]),
    "baselines": lambda count: ("UpdateClients", "UnchangedClients", [{} for _ in range(count)]),
    "phases": lambda count: (
        "UpdateProjects",
        "UpdatedProjects",
        [{"InvoiceGroups": [{"Phases": [{} for _ in range(count - 2)]}]}],
    ),
}


@pytest.mark.parametrize("rows", MANY_ROWS.values(), ids=MANY_ROWS.keys())
def test_a_write_with_too_many_rows_is_refused_as_a_whole(rows: Callable[[int], tuple[str, str, list[Any]]]) -> None:
    """The quirk is the maximum of records and nested rows together (claim write.rows-bounded)."""
    with MockAjera(quirks={"rows_per_write": 50}) as ajera:
        for count in (50, 51):
            method, argument, sent = rows(count)
            lists = {f"Updated{method[6:]}": [], f"Unchanged{method[6:]}": []}
            errors = ajera.call(method, lists | {argument: sent})["Errors"]
            rules = {reason.rule for reason in ajera.journal[-1].reasons}
            assert ("at-most" in rules) is (count == 51)
        assert len(errors) == 1
