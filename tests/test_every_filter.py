"""Every filter of every List method keeps what a slow and plain re-computation over the full records keeps.

The records are random and are read through the Get methods; where a family has none, its unfiltered list shows all.
What the API never prints, the company of a client, is taken from what was written. Nothing here uses the server's own
filters: LIKE is matched sign by sign, dates are compared by datetime and zoneinfo.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from mock_ajera.sample.files import file_name

Record = dict[str, Any]
Values = st.SearchStrategy[Any]

ZONE = ZoneInfo("America/New_York")
FIRM = {
    "CompanyName": "Sieve & Riddle",
    "TimeZone": ZONE.key,
    "AjeraVersion": "10.30",
    "TimeStartOfWeek": "Monday",
    "Database": {"DatabaseName": "Ajera_Filters", "ClientID": 8, "DatabaseID": 80},
    "ApiUsers": [{"Username": "integrator", "Password": "Offline_4jera"}],
}

# The random firm.

SIZE = 40
ACTIVE = ("Active", "Inactive")
STATUSES = ("Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing")
TABLES = ("Company", "Department", "ProjectType", "InvoiceFormat", "RateTable")
WORDS = (
    *("Harden", "house", "HOUSE", "École", "éTUDE", "Straße", "STRASSE", "İzmir", "izmir", "Iris", "日本", "日本橋"),
    *("100%", "1000", "a_b", "axb", "[A]", "[a-c]", "x]", "[^b]", "^", "-", "a-z", "O'Dell", 'the "Q"', "back\\slash"),
    *("two\nlines", "a.c", "(", "B", "é", "~", "%"),
)
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 7, 4)]
DAYS += [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
TICKS = (0, 3, 7, 10, 997, 3_600_000 - 3, 3_600_000 * 24 - 3)
OFFSETS = (-480, -300, -240, 0, 60, 330, 840)


def text(chance: Random, *, empty: float = 0.15) -> str:
    """A text of some words, or none."""
    if chance.random() < empty:
        return ""
    return chance.choice((" ", " ", "")).join(chance.choices(WORDS, k=chance.randint(1, 4)))


def stamp(at: datetime, *, colon: str = ":", name: str = "") -> str:
    """An instant in the form of LastModifiedDate, in the zone that it has."""
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"GMT{'-' if minutes < 0 else '+'}{hours:02}{colon}{rest:02}{name}"
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {offset}"


def modified(chance: Random) -> str:
    """A stamp at or near a bound of a day or of daylight saving time, or somewhere in such a day."""
    day = chance.choice(DAYS)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    hours = chance.choice((0, 0, 1, 2, 5, 6, 7, 12, 23, 24))
    after = chance.choice((0, 3, 7, -3, 1_800_000, chance.randrange(360_000) * 10))
    return stamp((midnight + timedelta(hours=hours, milliseconds=after)).astimezone(ZONE))


def one(kind: str, key: int, chance: Random) -> Record:
    """A random record. Other kinds have keys from 1 to 40, of which a few are referred to."""
    few = partial(chance.choice, (1, 2, 3, 4, 5, 6))
    few_or_none = partial(chance.choice, (None, 1, 2, 3, 4, 5))
    record: Record = {f"{kind}Key": key}
    if kind in (*TABLES, "ClientType", "ContactType", "EmployeeType"):
        name = "Department" if kind == "Department" else "Description"
        return record | {name: text(chance), "Status": chance.choice(ACTIVE)}
    record |= {"LastModifiedDate": modified(chance), f"{kind}TypeKey": few_or_none(), "Status": chance.choice(ACTIVE)}
    if kind == "Employee":
        names = {name: chance.choice((None, text(chance), text(chance))) for name in ("FirstName", "MiddleName")}
        keys = {"CompanyKey": few(), "DepartmentKey": few_or_none(), "SupervisorKey": few_or_none()}
        return record | names | keys | {"LastName": text(chance)}
    if kind == "Contact":
        return record | {name: chance.choice((None, text(chance))) for name in CONTACT_TEXTS}
    if kind == "Client":
        held = chance.sample(range(1, SIZE), k=chance.randint(0, 3))
        lines = [{"ContactKey": contact, "Order": order} for order, contact in enumerate(held)]
        return record | {"CompanyKey": few_or_none(), "Description": text(chance, empty=0), "Contacts": lines}
    group = {"InvoiceGroupKey": key, "Description": "Fees", "Phases": [{"PhaseKey": 1000 + key, "Description": "All"}]}
    return record | {
        "Status": chance.choice(("Null", *STATUSES)),
        "CompanyKey": few(),
        "Description": text(chance),
        "ID": chance.choice((None, text(chance)[:30])),
        "SyncToCRM": chance.random() < 0.5,
        "InvoiceGroups": [group],
    }


CONTACT_TEXTS = ("FirstName", "MiddleName", "LastName", "Company")
KINDS = (*TABLES, "ClientType", "ContactType", "EmployeeType", "Contact", "Client", "Employee", "Project")


@dataclass
class Firm:
    """The random firm behind its server, and its full records by kind."""

    ajera: MockAjera
    full: Mapping[str, Sequence[Record]]
    written: Mapping[str, Mapping[int, Record]]
    """What was put into the books, by kind and key."""

    def kept(self, method: str, arguments: Record, version: int = 1) -> list[int]:
        """The keys that the method answers, as they stand there."""
        answer = self.ajera.call(method, arguments, version=version)
        assert answer["Errors"] == [], arguments
        (rows,) = answer["Content"].values()
        return [row[KEYS[method]] for row in rows]


LISTS = {name: method for name, method in METHODS.items() if name.startswith("List")}
KIND_OF = {name: method.records[0].kind for name, method in LISTS.items()}
KEYS = {name: f"{kind}Key" for name, kind in KIND_OF.items()}
FILTERS = [(name, argument) for name, method in LISTS.items() for argument in method.arguments.members]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A firm in files; then records are written anew, added and deleted, so that every index has moved."""
    chance = Random("every filter")
    folder: Path = tmp_path_factory.mktemp("firm")
    (folder / "firm.json").write_text(json.dumps(FIRM), encoding="utf-8")
    written = {kind: {key: one(kind, key, chance) for key in range(1, SIZE + 1)} for kind in KINDS}
    for kind, records in written.items():
        (folder / file_name(kind)).write_text(json.dumps(list(records.values())), encoding="utf-8")
    with MockAjera(sample=folder, seed="every filter") as ajera:
        for kind in KINDS:
            for key in (*chance.sample(range(1, SIZE), k=12), SIZE + 1, SIZE + 2):
                written[kind][key] = one(kind, key, chance)
                ajera.put_record(kind, written[kind][key])
        delete(ajera, "Clients", SIZE + 2)
        delete(ajera, "Projects", SIZE + 2)
        del written["Client"][SIZE + 2], written["Project"][SIZE + 2]
        yield Firm(ajera, {kind: full(ajera, method) for method, kind in KIND_OF.items()}, written)


