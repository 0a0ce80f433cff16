"""Sessions: storage, expiration and reasons, which the contract suite cannot observe."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mock_ajera import MockAjera
from mock_ajera.sample.export import exported
from mock_ajera.tenants.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """Return a frozen clock."""
    frozen = Clock()
    frozen.freeze(datetime(2026, 3, 4, 15, 0, tzinfo=UTC))
    return frozen


@pytest.fixture
def ajera_options(clock):
    return {"clock": clock, "quirks": {"session_minutes": 30}}


def test_session_expires_after_its_lifetime(ajera, clock):
    """A session is valid until one millisecond before its expiration (claim session.lifetime)."""
    body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
    clock.advance(timedelta(minutes=30, milliseconds=-1))
    assert ajera.post(body)["Errors"] == []
    clock.advance(timedelta(milliseconds=1))
    assert ajera.post(body)["Message"] == "Invalid Session"
    assert ajera.journal[-1].reasons[0].rule == "expired"


def test_session_expiration_is_in_the_time_zone_of_the_firm(ajera):
    """SessionExpiration has seven decimals and the UTC offset (claim session.expiration-format)."""
    content = login(ajera)["Content"]
    assert content["SessionExpiration"] == "2026-03-04T10:30:00.0000000-05:00"


def test_login_deletes_expired_sessions(ajera, clock):
    login(ajera)
    clock.advance(timedelta(hours=1))
    login(ajera)
    assert len(ajera.tenant.sessions) == 1
    assert len(ajera.tenant.store.notes("session")) == 1


def test_login_reports_unavailable_features_as_false(ajera):
    """The certification of timesheets is not available, and the firm has no receipt scanner."""
    content = login(ajera)["Content"]
    flags = [content["UsingICRMobile"], content["Timesheets"]["ClickToCertifyEnabled"]]
    assert flags == [False] * 2
    assert "ICRConfigFile" not in content


PRINTED = {"CompanyName", "SessionToken", "APIURL", "AjeraVersion"}
OBSERVED = {"SessionExpiration", "AllowEmployeeTypeChanges", "UsingICRMobile", "Timesheets"}


@pytest.mark.parametrize(
    ("members", "shown"),
    [("observed", OBSERVED), ("documented", {"UsingMobileICR"}), ("all", OBSERVED | {"UsingMobileICR"})],
)
def test_a_login_has_the_members_of_its_profile(ajera, members, shown):
    """The page and the clients name the receipt scanner differently; nobody has seen both names."""
    ajera.set_quirks(members=members)
    assert login(ajera)["Content"].keys() == PRINTED | shown


def test_a_firm_may_scan_receipts(ajera, tmp_path):
    """The credentials of the scanner are fakes (claim session.icr-config), and an export keeps the setting."""
    firm = exported(ajera.tenant)["firm.json"] | {"UsingICRMobile": True}
    user = {"Username": ajera.username, "Password": ajera.password}
    (tmp_path / "firm.json").write_text(json.dumps(firm | {"ApiUsers": [user], "Quirks": {}, "Numbers": {}}))
    with MockAjera(sample=tmp_path) as ajera:
        for version in (1, 2):
            content = ajera.post(login_body(ajera) | {"APIVersion": version})["Content"]
            assert content["UsingICRMobile"] is True
            assert content["ICRConfigFile"].keys() == {"icrURL", "icrClientId", "icrUserName", "icrApiKey"}
            assert content["ICRConfigFile"]["icrURL"].endswith(".invalid/")
        ajera.set_quirks(members="documented")
        content = login(ajera)["Content"]
        assert (content["UsingMobileICR"], "ICRConfigFile" in content) == (True, False)
        assert exported(ajera.tenant)["firm.json"]["UsingICRMobile"] is True


@pytest.mark.parametrize(("employee", "has_access"), [(1, True), (8, False), (None, False)])
def test_login_reports_access_to_timesheets(ajera, employee, has_access):
    """An active authorizing employee is required."""
    users = ajera.tenant.users
    users.put(replace(users[ajera.username], authorizing_employee=employee))
    assert login(ajera)["Content"]["Timesheets"]["UserHasAccess"] is has_access


def test_login_without_the_flag_sets_no_cookie(ajera):
    with urllib.request.urlopen(ajera.url, json.dumps(login_body(ajera)).encode()) as answer:
        assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    ("members", "path", "text"),
    [
        ({"Username": "nobody"}, "Username", "no API user has this name"),
        (
            {"Username": "INTEGRATOR"},
            "Username",
            "no API user has this name; one differs from it only in case",
        ),
        ({"Password": "Wr0ng_secret"}, "Password", "the password is wrong"),
    ],
)
def test_only_the_journal_distinguishes_wrong_user_names_and_passwords(ajera, members, path, text):
    """The answer is the same for both (claim errors.login-user-like-password)."""
    assert ajera.post(login_body(ajera) | members)["Message"] == "Unable to authenticate user"
    assert [(reason.path, reason.text) for reason in ajera.journal[-1].reasons] == [(path, text)]


@pytest.mark.parametrize(
    ("token", "rule", "claim"),
    [
        (None, "required", "session.missing-token-refused"),
        ("", "required", "session.missing-token-refused"),
        ("0" * 40, "unknown-token", "session.invalid-token"),
        (5, "unknown-token", "session.invalid-token"),
    ],
)
def test_reason_distinguishes_missing_and_unknown_tokens(ajera, token, rule, claim):
    ajera.post({"Method": "ListCompanies", "SessionToken": token, "MethodArguments": {}})
    assert [(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons] == [(rule, claim)]


def change_user(ajera, **members):
    """Change the API user of the mock through the control surface."""
    url = f"{ajera.control_url}/tenants/{ajera.tenant.name}/users/{ajera.username}"
    request = urllib.request.Request(
        url, json.dumps(members).encode(), {"Content-Type": "application/json"}, method="PATCH"
    )
    urllib.request.urlopen(request).close()


def test_a_changed_password_ends_no_session(ajera):
    """The token of the old password still works (claim session.survives-password)."""
    body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
    change_user(ajera, password="Other_Mill9")
    assert ajera.post(body)["Errors"] == []
    assert login(ajera)["Message"] == "Unable to authenticate user"


def test_a_changed_permission_applies_to_open_sessions(ajera):
    """The next call is refused, and allowed again (claim permission.applies-to-open-sessions)."""
    body = {"Method": "ListClients", "SessionToken": ajera.token(), "MethodArguments": {}}
    change_user(ajera, cleared=["ListClients"])
    assert ajera.post(body)["Errors"]
    change_user(ajera, cleared=[])
    assert ajera.post(body)["Errors"] == []


def login_body(ajera):
    return {"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password, "APIVersion": 1}


def login(ajera):
    return ajera.post(login_body(ajera))
