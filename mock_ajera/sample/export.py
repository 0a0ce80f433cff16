"""Export a tenant as files that ``mock_ajera.sample.files`` can load.

A loaded export has the same records with their stamps, API users, quirks and key sequences. Sessions, clock, journal
and the versions of records, which count writes, are not exported.
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
    """Return the whole tenant as JSON values by file name, without members that have their default.

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
    """Return a stored record as a row of its file, with every stored member in the order of declaration.

    Unset custom fields are omitted, and so are empty lists that a file must not have.
    """
    record = RECORDS[kind]
    return _row(record, record.nest(tenant.body(row)), _stamp(row, tenant), defaults=True)


def _row(record: Record, tree: Body, stamp: str, *, defaults: bool) -> dict[str, Any]:
    row = record.export(tree | ({record.stamp.name: stamp} if record.stamp else {}), defaults=defaults)
    return row if record.stamp else row | {STAMP: stamp}


def _stamp(row: StoredRow, tenant: Tenant) -> str:
    """Return the stamp of a record in the firm's time zone; in UTC if the local year would be out of range."""
    text = stamps.render(row.stamp, tenant.firm.zone)
    try:
        stamps.parse(text)
    except ValueError:
        return stamps.render(row.stamp, Zone("UTC"))
    return text


def _firm(tenant: Tenant, used: dict[str, int]) -> dict[str, Any]:
    """Return the value of ``firm.json``. ``used``: the highest key in use, by sequence."""
    firm, database = tenant.firm, tenant.firm.database
    value: dict[str, Any] = {
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
        **({"UsingICRMobile": True} if firm.icr_mobile else {}),
        "CustomFields": [
            {
                "Name": field.name,
                "Kind": field.kind,
                "Values": list(field.values),
                "AllowEdit": field.allow_edit,
                "On": list(field.on),
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
            # By name, because the store does not keep the order of creation.
            for _, user in sorted(tenant.users.items())
        ],
    }
    quirks = dict(tenant.own_quirks)
    numbers = tenant.store.numbers()
    ahead = {name: numbers[name] for name in SEQUENCES if numbers.get(name, 0) > used.get(name, 0)}
    return value | ({"Quirks": quirks} if quirks else {}) | ({"Numbers": ahead} if ahead else {})
