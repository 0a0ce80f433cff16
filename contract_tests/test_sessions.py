"""Sessions: login, versions, tokens and logout."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .answers import Answer, records, refusal, success
from .client import LEFT_OUT, AjeraClient
from .firm import Firm
from .target import Target

claim = pytest.mark.claim


@pytest.fixture
def wrong_login(client: AjeraClient, target: Target) -> Answer:
    """Return the response to a login with a wrong password."""
    if not target.may_try_wrong_passwords:
        pytest.skip("wrong passwords need --allow-wrong-password")
    return client.login(Password="mock-ajera contract, a wrong password")


@claim("session.create-arguments", "session.create-content")
@pytest.mark.parametrize("version", [1, 2])
def test_login(client: AjeraClient, version: int) -> None:
    """A login of either version returns the token, the company, the URL and Ajera's version as text."""
    content = success(client.login(version))
    for name in ("SessionToken", "CompanyName", "APIURL", "AjeraVersion"):
        assert isinstance(content[name], str), name
        assert content[name], name


@claim("session.cookie-flag-optional")
def test_login_without_the_cookie_flag(client: AjeraClient) -> None:
    """UseSessionCookie may be left out."""
    success(client.login(UseSessionCookie=LEFT_OUT))


@claim("session.employee-members-empty")
@pytest.mark.parametrize("name", ["EmployeeKey", "EmployeeName", "CanSubmit"])
def test_members_of_employee_logins(client: AjeraClient, name: str) -> None:
    """An API user is not an employee: these members are absent or empty."""
    assert not success(client.login()).get(name)


@claim("session.expiration-format")
def test_expiration(client: AjeraClient) -> None:
    """SessionExpiration has seven decimals and an offset, and is a valid time."""
    text = success(client.login()).get("SessionExpiration")
    if text is None:
        pytest.skip("the target shows no SessionExpiration")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}(Z|[+-]\d\d:\d\d)", text)
    datetime.datetime.fromisoformat(re.sub(r"(\.\d{6})\d", r"\1", text))


@claim("session.timesheets-member")
def test_timesheets_member(client: AjeraClient) -> None:
    """Timesheets contains timesheet access and the start of the week."""
    found = success(client.login()).get("Timesheets")
    if found is None:
        pytest.skip("the target shows no Timesheets member")
    assert isinstance(found["UserHasAccess"], bool)
    assert isinstance(found["TimeStartOfWeek"], str)
    assert isinstance(found["TimeStartOfWeekValue"], int)
    assert isinstance(found["ClickToCertifyEnabled"], bool)
    assert found["ClickToCertifyText"] is None or isinstance(found["ClickToCertifyText"], str)


@claim("session.employee-type-changes")
def test_employee_type_changes(client: AjeraClient) -> None:
    """AllowEmployeeTypeChanges is a flag."""
    content = success(client.login())
    if "AllowEmployeeTypeChanges" not in content:
        pytest.skip("the target shows no AllowEmployeeTypeChanges")
    assert isinstance(content["AllowEmployeeTypeChanges"], bool)


@claim("session.using-mobile-icr", "session.using-icr-mobile")
def test_receipt_scanner_flag(client: AjeraClient) -> None:
    """The flag of the receipt scanner has one of two names."""
    content = success(client.login())
    flags = [content[name] for name in ("UsingMobileICR", "UsingICRMobile") if name in content]
    assert flags
    assert all(isinstance(flag, bool) for flag in flags)


@claim("session.icr-config")
def test_receipt_scanner_account(client: AjeraClient) -> None:
    """A firm that scans receipts shows the account of its scanner."""
    content = success(client.login())
    if not content.get("UsingICRMobile"):
        pytest.skip("the firm does not scan receipts")
    assert content["ICRConfigFile"].keys() >= {"icrURL", "icrClientId", "icrUserName", "icrApiKey"}


@claim("session.token-opaque", "session.new-token-each-login")
def test_every_login_has_its_own_token(client: AjeraClient) -> None:
    """Two logins return two different tokens of at least ten characters."""
    one, other = client.new_token(), client.new_token()
    assert len(one) >= 10
    assert len(other) >= 10
    # A comparison with == would show both tokens in a failure.
    assert len({one, other}) == 2, "two logins have the same token"


