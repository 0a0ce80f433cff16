"""Enter the vendor invoices of a sheet in Ajera, and read each one back.

    python enter_invoices.py invoices.csv

The sheet is a CSV file with a row for each line of an invoice, and these columns: Vendor, Number, Date, Company and
Total of the invoice, which its rows repeat; and of the line Amount, Notes, and either Account (its number) or Project
(ID), Phase and Activity. Notes may be empty.

An invoice whose number the vendor has used before is left alone, so the program can be run again after a failure: Ajera
would only warn, and enter it twice. The program looks for such invoices from a year before the first one of the sheet.
Voided invoices do not count: their numbers can be used again.
No documented method deletes an invoice, so the lines are added up before anything is sent.
The program reads AJERA_API_URL, AJERA_API_USERNAME and AJERA_API_PASSWORD from the environment.
It ends with exit code 0 if Ajera has every invoice, and with 1 if not.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import requests
from ajera_client import Ajera, Record, Refused, connect, listed, phases_of, read
from sheet import Names, Row, Wrong, read_sheet

HEADER = ("Vendor", "Number", "Date", "Company", "Total")
COLUMNS = (*HEADER, "Amount", "Account", "Project", "Phase", "Activity", "Notes")
STATES = ("Paid", "Unpaid")
"""The payment states of invoices that are not voided. Only the filters of ListVendorInvoices show them."""


class Books:
    """The records that a sheet can name."""

    def __init__(self, ajera: Ajera) -> None:
        active = {"FilterByStatus": ["Active"]}
        accounts = listed(ajera, "GLAccounts", **active)
        self.vendor = Names("Vendor", listed(ajera, "Vendors", **active), "VendorKey", "Name")
        self.company = Names("Company", listed(ajera, "Companies", **active), "CompanyKey", "Description")
        self.account = Names("Account", accounts, "GLAccountKey", "ID")
        self.activity = Names("Activity", listed(ajera, "Activities", **active), "ActivityKey", "Description")
        self.project = Names("Project", listed(ajera, "Projects"), "ProjectKey", "ID")
        self._ajera = ajera
        self._phases: dict[int, Names] = {}

    def phase(self, project: int, text: str) -> int:
        """Return the key of the phase of a project. Raises ``Wrong``."""
        if project not in self._phases:
            (row,) = read(self._ajera, "Projects", [project])
            self._phases[project] = Names("Phase", phases_of(row), "PhaseKey", "Description")
        return self._phases[project].key(text)


@dataclass(frozen=True)
class Invoice:
    """An invoice of the sheet, with the keys of what it names."""

    name: str
    """The vendor and the number, as the sheet has them."""
    vendor: int
    number: str
    date: str
    company: int
    total: Decimal
    lines: list[Record]

    def arguments(self) -> Record:
        """Return the arguments that create the invoice."""
        # Amounts have two decimals, which a float keeps.
        return {
            "VendorInvoices": [
                {
                    "VendorKey": self.vendor,
                    "CompanyKey": self.company,
                    "Number": self.number,
                    "Date": self.date,
                    "Amount": float(self.total),
                    "LineItems": [line | {"CostAmount": float(line["CostAmount"])} for line in self.lines],
                }
            ]
        }


def amount_of(column: str, text: str) -> Decimal:
    """Return an amount in dollars. Raises ``Wrong``."""
    try:
        amount = Decimal(text)
        if amount == round(amount, 2):
            return amount
    except InvalidOperation:
        pass
    raise Wrong(f"{column}: {text!r} is not an amount in dollars and cents")


def name_of(rows: list[Row]) -> str:
    """Return the name of an invoice in what the program prints."""
    return f"{rows[0]['Vendor']} {rows[0]['Number']}"


def invoice_of(rows: list[Row], books: Books) -> Invoice:
    """Return the invoice of the rows with one vendor and number. Raises ``Wrong``."""
    first = rows[0]
    if differing := [name for name in HEADER if any(row[name] != first[name] for row in rows)]:
        raise Wrong(f"{', '.join(differing)}: the rows of the invoice differ")
    if not first["Number"]:
        raise Wrong("Number: it is required to find out whether Ajera has the invoice")
    try:
        day = date.fromisoformat(first["Date"])
    except ValueError:
        raise Wrong(f"Date: {first['Date']!r} is not a date like 2026-02-27") from None
    lines = [line_of(row, books) for row in rows]
    total = amount_of("Total", first["Total"])
    if total != (added := sum(line["CostAmount"] for line in lines)):
        raise Wrong(f"Total: it is {total}, but the lines add up to {added}")
    vendor, company = books.vendor.key(first["Vendor"]), books.company.key(first["Company"])
    return Invoice(name_of(rows), vendor, first["Number"], str(day), company, total, lines)


def line_of(row: Row, books: Books) -> Record:
    """Return a line of an invoice: an amount that is charged to an account or to a project. Raises ``Wrong``."""
    line: Record = {"CostAmount": amount_of("Amount", row["Amount"])}
    if row["Notes"]:
        line["Notes"] = row["Notes"]
    if bool(row["Account"]) == bool(row["Project"]):
        raise Wrong("Account, Project: a line needs one of them")
    if row["Account"]:
        return line | {"AccountKey": books.account.key(row["Account"])}
    project = books.project.key(row["Project"])
    phase, activity = books.phase(project, row["Phase"]), books.activity.key(row["Activity"])
    return line | {"ProjectKey": project, "PhaseKey": phase, "ActivityKey": activity}


@dataclass
class Entered:
    """The invoices that Ajera has."""

    keys: dict[tuple[int, str], int]
    """The key of each invoice that is not voided, by vendor and number."""
    states: dict[int, str]
    """The payment state of each invoice."""

    def key(self, invoice: Invoice) -> int | None:
        """Return the key of the invoice with the vendor and the number of another one, or None."""
        return self.keys.get((invoice.vendor, invoice.number.casefold()))


def entered(ajera: Ajera, invoices: list[Invoice]) -> Entered:
    """Return the invoices of the same vendors that Ajera has, from a year before the first one."""
    found = Entered({}, {})
    if not invoices:
        return found
    first = min(date.fromisoformat(invoice.date) for invoice in invoices)
    filters = {
        "FilterByVendor": sorted({invoice.vendor for invoice in invoices}),
        "FilterByEarliestInvoiceDate": str(first - timedelta(days=366)),
    }
    for state in STATES:
        for row in listed(ajera, "VendorInvoices", **filters, **{f"FilterBy{state}": True}):
            found.states[row["VendorInvoiceKey"]] = state.lower()
            found.keys[row["VendorKey"], row["Number"].casefold()] = row["VendorInvoiceKey"]
    return found


def create(ajera: Ajera, invoice: Invoice) -> int:
    """Create an invoice and return its key. Raises ``Refused`` and ``Wrong``."""
    content = ajera.call("CreateVendorInvoices", invoice.arguments())
    for warning in ajera.warnings:
        print(f"warning  {warning}")
    if not content.get("VendorInvoices"):
        raise Wrong("Ajera reports a success but has created nothing")
    key: int = content["VendorInvoices"][0]["VendorInvoiceKey"]
    read_back = ajera.call("GetVendorInvoices", {"RequestedVendorInvoices": [key]})
    (header,) = read_back["VendorInvoices"]
    lines = read_back["VendorInvoicesDetails"]
    found = [header["VendorKey"], header["Number"], header["Date"][:10], header["Amount"], *map(charge_of, lines)]
    expected = [invoice.vendor, invoice.number, invoice.date, float(invoice.total), *map(charge_of, invoice.lines)]
    if found != expected:
        raise Wrong(f"invoice {key} is not as expected: {found}")
    return key


def charge_of(line: Record) -> tuple[object, ...]:
    """Return the amount of a line, and what it is charged to. An account has no project, and vice versa."""
    return (
        float(line["CostAmount"]),
        *(line.get(name) for name in ("AccountKey", "ProjectKey", "PhaseKey", "ActivityKey")),
    )


def enter_all(rows: list[Row]) -> bool:
    """Enter the invoices of a sheet. Return whether Ajera has every one."""
    of_invoice: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        of_invoice.setdefault((row["Vendor"].casefold(), row["Number"].casefold()), []).append(row)
    with connect() as v1, connect(version=2) as v2:
        books = Books(v1)
        invoices: list[Invoice] = []
        for group in of_invoice.values():
            try:
                invoices.append(invoice_of(group, books))
            except Wrong as wrong:
                print(f"failed   {name_of(group)}: {wrong}")
        keys = enter(v2, invoices)
        now = entered(v2, invoices)
        for invoice, key in keys:
            print(f"{now.states[key]:<9}{invoice.name}")
    return len(keys) == len(of_invoice)


def enter(ajera: Ajera, invoices: list[Invoice]) -> list[tuple[Invoice, int]]:
    """Create the invoices that Ajera does not have. Return those that it has now, with their keys."""
    before = entered(ajera, invoices)
    keys: list[tuple[Invoice, int]] = []
    for invoice in invoices:
        key = before.key(invoice)
        if key is not None:
            print(f"exists   {invoice.name}: invoice {key}")
        else:
            try:
                key = create(ajera, invoice)
            except (Refused, Wrong) as error:
                print(f"failed   {invoice.name}: {error}")
                continue
            print(f"created  {invoice.name}: invoice {key}")
        keys.append((invoice, key))
    return keys


def main(words: list[str]) -> int:
    """Enter the invoices of a sheet."""
    if len(words) != 1:
        raise SystemExit(__doc__)
    rows = read_sheet(words[0], COLUMNS)
    try:
        return 0 if enter_all(rows) else 1
    except (Refused, requests.RequestException) as error:
        print(f"enter_invoices: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
