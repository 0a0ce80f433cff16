"""One UpdateProjects (version 1) that changes, makes, deletes and clears at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from client import arguments
from rules.values import same, without_stamps
from rules.world import UNKNOWN, World

from contract_tests.made import PROJECTS


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One firm; each test has projects of its own."""
    with World() as world:
        yield world


@dataclass
class Mixed:
    """A call with one project changed all over, one deleted and one made."""

    world: World
    changed: dict[str, Any]
    deleted: dict[str, Any]
    made: dict[str, Any]
    baseline: list[dict[str, Any]]

    def arguments(self, *, single: bool) -> dict[str, Any]:
        """The arguments of the call."""
        return arguments(PROJECTS, [self.changed, self.deleted, self.made], self.baseline, single=single)


@pytest.fixture
def mixed(world: World) -> Mixed:
    """The call, on two projects made for it."""
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
def test_everything_at_once_is_written(mixed: Mixed, single: bool) -> None:
    """The answer counts three records and shows each as it now is, in the order sent."""
    world = mixed.world

    answer = world.call("UpdateProjects", mixed.arguments(single=single))

    assert answer["Errors"] == []
    content = answer["Content"]
    assert content["NumberOfProjectsUpdated"] == 3
    changed, deleted, made = content["Projects"]
    assert deleted == {"ProjectKey": mixed.deleted["ProjectKey"], "Deleted": True}
    assert made["OriginalProjectKey"] == -10
    assert made["ProjectKey"] > 0
    assert "OriginalProjectKey" not in changed
    read = world.read(PROJECTS, changed["ProjectKey"])
    assert same(changed, read)
    assert same(made, world.read(PROJECTS, made["ProjectKey"]))


@pytest.mark.parametrize("single", [False, True], ids=["each-alone", "single-transaction"])
def test_the_nested_rows_are_as_sent(mixed: Mixed, single: bool) -> None:
    """Changed, new and untouched phases stand beside each other; contacts are replaced; a role goes, another comes."""
    world = mixed.world
    [before, _] = mixed.baseline

    assert world.call("UpdateProjects", mixed.arguments(single=single))["Errors"] == []

    read = world.read(PROJECTS, before["ProjectKey"])
    contacts = {(row["Order"], row["ContactKey"], row["Text"]) for row in read["Contacts"]}
    assert contacts == {(order, world.keys["Contact"][order], "Site") for order in (1, 2)}
    assert read["ProjectManager"] is None
    assert read["PrincipalInCharge"]["EmployeeKey"] == world.employees["principal"]
    old, new = read["InvoiceGroups"]
    assert new["Description"] == "New group"
    assert new["InvoiceGroupKey"] > 0
    by_description = {phase["Description"]: phase for phase in old["Phases"]}
    assert len(old["Phases"]) == 3
    first, kept = before["InvoiceGroups"][0]["Phases"]
    assert by_description["Changed"]["PhaseKey"] == first["PhaseKey"]
    assert by_description["Changed"]["TotalContractAmount"] == Decimal("1234.5")
    assert by_description["New phase"]["PhaseKey"] > 0
    [still] = [phase for phase in old["Phases"] if phase["PhaseKey"] == kept["PhaseKey"]]
    assert without_stamps(still) == without_stamps(kept)


def test_new_keys_are_new(mixed: Mixed) -> None:
    """Project and phases take their keys from one sequence, so none of them are equal."""
    world = mixed.world
    changed, _, made = world.call("UpdateProjects", mixed.arguments(single=False))["Content"]["Projects"]

    keys = [changed["ProjectKey"], made["ProjectKey"]]
    for project in (changed, made):
        keys += [phase["PhaseKey"] for group in project["InvoiceGroups"] for phase in group["Phases"]]

    assert len(set(keys)) == len(keys)


