"""The page for Windows has a form for everything that README and docs show in a POSIX shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

import pytest
from checkout import ROOT

from mock_ajera.api.reading import read

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_FOR_USERS = {"contributing.md"}
ROWS = {
    row[0]: row[1:]
    for row in (
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in (ROOT / "docs" / "windows.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    )
}
NEEDS = {
    r"^python3 -m venv": "create an environment",
    r"^\. \.venv/bin/activate": "activate it",
    r"^export |^[A-Z_]+='[^']*'$": "set a variable",
    r"^[A-Z_]+=(?!\$)\S* \S": "set one for a command",
    r"^[A-Z_]+=\$\(": "keep a command's output in one",
    r"\$[A-Z_]{2,}": "use one",
    r"'[{\[].*[}\]]'": "pass JSON",
    r"'[^']*'": "quote a text",
    r"&( |$)(?!&)": "start a server and go on",
    r"^until ": "wait for a file",
    r"^set -a": "read an env file",
    r"\bkill |\bwait ": "stop a server",
    r"^rm ": "delete a file",
    r"^cp ": "copy a folder",
    r"\$\?": "print the exit code",
    r"printf ": "print text",
    r"/dev/null": "drop the errors",
    r"^eval ": "complete commands",
    r"grep ": "find a line",
    r"\\$": "continue a line",
}
"""What cmd and PowerShell lack, and the row of the page that has their forms."""
PLAIN = re.compile(r"""[\w./:@=,~\[\]|<> -]*""")
"""A command that is the same everywhere, once the strings in double quotes are taken out."""


def commands() -> Iterator[tuple[str, str]]:
    """Yield the name of the page and the text of each command that a user is shown."""
    for page in PAGES:
        if page.name in NOT_FOR_USERS:
            continue
        text = page.read_text(encoding="utf-8")
        for kind, block in re.findall(r"^```(sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if kind == "sh" or line.startswith("$ "):
                    yield page.name, re.sub(r"\s+#.*", "", line.removeprefix("$ "))


def test_every_command_has_a_form_for_windows() -> None:
    """A command that only a POSIX shell runs has a row on the page; a new kind of command needs one."""
    lacking = []
    for page, command in commands():
        rows = [row for pattern, row in NEEDS.items() if re.search(pattern, command)]
        plain = PLAIN.fullmatch(re.sub(r'"[^"$]*"', "", command))
        if (not rows and not plain) or any(row not in ROWS for row in rows):
            lacking.append(f"{page}: {command}")
    assert lacking == []


def test_every_row_has_three_forms() -> None:
    assert [name for name, forms in ROWS.items() if len(forms) != 3 or not all(forms)] == []


def passed(command: str) -> list[str]:
    """Return the JSON arguments of a command."""
    return [word for word in shlex.split(command) if word.startswith("{")]


CALLS = [command for _, command in commands() if command.startswith("mock-ajera call") and "'{" in command]


@pytest.mark.parametrize("command", CALLS)
def test_json_for_windows_is_the_same_json(command: str) -> None:
    """With the quotes exchanged, as on the page, all shells pass the same text, and it is read as the same object."""
    (text,) = passed(command)
    exchanged = text.replace('"', "'")
    assert "'" not in text
    assert not set(exchanged) & set('"$`%!^&|<>')
    assert passed(f'x "{exchanged}"') == [exchanged]
    assert read(exchanged.encode()) == json.loads(text)


def test_the_row_about_json_follows_its_own_rule() -> None:
    posix, *others = (form.strip("`") for form in ROWS["pass JSON"])
    assert others == 2 * [f'"{shlex.split(posix)[0].replace(chr(34), chr(39))}"']
