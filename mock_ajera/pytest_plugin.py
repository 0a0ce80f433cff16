"""The pytest plugin: the fixture ``ajera``, a fresh tenant behind a real socket for each test.

::

    def test_it_syncs(ajera):
        sync(url=ajera.url, username=ajera.username, password=ajera.password)
        assert ajera.journal[-1].outcome == "ok"

What it is made with comes from the fixture ``ajera_options``, to be overridden where another sample, profile or quirk
is needed::

    @pytest.fixture
    def ajera_options():
        return {"profile": "documented"}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_ajera.mock import MockAjera


@pytest.fixture
def ajera_options() -> dict[str, Any]:
    """Keyword arguments of ``MockAjera``."""
    return {}


@pytest.fixture
def ajera(ajera_options: dict[str, Any]) -> Iterator[MockAjera]:
    """A fake Ajera of the test's own."""
    # Imported here: a plugin must not slow down the start of every pytest run.
    from mock_ajera.mock import MockAjera

    with MockAjera(**ajera_options) as started:
        yield started
