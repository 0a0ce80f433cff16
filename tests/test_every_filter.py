"""Every filter of every List method keeps the records that a plain evaluation over the full records keeps.

The records are random and read by the Get methods, or by the unfiltered list where there is none. Values that the API
never prints, such as the company of a client, come from what was written. Nothing here uses the filters of the server:
LIKE is translated to a regular expression, dates are compared with datetime and zoneinfo.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import eq, gt, lt
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mock_ajera import MockAjera
from mock_ajera.api.families import METHODS
from mock_ajera.sample.files import file_name

Record = dict[str, Any]

ZONE = ZoneInfo("America/New_York")
AUTHORIZING = 1
"""The employee that the API user acts for. Only this employee's expense reports are listed."""
FIRM = {
    "CompanyName": "Sieve & Riddle",
    "TimeZone": ZONE.key,
    "AjeraVersion": "10.30",
    "TimeStartOfWeek": "Monday",
    "Database": {"DatabaseName": "Ajera_Filters", "ClientID": 8, "DatabaseID": 80},
    "ApiUsers": [{"Username": "integrator", "Password": "Offline_4jera", "AuthorizingEmployeeKey": AUTHORIZING}],
}

# The random firm.

SIZE = 40
ACTIVE = ("Active", "Inactive")
STATUSES = ("Preliminary", "Active", "Hold", "WorkHold", "BillingHold", "Closed", "Marketing")
AMOUNTS = tuple(map(Decimal, ("-5", "0", "9.99", "10", "10.01", "10.02", "250.5")))
REPORT_STATUSES = ("New", "In Progress", "Submitted", "Approved", "Processed")
CONTACT_TEXTS = ("FirstName", "MiddleName", "LastName", "Company")
NEVER_PRINTED = {
    "Client": ("CompanyKey",),
    "Vendor": ("CompanyKey",),
    "VendorType": ("IsConsultant", "IsCreditCard"),
    "GLAccount": ("AccountGroupKey",),
    "VendorInvoice": ("PaidDate",),
}
LEFT_OUT = {"VendorInvoice": ("VendorTypeKey", "CompanyKey", "Date", "AccountingDate", "DateToPay")}
"""Members that an answer lacks instead of having a null."""
ACCOUNT_TYPES = (
    *("Current Asset", "Non-Current Asset", "Current Liability", "Non-Current Liability", "Retained Earnings"),
    *("Income", "Expense", "Other Income", "Billable Cost", "Non-Billable Cost"),
)
WORDS = (
    *("Harden", "house", "HOUSE", "École", "éTUDE", "Straße", "STRASSE", "İzmir", "izmir", "Iris", "日本", "日本橋"),
    *("100%", "1000", "a_b", "axb", "[A]", "[a-c]", "x]", "[^b]", "^", "-", "a-z", "O'Dell", 'the "Q"', "back\\slash"),
    *("two\nlines", "B\n", "a.c", "(", "é", "~", "%"),
)
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9), date(2026, 7, 4)]
DAYS += [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
TICKS = (0, 3, 7, 10, 997, 3_600_000 - 3, 3_600_000 * 24 - 3)


def text(chance: Random, *, empty: float = 0.15) -> str:
    """Return a random text, possibly empty."""
    if chance.random() < empty:
        return ""
    return chance.choice((" ", " ", "")).join(chance.choices(WORDS, k=chance.randint(1, 4)))


def stamp(at: datetime) -> str:
    """Return a time in the form of LastModifiedDate, in its own time zone."""
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} GMT{at:%z}"


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
    if kind == "GLAccount":
        account_type = chance.choice(ACCOUNT_TYPES)
        return record | {"Description": text(chance), "AccountGroupKey": few(), "AccountType": account_type}
    if kind == "ExpenseReport":
        days = {name: chance.choice((None, *map(str, DAYS))) for name in ("BeginningDate", "EndingDate")}
        record |= {"EmployeeKey": AUTHORIZING, "Status": chance.choice(REPORT_STATUSES), "Description": text(chance)}
        return record | days | {"LastModifiedDate": modified(chance)}
    if kind == "VendorInvoice":
        amount = chance.choice(AMOUNTS)
        record |= {"VendorKey": few(), "CompanyKey": few_or_none(), "Status": chance.choice(("Normal", "Voided"))}
        names = ("Date", "AccountingDate", "DateToPay", "PaidDate")
        days = {name: chance.choice((None, str(chance.choice(DAYS)))) for name in names}
        line = {"TransactionKey": key, "AccountKey": few(), "CostAmount": amount}
        return record | days | {"Amount": amount, "LineItems": [line]}
    if kind not in ("Employee", "Contact", "Client", "Vendor", "Project", "ProjectTemplate"):
        record["Department" if kind == "Department" else "Description"] = text(chance)
        return record | {name: chance.random() < 0.5 for name in NEVER_PRINTED.get(kind, ())}
    record |= {"LastModifiedDate": modified(chance)}
    match kind:
        case "Employee":
            record |= {name: chance.choice((None, text(chance), text(chance))) for name in ("FirstName", "MiddleName")}
            record |= {"LastName": text(chance), "CompanyKey": few(), "EmployeeTypeKey": few_or_none()}
            record |= {"DepartmentKey": few_or_none(), "SupervisorKey": few_or_none()}
            record |= {"Status": "Active", "SupervisorKey": 2} if key == AUTHORIZING else {}
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

    def keys(self, method: str, arguments: Record, version: int = 0) -> list[int]:
        """Return the keys in the answer of a List method, in its order. ``version``: by default the first."""
        answer = self.ajera.call(method, arguments, version=version or first_version(method))
        assert answer["Errors"] == []
        rows = next(iter(answer["Content"].values()))
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
        text = json.dumps(list(records.values()), default=float)
        (folder / file_name(kind)).write_text(text, encoding="utf-8")
    with MockAjera(sample=folder, seed="every filter") as ajera:
        for kind, at in first.items():
            for key in (at + step for step in (*chance.sample(range(1, SIZE), k=12), SIZE + 1, SIZE + 2)):
                written[kind][key] = one(kind, key, chance)
                ajera.put_record(kind, written[kind][key])
        for kind in ("Client", "Project"):
            delete(ajera, f"{kind}s", SIZE + 2)
            del written[kind][SIZE + 2]
        yield Firm(ajera, written, {method: full(ajera, method, written) for method in KINDS})


