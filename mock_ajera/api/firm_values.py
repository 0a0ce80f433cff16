"""The values of a firm from which examples of requests are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count
from typing import Any

from mock_ajera.api.member import Body
from mock_ajera.api.views import Render, TenantView
from mock_ajera.tenants.tenant import Tenant


class FirmValues:
    """The records of a tenant, as one of its API users may send them.

    ``user``, ``password``: those of the API user.
    """

    def __init__(self, tenant: Tenant, user: str, password: str) -> None:
        self.tenant, self.user, self.password = tenant, user, password
        self.employee = tenant.users[user].authorizing_employee
        """The employee that the user acts for."""
        self._new_keys = count(-1, -1)

    @cached_property
    def view(self) -> TenantView:
        """What the user sees."""
        return TenantView(self.tenant, self.employee)

    def bodies(self, kind: str) -> Iterator[tuple[int, Body]]:
        """Yield the stored records of a kind with their keys, in ascending order."""
        for key in sorted(self.tenant.model.tables[kind].entries):
            row = self.tenant.row(kind, key)
            if row is not None:
                yield key, self.tenant.body(row)

    def key(self, kind: str, fits: Callable[[Body], bool] = lambda body: body.get("Status") != "Inactive") -> int:
        """Return the lowest key of a kind whose record fits; by default, an active one. Raises ``LookupError``."""
        for key, body in self.bodies(kind):
            if fits(body):
                return key
        raise LookupError(f"the firm has no {kind} for an example")

    def new_key(self) -> int:
        """Return a negative key that the example does not have yet."""
        return next(self._new_keys)

    def content(self, kind: str, key: int, render: Render) -> dict[str, list[Any]]:
        """Return the rows of a record by the name of their list, as a Get method prints them."""
        row = self.tenant.row(kind, key)
        if row is None:
            raise LookupError(f"there is no {kind} {key}")
        return render(self.tenant.body(row), self.view, row.stamp)
