"""Faults: calls that go wrong on purpose.

``kinds`` has what can go wrong, ``checking`` refuses rules that cannot, ``acting`` lets it happen, and ``delivery``
tells the server how to send the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_ajera.api.families import METHODS
from mock_ajera.api.families.projects.creating import SKELETON
from mock_ajera.api.faults.acting import AffectedCall, Unanswered
from mock_ajera.api.faults.delivery import Delivery
from mock_ajera.api.faults.others import named
from mock_ajera.tenants.faults import Facts
from mock_ajera.tenants.tenant import Tenant

__all__ = ["AffectedCall", "Delivery", "Unanswered", "affected", "silent_content"]


def affected(method: str, raw: Mapping[str, Any], cookie: str | None, tenant: Tenant) -> AffectedCall | None:
    """Return a call with the faults that it meets; None if it meets none."""
    if not tenant.faults:
        return None
    token = raw.get("SessionToken") or cookie or ""
    session = tenant.sessions.get(token) if isinstance(token, str) else None
    user: Any = raw.get("Username") if session is None else session.user
    version: Any = raw.get("APIVersion") if session is None else session.version
    sent = raw.get("MethodArguments")
    arguments = sent if isinstance(sent, Mapping) else {}
    kind = METHODS[method].kind if method in METHODS else ""

    def names(of: str, key: int) -> bool:
        return key in named(kind, arguments, of)

    paging = raw if raw.get("PageResults") else {}
    page, size = (value if type(value) is int else 0 for value in (paging.get("PageNumber"), paging.get("PageSize")))
    facts = Facts(method, str(user or "-"), version, arguments, page, names, tenant.clock.now(), size)
    met = tenant.faults.hitting(facts)
    return AffectedCall(facts, "" if session is None else session.token, met, tenant) if met else None


def silent_content(method: str) -> dict[str, Any]:
    """Return the Content of a write that has no effect."""
    if method == "CreateProjects":
        return dict(SKELETON)
    noun = method.removeprefix("Update")
    return {f"NumberOf{noun}Updated": 0, noun: []} if noun != method else {}
