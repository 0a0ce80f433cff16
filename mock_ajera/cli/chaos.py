"""``mock-ajera chaos``: run a program under each fault in turn, and say which of them it survives."""

from __future__ import annotations

import sys
from typing import Any

import click

from mock_ajera.cli.output import REFUSED, printable
from mock_ajera.cli.trial_options import program_of, trial_options, usual_run
from mock_ajera.trials.chaos import BAD_DAYS, scenes
from mock_ajera.trials.outcome import outcome


@click.command(context_settings={"ignore_unknown_options": True})
@trial_options
@click.option("--only", metavar="TEXT", help="Only the faults whose name contains this text.")
@click.option("--list", "listed", is_flag=True, help="List the faults, and run nothing.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def chaos(command: tuple[str, ...], only: str | None, listed: bool, **options: Any) -> None:
    r"""Run a program under each fault in turn, and say which of them it survives.

    The program runs once on a good day, then once for each fault, each time against a new firm. It reads the variables
    AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD. A program that fails runs once more on a good day.

    \b
    finished     it did what it does on a good day
    retried      the same, with more calls
    failed       it reports a failure, and has written nothing
    failed late  it reports a failure, though everything is written
    half done    it reports a failure, and has written a part
    lost         it reports no failure, but something is not written
    leftover     it has left something that is not there after a good day
    duplicated   it has created something twice
    hung         it did not end in time

    A program survives a fault if the books are right in the end, if need be after the next run, and if it reported what
    went wrong. Exit code 1 if it did not survive one.
    """
    if listed:
        for day in BAD_DAYS:
            click.echo(f"{', '.join(day.places):18}{day.name}")
        return
    program = program_of(command, options)
    usual = usual_run(program)
    survived = True
    for scene in scenes(usual.run.entries):
        if only is not None and only.lower() not in scene.name.lower():
            continue
        trial = program.trial(scene.prepare)
        if not trial.met:
            continue
        found = outcome(trial, usual)
        survived &= found.survived
        click.echo(f"{'ok ' if found.survived else 'BAD'} {found!s:28}{scene.method}: {scene.name}")
        for each in (*found.details, *found.next_details)[:5] if not found.survived else ():
            click.echo(f"{'':4}{printable(each)}")
    if not survived:
        sys.exit(REFUSED)


__all__ = ["chaos"]
