"""A firm as a folder of JSON files: ``firm.json`` and an array of records for each kind.

Records have the members that the API prints, except derived ones. Days may be relative to the day on which the tenant
is created (``@today``, ``@today-30``), and so may stamps (``@today-30 14:46:06.873``, in the firm's time zone). A
filter such as "modified since yesterday" then finds the same records on any day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from mock_ajera import codec
from mock_ajera.api.apply import apply_row
from mock_ajera.api.context import WriteContext
from mock_ajera.api.families import RECORDS
from mock_ajera.api.loading import load
from mock_ajera.api.member import Body, FileContext
from mock_ajera.api.methods import words
from mock_ajera.api.reasons import hinted
from mock_ajera.api.records import Place, Record, plural
from mock_ajera.api.views import TenantView
from mock_ajera.sample.firm_file import FIRM_FILE, BadSample, FirmFile, apply_firm_settings, firm_file, firm_in
from mock_ajera.spelling import suggestion
from mock_ajera.tenants import stamps
from mock_ajera.tenants.firm import Firm
from mock_ajera.tenants.journal import Reason
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.zones import Zone

__all__ = [
    "BATCH",
    "STAMP",
    "BadSample",
    "Sample",
    "complete",
    "file_name",
    "fill",
    "firm_of",
    "numbers_in",
    "numbers_of",
    "put",
    "read",
    "read_files",
    "references",
    "stamp_of",
]

_RELATIVE = re.compile(r"@today(?P<days>[+-]\d{1,5})?(?: (?P<time>\d\d:\d\d:\d\d\.\d\d\d))?")

STAMP = "LastModifiedDate"
"""The member with the stamp of a record in a file, even for kinds that do not print it."""


class Sample(msgspec.Struct, frozen=True):
    """The files of a firm, read but not loaded yet."""

    path: Path | str
    """Their folder, or their name in messages."""
    firm: FirmFile
    records: Mapping[str, Iterable[Any]]
    own: bool = False
    """Whether it is the sample of this package or grown from it, so that its records need no check."""
    mixed: Callable[[], Iterator[tuple[str, Any]]] | None = None
    """Returns all records with their kinds, if that takes less time than kind by kind."""

    def all_records(self) -> Iterator[tuple[str, Any]]:
        """Return all records with their kinds: those of one kind in order, the kinds in any order."""
        if self.mixed is not None:
            return self.mixed()
        return ((kind, row) for kind, rows in self.records.items() for row in rows)

    def label(self, name: str) -> str:
        """Return the name of a file in messages."""
        return _label(self.path, name)


def file_name(kind: str) -> str:
    """Return the file name of a kind: ``InvoiceFormat`` -> ``invoice_formats.json``."""
    return "_".join(words(plural(kind))).lower() + ".json"


def read(path: Path, *, own: bool = False) -> Sample:
    """Read the files of a folder. ``own``: whether they are those of this package. Raises ``BadSample``."""
    found = {file.name: file for file in sorted(path.glob("*.json")) if file.is_file()}
    _check_names(found, path)
    decode = codec.decode_stored if own else codec.decode
    return read_files({name: _json(file, decode) for name, file in found.items()}, path, own=own)


def read_files(files: Mapping[str, Any], label: Path | str, *, own: bool = False) -> Sample:
    """Return a sample from the JSON values of its files, by file name. Raises ``BadSample``.

    ``label``: the folder of the files, or their name in messages. ``own``: as for ``read``.
    """
    _check_names(files, label)
    records: dict[str, Iterable[Any]] = {kind: files.get(file_name(kind), []) for kind in RECORDS}
    sample = Sample(label, firm_file(files[FIRM_FILE], _label(label, FIRM_FILE)), records, own)
    for kind, rows in records.items():
        if not isinstance(rows, list):
            raise BadSample(f"{sample.label(file_name(kind))}: an array of records is expected")
    return sample


def _check_names(files: Iterable[str], label: Path | str) -> None:
    """Require ``firm.json``, and refuse files that would be ignored. Raises ``BadSample``."""
    if FIRM_FILE not in files:
        raise BadSample(
            f"{label}: there is no firm.json; a sample is a folder with firm.json and files such as projects.json"
        )
    known = {file_name(kind) for kind in RECORDS} | {FIRM_FILE}
    for name in sorted(files):
        if name not in known:
            raise BadSample(
                f"{_label(label, name)}: no kind of record has this file; the files are {', '.join(sorted(known))}"
            )


def _label(label: Path | str, name: str) -> str:
    return str(label / name) if isinstance(label, Path) else f"{label}: {name}"


def _json(file: Path, decode: Callable[[bytes], object]) -> Any:
    try:
        return decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise BadSample(f"{file}: {error}") from None


def fill(tenant: Tenant, sample: Sample, seen: Callable[[str], object] | None = None) -> None:
    """Load a sample into an empty tenant. Raises ``BadSample``, after which the tenant is unusable.

    ``seen``: called with the kind of each loaded record, to show progress.
    """
    tenant.set_firm(firm_of(sample), kept=False)
    loading = _Loading(tenant)
    with tenant.lock:
        for kind, rows in sample.records.items():
            loading.load(RECORDS[kind], rows, sample.label(file_name(kind)), seen)
        loading.check_references()
    complete(tenant, sample)


def complete(tenant: Tenant, sample: Sample) -> None:
    """Set the firm of a tenant that has all records of a sample. Raises ``BadSample``."""
    firm = firm_of(sample)
    tenant.set_firm(firm, kept=False)
    apply_firm_settings(tenant, sample.firm, sample.label(FIRM_FILE))
    tenant.set_firm(firm)


def numbers_of(sample: Sample) -> dict[str, int]:
    """Return the highest key of each sequence in a sample. Malformed rows are skipped."""
    highest: dict[str, int] = {}
    for kind, rows in sample.records.items():
        for row in rows:
            for sequence, number in numbers_in(RECORDS[kind], row, wire=True):
                highest[sequence] = max(highest.get(sequence, 0), number)
    return highest


def firm_of(sample: Sample) -> Firm:
    """Return the firm of ``firm.json``. Raises ``BadSample``."""
    return firm_in(sample.firm, sample.label(FIRM_FILE))


BATCH = 500
"""Maximum records in one transaction."""


class _Loading:
    """The state of loading a firm: the keys in use and the references between records."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._today = _today(tenant)
        self._in_use: dict[str, set[int]] = {}
        self._references: dict[tuple[str, int], str] = {}
        """The first place that refers to a record, by (kind, key)."""

    def load(self, record: Record, rows: Iterable[Any], file: str, seen: Callable[[str], object] | None) -> None:
        """Load the records of a kind. Raises ``BadSample``."""
        numbered = enumerate(rows, 1)
        while batch := list(islice(numbered, BATCH)):
            highest: dict[str, int] = {}
            with self._tenant.writing():
                for i, raw in batch:
                    for sequence, number in self._load(record, raw, f"{file}: record {i}", file):
                        highest[sequence] = max(highest.get(sequence, 0), number)
                    if seen is not None:
                        seen(record.kind)
                for sequence, number in highest.items():
                    self._tenant.store.raise_number(sequence, number)

    def _load(self, record: Record, raw: Any, at: str, file: str) -> Iterator[tuple[str, int]]:
        tree, stamp = _tree(self._tenant, record, raw, at, self._today)
        key = tree[record.key.name]
        if problem := record.check_seed(tree, lambda sequence, number: number in self._in_use.get(sequence, ())):
            raise BadSample(f"{at}: {problem}")
        self._tenant.save(record.kind, key, record.flatten(tree), stamp=stamp)
        for path, member, value in record.visit(tree, only_keys=True):
            if member.refers_to and value is not None:
                self._references.setdefault((member.refers_to, value), f"{file}: {record.key.wire} {key}: {path}")
            if member.sequence:
                # A record that shares the key of another one uses no number of the sequence.
                used = self._in_use.setdefault(record.kind if member.refers_to else member.sequence, set())
                if value in used:
                    raise BadSample(f"{at}: the {member.sequence} key {value} is already in the files")
                used.add(value)
                yield member.sequence, value

    def check_references(self) -> None:
        """Refuse references to records that do not exist. Raises ``BadSample``."""
        for (kind, key), place in self._references.items():
            if self._tenant.model.summary(kind, key) is None:
                raise BadSample(f"{place}: there is no {kind} {key}")


