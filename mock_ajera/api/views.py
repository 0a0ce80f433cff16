"""What rendering and checking a record needs of its tenant, and the cache of what was rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any

from mock_ajera.api.records import NEVER, CustomField
from mock_ajera.codec import Raw, encode
from mock_ajera.tenants.model import FOLDED, Summary
from mock_ajera.tenants.render_cache import EVERYBODY, Audience
from mock_ajera.tenants.tenant import Tenant

HIDDEN: dict[str, frozenset[str]] = {
    "observed": frozenset({"documented"}),
    "documented": frozenset({"observed"}),
    "all": frozenset(),
}
"""Groups of members that are not printed, by the value of the quirk ``members``."""


class TenantView:
    """A tenant as records see it: other records, zone, custom fields, and which members are printed."""

    def __init__(self, tenant: Tenant) -> None:
        self._model = tenant.model
        self.zone = tenant.firm.zone
        self.custom_fields = tuple(CustomField(**definition) for definition in tenant.firm.custom_fields)
        members = tenant.quirk("members")
        self.hidden = HIDDEN[members] | {NEVER, "resources", "names"}
        self.all_members = members != "observed"

    def showing(self, *groups: str) -> TenantView:
        """A view that prints these groups of members too."""
        twin = copy(self)
        twin.hidden = self.hidden.difference(groups)
        return twin

    def in_version_2(self) -> TenantView:
        """The view of version 2: its members are known from the field only, so no profile changes them."""
        twin = copy(self)
        twin.hidden = HIDDEN["observed"] | {NEVER}
        twin.all_members = False
        return twin

    def summary(self, kind: str, key: int | None) -> Summary | None:
        """The summary of a record, None when there is none."""
        return self._model.summary(kind, key)

    def referrer(self, key: int, by: tuple[str, str]) -> int | None:
        """The key of the first record of kind ``by[0]`` that holds the key in ``by[1]``."""
        return self._model.referrer(key, by)

    def holders(self, kind: str, member: str, text: str) -> set[int]:
        """Keys of the records whose text is this one, without regard to case."""
        return self._model.tables[kind].keys_with(FOLDED + member, (text,))


Render = Callable[[dict[str, Any], TenantView, int], dict[str, list[Any]]]
"""(stored body, view, stamp) -> rows by the name of the list in Content that they go to."""


def render_all(
    tenant: Tenant,
    kind: str,
    keys: Iterable[int],
    view_name: str,
    render: Render,
    *,
    audience: Audience = EVERYBODY,
) -> Iterator[dict[str, Raw]]:
    """Each record that exists, rendered: by list name the JSON of its rows, comma-joined and never empty.

    What was rendered once is kept, and valid for the record's version, the state of what it looks up, and the quirks.
    """
    view: TenantView | None = None
    entries = tenant.model.tables[kind].entries
    for key in keys:
        entry = entries.get(key)
        if entry is None:
            continue
        valid_for = (entry.version, entry.stamp, tenant.model.lookup_epoch, tenant.quirk_epoch)
        pieces = tenant.render_cache.get(kind, key, view_name, audience, valid_for)
        if pieces is None:
            row = tenant.row(kind, key)
            if row is None:
                raise LookupError(f"{kind} {key} is in the read model and not in the store")
            view = view or TenantView(tenant)
            rendered = render(tenant.body(row), view, row.stamp)
            pieces = {name: Raw(encode(rows)[1:-1]) for name, rows in rendered.items() if rows}
            tenant.render_cache.put(kind, key, view_name, audience, valid_for, pieces)
        yield pieces
