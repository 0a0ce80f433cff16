"""One UpdateProjects (version 1) that changes, creates, deletes and clears at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from client import STAMP
from rules.values import same, without_stamps
from rules.world import UNKNOWN, World

from contract_tests.kinds import PROJECTS


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Start one firm. Each test uses its own projects."""
    with World() as world:
        yield world


@dataclass
class Mixed:
    """A call that changes one project, deletes one and creates one."""

    world: World
    changed: dict[str, Any]
    deleted: dict[str, Any]
    made: dict[str, Any]
    baseline: list[dict[str, Any]]

    def update(self, *, single: bool) -> dict[str, Any]:
        """Make the call. Return the envelope."""
        return self.world.update(PROJECTS, [self.changed, self.deleted, self.made], self.baseline, single=single)

    def there(self, key: int) -> list[dict[str, Any]]:
        """Return the project with a key, or nothing."""
        return list(self.world.call("GetProjects", {"RequestedProjects": [key]})["Content"]["Projects"])


@pytest.fixture
def mixed(world: World) -> Mixed:
    """Return the call, on two projects created for it."""
    record = world.project()
    record["ProjectManager"] = {"EmployeeKey": world.employees["manager"]}
    record["InvoiceGroups"][0]["Phases"].append(world.phase(-9))
    read = world.read(PROJECTS, world.created(PROJECTS, record))
    gone = world.read(PROJECTS, world.created(PROJECTS))

    changed = copy.deepcopy(read)
    contacts = world.keys["Contact"]
    changed["Contacts"] = [{"ContactKey": contacts[order], "Order": order, "Text": "Site"} for order in (2, 1)]
    changed["ProjectManager"] = {"Delete": True}
    changed["PrincipalInCharge"] = {"EmployeeKey": world.employees["principal"]}
    group = changed["InvoiceGroups"][0]
    first, second = group["Phases"]
    first |= {"Description": "Changed", "TotalContractAmount": Decimal("1234.5")}
    group["Phases"] = [first, world.phase(-2) | {"Description": "New phase"}]
    changed["InvoiceGroups"].append(world.group(-3) | {"Description": "New group"})
    assert second["PhaseKey"] > 0
    deleted = {"ProjectKey": gone["ProjectKey"], "LastModifiedDate": gone["LastModifiedDate"], "Delete": True}
    return Mixed(world, changed, deleted, world.project(-10), [read, gone])


@pytest.mark.parametrize("single", [False, True], ids=["each-alone", "single-transaction"])
def test_all_changes_are_written(mixed: Mixed, single: bool) -> None:
    """The answer counts three records and shows their new state in the order sent. All keys are new and different."""
    world = mixed.world

    answer = mixed.update(single=single)

    assert answer["Errors"] == []
    content = answer["Content"]
    assert content["NumberOfProjectsUpdated"] == 3
    changed, deleted, made = content["Projects"]
    assert deleted == {"ProjectKey": mixed.deleted["ProjectKey"], "Deleted": True}
    assert mixed.there(mixed.deleted["ProjectKey"]) == []
    assert made["OriginalProjectKey"] == -10
    assert "OriginalProjectKey" not in changed
    assert same(made, world.read(PROJECTS, made["ProjectKey"]))
    read = world.read(PROJECTS, changed["ProjectKey"])
    assert same(changed, read)
    projects = (read, made)
    groups = [group for project in projects for group in project["InvoiceGroups"]]
    phases = [phase for group in groups for phase in group["Phases"]]
    # Projects and phases share one sequence.
    for keys in (
        [project["ProjectKey"] for project in projects] + [phase["PhaseKey"] for phase in phases],
        [group["InvoiceGroupKey"] for group in groups],
    ):
        assert len(set(keys)) == len(keys)
        assert min(keys) > 0
    stamps = {phase["LastModifiedDate"] for group in read["InvoiceGroups"] for phase in group["Phases"]}
    assert stamps == {read["LastModifiedDate"]} != {mixed.baseline[0]["LastModifiedDate"]}

    # Changed, new and omitted phases are all there, contacts are replaced, and roles are set and cleared.
    contacts = {(row["Order"], row["ContactKey"], row["Text"]) for row in read["Contacts"]}
    assert contacts == {(order, world.keys["Contact"][order], "Site") for order in (1, 2)}
    assert read["ProjectManager"] is None
    assert read["PrincipalInCharge"]["EmployeeKey"] == world.employees["principal"]
    old, new = read["InvoiceGroups"]
    assert new["Description"] == "New group"
    first, kept = mixed.baseline[0]["InvoiceGroups"][0]["Phases"]
    by_key = {phase["PhaseKey"]: phase for phase in old["Phases"]}
    assert len(by_key) == 3
    assert by_key[first["PhaseKey"]]["Description"] == "Changed"
    assert by_key[first["PhaseKey"]]["TotalContractAmount"] == Decimal("1234.5")
    assert without_stamps(by_key[kept["PhaseKey"]]) == without_stamps(kept)
    assert "New phase" in [phase["Description"] for phase in old["Phases"]]


def break_new(mixed: Mixed) -> None:
    """Give the new project an unknown company."""
    mixed.made["CompanyKey"] = UNKNOWN


def break_deleted(mixed: Mixed) -> None:
    """Give the deletion a stale stamp."""
    mixed.deleted["LastModifiedDate"] = STAMP


