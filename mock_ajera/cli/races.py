"""``mock-ajera races``: run a program while another client does something at the worst moment."""

from __future__ import annotations

import sys
from typing import Any

import click

from mock_ajera.cli.group import Group
from mock_ajera.cli.output import REFUSED, fail, printable
from mock_ajera.cli.trial_options import program_of, trial_options, usual_run
from mock_ajera.mock import MockAjera
from mock_ajera.spelling import suggestion
from mock_ajera.trials.outcome import outcome
from mock_ajera.trials.races import RACES, Other


@click.group(cls=Group)
def races() -> None:
    """Run a program while another client does something at the worst moment."""


@races.command("list")
def list_races() -> None:
    """List the races."""
    width = max(len(race.name) for race in RACES) + 2
    for race in RACES:
        click.echo(f"{race.name:<{width}}{race.says}")


@races.command("run", context_settings={"ignore_unknown_options": True})
@trial_options
@click.option("--race", "chosen", metavar="NAME", help="Only this race.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run_races(command: tuple[str, ...], chosen: str | None, **options: Any) -> None:
    """Run a program once for each race, and say where it loses an update or leaves something wrong.

    The program runs once alone, then once for each race that fits its calls, each time against a new firm. The other
    client has its own API user, colleague, and calls the API as a real one does. The words are those of chaos, and
    "overwrote": what the other client has written is gone. Exit code 1 if the program did not survive a race.
    """
    names = [race.name for race in RACES]
    if chosen is not None and chosen not in names:
        fail(f"there is no race {chosen!r}{suggestion(chosen, names) or '; they are ' + ', '.join(names)}")
    program = program_of(command, options)
    usual = usual_run(program)
    survived = True
    for race in RACES:
        if chosen not in (None, race.name):
            continue
        others: list[Other] = []

        def prepare(ajera: MockAjera, race: Any = race, others: list[Other] = others) -> None:
            others.append(Other(ajera))
            others[0].join(race)

        trial = program.trial(prepare)
        if not others[0].happened:
            click.echo(f"--  {'did not happen':28}{race.name}")
            continue
        found = outcome(trial, usual, others[0].written)
        survived &= found.survived
        click.echo(f"{'ok ' if found.survived else 'BAD'} {found!s:28}{race.name}")
        for each in (*found.details, *found.next_details)[:5] if not found.survived else ():
            click.echo(f"{'':4}{printable(each)}")
    if not survived:
        sys.exit(REFUSED)
