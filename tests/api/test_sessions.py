"""Sessions as the server keeps them: what the contract suite cannot see from outside."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from mock_ajera import MockAjera
from mock_ajera.tenants.clock import Clock
from mock_ajera.tenants.users import ApiUser


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    frozen = Clock()
    frozen.freeze(datetime(2026, 3, 4, 15, 0, tzinfo=UTC))
    return frozen


@pytest.fixture
def ajera_options(clock):
    return {"clock": clock, "quirks": {"session_minutes": 30}}


def test_a_session_ends_some_time_after_its_login(ajera, clock):
    """The last moment counts, the next does not (claim session.lifetime)."""
    body = {"Method": "ListCompanies", "SessionToken": ajera.token(), "MethodArguments": {}}
    clock.advance(timedelta(minutes=30, milliseconds=-1))
    assert ajera.post(body)["Errors"] == []
    clock.advance(timedelta(milliseconds=1))
    assert ajera.post(body)["Message"] == "Invalid Session"
    assert ajera.journal[-1].reasons[0].rule == "expired"


def test_session_expiration_is_the_end_in_the_firms_zone(ajera):
    """Seven decimals and the offset of New York in winter (claim session.expiration-format)."""
    content = login(ajera)["Content"]
    assert content["SessionExpiration"] == "2026-03-04T10:30:00.0000000-05:00"


def test_expired_sessions_are_forgotten_at_the_next_login(ajera, clock):
    """What nobody can use any more does not pile up."""
    login(ajera)
    clock.advance(timedelta(hours=1))
    login(ajera)
    assert len(ajera.tenant.sessions) == 1
    assert len(ajera.tenant.store.notes("session")) == 1


def test_what_is_not_served_is_not_promised(ajera):
    """No timesheets, no certifying of them, and no recognition of images."""
    content = login(ajera)["Content"]
    timesheets = content["Timesheets"]
    flags = [content["UsingMobileICR"], content["UsingICRMobile"], timesheets["ClickToCertifyEnabled"]]
    assert [*flags, timesheets["UserHasAccess"]] == [False] * 4


def test_the_cookie_stands_for_the_token(ajera):
    """With UseSessionCookie a call needs no SessionToken (claim session.cookie)."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    body = login_body(ajera) | {"UseSessionCookie": True}
    opener.open(ajera.url, json.dumps(body).encode()).close()
    with opener.open(ajera.url, b'{"Method": "ListCompanies", "MethodArguments": {}}') as answer:
        assert json.load(answer)["Errors"] == []


def test_without_the_flag_there_is_no_cookie(ajera):
    """A token in the body is all that a plain login gives."""
    with urllib.request.urlopen(ajera.url, json.dumps(login_body(ajera)).encode()) as answer:
        assert answer.headers["Set-Cookie"] is None


def test_a_clear_box_refuses_its_method_only(ajera):
    """Each method has a box (claim permission.per-method)."""
    ajera.tenant.users.put(ApiUser.new("half", "Half_4jera", 1, can_write=False, cleared=("ListInvoiceFormats",)))
    ajera.username, ajera.password = "half", "Half_4jera"
    assert ajera.call("ListCompanies")["Errors"] == []
    assert ajera.call("ListInvoiceFormats")["Message"] == "Unauthorized method: ListInvoiceFormats"
    assert "List Invoice Formats under Can Read" in ajera.journal[-1].reasons[0].text
    assert ajera.call("UpdateClients", {"no": "arguments"})["Message"] == "Unauthorized method: UpdateClients"


def test_the_same_seed_gives_the_same_tokens(clock):
    """Tokens and usage keys are repeatable, so that recorded exchanges can be compared."""

    def history(seed: str) -> list[str]:
        with MockAjera(seed=seed, clock=clock) as ajera:
            return [login(ajera)["UsageKey"], ajera.token(), ajera.call("ListCompanies")["UsageKey"]]

    assert history("one") == history("one") != history("two")


@pytest.mark.parametrize(
    ("members", "path", "said"),
    [
        ({"Username": "nobody"}, "Username", "no API user has this name"),
        ({"Password": "Wr0ng_secret"}, "Password", "wrong"),
    ],
)
def test_which_half_of_a_login_is_wrong(ajera, members, path, said):
    """The answer does not tell (claim errors.login-user-like-password), the journal does."""
    assert ajera.post(login_body(ajera) | members)["Message"] == "Unable to authenticate user"
    assert [(reason.path, reason.text) for reason in ajera.journal[-1].reasons] == [(path, said)]


@pytest.mark.parametrize(
    ("token", "rule", "claim"),
    [
        (None, "required", "session.missing-token-refused"),
        ("", "required", "session.missing-token-refused"),
        ("0" * 40, "unknown-token", "session.invalid-token"),
        (5, "unknown-token", "session.invalid-token"),
    ],
)
def test_which_way_a_token_is_wrong(ajera, token, rule, claim):
    """One answer for all, a reason for each."""
    ajera.post({"Method": "ListCompanies", "SessionToken": token, "MethodArguments": {}})
    assert [(reason.rule, reason.claim) for reason in ajera.journal[-1].reasons] == [(rule, claim)]


def test_no_credential_reaches_the_journal(ajera):
    """The journal can be shown to anybody."""
    login(ajera)
    ajera.post(login_body(ajera) | {"Password": "Wr0ng_secret"})
    ajera.call("ListCompanies")
    text = repr(list(ajera.journal))
    assert ajera.token() not in text
    assert ajera.password not in text
    assert "Wr0ng_secret" not in text


def login_body(ajera):
    return {"Method": "CreateAPISession", "Username": ajera.username, "Password": ajera.password, "APIVersion": 1}


def login(ajera):
    return ajera.post(login_body(ajera))
