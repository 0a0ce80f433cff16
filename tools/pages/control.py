"""The generated part of the page about the control surface: a section for each action."""

from __future__ import annotations

from types import NoneType
from typing import Any, get_args, get_origin

import click
import msgspec

from mock_ajera.cli.control import command_of
from mock_ajera.control.action import GROUPS, Action, description_of
from mock_ajera.control.openapi import media_of
from mock_ajera.control.register import ACTIONS
from tools.pages.command_line import option_rows
from tools.pages.markdown import code, table

COMMON = {"--tenant", "--control-url", "--control-token", "--json", "--data", "--help"}
"""Options that many commands share. The page explains them at the top."""


def actions() -> str:
    """Return the sections of all actions, by group."""
    parts = []
    for group, description in GROUPS.items():
        parts.append(f"## {group.capitalize()}\n\n{description}")
        parts += [_section(action) for action in ACTIONS.values() if action.group == group]
    return "\n\n".join(parts)


def _section(action: Action) -> str:
    command = _command(action)
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    metavars = [each.make_metavar(click.Context(command)) for each in arguments]
    usage = " ".join(["mock-ajera", action.name, *metavars])
    parts = [
        f"### {action.name}",
        f"{action.summary} {action.description}".replace("\n", " ").replace("``", "`").strip(),
        f"```text\n{action.verb:<6} /_mock{action.path}\n{usage}\n```",
    ]
    rows = option_rows(
        [each for each in command.params if isinstance(each, click.Option) and not COMMON & {*each.opts}]
    )
    described = [
        (code(each.name.upper()), text)
        for each in _fields(action)
        if each.name in {parameter.name for parameter in arguments} and (text := description_of(each.type))
    ]
    if described or rows:
        header = "argument or option" if described else "option"
        parts.append(table((header, "description"), [*described, *rows]))
    sent = _members_sent(action)
    lines = [f"HTTP {'query' if action.query is not None else 'body'}: {', '.join(sent)}."] if sent else []
    lines.append(f"Response: {_response(action)}.{' Supports `--data FILE`.' if action.kept else ''}")
    return "\n\n".join([*parts, *lines])


def _fields(action: Action) -> tuple[msgspec.structs.FieldInfo, ...]:
    sent = action.query if action.query is not None else action.body
    return msgspec.structs.fields(sent) if _is_struct(sent) else ()


def _command(action: Action) -> click.Command:
    command = command_of(action.group)
    return command.commands[action.name.partition(" ")[2]] if isinstance(command, click.Group) else command


def _members_sent(action: Action) -> list[str]:
    """List the members of the body or the query: the required ones first, in bold."""
    fields = sorted(_fields(action), key=lambda each: not each.required)
    if not fields:
        return [] if action.body is None else ["a JSON object"]
    return [f"**`{each.encode_name}`**" if each.required else f"`{each.encode_name}`" for each in fields]


def _response(action: Action) -> str:
    kind = action.answer
    if kind is NoneType:
        return "none (204)"
    if media_of(kind) is not None:
        return f"text (`{media_of(kind)}`)"
    if get_origin(kind) is list:
        return f"a list of objects with {_members(get_args(kind)[0])}"
    return _members(kind) if _is_struct(kind) else "a JSON object"


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _members(kind: Any) -> str:
    return ", ".join(f"`{each.encode_name}`" for each in msgspec.structs.fields(kind))
