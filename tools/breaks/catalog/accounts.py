"""GL accounts and expense reports."""

from __future__ import annotations

from tools.breaks.exchange import Envelope, Exchange, broken, rows_of


@broken("gl accounts", "gl_accounts")
def as_of_is_ignored(exchange: Exchange) -> Envelope:
    """GetGLAccounts ignores its date."""
    if exchange.method == "GetGLAccounts":
        left = {name: value for name, value in exchange.arguments.items() if name != "AsOfDate"}
        return exchange.send(MethodArguments=left)
    return exchange.send()


@broken("gl accounts", "gl_accounts")
def trial_balance_is_off(exchange: Exchange) -> Envelope:
    """The balance of one account is a cent too high."""
    answer = exchange.send()
    for row in rows_of(answer, "GLAccounts"):
        if row.get("GLAccountKey") == 1 and "GLBalance" in row:
            row["GLBalance"] += 1
    return answer


@broken("expense reports", "expense_reports")
def total_is_not_the_sum(exchange: Exchange) -> Envelope:
    """TotalAmount of an expense report is not the sum of its lines."""
    answer = exchange.send()
    for row in rows_of(answer, "ExpenseReports"):
        if "TotalAmount" in row:
            row["TotalAmount"] += 1
    return answer


@broken("expense reports", "expense_reports")
def personal_lines_are_reimbursed(exchange: Exchange) -> Envelope:
    """ReimbursableAmount is the total."""
    answer = exchange.send()
    for row in rows_of(answer, "ExpenseReports"):
        if "ReimbursableAmount" in row:
            row["ReimbursableAmount"] = row["TotalAmount"]
    return answer
