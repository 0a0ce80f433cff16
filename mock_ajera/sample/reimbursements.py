"""Generated vendor invoices of processed expense reports: reimbursements of employees, and bills for company cards.

The reimbursement is dated with the last day of the report (claim ``invoice.of-expense-report``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from mock_ajera.api.families.expense_reports.records import PROCESSED
from mock_ajera.sample.invoices import MAIL, Invoices
from mock_ajera.sample.keys import KeySequences, NamedRecords
from mock_ajera.sample.rows import Row, day, days_from_today, money

_EMPLOYEES, _ACCOUNT = "Employee Reimbursements", "Travel and Meals"
"""The vendor of all expense reports, and the account of lines that charge no project."""
_PAYMENT = 14
"""Days from the end of a report to its payment."""
_MARKUP = Decimal("1.1")
"""Value of an expense at billing rates, as a multiple of its cost."""
_CHARGED = ("ProjectKey", "PhaseKey", "ActivityKey")


class Reimbursements:
    """Makes the invoices of expense reports. A firm without the vendor or the account has none."""

    def __init__(
        self, invoices: Invoices, named: NamedRecords, employees: Iterable[Row], vendors: Iterable[Row]
    ) -> None:
        self._invoices = invoices
        self._companies = {row["EmployeeKey"]: row["CompanyKey"] for row in employees}
        self._vendor = next((row["VendorKey"] for row in vendors if row["Name"] == _EMPLOYEES), None)
        self._account = named.key("GLAccount", _ACCOUNT)

    def of_report(self, report: Row, keys: KeySequences) -> Iterator[Row]:
        """Yield the invoices of a report: the one of the employee, and one for each company card."""
        if report.get("Status") != PROCESSED or self._vendor is None or self._account is None:
            return
        lines: dict[int, list[Row]] = {}
        for expense in report["Expenses"]:
            line, card = self._line(expense), expense.get("CreditCardVendorKey")
            if card is not None:
                lines.setdefault(card, []).append(line)
            if expense.get("IsPersonal"):
                if card is not None:
                    lines.setdefault(self._vendor, []).append(self._deduction(line["CostAmount"], "Personal"))
            elif card is None:
                lines.setdefault(self._vendor, []).append(line)
        if advance := report.get("AdvanceAmount"):
            lines.setdefault(self._vendor, []).append(self._deduction(advance, "Advance"))
        for vendor, charged in lines.items():
            yield self._invoice(report, vendor, charged, keys)

    def _invoice(self, report: Row, vendor: int, lines: list[Row], keys: KeySequences) -> Row:
        end = days_from_today(report["EndingDate"]) or 0
        company = {"CompanyKey": self._companies[report["EmployeeKey"]]}
        row = self._invoices.invoice(
            company, report["Description"], vendor, end + MAIL, end + _PAYMENT, lines=lines, keys=keys
        )
        if vendor != self._vendor:
            return row | {"Type": "Credit Card"}
        number = f"ER-{report['ExpenseReportKey']}"
        return row | {"Type": "Expense Report", "Number": number, "AccountingDate": day(end), "DateToPay": day(end)}

    def _line(self, expense: Row) -> Row:
        """Return the line for an expense. It charges the account unless it has a project, a phase and an activity."""
        amount = expense["Amount"]
        if any(name not in expense for name in _CHARGED):
            return {"AccountKey": self._account, "CostAmount": amount}
        return {
            **{name: expense[name] for name in _CHARGED},
            "Units": expense.get("Units"),
            "CostRate": expense.get("UnitRate"),
            "CostAmount": amount,
            "FeeAmount": money(amount * _MARKUP),
        }

    def _deduction(self, amount: Decimal, text: str) -> Row:
        return {"AccountKey": self._account, "CostAmount": -amount, "Notes": text}
