"""Every filter of every List method keeps the records that a plain evaluation over the full records keeps.

The records are random and read by the Get methods, or by the unfiltered list where there is none. Values that the API
never prints, such as the company of a client, come from what was written. Nothing here uses the filters of the server:
LIKE is matched character by character, dates are compared with datetime and zoneinfo.
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
    "ApiUsers": [{"Username": "integrator", "Password": "Offline_4jera", "AuthorizingEmployeeKey": 1}],
}

# The random firm.

SIZE = 40
ACTIVE = ("Active", "Inactive")
STATUSES = ("Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing")
CONTACT_TEXTS = ("FirstName", "MiddleName", "LastName", "Company")
NEVER_PRINTED = {"Client": ("CompanyKey",), "Vendor": ("CompanyKey",), "VendorType": ("IsConsultant", "IsCreditCard")}
WORDS = (
    *("Harden", "house", "HOUSE", "École", "éTUDE", "Straße", "STRASSE", "İzmir", "izmir", "Iris", "日本", "日本橋"),
    *("100%", "1000", "a_b", "axb", "[A]", "[a-c]", "x]", "[^b]", "^", "-", "a-z", "O'Dell", 'the "Q"', "back\\slash"),
    *("two\nlines", "B\n", "a.c", "(", "é", "~", "%"),
)
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 7, 4)]
DAYS += [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
TICKS = (0, 3, 7, 10, 997, 3_600_000 - 3, 3_600_000 * 24 - 3)
OFFSETS = (-480, -300, -240, 0, 60, 330, 840)


def text(chance: Random, *, empty: float = 0.15) -> str:
    """Return a random text, possibly empty."""
    if chance.random() < empty:
        return ""
    return chance.choice((" ", " ", "")).join(chance.choices(WORDS, k=chance.randint(1, 4)))


def stamp(at: datetime, *, colon: str = ":", name: str = "") -> str:
    """Return a time in the form of LastModifiedDate, in its own time zone."""
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"GMT{'-' if minutes < 0 else '+'}{hours:02}{colon}{rest:02}{name}"
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {offset}"


def modified(chance: Random) -> str:
    """Return a stamp at or near midnight or a change of daylight saving time, or elsewhere in such a day."""
    day = chance.choice(DAYS)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    hours = chance.choice((0, 0, 1, 2, 5, 6, 7, 12, 23, 24))
    after = chance.choice((0, 3, 7, -3, 1_800_000, chance.randrange(360_000) * 10))
    return stamp((midnight + timedelta(hours=hours, milliseconds=after)).astimezone(ZONE))


def one(kind: str, key: int, chance: Random) -> Record:
    """Return a random record. Every kind has keys from 1 to 40, of which a few are referenced."""
    few, status = partial(chance.randint, 1, 6), chance.choice(ACTIVE)
    few_or_none = partial(chance.choice, (None, 1, 2, 3, 4, 5))
    record: Record = {f"{kind}Key": key, "Status": status}
    if kind not in ("Employee", "Contact", "Client", "Vendor", "Project", "ProjectTemplate"):
        record["Department" if kind == "Department" else "Description"] = text(chance)
        return record | {name: chance.random() < 0.5 for name in NEVER_PRINTED.get(kind, ())}
    record |= {"LastModifiedDate": modified(chance)}
    match kind:
        case "Employee":
            record |= {name: chance.choice((None, text(chance), text(chance))) for name in ("FirstName", "MiddleName")}
            record |= {"LastName": text(chance), "CompanyKey": few(), "EmployeeTypeKey": few_or_none()}
            record |= {"DepartmentKey": few_or_none(), "SupervisorKey": few_or_none()}
        case "Contact":
            record |= {name: chance.choice((None, text(chance))) for name in CONTACT_TEXTS}
            record |= {"ContactTypeKey": few_or_none()}
        case "Client" | "Vendor":
            held = chance.sample(range(1, SIZE), k=chance.randint(0, 3))
            record |= {"Contacts": [{"ContactKey": contact, "Order": order} for order, contact in enumerate(held)]}
            record |= {"Description" if kind == "Client" else "Name": text(chance, empty=0)}
            record |= {"CompanyKey": few_or_none(), f"{kind}TypeKey": few_or_none()}
        case _:
            phase = {"PhaseKey": key + 1000 * len(kind), "Description": "All"}
            record |= {"InvoiceGroups": [{"InvoiceGroupKey": key, "Description": "Fees", "Phases": [phase]}]}
            record |= {"Description": text(chance), "ID": chance.choice((None, text(chance)[:30]))}
            record |= {"CompanyKey": few(), "ProjectTypeKey": few_or_none(), "SyncToCRM": chance.random() < 0.5}
            record |= {"Status": chance.choice(("Null", *STATUSES))}
    return record


@dataclass
class Firm:
    """The random firm and its server."""

    ajera: MockAjera
    written: Mapping[str, Mapping[int, Record]]
    """The records as they were written, by kind and key."""
    full: Mapping[str, Sequence[Record]]
    """Every record as printed, completed with members never printed, in key order, by List method."""

    def keys(self, method: str, arguments: Record, version: int = 1) -> list[int]:
        """Return the keys in the answer of a List method, in its order."""
        answer = self.ajera.call(method, arguments, version=version)
        assert answer["Errors"] == []
        (rows,) = answer["Content"].values()
        return [row[f"{KINDS[method]}Key"] for row in rows]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """Load a firm from files. Then update, add and delete records, so that every index changes."""
    chance = Random("every filter")
    folder: Path = tmp_path_factory.mktemp("firm")
    (folder / "firm.json").write_text(json.dumps(FIRM), encoding="utf-8")
    # Templates and projects share one sequence of keys.
    first = {kind: SIZE + 10 if kind == "ProjectTemplate" else 0 for kind in KINDS.values()}
    written = {
        kind: {key: one(kind, key, chance) for key in range(at + 1, at + SIZE + 1)} for kind, at in first.items()
    }
    for kind, records in written.items():
        (folder / file_name(kind)).write_text(json.dumps(list(records.values())), encoding="utf-8")
    with MockAjera(sample=folder, seed="every filter") as ajera:
        for kind, at in first.items():
            for key in (at + step for step in (*chance.sample(range(1, SIZE), k=12), SIZE + 1, SIZE + 2)):
                written[kind][key] = one(kind, key, chance)
                ajera.put_record(kind, written[kind][key])
        for kind in ("Client", "Project"):
            delete(ajera, f"{kind}s", SIZE + 2)
            del written[kind][SIZE + 2]
        yield Firm(ajera, written, {method: full(ajera, method, written) for method in KINDS})


def delete(ajera: MockAjera, noun: str, key: int) -> None:
    """Delete a record with the API."""
    (record,) = ajera.call(f"Get{noun}", {f"Requested{noun}": [key]})["Content"][noun]
    gone = {f"Updated{noun}": [record | {"Delete": True}], f"Unchanged{noun}": [record]}
    assert ajera.call(f"Update{noun}", gone)["Errors"] == []


def full(ajera: MockAjera, method: str, written: Mapping[str, Mapping[int, Record]]) -> list[Record]:
    """Return every listed record as the Get method shows it, or as the list does where there is none."""
    kind = KINDS[method]
    (records,) = ajera.call(method)["Content"].values()
    keys = [record[f"{kind}Key"] for record in records]
    if get := METHODS.get(method.replace("List", "Get")):
        (asked,) = get.operations[1].arguments.by_wire
        (records,) = ajera.call(get.name, {asked: keys})["Content"].values()
    for record in records:
        for name in NEVER_PRINTED.get(kind, ()):
            assert name not in record
            record[name] = written[kind][record[f"{kind}Key"]][name]
    return sorted(records, key=lambda record: record[f"{kind}Key"])


# The meaning of each filter.

MANY = 40


@dataclass(frozen=True)
class Oracle:
    """The meaning of a filter, and values to filter by."""

    keeps: Callable[[Firm, Record, Any], bool]
    values: Callable[[Firm, Sequence[Record]], Values]
    refused: Sequence[Any]
    """Invalid values."""
    examples: int = 20
    """Number of values to try."""


def now_and_then(values: Values, *others: Any) -> Values:
    """Return the values, and one time in eight one of the others."""
    return st.integers(0, 7).flatmap(lambda n: st.sampled_from(others) if n == 0 else values)


def items(own: Sequence[Any], *others: Any, most: int) -> Values:
    """Return lists of values, most of them from records; sometimes null or empty, which is no filter."""
    pool = [*own * (2 * len(others) // max(1, len(own)) + 1), *others]
    return now_and_then(st.lists(st.sampled_from(pool), min_size=1, max_size=most), None, [])


def folded(content: str) -> str:
    """Fold the case of a text character by character, so that its length does not change."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in content)


