"""The command line of the campaign."""

from __future__ import annotations

import sys

import click

from tools.campaign import kills, meetings, races, requests, soak
from tools.campaign.report import Report

SEED = click.option("--seed", default=1, show_default=True, help="Seed of the random choices.")


@click.group()
def main() -> None:
    """Attack a server for minutes to hours, and report what breaks."""


def _end(report: Report) -> None:
    click.echo(report.table())
    sys.exit(1 if report.findings else 0)


@main.command("requests")
@click.option("--number", default=10_000, show_default=True, help="Number of bad requests in this process.")
@click.option("--sockets", default=1_000, show_default=True, help="Number of raw requests to each engine.")
@click.option("--control", default=500, show_default=True, help="Number of bad requests to the control surface.")
@SEED
def requests_(number: int, sockets: int, control: int, seed: int) -> None:
    """Send bad requests: each is refused or answered, and a refusal changes nothing."""
    report = Report("bad requests")
    requests.in_process(report, number, seed)
    for engine in ("werkzeug", "granian"):
        requests.over_sockets(report, engine, sockets, seed)
    requests.to_the_control_surface(report, control, seed)
    _end(report)


@main.command("kills")
@click.option("--rounds", default=20, show_default=True, help="Number of kills while clients write.")
@click.option("--actions", default=10, show_default=True, help="Number of kills in actions of the control surface.")
@SEED
def kills_(rounds: int, actions: int, seed: int) -> None:
    """Kill a server with kill -9: what it has acknowledged is kept, and nothing is half done."""
    report = Report("kills")
    kills.under_writes(report, rounds, seed)
    kills.in_actions(report, actions, seed)
    _end(report)


@main.command("races")
@click.option("--writers", default=8, show_default=True, help="Number of threads.")
@click.option("--updates", default=100, show_default=True, help="Number of updates by each writer.")
@SEED
def races_(writers: int, updates: int, seed: int) -> None:
    """Let writers update the same records: no update is lost."""
    report = Report("races")
    races.run(report, writers, updates, seed)
    _end(report)


@main.command("meetings")
@click.option("--seeds", default=100, show_default=True, help="Number of seeds for each race of mock-ajera races.")
@click.option("--writers", default=8, show_default=True, help="Number of threads that update one record in a race.")
@click.option("--updates", default=25, show_default=True, help="Number of updates by each of them.")
def meetings_(seeds: int, writers: int, updates: int) -> None:
    """Let clients meet each race: the same seed gives the same answers, and no update is lost."""
    report = Report("meetings")
    meetings.run(report, seeds)
    meetings.under_threads(report, writers, updates)
    _end(report)


@main.command("soak")
@click.option("--minutes", default=1.0, show_default=True, help="Duration.")
@click.option("--tenants", default=500, show_default=True, help="Number of tenants to create and delete.")
@click.option("--sessions", default=2_000, show_default=True, help="Number of sessions to open and leave open.")
@SEED
def soak_(minutes: float, tenants: int, sessions: int, seed: int) -> None:
    """Use a server for a while: memory, files and threads stay bounded."""
    report = Report("soak")
    soak.run(report, minutes, tenants, sessions, seed)
    _end(report)


if __name__ == "__main__":
    main()
