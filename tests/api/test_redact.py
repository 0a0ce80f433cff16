"""Redaction of secrets in the bodies that the journal keeps."""

import pytest

from mock_ajera.api.redact import without_secrets


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
