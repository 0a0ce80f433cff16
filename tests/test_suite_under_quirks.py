"""The contract suite against its own mock with another profile and other quirks.

The suite takes about ten seconds, so quirks are switched together: each run gives every quirk another value.
"""

from __future__ import annotations

from itertools import zip_longest

import pytest
from suite import run_suite

from mock_ajera.tenants.quirks import QUIRKS, Quirk


def other_values(quirk: Quirk) -> list[object]:
    """Return the values of a quirk besides its default. A number has too many: one is its default halved."""
    choices = (quirk.documented, quirk.observed // 2) if quirk.choices is None else quirk.choices
    return [choice for choice in dict.fromkeys(choices) if choice != quirk.observed]


RUNS = [
    [f"--mock-quirk={name}={value}" for name, value in zip(QUIRKS, values, strict=True) if value is not None]
    for values in zip_longest(*map(other_values, QUIRKS.values()))
]


@pytest.mark.parametrize("options", [["--mock-profile=documented"], *RUNS], ids=lambda options: " ".join(options)[:40])
def test_the_suite_passes(options: list[str]) -> None:
    """Documented and observed claims hold. An inferred claim that a quirk contradicts is reported."""
    done = run_suite(*options)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "observed (" in done.stdout
    assert " 0 failed, 0 reported" in done.stdout


def test_every_other_value_is_used() -> None:
    used = {option for run in RUNS for option in run}
    assert used == {f"--mock-quirk={quirk.name}={value}" for quirk in QUIRKS.values() for value in other_values(quirk)}
