"""UpdateProjectsWithResources, of which only the name is known.

It is not sent to a real endpoint: nobody knows what it would do with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import records, refusal, success
from .firm import Row
from .kinds import PROJECTS
from .made import Made
from .target import Target
from .writing import Create, delete, edited, only_phase

claim = pytest.mark.claim

METHOD = "UpdateProjectsWithResources"


@pytest.fixture
def update(made: Made, target: Target) -> Callable[[Row, Row | None], Row]:
    """Return a function that sends a project with its baseline, and returns the project as it is read afterwards."""
    if target.real:
        pytest.skip("not sent to a real endpoint")
    if any("Unauthorized method" in text for text in made.update(PROJECTS, [], method=METHOD).texts):
        pytest.skip("the target refuses methods that are known only by name")

    def send(project: Row, baseline: Row | None = None) -> Row:
        (row,) = records(made.update(PROJECTS, [project], [baseline] if baseline else [], method=METHOD), "Projects")
        made.read(PROJECTS, row["ProjectKey"])
        return read(made, row["ProjectKey"])

    return send


def read(made: Made, key: int) -> Row:
    """Return a project with its resources."""
    answer = made.client.call("GetProjectsWithResources", {PROJECTS.argument: [key]})
    (project,) = success(answer)["Projects"]
    return dict(project)


def resource(key: int, **members: Any) -> Row:
    """Return a new resource."""
    return {"ResourceKey": key, "Description": "Drafter", "ActivityType": "Labor", "Units": 12, **members}


@claim("project.update-with-resources", "permission.guessed-methods")
def test_projects_are_created_with_resources(minimum: Create, update: Callable[..., Row]) -> None:
    """A new project has the resources that were sent for it and for its phase."""
    body = minimum() | {"Resources": [resource(-11)]}
    only_phase(body)["Resources"] = [resource(-12, Units=8)]
    project = update(body)
    assert [row["Units"] for row in project["Resources"]] == [12]
    assert [row["Units"] for row in only_phase(project)["Resources"]] == [8]
    assert project["Resources"][0]["ResourceKey"] > 0


@claim("project.update-with-resources")
def test_resources_change_with_their_project(made: Made, new_project: Create, update: Callable[..., Row]) -> None:
    """Resources are added and changed by key, and those that are absent stay."""
    before = read(made, new_project()["ProjectKey"])
    added = update(edited(before, lambda project: only_phase(project)["Resources"].append(resource(-13))), before)
    (row,) = only_phase(added)["Resources"]
    renamed = edited(added, lambda project: only_phase(project)["Resources"][0].update(Description="Modeler"))
    changed = update(renamed | {"Notes": "Staffed"}, added)
    assert only_phase(changed)["Resources"] == [row | {"Description": "Modeler"}]
    kept = edited(changed, lambda project: only_phase(project).pop("Resources"))
    assert only_phase(update(kept | {"Notes": "Still staffed"}, changed))["Resources"]


@claim("project.update-with-resources")
def test_rules_of_update_projects_hold(made: Made, new_project: Create, update: Callable[..., Row]) -> None:
    """A stale project is refused, and a project is deleted as by UpdateProjects."""
    before = read(made, new_project()["ProjectKey"])
    current = update(before | {"Notes": "First"}, before)
    refusal(made.update(PROJECTS, [before | {"Notes": "Second"}], [before], method=METHOD))
    success(made.update(PROJECTS, [delete(current)], [current], method=METHOD))
    assert made.read(PROJECTS, before["ProjectKey"]) is None
