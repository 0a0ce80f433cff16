"""A tenant: transactions, copies, snapshots and storage."""

from __future__ import annotations

import weakref
from contextlib import closing

import pytest
from model_indexes import indexed

from mock_ajera.api.families import KINDS
from mock_ajera.sample.templates import new_tenant, open_tenant
from mock_ajera.store import SqliteStore
from mock_ajera.tenants.tenant import Tenant, TenantClosed
from mock_ajera.tenants.users import ApiUser


@pytest.fixture
def tenant():
    made = new_tenant("sample", seed=b"test")
    yield made
    made.close()


def company(key: int, name: str) -> dict[str, object]:
    return {"CompanyKey": key, "Description": name, "Status": "Active", "Notes": ""}


def test_a_failed_transaction_changes_nothing(tenant):
    """A failed transaction changes neither the store nor the read model nor a number sequence."""
    before = tenant.fingerprint()

    def fail() -> None:
        with tenant.writing():
            tenant.save("Company", 900, company(900, "Never"))
            tenant.store.next_number("Company")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert tenant.fingerprint() == before
    assert tenant.model.summary("Company", 900) is None


def test_a_second_write_at_the_same_time_gets_a_later_stamp(tenant):
    tenant.clock.freeze()
    with tenant.writing():
        first = tenant.save("Company", 900, company(900, "A"))
    with tenant.writing():
        second = tenant.save("Company", 900, company(900, "B"))
    assert second.stamp > first.stamp


def test_a_fork_has_no_sessions(tenant):
    session = tenant.sessions.open("integrator", 1, 60_000)
    twin = tenant.fork(SqliteStore.in_memory(), seed=b"twin")
    assert session.token not in twin.sessions
    assert twin.store.notes("session") == {}
    assert session.token in tenant.sessions
    twin.close()


def test_a_file_has_the_complete_state_of_a_tenant(tmp_path):
    """Records, users, sessions, quirks, clock and number sequences are still there after a restart."""
    store = SqliteStore.open(tmp_path / "firm.db")
    first = new_tenant("sample", seed=b"one", store=store)
    first.set_quirks({"success_code": "zero"})
    session = first.sessions.open("integrator", 2, 60_000)
    with first.writing():
        first.save("Company", 900, company(900, "Kept"))
    first.clock.freeze()
    exported = first.fingerprint()
    first.close()
    again = open_tenant(SqliteStore.open(tmp_path / "firm.db"), seed=b"two")
    assert again is not None
    assert again.fingerprint() == exported
    assert again.quirk("success_code") == "zero"
    assert again.clock.frozen
    assert again.sessions[session.token].version == 2
    assert again.firm == first.firm
    assert again.model.summary("Company", 900)["Description"] == "Kept"
    again.close()


def test_an_empty_tenant_has_no_firm():
    empty = Tenant(SqliteStore.in_memory(), KINDS, seed=b"x")
    with closing(empty), pytest.raises(LookupError, match="no firm"):
        _ = empty.firm


def test_the_read_model_equals_a_loaded_one(tenant):
    """After writes and removals, the read model equals one that is loaded from the store."""
    for table in tenant.model.tables.values():
        indexed(table)
    with tenant.writing():
        tenant.save("Company", 900, company(900, "A"))
        tenant.save("Company", 901, company(901, "B"))
    with tenant.writing():
        tenant.save("Company", 900, company(900, "Renamed") | {"Status": "Inactive"})
        tenant.remove("Company", 901)
    store = SqliteStore.in_memory()
    store.load(tenant.store.dump())
    with closing(Tenant(store, KINDS, seed=b"x")) as loaded:
        for kind, table in tenant.model.tables.items():
            twin = loaded.model.tables[kind]
            assert table.entries == twin.entries
            assert indexed(table) == indexed(twin)


def test_a_restore_returns_to_the_snapshot(tenant):
    tenant.set_quirks({"success_code": "zero"})
    fresh, before = tenant.snapshot(), tenant.fingerprint()
    for _ in range(2):
        tenant.set_quirks({"success_code": "docs"})
        with tenant.writing():
            tenant.save("Company", tenant.store.next_number("Company"), company(900, "A"))
            tenant.remove("Company", 1)
        tenant.restore(fresh)
        assert tenant.fingerprint() == before
        assert tenant.quirk("success_code") == "zero"
        assert tenant.model.summary("Company", 1) is not None


