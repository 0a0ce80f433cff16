"""``python -m tools.breaks``: list the breaks, or run the contract suite against them."""

from __future__ import annotations

import click

from tools.breaks.catalog import BREAKS
from tools.breaks.run import Outcome, try_break, try_breaks


@click.group()
def main() -> None:
    """Show that the contract suite notices a wrong endpoint."""


@main.command("list")
def show() -> None:
    """List the breaks."""
    for each in BREAKS.values():
        click.echo(f"{each.family:16}{each.name:44}{each.says}")


@main.command()
@click.argument("names", nargs=-1)
@click.option("--jobs", default=2, show_default=True, help="Number of runs at a time.")
@click.option("--quick", is_flag=True, help="Run only the files that should notice a break.")
@click.option("--family", multiple=True, help="Only the breaks of a family. May be repeated.")
def run(names: tuple[str, ...], jobs: int, quick: bool, family: tuple[str, ...]) -> None:
    """Run the suite against NAMES, by default against all breaks. Before, it runs once without a break."""
    unknown = [name for name in names if name not in BREAKS]
    if unknown:
        raise click.BadParameter(f"no break is called {unknown[0]}")
    wanted = list(names) or [each.name for each in BREAKS.values() if not family or each.family in family]
    if not quick:
        outcome = try_break("")
        if outcome.noticed or outcome.error:
            raise click.ClickException(f"without a break the suite is not green: {outcome.by}")
        click.echo("without a break: green", err=True)
    found: dict[str, Outcome] = {}
    for outcome in try_breaks(wanted, jobs, quick=quick):
        found[outcome.name] = outcome
        state = "NOTICED by" if outcome.noticed else "NOT NOTICED"
        click.echo(f"{outcome.name}: {state} {outcome.by}", err=True)
    click.echo("| family | break | what it does | noticed by |\n|---|---|---|---|")
    for name in wanted:
        each = BREAKS[name]
        by = f"`{found[name].by}`" if found[name].noticed else f"**not noticed** {found[name].error}".strip()
        click.echo(f"| {each.family} | {name} | {each.says} | {by} |")
    missed = sum(not outcome.noticed for outcome in found.values())
    click.echo(f"\n{len(found) - missed} of {len(found)} noticed", err=True)
    if missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
