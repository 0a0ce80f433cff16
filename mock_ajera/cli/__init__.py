"""The command line: serve, call, methods, seed, check, healthy, completion, and the commands of the control surface.

Exit codes: 0, success; 1, Ajera refused the call or the server refused the action; 2, a usage error, or an invalid
sample, file, user or other input; 3, no server answered at the address.
"""

from __future__ import annotations

import errno
import gc
import os
from importlib import import_module
from typing import Any

import click

from mock_ajera.cli.group import Group
from mock_ajera.cli.output import fail
from mock_ajera.control.action import GROUPS
from mock_ajera.version import __version__

__all__ = ["main"]

_OWN = ("serve", "call", "methods", "seed", "check", "chaos", "races", "healthy", "completion")
"""Commands with a module of their own."""
_OURS = ("MOCK_AJERA_", "AJERA_API_")
"""How the names of the variables begin that commands read."""


# Python looks for garbage after every 700 new objects by default. The start makes 150,000, of which almost none are
# garbage: it ends before the first look, and takes a sixth less time.
gc.set_threshold(200_000)

if "_MOCK_AJERA_COMPLETE" in os.environ:
    # Register the bash completion class before click answers the shell.
    import_module("mock_ajera.cli.completion")


class _Commands(Group):
    """Import a command only when it is used: scripts start the program often, and imports take most of the time."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command. Report an output that cannot be written, such as a file on a full disk, in one sentence."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            # What is left in the buffer cannot be written either, and Python would say so at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            fail(f"the output cannot be written: {error.strerror}")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. A word that is not UTF-8 is refused here: commands send, store and print them."""
        words = {f"argument {place}": word for place, word in enumerate(args, 1)}
        variables = {f"the variable {name}": value for name, value in os.environ.items() if name.startswith(_OURS)}
        for what, text in (words | variables).items():
            try:
                text.encode()
            except UnicodeEncodeError:
                fail(f"{what} is not UTF-8")  # without the text, which may be a password
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_OWN, *GROUPS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _OWN:
            own: click.Command = getattr(import_module(f"mock_ajera.cli.{cmd_name}"), cmd_name)
            return own
        if cmd_name in GROUPS:
            from mock_ajera.cli import control

            return control.command_of(cmd_name)
        return None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mock-ajera")
def main() -> None:
    """Run and control an offline mock of the Deltek Ajera API."""