@claim("session.earlier-token-stays")
def test_earlier_token_keeps_working(client: AjeraClient) -> None:
    """The first token still works after a second login."""
    earlier = client.new_token()
    client.new_token()
    success(client.call("ListCompanies", token=earlier))


@claim("session.equal-metadata")
def test_logins_return_the_same_firm(client: AjeraClient) -> None:
    """Company, URL and version are the same in two logins."""
    one, other = success(client.login()), success(client.login())
    for name in ("CompanyName", "APIURL", "AjeraVersion"):
        assert one[name] == other[name], name


@claim("session.same-credentials-both-versions", "session.versions-side-by-side")
def test_both_versions_side_by_side(client: AjeraClient) -> None:
    """One user can have sessions of both versions at one URL and use them in turn."""
    tokens = {1: client.new_token(1), 2: client.new_token(2)}
    for version in (1, 2, 1, 2):
        success(client.call("ListProjects", token=tokens[version]))


@claim("session.bound-to-version")
def test_session_version_decides_the_shape(client: AjeraClient, firm: Firm) -> None:
    """GetProjects is nested in a version 1 session and flat in a version 2 session."""
    arguments = {"RequestedProjects": [firm.one("Projects")["ProjectKey"]]}
    nested = success(client.call("GetProjects", arguments, token=client.new_token(1)))
    flat = success(client.call("GetProjects", arguments, token=client.new_token(2)))
    assert "InvoiceGroups" in nested["Projects"][0]
    assert "InvoiceGroups" not in nested
    assert "InvoiceGroups" in flat
    assert "InvoiceGroups" not in flat["Projects"][0]


@claim("session.shared-by-threads")
def test_threads_share_a_session(client: AjeraClient) -> None:
    """Five threads get the same content with one token."""
    token = client.new_token()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: client.call("ListCompanies", token=token), range(10)))
    assert all(records(answer, "Companies") == records(answers[0], "Companies") for answer in answers)


@claim("session.end-arguments", "session.end-message")
@pytest.mark.parametrize("version", [1, 2])
def test_logout(client: AjeraClient, version: int) -> None:
    """The content of a logout is one lowercase member, message."""
    content = success(client.logout(client.new_token(version)))
    assert content == {"message": "You have been successfully signed out."}


@claim("session.ended-token-refused", "errors.session-text", "errors.session-message")
def test_an_ended_token_is_refused(client: AjeraClient) -> None:
    """After the logout the token is an invalid session, in Errors and in Message."""
    token = client.new_token()
    success(client.logout(token))
    answer = refusal(client.call("ListCompanies", token=token))
    assert "Invalid Session" in answer.texts[0]
    assert "session" in answer.envelope["Message"].lower()


@claim("session.end-only-own")
def test_logout_ends_only_its_own_session(client: AjeraClient) -> None:
    """Another session of the same user and version stays open."""
    one, other = client.new_token(), client.new_token()
    success(client.logout(one))
    success(client.call("ListCompanies", token=other))


@claim("session.end-twice-refused")
def test_second_logout_is_refused(client: AjeraClient) -> None:
    """The second logout is refused like any other use of the token."""
    token = client.new_token()
    success(client.logout(token))
    assert "Invalid Session" in refusal(client.logout(token)).texts[0]


@claim("session.invalid-token", "errors.session-text")
@pytest.mark.parametrize("token", ["mock-ajera-contract-no-token", "00000000-0000-0000-0000-000000000000"])
def test_unknown_token_is_refused(client: AjeraClient, token: str) -> None:
    """An unknown token is an invalid session."""
    assert "Invalid Session" in refusal(client.call("ListCompanies", token=token)).texts[0]


@claim("session.missing-token-refused")
@pytest.mark.parametrize("token", [LEFT_OUT, ""], ids=["left out", "empty"])
def test_missing_token_is_refused(client: AjeraClient, token: object) -> None:
    refusal(client.call("ListCompanies", token=token))


