"""The rules of single members, made from the suite's table of members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from contract_tests.members import Member, of_record

RECORDS = {
    "Projects": {
        "": "project",
        "Contacts[]": "project contact",
        "InvoiceGroups[]": "invoice group",
        "InvoiceGroups[].Phases[]": "phase",
        "InvoiceGroups[].Phases[].Contacts[]": "phase contact",
    },
    "Clients": {"": "client", "Contacts[]": "client contact"},
    "Contacts": {"": "contact"},
    "Vendors": {"": "vendor", "Contacts[]": "vendor contact"},
    "Employees": {
        "": "employee",
        "PayRates[]": "pay rate",
        "Contacts[]": "employee contact",
        "CreditCards[]": "credit card",
    },
    "ExpenseReports": {"": "expense report", "Expenses[]": "expense", "Expenses[].Attachments[]": "attachment"},
}
"""The records that an Update accepts, by their path."""

NEEDS = {
    "Units": {"BillingType": "UnitPrice"},
    "UnitRate": {"BillingType": "UnitPrice"},
    "UnitDescription": {"BillingType": "UnitPrice"},
    "ReportedPercentComplete": {"BillingType": "PercentComplete"},
    "ReportedPercentCompleteDate": {"BillingType": "PercentComplete"},
    "PayRate": {"IsHourly": True},
}
"""Members that a Get shows for one billing type only, or that only hourly pay rates accept."""
ROLES = {
    "ProjectManager": "manager",
    "PrincipalInCharge": "principal",
    "MarketingContact": "marketing",
    "BillingManager": "manager",
}
"""The trait of an employee who can have the role."""

CHANGED_ONLY = ("attachment",)
"""Records that an update can change but not create."""
SET_BY_AJERA = {("ExpenseReports", "Status"): ("Submitted", "Approved", "Processed")}
"""Values of a choice that a Get shows and a write does not set."""
ONLY_ONE = {("ExpenseReports", "EmployeeKey"): "@key Employee", ("ExpenseReports", "FileKey"): "@baseline"}
"""References that accept one record only."""
WITH_ANOTHER = {("ExpenseReports", "PhaseKey")}
"""Members whose valid values depend on another member. The family's file lists their rules."""

TRUE_AT_FIRST = ("MailingAddressSameAsPrimary",)

Row = dict[str, Any]


def noun_of(family: str) -> str:
    """Return the noun of a family in method names: ExpenseReports for ``expense_reports``."""
    return family.title().replace("_", "")


def limits(family: str) -> Iterator[Row]:
    """Yield the rules of a family, such as ``projects``. Their evidence is that of the member."""
    noun = noun_of(family)
    members = of_record(f"Get{noun} 1 {noun}")
    for member in members.values():
        rows, dot, name = member.path.rpartition("[].")
        record = record_of(member)
        if record is None or member.access == "read-only" or is_companion(member, members):
            continue
        if (noun, name) in WITH_ANOTHER:
            continue
        common: Row = {"record": record, "member": name.removesuffix("[]")}
        if record in CHANGED_ONLY:
            common["base"] = "update"
        stem = name.split(".")[0]
        needed = NEEDS.get(stem, {})
        if any(f"{rows}{dot}{other}" in members for other in needed):
            common["with"] = needed
        elif member.presence in ("observed", "documented"):
            common["shown"] = member.presence
        if stem in ROLES and stem != name:
            common["with"] = {stem: {"EmployeeKey": f"@employee {ROLES[stem]}"}}
        if stem.startswith("MailingAddress"):
            common["with"] = {"MailingAddressSameAsPrimary": False}
        rules = [*of_member(member, stem)]
        if member.parent in members and members[member.parent].null == "yes":
            # An object that may be null is cleared when its key is missing.
            rules = [rule for rule in rules if rule["kind"] not in ("required", "required-null")]
        for rule in rules:
            yield common | rule


def of_member(member: Member, stem: str) -> Iterator[Row]:
    """Yield the rules of the type, of null and of the presence of a member. ``stem``: the first name of its path."""
    yield from _of_type(member, stem)
    yield from _of_null(member, stem)
    yield from _of_access(member)


def record_of(member: Member) -> str | None:
    """Return the record of the rules that a member belongs to. None if the table of rules has no such record."""
    rows, dot, _ = member.path.rpartition("[].")
    return RECORDS.get(member.array, {}).get(f"{rows}[]" if dot else "")


def is_companion(member: Member, members: Mapping[str, Member]) -> bool:
    """Return whether it is the description next to a key, which a write ignores."""
    before, description, rest = member.path.rpartition("Description")
    if not description or rest:
        return False
    return f"{before}Key" in members or f"{before}{member.parent.rpartition('.')[2]}Key" in members


def _of_family(member: Member) -> tuple[str, str]:
    return member.array, member.name


def _of_type(member: Member, stem: str) -> Iterator[Row]:
    yield from _BY_TYPE.get(member.type, _nothing)(member, stem)


def _nothing(member: Member, stem: str) -> Iterator[Row]:
    yield from ()


