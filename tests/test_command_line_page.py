"""The page of the command line has every command and option, and prints what a command prints."""

from __future__ import annotations

import pytest
from checkout import ROOT
from command_line import commands, options, run
from control_page import COMMON, all_commands, page

from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_every_command():
    """A row in the table. Those of a group stand on the page of the control surface."""
    for words, _ in commands():
        assert " " in words or f"| `{words}` |" in PAGE


@pytest.mark.parametrize("words", [words for words, _ in commands() if words != "serve" and words not in ACTIONS])
def test_every_option(words):
    """But for the settings of serve, which have a page of their own."""
    assert [option for option in options(all_commands()[words]) if f"`{option}`" not in PAGE] == []


def test_the_page_of_the_control_surface():
    """It is what ``python tests/control_page.py`` writes."""
    assert (ROOT / "docs" / "control.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("words", ACTIONS)
def test_every_option_of_an_action(words):
    """Those that all have are explained at the top."""
    head, _, rest = page().partition("\n## ")
    section = rest.partition(f"\n### {words}\n")[2].partition("\n### ")[0]
    said = {option for option in options(all_commands()[words]) if f"`{option}`" in section}
    assert options(all_commands()[words]) - said <= {*COMMON}
    assert all(f"`{option}`" in head or f"{option} " in head for option in COMMON - {"--help"})


def test_the_refusal(tmp_path):
    """It is what the command prints."""
    new_tenant("sample", seed=b"test", store=SqliteStore.open(tmp_path / "firm.db")).close()
    promised = PAGE.partition("```console\n$ ")[2].partition("```")[0]
    line, _, said = promised.partition("\n")
    words = line.replace("firm.sqlite", str(tmp_path / "firm.db")).split()
    assert run(*words[1:]).stderr == said
