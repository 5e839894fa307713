"""`parley schema`: the XSD files of a level."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.common import fail

app = typer.Typer(help="Schema files of the XML API.", no_args_is_help=True)


@app.callback()
def _schema() -> None:
    """Schema files of the XML API."""


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder to write to; made when missing.")],
    version: Annotated[str | None, typer.Option(help="Level, such as 42.6.0.", show_default="the newest")] = None,
) -> None:
    """Write the schema files of a level."""
    from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
    from parley.protocol.xsd import write_tree

    try:
        level = Level.parse(version) if version is not None else LATEST
    except ValueError as error:
        fail(str(error))
    if level not in LEVELS:
        fail(f"there is no level {level}: {FIRST} to {LATEST} are known")
    try:
        to.mkdir(parents=True, exist_ok=True)
        written = write_tree(level, to)
    except OSError as error:
        fail(f"cannot write to {to}: {error.strerror}")
    typer.echo(f"{len(written)} files of level {level} written to {to}")
