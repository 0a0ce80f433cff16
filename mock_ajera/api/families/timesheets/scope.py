"""Who sees which timesheets (claim ``timesheet.visible``)."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from mock_ajera.api.methods import Call
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on


class Reader(msgspec.Struct, frozen=True):
    """The employee that an API user acts for, and the employees whose timesheets that employee sees."""

    employee: int | None
    sees_all: bool
    direct: frozenset[int]
    """Employees who report to this one."""
    indirect: frozenset[int]
    """Employees who report to one of these; empty without multilevel approval."""

    def sees(self, employee: int | None) -> bool:
        """Return whether the timesheets of an employee are visible."""
        return self.sees_all or employee == self.employee or employee in self.direct or employee in self.indirect


def reader_of(call: Call) -> Reader:
    """Return the reader of a call."""
    relies_on("timesheet.visible")
    tenant = call.tenant
    own = tenant.users[call.session.user].authorizing_employee
    summary = tenant.model.summary("Employee", own)
    multilevel = tenant.quirk("multilevel_approval")
    direct, indirect = _reports(tenant, own, multilevel=multilevel)
    if indirect:
        relies_on("timesheet.multilevel")
    return Reader(own, summary is not None and bool(summary["IsAccountingManager"]), direct, indirect)


def _reports(tenant: Tenant, own: int | None, *, multilevel: bool) -> tuple[frozenset[int], frozenset[int]]:
    by_supervisor: defaultdict[int, list[int]] = defaultdict(list)
    for key, entry in tenant.model.tables["Employee"].entries.items():
        if entry.summary["SupervisorKey"] is not None:
            by_supervisor[entry.summary["SupervisorKey"]].append(key)
    if own is None:
        return frozenset(), frozenset()
    direct = frozenset(by_supervisor[own]) - {own}
    found, waiting = {own, *direct}, list(direct) if multilevel else []
    # Supervisors may form a circle.
    while waiting:
        for key in by_supervisor[waiting.pop()]:
            if key not in found:
                found.add(key)
                waiting.append(key)
    return direct, frozenset(found - direct - {own})
