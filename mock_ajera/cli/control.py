"""The commands of the control surface, derived from its actions: ``mock-ajera tenants fork ...``.

A command sends its action to a running server over HTTP. With ``--data FILE``, where an action supports it, the
command works on the file itself, which no server may have open.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import quote, urlencode

import click
import msgspec
from click.shell_completion import CompletionItem
from msgspec import NODEFAULT, UnsetType

from mock_ajera import codec
from mock_ajera.cli.completion import methods_with_a_box, paths, quirks, served_methods
from mock_ajera.cli.control_client import TOKEN, URL, Refused, run_on_file, run_on_server
from mock_ajera.cli.group import Group
from mock_ajera.cli.output import MISUSED, REFUSED, fail
from mock_ajera.cli.showing import show
from mock_ajera.cli.url import Url
from mock_ajera.control.access import DEFAULT_URL
from mock_ajera.control.action import GROUPS, Action, description_of
from mock_ajera.control.clock import duration
from mock_ajera.control.openapi import media_of, notes
from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.writing import write_files
from mock_ajera.tenants.tenant import DEFAULT

_NEGATIVE = re.compile(r"-\d[\d.dhms]*")
"""A negative duration such as -2h."""


def command_of(group: str) -> click.Command:
    """Return the command of a group with a subcommand for each action, or of a single action with a one-word name."""
    if group in ACTIONS:
        return _command(ACTIONS[group], group)
    made = Group(group, help=GROUPS[group])
    for action in ACTIONS.values():
        if action.group == group:
            made.add_command(_command(action, action.name.partition(" ")[2]))
    return made


def _command(action: Action, command: str) -> click.Command:
    fields = [_Field(each) for each in _fields(action)]
    parameters: list[click.Parameter] = []
    for name in action.path_parameters:
        if name == "tenant" and action.group != "tenants":
            parameters.append(
                click.Option(
                    ["--tenant"],
                    default=DEFAULT,
                    show_default=True,
                    envvar="MOCK_AJERA_TENANT",
                    show_envvar=True,
                    help="Name of the tenant.",
                )
            )
        else:
            parameters.append(click.Argument([name], type=int if action.types[name] is int else str))
    parameters += [field.parameter() for field in fields]
    if (form := _mapping_form(action)) is not None:
        parameters.append(_MAPPINGS[form][0]())
    if notes(action.answer).get("cli") == "folder":
        parameters.append(click.Option(["--to"], metavar="DIR", help="New or empty folder for the files."))
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Print JSON."))
    parameters += _target(action)

    def run(**given: Any) -> None:
        _run(action, fields, given)

    described = [field for field in fields if field.is_argument and field.description]
    arguments = [f"{field.name.upper()}: {field.description}" for field in described]
    text = "\n\n".join(each for each in (action.summary, action.description, *arguments) if each).replace("`", "")
    kind = _Signed if any(each.notes.get("cli") == "signed" for each in fields) else click.Command
    return kind(command, params=parameters, callback=run, help=text)


class _Signed(click.Command):
    """A command whose last argument may be a negative duration: click takes -2h for the options -2 and -h."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with the duration behind the options."""
        negative = [each for each in args if _NEGATIVE.fullmatch(each)]
        if negative and "--" not in args:
            args = [*(each for each in args if each not in negative), "--", *negative]
        return super().parse_args(ctx, args)


def _target(action: Action) -> list[click.Parameter]:
    """Return the options that select the server or the file."""
    options: list[click.Parameter] = [
        click.Option(
            ["--control-url"],
            type=Url(),
            envvar=URL,
            show_envvar=True,
            help=f"URL of the control surface. Default: {DEFAULT_URL}.",
        ),
        click.Option(
            ["--control-token"], envvar=TOKEN, show_envvar=True, help="Token of the control surface, if required."
        ),
    ]
    if action.kept:
        options.append(
            click.Option(
                ["--data"],
                metavar="FILE",
                shell_complete=_files,
                help="Work on this file of serve --data instead of a server. It must not be in use.",
            )
        )
    return options


