"""Makes the mail of a row of the outbox: reads what it is about, chooses template and calendar file, fills them.

`KINDS` is the one list of all kinds of messages and of what each is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from parley.domain.session import Attendee, HostedSession
from parley.domain.site import Site
from parley.domain.user import User
from parley.mail.calendars import calendar_file
from parley.mail.delivery import Compose, Composed
from parley.mail.entries import Related, related_of
from parley.mail.languages import language
from parley.mail.messages import own
from parley.mail.messages.accounts import ACCOUNT_MAILS, account_values, is_plain, name_of
from parley.mail.messages.others import (
    LAB_MAILS,
    RECORDING_MAILS,
    TEST_MAILS,
    lab_values,
    recording_values,
    values_of_test,
)
from parley.mail.messages.readers import Reader, reader_of
from parley.mail.messages.sessions import (
    SESSION_MAILS,
    Part,
    SessionFacts,
    calendar_entry,
    host_name,
    mail_of,
    part_of,
    session_values,
)
from parley.mail.mime import AddressError, Letter, made
from parley.mail.rendering import Rendered, render, site_folder
from parley.mail.senders import Sender, sender_of
from parley.mail.transports import NotSent
from parley.services.account_notices import AccountNotice
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.lab_mails import LAB_ENDING, LabNotice
from parley.services.links import Links
from parley.services.mails import Deleted, Notice, TestOccasion
from parley.services.recording_mails import RecordingNotice
from parley.services.session_traits import traits_of
from parley.services.sessions.kinds import Kind, kind_of
from parley.store import Engine, labs, sessions, sites, users
from parley.store.outbox import Message


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A mail whose facts are known and whose words are not made yet.

    Attributes:
        values: what the template names.
        session: of mails about sessions, what calendar file and the host's own words are made of.
        plain: it goes out as plain text only.
        answers: name and address of whoever gets the answers; None: nobody but the sender.
    """

    kind: str
    template: str
    values: dict[str, Any]
    reader: Reader
    session: SessionFacts | None = None
    plain: bool = False
    answers: tuple[str, str] | None = None


class Desk(NamedTuple):
    """What mails of a site are made with."""

    engine: Engine
    links: Links
    site: KnownSite


#: Reads what a message is about; None: its occasion is gone.
_Drafter = Callable[[Desk, Message], Awaitable[Draft | None]]


def composer(application: Application) -> Compose:
    """The function that makes the mails of all sites of a server.

    It raises NotSent for a message whose mail cannot be made: of an unknown kind, or without a usable address.
    """

    async def compose(message: Message) -> Composed | None:
        known = await drafted(application, message)
        return None if known is None else await finished(application, *known, message)

    return compose


async def drafted(application: Application, message: Message) -> tuple[Desk, Draft] | None:
    """What a message becomes, before its words are made; None when its occasion is gone.

    Raises:
        NotSent: it is of an unknown kind, or its site is not served.
    """
    drafter = KINDS.get(message.kind)
    if drafter is None:
        raise NotSent(f"no mail is known for {message.kind[:60]}", permanent=True)
    desk = Desk(application.engine, application.links, await _site(application, message.site_id))
    draft = await drafter(desk, message)
    return None if draft is None else (desk, draft)


async def finished(
    application: Application, desk: Desk, draft: Draft, message: Message, now: int | None = None
) -> Composed:
    """The mail of a draft, as a site's sender sends it and with the site's own templates.

    Args:
        now: what its date says, UTC epoch seconds; None: this moment.

    Raises:
        NotSent: there is no usable address.
    """
    site = desk.site.site
    sender = sender_of(application.config, site)
    folder = site_folder(Path(application.config.data), site.name)
    at = application.clock.now() if now is None else now
    making = partial(compose_draft, desk.links, site, draft, message, sender, folder, at)
    try:
        # Handing it to a thread costs more than it takes, unless a site's own templates or a long series take long.
        composed = await asyncio.to_thread(making) if _may_take_long(draft, folder) else making()
    except AddressError as error:
        raise NotSent(str(error), permanent=True) from None
    _made_before.add(draft.template)
    return composed


#: Built-in templates that this process filled already; reading one for the first time takes as long as many mails.
_made_before: Final[set[str]] = set()


