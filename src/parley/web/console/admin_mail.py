"""The mails of a site for its administrators: what waits, was sent, was given up, and each of them without secrets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from parley.mail.post import mail_folder
from parley.mail.transports import MailAddressError, NotSent, SmtpServer
from parley.mail.trials import Busy, send_test
from parley.mail.viewing import Gone, parts_of, viewed
from parley.services.mail_desk import call_off, is_number, send_again
from parley.store import Conflict, outbox
from parley.store.outbox import Message
from parley.web.console.admin_fields import author_of
from parley.web.console.history import moment
from parley.web.console.mail_words import STATES, error_words, kinds, name_of_kind
from parley.web.console.shell import ConsoleCall, administers
from parley.web.render import PRIVATE, SAFETY
from parley.web.words import said

PLACE: Final = "admin/mail"
_ROWS: Final = 50
#: Of a text the page shows so many characters; all of it is in the file.
_SHOWN: Final = 15_000
_LONGEST_TERM: Final = 100
_BEFORE: Final = re.compile(r"(\d{1,18})-(\d{1,19})")
_HEAD: Final = re.compile(r"<head[^>]{0,200}>", re.IGNORECASE)
#: A page that shows a mail in a frame, which is a page of its own.
FRAMING: Final = {"Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; frame-src 'self'"}
#: The HTML of a mail: whatever is in it, it runs nothing, loads nothing, sends nothing and leads nowhere.
FRAMED: Final = {
    **SAFETY,
    **PRIVATE,
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-DNS-Prefetch-Control": "off",
}


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


@dataclass(frozen=True, slots=True)
class Row:
    """A mail as pages show it.

    Attributes:
        kind: how mails of its kind are called.
        about: the name of what it is about; empty: nothing that has one.
        state: one of `STATES`.
        done: when it was sent or given up; empty while it is neither.
        next: when it is tried next; empty when it is not.
        error: why it was not taken, in words; None: it was, or nobody knows.
        note: what the mail server said last, or where the mail is kept.
    """

    number: int
    to: str
    kind: str
    about: str
    state: str
    written: str
    done: str
    next: str
    tries: int
    error: str | None
    note: str


def _row(console: ConsoleCall, message: Message) -> Row:
    state = message.state
    if state == "waiting" and message.taken_until > console.now:
        state = "sending"
    return Row(
        number=message.outbox_id,
        to=message.recipient or "",
        kind=name_of_kind(message.kind) or message.kind,
        about=_about(message),
        state=state,
        written=_when(console, message.created_at),
        done=_when(console, message.sent_at or message.failed_at),
        next=_when(console, message.due_at) if state == "waiting" else "",
        tries=message.attempts,
        error=error_words(message.note) if state != "sent" else None,
        note=message.note or "",
    )


def _about(message: Message) -> str:
    """The name of the session, recording, lab or test that a mail is about."""
    try:
        document = json.loads(message.document)
    except ValueError:
        return ""
    name = document.get("name") if isinstance(document, dict) else None
    return name if isinstance(name, str) else ""


def _when(console: ConsoleCall, at: int | None) -> str:
    return moment(console, at) if at else ""


# ---- the list ------------------------------------------------------------------------------------------------


async def outbox_page(console: ConsoleCall) -> Response:
    """The list, filtered; the newest first."""
    return await _listed(console)


async def _listed(console: ConsoleCall, status: int = 200, *, told: dict[str, str | None] | None = None) -> Response:
    """The list.

    Args:
        told: what became of a test mail: `sent`, `wrong` and `note`.
    """
    engine, site_id, now = console.application.engine, console.site.site_id, console.now
    wanted = {name: console.text(name.upper())[:_LONGEST_TERM] for name in ("state", "kind", "to")}
    if wanted["state"] not in STATES:
        wanted["state"] = ""
    before = _BEFORE.fullmatch(console.text("BEFORE"))
    beyond = (int(before[1]), int(before[2])) if before is not None and is_number(int(before[2])) else None
    found = await outbox.mails(
        engine,
        site_id,
        now,
        state=wanted["state"],
        kind=wanted["kind"],
        recipient=wanted["to"],
        before=beyond or (1 << 62, 0),
        maximum=_ROWS + 1,
    )
    older = f"{found[_ROWS - 1].created_at}-{found[_ROWS - 1].outbox_id}" if len(found) > _ROWS else None
    return console.show(
        "admin_mail.html",
        status,
        place=PLACE,
        script=True,
        rows=[_row(console, each) for each in found[:_ROWS]],
        counts=await outbox.counted(engine, site_id, now),
        states=STATES,
        kinds=kinds(),
        wanted=wanted,
        here=_query(wanted, before[0] if beyond and before else None),
        newest=_query(wanted, None) if beyond else None,
        older=_query(wanted, older) if older else None,
        may_change=administers(console.user),
        leaving=_leaving(console),
        told=told,
    )


def _query(wanted: dict[str, str], before: str | None) -> str:
    """The address of a part of the list, below the console."""
    values = {name: value for name, value in (*wanted.items(), ("before", before)) if value}
    return f"{PLACE}?{urlencode(values)}" if values else PLACE


def _leaving(console: ConsoleCall) -> dict[str, str | None]:
    """What becomes of mails by the settings of the server: `server`, or `folder` where none is set; `off`: not here."""
    config = console.application.config
    if config.smtp is None:
        server = None
    else:
        try:
            server = SmtpServer.parse(config.smtp).host
        except MailAddressError:
            server = ""
    folder = f"{mail_folder(config).name}/{console.site.name}"
    return {"server": server, "folder": folder, "off": None if config.mail_delivery else "off"}


async def test_page(console: ConsoleCall) -> Response:
    """Send a test mail to whoever asks for it, and say what came of it."""
    user = console.user
    subject = said(_("Test mail of %(site)s"), site=console.site.name)
    text = said(
        _("Mails of %(site)s reach you. You asked for this one in the console; nobody else got it."),
        site=console.site.name,
    )
    name = f"{user.first_name} {user.last_name}"
    try:
        note = await send_test(
            console.application, console.site, (name, user.email), subject, text, console.language.tag
        )
    except NotSent as error:
        wrong = error_words(error.note) or _("The mail was not taken.")
        return await _listed(console, 502, told={"sent": None, "wrong": wrong, "note": error.note})
    except MailAddressError as error:
        wrong = _("The address of the mail server in the settings of the server cannot be used.")
        return await _listed(console, 502, told={"sent": None, "wrong": wrong, "note": str(error)})
    except Busy:
        wrong = _("Other test mails are on their way. Try again in a moment.")
        return await _listed(console, 503, told={"sent": None, "wrong": wrong, "note": None})
    return await _listed(console, told={"sent": user.email, "wrong": None, "note": note})


# ---- one mail ------------------------------------------------------------------------------------------------


async def _message(console: ConsoleCall) -> Message:
    """The mail that the address names.

    Raises:
        HTTPException: 404, the site has none of this number.
    """
    text = console.call.request.path_params["number"]
    if re.fullmatch(r"[0-9]{1,19}", text) and is_number(int(text)):
        found = await outbox.one(console.application.engine, console.site.site_id, int(text))
        if found is not None and found.recipient is not None:
            return found
    raise HTTPException(404)


async def mail_page(console: ConsoleCall) -> Response:
    """One mail (GET); send it again or call it off (POST)."""
    message = await _message(console)
    if not console.posted:
        return await _shown(console, message)
    engine, site_id, number = console.application.engine, console.site.site_id, message.outbox_id
    by, now, below = author_of(console), console.now, f"{PLACE}/{message.outbox_id}"
    if console.text("DO") == "again":
        if await send_again(engine, site_id, [number], by, now, idle=True):
            return await _shown(
                console, await _message(console), 409, wrong=_("It was sent already, or is being sent.")
            )
        return console.go(below, "mail-again")
    if console.text("DO") == "cancel":
        try:
            await call_off(engine, site_id, number, by, now, f"called off by {by.name}")
        except Conflict:
            wrong = _("It does not wait any more, or is being sent at this moment.")
            return await _shown(console, await _message(console), 409, wrong=wrong)
        return console.go(below, "mail-called-off")
    raise HTTPException(400)


async def _shown(console: ConsoleCall, message: Message, status: int = 200, *, wrong: str | None = None) -> Response:
    mail, why = await _made(console, message)
    parts = parts_of(mail) if mail is not None else None
    response = console.show(
        "admin_mail_one.html",
        status,
        place=PLACE,
        row=_row(console, message),
        states=STATES,
        subject=str(mail["Subject"]) if mail is not None else None,
        lines=[(name, str(value)) for name, value in mail.items()] if mail is not None else [],
        parts=parts,
        shown=_shortened,
        why=why,
        wrong=wrong,
        may_change=administers(console.user),
        kind=message.kind,
    )
    response.headers.update(FRAMING)
    return response


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n…"


async def _made(console: ConsoleCall, message: Message) -> tuple[EmailMessage | None, str | None]:
    """A mail without secrets, or why there is none."""
    try:
        return await viewed(console.application, message), None
    except Gone:
        return None, _("What it was about is gone, so it cannot be made any more.")
    except NotSent as error:
        return None, error_words(error.note) or _("The mail cannot be made of what is known.")


async def _file(console: ConsoleCall) -> tuple[Message, EmailMessage]:
    """The mail that the address names, made.

    Raises:
        HTTPException: 404, there is none, or it cannot be made.
    """
    message = await _message(console)
    mail = (await _made(console, message))[0]
    if mail is None:
        raise HTTPException(404)
    return message, mail


async def html_page(console: ConsoleCall) -> Response:
    """The HTML of a mail, as a page for the frame."""
    mail = (await _file(console))[1]
    page = parts_of(mail).html
    if page is None:
        raise HTTPException(404)
    return framed(page)


def framed(page: str) -> Response:
    """The HTML of a mail as a page for a frame; its links lead nowhere."""
    # Links that want a window of their own get none in the sandbox.
    return HTMLResponse(_HEAD.sub(lambda found: f'{found[0]}<base target="_blank">', page, count=1), headers=FRAMED)


async def eml_page(console: ConsoleCall) -> Response:
    """The whole mail as a file."""
    message, mail = await _file(console)
    return _download(mail.as_bytes(), "message/rfc822", f"mail-{message.outbox_id}.eml")


async def ics_page(console: ConsoleCall) -> Response:
    """The calendar file of a mail."""
    mail = (await _file(console))[1]
    calendar = parts_of(mail).calendar
    if calendar is None:
        raise HTTPException(404)
    return _download(calendar.replace("\r\n", "\n").replace("\n", "\r\n").encode(), "text/calendar", "invite.ics")


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {**SAFETY, **PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