def break_nested(mixed: Mixed) -> None:
    """Give a new phase of the changed project an invalid text."""
    mixed.changed["InvoiceGroups"][1]["Phases"][0]["Description"] = "x" * 81


BREAKS = {"changed": (break_nested, 0), "deleted": (break_deleted, 1), "made": (break_new, 2)}


@pytest.mark.parametrize("broken", BREAKS)
def test_one_refused_record_refuses_a_single_transaction(mixed: Mixed, broken: str) -> None:
    """With UseSingleTransaction, one invalid record of three means that nothing is written."""
    breaks, index = BREAKS[broken]
    breaks(mixed)
    before = mixed.world.ajera.tenant.fingerprint()

    assert mixed.update(single=True)["Errors"]

    assert mixed.world.ajera.tenant.fingerprint() == before
    outcome, reasons = mixed.world.journalled()
    assert outcome == "refused"
    assert all(place.startswith(f"UpdatedProjects[{index}]") for place in reasons)


@pytest.mark.parametrize("broken", [["changed"], ["deleted"], ["made"], ["deleted", "made"]], ids=" and ".join)
def test_separate_records_are_written_despite_a_refused_one(mixed: Mixed, broken: list[str]) -> None:
    """Without UseSingleTransaction, the valid records are written, and each invalid one is an error."""
    for each in broken:
        BREAKS[each][0](mixed)
    [read, gone] = mixed.baseline

    answer = mixed.update(single=False)

    assert len(answer["Errors"]) == len(broken)
    assert answer["Content"]["NumberOfProjectsUpdated"] == 3 - len(broken)
    places = tuple(f"UpdatedProjects[{BREAKS[each][1]}]" for each in broken)
    assert all(place.startswith(places) for place in mixed.world.journalled()[1])
    assert (mixed.there(read["ProjectKey"]) == [read]) is ("changed" in broken)
    assert (mixed.there(gone["ProjectKey"]) == [gone]) is ("deleted" in broken)
    made = [row for row in answer["Content"]["Projects"] if "OriginalProjectKey" in row]
    assert (made == []) is ("made" in broken)


# nested phases


@pytest.fixture
def tree(world: World) -> dict[str, Any]:
    """Return a project with two groups. The first phase of the first group has a sub-phase."""
    record = world.project()
    record["InvoiceGroups"][0]["Phases"][0]["Phases"] = [world.phase(-4) | {"Description": "Below"}]
    record["InvoiceGroups"].append(world.group(-5))
    return world.read(PROJECTS, world.created(PROJECTS, record))


def test_a_sub_phase_is_created_below_its_phase(world: World, tree: dict[str, Any]) -> None:
    """A new phase inside an existing phase is read inside it, next to the existing sub-phase."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"].append(world.phase(-2) | {"Description": "New below"})

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"] == []
    [first, second] = world.read(PROJECTS, tree["ProjectKey"])["InvoiceGroups"]
    assert [phase["Description"] for phase in first["Phases"][0]["Phases"]] == ["Below", "New below"]
    assert "Phases" not in second["Phases"][0] or second["Phases"][0]["Phases"] == []


def test_a_limit_applies_to_a_sub_phase(world: World, tree: dict[str, Any]) -> None:
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"][0]["Description"] = "x" * 81

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    _, reasons = world.journalled()
    assert list(reasons) == ["UpdatedProjects[0].InvoiceGroups[0].Phases[0].Phases[0].Description"]


def test_a_negative_key_of_a_sub_phase_must_differ(world: World, tree: dict[str, Any]) -> None:
    """The negative key of a sub-phase must differ from that of a new group."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"].append(world.phase(-2))
    changed["InvoiceGroups"].append(world.group(-2))

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    assert world.read(PROJECTS, tree["ProjectKey"]) == tree


def to_another_group(project: dict[str, Any]) -> None:
    """Move the phase of the second group to the first."""
    first, second = project["InvoiceGroups"]
    first["Phases"] += second["Phases"]
    project["InvoiceGroups"] = [first]


def to_another_phase(project: dict[str, Any]) -> None:
    """Move the sub-phase to the top of its group."""
    [phase] = project["InvoiceGroups"][0]["Phases"]
    project["InvoiceGroups"][0]["Phases"] = [phase, *phase.pop("Phases")]


@pytest.mark.parametrize("moves", [to_another_group, to_another_phase])
def test_a_phase_cannot_be_moved(world: World, tree: dict[str, Any], moves: Callable[[dict[str, Any]], None]) -> None:
    """A phase under another parent is refused, and is not moved."""
    changed = copy.deepcopy(tree)
    moves(changed)

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    _, reasons = world.journalled()
    assert "UpdatedProjects[0].InvoiceGroups[0].Phases[1].PhaseKey" in reasons
    assert world.read(PROJECTS, tree["ProjectKey"]) == tree


def test_omitted_children_are_kept(world: World, tree: dict[str, Any]) -> None:
    """An update with one phase and its parents keeps every other group and phase."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"] = changed["InvoiceGroups"][1:]
    changed["InvoiceGroups"][0]["Phases"][0]["Notes"] = "Only this"

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"] == []
    expected = without_stamps(tree)
    expected["InvoiceGroups"][1]["Phases"][0]["Notes"] = "Only this"
    assert without_stamps(world.read(PROJECTS, tree["ProjectKey"])) == expected
