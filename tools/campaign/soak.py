"""A server in use for a while: tenants come and go, sessions stay open, calls of every kind are mixed."""

from __future__ import annotations

import threading
import time
from random import Random

from tools.campaign.client import Client, Refused, control
from tools.campaign.report import Report
from tools.campaign.served import Served

_METHODS = ("ListProjects", "ListClients", "ListEmployees", "ListContacts", "ListCompanies", "ListGLAccounts")


def run(report: Report, minutes: float, tenants: int, sessions: int, seed: int) -> None:
    """Spread tenants, logins and calls over the minutes, and note memory, files and threads."""
    with Served() as served:
        ends = time.monotonic() + 60 * minutes
        workers = [
            threading.Thread(target=_tenants, args=(report, served, ends, tenants)),
            threading.Thread(target=_logins, args=(report, served, ends, sessions)),
            threading.Thread(target=_calls, args=(report, served, ends, Random(seed))),
        ]
        for worker in workers:
            worker.start()
        usages = []
        while any(worker.is_alive() for worker in workers):
            time.sleep(min(60 * minutes / 30, 60))
            usages.append(served.usage())
            print("soak: {} MiB, {} files, {} threads".format(*usages[-1]), flush=True)
        report.figures["MiB at the start"], report.figures["MiB at the end"] = usages[0][0], usages[-1][0]
        report.figures["most MiB"] = max(memory for memory, _, _ in usages)
        report.figures["most open files"] = max(files for _, files, _ in usages)
        report.figures["most threads"] = max(threads for _, _, threads in usages)
        if not served.healthy():
            report.find("the server is not healthy at the end")
        if "Traceback" in served.output():
            report.find(f"a traceback: {served.output()[-2000:]}")


def _pause(ends: float, left: int) -> None:
    """Wait so that what is left is spread evenly over the time that is left."""
    time.sleep(max(0.0, ends - time.monotonic()) / (left + 1) / 2)


def _tenants(report: Report, served: Served, ends: float, number: int) -> None:
    for done in range(number):
        try:
            made = control(served, "POST", "/tenants/default/fork", {})
            control(served, "DELETE", f"/tenants/{made['name']}")
        except (OSError, Refused) as error:
            report.find(f"a tenant: {error!r}")
        report.count("tenants")
        _pause(ends, number - done)


def _logins(report: Report, served: Served, ends: float, number: int) -> None:
    client = Client.of(served)
    for done in range(number):
        try:
            client.log_in()
        except (OSError, KeyError) as error:
            report.find(f"a login: {error!r}")
        report.count("sessions")
        _pause(ends, number - done)


def _calls(report: Report, served: Served, ends: float, chance: Random) -> None:
    client = Client.of(served)
    rows = client.new_clients("Soaked")
    while time.monotonic() < ends:
        try:
            client.content(chance.choice(_METHODS), {})
            client.content("GetProjects", {"RequestedProjects": chance.sample(range(1, 60), 5)})
            rows = client.set_notes(rows, str(chance.random()))
            report.count("calls", 3)
        except (OSError, Refused) as error:
            report.find(f"a call: {error!r}")
            client.token = ""
            rows = client.clients(rows[0]["ClientKey"])
        time.sleep(0.02)
