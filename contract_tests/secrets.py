"""Values that must never be shown: user name, password, tokens and the id of the URL."""

from __future__ import annotations

import re
from typing import Any

from _pytest._code.code import TerminalRepr
from _pytest._io import TerminalWriter

MASK = "***"
"""Replacement for a secret."""


class Secrets:
    """The secrets of a run, and a filter that masks them."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *words: str) -> None:
        """Hide these texts from now on. Texts of fewer than three characters cannot be hidden."""
        fresh = {word for word in words if len(word) > 2} - self._words
        if fresh:
            self._words |= fresh
            longest_first = sorted(self._words, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def hide(self, text: str) -> str:
        """Return the text with every secret masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def hide_in(self, report: Any) -> None:
        """Mask the secrets in the failure and in the captured output of a test report."""
        failure = report.longrepr
        if isinstance(failure, tuple):
            path, line, reason = failure
            report.longrepr = (path, line, self.hide(reason))
        elif failure is not None:
            report.longrepr = Masked(failure, self)
        report.sections = [(name, self.hide(text)) for name, text in report.sections]


class Masked(TerminalRepr):
    """A failure as text without secrets, in the form that pytest's reporters expect."""

    def __init__(self, failure: Any, secrets: Secrets) -> None:
        self._text = secrets.hide(str(failure))
        crash = getattr(failure, "reprcrash", None)
        self.reprcrash = None if crash is None else _Crash(crash.path, crash.lineno, secrets.hide(crash.message))

    def __str__(self) -> str:
        return self._text

    def toterminal(self, tw: TerminalWriter) -> None:
        """Write the failure to the terminal."""
        for line in self._text.splitlines():
            tw.line(line, red=line.startswith("E  "), bold=line.startswith(("E  ", ">  ")))


class _Crash:
    """The place of a failure, and its line in the short summary."""

    def __init__(self, path: str, lineno: int, message: str) -> None:
        self.path, self.lineno, self.message = path, lineno, message

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"