def test_one_save_stamps_the_project_and_its_phases(mixed: Mixed) -> None:
    """After the write the project and all its phases show one new stamp."""
    world = mixed.world
    [before, _] = mixed.baseline
    assert world.call("UpdateProjects", mixed.arguments(single=True))["Errors"] == []

    read = world.read(PROJECTS, before["ProjectKey"])
    stamps = {phase["LastModifiedDate"] for group in read["InvoiceGroups"] for phase in group["Phases"]}

    assert stamps == {read["LastModifiedDate"]}
    assert read["LastModifiedDate"] != before["LastModifiedDate"]


def test_the_deleted_project_is_gone(mixed: Mixed) -> None:
    """A Get leaves the deleted project out."""
    world = mixed.world
    assert world.call("UpdateProjects", mixed.arguments(single=True))["Errors"] == []

    answer = world.call("GetProjects", {"RequestedProjects": [mixed.deleted["ProjectKey"]]})

    assert answer["Errors"] == []
    assert answer["Content"]["Projects"] == []


def break_new(mixed: Mixed) -> None:
    """The project to be made refers to nothing."""
    mixed.made["CompanyKey"] = UNKNOWN


def break_deleted(mixed: Mixed) -> None:
    """The project to be deleted was saved since."""
    mixed.deleted["LastModifiedDate"] = "2017-12-06 14:46:06.873 GMT-08:00"


def break_nested(mixed: Mixed) -> None:
    """A new phase deep in the project to be changed is wrong."""
    mixed.changed["InvoiceGroups"][1]["Phases"][0]["Description"] = "x" * 81


BREAKS = {"changed": (break_nested, 0), "deleted": (break_deleted, 1), "made": (break_new, 2)}


@pytest.mark.parametrize("broken", BREAKS)
def test_one_refused_record_rejects_a_single_transaction(mixed: Mixed, broken: str) -> None:
    """With UseSingleTransaction a fault in any record leaves everything as it was."""
    breaks, index = BREAKS[broken]
    breaks(mixed)
    before = mixed.world.ajera.tenant.fingerprint()

    answer = mixed.world.call("UpdateProjects", mixed.arguments(single=True))

    assert answer["Errors"]
    assert mixed.world.ajera.tenant.fingerprint() == before
    outcome, reasons = mixed.world.journalled()
    assert outcome == "refused"
    assert all(place.startswith(f"UpdatedProjects[{index}]") for place in reasons)


@pytest.mark.parametrize("broken", BREAKS)
def test_each_record_alone_lets_the_others_through(mixed: Mixed, broken: str) -> None:
    """Without UseSingleTransaction the two sound records are written and the third is reported."""
    breaks, index = BREAKS[broken]
    breaks(mixed)
    [read, gone] = mixed.baseline
    world = mixed.world

    answer = world.call("UpdateProjects", mixed.arguments(single=False))

    assert len(answer["Errors"]) == 1
    assert answer["Content"]["NumberOfProjectsUpdated"] == 2
    assert len(answer["Content"]["Projects"]) == 2
    _, reasons = world.journalled()
    assert all(place.startswith(f"UpdatedProjects[{index}]") for place in reasons)
    now = world.read(PROJECTS, read["ProjectKey"])
    assert (now == read) is (broken == "changed")
    there = world.call("GetProjects", {"RequestedProjects": [gone["ProjectKey"]]})["Content"]["Projects"]
    assert (there == [gone]) is (broken == "deleted")
    made = [row for row in answer["Content"]["Projects"] if "OriginalProjectKey" in row]
    assert (made == []) is (broken == "made")


def test_two_faults_are_two_errors(mixed: Mixed) -> None:
    """Two refused records of three give two errors and one record."""
    break_new(mixed)
    break_deleted(mixed)

    answer = mixed.world.call("UpdateProjects", mixed.arguments(single=False))

    assert len(answer["Errors"]) == 2
    assert [row["ProjectKey"] for row in answer["Content"]["Projects"]] == [mixed.changed["ProjectKey"]]


# phases in their places


