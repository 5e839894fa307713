"""`parley docs`: the reference of the API as static pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.common import fail

app = typer.Typer(help="The reference of the XML API.", no_args_is_help=True)


@app.callback()
def _docs() -> None:
    """The reference of the XML API."""


@app.command()
def build(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder to write to; made when missing.")],
    level: Annotated[
        list[str] | None, typer.Option(help="Only this level, such as 42.6.0; may be repeated.", show_default="all")
    ] = None,
) -> None:
    """Write the reference that a server shows at /reference/ as files, for any web server."""
    from parley.protocol.versions import FIRST, LATEST, LEVELS, Level
    from parley.web.reference.files import write_reference

    try:
        wanted = [Level.parse(text) for text in level] if level else list(LEVELS)
    except ValueError as error:
        fail(str(error))
    unknown = next((each for each in wanted if each not in LEVELS), None)
    if unknown is not None:
        fail(f"there is no level {unknown}: {FIRST} to {LATEST} are known")
    try:
        count = write_reference(to, wanted)
    except OSError as error:
        fail(f"cannot write to {to}: {error.strerror}")
    typer.echo(f"{count} files written to {to}; begin at index.html")
