"""What all commands share: exit codes, the last word before an exit, and text for terminals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click

REFUSED, MISUSED, UNREACHABLE = 1, 2, 3


def fail(message: str, code: int = MISUSED) -> NoReturn:
    """Say why on stderr, and exit."""
    click.echo(f"mock-ajera: {message}", err=True)
    sys.exit(code)


def printable(text: str) -> str:
    """A text that came from elsewhere, as one line that does nothing to a terminal."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


@contextmanager
def progress(sample: object) -> Iterator[Callable[[str], object] | None]:
    """What is told of each record of a generated firm: a bar of its projects, for a person who waits.

    None where the firm is no number of projects, or nobody looks.
    """
    if not str(sample).isdecimal() or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=int(str(sample)), label="projects", file=sys.stderr) as bar:

        def seen(kind: str) -> None:
            if kind == "Project":
                bar.update(1)

        yield seen


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their longest cell, two spaces between them."""
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
