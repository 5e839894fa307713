"""`parley lab`: what the labs of a site have, and how their computers are reached; programs cannot say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    SiteArgument,
    fail,
    print_json,
    print_table,
    run,
    running,
    settings,
    site_named,
)
from parley.config import Config

if TYPE_CHECKING:
    from parley.domain.labs import Lab

app = typer.Typer(help="Labs: list them, say how many computers they have.", no_args_is_help=True)


@app.command("list")
def list_labs(
    site: SiteArgument,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List the labs of a site by name."""
    found = run(_list(settings(config, data=data, database=database), site))
    if as_json:
        print_json(
            [
                {"id": each.lab_id, "name": each.name, "computers": each.computers, "access": each.access}
                for each in found
            ]
        )
        return
    rows = [(str(each.lab_id), each.name, str(each.computers), "yes" if each.access else "no") for each in found]
    print_table(("ID", "Name", "Computers", "Access described"), rows)


async def _list(config: Config, name: str) -> list[Lab]:
    from parley.store import labs

    async with running(config) as application:
        site = await site_named(application, name)
        return await labs.all_labs(application.engine, site.site_id)


@app.command("set")
def set_lab(
    site: SiteArgument,
    lab: Annotated[str, typer.Argument(metavar="LAB", help="The lab's name or number.")],
    computers: Annotated[int | None, typer.Option("--computers", min=0, help="How many computers it has.")] = None,
    access: Annotated[
        str | None, typer.Option("--access", help="How they are reached; a line that is an address becomes a link.")
    ] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Say how many computers a lab has, and how they are reached. What is reserved already stays reserved."""
    if computers is None and access is None:
        fail("say what to set: --computers or --access")
    changed = run(_set(settings(config, data=data, database=database), site, lab, computers, access))
    typer.echo(f"lab {changed.lab_id} ({changed.name}): {changed.computers} computers")


async def _set(config: Config, name: str, lab: str, computers: int | None, access: str | None) -> Lab:
    from parley.services.labs.keeping import equip

    async with running(config) as application:
        site = await site_named(application, name)
        return await equip(application.engine, site, lab, computers, access)
