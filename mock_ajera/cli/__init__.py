"""The command line: serve, call, methods, seed, check, healthy, completion, and the commands of the control surface.

Exit codes: 0, success; 1, Ajera refused the call or the server refused the action; 2, a usage error, or an invalid
sample, file, user or other input; 3, no server answered at the address.
"""

from __future__ import annotations

import os
from importlib import import_module

import click

from mock_ajera.cli.group import Group
from mock_ajera.control.action import GROUPS
from mock_ajera.version import __version__

__all__ = ["main"]

_OWN = ("serve", "call", "methods", "seed", "check", "healthy", "completion")
"""Commands with a module of their own."""


if "_MOCK_AJERA_COMPLETE" in os.environ:
    # Register the bash completion class before click answers the shell.
    import_module("mock_ajera.cli.completion")


class _Commands(Group):
    """Import a command only when it is used: scripts start the program often, and imports take most of the time."""

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