def delete(ajera: MockAjera, noun: str, key: int) -> None:
    """Delete a record through the API."""
    (record,) = ajera.call(f"Get{noun}", {f"Requested{noun}": [key]})["Content"][noun]
    gone = {f"Updated{noun}": [record | {"Delete": True}], f"Unchanged{noun}": [record]}
    assert ajera.call(f"Update{noun}", gone)["Errors"] == []


def full(ajera: MockAjera, method: str) -> list[Record]:
    """Every record that the method lists, as the Get method shows it; where there is none, as the list does."""
    ((noun, rows),) = ajera.call(method)["Content"].items()
    keys = [row[KEYS[method]] for row in rows]
    if f"Get{noun}" not in METHODS:
        return rows
    got: list[Record] = []
    for at in range(0, len(keys), 50):
        got += ajera.call(f"Get{noun}", {f"Requested{noun}": keys[at : at + 50]})["Content"][noun]
    return sorted(got, key=lambda record: record[KEYS[method]])


# What filters mean.


@dataclass(frozen=True)
class Oracle:
    """What a filter means: whether it keeps a record, and values to ask for, made of the records given."""

    keeps: Callable[[Firm, Record, Any], bool]
    values: Callable[[Firm, Sequence[Record]], Values]
    refused: Sequence[Any] = ()
    """Values that it does not take."""


def now_and_then(values: Values, *others: Any) -> Values:
    """The values, and one time in eight one of the others."""
    return st.integers(0, 7).flatmap(lambda n: st.sampled_from(others) if n == 0 else values)


def items(pool: Collection[Any], *, most: int = 4) -> Values:
    """A list of items, some of them twice; now and then no list or an empty one, which is no filter."""
    return now_and_then(st.lists(st.sampled_from(list(pool)), min_size=1, max_size=most), None, [])


