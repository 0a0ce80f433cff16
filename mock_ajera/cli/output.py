"""Output shared by all commands: exit codes, error messages, tables and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click

REFUSED, MISUSED, UNREACHABLE = 1, 2, 3


def fail(message: str, code: int = MISUSED) -> NoReturn:
    """Print an error message on stderr and exit."""
    click.echo(f"mock-ajera: {message}", err=True)
    sys.exit(code)


def printable(text: str) -> str:
    """Return untrusted text as one line, with control characters escaped."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


@contextmanager
def progress(sample: object) -> Iterator[Callable[[str], object] | None]:
    """Show a progress bar while a firm is generated, and yield a callback that takes the kind of each new record.

    Yield None when the sample is not a number of projects, or stderr is not a terminal.
    """
    if not str(sample).isdecimal() or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=int(str(sample)), label="projects", file=sys.stderr) as bar:

        def seen(kind: str) -> None:
            if kind == "Project":
                bar.update(1)

        yield seen


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, each as wide as its longest cell."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
