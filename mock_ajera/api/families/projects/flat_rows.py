"""The rows of one project while a request of version 2 changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from mock_ajera.api.apply import apply_row
from mock_ajera.api.changes import Change
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families.projects.flat import INHERITED, KEYS, LISTS, PROJECT, parent_link
from mock_ajera.api.member import Body
from mock_ajera.api.reasons import within
from mock_ajera.api.records import Record, Row
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on


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

    @property
    def parent(self) -> Any:
        """The key of its parent; None if none was sent."""
        return parent_link(self.noun, self.values)[1]

    @property
    def around(self) -> tuple[Any, Any]:
        """The keys of the rows that it is in; None for one that was not sent."""
        return self.values.get("InvoiceGroupKey"), self.parent


class FlatChange(Change):
    """A change of one project, as rows of the four lists."""

    rows: list[Sent] = msgspec.field(default_factory=list)

    def tree(self, record: Record, stored: Body | None, context: WriteContext) -> Body:
        body = record.blank() if stored is None else record.flatten(stored)
        project = body[record.key.name] = self.sent[record.key.name]
        edited = _Rows(record, body, project, context)
        new = {sent.key: i for i, sent in enumerate(self.rows) if sent.key < 0}
        if any(new.get(key, 0) > i for i, sent in enumerate(self.rows) for key in sent.around):
            relies_on("project.v2-rows-in-any-order")
        rows = {name: [sent for sent in self.rows if sent.noun == name] for name in LISTS}
        rows["Phases"] = _parents_first(rows["Phases"])
        for sent in chain.from_iterable(rows.values()):
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
            row = self._nested[sent.noun].blank() | apply_row(schema, values, None, sent.at, self._context)
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
        return {name: self._body[name] for name in INHERITED if name not in sent.values}


def _parents_first(phases: Sequence[Sent]) -> list[Sent]:
    """Return the rows with each phase after its parent, and otherwise in their order. Phases in a circle are last."""
    keys = {sent.key for sent in phases}
    below: dict[Any, list[Sent]] = {}
    for sent in phases:
        below.setdefault(sent.parent if sent.parent in keys else None, []).append(sent)
    ordered: list[Sent] = []
    level = below.pop(None, [])
    while level:
        ordered += level
        level = [each for sent in level for each in below.pop(sent.key, ())]
    return [*ordered, *chain.from_iterable(below.values())]


def _nested(record: Record) -> dict[str, Row]:
    """Return the nested rows of version 1 by the list that has them in version 2."""
    groups, resources = (record.members[name].nested for name in ("InvoiceGroups", "Resources"))
    phases = None if groups is None else groups.members["Phases"].nested
    if groups is None or phases is None or resources is None:
        raise TypeError(f"{record.kind} has no nested rows")
    return {"InvoiceGroups": groups, "Phases": phases, "Resources": resources}


def repeated_keys(rows: Iterable[Sent]) -> Iterator[Reason]:
    """Yield reasons for rows that are sent twice and for negative keys that occur twice in the request."""
    seen: dict[Any, str] = {}
    for sent in rows:
        at, key = within(sent.at, KEYS[sent.noun]), sent.key
        identity = key if key is not None and key < 0 else (sent.noun, key)
        if identity in seen:
            claim = "write.negative-keys-differ-nested" if identity == key else "write.record-once"
            yield Reason(at, "repeated-key", f"{key} is already used at {seen[identity]}", claim)
        seen.setdefault(identity, at)
