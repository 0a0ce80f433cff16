"""Misspelled names: every place that refuses one suggests the name that was meant."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from command_line import refused
from raw_http import post
from records import read
from rules import places

from mock_ajera import BadSample, ControlError, MockAjera
from mock_ajera.api import reasons
from mock_ajera.spelling import suggestion

KNOWN = ("FilterByStatus", "FilterByCompany", "Description", "FaxDescription")


@pytest.fixture(scope="module")
def ajera() -> Iterator[MockAjera]:
    """Return a mock that refuses every write."""
    with MockAjera() as ajera:
        yield ajera


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("FilterByStats", "; did you mean FilterByStatus?"),
        ("Descripton", "; did you mean Description or FaxDescription?"),
        ("faxdescription", "; did you mean FaxDescription?"),  # only case differs
        ("Colour", ""),
        ("", ""),
        ("Description" * 1000, ""),
    ],
)
def test_similar_names_are_suggested(name: str, hint: str) -> None:
    assert suggestion(name, KNOWN) == hint


# Members of a write.


def whys(ajera: MockAjera, noun: str, sent: Any, unchanged: Any = ()) -> list[str]:
    """Post an update that must be refused. Return each reason for a member that does not exist."""
    arguments = {f"Updated{noun}": [sent], f"Unchanged{noun}": [unchanged] if unchanged else []}
    body = {"Method": f"Update{noun}", "SessionToken": ajera.token(), "MethodArguments": arguments}
    answer = post(ajera.url, json.loads(json.dumps(body, default=float)))
    why = unquote(answer.headers["Mock-Ajera-Why"])
    return [each for each in why.split("]; ") if "[unknown-member" in each]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Descripton", "; did you mean Description"),
        ("projectTypeKey", "; did you mean ProjectTypeKey? ["),
        ("CF_FundingSorce", "; did you mean CF_FundingSource? ["),
        ("ProjectManager.EmployeKey", "; did you mean EmployeeKey? ["),
        ("InvoiceGroups[0].BillingManger", "; did you mean BillingManager? ["),
        ("InvoiceGroups[0].Phases[0].HoursCostBudgt", "; did you mean HoursCostBudget"),
        ("Colour", "no such member ["),
    ],
)
def test_a_misspelled_member_of_a_write(ajera: MockAjera, path: str, said: str) -> None:
    project = read(ajera, "Projects")[0]
    sent = copy.deepcopy(project)
    places.put(sent, path, 1)
    (why,) = whys(ajera, "Projects", sent, project)
    assert f"UpdatedProjects[0].{path}: no such member" in why
    assert said in why


def test_a_misspelled_array_of_a_write(ajera: MockAjera) -> None:
    ajera.call("UpdateClients", {"UpdatedClient": [], "UnchangedClients": []})
    assert ajera.journal.last().reasons[0].text == "no such member; did you mean UpdatedClients?"


def test_unknown_members_are_in_the_order_of_their_names(ajera: MockAjera) -> None:
    row = {"ClientKey": -1, **dict.fromkeys("hdbacegf", 1)}
    ajera.call("UpdateClients", {"UpdatedClients": [row], "UnchangedClients": []})
    paths = [each.path for each in ajera.journal.last().reasons if each.rule == "unknown-member"]
    assert paths == [f"UpdatedClients[0].{name}" for name in "abcdefgh"]


def test_only_the_first_unknown_members_of_a_request_are_compared(
    ajera: MockAjera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comparison takes time, and a client may send any number of names."""
    compared = []
    monkeypatch.setattr(reasons, "suggestion", lambda name, known: compared.append(name) or "; hint")
    rows = [{"ClientKey": -key, **{f"Descripton{n}": 1 for n in range(9)}} for key in range(1, 10)]
    ajera.call("UpdateClients", {"UpdatedClients": rows, "UnchangedClients": []})
    unknown = [each.text for each in ajera.journal.last().reasons if each.rule == "unknown-member"]
    assert len(compared) == 20
    assert unknown == ["no such member; hint"] * 20 + ["no such member"] * 61


# Members, kinds and methods of a firm.


def test_a_misspelled_member_of_a_record(ajera: MockAjera) -> None:
    with pytest.raises(BadSample, match=r"^Client \(ClientKey 7\): Webste: no such member; did you mean Website\?$"):
        ajera.put_record("Client", {"ClientKey": 7, "Description": "Brook & Sons", "Webste": "brook.example"})


def test_a_misspelled_kind(ajera: MockAjera) -> None:
    with pytest.raises(BadSample, match=r"^there is no kind 'Cleint'; did you mean Client\?$"):
        ajera.put_record("Cleint", {})
    assert "there is no kind 'projct'; did you mean Project?" in control(ajera, "records", "list", "projct")
    assert "; the kinds are " in control(ajera, "records", "list", "Wxyz")


def test_a_misspelled_method_of_a_user(ajera: MockAjera, tmp_path: Path) -> None:
    said = "'ListVendor' has no check box; did you mean ListVendors"
    added = ("users", "add", "clerk", "--password", "Quiet_Mill9", "--clear", "ListVendor")
    assert said in control(ajera, *added)
    ajera.export(tmp_path)
    firm = json.loads((tmp_path / "firm.json").read_text(encoding="utf-8"))
    firm["ApiUsers"][0]["Cleared"] = ["ListVendor"]
    (tmp_path / "firm.json").write_text(json.dumps(firm), encoding="utf-8")
    assert "there is no method ListVendor; did you mean ListVendors" in refused("serve", "--sample", str(tmp_path))


