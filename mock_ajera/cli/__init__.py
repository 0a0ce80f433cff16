"""The command line: serve, call, methods, users, seed, completion. A command is a module.

Exit codes: 0 done; 1 Ajera refused the call; 2 wrong use of the command line, or a sample, file or user that cannot be
used; 3 nothing answered at the address.
"""

from __future__ import annotations

import click

from mock_ajera import __version__
from mock_ajera.cli import call, completion, methods, seed, serve, users

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mock-ajera")
def main() -> None:
    """An offline twin of the Deltek Ajera API."""


for command in (serve.serve, call.call, methods.methods, users.users, seed.seed, completion.completion):
    main.add_command(command)
