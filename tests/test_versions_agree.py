"""Version 1 and version 2 print the same projects, whichever version wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contract_tests.writing import NO_CHANGE
from mock_ajera import MockAjera
from mock_ajera.claims import ledger

Row = dict[str, Any]
Bundle = dict[str, list[Row]]

NOT_IN_VERSION_2 = {"Contacts": "project.v2-without-contacts"}
"""The members that version 2 lacks, with the claims that it lacks them."""
NAMES = ("FirstName", "MiddleName", "LastName")
KEYS = {"Projects": "ProjectKey", "InvoiceGroups": "InvoiceGroupKey", "Phases": "PhaseKey", "Resources": "ResourceKey"}

NO_RATE_TABLE = ("RateTableKey", 0)
"""How version 1 prints an Overhead project without a rate table; version 2 omits the key."""


def flattened(project: Row) -> Bundle:
    """Return a project that GetProjectsWithResources printed in the form of version 2."""
    key = project["ProjectKey"]
    bundle: Bundle = {"Projects": [plain(project)], "InvoiceGroups": [], "Phases": [], "Resources": []}
    bundle["Resources"] += resources(project, key)
    for group in project["InvoiceGroups"]:
        client = group.get("Client") or {"ClientKey": None, "Description": ""}
        flat = {"ProjectKey": key, "ClientKey": client["ClientKey"], "ClientDescription": client["Description"]}
        bundle["InvoiceGroups"].append(plain(group | flat))
        for parent, phase in phases(group, key):
            links = {"ProjectKey": key, "ParentKey": parent, "InvoiceGroupKey": group["InvoiceGroupKey"]}
            bundle["Phases"].append(plain(phase | links))
            bundle["Resources"] += resources(phase, phase["PhaseKey"])
    return bundle


def phases(holder: Row, parent: int) -> Iterator[tuple[int, Row]]:
    """Yield the phases of a group or phase with the keys of their parents, each before its sub-phases."""
    for phase in holder.get("Phases", ()):
        yield parent, phase
        yield from phases(phase, phase["PhaseKey"])


def resources(holder: Row, parent: int) -> Iterator[Row]:
    """Yield the resources of a project or phase. Version 2 prints the names of the employee without the key."""
    for row in holder["Resources"]:
        names = {name: (row.get("Employee") or {}).get(name, "") for name in NAMES}
        yield plain(row | {"ParentKey": parent, "PhaseKey": parent, "Employee": names})


def plain(row: Mapping[str, Any]) -> Row:
    """Return the members that a row of version 2 has: no nulls, no rows, custom fields in an object if any is set."""
    nested = {"InvoiceGroups", "Phases", "Resources", "Client", *NOT_IN_VERSION_2}
    kept = {
        name: value
        for name, value in row.items()
        if value is not None and (name, value) != NO_RATE_TABLE and name not in nested and not name.startswith("CF_")
    }
    custom = {name.removeprefix("CF_"): value for name, value in row.items() if name.startswith("CF_")}
    return kept | ({"CustomFields": normalized(custom)} if any(normalized(custom).values()) else {})


def normalized(custom: Mapping[str, Any]) -> Row:
    """Return custom fields with the values of drop-downs, and without the differences between unset values."""
    values = {name: value["Value"] if isinstance(value, dict) else value for name, value in custom.items()}
    return {name: value or None for name, value in values.items()}


def by_key(bundle: Bundle) -> dict[str, dict[int, Row]]:
    """Return the rows of each list by key."""
    return {name: {row[key]: row for row in bundle[name]} for name, key in KEYS.items()}


def with_normalized_fields(bundle: Bundle) -> Bundle:
    return {
        name: [
            row | {"CustomFields": normalized(row["CustomFields"])} if "CustomFields" in row else row for row in rows
        ]
        for name, rows in bundle.items()
    }


def both(ajera: MockAjera, key: int) -> tuple[Any, Any]:
    """Return a project as each version prints it, in the form of version 2."""
    one = ajera.content("GetProjectsWithResources", {"RequestedProjects": [key]})["Projects"]
    other = ajera.content("GetProjects", {"RequestedProjects": [key]}, version=2)
    flat: Bundle = flattened(one[0]) if one else {name: [] for name in KEYS}
    return by_key(flat), by_key(with_normalized_fields(other))


def order(bundle: Mapping[str, Mapping[int, Row]]) -> list[int]:
    return list(bundle["Phases"])


@pytest.mark.parametrize("profile", ["observed", "documented"])
def test_every_project_of_the_sample_is_the_same_in_both_versions(profile):
    """Version 2 prints the members that clients read from it, whatever the profile."""
    with MockAjera(profile=profile) as ajera:
        keys = [row["ProjectKey"] for row in ajera.content("ListProjects")["Projects"]]
        ajera.set_quirks(members="observed")
        for key in keys:
            one, other = both(ajera, key)
            assert one == other, key
            assert order(one) == order(other), key


@pytest.mark.parametrize(("member", "claim"), NOT_IN_VERSION_2.items())
def test_a_member_that_version_2_lacks_has_a_claim(member, claim):
    assert member in ledger()[claim].says


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    str.strip
)
EDITS = st.one_of(
    st.fixed_dictionaries({"Description": TEXTS}),
    st.fixed_dictionaries({"Notes": st.text("ab \N{LATIN SMALL LETTER E WITH ACUTE}", max_size=9)}),
    st.fixed_dictionaries({"ID": TEXTS}),
    st.fixed_dictionaries({"Status": st.sampled_from(["Active", "Hold", "Closed", "Preliminary"])}),
    st.fixed_dictionaries({"DepartmentKey": st.sampled_from([None, 1, 2])}),
    st.fixed_dictionaries({"HoursCostBudget": st.integers(0, 9999)}),
    st.fixed_dictionaries({"EstimatedStartDate": st.sampled_from([None, "1999-01-04"])}),
    st.fixed_dictionaries({"ProjectManager": st.sampled_from([{"Delete": True}, {"EmployeeKey": 1}])}),
    st.fixed_dictionaries({"PermitNumber": st.sampled_from(["", "B-1", "B-2"])}),
    st.fixed_dictionaries({"SquareFootage": st.sampled_from([None, 12, 12.5])}),
)
"""Changes of a project or phase. The last two are custom fields."""
CUSTOM = ("PermitNumber", "SquareFootage")


class TwoVersions(RuleBasedStateMachine):
    """Edits of a few projects through either version."""

    def __init__(self) -> None:
        super().__init__()
        self.ajera = MockAjera()
        self.ajera.__enter__()
        self.touched: list[int] = []

    def teardown(self) -> None:
        self.ajera.__exit__(None, None, None)

    @initialize()
    def start(self) -> None:
        self.touched = [1, 5]

    def _project(self, number: int) -> int:
        return self.touched[number % len(self.touched)]

    def _bundle(self, key: int) -> Bundle:
        bundle: Bundle = self.ajera.content("GetProjects", {"RequestedProjects": [key]}, version=2)
        return bundle

    def _in_version_1(self, key: int) -> Row:
        (record,) = self.ajera.content("GetProjects", {"RequestedProjects": [key]})["Projects"]
        return dict(record)

    @staticmethod
    def _check(answer: Row) -> None:
        """Assert that an edit is accepted, unless it changes nothing."""
        assert [each["ErrorMessage"] for each in answer["Errors"]] in ([], [NO_CHANGE])

    @rule(number=st.integers(0, 9), phase=st.integers(0, 9), edit=EDITS)
    def edit_in_version_2(self, number: int, phase: int, edit: Row) -> None:
        bundle = self._bundle(self._project(number))
        rows = [*bundle["Projects"], *bundle["Phases"]]
        row = rows[phase % len(rows)]
        name = "PhaseKey" if "PhaseKey" in row else "ProjectKey"
        sent = {"CustomFields": edit} if edit.keys() & {*CUSTOM} else edit
        arguments = {"UpdatedProjects": [{name: row[name], **sent}], "UnchangedProjects": bundle}
        self._check(self.ajera.call("UpdateProjects", arguments, version=2))

    @rule(number=st.integers(0, 9), phase=st.integers(0, 9), edit=EDITS)
    def edit_in_version_1(self, number: int, phase: int, edit: Row) -> None:
        key = self._project(number)
        before, after = self._in_version_1(key), self._in_version_1(key)
        rows = [after, *(row for group in after["InvoiceGroups"] for _, row in phases(group, key))]
        custom = {f"CF_{name}": value for name, value in edit.items() if name in CUSTOM}
        rows[phase % len(rows)].update(custom or edit)
        arguments = {"UpdatedProjects": [after], "UnchangedProjects": [before]}
        self._check(self.ajera.call("UpdateProjects", arguments))

    @rule(number=st.integers(0, 9), parent=st.integers(0, 9), text=TEXTS)
    def add_a_phase_in_version_2(self, number: int, parent: int, text: str) -> None:
        key = self._project(number)
        bundle = self._bundle(key)
        parents = [key, *(row["PhaseKey"] for row in bundle["Phases"])]
        new = {"PhaseKey": -1, "ProjectKey": key, "ParentKey": parents[parent % len(parents)], "Description": text}
        assert not self.ajera.call(
            "UpdateProjects", {"UpdatedProjects": [new], "UnchangedProjects": bundle}, version=2
        )["Errors"]

    @rule(text=TEXTS)
    def create_in_version_2(self, text: str) -> None:
        arguments = {
            "CreateType": "Project",
            "Project": {"Description": text, "CompanyKey": 1, "BillingType": "FixedFee", "RateTableKey": 1},
            "InvoiceGroups": [{"Description": text, "ClientKey": 1}],
            "Phases": [{"Description": text}],
        }
        content = self.ajera.content("CreateProjects", arguments, version=2)
        self.touched.append(content["Projects"][0]["ProjectKey"])

    @rule(number=st.integers(0, 9))
    def delete_in_version_1(self, number: int) -> None:
        """Only the projects that have no work can be deleted."""
        before = self._in_version_1(key := self._project(number))
        gone = {name: before[name] for name in ("ProjectKey", "LastModifiedDate")} | {"Delete": True}
        if not self.ajera.call("UpdateProjects", {"UpdatedProjects": [gone], "UnchangedProjects": [before]})["Errors"]:
            assert both(self.ajera, key)[1] == {name: {} for name in KEYS}
            self.touched.remove(key)

    @invariant()
    def the_versions_agree(self) -> None:
        for key in self.touched:
            one, other = both(self.ajera, key)
            assert one == other
            assert order(one) == order(other)


TwoVersions.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
test_the_versions_agree_after_any_edits = TwoVersions.TestCase
