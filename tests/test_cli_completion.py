"""Shell completion: the completions and the shell scripts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.shell_completion import ShellComplete, get_completion_class
from command_line import refused, run

from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli import main
from mock_ajera.cli.completion import PROGRAM, VARIABLE
from mock_ajera.tenants.quirks import QUIRKS


def completed(*words: str) -> list[str]:
    """Return the completions of the last word."""
    *before, last = words
    return [item.value for item in ShellComplete(main, {}, PROGRAM, VARIABLE).get_completions(before, last)]


def test_methods_of_call():
    """All served methods and the session methods are offered."""
    assert set(completed("call", "")) == {*METHODS.served, *SESSION_METHODS}


def test_methods_have_help():
    """The help has the version of the session and the check box that the method needs."""
    shell = ShellComplete(main, {}, PROGRAM, VARIABLE)
    (item,) = shell.get_completions(["call"], "UpdateClients")
    assert item.help == "version 1, Can Write"


def test_each_quirk_is_offered():
    assert {pair.partition("=")[0] for pair in completed("serve", "--quirk", "")} == set(QUIRKS)


@pytest.mark.parametrize("quirk", QUIRKS.values(), ids=lambda quirk: quirk.name)
def test_every_offered_value_is_valid(quirk):
    for pair in completed("serve", "--quirk", f"{quirk.name}="):
        quirk.check(pair.partition("=")[2])


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("call listcomp", ["ListCompanies"]),
        ("serve --engine ", ["granian", "werkzeug"]),
        ("serve --host ", []),
        ("completion ", ["bash", "zsh", "fish"]),
        ("users add clerk --clear EndAPI", []),
        ("users add clerk --clear updateclie", ["UpdateClients"]),
        ("serve --quirk content_wrapper", ["content_wrapper=accept", "content_wrapper=refuse"]),
        ("serve --quirk generic_error_item=f", ["generic_error_item=false"]),
        ("serve --quirk=session_m", ["session_minutes=60"]),
    ],
)
def test_completions(words, offered):
    """Methods match in any case. Session methods have no box to clear, and free texts no completion."""
    assert completed(*words.split(" ")) == offered


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
    """The shell completes paths itself."""
    *before, last = words
    items = ShellComplete(main, {}, PROGRAM, VARIABLE).get_completions(before, last)
    assert [(item.value, item.type) for item in items] == [("my", kind)]


def test_program_answers_a_shell():
    """The scripts pass the words in environment variables."""
    environment = {VARIABLE: "bash_complete", "COMP_WORDS": "mock-ajera call ListCom", "COMP_CWORD": "2"}
    assert run(env=environment).stdout == "plain,ListCompanies\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script(shell):
    """The script is the one that click itself prints."""
    printed = run("completion", shell)
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert "mock-ajera" in printed.stdout
    assert f"{VARIABLE}={shell}_complete" in printed.stdout
    assert run(env={VARIABLE: f"{shell}_source"}).stdout == printed.stdout
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in refused("completion", "tcsh")


@pytest.fixture(scope="module")
def in_bash(tmp_path_factory) -> Callable[..., list[str]]:
    """Return a function that completes the last word in bash with the script."""
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("there is no bash")
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "mock-ajera"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mock_ajera "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (folder / "script").write_text(run("completion", "bash").stdout, encoding="utf-8")
    script = f"""
        PATH="{folder}:$PATH"
        . "{folder}/script"
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
    """Bash treats an equals sign as a word and completes only the text after it."""
    assert in_bash(*words) == offered


def test_other_shells_use_the_classes_of_click():
    """Zsh and fish do not split words at equals signs, so click's own classes work."""
    assert {get_completion_class(shell).__module__ for shell in ("zsh", "fish")} == {"click.shell_completion"}
