"""UpdateProjects of version 2: changed rows of the four lists, with the bundle of GetProjects as baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_ajera.api import errors
from mock_ajera.api import fields as f
from mock_ajera.api.apply import apply_row, row_differences
from mock_ajera.api.changes import Change, Outcome, Stored, unknown_members, update
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.projects.flat import LISTS, PROJECT, flat, parent_link, rows_of
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body
from mock_ajera.api.methods import Answer, Call, Operation
from mock_ajera.api.reasons import differs, within
from mock_ajera.api.records import Record, Row
from mock_ajera.api.shapes import RawObject, RawRows, arguments_schema, note_outcome, sent_rows
from mock_ajera.api.views import TenantView
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

UPDATED, UNCHANGED = "UpdatedProjects", "UnchangedProjects"
KEYS = {name: next(each.name for each in row.members.values() if each.part == "key") for name, row in LISTS.items()}
"""The member that identifies a row of each list."""
_INHERITED = (
    *("Status", "ProjectTypeKey", "DepartmentKey", "BudgetedOverheadRate", "ProjectManager", "PrincipalInCharge"),
    *("MarketingContact", "WageTableKey", "IsCertified", "TaxState", "TaxLocalKey", "RequireTimesheetNotes"),
    *("BillingType", "RateTableKey"),
)
"""The members that a new phase has from its project unless it sends its own."""


class Sent(NamedTuple):
    """A row of a request."""

    noun: str
    """The list that it is a row of."""
    at: str
    """Its path in the request."""
    values: Body
    """The canonical values of its valid members."""

    @property
    def key(self) -> Any:
        """The key of the row; negative for a new one, None if none was sent."""
        return self.values.get(KEYS[self.noun])


@dataclass
class FlatChange(Change):
    """A change of one project, as rows of the four lists."""

    rows: list[Sent] = field(default_factory=list)

    def tree(self, record: Record, stored: Body | None, context: WriteContext) -> Body:
        body = _defaults(record) if stored is None else record.flatten(stored)
        project = body[record.key.name] = self.sent[record.key.name]
        edited = _Rows(record, body, project, context)
        for name in LISTS:
            for sent in self.rows:
                if sent.noun == name:
                    edited.apply(sent, new_project=stored is None)
        return record.nest(edited.body())


class _Rows:
    """The rows of one project while they are changed."""

    def __init__(self, record: Record, body: Body, project: int, context: WriteContext) -> None:
        self._body, self._project, self._context = body, project, context
        self._lists = {
            name: {row[KEYS[name]]: row for row in body.get(name, ())}
            for name in ("InvoiceGroups", "Phases", "Resources")
        }
        self._nested = _nested(record)
        self._new_groups: list[Sent] = []

    def body(self) -> Body:
        """Return the changed project. Refuse a new invoice group without a phase."""
        used = {phase["InvoiceGroupKey"] for phase in self._lists["Phases"].values()}
        for sent in self._new_groups:
            if sent.key not in used:
                text = "a phase is required in a new invoice group"
                self._context.refuse(sent.at, "at-least", text, "project.group-needs-phase")
        return self._body | {name: list(rows.values()) for name, rows in self._lists.items()}

    def apply(self, sent: Sent, *, new_project: bool) -> None:
        """Apply a row of the request. Rows that it belongs to must already be applied."""
        if sent.noun == "Projects":
            before = None if new_project else self._body
            self._body |= apply_row(PROJECT, sent.values, before, sent.at, self._context)
            return
        rows, schema, key = self._lists[sent.noun], LISTS[sent.noun], sent.key
        if key in rows:
            before = rows[key] | self._link(sent.noun, rows[key].get("ParentKey"))
            row = rows[key] | apply_row(schema, sent.values, before, sent.at, self._context)
        elif key > 0:
            text = f"the project has no row with the key {key}"
            self._context.refuse(within(sent.at, KEYS[sent.noun]), "unknown-key", text, "project.foreign-child-refused")
            return
        else:
            values = self._placed(sent)
            row = _defaults(self._nested[sent.noun]) | apply_row(schema, values, None, sent.at, self._context)
            row |= self._inherited(sent)
        for name in self._link(sent.noun, None):
            row.pop(name, None)
        rows[key] = row

    def _link(self, noun: str, parent: Any) -> Body:
        """Return the link that a row of a list has in version 2 only."""
        return {"PhaseKey": parent} if noun == "Resources" else {"ProjectKey": self._project}

    def _placed(self, sent: Sent) -> Body:
        """Return the values of a new row with its place among the other rows."""
        if sent.noun == "InvoiceGroups":
            self._new_groups.append(sent)
            return self._link(sent.noun, None) | sent.values
        phases = self._lists["Phases"]
        name, parent = parent_link(sent.noun, sent.values)
        parent = parent or self._project
        place = {"ParentKey": parent} | self._link(sent.noun, parent)
        if parent != self._project and parent not in phases:
            text = f"the project has no phase {parent}"
            self._context.refuse(within(sent.at, name), "reference", text, "project.v2-rows-placed")
        if sent.noun == "Resources":
            if (other := sent.values.get("PhaseKey") or parent) != parent:
                text = f"{other} differs from the ParentKey {parent}"
                self._context.refuse(within(sent.at, "PhaseKey"), "reference", text, "project.v2-resource-phase-key")
            return sent.values | place
        if not sent.values.keys() & {"ParentKey", "InvoiceGroupKey"}:
            relies_on("project.v2-first-group")
        groups = self._lists["InvoiceGroups"]
        around = phases[parent]["InvoiceGroupKey"] if parent in phases else next(iter(groups), None)
        group = sent.values.get("InvoiceGroupKey") or around
        if group not in groups or (parent in phases and group != around):
            text = f"the phase cannot be in the invoice group {group}"
            self._context.refuse(within(sent.at, "InvoiceGroupKey"), "reference", text, "project.v2-rows-placed")
        return sent.values | place | {"InvoiceGroupKey": group}

    def _inherited(self, sent: Sent) -> Body:
        """Return what a new row has from the project. It is not checked again: the client does not send it."""
        if sent.noun != "Phases":
            return {}
        relies_on("project.v2-phase-inherits")
        return {name: self._body[name] for name in _INHERITED if name not in sent.values}


def _nested(record: Record) -> dict[str, Row]:
    """Return the nested rows of version 1 by the list that has them in version 2."""
    groups, resources = (record.members[name].nested for name in ("InvoiceGroups", "Resources"))
    phases = None if groups is None else groups.members["Phases"].nested
    if groups is None or phases is None or resources is None:
        raise TypeError(f"{record.kind} has no nested rows")
    return {"InvoiceGroups": groups, "Phases": phases, "Resources": resources}


def _defaults(row: Row) -> Body:
    return {name: member.default for name, member in row.members.items() if member.stored and member.part != "key"}


@dataclass(frozen=True)
class Bundle:
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
                    found += (Reason(each.path, "baseline", each.text, "write.baseline-differs") for each in faults)
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
    new: dict[int, int] = {}
    """The project of each new row."""
    for i, raw in enumerate(updated):
        at = f"{UPDATED}[{i}]"
        name = next((name for name in reversed(LISTS) if raw.get(KEYS[name]) is not None), "Projects")
        values, faults = load(LISTS[name], raw, at, unknown=unknown)
        sent = Sent(name, at, values)
        project = _owner(sent, bundle, new)
        if type(project) is not int or project < 0:
            # A row without a project is refused alone.
            faults.append(_without_project(sent, project))
            project = None
        change = changes.setdefault(i if project is None else ("Project", project), FlatChange(at, {}, [], bundle))
        change.faults += faults
        if project is not None:
            change.sent = {PROJECT.key.name: project}
            change.rows.append(sent)
            rows.append(sent)
            if sent.key < 0:
                new[sent.key] = project
    if repeated := list(repeated_keys(rows)):
        raise errors.InvalidData(*repeated)
    if not updated:
        relies_on("write.nothing-to-update")
    return list(changes.values())


def _owner(sent: Sent, bundle: Bundle, new: Mapping[Any, int]) -> Any:
    """Return the project that a row belongs to, or None."""
    values = sent.values
    _, parent = parent_link(sent.noun, values)
    if sent.key is None or "ProjectKey" in values:
        return None if sent.key is None else values["ProjectKey"]
    around = (
        (sent.noun, sent.key),
        ("InvoiceGroups", values.get("InvoiceGroupKey")),
        ("Phases", parent),
        ("Projects", parent),
    )
    owners = (new.get(key) or bundle.owner(name, key) for name, key in around)
    return next((owner for owner in owners if owner is not None), None)


def _without_project(sent: Sent, project: Any) -> Reason:
    """Return the reason why a row belongs to no project that the request can change."""
    at = within(sent.at, PROJECT.key.wire)
    if sent.key is None:
        return Reason(at, "required", "each row needs a valid key", "write.key-required")
    if isinstance(project, int):
        return Reason(at, "key", "CreateProjects creates projects in version 2", "project.v2-update-creates-no-project")
    text = f"{UNCHANGED} has no row of {sent.noun} with the key {sent.key}"
    return Reason(at, "baseline", text, "project.v2-bundle-required")


def repeated_keys(rows: Iterable[Sent]) -> Iterator[Reason]:
    """Yield reasons for rows that are sent twice and for negative keys that occur twice in the request."""
    seen: dict[Any, str] = {}
    for sent in rows:
        at, key = within(sent.at, KEYS[sent.noun]), sent.key
        identity = key if key is not None and key < 0 else (sent.noun, key)
        if identity in seen:
            claim = "write.negative-keys-differ" if identity == key else "write.record-once"
            yield Reason(at, "repeated-key", f"{key} is already used at {seen[identity]}", claim)
        seen.setdefault(identity, at)


def bundle_of(call: Call, record: Record, outcome: Outcome) -> dict[str, list[Any]]:
    """Return the written projects as version 2 prints them; nothing if all are refused."""
    note_outcome(outcome)
    if outcome.refused and not outcome.written:
        return {}
    content: dict[str, list[Any]] = {name: [] for name in LISTS}
    view = TenantView(call.tenant)
    for key, _ in outcome.written:
        if row := call.tenant.row(record.kind, key):
            for name, rows in flat(call.tenant.body(row), view, row.stamp).items():
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
        return Answer(bundle_of(call, record, outcome), outcome.refused)

    arguments = {
        UPDATED: RawRows(required="always"),
        UNCHANGED: RawObject(required="always"),
        "UseSingleTransaction": f.Flag(),
    }
    return Operation(arguments_schema(arguments), handle, "project.v2-update")
