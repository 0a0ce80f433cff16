"""Filters: LIKE as SQL Server has it, and every filter against a slow and obviously right re-computation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ajera.api.filters import like


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
        ("_", "", False),
        ("", "", True),
        ("%", "", True),
        ("é", "ÉCOLE", True),
        ("a.c", "abc", False),
        ("(", "a(b", True),
        ("\n", "a\nb", True),
    ],
)
def test_like(pattern, text, found):
    """% is any text, _ any character, [] a set; case does not matter (claim filter.like-wildcards)."""
    assert like(pattern)(text) is found


SIGNS = st.text(alphabet="ab%_", max_size=6)


@given(pattern=SIGNS, text=st.text(alphabet="abc", max_size=8))
def test_like_agrees_with_a_plain_translation(pattern, text):
    """The quick search finds what a translation to a regular expression finds."""
    translated = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert like(pattern)(text) == (re.search(translated, text) is not None)


def test_no_pattern_tries_every_way():
    """Forty % in a pattern would take for ever if each way of placing them were tried."""
    assert not like("%a" * 40 + "%b")("a" * 5000)


def test_a_pattern_longer_than_the_database_takes_is_refused(ajera):
    """SQL Server takes 8000 bytes; more would keep the firm waiting."""
    assert ajera.call("ListProjects", {"FilterByNameLike": "x" * 4000})["Errors"] == []
    assert ajera.call("ListProjects", {"FilterByNameLike": "x" * 4001})["Errors"]
    assert ajera.journal[-1].reasons[0].rule == "max-length"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [("a_b", "aİb", True), ("a[İ]b", "aİb", True), ("i", "İ", False), ("ΟΔΟΣ", "ΟΔΟΣΑ", True), ("ß", "SS", False)],
)
def test_case_is_set_aside_sign_by_sign(pattern, text, found):
    """No sign becomes two, and none depends on those beside it."""
    assert like(pattern)(text) is found


def test_a_filter_that_is_null_is_none(ajera):
    """Whatever it compares (claim filter.null-is-absent)."""
    for method, argument in (("ListProjects", "FilterByDescriptionEquals"), ("ListClients", "FilterByNameEquals")):
        assert ajera.call(method, {argument: None})["Content"] == ajera.call(method)["Content"]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("[a-cx]", "x", True),
        ("[a-ce-g]", "f", True),
        ("[a-]", "-", True),
        ("[a-]", "b", False),
        ("[-a]", "-", True),
        ("[z-a]", "m", False),
        ("[z-a]", "-", True),
    ],
)
def test_a_dash_at_the_end_of_a_set(pattern, text, found):
    """It stands for itself, and so does one between signs that do not ascend."""
    assert like(pattern)(text) is found


@pytest.mark.parametrize(
    ("method", "argument"),
    [
        ("ListClients", "FilterByClientType"),
        ("ListContacts", "FilterByContactType"),
        ("ListEmployees", "FilterByEmployeeType"),
        ("ListProjects", "FilterByProjectType"),
        ("ListVendors", "FilterByVendorType"),
    ],
)
def test_records_without_a_type_are_asked_for_by_null(ajera, method, argument):
    """Null among the items means those that have none; as the only item it leaves out some and not all."""
    noun = method.removeprefix("List")
    found = ajera.call(method, {argument: [None]})
    assert found["Errors"] == []
    assert len(found["Content"][noun]) < len(ajera.call(method)["Content"][noun])
