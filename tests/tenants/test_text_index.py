"""LIKE through an index finds what comparing every text finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mock_ajera import MockAjera, ServedTenant
from mock_ajera.api.filters import JoinedLike, Like
from mock_ajera.tenants import model, text_index
from mock_ajera.tenants.model import KindSpec, Table

# A slow oracle, which knows nothing of the matcher or of the index.


def folded(text: str) -> str:
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def in_set(character: str, inside: str) -> bool:
    """Return whether a character is in a set, written without its brackets."""
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside) and inside[at] <= inside[at + 2]:
            if inside[at] <= character <= inside[at + 2]:
                return True
            at += 3
        else:
            if character == inside[at]:
                return True
            at += 1
    return False


def begins(pattern: str, text: str) -> bool:
    """Return whether the beginning of a text matches a pattern."""
    if not pattern:
        return True
    first, rest = pattern[0], pattern[1:]
    if first == "%":
        return any(begins(rest, text[at:]) for at in range(len(text) + 1))
    if not text:
        return False
    if first == "_":
        return begins(rest, text[1:])
    end = pattern.find("]", 2) if first == "[" else -1
    if end != -1:
        negated = pattern[1] == "^" and end > 2
        inside = pattern[2 if negated else 1 : end]
        return in_set(text[0], inside) != negated and begins(pattern[end + 1 :], text[1:])
    return first == text[0] and begins(rest, text[1:])


def found(pattern: str, text: str) -> bool:
    """Return whether LIKE '%pattern%' is true of a text."""
    return begins("%" + folded(pattern), folded(text))


TEXTS = st.text(alphabet="abA c-0\0éÉİß", max_size=12)
PATTERNS = st.text(alphabet="abA c-0\0éÉİß%_[]^", max_size=7)
SPEC = KindSpec("Thing", ("First", "Last"))
JOINED = JoinedLike("", ("First", "Last"), "")
LIKES = (Like("", ("First",), ""), Like("", ("First", "Last"), ""), JOINED)


class Tables(RuleBasedStateMachine):
    """Two tables, of which one may become a copy of the other, and the texts that they have."""

    @initialize()
    def begin(self) -> None:
        self.tables = [Table(SPEC), Table(SPEC)]
        self.texts: list[dict[int, tuple[str, str]]] = [{}, {}]

    @rule(at=st.integers(0, 1), key=st.integers(1, 9), first=TEXTS, last=TEXTS)
    def put(self, at: int, key: int, first: str, last: str) -> None:
        self.tables[at].put(key, 1, 0, {"First": first, "Last": last})
        self.texts[at][key] = (first, last)

    @rule(at=st.integers(0, 1), key=st.integers(1, 9))
    def remove(self, at: int, key: int) -> None:
        self.tables[at].remove(key)
        self.texts[at].pop(key, None)

    @rule(at=st.integers(0, 1))
    def copy(self, at: int) -> None:
        """A fork, a snapshot, or a restore."""
        self.tables[1 - at] = self.tables[at].copy()
        self.texts[1 - at] = dict(self.texts[at])

    @rule(at=st.integers(0, 1), pattern=PATTERNS, each=st.sampled_from(LIKES))
    def search(self, at: int, pattern: str, each: Like) -> None:
        self.check(at, pattern, each)

    @rule(at=st.integers(0, 1), data=st.data(), each=st.sampled_from(LIKES))
    def search_for_a_part(self, at: int, data: st.DataObject, each: Like) -> None:
        """Find at least one record, unless the part spans what a filter does not join."""
        if self.texts[at]:
            text = " ".join(data.draw(st.sampled_from(sorted(self.texts[at].values()))))
            begin = data.draw(st.integers(0, len(text)))
            pattern = list(text[begin : begin + data.draw(st.integers(1, 7))])
            if pattern and data.draw(st.booleans()):
                pattern[data.draw(st.integers(0, len(pattern) - 1))] = data.draw(st.sampled_from(["_", "%", "[a-z]"]))
            self.check(at, "".join(pattern), each)

    def check(self, at: int, pattern: str, each: Like) -> None:
        condition = each.condition(pattern, self.tables[at], None)  # type: ignore[arg-type] # unused
        entries = self.tables[at].entries
        keys = {key for key in entries if condition(entries[key])} if callable(condition) else condition
        assert keys == {
            key for key, texts in self.texts[at].items() if any(map(partial(found, pattern), self.of(each, texts)))
        }

    def of(self, each: Like, texts: tuple[str, str]) -> list[str]:
        """Return the texts that a filter compares."""
        if each is JOINED:
            filled = [text for text in texts if text]
            return [*filled, " ".join(filled)]
        return list(texts[: len(each.members)])


@pytest.fixture(autouse=True, scope="module")
def indexed() -> Iterator[None]:
    """Index few texts, too, and build the index again after few changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "_SCANNED", 0)
        patch.setattr(text_index, "_ROOM", 10)
        yield


