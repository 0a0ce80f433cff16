"""Balances that are updated after a change equal balances that are computed from all records."""

from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest

from mock_ajera import MockAjera
from mock_ajera.books import ledger
from mock_ajera.books.ledger import Balances, balances
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.tenant import Tenant

NOW = datetime.datetime(2026, 8, 15, 12, tzinfo=datetime.UTC)
DAYS = ("2020-05-05", "2025-12-31", "2026-03-01", "2026-08-15")


@pytest.fixture
def ajera():
    with MockAjera(freeze=NOW) as made:
        balances(made.tenant)
        yield made


def printed(found: Balances, tenant: Tenant) -> dict[Any, Decimal]:
    """Return the balance of every account on some days, by company and basis."""
    cases = list(product(DAYS, ("", "2025-12-31"), (None, (1,), (2,), (None,)), (False, True)))
    return {
        (account, *case): found.of(account, case[0], closed=case[1], companies=case[2], cash=case[3])
        for account in tenant.model.tables["GLAccount"].entries
        for case in cases
    }


def check(tenant: Tenant) -> None:
    assert printed(balances(tenant), tenant) == printed(Balances(tenant), tenant)


def entry(key: int, amount: str, **members: Any) -> dict[str, Any]:
    lines = [{"AccountKey": 27, "Debit": Decimal(amount)}, {"AccountKey": 2, "Credit": Decimal(amount)}]
    return {"JournalEntryKey": key, "Date": "@today-3", "CompanyKey": 2, "Lines": lines, **members}


def ledger_of(key: int, phase: int, amount: int) -> dict[str, Any]:
    posting = {"PhaseKey": phase, "Date": "@today-9", "Category": "Labor", "Amounts": {"Cost": amount, "Billed": 7}}
    return {"ProjectKey": key, "Postings": [posting]}


def remove(tenant: Tenant, kind: str, key: int) -> None:
    with tenant.lock, tenant.writing():
        tenant.remove(kind, key)


def stored(tenant: Tenant, kind: str, key: int) -> dict[str, Any]:
    row = tenant.row(kind, key)
    assert row is not None
    return tenant.body(row)


def save(tenant: Tenant, kind: str, key: int, body: dict[str, Any]) -> None:
    with tenant.lock, tenant.writing():
        tenant.save(kind, key, body)


def test_a_record_is_added_replaced_and_deleted(ajera):
    """The last step gives a record other postings and the same version."""
    for change in (
        lambda: ajera.put_record("JournalEntry", entry(9000, "10.01")),
        lambda: ajera.put_record("JournalEntry", entry(9000, "20.02", CompanyKey=1, Basis="Cash")),
        lambda: remove(ajera.tenant, "JournalEntry", 9000),
        lambda: ajera.put_record("JournalEntry", entry(9000, "30.03")),
        lambda: ajera.put_record("Ledger", ledger_of(1, 2, 5)),
        lambda: remove(ajera.tenant, "Ledger", 5),
        lambda: (remove(ajera.tenant, "JournalEntry", 9000), ajera.put_record("JournalEntry", entry(9000, "40.04"))),
    ):
        before = printed(balances(ajera.tenant), ajera.tenant)
        change()
        check(ajera.tenant)
        assert printed(balances(ajera.tenant), ajera.tenant) != before


def test_a_project_moves_to_another_company(ajera):
    body = stored(ajera.tenant, "Project", 5)
    before = balances(ajera.tenant)
    save(ajera.tenant, "Project", 5, body | {"CompanyKey": 3 - body["CompanyKey"]})
    check(ajera.tenant)
    assert printed(before, ajera.tenant) != printed(balances(ajera.tenant), ajera.tenant)


@pytest.mark.parametrize("change", [{"PostingRole": None}, {"AccountType": "Current Asset"}, {"Description": "Fees"}])
def test_an_account_changes(ajera, change):
    """Its role decides the postings of projects, its type the closing entries."""
    save(ajera.tenant, "GLAccount", 14, stored(ajera.tenant, "GLAccount", 14) | change)
    check(ajera.tenant)


def test_a_project_takes_its_past_to_another_company(ajera):
    """Also what it posted in a closed year, while the sums of both companies stay."""
    last_year = "2025-12-31"
    put = ledger_of(5, 6, 4321)
    put["Postings"][0]["Date"] = "2025-06-05"
    ajera.put_record("Ledger", put)
    body = stored(ajera.tenant, "Project", 5)
    old, new = body["CompanyKey"], 3 - body["CompanyKey"]
    labor = 19

    def cost(*companies: int) -> Decimal:
        return balances(ajera.tenant).of(labor, last_year, closed="", companies=companies)

    before = {company: cost(company) for company in (old, new)}
    both = cost(old, new)
    save(ajera.tenant, "Project", 5, body | {"CompanyKey": new})
    assert before[old] - cost(old) == cost(new) - before[new] >= 4321
    assert cost(old, new) == both


def test_snapshots_and_forks_have_their_own_balances(ajera):
    tenant = ajera.tenant
    first = printed(balances(tenant), tenant)
    snapshot = tenant.snapshot()
    ajera.put_record("JournalEntry", entry(9000, "10.01"))
    changed = printed(balances(tenant), tenant)
    twin = tenant.fork(SqliteStore.in_memory(), seed=b"twin")
    remove(twin, "JournalEntry", 9000)
    assert printed(balances(twin), twin) == first
    assert printed(balances(tenant), tenant) == changed != first
    tenant.restore(snapshot)
    assert printed(balances(tenant), tenant) == first
    ajera.put_record("JournalEntry", entry(9000, "77.00"))
    for each in (tenant, twin):
        check(each)
    twin.close()


def test_random_changes(ajera):
    """Balances are read after some of the changes only."""
    chance, tenant = Random("balances"), ajera.tenant
    snapshots = [tenant.snapshot()]
    for _ in range(60):
        key = 9000 + chance.randrange(5)
        known = key in tenant.model.tables["JournalEntry"].entries
        step = chance.choice(("entry", "entry", "delete", "ledger", "snapshot", "restore"))
        if step == "entry" or (step == "delete" and not known):
            ajera.put_record("JournalEntry", entry(key, f"{chance.randint(1, 99)}.10", CompanyKey=chance.randint(1, 2)))
        elif step == "delete":
            remove(tenant, "JournalEntry", key)
        elif step == "ledger":
            ajera.put_record("Ledger", ledger_of(1, chance.randint(2, 4), chance.randint(1, 99)))
        elif step == "snapshot":
            snapshots.append(tenant.snapshot())
        else:
            tenant.restore(chance.choice(snapshots))
        if chance.random() < 0.4:
            check(tenant)
    check(tenant)


def test_only_changed_records_are_read(ajera, monkeypatch):
    """Copies of a tenant start with the balances of the original."""
    twin = ajera.tenant.fork(SqliteStore.in_memory(), seed=b"twin")
    read: list[tuple[str, Any]] = []
    compute = ledger._of_record
    monkeypatch.setattr(
        ledger, "_of_record", lambda kind, body, *rest: read.append((kind, body)) or compute(kind, body, *rest)
    )
    for tenant in (ajera.tenant, twin):
        balances(tenant)
        save(tenant, "JournalEntry", 3, stored(tenant, "JournalEntry", 3))
        balances(tenant)
    assert [(kind, body["JournalEntryKey"]) for kind, body in read] == [("JournalEntry", 3)] * 4
    twin.close()
