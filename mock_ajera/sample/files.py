"""A firm as a folder of JSON files: ``firm.json`` and an array of records for each kind.

Records have the members that the API prints, without what is derived. Days may be relative to the day on which the
tenant is made (``@today``, ``@today-30``), stamps too (``@today-30 14:46:06.873``, in the firm's own time): "modified
since yesterday" means the same in March.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mock_ajera import codec
from mock_ajera.api import fields as f
from mock_ajera.api.custom_fields import CF
from mock_ajera.api.families import RECORDS
from mock_ajera.api.loading import load
from mock_ajera.api.records import Body, Record, Row, WriteContext, apply_row, plural
from mock_ajera.api.views import TenantView
from mock_ajera.sample.firm_file import FIRM_FILE, BadSample, FirmFile, apply_firm_settings, firm_file, firm_in
from mock_ajera.tenants import stamps
from mock_ajera.tenants.firm import Firm
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.zones import Zone

__all__ = [
    "STAMP",
    "BadSample",
    "References",
    "Sample",
    "file_name",
    "fill",
    "firm_of",
    "numbers_in",
    "numbers_of",
    "put",
    "read",
    "read_files",
    "references",
]

_RELATIVE = re.compile(r"@today(?P<days>[+-]\d{1,5})?(?: (?P<time>\d\d:\d\d:\d\d\.\d\d\d))?")

STAMP = "LastModifiedDate"
"""The stamp of a record in a file, also of a kind that does not print it."""


@dataclass(frozen=True)
class Sample:
    """The files of a firm, read and not yet loaded."""

    path: Path | str
    """Their folder, or what messages call them."""
    firm: FirmFile
    records: Mapping[str, Iterable[Any]]

    def place(self, name: str) -> str:
        """What messages call a file."""
        return _place(self.path, name)


def file_name(kind: str) -> str:
    """The file of a kind: ``InvoiceFormat`` -> ``invoice_formats.json``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", plural(kind)).lower() + ".json"


def read(path: Path) -> Sample:
    """Read the files of a folder. Raises ``BadSample``."""
    found = {file.name: file for file in sorted(path.glob("*.json")) if file.is_file()}
    _check_names(found, path)
    return read_files({name: _json(file) for name, file in found.items()}, path)


def read_files(files: Mapping[str, Any], label: Path | str) -> Sample:
    """A sample from the JSON values of its files, by file name. Raises ``BadSample``.

    ``label``: the folder that they stand in, or what messages call them all.
    """
    _check_names(files, label)
    records: dict[str, Iterable[Any]] = {kind: files.get(file_name(kind), []) for kind in RECORDS}
    sample = Sample(label, firm_file(files[FIRM_FILE], _place(label, FIRM_FILE)), records)
    for kind, rows in records.items():
        if not isinstance(rows, list):
            raise BadSample(f"{sample.place(file_name(kind))}: an array of records is expected")
    return sample


def _check_names(files: Iterable[str], label: Path | str) -> None:
    """Whether there is a firm, and no file that nobody would read."""
    if FIRM_FILE not in files:
        raise BadSample(
            f"{label}: there is no firm.json; a sample is a folder with firm.json and files such as projects.json"
        )
    known = {file_name(kind) for kind in RECORDS} | {FIRM_FILE}
    for name in sorted(files):
        if name not in known:
            raise BadSample(
                f"{_place(label, name)}: no kind of record has this file; there are {', '.join(sorted(known))}"
            )


def _place(label: Path | str, name: str) -> str:
    return str(label / name) if isinstance(label, Path) else f"{label}: {name}"


def _json(file: Path) -> Any:
    try:
        return codec.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise BadSample(f"{file}: {error}") from None


def fill(tenant: Tenant, sample: Sample, seen: Callable[[str], object] | None = None) -> None:
    """Put a sample into an empty tenant. Raises ``BadSample``; the tenant is then of no use.

    ``seen``: called with its kind for each record that was put, to show how far it has come.
    """
    firm = firm_of(sample)
    tenant.set_firm(firm, kept=False)
    today = datetime.date.fromisoformat(firm.zone.local_date(tenant.clock.now()))
    taken: dict[str, set[int]] = {}
    referred: References = {}
    with tenant.lock:
        for kind, rows in sample.records.items():
            _fill_kind(tenant, RECORDS[kind], rows, sample.place(file_name(kind)), today, taken, referred, seen)
        _check_references(tenant, referred)
    apply_firm_settings(tenant, sample.firm, sample.place(FIRM_FILE))
    tenant.set_firm(firm)


def numbers_of(sample: Sample) -> dict[str, int]:
    """The highest key of each sequence in a sample, as far as its rows can be read."""
    highest: dict[str, int] = {}
    for kind, rows in sample.records.items():
        for row in rows:
            for sequence, number in numbers_in(RECORDS[kind], row):
                highest[sequence] = max(highest.get(sequence, 0), number)
    return highest


