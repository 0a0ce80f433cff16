"""Custom fields: members that a firm has added to its projects and phases. Version 1 prints them as ``CF_<Name>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, missing, pre_load

from mock_ajera.api import fields as f
from mock_ajera.api.records import (
    Body,
    CustomField,
    Fault,
    Member,
    Row,
    View,
    WriteContext,
    differs,
    fault,
    unknown_member,
    within,
)
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

CF = "CF_"
PARTED = "CF_*"
"""Where the custom fields of a row are gathered before it is loaded; no member can have this name."""


class CustomFields(Member):
    """Custom fields of a project or phase, which version 1 prints as ``CF_<Name>`` beside the other members.

    Stored as an object by name, with the values that are set. Which there are is the firm's own affair: they are
    checked when settled.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(data_key=PARTED, **options)
        self.default = {}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value

    def apply(self, sent: Any, stored: Any, new: bool, at: str, writing: WriteContext) -> Any:
        parent = at.rpartition(".")[0]
        after: Body = {} if stored is missing else dict(stored)
        for name, value, problem in _read(sent, writing.view):
            where = within(parent, CF + name)
            if problem is _UNDEFINED:
                if writing.quirk("unknown_members") == "refuse":
                    writing.invalid.append(unknown_member(where, "project.unknown-custom-field"))
            elif problem is not None:
                writing.refuse(where, problem.rule, problem.text, problem.claim or Row.unreadable)
            elif is_unset(value):
                after.pop(name, None)
            else:
                after[name] = value
        return after

    def differences(self, stored: Any, sent: Any, at: str, writing: WriteContext) -> Iterator[Reason]:
        before: Body = {} if stored is missing else stored
        for name, value, problem in _read(sent, writing.view):
            stored_value = before.get(name)
            same = value == stored_value or (is_unset(value) and is_unset(stored_value))
            if problem is not _UNDEFINED and (problem is not None or not same):
                yield differs(within(at.rpartition(".")[0], CF + name))

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        values: Body = body.get(self.name, {})
        for definition in view.custom_fields:
            out[CF + definition.name] = custom_value(definition, values.get(definition.name))


_UNDEFINED = Fault("unknown-member", "the firm has no such custom field")


def _read(sent: Mapping[str, Any], view: View) -> Iterator[tuple[str, Any, Fault | None]]:
    """Each name with its canonical value, or with the fault that is in it."""
    defined = {definition.name: definition for definition in view.custom_fields}
    for name, raw in sent.items():
        if name not in defined:
            yield name, None, _UNDEFINED
            continue
        try:
            yield name, _custom_in(defined[name], raw), None
        except ValidationError as error:
            problem: Any = error.messages[0]
            yield name, None, problem


_MEMBERS: Mapping[str, Member] = {"Text": f.Text(), "Number": f.Rate(), "Flag": f.Flag(), "Day": f.Day()}


def custom_value(definition: CustomField, value: Any) -> Any:
    """A custom field as Ajera prints it."""
    if definition.kind == "Choice":
        return {"Value": value or "", "AllowEdit": definition.allow_edit, "Values": list(definition.values)}
    if value is None:
        return {"Text": "", "Flag": False}.get(definition.kind)
    return value


def is_unset(value: Any) -> bool:
    """Whether a custom field has no value. A flag that is false and one that was never set cannot be told apart."""
    return value is None or value is False or value == ""


def _custom_in(definition: CustomField, raw: Any) -> Any:
    """The canonical value of a custom field as sent; a drop-down as the whole object or its bare value."""
    if definition.kind == "Choice":
        if isinstance(raw, Mapping) and "Value" not in raw:
            raise fault("required", "the object of a drop-down has a Value", "project.custom-field-choice")
        value = raw["Value"] if isinstance(raw, Mapping) else raw
        if value is raw:
            relies_on("write.custom-choice-by-value")
        value = f.Text().deserialize(value)
        if value and not definition.allow_edit and value not in definition.values:
            allowed = ", ".join(definition.values)
            raise fault("enum", f"{value!r:.40} is none of {allowed}", "project.custom-field-choice")
        return value
    member: Member = _MEMBERS[definition.kind]
    return None if raw is None else member.deserialize(raw)


class WithCustomFields(Row):
    """A row that has custom fields."""

    CustomFields = CustomFields()

    def known(self, raw: Any) -> Any:
        """Which custom fields there are is found out later: all pass."""
        plain = super().known(raw)
        if not isinstance(raw, Mapping):
            return plain
        return plain | {name: value for name, value in raw.items() if name.startswith(CF)}

    @pre_load
    def part(self, raw: Any, **kwargs: Any) -> Any:
        """Gather the ``CF_`` members under one name, before marshmallow looks for each of them."""
        if not isinstance(raw, Mapping):
            return raw
        plain = {name: value for name, value in raw.items() if not name.startswith(CF)}
        custom = {name.removeprefix(CF): value for name, value in raw.items() if name.startswith(CF)}
        return plain | {PARTED: custom} if custom else plain
