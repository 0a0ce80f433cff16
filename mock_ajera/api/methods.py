"""Methods of the API: what a method is, and the register of those that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_ajera.api import errors
from mock_ajera.api.loading import load
from mock_ajera.api.records import Record, Schema
from mock_ajera.claims import ledger
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import FOLDED, KindSpec
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.users import Access


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list: ``number`` counts from 1."""

    number: int
    size: int


@dataclass(slots=True)
class Call:
    """A request that has passed the door: who, and what is asked."""

    tenant: Tenant
    session: Session
    arguments: dict[str, Any]
    paging: Paging | None = None


@dataclass(slots=True)
class Answer:
    """What a handler answers: Content, refusals of single records, and how many pages a paged list has."""

    content: dict[str, Any]
    refused: Sequence[errors.AjeraError] = ()
    pages: int = 0


@dataclass(frozen=True)
class Method:
    """A method of the API, declared once."""

    name: str
    versions: tuple[int, ...]
    access: Access
    arguments: Schema
    handle: Callable[[Call], Answer]
    claim: str
    """What the method's existence and main shape rest on."""
    records: tuple[Record, ...] = ()
    """Record types that the method reads or writes."""
    index: tuple[str, ...] = ()
    """Members that the read model indexes for it."""
    summary: tuple[str, ...] = ()
    """Members that the read model keeps for it."""
    paged: bool = False
    needs_employee: bool = False
    """Whether the API user must have an authorizing employee (claim ``permission.account-groups-need-employee``)."""
    version_2: str | None = None
    """Claim that sessions of version 2 are served as well, where no page says so: the quirk ``version_2_lists``."""

    @property
    def permission(self) -> str:
        """The label of the method's box on the API user: its name in words (claim ``permission.labels``)."""
        words = "".join(f" {sign}" if sign.isupper() else sign for sign in self.name).split()
        return " ".join(words).replace("With", "with")

    @property
    def grade(self) -> str:
        """How the method's existence and main shape are known."""
        return ledger()[self.claim].grade

    def load(self, raw: Mapping[str, Any], unknown: str) -> dict[str, Any]:
        """The arguments, checked. Null is absent (claim ``filter.null-is-absent``). Raises ``InvalidData``."""
        known = self.arguments.members.keys()
        given = {name: value for name, value in raw.items() if value is not None or name not in known}
        if len(given) < len(raw):
            relies_on("filter.null-is-absent")
        if unknown == "ignore" and not given.keys() <= known:
            relies_on("filter.unknown-arguments-ignored")
        arguments, reasons = load(self.arguments, given, unknown=unknown)
        reasons += [
            Reason(name, "required", "this argument is required", "errors.invalid-data")
            for name, member in self.arguments.members.items()
            if member.need is not None and raw.get(name) is None
        ]
        if reasons:
            met = any(reason.rule in ("required", "type") for reason in reasons)
            raise (errors.InvalidArgument if met else errors.InvalidData)(*reasons)
        return arguments


class Register(Mapping[str, Method]):
    """All methods by name. A name is declared once: a method of two versions is one method."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._methods: dict[str, Method] = {}
        for method in methods:
            if method.name in self._methods:
                raise ValueError(f"the method {method.name} is declared twice")
            self._methods[method.name] = method

    def __getitem__(self, name: str) -> Method:
        return self._methods[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._methods)

    def __len__(self) -> int:
        return len(self._methods)


@dataclass(slots=True)
class _Wanted:
    """What is asked of a kind of record, gathered from all declarations."""

    members: dict[str, None] = field(default_factory=dict)
    index: dict[str, None] = field(default_factory=dict)
    looked_up: bool = False


def kind_specs(records: Iterable[Record], methods: Iterable[Method]) -> tuple[KindSpec, ...]:
    """What the read model keeps, derived from what lists, filters, lookups and checks ask."""
    by_kind = {record.kind: record for record in records}
    wanted = {kind: _Wanted() for kind in by_kind}
    for method in methods:
        for record in method.records:
            wanted[record.kind].members |= dict.fromkeys(method.summary)
            wanted[record.kind].index |= dict.fromkeys(method.index)
    for record in by_kind.values():
        wanted[record.kind].members |= dict.fromkeys(record.kept)
        wanted[record.kind].index |= dict.fromkeys((*record.holds, *(FOLDED + name for name in record.kept)))
        for kind, name, *_ in record.used_by:
            wanted[kind].index[name] = None
            wanted[kind].members[name] = None
        for kind, member in record.lookups():
            wanted[kind].looked_up = True
            if member:
                wanted[kind].members[member] = None
    return tuple(
        KindSpec(
            kind,
            tuple(name for name in want.members if name not in by_kind[kind].holds),
            tuple(want.index),
            by_kind[kind].holds,
            want.looked_up,
        )
        for kind, want in wanted.items()
    )
