"""The register of the API's methods, with the operation of each version."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec.structs import replace

from mock_ajera.api import errors
from mock_ajera.api.context import Visibility
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.loading import load
from mock_ajera.api.member import Member
from mock_ajera.api.records import Check, Row
from mock_ajera.api.schema import Schema
from mock_ajera.claims import Grade, ledger
from mock_ajera.spelling import did_you_mean, place_hint
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.model import Need
from mock_ajera.tenants.sessions import Session
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.trace import relies_on
from mock_ajera.tenants.users import Access


class Paging(msgspec.Struct, frozen=True):
    """One page of a list. ``number`` counts from 1."""

    number: int
    size: int


class Call(msgspec.Struct):
    """An authorized request with its validated arguments."""

    tenant: Tenant
    session: Session
    arguments: dict[str, Any]
    paging: Paging | None = None


class Answer(msgspec.Struct):
    """The result of a handler: Content, the refusals of single records, and the number of pages of a paged list."""

    content: dict[str, Any]
    refused: Sequence[errors.AjeraError] = ()
    pages: int = 0
    warnings: Sequence[str] = ()
    """Ajera's own warnings, next to Errors."""
    notes: Sequence[Reason] = ()
    """What a client may not notice in an answer, for the journal."""


class Layout(msgspec.Struct, frozen=True):
    """The members of rows in a request or an answer, for the reference of the API."""

    at: str
    """Where the rows are: ``UpdatedClients`` in MethodArguments, or ``Clients`` in Content."""
    members: Mapping[str, Member]
    """By the names on the wire."""
    grade: Grade | None = None
    """How well the members are known; None if as well as the operation."""
    grades: Mapping[str, Grade] = {}
    """How well single members are known, by path, such as ``InvoiceGroups[].PrintBackup``."""
    checks: tuple[Check, ...] = ()
    shows: frozenset[Visibility] = frozenset()
    """The groups of members that only some methods print, and this one does."""
    proof: tuple[str, ...] = ("key", "stamp")
    """The parts of a record that a written row must have."""

    @classmethod
    def of(cls, at: str, schema: Schema, *shows: Visibility) -> Layout:
        """Return the layout of rows that have the members of a schema."""
        checks = schema.checks if isinstance(schema, Row) else ()
        return cls(at, schema.by_wire, schema.grade, schema.grades, checks, frozenset(shows))


class Guess(msgspec.Struct, frozen=True):
    """An assumption without which an operation is not served, and the quirk that turns it on with "serve"."""

    claim: str
    quirk: str
    unless: str = ""
    """Why no version of the method is served if the quirk refuses it; "" if only this version then lacks it."""
    refused: str = ""
    """The claim that this version is not served, for a guess that only concerns one version."""


_GUESSED = "permission.guessed-methods"
_NO_ARGUMENTS = dict.fromkeys(("PageResults", "PageNumber", "PageSize"), "paging.in-arguments-ignored")
"""Members next to Method -> claim that they are ignored as arguments."""
_BESIDE = "next to Method"
_NOTED = 5
"""Most ignored names that are noted: comparing names takes time."""
_NAME = 80
"""Characters of their names that are noted."""


class Operation(msgspec.Struct, frozen=True, dict=True):
    """A method in one version of the API."""

    declared: Mapping[str, Member]
    """The arguments by name."""
    handle: Callable[[Call], Answer]
    claim: str
    """Claim that the operation exists in this form."""
    guesses: tuple[Guess, ...] = ()
    """The quirk of each must be set to "serve". The first one that is not decides how the operation is refused."""
    claims: Mapping[str, str] = {}
    """Argument -> claim that it works as it does, or is ignored, for the arguments that have one of their own."""
    ignored: str = ""
    """Claim that unknown arguments are ignored, even in a write; "" if a quirk decides."""
    takes: tuple[Layout, ...] = ()
    """The rows in its arguments."""
    answers: tuple[Layout, ...] = ()
    """The rows in its Content."""
    manual: tuple[str, ...] = ()
    """Claims that a caller should know, in addition to those of the arguments."""
    example: Callable[[FirmValues], dict[str, Any]] | None = None
    """Returns MethodArguments that a firm accepts; None if the required arguments suffice."""

    @cached_property
    def arguments(self) -> Schema:
        """The schema of the arguments. It is built when it is needed: a server starts with a hundred operations."""
        schema = Schema.from_dict(dict(self.declared))()
        assert isinstance(schema, Schema)
        return schema

    def load(self, raw: Mapping[str, Any], unknown: str, refused: str = "") -> dict[str, Any]:
        """Return the checked arguments. Null means absent (claim ``filter.null-is-absent``). Raises ``InvalidData``.

        ``unknown``: "refuse" or "ignore" arguments that do not exist. ``refused``: claim that they are refused.
        """
        known = self.arguments.by_wire.keys()
        given = {name: value for name, value in raw.items() if value is not None or name not in known}
        if len(given) < len(raw):
            relies_on("filter.null-is-absent")
        unknown = "ignore" if self.ignored else unknown
        if unknown == "ignore":
            for name in sorted(given.keys() - known):
                relies_on(self._ignoring(name))
        arguments, reasons = load(self.arguments, given, unknown=unknown)
        reasons = [
            dataclasses.replace(each, claim=refused) if each.rule == "unknown-member" else each for each in reasons
        ]
        reasons += [
            Reason(name, "required", "this argument is required", member.claim)
            for name, member in self.arguments.by_wire.items()
            if member.required_on is not None and raw.get(name) is None
        ]
        if reasons:
            observed = any(reason.rule in ("required", "type") for reason in reasons)
            raise (errors.InvalidArgument if observed else errors.InvalidData)(*reasons)
        return arguments

    def ignored_arguments(self, raw: Mapping[str, Any], *, paged: bool = False) -> list[Reason]:
        """Return a note for each argument of an accepted call that was ignored, such as a misspelled filter.

        ``paged``: whether the method takes the members for paging, which belong next to Method.
        """
        known, beside = self.arguments.by_wire, _NO_ARGUMENTS if paged else ()
        return [
            Reason(name, "ignored-argument", f"ignored{_argument_hint(name, known, beside)}", self._ignoring(name))
            for name in noted(raw.keys() - known.keys())
        ]

    def _ignoring(self, name: str) -> str:
        """Return the claim that an unknown argument is ignored."""
        ignored = self.ignored or "filter.unknown-arguments-ignored"
        return _NO_ARGUMENTS.get(name) or self.claims.get(name, ignored)


