"""The contract suite against its own mock with another profile and other quirks.

The suite takes about half a minute, so quirks are switched together: one run has the documented profile, and each
further run gives every quirk a value that no profile and no earlier run has.
"""

from __future__ import annotations

from itertools import zip_longest

import pytest
from suite import run_suite

from mock_ajera.tenants.quirks import QUIRKS, Quirk


def other_values(quirk: Quirk) -> list[object]:
    """Return the values of a quirk that no profile has. A number has too many: one is its default halved."""
    choices = (quirk.observed // 2,) if quirk.choices is None else quirk.choices
    return [choice for choice in choices if choice not in (quirk.observed, quirk.documented)]


RUNS = [
    [f"--mock-quirk={name}={value}" for name, value in zip(QUIRKS, values, strict=True) if value is not None]
    for values in zip_longest(*map(other_values, QUIRKS.values()))
]


@pytest.mark.parametrize("options", [["--mock-profile=documented"], *RUNS], ids=lambda options: " ".join(options)[:40])
def test_the_suite_passes(options: list[str]) -> None:
    """Documented and observed claims hold. The summary lists an inferred claim that a quirk contradicts."""
    done = run_suite(*options)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "observed (" in done.stdout
    assert " 0 failed, 0 different" in done.stdout


def test_every_other_value_is_used() -> None:
    used = {option for run in RUNS for option in run}
    assert used == {f"--mock-quirk={quirk.name}={value}" for quirk in QUIRKS.values() for value in other_values(quirk)}
