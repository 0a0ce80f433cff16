"""The page of the control surface, made from the declared actions: ``python tests/control_page.py`` writes it."""

from __future__ import annotations

from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

import click
import msgspec
from checkout import ROOT
from command_line import commands

from mock_ajera.control.action import GROUPS, Action
from mock_ajera.control.openapi import media_of
from mock_ajera.control.register import ACTIONS

PAGE = ROOT / "docs" / "control.md"

INTRO = """# The control surface

What a tester may do and a user of Ajera may not: plain REST with JSON below `/_mock/`, and the same at the command
line. This page is made from the code; `/_mock/openapi.json` says the same to programs. A tenant is one Ajera
database; the one that a server begins with is called `default`. Times are in ISO 8601 with an offset.

What is wrong is answered as problem details (RFC 9457), with `title`, `status`, `detail` and, where there are
several, `reasons`: 400 for what cannot be taken, 401 and 403 for who may not, 404 for what is not there, 409 for what
does not go now.

On loopback the surface is open to the programs of the machine, and closed to pages in a browser. A server that
listens elsewhere answers only to who brings the token that was set (`--control-token`; `Authorization: Bearer
TOKEN`), but for health and readiness; without a token it is off.

At the command line `--control-url` (or `MOCK_AJERA_CONTROL_URL`, as the env file of `serve` has it) says which server
is asked; without it, the one on port 8080. `--control-token` (or `MOCK_AJERA_CONTROL_TOKEN`) goes with it, and
`--tenant` (or `MOCK_AJERA_TENANT`) says which tenant, where that is not an argument. `--json` prints the answer as
JSON. Commands with `--data FILE` can work on the file of a server that is not running.
"""
COMMON = {"--tenant", "--control-url", "--control-token", "--json", "--data", "--help"}


@cache
def page() -> str:
    """The page as Markdown."""
    parts = [INTRO]
    for group, says in GROUPS.items():
        parts.append(f"## {group.capitalize()}\n\n{says}\n")
        parts += [section(action) for action in ACTIONS.values() if action.group == group]
    return "\n".join(parts).rstrip() + "\n"


@cache
def all_commands() -> dict[str, click.Command]:
    """Every command by its words."""
    return dict(commands())


def section(action: Action) -> str:
    """What there is to know of one action."""
    lines = [f"### {action.name}", "", " ".join([action.says, action.more.replace("\n", " ")]).strip(), ""]
    lines += ["```text", f"{action.verb:<6} /_mock{action.path}", usage(action), "```", ""]
    command = all_commands()[action.name]
    rows = [row(each) for each in command.params if isinstance(each, click.Option) and not COMMON & {*each.opts}]
    if rows:
        lines += ["| option | what it is |", "| --- | --- |", *rows, ""]
    told = {"GET": "the query", "DELETE": "the query"}.get(action.verb, "the body")
    sent = fields(action)
    if sent:
        lines.append(f"Over HTTP {told} has {', '.join(sent)}.")
    elif action.body is not None:
        lines.append("Over HTTP the body is the object.")
    lines += [f"Answers {answer(action)}." + (" Takes `--data FILE`." if action.kept else ""), ""]
    return "\n".join(lines)


def fields(action: Action) -> list[str]:
    """The members of body or query; those that are needed come first, in bold."""
    struct = action.query or action.body
    if not (isinstance(struct, type) and issubclass(struct, msgspec.Struct)):
        return []
    found = msgspec.structs.fields(struct)
    needed = [f"**`{each.encode_name}`**" for each in found if each.required]
    return needed + [f"`{each.encode_name}`" for each in found if not each.required]


def usage(action: Action) -> str:
    """The command with its arguments."""
    command = dict(commands())[action.name]
    arguments = [
        each.make_metavar(click.Context(command)) for each in command.params if isinstance(each, click.Argument)
    ]
    return " ".join(["mock-ajera", action.name, *arguments])


def row(option: click.Option) -> str:
    """An option, and what it is."""
    names = ", ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts) if each.startswith("--"))
    choices = f" One of {', '.join(option.type.choices)}." if isinstance(option.type, click.Choice) else ""
    shown = option.default if not isinstance(option.default, bool) else ("yes" if option.default else "no")
    default = f" Default: {shown}." if option.show_default and option.default not in (None, ()) else ""
    return f"| {names} | {option.help or ''}{choices}{default} |"


def answer(action: Action) -> str:
    """What comes back, in words."""
    kind = action.answer
    if kind is NoneType:
        return "nothing (204)"
    if media_of(kind) is not None:
        return f"a text ({media_of(kind)})"
    if get_origin(kind) is list:
        return f"a list; each item has {members(get_args(kind)[0])}"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return members(kind)
    return "an object"


def members(kind: Any) -> str:
    """The members of a struct."""
    return ", ".join(f"`{each.encode_name}`" for each in msgspec.structs.fields(kind))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