def first_version(method: str) -> int:
    """Return the first version of the API that has a method."""
    return min(METHODS[method].versions)


def delete(ajera: MockAjera, noun: str, key: int) -> None:
    """Delete a record with the API."""
    (record,) = ajera.call(f"Get{noun}", {f"Requested{noun}": [key]})["Content"][noun]
    gone = {f"Updated{noun}": [record | {"Delete": True}], f"Unchanged{noun}": [record]}
    assert ajera.call(f"Update{noun}", gone)["Errors"] == []


def full(ajera: MockAjera, method: str, written: Mapping[str, Mapping[int, Record]]) -> list[Record]:
    """Return every listed record as the Get method shows it, or as the list does where there is none."""
    kind, version = KINDS[method], first_version(method)
    records = next(iter(ajera.content(method, version=version).values()))
    keys = [record[f"{kind}Key"] for record in records]
    if get := METHODS.get(method.replace("List", "Get")):
        asked = next(name for name in get.versions[version].arguments.by_wire if name.startswith("Requested"))
        records = next(iter(ajera.content(get.name, {asked: keys}, version=version).values()))
    for record in records:
        record |= {name: None for name in LEFT_OUT.get(kind, ()) if name not in record}
        for name in NEVER_PRINTED.get(kind, ()):
            assert name not in record
            record[name] = written[kind][record[f"{kind}Key"]][name]
    return sorted(records, key=lambda record: record[f"{kind}Key"])


# The meaning of each filter.


@dataclass(frozen=True)
class Oracle:
    """The meaning of a filter, and values to filter by."""

    keeps: Callable[[Firm, Record, Any], bool]
    draw: Callable[[Random, Record], Any]
    """Returns a value that probably keeps the record."""
    refused: Sequence[Any]
    """Invalid values."""
    divides: bool = True
    """Whether a value can keep some records and not others."""
    either: bool = False
    """Whether a record must pass only one of such filters. False is then the same as absent."""


