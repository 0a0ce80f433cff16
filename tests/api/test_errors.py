"""Refusals: observed texts and ErrorIDs are fixed, invented ones can be varied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_ajera.api.errors import AjeraError

OBSERVED_IDS = {"UnableToAuthenticate"}
OBSERVED_TEXTS = {
    "UnableToAuthenticate": "Unable to authenticate user",
    "InvalidSession": "Invalid Session",
    "UnauthorizedMethod": "Unauthorized method: M",
    "OtherVersion": "Unauthorized method M for api version 1 but is supported with api version 2",
    "InvalidArgument": "One or more properties contain invalid data",
    "NoValidChanges": "No valid changes to this object exist.",
    "ServerFailure": "An error has occurred.",
}
VALUES = {"method": "M", "version": 1, "other": 2}


def kinds(of: type[AjeraError] = AjeraError) -> Iterator[type[AjeraError]]:
    """Yield every class of refusal."""
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", [*kinds()], ids=lambda kind: kind.__name__)
def test_only_invented_ids_and_texts_are_varied(kind: type[AjeraError]) -> None:
    """ErrorIDs remain negative, and invented ones name the claims that they rely on."""
    name, error = kind.__name__, kind(**VALUES)
    varied_id, varied_text = error.varied()
    assert error.error_id < 0
    assert varied_id < 0
    assert (varied_id == error.error_id) is (name in OBSERVED_IDS)
    assert (varied_text == error.message) is (name in OBSERVED_TEXTS)
    if name in OBSERVED_TEXTS:
        assert error.message == OBSERVED_TEXTS[name]
    guesses = {"errors.ids-ours": name not in OBSERVED_IDS, "errors.texts-ours": name not in OBSERVED_TEXTS}
    assert set(error.guesses) == {claim for claim, invented in guesses.items() if invented}


def test_only_a_wrong_password_has_the_observed_id() -> None:
    assert [kind.__name__ for kind in kinds() if kind.error_id == -150] == ["UnableToAuthenticate"]
