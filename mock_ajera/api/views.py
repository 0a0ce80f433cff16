"""The view of a tenant that records read, and rendering with a cache."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from mock_ajera.api.context import Visibility
from mock_ajera.codec import Raw, decode_stored, encode
from mock_ajera.tenants.model import Folded, Summary
from mock_ajera.tenants.render_cache import EVERYBODY, Audience
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import noting, relies_on_all
from mock_ajera.tenants.weeks import week_end

_HIDDEN: dict[str, frozenset[Visibility]] = {
    "observed": frozenset({Visibility.DOCUMENTED, Visibility.SECOND_NAME}),
    "documented": frozenset({Visibility.OBSERVED, Visibility.UPDATES}),
    "all": frozenset(),
}
"""Hidden members in the answer of a Get method by the value of the quirk ``members``."""
_SAMPLES: dict[str, frozenset[Visibility]] = {
    "template": frozenset({Visibility.OBSERVED, Visibility.UPDATES, Visibility.GETS}),
    "update": frozenset({Visibility.OBSERVED, Visibility.GETS, Visibility.SECOND_NAME}),
}
"""Hidden members in answers whose samples on the pages differ from those of the Get methods."""
_UNASKED = frozenset({Visibility.NEVER, Visibility.RESOURCES, Visibility.RESOURCE_NAMES})


class TenantView:
    """The parts of a tenant that records read: other records, time zone, custom fields, and hidden members."""

    def __init__(self, tenant: Tenant, audience: Audience = EVERYBODY) -> None:
        self.audience = audience
        self._tenant = tenant
        self._model = tenant.model
        self.zone = tenant.firm.zone
        self.custom_fields = tenant.firm.custom_fields_by_kind
        self._members = tenant.quirk("members")
        self.hidden = _HIDDEN[self._members] | _UNASKED
        self.overhead_rate_table = tenant.quirk("overhead_rate_table")
        self.all_members = self._members != "observed"

    def showing(self, *groups: Visibility) -> TenantView:
        """Return a view that also prints members of these visibilities."""
        view = copy(self)
        view.hidden = self.hidden.difference(groups)
        return view

    def like_sample(self, name: str) -> TenantView:
        """Return the view of an answer that the documented profile prints like another sample of the pages."""
        if self._members != "documented":
            return self
        view = copy(self)
        view.hidden = _SAMPLES[name] | _UNASKED
        return view

    def in_version_2(self) -> TenantView:
        """Return the view of version 2. Its members are known only from clients, so no profile changes them."""
        view = copy(self)
        view.hidden = _HIDDEN["observed"] | {Visibility.NEVER}
        view.overhead_rate_table = "null"
        view.all_members = False
        return view

    def prints(self, visibility: Visibility) -> bool:
        """Return whether members of a visibility are printed."""
        return visibility not in self.hidden

    def summary(self, kind: str, key: int | None) -> Summary | None:
        """Return the summary of a record; None if it does not exist."""
        return self._model.summary(kind, key)

    def body(self, kind: str, key: int | None) -> Mapping[str, Any] | None:
        """Return the stored body of a record; None if it does not exist. Slower than a summary."""
        row = None if key is None else self._tenant.row(kind, key)
        return None if row is None else _decoded(row.body)

    def referrers(self, to: str, key: int, by: str) -> Collection[int]:
        """Return the keys of the records of kind ``by`` that refer to a record."""
        return self._model.tables[by].referrers(to, key) or ()

    def is_week_end(self, day: str) -> bool:
        """Return whether a day is the last one of a week of the firm."""
        date = datetime.date.fromisoformat(day)
        return week_end(date, self._tenant.firm.week_start) == date

    def holders(self, kind: str, members: tuple[str, ...], texts: tuple[str, ...]) -> set[int]:
        """Return the keys of the records with these case-folded texts."""
        return self._model.tables[kind].keys_with(Folded(members), (texts,))


@lru_cache(maxsize=128)
def _decoded(text: str) -> Mapping[str, Any]:
    """Return the value of a stored body. The rows of a timesheet ask for the same few projects again and again."""
    body = decode_stored(text)
    if not isinstance(body, dict):
        raise TypeError("a stored body is not an object")
    return body


Render = Callable[[dict[str, Any], TenantView, int], dict[str, list[Any]]]
"""(stored body, view, stamp) -> rows by the name of their list in Content."""


def render_all(
    tenant: Tenant,
    kind: str,
    keys: Iterable[int],
    view_name: str,
    render: Render,
    *,
    audience: Audience = EVERYBODY,
) -> Iterator[dict[str, Raw]]:
    """Yield each record that exists, rendered: by list name the JSON of its rows, comma-joined and never empty.

    Rendered records are cached until the record, a record of a kind that it looks up, or a quirk changes, with the
    claims that the rendering relies on.
    """
    view: TenantView | None = None
    table = tenant.model.tables[kind]
    entries, looked_up = table.entries, tenant.model.states(table.spec.looks_up)
    for key in keys:
        entry = entries.get(key)
        if entry is None:
            continue
        valid_for = (entry.version, entry.stamp, looked_up, tenant.quirk_epoch)
        cached = tenant.render_cache.get(kind, key, view_name, audience, valid_for)
        if cached is not None:
            pieces, claims = cached
        else:
            row = tenant.row(kind, key)
            if row is None:
                raise LookupError(f"{kind} {key} is in the read model but not in the store")
            view = view or TenantView(tenant, audience)
            with noting() as claims:
                rendered = render(tenant.body(row), view, row.stamp)
            pieces = {name: Raw(encode(rows)[1:-1]) for name, rows in rendered.items() if rows}
            tenant.render_cache.put(kind, key, view_name, audience, valid_for, (pieces, claims))
        relies_on_all(claims)
        yield pieces