def in_some_case(chance: Random, content: str) -> str:
    """Return a text in its own or another case."""
    return chance.choice((str, str.lower, str.upper, str.swapcase))(content)


def folded(content: str) -> str:
    """Fold the case of a text character by character, so that its length does not change."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in content)


def words(*known: str) -> Oracle:
    """Filter by Status, without regard to case."""

    def draw(chance: Random, record: Record) -> list[str]:
        own = record["Status"] if record["Status"] in known else known[0]
        return [in_some_case(chance, word) for word in (own, chance.choice(known))[: chance.randint(1, 2)]]

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return folded(record["Status"]) in map(folded, value)

    return Oracle(keeps, draw, refused=(["Null"], [None], "Active", [""]))


def key(member: str, *, null: bool = False) -> Oracle:
    """Filter by a key. ``null``: null is a valid key."""
    return among(lambda firm, record: (record[member],), null=null)


def among(held: Callable[[Firm, Record], Collection[int | None]], *, null: bool = False) -> Oracle:
    """Filter by several keys of a record. ``null``: null is a valid key."""

    def draw(chance: Random, record: Record) -> list[int | None]:
        own = [key for name, key in record.items() if name.endswith("Key") and (null or key is not None)]
        return chance.sample([*own, 1, 2, 3, 0, -3, 777_777], k=chance.randint(1, 4))

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(key in value for key in held(firm, record))

    return Oracle(keeps, draw, refused=(["1"], [Decimal("1.5")], 1, *(() if null else ([None], [1, None]))))


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

    def draw(chance: Random, record: Record) -> Any:
        value = chance.choice((record[member], in_some_case(chance, str(record[member]))))
        return chance.choice(([value], value)) if bare else [value]

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        listed = value if isinstance(value, list) else [value]
        return str(record[member]).lower() in [str(item).lower() for item in listed]

    return Oracle(keeps, draw, refused=([None], ["yes"], [1], "no", *(() if bare else (True, "true"))))


def bare_flag(keeps: Callable[[Record], bool]) -> Oracle:
    """Filter by a flag without a list."""

    def draw(chance: Random, record: Record) -> Any:
        return chance.choice((keeps(record), in_some_case(chance, str(keeps(record)))))

    return Oracle(
        lambda firm, record, value: str(keeps(record)).lower() == str(value).lower(), draw, refused=([True], "yes", 1)
    )


def of_employee(member: str) -> Oracle:
    """Filter expense reports by a key of the employee, who is the same for all of them."""

    def draw(chance: Random, record: Record) -> list[int]:
        return chance.sample(range(1, 7), k=chance.randint(3, 6))

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return firm.written["Employee"][AUTHORIZING][member] in value

    return Oracle(keeps, draw, refused=(["1"], [Decimal("1.5")], 1, [None]), divides=False)


def day_bound(member: str, *, upper: bool = False) -> Oracle:
    """Filter by a date without a time. The time of a bound does not matter."""

    def draw(chance: Random, record: Record) -> str:
        day = date.fromisoformat(record[member] or str(chance.choice(DAYS))) + timedelta(days=chance.randint(-1, 1))
        at = datetime.combine(day, time(chance.randint(3, 23)), ZONE)
        return chance.choice((str(day), stamp(at), stamp(at.astimezone(UTC))))

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        bound = value if len(value) == 10 else str(instant(value).astimezone(ZONE).date())
        return record[member] is not None and (record[member] <= bound if upper else record[member] >= bound)

    return Oracle(keeps, draw, NO_DATES)


def plain_bound(member: str, *, upper: bool = False) -> Oracle:
    """Filter by a date, which may have a time of day in ISO 8601. The time does not matter."""

    def draw(chance: Random, record: Record) -> str:
        day = date.fromisoformat(record[member] or str(chance.choice(DAYS))) + timedelta(days=chance.randint(-1, 1))
        return chance.choice((str(day), str(day), f"{day}T23:59:59"))

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return record[member] is not None and (record[member] <= value[:10] if upper else record[member] >= value[:10])

    return Oracle(keeps, draw, refused=("", "2026-3-8", "2026-02-30", 20260308, ["2026-03-08"]))


def one_key(member: str) -> Oracle:
    """Filter by one key, without a list."""

    def draw(chance: Random, record: Record) -> int:
        known: int = record[member] or 1
        return chance.choice((known, known, chance.randint(1, 6)))

    return Oracle(
        lambda firm, record, value: record[member] == value, draw, refused=("1", [1], Decimal("1.5"), True, {})
    )


def amount(keeps: Callable[[Decimal, Decimal], bool]) -> Oracle:
    """Compare the amount with a number, which may be between two cents."""

    def draw(chance: Random, record: Record) -> Decimal:
        near: Decimal = record["Amount"]
        return near + chance.choice((Decimal(0), Decimal(0), Decimal("0.004"), Decimal("-0.005"), Decimal("-0.01")))

    return Oracle(lambda firm, record, value: keeps(record["Amount"], value), draw, refused=("10", [10], True))


def payment(state: str) -> Oracle:
    """Filter by the state of an invoice."""

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        if record["Status"] == "Voided":
            return state == "voided"
        return state == ("unpaid" if record["PaidDate"] is None else "paid")

    def draw(chance: Random, record: Record) -> Any:
        return chance.choice((True, True, True, "true", False))

    return Oracle(keeps, draw, refused=([True], "yes", 1), either=True)


def equals(member: str) -> Oracle:
    """Filter by an equal text, without regard to case and to blanks at the end."""

    def draw(chance: Random, record: Record) -> str:
        content = in_some_case(chance, record[member])
        return chance.choice((*[content] * 6, content[1:], f"{content} ", "%", "_"))

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return folded(record[member].rstrip(" ")) == folded(value.rstrip(" "))

    return Oracle(keeps, draw, refused=(["a"], 1, True))


def like(*members: str, joined: bool = False) -> Oracle:
    """Filter by a pattern in a member. ``joined``: or in all nonempty members joined by spaces."""

    def texts(record: Record) -> list[str]:
        content = [record[member] for member in members]
        return [*content, " ".join(filter(None, content))] if joined else content

    def draw(chance: Random, record: Record) -> str:
        """Return one or two pieces of a text, some characters of which are wildcards."""
        content = chance.choice([text for text in texts(record) if text] or ["a"])
        places = sorted(chance.randrange(len(content)) for _ in range(chance.choice((1, 1, 2))))
        pieces = (content[at : at + chance.randint(1, 4)] for at in places)
        pattern = in_some_case(chance, "%".join(pieces))
        # A bracket begins a set of characters; the tests of LIKE itself have them.
        return "".join(char if char not in "[]" and chance.random() < 0.9 else "_" for char in pattern)

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        wildcards = {"%": ".*", "_": "."}
        pattern = "".join(wildcards.get(char, re.escape(char)) for char in folded(value))
        return any(re.search(pattern, folded(content), re.DOTALL) for content in texts(record))

    return Oracle(keeps, draw, refused=(["a"], 1, "x" * 4001))


def instant(printed: str) -> datetime:
    """Return the time of a stamp in UTC."""
    found = re.match(r"(\S+ \S+) GMT(\S+)", printed)
    assert found is not None, printed
    return datetime.strptime(f"{found[1]}{found[2]}", "%Y-%m-%d %H:%M:%S.%f%z").astimezone(UTC)


def midnight(day: str, later: int = 0) -> datetime:
    """Return the start of a day in the firm's time zone, or of a later one, in UTC."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), ZONE).astimezone(UTC)


