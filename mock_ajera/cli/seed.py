"""``mock-ajera seed``: a generated firm as files, or in the file of a server."""

from __future__ import annotations

import secrets
from contextlib import closing
from pathlib import Path

import click

from mock_ajera.cli.output import fail, progress
from mock_ajera.sample.files import BadSample
from mock_ajera.sample.templates import GROWN_FROM, new_tenant, open_tenant, sample_of, source
from mock_ajera.sample.writing import write
from mock_ajera.store import SqliteStore, StoreError


@click.command()
@click.argument("projects", type=click.IntRange(1))
@click.option("--to", metavar="DIR", help="New or empty folder for the files of the firm.")
@click.option("--data", metavar="FILE", help="New file for serve --data.")
@click.option("--seed", default=GROWN_FROM, show_default=True, metavar="TEXT", help="Another seed makes another firm.")
def seed(projects: int, to: str | None, data: str | None, seed: str) -> None:
    """Make a firm with that many PROJECTS: the sample, and behind it generated ones.

    The same number and seed make the same firm. `serve --sample N` serves one without keeping it.
    """
    if (to is None) == (data is None):
        fail("say where the firm goes: --to DIR for files, or --data FILE for serve --data")
    try:
        with progress(projects) as seen:
            if to is not None:
                write(sample_of(source(projects, seed)), Path(to), seen)
            else:
                with closing(SqliteStore.open(Path(str(data)))) as store:
                    if open_tenant(store, seed=b"") is not None:
                        fail(f"{data} holds a firm already")
                    new_tenant(projects, seed=secrets.token_bytes(16), store=store, grown_from=seed, seen=seen)
    except (BadSample, StoreError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot write {to or data}: {error.strerror or error}")
    where = f"serve --sample {to}" if to is not None else f"serve --data {data}"
    click.echo(f"{projects} projects are made; mock-ajera {where} serves them")
