"""What of a refusal somebody has met, and what is ours and may be varied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_ajera.api.errors import AjeraError

MET_IDS = {"UnableToAuthenticate"}
MET_TEXTS = {
    "UnableToAuthenticate": "Unable to authenticate user",
    "InvalidSession": "Invalid Session",
    "UnauthorizedMethod": "Unauthorized method: M",
    "OtherVersion": "Unauthorized method M for api version 1 but is supported with api version 2",
    "InvalidArgument": "One or more properties contain invalid data",
    "NoValidChanges": "No valid changes to this object exist.",
    "ServerFailure": "An error has occurred.",
}
PLACES = {"method": "M", "version": 1, "other": 2}


def kinds(of: type[AjeraError] = AjeraError) -> Iterator[type[AjeraError]]:
    """Every kind of refusal."""
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", [*kinds()], ids=lambda kind: kind.__name__)
def test_what_is_met_stays_and_what_is_ours_varies(kind: type[AjeraError]) -> None:
    """An ErrorID stays negative, and the claims on which ours rest are named."""
    name, error = kind.__name__, kind(**PLACES)
    varied_id, varied_text = error.varied()
    assert error.error_id < 0
    assert varied_id < 0
    assert (varied_id == error.error_id) is (name in MET_IDS)
    assert (varied_text == error.message) is (name in MET_TEXTS)
    if name in MET_TEXTS:
        assert error.message == MET_TEXTS[name]
    guesses = {"errors.ids-ours": name not in MET_IDS, "errors.texts-ours": name not in MET_TEXTS}
    assert set(error.guesses) == {claim for claim, ours in guesses.items() if ours}


def test_a_wrong_password_has_the_id_that_was_met() -> None:
    """And no other refusal has it."""
    assert [kind.__name__ for kind in kinds() if kind.error_id == -150] == ["UnableToAuthenticate"]
