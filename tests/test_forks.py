"""Forks of a Python that has imported ``mock-ajera``: they run what the tests import, as a program of its own would."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from checkout import COMMAND, PYTHON, clean_environment, run, started
from forks import Fork

import mock_ajera

SCRIPT = """
import sys
from pathlib import Path
from forks import Fork

if __name__ == "__main__":
    with open(sys.argv[1], "w+") as output, open("/dev/null") as nothing:
        fork = Fork(["--version"], folder=Path.cwd(), environment={}, files=(nothing, output, output))
        ended = fork.wait(60)
        print(ended, fork.printed())
"""


def test_the_working_directory_is_not_what_is_run(tmp_path: Path) -> None:
    """A package of the same name in it is not found before the one that is tested: a checkout beside a wheel."""
    checkout, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    (checkout / "mock_ajera").mkdir(parents=True)
    (checkout / "mock_ajera" / "__init__.py").write_text("raise SystemExit('the checkout')\n", encoding="utf-8")
    elsewhere.mkdir()
    (elsewhere / "script.py").write_text(SCRIPT, encoding="utf-8")
    found = (Path(mock_ajera.__file__).parents[1], Path(__file__).parent)
    environment = clean_environment(PYTHONPATH=os.pathsep.join(map(str, found)))
    said = run(PYTHON, elsewhere / "script.py", elsewhere / "said", cwd=checkout, environment=environment)
    assert said.strip() == f"0 mock-ajera, version {mock_ajera.__version__}"


@pytest.mark.parametrize(("name", "forked"), [("PYTHONWARNINGS", False), ("PYTHONUNBUFFERED", True), ("LANG", True)])
def test_what_python_reads_when_it_starts(
    name: str, forked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set here or there alone, the program is executed; other variables are given to a fork."""
    monkeypatch.delenv(name, raising=False)
    here = dict(os.environ)
    with (tmp_path / "said").open("w+", encoding="utf-8") as output, Path(os.devnull).open(encoding="utf-8") as nothing:

        def version(environment: dict[str, str]) -> bool:
            process = started(
                COMMAND, "--version", cwd=tmp_path, environment=environment, files=(nothing, output, output)
            )
            assert process.wait(60) == 0
            return isinstance(process, Fork)

        assert version(here | {name: "default"}) is forked
        monkeypatch.setenv(name, "default")
        assert version(here) is forked
