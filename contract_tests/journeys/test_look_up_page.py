"""Lookup page: choose a status, choose a project, and print its tree of phases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ..answers import records
from ..client import AjeraClient
from ..firm import Firm, lacking

claim = pytest.mark.claim


def outline(phases: list[dict[str, Any]], depth: int = 0) -> Iterator[str]:
    """Yield the lines of the page."""
    for phase in phases:
        yield f"{'  ' * depth}{phase['PhaseKey']} {phase['Description']}"
        yield from outline(phase.get("Phases") or [], depth + 1)


@claim("reading.unquoted-keys", "reading.trailing-comma", "filter.every-listed-status", "project.v1-sub-phases")
def test_lookup_page(client: AjeraClient, firm: Firm) -> None:
    """The requests are the relaxed JSON of a published page. The printed tree is as deep as the phases nest."""
    token = client.token()
    listing = (
        f'{{Method: "ListProjects", SessionToken: "{token}", MethodArguments: {{FilterByStatus: ["Active", "Hold"],}}}}'
    )
    shown = {row["ProjectKey"] for row in records(client.post(listing), "Projects")}
    deep = [
        row["ProjectKey"]
        for row in firm.some("Projects")
        if row["ProjectKey"] in shown
        and any(phase.get("Phases") for group in row["InvoiceGroups"] for phase in group["Phases"])
    ]
    key = (deep or lacking("active project with sub-phases"))[0]

    getting = f'{{Method: "GetProjects", SessionToken: "{token}", MethodArguments: {{RequestedProjects: [{key}],}}}}'
    (project,) = records(client.post(getting), "Projects")
    lines = [line for group in project["InvoiceGroups"] for line in outline(group["Phases"])]
    assert any(line.startswith("  ") for line in lines)