def _may_take_long(draft: Draft, folder: Path | None) -> bool:
    """Whether making a mail may take longer than other work should wait for it."""
    if draft.template not in _made_before or (folder is not None and folder.is_dir()):
        return True
    facts = draft.session
    return facts is not None and (facts.session.recurring or own.templates_of(facts) is not None)


async def _site(application: Application, site_id: int) -> KnownSite:
    """The site as it is now: no request has looked whether this process knows its latest settings.

    Raises:
        NotSent: it is not served.
    """
    known = await application.sites.by_id(site_id)
    row = await sites.by_id(application.engine, site_id)
    if known is not None and row is not None and known.site.version != row.version:
        known = await application.sites.reload(site_id)
    if known is None or row is None:
        raise NotSent("the site is not served here", permanent=False)
    return known


# ---- the mail --------------------------------------------------------------------------------------------


def compose_draft(
    links: Links, site: Site, draft: Draft, message: Message, sender: Sender, folder: Path | None, now: int
) -> Composed:
    """The mail of a draft.

    Args:
        folder: the site's own templates.
        now: UTC epoch seconds.

    Raises:
        AddressError: there is no usable address.
    """
    reader = draft.reader
    words, known = _own_words(draft, message.created_at)
    template, values, subject = _to_fill(draft, words, known)
    rendered = render(template, reader.language, values, folder)
    rendered = rendered._replace(subject=subject or rendered.subject)
    reply_to = draft.answers
    name = f"{reply_to[0]} - {sender.name}" if reply_to is not None and reply_to[0] else sender.name
    if words is not None:
        name, reply_to = _own_sender(words, known, name, reply_to)
    mail = made(
        Letter(
            number=(message.site_id, message.outbox_id),
            host=links.host_name(site.name),
            sent_at=now,
            sender=(name, sender.address),
            recipient=(reader.name, reader.email),
            reply_to=reply_to,
            subject=rendered.subject,
            language=reader.language.tag,
            text=rendered.text,
            html=None if draft.plain else rendered.html,
            calendar=_calendar(draft, rendered),
        )
    )
    return Composed(mail, sender.address, reader.email)


def to_fill(draft: Draft, told_at: int) -> tuple[str, dict[str, Any]]:
    """The template of a draft, and what it names.

    Args:
        told_at: when the mail was asked for, UTC epoch seconds.
    """
    template, values, _ = _to_fill(draft, *_own_words(draft, told_at))
    return template, values


def _own_words(draft: Draft, told_at: int) -> tuple[own.OwnWords | None, dict[str, str]]:
    """What a host wrote for the mail, and what stands in it for what."""
    facts = draft.session
    words = own.own_words(draft.kind, facts, told_at) if facts is not None else None
    return words, own.placeholders(draft.values, facts) if facts is not None and words is not None else {}


def _to_fill(draft: Draft, words: own.OwnWords | None, known: dict[str, str]) -> tuple[str, dict[str, Any], str | None]:
    """Template, values, and the subject that a host wrote."""
    facts = draft.session
    if words is None or facts is None:
        return draft.template, draft.values, None
    subject = own.filled_line(words.subject, known) if words.subject else None
    text = own.filled_text(words, known)
    if text is None:
        return draft.template, draft.values, subject
    values = {
        **draft.values,
        "own_subject": subject,
        "own_text": text,
        "own_is_complete": own.is_complete(mail_of(draft.kind, facts), text, draft.values),
    }
    return "event_own", values, None


_Named = tuple[str, str]


def _own_sender(
    words: own.OwnWords, known: dict[str, str], name: str, reply_to: _Named | None
) -> tuple[str, _Named | None]:
    """Name in From and Reply-To as an event's host wants them; the address in From stays the site's."""
    written = own.filled_line(words.sender, known) if words.sender else ""
    shown, address = own.name_and_address(written)
    answers = own.filled_line(words.reply_to, known) if words.reply_to else address
    _, wanted = own.name_and_address(answers or "")
    return shown or name, (shown or (reply_to[0] if reply_to else ""), wanted) if wanted else reply_to


def _calendar(draft: Draft, rendered: Rendered) -> tuple[bytes, str] | None:
    facts = draft.session
    if facts is None:
        return None
    mail = mail_of(draft.kind, facts)
    entry = calendar_entry(mail, facts, draft.values, rendered.text)
    if entry is None or mail.calendar is None:
        return None
    return calendar_file(entry, mail.calendar), mail.calendar