Tables.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestTables = Tables.TestCase


def test_changes_do_not_make_an_index_grow_forever() -> None:
    """A table whose records are renamed again and again builds its index again."""
    table = Table(SPEC)
    for number in range(2000):
        table.put(1 + number % 5, 1, 0, {"First": f"name {number}", "Last": ""})
        LIKES[0].condition("name", table, None)  # type: ignore[arg-type] # unused
        assert sum(map(len, table._texts[LIKES[0].members]._added.values())) < 100


# Over the wire, with more records than are scanned


NAMES = (
    "Harden",
    "O'Brien",
    "Ünal",
    "de la Cruz",
    "Straße",
    "İnce",
    "100% Design",
    "a_b",
    "[A] wing",
    "Smith",
    "smith",
)


@pytest.fixture(scope="module")
def ajera(indexed: None) -> Iterator[MockAjera]:
    """Return a firm with 600 more clients."""
    draw = random.Random(7)
    with MockAjera() as ajera:
        record = ajera.record("Client", min(client["ClientKey"] for client in clients(ajera)))
        for number in range(600):
            text = f"{draw.choice(NAMES)} {draw.choice(NAMES)} {number}"
            ajera.put_record("Client", {**record, "ClientKey": 5000 + number, "Description": text, "Contacts": []})
        yield ajera


def clients(ajera: ServedTenant, **arguments: Any) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ajera.content("ListClients", arguments)["Clients"]
    return listed


def patterns(texts: list[str], draw: random.Random) -> list[str]:
    """Return parts of texts, some with a wildcard in one place, and one that nothing matches."""
    made = []
    for _ in range(15):
        text = draw.choice(texts)
        begin = draw.randrange(len(text))
        part = list(text[begin : begin + draw.randint(1, 8)])
        if draw.random() < 0.5:
            part[draw.randrange(len(part))] = draw.choice(("%", "_", "[a-m]", "[^x]"))
        made.append("".join(part))
    return [*made, "no such client"]


STEPS: dict[str, Callable[[MockAjera], object]] = {
    "nothing": lambda ajera: None,
    "rename": lambda ajera: ajera.change_record("Client", 5001, Description="Renamed Unique"),
    "rename again": lambda ajera: ajera.change_record("Client", 5001, Description="Smith Harden"),
    "delete": lambda ajera: ajera.delete_record("Client", 5002),
    "snapshot": lambda ajera: ajera.snapshot(),
    "rename after": lambda ajera: ajera.change_record("Client", 5003, Description="After the snapshot"),
    "restore": lambda ajera: ajera.restore(),
    "rename back": lambda ajera: ajera.change_record("Client", 5001, Description="Renamed Unique"),
}


def test_every_search_over_the_wire_finds_what_a_comparison_finds(ajera: MockAjera) -> None:
    """After renames, a deletion and a restore, too."""
    draw = random.Random(11)
    for step, change in STEPS.items():
        change(ajera)
        everyone = {client["ClientKey"]: client["Description"] for client in clients(ajera)}
        assert len(everyone) > 600
        for pattern in [*patterns(list(everyone.values()), draw), "Unique", "the snapshot", "harden"]:
            keys = [client["ClientKey"] for client in clients(ajera, FilterByNameLike=pattern)]
            assert keys == [key for key, text in everyone.items() if found(pattern, text)], (step, pattern)