def words(*known: str) -> Oracle:
    """Filter by Status, without regard to case."""

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        own = sorted({record["Status"] for record in records}.intersection(known))
        return items([form(word) for word in own for form in (str, str.lower, str.upper, str.swapcase)], *known, most=2)

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return folded(record["Status"]) in [folded(word) for word in value]

    return Oracle(keeps, values, refused=(["Null"], [None], "Active", [""]))


def among(held: Callable[[Firm, Record], Collection[int | None]], *, null: bool = False) -> Oracle:
    """Filter by several keys of a record. ``null``: null is a valid key."""

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        own = {key for record in records for key in held(firm, record) if null or key is not None}
        return items(sorted(own, key=str), 0, -3, 777_777, 2**31 - 1, most=4)

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(key in value for key in held(firm, record))

    return Oracle(keeps, values, refused=(["1"], [Decimal("1.5")], 1, *(() if null else ([None], [1, None]))))


def key(member: str, *, null: bool = False) -> Oracle:
    """Filter by a key."""
    return among(lambda firm, record: (record[member],), null=null)


def companies_of_contact(firm: Firm, record: Record) -> list[int]:
    """Return the companies of the clients of a contact."""
    return [
        client["CompanyKey"]
        for client in firm.full["ListClients"]
        for line in client["Contacts"]
        if line["ContactKey"] == record["ContactKey"] and client["CompanyKey"] is not None
    ]


