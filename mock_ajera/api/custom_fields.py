"""Custom fields: members that a firm has added to its records.

Version 1 prints them as ``CF_<Name>``, version 2 in an object ``CustomFields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import ValidationError, missing

from mock_ajera.api import fields as f
from mock_ajera.api.context import View, WriteContext
from mock_ajera.api.fields.values import absolute_day, json_type
from mock_ajera.api.member import Body, FileContext, Member
from mock_ajera.api.reasons import Fault, differs, fault, unknown_member, within
from mock_ajera.api.records import Row
from mock_ajera.tenants.firm import CustomField
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.trace import relies_on

CF = "CF_"


class CustomFields(Member):
    """Custom fields of a record or phase, which version 1 prints as ``CF_<Name>`` after the other members.

    ``on``: the kind of record that the firm has defined them for. A phase or template has those of projects.
    They are stored as an object by name, without unset values. They differ by firm, so ``apply`` checks them.
    """

    gathers = CF
    notes_equal = True

    def __init__(self, on: str, **options: Any) -> None:
        # No member can have this wire name: it starts with the prefix that is gathered.
        super().__init__(**{"wire": f"{CF}*"} | options)
        self.default = {}
        self.on = on

    @property
    def type_name(self) -> str:
        return f"custom field that the firm has defined for the kind {self.on}, as its definition says"

    def path(self, at: str, name: str) -> str:
        """Return the path of a custom field. ``at``: the path of this member."""
        return within(at.rpartition(".")[0], CF + name)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value

    def apply(self, sent: Any, stored: Any, new: bool, at: str, context: WriteContext) -> Any:
        if self.on != "Project":
            relies_on("write.custom-fields-elsewhere")
        after: Body = {} if stored is missing else dict(stored)
        defined = context.view.custom_fields.get(self.on, ())
        known: list[str] = []
        for name, value, problem in _read(sent, defined):
            path = self.path(at, name)
            if problem is _UNDEFINED:
                if context.unknown == "refuse":
                    known = known or [self.path("", each.name) for each in defined]
                    context.invalid.append(unknown_member(path, "project.unknown-custom-field", known))
            elif problem is not None:
                context.refuse(path, problem.rule, problem.text, problem.claim or Row.unreadable)
            elif is_unset(value) or (name not in after and self.unset(value)):
                # A zero that stands for no value does not become one.
                after.pop(name, None)
            else:
                after[name] = value
        return after

    def differences(self, stored: Any, sent: Any, at: str, context: WriteContext) -> Iterator[Reason]:
        before: Body = {} if stored is missing else stored
        for name, value, problem in _read(sent, context.view.custom_fields.get(self.on, ())):
            stored_value = before.get(name)
            same = value == stored_value or (self.unset(value) and self.unset(stored_value))
            if problem is not _UNDEFINED and (problem is not None or not same):
                yield differs(self.path(at, name))

    def unset(self, value: Any) -> bool:
        """Return whether a custom field with this value is the same as one without a value."""
        return is_unset(value)

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        values: Body = body.get(self.name, {})
        for definition in view.custom_fields.get(self.on, ()):
            out[CF + definition.name] = custom_value(definition, values.get(definition.name))

    def from_file(self, value: Any, context: FileContext) -> Any:
        days = {definition.name for definition in context.custom_fields.get(self.on, ()) if definition.kind == "Day"}
        return {name: absolute_day(item, context.today) if name in days else item for name, item in value.items()}

    def seeded(self, value: Any, context: FileContext) -> Any:
        values = _read(self.from_file(value, context), context.custom_fields.get(self.on, ()))
        return {name: item for name, item, _ in values if not self.unset(item)}

    def to_file(self, value: Any) -> Any:
        numbers = (int, Decimal)
        return {name: _NUMBER.deserialize(item) if type(item) in numbers else item for name, item in value.items()}

    def export(self, body: Body, out: dict[str, Any], *, defaults: bool) -> None:
        out |= {CF + name: item for name, item in body.get(self.name, {}).items()}

    def from_stored(self, value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(item, str | bool | Decimal) for item in value.values()):
            raise fault("stored", "an object of custom fields is expected")
        return value


class CustomFieldsObject(CustomFields):
    """The same custom fields in version 2: an object by name, which is absent if no field has a value.

    An unset number is printed as 0.0 (claim ``project.v2-custom-number-unset``).
    """

    gathers = ""
    null: ClassVar[Any] = MappingProxyType({})

    def __init__(self, on: str, **options: Any) -> None:
        super().__init__(on, wire="CustomFields", **options)

    @property
    def type_name(self) -> str:
        return f"object with the custom fields that the firm has defined for the kind {self.on}"

    def path(self, at: str, name: str) -> str:
        return within(at, name)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise fault("type", f"an object is expected, found {json_type(value)}")
        return value

    def unset(self, value: Any) -> bool:
        return is_unset(value) or (value == 0 and not isinstance(value, str))

    def emit(self, body: Body, out: dict[str, Any], view: View, stamp: int) -> None:
        values: Body = body.get(self.name, {})
        defined = view.custom_fields.get(self.on, ())
        if not any(each.name in values for each in defined):
            return
        printed = {each.name: custom_value(each, values.get(each.name)) for each in defined}
        numbers = (each.name for each in defined if each.kind == "Number")
        out[self.wire] = printed | {name: _ZERO for name in numbers if printed[name] is None}


_ZERO = Decimal("0.0")
_UNDEFINED = Fault("unknown-member", "the firm has no such custom field")


def _read(sent: Mapping[str, Any], definitions: Iterable[CustomField]) -> Iterator[tuple[str, Any, Fault | None]]:
    """Yield each name with its canonical value or its fault."""
    defined = {definition.name: definition for definition in definitions}
    for name, raw in sent.items():
        if name not in defined:
            yield name, None, _UNDEFINED
            continue
        try:
            yield name, _custom_in(defined[name], raw), None
        except ValidationError as error:
            problem: Any = error.messages[0]
            yield name, None, problem


_NUMBER = f.Rate()
_MEMBERS: Mapping[str, Member] = {"Text": f.Text(), "Number": _NUMBER, "Flag": f.Flag(), "Day": f.Day()}


def custom_value(definition: CustomField, value: Any) -> Any:
    """Return a custom field as Ajera prints it."""
    if definition.kind == "Choice":
        return {"Value": value or "", "AllowEdit": definition.allow_edit, "Values": list(definition.values)}
    if value is None:
        return {"Text": "", "Flag": False}.get(definition.kind)
    return value


def is_unset(value: Any) -> bool:
    """Return whether a custom field has no value. A false flag is the same as one that was never set."""
    return value is None or value is False or value == ""


def _custom_in(definition: CustomField, raw: Any) -> Any:
    """Return the canonical value of a custom field. A drop-down is sent as the whole object or as its bare value."""
    if definition.kind == "Choice":
        if isinstance(raw, Mapping) and "Value" not in raw:
            raise fault("required", "the object of a drop-down must have a Value", "project.custom-field-choice")
        value = raw["Value"] if isinstance(raw, Mapping) else raw
        if value is raw:
            relies_on("write.custom-choice-by-value")
        value = _MEMBERS["Text"].deserialize(value)
        if value and not definition.allow_edit and value not in definition.values:
            allowed = ", ".join(definition.values)
            raise fault("enum", f"{value!r:.40} is not one of {allowed}", "project.custom-field-choice")
        return value
    member: Member = _MEMBERS[definition.kind]
    return None if raw is None else member.deserialize(raw)
