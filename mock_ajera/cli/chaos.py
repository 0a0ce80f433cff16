"""``mock-ajera chaos``: run a program under each fault in turn, and say which of them it survives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mock_ajera.cli.output import fail
from mock_ajera.cli.trial_options import UP_TO_THE_PROGRAM, good_days, program_of, run_trial, trial_options
from mock_ajera.cli.trial_report import TrialReport
from mock_ajera.trials.chaos import BAD_DAYS, scenes
from mock_ajera.trials.outcome import outcome


@click.command(context_settings=UP_TO_THE_PROGRAM)
@trial_options
@click.option("--only", metavar="TEXT", default="", help="Only the faults whose name contains this text.")
@click.option("--list", "listed", is_flag=True, help="List the faults, and run nothing.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def chaos(
    command: tuple[str, ...], only: str, log: Path | None, *, listed: bool, as_json: bool, **options: Any
) -> None:
    """Run a program under each fault in turn, and say which of them it survives.

    The program runs on two good days, then once for each fault, each time against a new firm. It reads the variables
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
    """  # noqa: D301 - click does not rewrap the lines after this character
    chosen = [day for day in BAD_DAYS if only.casefold() in day.name.casefold()]
    if not chosen:
        fail(f"no fault has {only!r} in its name; mock-ajera chaos --list lists them")
    if listed:
        for day in chosen:
            click.echo(f"{', '.join(day.places):18}{day.name}")
        return
    program = program_of(command, options)
    report = TrialReport(as_json=as_json, log=log)
    usual = good_days(program, report.note)
    for scene in scenes(usual.run.entries, chosen):
        trial = run_trial(program, scene.happening)
        if trial.met:
            report.add(scene.label, trial, outcome(trial, usual))
        else:
            report.did_not_happen(scene.label)
    report.end()


__all__ = ["chaos"]
