"""The files around the code agree with it: Makefile, image, CI, changelog and documentation links."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from checkout import ROOT, clean_environment, files_of, run
from dockerfile import copied, instructions

import mock_ajera
from mock_ajera.settings import SETTINGS

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class TestMakefile:
    def test_help_lists_every_target(self) -> None:
        """Without a target, make lists all phony targets."""
        targets = re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
        assert targets
        listed = re.findall(r"make (\w+) +\w", run("make", cwd=ROOT))
        assert sorted(listed) == sorted(targets[1].split())

    @pytest.mark.parametrize(("given", "port"), [([], DEFAULTS["port"]), (["PORT=9999"], 9999)])
    def test_serve_uses_the_port_of_the_command_line(self, given: list[str], port: int) -> None:
        """Without PORT on the command line, make serve uses the default, even if PORT is an environment variable."""
        planned = run("make", "-n", "serve", *given, cwd=ROOT, environment=clean_environment(PORT="1"))
        assert f"mock-ajera serve --port {port}" in planned

    def test_test_ends_with_pytest(self) -> None:
        """The last command of make test is pytest over both folders, so that its summary is printed last."""
        last = run("make", "-n", "test", cwd=ROOT).splitlines()[-1]
        assert "-m pytest tests contract_tests" in last

    def test_old_python_is_refused(self, tmp_path: Path) -> None:
        """If no Python is new enough, make prints the required version and creates no environment."""
        shutil.copy(ROOT / "Makefile", tmp_path)
        (tmp_path / "pyproject.toml").touch()
        with pytest.raises(AssertionError, match=r"Python 3\.11 or newer is needed"):
            run("make", "serve", "PYTHON=", cwd=tmp_path)
        assert not (tmp_path / ".venv").exists()

    @pytest.mark.parametrize(
        ("old", "chosen"),
        [([], "python3"), (["python3"], "python"), (["python3", "python"], "python3.13"), (["python3.13"], "python3")],
    )
    def test_the_active_python_is_preferred(self, tmp_path: Path, old: list[str], chosen: str) -> None:
        """The first of python3, python and the versions, newest first, that is new enough makes the environment."""
        shutil.copy(ROOT / "Makefile", tmp_path)
        (tmp_path / "pyproject.toml").touch()
        (tmp_path / "bin").mkdir()
        for name in ("python3", "python", "python3.14", "python3.13", "python3.11"):
            is_old = name in old or name == "python3.14"
            script = tmp_path / "bin" / name
            script.write_text(f"#!/bin/sh\nexit {int(is_old)}\n")
            script.chmod(0o755)
        path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
        planned = run("make", "-n", "serve", cwd=tmp_path, environment=clean_environment(PATH=path))
        assert f'"{chosen}" -m venv .venv' in planned

    def test_an_environment_that_could_not_be_made_is_removed(self, tmp_path: Path) -> None:
        """Python on Debian makes half of one before it asks for the package python3-venv."""
        shutil.copy(ROOT / "Makefile", tmp_path)
        (tmp_path / "pyproject.toml").touch()
        python = tmp_path / "python"
        python.write_text("#!/bin/sh\nmkdir -p .venv/bin && touch .venv/bin/python; echo no ensurepip >&2; exit 1\n")
        python.chmod(0o755)
        with pytest.raises(AssertionError, match="no ensurepip"):
            run("make", "serve", f"PYTHON={python}", cwd=tmp_path)
        assert not (tmp_path / ".venv").exists()

    def test_ci_runs_make_test(self) -> None:
        """CI runs make test, make shipped and make recipes, and fails if one of them fails."""
        assert os.access(ROOT / ".ci" / "run", os.X_OK)
        assert "set -euo pipefail" in text(".ci/run")
        assert text(".ci/run").rstrip().endswith("\nmake test\nmake shipped\nmake recipes")


class TestImage:
    def test_copied_files_exist(self) -> None:
        """Every source of a COPY exists and is not excluded by .dockerignore."""
        ignored = text(".dockerignore").splitlines()
        assert "*" in ignored
        sources = [source for source, _ in copied()]
        assert sources
        assert [each for each in sources if not (ROOT / each).exists() or f"!{each}" not in ignored] == []

    def test_build_context_contains_only_copied_files(self) -> None:
        """The Dockerfile copies every file that .dockerignore includes."""
        included = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
        assert included == {source for source, _ in copied()}

    def test_the_entry_point_is_the_command_line(self) -> None:
        """The image starts the server without options, so that variables and options of the user apply."""
        assert json.loads(instructions("ENTRYPOINT")[0]) == ["mock-ajera", "serve"]
        assert "MOCK_AJERA_HOST=0.0.0.0" in instructions("ENV")[0].split()

    def test_the_port_is_the_default(self) -> None:
        """Image and compose file use the server's default port."""
        port = DEFAULTS["port"]
        assert instructions("EXPOSE") == [str(port)]
        assert f"MOCK_AJERA_PORT={port}" in instructions("ENV")[0].split()
        assert f'"127.0.0.1:{port}:{port}"' in text("compose.yaml")

    def test_server_does_not_run_as_root(self) -> None:
        """The user is given as a number, so that a container engine can verify that it is not root."""
        assert [user for user in instructions("USER") if user.isdecimal() and int(user) > 0]


def test_changelog_has_the_version() -> None:
    """The changelog has a section for the version of the package or for unreleased changes."""
    assert "## [Unreleased]" in text("CHANGELOG.md") or f"## [{mock_ajera.__version__}]" in text("CHANGELOG.md")


def documents() -> list[str]:
    """List the Markdown pages of the project."""
    return sorted({"README.md", "CHANGELOG.md", *(path for path in files_of("docs") if path.endswith(".md"))})


@pytest.mark.parametrize("name", documents())
def test_links_have_targets(name: str) -> None:
    """Every link of a page goes to an existing file, or to a heading of the page."""
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
