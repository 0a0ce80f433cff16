"""Values that the member table cannot describe: time zones of stamps, nulls, descriptions of keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .firm import Firm, Row, lacking
from .kinds import CLIENTS, STAMPED
from .made import Made
from .values import instant, zone_name
from .writing import changed

claim = pytest.mark.claim


DESCRIBED = ("ProjectType", "Department", "WageTable", "TaxLocal", "RateTable")
"""Stems of the members of projects and phases that have a key and a description."""

UNSET_IN_V1 = (
    "ProjectTypeKey",
    "DepartmentKey",
    "WageTableKey",
    "TaxLocalKey",
    "EstimatedStartDate",
    "EstimatedCompletionDate",
    "ActualStartDate",
    "ActualCompletionDate",
)


@pytest.fixture
def holders(firm: Firm) -> list[Row]:
    """Return projects and phases of version 1."""
    return [*firm.some("Projects"), *firm.phases()]


@claim("value.stamp-zone-fits-date")
def test_time_zone_names(firm: Firm) -> None:
    """Each time zone name has one offset, and daylight time is one hour ahead of standard time."""
    offsets: dict[str, set[float]] = {}
    for noun in STAMPED:
        for row in firm.some(noun):
            offset = instant(row["LastModifiedDate"]).utcoffset()
            assert offset is not None
            offsets.setdefault(zone_name(row["LastModifiedDate"]), set()).add(offset.total_seconds() / 3600)
    assert all(len(found) == 1 for found in offsets.values()), offsets
    for name, (hours,) in offsets.items():
        standard = offsets.get(name.replace("Daylight", "Standard"), {hours})
        assert "Daylight" not in name or standard in ({hours}, {hours - 1}), offsets


@claim("value.stamp-thousandths")
@pytest.mark.parametrize("noun", STAMPED)
def test_thousandths(firm: Firm, noun: str) -> None:
    """Stamps are rounded as SQL Server rounds them."""
    assert all(row["LastModifiedDate"].split(" GMT")[0][-1] in "037" for row in firm.some(noun))


@claim("value.stamp-thousandths")
def test_thousandths_of_new_stamps(made: Made, new_client: Callable[..., Row]) -> None:
    """The stamps of creations and changes are rounded too."""
    record = new_client()
    for number in range(12):
        assert record["LastModifiedDate"].split(" GMT")[0][-1] in "037"
        record = changed(made, CLIENTS, record, Notes=str(number))


@claim("value.description-of-unset-key")
@pytest.mark.parametrize("stem", DESCRIBED)
def test_descriptions_of_unset_keys(holders: list[Row], stem: str) -> None:
    """The description of an unset key is an empty text."""
    texts = [row[f"{stem}Description"] for row in holders if row[f"{stem}Key"] in (None, 0)]
    assert all(text == "" for text in texts)


@claim("value.description-of-unset-key")
def test_some_key_is_unset(holders: list[Row]) -> None:
    """At least one record of the target has an unset key with an empty description."""
    if not any(
        row[f"{stem}Key"] in (None, 0) and row[f"{stem}Description"] == "" for row in holders for stem in DESCRIBED
    ):
        lacking("project with an unset key")


@claim("value.v1-shows-nulls")
@pytest.mark.parametrize("name", UNSET_IN_V1)
def test_nulls_of_version_1(holders: list[Row], name: str) -> None:
    """Keys and dates are always present. They are null if they are unset."""
    assert all(name in row for row in holders)


@claim("value.v1-shows-nulls")
def test_some_member_is_null(holders: list[Row]) -> None:
    """At least one record of the target has a null."""
    if not any(row[name] is None for row in holders for name in UNSET_IN_V1):
        lacking("project with an unset date")


@claim("value.v2-leaves-out-nulls")
@pytest.mark.parametrize("noun", ["Projects", "Phases", "InvoiceGroups"])
def test_version_2_has_no_nulls(firm: Firm, noun: str) -> None:
    assert not [name for row in firm.v2(noun) for name, value in row.items() if value is None]


@claim("value.v2-leaves-out-nulls")
def test_version_2_omits_the_nulls_of_version_1(firm: Firm) -> None:
    """Members that are null in version 1 are left out in version 2."""
    flat = {row["ProjectKey"]: row for row in firm.v2("Projects")}
    pairs = [
        (name, flat[row["ProjectKey"]]) for row in firm.some("Projects") for name in UNSET_IN_V1 if row[name] is None
    ]
    assert not any(name in row for name, row in pairs or lacking("project with an unset date"))


@claim("project.tax-state-none")
def test_tax_state(holders: list[Row]) -> None:
    """TaxState is text, and "na" if no state is set."""
    assert all(row["TaxState"] for row in holders)
