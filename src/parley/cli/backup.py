"""`parley backup` and `parley restore`: a whole server in one file, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.common import ConfigOption, DatabaseOption, DataOption, fail, make_data_folder, progress, run, settings
from parley.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from parley.services.backup import Summary


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not be there.")],
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Write all that a server keeps into one file, while the server runs or not."""
    loaded = settings(config, data=data, database=database)
    summary = _done("Backing up", lambda step: _back_up(loaded, file, step))
    typer.echo(f"{file} holds {_told(summary)}")
    _say_what_is_missing(summary)


async def _back_up(config: Config, file: Path, step: Callable[[], None]) -> Summary:
    from parley.clock import SystemClock
    from parley.services.backup import back_up

    return await back_up(config, file, SystemClock(), step)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `parley backup` wrote.")],
    check: Annotated[bool, typer.Option("--check", help="Only read the file from end to end, and compare.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Put a backup into a new data folder and database; nothing that is there is overwritten."""
    loaded = settings(config, data=data, database=database)
    if check:
        summary = _done("Checking", lambda step: _checked(file, step))
        typer.echo(f"{file} is whole: {_told(summary)}")
        return
    make_data_folder(loaded)
    summary = _done("Restoring", lambda step: _restored(loaded, file, step))
    typer.echo(f"restored {_told(summary)}")
    _say_what_is_missing(summary)


async def _checked(file: Path, step: Callable[[], None]) -> Summary:
    from parley.services.backup import check

    return await check(file, step)


async def _restored(config: Config, file: Path, step: Callable[[], None]) -> Summary:
    from parley.services.backup import restore as put_back

    return await put_back(config, file, step)


def _done(text: str, work: Callable[[Callable[[], None]], Coroutine[object, object, Summary]]) -> Summary:
    from parley.services.backup import BackupError, steps

    with progress(text, steps()) as step:
        try:
            return run(work(step))
        except BackupError as error:
            fail(str(error), 1)


def _told(summary: Summary) -> str:
    made = datetime.fromtimestamp(summary.header.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    tables, files = len(summary.manifest.tables), len(summary.manifest.files)
    return (
        f"{summary.rows:,} rows of {tables} tables and {files:,} files ({summary.size:,} bytes), "
        f"as they were on {made} (revision {summary.header.revision}, Parley {summary.header.parley})"
    )


def _say_what_is_missing(summary: Summary) -> None:
    if summary.header.bucket:
        typer.echo("the recordings are in a bucket, which needs a backup of its own", err=True)
    for name in summary.manifest.gone:
        typer.echo(f"{name} went away while it was read", err=True)
