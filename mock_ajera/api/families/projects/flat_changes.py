"""UpdateProjects of version 2: changed rows of the four lists, with the bundle of GetProjects as baseline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.apply import row_differences
from mock_ajera.api.changes import Change, Outcome, Saved, Stored, nothing_to_update, unknown_members, update
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.projects.flat import KEYS, LAYOUTS, LISTS, PROJECT, flat, parent_link, rows_of
from mock_ajera.api.families.projects.flat_rows import FlatChange, Sent, repeated_keys
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.methods import Answer, Call, Operation
from mock_ajera.api.reasons import differs, within
from mock_ajera.api.records import Record
from mock_ajera.api.shapes import RawObject, RawRows, note_outcome, sent_rows
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

UPDATED, UNCHANGED = "UpdatedProjects", "UnchangedProjects"


class Bundle(msgspec.Struct, frozen=True):
    """The baseline of version 2: the whole Content that GetProjects returned."""

    content: Mapping[str, Any]
    stamps_sent = False

    def rows(self, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the path and the content of each row of a list."""
        return sent_rows(self.content, UNCHANGED, name)

    def owner(self, name: str, key: Any) -> Any:
        """Return the key of the project that a row belongs to, or None."""
        if key is None:
            return None
        row = next((row for _, row in self.rows(name) if row.get(KEYS[name]) == key), {})
        if name == "Resources":
            _, parent = parent_link(name, row)
            return self.owner("Phases", parent) or self.owner("Projects", parent)
        return row.get(PROJECT.key.name)

    def require(self, record: Record, stored: Stored) -> None:
        at = f"{UNCHANGED}.Projects"
        rows = [(path, row) for path, row in self.rows("Projects") if row.get("ProjectKey") == stored.key]
        if not rows:
            text = f"{record.kind} {stored.key} is not in {at}"
            raise errors.InvalidData(Reason(at, "baseline", text, "project.v2-bundle-required"))
        for path, row in rows:
            if row.get("LastModifiedDate") is None:
                text = "required in the baseline, as it was read"
                path = within(path, "LastModifiedDate")
                raise errors.InvalidData(Reason(path, "required", text, "project.v2-bundle-required"))

    def conflicts(self, record: Record, stored: Stored, context: WriteContext) -> list[Reason]:
        current = rows_of(record.flatten(stored.tree))
        found: list[Reason] = []
        for name, schema in LISTS.items():
            key = KEYS[name]
            by_key = {row[key]: row for row in current[name]}
            for at, raw in self.rows(name):
                raw_key = raw.get(key)
                wanted = by_key.get(raw_key) if type(raw_key) is int else None
                if wanted is not None:
                    sent, faults = load(schema, raw, at, unknown="ignore")
                    found += (
                        Reason(each.path, "baseline", each.text, "write.baseline-invalid-value") for each in faults
                    )
                    found += row_differences(schema, wanted, sent, at, context)
                elif raw.get("ProjectKey") == stored.key:
                    found.append(differs(at, "the project no longer has this row"))
        if found:
            relies_on("project.v2-stale-bundle")
        return found


def read(updated: Sequence[Mapping[str, Any]], bundle: Bundle, unknown: str) -> list[Change]:
    """Return the changes that an Update requests, one for each project, in the order of their first rows.

    ``unknown``: "refuse" or "ignore" members that do not exist. Raises ``InvalidData`` for a repeated key, which makes
    the whole request invalid.
    """
    changes: dict[Any, FlatChange] = {}
    rows: list[Sent] = []
    loaded = [_load(f"{UPDATED}[{i}]", raw, unknown) for i, raw in enumerate(updated)]
    new = {sent.key: sent for sent, _ in loaded if sent.key is not None and sent.key < 0}
    for i, (sent, faults) in enumerate(loaded):
        project = _owner(sent, bundle, new)
        if type(project) is not int or project < 0:
            # A row without a project is refused alone.
            faults.append(_without_project(sent, project))
            project = None
        change = changes.setdefault(i if project is None else ("Project", project), FlatChange(sent.at, {}, [], bundle))
        change.faults += faults
        if project is not None:
            change.sent = {PROJECT.key.name: project}
            change.rows.append(sent)
            rows.append(sent)
    if repeated := list(repeated_keys(rows)):
        raise errors.InvalidData(*repeated)
    return list(changes.values())


def _load(at: str, raw: Mapping[str, Any], unknown: str) -> tuple[Sent, list[Reason]]:
    """Return a row with its faults."""
    name = next((name for name in reversed(LISTS) if raw.get(KEYS[name]) is not None), "Projects")
    values, faults = load(LISTS[name], raw, at, unknown=unknown)
    return Sent(name, at, values), faults