def on_or_after(firm: Firm, record: Record, value: Any) -> bool:
    """Return whether a record was last modified at or after a time."""
    return instant(record["LastModifiedDate"]) >= (midnight(value) if len(value) == 10 else instant(value))


def on_or_before(firm: Firm, record: Record, value: Any) -> bool:
    """Return whether a record was last modified at or before a time. A date includes its whole day."""
    last = instant(record["LastModifiedDate"])
    return last < midnight(value, later=1) if len(value) == 10 else last <= instant(value)


def near(chance: Random, record: Record) -> str:
    """Return a date or a stamp at or near that of a record, in one of several forms."""
    printed = record["LastModifiedDate"]
    last = instant(printed).astimezone(ZONE)
    shifted = last + timedelta(milliseconds=chance.choice((0, 1, -1, 3, -3, 4, -4, 3_600_000)))
    day = str(last.date() + timedelta(days=chance.randint(-1, 1)))
    zone = chance.choice((UTC, ZONE, ZoneInfo("Asia/Kolkata")))
    return chance.choice((printed, day, stamp(shifted.astimezone(zone)), f"{stamp(shifted)} (Eastern Standard Time)"))


NO_DATES = ("", "2026-3-8", "2026-02-30", "2026-03-08 09:00", 20260308, ["2026-03-08"])
MODIFIED = {
    "FilterByEarliestModifiedDate": Oracle(on_or_after, near, NO_DATES),
    "FilterByLatestModifiedDate": Oracle(on_or_before, near, NO_DATES),
}


