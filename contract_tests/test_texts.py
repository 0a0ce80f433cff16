"""How texts are measured, stored and compared."""

from __future__ import annotations

import pytest

from .answers import refusal, success
from .firm import Firm, Row
from .kinds import CLIENTS, PROJECTS, VENDORS, Kind
from .made import NEW_STAMP, Made
from .writing import Create, changed, refused

claim = pytest.mark.claim

EMOJI = "\N{GRINNING FACE}"

UNIQUE = [
    pytest.param(CLIENTS, "Description", id="clients"),
    pytest.param(VENDORS, "Name", id="vendors"),
]
"""Kinds with the member that must be unique."""


def twin(kind: Kind, member: str, name: str) -> Row:
    """Return a new record with a name."""
    return {kind.key: -1, "LastModifiedDate": NEW_STAMP, member: name}


@claim("value.length-in-utf16")
def test_an_emoji_counts_as_two_characters(made: Made, new_project: Create) -> None:
    """Forty emoji fill a Description of eighty characters."""
    record = new_project()
    record = changed(made, PROJECTS, record, Description=EMOJI * 40)
    assert record["Description"] == EMOJI * 40
    refused(made, PROJECTS, record | {"Description": EMOJI * 40 + "x"}, record)


@claim("value.text-as-sent")
@pytest.mark.parametrize("text", ["one\r\ntwo", "one\rtwo", "<b>&amp;</b>", " one ", "\t", "one\0two"])
def test_a_text_is_stored_as_it_is_sent(made: Made, new_client: Create, text: str) -> None:
    """Line ends, markup, and blanks at both ends are kept."""
    assert changed(made, CLIENTS, new_client(), Notes=text)["Notes"] == text


@claim("reading.lone-surrogate-refused")
def test_half_of_a_surrogate_pair_is_refused(made: Made, new_client: Create) -> None:
    record = new_client()
    refused(made, CLIENTS, record | {"Notes": "\ud83d"}, record)


@claim("write.unique-trailing-blanks")
@pytest.mark.parametrize(("kind", "member"), UNIQUE)
def test_blanks_at_the_end_do_not_make_another_name(made: Made, kind: Kind, member: str) -> None:
    """A name that is taken is still taken with a blank at its end."""
    name = made.name("blanks")
    success(made.update(kind, [twin(kind, member, name)], []))
    refusal(made.update(kind, [twin(kind, member, f"{name} ")], []))


@claim("write.unique-accents")
@pytest.mark.parametrize(("kind", "member"), UNIQUE)
def test_an_accent_makes_another_name(made: Made, kind: Kind, member: str) -> None:
    """Two names may differ in an accent only."""
    name = made.name("accents")
    success(made.update(kind, [twin(kind, member, f"{name} e")], []))
    success(made.update(kind, [twin(kind, member, f"{name} \xe9")], []))


@claim("filter.equals-trailing-blanks")
@pytest.mark.parametrize(("stored", "asked"), [("", " "), (" ", ""), ("  ", " ")])
def test_blanks_at_the_end_do_not_matter_for_equals(
    made: Made, firm: Firm, new_client: Create, stored: str, asked: str
) -> None:
    """FilterByNameEquals finds a name with any number of blanks at its end."""
    name = made.name("blanks")
    record = new_client(Description=name + stored)
    assert firm.keys("Clients", FilterByNameEquals=name + asked) == {record["ClientKey"]}


@claim("filter.like-blanks-count")
def test_blanks_at_the_end_matter_for_like(made: Made, firm: Firm, new_client: Create) -> None:
    """FilterByNameLike finds a name with a blank at its end only if the name has it."""
    name = made.name("blanks")
    new_client(Description=name)
    assert firm.keys("Clients", FilterByNameLike=name)
    assert not firm.keys("Clients", FilterByNameLike=f"{name} ")


@claim("filter.accents-count")
@pytest.mark.parametrize("name", ["FilterByNameEquals", "FilterByNameLike"])
def test_an_accent_matters_for_filters(made: Made, firm: Firm, new_client: Create, name: str) -> None:
    """A name with an accent is not found without it, and the other way round."""
    text = made.name("Elan")
    accented = text.replace("Elan", "\xc9lan")
    record = new_client(Description=accented)
    assert firm.keys("Clients", **{name: accented}) == {record["ClientKey"]}
    assert not firm.keys("Clients", **{name: text})


@claim("filter.like-empty")
def test_the_empty_text_is_in_every_text(firm: Firm) -> None:
    """FilterByNameLike with the empty text keeps every client."""
    assert len(firm.listed("Clients", FilterByNameLike="")) == len(firm.all("Clients"))


@claim("filter.equals-empty")
def test_the_empty_text_equals_the_empty_text(made: Made, firm: Firm, new_project: Create) -> None:
    """FilterByDescriptionEquals with the empty text keeps the projects without a description, if there are any."""
    keys = firm.keys("Projects", FilterByDescriptionEquals="")
    empty = {row["ProjectKey"] for row in firm.all("Projects") if not row["Description"]}
    assert keys == empty
    assert new_project()["ProjectKey"] not in keys