def no_such_kind(kind: str) -> str:
    """Return the message that refuses an unknown kind of record."""
    return f"there is no kind {kind!r}{suggestion(kind, RECORDS) or '; the kinds are ' + ', '.join(RECORDS)}"


def put(tenant: Tenant, kind: str, raw: Mapping[str, Any]) -> None:
    """Store one record without the API, replacing the record with its key. Raises ``BadSample``."""
    if kind not in RECORDS:
        raise BadSample(no_such_kind(kind))
    record = RECORDS[kind]
    with tenant.lock, tenant.writing():
        tree, stamp = _tree(tenant, record, raw, kind, _today(tenant))
        key = tree[record.key.name]
        for place in references(record, tree):
            other = place.member.refers_to, place.value
            if tenant.model.summary(*other) is None and other != (kind, key):
                raise BadSample(f"{kind} {key}: {place.path}: there is no {other[0]} {other[1]}")
        shared = _keys_of_shared_record(tenant, record, key)
        if problem := record.check_seed(tree, lambda _, number: number in shared):
            raise BadSample(f"{kind}: {problem}")
        try:
            tenant.save(kind, key, record.flatten(tree), stamp=stamp)
        except codec.HalfCharacter as error:
            raise BadSample(f"{kind} {key}: {error}") from None
        for sequence, number in numbers_in(record, tree):
            tenant.store.raise_number(sequence, number)


