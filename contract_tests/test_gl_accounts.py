"""GL accounts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal
from .client import AjeraClient
from .firm import Firm, Row, lacking

claim = pytest.mark.claim

AMOUNTS = ("Amount", "GLBalance", "GLCashBasisBalance", "GLBudget", "GLCashBasisBudget")


@pytest.fixture
def read(client: AjeraClient) -> Callable[..., list[Row]]:
    """Return a function that calls GetGLAccounts with arguments."""

    def get(**arguments: Any) -> list[Row]:
        return records(client.call("GetGLAccounts", arguments), "GLAccounts")

    return get


Read = Callable[..., list[Row]]


def keys(rows: Iterable[Row]) -> set[int]:
    """Return the keys of accounts."""
    return {row["GLAccountKey"] for row in rows}


def balances(rows: Iterable[Row], member: str = "GLBalance") -> dict[int, Decimal]:
    """Return the balance of each account, positive for a debit."""
    return {row["GLAccountKey"]: row[member] if row["NormalDebitBalance"] else -row[member] for row in rows}


def past(days: int) -> datetime.date:
    """Return a day that is about so many days ago for the firm, whatever its time zone."""
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)).date()


def days_ago(days: int) -> str:
    """Return a past day in the recommended form."""
    return f"{past(days):%m/%d/%Y}"


@claim("account.list-members")
@pytest.mark.parametrize("version", [1, 2])
def test_members_of_the_list(firm: Firm, version: int) -> None:
    """Every row has exactly the seven members that existing clients read, in both versions."""
    rows = firm.all("GLAccounts", version) or lacking("GL accounts")
    members = {"GLAccountKey", "ID", "Description", "AccountType", "AccountGroup", "Order", "Status"}
    assert all(row.keys() == members for row in rows)


@claim("account.group-name")
def test_groups_are_names(firm: Firm) -> None:
    """The group of an account is the name of an account group, and its status is that of the group."""
    groups = {row["Description"]: row["Status"] for row in firm.all("AccountGroups")}
    grouped = [row for row in firm.some("GLAccounts") if row["AccountGroup"]]
    for row in grouped or lacking("accounts in a group"):
        assert groups[row["AccountGroup"]] == row["AccountGroupStatus"]


@claim("account.get-members")
def test_a_get_shows_what_the_list_shows(firm: Firm) -> None:
    """The members that the list and the full record share have the same values."""
    listed = {row["GLAccountKey"]: row for row in firm.all("GLAccounts")}
    for row in firm.some("GLAccounts") or lacking("GL accounts"):
        assert listed[row["GLAccountKey"]].items() <= row.items()


@claim("account.types")
def test_types_are_names_with_spaces(firm: Firm) -> None:
    """A type with two words has a space, a type has one number, and every account has a type."""
    rows = firm.some("GLAccounts") or lacking("GL accounts")
    assert all(row["AccountType"] for row in rows)
    numbers = {(row["AccountType"], row["AccountTypeValue"]) for row in rows}
    assert len(numbers) == len({name for name, _ in numbers}) == len({number for _, number in numbers})
    assert "CurrentAsset" not in {name for name, _ in numbers}


@claim("account.intercompany-numbers")
def test_intercompany_types(firm: Firm) -> None:
    numbers = {"Intercompany Due From": 1, "Intercompany Due To": 2, "Intercompany Other Income": 3}
    found = [row for row in firm.some("GLAccounts") if row["IntercompanyAccountType"] in numbers]
    for row in found or lacking("intercompany accounts"):
        assert row["IntercompanyAccountTypeValue"] == numbers[row["IntercompanyAccountType"]]


@claim("account.intercompany-none")
def test_ordinary_accounts_are_not_intercompany_accounts(firm: Firm) -> None:
    for row in firm.some("GLAccounts") or lacking("GL accounts"):
        ordinary = row["IntercompanyAccountType"] == "None"
        assert row["IntercompanyAccount"] is not ordinary
        assert (row["IntercompanyAccountTypeValue"] == 0) is ordinary


@claim("account.keys-optional")
def test_all_accounts(firm: Firm, read: Read) -> None:
    """Without keys, every account is returned."""
    assert keys(read()) == keys(firm.all("GLAccounts")) or lacking("GL accounts")


@claim("account.keys-and-filters")
def test_keys_and_filters(firm: Firm, read: Read) -> None:
    """A filter applies to the requested accounts, which stay in the order of the keys."""
    listed = [row["GLAccountKey"] for row in firm.all("GLAccounts")][::-1]
    active = keys(firm.listed("GLAccounts", FilterByStatus=["Active"]))
    found = [row["GLAccountKey"] for row in read(RequestedGLAccounts=listed, FilterByStatus=["Active"])]
    assert found == [key for key in listed if key in active]


@claim("account.filter-group")
def test_filter_by_group(client: AjeraClient, firm: Firm, read: Read) -> None:
    """Each group has its accounts; two groups have those of both."""
    groups = {row["Description"]: row["AccountGroupKey"] for row in firm.all("AccountGroups")}
    used = sorted({row["AccountGroup"] for row in firm.all("GLAccounts")} & groups.keys())[:2] or lacking("groups")
    for names in ([used[0]], used):
        wanted = {row["GLAccountKey"] for row in firm.all("GLAccounts") if row["AccountGroup"] in names}
        listed = [groups[name] for name in names]
        assert firm.keys("GLAccounts", FilterByAccountGroup=listed) == wanted
        assert keys(read(FilterByAccountGroup=listed)) == wanted


@claim("account.filter-group")
def test_accounts_show_the_group_that_they_are_filtered_by(firm: Firm) -> None:
    """The accounts of a group show its name."""
    shown = {
        row["Description"]: {
            each["AccountGroup"] for each in firm.listed("GLAccounts", FilterByAccountGroup=[row["AccountGroupKey"]])
        }
        for row in firm.all("AccountGroups")
    }
    used = {name: names for name, names in shown.items() if names} or lacking("accounts in a group")
    assert used == {name: {name} for name in used}


@claim("account.misspelled-filter")
def test_misspelled_group_filter(firm: Firm, read: Read) -> None:
    """The misspelled name has the same effect."""
    group = firm.one("AccountGroups")["AccountGroupKey"]
    assert keys(read(FitlerByAccountGroup=[group])) == keys(read(FilterByAccountGroup=[group])) != keys(read())


@claim("account.filter-status")
@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_filter_by_status(firm: Firm, read: Read, status: str) -> None:
    wanted = {row["GLAccountKey"] for row in firm.all("GLAccounts") if row["Status"] == status}
    assert firm.keys("GLAccounts", FilterByStatus=[status]) == wanted or lacking(status)
    assert keys(read(FilterByStatus=[status])) == wanted


def spaced(firm: Firm) -> Row:
    """Return an account whose type is two plain words."""
    types = [row for row in firm.some("GLAccounts") if " " in str(row["AccountType"]) and "-" not in row["AccountType"]]
    return types[0] if types else lacking("accounts whose type has two words")


@claim("account.filter-type")
def test_filter_by_type(firm: Firm, read: Read) -> None:
    """A name without spaces and a number as a text select the type."""
    for name, number in {
        (row["AccountType"], row["AccountTypeValue"]) for row in firm.some("GLAccounts") if row["AccountType"]
    }:
        wanted = {row["GLAccountKey"] for row in firm.all("GLAccounts") if row["AccountType"] == name}
        for value in (name.replace(" ", ""), str(number)):
            assert firm.keys("GLAccounts", FilterByType=[value]) == wanted
            assert keys(read(FilterByType=[value])) == wanted


@claim("account.filter-type")
@pytest.mark.parametrize("method", ["ListGLAccounts", "GetGLAccounts"])
def test_a_type_with_spaces_is_refused(client: AjeraClient, firm: Firm, method: str) -> None:
    refusal(client.call(method, {"FilterByType": [spaced(firm)["AccountType"]]}))


@claim("account.as-of")
def test_as_of(read: Read) -> None:
    """Balances differ between today and a year ago. Years before the oldest posting, they stay the same."""
    today, earlier, *before = (balances(read(AsOfDate=days_ago(days))) for days in (0, 400, 20_000, 25_000))
    if not any(today.values()):
        lacking("balances")
    assert today != earlier
    assert before[0] == before[1] != earlier


@claim("account.as-of-iso")
def test_as_of_in_iso_form(read: Read) -> None:
    """An ISO date gives the balances of the same day in the recommended form."""
    day = past(100)
    assert balances(read(AsOfDate=f"{day}")) == balances(read(AsOfDate=f"{day:%m/%d/%Y}"))


@claim("account.as-of-time")
@pytest.mark.parametrize("time", ["00:00:00", "23:59:59"])
def test_as_of_a_time(read: Read, time: str) -> None:
    """A time gives the balances at the end of its day."""
    day = past(100)
    assert balances(read(AsOfDate=f"{day}T{time}")) == balances(read(AsOfDate=f"{day:%m/%d/%Y}"))


@claim("account.type-spelling")
@pytest.mark.parametrize("edit", [str.upper, str.lower, lambda text: text.replace("-", "")])
def test_spelling_of_types(firm: Firm, edit: Callable[[str], str]) -> None:
    """Case and hyphens do not matter."""
    for name in sorted({row["AccountType"] for row in firm.all("GLAccounts") if row["AccountType"]}):
        short = name.replace(" ", "")
        assert firm.keys("GLAccounts", FilterByType=[edit(short)]) == firm.keys("GLAccounts", FilterByType=[short])


@claim("account.as-of-today")
def test_no_date_is_today(read: Read) -> None:
    assert balances(read()) == balances(read(AsOfDate=days_ago(0)))


@claim("account.as-of")
@pytest.mark.parametrize("text", ["02/30/2024", "13/01/2024", "soon"])
def test_an_invalid_date_is_refused(client: AjeraClient, text: str) -> None:
    refusal(client.call("GetGLAccounts", {"AsOfDate": text}))


@claim("account.balance")
@pytest.mark.parametrize("member", ["GLBalance", "GLCashBasisBalance"])
@pytest.mark.parametrize("days", [0, 30, 200, 400, 800])
def test_the_trial_balance_is_zero(read: Read, member: str, days: int) -> None:
    """Debits equal credits on any day and on both bases, with closing entries and without them."""
    for closing in (True, False):
        rows = read(AsOfDate=days_ago(days), ExcludeCloseYearEntries=not closing)
        assert sum(balances(rows, member).values()) == 0


@claim("account.filter-company", "account.balance")
def test_the_trial_balance_of_each_company_is_zero(firm: Firm, read: Read) -> None:
    """The balances of all companies add up to those of the firm."""
    total: dict[int, Decimal] = {}
    for company in firm.all("Companies"):
        own = balances(read(FilterByCompany=[company["CompanyKey"]]))
        assert sum(own.values()) == 0
        total = {key: total.get(key, Decimal(0)) + amount for key, amount in own.items()}
    assert total == balances(read())


@claim("account.exclude-closing")
@pytest.mark.parametrize("exclude", [True, "true"])
def test_closing_entries_can_be_left_out(read: Read, exclude: Any) -> None:
    """Only balances change, and the page's example sends the flag as a text."""
    closed, opened = read(ExcludeCloseYearEntries="false"), read(ExcludeCloseYearEntries=exclude)
    assert closed == read()
    if balances(closed) == balances(opened):
        lacking("closing entries")
    for one, other in zip(closed, opened, strict=True):
        changed = {name for name in one if one[name] != other[name]}
        assert changed <= {"Amount", "GLBalance", "GLCashBasisBalance"}


@claim("account.years-closed")
def test_closed_years(read: Read) -> None:
    """On the last day of a closed year, income and expenses are zero and retained earnings have their sum."""
    day = f"12/31/{past(0).year - 2}"
    closed, opened = (read(AsOfDate=day, ExcludeCloseYearEntries=flag) for flag in (False, True))
    temporary = {"Income", "Expense", "Other Income", "Billable Cost", "Non-Billable Cost"}
    before = balances(opened)
    moved = sum(before[row["GLAccountKey"]] for row in opened if row["AccountType"] in temporary)
    after = balances(closed)
    for row in closed:
        key = row["GLAccountKey"]
        if row["AccountType"] in temporary:
            assert after[key] == 0
        else:
            assert after[key] == before[key] + (moved if row["AccountType"] == "Retained Earnings" else 0)


@claim("account.amount", "account.budgets")
def test_amounts(read: Read) -> None:
    """Amount is the balance, and budgets do not depend on the date."""
    now, then = read(), read(AsOfDate=days_ago(300))
    for one, other in zip(now, then, strict=True):
        assert one["Amount"] == one["GLBalance"]
        assert [one[name] for name in AMOUNTS[3:]] == [other[name] for name in AMOUNTS[3:]]
