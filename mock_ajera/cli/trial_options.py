"""What the commands that run a program share: their options, and the runs on good days."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_ajera.cli.output import fail, printable
from mock_ajera.cli.serve_settings import quirk_of, time_of
from mock_ajera.control.action import ControlError
from mock_ajera.mock import MockAjera
from mock_ajera.sample.files import BadSample
from mock_ajera.tenants.clock import Clock
from mock_ajera.trials.trial import CannotRun, Day, Program, Trial, good_day

_LONGEST = 86400
_FOLDER = click.Path(file_okay=False, path_type=Path)
_OPTIONS = (
    click.option("--sample", default="sample", show_default=True, metavar="NAME", help="Firm: as for serve."),
    click.option("--profile", default="observed", show_default=True, type=click.Choice(["observed", "documented"])),
    click.option("--quirk", "quirks", multiple=True, metavar="NAME=VALUE", help="A quirk. May be repeated."),
    click.option("--seed", default="1", show_default=True, metavar="TEXT", help="The same seed gives the same days."),
    click.option("--clock", "began", metavar="TIME", help="Let each firm begin at this time: ISO 8601 with an offset."),
    click.option(
        "--timeout",
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Kill the program after this time.",
    ),
    click.option(
        "--in-copy-of",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Copy this folder for each firm, and run the program there.",
    ),
    click.option("--log", type=_FOLDER, help="Write the calls and the output of each trial to a file in this folder."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON at the end, and what happens on stderr."),
)
# What follows the program's name is the program's.
UP_TO_THE_PROGRAM = {"allow_interspersed_args": False}


def trial_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def program_of(command: tuple[str, ...], options: Mapping[str, Any]) -> Program:
    """Return the program of a command line. Fails for an option that is wrong."""
    if not command:
        fail("no program was given: end the line with -- and its command, such as -- python my_sync.py")
    if not 0 < options["timeout"] <= _LONGEST:
        fail(f"--timeout must be more than 0 and at most {_LONGEST} seconds, not {options['timeout']:g}")
    try:
        quirks = dict(map(quirk_of, options["quirks"]))
        began = None if options["began"] is None else time_of("--clock", options["began"])
    except ValueError as error:
        fail(str(error))

    def firm() -> MockAjera:
        clock = Clock()
        if began is not None:
            clock.set(began)
        chosen = {name: options[name] for name in ("sample", "profile", "seed")}
        return MockAjera(**chosen, quirks=quirks, clock=clock)

    return Program(command, options["timeout"], firm, options["folder"])


def run_trial(program: Program, day: Day = good_day, *, again: bool = True) -> Trial:
    """Run a program on a day, and once more if it fails. Fails if there is no such program or firm."""
    # The program has a group of its own, so it gets no signal of the terminal: it is killed when this process ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return program.trial(day, again=again)
    except (BadSample, CannotRun, ControlError, ValueError) as error:
        fail(str(error))


def good_days(program: Program, say: Callable[[str], object]) -> Trial:
    """Run a program on two good days, say what it did, and return the first. Fails if it does."""
    first, second = (_good_day(program) for _ in range(2))
    changes, others = first.changes(), second.changes()
    items = sum(changes.items.values())
    say(f"good day: {len(first.run.entries)} calls in {first.run.seconds:.1f} s, records created or changed: {items}")
    if differing := [*changes.lacking(others), *others.lacking(changes)]:
        say(f"note: two good days leave different books, so the words below mean little: {printable(differing[0])}")
    return first


def _good_day(program: Program) -> Trial:
    trial = run_trial(program, again=False)
    run = trial.run
    if run.code is None:
        fail(f"the program did not end within {program.timeout:g} seconds on a good day")
    if run.failed:
        shown = "\n".join(printable(line) for line in run.printed.splitlines()[-10:])
        fail(f"the program fails on a good day, with exit code {run.code}:\n{shown}")
    if not run.entries:
        fail("the program called nothing: it has to read AJERA_API_URL from its environment")
    return trial
