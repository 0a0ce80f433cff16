"""Responses of actions as text: a list as a table, an object as lines of name and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import click
import msgspec

from mock_ajera import codec
from mock_ajera.cli.output import print_table, printable

_WIDEST = 80
"""Most characters of an object in a table: a project has thousands."""


def show(answer: Any, declared: Any) -> None:
    """Print a response; ``declared`` is its type."""
    if answer is None:
        click.echo("done")
    elif isinstance(answer, list):
        (item,) = get_args(declared)
        _table(answer, item)
    elif _is_struct(declared):
        _lines(answer, declared)
    else:
        click.echo(msgspec.json.format(codec.encode(answer), indent=2))


def _is_struct(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, msgspec.Struct)


def _table(rows: list[dict[str, Any]], item: type[msgspec.Struct]) -> None:
    """Print rows of type ``item``, with the members in its ``columns`` or else all of them."""
    if not rows:
        click.echo("none")
        return
    types = {field.name: field.type for field in msgspec.structs.fields(item)}
    names = getattr(item, "columns", tuple(types))
    header = [name.replace("_", " ").upper() for name in names]
    print_table(header, [[_cell(row[name], types[name]) for name in names] for row in rows])


def _lines(answer: Mapping[str, Any], declared: type[msgspec.Struct]) -> None:
    tables = {each.name: each.type for each in msgspec.structs.fields(declared) if _of_structs(each.type)}
    nested = {name: value for name, value in answer.items() if isinstance(value, Mapping)}
    plain = {name: value for name, value in answer.items() if name not in tables and name not in nested}
    width = max((len(name) for name in plain), default=0) + 2
    for name, value in plain.items():
        lines = [_cell(each) for each in value] if isinstance(value, list) and _is_long(value) else [_cell(value)]
        for i, line in enumerate(lines):
            label = _label(name) if i == 0 else ""
            click.echo(f"{label:<{width}}{line}".rstrip())
    for name, value in nested.items():
        click.echo(_label(name))
        for line in msgspec.json.format(codec.encode(value), indent=2).decode().splitlines():
            click.echo(printable(line))
    for name in tables:
        if answer[name]:
            click.echo()
            _table(answer[name], get_args(tables[name])[0])


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _of_structs(declared: Any) -> bool:
    return get_origin(declared) is list and _is_struct(get_args(declared)[0])


def _is_long(values: list[Any]) -> bool:
    return sum(len(str(value)) for value in values) > 60


def _cell(value: Any, declared: Any = None) -> str:
    """Return a value on one line, with control characters escaped; a quirk's as on the command line."""
    if declared is Any:
        return str(value).lower() if isinstance(value, bool) else printable(str(value))
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return printable(" ".join(_cell(each) for each in value))
    if isinstance(value, Mapping):
        text = printable(" ".join(f"{name}={_cell(each)}" for name, each in value.items()))
        return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 4]} ..."
    return printable(str(value))