def flag(member: str, *, bare: bool = False) -> Oracle:
    """Filter by a flag, as boolean or text. ``bare``: a value without a list is valid."""

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        listed = value if isinstance(value, list) else [value]
        return str(record[member]).lower() in [str(item).lower() for item in listed]

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        own = sorted({record[member] for record in records})
        spelt = [form for value in own for form in (value, value, str(value), str(value).lower(), str(value).upper())]
        listed = items(spelt, True, False, most=2)
        return st.one_of(listed, st.sampled_from(spelt)) if bare else listed

    return Oracle(keeps, values, refused=([None], ["yes"], [1], "no", *(() if bare else (True, "true"))))


def equals(member: str) -> Oracle:
    """Filter by an equal text, without regard to case."""

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        whole = st.sampled_from([record[member] for record in records])
        forms = st.sampled_from(
            (*[str, str.lower, str.upper, str.swapcase] * 2, lambda content: content[1:], "{} ".format)
        )
        return now_and_then(st.builds(lambda content, form: form(content), whole, forms), None, "", "%", "_")

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return value is None or folded(record[member]) == folded(value)

    return Oracle(keeps, values, refused=(["a"], 1, True), examples=MANY)


def like(*members: str, joined: bool = False) -> Oracle:
    """Filter by a pattern in a member. ``joined``: or in all nonempty members joined by spaces."""

    def texts(record: Record) -> list[str]:
        content = [record[member] for member in members]
        return [*content, " ".join(filter(None, content))] if joined else content

    def values(firm: Firm, records: Sequence[Record]) -> Values:
        content = [content for record in records for content in texts(record) if content]
        return now_and_then(patterns(content or ["a"]), None, "", "%", "_")

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(occurs(value, content) for content in texts(record))

    return Oracle(keeps, values, refused=(["a"], 1, "x" * 4001), examples=MANY)


