"""``mock-ajera methods``: what is served."""

from __future__ import annotations

import click

from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli.output import print_table


@click.command()
def methods() -> None:
    """Print the methods that are served, as a table."""
    rows = [(name, "1, 2", "none needed", "documented", "") for name in SESSION_METHODS]
    for method in sorted(METHODS.values(), key=lambda method: method.name):
        versions = ", ".join(map(str, method.versions))
        box = f"{method.permission} ({method.access})"
        rows.append((method.name, versions, box, method.grade, " ".join(method.arguments.members)))
    print_table(("METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS"), rows)