def _files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return paths("file", incomplete)


def _fields(action: Action) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of the query or the body, if it is a struct."""
    struct = action.query if action.query is not None else action.body
    is_struct = isinstance(struct, type) and issubclass(struct, msgspec.Struct)
    return msgspec.structs.fields(struct) if is_struct else ()


def _mapping_form(action: Action) -> str | None:
    """Return how the command line passes a body that is a mapping (a key of ``_MAPPINGS``), or None."""
    form: str | None = notes(action.body).get("cli") if action.body is not None else None
    return form


class _Field:
    """A field of a body or query, as an argument if it is required and as an option otherwise."""

    def __init__(self, declared: msgspec.structs.FieldInfo) -> None:
        self.name = declared.name
        kinds = [declared.type]
        if get_origin(declared.type) in (Union, UnionType):
            kinds = [each for each in get_args(declared.type) if each not in (NoneType, UnsetType)]
        self.notes: dict[str, Any] = {}
        self.description = description_of(declared.type)
        for each in (declared.type, *kinds):
            self.notes |= notes(each)
        self.kind = kinds[0]
        while hasattr(self.kind, "__metadata__"):
            self.kind = self.kind.__origin__
        self.required = declared.default is NODEFAULT and declared.default_factory is NODEFAULT
        self.secret = self.notes.get("cli") == "secret"
        self.is_duration = self.notes.get("cli") == "duration"
        self.is_argument = self.required and not self.secret and not self.is_duration
        self.default = declared.default

    def parameter(self) -> click.Parameter:
        """Return the argument or the option."""
        option = f"--{self.notes.get('option', self.name).replace('_', '-')}"
        settings: dict[str, Any] = {"help": self.description or None}
        if complete := self.notes.get("complete"):
            settings["shell_complete"] = _COMPLETE[complete]
        if self.notes.get("cli") == "folder":
            return click.Option([option, self.name], metavar="DIR", **settings)
        if self.notes.get("cli") == "pairs":
            return click.Option([option.removesuffix("s"), self.name], metavar="NAME=VALUE", multiple=True, **settings)
        if self.is_duration:
            return click.Option([option, self.name], metavar="DURATION", required=self.required, **settings)
        if self.kind is bool:
            default = self.default if isinstance(self.default, bool) else None
            return click.Option(
                [f"{option}/--no-{option[2:]}", self.name],
                default=default,
                show_default=default is not None,
                **settings,
            )
        if get_origin(self.kind) is list:
            return click.Option([option, self.name], metavar=self.notes.get("metavar"), multiple=True, **settings)
        if get_origin(self.kind) is Literal:
            settings["type"] = click.Choice([str(each) for each in get_args(self.kind)])
        elif self.kind in (int, float):
            settings["type"] = self.kind
        if self.is_argument:
            settings.pop("help")
            return click.Argument([self.name], **settings)
        if isinstance(self.default, str | int) and self.default:
            settings |= {"default": self.default, "show_default": True}
        return click.Option([option, self.name], metavar=self.notes.get("metavar"), **settings)


_COMPLETE: Mapping[str, Callable[..., list[CompletionItem[str]]]] = {
    "boxes": methods_with_a_box,
    "methods": served_methods,
    "quirks": quirks,
}


def _run(action: Action, fields: list[_Field], given: dict[str, Any]) -> None:
    path_parameters = {name: given[name] for name in action.path_parameters}
    sent: dict[str, Any] | None = None
    if action.body is not None or action.query is not None:
        form = _mapping_form(action)
        sent = _MAPPINGS[form][1](given["body"]) if form is not None else _sent(fields, given)
    folder = given.get("to")
    if folder is not None and Path(folder).exists() and any(Path(folder).iterdir()):
        fail(f"{folder}: the folder is not empty")
    try:
        if given.get("data") is not None:
            answer = run_on_file(given["data"], action, path_parameters, sent)
        else:
            answer = run_on_server(
                given["control_url"] or DEFAULT_URL,
                given["control_token"],
                action,
                _path(action, path_parameters, sent),
                sent,
            )
    except Refused as error:
        text = "\n  ".join([f"{error}:" if error.reasons else str(error), *error.reasons])
        fail(text, MISUSED if error.misused else REFUSED)
    if folder is not None:
        write_files(Path(folder), answer)
        click.echo(f"wrote {len(answer)} files to {folder}; to serve them: mock-ajera serve --sample {folder}")
    elif media_of(action.answer) is not None:
        click.echo(answer, nl=False)
    elif given["as_json"]:
        click.echo(msgspec.json.format(codec.encode(answer), indent=2) if answer is not None else b"null")
    else:
        show(answer, action.answer)


def _sent(fields: list[_Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a body or query that were given."""
    sent: dict[str, Any] = {}
    for field in fields:
        value = given[field.name]
        if field.secret and value is None:
            value = _read_password()
        if value is None or value == ():
            continue
        if field.notes.get("cli") == "folder":
            value = _folder(value)
        elif field.notes.get("cli") == "pairs":
            value = _pairs(value)
        elif field.is_duration:
            value = _seconds(value)
        elif isinstance(value, float):
            value = Decimal(repr(value))
        sent[field.name] = list(value) if isinstance(value, tuple) else value
    return sent


