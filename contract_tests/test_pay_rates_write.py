"""Pay rates in UpdateEmployees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .answers import records, refusal
from .client import LEFT_OUT
from .firm import Row
from .kinds import EMPLOYEES
from .made import Made
from .pay_rates import HISTORY, KINDS_OF_RATE, POSITIONS, current, hourly, rates, salary
from .target import Target
from .writing import INVALID, NO_CHANGE, UNKNOWN_KEY, changed, delete, refused

claim = pytest.mark.claim

Create = Callable[..., Row]


@claim("employee.pay-rates-keyed")
@KINDS_OF_RATE
def test_a_pay_rate_is_added_and_changed(made: Made, history: Row, rate: Create) -> None:
    """A negative key adds a pay rate at the end; its new key changes it."""
    sent = [*history["PayRates"], rate(-8, "2023-01-01", PayPeriod="Weekly")]
    record = changed(made, EMPLOYEES, history, PayRates=sent)
    assert record["PayRates"][:3] == history["PayRates"]
    added = record["PayRates"][3]
    assert added["PayRateKey"] > max(row["PayRateKey"] for row in history["PayRates"])
    assert (added["StartDate"], added["PayPeriod"]) == ("2023-01-01", "Weekly")
    record = changed(made, EMPLOYEES, record, PayRates=rates(record, added | {"PayPeriod": "Monthly"}))
    assert record["PayRates"] == [*history["PayRates"], added | {"PayPeriod": "Monthly"}]


@claim("employee.pay-rates-keyed")
@POSITIONS
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PayPeriod", "Monthly"),
        ("Salary", 4100.25),
        ("OvertimeMarkup", 1.5),
        ("IncludeOvertimeInSalary", True),
        ("DoubleTimeMarkup", 2),
        ("IncludeDoubleTimeInSalary", True),
        ("OtherTimeMarkup", 1.25),
        ("IncludeOtherTimeMarkupInSalary", True),
    ],
)
def test_members_of_each_pay_rate(made: Made, history: Row, position: int, name: str, value: Any) -> None:
    """Each member of a pay rate can be changed at every position, and nothing else changes."""
    row = history["PayRates"][position] | {name: value}
    record = changed(made, EMPLOYEES, history, PayRates=rates(history, row))
    assert record["PayRates"] == rates(history, row)


@claim("employee.pay-rates-keyed")
@POSITIONS
def test_a_new_pay_rate_between_others(made: Made, history: Row, position: int) -> None:
    """The position of a new pay rate in the request does not matter."""
    sent = list(history["PayRates"])
    sent.insert(position, hourly(-5, "2010-01-01"))
    record = changed(made, EMPLOYEES, history, PayRates=sent)
    assert record["PayRates"][:3] == history["PayRates"]
    assert [row["StartDate"] for row in record["PayRates"]] == [*HISTORY, "2010-01-01"]


@claim("employee.absent-pay-rates-kept")
@POSITIONS
def test_absent_pay_rates_are_kept(made: Made, history: Row, position: int) -> None:
    """An update that sends one pay rate changes it and keeps the others."""
    row = history["PayRates"][position] | {"PayPeriod": "Monthly"}
    record = changed(made, EMPLOYEES, history, PayRates=[row])
    assert record["PayRates"] == rates(history, row)


@claim("employee.absent-pay-rates-kept")
@pytest.mark.parametrize("sent", [[], None, LEFT_OUT], ids=["empty", "null", "left out"])
def test_no_pay_rates_keep_all(made: Made, history: Row, sent: Any) -> None:
    """An update with no pay rates keeps all of them."""
    updated = {name: value for name, value in history.items() if name != "PayRates"} | {"Title": "changed"}
    if sent is not LEFT_OUT:
        updated["PayRates"] = sent
    records(made.update(EMPLOYEES, [updated], [history]), "Employees")
    assert current(made, history)["PayRates"] == history["PayRates"]


@claim("employee.absent-pay-rates-kept")
@POSITIONS
def test_a_pay_rate_cannot_be_deleted(made: Made, history: Row, position: int) -> None:
    """Delete is not a member of a pay rate."""
    row = history["PayRates"][position] | {"Delete": True}
    assert INVALID in refused(made, EMPLOYEES, history | {"PayRates": rates(history, row)}, history).texts[0]


def refuses_unknown(made: Made, target: Target, sent: Row, *unchanged: Row) -> None:
    """Assert that a record with an unknown member is refused, unless the target is a mock that ignores it."""
    answer = made.update(EMPLOYEES, [sent], list(unchanged))
    if answer.succeeded and target.differs_by_choice:
        pytest.skip("the target ignores unknown members")
    refusal(answer)
    if unchanged:
        assert current(made, unchanged[0]) == unchanged[0]


@claim("employee.pay-rate-unknown-member")
@pytest.mark.parametrize("position", [0, 1, 2, 3])
@KINDS_OF_RATE
def test_unknown_member_of_a_pay_rate(made: Made, target: Target, history: Row, position: int, rate: Create) -> None:
    """An unknown member is refused in each stored pay rate and in a new one."""
    sent = [*history["PayRates"], rate(-9, "2024-01-01")]
    sent[position] = sent[position] | {"annual_salary": 90000}
    refuses_unknown(made, target, history | {"PayRates": sent}, history)


@claim("employee.pay-rate-unknown-member")
@KINDS_OF_RATE
def test_unknown_member_of_a_pay_rate_of_a_new_employee(
    made: Made, target: Target, employee_body: Create, rate: Create
) -> None:
    """An unknown member is refused in a pay rate of a new employee."""
    refuses_unknown(made, target, employee_body(PayRates=[rate(-2), rate(-3, annual_salary=90000)]))


@claim("employee.pay-rates-keyed")
def test_pay_rate_of_another_employee(made: Made, history: Row, new_employee: Create) -> None:
    """The key of another employee's pay rate, or of none, is refused."""
    other = new_employee(PayRates=[hourly(-2)])["PayRates"][0]
    for row in (other, hourly(UNKNOWN_KEY)):
        sent = history | {"PayRates": [*history["PayRates"], row]}
        assert INVALID in refused(made, EMPLOYEES, sent, history).texts[0]


