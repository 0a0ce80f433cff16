"""A tenant as the files of a sample: what ``mock_ajera.sample.files`` reads comes back whole.

What is read again has the same records with their stamps, API users, quirks and numbers. Left behind are sessions,
clock and journal, and the versions of records, which count writes and begin anew.
"""

from __future__ import annotations

from typing import Any

from mock_ajera.api.families import RECORDS
from mock_ajera.api.member import Body
from mock_ajera.api.records import Record
from mock_ajera.sample.files import STAMP, file_name, numbers_in
from mock_ajera.sample.firm_file import FIRM_FILE, SEQUENCES
from mock_ajera.store import Row as StoredRow
from mock_ajera.tenants import stamps
from mock_ajera.tenants.tenant import Tenant
from mock_ajera.tenants.zones import Zone


def exported(tenant: Tenant) -> dict[str, Any]:
    """Return the whole tenant: the JSON value of each file by its name. Members that have their default are left out.

    Decimals are ``Decimal``; ``codec.encode`` and ``writing.laid_out`` write them.
    """
    files: dict[str, Any] = {FIRM_FILE: None}
    used: dict[str, int] = {}
    with tenant.lock:
        for kind, record in RECORDS.items():
            rows = files[file_name(kind)] = []
            for row in tenant.store.rows(kind):
                tree = record.nest(tenant.body(row))
                for sequence, number in numbers_in(record, tree):
                    used[sequence] = max(used.get(sequence, 0), number)
                rows.append(_row(record, tree, _stamp(row, tenant), defaults=False))
        files[FIRM_FILE] = _firm(tenant, used)
    return files


def file_row(tenant: Tenant, kind: str, row: StoredRow) -> dict[str, Any]:
    """Return a stored record as its file has it, with every stored member in the order of declaration.

    Custom fields are included when they are set; an empty list is left out where a file must not have it.
    """
    record = RECORDS[kind]
    return _row(record, record.nest(tenant.body(row)), _stamp(row, tenant), defaults=True)


def _row(record: Record, tree: Body, stamp: str, *, defaults: bool) -> dict[str, Any]:
    row = record.export(tree | ({record.stamp.name: stamp} if record.stamp else {}), defaults=defaults)
    return row if record.stamp else row | {STAMP: stamp}


def _stamp(row: StoredRow, tenant: Tenant) -> str:
    """The stamp of a record in the firm's zone; in UTC at the ends of time, where the year is not read otherwise."""
    text = stamps.render(row.stamp, tenant.firm.zone)
    try:
        stamps.parse(text)
    except ValueError:
        return stamps.render(row.stamp, Zone("UTC"))
    return text


def _firm(tenant: Tenant, used: dict[str, int]) -> dict[str, Any]:
    """What ``firm.json`` says of a tenant. ``used``: the highest key in use by sequence."""
    firm, database = tenant.firm, tenant.firm.database
    said: dict[str, Any] = {
        "CompanyName": firm.company_name,
        "TimeZone": firm.time_zone,
        "AjeraVersion": firm.ajera_version,
        "Database": {
            "DatabaseName": database.name,
            "ClientID": database.client_id,
            "DatabaseID": database.database_id,
            "IsSampleData": database.is_sample,
        },
        "TimeStartOfWeek": firm.week_start,
        "CustomFields": [
            {
                "Name": field["name"],
                "Kind": field["kind"],
                "Values": list(field["values"]),
                "AllowEdit": field["allow_edit"],
            }
            for field in firm.custom_fields
        ],
        "ApiUsers": [
            {
                "Username": user.name,
                "PasswordHash": user.password_hash,
                "AuthorizingEmployeeKey": user.authorizing_employee,
                "CanRead": user.can_read,
                "CanWrite": user.can_write,
                "Cleared": list(user.cleared),
            }
            # By name: the store does not know who came first.
            for _, user in sorted(tenant.users.items())
        ],
    }
    quirks = dict(tenant.own_quirks)
    numbers = tenant.store.numbers()
    ahead = {name: numbers[name] for name in SEQUENCES if numbers.get(name, 0) > used.get(name, 0)}
    return said | ({"Quirks": quirks} if quirks else {}) | ({"Numbers": ahead} if ahead else {})
