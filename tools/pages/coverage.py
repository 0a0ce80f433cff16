"""The coverage page: what each served method does, how well that is known, and whether a test has seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from contract_tests.coverage import CREATE, DELETE, PERMISSION, READ, UPDATE, WRITE, Cell
from mock_ajera.api.families import FAMILIES, METHODS
from mock_ajera.api.methods import Method, Operation
from mock_ajera.claims import Grade, ledger
from tools.pages.markdown import table

PERMISSION_CLAIM = "permission.box-per-method"
UNSEEN: Mapping[tuple[str, str], str] = {
    ("ListExpenseReports", "FilterByEmployee"): "Ajera ignores it",
    ("ListAttachmentCategories", READ): "no filter, and no method changes the list",
    ("ListOverheadGroups", READ): "no filter, and no method changes the list",
    ("EndTimesheetSessions", WRITE): "no method shows which timesheets are open",
}
"""The reason for each cell that no test can see, by method and name."""
ONLY_CHANGES = (("UpdateProjects", 2), ("UpdateVendorInvoices", 2))
"""The Update methods that neither create nor delete records."""
_LETTERS = {Grade.DOCUMENTED: "D", Grade.OBSERVED: "O", Grade.INFERRED: "I"}


def cells() -> dict[Cell, Grade]:
    """Return the cells of all served methods, with their grades."""
    return {
        Cell(method.name, version, name): grade
        for method in METHODS.served.values()
        for version, operation in method.known.items()
        for name, grade in _cells(method, version, operation)
    }


def _cells(method: Method, version: int, operation: Operation) -> Iterator[tuple[str, Grade]]:
    def grade(claim: str) -> Grade:
        return Grade.INFERRED if operation.guesses else ledger()[claim].grade

    if method.access == "read":
        yield READ, grade(operation.claim)
        for name in operation.arguments.by_wire:
            yield name, grade(operation.claims.get(name, operation.claim))
    elif method.name.startswith("Create"):
        yield CREATE, grade(operation.claim)
    elif method.name.startswith("Delete"):
        yield DELETE, grade(operation.claim)
    elif (method.name, version) in ONLY_CHANGES:
        yield UPDATE, grade(operation.claim)
    elif any(name.startswith("Updated") for name in operation.arguments.by_wire):
        for name in (CREATE, UPDATE, DELETE):
            yield name, grade(operation.claim)
    else:
        yield WRITE, grade(operation.claim)
    if version == min(method.known):
        # A permission is for all versions. It is not known better than its method.
        yield PERMISSION, max(grade(PERMISSION_CLAIM), grade(operation.claim), key=list(Grade).index)


def coverage() -> str:
    """Return the totals and a table for each family."""
    known = cells()
    parts = [_totals(known)]
    for subject, family in FAMILIES.items():
        rows = [
            (f"`{method.name}`", str(version), _marks(known, method.name, version))
            for method in family.methods
            for version in sorted(method.known)
        ]
        if rows:
            parts.append(
                f"## {subject[0].upper()}{subject[1:]}\n\n{table(('method', 'version', 'what tests see'), rows)}"
            )
    return "\n\n".join(parts)


def _totals(known: Mapping[Cell, Grade]) -> str:
    guessed = {method.name for method in METHODS.served.values() if method.guessed}
    columns = ("reads, filters and writes", "permissions", "methods known only by name")

    def column(cell: Cell) -> str:
        return columns[2] if cell.method in guessed else columns[cell.name == PERMISSION]

    counts = Counter(
        ("not seen" if _why_unseen(cell) else f"{grade} ({_LETTERS[grade]})", column(cell))
        for cell, grade in known.items()
    )
    names = (*(f"{grade} ({_LETTERS[grade]})" for grade in Grade), "not seen")
    return table(("grade", *columns), [(name, *(str(counts[name, each]) for each in columns)) for name in names])


def _why_unseen(cell: Cell) -> str:
    return UNSEEN.get((cell.method, cell.name), "")


def _marks(known: Mapping[Cell, Grade], method: str, version: int) -> str:
    return ", ".join(
        f"{cell.name} {f'(not seen: {_why_unseen(cell)})' if _why_unseen(cell) else _LETTERS[grade]}"
        for cell, grade in known.items()
        if (cell.method, cell.version) == (method, version)
    )