# ---- what messages are about -----------------------------------------------------------------------------


_read_notice: Final = msgspec.json.Decoder(Notice).decode
_read_account: Final = msgspec.json.Decoder(AccountNotice).decode
_read_recording: Final = msgspec.json.Decoder(RecordingNotice).decode
_read_lab: Final = msgspec.json.Decoder(LabNotice).decode


async def _about_session(desk: Desk, message: Message) -> Draft | None:
    """A mail about a session, as the session is now; None: session or person are gone, and the mail is pointless."""
    notice, recipient = _read_notice(message.document), message.recipient or ""
    kind = SESSION_MAILS[message.kind]
    session = await sessions.by_key(desk.engine, message.site_id, message.session_key or 0)
    gone = session is None or (kind.outlives and notice.deleted is not None)
    if session is None or gone:
        if not kind.outlives:
            return None
        session = deleted_session(message, notice)
    person = await _person(desk, message, notice, session)
    if person is None and notice.attendee_id is not None and kind.listed:
        return None
    part = part_of(message.kind, notice, session, recipient, person)
    account = await users.by_email(desk.engine, message.site_id, recipient.casefold())
    to_host = part is Part.HOST
    reader = reader_of(
        desk.site.site,
        recipient,
        account,
        None if to_host else person,
        None if to_host else notice.person,
        None if to_host else notice.habits,
    )
    facts = SessionFacts(
        site=desk.site.site,
        links=desk.links,
        notice=notice,
        session=session,
        traits=traits_of(desk.site.types, session.session_type),
        person=person,
        reader=reader,
        part=part,
        related=await _related(desk, message, notice, session),
    )
    if not gone:
        facts = _with_view(facts, kind_of(session, desk.site.types))
    return session_draft(message.kind, facts)


def session_draft(kind: str, facts: SessionFacts) -> Draft:
    """The draft of a mail about a session."""
    mail = mail_of(kind, facts)
    to_host = facts.part is Part.HOST or not facts.session.host_email
    return Draft(
        kind=kind,
        template=mail.template,
        values=session_values(mail, facts),
        reader=facts.reader,
        session=facts,
        answers=None if to_host else (host_name(facts.session), facts.session.host_email),
    )


async def _related(desk: Desk, message: Message, notice: Notice, session: HostedSession) -> Related:
    series = notice.deleted.series if notice.deleted is not None else None
    if series is not None:  # it is gone together with the session
        return Related(series=deleted_session(message, series))
    return await related_of(desk.engine, session)


async def _person(desk: Desk, message: Message, notice: Notice, session: HostedSession) -> Attendee | None:
    if notice.attendee_id is None:
        return None
    found = await sessions.attendee(desk.engine, message.site_id, notice.attendee_id)
    return found if found is not None and found.session_key == session.session_key else None


def _with_view(facts: SessionFacts, kind: Kind[Any]) -> SessionFacts:
    """The facts with what the document of a session says that is still there."""
    session = facts.session
    wishes = kind.reminders(session, kind.read(session.document))
    facts = msgspec.structs.replace(facts, view=kind.view(session), wishes=wishes)
    templates = own.templates_of(facts)
    wanted = templates is None or templates.i_calendar is not False
    return msgspec.structs.replace(facts, calendar_wanted=wanted)


def deleted_session(message: Message, notice: Notice) -> HostedSession:
    """A session whose row is gone, as far as mails need it.

    Rows of former releases tell little: of these, the recipient is the host.
    """
    known = notice.deleted or Deleted("MeetingCenter", 0, 0, "", "", message.recipient or "", "{}")
    return HostedSession(
        site_id=message.site_id,
        session_key=message.session_key or 0,
        service=known.service,
        session_type=known.session_type,
        conf_id=0,
        uuid=notice.uuid,
        host_id=known.host_id,
        creator_id=known.host_id,
        name=notice.name,
        name_key=notice.name.casefold(),
        start_local=notice.start_local,
        time_zone_id=notice.time_zone_id,
        duration=notice.duration,
        next_start=0,
        next_end=0,
        recurring=False,
        ended=True,
        listing="UNLISTED",
        password=None,
        attendee_count=notice.attendee_count,
        status="NOT_INPROGRESS",
        host_joined=False,
        participants_joined=False,
        event_id=known.event_id,
        host_key="",
        guest_token="",
        host_link="",
        attendee_link="",
        series_key=known.series_key,
        series_day=known.series_day,
        document=known.document,
        sequence=notice.sequence,
        modified_at=message.created_at,
        host_web_ex_id="",
        host_first_name=known.host_first_name,
        host_last_name=known.host_last_name,
        host_email=known.host_email,
    )


