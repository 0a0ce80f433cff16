"""How request bodies are read: the lenient dialect, and what is too much for it."""

from __future__ import annotations

from typing import Any

import pytest

from .answers import Answer, records, refusal, success
from .client import LEFT_OUT, AjeraClient
from .firm import Firm, Row
from .target import Target

claim = pytest.mark.claim

INVALID = "One or more properties contain invalid data"


def send(client: AjeraClient, text: str) -> Answer:
    """Send a body as text, with TOKEN replaced."""
    return client.post(text.replace("TOKEN", client.token()))


@claim("reading.unquoted-keys")
def test_names_without_quotes(client: AjeraClient) -> None:
    """Member names without quotes are read, as the printed samples have them."""
    answer = send(
        client, '{Method: "ListCompanies", SessionToken: "TOKEN", MethodArguments: {FilterByStatus: ["Active"]}}'
    )
    assert records(answer, "Companies")


@claim("reading.trailing-comma")
def test_trailing_commas(client: AjeraClient, firm: Firm) -> None:
    """A comma before a closing bracket is read over."""
    key = firm.one("Clients")["ClientKey"]
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": [%d,],},}'
    (record,) = records(send(client, text % key), "Clients")
    assert record["ClientKey"] == key


@claim("reading.single-quotes")
def test_single_quotes(client: AjeraClient) -> None:
    """Texts in single quotes are read."""
    text = "{'Method': 'ListCompanies', 'SessionToken': 'TOKEN', 'MethodArguments': {'FilterByStatus': ['active']}}"
    assert records(send(client, text), "Companies")


@claim("reading.comments")
def test_comments(client: AjeraClient) -> None:
    """Comments of both forms are skipped."""
    text = '{"Method": "ListCompanies", // one\n"SessionToken": "TOKEN", /* two */ "MethodArguments": {}}'
    success(send(client, text))


@claim("reading.flag-as-text")
def test_flag_as_text(client: AjeraClient) -> None:
    """UseSessionCookie as the text "false" logs in."""
    success(client.login(UseSessionCookie="false"))


@claim("reading.empty-arguments")
@pytest.mark.parametrize("noun", ["Companies", "Clients", "Contacts", "Employees", "Projects"])
def test_empty_arguments(client: AjeraClient, noun: str) -> None:
    """A list takes an empty MethodArguments."""
    assert isinstance(records(client.call(f"List{noun}", {}), noun), list)


@claim("reading.missing-arguments-refused")
def test_missing_arguments(client: AjeraClient) -> None:
    """A list without MethodArguments is refused as invalid data."""
    assert INVALID in refusal(client.call("ListCompanies", LEFT_OUT)).texts[0]


@claim("reading.null-arguments-refused")
@pytest.mark.parametrize("arguments", ["null", "[]", '"text"', "5"])
def test_arguments_that_are_no_object(client: AjeraClient, arguments: str) -> None:
    """MethodArguments of another kind than an object is refused as invalid data."""
    text = '{"Method": "ListCompanies", "SessionToken": "TOKEN", "MethodArguments": %s}'
    assert INVALID in refusal(send(client, text % arguments)).texts[0]


def with_unknown_argument(client: AjeraClient, method: str, arguments: dict[str, Any], version: int = 1) -> list[Row]:
    """Return the projects of a call with an unknown argument. Skip the test if the target refuses such calls."""
    answer = client.call(method, arguments, version=version)
    if not answer.succeeded:
        refusal(answer)
        pytest.skip("the target refuses unknown arguments")
    return records(answer, "Projects")


@claim("filter.unknown-arguments-ignored")
def test_misspelled_filter_is_ignored(client: AjeraClient) -> None:
    """An unknown filter filters nothing; a client in use misspells one."""
    kept = with_unknown_argument(client, "ListProjects", {"FilterByEarliestModificationDate": "2078-01-01"})
    assert kept == records(client.call("ListProjects"), "Projects")