@pytest.fixture
def tree(world: World) -> dict[str, Any]:
    """A project with two groups; the first phase of the first group has a sub-phase."""
    record = world.project()
    record["InvoiceGroups"][0]["Phases"][0]["Phases"] = [world.phase(-4) | {"Description": "Below"}]
    record["InvoiceGroups"].append(world.group(-5))
    return world.read(PROJECTS, world.created(PROJECTS, record))


def test_a_sub_phase_is_made_below_its_phase(world: World, tree: dict[str, Any]) -> None:
    """Phases nest: a new one inside an existing phase is read back inside it, beside the one that was there."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"].append(world.phase(-2) | {"Description": "New below"})

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"] == []
    [first, second] = world.read(PROJECTS, tree["ProjectKey"])["InvoiceGroups"]
    assert [phase["Description"] for phase in first["Phases"][0]["Phases"]] == ["Below", "New below"]
    assert "Phases" not in second["Phases"][0] or second["Phases"][0]["Phases"] == []


def test_a_limit_holds_for_a_sub_phase(world: World, tree: dict[str, Any]) -> None:
    """A text too long is found below a phase too, and its place is named."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"][0]["Description"] = "x" * 81

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    _, reasons = world.journalled()
    assert list(reasons) == ["UpdatedProjects[0].InvoiceGroups[0].Phases[0].Phases[0].Description"]


def test_a_negative_key_of_a_sub_phase_counts(world: World, tree: dict[str, Any]) -> None:
    """A negative key that a new group has already is refused below a phase."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"][0]["Phases"][0]["Phases"].append(world.phase(-2))
    changed["InvoiceGroups"].append(world.group(-2))

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    assert world.read(PROJECTS, tree["ProjectKey"]) == tree


def to_another_group(project: dict[str, Any]) -> None:
    """The phase of the second group goes to the first."""
    first, second = project["InvoiceGroups"]
    first["Phases"] += second["Phases"]
    project["InvoiceGroups"] = [first]


def to_another_phase(project: dict[str, Any]) -> None:
    """The sub-phase goes to the top of its group."""
    [phase] = project["InvoiceGroups"][0]["Phases"]
    project["InvoiceGroups"][0]["Phases"] = [phase, *phase.pop("Phases")]


@pytest.mark.parametrize("moves", [to_another_group, to_another_phase])
def test_a_phase_is_not_moved(world: World, tree: dict[str, Any], moves: Callable[[dict[str, Any]], None]) -> None:
    """A phase under another parent than its own is refused, and stays where it is."""
    changed = copy.deepcopy(tree)
    moves(changed)

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"]
    _, reasons = world.journalled()
    assert "UpdatedProjects[0].InvoiceGroups[0].Phases[1].PhaseKey" in reasons
    assert world.read(PROJECTS, tree["ProjectKey"]) == tree


def test_children_that_are_not_sent_are_kept(world: World, tree: dict[str, Any]) -> None:
    """A change of one phase, sent alone with its parents, leaves every other group and phase as it is."""
    changed = copy.deepcopy(tree)
    changed["InvoiceGroups"] = changed["InvoiceGroups"][1:]
    changed["InvoiceGroups"][0]["Phases"][0]["Notes"] = "Only this"

    answer = world.update(PROJECTS, [changed], [tree])

    assert answer["Errors"] == []
    expected = without_stamps(tree)
    expected["InvoiceGroups"][1]["Phases"][0]["Notes"] = "Only this"
    assert without_stamps(world.read(PROJECTS, tree["ProjectKey"])) == expected


def test_resources_in_a_change_are_dropped(world: World, tree: dict[str, Any]) -> None:
    """The record that an Update answers has Resources; echoed, they are no change and no fault."""
    changed = copy.deepcopy(tree) | {"Notes": "First"}
    answered = world.update(PROJECTS, [changed], [tree])["Content"]["Projects"][0]
    assert answered["Resources"] == []
    assert answered["InvoiceGroups"][0]["Phases"][0]["Resources"] == []

    answer = world.update(PROJECTS, [answered | {"Notes": "Second"}], [answered])

    assert answer["Errors"] == []
    assert world.read(PROJECTS, tree["ProjectKey"])["Notes"] == "Second"
