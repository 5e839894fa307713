"""`parley program`: programs, that is groups of events, which the API reads but cannot make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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
    from parley.domain.program import HostedProgram, Program

app = typer.Typer(help="Programs of events: make, list, change and remove them.", no_args_is_help=True)

_NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="The program's number, as `list` prints it.")]
_Host = Annotated[str | None, typer.Option("--host", metavar="WEBEXID", help="Host who runs the program.")]
_Status = Annotated[str | None, typer.Option("--status", help="PUBLIC, PRIVATE or UNLISTED.")]
_Expected = Annotated[str | None, typer.Option("--expected-enrollment", help="How many are expected, as free text.")]
_Budget = Annotated[str | None, typer.Option("--budget", help="Free text.")]
_AfterUrl = Annotated[str | None, typer.Option("--after-url", help="Where people are led after they registered.")]
#: A site has few programs; more than these are no list that anybody reads.
_MOST_SHOWN = 10_000


@app.command()
def add(
    site: SiteArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The program's name.")],
    host: _Host = None,
    status: _Status = None,
    expected_enrollment: _Expected = None,
    budget: _Budget = None,
    after_url: _AfterUrl = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a program; events join it by its number (metaData/programID)."""
    if host is None:
        fail("say who runs the program: --host WEBEXID")
    values = {"name": name, "host": host, "status": status, "expected_enrollment": expected_enrollment}
    values |= {"budget": budget, "after_url": after_url}
    made = run(_add(settings(config, data=data, database=database), site, values))
    typer.echo(f"program {made.program_id} ({made.name}) added")


async def _add(config: Config, name: str, values: dict[str, Any]) -> Program:
    from parley.services.program_changes import ProgramValues, add_program
    from parley.services.site_changes import at_the_terminal

    async with running(config) as application:
        site = await site_named(application, name)
        now = application.clock.now()
        return await add_program(application.engine, site.site_id, ProgramValues(**values), at_the_terminal(), now)


@app.command("list")
def list_programs(
    site: SiteArgument,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List the programs of a site by name."""
    from parley.services.program_changes import described

    found = run(_list(settings(config, data=data, database=database), site))
    if as_json:
        print_json([{"id": each.program_id, **described(each, each.host_web_ex_id)} for each in found])
        return
    rows = [(str(each.program_id), each.name, each.host_web_ex_id, each.listing) for each in found]
    print_table(("ID", "Name", "Host", "Status"), rows)


async def _list(config: Config, name: str) -> list[HostedProgram]:
    from parley.store import programs
    from parley.store.programs import ProgramFilter

    async with running(config) as application:
        site = await site_named(application, name)
        wanted = ProgramFilter(site_id=site.site_id)
        return (await programs.list_programs(application.engine, wanted, maximum=_MOST_SHOWN)).rows


@app.command()
def change(
    site: SiteArgument,
    program_id: _NumberArgument,
    name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    host: _Host = None,
    status: _Status = None,
    expected_enrollment: _Expected = None,
    budget: _Budget = None,
    after_url: _AfterUrl = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Change a program; an empty text takes a value away."""
    values = {"name": name, "host": host, "status": status, "expected_enrollment": expected_enrollment}
    values |= {"budget": budget, "after_url": after_url}
    if all(value is None for value in values.values()):
        fail("say what to change: --name, --host, --status, --expected-enrollment, --budget or --after-url")
    changed = run(_change(settings(config, data=data, database=database), site, program_id, values))
    typer.echo(f"program {changed.program_id} ({changed.name}) changed")


async def _change(config: Config, name: str, program_id: int, values: dict[str, Any]) -> Program:
    from parley.services.program_changes import ProgramValues, change_program
    from parley.services.site_changes import at_the_terminal

    async with running(config) as application:
        site = await site_named(application, name)
        wanted, now = ProgramValues(**values), application.clock.now()
        return await change_program(application.engine, site.site_id, program_id, wanted, at_the_terminal(), now)


@app.command()
def remove(
    site: SiteArgument,
    program_id: _NumberArgument,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove a program that no coming event belongs to."""
    gone = run(_remove(settings(config, data=data, database=database), site, program_id))
    typer.echo(f"program {gone.program_id} ({gone.name}) removed")


async def _remove(config: Config, name: str, program_id: int) -> Program:
    from parley.services.program_changes import remove_program
    from parley.services.site_changes import at_the_terminal

    async with running(config) as application:
        site = await site_named(application, name)
        now = application.clock.now()
        return await remove_program(application.engine, site.site_id, program_id, at_the_terminal(), now)
