"""Employees in the roles of a project: project manager, principal, and resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, Visibility, WriteContext
from mock_ajera.api.member import Body, Copied
from mock_ajera.api.reasons import within

NAMES = ("FirstName", "MiddleName", "LastName")


class Person(f.Embedded):
    """An employee in a role: {EmployeeKey, FirstName, MiddleName, LastName}.

    ``role``: the flag that the employee needs. ``role_claim``: the claim for that.
    """

    def __init__(self, role: str | None = None, *, role_claim: str = "project.role-flag", **options: Any) -> None:
        super().__init__("Employee", "EmployeeKey", {name: (name, Visibility.ALWAYS) for name in NAMES}, **options)
        self.role, self.role_claim = role, role_claim

    @property
    def sending(self) -> Iterator[str]:
        yield from super().sending
        if self.role is not None:
            yield f"an active employee with {self.role}"

    def check(self, value: Any, at: str, context: WriteContext) -> None:
        if context.seeding:
            return
        super().check(value, at, context)
        employee = context.view.summary("Employee", value)
        if self.role is None or employee is None:
            return
        path = within(at, self.key)
        if not employee[self.role]:
            context.refuse(path, "role", f"employee {value} does not have {self.role}", self.role_claim)
        if employee["Status"] != "Active":
            context.refuse(path, "inactive", f"employee {value} is not active", "project.role-active")

    def lookups(self) -> Iterator[tuple[str, str]]:
        yield from super().lookups()
        if self.role is not None:
            yield self.refers_to, self.role
            yield self.refers_to, "Status"


class ResourceEmployee(f.Lookup):
    """The employee of a resource as an object, printed with the names of resources.

    The page has it in place of ``EmployeeKey``; clients read both.
    """

    def __init__(self, via: str, **options: Any) -> None:
        super().__init__(via, "", **options)

    @property
    def type_name(self) -> str:
        return f"object with {', '.join((self.via, *NAMES))}"

    def emit(self, body: Body, out: Body, view: View, stamp: int) -> None:
        key = body.get(self.via)
        summary = view.summary(self.kind, key)
        if self.shown in view.hidden or summary is None:
            return
        if Visibility.OBSERVED in view.hidden:
            del out[self.via]
        out[self.wire] = {self.via: key} | {name: summary[name] for name in NAMES}

    def copies(self) -> Iterator[Copied]:
        for name in NAMES:
            yield Copied(name, self.kind, name)
