"""UpdateEmployees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import LEFT_OUT
from .firm import Firm, Row
from .kinds import CONTACTS, EMPLOYEES, PROJECTS
from .made import Made
from .pay_rates import POSITIONS, current
from .writing import INVALID, NO_CHANGE, UNKNOWN_KEY, changed, delete, refused

claim = pytest.mark.claim

Create = Callable[..., Row]

NAME = ("FirstName", "MiddleName", "LastName")


@claim("employee.update-creates-changes-deletes", "write.plain-arguments")
def test_an_employee_is_created_changed_and_deleted(made: Made, employee_body: Create) -> None:
    """One method creates, changes and deletes, and its answer shows each result."""
    answer = success(made.update(EMPLOYEES, [employee_body(-7, MiddleName="B.")]))
    (created,) = answer["Employees"]
    assert (answer["NumberOfEmployeesUpdated"], created["OriginalEmployeeKey"]) == (1, -7)
    record = made.read(EMPLOYEES, created["EmployeeKey"])
    assert record == {name: value for name, value in created.items() if name != "OriginalEmployeeKey"}
    record = changed(made, EMPLOYEES, record, Notes="changed")
    assert (record["FirstName"], record["MiddleName"], record["Notes"]) == ("Ada", "B.", "changed")
    (gone,) = records(made.update(EMPLOYEES, [delete(record, EMPLOYEES)], [record]), "Employees")
    assert gone == {"EmployeeKey": record["EmployeeKey"], "Deleted": True}
    assert made.read(EMPLOYEES, record["EmployeeKey"]) is None


@claim("employee.update-creates-changes-deletes", "write.single-transaction")
@pytest.mark.parametrize("order", ["new change gone", "gone new change", "change gone new", "new gone change new"])
def test_several_employees_in_one_transaction(
    made: Made, employee_body: Create, new_employee: Create, order: str
) -> None:
    """Creations, changes and deletions in any order are written together, and answered in their order."""
    kept, gone = new_employee(), new_employee()
    words = order.split()
    sent = [
        {
            "new": employee_body(-10 - i, MiddleName=f"No. {i}"),
            "change": kept | {"Title": "changed"},
            "gone": delete(gone, EMPLOYEES),
        }[word]
        for i, word in enumerate(words)
    ]
    rows = records(made.update(EMPLOYEES, sent, [gone, kept], single=True), "Employees")
    assert [(row.get("OriginalEmployeeKey"), row.get("Title"), row.get("Deleted")) for row in rows] == [
        {"new": (-10 - i, "", None), "change": (None, "changed", None), "gone": (None, None, True)}[word]
        for i, word in enumerate(words)
    ]
    assert current(made, kept)["Title"] == "changed"
    assert made.read(EMPLOYEES, gone["EmployeeKey"]) is None


@claim("write.each-record-alone", "write.mixed-outcome")
@POSITIONS
def test_a_refused_employee_alone(made: Made, employee_body: Create, new_employee: Create, position: int) -> None:
    """The valid changes are written although the call contains a refused employee."""
    kept, gone = new_employee(), new_employee()
    sent = [kept | {"Title": "changed"}, delete(gone, EMPLOYEES)]
    sent.insert(position, employee_body(-9, Status="Retired"))
    answer = made.update(EMPLOYEES, sent, [kept, gone])
    assert len(answer.specific_errors) == 1
    assert [row.get("Title") for row in answer.content["Employees"]] == ["changed", None]
    assert made.read(EMPLOYEES, gone["EmployeeKey"]) is None


@claim("employee.editable-members")
@pytest.mark.parametrize(
    "name",
    [
        "FirstName",
        "MiddleName",
        "Title",
        "Email",
        "Website",
        "PrimaryPhoneNumber",
        "SecondaryPhoneNumber",
        "TertiaryPhoneNumber",
        "FaxNumber",
    ],
)
def test_editable_members(made: Made, history: Row, name: str) -> None:
    """A text that existing clients edit accepts a new value, and all other members stay the same."""
    after = changed(made, EMPLOYEES, history, **{name: "42"})
    assert after[name] == "42"
    assert {**after, name: None, "LastModifiedDate": None} == {**history, name: None, "LastModifiedDate": None}


@claim("employee.editable-members")
def test_the_last_name_can_be_changed(made: Made, new_employee: Create) -> None:
    """The last name accepts a new value."""
    name = made.name("renamed")
    assert changed(made, EMPLOYEES, new_employee(), LastName=name)["LastName"] == name


@claim("write.both-arrays-required")
@pytest.mark.parametrize("missing", ["UpdatedEmployees", "UnchangedEmployees"])
def test_both_arrays_are_required(made: Made, employee_body: Create, missing: str) -> None:
    """A call without one of the two arrays is refused."""
    refusal(made.update(EMPLOYEES, [employee_body()], [], **{missing: LEFT_OUT}))


@claim("write.no-op-refused", "errors.no-change-text")
def test_update_without_a_change_is_refused(made: Made, history: Row) -> None:
    """An employee who is sent as read is refused with the documented text."""
    assert NO_CHANGE in refused(made, EMPLOYEES, history, history).texts


@claim("employee.name-unique")
def test_names_are_unique(firm: Firm) -> None:
    """No two employees have the same three names."""
    names = [tuple(row[part].casefold() for part in NAME) for row in firm.all("Employees")]
    assert len(names) == len(set(names))


@claim("employee.duplicate-name-refused")
def test_duplicate_name_is_refused(made: Made, employee_body: Create, new_employee: Create) -> None:
    """A second employee with the same name is refused, whether new or renamed."""
    first = new_employee(MiddleName="B.")
    name = {part: first[part] for part in NAME}
    refused(made, EMPLOYEES, employee_body(**name))
    other = new_employee()
    refused(made, EMPLOYEES, other | name, other)


@claim("employee.name-of-three-parts")
def test_parts_of_a_name(made: Made, employee_body: Create, new_employee: Create) -> None:
    """Employees may share two of their three names. The same names in capitals are refused."""
    first = new_employee(MiddleName="B.")
    for part, other in (("FirstName", "Eva"), ("MiddleName", "C."), ("LastName", made.name("other"))):
        name = {each: first[each] for each in NAME} | {part: other}
        assert new_employee(**name)[part] == other
    capitals = {part: first[part].upper() for part in NAME}
    assert INVALID in refused(made, EMPLOYEES, employee_body(**capitals)).texts[0]


@claim("employee.name-of-three-parts")
def test_two_new_employees_with_one_name(made: Made, employee_body: Create, firm: Firm) -> None:
    """One call does not create two employees with the same name."""
    name = made.name("twins")
    answer = made.update(EMPLOYEES, [employee_body(key, LastName=name) for key in (-1, -2)])
    refusal(answer)
    assert len(firm.listed("Employees", FilterByNameLike=name)) <= 1


@claim("employee.names-required")
@pytest.mark.parametrize("part", ["FirstName", "LastName"])
def test_both_names_are_required(made: Made, employee_body: Create, new_employee: Create, part: str) -> None:
    """An employee who lacks the first or last name, or would lose it, is refused."""
    sent = employee_body()
    for value in ("", " ", None):
        assert INVALID in refused(made, EMPLOYEES, sent | {part: value}).texts[0]
    del sent[part]
    assert INVALID in refused(made, EMPLOYEES, sent).texts[0]
    record = new_employee()
    for value in ("", " ", None):
        assert INVALID in refused(made, EMPLOYEES, record | {part: value}, record).texts[0]


@claim("employee.company-required", "employee.type-required")
@pytest.mark.parametrize("name", ["CompanyKey", "EmployeeTypeKey"])
def test_company_and_type_are_required(made: Made, employee_body: Create, name: str) -> None:
    """A new employee without a company or a type is refused."""
    sent = employee_body()
    for value in (0, None):
        assert INVALID in refused(made, EMPLOYEES, sent | {name: value}).texts[0]
    del sent[name]
    assert INVALID in refused(made, EMPLOYEES, sent).texts[0]


@claim("write.unknown-reference")
@pytest.mark.parametrize(
    "name", ["CompanyKey", "DepartmentKey", "SupervisorKey", "EmployeeTypeKey", "OverheadGroupKey"]
)
def test_unknown_references(made: Made, employee_body: Create, new_employee: Create, name: str) -> None:
    """A reference to no record is refused in a new employee and in a changed one."""
    assert INVALID in refused(made, EMPLOYEES, employee_body(**{name: UNKNOWN_KEY})).texts[0]
    record = new_employee()
    assert INVALID in refused(made, EMPLOYEES, record | {name: UNKNOWN_KEY}, record).texts[0]


@claim("employee.defaults", "employee.status-values")
def test_defaults_of_a_new_employee(new_employee: Create) -> None:
    """An employee who is created with the least is active and has nothing else."""
    record = new_employee()
    assert record["Status"] == "Active"
    assert record["MailingAddressSameAsPrimary"] is True
    for name in ("IsPrincipal", "IsSupervisor", "IsProjectManager", "IsAccountingManager", "IsMarketingContact"):
        assert record[name] is False
    assert record["PayRates"] == []
    assert not record["CreditCards"]
    assert not record["Contacts"]
    assert record["SupervisorKey"] is None


@claim("employee.status-values")
def test_status_of_employees(made: Made, new_employee: Create) -> None:
    """An employee can be made inactive. Other values of Status are refused."""
    record = changed(made, EMPLOYEES, new_employee(), Status="Inactive")
    assert record["Status"] == "Inactive"
    assert INVALID in refused(made, EMPLOYEES, record | {"Status": "Retired"}, record).texts[0]


@claim("employee.day-to-pay")
def test_day_of_the_month_to_pay(made: Made, new_employee: Create) -> None:
    """The first and last day of a month are accepted, the days around them are refused."""
    record = changed(made, EMPLOYEES, new_employee(DayOfTheMonthToPay=1), DayOfTheMonthToPay=31)
    assert record["DayOfTheMonthToPay"] == 31
    for day in (0, 32):
        refused(made, EMPLOYEES, record | {"DayOfTheMonthToPay": day}, record)


@claim("employee.derived-ignored")
def test_texts_of_the_type_are_ignored(made: Made, firm: Firm, new_employee: Create) -> None:
    """An employee shows the texts of the employee type, not those that were sent."""
    kind = firm.active("EmployeeTypes")
    sent = {"EmployeeTypeDescription": "Nobody", "EmployeeTypeNotes": "Nobody"}
    record = new_employee(**sent)
    shown = (record["EmployeeTypeDescription"], record["EmployeeTypeNotes"])
    assert shown == (kind["Description"], kind["Notes"])
    assert NO_CHANGE in refused(made, EMPLOYEES, record | sent, record).texts


@claim("write.new-stamp-required")
def test_new_employee_needs_a_stamp(made: Made, employee_body: Create) -> None:
    """A new employee without LastModifiedDate is refused."""
    sent = employee_body()
    del sent["LastModifiedDate"]
    assert INVALID in refused(made, EMPLOYEES, sent).texts[0]


@claim("write.unknown-members-refused")
def test_unknown_member_is_refused(made: Made, employee_body: Create, new_employee: Create) -> None:
    """An unknown member is refused in an existing employee and in a new one."""
    record = new_employee()
    assert INVALID in refused(made, EMPLOYEES, record | {"Color": "green"}, record).texts[0]
    assert INVALID in refused(made, EMPLOYEES, employee_body(Color="green")).texts[0]


# Credit cards and contacts.


def card(firm: Firm, index: int = 0, **members: Any) -> Row:
    """Return a line for CreditCards."""
    accounts = firm.all("BankAccounts")
    return {"BankAccountKey": accounts[index % len(accounts)]["BankAccountKey"], "Order": index} | members


@claim("employee.card-text-from-account")
def test_credit_cards_show_their_account(made: Made, firm: Firm, new_employee: Create) -> None:
    """Each credit card shows the description of its bank account, not the one that was sent."""
    accounts = {row["BankAccountKey"]: row["Description"] for row in firm.all("BankAccounts")}
    sent = [card(firm, i, CardholderName=f"Ada {i}", Description="Nobody") for i in range(2)]
    record = new_employee(CreditCards=sent)
    assert record["CreditCards"] == [row | {"Description": accounts[row["BankAccountKey"]]} for row in sent]
    assert NO_CHANGE in refused(made, EMPLOYEES, record | {"CreditCards": sent}, record).texts


@claim("employee.cards-replaced")
def test_credit_cards_are_replaced(made: Made, firm: Firm, new_employee: Create) -> None:
    """The sent credit cards replace the stored ones. Without the list, they are kept."""
    record = new_employee(CreditCards=[card(firm, 0), card(firm, 1, CardholderName="Eva")])
    kept = {name: value for name, value in record.items() if name != "CreditCards"} | {"Title": "changed"}
    records(made.update(EMPLOYEES, [kept], [record]), "Employees")
    again = current(made, record)
    assert again["CreditCards"] == record["CreditCards"]
    record = changed(made, EMPLOYEES, again, CreditCards=[record["CreditCards"][1]])
    assert [row["CardholderName"] for row in record["CreditCards"]] == ["Eva"]
    assert not changed(made, EMPLOYEES, record, CreditCards=[])["CreditCards"]


@claim("employee.card-needs-account")
@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("key", [LEFT_OUT, None, 0], ids=["left out", "null", "zero"])
def test_a_credit_card_needs_an_account(
    made: Made, firm: Firm, employee_body: Create, new_employee: Create, key: Any, position: int
) -> None:
    """A credit card without a bank account is refused at each position."""
    sent = [card(firm, 0), card(firm, 1)]
    del sent[position]["BankAccountKey"]
    if key is not LEFT_OUT:
        sent[position]["BankAccountKey"] = key
    assert INVALID in refused(made, EMPLOYEES, employee_body(CreditCards=sent)).texts[0]
    record = new_employee()
    assert INVALID in refused(made, EMPLOYEES, record | {"CreditCards": sent}, record).texts[0]


@claim("write.unknown-reference", "write.unknown-members-refused")
@pytest.mark.parametrize("wrong", [{"BankAccountKey": UNKNOWN_KEY}, {"CardNumber": "1"}], ids=["account", "member"])
def test_unknown_values_of_a_credit_card(made: Made, firm: Firm, new_employee: Create, wrong: Row) -> None:
    """A credit card with an unknown bank account or an unknown member is refused."""
    record = new_employee()
    sent = [card(firm, 0), card(firm, 1) | wrong]
    assert INVALID in refused(made, EMPLOYEES, record | {"CreditCards": sent}, record).texts[0]


def line(contact: Row, order: int = 0) -> Row:
    """Return a line for Contacts."""
    return {"ContactKey": contact["ContactKey"], "Order": order, "Text": f"No. {order}"}


@claim("employee.derived-ignored")
def test_contacts_of_an_employee(made: Made, new_employee: Create, new_contact: Create) -> None:
    """A contact line shows the names of the contact, not those that were sent. A new list replaces the old one."""
    one, two = new_contact(FirstName="Eva"), new_contact(FirstName="Ida")
    record = new_employee(Contacts=[line(one) | {"FirstName": "Nobody"}, line(two, 1)])
    assert [(row["FirstName"], row["Text"]) for row in record["Contacts"]] == [("Eva", "No. 0"), ("Ida", "No. 1")]
    record = changed(made, EMPLOYEES, record, Contacts=[line(two)])
    assert [row["LastName"] for row in record["Contacts"]] == [two["LastName"]]


@claim("employee.contacts-at-most-five")
def test_employee_has_at_most_five_contacts(made: Made, new_employee: Create, new_contact: Create) -> None:
    """Five contact lines are accepted, six are refused."""
    lines = [line(new_contact(), i) for i in range(6)]
    record = new_employee(Contacts=lines[:5])
    assert len(record["Contacts"]) == 5
    assert INVALID in refused(made, EMPLOYEES, record | {"Contacts": lines}, record).texts[0]


@claim("write.delete-in-use")
def test_contact_of_an_employee_cannot_be_deleted(made: Made, new_employee: Create, new_contact: Create) -> None:
    """A contact that an employee lists cannot be deleted until the employee no longer lists it."""
    record = new_employee(Contacts=[line(contact := new_contact())])
    refused(made, CONTACTS, delete(contact, CONTACTS), contact)
    changed(made, EMPLOYEES, record, Contacts=[])
    success(made.update(CONTACTS, [delete(contact, CONTACTS)], [contact]))


# Employees in use.


@claim("write.delete-in-use")
def test_a_supervisor_cannot_be_deleted(made: Made, new_employee: Create) -> None:
    """A supervisor cannot be deleted until no employee has this supervisor."""
    boss = new_employee(IsSupervisor=True)
    record = new_employee(SupervisorKey=boss["EmployeeKey"])
    refused(made, EMPLOYEES, delete(boss, EMPLOYEES), boss)
    assert changed(made, EMPLOYEES, record, SupervisorKey=None)["SupervisorKey"] is None
    success(made.update(EMPLOYEES, [delete(boss, EMPLOYEES)], [boss]))


@claim("write.references-in-order")
@pytest.mark.parametrize("single", [True, False], ids=["single", "alone"])
@pytest.mark.parametrize("freed", ["changed", "deleted"])
def test_a_supervisor_freed_in_the_same_request(made: Made, new_employee: Create, freed: str, single: bool) -> None:
    """A supervisor can be deleted after the change or deletion of the only employee with this supervisor."""
    boss = new_employee(IsSupervisor=True)
    record = new_employee(SupervisorKey=boss["EmployeeKey"])
    first = delete(record, EMPLOYEES) if freed == "deleted" else record | {"SupervisorKey": None}
    last = delete(boss, EMPLOYEES)
    refusal(made.update(EMPLOYEES, [last, first], [record, boss], single=True))
    assert (current(made, boss), current(made, record)) == (boss, record)
    rows = records(made.update(EMPLOYEES, [first, last], [record, boss], single=single), "Employees")
    assert rows[1] == {"EmployeeKey": boss["EmployeeKey"], "Deleted": True}
    assert made.read(EMPLOYEES, boss["EmployeeKey"]) is None


@claim("write.references-in-order", "write.delete-in-use", "write.unknown-reference")
@pytest.mark.parametrize("order", ["gone first", "gone last"])
@pytest.mark.parametrize("new", [True, False], ids=["new", "changed"])
def test_no_employee_gets_a_supervisor_who_is_deleted(
    made: Made, employee_body: Create, new_employee: Create, order: str, new: bool
) -> None:
    """One request does not delete an employee and make the same one a supervisor."""
    boss, record = new_employee(IsSupervisor=True), new_employee()
    edit = employee_body(-1) if new else record
    sent = [delete(boss, EMPLOYEES), edit | {"SupervisorKey": boss["EmployeeKey"]}]
    if order == "gone last":
        sent.reverse()
    refusal(made.update(EMPLOYEES, sent, [boss, record], single=True))
    assert (current(made, boss), current(made, record)) == (boss, record)
    answer = made.update(EMPLOYEES, sent, [boss, record])
    assert len(answer.specific_errors) == len(answer.content["Employees"]) == 1
    assert (made.read(EMPLOYEES, boss["EmployeeKey"]) is None) == (order == "gone first")


@claim("write.delete-in-use")
@pytest.mark.parametrize(
    ("role", "flag"),
    [
        ("ProjectManager", "IsProjectManager"),
        ("PrincipalInCharge", "IsPrincipal"),
        ("MarketingContact", "IsMarketingContact"),
    ],
)
def test_employee_in_a_role_cannot_be_deleted(
    made: Made, new_employee: Create, new_project: Create, role: str, flag: str
) -> None:
    """An employee with a role on a project cannot be deleted until the project is deleted."""
    record = new_employee(**{flag: True})
    project = new_project(**{role: {"EmployeeKey": record["EmployeeKey"]}})
    refused(made, EMPLOYEES, delete(record, EMPLOYEES), record)
    success(made.update(PROJECTS, [delete(project)], [project]))
    success(made.update(EMPLOYEES, [delete(record, EMPLOYEES)], [record]))


@claim("employee.roles-kept")
@pytest.mark.parametrize("loss", [{"Status": "Inactive"}, {"IsProjectManager": False}], ids=["status", "flag"])
def test_roles_are_kept(made: Made, new_employee: Create, new_project: Create, minimum: Create, loss: Row) -> None:
    """A project keeps a manager who becomes inactive or loses the flag, but no project gets such a manager."""
    record = new_employee(IsProjectManager=True)
    role = {"ProjectManager": {"EmployeeKey": record["EmployeeKey"]}}
    project, other = new_project(**role), new_project()
    changed(made, EMPLOYEES, record, **loss)
    again = made.read(PROJECTS, project["ProjectKey"])
    assert again == project
    project = changed(made, PROJECTS, project, Location="changed")
    assert project["ProjectManager"]["EmployeeKey"] == record["EmployeeKey"]
    refused(made, PROJECTS, other | role, other)
    refused(made, PROJECTS, minimum() | role)
