"""Reading of request bodies: the relaxed dialect and its limits."""

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
    """Send a body as text. TOKEN in it is replaced by a token."""
    return client.post(text.replace("TOKEN", client.token()))


@claim("reading.unquoted-keys")
def test_names_without_quotes(client: AjeraClient) -> None:
    """Member names without quotes are accepted, as in the printed samples."""
    answer = send(
        client, '{Method: "ListCompanies", SessionToken: "TOKEN", MethodArguments: {FilterByStatus: ["Active"]}}'
    )
    assert records(answer, "Companies")


@claim("reading.trailing-comma")
def test_trailing_commas(client: AjeraClient, firm: Firm) -> None:
    """A comma before a closing bracket is ignored."""
    key = firm.one("Clients")["ClientKey"]
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": [%d,],},}'
    (record,) = records(send(client, text % key), "Clients")
    assert record["ClientKey"] == key


@claim("reading.single-quotes")
def test_single_quotes(client: AjeraClient) -> None:
    """Texts in single quotes are accepted."""
    text = "{'Method': 'ListCompanies', 'SessionToken': 'TOKEN', 'MethodArguments': {'FilterByStatus': ['active']}}"
    assert records(send(client, text), "Companies")


@claim("reading.comments")
def test_comments(client: AjeraClient) -> None:
    """Comments of both forms are ignored."""
    text = '{"Method": "ListCompanies", // one\n"SessionToken": "TOKEN", /* two */ "MethodArguments": {}}'
    success(send(client, text))


@claim("reading.flag-as-text")
def test_flag_as_text(client: AjeraClient) -> None:
    """UseSessionCookie may be the text "false"."""
    success(client.login(UseSessionCookie="false"))


@claim("reading.empty-arguments")
@pytest.mark.parametrize("noun", ["Companies", "Clients", "Contacts", "Employees", "Projects"])
def test_empty_arguments(client: AjeraClient, noun: str) -> None:
    """A list accepts an empty MethodArguments."""
    assert isinstance(records(client.call(f"List{noun}", {}), noun), list)


@claim("reading.missing-arguments-refused")
def test_missing_arguments_are_refused(client: AjeraClient) -> None:
    """A list without MethodArguments is refused as invalid data."""
    assert INVALID in refusal(client.call("ListCompanies", LEFT_OUT)).texts[0]


@claim("reading.null-arguments-refused")
@pytest.mark.parametrize("arguments", ["null", "[]", '"text"', "5"])
def test_arguments_must_be_an_object(client: AjeraClient, arguments: str) -> None:
    """MethodArguments that is not an object is refused as invalid data."""
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


@claim("filter.unknown-arguments-refused")
@pytest.mark.parametrize("method", ["ListClients", "GetClients"])
def test_strict_target_refuses_an_unknown_argument(client: AjeraClient, firm: Firm, method: str) -> None:
    """It is refused as invalid data. The same call without it is served."""
    arguments = {"RequestedClients": [firm.one("Clients")["ClientKey"]]} if method == "GetClients" else {}
    answer = client.call(method, arguments | {"FilterByStats": ["Active"]})
    if answer.succeeded:
        pytest.skip("the target ignores unknown arguments")
    assert INVALID in refusal(answer).texts[0]
    success(client.call(method, arguments))


@claim("reading.unknown-top-level-ignored")
def test_unknown_top_level_member_is_ignored(client: AjeraClient) -> None:
    """An unknown member next to Method is ignored."""
    success(client.call("ListCompanies", Color="green"))


@claim("reading.wrong-shape-refused", "errors.invalid-data")
@pytest.mark.parametrize(
    "arguments",
    [{}, {"RequestedClients": 1}, {"RequestedClients": "1"}, {"RequestedClients": {}}, {"RequestedClients": [[1]]}],
    ids=["missing", "number", "text", "object", "array in array"],
)
def test_argument_of_the_wrong_shape_is_refused(client: AjeraClient, arguments: dict[str, Any]) -> None:
    """A Get method without an array of keys is refused as invalid data."""
    assert INVALID in refusal(client.call("GetClients", arguments)).texts[0]


@claim("reading.key-is-whole-number")
@pytest.mark.parametrize("key", ["1", 1.5, True])
def test_key_must_be_a_whole_number(client: AjeraClient, key: object) -> None:
    """A key that is a text, a fraction or a flag is refused."""
    assert INVALID in refusal(client.call("GetClients", {"RequestedClients": [key]})).texts[0]


