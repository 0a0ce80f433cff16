"""The faults of a tenant: add, list and remove rules that make calls go wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from mock_ajera.api.faults.checking import check
from mock_ajera.api.faults.kinds import KINDS
from mock_ajera.control.action import NotThere, action, bad_request_for
from mock_ajera.control.control import Control
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.faults import Fault, Rule


class KindInfo(msgspec.Struct):
    """A kind of fault."""

    name: str
    group: str
    """What goes wrong: the connection, the answer, the session or a record."""
    phases: list[str]
    """When it can happen, the usual phase first."""
    takes: list[str]
    """The members of a rule that it uses, besides those that choose calls."""
    says: str


class FaultInfo(msgspec.Struct):
    """A fault, with what has come of it."""

    name: str
    does: str
    calls: int
    """How many calls it applied to."""
    fired: int
    """How many of them went wrong."""
    rule: dict[str, Any]
    """The other members of its rule."""


@action("faults kinds", "GET", "/faults")
def kinds(control: Control) -> list[KindInfo]:
    """List the kinds of faults."""
    return [KindInfo(each.name, each.group, list(each.phases), list(each.takes), each.says) for each in KINDS.values()]


@action("faults list", "GET", "/tenants/{tenant}/faults")
def list_faults(control: Control, tenant: str) -> list[FaultInfo]:
    """List the faults of a tenant, with how often each has fired."""
    return [_info(each) for each in control.tenant(tenant).faults]


@action("faults add", "POST", "/tenants/{tenant}/faults")
def add(control: Control, tenant: str, body: Rule) -> FaultInfo:
    """Let calls go wrong from now on.

    A rule that can never fire is refused. Calls that set up a test never go wrong. Rules are lost when the server ends.
    """
    found = control.tenant(tenant)
    with bad_request_for(ValueError):
        check(body, found, resets=control.resets)
        return _info(found.faults.add(body))


@action("faults remove", "DELETE", "/tenants/{tenant}/faults/{fault}")
def remove(control: Control, tenant: str, fault: str) -> None:
    """Remove a fault. Calls that wait for it go on at once."""
    faults = control.tenant(tenant).faults
    chosen = [each for each in faults if each.name == fault]
    if not chosen:
        names = [each.name for each in faults]
        hint = suggestion(fault, names) or f"; the faults are {', '.join(names) or 'none'}"
        raise NotThere(f"there is no fault {fault!r}{hint}")
    faults.remove(*chosen)


@action("faults clear", "DELETE", "/tenants/{tenant}/faults")
def clear(control: Control, tenant: str) -> None:
    """Remove all faults of a tenant."""
    control.tenant(tenant).faults.clear()


def _info(fault: Fault) -> FaultInfo:
    rule = msgspec.to_builtins(fault.rule)
    del rule["name"], rule["does"]
    exact = {name: Decimal(str(each)) if isinstance(each, float) else each for name, each in rule.items()}
    return FaultInfo(fault.name, fault.rule.does, fault.calls, fault.fired, exact)
