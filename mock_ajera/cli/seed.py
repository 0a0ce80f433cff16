"""``mock-ajera seed``: generate a firm as files, or as a file for ``serve --data``."""

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
@click.option("--to", metavar="DIR", help="New or empty folder for the files of the firm, for serve --sample.")
@click.option("--data", metavar="FILE", help="New file, for serve --data.")
@click.option(
    "--seed",
    default=GROWN_FROM,
    show_default=True,
    metavar="TEXT",
    help="A different seed gives a different firm.",
)
def seed(projects: int, to: str | None, data: str | None, seed: str) -> None:
    """Generate a firm with a number of PROJECTS.

    The firm has the projects of the sample, followed by generated ones. The same number and seed give the same firm.
    `serve --sample N` serves such a firm without storing it.
    """
    if (to is None) == (data is None):
        fail("give one target: --to DIR for files, or --data FILE for serve --data")
    try:
        with progress(projects) as seen:
            if to is not None:
                write(sample_of(source(projects, seed)), Path(to), seen)
            else:
                with closing(SqliteStore.open(Path(str(data)))) as store:
                    if open_tenant(store, seed=b"") is not None:
                        fail(f"{data} already has a firm")
                    new_tenant(
                        projects, seed=secrets.token_bytes(16), store=store, grown_from=seed, seen=seen, reads=False
                    )
    except (BadSample, StoreError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot write {to or data}: {error.strerror or error}")
    where = f"serve --sample {to}" if to is not None else f"serve --data {data}"
    click.echo(f"generated {projects} projects; to serve them: mock-ajera {where}")
