"""What a new user meets: help in full, hints, suggestions, and the check of an installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from checkout import COMMAND, PYTHON, Served, clean_environment, completed
from checkout import run as run_program
from command_line import commands, refused, run, serving, stop
from raw_http import post

from mock_ajera import MockAjera
from mock_ajera.cli import check as checking
from mock_ajera.cli.output import done, exports

NOBODY = {"AJERA_API_URL": "http://127.0.0.1:1/AjeraAPI.ashx?x", "MOCK_AJERA_CONTROL_URL": "http://127.0.0.1:1/_mock"}


def test_an_installation_that_works() -> None:
    checked = run("check")
    assert checked.exit_code == 0
    *steps, last = checked.stdout.splitlines()
    assert all(step.startswith("ok  ") for step in steps)
    assert [word for word in ("Python", "serve", "log in", "list", "update", "refused") if word in checked.stdout] == [
        *("Python", "serve", "log in", "list", "update", "refused")
    ]
    assert last.startswith("mock-ajera works")


def test_a_proxy_in_the_way(tmp_path: Path) -> None:
    """The check works, as commands use no proxy on this machine. Other programs do."""
    said = "no_proxy contains 127.0.0.1"
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        proxy = clean_environment(**{name: "http://127.0.0.1:9"})
        assert said in run_program(COMMAND, "check", cwd=tmp_path, environment=proxy)
        for bypass in ("127.0.0.1,example.com", "*"):
            assert said not in run_program(COMMAND, "check", cwd=tmp_path, environment=proxy | {"no_proxy": bypass})
    with serving(tmp_path, env={"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}) as (process, _):
        assert said in stop(process)


def test_an_installation_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_NEEDED", ("flask", "no-such-package"))
    assert "this installation does not work: No package metadata" in refused("check", code=1)


def test_python_runs_the_package(tmp_path: Path) -> None:
    assert run_program(PYTHON, "-m", "mock_ajera", "--version", cwd=tmp_path).startswith("mock-ajera, version ")


@pytest.mark.parametrize("words", ["", *(name for name, command in commands() if isinstance(command, click.Group))])
def test_help_is_not_cut(words: str, tmp_path: Path) -> None:
    """At 80 columns, each command has its first sentence."""
    shown = run_program(COMMAND, *words.split(), "--help", cwd=tmp_path, environment=clean_environment(COLUMNS="80"))
    assert "..." not in shown.partition("Commands:")[2]
    assert max(map(len, shown.splitlines())) <= 80


def test_the_variable_of_the_tenant_is_in_the_help() -> None:
    assert "MOCK_AJERA_TENANT" in run("clock", "freeze", "--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tenant list", "; did you mean tenants?"),
        ("tenants lst", "; did you mean list?"),
        ("SERVE", "; did you mean serve?"),
        ("wxyz", "No such command 'wxyz'."),
    ],
)
def test_a_misspelled_command(words: str, said: str) -> None:
    assert said in refused(*words.split())


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ListProject", "; did you mean ListProjects"), ("getclients", "; did you mean GetClients"), ("Wxyz", "exist [")],
)
def test_a_misspelled_method(ajera: MockAjera, name: str, hint: str) -> None:
    body = {"Method": name, "SessionToken": ajera.token(), "MethodArguments": {}}
    assert hint in post(ajera.url, body).headers["Mock-Ajera-Why"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("call ListClients", "or set --url or AJERA_API_URL"),
        ("tenants list", "--control-url or MOCK_AJERA_CONTROL_URL"),
    ],
)
def test_nobody_listens(words: str, said: str) -> None:
    complaint = refused(*words.split(), code=3, env=NOBODY)
    assert "Is a server running? Start one with mock-ajera serve" in complaint
    assert said in complaint


@pytest.mark.parametrize("end", ["", "/", "/_mock", "/_mock/"])
def test_the_control_url_may_be_the_origin(ajera: MockAjera, end: str) -> None:
    root = ajera.url.partition("/V0")[0]
    assert run("tenants", "list", "--control-url", root + end).exit_code == 0


@pytest.mark.parametrize("words", ["server ready", "call ListCompanies"])
def test_a_proxy_is_not_asked_on_this_machine(serve: Callable[..., Served], tmp_path: Path, words: str) -> None:
    """The variables of a company's proxy do not concern a server on loopback."""
    served = serve()
    environment = clean_environment(http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9", no_proxy="")
    ended = completed(COMMAND, *words.split(), cwd=tmp_path, environment=environment | dict(served.variables))
    assert ended.returncode == 0, ended.stderr


def test_lines_that_set_variables() -> None:
    variables = {"A": "http://x?y%3d", "B": "2"}
    assert exports(variables, windows=False) == "export A='http://x?y%3d' B='2'"
    assert exports(variables, windows=True) == "$env:A = 'http://x?y%3d'; $env:B = '2'"


def test_the_progress_of_a_generated_firm_is_even() -> None:
    """It starts with the time of the generation itself, never goes back, and ends before the last step."""
    kinds = {
        "Project": 100,
        "JournalEntry": 50,
        "ExpenseReport": 10,
        "Timesheet": 100,
    }
    counts = dict.fromkeys(kinds, 0)
    seen = [done(counts, 100)]
    for kind, number in kinds.items():
        for _ in range(number):
            counts[kind] += 1
            seen.append(done(counts, 100))
    assert seen == sorted(seen)
    assert 20 <= seen[0] <= 80
    assert 990 <= seen[-1] <= 1000
