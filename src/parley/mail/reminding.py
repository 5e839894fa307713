"""Reminders at the time they are due: whom to write to, and whether what they say is still so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parley.mail.delivery import Compose, Composed, Instead
from parley.mail.transports import SITE_HEADER
from parley.services import follow_ups, reminders
from parley.services.mails import Notice
from parley.services.sessions.kinds import kind_of
from parley.store import sessions
from parley.store.outbox import Message

if TYPE_CHECKING:
    from parley.services.application import Application

_read = msgspec.json.Decoder(Notice).decode


def reminding(application: Application, compose: Compose) -> Compose:
    """A compose function that knows reminders: everything else, and the text of reminders, it leaves to `compose`.

    A row that waits for a session's next reminder becomes one row for each person, and one that waits for the
    reminder after that. A reminder of an occurrence that is cancelled, moved or begun is dropped. Mails name their
    site in a header, by which those that are kept as files are sorted.
    """

    async def composed(message: Message) -> Composed | Instead | None:
        if message.kind == reminders.WAITING:
            return await _expanded(application, message)
        if message.kind == follow_ups.WAITING:
            return await _followed_up(application, message)
        if message.kind == "session.reminder" and not await _still_right(application, message):
            return None
        made = await compose(message)
        if isinstance(made, Composed) and made.mail[SITE_HEADER] is None:
            known = await application.sites.by_id(message.site_id)
            made.mail[SITE_HEADER] = known.site.name if known else str(message.site_id)
        return made

    return composed


async def _expanded(application: Application, message: Message) -> Instead | None:
    engine, now = application.engine, application.clock.now()
    session = await sessions.by_key(engine, message.site_id, message.session_key or 0)
    known = await application.sites.reload(message.site_id)
    if session is None or known is None:
        return None
    kind = kind_of(session, known.types)
    wishes = kind.reminders(session, kind.read(session.document))
    people = await sessions.all_attendees(engine, session) if wishes else []
    rows = reminders.rows_due(message, session, wishes, people, now)
    if not known.settings.email_reminders:
        rows = tuple(each for each in rows if each.kind == reminders.WAITING)
    return Instead(rows)


async def _followed_up(application: Application, message: Message) -> Instead | None:
    session = await sessions.by_key(application.engine, message.site_id, message.session_key or 0)
    if session is None:
        return None
    now = application.clock.now()
    return Instead(await follow_ups.rows_due(application.engine, message, session, now))


async def _still_right(application: Application, message: Message) -> bool:
    notice = _read(message.document)
    session = await sessions.by_key(application.engine, message.site_id, message.session_key or 0)
    if not reminders.still_right(notice, session, application.clock.now()):
        return False
    if notice.attendee_id is None:
        return True
    person = await sessions.attendee(application.engine, message.site_id, notice.attendee_id)
    return person is not None and person.join_status != "REJECT"
