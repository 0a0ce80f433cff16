"""Output shared by all commands: exit codes, error messages, tables and progress."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

REFUSED, MISUSED, UNREACHABLE = 1, 2, 3


def fail(message: str, code: int = MISUSED) -> NoReturn:
    """Print an error message on stderr and exit."""
    click.echo(f"mock-ajera: {message}", err=True)
    sys.exit(code)


def outlive_readers() -> None:
    """Drop what is printed once the reader of stdout or stderr is gone, so that a server goes on without it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # A shell closes them with >&-. Python says None, and the next file or socket would take their place.
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open as long as the process
        stream = getattr(sys, name)
        # Terminals and the streams of tests are left alone.
        if isinstance(stream, io.TextIOWrapper) and stream is getattr(sys, f"__{name}__") and not stream.isatty():
            raw = io.BufferedWriter(_Lasting(stream.fileno(), "w", closefd=False))
            lasting = io.TextIOWrapper(raw, stream.encoding, stream.errors, line_buffering=True, write_through=True)
            setattr(sys, name, lasting)


class _Lasting(io.FileIO):
    """A file that takes what cannot be written for written."""

    def write(self, data: Any, /) -> int:
        """Write bytes, or drop them."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def exports(variables: Mapping[str, str], windows: bool = os.name == "nt") -> str:
    """Return the line that sets variables in a shell: in PowerShell on Windows, in sh elsewhere."""
    if windows:
        return "; ".join(f"$env:{name} = '{value}'" for name, value in variables.items())
    return " ".join(["export", *(f"{name}='{value}'" for name, value in variables.items())])


def printable(text: str) -> str:
    """Return untrusted text as one line, with control characters escaped."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


_SHARES = {
    "Project": (78, 1),
    "JournalEntry": (1, 0.5),
    "ExpenseReport": (2, 0.1),
    "Timesheet": (15, 1),
}
"""Per kind of record: its share of the time to generate a firm, in percent, and its records per project.

Ledgers and most invoices are generated with the projects.
"""
_STEPS = 1000


@contextmanager
def progress(sample: object) -> Iterator[Callable[[str], object] | None]:
    """Show a progress bar while a firm is generated, and yield a callback that takes the kind of each new record.

    Yield None when the sample is not a number of projects, or stderr is not a terminal.
    """
    if not str(sample).isdecimal() or not sys.stderr.isatty():
        yield None
        return
    counts = dict.fromkeys(_SHARES, 0)
    projects = int(str(sample))
    with click.progressbar(length=_STEPS, label=f"{projects} projects", file=sys.stderr) as bar:

        def seen(kind: str) -> None:
            if kind in counts:
                counts[kind] += 1
            if steps := done(counts, projects) - bar.pos:
                bar.update(steps)

        yield seen
        bar.update(_STEPS - bar.pos)


def done(counts: Mapping[str, int], projects: int) -> int:
    """Return how many of 1,000 steps of generating a firm are done, given its records by kind so far.

    The steps take the same time each, so that the time left is right from the first one on.
    """
    percent = 100.0 - sum(share for share, _ in _SHARES.values())
    last = max((number for number, kind in enumerate(_SHARES) if counts[kind]), default=-1)
    for number, (kind, (share, each)) in enumerate(_SHARES.items()):
        percent += share * (min(1, counts[kind] / (each * projects)) if number >= last else 1)
    return int(percent * _STEPS / 100)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, each as wide as its longest cell."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
