"""The example programs, with all sessions expiring after each of their calls in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import Story, survives_every_expiry
from test_examples import STORIES


@pytest.mark.parametrize("story", STORIES)
def test_sessions_may_expire_after_any_call(story: Story, tmp_path: Path) -> None:
    """The result is the same after each call, and nothing is created twice."""
    survives_every_expiry(story, tmp_path)
