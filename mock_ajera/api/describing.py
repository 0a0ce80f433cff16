"""Descriptions of the API's methods in plain words, derived from their declarations.

``mock-ajera methods NAME``, the control surface and the reference pages print them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from mock_ajera.api import sessions
from mock_ajera.api.context import Visibility
from mock_ajera.api.families import METHODS
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.member import NO_CLAIM, Member
from mock_ajera.api.methods import Layout, Method, Operation
from mock_ajera.api.records import Check, Row
from mock_ajera.claims import Grade, ledger
from mock_ajera.tenants.quirks import QUIRKS

_PRINTED = {
    Visibility.OBSERVED: "not documented",
    Visibility.DOCUMENTED: "printed only with the quirk members=documented or all",
}
_GRADES = {Visibility.OBSERVED: Grade.OBSERVED, Visibility.DOCUMENTED: Grade.DOCUMENTED}
_ONLY_SOME = frozenset({Visibility.RESOURCES, Visibility.RESOURCE_NAMES, Visibility.NEVER})
_PAGED = ("paging.off-by-default", "paging.top-level", "paging.default-page")


class Statement(msgspec.Struct, frozen=True):
    """A sentence about a method, with its grade and its claim."""

    says: str
    grade: str = ""
    """Empty for a rule without a claim."""
    claim: str = ""


class MemberInfo(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A member of a row, or an argument."""

    name: str
    type: str
    needed: str = ""
    """When a request must have it: "always", "to create", or "" for never."""
    default: Any = None
    """The value in a new record that does not send it."""
    notes: list[str] = []
    grade: str
    claim: str = ""
    """The claim about the argument, or about when the member is needed."""
    says: str = ""
    """The sentence of the claim, for an argument."""
    members: list[MemberInfo] = []
    """The members of nested rows."""


class RowsInfo(msgspec.Struct):
    """Rows in a request or an answer."""

    at: str
    """The argument with the rows, or the list in Content; empty for Content itself."""
    same_as: str
    """The argument whose rows have the same members, which are then not repeated; empty for none."""
    members: list[MemberInfo]
    rules: list[Statement]
    """What every row must fulfill when written."""


class VersionInfo(msgspec.Struct):
    """A method in one version of the API."""

    version: int
    does: Statement
    same_as: int
    """An earlier version that has the same arguments and rows, which are then not repeated; 0 for none."""
    served_with: list[Statement]
    """Guesses without which the version is not served."""
    quirks: list[str]
    """The quirks that turn these guesses on, with the value "serve"."""
    by_default: bool
    """Whether these quirks have that value in the profile ``observed``."""
    arguments: list[MemberInfo]
    takes: list[RowsInfo]
    answers: list[RowsInfo]
    manual: list[Statement]
    """What a caller should know."""


class Description(msgspec.Struct):
    """A method in all its versions."""

    name: str
    access: str
    """"read", "write" or "session"."""
    permission: str
    """The label of its box on an API user; empty if it needs none."""
    needs: list[Statement]
    """What the API user needs, besides the permission."""
    versions: list[VersionInfo]


def names() -> list[str]:
    """Return the names of all methods, sessions first."""
    return [*sessions.METHODS, *METHODS.served]


def describe(name: str) -> Description:
    """Return the description of a method. Raises ``KeyError``."""
    if name in sessions.METHODS:
        return Description(name, "session", "", [], _session_versions(sessions.FORMS[name]))
    method = METHODS[name]
    return Description(name, method.access, method.permission, list(_needs(method)), list(_versions(method)))


def served_by_default(operation: Operation) -> bool:
    """Return whether the profile ``observed`` serves an operation."""
    return all(QUIRKS[guess.quirk].observed == "serve" for guess in operation.guesses)


def every_member(members: Iterable[MemberInfo], at: str = "") -> Iterator[tuple[str, MemberInfo]]:
    """Yield the members with their paths, each before those of its rows."""
    for each in members:
        yield f"{at}{each.name}", each
        yield from every_member(each.members, f"{at}{each.name}[].")


def arguments_of(operations: Iterable[Operation]) -> dict[str, str]:
    """Return the type of each argument in plain words, by name."""
    return {name: member.type_name for each in operations for name, member in each.arguments.by_wire.items()}


def example(name: str, version: int, firm: FirmValues) -> dict[str, Any]:
    """Return the body of a request that the firm accepts, without a session token.

    Raises ``KeyError`` for an unknown method or version, and ``LookupError`` if the firm lacks a record for it.
    """
    if name in sessions.METHODS:
        return {"Method": name, **_session_example(name, version, firm)}
    return {"Method": name, "MethodArguments": example_arguments(METHODS[name].versions[version], firm)}


def _session_example(name: str, version: int, firm: FirmValues) -> dict[str, Any]:
    if name != "CreateAPISession":
        return {}
    return {"Username": firm.user, "Password": firm.password, "APIVersion": version, "UseSessionCookie": False}


def example_arguments(operation: Operation, firm: FirmValues) -> dict[str, Any]:
    """Return MethodArguments that the firm accepts."""
    if operation.example is not None:
        return operation.example(firm)
    members = operation.arguments.by_wire
    return {name: each.example(firm) for name, each in members.items() if each.required_on is not None}


def _needs(method: Method) -> Iterator[Statement]:
    if method.needs_employee:
        yield _claimed("permission.account-groups-need-employee")
    if method.needs_active_employee:
        yield _claimed(method.needs_active_employee)


