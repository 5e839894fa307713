"""Sessions of every kind are made, changed and deleted here, with their people, their series and the mails.

Sources: facts/meeting-event.md 1 (CreateMeeting, SetMeeting, DelMeeting) and 5, facts/general-session.md 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from parley.contract.service import ICalendarURLType
from parley.domain import recurrence
from parley.domain.dates import from_stored, to_stored
from parley.domain.listing import Listing
from parley.domain.session import Attendee, HostedSession, Session
from parley.protocol import faults
from parley.services import follow_ups, mails, notices, reminders, removals
from parley.services.context import Context
from parley.services.labs.reserving import reserve_for_session
from parley.services.links import CancelledSession
from parley.services.sessions import people, registering, series
from parley.services.sessions.kinds import Draft, Kind, kind_of
from parley.services.sessions.newcomers import is_in, let_in
from parley.services.sessions.planning import new_session, planned
from parley.services.sessions.scheduling import host_of_request, may_edit
from parley.services.sessions.stored import stored_session
from parley.store import Changes, sessions

R = TypeVar("R")
#: Roles from the greatest part in a session to the smallest.
_PARTS: Final = ("HOST", "PRESENTER", "ATTENDEE", "LIMITED")


def named_session(context: Context, kind: Kind[Any]) -> HostedSession:
    """The session that the request names.

    Raises:
        Fault: 060001 when there is none, or it is one of another kind.
    """
    session = context.session
    if session is None or kind_of(session, context.site.types) is not kind:
        raise faults.MEETING_NOT_FOUND()
    return session


async def create(context: Context, kind: Kind[R], request: R, *, save: bool = True) -> Session:
    """Schedule a session, or an occurrence of a series that differs from the others; returns it as stored.

    Args:
        save: False only looks whether it could be scheduled.

    Raises:
        Fault: a rule that the request breaks.
    """
    settings = context.site.settings
    stored = kind.stored(request, None, settings)
    draft = kind.draft(request, stored, settings, Listing.PUBLIC)
    host = await host_of_request(context, draft.host)
    replaced = await series.series_of(context, kind, draft) if draft.is_exception else None
    session = planned(context, kind, host, draft, stored, new_session(context, kind, host))
    invited = await _invited(context, session, draft)
    changes = Changes()
    if replaced is not None:
        session = series.replace_occurrence(context, changes, kind, replaced, session)
    mailed = [people.marked_as_mailed(each) for each in _mailed(draft, invited)]
    if replaced is not None and not invited:
        # Nobody was named, so whoever comes to the series comes to this occurrence of it.
        invited = await series.people_of_occurrence(context, replaced, session)
        mailed = mails.told(invited)
    marked = {each.attendee_id: each for each in mailed}
    session = sessions.create_session(changes, session, [marked.get(each.attendee_id, each) for each in invited])
    mails.scheduled(context, changes, session, host, mailed)
    reminders.put_next(changes, session, kind.reminders(session, stored), context.now, context.now)
    follow_ups.put(changes, session, kind.follow_ups(session, stored), context.now)
    notices.put_next(changes, session, kind.notices(stored), context.now, context.now)
    removals.put(changes, session, kind.goes_after_end(stored), context.now)
    if draft.lab is not None:
        await reserve_for_session(context, changes, session, host, draft.lab)
    if save:
        await context.engine.commit(changes)
    return session


async def change(context: Context, kind: Kind[R], request: R, *, save: bool = True) -> Session:
    """Change the session that the request names; what the request does not say stays. Returns it as stored.

    Args:
        save: False only looks whether it could be changed so.

    Raises:
        Fault: 060001, 000001, or a rule that the request breaks.
    """
    before = named_session(context, kind)
    if not await may_edit(context, before):
        raise faults.ACCESS_DENIED()
    settings, kept = context.site.settings, kind.read(before.document)
    stored = kind.stored(request, kept, settings)
    draft = kind.draft(request, stored, settings, Listing(before.listing))
    if draft.is_exception and before.recurring:
        raise faults.INVALID_REPEAT(
            element="isException", problem="a series is no exception; schedule the other occurrence with a create call"
        )
    host = await host_of_request(context, draft.host, before)
    present = before.plain()
    after = planned(context, kind, host, draft, stored, present, before, kept)
    if before.series_key is not None and after.recurring:
        raise series.exception_recurs()
    changes = Changes()
    if draft.replaced_roles:
        listed, new = await _replaced_people(context, before, draft)
        after = sessions.update_session(changes, present, after, replace=listed)
        await let_in(context, changes, before, [each for each in new if is_in(each)])
    else:
        changed = mails.moved(before, after) or before.host_id != after.host_id
        concerned = draft.occurrences or draft.listed_occurrences or changed
        listed = await sessions.all_attendees(context.engine, before) if concerned else []
        after = sessions.update_session(changes, present, after)
    mails.rescheduled(context, changes, before, after, host, listed)
    if not mails.moved(before, after):
        _tell_of_occurrences(context, changes, before, after, listed)
    reminders.put_anew(changes, after, kind.reminders(before, kept), kind.reminders(after, stored), context.now)
    follow_ups.put_anew(changes, after, kind.follow_ups(before, kept), kind.follow_ups(after, stored), context.now)
    notices.put_anew(changes, after, kind.notices(kept), kind.notices(stored), context.now)
    removals.put_anew(changes, after, kind.goes_after_end(kept), kind.goes_after_end(stored), context.now)
    if kind.has_labs:
        await reserve_for_session(context, changes, after, host, draft.lab)
    if not save:
        return after
    await context.engine.commit(changes)
    if after.registration and after.attendee_count > after.seats_taken:  # somebody may wait for a seat
        await registering.fill_seats(context, after.session_key)
    return after


def _tell_of_occurrences(
    context: Context, changes: Changes, before: HostedSession, after: Session, listed: Sequence[Attendee]
) -> None:
    """Tell of single occurrences of a series that take place at another time from now on, or not at all."""
    if not (before.recurring and after.recurring):
        return
    was, now = stored_session(before).rule, stored_session(after).rule
    if was.changes == now.changes or recurrence.unchanged(was) != recurrence.unchanged(now):
        return
    later = _starts(after)
    for number, old in sorted(_starts(before).items()):
        new = later.get(number)
        if old == new:
            continue
        coming = [each for each in listed if each.session_num in (0, number)]
        if new is None:
            mails.occurrence_cancelled(context, changes, before, after, to_stored(old), coming)
        else:
            mails.occurrence_moved(context, changes, before, after, old, new, coming)


def _starts(session: Session) -> dict[int, datetime]:
    """The wall-clock starts of a session's occurrences, by number."""
    stored = stored_session(session)
    return recurrence.starts_of(stored.rule, from_stored(session.start_local), skip=stored.skipped)


