"""The options of the suite, in one table that feeds the command line, and what a run was asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from .target import MockTarget, Target, TargetError, real_target

REAL_PACE = 4.0
"""Requests a second to a real endpoint, which throttles at about nine."""

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--target", {"choices": ("mock", "real"), "default": "mock", "help": "what to test: a mock, or AJERA_API_URL"}),
    ("--pace", {"type": float, "default": None, "help": "requests a second; 0 is no limit (real: 4, mock: 0)"}),
    (
        "--allow-writes",
        {"action": "store_true", "default": False, "help": "write to a real target, to own records only"},
    ),
    (
        "--expect-database",
        {"default": None, "metavar": "ID", "help": "DatabaseID or DatabaseName that may be written to"},
    ),
    (
        "--allow-wrong-password",
        {
            "action": "store_true",
            "default": False,
            "help": "try wrong passwords on a real target, which may lock the user",
        },
    ),
    ("--every-claim", {"action": "store_true", "default": False, "help": "fail when a known claim has no passed test"}),
    (
        "--no-unlisted-skips",
        {"action": "store_true", "default": False, "help": "fail when a skip is not in skips.toml"},
    ),
    ("--mock-sample", {"default": None, "metavar": "FOLDER", "help": "firm of the mock that the suite starts"}),
    ("--mock-profile", {"default": None, "metavar": "NAME", "help": "profile of the mock that the suite starts"}),
    (
        "--mock-quirk",
        {"action": "append", "default": [], "metavar": "NAME=VALUE", "help": "quirk of the mock that the suite starts"},
    ),
)
"""Flag and argparse settings of each option."""


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do."""

    real: bool
    pace: float
    every_claim: bool
    no_unlisted_skips: bool
    target: Target


def add_options(parser: pytest.Parser) -> None:
    """Put the options into pytest's command line."""
    group = parser.getgroup("contract", "contract suite of the Ajera API")
    for flag, settings in OPTIONS:
        group.addoption(flag, **settings)


def read_options(config: pytest.Config) -> Settings:
    """The settings of this run. Sends nothing.

    Raises ``pytest.UsageError`` when the options do not go together or the environment lacks what they need.
    """
    defaults = {flag: settings["default"] for flag, settings in OPTIONS}
    # Read with a default: where the suite is only collected later, pytest has not parsed its options.
    chosen = {flag: config.getoption(flag.lstrip("-").replace("-", "_"), default) for flag, default in defaults.items()}
    real = chosen["--target"] == "real"
    pace = chosen["--pace"]
    if pace is None:
        pace = REAL_PACE if real else 0.0
    if pace < 0:
        raise pytest.UsageError("--pace cannot be negative")
    try:
        target = _target(real, chosen)
    except TargetError as error:
        raise pytest.UsageError(str(error)) from None
    return Settings(real, pace, chosen["--every-claim"], chosen["--no-unlisted-skips"], target)


def _target(real: bool, chosen: Mapping[str, Any]) -> Target:
    """The target, started by nobody yet."""
    if real:
        return real_target(
            allow_writes=chosen["--allow-writes"],
            expect_database=chosen["--expect-database"],
            allow_wrong_password=chosen["--allow-wrong-password"],
        )
    for flag in ("--allow-writes", "--allow-wrong-password"):
        if chosen[flag]:
            raise TargetError(f"{flag} belongs to --target real; a mock may always be written to")
    if chosen["--expect-database"] is not None:
        raise TargetError("--expect-database belongs to --target real")
    quirks = {}
    for pair in chosen["--mock-quirk"]:
        name, sign, value = pair.partition("=")
        if not sign:
            raise TargetError("--mock-quirk takes NAME=VALUE")
        quirks[name] = value
    return MockTarget(sample=chosen["--mock-sample"], profile=chosen["--mock-profile"], quirks=quirks)