@claim("filter.unknown-arguments-ignored")
def test_unknown_argument_of_a_get_is_ignored(client: AjeraClient, firm: Firm) -> None:
    """``IncludePhases``, which a client in use sends, is ignored."""
    key = firm.one("Projects")["ProjectKey"]
    arguments = {"RequestedProjects": [key], "IncludePhases": True}
    (record,) = with_unknown_argument(client, "GetProjects", arguments, version=2)
    assert record["ProjectKey"] == key


@claim("reading.unknown-top-level-ignored")
def test_unknown_member_beside_method(client: AjeraClient) -> None:
    """A member beside Method that does not exist does no harm."""
    success(client.call("ListCompanies", Colour="green"))


@claim("reading.wrong-shape-refused", "errors.invalid-data")
@pytest.mark.parametrize(
    "arguments",
    [{}, {"RequestedClients": 1}, {"RequestedClients": "1"}, {"RequestedClients": {}}, {"RequestedClients": [[1]]}],
    ids=["missing", "number", "text", "object", "array in array"],
)
def test_argument_of_the_wrong_shape(client: AjeraClient, arguments: dict[str, Any]) -> None:
    """A Get whose keys are missing or no array is refused as invalid data."""
    assert INVALID in refusal(client.call("GetClients", arguments)).texts[0]


@claim("reading.key-is-whole-number")
@pytest.mark.parametrize("key", ["1", 1.5, True])
def test_key_that_is_no_whole_number(client: AjeraClient, key: object) -> None:
    """A key that is a text, a fraction or a flag is refused."""
    assert INVALID in refusal(client.call("GetClients", {"RequestedClients": [key]})).texts[0]


@claim("reading.exact-member-names")
def test_member_names_are_exact(client: AjeraClient) -> None:
    """An argument in the wrong case is not the argument."""
    assert INVALID in refusal(client.call("GetClients", {"requestedclients": [1]})).texts[0]


@claim("reading.method-name-exact")
def test_method_names_are_exact(client: AjeraClient) -> None:
    """A method name in the wrong case is no method."""
    answer = client.call("listcompanies")
    assert not answer.succeeded or not answer.content, f"no records expected: {answer!r}"


@claim("reading.malformed-body")
@pytest.mark.parametrize("text", ["", "Method", '{"Method": "ListCompanies"', "[1, 2]", '"text"', "{]", "null"])
def test_body_that_cannot_be_read(client: AjeraClient, text: str) -> None:
    """A body that is no object in the dialect is refused."""
    refusal(client.post(text))


@claim("reading.malformed-body")
def test_body_that_is_not_utf8(client: AjeraClient) -> None:
    """Bytes that are no UTF-8 are refused."""
    refusal(client.post(b'{"Method": "\xff\xfe"}'))


@claim("reading.missing-method-refused")
@pytest.mark.parametrize("method", ['"Method": null, ', '"Method": 5, ', ""])
def test_missing_method(client: AjeraClient, method: str) -> None:
    """A body without the name of a method is refused."""
    refusal(send(client, f'{{{method}"SessionToken": "TOKEN", "MethodArguments": {{}}}}'))


@claim("reading.last-duplicate-wins")
def test_member_that_occurs_twice(client: AjeraClient) -> None:
    """Of two members of one name the last counts."""
    text = '{"Method": "ListClients", "Method": "ListCompanies", "SessionToken": "TOKEN", "MethodArguments": {}}'
    assert "Companies" in success(send(client, text))


@claim("reading.exponent-bounded")
@pytest.mark.parametrize("number", ["1E+30000000", "1e999999999", "-1E-30000000"])
def test_absurd_exponent(client: AjeraClient, target: Target, number: str) -> None:
    """A number with an absurd exponent is refused, not computed."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": [%s]}}'
    refusal(send(client, text % number))


@claim("reading.nesting-bounded")
def test_deep_nesting(client: AjeraClient, target: Target) -> None:
    """A body of thousands of brackets is refused."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": %s}}'
    refusal(send(client, text % ("[" * 20_000 + "]" * 20_000)))
