"""The command line: serve, call, methods, seed, completion, and the commands of the control surface.

Exit codes: 0 done; 1 Ajera refused the call, or the server the action; 2 wrong use of the command line, or a sample,
file, user or other thing that cannot be used; 3 nothing answered at the address.
"""

from __future__ import annotations

import click

from mock_ajera import __version__
from mock_ajera.cli import call, completion, control, methods, seed, serve

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mock-ajera")
def main() -> None:
    """An offline twin of the Deltek Ajera API."""


for command in (serve.serve, call.call, methods.methods, seed.seed, completion.completion, *control.commands()):
    main.add_command(command)