@claim("errors.login-id", "session.wrong-password")
def test_wrong_password_is_refused(wrong_login: Answer) -> None:
    """The first error has the ErrorID -150 and the text "Unable to authenticate user"."""
    refusal(wrong_login)
    assert wrong_login.envelope["Errors"][0]["ErrorID"] == -150
    assert "Unable to authenticate user" in " ".join(wrong_login.texts)


@claim("errors.login-user-like-password")
def test_wrong_user_name_is_refused(client: AjeraClient, wrong_login: Answer) -> None:
    """An unknown user gets the same errors as a wrong password."""
    answer = refusal(client.login(Username="mock-ajera contract, nobody", Password="mock-ajera contract, no password"))
    assert answer.envelope["Errors"] == wrong_login.envelope["Errors"]


@claim("session.user-name-exact")
def test_user_name_in_another_case_is_refused(client: AjeraClient, target: Target) -> None:
    """The user name must match exactly."""
    name = target.credentials.username.swapcase()
    if name == target.credentials.username:
        pytest.skip("the user name has no letters")
    if not target.may_try_wrong_passwords:
        pytest.skip("wrong passwords need --allow-wrong-password")
    refusal(client.login(Username=name))


@claim("session.no-lock-out")
def test_wrong_passwords_do_not_lock(client: AjeraClient, target: Target) -> None:
    """After seven wrong passwords the correct one is still accepted."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    for _ in range(7):
        refusal(client.login(Password="mock-ajera contract, a wrong password"))
    success(client.login())


@claim("session.unknown-version-refused")
@pytest.mark.parametrize("version", [0, 3, "one", None])
def test_unknown_version_is_refused(client: AjeraClient, version: Any) -> None:
    """A login with a version other than 1 and 2 is refused."""
    refusal(client.login(version))


@claim("session.version-required")
def test_login_needs_a_version(client: AjeraClient) -> None:
    refusal(client.login(LEFT_OUT))


@claim("session.api-url-is-the-endpoint")
def test_url_of_the_login(client: AjeraClient) -> None:
    """APIURL accepts the session."""
    content = success(client.login())
    body = {"Method": "ListCompanies", "SessionToken": content["SessionToken"], "MethodArguments": {}}
    success(client.post(body, url=content["APIURL"]))


@claim("session.cookie")
def test_session_in_a_cookie(client: AjeraClient) -> None:
    """With UseSessionCookie, the cookie of the login replaces the token."""
    answer = client.login(UseSessionCookie=True)
    success(answer)
    cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
    assert cookie, "the login set no cookie"
    success(client.post({"Method": "ListCompanies", "MethodArguments": {}}, headers={"Cookie": cookie}))


@claim("errors.ids-ours")
def test_ids_of_other_refusals(client: AjeraClient) -> None:
    """An unknown token and a method of another version have their own ErrorIDs."""
    assert client.call("ListCompanies", token="mock-ajera-contract-no-token").envelope["Errors"][0]["ErrorID"] == -151
    assert client.call("ListEmployees", version=2).envelope["Errors"][0]["ErrorID"] == -152


@claim("session.token-exact")
@pytest.mark.parametrize("change", [str.swapcase, lambda token: f" {token}", lambda token: f"{token} "])
def test_a_token_is_compared_exactly(client: AjeraClient, change: Callable[[str], str]) -> None:
    """A token in another case or with a blank is an invalid session."""
    token = client.new_token()
    assert "Invalid Session" in refusal(client.call("ListCompanies", token=change(token))).texts[0]


@claim("session.token-before-cookie")
def test_a_cookie_does_not_help_a_wrong_token(client: AjeraClient) -> None:
    """The token in the body counts, even if the cookie is that of an open session."""
    cookie = client.login(UseSessionCookie=True).headers.get("Set-Cookie", "").partition(";")[0]
    body = {"Method": "ListCompanies", "SessionToken": "mock-ajera-contract-no-token", "MethodArguments": {}}
    assert "Invalid Session" in refusal(client.post(body, headers={"Cookie": cookie})).texts[0]
