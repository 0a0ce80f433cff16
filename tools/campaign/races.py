"""Writers that update the same records at the same time."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

from mock_ajera import MockAjera
from tools.campaign.client import Client, Refused
from tools.campaign.report import Report

_SHARED = 4


def run(report: Report, writers: int, updates: int, seed: int) -> None:
    """Let each writer add one to numbers in shared records, and read the sum: each update counts once."""
    with MockAjera(seed=seed) as ajera:
        keys = [row["ClientKey"] for row in _client(ajera).new_clients(*(f"Shared {n}" for n in range(_SHARED)))]
        threads = [
            threading.Thread(target=_write, args=(report, ajera, keys, updates, Random(f"{seed} {number}")))
            for number in range(writers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = sum(int(row["Notes"]) for row in _client(ajera).clients(*keys))
        report.count("sum of all records", total)
        if total != writers * updates:
            report.find(f"{writers * updates} updates were acknowledged, and {total} are there")


def _client(ajera: MockAjera) -> Client:
    return Client(ajera.url, ajera.username, ajera.password)


def _write(report: Report, ajera: MockAjera, keys: list[int], updates: int, chance: Random) -> None:
    client = _client(ajera)
    try:
        for done in range(updates):
            _add_one(report, client, chance.choice(keys))
            report.progress(done, updates)
    except Exception as error:  # noqa: BLE001 - whatever ends a writer is a finding
        report.find(f"a writer ended with {error!r}")


def _add_one(report: Report, client: Client, key: int) -> None:
    while True:
        rows: list[dict[str, Any]] = client.clients(key)
        try:
            client.set_notes(rows, str(int(rows[0]["Notes"]) + 1))
        except Refused as error:
            if "changed" not in str(error):
                raise
            report.count("conflicts")
        else:
            report.count("acknowledged updates")
            return