def firm_of(sample: Sample) -> Firm:
    """The firm that ``firm.json`` says. Raises ``BadSample``."""
    return firm_in(sample.firm, sample.place(FIRM_FILE))


References = dict[tuple[str, int], str]
"""(kind, key) of every record that another one refers to, and where it does so first."""

_BATCH = 500
"""Records that are written at once."""


def _fill_kind(
    tenant: Tenant,
    record: Record,
    rows: Iterable[Any],
    file: str,
    today: datetime.date,
    taken: dict[str, set[int]],
    referred: References,
    seen: Callable[[str], object] | None,
) -> None:
    numbered = enumerate(rows, 1)
    while batch := list(islice(numbered, _BATCH)):
        highest: dict[str, int] = {}
        with tenant.writing():
            for i, raw in batch:
                body, stamp = _body(tenant, record, raw, f"{file}: record {i}", today)
                if record.kind == "Ledger":
                    _check_ledger(body, taken.get("Project", set()), f"{file}: record {i}")
                tenant.save(record.kind, body[record.key], record.close(body), stamp=stamp)
                for at, kind, key in references(record, body, ""):
                    if (kind, key) not in referred:
                        referred[kind, key] = f"{file}: {record.key} {body[record.key]}: {at}"
                for sequence, number in numbers_in(record, body):
                    # A ledger is of a project: it has the key of one that stands elsewhere.
                    row = "Ledger" if record.kind == "Ledger" else sequence
                    if number in taken.setdefault(row, set()):
                        raise BadSample(f"{file}: record {i}: the {sequence} key {number} stands in the files already")
                    taken[row].add(number)
                    highest[sequence] = max(highest.get(sequence, 0), number)
                if seen is not None:
                    seen(record.kind)
            for sequence, number in highest.items():
                tenant.store.raise_number(sequence, number)


def _check_ledger(ledger: Body, known: set[Any], at: str) -> None:
    """A posting that no phase has would be missing in every total. ``known``: keys of projects and phases."""
    if ledger["ProjectKey"] not in known:
        raise BadSample(f"{at}: there is no project {ledger['ProjectKey']}")
    for i, posting in enumerate(ledger["Postings"]):
        if posting["PhaseKey"] not in known or posting["Category"] is None:
            raise BadSample(f"{at}: Postings[{i}]: a phase that is there and a Category are needed")


def put(tenant: Tenant, kind: str, raw: Mapping[str, Any]) -> None:
    """Put one record past the API, new or in place of the one with its key. Raises ``BadSample``."""
    if kind not in RECORDS:
        raise BadSample(f"there is no kind {kind!r}; there are {', '.join(RECORDS)}")
    record = RECORDS[kind]
    with tenant.lock, tenant.writing():
        today = datetime.date.fromisoformat(tenant.firm.zone.local_date(tenant.clock.now()))
        body, stamp = _body(tenant, record, raw, kind, today)
        for at, other, key in references(record, body, ""):
            if tenant.model.summary(other, key) is None and (other, key) != (kind, body[record.key]):
                raise BadSample(f"{kind} {body[record.key]}: {at}: there is no {other} {key}")
        if kind == "Ledger":
            project = tenant.row("Project", body["ProjectKey"])
            stored = {} if project is None else tenant.body(project)
            known = {phase["PhaseKey"] for phase in stored.get("Phases", ())} | {stored.get("ProjectKey")}
            _check_ledger(body, known, kind)
        tenant.save(kind, body[record.key], record.close(body), stamp=stamp)
        for sequence, number in numbers_in(record, body):
            tenant.store.raise_number(sequence, number)


def _body(tenant: Tenant, record: Record, raw: Any, at: str, today: datetime.date) -> tuple[Body, int | None]:
    """The tree of a record from a file, defaults filled in, and its stamp."""
    if not isinstance(raw, Mapping):
        raise BadSample(f"{at}: an object is expected")
    who = f"{at} ({record.key} {raw[record.key]})" if record.key in raw else at
    stamp_name = record.stamp or STAMP
    stamp_text = raw.get(stamp_name)
    plain = {name: value for name, value in raw.items() if name != stamp_name}
    view = TenantView(tenant)
    try:
        if record.kind == "Project":
            plain = _place_resources(plain)
        stamp = None if stamp_text is None else _stamp(stamp_text, today, tenant.firm.zone)
        days = frozenset(CF + custom.name for custom in view.custom_fields if custom.kind == "Day")
        sent, faults = load(record, _absolute(record, plain, today, days))
    except ValueError as error:
        raise BadSample(f"{who}: {error}") from None
    key = sent.get(record.key)
    if not faults and (key is None or key < 0):
        raise BadSample(f"{who}: {record.key} is needed, a positive whole number")
    writing = WriteContext(view, tenant.quirk, None, seeding=True)
    body = apply_row(record, sent, None, "", writing)
    # What a firm's books hold may lack what a write must have, such as the client of an overhead project.
    wrong = faults + [reason for reason in writing.invalid if not _forgiven(reason)]
    if wrong:
        raise BadSample("; ".join(f"{who}: {reason.path}: {reason.text}" for reason in wrong))
    return body, stamp