def _keys_of_shared_record(tenant: Tenant, record: Record, key: int) -> set[int]:
    """Return all keys in the record that shares its key with this one."""
    other = RECORDS.get(record.key.refers_to)
    row = None if other is None else tenant.row(other.kind, key)
    if other is None or row is None:
        return set()
    return {number for _, number in numbers_in(other, other.nest(tenant.body(row)))}


def _today(tenant: Tenant) -> datetime.date:
    return datetime.date.fromisoformat(tenant.firm.zone.local_date(tenant.clock.now()))


def _tree(tenant: Tenant, record: Record, raw: Any, at: str, today: datetime.date) -> tuple[Body, int | None]:
    """Return the tree of a record from a file, with defaults, and its stamp. Raises ``BadSample``."""
    if not isinstance(raw, Mapping):
        raise BadSample(f"{at}: an object is expected")
    name = record.key.wire
    label = f"{at} ({name} {raw[name]})" if name in raw else at
    stamp_name = record.stamp.wire if record.stamp else STAMP
    stamp_text = raw.get(stamp_name)
    members = {name: value for name, value in raw.items() if name != stamp_name}
    view = TenantView(tenant)
    context = FileContext(today, tenant.firm.week_start, view.custom_fields)
    try:
        stamp = None if stamp_text is None else stamp_of(stamp_text, today, tenant.firm.zone)
        wire = record.map(record.from_file(members), lambda member, value: member.from_file(value, context), wire=True)
        sent, faults = load(record, wire)
    except ValueError as error:
        raise BadSample(f"{label}: {error}") from None
    key = sent.get(record.key.name)
    if not faults and (key is None or key < 0):
        raise BadSample(f"{label}: {name} is required, a positive whole number")
    writing = WriteContext(view, tenant.quirk, seeding=True)
    tree = apply_row(record, sent, None, "", writing)
    # A firm may lack values that a write requires, such as the client of an overhead project.
    problems = faults + [reason for reason in writing.invalid if not _tolerated(reason)]
    if problems:
        raise BadSample("; ".join(f"{label}: {reason.path}: {reason.text}" for reason in hinted(problems)))
    return tree, stamp


def _tolerated(reason: Reason) -> bool:
    """Return whether a firm may violate the rule. A row without its key cannot be stored."""
    return reason.rule in ("required", "null") and reason.claim != "write.key-required"


def stamp_of(text: Any, today: datetime.date, zone: Zone) -> int:
    """Return a stamp of a file in UTC milliseconds. Raises ``ValueError``."""
    found = _RELATIVE.fullmatch(str(text))
    if found is None:
        return stamps.sql_round(stamps.parse(str(text)))
    day = today + datetime.timedelta(days=int(found["days"] or 0))
    time = datetime.time.fromisoformat(found["time"] or "00:00:00.000")
    since_midnight = ((time.hour * 60 + time.minute) * 60 + time.second) * 1000 + time.microsecond // 1000
    return stamps.sql_round(zone.local_time(day.isoformat(), since_midnight))


def numbers_in(record: Record, tree: Any, *, wire: bool = False) -> Iterator[tuple[str, int]]:
    """Yield every key in a record with its sequence. ``wire``: the record has wire names, as in a file."""
    for _, member, value in record.visit(tree, wire=wire, only_keys=True):
        if member.sequence and type(value) is int:
            yield member.sequence, value


def references(record: Record, tree: Body) -> Iterator[Place]:
    """Yield the references of a record to other records."""
    return (place for place in record.visit(tree, only_keys=True) if place.member.refers_to and place.value is not None)
