"""What the commands that run a program share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_ajera.cli.output import fail, printable
from mock_ajera.sample.files import BadSample
from mock_ajera.trials.trial import Program, Trial

_OPTIONS = (
    click.option("--sample", default="sample", show_default=True, metavar="NAME", help="Firm: as for serve."),
    click.option("--profile", default="observed", show_default=True, type=click.Choice(["observed", "documented"])),
    click.option("--quirk", "quirks", multiple=True, metavar="NAME=VALUE", help="A quirk. May be repeated."),
    click.option("--seed", default="1", show_default=True, metavar="TEXT", help="The same seed gives the same days."),
    click.option("--freeze", metavar="TIME", help="Freeze the clock of the firm: ISO 8601 with an offset."),
    click.option(
        "--timeout", default=60.0, show_default=True, metavar="SECONDS", help="Kill the program after this time."
    ),
    click.option(
        "--in-copy-of",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Copy this folder for each firm, and run the program there.",
    ),
)


def trial_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def program_of(command: tuple[str, ...], options: Mapping[str, Any]) -> Program:
    """Return the program of a command line."""
    if not command:
        fail("no program was given: mock-ajera chaos -- python my_sync.py")
    sample = options["sample"]
    quirks = dict(pair.partition("=")[::2] for pair in options["quirks"])
    firm = {
        "sample": int(sample) if str(sample).isdecimal() else sample,
        "profile": options["profile"],
        "quirks": quirks,
        "seed": options["seed"],
        "freeze": options["freeze"],
    }
    return Program(command, options["timeout"], firm, options["folder"])


def usual_run(program: Program) -> Trial:
    """Run the program on a good day, and say what it did. Fails if it does."""
    try:
        usual = program.trial(lambda _: None, again=False)
    except (BadSample, ValueError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot run {program.command[0]}: {error.strerror or error}")
    run = usual.run
    if run.code is None:
        fail(f"the program did not end within {program.timeout:g} seconds on a good day")
    if run.failed:
        shown = "\n".join(printable(line) for line in run.printed.splitlines()[-10:])
        fail(f"the program fails on a good day, with exit code {run.code}:\n{shown}")
    if not run.entries:
        fail("the program called nothing: it has to read AJERA_API_URL from its environment")
    items = sum(usual.changes().items.values())
    click.echo(f"good day: {len(run.entries)} calls in {run.seconds:.1f} s, {items} records created or changed")
    return usual