def _session_versions(form: sessions.Form) -> list[VersionInfo]:
    does, *manual = map(_claimed, form.claims)
    grade = Grade(does.grade)

    def members(of: Mapping[str, Member], proof: tuple[str, ...] | None) -> list[MemberInfo]:
        return list(_members(of, frozenset(), _Grades(grade, {}), proof=proof, around=()))

    answers = [RowsInfo("", "", members(form.content, None), [])]
    first = VersionInfo(1, does, 0, [], [], True, members(form.members, ()), [], answers, manual)
    return [first, msgspec.structs.replace(first, version=2, same_as=1)]


def _versions(method: Method) -> Iterator[VersionInfo]:
    seen: list[tuple[int, Operation]] = []
    for version, operation in sorted(method.versions.items()):
        grade = Grade.INFERRED if operation.guesses else ledger()[operation.claim].grade
        same = next((earlier for earlier, each in seen if _is_same(each, operation)), 0)
        seen.append((version, operation))
        info = VersionInfo(
            version,
            msgspec.structs.replace(_claimed(operation.claim), grade=grade),
            same,
            [_claimed(guess.claim) for guess in operation.guesses],
            [guess.quirk for guess in operation.guesses],
            served_by_default(operation),
            [_argument(name, each, operation) for name, each in operation.arguments.by_wire.items()],
            [_rows(each, grade, written=True) for each in operation.takes],
            [_rows(each, grade, written=False, like=operation.takes) for each in operation.answers],
            [_claimed(claim) for claim in (*operation.manual, *(_PAGED if method.paged else ()))],
        )
        yield info


def _is_same(one: Operation, other: Operation) -> bool:
    return one.declared is other.declared and (one.takes, one.answers) == (other.takes, other.answers)


def _claimed(claim: str) -> Statement:
    found = ledger()[claim]
    return Statement(found.says, found.grade, claim)


def _argument(name: str, member: Member, operation: Operation) -> MemberInfo:
    claim = operation.claims.get(name, "" if member.claim == NO_CLAIM else member.claim)
    grade = ledger()[claim or operation.claim].grade
    return MemberInfo(
        name=name,
        type=member.type_name,
        needed=member.needed,
        grade=Grade.INFERRED if operation.guesses else grade,
        claim=claim,
        says=ledger()[claim].says if claim else "",
    )


def _rows(layout: Layout, grade: Grade, *, written: bool, like: tuple[Layout, ...] = ()) -> RowsInfo:
    """Return the description of rows. ``like``: rows whose members are not repeated."""
    same = next((each.at for each in like if each.members is layout.members), "")
    if same:
        return RowsInfo(layout.at, same, [], [])
    grades = _Grades(layout.grade or grade, layout.grades)
    members = _members(layout.members, layout.shows, grades, proof=layout.proof if written else None, around=())
    return RowsInfo(layout.at, "", list(members), list(_rules(layout.checks)) if written else [])


class _Grades(NamedTuple):
    """How well the members of a row are known."""

    grade: Grade
    """That of a member without one of its own."""
    by_path: Mapping[str, Grade]
    at: str = ""
    """The path of the row."""

    def of(self, name: str, member: Member) -> _Grades:
        """Return the grade of a member, and of the members below it."""
        own = self.by_path.get(self.at + name) or _GRADES.get(member.shown, self.grade)
        return _Grades(own, self.by_path, f"{self.at}{name}[].")


def _members(
    members: Mapping[str, Member],
    shows: frozenset[Visibility],
    grades: _Grades,
    *,
    proof: tuple[str, ...] | None,
    around: tuple[Row, ...],
) -> Iterator[MemberInfo]:
    """Yield the members of a row. ``proof``: the parts that it must have when it is written; None for an answer."""
    for name, member in members.items():
        if (member.shown in _ONLY_SOME and member.shown not in shows) or (member.only_sent and proof is None):
            continue
        own = grades.of(name, member)
        nested = member.nested
        notes = list(_printing(member, members))
        inner: list[MemberInfo] = []
        if nested is not None and nested in around:
            notes.append("with the same members as the row around it")
        elif nested is not None:
            below = (*around, nested)
            inner = list(_members(nested.by_wire, shows, own, proof=proof, around=below))
        if proof is not None:
            notes = [*member.sending, *notes, *(["ignored when written"] if member.derived else [])]
        info = MemberInfo(name=name, type=member.type_name, notes=notes, grade=own.grade, members=inner)
        if proof is not None:
            _add_writing(info, member, proof)
        yield info


def _printing(member: Member, members: Mapping[str, Member]) -> Iterator[str]:
    """Yield when a member is printed, if not always."""
    if member.shown in _PRINTED:
        yield _PRINTED[member.shown]
    if member.when is None:
        return
    name, values, _ = member.when
    others = [word for word in getattr(members[name], "words", ()) if word not in values]
    if len(others) < len(values):
        yield f"not printed if {name} is {', '.join(others)}"
    else:
        yield f"printed if {name} is {', '.join(sorted(values))}"


def _add_writing(info: MemberInfo, member: Member, proof: tuple[str, ...]) -> None:
    info.needed = "always" if member.part in proof else member.needed
    if member.required_on is not None and member.claim != NO_CLAIM:
        info.claim = member.claim
    if not member.derived and member.required_on is None and member.default not in (None, "", False, [], {}, 0):
        info.default = member.default


def _rules(checks: Iterable[Check]) -> Iterator[Statement]:
    """Yield the row-level rules: their claims, or the first sentences of their docstrings."""
    for check in checks:
        claim = getattr(check, "claim", "")
        if claim:
            yield _claimed(claim)
        elif text := inspect.getdoc(check):
            yield Statement(text.partition("\n\n")[0].replace("\n", " "))