@claim("write.negative-keys-differ-nested")
def test_negative_keys_of_pay_rates(made: Made, employee_body: Create) -> None:
    """A negative key that a pay rate shares with its employee or with another pay rate is refused."""
    for keys in ((-1, -2), (-2, -2)):
        refused(made, EMPLOYEES, employee_body(-1, PayRates=[hourly(key) for key in keys]))
    sent = [employee_body(-1, PayRates=[hourly(-3)]), employee_body(-2, PayRates=[hourly(-3)])]
    refusal(made.update(EMPLOYEES, sent))


@claim("employee.first-start-fixed")
@KINDS_OF_RATE
def test_the_first_start_date_stays(made: Made, new_employee: Create, rate: Create) -> None:
    """The first pay rate keeps its start date, and the other ones can get a new one."""
    record = new_employee(PayRates=[rate(-2), rate(-3, HISTORY[1])])
    first, second = record["PayRates"]
    moved = rates(record, first | {"StartDate": "2014-02-03"})
    made.update(EMPLOYEES, [record | {"PayRates": moved}], [record])
    assert [row["StartDate"] for row in current(made, record)["PayRates"]] == [*HISTORY[:2]]
    record = current(made, record)
    record = changed(made, EMPLOYEES, record, PayRates=rates(record, second | {"StartDate": "2019-02-03"}))
    assert [row["StartDate"] for row in record["PayRates"]] == [HISTORY[0], "2019-02-03"]


@claim("employee.first-start-refused")
@KINDS_OF_RATE
@pytest.mark.parametrize("start", ["2014-02-03", "2022-02-03", None])
def test_a_new_first_start_date_is_refused(made: Made, new_employee: Create, rate: Create, start: str | None) -> None:
    """A new start date for the first pay rate is refused, wherever the request has the row."""
    record = new_employee(PayRates=[rate(-2), rate(-3, HISTORY[1])])
    first, second = record["PayRates"]
    for sent in ([first | {"StartDate": start}, second], [second, first | {"StartDate": start}]):
        assert INVALID in refused(made, EMPLOYEES, record | {"PayRates": sent}, record).texts[0]


