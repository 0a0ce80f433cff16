"""The coverage page is what a run of the contract suite has seen."""

from __future__ import annotations

from pathlib import Path

from suite import run_suite

from contract_tests.coverage import read_cells
from tools.pages.coverage import UNSEEN, cells

HOW_TO = "docs/contributing.md"


def test_every_cell_is_seen(tmp_path: Path) -> None:
    """Each filter, read, write and permission of the served methods has a test that saw its effect."""
    file = tmp_path / "cells.csv"
    done = run_suite("--coverage", str(file), "--mock-quirk=guessed_methods=serve")
    assert done.returncode == 0, done.stdout[-3000:]
    seen, known = read_cells(file), cells()
    owed = {cell for cell in known if cell not in seen and (cell.method, cell.name) not in UNSEEN}
    assert not owed, f"Add a contract test that sees the effect, see {HOW_TO}: {sorted(owed)}"
    stale = {cell for cell in seen & known.keys() if (cell.method, cell.name) in UNSEEN}
    assert not stale, f"Remove from UNSEEN in tools/pages/coverage.py: {sorted(stale)}"
    assert seen <= known.keys()