def _owner(sent: Sent, bundle: Bundle, new: Mapping[Any, Sent]) -> Any:
    """Return the project that a row belongs to, or None. ``new``: the new rows of the request, by key."""
    if sent.key is None:
        return None
    for each in _with_rows_around(sent, new):
        if "ProjectKey" in each.values:
            return each.values["ProjectKey"]
        group, parent = each.around
        named = ((each.noun, each.key), ("InvoiceGroups", group), ("Phases", parent), ("Projects", parent))
        owners = (bundle.owner(name, key) for name, key in named)
        if (owner := next((owner for owner in owners if owner is not None), None)) is not None:
            return owner
    return None


def _with_rows_around(sent: Sent, new: Mapping[Any, Sent]) -> Iterator[Sent]:
    """Yield a row, and then the new rows that it is in, wherever the request lists them."""
    found = {sent.at: sent}
    waiting = deque(found.values())
    while waiting:
        each = waiting.popleft()
        yield each
        above = {new[key].at: new[key] for key in each.around if key in new}
        waiting += (row for at, row in above.items() if at not in found)
        found |= above


def _without_project(sent: Sent, project: Any) -> Reason:
    """Return the reason why a row belongs to no project that the request can change."""
    at = within(sent.at, PROJECT.key.wire)
    if sent.key is None:
        return Reason(at, "required", "each row needs a valid key", "write.key-required")
    if isinstance(project, int):
        return Reason(at, "key", "CreateProjects creates projects in version 2", "project.v2-update-creates-no-project")
    text = f"{UNCHANGED} has no row of {sent.noun} with the key {sent.key}"
    return Reason(at, "baseline", text, "project.v2-bundle-required")


def bundle_of(call: Call, record: Record, outcome: Outcome) -> dict[str, list[Any]]:
    """Return the written projects as version 2 prints them; nothing if all are refused."""
    note_outcome(outcome)
    if outcome.refused and not outcome.written:
        return {}
    content: dict[str, list[Any]] = {name: [] for name in LISTS}
    view = TenantView(call.tenant)
    for written in outcome.written:
        if isinstance(written, Saved):
            for name, rows in flat(written.body, view, written.stamp).items():
                content[name] += rows
    return content


def update_operation(record: Record) -> Operation:
    """Return UpdateProjects of version 2."""

    def handle(call: Call) -> Answer:
        arguments, unknown = call.arguments, unknown_members(call.tenant)
        changes = read(arguments[UPDATED], Bundle(arguments[UNCHANGED]), unknown)
        if any(isinstance(each, FlatChange) and {sent.noun for sent in each.rows} != {"Projects"} for each in changes):
            relies_on("project.v2-changes-of-every-list")
        single = bool(arguments.get("UseSingleTransaction"))
        if single:
            relies_on("project.v2-single-transaction")
        outcome = update(record, changes, call.tenant, single=single, unknown=unknown)
        if any(isinstance(error, errors.NoValidChanges) for error in outcome.refused):
            relies_on("project.v2-no-op-refused")
        notes = nothing_to_update(UPDATED, arguments[UPDATED])
        return Answer(bundle_of(call, record, outcome), outcome.refused, notes=notes)

    def example(firm: FirmValues) -> dict[str, Any]:
        bundle = firm.content(record.kind, firm.key(record.kind, lambda body: len(body["Phases"]) == 1), flat)
        key = PROJECT.key.wire
        (project,) = bundle["Projects"]
        changed = {key: project[key], "Notes": "Changed through the API"}
        return {UPDATED: [changed], UNCHANGED: bundle}

    arguments = {
        UPDATED: RawRows(required="always"),
        UNCHANGED: RawObject(required="always", claim="project.v2-bundle-required"),
        "UseSingleTransaction": f.Flag(),
    }
    return Operation(
        arguments,
        handle,
        "project.v2-update",
        takes=tuple(replace(layout, at=f"{UPDATED}, rows of {layout.at}", proof=("key",)) for layout in LAYOUTS),
        answers=LAYOUTS,
        manual=(
            *("project.v2-bundle-required", "project.v2-changes-of-every-list", "project.v2-rows-placed"),
            *("project.v2-rows-not-moved", "project.v2-update-creates-no-project", "project.v2-delete-refused"),
            *("project.v2-no-op-refused", "project.v2-single-transaction"),
        ),
        example=example,
    )