def account_type() -> Oracle:
    """Filter by names of account types without spaces, with or without hyphens, or by their numbers."""

    def forms(name: str) -> list[str]:
        short = name.replace(" ", "")
        return [short, short.replace("-", ""), str(ACCOUNT_TYPES.index(name) + 1)]

    def draw(chance: Random, record: Record) -> list[str]:
        other = chance.choice(ACCOUNT_TYPES)
        return [chance.choice(forms(name)) for name in (record["AccountType"], other)[: chance.randint(1, 2)]]

    def keeps(firm: Firm, record: Record, value: Any) -> bool:
        return any(form in value for form in forms(record["AccountType"]))

    return Oracle(keeps, draw, refused=(["Current Asset"], ["0"], ["11"], [5], [None], "Income"))


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
    "ListGLAccounts": {
        "FilterByAccountGroup": key("AccountGroupKey"),
        "FilterByStatus": words(*ACTIVE),
        "FilterByType": account_type(),
    },
    "ListExpenseReports": {
        "FilterByEmployee": Oracle(
            lambda *_: True, lambda chance, _: [chance.randint(1, 9)], refused=(["1"], 1, [None]), divides=False
        ),
        "FilterByCompany": of_employee("CompanyKey"),
        "FilterBySupervisor": of_employee("SupervisorKey"),
        "FilterByIsProcessed": bare_flag(lambda record: record["Status"] == "Processed"),
        "FilterByNameLike": like("Description"),
        "FilterByEarliestBeginningDate": day_bound("BeginningDate"),
        "FilterByLatestBeginningDate": day_bound("BeginningDate", upper=True),
        "FilterByEarliestEndingDate": day_bound("EndingDate"),
        "FilterByLatestEndingDate": day_bound("EndingDate", upper=True),
        **MODIFIED,
    },
    "ListProjects": PROJECTS,
    "ListProjectTemplates": PROJECTS,
    "ListVendorInvoices": {
        "FilterByVendor": key("VendorKey"),
        "FilterByCompany": one_key("CompanyKey"),
        "FilterByVendorType": one_key("VendorTypeKey"),
        "FilterByPaid": payment("paid"),
        "FilterByUnpaid": payment("unpaid"),
        "FilterByVoided": payment("voided"),
        "FilterByEarliestInvoiceDate": plain_bound("Date"),
        "FilterByLatestInvoiceDate": plain_bound("Date", upper=True),
        "FilterByEarliestAccountingDate": plain_bound("AccountingDate"),
        "FilterByLatestAccountingDate": plain_bound("AccountingDate", upper=True),
        "FilterByEarliestInvoiceDatetoPay": plain_bound("DateToPay"),
        "FilterByLatestDatetoPay": plain_bound("DateToPay", upper=True),
        "FilterByGreaterThanAmount": amount(gt),
        "FilterByLessThanAmount": amount(lt),
        "FilterByEqualToAmount": amount(eq),
    },
}

KINDS = {name: METHODS[name].kind for name in ORACLES if name in METHODS}

# The tests.

EXAMPLES = 30
NO_FILTERS = (("ListChargeablePhases", "ProjectKey"),)
"""Required arguments of List methods."""

FILTERS = [
    (name, argument)
    for name, method in METHODS.served.items()
    if name.startswith("List") and "Timesheet" not in name
    for argument in method.versions[min(method.versions)].arguments.by_wire
    if (name, argument) not in NO_FILTERS
]
"""The filters. ``tests/api/test_timesheets.py`` evaluates those of timesheets."""


