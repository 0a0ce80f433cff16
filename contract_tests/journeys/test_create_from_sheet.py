"""Sheet: create a project in version 2 and read it back in version 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..answers import success
from ..firm import Firm, phases_of
from ..kinds import PROJECTS
from ..made import Made

claim = pytest.mark.claim


@claim("project.v2-create", "session.versions-side-by-side", "project.v2-create-ignores-custom-fields")
def test_project_from_a_sheet(made: Made, firm: Firm, v2_minimum: Callable[[], dict[str, Any]]) -> None:
    """Check that the ID is new, create the project with its phases, and read it back with another session."""
    arguments = v2_minimum()
    number = made.name("")[-12:]
    assert number not in {row["ID"] for row in firm.listed("Projects")}
    arguments["Project"] |= {"ID": number, "EstimatedStartDate": "2026-04-06"}
    arguments["Phases"] = [{"Description": "Schematic Design"}, {"Description": "Design Development"}]

    content = success(made.create_project(arguments))
    key = content["Projects"][0]["ProjectKey"]

    project = made.read(PROJECTS, key)
    assert project is not None
    assert (project["ID"], project["EstimatedStartDate"]) == (number, "2026-04-06")
    assert [phase["Description"] for phase in phases_of(project)] == ["Schematic Design", "Design Development"]
    assert {row["ID"] for row in firm.listed("Projects", FilterByIDLike=number)} == {number}
