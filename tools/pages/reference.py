"""The reference of the API: a page for each family, with every method in every version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial

import msgspec

from mock_ajera import codec
from mock_ajera.api.describing import (
    Description,
    MemberInfo,
    RowsInfo,
    Statement,
    VersionInfo,
    describe,
    every_member,
    example,
)
from mock_ajera.api.families import FAMILIES
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.sample.templates import PASSWORD, USERNAME, new_tenant
from mock_ajera.tenants.clock import Clock
from tools.pages.markdown import table

_DAY = datetime(2026, 1, 5, 15, tzinfo=UTC)
"""The time of the examples, so that the pages do not change from day to day."""
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "sessions": tuple(SESSION_METHODS),
    **{subject: tuple(each.name for each in family.methods) for subject, family in FAMILIES.items()},
}
"""The methods of each page, by subject."""


def file_of(subject: str) -> str:
    """Return the name of the page of a subject."""
    return f"{subject.lower().replace(' ', '-')}.md"


def parts() -> Mapping[str, Callable[[], str]]:
    """Return the function that generates each part."""
    return {"reference": index, **{f"reference of {subject}": partial(page, subject) for subject in SUBJECTS}}


def index() -> str:
    """Return the table of the pages."""
    rows = [
        (f"[{subject}](reference/{file_of(subject)})", ", ".join(f"`{name}`" for name in methods))
        for subject, methods in SUBJECTS.items()
    ]
    return table(("page", "methods"), rows)


def page(subject: str) -> str:
    """Return the sections of the methods of a subject."""
    printed: dict[bytes, str] = {}
    return "\n\n".join(block for name in SUBJECTS[subject] for block in _method(describe(name), printed))


def _method(described: Description, printed: dict[bytes, str]) -> Iterator[str]:
    box = f"permission **{described.permission}**" if described.permission else "no permission needed"
    yield f"## {described.name}"
    yield " ".join((f"{described.access.capitalize()}; {box}.", *map(_sentence, described.needs)))
    for version in described.versions:
        yield from _version(described, version, printed)


def _version(described: Description, version: VersionInfo, printed: dict[bytes, str]) -> Iterator[str]:
    """Yield the blocks of a version. ``printed``: where the page has the tables of members so far, by their content."""
    yield f"### {described.name} in version {version.version}"
    yield _sentence(version.does)
    for quirk, guess in zip(version.quirks, version.served_with, strict=True):
        default = ", the default" if version.by_default else ""
        yield f"Served with the quirk `{quirk}=serve`{default}: {_sentence(guess)}"
    if version.same_as:
        yield f"The arguments and members are those of version {version.same_as}."
        return
    if version.arguments:
        rows = [(f"`{each.name}`", each.type, each.needed, _about(each)) for each in version.arguments]
        yield table(("argument", "type", "required", "notes"), rows)
    for title, rows_of in (("Rows of", version.takes), ("Content:", version.answers)):
        for each in rows_of:
            yield from _rows(title, each, printed, f"{described.name} in version {version.version}")
    if version.manual:
        yield "\n".join(f"- {_sentence(each)}" for each in version.manual)
    yield f"```json\n{_body(described.name, version.version)}\n```"


def _rows(title: str, rows: RowsInfo, printed: dict[bytes, str], method: str) -> Iterator[str]:
    name = f"{title} {rows.at}".strip()
    if rows.same_as:
        yield f"**{name}**: the members of {rows.same_as}."
        return
    place = f"{name} of {method}"
    if (earlier := printed.setdefault(msgspec.json.encode((rows.members, rows.rules)), place)) != place:
        yield f"**{name}**: the same members as {earlier}."
        return
    every = list(every_member(rows.members))
    usual = Counter(each.grade for _, each in every).most_common(1)[0][0]
    yield f"**{name}**: {usual}, unless a member says otherwise."
    yield table(("member", "type", "required", "notes"), [_row(path, each, usual) for path, each in every])
    if rows.rules:
        yield "\n".join(f"- {_sentence(each)}" for each in rows.rules)


def _row(path: str, member: MemberInfo, usual: str) -> tuple[str, ...]:
    default = [] if member.default is None else [f"default `{codec.encode(member.default).decode()}`"]
    other = [] if member.grade == usual else [member.grade]
    claim = [f"`{member.claim}`"] if member.claim else []
    return f"`{path}`", member.type, member.needed, "; ".join((*default, *member.notes, *claim, *other))


@cache
def _body(name: str, version: int) -> str:
    clock = Clock()
    clock.freeze(_DAY)
    with closing(new_tenant("sample", seed=b"example", clock=clock)) as tenant:
        body = example(name, version, FirmValues(tenant, USERNAME, PASSWORD))
    return msgspec.json.format(codec.encode(body), indent=2).decode()


def _about(argument: MemberInfo) -> str:
    return f"{argument.says} {_known(argument.grade, argument.claim)}".strip()


def _sentence(statement: Statement) -> str:
    return f"{statement.says} {_known(statement.grade, statement.claim)}".strip()


def _known(grade: str, claim: str) -> str:
    known = ", ".join(filter(None, (grade, f"`{claim}`" if claim else "")))
    return f"({known})" if known else ""