def words(*known: str) -> Oracle:
    """Keeps the records whose Status is one of the words, in whatever case."""
    spelt = [form(word) for word in known for form in (str, str.lower, str.upper, str.swapcase)]

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return record["Status"].lower() in [word.lower() for word in value]

    return Oracle(keeps, lambda firm, records: items(spelt, most=2), refused=(["Null"], [None], "Active", [""]))


def among(held: Callable[[Firm, Record], Collection[int | None]], *, null: bool = False) -> Oracle:
    """Keeps the records of which one of the keys is listed; where ``null`` is taken, it is a key like others."""

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        pool = sorted({key for record in records for key in held(firm, record) if key is not None})
        nulls = [None, None] if null else []
        return items([*pool, *pool, *nulls, *nulls, 0, -3, 777_777, 2**31 - 1])

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(key in value for key in held(firm, record))

    return Oracle(keeps, values, refused=(["1"], [Decimal("1.5")], 1, *(() if null else ([None], [1, None]))))


def key(member: str, *, null: bool = False) -> Oracle:
    """Keeps the records whose member is one of the listed keys."""
    return among(lambda firm, record: (record[member],), null=null)


def company_of_client(firm: Firm, record: Record) -> list[int | None]:
    """A client's company, which is never printed."""
    company = firm.written["Client"][record["ClientKey"]]["CompanyKey"]
    return [] if company is None else [company]


def companies_of_contact(firm: Firm, record: Record) -> list[int | None]:
    """The companies of the clients that hold a contact."""
    return [
        company
        for client in firm.full["Client"]
        if record["ContactKey"] in [line["ContactKey"] for line in client["Contacts"]]
        for company in company_of_client(firm, client)
    ]


def flag(member: str) -> Oracle:
    """Keeps the records whose member is listed, as such or as a word."""

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return str(record[member]).lower() in [str(item).lower() for item in value]

    spelt = (True, True, False, False, "true", "False", "TRUE")
    return Oracle(keeps, lambda firm, records: items(spelt, most=3), refused=([None], ["yes"], [1], True))


def equals(member: str) -> Oracle:
    """Keeps the records whose member is the text, in whatever case."""

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        whole = st.sampled_from([record[member] for record in records])
        forms = st.sampled_from((str, str, str.lower, str.upper, str.swapcase, lambda said: said[1:], "{} ".format))
        return now_and_then(st.builds(lambda said, form: form(said), whole, forms), "", "%", "_")

    return Oracle(keeps=lambda firm, record, value: record[member].lower() == value.lower(), values=values)


def like(*members: str, joined: bool = False) -> Oracle:
    """Keeps the records where the pattern occurs in a member, or with ``joined`` in all that are not empty as one."""

    def texts(record: Record) -> list[str]:
        said = [record[member] for member in members]
        return [*said, " ".join(filter(None, said))] if joined else said

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        return now_and_then(patterns([said for record in records for said in texts(record)]), None, "", "%", "_")

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(occurs(value, said) for said in texts(record))

    return Oracle(keeps, values, refused=(["a"], 1))


