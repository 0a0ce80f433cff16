"""The campaign runs, and notices what it looks for."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from tools.campaign.__main__ import main
from tools.campaign.client import Client

RUNS = {
    "requests": ("requests", "--number", "300", "--sockets", "30", "--control", "60"),
    "kills": ("kills", "--rounds", "2", "--actions", "1"),
    "races": ("races", "--writers", "4", "--updates", "10"),
    "meetings": ("meetings", "--seeds", "2", "--updates", "5"),
    "soak": ("soak", "--minutes", "0.05", "--tenants", "5", "--sessions", "20"),
}


def run(name: str) -> tuple[int, str]:
    """Run a small campaign. Return its exit code and its output."""
    done = CliRunner().invoke(main, RUNS[name], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.mark.parametrize("name", RUNS)
def test_a_small_campaign_finds_nothing(name: str) -> None:
    code, output = run(name)
    assert code == 0, output
    assert " 0  findings" in output


def test_an_internal_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that fails for one kind of argument is named with the body."""
    versions: Any = METHODS["ListClients"].versions
    handle = versions[1].handle

    def fails(call: Any) -> Any:
        if call.arguments.get("FilterByNameLike") is not None:
            raise RuntimeError("broken")
        return handle(call)

    monkeypatch.setitem(versions, 1, replace(versions[1], handle=fails))
    monkeypatch.setattr(
        "tools.campaign.requests.mutated",
        lambda chance, bodies: (
            b'{"Method": "ListClients", "SessionToken": "%s", "MethodArguments": {"FilterByNameLike": "a"}}'
            % bodies[0]["SessionToken"].encode()
        ),
    )
    code, output = run("requests")
    assert code == 1
    assert "an internal error: RuntimeError('broken')" in output


def test_a_lost_update_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that is acknowledged and not written is missed in the sum."""
    original = Client.set_notes

    def lost(self: Client, rows: list[dict[str, Any]], notes: str) -> list[dict[str, Any]]:
        return rows if notes == "3" else original(self, rows, notes)

    monkeypatch.setattr(Client, "set_notes", lost)
    code, output = run("races")
    assert code == 1
    assert "updates were acknowledged" in output


def test_the_mock_has_the_store_that_the_campaign_looks_into() -> None:
    """The campaign counts the changes of SQLite's connection."""
    from tools.campaign.requests import _state

    with MockAjera() as ajera:
        before = _state(ajera)
        ajera.set_quirks(session_minutes=5)
        assert _state(ajera) > before
