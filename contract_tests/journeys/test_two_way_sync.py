"""Two-way sync of one field between Ajera and another system."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..answers import refusal
from ..firm import Firm, Row
from ..kinds import PROJECTS
from ..made import Made
from ..values import without_colon
from ..writing import NO_CHANGE, changed

claim = pytest.mark.claim


@claim("value.stamp-echo-accepted", "write.no-op-refused", "filter.earliest-modified", "write.created-record-whole")
def test_sync(made: Made, firm: Firm, new_project: Callable[..., Row]) -> None:
    """Read, edit and write a project. The list since the last stamp shows it. A sync without changes writes nothing."""
    record = new_project(Location="Portland")

    edited = changed(made, PROJECTS, record, Location="Salem")
    assert edited["Location"] == "Salem"
    assert {**edited, "Location": None}.keys() == {**record, "Location": None}.keys()

    since = without_colon(edited["LastModifiedDate"])
    assert record["ProjectKey"] in firm.keys("Projects", FilterByEarliestModifiedDate=since)

    answer = refusal(made.update(PROJECTS, [edited], [edited]))
    assert NO_CHANGE in answer.texts
    assert made.read(PROJECTS, record["ProjectKey"]) == edited