def expected(firm: Firm, method: str, arguments: Record) -> list[int]:
    """Return the keys of the records that all filters keep."""
    filters = {argument: value for argument, value in arguments.items() if value is not None and value != []}
    oracles = {argument: ORACLES[method][argument] for argument in filters}
    either = [name for name, oracle in oracles.items() if oracle.either and filters[name] is not False]
    every = [name for name, oracle in oracles.items() if not oracle.either]

    def kept(record: Record) -> bool:
        passes = {name: oracle.keeps(firm, record, filters[name]) for name, oracle in oracles.items()}
        return all(passes[name] for name in every) and (not either or any(passes[name] for name in either))

    return [record[f"{KINDS[method]}Key"] for record in firm.full[method] if kept(record)]


def compare(firm: Firm, method: str, arguments: Sequence[str]) -> None:
    """Compare answers to drawn values, most often near one record. A third must have some but not all records."""
    chance = Random(f"{method} {arguments}")
    partial_answers = 0
    for number in range(EXAMPLES):
        near = chance.choice(firm.full[method])
        used = chance.sample(arguments, k=min(len(arguments), chance.randint(2, 3)))
        asked = {argument: ORACLES[method][argument].draw(chance, near) for argument in used}
        if number == 0:
            asked = dict.fromkeys(used)
        if number == 1:
            asked = {argument: [] if isinstance(value, list) else None for argument, value in asked.items()}
        wanted = expected(firm, method, asked)
        assert firm.keys(method, asked, chance.choice(list(METHODS[method].known))) == wanted, asked
        partial_answers += 0 < len(wanted) < len(firm.full[method])
    if any(ORACLES[method][argument].divides for argument in arguments):
        assert partial_answers * 3 >= EXAMPLES, "too few values distinguish records"


def test_every_filter_has_an_oracle():
    """Every filter of the server is here, and no other."""
    known = {(method, argument) for method, oracles in ORACLES.items() for argument in oracles}
    owed = sorted(set(FILTERS) ^ known)
    assert not owed, (
        "State in ORACLES of this file what each filter keeps (in TABLES, for a list with only FilterByStatus), "
        f"see docs/contributing.md#add-a-list-method: {owed}"
    )


@pytest.mark.parametrize("method", KINDS)
def test_unfiltered_lists_show_every_record(firm, method):
    """Otherwise a list and its filters could omit the same record."""
    assert firm.keys(method, {}) == sorted(firm.written[KINDS[method]])
    assert [record[f"{KINDS[method]}Key"] for record in firm.full[method]] == sorted(firm.written[KINDS[method]])


KNOWN = [(method, argument) for method, argument in FILTERS if argument in ORACLES.get(method, ())]


@pytest.mark.parametrize(("method", "argument"), KNOWN)
def test_a_filter_keeps_the_right_records(firm, method, argument):
    compare(firm, method, [argument])


@pytest.mark.parametrize("method", [method for method, known in ORACLES.items() if len(known) > 1])
def test_several_filters_are_combined_with_and(firm, method):
    """Two or three filters at once. The values are from one record, so that the answer is seldom empty."""
    compare(firm, method, sorted(ORACLES[method]))


@pytest.mark.parametrize("paid", [None, True, False])
@pytest.mark.parametrize("unpaid", [None, True, False])
@pytest.mark.parametrize("voided", [None, True, False])
def test_payment_filters_are_alternatives(firm, paid, unpaid, voided):
    """Filters that are false or absent keep everything."""
    asked = {"FilterByPaid": paid, "FilterByUnpaid": unpaid, "FilterByVoided": voided}
    assert firm.keys("ListVendorInvoices", asked) == expected(firm, "ListVendorInvoices", asked)


@pytest.mark.parametrize(("method", "argument"), KNOWN)
def test_an_invalid_value_is_refused(firm, method, argument):
    """Null is a valid item only in filters by an optional type."""
    for value in ORACLES[method][argument].refused:
        assert firm.ajera.call(method, {argument: value}, version=first_version(method))["Errors"], value
