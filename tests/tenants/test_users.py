"""API users: validation, permissions, adding and removing."""

from __future__ import annotations

import pytest

from mock_ajera import MockAjera
from mock_ajera.claims import ledger
from mock_ajera.tenants.users import BadUser, NewUser

GOOD = "Quiet_Mill9"
EMPLOYEES = {1: {"FirstName": "Odile", "LastName": "Mercer", "Email": "om@firm.example"}}


def refusal(new: NewUser) -> list[tuple[str, str, str]]:
    """Return path, rule and claim of each reason, given a user Anna, an employee 1 and a method ListClients."""
    try:
        new.checked(["Anna"], EMPLOYEES.get, {"ListClients"})
    except BadUser as error:
        return [(reason.path, reason.rule, reason.claim) for reason in error.reasons]
    return []


def test_a_valid_user_has_its_password_and_permissions():
    user = NewUser("clerk", GOOD, 1, can_write=False, cleared=("ListClients", "ListClients")).checked(
        [], EMPLOYEES.get, {"ListClients"}
    )
    assert user.knows(GOOD)
    assert not user.knows(GOOD.lower())
    assert (user.authorizing_employee, user.cleared) == (1, ("ListClients",))
    assert user.may("ListCompanies", "read")
    assert not user.may("ListClients", "read")
    assert not user.may("UpdateClients", "write")


@pytest.mark.parametrize("password", ["Quiet_Mill9", "Ä1ß?xxxx", "aB3 5678!", "Offline_4jera", "Q1w2-e3r"])
def test_valid_passwords(password):
    assert refusal(NewUser("clerk", password)) == []


@pytest.mark.parametrize(
    ("password", "rule", "claim"),
    [
        ("Qu1_mil", "min-length", "permission.password-rules"),
        ("quiet_mill9", "password", "permission.password-signs"),
        ("Quiet_Mills", "password", "permission.password-signs"),
        ("QuietMill99", "password", "permission.password-signs"),
        ("Quiet Mill9", "password", "permission.password-signs"),
        ("QUIET_MILL9", "password", "permission.password-rules"),
        ("My_Ajera_99", "password", "permission.password-words"),
        ("dELTEK_is_8", "password", "permission.password-words"),
        ("Quiet_M1234", "password", "permission.password-words"),
        ("The_Clerk_9", "password", "permission.password-without-name"),
        ("Quiet_Mill9\ud800", "password", "reading.lone-surrogate-refused"),
    ],
)
def test_an_invalid_password_breaks_one_rule(password, rule, claim):
    assert refusal(NewUser("clerk", password)) == [("Password", rule, claim)]


@pytest.mark.parametrize("password", ["Odile_1000", "x1_MERCER_y", "1_OM@firm.example"])
def test_a_password_does_not_contain_a_name_of_the_authorizing_employee(password):
    claim = "permission.password-without-employee"
    assert refusal(NewUser("clerk", password, 1)) == [("Password", "password", claim)]
    assert refusal(NewUser("clerk", password)) == []


def test_a_password_differs_from_the_last_twelve():
    """The thirteenth last one may be used again."""
    with MockAjera() as ajera:
        users = ajera.tenant.users
        users.add(NewUser("clerk", f"{GOOD}0"), set())

        def changes(password):
            users.change(users["clerk"], NewUser("clerk", password), set())

        for number in range(1, 12):
            changes(f"{GOOD}{number}")
        for number in (0, 5, 11):
            with pytest.raises(BadUser, match=r"the last 12 passwords \[password; permission.password-new\]"):
                changes(f"{GOOD}{number}")
        users.change(users["clerk"], NewUser("clerk", None, 1), set())
        changes(f"{GOOD}12")
        changes(f"{GOOD}0")
        assert users["clerk"].knows(f"{GOOD}0")


@pytest.mark.parametrize(
    ("name", "rule", "claim"),
    [
        ("Anna", "unique", "permission.user-name-unique"),
        ("ANNA", "unique", "permission.user-name-case"),
        ("", "required", "permission.user-name-required"),
        (" anna", "required", "permission.user-name-required"),
        ("an\nna", "required", "permission.user-name-required"),
    ],
)
def test_an_invalid_name_breaks_one_rule(name, rule, claim):
    assert refusal(NewUser(name, GOOD)) == [("Username", rule, claim)]


def test_the_authorizing_employee_is_optional_but_must_exist():
    assert refusal(NewUser("clerk", GOOD, 2)) == [
        ("AuthorizingEmployeeKey", "reference", "permission.authorizing-employee-exists")
    ]
    assert refusal(NewUser("clerk", GOOD, None)) == []


def test_any_employee_may_authorize_a_user(ajera):
    """Nothing tells administrators from others (claim permission.authorizing-employee-administrator)."""
    employees = [row["EmployeeKey"] for row in ajera.content("ListEmployees")["Employees"]]
    for key in employees:
        ajera.add_user(f"clerk {key}", GOOD, authorizing_employee=key)
        assert ajera.tenant.users[f"clerk {key}"].authorizing_employee == key


def test_only_methods_with_a_checkbox_can_be_cleared():
    assert refusal(NewUser("clerk", GOOD, cleared=("ListClients", "ListClient"))) == [
        ("Cleared[1]", "unknown-method", "permission.box-per-method")
    ]


def test_each_reason_has_a_claim():
    everything = NewUser("Anna", "anna", 2, cleared=("X",))
    assert {claim for *_, claim in refusal(everything)} <= ledger().keys()


def test_no_text_contains_the_password():
    form = NewUser("clerk", "xyzzy")
    with pytest.raises(BadUser) as error:
        form.checked([], EMPLOYEES.get, set())
    assert "xyzzy" not in f"{error.value} {form!r}"


def test_removing_a_user_closes_its_sessions_only():
    with MockAjera() as ajera:
        ajera.call("ListCompanies")
        ajera.tenant.sessions.open("reader", 1, 60_000)
        ajera.tenant.users.remove("integrator")
        assert {session.user for session in ajera.tenant.sessions.values()} == {"reader"}
        assert set(ajera.tenant.store.notes("session")) == set(ajera.tenant.sessions)
        assert set(ajera.tenant.store.notes("user")) == {"partial", "reader"}


def test_an_unknown_user_cannot_be_removed():
    with MockAjera() as ajera, pytest.raises(LookupError, match="there is no API user 'nobody'"):
        ajera.tenant.users.remove("nobody")