# Quirks and claims.


def control(ajera: MockAjera, *words: str) -> str:
    return refused(*words, "--control-url", ajera.control_url)


QUIRK = "there is no quirk 'sesion-minutes'; did you mean session_minutes"


def test_a_misspelled_quirk(ajera: MockAjera) -> None:
    assert QUIRK in refused("serve", "--quirk", "sesion-minutes=5")
    assert QUIRK in refused("serve", env={"MOCK_AJERA_QUIRK": "sesion-minutes=5"})
    assert QUIRK in control(ajera, "quirks", "set", "sesion-minutes=5")
    assert QUIRK in control(ajera, "tenants", "create", "--quirk", "sesion-minutes=5")
    with pytest.raises(ValueError, match=r"no quirk .sesion_minutes.; did you mean session_minutes"):
        MockAjera(quirks={"sesion_minutes": 5})


def test_a_misspelled_quirk_in_a_firm_file(ajera: MockAjera, tmp_path: Path) -> None:
    ajera.export(tmp_path)
    firm = json.loads((tmp_path / "firm.json").read_text(encoding="utf-8"))
    firm["Quirks"] = {"sesion-minutes": 5}
    (tmp_path / "firm.json").write_text(json.dumps(firm), encoding="utf-8")
    assert f"Quirks.sesion-minutes: {QUIRK}" in refused("serve", "--sample", str(tmp_path))


CLAIM = "there is no claim 'write.stale-stmp'; did you mean write.stale-stamp?"


def test_a_misspelled_claim(ajera: MockAjera) -> None:
    assert CLAIM in control(ajera, "claims", "show", "write.stale-stmp")
    assert CLAIM in control(ajera, "journal", "list", "--claim", "write.stale-stmp")
    assert CLAIM in control(ajera, "server", "journal", "--claim", "write.stale-stmp")
    # Without the refusal, such a test would pass whatever the program does.
    with pytest.raises(ValueError, match=r"did you mean write\.stale-stamp\?"):
        ajera.journal.none(claim="write.stale-stmp")


def test_the_beginning_of_a_claim(ajera: MockAjera) -> None:
    said = control(ajera, "claims", "show", "value")
    assert said.startswith("mock-ajera: there is no claim 'value'; it is the beginning of value.")
    assert re.search(r" and \d+ more; claims list --theme value lists them$", said.strip())
    found = control(ajera, "claims", "show", "value.zero")
    assert found.strip() == "mock-ajera: there is no claim 'value.zero'; it is the beginning of value.zero-not-null"


def test_a_misspelled_theme_of_claims(ajera: MockAjera) -> None:
    assert "there is no theme 'sesion'; did you mean session?" in control(ajera, "claims", "list", "--theme", "sesion")


def test_a_misspelled_outcome(ajera: MockAjera) -> None:
    with pytest.raises(ValueError, match="there is no outcome 'refuse'; the outcomes are ok, refused, failed"):
        ajera.journal.where(outcome="refuse")


def test_a_misspelled_snapshot_and_user_are_refused_with_those_that_exist(ajera: MockAjera) -> None:
    with pytest.raises(ControlError, match="there is no API user 'integrater'; the users are integrator, "):
        ajera.remove_user("integrater")
    with pytest.raises(LookupError, match="there is no snapshot 'befor'; there are none"):
        ajera.restore("befor")


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        ({"method": "UpdateClient"}, "there is no method 'UpdateClient'; did you mean UpdateClients"),
        ({"user": "integrater"}, "there is no API user 'integrater'; did you mean integrator?"),
        ({"record": ("Clients", 1)}, "there is no kind of record 'Clients'; did you mean Client"),
        ({"record": ("Widget", 1)}, "there is no kind of record 'Widget'; there are "),
        ({"record": "Client/1"}, 'record must be kind and key, such as ("Project", 1), not'),
        ({"record": ("Client", "1")}, 'record must be kind and key, such as ("Project", 1), not'),
        ({"since": "2026-01-01"}, "since must be a time with a time zone"),
        ({"until": datetime.fromisoformat("2026-01-01")}, "until must be a time with a time zone"),
    ],
)
def test_a_journal_query_for_what_does_not_exist(ajera: MockAjera, criteria: dict[str, Any], said: str) -> None:
    """Without the refusal, a test that expects no such request would pass whatever the program does."""
    with pytest.raises(ValueError, match=re.escape(said)):
        ajera.journal.none(**criteria)


def test_a_misspelled_grade(ajera: MockAjera) -> None:
    with pytest.raises(ValueError, match="there is no grade 'infered'; the grades are documented, observed, inferred"):
        ajera.journal.reliance("infered")


def test_a_misspelled_method_in_a_journal_query(ajera: MockAjera) -> None:
    for query in (["journal", "list"], ["server", "journal"]):
        assert "there is no method 'UpdateClient'; did you mean UpdateClients" in control(
            ajera, *query, "--method", "UpdateClient"
        )


def test_a_journal_query_finds_what_the_program_misspelled() -> None:
    """Nor are requests that could not be read, and those of nobody, misspelled."""
    with MockAjera() as ajera:
        ajera.call("UpdateClient")
        assert ajera.journal.one("UpdateClient").outcome == "refused"
        ajera.journal.none("?")
        ajera.journal.none("GET /AjeraAPI.ashx")
        ajera.journal.none(user="-")
