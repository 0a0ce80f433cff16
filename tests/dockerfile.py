"""The Dockerfile as a list of instructions."""

from __future__ import annotations

import re

from checkout import ROOT


def instructions(keyword: str) -> list[str]:
    """What stands after a keyword, once for each time that it is used, its lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [" ".join(found.split()) for found in re.findall(rf"^{keyword}\s+(.*)$", text, re.MULTILINE)]


def copied() -> list[tuple[str, str]]:
    """What is copied out of the checkout, and where to: files and folders, not what one stage takes from another."""
    found = []
    for instruction in instructions("COPY"):
        if not instruction.startswith("--from="):
            *parts, into = instruction.split()
            found += [(part, into) for part in parts]
    return found