def _path(action: Action, path_parameters: Mapping[str, Any], sent: Mapping[str, Any] | None) -> str:
    path = action.path.format(**{name: quote(str(value), safe="") for name, value in path_parameters.items()})
    return f"{path}?{urlencode(sent)}" if action.query is not None and sent else path


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            fail(f"expected NAME=VALUE, found {pair!r}")
        found[name] = value
    return found


def _seconds(given: str) -> Decimal:
    """Return the seconds in a duration such as 5s, or in a number."""
    try:
        return Decimal(repr(duration(f"{given}s" if given[-1:].isdecimal() else given).total_seconds()))
    except ValueError as error:
        fail(str(error))


def _folder(given: str) -> dict[str, Any]:
    """Read the files of a firm, by name. The server validates them."""
    files = sorted(Path(given).glob("*.json"))
    if not files:
        fail(f"{given}: expected a folder with firm.json and files such as projects.json")
    found = {}
    for file in files:
        try:
            found[file.name] = codec.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except (OSError, ValueError) as error:
            fail(f"{file}: {error}")
    return found


def _object(given: str) -> dict[str, Any]:
    source = "the record"
    try:
        if given == "-":
            text = sys.stdin.read()
        elif given.startswith("@"):
            source, text = given[1:], Path(given[1:]).read_text(encoding="utf-8")
        else:
            text = given
        found = codec.decode(text.encode())
    except OSError as error:
        fail(f"cannot read {given[1:]}: {error.strerror or error}")
    except ValueError as error:
        fail(f"invalid JSON in {source}: {error}")
    if not isinstance(found, dict):
        fail(f"{source} is not a JSON object")
    return found


_MAPPINGS: Mapping[str, tuple[Callable[[], click.Parameter], Callable[[Any], dict[str, Any]]]] = {
    "pairs": (
        lambda: click.Argument(["body"], metavar="NAME=VALUE...", nargs=-1, required=True, shell_complete=quirks),
        _pairs,
    ),
    "folder": (lambda: click.Argument(["body"], metavar="DIR"), _folder),
    "object": (lambda: click.Argument(["body"], metavar="JSON|@FILE|-"), _object),
}


def _read_password() -> str:
    """Prompt for a password without echo, or read it as a line from a pipe."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        except click.Abort:
            password = ""
    if not password:
        fail("no password was given")
    return password


__all__ = ["command_of"]
