"""The generated parts of the docs are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pages import PARTS, pages, render

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert render(text) == text, f"{page.name} is out of date: run `make pages` (python -m tools.pages)"


def test_every_part_is_on_a_page() -> None:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    assert [name for name in PARTS if not any(f"<!-- generated: {name} -->" in text for text in texts)] == []


def test_render_keeps_the_text_around_a_part() -> None:
    before = (
        "# A page\n\n<!-- generated: groups -->\nold\n<!-- end -->\n\n"
        "Text\n\n<!-- generated: quirks -->\n<!-- end -->\n"
    )
    after = render(before)
    assert after.startswith("# A page\n\n<!-- generated: groups -->\n\n| command |")
    assert "|\n\n<!-- end -->\n\nText\n\n<!-- generated: quirks -->\n\n| quirk |" in after
    assert render(after) == after


def test_unknown_part_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown part 'setings'"):
        render("<!-- generated: setings -->\n<!-- end -->\n")
