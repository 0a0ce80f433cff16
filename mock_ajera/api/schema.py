"""Sets of members: marshmallow schemas built from the field vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import marshmallow
from marshmallow import RAISE, ValidationError, fields, missing, pre_load
from marshmallow.schema import SchemaMeta

from mock_ajera.api.member import Member
from mock_ajera.api.reasons import NoSuchMember
from mock_ajera.claims import Grade
from mock_ajera.tenants.trace import relies_on


class Members(fields.Field[Any]):
    """The members of another schema, inserted at this position.

    ``but``: members that replace those of the same name; None omits a member.
    """

    def __init__(
        self, group: type[Schema] | Mapping[str, Member], but: Mapping[str, Member | None] | None = None
    ) -> None:
        super().__init__()
        self._group, self._but = group, but or {}

    def spliced(self) -> Iterator[tuple[str, fields.Field[Any]]]:
        """Yield names and members in the order in which they are printed."""
        declared = self._group if isinstance(self._group, Mapping) else self._group.declared_members()
        if unknown := self._but.keys() - declared.keys():
            raise TypeError(f"there is no member {', '.join(sorted(unknown))} to replace")
        for name, member in declared.items():
            chosen = self._but.get(name, member)
            if chosen is not None:
                yield name, chosen


class _Splicing(SchemaMeta):
    """marshmallow's hook for the fields of a class: replaces each ``Members`` with the members it inserts."""

    @classmethod
    def get_declared_fields(
        cls, klass: Any, cls_fields: list[Any], inherited_fields: list[Any], dict_cls: type = dict
    ) -> dict[str, Any]:
        own: list[tuple[str, fields.Field[Any]]] = []
        for name, field in cls_fields:
            own += field.spliced() if isinstance(field, Members) else [(name, field)]
        declared: dict[str, Any] = super().get_declared_fields(klass, own, inherited_fields, dict_cls)
        return declared

    def resolve_hooks(self) -> dict[str, list[tuple[str, bool, dict[str, Any]]]]:
        """Return the methods that marshmallow calls around loading.

        marshmallow looks for them among all attributes of all bases, which takes long for a hundred classes. A class
        that adds none has those of its base.
        """
        if any(hasattr(each, "__marshmallow_hook__") for each in vars(self).values()):
            return super().resolve_hooks()
        inherited: dict[str, list[tuple[str, bool, dict[str, Any]]]] = vars(self.__base__)["_hooks"]
        return inherited


class Schema(marshmallow.Schema, metaclass=_Splicing):
    """A set of members: a record type, a nested row or the arguments of an operation."""

    class Meta:
        """Options of marshmallow: a member that does not exist is an error."""

        unknown = RAISE

    unreadable: ClassVar[str] = "reading.wrong-shape-refused"
    """Claim that a value of the wrong type is refused."""
    grade: ClassVar[Grade | None] = None
    """How well the members are known; None if as well as the operation that has them."""
    grades: ClassVar[Mapping[str, Grade]] = {}
    """How well single members are known, by their paths on the wire."""

    def __init__(self) -> None:
        super().__init__()
        self._members = {name: member for name, member in self.fields.items() if isinstance(member, Member)}
        self.by_wire: Mapping[str, Member] = {member.wire: member for member in self._members.values()}
        """Members by their names on the wire."""
        unknown: Any = NoSuchMember(self.by_wire)  # marshmallow expects a text, and passes on whatever it gets
        self.error_messages["unknown"] = unknown
        self._folded = {name.lower() for name in self.by_wire}
        self._gathering = next((member for member in self._members.values() if member.gathers), None)
        self._readers = tuple(
            (name, member.wire, member.plain, member.longest, member.read if member.nests else member.deserialize)
            for name, member in self._members.items()
        )
        """Precomputed for ``read``, which is hot."""

    @classmethod
    def declared_members(cls) -> Mapping[str, Member]:
        """Return the declared members by name, in order."""
        return {name: field for name, field in cls._declared_fields.items() if isinstance(field, Member)}

    @property
    def members(self) -> Mapping[str, Member]:
        """Members by name, in the order in which they are declared and printed."""
        return self._members

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Set the names of a member. marshmallow calls this once per member when the schema is built."""
        if not isinstance(field_obj, Member):
            raise TypeError(f"{type(self).__name__}.{field_name} is not a member of the field vocabulary")
        field_obj.name = field_name
        field_obj.wire = field_obj.data_key or field_name

    def known(self, raw: Any) -> Any:
        """Return the value without members that do not exist, at any depth; a non-object is returned unchanged."""
        if not isinstance(raw, Mapping):
            return raw
        self._note_case(raw)
        prefix = self._gathering.gathers if self._gathering else None
        return {
            name: self.by_wire[name].known(value) if name in self.by_wire else value
            for name, value in raw.items()
            if name in self.by_wire or (prefix is not None and name.startswith(prefix))
        }

    def _note_case(self, raw: Mapping[str, Any]) -> None:
        """Note the claim that makes a member unknown whose name differs from a known one in case only."""
        if any(name.lower() in self._folded for name in raw.keys() - self.by_wire.keys()):
            relies_on("reading.exact-member-names")

    @pre_load
    def noted(self, raw: Any, **kwargs: Any) -> Any:
        """Note the case of a row, and return it gathered. marshmallow calls this before it loads the row."""
        if not isinstance(raw, Mapping):
            return raw
        self._note_case(raw)
        return self.gathered(raw)

    def gathered(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a row with the members of a common prefix gathered in one object."""
        member = self._gathering
        if member is None:
            return raw
        others = raw.keys() - self.by_wire.keys()
        names = [name for name in raw if name in others and name.startswith(member.gathers)] if others else []
        if not names:
            return raw
        row = dict(raw)
        row[member.wire] = {name.removeprefix(member.gathers): row.pop(name) for name in names}
        return row

    def read(self, raw: Any) -> dict[str, Any]:
        """Return what ``load`` returns for a row without faults, several times as fast.

        Raises ``ValidationError`` for the first fault that it meets, and for any member that does not exist. ``load``
        then tells each fault, and what else is to be noted.
        """
        if not isinstance(raw, Mapping):
            raise ValidationError("an object is expected")
        row: Mapping[str, Any] = self.gathered(raw)
        read: dict[str, Any] = {}
        known = 0
        for name, wire, plain, longest, reader in self._readers:
            if wire in row:
                known += 1
                value = row[wire]
                kind = type(value)
                if kind is not plain or (kind is str and not (len(value) <= longest and value.isascii())):
                    value = reader(value)
                if value is not missing:
                    read[name] = value
        if known < len(row):
            raise ValidationError("a member does not exist")
        return read
