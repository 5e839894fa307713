"""`parley recording`: files brought along as recordings, and what becomes of recordings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from parley.cli.common import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    JsonOption,
    SiteArgument,
    chosen_site,
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
    from collections.abc import Awaitable, Callable

    from parley.domain.recording import HostedRecording, Recording
    from parley.domain.site import Site
    from parley.domain.user import User
    from parley.recordings.reconciling import Findings
    from parley.services.application import Application
    from parley.store import Changes

app = typer.Typer(help="Recordings: import, list, check, reassign and remove them.", no_args_is_help=True)

_PAGE: Final = 500
_TRIES: Final = 5
#: Whoever runs the server, as the mails to owners name him.
_AT_THE_TERMINAL: Final = "the administrator of the server"
_NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="The recording's number, as `list` prints it.")]
_SiteOption = Annotated[
    str | None,
    typer.Option("--site", metavar="SITE", help="The site's name or number.", show_default="the only site there is"),
]


class _Wanted(NamedTuple):
    """What `import` was told."""

    host: str
    session: int | None
    name: str
    password: str | None
    start: int | None
    duration: int


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An MP4, WebM, WMV, ARF or WRF file.")],
    host: Annotated[str, typer.Option("--host", metavar="WEBEXID", help="The account that is to have it.")],
    session: Annotated[
        int | None, typer.Option("--session", metavar="KEY", help="The session that was recorded, by its sessionKey.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What it is called.", show_default="the file's name")
    ] = None,
    password: Annotated[str | None, typer.Option("--password", help="Asked of whoever watches it.")] = None,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="TIME", help="When it began, in UTC: 2024-05-31T09:30.", show_default="now"),
    ] = None,
    duration: Annotated[
        int, typer.Option("--duration", metavar="SECONDS", min=0, help="For files that do not tell how long they are.")
    ] = 0,
    site: _SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a recording of a file. The file stays where it is."""
    began = None if start is None else _time(start)
    wanted = _Wanted(host, session, name or file.stem, password, began, duration)
    made, links = run(_import(settings(config, data=data, database=database), site, file, wanted))
    typer.echo(f"recording {made.recording_id} ({made.name}) imported: {made.format}, {made.duration} seconds")
    typer.echo(links)


async def _import(config: Config, site_name: str | None, file: Path, wanted: _Wanted) -> tuple[Recording, str]:
    from parley.recordings.keeping import NotKept, keep
    from parley.recordings.probing import NotARecording
    from parley.recordings.storage import StorageError

    async with running(config) as application:
        site = await chosen_site(application, site_name)
        new = await _new(application, site, wanted)
        try:
            made = await keep(application, new, file)
        except (NotKept, NotARecording, StorageError) as error:
            fail(f"{file}: {error}")
        return made, application.links.recording(site.name, made.stream_rcid)


async def _new(application: Application, site: Site, wanted: _Wanted) -> Any:
    from parley.recordings.keeping import NewRecording
    from parley.store import sessions

    owner = await _account(application, site, wanted.host)
    new = NewRecording(
        site_id=site.site_id,
        owner_id=owner.user_id,
        creator_id=owner.user_id,
        name=wanted.name,
        password=wanted.password,
        created_at=application.clock.now() if wanted.start is None else wanted.start,
        time_zone_id=owner.time_zone_id,
        duration=wanted.duration,
    )
    if wanted.session is not None:
        session = await sessions.by_key(application.engine, site.site_id, wanted.session)
        if session is None:
            fail(f"there is no session {wanted.session} on {site.name}")
        new.session_key, new.service, new.time_zone_id = session.session_key, session.service, session.time_zone_id
        if wanted.start is None:
            new.created_at = min(session.next_start, new.created_at)
    return new


async def _account(application: Application, site: Site, web_ex_id: str) -> User:
    from parley.store import users

    found = await users.by_web_ex_id(application.engine, site.site_id, web_ex_id.strip().casefold())
    if found is None:
        fail(f"there is no account {web_ex_id} on {site.name}")
    return found


