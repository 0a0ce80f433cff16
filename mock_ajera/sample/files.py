"""A firm as a folder of JSON files: ``firm.json`` and an array of records for each kind.

Records have the members that the API prints, without what is derived. Days may be relative to the day on which the
tenant is made (``@today``, ``@today-30``), stamps too (``@today-30 14:46:06.873``, in the firm's own time): "modified
since yesterday" means the same in March.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_ajera import codec
from mock_ajera.api import fields as f
from mock_ajera.api.families import RECORDS
from mock_ajera.api.records import Body, Record, Row, Writing, load, settle_row
from mock_ajera.api.views import TenantView
from mock_ajera.tenants import stamps
from mock_ajera.tenants.tenant import Database, Firm, Tenant
from mock_ajera.tenants.users import ApiUser
from mock_ajera.tenants.zones import Zone

_RELATIVE = re.compile(r"@today(?P<days>[+-]\d{1,5})?(?: (?P<time>\d\d:\d\d:\d\d\.\d\d\d))?")
_KINDS = ("Text", "Number", "Flag", "Day", "Choice")


class BadSample(ValueError):
    """A sample that cannot be loaded; says file, record and member."""


@dataclass(frozen=True)
class Sample:
    """The files of a firm, read and not yet loaded."""

    path: Path
    firm: Mapping[str, Any]
    records: Mapping[str, list[Any]]


def file_name(kind: str) -> str:
    """The file of a kind: ``InvoiceFormat`` -> ``invoice_formats.json``."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    return f"{words[:-1]}ies.json" if words.endswith("y") else f"{words}s.json"


def read(path: Path) -> Sample:
    """Read the files of a folder. Raises ``BadSample``."""
    if not (path / "firm.json").is_file():
        raise BadSample(
            f"{path}: there is no firm.json; a sample is a folder with firm.json and files such as projects.json"
        )
    known = {file_name(kind): kind for kind in RECORDS} | {"firm.json": ""}
    for file in sorted(path.glob("*.json")):
        if file.name not in known:
            raise BadSample(f"{file}: no kind of record has this file; there are {', '.join(sorted(known))}")
    firm = _json(path / "firm.json")
    if not isinstance(firm, dict):
        raise BadSample(f"{path / 'firm.json'}: an object is expected")
    records: dict[str, list[Any]] = {}
    for kind in RECORDS:
        file = path / file_name(kind)
        rows = _json(file) if file.is_file() else []
        if not isinstance(rows, list):
            raise BadSample(f"{file}: an array of records is expected")
        records[kind] = rows
    return Sample(path, firm, records)


def _json(file: Path) -> Any:
    try:
        return codec.decode(file.read_bytes())
    except ValueError as error:
        raise BadSample(f"{file}: {error}") from None


def fill(tenant: Tenant, sample: Sample) -> None:
    """Put a sample into an empty tenant. Raises ``BadSample``; the tenant is then of no use."""
    firm = firm_of(sample)
    tenant.set_firm(firm)
    today = datetime.date.fromisoformat(firm.zone.local_date(tenant.clock.now()))
    with tenant.lock:
        with tenant.writing():
            for kind, rows in sample.records.items():
                _fill_kind(tenant, RECORDS[kind], rows, sample.path / file_name(kind), today)
        for kind in RECORDS:
            _check_references(tenant, RECORDS[kind], sample.path / file_name(kind))
    for user in _users(sample, tenant):
        tenant.set_user(user)


def firm_of(sample: Sample) -> Firm:
    """The firm that ``firm.json`` says. Raises ``BadSample``."""
    raw, file = sample.firm, sample.path / "firm.json"
    try:
        database = raw["Database"]
        firm = Firm(
            company_name=str(raw["CompanyName"]),
            time_zone=str(raw["TimeZone"]),
            ajera_version=str(raw["AjeraVersion"]),
            week_start=str(raw["TimeStartOfWeek"]),
            database=Database(
                str(database["DatabaseName"]),
                int(database["ClientID"]),
                int(database["DatabaseID"]),
                bool(database["IsSampleData"]),
            ),
            custom_fields=tuple(_custom_field(definition, file) for definition in raw.get("CustomFields", ())),
        )
        _ = firm.zone
    except KeyError as error:
        raise BadSample(f"{file}: {error.args[0]} is missing") from None
    except (TypeError, ValueError) as error:
        raise BadSample(f"{file}: {error}") from None
    return firm


