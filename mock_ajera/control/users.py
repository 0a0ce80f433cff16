"""The API users of a tenant, checked by Ajera's rules."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mock_ajera.api.families import METHODS
from mock_ajera.control.action import BadRequest, NotThere, action
from mock_ajera.control.control import Control
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.users import ApiUser, BadUser, NewUser

BOXES = frozenset(METHODS)
"""Methods with a check box on an API user."""

Password = Annotated[str, Meta(description="Password. The command prompts for it by default.", extra={"cli": "secret"})]
Cleared = Annotated[
    list[str],
    Meta(
        description="Methods whose check box is cleared.",
        extra={"option": "clear", "metavar": "METHOD", "complete": "boxes"},
    ),
]
Known = Annotated[str, Meta(description="Name of an API user.", extra={"slashes": True})]
CanRead = Annotated[bool, Meta(description="The master check box Can Read.", extra={"option": "read"})]
CanWrite = Annotated[bool, Meta(description="The master check box Can Write.", extra={"option": "write"})]
Employee = Annotated[int, Meta(description="Key of the employee that the user acts for.", extra={"metavar": "KEY"})]


class UserInfo(msgspec.Struct):
    """An API user: the two master check boxes, and the methods whose check box is cleared."""

    name: str
    authorizing_employee: int | None
    can_read: bool
    can_write: bool
    cleared: list[str]


class Box(msgspec.Struct):
    """The check box of a method under Can Read or Can Write."""

    method: str
    access: Literal["read", "write"]
    ticked: bool


class UserBoxes(UserInfo):
    """An API user with the check box of every served method."""

    boxes: list[Box]


class AddUser(msgspec.Struct, forbid_unknown_fields=True):
    """The form of a new API user."""

    name: str
    password: Password
    authorizing_employee: Employee | None = None
    can_read: CanRead = True
    can_write: CanWrite = True
    cleared: Cleared = []


class ChangeUser(msgspec.Struct, forbid_unknown_fields=True):
    """The members to change."""

    password: Annotated[str, Meta(description="A new password.")] | UnsetType = UNSET
    authorizing_employee: Employee | UnsetType | None = UNSET
    can_read: CanRead | UnsetType = UNSET
    can_write: CanWrite | UnsetType = UNSET
    cleared: Cleared | UnsetType = UNSET


@action("users list", "GET", "/tenants/{tenant}/users", kept=True)
def list_users(control: Control, tenant: str) -> list[UserInfo]:
    """List the API users of a tenant."""
    users = control.tenant(tenant).users
    return [_info(user) for user in sorted(users.values(), key=lambda user: user.name.casefold())]


@action("users show", "GET", "/tenants/{tenant}/users/{user}", kept=True)
def show(control: Control, tenant: str, user: Known) -> UserBoxes:
    """Show an API user with the check box of every method."""
    found = _find(control.tenant(tenant), user)
    boxes = [
        Box(method.name, method.access, found.may(method.name, method.access)) for method in METHODS.served.values()
    ]
    return UserBoxes(
        found.name, found.authorizing_employee, found.can_read, found.can_write, list(found.cleared), boxes
    )


@action("users add", "POST", "/tenants/{tenant}/users", kept=True)
def add(control: Control, tenant: str, body: AddUser) -> UserInfo:
    """Add an API user.

    Every check box is checked unless it is cleared.
    """
    new = NewUser(
        body.name,
        body.password,
        body.authorizing_employee,
        can_read=body.can_read,
        can_write=body.can_write,
        cleared=tuple(body.cleared),
    )
    try:
        found = control.tenant(tenant)
        return _info(found.users.add(new, BOXES, needs_employee=_needs_employee(found)))
    except BadUser as error:
        raise _refused(body.name, error) from None


@action("users change", "PATCH", "/tenants/{tenant}/users/{user}", kept=True)
def change(control: Control, tenant: str, user: Known, body: ChangeUser) -> UserInfo:
    """Change an API user.

    Sessions stay open; their next call is subject to the new permissions.
    """
    found = control.tenant(tenant)
    with found.lock:
        before = _find(found, user)
        new = NewUser(
            before.name,
            None if body.password is UNSET else body.password,
            before.authorizing_employee if body.authorizing_employee is UNSET else body.authorizing_employee,
            can_read=before.can_read if body.can_read is UNSET else body.can_read,
            can_write=before.can_write if body.can_write is UNSET else body.can_write,
            cleared=before.cleared if body.cleared is UNSET else tuple(body.cleared),
        )
        try:
            return _info(found.users.change(before, new, BOXES, needs_employee=_needs_employee(found)))
        except BadUser as error:
            raise _refused(user, error) from None


@action("users remove", "DELETE", "/tenants/{tenant}/users/{user}", kept=True)
def remove(control: Control, tenant: str, user: Known) -> None:
    """Remove an API user and end its sessions."""
    found = control.tenant(tenant)
    with found.lock:
        found.users.remove(_find(found, user).name)


def _needs_employee(tenant: Tenant) -> bool:
    return bool(tenant.quirk("authorizing_employee") == "required")


def _find(tenant: Tenant, name: str) -> ApiUser:
    if name not in tenant.users:
        raise NotThere(f"there is no API user {name!r}; the users are {', '.join(sorted(tenant.users)) or 'none'}")
    return tenant.users[name]


def _refused(name: str, error: BadUser) -> BadRequest:
    return BadRequest(f"{name} is not a valid API user", tuple(map(str, error.reasons)))


def _info(user: ApiUser) -> UserInfo:
    return UserInfo(user.name, user.authorizing_employee, user.can_read, user.can_write, list(user.cleared))
