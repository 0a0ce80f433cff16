"""What a shell is told when TAB is pressed, and the scripts that make it ask."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.shell_completion import ShellComplete, get_completion_class
from command_line import run

from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli import main
from mock_ajera.cli.completion import PROGRAM, VARIABLE
from mock_ajera.tenants.quirks import QUIRKS


def completed(*words: str) -> list[str]:
    """What the last word may become."""
    *before, last = words
    return [item.value for item in ShellComplete(main, {}, PROGRAM, VARIABLE).get_completions(before, last)]


def test_methods_of_call():
    """All that are served, and those of the session."""
    assert set(completed("call", "")) == {*METHODS.served, *SESSION_METHODS}


def test_methods_in_small_letters():
    """Nobody types capitals before TAB."""
    assert completed("call", "listcomp") == ["ListCompanies"]


def test_methods_have_a_help():
    """Shells that show one say which session and which box a method needs."""
    shell = ShellComplete(main, {}, PROGRAM, VARIABLE)
    (item,) = shell.get_completions(["call"], "UpdateClients")
    assert item.help == "version 1, Can Write"


def test_boxes_to_clear():
    """The methods of the session have none."""
    assert "UpdateClients" in completed("users", "add", "clerk", "--clear", "")
    assert completed("users", "add", "clerk", "--clear", "EndAPI") == []


def test_quirks():
    """Each with its values."""
    offered = completed("serve", "--quirk", "")
    assert {pair.partition("=")[0] for pair in offered} == set(QUIRKS)
    assert completed("serve", "--quirk", "content_wrapper") == ["content_wrapper=accept", "content_wrapper=refuse"]
    assert completed("serve", "--quirk", "generic_error_item=f") == ["generic_error_item=false"]
    assert completed("serve", "--quirk=session_m") == ["session_minutes=60"]


@pytest.mark.parametrize("quirk", QUIRKS.values(), ids=lambda quirk: quirk.name)
def test_every_pair_is_taken(quirk):
    """What is offered is a value that the quirk can have."""
    for pair in completed("serve", "--quirk", f"{quirk.name}="):
        quirk.check(pair.partition("=")[2])


def test_choices():
    """The values of a setting that has a few."""
    assert completed("serve", "--engine", "") == ["granian", "werkzeug"]
    assert completed("completion", "") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("serve", "--sample", "my"), "dir"),
        (("serve", "--data", "my"), "file"),
        (("serve", "--tls-cert", "my"), "file"),
        (("users", "list", "--data", "my"), "file"),
    ],
)
def test_paths(words, kind):
    """They are the shell's own to complete."""
    *before, last = words
    items = ShellComplete(main, {}, PROGRAM, VARIABLE).get_completions(before, last)
    assert [(item.value, item.type) for item in items] == [("my", kind)]


def test_a_setting_that_can_be_anything():
    """Nothing is offered."""
    assert completed("serve", "--host", "") == []


def test_the_program_answers_a_shell():
    """By the variable that the scripts set."""
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "mock-ajera call ListCom", "COMP_CWORD": "2"}
    assert run(env=asked).stdout == "plain,ListCompanies\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script(shell):
    """It names the program and the variable; click's own switch prints the same."""
    printed = run("completion", shell)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "mock-ajera" in printed.stdout
    assert f"{VARIABLE}={shell}_complete" in printed.stdout
    assert run(env={VARIABLE: f"{shell}_source"}).stdout == printed.stdout


def test_a_shell_that_is_not_known():
    """Exit code 2, and the three that are."""
    wrong = run("completion", "tcsh")
    assert wrong.returncode == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in wrong.stderr


@pytest.fixture(scope="module")
def in_bash(tmp_path_factory) -> Callable[..., list[str]]:
    """What bash completes the last word to, the script sourced."""
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("there is no bash")
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "mock-ajera"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mock_ajera.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = f"""
        PATH="{folder}:$PATH"
        eval "$(mock-ajera completion bash)"
        [[ $(complete -p mock-ajera) == *" -F _mock_ajera_completion "* ]] || exit 1
        COMP_WORDS=(mock-ajera "$@")
        COMP_CWORD=$#
        _mock_ajera_completion mock-ajera
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """

    def complete(*words: str) -> list[str]:
        done = subprocess.run(
            [bash, "--norc", "-c", script, "bash", *words], capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return complete


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("call", "listcomp"), ["ListCompanies"]),
        (("call", "--page", "2", "ListComp"), ["ListCompanies"]),
        (("serve", "--quirk", "success_c"), ["success_code=200", "success_code=docs", "success_code=zero"]),
        (("serve", "--quirk", "success_code", "="), ["200", "docs", "zero"]),
        (("serve", "--quirk", "success_code", "=", "z"), ["zero"]),
        (("serve", "--quirk", "=", "success_code", "=", "z"), ["zero"]),
        (("serve", "--quirk", "success_code", "=", "zero", "--prof"), ["--profile"]),
        (("serve", "--engine", "=", "w"), ["werkzeug"]),
    ],
    ids=" ".join,
)
def test_bash(in_bash, words, offered):
    """Words as bash parts them: an equals sign is one of its own, and only what is behind it is completed."""
    assert in_bash(*words) == offered


def test_the_classes_of_the_other_shells_are_click_s():
    """Zsh and fish keep a word with its equals sign: nothing has to be mended there."""
    assert {get_completion_class(shell).__module__ for shell in ("zsh", "fish")} == {"click.shell_completion"}