@st.composite
def patterns(draw: Any, texts: Sequence[str]) -> str:
    """A piece of a text, or two with % between, with some signs as wildcards, sets or in another case; or any signs."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text("aAb-z%_[]^\\É日", max_size=6))
    said = draw(st.sampled_from(texts)) or "a"
    pieces = []
    at = 0
    for _ in range(draw(st.sampled_from((1, 1, 1, 2)))):
        at = draw(st.integers(at, max(at, len(said) - 1)))
        end = at + draw(st.integers(1, 4))
        pieces.append("".join(draw(st.sampled_from(disguises(sign))) for sign in said[at:end]))
        at = end
    return "%".join(pieces)


def disguises(sign: str) -> list[str]:
    """Patterns for one sign. Most find it, and most often it stands for itself."""
    sets = [f"[{sign}]", f"[^{sign}]", f"[x{sign}9]", f"[!-{sign}]", f"[^{sign}-~]", f"[{sign}-]", f"[-{sign}", "[^z]"]
    return [*[sign] * 8, sign.lower(), sign.upper(), sign.swapcase(), "_", "%", *sets]


def occurs(pattern: str, said: str) -> bool:
    """Whether the text is LIKE '%pattern%', without regard to case."""
    return matches([None, *signs(pattern.lower()), None], said.lower())


def matches(wanted: Sequence[Any], said: str) -> bool:
    """Whether the text is what is wanted: tests of one sign each, and None for any signs."""
    if not wanted:
        return not said
    first, *rest = wanted
    if first is None:
        return any(matches(rest, said[at:]) for at in range(len(said) + 1))
    return said != "" and first(said[0]) and matches(rest, said[1:])


def signs(pattern: str) -> list[Any]:
    """The pattern as a list of tests of one sign each, and None for %."""
    if not pattern:
        return []
    sign, rest = pattern[0], pattern[1:]
    if sign == "%":
        return [None, *signs(rest)]
    if sign == "_":
        return [lambda found: True, *signs(rest)]
    # The first sign of a set may be ] itself. A bracket that nothing closes is an ordinary sign.
    if sign == "[" and "]" in rest[1:]:
        end = rest.index("]", 1)
        inside, rest = rest[:end], rest[end + 1 :]
        if inside[0] == "^" and inside != "^":
            return [lambda found: found not in members_of(inside[1:]), *signs(rest)]
        return [lambda found: found in members_of(inside), *signs(rest)]
    return [lambda found: found == sign, *signs(rest)]


def members_of(inside: str) -> set[str]:
    """The signs of a set. A range that does not ascend is three signs."""
    if not inside:
        return set()
    if len(inside) >= 3 and inside[1] == "-" and inside[0] <= inside[2]:
        return {chr(code) for code in range(ord(inside[0]), ord(inside[2]) + 1)} | members_of(inside[3:])
    return {inside[0]} | members_of(inside[1:])


def instant(printed: str) -> datetime:
    """The instant of a stamp, in UTC."""
    found = re.fullmatch(r"(\S+ \S+) GMT([+-]\d\d:?\d\d)( \(.+\))?", printed)
    assert found is not None, printed
    return datetime.strptime(f"{found[1]}{found[2]}", "%Y-%m-%d %H:%M:%S.%f%z").astimezone(UTC)


def midnight(day: date) -> datetime:
    """The instant at which a day begins in the firm's zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def on_or_after(firm: Firm, record: Record, value: Any) -> bool:
    """Whether a record was last modified then or later."""
    last = instant(record["LastModifiedDate"])
    return last >= (midnight(date.fromisoformat(value)) if len(value) == 10 else instant(value))


def on_or_before(firm: Firm, record: Record, value: Any) -> bool:
    """Whether a record was last modified then or earlier; a bare day lasts until the next one."""
    last = instant(record["LastModifiedDate"])
    if len(value) == 10:
        return last < midnight(date.fromisoformat(value) + timedelta(days=1))
    return last <= instant(value)


def instants(firm: Firm, records: Sequence[Record]) -> Values:
    """Bare days and stamps at, right before and right after those of the records, written in several ways."""
    printed = st.sampled_from([record["LastModifiedDate"] for record in records])
    days = st.builds(
        lambda last, shift: (instant(last).astimezone(ZONE).date() + timedelta(days=shift)).isoformat(),
        printed,
        st.integers(-1, 1),
    )
    near = st.builds(
        lambda last, shift, offset, colon, name: stamp(
            (instant(last) + timedelta(milliseconds=shift)).astimezone(timezone(timedelta(minutes=offset))),
            colon=colon,
            name=name,
        ),
        printed,
        st.sampled_from((0, 0, 1, -1, 3, -3, 4, -4, *TICKS)),
        st.sampled_from(OFFSETS),
        st.sampled_from((":", "")),
        st.sampled_from(("", " (Eastern Standard Time)", " (Pacific Daylight Time)")),
    )
    return now_and_then(st.one_of(days, printed, near), None, "1900-01-01", "2079-12-31")


NO_DATES = ("", "2026-3-8", "2026-02-30", "2026-03-08 09:00", 20260308, ["2026-03-08"])
MODIFIED = {
    "FilterByEarliestModifiedDate": Oracle(on_or_after, instants, NO_DATES),
    "FilterByLatestModifiedDate": Oracle(on_or_before, instants, NO_DATES),
}