@claim("reading.exact-member-names")
def test_argument_names_are_case_sensitive(client: AjeraClient) -> None:
    assert INVALID in refusal(client.call("GetClients", {"requestedclients": [1]})).texts[0]


@claim("reading.member-names-any-case")
def test_argument_names_in_any_case(client: AjeraClient, firm: Firm) -> None:
    """An argument and the members next to Method may be in another case."""
    key = firm.one("Clients")["ClientKey"]
    answer = client.call("GetClients", {"requestedclients": [key]})
    if not answer.succeeded:
        pytest.skip("the target takes member names in their exact case only")
    assert [row["ClientKey"] for row in records(answer, "Clients")] == [key]
    body = {"method": "GetClients", "sessiontoken": client.token(), "methodarguments": {"RequestedClients": [key]}}
    assert records(client.post(body), "Clients") == records(answer, "Clients")


@claim("reading.method-name-exact")
def test_method_names_are_case_sensitive(client: AjeraClient) -> None:
    answer = client.call("listcompanies")
    assert not answer.succeeded or not answer.content, f"no records expected: {answer!r}"


@claim("reading.malformed-body")
@pytest.mark.parametrize("text", ["", "Method", '{"Method": "ListCompanies"', "[1, 2]", '"text"', "{]", "null"])
def test_malformed_body_is_refused(client: AjeraClient, text: str) -> None:
    """A body that is not an object in the dialect is refused."""
    refusal(client.post(text))


@claim("reading.malformed-body")
def test_body_that_is_not_utf8_is_refused(client: AjeraClient) -> None:
    refusal(client.post(b'{"Method": "\xff\xfe"}'))


@claim("reading.missing-method-refused")
@pytest.mark.parametrize("method", ['"Method": null, ', '"Method": 5, ', ""])
def test_missing_method_is_refused(client: AjeraClient, method: str) -> None:
    """A body without a method name is refused."""
    refusal(send(client, f'{{{method}"SessionToken": "TOKEN", "MethodArguments": {{}}}}'))


@claim("reading.last-duplicate-wins")
def test_last_duplicate_member_counts(client: AjeraClient) -> None:
    text = '{"Method": "ListClients", "Method": "ListCompanies", "SessionToken": "TOKEN", "MethodArguments": {}}'
    assert "Companies" in success(send(client, text))


@claim("reading.exponent-bounded")
@pytest.mark.parametrize("number", ["1E+30000000", "1e999999999", "-1E-30000000"])
def test_huge_exponent_is_refused(client: AjeraClient, target: Target, number: str) -> None:
    """A number with a huge exponent is refused, not computed."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": [%s]}}'
    refusal(send(client, text % number))


@claim("reading.nesting-bounded")
def test_deep_nesting_is_refused(client: AjeraClient, target: Target) -> None:
    """A body with thousands of nested brackets is refused."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    text = '{"Method": "GetClients", "SessionToken": "TOKEN", "MethodArguments": {"RequestedClients": %s}}'
    refusal(send(client, text % ("[" * 20_000 + "]" * 20_000)))


@claim("reading.number-forms")
@pytest.mark.parametrize("number", ["3.", ".3"])
def test_number_with_a_bare_point(client: AjeraClient, firm: Firm, number: str) -> None:
    """A number may end or begin with its decimal point."""
    text = '{"Method": "ListCompanies", "SessionToken": "TOKEN", "Extra": %s, "MethodArguments": {}}'
    answer = send(client, text % number)
    assert records(answer, "Companies") == firm.all("Companies")


def in_charset(client: AjeraClient, charset: str) -> Answer:
    """Send a call in ISO 8859-1 that declares a charset."""
    text = '{"Method": "ListClients", "SessionToken": "%s", "MethodArguments": {"FilterByNameLike": "caf\xe9"}}'
    body = (text % client.token()).encode("iso-8859-1")
    return client.post(body, headers={"Content-Type": f"application/json; charset={charset}"})


@claim("reading.declared-charset")
def test_declared_charset(client: AjeraClient) -> None:
    """A body in ISO 8859-1 that says so is read."""
    success(in_charset(client, "iso-8859-1"))


@claim("reading.unknown-charset-refused")
def test_unknown_charset_is_refused(client: AjeraClient) -> None:
    refusal(in_charset(client, "mock-ajera-no-charset"))
