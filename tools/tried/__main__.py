"""Try the example programs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mock_ajera import MockAjera
from mock_ajera.tenants.clock import Clock
from mock_ajera.trials.chaos import BAD_DAYS, scenes
from mock_ajera.trials.outcome import outcome
from mock_ajera.trials.races import RACES, Meeting
from mock_ajera.trials.trial import Program, Trial, good_day
from tools.tried import ARGUMENTS, NEVER, RESULTS, Result, load, save

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_FILES = Path(__file__).parent / "files"
"""What the programs read: sheets, and a sync that has to rename a project and to create one."""


@contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder with the programs and their files."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for file in (*_EXAMPLES.glob("*.py"), *_FILES.iterdir()):
            shutil.copy(file, folder)
        yield folder


def _firm() -> MockAjera:
    clock = Clock()
    clock.set("2026-03-02T14:00:00Z")
    return MockAjera(seed="1", clock=clock)


def _tried(name: str, folder: Path) -> dict[str, list[Result]]:
    program = Program((sys.executable, name, *ARGUMENTS[name]), 60, _firm, folder)
    usual = program.trial(good_day, again=False)
    if usual.run.failed:
        raise SystemExit(f"{name} fails on a good day:\n{usual.run.printed}")
    return _on_bad_days(program, usual) | _in_races(program, usual)


def _on_bad_days(program: Program, usual: Trial) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {day.name: [] for day in BAD_DAYS}
    for scene in scenes(usual.run.entries):
        trial = program.trial(scene.happening)
        became = outcome(trial, usual)
        result = Result(scene.place, str(became), became.survived) if trial.met else Result(scene.place, NEVER, True)
        found[scene.name].append(result)
        click.echo(f"{program.command[1]:22}{scene.place:6}{result.outcome:28}{scene.name}")
    return found


def _in_races(program: Program, usual: Trial) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for race in RACES:
        meeting = Meeting(race)
        trial = program.trial(meeting.happening)
        became = outcome(trial, usual, meeting.written)
        result = Result("", str(became), became.survived) if meeting.happened else Result("", NEVER, True)
        found[race.name] = [result]
        click.echo(f"{program.command[1]:28}{result.outcome:28}{race.name}")
    return found


@click.command()
@click.argument("programs", nargs=-1)
def main(programs: tuple[str, ...]) -> None:
    """Try example programs, by default all."""
    # The programs end by themselves where they would wait for three minutes.
    os.environ["AJERA_TIMEOUT"] = "2"
    results = load() if RESULTS.exists() else {}
    for name in programs or tuple(ARGUMENTS):
        with _folder() as folder:
            results[name] = _tried(name, folder)
        save(results)


if __name__ == "__main__":
    main()