def _text(member: Member, stem: str) -> Iterator[Row]:
    if member.longest:
        yield {"kind": "max-length", "accept": f"@text {member.longest}", "refuse": f"@text {member.longest + 1}"}
    else:
        unique = _of_family(member) in (("Clients", "Description"), ("Vendors", "Name"))
        accept = "@unique" if unique else "@text 9000"
        yield {"kind": "no-maximum", "accept": accept, "refuse": {"a": 1}}
    yield {"kind": "text-type", "refuse": ["OR"]}


def _number(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "number-type", "accept": 175, "refuse": "a lot"}
    if member.limit:
        yield from _decimal(*map(int, member.limit.split(",")))


def _choice(member: Member, stem: str) -> Iterator[Row]:
    refused = SET_BY_AJERA.get(_of_family(member), ())
    for choice in member.choices:
        if choice in refused:
            yield {"kind": "enum", "case": choice, "refuse": choice}
            continue
        yield {"kind": "enum", "case": choice, "accept": choice, "reads": "@none" if choice == "Null" else choice}
    yield {"kind": "enum", "refuse": "Nowhere"}


def _flag(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "flag", "accept": member.name not in TRUE_AT_FIRST, "refuse": "perhaps"}


def _day(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "day-earliest", "accept": "1900-01-01", "refuse": "1899-12-31"}
    yield {"kind": "day-latest", "accept": "2079-06-06", "refuse": "2079-06-07"}
    yield {"kind": "day-format", "accept": "2016-02-29", "refuse": "2015-02-29"}


def _reference(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "reference", "accept": _other(member, stem), "refuse": "@unknown"}
    yield {"kind": "reference-below-zero", "refuse": -7}
    for case, value in (("text", "one"), ("decimal", Decimal("1.5")), ("flag", True)):
        yield {"kind": "reference-type", "case": case, "refuse": value}


def _rows(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "rows-type", "refuse": {"a": 1}}
    if member.limit:
        most = int(member.limit)
        at = ["@member", f"@member[{most}]"]
        yield {"kind": "at-most", "accept": f"@contacts {most}", "refuse": f"@contacts {most + 1}", "at": at}


def _whole(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "whole-type", "accept": 1, "refuse": Decimal("1.5")}
    if member.limit:
        first, last = map(int, member.limit.split("-"))
        yield {"kind": "range", "case": "first", "accept": first, "refuse": first - 1}
        yield {"kind": "range", "case": "last", "accept": last, "refuse": last + 1}


def _key(member: Member, stem: str) -> Iterator[Row]:
    yield {"kind": "key-zero", "refuse": 0}
    for case, value in (("text", "first"), ("decimal", Decimal("-1.5")), ("flag", True), ("null", "@null")):
        yield {"kind": "key-type", "case": case, "refuse": value}


_BY_TYPE = {
    "text": _text,
    "decimal": _number,
    "choice": _choice,
    "flag": _flag,
    "day": _day,
    "reference": _reference,
    "rows": _rows,
    "whole": _whole,
    "key": _key,
}


def _decimal(digits: int, scale: int) -> Iterator[Row]:
    whole, unit = "12345678901234567890"[: digits - scale], Decimal(1).scaleb(-scale)
    most = Decimal(f"{whole}.{'6789'[-scale:]}")
    yield {"kind": "decimal", "accept": most, "refuse": most * 10}
    yield {"kind": "decimal-rounding", "accept": 10 + unit / 2, "reads": 10 + unit}


def _of_null(member: Member, stem: str) -> Iterator[Row]:
    if member.null == "yes" and member.access == "optional":
        before = {
            "day": "2015-03-11",
            "reference": _other(member, stem),
            "object": {"EmployeeKey": f"@employee {ROLES.get(stem)}"},
        }.get(member.type)
        if before:
            row = {"kind": "null-clears", "base": "update", "before": before, "accept": "@null", "reads": "@null"}
            yield row
    elif member.null == "no" and member.access.startswith("required"):
        yield {"kind": "required-null", "refuse": "@null"} | _base(member)


def _of_access(member: Member) -> Iterator[Row]:
    if member.access == "key" or member.access.startswith("required"):
        yield {"kind": "required", "refuse": "@remove"} | _base(member)


def _base(member: Member) -> Row:
    # The page requires the list of groups. That an update may omit it, because groups are kept, is inferred.
    access = "required-on-create" if member.name == "InvoiceGroups" else member.access
    when = access.removeprefix("required").removeprefix("-on-")
    return {"base": when} if when in ("create", "update") else {}


def _other(member: Member, stem: str) -> str:
    """Return the key of another record than the one that a valid request names."""
    if stem in ROLES:
        return f"@employee {ROLES[stem]}"
    if only := ONLY_ONE.get(_of_family(member)):
        return only
    kind = member.name.replace(" ", "").removesuffix("Key")
    if kind.startswith("Email"):
        kind = "EmailTemplate"
    kinds = {"Supervisor": "Employee", "Account": "GLAccount", "CreditCardVendor": "Vendor"}
    return f"@other {kinds.get(kind, kind)}"