async def _about_account(desk: Desk, message: Message) -> Draft | None:
    """A mail about an account; None: the account is gone."""
    notice = _read_account(message.document)
    account = await users.by_id(desk.engine, message.site_id, notice.user_id)
    if account is None:
        return None
    return account_draft(message.kind, desk.site.site, desk.links, notice, message.recipient or "")


def account_draft(kind: str, site: Site, links: Links, notice: AccountNotice, recipient: str) -> Draft:
    """The draft of a mail about an account."""
    return Draft(
        kind=kind,
        template=ACCOUNT_MAILS[kind],
        values=account_values(kind, site, links, notice),
        reader=Reader(name_of(notice), recipient, language(notice.language_id)),
        plain=is_plain(kind, notice),
    )


async def _about_recording(desk: Desk, message: Message) -> Draft | None:
    notice = _read_recording(message.document)
    owner = await users.by_id(desk.engine, message.site_id, notice.owner_id)
    reader = _plain_reader(desk, message, owner, None)
    values = recording_values(desk.site.site, desk.links, reader, notice)
    return Draft(kind=message.kind, template=RECORDING_MAILS[message.kind], values=values, reader=reader)


async def _about_lab(desk: Desk, message: Message) -> Draft | None:
    """A mail about a lab; None: it is about a reservation that is gone."""
    notice = _read_lab(message.document)
    number = notice.reservation_id
    if message.kind == LAB_ENDING and await labs.reservation(desk.engine, message.site_id, number) is None:
        return None
    account = await users.by_email(desk.engine, message.site_id, (message.recipient or "").casefold())
    reader = _plain_reader(desk, message, account, notice.person)
    values = lab_values(desk.site.site, desk.links, reader, notice)
    return Draft(kind=message.kind, template=LAB_MAILS[message.kind], values=values, reader=reader)


async def _about_test(desk: Desk, message: Message) -> Draft | None:
    """A mail about a test; None: its training session is gone, or whom it is about is no longer on the list."""
    notice = _read_notice(message.document)
    session = await sessions.by_key(desk.engine, message.site_id, message.session_key or 0)
    if session is None or notice.test is None:
        return None
    person = await _person(desk, message, notice, session)
    if person is None:
        return None
    to_host = message.kind == TestOccasion.SUBMITTED
    recipient = message.recipient or ""
    account = await users.by_email(desk.engine, message.site_id, recipient.casefold())
    reader = reader_of(desk.site.site, recipient, account, None if to_host else person)
    values = values_of_test(desk.site.site, desk.links, reader, session, notice.test, person.name)
    return Draft(
        kind=message.kind,
        template=TEST_MAILS[message.kind],
        values=values,
        reader=reader,
        answers=None if to_host else (host_name(session), session.host_email),
    )


def _plain_reader(desk: Desk, message: Message, account: User | None, name: str | None) -> Reader:
    return reader_of(desk.site.site, message.recipient or "", account, None, name)


#: All kinds of messages, and what reads the facts of each.
KINDS: Final[dict[str, _Drafter]] = {
    **dict.fromkeys(SESSION_MAILS, _about_session),
    **dict.fromkeys(ACCOUNT_MAILS, _about_account),
    **dict.fromkeys(RECORDING_MAILS, _about_recording),
    **dict.fromkeys(LAB_MAILS, _about_lab),
    **dict.fromkeys(TEST_MAILS, _about_test),
}

#: The template of each kind; an invitation has others for those with a part of their own.
TEMPLATES_OF_KINDS: Final[dict[str, str]] = {
    **{kind: mail.template for kind, mail in SESSION_MAILS.items()},
    **ACCOUNT_MAILS,
    **RECORDING_MAILS,
    **LAB_MAILS,
    **TEST_MAILS,
}
