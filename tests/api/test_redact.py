"""Redaction of secrets in the bodies that the journal keeps."""

import json

import pytest

from mock_ajera.api.redact import journal_body, without_secrets
from mock_ajera.tenants.journal import BODY_LIMIT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Password": "x"}, {"Password": "<Password>"}),
        ({"sessionTOKEN": 5}, {"sessionTOKEN": "<sessionTOKEN>"}),
        ({"a": [{"b": {"Password": ["x"]}}]}, {"a": [{"b": {"Password": "<Password>"}}]}),
        ({"Password": None, "Passwords": "x"}, {"Password": None, "Passwords": "x"}),
    ],
)
def test_secrets_are_replaced_at_any_depth(value, expected):
    """Names are case-insensitive, and null is not a secret."""
    assert without_secrets(value) == expected


def test_long_bodies_are_not_kept():
    """The limit applies to the received size."""
    assert json.loads(journal_body({"a": 1}, BODY_LIMIT)) == {"a": 1}
    assert journal_body({"a": 1}, BODY_LIMIT + 1) is None