def test_sessions_survive_a_restore_and_no_token_is_reused(tenant):
    """A restore keeps sessions, and a new login does not get an old token."""
    fresh = tenant.snapshot()
    first = tenant.sessions.open("integrator", 1, 60_000)
    tenant.restore(fresh)
    second = tenant.sessions.open("integrator", 1, 60_000)
    assert tenant.sessions.keys() == tenant.store.notes("session").keys() == {first.token, second.token}
    assert first.token != second.token


def test_copies_are_independent(tenant):
    """Changes to a tenant or a copy affect no other one, in records or indexes."""
    first = tenant.fork(SqliteStore.in_memory(), seed=b"first")
    assert first.fingerprint() == tenant.fingerprint()
    second = first.fork(SqliteStore.in_memory(), seed=b"second")
    with closing(first), closing(second):
        for one, key in ((tenant, 901), (first, 902), (second, 903)):
            with one.writing():
                one.save("Company", key, company(key, f"Own of {key}"))
                one.remove("Company", 2)
        for one, key in ((tenant, 901), (first, 902), (second, 903)):
            table = one.model.tables["Company"]
            assert set(table.entries) == {1, key}
            assert table.keys_with("Status", ("Active",)) == {1, key}


@pytest.mark.parametrize(
    "use",
    [
        lambda tenant: tenant.row("Company", 1),
        lambda tenant: tenant.export(),
        lambda tenant: tenant.snapshots.take("late"),
        lambda tenant: tenant.reset(),
        lambda tenant: tenant.set_quirks({"success_code": "zero"}),
        lambda tenant: tenant.clock.freeze(),
        lambda tenant: tenant.users.put(ApiUser.new("late", "Late_4jera")),
        lambda tenant: tenant.sessions.open("integrator", 1, 60_000),
    ],
)
def test_a_closed_tenant_refuses_every_use_of_its_store(tenant, use):
    tenant.mark()
    tenant.close()
    with pytest.raises(TenantClosed, match="the tenant default is closed"):
        use(tenant)


def test_session_that_expired_twice_at_one_time_is_dropped_once(tenant):
    tenant.clock.freeze()
    token = tenant.sessions.open("integrator", 1, 60_000).token
    with tenant.lock:
        tenant.sessions.expire([token])
        tenant.sessions.expire([token])
        assert [tenant.sessions.open("integrator", 1, 60_000).token] == list(tenant.sessions)


def test_expiring_an_unknown_session_expires_none(tenant):
    session = tenant.sessions.open("integrator", 1, 60_000)
    with pytest.raises(KeyError):
        tenant.sessions.expire([session.token, "unknown"])
    assert tenant.sessions[session.token].expires == session.expires


def test_a_write_outside_a_transaction_is_an_error(tenant):
    with pytest.raises(RuntimeError):
        tenant.save("Company", 900, company(900, "Never"))
    with pytest.raises(RuntimeError):
        tenant.remove("Company", 1)


def test_a_closed_tenant_keeps_no_snapshot(tenant):
    """Their images are freed at once, not with the next collection of reference cycles."""
    model = weakref.ref(tenant.snapshots.take("one").model)
    tenant.close()
    assert model() is None


def test_a_large_firm_can_be_reset(tmp_path):
    """Nothing is copied when its state is marked, so that its size does not matter."""
    store = SqliteStore.open(tmp_path / "large.db")
    with closing(new_tenant("sample", seed=b"large", store=store)) as tenant:
        body = tenant.body(tenant.row("ExpenseAttachment", min(tenant.model.tables["ExpenseAttachment"].entries)))
        with tenant.writing():
            for key in range(1000, 1100):
                tenant.save("ExpenseAttachment", key, body | {"FileKey": key, "FileData": "A" * 700_000})
        assert store.size() > 64 * 1024 * 1024
        tenant.mark()
        before, entries = tenant.fingerprint(), dict(tenant.model.tables["ExpenseAttachment"].entries)
        with tenant.writing():
            tenant.save("ExpenseAttachment", 1000, body | {"FileKey": 1000})
            tenant.save("ExpenseAttachment", 2000, body | {"FileKey": 2000})
            tenant.remove("ExpenseAttachment", 1001)
        tenant.reset()
        assert tenant.fingerprint() == before
        assert tenant.model.tables["ExpenseAttachment"].entries == entries
