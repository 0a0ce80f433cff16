"""The server as a whole: whether it is there and ready, what it is, and what it serves."""

from __future__ import annotations

import platform
from http import HTTPStatus
from typing import Any, ClassVar, Literal

import msgspec

from mock_ajera.api.families import METHODS
from mock_ajera.api.filters import Items
from mock_ajera.api.member import Member
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.api.shapes import RawRows
from mock_ajera.control.action import ControlError, action
from mock_ajera.control.control import Control
from mock_ajera.store.sqlite import SCHEMA_VERSION
from mock_ajera.version import __version__


class NotReady(ControlError):
    """The firms are still being filled."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Health(msgspec.Struct):
    """How the server is."""

    status: Literal["ready", "starting"]
    tenants: int


class Version(msgspec.Struct):
    """What the server is."""

    version: str
    python: str
    data_schema: int
    """Of the files that ``--data`` keeps."""


class MethodInfo(msgspec.Struct):
    """A method of the API that is served."""

    columns: ClassVar[tuple[str, ...]] = ("name", "versions", "access", "grade")
    name: str
    versions: tuple[int, ...]
    access: Literal["read", "write", "session"]
    permission: str
    """Label of its box on the API user."""
    grade: str
    """How its existence and main shape are known."""
    arguments: dict[str, str]
    """Name of each argument, and what it takes."""


@action("server health", "GET", "/health", open=True)
def health(control: Control) -> Health:
    """Say whether the server is there.

    It answers while firms are still being filled, with status starting.
    """
    return Health("ready" if control.tenants.ready.is_set() else "starting", len(list(control.tenants)))


@action("server ready", "GET", "/ready", open=True)
def ready(control: Control) -> Health:
    """Say whether the firms are filled and Ajera is served; until then it is refused with status 503."""
    found: Health = health(control)
    if found.status != "ready":
        raise NotReady("the firms are still being filled")
    return found


@action("server version", "GET", "/version")
def version(control: Control) -> Version:
    """Tell the version of mock-ajera that serves."""
    return Version(__version__, platform.python_version(), SCHEMA_VERSION)


@action("server settings", "GET", "/settings")
def settings(control: Control) -> dict[str, Any]:
    """Tell the settings in force; of a secret only whether it is set."""
    return dict(control.settings)


@action("server methods", "GET", "/methods")
def methods(control: Control) -> list[MethodInfo]:
    """Tell the methods of the API that are served, with their arguments."""
    served = [
        MethodInfo(
            method.name,
            tuple(method.operations),
            method.access,
            method.permission,
            str(method.grade),
            {
                name: _takes(member)
                for each in method.operations.values()
                for name, member in each.arguments.by_wire.items()
            },
        )
        for method in METHODS.served.values()
    ]
    sessions = [MethodInfo(name, (1, 2), "session", "", "documented", {}) for name in SESSION_METHODS]
    return sessions + served


def _takes(member: Member) -> str:
    if isinstance(member, RawRows):
        return "records"
    if isinstance(member, Items):
        return f"list of {type(member.item).__name__}"
    return type(member).__name__
