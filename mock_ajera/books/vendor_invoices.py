"""The postings of vendor invoices: the charge on the accounting date, and the payment.

The company of the invoice owes and pays it; a line is charged to the company of its project, or else to its own
(claim ``invoice.books-of-companies``). A voided invoice posts nothing (claim ``invoice.voided-posts-nothing``).
"""

from __future__ import annotations

from collections.abc import Iterator

from mock_ajera.books.records import Body, Posting, Roles, Side, Work, moved, payer
from mock_ajera.books.rules import CASH, PAYABLE, Basis
from mock_ajera.tenants.trace import relies_on


def work_of(invoice: Body) -> Iterator[Work]:
    """Yield the charges of projects, and their payments."""
    if invoice["Status"] == "Voided":
        relies_on("invoice.voided-posts-nothing")
        return
    relies_on("invoice.posts-at-once")
    for line in invoice["LineItems"]:
        if line["ProjectKey"] is None:
            continue
        cost, fee = line["CostAmount"], line["FeeAmount"]
        if cost and not fee:
            relies_on("invoice.not-billable")
        charge = {"VendorInvoiced": cost, "Cost": cost, "Spent": fee} | ({} if line["IsBilled"] else {"WIP": fee})
        for day, amounts in ((invoice["AccountingDate"], charge), (invoice["PaidDate"], {"Payments": cost})):
            if day is not None or amounts is charge:
                yield Work(
                    *(line["ProjectKey"], line["PhaseKey"], day or "", line["Category"], amounts),
                    *(invoice["VendorKey"], invoice["CompanyKey"]),
                )


def lines_of(invoice: Body, roles: Roles) -> Iterator[Posting]:
    """Yield the debits and credits of lines that are charged to an account."""
    payable, cash = roles.get(PAYABLE), roles.get(CASH)
    if invoice["Status"] == "Voided" or payable is None or cash is None:
        return
    for line in invoice["LineItems"]:
        if line["AccountKey"] is None or line["ProjectKey"] is not None:
            continue
        company = line["CompanyKey"] if line["CompanyKey"] is not None else invoice["CompanyKey"]
        paying = payer(invoice["CompanyKey"], company, roles)
        charge, owed, paid = Side(line["AccountKey"], company), Side(payable, paying), Side(cash, paying)
        moves = [(invoice["AccountingDate"] or "", charge, owed, Basis.ACCRUAL)]
        if invoice["PaidDate"] is not None:
            moves += [(invoice["PaidDate"], owed, paid, Basis.ACCRUAL), (invoice["PaidDate"], charge, paid, Basis.CASH)]
        for day, debit, credit, basis in moves:
            yield from moved(debit, credit, day, line["CostAmount"], basis, invoice["VendorKey"], roles)
