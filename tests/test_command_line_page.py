"""docs/command-line.md documents every command and option, and the output that it shows is real."""

import pytest
from checkout import ROOT
from command_line import commands, options, run

from mock_ajera.control.register import ACTIONS
from tools.pages.control import COMMON

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
CONTROL_PAGE = (ROOT / "docs" / "control.md").read_text(encoding="utf-8")
COMMANDS = dict(commands())


def test_every_command():
    """Commands and groups have a row in a table; subcommands are on the page of the control surface."""
    assert [words for words in COMMANDS if " " not in words and f"| `{words}` |" not in PAGE] == []


@pytest.mark.parametrize("words", [words for words in COMMANDS if words != "serve" and words not in ACTIONS])
def test_every_option(words):
    """The options of `serve` are on the page of settings."""
    assert [option for option in options(COMMANDS[words]) if f"`{option}`" not in PAGE] == []


@pytest.mark.parametrize("words", ACTIONS)
def test_every_option_of_an_action(words):
    """Common options are explained at the top of the page."""
    head, _, rest = CONTROL_PAGE.partition("\n## ")
    section = rest.partition(f"\n### {words}\n")[2].partition("\n### ")[0]
    documented = {option for option in options(COMMANDS[words]) if f"`{option}`" in section}
    assert options(COMMANDS[words]) - documented <= {*COMMON}
    assert all(f"`{option}`" in head or f"`{option} " in head for option in COMMON - {"--help"})


def test_refused_user(data):
    block = PAGE.partition("```console\n$ ")[2].partition("```")[0]
    line, _, output = block.partition("\n")
    words = line.replace("firm.sqlite", data).split()
    assert run(*words[1:]).stderr == output