async def delete(context: Context, session: HostedSession, *, send_email: bool = True) -> ICalendarURLType:
    """Delete a session; of a series with all its exceptions, of an exception only this occurrence.

    Returns the links with which host and attendees take it off their calendars.

    Raises:
        Fault: 000001, or while it is in progress 060002 or what its kind has for that.
    """
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    changes = Changes()
    exceptions = []
    if session.series_key is None:  # a single session may have been a series, and left its exceptions
        exceptions = await sessions.exceptions(
            context.engine, session.site_id, session.session_key, series.ALL_EXCEPTIONS
        )
    for each in (session, *exceptions):
        if each.status == "INPROGRESS":
            raise kind_of(each, context.site.types).started()
        sessions.delete_session(changes, each.plain())
    of_series = await series.touch_series(context, changes, session)
    if send_email:
        listed = await sessions.all_attendees(context.engine, session)
        mails.cancelled(context, changes, session, listed)
        await _tell_of_exceptions(context, changes, session, exceptions, listed)
    await context.engine.commit(changes)
    return cancel_links(context, session, of_series)


async def _tell_of_exceptions(
    context: Context,
    changes: Changes,
    of_series: HostedSession,
    exceptions: Sequence[HostedSession],
    listed: Sequence[Attendee],
) -> None:
    """Tell those who only come to exceptions of a deleted series; whoever is on its list is told of the series."""
    known = {each.email_key for each in mails.told(listed)}
    for exception in exceptions:
        if exception.attendee_count:
            people = await sessions.all_attendees(context.engine, exception)
            others = [each for each in people if each.email_key not in known]
            mails.cancelled(context, changes, exception, others, series=of_series)


