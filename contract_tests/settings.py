"""The options of the suite, in one table for the command line, and the settings of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .target import MockTarget, Target, TargetError, real_target

REAL_PACE = 4.0
"""Requests per second to a real endpoint, which throttles at about nine."""

_FLAG = {"action": "store_true", "default": False}

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--target",
        {"choices": ("mock", "real"), "default": "mock", "help": "test a mock, or the endpoint of AJERA_API_URL"},
    ),
    (
        "--pace",
        {
            "type": float,
            "default": None,
            "metavar": "NUMBER",
            "help": "maximum requests per second; 0 is no limit (mock: 0, real: 4)",
        },
    ),
    ("--allow-writes", _FLAG | {"help": "allow writes to a real target, only to records that the run creates"}),
    (
        "--expect-database",
        {"default": None, "metavar": "ID", "help": "DatabaseID or DatabaseName of the database that may be changed"},
    ),
    ("--allow-wrong-password", _FLAG | {"help": "send wrong passwords to a real target; this may lock the user"}),
    (
        "--allow-lasting-records",
        _FLAG | {"help": "also create timesheets and vendor invoices, which cannot be deleted; needs --allow-writes"},
    ),
    (
        "--limited-user",
        {"default": None, "metavar": "NAME", "help": "API user with fewer permissions; AJERA_API_LIMITED_PASSWORD"},
    ),
    (
        "--cleared",
        {"action": "append", "default": [], "metavar": "METHOD", "help": "method that --limited-user may not call"},
    ),
    (
        "--user-without",
        {
            "action": "append",
            "default": [],
            "metavar": "WHAT=NAME",
            "help": "API user without can_read, can_write or employee; AJERA_API_LIMITED_PASSWORD; may be repeated",
        },
    ),
    ("--every-claim", _FLAG | {"help": "fail if a documented or observed claim that is no variant has no passed test"}),
    ("--no-unlisted-skips", _FLAG | {"help": "fail if a skip is not in skips.toml"}),
    (
        "--coverage",
        {"type": Path, "default": None, "metavar": "FILE", "help": "write what passed tests have seen, as CSV"},
    ),
    ("--mock-sample", {"default": None, "metavar": "FOLDER", "help": "sample firm of the mock"}),
    ("--mock-profile", {"default": None, "metavar": "NAME", "help": "profile of the mock: observed or documented"}),
    (
        "--mock-quirk",
        {"action": "append", "default": [], "metavar": "NAME=VALUE", "help": "quirk of the mock; may be repeated"},
    ),
)
"""Flag and argparse settings of each option."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run."""

    real: bool
    pace: float
    every_claim: bool
    no_unlisted_skips: bool
    coverage: Path | None
    target: Target


def add_options(parser: pytest.Parser) -> None:
    """Add the options to pytest's command line."""
    group = parser.getgroup("contract", "contract suite of the Ajera API")
    for flag, settings in OPTIONS:
        group.addoption(flag, **settings)


def read_options(config: pytest.Config) -> Settings:
    """Return the settings of this run. Sends nothing.

    Raises ``pytest.UsageError`` if options contradict each other or the environment lacks what they need.
    """
    defaults = {flag: settings["default"] for flag, settings in OPTIONS}
    # The defaults matter when the suite is collected after pytest has parsed the options.
    chosen = {flag: config.getoption(flag.lstrip("-").replace("-", "_"), default) for flag, default in defaults.items()}
    real = chosen["--target"] == "real"
    pace = chosen["--pace"]
    if pace is None:
        pace = REAL_PACE if real else 0.0
    if pace < 0:
        raise pytest.UsageError("--pace cannot be negative")
    file = chosen["--coverage"]
    if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
        raise pytest.UsageError(f"--coverage {file}: this is a folder, or its folder does not exist")
    try:
        target = _target(real, chosen)
    except TargetError as error:
        raise pytest.UsageError(str(error)) from None
    return Settings(real, pace, chosen["--every-claim"], chosen["--no-unlisted-skips"], file, target)


def _target(real: bool, chosen: Mapping[str, Any]) -> Target:
    if real:
        return real_target(
            allow_writes=chosen["--allow-writes"],
            expect_database=chosen["--expect-database"],
            allow_wrong_password=chosen["--allow-wrong-password"],
            allow_lasting_records=chosen["--allow-lasting-records"],
            limited_user=chosen["--limited-user"],
            cleared=chosen["--cleared"],
            users_without=chosen["--user-without"],
        )
    for flag in ("--allow-writes", "--allow-wrong-password", "--allow-lasting-records"):
        if chosen[flag]:
            raise TargetError(f"{flag} belongs to --target real; a mock may always be written to")
    for flag in ("--expect-database", "--limited-user", "--cleared", "--user-without"):
        if chosen[flag]:
            raise TargetError(f"{flag} belongs to --target real")
    quirks = {}
    for pair in chosen["--mock-quirk"]:
        name, equals, value = pair.partition("=")
        if not equals:
            raise TargetError("--mock-quirk must be NAME=VALUE")
        quirks[name] = value
    return MockTarget(sample=chosen["--mock-sample"], profile=chosen["--mock-profile"], quirks=quirks)
