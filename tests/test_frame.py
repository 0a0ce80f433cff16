"""The files around the code: what they promise is there, and they agree with it."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from checkout import COMMAND, ROOT, clean_environment, files_of, run
from dockerfile import copied, instructions

import mock_ajera
from mock_ajera.settings import SETTINGS

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def text(name: str) -> str:
    """A file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


class TestMakefile:
    """make serve, make test and the rest."""

    def test_help_tells_every_target(self) -> None:
        """make alone lists each target that has no file."""
        targets = re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
        assert targets
        told = re.findall(r"make (\w+) +\w", run("make", cwd=ROOT))
        assert sorted(told) == sorted(targets[1].split())

    @pytest.mark.parametrize(("given", "port"), [([], DEFAULTS["port"]), (["PORT=9999"], 9999)])
    def test_serve_takes_a_port(self, given: list[str], port: int) -> None:
        """make serve PORT=... goes to that port, without it to the default, whatever PORT the environment has."""
        planned = run("make", "-n", "serve", *given, cwd=ROOT, environment=clean_environment(PORT="1"))
        assert f"mock-ajera serve --port {port}" in planned

    def test_test_ends_with_pytest(self) -> None:
        """The last thing that make test runs is pytest over both folders: its closing line comes last."""
        last = run("make", "-n", "test", cwd=ROOT).splitlines()[-1]
        assert "-m pytest tests contract_tests" in last

    def test_too_old_a_python(self, tmp_path: Path) -> None:
        """Where no Python is new enough, make says what is needed and makes nothing."""
        shutil.copy(ROOT / "Makefile", tmp_path)
        (tmp_path / "pyproject.toml").touch()
        with pytest.raises(AssertionError, match=r"Python 3\.11 or newer is needed"):
            run("make", "serve", "PYTHON=", cwd=tmp_path)
        assert not (tmp_path / ".venv").exists()

    def test_ci_runs_make_test(self) -> None:
        """CI runs what a developer runs, then the recipes where none is skipped, and fails with either."""
        assert os.access(ROOT / ".ci" / "run", os.X_OK)
        assert "set -euo pipefail" in text(".ci/run")
        assert text(".ci/run").rstrip().endswith("\nmake test\nmake shipped\nmake recipes")


class TestImage:
    """Dockerfile and compose.yaml."""

    def test_what_is_copied_is_there(self) -> None:
        """Every source of the image exists, and .dockerignore lets it through."""
        ignored = text(".dockerignore").splitlines()
        assert "*" in ignored
        sources = [source for source, _ in copied()]
        assert sources
        assert [each for each in sources if not (ROOT / each).exists() or f"!{each}" not in ignored] == []

    def test_nothing_else_is_let_through(self) -> None:
        """What .dockerignore lets through is copied: nothing is sent to the engine in vain."""
        let = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
        assert let == {source for source, _ in copied()}

    def test_the_entry_point_is_the_command_line(self) -> None:
        """The image starts a command that is there, with options that it has, and listens on all addresses."""
        (entry,) = instructions("ENTRYPOINT")
        command, verb, *options = json.loads(entry)
        assert command == COMMAND.name
        helped = run(COMMAND, verb, "--help", cwd=ROOT)
        assert all(option in helped for option in options if option.startswith("--"))
        assert options == ["--host", "0.0.0.0", "--port", str(DEFAULTS["port"])]

    def test_the_port_is_the_default(self) -> None:
        """Image, health check and compose file speak of the port that the server takes by default."""
        port = DEFAULTS["port"]
        assert instructions("EXPOSE") == [str(port)]
        assert f"http://127.0.0.1:{port}/_mock/ready" in instructions("HEALTHCHECK")[0]
        assert f'"127.0.0.1:{port}:{port}"' in text("compose.yaml")

    def test_root_is_left(self) -> None:
        """The server runs as a user of its own, named by number so that an engine can tell that it is not root."""
        assert [user for user in instructions("USER") if user.isdecimal() and int(user) > 0]


def test_the_changelog_has_the_version() -> None:
    """The version of the package is in the changelog, or is what comes next."""
    assert "## [Unreleased]" in text("CHANGELOG.md") or f"## [{mock_ajera.__version__}]" in text("CHANGELOG.md")


def documents() -> list[str]:
    """The pages of the project."""
    return sorted({"README.md", "CHANGELOG.md", *(path for path in files_of("docs") if path.endswith(".md"))})


@pytest.mark.parametrize("name", documents())
def test_links_lead_somewhere(name: str) -> None:
    """A page links to files that exist and to headings that the page has."""
    page = text(name)
    headings = {
        re.sub(r"[^\w\- ]", "", found.lower()).replace(" ", "-")
        for found in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page):
        if target.startswith("#"):
            broken += [] if target[1:] in headings else [target]
        elif "://" not in target and not (ROOT / name).parent.joinpath(target.partition("#")[0]).exists():
            broken.append(target)
    assert broken == []
