"""Actions: functions with a name, an HTTP method, a path and a typed signature.

The parameters of an action's function are the ``Control``, one for each ``{name}`` in the path, and ``body`` or
``query`` (a struct or a mapping). The return value is the response. Validation, the OpenAPI document and the command
line are derived from the annotations.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from mock_ajera.spelling import suggestion

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


GROUPS = {
    "server": "Show a server's health, version, settings and methods; take it down for a while.",
    "tenants": "Create, copy, reset, delete, export and import tenants.",
    "snapshots": "Take snapshots of a tenant and restore them.",
    "users": "Manage the API users of a tenant under Ajera's own rules.",
    "sessions": "List the sessions of a tenant and expire them.",
    "clock": "Freeze, set and advance the clock of a tenant.",
    "quirks": "List and set the quirks of a tenant.",
    "faults": "Let calls to a tenant go wrong on purpose.",
    "records": "Read and write records directly, without the API's rules.",
    "journal": "Show the requests to a tenant and the reasons for refusals.",
    "reliance": "List the claims that responses relied on.",
    "claims": "Look up claims about Ajera with their grades and sources.",
}
"""Description of each group of actions. The group is the first word of an action's name."""


class ControlError(Exception):
    """An action that was not performed. The message is for the tester; ``status`` is the HTTP status."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        self.reasons = reasons
        super().__init__(message)
        for reason in reasons:
            self.add_note(reason)


class NotThere(ControlError):
    """The tenant, user, record or other thing does not exist."""

    status = HTTPStatus.NOT_FOUND


class BadRequest(ControlError):
    """The request is invalid in any state of the server."""

    status = HTTPStatus.BAD_REQUEST


class Action(msgspec.Struct, frozen=True):
    """One action, as declared."""

    name: str
    """Words of the command line: ``tenants fork``."""
    verb: Verb
    path: str
    """Path below ``/_mock``, with ``{name}`` for each path parameter."""
    run: Callable[..., Any]
    open: bool
    """Whether the action needs no token, whatever address the server listens on."""
    kept: bool
    """Whether the action works on data that ``serve --data`` stores, so that it can also run on such a file."""

    @property
    def group(self) -> str:
        """The first word of the name."""
        return self.name.partition(" ")[0]

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Names of the path parameters, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def types(self) -> dict[str, Any]:
        """The annotated type of each parameter, and of ``return``."""
        return get_type_hints(self.run, include_extras=True)

    @property
    def body(self) -> Any:
        """Type of the body, or None."""
        return self.types.get("body")

    @property
    def query(self) -> Any:
        """Type of the query, or None."""
        return self.types.get("query")

    @property
    def answer(self) -> Any:
        """Type of the response; ``NoneType`` for an empty one."""
        return self.types["return"]

    @property
    def summary(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return inspect.cleandoc(self.run.__doc__ or "").partition("\n\n")[0].replace("\n", " ")

    @property
    def description(self) -> str:
        """The docstring after its first paragraph."""
        return inspect.cleandoc(self.run.__doc__ or "").partition("\n\n")[2]

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status of a success."""
        if self.answer is type(None):
            return HTTPStatus.NO_CONTENT
        return HTTPStatus.CREATED if self.name.endswith((" create", " fork", " add", " take")) else HTTPStatus.OK


ACTIONS: dict[str, Action] = {}
"""All actions by name."""


def action(
    name: str,
    verb: Verb,
    path: str,
    *,
    open: bool = False,  # noqa: A002 - the field's name
    kept: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as an action. Raises ``ValueError`` for an inconsistent declaration."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        declared = Action(name, verb, path, run, open, kept)
        expected = {*declared.path_parameters, "return", "control"}
        if not expected <= declared.types.keys() <= expected | {"body", "query"}:
            raise ValueError(f"{name}: the parameters of the function do not match the path")
        if name in ACTIONS:
            raise ValueError(f"{name} is declared twice")
        if not declared.summary:
            raise ValueError(f"{name} has no docstring")
        ACTIONS[name] = declared
        return run

    return declare


@contextmanager
def bad_request_for(*errors: type[Exception]) -> Iterator[None]:
    """Turn errors of these types into a ``BadRequest`` with the same message."""
    try:
        yield
    except errors as error:
        raise BadRequest(str(error)) from None


def converted(raw: Any, wanted: Any, *, strict: bool = True) -> Any:
    """Convert decoded JSON or a query to a type. Raises ``BadRequest``."""
    if not isinstance(raw, Mapping):
        raise BadRequest("a JSON object is expected")
    try:
        if get_origin(wanted) is None:
            return msgspec.convert(raw, wanted, strict=strict)
    except msgspec.ValidationError as error:
        raise BadRequest(_message(str(error), wanted)) from None
    return raw


def description_of(declared: Any) -> str:
    """Return the description in the annotations of a type, also of a member of a union; empty without one."""
    kinds = (declared, *get_args(declared))
    found = [getattr(note, "description", None) for each in kinds for note in getattr(each, "__metadata__", ())]
    return next((text for text in reversed(found) if text), "")


_FORMS = "Expected `str` matching regex .*|Invalid RFC3339 .*|Expected `datetime` with a timezone component"
"""What msgspec says about a text that does not have the described form."""


def _message(text: str, wanted: Any) -> str:
    """Rewrite a message of msgspec: the field's description replaces a regular expression."""
    form = re.fullmatch(rf"(?:{_FORMS}) - at `\$\.(\w+)`", text)
    if form is not None:
        for each in msgspec.structs.fields(wanted):
            if each.name == form[1]:
                return f"`{form[1]}` is not valid; expected: {description_of(each.type)}"
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
    if unknown is not None:
        known = [each.name for each in msgspec.structs.fields(wanted)]
        hint = suggestion(unknown[1], known) or f"; the members are {', '.join(known)}"
        return f"there is no member `{unknown[1]}`{hint}"
    return text.replace("`$.", "`").replace(" - at `$`", "")
