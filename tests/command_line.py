"""The command line in processes of its own, for the tests of its commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from checkout import COMMAND as CONSOLE
from checkout import completed
from click.testing import CliRunner, Result
from forks import Fork

from mock_ajera.cli import main

COMMAND = [sys.executable, "-m", "mock_ajera.cli"]


def run(*arguments: str, env: dict[str, str] | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
    """What a command printed and how it ended; ``given`` is its standard input."""
    return completed(CONSOLE, *arguments, cwd=Path.cwd(), environment=os.environ | (env or {}), given=given)


def run_here(*arguments: str, env: dict[str, str] | None = None, given: str | None = None) -> Result:
    """The same as ``run`` in this process, which costs no start of Python: how it ended is ``exit_code``."""
    return CliRunner().invoke(main, arguments, input=given, env=env, catch_exceptions=False, prog_name="mock-ajera")


@contextmanager
def serving(folder: Path, *options: str, env: dict[str, str] | None = None) -> Iterator[tuple[Fork, dict[str, str]]]:
    """A server process on a free port, and what it wrote into its env file."""
    file = folder / "server.env"
    file.unlink(missing_ok=True)
    words = ["serve", "--port", "0", "--env-file", str(file), *options]
    with Path(os.devnull).open() as nothing, tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        environment = os.environ | (env or {})
        process = Fork(words, folder=Path.cwd(), environment=environment, files=(nothing, output, output))
        try:
            while not file.exists():
                assert process.poll() is None, process.printed()
                time.sleep(0.02)
            yield process, dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        finally:
            process.kill()
            process.wait(30)


def stop(process: Fork) -> str:
    """End a server, and what it printed."""
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    return process.printed()


def commands(group: click.Group = main) -> Iterator[tuple[str, click.Command]]:
    """Every command, those of groups too, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in commands(command))


def options(command: click.Command) -> set[str]:
    """The long options of a command."""
    return {
        each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts) if "--" in each
    }
