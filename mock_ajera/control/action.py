"""What an action is: a function with a name, an HTTP method and a path, and what its signature tells.

The parameters of a function are: the ``Control``; one for each ``{place}`` of the path; ``body`` or ``query``, a
struct or a mapping; what it returns is the answer. Their types are checked, documented and offered at the command line
without another word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


GROUPS = {
    "server": "Ask how a server is, and what it serves.",
    "tenants": "Make, copy, reset and delete tenants, and take them out and in as files.",
    "snapshots": "Keep states of a tenant, and go back to them.",
    "users": "Manage the API users of a tenant, by the rules of Ajera's own screen.",
    "sessions": "See who is logged in, and let sessions expire.",
    "clock": "Freeze, set and advance the clock of a tenant.",
    "quirks": "See and set the quirks of a tenant.",
    "records": "Read and write records past the API.",
    "journal": "See what was asked, how it ended and why.",
    "reliance": "See what answers rested on.",
    "claims": "Look up what is said of Ajera, and how it is known.",
}
"""What actions are about: the first word of their names."""


class ControlError(Exception):
    """An action that is not done. ``status`` is that of the HTTP answer, the message a sentence for the tester."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        self.reasons = reasons
        super().__init__(message)


class NotThere(ControlError):
    """A tenant, user, record or other thing of that name does not exist."""

    status = HTTPStatus.NOT_FOUND


class BadRequest(ControlError):
    """What was sent cannot be taken, whatever is there."""

    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class Action:
    """One action, as declared."""

    name: str
    """Words of the command line: ``tenants fork``."""
    verb: Verb
    path: str
    """Below ``/_mock``, with ``{place}``."""
    run: Callable[..., Any]
    open: bool
    """Whether it answers without a token, wherever the server listens."""
    kept: bool
    """Whether it is about what ``serve --data`` keeps, so that it can be done to such a file as well."""

    @property
    def group(self) -> str:
        """The first word of the name."""
        return self.name.partition(" ")[0]

    @property
    def places(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def types(self) -> dict[str, Any]:
        """The annotated type of each parameter, and of ``return``."""
        return get_type_hints(self.run, include_extras=True)

    @property
    def body(self) -> Any:
        """Type of the body, None where there is none."""
        return self.types.get("body")

    @property
    def query(self) -> Any:
        """Type of the query, None where there is none."""
        return self.types.get("query")

    @property
    def answer(self) -> Any:
        """Type of the answer; ``NoneType`` is none."""
        return self.types["return"]

    @property
    def says(self) -> str:
        """What it does, in a sentence."""
        return inspect.cleandoc(self.run.__doc__ or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def more(self) -> str:
        """What else is to be known of it."""
        return inspect.cleandoc(self.run.__doc__ or "").partition("\n\n")[2]

    @property
    def status(self) -> HTTPStatus:
        """The status of a success."""
        if self.answer is type(None):
            return HTTPStatus.NO_CONTENT
        return HTTPStatus.CREATED if self.name.endswith((" create", " fork", " add", " take")) else HTTPStatus.OK


ACTIONS: dict[str, Action] = {}
"""Every action by name."""


def action(
    name: str,
    verb: Verb,
    path: str,
    *,
    open: bool = False,  # noqa: A002 - the field's name
    kept: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as an action. Raises ``ValueError`` for what does not fit together."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        declared = Action(name, verb, path, run, open, kept)
        wanted = {*declared.places, "return", "control"}
        if not wanted <= declared.types.keys() <= wanted | {"body", "query"}:
            raise ValueError(f"{name}: the parameters of the function are not those of the path")
        if name in ACTIONS or not declared.says:
            raise ValueError(f"{name} is declared twice, or says nothing")
        ACTIONS[name] = declared
        return run

    return declare


def converted(raw: Any, wanted: Any, *, strict: bool = True) -> Any:
    """What came from outside as a type. Raises ``BadRequest``."""
    if not isinstance(raw, Mapping):
        raise BadRequest("an object is expected")
    try:
        if get_origin(wanted) is None:
            return msgspec.convert(raw, wanted, strict=strict)
    except msgspec.ValidationError as error:
        raise BadRequest(_said(str(error), wanted)) from None
    return raw


def in_words(declared: Any) -> str:
    """What a type says of itself, also where it is one of several."""
    kinds = (declared, *get_args(declared))
    told = [getattr(note, "description", None) for each in kinds for note in getattr(each, "__metadata__", ())]
    return next((text for text in reversed(told) if text), "")


def _said(text: str, wanted: Any) -> str:
    """What is wrong; where it is the form of a text, what the field says of itself in place of a regular expression."""
    form = re.fullmatch(r"(?:Expected `str` matching regex .*|Invalid RFC3339 .*) - at `\$\.(\w+)`", text)
    if form is not None:
        for each in msgspec.structs.fields(wanted):
            if each.name == form[1]:
                return f"{in_words(each.type)} - at `{form[1]}`"
    return text.replace("`$.", "`").replace(" - at `$`", "")
