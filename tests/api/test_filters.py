"""The patterns of LIKE, and filters that are null."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ajera.api.like import like


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("ard", "Harden House", True),
        ("HOUSE", "Harden house", True),
        ("H%n", "Harden House", True),
        ("n%H", "Harden House", True),
        ("e%d%a", "Harden", False),
        ("H_rden", "Harden", True),
        ("H_den", "Harden", False),
        ("100[%]", "100% design", True),
        ("100[%]", "1000 design", False),
        ("[[]A]", "[A] wing", True),
        ("[a-c]1", "b1", True),
        ("[^a-c]1", "b1", False),
        ("[^a-c]1", "x1", True),
        ("[abc", "x[abcx", True),
        ("[^]", "a^b", True),
        ("[^]", "ab", False),
        ("[a-cx]", "x", True),
        ("[a-ce-g]", "f", True),
        # A dash is literal at the end of a set and between characters in descending order.
        ("[a-]", "-", True),
        ("[a-]", "b", False),
        ("[-a]", "-", True),
        ("[z-a]", "m", False),
        ("[z-a]", "-", True),
        ("_", "", False),
        ("", "", True),
        ("%", "", True),
        ("é", "ÉCOLE", True),
        ("a.c", "abc", False),
        ("(", "a(b", True),
        ("\n", "a\nb", True),
    ],
)
def test_like_matches_wildcards_and_sets(pattern, text, found):
    """Case does not matter (claim filter.like-wildcards)."""
    assert like(pattern)(text) is found


PATTERNS = st.text(alphabet="ab%_", max_size=6)


@given(pattern=PATTERNS, text=st.text(alphabet="abc", max_size=8))
def test_like_agrees_with_a_regular_expression(pattern, text):
    translated = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)
    assert like(pattern)(text) == (re.search(translated, text) is not None)


def test_like_does_not_backtrack():
    """Trying all positions of forty % would never end."""
    assert not like("%a" * 40 + "%b")("a" * 5000)


def test_a_pattern_over_the_limit_is_refused(ajera):
    """SQL Server accepts 8,000 bytes, two per character."""
    assert ajera.call("ListProjects", {"FilterByNameLike": "x" * 4000})["Errors"] == []
    assert ajera.call("ListProjects", {"FilterByNameLike": "x" * 4001})["Errors"]
    assert ajera.journal[-1].reasons[0].rule == "max-length"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [("a_b", "aİb", True), ("a[İ]b", "aİb", True), ("i", "İ", False), ("ΟΔΟΣ", "ΟΔΟΣΑ", True), ("ß", "SS", False)],
)
def test_case_is_folded_character_by_character(pattern, text, found):
    """A folded character remains one character and does not depend on its neighbors."""
    assert like(pattern)(text) is found
