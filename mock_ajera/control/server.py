"""The server as a whole: health, readiness, version, settings and methods."""

from __future__ import annotations

import platform
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from mock_ajera.api.describing import arguments_of
from mock_ajera.api.families import METHODS
from mock_ajera.api.sessions import FORMS as SESSION_FORMS
from mock_ajera.control.action import ControlError, action
from mock_ajera.control.control import Control
from mock_ajera.store.sqlite_file import SCHEMA_VERSION
from mock_ajera.version import __version__


class NotReady(ControlError):
    """The firms are still being loaded, or a data file cannot be used."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Health(msgspec.Struct):
    """The state of the server."""

    status: Literal["ready", "starting"]
    tenants: int


class Version(msgspec.Struct):
    """Versions of the server."""

    version: str
    python: str
    data_schema: int
    """Schema version of the files of ``serve --data``."""


class MethodInfo(msgspec.Struct):
    """A method of the API that is served."""

    columns: ClassVar[tuple[str, ...]] = ("name", "versions", "access", "grade", "guessed")
    name: str
    versions: tuple[int, ...]
    access: Literal["read", "write", "session"]
    permission: str
    """Label of its check box on an API user."""
    grade: str
    """Grade of the claim that the method exists in this form."""
    arguments: dict[str, str]
    """The type of each argument in plain words, by name."""
    guessed: bool = False
    """Whether it is served only with the quirk ``guessed_methods``."""


class Down(msgspec.Struct, forbid_unknown_fields=True):
    """How long to be down."""

    seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="How long, in seconds; at the command line a duration such as 5s or 2m.",
            extra={"cli": "duration", "option": "for"},
        ),
    ]


@action("server health", "GET", "/health", open=True)
def health(control: Control) -> Health:
    """Report that the server is up.

    While firms are still being loaded, ``status`` is ``starting``.
    """
    return Health("ready" if control.tenants.ready.is_set() else "starting", len(list(control.tenants)))


@action("server ready", "GET", "/ready", open=True)
def ready(control: Control) -> Health:
    """Report readiness: HTTP 200 once all firms are loaded, else 503.

    It is 503, too, while a data file cannot be read or written.
    """
    found: Health = health(control)
    if found.status != "ready":
        raise NotReady("the firms are still being loaded")
    for tenant in control.tenants:
        if (fault := tenant.fault()) is not None:
            raise NotReady(f"tenant {tenant.name}: {fault}")
    return found


@action("server version", "GET", "/version")
def version(control: Control) -> Version:
    """Show the versions of mock-ajera, Python and the data schema."""
    return Version(__version__, platform.python_version(), SCHEMA_VERSION)


@action("server down", "POST", "/down")
def down(control: Control, body: Down) -> None:
    """Refuse connections for a while, as a server that is down.

    Connections are refused as soon as the action is answered. The server then listens on the same port again, with all
    that it had. Only the engine werkzeug can do this.
    """
    if control.down is None:
        raise ControlError(
            "this server cannot refuse connections for a while: the engine granian and WSGI servers of your own listen "
            "all the time; use mock-ajera serve --engine werkzeug"
        )
    control.down(body.seconds)


@action("server settings", "GET", "/settings")
def settings(control: Control) -> dict[str, Any]:
    """Show the settings in effect. For a secret, show only whether it is set."""
    return dict(control.settings)


@action("server methods", "GET", "/methods")
def methods(control: Control) -> list[MethodInfo]:
    """List the API methods that are served, with their arguments."""
    served = [
        MethodInfo(
            method.name,
            tuple(method.versions),
            method.access,
            method.permission,
            str(method.grade),
            arguments_of(method.versions.values()),
            method.guessed,
        )
        for method in METHODS.served.values()
    ]
    sessions = [
        MethodInfo(name, (1, 2), "session", "", "documented", {each: of.type_name for each, of in form.members.items()})
        for name, form in SESSION_FORMS.items()
    ]
    return sessions + served
