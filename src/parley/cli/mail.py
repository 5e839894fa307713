"""`parley mail`: what is to be sent, was sent and could not be sent; and the delivery as a process of its own."""

from __future__ import annotations

import enum
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
    from email.message import EmailMessage

    from parley.mail.post import PostOffice
    from parley.store.outbox import Message

app = typer.Typer(help="Mails: look at the outbox, send again, deliver.", no_args_is_help=True)

_MOST: Final = 10_000


class State(enum.StrEnum):
    """What became of a message."""

    waiting = "waiting"
    sent = "sent"
    failed = "failed"


@app.command("list")
def list_messages(
    site: SiteArgument,
    state: Annotated[State | None, typer.Option("--state", help="Only these.", show_default="all")] = None,
    maximum: Annotated[int, typer.Option("--limit", help="How many at most.", min=1, max=_MOST)] = 50,
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """List the messages of a site, the newest first."""
    found = run(_newest(settings(config, data=data, database=database), site, state, maximum))
    if as_json:
        print_json([_described(each) for each in found])
        return
    rows = [
        (
            str(each.outbox_id),
            each.state,
            each.kind,
            each.recipient or "",
            _when(each.created_at),
            _when(each.sent_at or each.failed_at or each.due_at),
            str(each.attempts),
            each.note or "",
        )
        for each in found
    ]
    print_table(("Number", "State", "Kind", "To", "Written (UTC)", "Due or done (UTC)", "Tries", "Note"), rows)


async def _newest(config: Config, name: str, state: State | None, maximum: int) -> list[Message]:
    from parley.store import outbox

    async with running(config) as application:
        site = await site_named(application, name)
        return await outbox.newest(application.engine, site.site_id, state=state or "", maximum=maximum)


@app.command()
def show(
    site: SiteArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The message's number, as `list` prints it.")],
    as_json: JsonOption = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a message of a site and what became of it; passwords in it are not shown."""
    found = _described(run(_one(settings(config, data=data, database=database), site, number)))
    if as_json:
        print_json(found)
        return
    document: dict[str, Any] = found.pop("document")
    rows = [*found.items(), *((f"document.{name}", value) for name, value in document.items())]
    print_table(("Name", "Value"), [(name, _text(value)) for name, value in rows])


async def _one(config: Config, name: str, number: int) -> Message:
    from parley.services.mail_desk import is_number
    from parley.services.new_site import SiteError
    from parley.store import outbox

    async with running(config) as application:
        site = await site_named(application, name)
        found = await outbox.one(application.engine, site.site_id, number) if is_number(number) else None
        if found is None:
            raise SiteError(f"site {site.name} has no message {number}")
        return found


@app.command()
def retry(
    site: SiteArgument,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="NUMBER...", help="Messages, by number.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that were given up.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Send messages again that were given up or wait for their next try, as soon as a delivery runs."""
    if bool(numbers) == failed:
        fail("say the numbers of messages, or --failed")
    done, gone = run(_retry(settings(config, data=data, database=database), site, numbers))
    typer.echo(f"{done} {'message' if done == 1 else 'messages'} to be sent again")
    if gone:
        fail(f"unknown or sent already: {', '.join(map(str, gone))}", 1)


async def _retry(config: Config, name: str, numbers: list[int] | None) -> tuple[int, list[int]]:
    """Make messages due at once; returns how many, and the numbers of those that cannot be."""
    from parley.services.mail_desk import send_again
    from parley.services.site_changes import at_the_terminal
    from parley.store import outbox

    async with running(config) as application:
        engine, site_id = application.engine, (await site_named(application, name)).site_id
        now, by = application.clock.now(), at_the_terminal()
        if numbers is not None:
            gone = await send_again(engine, site_id, numbers, by, now)
            return len(set(numbers)) - len(gone), gone
        done, lost = 0, []
        while failed := await outbox.newest(engine, site_id, state="failed", maximum=_MOST):
            wanted = [each.outbox_id for each in failed if each.outbox_id not in lost]
            if not wanted:
                break
            gone = await send_again(engine, site_id, wanted, by, now)
            lost += gone
            done += len(wanted) - len(gone)
        return done, lost


@app.command()
def preview(
    template: Annotated[
        str | None, typer.Argument(metavar="TEMPLATE", help="Kind of mail; without it, all are listed.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Site whose templates and sender are taken.")] = None,
    language: Annotated[
        str, typer.Option("--language", help="Language as in languageID, or its tag such as de.")
    ] = "1",
    html: Annotated[
        Path | None, typer.Option("--html", help="Write the HTML part to this file.", dir_okay=False)
    ] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a kind of mail looks like, filled with an example; a site's own templates are taken."""
    from parley.mail.previews import names

    if template is None:
        for each in names():
            typer.echo(each)
        return
    if template not in names():
        fail(f"there is no mail {template[:80]!r}: `parley mail preview` lists them")
    mail = run(_preview(settings(config, data=data, database=database), site, template, language))
    _print_mail(mail)
    if html is not None:
        _write_html(mail, html)


async def _preview(config: Config, name: str | None, template: str, language: str) -> EmailMessage:
    from parley.mail.previews import preview as made
    from parley.services.new_site import SiteError

    async with running(config) as application:
        site = await site_named(application, name) if name is not None else None
        try:
            return made(application, site, template, language)
        except LookupError:
            raise SiteError(f"mails are not written in a language {language[:20]!r}") from None


def _print_mail(mail: EmailMessage) -> None:
    for name in ("From", "Reply-To", "To", "Subject"):
        if mail[name]:
            typer.echo(f"{name}: {mail[name]}")
    body = mail.get_body(("plain",))
    typer.echo(f"\n{body.get_content() if body is not None else ''}".rstrip())


def _write_html(mail: EmailMessage, file: Path) -> None:
    body = mail.get_body(("html",))
    if body is None:
        fail("this mail has no HTML part")
    try:
        file.write_text(body.get_content(), encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror}")
    typer.echo(f"\nHTML: {file}")


@app.command()
def deliver(
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due now, and end.")] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Deliver mails until stopped, for servers that do not do it themselves (mail_delivery). Many may run at once."""
    from parley.web.logs import configure_logging

    loaded = settings(config, data=data, database=database)
    configure_logging(loaded.log_level)
    try:
        outcomes = run(_deliver(loaded, once=once))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    told = ", ".join(f"{count} {name}" for name, count in outcomes.items() if count)
    typer.echo(f"mails: {told or 'none was due'}")
    if outcomes.get("failed") or outcomes.get("retried"):
        raise typer.Exit(1 if once else 0)


async def _deliver(config: Config, *, once: bool) -> dict[str, int]:
    import msgspec

    from parley.mail.post import PostOffice, delivery_line

    # There is no server here that could leave it to somebody else.
    typer.echo(delivery_line(msgspec.structs.replace(config, mail_delivery=True)), err=True)
    async with running(config) as application:
        office = PostOffice(application)
        if once:
            await office.deliver_all()
        else:
            await _until_stopped(office)
        return office.outcomes()


async def _until_stopped(office: PostOffice) -> None:
    import asyncio
    import signal

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    office.start()
    await told.wait()
    await office.stop()


def _described(message: Message) -> dict[str, Any]:
    """A message as JSON prints it; times as `yyyy-MM-ddTHH:mm:ssZ`."""
    from parley.services.account_notices import SECRETS

    document = {
        name: "***" if name in SECRETS and value else value for name, value in json.loads(message.document).items()
    }
    return {
        "number": message.outbox_id,
        "state": message.state,
        "kind": message.kind,
        "to": message.recipient,
        "session_key": message.session_key,
        "written": _when(message.created_at),
        "due": _when(message.due_at),
        "tries": message.attempts,
        "sent": _when(message.sent_at),
        "given_up": _when(message.failed_at),
        "note": message.note,
        "document": document,
    }


def _when(instant: int | None) -> str:
    return "" if not instant else datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