def _time(text: str) -> int:
    """A time in UTC as epoch seconds; ends the program for anything else."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time such as 2024-05-31T09:30")
    return int((when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp())


@app.command("list")
def list_recordings(
    site: SiteArgument,
    trash: Annotated[bool, typer.Option("--trash", help="What is in the trash.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List the recordings of a site, the latest first."""
    from parley.domain.recording import megabytes

    found, addresses = run(_list(settings(config, data=data, database=database), site, trash))
    if as_json:
        print_json([_described(each, link) for each, link in zip(found, addresses, strict=True)])
        return
    rows = [
        (
            *(str(each.recording_id), each.name, each.host_web_ex_id, _shown(each.created_at)),
            *(str(each.duration), f"{megabytes(each.size):.3f}", each.format),
        )
        for each in found
    ]
    print_table(("ID", "Name", "Owner", "Began (UTC)", "Seconds", "MB", "Format"), rows)


def _described(each: HostedRecording, link: str) -> dict[str, Any]:
    return {
        "id": each.recording_id,
        "name": each.name,
        "owner": each.host_web_ex_id,
        "began": _shown(each.created_at),
        "seconds": each.duration,
        "bytes": each.size,
        "format": each.format,
        "session": each.session_key,
        "password": bool(each.password),
        "trashed": None if each.trashed_at is None else _shown(each.trashed_at),
        "link": link,
    }


