"""``mock-ajera methods``: the API methods that are served."""

from __future__ import annotations

import click

from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli.output import print_table


@click.command()
def methods() -> None:
    """Print a table of the API methods that are served."""
    rows = [(name, "1, 2", "none needed", "documented", "") for name in SESSION_METHODS]
    for method in METHODS.served.values():
        versions = ", ".join(map(str, method.versions))
        box = f"{method.permission} ({method.access})"
        arguments = dict.fromkeys(name for each in method.versions.values() for name in each.arguments.by_wire)
        rows.append((method.name, versions, box, "guessed" if method.guessed else method.grade, " ".join(arguments)))
    print_table(("METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS"), rows)
