"""The generated parts of the page about the command line."""

from __future__ import annotations

import click

from mock_ajera.cli.call import call
from mock_ajera.cli.chaos import chaos
from mock_ajera.cli.races import run_races
from mock_ajera.cli.seed import seed
from mock_ajera.control.action import GROUPS
from tools.pages.markdown import code, table


def groups() -> str:
    """Return the table of the commands of the control surface."""
    return table(("command", "description"), [(code(name), text) for name, text in GROUPS.items()])


def call_options() -> str:
    """Return the table of the options of ``call``."""
    rows = [
        (_names(option), code(option.envvar) if option.envvar else "", description(option)) for option in _options(call)
    ]
    return table(("option", "variable", "description"), rows)


def seed_options() -> str:
    """Return the table of the options of ``seed``."""
    return table(("option", "description"), option_rows(_options(seed)))


def chaos_options() -> str:
    """Return the table of the options of ``chaos``."""
    return table(("option", "description"), option_rows(_options(chaos)))


def races_options() -> str:
    """Return the table of the option of ``races run`` that ``chaos`` does not have."""
    of_chaos = {option.name for option in _options(chaos)}
    return table(
        ("option", "description"), option_rows([each for each in _options(run_races) if each.name not in of_chaos])
    )


def option_rows(found: list[click.Option]) -> list[tuple[str, str]]:
    """Return the rows of a table of options."""
    return [(_names(option), description(option)) for option in found]


def description(option: click.Option) -> str:
    """Return the help of an option with its choices and its default."""
    choices = f" One of {', '.join(option.type.choices)}." if isinstance(option.type, click.Choice) else ""
    value = option.default if not isinstance(option.default, bool) else ("yes" if option.default else "no")
    default = f" Default: {value}." if option.show_default and option.default not in (None, ()) else ""
    return f"{option.help or ''}{choices}{default}".strip()


def _options(command: click.Command) -> list[click.Option]:
    return [each for each in command.params if isinstance(each, click.Option)]


def _names(option: click.Option) -> str:
    return ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts) if name.startswith("--"))
