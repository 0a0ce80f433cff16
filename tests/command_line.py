"""The command line for its tests: in this process, and served by a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from checkout import COMMAND, PATIENCE
from click.testing import CliRunner, Result

from mock_ajera.cli import main


def run(*arguments: str, env: dict[str, str] | None = None, given: str | None = None) -> Result:
    """Run a command in this process. ``given`` is its standard input."""
    ending = signal.getsignal(signal.SIGTERM)
    try:
        return CliRunner().invoke(main, arguments, input=given, env=env, catch_exceptions=False, prog_name="mock-ajera")
    finally:
        # The command serve installs a handler, also when it does not get as far as serving.
        signal.signal(signal.SIGTERM, ending)


def refused(*arguments: str, code: int = 2, env: dict[str, str] | None = None) -> str:
    """Run a command that must end with an exit code and without a traceback. Return its stderr."""
    done = run(*arguments, env=env)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.stderr
    return done.stderr


@contextmanager
def serving(
    folder: Path, *options: str, env: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run ``mock-ajera serve`` on a free port. Yield the process and the variables of its env file."""
    file = folder / "server.env"
    file.unlink(missing_ok=True)
    words = [str(COMMAND), "serve", "--port", "0", "--env-file", str(file), *options]
    with subprocess.Popen(
        words,
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            while not file.exists():
                assert process.poll() is None, process.stdout and process.stdout.read()
                time.sleep(0.02)
            yield process, dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        finally:
            process.kill()


def stop(process: subprocess.Popen[str]) -> str:
    """Stop a server with SIGTERM and return its output."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=PATIENCE)[0]


def commands(group: click.Group = main) -> Iterator[tuple[str, click.Command]]:
    """Yield every command, including those of groups, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in commands(command))


def options(command: click.Command) -> set[str]:
    """Return the long options of a command."""
    return {
        each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts) if "--" in each
    }