def calendar_links(context: Context, session: Session) -> ICalendarURLType:
    """The links with which host and attendees put a session on their calendars."""
    links, site = context.application.links, context.site.site.name
    return ICalendarURLType(
        host=links.invitation(site, session.host_link), attendee=links.invitation(site, session.attendee_link)
    )


def cancel_links(context: Context, session: HostedSession, of_series: HostedSession | None = None) -> ICalendarURLType:
    """The links with which host and attendees take a session off their calendars.

    Args:
        of_series: the series of an exception; calendars know the exception as the occurrence that it replaced.
    """
    start, zone_id, event_id = from_stored(session.start_local), session.time_zone_id, session.event_id
    if of_series is not None and session.series_day is not None:
        usual = from_stored(of_series.start_local).time()
        start = datetime.combine(date.fromisoformat(session.series_day), usual)
        zone_id, event_id = of_series.time_zone_id, of_series.event_id
    end = start + timedelta(minutes=session.duration)
    form = "%Y-%m-%d-%H-%M-%S"
    cancelled = CancelledSession(
        event_id,
        session.host_id,
        session.name,
        start.strftime(form),
        end.strftime(form),
        zone_id,
        occurrence=of_series is not None,
    )
    for_host, for_attendees = context.application.links.cancelled(context.site.site.name, cancelled)
    return ICalendarURLType(host=for_host, attendee=for_attendees)


# ---- people ----------------------------------------------------------------------------------------------


async def _invited(context: Context, session: Session, draft: Draft) -> list[Attendee]:
    limit = registering.invitee_limit(context, session)
    if len(draft.people) > limit:
        raise faults.ATTENDEE_LIMIT(limit=limit)
    return await people.invited(context, session.session_key, draft.people) if draft.people else []


async def _replaced_people(
    context: Context, before: HostedSession, draft: Draft
) -> tuple[list[Attendee], list[Attendee]]:
    """The list after a change, and who is new on it: the people sent replace the invited ones, registrations stay.

    Whoever was on the list already keeps the number that mails and links name. People of roles that the request does
    not speak of stay as well, and do not come to a smaller part: a panelist among the attendees sent stays one.
    """
    invited = await _invited(context, before, draft)
    present = {
        (each.email_key, each.session_num): each for each in await sessions.all_attendees(context.engine, before)
    }
    rows = {
        key: each
        for key, each in present.items()
        if each.join_status != "INVITE" or each.role not in draft.replaced_roles or each.session_num
    }
    for each in invited:
        key = (each.email_key, 0)
        old = present.get(key)
        if old is None:
            rows[key] = each
        elif old.role in draft.replaced_roles or _PARTS.index(each.role) <= _PARTS.index(old.role):
            status = each.join_status if old.join_status == "INVITE" else old.join_status
            # What else is known of the person, such as a registration, stays.
            rows[key] = msgspec.structs.replace(
                old,
                user_id=each.user_id,
                name=each.name,
                role=each.role,
                join_status=status,
                document=each.document,
            )
    limit = registering.invitee_limit(context, before)
    if sum(each.join_status == "INVITE" for each in rows.values()) > limit:
        raise faults.ATTENDEE_LIMIT(limit=limit)
    return list(rows.values()), [each for key, each in rows.items() if key not in present]


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
