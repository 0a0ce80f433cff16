"""Markdown pages: their fenced blocks, the commands in them, and a comparison of expected and actual output."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

CHANGING = {
    "a token": r"\b[0-9a-f]{40}\b",
    "a usage key": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "a request id": r"\b[0-9a-f]{16}\b",
    "a stamp": r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} GMT[+-]\d\d:\d\d(?: \([\w ]+\))?",
    "a time": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)",
    "a day": r"\b\d{4}-\d\d-\d\d\b",
    "a duration": r"\bin \d+\.\d+s\b",
    "an address": r"\b127\.0\.0\.1:\d+\b",
}
"""Patterns of values that change between runs, by the name that replaces them before a comparison."""
OF_THE_CLOCK = ("a stamp", "a time", "a day")
"""Values that do not change if the clock is frozen."""
OF_THE_SEED = ("a token", "a usage key")
"""Values that do not change if a seed is set."""


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: str
    line: int
    language: str
    text: str
    lead: str
    """The last line of text before it."""

    @property
    def file(self) -> str | None:
        """The file name of the block: the last name in backticks in a lead that ends with a colon, or None."""
        suffix = {"python": "py", "yaml": "ya?ml"}.get(self.language, self.language)
        found = re.fullmatch(rf".*`([\w./-]+\.{suffix})`[^`]*:", self.lead)
        return None if found is None else found[1]

    def __str__(self) -> str:
        return f"{self.page}:{self.line} ({self.language or 'no language'})"


def blocks(text: str, page: str = "README.md") -> list[Block]:
    """Return the fenced blocks of a page. Raises ``AssertionError`` for code in any other form."""
    found: list[Block] = []
    start, language, lead, body = 0, "", "", [""]
    before = ""
    for number, line in enumerate(text.splitlines(), 1):
        if start:
            if line == "```":
                found.append(Block(page, start, language, "".join(body), lead))
                start = 0
            else:
                body.append(f"{line}\n")
        elif line.startswith("```"):
            start, language, body = number, line.removeprefix("```").strip(), []
        else:
            assert not line.lstrip().startswith(("```", "~~~")), f"{page}:{number}: a fence begins its line, with ```"
            hidden = line.startswith(("    ", "\t")) and not before.strip()
            assert not hidden, f"{page}:{number}: code is fenced, not indented"
            lead = line.strip() or lead
        before = line
    assert not start, f"{page}:{start}: the block is never closed"
    return found


def steps(text: str) -> list[tuple[str, str]]:
    """Return the commands of a console block with their expected output. A backslash continues a command."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"a console block begins with a command, not with {parts[0].splitlines()[0]!r}"
    found = []
    for part in parts[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n?", part)
        assert command
        found.append((command[0].removesuffix("\n"), part[command.end() :]))
    return found


def normalize(text: str, keep: Collection[str] = ()) -> str:
    """Replace values that change between runs; ``keep`` has the names in ``CHANGING`` to leave unchanged."""
    for name, pattern in CHANGING.items():
        if name not in keep:
            text = re.sub(pattern, f"<{name}>", text)
    return text


_OTHER_PORT = re.compile(r"^For mock-ajera's commands in another terminal: .*\n", re.MULTILINE)
"""What a server prints because the tests do not use the default port."""


def differs(printed: str, expected: str, keep: Collection[str] = ()) -> str:
    """Return both texts if they differ, else an empty text. A line ``...`` in ``expected`` matches any lines."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + r"\n"
        for line in normalize(_OTHER_PORT.sub("", expected), keep).splitlines()
    ]
    ended = printed if not printed or printed.endswith("\n") else f"{printed}\n"
    ended = _OTHER_PORT.sub("", ended)
    same = re.fullmatch("".join(lines), normalize(ended, keep))
    return "" if same else f"expected:\n{expected}\nprinted:\n{printed}"
