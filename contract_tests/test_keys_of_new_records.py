"""The keys that new records get."""

from __future__ import annotations

import pytest

from .answers import records, refusal
from .firm import Row
from .kinds import CLIENTS, PROJECTS
from .made import NEW_STAMP, Made
from .target import Target
from .writing import Create, delete

claim = pytest.mark.claim


def body(made: Made, key: int, **members: object) -> Row:
    """Return a new client."""
    return {"ClientKey": key, "LastModifiedDate": NEW_STAMP, "Description": made.name("client"), **members}


@claim("write.keys-not-reused")
def test_the_key_of_a_deleted_record_is_not_used_again(made: Made, new_project: Create) -> None:
    """A project that is created after the newest one was deleted has a new key."""
    gone = new_project()
    records(made.update(PROJECTS, [delete(gone)], [gone]), "Projects")
    assert new_project()["ProjectKey"] > gone["ProjectKey"]


@claim("write.refused-uses-no-key")
def test_a_refused_creation_uses_up_no_key(made: Made, target: Target) -> None:
    """The next client has the next key, although one of a transaction was refused in between.

    Other users of a real endpoint may create clients in the meantime.
    """
    if target.real:
        pytest.skip("not sent to a real endpoint")
    (before,) = records(made.update(CLIENTS, [body(made, -1)], []), "Clients")
    bad = body(made, -2, ClientTypeKey=2_000_000_000)
    refusal(made.update(CLIENTS, [body(made, -1), bad], [], single=True))
    (after,) = records(made.update(CLIENTS, [body(made, -1)], []), "Clients")
    assert after["ClientKey"] == before["ClientKey"] + 1
