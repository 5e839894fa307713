"""`parley db`: the database's revision, and whether its contents agree."""

from __future__ import annotations

import typer

from parley.cli.common import ConfigOption, DatabaseOption, DataOption, make_data_folder, run, settings
from parley.config import Config

app = typer.Typer(help="The database: migrate and check it.", no_args_is_help=True)

_HINT = "run `parley db upgrade`"


@app.command()
def upgrade(data: DataOption = None, database: DatabaseOption = None, config: ConfigOption = None) -> None:
    """Bring the database to the revision of this release; makes it when there is none."""
    was_right, head = run(_upgrade(settings(config, data=data, database=database)))
    if was_right:
        typer.echo(f"the database has revision {head} already")
    else:
        typer.echo(f"database migrated to revision {head}")


async def _upgrade(config: Config) -> tuple[bool, str]:
    from parley.store import migrations

    was_right = await _problem(config) is None
    if not was_right:
        make_data_folder(config)
        await _open(config, upgrade=True)
    return was_right, migrations.HEAD


@app.command()
def check(data: DataOption = None, database: DatabaseOption = None, config: ConfigOption = None) -> None:
    """Say whether the database fits this release, and whether what it holds agrees with itself.

    Counters are compared with what they count, and rows with the rows they name; nothing is changed, and a server may
    run meanwhile; of a large database it takes minutes. Exit code 0: all is well; 1: the database has to be made or
    migrated; 2: it cannot be used; 3: its contents do not agree, one line for each thing.
    """
    config_of_all = settings(config, data=data, database=database)
    problem = run(_problem(config_of_all))
    if problem is not None:
        typer.echo(f"{problem}: {_HINT}")
        raise typer.Exit(1)
    from parley.store import migrations

    typer.echo(f"the database has revision {migrations.HEAD}, as this release needs it")
    wrong = run(_wrong(config_of_all))
    for line in wrong:
        typer.echo(line)
    if wrong:
        raise typer.Exit(3)
    typer.echo("its contents agree with themselves")


async def _wrong(config: Config) -> list[str]:
    """What does not agree, one line each."""
    from parley.store import checks, engine_for

    # A look at a large file takes minutes, which nobody else has to wait for.
    engine = engine_for(config.database_url, pool_size=config.pool_size, upgrade=False, hurried=False)
    await engine.start()
    try:
        found = [f"the file is damaged: {line}" for line in await checks.damage(engine)]
        found += [f"site {each.site_id}: {each.number} {each.what}" for each in await checks.all_problems(engine)]
    finally:
        await engine.stop()
    return found


async def _problem(config: Config) -> str | None:
    """Why the database has to be migrated; None when it is as this release needs it.

    Raises:
        StartError: it cannot be used at all.
    """
    from parley.store import OlderDatabase
    from parley.store.engines import postgres_dsn, sqlite_path

    if postgres_dsn(config.database_url) is None and not sqlite_path(config.database_url).exists():
        return "there is no database yet"
    try:
        await _open(config, upgrade=False)
    except OlderDatabase as error:
        return str(error).removesuffix(": migrate it first")
    return None


async def _open(config: Config, *, upgrade: bool) -> None:
    """Open the database and close it again."""
    from parley.store import engine_for

    engine = engine_for(config.database_url, pool_size=config.pool_size, upgrade=upgrade)
    await engine.start()
    await engine.stop()
