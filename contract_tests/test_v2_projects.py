"""Projects of version 2: four flat arrays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .firm import Firm, Row, lacking, phases_of

claim = pytest.mark.claim


@claim("project.v2-four-arrays")
def test_four_arrays(firm: Firm) -> None:
    """Content has the arrays Projects, InvoiceGroups and Phases, and Resources unless it is empty."""
    for bundle in firm.bundles():
        assert (
            {"Projects", "InvoiceGroups", "Phases"}
            <= bundle.keys()
            <= {"Projects", "InvoiceGroups", "Phases", "Resources"}
        )
        assert all(isinstance(rows, list) for rows in bundle.values())
    assert not any("InvoiceGroups" in row or "Phases" in row for row in firm.v2("Projects"))


@claim("project.v2-resources-array")
def test_resources_are_always_an_array(firm: Firm) -> None:
    """Resources is present even if it is empty."""
    assert all(isinstance(bundle["Resources"], list) for bundle in firm.bundles())


@claim("project.v2-links")
def test_links(firm: Firm) -> None:
    """Groups refer to a project of the response; phases refer to a project, a group and a parent."""
    for bundle in firm.bundles():
        projects = {row["ProjectKey"] for row in bundle["Projects"]}
        groups = {row["InvoiceGroupKey"]: row["ProjectKey"] for row in bundle["InvoiceGroups"]}
        assert set(groups.values()) <= projects
        for phase in bundle["Phases"]:
            assert groups[phase["InvoiceGroupKey"]] == phase["ProjectKey"]
            assert isinstance(phase["ParentKey"], int)


@claim("project.v2-parent-of-top-phase")
def test_parents(firm: Firm) -> None:
    """The parent of a phase is the project or the phase that contains it in version 1."""
    wanted: dict[int, int] = {}
    for project in firm.some("Projects"):
        for group in project["InvoiceGroups"]:
            wanted |= {phase["PhaseKey"]: project["ProjectKey"] for phase in group["Phases"]}
        for phase in phases_of(project):
            wanted |= {sub["PhaseKey"]: phase["PhaseKey"] for sub in phase.get("Phases") or ()}
    assert {row["PhaseKey"]: row["ParentKey"] for row in firm.v2("Phases")} == (wanted or lacking("phases"))


@claim("project.v2-client-flat")
def test_clients_of_groups(firm: Firm) -> None:
    """An invoice group shows the client of version 1 in two members."""
    nested = {group["InvoiceGroupKey"]: group.get("Client") for group in firm.groups()}
    for row in firm.v2("InvoiceGroups"):
        client = nested[row["InvoiceGroupKey"]]
        assert "Client" not in row
        assert row.get("ClientKey") == (client and client["ClientKey"])
        assert row["ClientDescription"] == (client["Description"] if client else "")


@claim("project.v2-without-contacts")
@pytest.mark.parametrize("noun", ["Projects", "Phases"])
def test_contacts_are_not_shown(firm: Firm, noun: str) -> None:
    assert not any("Contacts" in row for row in firm.v2(noun))


@claim("project.v2-custom-fields-object", "project.v2-custom-fields-absent")
def test_custom_fields(firm: Firm) -> None:
    """Custom fields are in an object of their own, named without the prefix, or there is no such object."""
    prefixed = {
        row["ProjectKey"]: {name.removeprefix("CF_"): value for name, value in row.items() if name.startswith("CF_")}
        for row in firm.some("Projects")
    }
    shown = 0
    for row in firm.v2("Projects"):
        assert not any(name.startswith("CF_") for name in row)
        if "CustomFields" in row:
            shown += 1
            assert row["CustomFields"]
            # A null in version 1 may be a zero here: see test_custom_numbers.
            shown_before = {name: value or None for name, value in prefixed[row["ProjectKey"]].items()}
            assert {name: value or None for name, value in row["CustomFields"].items()} == shown_before
    if not 0 < shown < len(prefixed):
        lacking("projects with and without custom fields")


@claim("project.custom-field-names")
def test_names_of_custom_fields(firm: Firm) -> None:
    """No name of a custom field contains a space, in either version."""
    names = {name for row in firm.some("Projects") for name in row if name.startswith("CF_")}
    names |= {name for row in firm.v2("Projects") for name in row.get("CustomFields", ())}
    assert not any(" " in name for name in names or lacking("custom field"))


@claim("project.v2-custom-number-unset")
def test_custom_numbers(firm: Firm) -> None:
    """A custom field that is a number in one project is a number in every project with custom fields."""
    sets = [row["CustomFields"] for row in firm.v2("Projects") if "CustomFields" in row]
    numbers = {name for fields in sets for name, value in fields.items() if type(value) in (int, Decimal)}
    assert all(type(fields[name]) in (int, Decimal) for fields in sets for name in numbers or lacking("custom number"))


@claim("project.versions-agree")
def test_both_versions_agree(firm: Firm) -> None:
    """Members with the same name have the same value in both versions."""
    pairs: list[tuple[Row, Row]] = []
    for noun, key, rows in (
        ("Projects", "ProjectKey", firm.some("Projects")),
        ("Phases", "PhaseKey", firm.phases()),
        ("InvoiceGroups", "InvoiceGroupKey", firm.groups()),
    ):
        flat = {row[key]: row for row in firm.v2(noun)}
        pairs += [(row, flat[row[key]]) for row in rows]
    for nested, row in pairs:
        for name in (nested.keys() & row.keys()) - {"ProjectKey", "InvoiceGroupKey"}:
            one, other = nested[name], row[name]
            if isinstance(one, dict):
                # A target may show more members of a person in one version than in the other.
                one, other = ({part: value[part] for part in one.keys() & other.keys()} for value in (one, other))
            assert one == other, name
