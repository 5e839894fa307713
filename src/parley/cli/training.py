"""`parley training`: the registration forms of trainings; programs cannot say them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    SiteArgument,
    fail,
    run,
    running,
    settings,
    site_named,
)
from parley.config import Config

app = typer.Typer(help="Trainings: what their registration forms ask.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Trainings: what their registration forms ask."""


@app.command()
def form(
    site: SiteArgument,
    session_key: Annotated[int, typer.Argument(metavar="KEY", help="The training's sessionKey.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A document with one element registrationForm.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Ask for names and address only.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a training the registration form that a file describes; answers come out in GetEnrollmentInfo."""
    if (file is None) is not clear:
        fail("name a file, or say --clear")
    try:
        document = file.read_bytes() if file is not None else None
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    standard, own = run(_set(settings(config, data=data, database=database), site, session_key, document))
    typer.echo(f"training {session_key}: {standard} standard fields, {own} own fields")


async def _set(config: Config, name: str, session_key: int, document: bytes | None) -> tuple[int, int]:
    from parley.protocol.faults import Fault
    from parley.services.event.form import custom_fields
    from parley.services.training.form import set_form, standard_fields

    async with running(config) as application:
        site = await site_named(application, name)
        try:
            stored = await set_form(application.engine, site, session_key, document, application.clock.now())
        except Fault as fault:
            fail(fault.reason)
        asked = [each for each in standard_fields(stored.standard_fields) if each.shown]
        return len(asked), len(custom_fields(stored.form))