def _forgiven(reason: Reason) -> bool:
    """Whether a firm's books may lack what a write must have. A row without its key cannot be kept, so it may not."""
    return reason.rule in ("required", "null") and reason.claim != "write.key-required"


def _place_resources(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Move the resources that stand on a project and name a phase to that phase.

    What is not in the form of a project is left to be found by its schema.
    """
    by_phase: dict[Any, list[Any]] = {}
    own: list[Any] = []
    listed = raw.get("Resources")
    if listed is not None and not isinstance(listed, list):
        return dict(raw)
    for resource in listed or ():
        phase = resource.get("PhaseKey") if isinstance(resource, Mapping) else None
        if type(phase) is not int:
            own.append(resource)
        else:
            row = {name: value for name, value in resource.items() if name != "PhaseKey"}
            by_phase.setdefault(phase, []).append(row)

    def place(rows: Any, inside: str) -> Any:
        """The rows of a list ``Phases``, or groups that hold such a list."""
        if not isinstance(rows, list):
            return rows
        placed = []
        for row in rows:
            if not isinstance(row, Mapping):
                placed.append(row)
                continue
            key = row.get(inside)
            moved = by_phase.pop(key, []) if type(key) is int else []
            there = row.get("Resources") or []
            resources = {"Resources": [*there, *moved]} if moved and isinstance(there, list) else {}
            below = {"Phases": place(row["Phases"], "PhaseKey")} if "Phases" in row else {}
            placed.append({**row, **resources, **below})
        return placed

    placed = {**raw, "InvoiceGroups": place(raw.get("InvoiceGroups"), ""), "Resources": own}
    if by_phase:
        raise ValueError(f"Resources: there is no phase {min(by_phase)} in this project")
    return placed


def _absolute(schema: Row, raw: Any, today: datetime.date, days: frozenset[str]) -> Any:
    """A row with relative days made absolute; ``days`` are the names of custom fields that hold a day."""
    if not isinstance(raw, Mapping):
        return raw
    row = dict(raw)
    for name, value in raw.items():
        member = schema.members.get(name)
        if isinstance(member, f.Day) or name in days:
            row[name] = _absolute_day(value, today)
        elif isinstance(member, f.KeyedRows | f.Rows) and isinstance(value, list):
            row[name] = [_absolute(member.row, item, today, days) for item in value]
    return row


def _absolute_day(value: Any, today: datetime.date) -> Any:
    if not isinstance(value, str) or not value.startswith("@today"):
        return value
    found = _RELATIVE.fullmatch(value)
    if found is None or found["time"]:
        raise ValueError(f"{value!r} is not a day such as @today-30")
    return (today + datetime.timedelta(days=int(found["days"] or 0))).isoformat()


def _stamp(text: Any, today: datetime.date, zone: Zone) -> int:
    found = _RELATIVE.fullmatch(str(text))
    if found is None:
        return stamps.sql_round(stamps.parse(str(text)))
    day = today + datetime.timedelta(days=int(found["days"] or 0))
    time = datetime.time.fromisoformat(found["time"] or "00:00:00.000")
    since_midnight = ((time.hour * 60 + time.minute) * 60 + time.second) * 1000 + time.microsecond // 1000
    return stamps.sql_round(zone.local_time(day.isoformat(), since_midnight))


def numbers_in(schema: Row, row: Body) -> Iterator[tuple[str, int]]:
    """Every key in a row, with the sequence that it is of."""
    for name, member in schema.members.items():
        if isinstance(member, f.Key):
            if type(row.get(name)) is int:
                yield member.sequence, row[name]
        elif isinstance(member, f.KeyedRows):
            for child in row.get(name) or ():
                yield from numbers_in(member.row, child)


def _check_references(tenant: Tenant, referred: References) -> None:
    for (kind, key), where in referred.items():
        if tenant.model.summary(kind, key) is None:
            raise BadSample(f"{where}: there is no {kind} {key}")


def references(schema: Row, row: Body, at: str) -> Iterator[tuple[str, str, int]]:
    """Every reference in a row: (path, kind, key)."""
    for name, member in schema.members.items():
        where = f"{at}.{name}" if at else name
        if isinstance(member, f.Ref | f.Embedded):
            if row[name] is not None:
                yield where, member.kind, row[name]
        elif isinstance(member, f.KeyedRows | f.Rows):
            for i, child in enumerate(row[name]):
                yield from references(member.row, child, f"{where}[{i}]")