def _shown(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _list(config: Config, name: str, trash: bool) -> tuple[list[HostedRecording], list[str]]:
    from parley.domain.recording import State
    from parley.store import recording_lists
    from parley.store.lists import Order
    from parley.store.recording_lists import RecordingFilter

    async with running(config) as application:
        site = await site_named(application, name)
        wanted = RecordingFilter(site_id=site.site_id, state=State.TRASHED if trash else State.READY)
        found: list[HostedRecording] = []
        while True:
            page = await recording_lists.list_recordings(
                application.engine, wanted, [Order("CREATED", descending=True)], len(found) + 1, _PAGE
            )
            found += page.rows
            if len(page.rows) < _PAGE:
                return found, [application.links.recording(site.name, each.stream_rcid) for each in found]


@app.command()
def finish(
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make files of the recordings of rooms that have ended, those too that failed before."""
    if run(_finish(settings(config, data=data, database=database))):
        raise typer.Exit(1)


async def _finish(config: Config) -> int:
    """How many could not be finished."""
    from parley.recordings.finishing import finish_all

    failed = 0
    async with running(config) as application:
        for about, note in await finish_all(application, again=True):
            said = "is finished" if note is None else f"failed: {note}; what arrived is kept"
            typer.echo(f"recording {about.recording_id} ({about.name}) {said}")
            failed += note is not None
    return failed


@app.command()
def check(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look; change nothing.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Bring recordings and their files together again, and empty the trash; a server does it by itself once a day.

    Exit code 1 with --dry-run when something is amiss.
    """
    found = run(_check(settings(config, data=data, database=database), dry_run))
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(found))
    else:
        _print_findings(found, dry_run)
    if dry_run and not found.clean:
        raise typer.Exit(1)


async def _check(config: Config, dry_run: bool) -> Findings:
    from parley.recordings.reconciling import check
    from parley.recordings.storage import StorageError

    async with running(config) as application:
        try:
            await application.storage.check()
            return await check(application, repair=not dry_run)
        except StorageError as error:
            fail(str(error))


def _print_findings(found: Findings, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    lines = [
        (len(found.expired), f"recordings in the trash for too long {would}deleted"),
        (len(found.removed), f"files of deleted recordings {would}removed"),
        (len(found.orphans), f"files that no recording speaks of {would}removed"),
        (len(found.unfinished), f"recordings that were never finished {would}brought to an end"),
    ]
    for count, text in lines:
        if count:
            typer.echo(f"{count} {text}")
    for numbers, text in ((found.missing, "has no file"), (found.returned, "has its file again")):
        for number in numbers:
            typer.echo(f"recording {number} {text}")
    if found.clean:
        typer.echo("All recordings have their files.")


@app.command()
def reassign(
    site: SiteArgument,
    recording_id: _NumberArgument,
    to: Annotated[str, typer.Option("--to", metavar="WEBEXID", help="The account that is to have it.")],
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a recording to another account; who had it is told by mail."""
    name = run(_reassign(settings(config, data=data, database=database), site, recording_id, to))
    typer.echo(f"recording {recording_id} ({name}) belongs to {to}")


async def _reassign(config: Config, site_name: str, recording_id: int, to: str) -> str:
    from parley.services.recording.changing import Actor, NoRoom
    from parley.services.recording.changing import reassign as give

    async with running(config) as application:
        site = await site_named(application, site_name)
        owner = await _account(application, site, to)
        if not owner.host or owner.attendee_only:
            fail(f"{to} is no host: recordings belong to hosts")

        async def change(changes: Changes, row: HostedRecording) -> Recording:
            actor = Actor(0, _AT_THE_TERMINAL)
            return await give(application.engine, changes, site, row, owner, actor, application.clock.now())

        try:
            return (await _changed(application, site, recording_id, change)).name
        except NoRoom:
            fail(f"there is no room for it among the recordings of {to}")


async def _changed(
    application: Application,
    site: Site,
    recording_id: int,
    change: Callable[[Changes, HostedRecording], Awaitable[Recording]],
) -> Recording:
    """Change a recording, again when somebody else changed it at the same time; what is stored now."""
    from parley.store import Changes, Conflict

    for _ in range(_TRIES):
        row, changes = await _found(application, site, recording_id), Changes()
        stored = await change(changes, row)
        try:
            await application.engine.commit(changes)
        except Conflict:
            continue
        return stored
    raise Conflict("the recording changes all the time")


@app.command()
def share(
    site: SiteArgument,
    recording_id: _NumberArgument,
    account: Annotated[str, typer.Option("--with", metavar="WEBEXID", help="The account that is to see it.")],
    stop: Annotated[bool, typer.Option("--stop", help="The account is not to see it any more.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Let another account of the site find a recording in its lists, and play it without the password."""
    name = run(_share(settings(config, data=data, database=database), site, recording_id, account, stop))
    typer.echo(f"recording {recording_id} ({name}) is {'not ' if stop else ''}shared with {account}")


async def _share(config: Config, site_name: str, recording_id: int, account: str, stop: bool) -> str:
    from parley.store import Changes, recordings

    async with running(config) as application:
        site = await site_named(application, site_name)
        person = await _account(application, site, account)
        row = await _found(application, site, recording_id)
        changes = Changes()
        if stop:
            recordings.unshare(changes, row, person.user_id)
        else:
            recordings.share(changes, row, person.user_id, application.clock.now())
        await application.engine.commit(changes)
        return row.name


async def _found(application: Application, site: Site, recording_id: int) -> HostedRecording:
    from parley.domain.recording import State
    from parley.store import recordings

    row = await recordings.by_id(application.engine, site.site_id, recording_id)
    if row is None or row.state not in (State.READY, State.TRASHED, State.MISSING):
        fail(f"there is no recording {recording_id} on {site.name}")
    return row


@app.command()
def remove(
    site: SiteArgument,
    recording_id: _NumberArgument,
    permanently: Annotated[
        bool, typer.Option("--permanently", help="Delete it for good, with its file, instead of to the trash.")
    ] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Move a recording to the trash, or delete it for good; its owner is told by mail."""
    name = run(_remove(settings(config, data=data, database=database), site, recording_id, permanently))
    typer.echo(f"recording {recording_id} ({name}) {'deleted' if permanently else 'moved to the trash'}")


async def _remove(config: Config, site_name: str, recording_id: int, permanently: bool) -> str:
    from parley.domain.recording import State
    from parley.recordings.reconciling import remove_file
    from parley.recordings.storage import StorageError
    from parley.services.recording.changing import Actor, delete, throw_away

    async with running(config) as application:
        site = await site_named(application, site_name)

        async def change(changes: Changes, row: HostedRecording) -> Recording:
            if row.state is State.TRASHED and not permanently:
                fail(f"recording {recording_id} is in the trash already; --permanently deletes it")
            do, now = delete if permanently else throw_away, application.clock.now()
            return await do(application.engine, changes, site, row, Actor(0, _AT_THE_TERMINAL), now)

        stored = await _changed(application, site, recording_id, change)
        if permanently:
            try:
                await remove_file(application, stored)
            except StorageError as error:
                typer.echo(f"parley: the file is removed later: {error}", err=True)
        return stored.name
