"""CreateVendorInvoices: new vendor invoices with their lines, in version 2."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from .answers import records, refusal, success
from .client import AjeraClient
from .firm import Firm, Row, lacking
from .kinds import LINES
from .totals import totals_of
from .vendor_invoices import KEY, NOUN, VendorInvoices
from .writing import INVALID, UNKNOWN_KEY

claim = pytest.mark.claim


def creates_nothing(invoices: VendorInvoices, *bodies: Row) -> str:
    """Assert that a request is refused and that no invoice is created. Return the message."""
    before = invoices.listed()
    text: str = refusal(invoices.create(*bodies)).texts[0]
    assert invoices.listed() == before, "a refused request created an invoice"
    return text


@claim("invoice.create")
def test_answer_is_the_created_bundle(invoices: VendorInvoices) -> None:
    """Content is what GetVendorInvoices returns. The invoice is unknown before."""
    before = invoices.listed()
    assert invoices.bundle(max(before) + 1) == {NOUN: [], LINES: []}
    content = success(invoices.create(invoices.of()))
    (invoice,) = content[NOUN]
    assert invoice[KEY] not in before
    assert content == invoices.bundle(invoice[KEY])
    assert invoice[KEY] in invoices.listed()


@claim("invoice.create")
def test_values_of_the_invoice(invoices: VendorInvoices) -> None:
    """The members that clients send are stored, and the lines keep their order."""
    values = {
        "Number": f"{invoices.run} 7731",
        "Description": "Site survey, \u00e9tape 2",
        "Date": "2026-02-03",
        "AccountingDate": "2026-02-28",
        "Notes": "Approved by e-mail",
    }
    rows = [
        invoices.on_account(Decimal("60.25"), Notes="Filing fee", Non_1099=True),
        invoices.on_project(Decimal("39.75"), Notes="Field work", Hold=True),
    ]
    invoice, lines = invoices.made(invoices.of(*rows, **values))
    assert {name: invoice[name] for name in values} == values
    assert (invoice["Amount"], invoice["Status"], invoice["Type"]) == (100, "Normal", "Normal")
    assert len(lines) == 2
    for sent, line in zip(rows, lines, strict=True):
        assert sent.items() <= line.items()
    assert [(line["Hold"], line["Non_1099"]) for line in lines] == [(False, True), (True, False)]
    assert (invoice["OnHold"], invoice["PartiallyOnHold"]) == (False, True)


@claim("invoice.create")
def test_a_line_of_a_project_shows_its_descriptions(invoices: VendorInvoices, firm: Firm) -> None:
    """The line has the descriptions of the project, the phase and the activity."""
    _, (line,) = invoices.made(invoices.of(invoices.on_project()))
    (project,) = firm.get("Projects", line["ProjectKey"])
    assert (line["ProjectDescription"], line["ProjectID"]) == (project["Description"], project["ID"])
    assert line["PhaseDescription"]
    assert line["ActivityDescription"]
    assert "AccountKey" not in line


@claim("invoice.create")
def test_several_invoices_in_one_request(invoices: VendorInvoices) -> None:
    """Each has its own lines."""
    content = success(invoices.create(invoices.of(), invoices.of(invoices.on_project(12), invoices.on_account(13))))
    first, second = (row[KEY] for row in content[NOUN])
    assert [line["CostAmount"] for line in invoices.read(first)[1]] == [75]
    assert [line["CostAmount"] for line in invoices.read(second)[1]] == [12, 13]


@claim("write.mixed-outcome", "write.each-record-alone")
def test_each_invoice_is_created_alone(invoices: VendorInvoices) -> None:
    """An invalid invoice does not prevent the others."""
    number = f"{invoices.run} alone"
    answer = invoices.create(invoices.of(Number=number), invoices.of(Amount=1))
    assert len(answer.errors) == 1
    (created,) = answer.content[NOUN]
    assert invoices.read(created[KEY])[0]["Number"] == number


@claim("invoice.create")
@pytest.mark.parametrize("missing", ["VendorKey", "Amount", "LineItems"])
def test_required_members(invoices: VendorInvoices, missing: str) -> None:
    """Null is the same as a missing member."""
    body = invoices.of()
    creates_nothing(invoices, {name: value for name, value in body.items() if name != missing})
    creates_nothing(invoices, body | {missing: None})


@claim("invoice.create")
def test_a_line_without_an_amount_is_refused(invoices: VendorInvoices) -> None:
    line = invoices.on_account()
    del line["CostAmount"]
    creates_nothing(invoices, invoices.of(line, invoices.on_account(75), Amount=75))


@claim("invoice.create")
def test_an_invoice_without_lines_is_refused(invoices: VendorInvoices) -> None:
    creates_nothing(invoices, invoices.of() | {"LineItems": [], "Amount": 0})


@claim("write.unknown-members-refused")
def test_an_existing_invoice_is_not_changed(invoices: VendorInvoices) -> None:
    """The method accepts neither the key of an invoice nor that of a line."""
    invoice, (line,) = invoices.made(invoices.of(Notes="First"))
    key = invoice[KEY]
    other = invoices.on_account(75, TransactionKey=line["TransactionKey"])
    second = invoices.of(Notes="Second", Amount=150) | {KEY: key}
    for body in (second, second | {"Amount": 75, "LineItems": [other]}, invoices.of(other)):
        creates_nothing(invoices, body)
    assert invoices.read(key) == (invoice, [line])


@claim("invoice.amount-is-sum")
@pytest.mark.parametrize("difference", [Decimal("0.01"), Decimal("-0.01"), 100])
def test_amount_must_be_the_sum_of_the_lines(invoices: VendorInvoices, difference: Any) -> None:
    body = invoices.of(invoices.on_account(Decimal("60.25")), invoices.on_project(Decimal("39.75")))
    creates_nothing(invoices, body | {"Amount": body["Amount"] + difference})


@claim("invoice.amount-is-sum")
def test_negative_lines_count(invoices: VendorInvoices) -> None:
    """A credit reduces the amount."""
    invoice, _ = invoices.made(invoices.of(invoices.on_account(80), invoices.on_account(Decimal("-30.50"))))
    assert invoice["Amount"] == Decimal("49.5")


@claim("invoice.line-charged")
@pytest.mark.parametrize("missing", ["ProjectKey", "PhaseKey", "ActivityKey"])
def test_project_phase_and_activity_belong_together(invoices: VendorInvoices, missing: str) -> None:
    line = invoices.on_project()
    del line[missing]
    creates_nothing(invoices, invoices.of(line))


@claim("invoice.line-charged")
def test_a_line_that_is_charged_to_nothing_is_refused(invoices: VendorInvoices) -> None:
    creates_nothing(invoices, invoices.of({"CostAmount": 75}))


@claim("invoice.line-charged")
@pytest.mark.parametrize("names", [("ProjectKey", "PhaseKey", "ActivityKey"), ("ProjectKey",), ("ActivityKey",)])
def test_a_line_that_is_charged_to_both_is_refused(invoices: VendorInvoices, names: tuple[str, ...]) -> None:
    project = invoices.on_project()
    creates_nothing(invoices, invoices.of(invoices.on_account() | {name: project[name] for name in names}))


@claim("write.zero-reference-means-none")
def test_zero_is_no_project_phase_or_activity(invoices: VendorInvoices) -> None:
    """A line on an account may have them, a line on a project may not."""
    nothing = {"ProjectKey": 0, "PhaseKey": 0, "ActivityKey": 0}
    _, (line,) = invoices.made(invoices.of(invoices.on_account(**nothing)))
    assert not nothing.keys() & line.keys()
    creates_nothing(invoices, invoices.of(invoices.on_project(PhaseKey=0)))


@claim("invoice.phase-of-project")
def test_a_phase_of_another_project_is_refused(invoices: VendorInvoices, firm: Firm) -> None:
    line = invoices.on_project()
    others = [row for row in firm.some("Projects") if row["ProjectKey"] != line["ProjectKey"]] or lacking("projects")
    creates_nothing(invoices, invoices.of(line | {"ProjectKey": others[-1]["ProjectKey"]}))


@claim("invoice.account-allows-entries")
def test_an_account_that_allows_no_entries_is_refused(invoices: VendorInvoices) -> None:
    account = invoices.account(allowed=False)
    creates_nothing(invoices, invoices.of(invoices.on_account() | {"AccountKey": account}))


@claim("invoice.account-allows-entries")
def test_an_inactive_account_is_refused(invoices: VendorInvoices, firm: Firm) -> None:
    inactive = firm.keys("GLAccounts", FilterByStatus=["Inactive"])
    accounts = [row for row in firm.get("GLAccounts", *inactive) if row["AllowJournalEntries"]]
    account = (accounts or lacking("inactive account that allows journal entries"))[0]["GLAccountKey"]
    creates_nothing(invoices, invoices.of(invoices.on_account() | {"AccountKey": account}))


@claim("write.unknown-reference")
@pytest.mark.parametrize("name", ["VendorKey", "CompanyKey"])
def test_unknown_references_of_an_invoice_are_refused(invoices: VendorInvoices, name: str) -> None:
    assert INVALID in creates_nothing(invoices, invoices.of() | {name: UNKNOWN_KEY})


@claim("write.unknown-reference")
@pytest.mark.parametrize("name", ["AccountKey", "DepartmentKey", "CompanyKey", "ProjectKey", "ActivityKey"])
def test_unknown_references_of_a_line_are_refused(invoices: VendorInvoices, name: str) -> None:
    line = invoices.on_project() if name in ("ProjectKey", "ActivityKey") else invoices.on_account()
    assert INVALID in creates_nothing(invoices, invoices.of(line | {name: UNKNOWN_KEY}))


@claim("invoice.units-times-rate")
@pytest.mark.parametrize(
    ("units", "rate", "amount", "other"),
    [
        (12, Decimal("0.67"), Decimal("8.04"), Decimal("8.05")),
        (Decimal("0.5"), Decimal("0.01"), Decimal("0.01"), 0),
        (-3, 25, -75, 75),
    ],
)
def test_units_and_rate_give_the_amount(
    invoices: VendorInvoices, units: Any, rate: Any, amount: Any, other: Any
) -> None:
    """The product is rounded to cents, half a cent up."""
    members = {"Units": units, "CostRate": rate}
    _, (line,) = invoices.made(invoices.of(invoices.on_project(amount, **members)))
    assert (line["Units"], line["CostRate"], line["CostAmount"]) == (units, rate, amount)
    creates_nothing(invoices, invoices.of(invoices.on_project(other, **members)))


@claim("invoice.units-times-rate")
@pytest.mark.parametrize("members", [{"Units": 3}, {"CostRate": 25}, {"Units": 0, "CostRate": 25}])
def test_units_without_a_rate_do_not_give_the_amount(invoices: VendorInvoices, members: Row) -> None:
    _, (line,) = invoices.made(invoices.of(invoices.on_project(80, **members)))
    assert line["CostAmount"] == 80


@claim("invoice.department-default")
def test_department_of_the_vendor(invoices: VendorInvoices, firm: Firm) -> None:
    """A line that is charged to an account has the department of the vendor, and a sent one takes precedence."""
    rows = [row for row in firm.some("Vendors") if row["DepartmentKey"]] or lacking("vendor with a department")
    vendor, other = rows[0], firm.all("Departments")[-1]["DepartmentKey"]
    lines = [invoices.on_account(), invoices.on_account(DepartmentKey=other), invoices.on_project()]
    _, found = invoices.made(invoices.of(*lines, VendorKey=vendor["VendorKey"]))
    assert [line.get("DepartmentKey") for line in found] == [vendor["DepartmentKey"], other, None]


@claim("invoice.company-default")
def test_company_of_the_vendor(invoices: VendorInvoices, firm: Firm) -> None:
    """An invoice without CompanyKey has the company of its vendor, and so have its lines."""
    vendors = {
        row["CompanyKey"]: firm.keys("Vendors", FilterByCompany=[row["CompanyKey"]]) for row in firm.all("Companies")
    }
    if not all(vendors.values()):
        lacking("vendors of each company")
    for company, keys in vendors.items():
        body = invoices.of(invoices.on_account(), invoices.on_project(), VendorKey=min(keys))
        del body["CompanyKey"]
        invoice, lines = invoices.made(body)
        assert {row["CompanyKey"] for row in (invoice, *lines)} == {company}


@claim("invoice.company-default")
def test_the_first_company(invoices: VendorInvoices, firm: Firm) -> None:
    """An invoice of a vendor without a company has the first one."""
    companies = [row["CompanyKey"] for row in firm.all("Companies")]
    others = firm.keys("Vendors") - firm.keys("Vendors", FilterByCompany=companies)
    body = invoices.of(VendorKey=min(others or lacking("vendors without a company")))
    del body["CompanyKey"]
    assert invoices.made(body).header["CompanyKey"] == min(companies)


@claim("invoice.company-default")
def test_a_line_of_another_company(invoices: VendorInvoices, firm: Firm) -> None:
    """A line keeps the company that is sent."""
    companies = [row["CompanyKey"] for row in firm.all("Companies")]
    if len(companies) < 2:
        lacking("second company")
    lines = [invoices.on_account(CompanyKey=companies[1]), invoices.on_account()]
    _, found = invoices.made(invoices.of(*lines, CompanyKey=companies[0]))
    assert [line["CompanyKey"] for line in found] == [companies[1], companies[0]]


@claim("invoice.dates-default")
def test_dates_that_are_not_sent(invoices: VendorInvoices) -> None:
    """The Date is today, and the AccountingDate is the Date."""
    today = datetime.now(UTC).date()
    invoice, _ = invoices.made(invoices.of())
    assert abs(date.fromisoformat(invoice["Date"]) - today) <= timedelta(days=1)
    assert invoice["AccountingDate"] == invoice["Date"]
    invoice, _ = invoices.made(invoices.of(Date="2026-02-03"))
    assert (invoice["Date"], invoice["AccountingDate"]) == ("2026-02-03", "2026-02-03")
    invoice, _ = invoices.made(invoices.of(AccountingDate="2026-02-03"))
    assert (invoice["Date"] != "2026-02-03", invoice["AccountingDate"]) == (True, "2026-02-03")


def due(day: str, vendor: Row) -> str | None:
    """Return the day on which an invoice is to be paid by the terms of its vendor."""
    at = date.fromisoformat(day)
    match vendor["CalculatePaymentDateMethod"]:
        case "Number of days":
            return (at + timedelta(days=vendor["NumberOfDaysFromInvoiceDate"])).isoformat()
        case "Day of the month":
            year, month = at.year, at.month
            while True:
                last = calendar.monthrange(year, month)[1]
                found = date(year, month, min(vendor["DayOfTheMonthToPay"], last))
                if found >= at:
                    return found.isoformat()
                year, month = year + month // 12, month % 12 + 1
    return None


@claim("invoice.date-to-pay")
@pytest.mark.parametrize("method", ["Number of days", "Day of the month", "None"])
def test_date_to_pay(invoices: VendorInvoices, method: str) -> None:
    """It is counted from the Date, not from the AccountingDate."""
    vendor = invoices.vendor(CalculatePaymentDateMethod=method)
    for day in ("2026-01-31", "2026-02-14", "2026-02-15", "2026-02-16", "2026-12-20"):
        body = invoices.of(VendorKey=vendor["VendorKey"], Date=day, AccountingDate="2026-03-05")
        assert invoices.made(body)[0].get("DateToPay") == due(day, vendor)


@claim("invoice.number-warning")
def test_a_number_that_the_vendor_has_used(invoices: VendorInvoices) -> None:
    """The second invoice is created, and Warnings mentions the number. Another vendor may use the number."""
    number = f"{invoices.run} twice"
    assert "Warnings" not in invoices.create(invoices.of(Number=number)).envelope
    answer = invoices.create(invoices.of(Number=number))
    (created,) = records(answer, NOUN)
    assert invoices.read(created[KEY])[0]["Number"] == number
    (warning,) = answer.envelope["Warnings"]
    assert number in warning
    vendors = {row["VendorKey"] for row in invoices.firm.some("Vendors") if row["Status"] == "Active"}
    other = min(vendors - {created["VendorKey"]})
    assert "Warnings" not in invoices.create(invoices.of(Number=number, VendorKey=other)).envelope


@claim("invoice.number-warning")
def test_a_number_that_occurs_twice_in_a_request(invoices: VendorInvoices) -> None:
    """Only the second invoice has a warning."""
    number = f"{invoices.run} at once"
    answer = invoices.create(*[invoices.of(Number=number)] * 2)
    assert len(records(answer, NOUN)) == 2
    assert len(answer.envelope["Warnings"]) == 1


@claim("invoice.number-warning")
def test_a_refused_invoice_has_no_warning(invoices: VendorInvoices) -> None:
    """Neither has an invoice without a number."""
    number = f"{invoices.run} refused"
    invoices.made(invoices.of(Number=number))
    assert "Warnings" not in refusal(invoices.create(invoices.of(Number=number, Amount=1))).envelope
    for _ in range(2):
        assert "Warnings" not in invoices.create(invoices.of()).envelope


@claim("invoice.timing-unknown")
def test_timing_adds_nothing(invoices: VendorInvoices) -> None:
    """The answer has the same members with and without ShowTiming."""
    one, other = (invoices.create(invoices.of(), **arguments) for arguments in ({}, {"ShowTiming": True}))
    assert one.envelope.keys() == other.envelope.keys()
    assert success(one).keys() == success(other).keys()


@claim("invoice.posts-at-once")
def test_a_line_is_part_of_the_costs_of_its_project(invoices: VendorInvoices) -> None:
    line = invoices.on_project(Decimal("60.25"))
    before = totals_of(invoices.client, line["ProjectKey"])
    invoices.made(invoices.of(line))
    after = totals_of(invoices.client, line["ProjectKey"])
    for name in ("Cost", "Vendor Invoiced", "Payable Balance"):
        assert after[name] - before[name] == Decimal("60.25"), name


@claim("invoice.not-billable")
@pytest.mark.parametrize("billable", [True, False])
def test_a_line_on_a_phase_that_is_never_billed_is_no_wip(invoices: VendorInvoices, billable: bool) -> None:
    """It is a cost, and nothing at billing rates."""
    line = invoices.charge(billable=billable) | {"CostAmount": 60}
    before = totals_of(invoices.client, line["ProjectKey"])
    invoices.made(invoices.of(line))
    after = totals_of(invoices.client, line["ProjectKey"])
    moved = {name: after[name] - before[name] for name in ("Cost", "Spent", "WIP")}
    assert moved == {"Cost": 60, "Spent": 60 * billable, "WIP": 60 * billable}


@claim("invoice.posts-at-once")
def test_a_line_is_part_of_the_balance_of_its_account(invoices: VendorInvoices) -> None:
    line = invoices.on_account(Decimal("60.25"))

    def balance() -> Any:
        (account,) = invoices.firm.get("GLAccounts", line["AccountKey"])
        return account["GLBalance"] * (1 if account["NormalDebitBalance"] else -1)

    before = balance()
    invoices.made(invoices.of(line))
    assert balance() - before == Decimal("60.25")


@claim("invoice.partition")
def test_a_new_invoice_is_unpaid(invoices: VendorInvoices) -> None:
    """It passes FilterByUnpaid and neither of the others."""
    invoice, _ = invoices.made(invoices.of())
    key = invoice[KEY]
    states = ("Paid", "Unpaid", "Voided")
    assert [state for state in states if key in invoices.listed(**{f"FilterBy{state}": True})] == ["Unpaid"]


@claim("write.unknown-members-refused")
@pytest.mark.parametrize("name", ["Status", "Type", "DateToPay", "Nickname"])
def test_members_that_cannot_be_written(invoices: VendorInvoices, name: str) -> None:
    """Members that Ajera sets are unknown to the method."""
    creates_nothing(invoices, invoices.of() | {name: "Normal"})


@claim("session.method-of-other-version")
def test_version_1_refuses_the_method(client: AjeraClient, invoices: VendorInvoices) -> None:
    """CreateVendorInvoices needs a version 2 session."""
    text = refusal(client.call("CreateVendorInvoices", {NOUN: [invoices.of()]})).texts[0]
    assert "CreateVendorInvoices" in text
    assert "for api version 1 but is supported with api version 2" in text
