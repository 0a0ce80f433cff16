"""Redaction of secrets in the bodies that the journal keeps."""

import pytest

from contract_tests.members import table
from mock_ajera.api.redact import without_secrets


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
