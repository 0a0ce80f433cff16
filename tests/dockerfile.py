"""The Dockerfile as a list of instructions."""

from __future__ import annotations

import re

from checkout import ROOT


def instructions(keyword: str) -> list[str]:
    """Return the arguments of each instruction with a keyword, its lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [" ".join(found.split()) for found in re.findall(rf"^{keyword}\s+(.*)$", text, re.MULTILINE)]


def copied() -> list[tuple[str, str]]:
    """Return source and target of each copy from the checkout, not of those between stages."""
    found = []
    for instruction in instructions("COPY"):
        if not instruction.startswith("--from="):
            *parts, into = instruction.split()
            found += [(part, into) for part in parts]
    return found
