"""What the commands share: options, one-line errors, tables, a running application."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from parley.config import Config, ConfigError

if TYPE_CHECKING:
    from parley.domain.site import Site
    from parley.services.application import Application

T = TypeVar("T")

DataOption = Annotated[
    str | None, typer.Option("--data", metavar="DIR", help="Folder of the data.", show_default="data, or PARLEY_DATA")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="postgresql://..., instead of the SQLite file in the data folder."),
]
ConfigOption = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Settings file.", show_default="parley.toml in the data")
]
SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="The site's name or number.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

#: Exit code when a command cannot be carried out at all.
UNABLE = 2


def fail(text: str, code: int = UNABLE) -> NoReturn:
    """End the program with one line on standard error."""
    line = " ".join(text.split())
    typer.echo(f"parley: {line}", err=True)
    raise typer.Exit(code)


def settings(file: str | None = None, **options: Any) -> Config:
    """The settings that hold for a command; ends the program when they cannot be used."""
    try:
        loaded = Config.load(options, file=file)
    except ConfigError as error:
        fail(str(error))
    _check_mail(loaded)
    return loaded


def _check_mail(loaded: Config) -> None:
    """End the program when the settings for mails cannot be used; what reads them is only loaded when there are any."""
    if loaded.smtp is not None:
        from parley.mail.transports import MailAddressError, SmtpServer

        try:
            SmtpServer.parse(loaded.smtp)
        except MailAddressError as error:
            fail(f"smtp: {error}")
    if loaded.mail_sender is not None:
        from parley.domain.mail_address import is_email

        if not is_email(loaded.mail_sender):
            fail("mail_sender is no e-mail address")


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the errors that a person can do something about into one line and exit code 2."""
    from parley.protocol.faults import Fault
    from parley.services.control_hub import LongAddresses
    from parley.services.new_site import SiteError
    from parley.store import Conflict, StoreError

    try:
        yield
    except Fault as fault:
        fail(f"{fault.reason} ({fault.code})")
    except Conflict:
        fail("somebody else changed the same thing at the same time: try again")
    except (ConfigError, SiteError, LongAddresses, StoreError) as error:
        fail(str(error))


def make_data_folder(config: Config) -> None:
    """Make the data folder unless it is there; ends the program when that fails."""
    from pathlib import Path

    try:
        Path(config.data).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fail(f"cannot make the data folder {config.data}: {error.strerror}")


@contextlib.asynccontextmanager
async def running(config: Config) -> AsyncIterator[Application]:
    """The application without a server, on a migrated database."""
    from parley.seeing.asked import acting_as
    from parley.services.application import Application
    from parley.services.site_changes import at_the_terminal

    make_data_folder(config)
    with acting_as(at_the_terminal().name, "CLI"):
        application = await Application.start(config)
        try:
            yield application
        finally:
            await application.stop()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, with errors as one line."""
    import asyncio

    with plain_errors():
        return asyncio.run(work)


async def site_named(application: Application, name: str) -> Site:
    """The site with this name or number.

    Raises:
        SiteError: there is none.
    """
    from parley.services.new_site import SiteError
    from parley.store import sites

    found = await sites.by_name(application.engine, name.strip().lower())
    if found is None and name.isascii() and name.isdigit() and len(name) < 17:
        found = await sites.by_id(application.engine, int(name))
    if found is None:
        raise SiteError(f"there is no site {name[:80]!r}")
    return found


async def chosen_site(application: Application, name: str | None) -> Site:
    """The site with this name or number, without one the only site there is.

    Raises:
        SiteError: there is none, or more than one.
    """
    from parley.services.new_site import SiteError
    from parley.store import sites

    if name:
        return await site_named(application, name)
    found = await sites.all_sites(application.engine)
    if len(found) != 1:
        names = ", ".join(each.name for each in found[:10])
        raise SiteError(f"say which site with --site: {names}" if found else "there is no site yet")
    return found[0]


@contextlib.contextmanager
def progress(text: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error while the block runs, if that is a terminal; gives what takes it one further."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(text, total=total)
        yield lambda: bar.advance(task)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table; as lines with tabs where the output is no terminal."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
