"""Runs of the contract suite in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import contract_tests

SUITE = Path(contract_tests.__file__).parent


def run_suite(*options: str, only: tuple[str, ...] = ("",), **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the suite, or ``only`` some of its files. ``environment``: more variables."""
    paths = (str(SUITE / name) for name in only)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *paths, "-q", "-p", "no:cacheprovider", *options],
        env=os.environ | environment,
        cwd=SUITE.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run_on_target(
    variables: Mapping[str, str], *options: str, only: tuple[str, ...] = ("",)
) -> subprocess.CompletedProcess[str]:
    """Run the suite without pauses against a server as if it were real. ``variables``: its address and credentials."""
    return run_suite("--target", "real", "--pace", "0", *options, only=only, **variables)
