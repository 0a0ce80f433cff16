"""The command line: serve, call, methods, seed, completion, and the commands of the control surface.

Exit codes: 0 done; 1 Ajera refused the call, or the server the action; 2 wrong use of the command line, or a sample,
file, user or other thing that cannot be used; 3 nothing answered at the address.
"""

from __future__ import annotations

import os
from importlib import import_module

import click

from mock_ajera.control.action import GROUPS
from mock_ajera.version import __version__

__all__ = ["main"]

_OWN = ("serve", "call", "methods", "seed", "completion")
"""Commands that are a module each."""


if "_MOCK_AJERA_COMPLETE" in os.environ:
    # A shell asks: what it is told in bash is ours, and click must know of it before any command is imported.
    import_module("mock_ajera.cli.completion")


class _Commands(click.Group):
    """Imports the command that is asked for, and no other: a script that calls many must not wait for all."""

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
    """An offline twin of the Deltek Ajera API."""
