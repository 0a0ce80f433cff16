"""The commands of the control surface, derived from its actions: ``mock-ajera tenants fork ...``.

A command asks a running server over HTTP. With ``--data FILE`` one that is about what such a file keeps works on the
file itself, which then must not be served.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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
from mock_ajera.cli.control_client import DEFAULT_URL, TOKEN, URL, Refused, ask_file, ask_server
from mock_ajera.cli.output import MISUSED, REFUSED, fail
from mock_ajera.cli.showing import show
from mock_ajera.cli.url import Url
from mock_ajera.control.action import GROUPS, Action, in_words
from mock_ajera.control.openapi import media_of, notes
from mock_ajera.control.register import ACTIONS
from mock_ajera.sample.writing import laid_out
from mock_ajera.tenants.tenant import DEFAULT


def command_of(group: str) -> click.Command:
    """The command of a group of actions, with a command below it for each; or that of an action that stands alone."""
    if group in ACTIONS:
        return _command(ACTIONS[group], group)
    made = click.Group(group, help=GROUPS[group])
    for action in ACTIONS.values():
        if action.group == group:
            made.add_command(_command(action, action.name.partition(" ")[2]))
    return made


def _command(action: Action, name: str) -> click.Command:
    fields = [_Field(each) for each in _fields(action)]
    parameters: list[click.Parameter] = []
    for place in action.places:
        if place == "tenant" and action.group != "tenants":
            parameters.append(
                click.Option(
                    ["--tenant"], default=DEFAULT, show_default=True, envvar="MOCK_AJERA_TENANT", help="Which tenant."
                )
            )
        else:
            parameters.append(click.Argument([place], type=int if action.types[place] is int else str))
    parameters += [field.parameter() for field in fields]
    if _of_mapping(action) is not None:
        parameters.append(_MAPPINGS[_of_mapping(action) or ""][0]())
    if notes(action.answer).get("cli") == "folder":
        parameters.append(click.Option(["--to"], metavar="DIR", help="New or empty folder for the files."))
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Print JSON."))
    parameters += _target(action)

    def run(**given: Any) -> None:
        _run(action, fields, given)

    text = action.says + (f"\n\n{action.more}" if action.more else "")
    # Of a stretch of time a minus in front is no option.
    signed = {"ignore_unknown_options": True} if any(each.notes.get("cli") == "signed" for each in fields) else None
    return click.Command(name, context_settings=signed, params=parameters, callback=run, help=text)


def _target(action: Action) -> list[click.Parameter]:
    """The options that say where it is done."""
    options: list[click.Parameter] = [
        click.Option(
            ["--control-url"],
            type=Url(),
            envvar=URL,
            show_envvar=True,
            help=f"Control surface; default: {DEFAULT_URL}.",
        ),
        click.Option(["--control-token"], envvar=TOKEN, show_envvar=True, help="Its token, where it asks for one."),
    ]
    if action.kept:
        options.append(
            click.Option(
                ["--data"],
                metavar="FILE",
                shell_complete=_files,
                help="Work on the file of serve --data instead, which must not be served.",
            )
        )
    return options


def _files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    return paths("file", incomplete)


def _fields(action: Action) -> tuple[msgspec.structs.FieldInfo, ...]:
    """What a body or query is made of, where it is a struct."""
    struct = action.query if action.query is not None else action.body
    is_struct = isinstance(struct, type) and issubclass(struct, msgspec.Struct)
    return msgspec.structs.fields(struct) if is_struct else ()


def _of_mapping(action: Action) -> str | None:
    """How a body that is a mapping comes from the command line: pairs, folder or object."""
    how: str | None = notes(action.body).get("cli") if action.body is not None else None
    return how


class _Field:
    """A field of a body or query as an argument, where it is needed, or as an option."""

    def __init__(self, declared: msgspec.structs.FieldInfo) -> None:
        self.name = declared.name
        kinds = [declared.type]
        if get_origin(declared.type) in (Union, UnionType):
            kinds = [each for each in get_args(declared.type) if each not in (NoneType, UnsetType)]
        self.notes: dict[str, Any] = {}
        self.says = in_words(declared.type)
        for each in (declared.type, *kinds):
            self.notes |= notes(each)
        self.kind = kinds[0]
        while hasattr(self.kind, "__metadata__"):
            self.kind = self.kind.__origin__
        self.needed = declared.default is NODEFAULT and declared.default_factory is NODEFAULT
        self.secret = self.notes.get("cli") == "secret"
        self.default = declared.default

    def parameter(self) -> click.Parameter:
        """What the command line offers for it."""
        option = f"--{self.notes.get('option', self.name).replace('_', '-')}"
        shown: dict[str, Any] = {"help": self.says or None}
        if complete := self.notes.get("complete"):
            shown["shell_complete"] = _COMPLETE[complete]
        if self.notes.get("cli") == "folder":
            return click.Option([option, self.name], metavar="DIR", **shown)
        if self.notes.get("cli") == "pairs":
            return click.Option([option.removesuffix("s"), self.name], metavar="NAME=VALUE", multiple=True, **shown)
        if self.kind is bool:
            default = self.default if isinstance(self.default, bool) else None
            return click.Option(
                [f"{option}/--no-{option[2:]}", self.name], default=default, show_default=default is not None, **shown
            )
        if get_origin(self.kind) is list:
            return click.Option([option, self.name], metavar=self.notes.get("metavar"), multiple=True, **shown)
        if get_origin(self.kind) is Literal:
            shown["type"] = click.Choice([str(each) for each in get_args(self.kind)])
        elif self.kind is int:
            shown["type"] = int
        if self.needed and not self.secret:
            shown.pop("help")
            return click.Argument([self.name], **shown)
        if isinstance(self.default, str | int) and self.default:
            shown |= {"default": self.default, "show_default": True}
        return click.Option([option, self.name], metavar=self.notes.get("metavar"), **shown)


_COMPLETE: Mapping[str, Callable[..., list[CompletionItem[str]]]] = {
    "boxes": methods_with_a_box,
    "methods": served_methods,
    "quirks": quirks,
}


def _run(action: Action, fields: list[_Field], given: dict[str, Any]) -> None:
    places = {place: given[place] for place in action.places}
    sent: dict[str, Any] | None = None
    if action.body is not None or action.query is not None:
        how = _of_mapping(action)
        sent = _MAPPINGS[how][1](given["body"]) if how is not None else _sent(fields, given)
    folder = given.get("to")
    if folder is not None and Path(folder).exists() and any(Path(folder).iterdir()):
        fail(f"{folder}: there is something in this folder already")
    try:
        if given.get("data") is not None:
            answer = ask_file(given["data"], action, places, sent)
        else:
            answer = ask_server(
                given["control_url"] or DEFAULT_URL, given["control_token"], action, _path(action, places, sent), sent
            )
    except Refused as error:
        text = "\n  ".join([f"{error}:" if error.reasons else str(error), *error.reasons])
        fail(text, MISUSED if error.misused else REFUSED)
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, value in answer.items():
            (Path(folder) / name).write_text(f"{laid_out(value)}\n", encoding="utf-8")
        click.echo(f"{len(answer)} files are in {folder}; mock-ajera serve --sample {folder} serves them")
    elif media_of(action.answer) is not None:
        click.echo(answer, nl=False)
    elif given["as_json"]:
        click.echo(msgspec.json.format(codec.encode(answer), indent=2) if answer is not None else b"null")
    else:
        show(answer, action.answer)


def _sent(fields: list[_Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body or query that were given."""
    sent: dict[str, Any] = {}
    for field in fields:
        value = given[field.name]
        if field.secret and value is None:
            value = _asked_for()
        if value is None or value == ():
            continue
        if field.notes.get("cli") == "folder":
            value = _folder(value)
        elif field.notes.get("cli") == "pairs":
            value = _pairs(value)
        sent[field.name] = list(value) if isinstance(value, tuple) else value
    return sent