@claim("employee.salaried-rate-computed")
def test_the_rate_of_a_salaried_row_stays(made: Made, history: Row) -> None:
    """The hourly rate of a salaried row is not the one that was sent; that of an hourly row is."""
    sent = [row | {"PayRate": 99.5} for row in history["PayRates"]]
    made.update(EMPLOYEES, [history | {"PayRates": sent, "Title": "changed"}], [history])
    after = current(made, history)["PayRates"]
    assert after[1]["PayRate"] == history["PayRates"][1]["PayRate"]


@claim("employee.salaried-rate-ignored")
def test_the_rate_of_a_salaried_row_is_ignored(made: Made, history: Row) -> None:
    """A new hourly rate is written to hourly rows and ignored in salaried ones."""
    sent = [row | {"PayRate": 99.5} for row in history["PayRates"]]
    record = changed(made, EMPLOYEES, history, PayRates=sent)
    before = history["PayRates"][1]["PayRate"]
    assert [row["PayRate"] for row in record["PayRates"]] == [99.5, before, 99.5]
    only = rates(record, record["PayRates"][1] | {"PayRate": 12})
    assert NO_CHANGE in refused(made, EMPLOYEES, record | {"PayRates": only}, record).texts


@claim("employee.salaried-rate-ignored")
def test_the_rate_of_a_new_salaried_row_is_ignored(new_employee: Create) -> None:
    """The hourly rate that is sent with a new salaried row is ignored."""
    (row,) = new_employee(PayRates=[salary(-2, PayRate=77.25)])["PayRates"]
    assert row["PayRate"] != 77.25
    assert row["Salary"] == 3500


@claim("employee.salaried-rate-ignored")
def test_a_row_that_changes_its_kind(made: Made, history: Row) -> None:
    """A row that becomes hourly takes the rate that is sent; a row that becomes salaried does not."""
    first, second, third = history["PayRates"]
    sent = [first | {"IsHourly": False, "PayRate": 55}, second | {"IsHourly": True, "PayRate": 55}, third]
    record = changed(made, EMPLOYEES, history, PayRates=sent)
    assert [row["IsHourly"] for row in record["PayRates"]] == [False, True, True]
    assert [row["PayRate"] for row in record["PayRates"]] == [first["PayRate"], 55, third["PayRate"]]


@claim("write.single-transaction")
def test_pay_rates_in_one_transaction(made: Made, employee_body: Create, history: Row, new_employee: Create) -> None:
    """New and changed pay rates are written with creations and deletions, or refused with them."""
    gone = new_employee(PayRates=[salary(-2)])
    row = history["PayRates"][2] | {"PayRate": 60}
    edit = history | {"PayRates": [row, salary(-20, "2024-05-01")]}
    new = employee_body(-21, PayRates=[hourly(-22), salary(-23, HISTORY[1])])
    bad = employee_body(-24, PayRates=[hourly(-25, "soon")])
    refusal(made.update(EMPLOYEES, [delete(gone, EMPLOYEES), edit, new, bad], [history, gone], single=True))
    assert (current(made, history), current(made, gone)) == (history, gone)
    made.update(EMPLOYEES, [delete(gone, EMPLOYEES), edit, new], [history, gone], single=True)
    after = current(made, history)["PayRates"]
    assert after[:3] == rates(history, row)
    assert after[3]["StartDate"] == "2024-05-01"
    assert made.read(EMPLOYEES, gone["EmployeeKey"]) is None


@claim("write.baseline-differs")
def test_a_baseline_with_another_pay_rate(made: Made, history: Row) -> None:
    """A baseline whose pay rates differ from the stored ones is refused."""
    row = history["PayRates"][1] | {"Salary": 1}
    answer = made.update(EMPLOYEES, [history | {"Title": "changed"}], [history | {"PayRates": rates(history, row)}])
    refusal(answer)
    assert current(made, history) == history
