"""Every benchmark runs. What it measures is not tested."""

from __future__ import annotations

import pytest
from checkout import PYTHON, ROOT, run


@pytest.mark.parametrize(
    ("words", "row"),
    [
        (
            ("benchmarks", "--engine", "granian", "--projects", "1000", "--seconds", "0.01", "--only", "Projects"),
            "| UpdateProjects, 1 project | 8 |",
        ),
        (("benchmarks.growth", "200", "--seconds", "0.01"), "| UpdateProjects, 1 project | 200 |"),
        (("benchmarks.tenants", "--turns", "4"), "| close() |"),
        (("benchmarks.journal", "--requests", "100"), "| removing secrets from the body |"),
        (("benchmarks.firms", "20"), "| 20 | memory |"),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_a_benchmark_prints_its_table(words: tuple[str, ...], row: str) -> None:
    assert row in run(PYTHON, "-m", *words, cwd=ROOT)