ORACLES: dict[str, dict[str, Oracle]] = {
    "ListCompanies": {"FilterByStatus": words(*ACTIVE)},
    "ListDepartments": {"FilterByStatus": words(*ACTIVE)},
    "ListProjectTypes": {"FilterByStatus": words(*ACTIVE)},
    "ListInvoiceFormats": {"FilterByStatus": words(*ACTIVE)},
    "ListRateTables": {"FilterByStatus": words(*ACTIVE)},
    "ListEmployees": {
        "FilterByDepartment": key("DepartmentKey"),
        "FilterByCompany": key("CompanyKey"),
        "FilterBySupervisor": key("SupervisorKey"),
        "FilterByStatus": words(*ACTIVE),
        "FilterByNameLike": like("FirstName", "MiddleName", "LastName", joined=True),
        "FilterByEmployeeType": key("EmployeeTypeKey", null=True),
        **MODIFIED,
    },
    "ListContacts": {
        "FilterByCompany": among(companies_of_contact),
        "FilterByStatus": words(*ACTIVE),
        "FilterByText": like(*CONTACT_TEXTS),
        "FilterByContactType": key("ContactTypeKey", null=True),
        **MODIFIED,
    },
    "ListClients": {
        "FilterByCompany": among(company_of_client),
        "FilterByStatus": words(*ACTIVE),
        "FilterByNameLike": like("Description"),
        "FilterByNameEquals": equals("Description"),
        "FilterByClientType": key("ClientTypeKey", null=True),
        **MODIFIED,
    },
    "ListProjects": {
        "FilterByStatus": words(*STATUSES),
        "FilterByCompany": key("CompanyKey"),
        "FilterByNameLike": like("Description", "ID"),
        "FilterByDescriptionLike": like("Description"),
        "FilterByDescriptionEquals": equals("Description"),
        "FilterByIDLike": like("ID"),
        "FilterByProjectType": key("ProjectTypeKey", null=True),
        "FilterBySyncToCRM": flag("SyncToCRM"),
        **MODIFIED,
    },
}

# The tests.


def expected(firm: Firm, method: str, arguments: Record) -> list[int]:
    """The keys that the method must answer: every filter that is set keeps them."""
    set_ = {argument: value for argument, value in arguments.items() if value is not None and value != []}
    return [
        record[KEYS[method]]
        for record in firm.full[KIND_OF[method]]
        if all(ORACLES[method][argument].keeps(firm, record, value) for argument, value in set_.items())
    ]


def share(firm: Firm, method: str, arguments: Callable[[st.DataObject], Record], *note) -> float:
    """Ask sixty times, the same ones in every run, and compare. The share of answers with some records and not all."""
    counts: Counter[bool] = Counter()
    everything = len(firm.full[KIND_OF[method]])

    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(data=st.data(), version=st.sampled_from(LISTS[method].versions))
    def agrees(data: st.DataObject, version: int) -> None:
        asked = arguments(data)
        wanted = expected(firm, method, asked)
        assert firm.kept(method, asked, version) == wanted
        counts[0 < len(wanted) < everything] += 1

    agrees()
    print(f"share {counts[True] / counts.total():.2f}", method, *note)
    return counts[True] / counts.total()


def test_the_firm_is_what_was_written(firm):
    """Nothing can be left out by Get and filter alike."""
    for method, kind in KIND_OF.items():
        assert [record[KEYS[method]] for record in firm.full[kind]] == sorted(firm.written[kind])


def test_every_filter_has_an_oracle():
    """A new filter is not forgotten, and one that is gone neither."""
    assert sorted((method, argument) for method, known in ORACLES.items() for argument in known) == sorted(FILTERS)


@pytest.mark.parametrize(("method", "argument"), FILTERS)
def test_a_filter_keeps_what_it_should(firm, method, argument):
    """Alone, with every form of value; a third of the values or more tell records apart."""
    values = ORACLES[method][argument].values(firm, firm.full[KIND_OF[method]])
    assert share(firm, method, lambda data: {argument: data.draw(values)}, argument) >= 1 / 3


@pytest.mark.parametrize("method", [method for method in LISTS if len(LISTS[method].arguments.members) > 1])
def test_several_filters_must_all_hold(firm, method):
    """Two to four at once, half of the time made for one record, so that something is left."""
    records = firm.full[KIND_OF[method]]

    def arguments(data: st.DataObject) -> Record:
        chosen = data.draw(st.lists(st.sampled_from(sorted(ORACLES[method])), min_size=2, max_size=4, unique=True))
        at = data.draw(st.integers(0, 2 * len(records) - 1))
        near = records[at : at + 1] or records
        return {argument: data.draw(ORACLES[method][argument].values(firm, near)) for argument in chosen}

    assert share(firm, method, arguments) >= 1 / 3


@pytest.mark.parametrize(("method", "argument"), FILTERS)
def test_a_value_that_a_filter_does_not_take_is_refused(firm, method, argument):
    """Neither everything nor nothing is answered, and null is an item only where it says that there is no type."""
    for value in ORACLES[method][argument].refused:
        assert firm.ajera.call(method, {argument: value})["Errors"], value