def _path(action: Action, places: Mapping[str, Any], sent: Mapping[str, Any] | None) -> str:
    path = action.path.format(**{name: quote(str(place), safe="") for name, place in places.items()})
    return f"{path}?{urlencode(sent)}" if action.query is not None and sent else path


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            fail(f"NAME=VALUE is expected, not {pair!r}")
        found[name] = value
    return found


def _folder(given: str) -> dict[str, Any]:
    """The files of a firm by name; what is in them the server judges."""
    files = sorted(Path(given).glob("*.json"))
    if not files:
        fail(f"{given}: a folder with firm.json and files such as projects.json is expected")
    found = {}
    for file in files:
        try:
            found[file.name] = codec.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except (OSError, ValueError) as error:
            fail(f"{file}: {error}")
    return found


def _object(given: str) -> dict[str, Any]:
    place = "the record"
    try:
        if given == "-":
            text = sys.stdin.read()
        elif given.startswith("@"):
            place, text = given[1:], Path(given[1:]).read_text(encoding="utf-8")
        else:
            text = given
        found = codec.decode(text.encode())
    except OSError as error:
        fail(f"cannot read {given[1:]}: {error.strerror or error}")
    except ValueError as error:
        fail(f"{place} is not JSON: {error}")
    if not isinstance(found, dict):
        fail(f"{place} is not a JSON object")
    return found


_MAPPINGS: Mapping[str, tuple[Callable[[], click.Parameter], Callable[[Any], dict[str, Any]]]] = {
    "pairs": (
        lambda: click.Argument(["body"], metavar="NAME=VALUE...", nargs=-1, required=True, shell_complete=quirks),
        _pairs,
    ),
    "folder": (lambda: click.Argument(["body"], metavar="DIR"), _folder),
    "object": (lambda: click.Argument(["body"], metavar="JSON|@FILE|-"), _object),
}


def _asked_for() -> str:
    """A password, without an echo. What a script pipes in is a line."""
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
