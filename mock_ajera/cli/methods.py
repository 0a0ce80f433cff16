"""``mock-ajera methods``: the API methods that are served, and the reference of each."""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import click
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
    names,
    served_by_default,
)
from mock_ajera.api.families import METHODS
from mock_ajera.api.firm_values import FirmValues
from mock_ajera.api.sessions import METHODS as SESSION_METHODS
from mock_ajera.cli.completion import served_methods
from mock_ajera.cli.output import fail, print_table
from mock_ajera.sample.templates import PASSWORD, USERNAME, new_tenant
from mock_ajera.spelling import suggestion
from mock_ajera.tenants.quirks import QUIRKS

WIDTH = 110
"""Most characters of a line of text."""
NARROWEST = 60
"""Characters that a line has even on a narrower terminal: members are indented."""
PLACEHOLDER = "<SessionToken of CreateAPISession>"


@click.command()
@click.argument("name", required=False, shell_complete=served_methods)
@click.option("--api-version", type=click.Choice(["1", "2"]), help="Only this version of the API.")
@click.option("--example", "only_example", is_flag=True, help="Print only example arguments, as call takes them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def methods(name: str | None, api_version: str | None, *, only_example: bool, as_json: bool) -> None:
    """Print a table of the API methods that are served, or the reference of one method.

    The reference of NAME has its permission, its arguments, the members of the records that it takes and returns, and
    an example that works on the sample firm.

    \b
    mock-ajera methods UpdateProjects
    mock-ajera call UpdateProjects "$(mock-ajera methods UpdateProjects --example)"
    """  # noqa: D301 - click does not rewrap the lines after this character
    if name is None:
        if only_example or api_version:
            fail("--example and --api-version need the NAME of a method")
        _print_all(as_json=as_json)
        return
    described = describe(_spelt(name))
    wanted = [each for each in described.versions if api_version in (None, str(each.version))]
    if not wanted:
        served = ", ".join(str(each.version) for each in described.versions)
        fail(f"{described.name} is not served in version {api_version}, but in: {served}")
    described.versions = wanted
    if only_example:
        body = _example(described.name, wanted[0].version)
        click.echo(_json(body.get("MethodArguments", body)))
    elif as_json:
        examples = {str(each.version): _body(described.name, each.version) for each in wanted}
        click.echo(_json({**msgspec.to_builtins(described), "examples": examples}))
    else:
        click.echo("\n".join(_lines(described)))


def _spelt(name: str) -> str:
    """Return the declared name of a method. A name in another case is found, too."""
    known = {each.casefold(): each for each in names()}
    if name.casefold() in known:
        return known[name.casefold()]
    return fail(f"there is no method {name}{suggestion(name, known.values()) or '; mock-ajera methods lists all'}")


def _print_all(*, as_json: bool) -> None:
    if as_json:
        click.echo(_json([msgspec.to_builtins(describe(each)) for each in names()]))
        return
    rows = [(name, "1, 2", "none needed", "documented", "") for name in SESSION_METHODS]
    for method in METHODS.served.values():
        versions = ", ".join(
            f"{version}" if served_by_default(each) else f"({version})" for version, each in method.versions.items()
        )
        box = f"{method.permission} ({method.access})"
        arguments = dict.fromkeys(name for each in method.versions.values() for name in each.arguments.by_wire)
        rows.append((method.name, versions, box, method.grade, " ".join(arguments)))
    print_table(("METHOD", "VERSIONS", "PERMISSION", "GRADE", "ARGUMENTS"), rows)
    click.echo("\nA version in parentheses is served only with a quirk. Version 2 needs call --api-version 2.")
    click.echo("mock-ajera methods NAME prints the quirk, types, members and an example.")


def _example(name: str, version: int) -> dict[str, Any]:
    with closing(new_tenant("sample", seed=b"example")) as tenant:
        return example(name, version, FirmValues(tenant, USERNAME, PASSWORD))


def _body(name: str, version: int) -> dict[str, Any]:
    """Return the body of a request as an example, with a placeholder for the token."""
    body = _example(name, version)
    token = {} if name == "CreateAPISession" else {"SessionToken": PLACEHOLDER}
    return {"Method": body.pop("Method"), **token, **body}


def _json(value: Any) -> str:
    return msgspec.json.format(codec.encode(value), indent=2).decode()


def _lines(described: Description) -> Iterator[str]:
    box = f'permission "{described.permission}"' if described.permission else "no permission needed"
    yield f"{described.name} ({described.access}; {box})"
    for needed in described.needs:
        yield from _paragraph(_sentence(needed), 2)
    if described.access != "session":
        yield from _paragraph(f"Served in version {' and version '.join(map(_how, described.versions))}.", 2)
    for each in described.versions:
        yield from ("", f"Version {each.version}", *_version(described, each))


def _how(version: VersionInfo) -> str:
    """Return a version with what a caller must do to be served in it."""
    quirks = " ".join(f"--quirk {name}=serve" for name in version.quirks if QUIRKS[name].observed != "serve")
    needs = [f"serve {quirks}"] if quirks else []
    needs += [] if version.version == 1 else [f"call --api-version {version.version}"]
    return f"{version.version} ({', '.join(needs)})" if needs else str(version.version)


def _version(described: Description, version: VersionInfo) -> Iterator[str]:
    yield from _paragraph(_sentence(version.does), 2)
    for quirk, guess in zip(version.quirks, version.served_with, strict=True):
        default = ", the default" if version.by_default else ""
        yield from _paragraph(f"Served with the quirk {quirk}=serve{default}: {_sentence(guess)}", 2)
    if version.same_as and any(each.version == version.same_as for each in described.versions):
        yield f"  Arguments and members are those of version {version.same_as}."
        return
    yield from _arguments(described, version)
    for title, rows in (("Rows of", version.takes), ("Content:", version.answers)):
        for each in rows:
            yield from _block(title, each)
    if version.manual:
        yield from ("", "  How it works")
        for claim in version.manual:
            yield from _paragraph(f"- {_sentence(claim)}", 4, 6)
    yield from (
        "",
        "  Example of a body",
        *textwrap.indent(_json(_body(described.name, version.version)), " " * 4).splitlines(),
    )
    if described.access != "session":
        option = "" if version.version == 1 else f" --api-version {version.version}"
        example = f'"$(mock-ajera methods {described.name}{option} --example)"'
        yield from ("", f"  mock-ajera call{option} {described.name} {example}")


def _arguments(described: Description, version: VersionInfo) -> Iterator[str]:
    where = "next to Method" if described.access == "session" else "in MethodArguments"
    yield from ("", f"  Arguments, {where}" if version.arguments else "  No arguments")
    for each in version.arguments:
        says = f" {each.says}" if each.says else ""
        needed = "required" if each.needed else "optional"
        claim = f", {each.claim}" if each.claim else ""
        yield from _paragraph(f"{each.name}: {needed}; {each.type}.{says} ({each.grade}{claim})", 4, 8)


def _block(title: str, rows: RowsInfo) -> Iterator[str]:
    heading = f"{title} {rows.at}".strip()
    if rows.same_as:
        yield from ("", f"  {heading}: the members of {rows.same_as}")
        return
    usual = Counter(each.grade for _, each in every_member(rows.members)).most_common(1)[0][0]
    yield from ("", f"  {heading} ({usual}, unless a member says otherwise)")
    yield from _members(rows.members, usual, 4)
    for each in rows.rules:
        yield from _paragraph(f"- {_sentence(each)}", 4, 6)


def _members(members: Iterable[MemberInfo], usual: str, indent: int) -> Iterator[str]:
    for each in members:
        parts = [each.type]
        if each.needed:
            parts.append(f"required {each.needed}{f' ({each.claim})' if each.claim else ''}")
        if each.default is not None:
            parts.append(f"default {codec.encode(each.default).decode()}")
        parts += [*each.notes, *([] if each.grade == usual else [each.grade])]
        yield from _paragraph(f"{each.name}: {'; '.join(parts)}", indent, indent + 4)
        yield from _members(each.members, usual, indent + 4)


def _sentence(statement: Statement) -> str:
    known = ", ".join(filter(None, (statement.grade, statement.claim)))
    return f"{statement.says} ({known})" if known else statement.says


def _paragraph(text: str, indent: int, further: int | None = None) -> list[str]:
    after = indent if further is None else further
    # Output that goes elsewhere than to a terminal has the full width.
    width = max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns))
    return textwrap.wrap(
        text, width, initial_indent=" " * indent, subsequent_indent=" " * after, break_on_hyphens=False
    )