@st.composite
def patterns(draw: Any, texts: Sequence[str]) -> str:
    """Return one or two pieces of a text with wildcards, sets and changed case, or random characters."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text("aAb-z%_[]^\\É日", max_size=6))
    content = draw(st.sampled_from(texts))
    pieces = []
    at = 0
    for _ in range(draw(st.sampled_from((1, 1, 1, 2)))):
        at = draw(st.integers(at, max(at, len(content) - 1)))
        end = at + draw(st.integers(1, 4))
        pieces.append("".join(draw(st.sampled_from(disguises(char))) for char in content[at:end]))
        at = end
    return "%".join(pieces)


def disguises(char: str) -> list[str]:
    """Return patterns for one character. Most match it; most often it is the character itself."""
    sets = [f"[{char}]", f"[^{char}]", f"[x{char}9]", f"[{char}-]", f"[-{char}", "[^z]"]
    sets += [f"[!-{char}]", f"[^{char}-~]", f"[{char}-{char}]"]
    return [*[char] * 8, char.lower(), char.upper(), char.swapcase(), "_", "%", *sets]


def occurs(pattern: str, content: str) -> bool:
    """Return whether a text is LIKE '%pattern%', without regard to case."""
    content = folded(content)
    places = set(range(len(content) + 1))
    for wanted in matchers(folded(pattern)):
        if wanted is None:
            places = {later for place in places for later in range(place, len(content) + 1)}
        else:
            places = {place + 1 for place in places if place < len(content) and wanted(content[place])}
    return places != set()


def matchers(pattern: str) -> list[Any]:
    """Return a pattern as a list of tests of one character each, and None for %."""
    if not pattern:
        return []
    char, rest = pattern[0], pattern[1:]
    if char == "%":
        return [None, *matchers(rest)]
    if char == "_":
        return [lambda found: True, *matchers(rest)]
    # The first character of a set may be ]. A bracket without a closing bracket is an ordinary character.
    if char == "[" and "]" in rest[1:]:
        end = rest.index("]", 1)
        inside, rest = rest[:end], rest[end + 1 :]
        if inside[0] == "^" and inside != "^":
            return [lambda found: not in_set(inside[1:], found), *matchers(rest)]
        return [lambda found: in_set(inside, found), *matchers(rest)]
    return [lambda found: found == char, *matchers(rest)]


def in_set(inside: str, char: str) -> bool:
    """Return whether a set has a character. A descending range is three characters."""
    if not inside:
        return False
    if len(inside) >= 3 and inside[1] == "-" and inside[0] <= inside[2]:
        return inside[0] <= char <= inside[2] or in_set(inside[3:], char)
    return inside[0] == char or in_set(inside[1:], char)


def instant(printed: str) -> datetime:
    """Return the time of a stamp in UTC."""
    found = re.fullmatch(r"(\S+ \S+) GMT([+-]\d\d:?\d\d)( \(.+\))?", printed)
    assert found is not None, printed
    return datetime.strptime(f"{found[1]}{found[2]}", "%Y-%m-%d %H:%M:%S.%f%z").astimezone(UTC)


def midnight(day: date) -> datetime:
    """Return the start of a day in the firm's time zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def on_or_after(firm: Firm, record: Record, value: Any) -> bool:
    """Return whether a record was last modified at or after a time."""
    last = instant(record["LastModifiedDate"])
    return last >= (midnight(date.fromisoformat(value)) if len(value) == 10 else instant(value))


def on_or_before(firm: Firm, record: Record, value: Any) -> bool:
    """Return whether a record was last modified at or before a time. A date includes its whole day."""
    last = instant(record["LastModifiedDate"])
    if len(value) == 10:
        return last < midnight(date.fromisoformat(value) + timedelta(days=1))
    return last <= instant(value)


def instants(firm: Firm, records: Sequence[Record]) -> Values:
    """Return dates and stamps at and near those of the records, in several forms."""
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
    "FilterByEarliestModifiedDate": Oracle(on_or_after, instants, NO_DATES, MANY),
    "FilterByLatestModifiedDate": Oracle(on_or_before, instants, NO_DATES, MANY),
}

PROJECTS = {
    "FilterByStatus": words(*STATUSES),
    "FilterByCompany": key("CompanyKey"),
    "FilterByNameLike": like("Description", "ID"),
    "FilterByDescriptionLike": like("Description"),
    "FilterByDescriptionEquals": equals("Description"),
    "FilterByIDLike": like("ID"),
    "FilterByProjectType": key("ProjectTypeKey", null=True),
    "FilterBySyncToCRM": flag("SyncToCRM"),
    **MODIFIED,
}
TABLES = (
    *("AccountGroups", "BankAccounts", "ClientTypes", "Companies", "ContactTypes", "Deductions", "Departments"),
    *("EmployeeTypes", "Fringes", "InvoiceFormats", "MarketingFinalDispositions", "MarketingStages", "Pays"),
    *("PayrollTaxes", "ProjectTypes", "RateTables", "WageTables"),
)
ORACLES: dict[str, dict[str, Oracle]] = {
    **{f"List{noun}": {"FilterByStatus": words(*ACTIVE)} for noun in TABLES},
    "ListActivities": {"FilterByStatus": words(*ACTIVE), "FilterByDescriptionLike": like("Description")},
    "ListVendorTypes": {
        "FilterByStatus": words(*ACTIVE),
        "FilterByIsCreditCard": flag("IsCreditCard", bare=True),
        "FilterByIsConsultant": flag("IsConsultant", bare=True),
    },
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
        "FilterByCompany": key("CompanyKey"),
        "FilterByStatus": words(*ACTIVE),
        "FilterByNameLike": like("Description"),
        "FilterByNameEquals": equals("Description"),
        "FilterByClientType": key("ClientTypeKey", null=True),
        **MODIFIED,
    },
    "ListVendors": {
        "FilterByCompany": key("CompanyKey"),
        "FilterByStatus": words(*ACTIVE),
        "FilterByNameLike": like("Name"),
        "FilterByVendorType": key("VendorTypeKey", null=True),
        **MODIFIED,
    },
    "ListProjects": PROJECTS,
    "ListProjectTemplates": PROJECTS,
}

