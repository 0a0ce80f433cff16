"""Run every block of every page of the docs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from checkout import ROOT
from page_run import run_page

DOCS = ROOT / "docs"
ELSEWHERE = {"index.md", "command-line.md", "control.md", "recipes.md", "settings.md", "windows.md"}
"""Pages that have tests of their own, or nothing to run."""
PAGES = sorted(page.name for page in DOCS.glob("*.md") if page.name not in ELSEWHERE)


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, tmp_path: Path) -> None:
    """The blocks of a page run in order, with the printed results."""
    text = (DOCS / name).read_text(encoding="utf-8")
    if "curl " in text and shutil.which("curl") is None:
        pytest.skip("the page uses curl, which is not installed")
    assert run_page(text, f"docs/{name}", tmp_path)


def test_every_page_is_linked() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index] == []


def test_every_installation_of_the_checkout_is_editable() -> None:
    """One that is not would replace the one of the quick start: later changes would have no effect."""
    texts = [page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *DOCS.glob("*.md"))]
    found = re.findall(r"""pip install (?:-e )?["']?\..*?(?=["'`\n])""", "\n".join(texts))
    assert found
    assert [each for each in found if "-e" not in each] == []