def noted(names: Iterable[str]) -> list[str]:
    """Return the first of the ignored names, cut off: a client may send any number, of any length."""
    return [name[:_NAME] for name in sorted(names)[:_NOTED]]


def _argument_hint(name: str, known: Collection[str], beside: Collection[str]) -> str:
    hint = place_hint(name, known, beside, _BESIDE)
    if not hint and beside and name.startswith("Page"):
        return did_you_mean([f"PageNumber or PageSize {_BESIDE}"])
    return hint


class Method(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A method of the API, declared once for all versions."""

    name: str
    access: Access
    versions: Mapping[int, Operation]
    """A version that is absent does not have the method."""
    label: str = ""
    """The label of its box on the API permission screen, if it is not the name in words."""
    kind: str = ""
    """The kind of record that it reads or writes."""
    needs: tuple[Need, ...] = ()
    """The data of the read model that it needs."""
    paged: bool = False
    needs_employee: bool = False
    """Whether the API user must have an authorizing employee (claim ``permission.account-groups-need-employee``)."""
    needs_active_employee: str = ""
    """The claim that it must have an active one; empty if it need not."""

    @cached_property
    def known(self) -> Mapping[int, Operation]:
        """The versions, without those that nobody has tried."""
        return {version: each for version, each in self.versions.items() if UNTRIED not in each.guesses}

    @property
    def permission(self) -> str:
        """The label of the method's box on the API user (claim ``permission.labels``)."""
        return self.label or " ".join(words(self.name)).replace("With", "with")

    @property
    def guessed(self) -> bool:
        """Whether it is served only with the quirk ``guessed_methods``."""
        return any(guess.claim == _GUESSED for each in self.versions.values() for guess in each.guesses)

    @property
    def grade(self) -> str:
        """The grade of the claim that the first version exists."""
        return ledger()[next(iter(self.versions.values())).claim].grade


def answering(method: Method, answers: Mapping[int, tuple[Layout, ...]]) -> Method:
    """Return a method whose Content has these rows, by version, instead of those of its record."""
    changed = {version: replace(method.versions[version], answers=layouts) for version, layouts in answers.items()}
    return replace(method, versions={**method.versions, **changed})


def graded(method: Method, grades: Mapping[str, Grade]) -> Method:
    """Return a method some members of whose answers have grades of their own, by path."""

    def layouts(operation: Operation) -> tuple[Layout, ...]:
        return tuple(replace(each, grades={**each.grades, **grades}) for each in operation.answers)

    return answering(method, {version: layouts(each) for version, each in method.versions.items()})


def words(name: str) -> list[str]:
    """Return the words of a name: List, GL and Accounts for ``ListGLAccounts``."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", name)


def guessed_method(method: Method) -> Method:
    """Return a method of which only the name is known, so that it is served only with the quirk ``guessed_methods``."""
    served = " and ".join(map(str, method.versions))
    known = "known only by its name on the API permission screen"
    why = f"{known}; the quirk guessed_methods serves a guess in version {served}"
    guess = Guess(_GUESSED, "guessed_methods", unless=why)
    versions = {version: replace(each, guesses=(guess, *each.guesses)) for version, each in method.versions.items()}
    return replace(method, versions=versions)


def ignoring(method: Method, claim: str, *arguments: str) -> Method:
    """Return a method for which it is a claim of its own that it ignores some arguments."""
    ignored = dict.fromkeys(arguments, claim)
    versions = {version: replace(each, claims={**each.claims, **ignored}) for version, each in method.versions.items()}
    return replace(method, versions=versions)


UNTRIED = Guess("session.untried-method-served", "version_2_untried", refused="session.untried-method-refused")
"""Version 2 serves a method of version 1 that nobody has tried there."""


def untried_in_version_2(method: Method) -> Method:
    """Return a method that the quirk ``version_2_untried`` also serves in version 2, in the form of version 1."""
    operation = method.versions.get(1)
    if operation is None or 2 in method.versions or method.guessed:
        return method
    return replace(method, versions={**method.versions, 2: replace(operation, guesses=(UNTRIED, *operation.guesses))})


class Register(Mapping[str, Method]):
    """All methods by name. Raises ``ValueError`` for a name that is declared twice."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._methods: dict[str, Method] = {}
        for method in methods:
            if method.name in self._methods:
                raise ValueError(f"the method {method.name} is declared twice")
            self._methods[method.name] = method
        self.served = dict(sorted(self._methods.items()))
        """All methods in the order of their names."""

    def __getitem__(self, name: str) -> Method:
        return self._methods[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._methods)

    def __len__(self) -> int:
        return len(self._methods)
