"""``mock-ajera races``: run a program while another client does something at the worst moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mock_ajera.cli.group import Group
from mock_ajera.cli.output import fail
from mock_ajera.cli.trial_options import UP_TO_THE_PROGRAM, good_days, program_of, run_trial, trial_options
from mock_ajera.cli.trial_report import TrialReport
from mock_ajera.spelling import suggestion
from mock_ajera.trials.outcome import outcome
from mock_ajera.trials.races import RACES, Meeting


@click.group(cls=Group)
def races() -> None:
    """Run a program while another client does something at the worst moment."""


@races.command("list")
def list_races() -> None:
    """List the races."""
    width = max(len(race.name) for race in RACES) + 2
    for race in RACES:
        click.echo(f"{race.name:<{width}}{race.says}")


@races.command("run", context_settings=UP_TO_THE_PROGRAM)
@trial_options
@click.option("--race", "chosen", metavar="NAME", help="Only this race.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run_races(command: tuple[str, ...], chosen: str | None, log: Path | None, *, as_json: bool, **options: Any) -> None:
    """Run a program once for each race, and say where it loses an update or leaves something wrong.

    The program runs alone twice, then once for each race that fits its calls, each time against a new firm. The other
    client has its own API user, colleague, and calls the API as a real one does. The words are those of chaos, and:

    \b
    overwrote    what the other client has written is not there any more
    gone         it reports a failure, as the other client has deleted what it writes

    Exit code 1 if the program did not survive a race.
    """  # noqa: D301 - click does not rewrap the lines after this character
    names = [race.name for race in RACES]
    if chosen is not None and chosen not in names:
        fail(f"there is no race {chosen!r}{suggestion(chosen, names) or '; they are ' + ', '.join(names)}")
    program = program_of(command, options)
    report = TrialReport(as_json=as_json, log=log)
    usual = good_days(program, report.note)
    for race in RACES:
        if chosen in (None, race.name):
            meeting = Meeting(race)
            trial = run_trial(program, meeting.happening)
            if meeting.happened:
                report.add(race.name, trial, outcome(trial, usual, meeting.written))
            else:
                report.did_not_happen(race.name)
    report.end()
