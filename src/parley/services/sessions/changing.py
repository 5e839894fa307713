"""Sessions of every kind are made, changed and deleted here, with their people, their series and the mails.

Sources: facts/meeting-event.md 1 (CreateMeeting, SetMeeting, DelMeeting) and 5, facts/general-session.md 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from parley.contract.service import ICalendarURLType
from parley.domain.dates import from_stored
from parley.domain.listing import Listing
from parley.domain.session import Attendee, HostedSession, Session
from parley.protocol import faults
from parley.services import mails, people
from parley.services.context import Context
from parley.services.links import CancelledSession
from parley.services.scheduling import host_of_request, limits_of, may_edit
from parley.services.sessions import series
from parley.services.sessions.kinds import Draft, Kind, kind_of
from parley.services.sessions.planning import new_session, planned
from parley.store import Changes, sessions

R = TypeVar("R")


def named_session(context: Context, kind: Kind[Any]) -> HostedSession:
    """The session that the request names.

    Raises:
        Fault: 060001 when there is none, or it is one of another kind.
    """
    session = context.session
    if session is None or kind_of(session, context.site.types) is not kind:
        raise faults.MEETING_NOT_FOUND()
    return session


async def create(context: Context, kind: Kind[R], request: R) -> Session:
    """Schedule a session, or an occurrence of a series that differs from the others; returns it as stored.

    Raises:
        Fault: a rule that the request breaks.
    """
    settings = context.site.settings
    stored = kind.stored(request, None, settings)
    draft = kind.draft(request, stored, settings, Listing.PUBLIC)
    host = await host_of_request(context, draft.host)
    replaced = await series.series_of(context, kind, draft) if draft.is_exception else None
    session = planned(context, kind, host, draft, stored, new_session(context, kind, host), None)
    invited = await _invited(context, session, draft)
    changes = Changes()
    if replaced is not None:
        session = series.replace_occurrence(context, changes, kind, replaced, session)
    session = sessions.create_session(changes, session, invited)
    mails.scheduled(context, changes, session, host, _mailed(draft, invited))
    await context.engine.commit(changes)
    return session


async def change(context: Context, kind: Kind[R], request: R) -> Session:
    """Change the session that the request names; what the request does not say stays. Returns it as stored.

    Raises:
        Fault: 060001, 000001, or a rule that the request breaks.
    """
    before = named_session(context, kind)
    if not await may_edit(context, before):
        raise faults.ACCESS_DENIED()
    settings = context.site.settings
    stored = kind.stored(request, kind.read(before.document), settings)
    draft = kind.draft(request, stored, settings, Listing(before.listing))
    if draft.is_exception and before.recurring:
        raise faults.INVALID_REPEAT(
            element="isException", problem="a series is no exception; schedule the other occurrence with a create call"
        )
    host = await host_of_request(context, draft.host, before)
    after = planned(context, kind, host, draft, stored, before.plain(), before)
    if before.series_key is not None and after.recurring:
        raise series.exception_recurs()
    changes = Changes()
    if draft.replaced_roles:
        listed = await _replaced_people(context, before, draft)
        after = sessions.update_session(changes, before.plain(), after, replace=listed)
    else:
        after = sessions.update_session(changes, before.plain(), after)
    mails.rescheduled(context, changes, before, after, host)
    await context.engine.commit(changes)
    return after


async def delete(context: Context, session: HostedSession, *, send_email: bool = True) -> ICalendarURLType:
    """Delete a session; of a series with all its exceptions, of an exception only this occurrence.

    Returns the links with which host and attendees take it off their calendars.

    Raises:
        Fault: 000001, or 060002 while it is in progress.
    """
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    changes = Changes()
    exceptions = []
    if session.recurring:
        exceptions = await sessions.exceptions(
            context.engine, session.site_id, session.session_key, series.ALL_EXCEPTIONS
        )
    for each in (session, *exceptions):
        if each.status == "INPROGRESS":
            raise faults.MEETING_IN_PROGRESS()
        sessions.delete_session(changes, each.plain())
    await series.touch_series(context, changes, session)
    if send_email:
        mails.cancelled(context, changes, session)
    await context.engine.commit(changes)
    return cancel_links(context, session)


def calendar_links(context: Context, session: Session) -> ICalendarURLType:
    """The links with which host and attendees put a session on their calendars."""
    links, site = context.application.links, context.site.site.name
    return ICalendarURLType(
        host=links.invitation(site, session.host_link), attendee=links.invitation(site, session.attendee_link)
    )


def cancel_links(context: Context, session: HostedSession) -> ICalendarURLType:
    """The links with which host and attendees take a session off their calendars."""
    start = from_stored(session.start_local)
    end = start + timedelta(minutes=session.duration)
    form = "%Y-%m-%d-%H-%M-%S"
    cancelled = CancelledSession(
        session.event_id,
        session.host_id,
        session.name,
        start.strftime(form),
        end.strftime(form),
        session.time_zone_id,
    )
    for_host, for_attendees = context.application.links.cancelled(context.site.site.name, cancelled)
    return ICalendarURLType(host=for_host, attendee=for_attendees)


# ---- people ----------------------------------------------------------------------------------------------


async def _invited(context: Context, session: Session, draft: Draft) -> list[Attendee]:
    limit = min(context.site.settings.max_attendees, _type_limit(context, session))
    if len(draft.people) > limit:
        raise faults.ATTENDEE_LIMIT(limit=limit)
    return await people.invited(context, session.session_key, draft.people) if draft.people else []


def _type_limit(context: Context, session: Session) -> int:
    session_type = context.site.types.get(session.session_type)
    return limits_of(session_type).max_meeting_user if session_type else context.site.settings.max_attendees


async def _replaced_people(context: Context, before: HostedSession, draft: Draft) -> list[Attendee]:
    """The list after a change: the people sent take the place of the invited ones, registrations stay.

    Whoever was on the list already keeps the number that mails and links name. People of roles that the request does
    not speak of stay as well.
    """
    invited = await _invited(context, before, draft)
    present = {each.email_key: each for each in await sessions.all_attendees(context.engine, before)}
    rows = {
        key: each
        for key, each in present.items()
        if each.join_status != "INVITE" or each.role not in draft.replaced_roles
    }
    for each in invited:
        old = present.get(each.email_key)
        if old is None:
            rows[each.email_key] = each
        else:
            status = each.join_status if old.join_status == "INVITE" else old.join_status
            rows[each.email_key] = msgspec.structs.replace(
                each, attendee_id=old.attendee_id, join_status=status, register_id=old.register_id
            )
    return list(rows.values())


def _mailed(draft: Draft, invited: Sequence[Attendee]) -> Sequence[Attendee]:
    """Who of the invited gets an invitation by mail: all, or those whose own element says so."""
    if draft.mail_invited:
        return invited
    wanted = {
        (each.person.email or each.person.web_ex_id or "").strip().casefold()
        for each in draft.people
        if each.email_invitations and each.person
    }
    return [each for each in invited if each.email_key in wanted]
