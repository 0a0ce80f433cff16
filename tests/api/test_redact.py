"""Redaction of secrets in the bodies that the journal keeps."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from raw_http import post

from contract_tests.members import table
from mock_ajera import MockAjera
from mock_ajera.api.redact import journal_body, journal_url, without_secrets
from mock_ajera.codec import encode


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Password": "x"}, {"Password": "<Password>"}),
        ({"sessionTOKEN": 5}, {"sessionTOKEN": "<sessionTOKEN>"}),
        ({"a": [{"b": {"Password": ["x"]}}]}, {"a": [{"b": {"Password": "<Password>"}}]}),
        ({"Password": None, "ProjectKey": 1}, {"Password": None, "ProjectKey": 1}),
        ({"Pasword": "x", "Pwd ": "x"}, {"Pasword": "<Pasword>", "Pwd ": "<Pwd >"}),
        ({"Session Token": "x"}, {"Session Token": "<Session Token>"}),
    ],
)
def test_secrets_are_replaced_at_any_depth(value, expected):
    """Names are case-insensitive and may be misspelled, and null is not a secret."""
    assert without_secrets(value) == expected


_NAMES = st.sampled_from(["Notes", "pasword", "PW", "To\u212aen", "\u017fecret", "pa\u017f", "passage", "pa", "tokens"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a passage", "1E-5", "quiet", "\u017fecret"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=3))
@example({"a": [{"To\u212aen": "x"}]})
@example({"a": {"b": {"pa\u017f": 1}}})
def test_the_journal_keeps_every_request_without_its_secrets(raw):
    """The fast search for secrets finds each one, including letters that only regular expressions take for s and k."""
    assert journal_body(raw, 1) == encode(without_secrets(raw))


def test_a_login_under_a_misspelled_method_is_a_login():
    sent = {"METHOD": "CreateAPISession", "Username": "ada", "Passwrd": "hidden", "Kennwort": "hidden"}
    body = journal_body(sent, 100)
    assert body is not None
    assert b"hidden" not in body


@pytest.mark.parametrize("secret", ["SessionToken", "token", "PASSWORD", "pwd"])
def test_a_secret_in_a_url_is_not_in_the_journal(secret):
    """A client may put it there by mistake."""
    with MockAjera() as ajera:
        post(f"{ajera.url}&{secret}=Quiet_Mill7&a=b", {"Method": "ListClients"})
        post(f"{ajera.url.partition('?')[0]}?{secret}=Quiet_Mill7", {"Method": "ListClients"})
        entries = list(ajera.journal)
    assert len(entries) == 2
    for entry in entries:
        assert entry.url.partition(f"{secret}=")[2].startswith(f"<{secret}>")
        assert "Quiet_Mill" not in entry.explain() + entry.curl() + str(entry.to_dict())


@pytest.mark.parametrize("query", ["ew0Kpwtoken=", "pwtoken==", "pwtoken%3d", ""])
def test_no_id_of_a_url_is_taken_for_a_secret(query):
    assert journal_url(f"http://localhost/AjeraAPI.ashx?{query}") == f"http://localhost/AjeraAPI.ashx?{query}"


@pytest.mark.parametrize("name", [member.path for member in table()])
def test_no_member_is_taken_for_a_secret(name):
    assert without_secrets({name: "x"}) == {name: "x"}


@pytest.mark.parametrize("name", ["Pasword", "Kennwort", "Quiet_Mill9", "Username "])
def test_only_the_known_members_of_a_login_are_kept(ajera, name):
    """An unknown member may be a misspelled password, whatever its name."""
    ajera.post({"Method": "CreateAPISession", "Username": "integrator", name: "Quiet_Mill8", "APIVersion": 1})
    entry = ajera.journal[-1]
    assert "Quiet_Mill" not in entry.explain() + entry.curl() + str(entry.to_dict())
    assert "integrator" in entry.curl()
