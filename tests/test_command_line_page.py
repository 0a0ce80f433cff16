"""The page of the command line has every command and option, and prints what a command prints."""

from __future__ import annotations

import pytest
from checkout import ROOT
from command_line import commands, options, run

from mock_ajera.sample.templates import new_tenant
from mock_ajera.store import SqliteStore

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_every_command():
    """A row in the table; a line where a command has commands of its own."""
    for words, _ in commands():
        assert f"mock-ajera {words} " in PAGE if " " in words else f"| `{words}` |" in PAGE


@pytest.mark.parametrize("words", [words for words, _ in commands() if words != "serve"])
def test_every_option(words):
    """But for the settings of serve, which have a page of their own."""
    assert [option for option in options(dict(commands())[words]) if f"`{option}`" not in PAGE] == []


def test_the_refusal(tmp_path):
    """It is what the command prints."""
    new_tenant("sample", seed=b"test", store=SqliteStore.open(tmp_path / "firm.db")).close()
    promised = PAGE.partition("```console\n$ ")[2].partition("```")[0]
    line, _, said = promised.partition("\n")
    words = line.replace("firm.sqlite", str(tmp_path / "firm.db")).split()
    assert run(*words[1:]).stderr == said