KINDS = {name: METHODS[name].kind for name in ORACLES if name in METHODS}

# The tests.

NO_FILTERS = (("ListChargeablePhases", "ProjectKey"),)
"""Required arguments of List methods."""

FILTERS = [
    (name, argument)
    for name, method in METHODS.served.items()
    if name.startswith("List")
    for argument in method.operations[1].arguments.by_wire
    if (name, argument) not in NO_FILTERS
]


def expected(firm: Firm, method: str, arguments: Record) -> list[int]:
    """Return the keys of the records that all filters keep."""
    filters = {argument: value for argument, value in arguments.items() if value is not None and value != []}
    return [
        record[f"{KINDS[method]}Key"]
        for record in firm.full[method]
        if all(ORACLES[method][argument].keeps(firm, record, value) for argument, value in filters.items())
    ]


def compare(firm: Firm, method: str, arguments: Callable[[st.DataObject], Record], examples: int) -> None:
    """Compare answers, with the same values in every run. A third of them must have some but not all records."""
    counts: Counter[bool] = Counter()

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(data=st.data(), version=st.sampled_from(list(METHODS[method].operations)))
    def agrees(data: st.DataObject, version: int) -> None:
        asked = arguments(data)
        wanted = expected(firm, method, asked)
        assert firm.keys(method, asked, version) == wanted
        counts[0 < len(wanted) < len(firm.full[method])] += 1

    agrees()
    assert counts[True] * 3 >= counts.total(), "too few values distinguish records"


def test_every_filter_has_an_oracle():
    """Every filter of the server is here, and no other."""
    assert sorted((method, argument) for method, known in ORACLES.items() for argument in known) == sorted(FILTERS)


@pytest.mark.parametrize("method", KINDS)
def test_unfiltered_lists_show_every_record(firm, method):
    """Otherwise a list and its filters could omit the same record."""
    assert firm.keys(method, {}) == sorted(firm.written[KINDS[method]])
    assert [record[f"{KINDS[method]}Key"] for record in firm.full[method]] == sorted(firm.written[KINDS[method]])


@pytest.mark.parametrize(("method", "argument"), FILTERS)
def test_a_filter_keeps_the_right_records(firm, method, argument):
    oracle = ORACLES[method][argument]
    values = oracle.values(firm, firm.full[method])
    compare(firm, method, lambda data: {argument: data.draw(values)}, oracle.examples)


@pytest.mark.parametrize("method", [method for method, known in ORACLES.items() if len(known) > 1])
def test_several_filters_are_combined_with_and(firm, method):
    """Two or three filters at once. Most values are from one record, so that the answer is seldom empty."""
    records, known = firm.full[method], ORACLES[method]
    arguments = st.lists(st.sampled_from(sorted(known)), min_size=2, max_size=3, unique=True)

    def several(data: st.DataObject) -> Record:
        at = data.draw(st.integers(0, 5 * len(records) // 4))
        near = records[at : at + 1] or records
        return {argument: data.draw(known[argument].values(firm, near)) for argument in data.draw(arguments)}

    compare(firm, method, several, MANY)


@pytest.mark.parametrize(("method", "argument"), FILTERS)
def test_an_invalid_value_is_refused(firm, method, argument):
    """Null is a valid item only in filters by an optional type."""
    for value in ORACLES[method][argument].refused:
        assert firm.ajera.call(method, {argument: value})["Errors"], value
