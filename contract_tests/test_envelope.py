"""The envelope of responses, both successes and failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .answers import Answer, refusal, success
from .client import AjeraClient
from .firm import Firm
from .values import GUID

claim = pytest.mark.claim

FIVE = ["ResponseCode", "Message", "Errors", "Content", "UsageKey"]

GOOD: dict[str, Callable[[AjeraClient, Firm], Answer]] = {
    "login": lambda client, firm: client.login(),
    "logout": lambda client, firm: client.logout(client.new_token()),
    "ListCompanies": lambda client, firm: client.call("ListCompanies"),
    "ListClients": lambda client, firm: client.call("ListClients"),
    "ListProjects of version 2": lambda client, firm: client.call("ListProjects", version=2),
    "GetProjects": lambda client, firm: client.call("GetProjects", one_project(firm)),
    "GetProjects of version 2": lambda client, firm: client.call("GetProjects", one_project(firm), version=2),
}

BAD: dict[str, Callable[[AjeraClient], Answer]] = {
    "token": lambda client: client.call("ListCompanies", token="mock-ajera-contract-no-token"),
    "fifty-one keys": lambda client: client.call("GetEmployees", {"RequestedEmployees": list(range(1, 52))}),
}


def one_project(firm: Firm) -> dict[str, list[int]]:
    """Return the arguments of a Get method for one project."""
    return {"RequestedProjects": [firm.one("Projects")["ProjectKey"]]}


@pytest.fixture(params=GOOD)
def good(request: pytest.FixtureRequest, client: AjeraClient, firm: Firm) -> Answer:
    """Return a successful response."""
    answer = GOOD[request.param](client, firm)
    success(answer)
    return answer


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, client: AjeraClient) -> Answer:
    """Return a refusal."""
    answer = BAD[request.param](client)
    if answer.succeeded:
        pytest.skip("the target does not refuse this call")
    return refusal(answer)


@claim("envelope.five-members")
def test_five_members(good: Answer) -> None:
    """Every response has the five members."""
    assert good.envelope.keys() >= set(FIVE)


@claim("envelope.member-order")
def test_order_of_the_members(good: Answer) -> None:
    """The five members are in one order."""
    assert [name for name in good.envelope if name in FIVE] == FIVE


@claim("envelope.member-order")
def test_order_of_the_members_of_a_refusal(bad: Answer) -> None:
    if "Content" not in bad.envelope:
        pytest.skip("a refusal of the target has no Content")
    assert [name for name in bad.envelope if name in FIVE] == FIVE


@claim("envelope.code-is-integer", "envelope.success-code")
def test_code_of_success(good: Answer) -> None:
    """The code is the integer 0 or 200."""
    code = good.envelope["ResponseCode"]
    assert type(code) is int
    assert code in (0, 200)


@claim("envelope.success-message", "envelope.success-without-errors")
def test_message_of_success(good: Answer) -> None:
    """Message is Success, and Errors is an array without errors."""
    assert good.envelope["Message"] == "Success"
    assert isinstance(good.envelope["Errors"], list)
    assert not good.errors


@claim("envelope.usage-key-guid")
def test_usage_key(good: Answer) -> None:
    """UsageKey is a lowercase GUID with dashes."""
    assert GUID.fullmatch(good.envelope["UsageKey"])


@claim("envelope.usage-key-per-call")
def test_each_call_has_its_own_usage_key(client: AjeraClient) -> None:
    assert client.call("ListCompanies").envelope["UsageKey"] != client.call("ListCompanies").envelope["UsageKey"]


@claim("envelope.content-array")
@pytest.mark.parametrize("method", ["ListProjects", "ListClients", "ListContacts", "ListEmployees", "ListCompanies"])
def test_content_is_one_array_named_after_the_plural(client: AjeraClient, method: str) -> None:
    """Content has one member: the array that is named after the plural of the record."""
    content = success(client.call(method))
    assert list(content) == [method.removeprefix("List")]
    assert isinstance(content[method.removeprefix("List")], list)


@claim("envelope.failure-code", "envelope.failure-has-errors")
def test_code_of_failure(bad: Answer) -> None:
    """A failure has the code 0 or a negative code, and Errors contains the reason."""
    code = bad.envelope["ResponseCode"]
    assert type(code) is int
    assert code <= 0
    assert bad.errors


@claim("envelope.failure-without-data")
def test_failure_contains_no_records(bad: Answer) -> None:
    """Content is null, absent or empty."""
    assert not bad.content


@claim("errors.item-shape", "errors.id-negative")
def test_error_items(bad: Answer) -> None:
    """Items of Errors have a negative ErrorID and an ErrorMessage."""
    for item in bad.errors:
        assert type(item["ErrorID"]) is int
        assert item["ErrorID"] < 0
        assert isinstance(item["ErrorMessage"], str)
        assert item["ErrorMessage"]


@claim("envelope.failure-content-object")
def test_content_of_failure(bad: Answer) -> None:
    """Content is an empty object."""
    assert bad.content == {}


@claim("envelope.failure-message", "errors.specific-item-first")
def test_message_of_failure(bad: Answer) -> None:
    """Message repeats the first error, which is the specific one."""
    assert bad.envelope["Message"] == bad.envelope["Errors"][0]["ErrorMessage"] == bad.texts[0]


@claim("envelope.failure-code-zero")
def test_code_of_an_ordinary_refusal(client: AjeraClient) -> None:
    """An unknown token is refused with the code 0."""
    assert BAD["token"](client).envelope["ResponseCode"] == 0