def _custom_field(raw: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    if raw.get("Kind") not in _KINDS:
        raise BadSample(f"{file}: custom field {raw.get('Name')}: Kind is none of {', '.join(_KINDS)}")
    return {
        "name": str(raw["Name"]),
        "kind": raw["Kind"],
        "values": tuple(raw.get("Values", ())),
        "allow_edit": bool(raw.get("AllowEdit", False)),
    }


def _users(sample: Sample, tenant: Tenant) -> Iterator[ApiUser]:
    file = sample.path / "firm.json"
    for i, raw in enumerate(sample.firm.get("ApiUsers", ())):
        try:
            employee = raw.get("AuthorizingEmployeeKey")
            if employee is not None and tenant.model.summary("Employee", employee) is None:
                raise ValueError(f"there is no Employee {employee}")
            yield ApiUser.new(
                raw["Username"],
                raw["Password"],
                employee,
                can_read=raw.get("CanRead", True),
                can_write=raw.get("CanWrite", True),
                cleared=tuple(raw.get("Cleared", ())),
            )
        except KeyError as error:
            raise BadSample(f"{file}: ApiUsers[{i}]: {error.args[0]} is missing") from None
        except ValueError as error:
            raise BadSample(f"{file}: ApiUsers[{i}]: {error}") from None


def _fill_kind(tenant: Tenant, record: Record, rows: list[Any], file: Path, today: datetime.date) -> None:
    highest: dict[str, int] = {}
    seen: set[int] = set()
    for i, raw in enumerate(rows):
        body, stamp = _body(tenant, record, raw, f"{file}: record {i + 1}", today)
        key = body[record.key]
        if key in seen:
            raise BadSample(f"{file}: record {i + 1}: {record.key} {key} stands in the file already")
        seen.add(key)
        tenant.save(record.kind, key, record.close(body), stamp=stamp)
        for sequence, number in _numbers(record, body):
            highest[sequence] = max(highest.get(sequence, 0), number)
    for sequence, number in highest.items():
        tenant.store.raise_number(sequence, number)


def put(tenant: Tenant, kind: str, raw: Mapping[str, Any]) -> None:
    """Put one record past the API, new or in place of the one with its key. Raises ``BadSample``."""
    record = RECORDS[kind]
    with tenant.lock, tenant.writing():
        today = datetime.date.fromisoformat(tenant.firm.zone.local_date(tenant.clock.now()))
        body, _ = _body(tenant, record, raw, kind, today)
        tenant.save(kind, body[record.key], record.close(body))
        for sequence, number in _numbers(record, body):
            tenant.store.raise_number(sequence, number)


def _body(tenant: Tenant, record: Record, raw: Any, at: str, today: datetime.date) -> tuple[Body, int | None]:
    """The tree of a record from a file, defaults filled in, and its stamp."""
    if not isinstance(raw, Mapping):
        raise BadSample(f"{at}: an object is expected")
    who = f"{at} ({record.key} {raw.get(record.key)})"
    stamp_text = raw.get(record.stamp) if record.stamp else None
    plain = {name: value for name, value in raw.items() if name != record.stamp}
    if record.kind == "Project":
        plain = _place_resources(plain)
    try:
        stamp = None if stamp_text is None else _stamp(stamp_text, today, tenant.firm.zone)
        sent, faults = load(record, _absolute(plain, today))
    except ValueError as error:
        raise BadSample(f"{who}: {error}") from None
    key = sent.get(record.key)
    if not faults and (key is None or key < 0):
        raise BadSample(f"{who}: {record.key} is a positive whole number")
    writing = Writing(TenantView(tenant), tenant.quirk, None, seeding=True)
    body = settle_row(record, sent, None, "", writing)
    # What a firm's books hold may lack what a write must have, such as the client of an overhead project.
    wrong = faults + [reason for reason in writing.invalid if reason.rule not in ("required", "null")]
    if wrong:
        raise BadSample("; ".join(f"{who}: {reason.path}: {reason.text}" for reason in wrong))
    return body, stamp


def _place_resources(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Move the resources of a project to the phases that they name."""
    by_phase: dict[Any, list[Any]] = {}
    for resource in raw.get("Resources", ()):
        row = dict(resource)
        by_phase.setdefault(row.pop("PhaseKey", None), []).append(row)

    def place(phases: list[Any]) -> list[Any]:
        return [
            {
                **phase,
                "Resources": by_phase.pop(phase.get("PhaseKey"), []),
                "Phases": place(phase.get("Phases", [])),
            }
            for phase in phases
        ]

    groups = [{**group, "Phases": place(group.get("Phases", []))} for group in raw.get("InvoiceGroups", ())]
    placed = {**raw, "InvoiceGroups": groups, "Resources": by_phase.pop(None, [])}
    if by_phase:
        raise ValueError(f"Resources: there is no phase {min(by_phase)} in this project")
    return placed


def _absolute(value: Any, today: datetime.date) -> Any:
    """The value with relative days made absolute."""
    if isinstance(value, str) and value.startswith("@today"):
        found = _RELATIVE.fullmatch(value)
        if found is None or found["time"]:
            raise ValueError(f"{value!r} is not a day such as @today-30")
        return (today + datetime.timedelta(days=int(found["days"] or 0))).isoformat()
    if isinstance(value, Mapping):
        return {name: _absolute(item, today) for name, item in value.items()}
    if isinstance(value, list):
        return [_absolute(item, today) for item in value]
    return value


def _stamp(text: Any, today: datetime.date, zone: Zone) -> int:
    found = _RELATIVE.fullmatch(str(text))
    if found is None:
        return stamps.parse(str(text))
    day = today + datetime.timedelta(days=int(found["days"] or 0))
    time = datetime.time.fromisoformat(found["time"] or "00:00:00.000")
    since_midnight = ((time.hour * 60 + time.minute) * 60 + time.second) * 1000 + time.microsecond // 1000
    midnight = zone.local_midnight(day.isoformat())
    at = midnight + since_midnight
    # The clocks may change between midnight and then.
    changed = zone.offset_and_name(at)[0] - zone.offset_and_name(midnight)[0]
    return stamps.sql_round(at - changed * 60_000)


def _numbers(schema: Row, row: Body) -> Iterator[tuple[str, int]]:
    """Every key in a row, with the sequence that it is of."""
    for name, member in schema.members.items():
        if isinstance(member, f.Key):
            yield member.sequence, row[name]
        elif isinstance(member, f.Children):
            for child in row[name]:
                yield from _numbers(member.row, child)


def _check_references(tenant: Tenant, record: Record, file: Path) -> None:
    for row in tenant.store.rows(record.kind):
        for at, kind, key in references(record, record.open(tenant.body(row)), ""):
            if tenant.model.summary(kind, key) is None:
                raise BadSample(f"{file}: {record.key} {row.key}: {at}: there is no {kind} {key}")


def references(schema: Row, row: Body, at: str) -> Iterator[tuple[str, str, int]]:
    """Every reference in a row: (path, kind, key)."""
    for name, member in schema.members.items():
        where = f"{at}.{name}" if at else name
        if isinstance(member, f.Ref | f.Link):
            if row[name] is not None:
                yield where, member.kind, row[name]
        elif isinstance(member, f.Children | f.Values):
            for i, child in enumerate(row[name]):
                yield from references(member.row, child, f"{where}[{i}]")
