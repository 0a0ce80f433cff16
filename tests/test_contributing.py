"""docs/contributing.md names places that exist, and the tests that send their readers there name its sections."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
LAYOUT = PAGE.partition("## Code layout")[2].partition("## Words")[0]
HOW_TOS = ("member", "list method", "family", "quirk", "control action", "claim", "example")


def _exists(name: str) -> bool:
    return any((ROOT / above / name).exists() for above in ("", "mock_ajera", "mock_ajera/api"))


@pytest.mark.parametrize("row", re.findall(r"^\| (`.*) \|$", LAYOUT, re.MULTILINE))
def test_every_place_of_the_layout_exists(row):
    cells = row.split(" | ")
    places = re.findall(r"`([\w/.]+)`", f"{cells[0]} {cells[-1]}")
    assert places
    assert [place for place in places if not _exists(place)] == []


def test_every_package_is_in_the_layout():
    """Whoever adds a folder to the server says what lives there."""
    packages = {path.parent.name for path in (ROOT / "mock_ajera").glob("*/__init__.py")}
    assert {package for package in packages if f"mock_ajera/{package}`" not in LAYOUT} == set()


def test_each_how_to_is_a_section():
    headings = re.findall(r"^## Add an? (.*)$", PAGE, re.MULTILINE)
    assert headings == list(HOW_TOS)


def test_links_of_the_tests_lead_to_sections():
    anchors = {re.sub(r"[^a-z]+", "-", heading.lower()) for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)}
    tests = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "contract_tests").rglob("*.py")]
    linked = {
        anchor
        for path in tests
        if path != Path(__file__)
        for anchor in re.findall(r"(?:HOW_TO}|contributing\.md)#([a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert linked <= anchors
