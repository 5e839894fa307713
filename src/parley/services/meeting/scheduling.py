"""CreateMeeting, SetMeeting and DelMeeting.

Sources: facts/meeting-event.md 1 and 2, facts/holes.md (3) "Exceptions of a series".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from parley.contract.attendee import AttendeeType
from parley.contract.meeting import (
    CreateMeeting,
    CreateMeetingResponse,
    DelMeeting,
    DelMeetingResponse,
    MeetingType,
    MetaDataType,
    RepeatType,
    ScheduleType,
    SetMeeting,
    SetMeetingResponse,
)
from parley.contract.service import ICalendarURLType
from parley.domain import identifiers, listing, recurrence, timezones
from parley.domain.dates import from_stored, to_stored
from parley.domain.listing import Listing
from parley.domain.schedule import Asked, Schedule
from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services import mails, people
from parley.services.context import Context
from parley.services.links import CancelledSession
from parley.services.meeting.document import (
    SERVICE,
    StoredMeeting,
    completed,
    read_document,
    rule_of,
    tracking_columns,
    write_document,
)
from parley.services.registry import operation
from parley.services.scheduling import (
    checked_password,
    host_of_request,
    limits_of,
    may_edit,
    named_session,
    session_type_of,
    settled_schedule,
)
from parley.services.suspension import check_scheduling
from parley.services.values import given, start_of
from parley.store import Changes, sessions

#: More than any series has: a rule makes at most so many meetings, or endless ones of which few are changed.
_ALL_EXCEPTIONS: Final = 10_000
#: Names are listed and sorted by, so they have to fit an index; clients cut theirs at 400 characters.
_LONGEST_NAME: Final = 512
_PASSWORD_PATH: Final = "accessControl/meetingPassword"  # noqa: S105 - the name of an element


@operation("meeting", request=CreateMeeting, answer=CreateMeetingResponse)
async def create_meeting(context: Context, request: CreateMeeting) -> CreateMeetingResponse:
    """Schedule a meeting, or with repeat/isException an occurrence of a series that differs from the others."""
    host = await host_of_request(context, _asked_host(request))
    repeat = request.repeat or RepeatType()
    series = await _series_of(context, repeat) if repeat.is_exception else None
    session = _planned(context, host, request, _new_session(context, host), None)
    invited = await _invited(context, session, request)
    changes = Changes()
    if series is not None:
        session = _replaced_occurrence(context, changes, series, session)
    session = sessions.create_session(changes, session, invited)
    mails.scheduled(context, changes, session, host, _mailed(request, invited))
    await context.engine.commit(changes)
    return CreateMeetingResponse(
        meeting_key=session.session_key,
        meeting_uuid=session.uuid,
        meeting_password=session.password,
        i_calendar_url=_calendar_links(context, session),
        guest_token=session.guest_token,
    )


@operation(
    "meeting",
    request=SetMeeting,
    answer=SetMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.meeting_key,
)
async def set_meeting(context: Context, request: SetMeeting) -> SetMeetingResponse:
    """Change a meeting; what the request does not say stays as it is."""
    before = named_session(context, SERVICE)
    if not await may_edit(context, before):
        raise faults.ACCESS_DENIED()
    if request.repeat and request.repeat.is_exception and before.recurring:
        raise faults.INVALID_REPEAT(
            element="isException", problem="a series is no exception; schedule the other occurrence with CreateMeeting"
        )
    host = await host_of_request(context, _asked_host(request), before)
    after = _planned(context, host, request, before.plain(), before)
    if before.series_key is not None and after.recurring:
        raise _exception_recurs()
    changes = Changes()
    listed = _sent_people(request)
    if listed:
        invited = await _replaced_people(context, before, request)
        after = sessions.update_session(changes, before.plain(), after, replace=invited)
    else:
        after = sessions.update_session(changes, before.plain(), after)
    mails.rescheduled(context, changes, before, after, host)
    await context.engine.commit(changes)
    return SetMeetingResponse(i_calendar_url=_calendar_links(context, after))


@operation(
    "meeting",
    request=DelMeeting,
    answer=DelMeetingResponse,
    key_of=lambda request: request.meeting_uuid or request.meeting_key,
)
async def del_meeting(context: Context, request: DelMeeting) -> DelMeetingResponse:
    """Delete a meeting; of a series with all its exceptions, of an exception only this occurrence."""
    session = named_session(context, SERVICE)
    if not await may_edit(context, session):
        raise faults.ACCESS_DENIED()
    changes = Changes()
    exceptions = []
    if session.recurring:
        exceptions = await sessions.exceptions(context.engine, session.site_id, session.session_key, _ALL_EXCEPTIONS)
    for each in (session, *exceptions):
        if each.status == "INPROGRESS":
            raise faults.MEETING_IN_PROGRESS()
        sessions.delete_session(changes, each.plain())
    await _touch_series(context, changes, session)
    mails.cancelled(context, changes, session)
    await context.engine.commit(changes)
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
    return DelMeetingResponse(i_calendar_url=ICalendarURLType(host=for_host, attendee=for_attendees))


async def _touch_series(context: Context, changes: Changes, exception: Session) -> None:
    """Give the series of an exception that goes a new version, since it may be without exceptions from now on."""
    if exception.series_key is None:
        return
    series = await sessions.by_key(context.engine, exception.site_id, exception.series_key)
    if series is not None:
        after = msgspec.structs.replace(series.plain(), modified_at=context.now)
        sessions.update_session(changes, series.plain(), after)


def _new_session(context: Context, host: User) -> Session:
    """A session with its numbers and links drawn; everything that a request decides is still open."""
    return Session(
        site_id=context.site.site.site_id,
        session_key=identifiers.new_session_key(),
        service=SERVICE,
        session_type=0,
        conf_id=identifiers.new_conf_id(),
        uuid=identifiers.new_uuid(),
        host_id=host.user_id,
        creator_id=context.caller.user_id,
        name="",
        name_key="",
        start_local="",
        time_zone_id=host.time_zone_id,
        duration=0,
        next_start=0,
        next_end=0,
        recurring=False,
        ended=False,
        listing=Listing.PUBLIC.value,
        password=None,
        attendee_count=0,
        status="NOT_INPROGRESS",
        host_joined=False,
        participants_joined=False,
        event_id=identifiers.new_event_id(),
        host_key=identifiers.new_host_key(),
        guest_token=identifiers.new_guest_token(),
        host_link=identifiers.new_mtid(),
        attendee_link=identifiers.new_mtid(),
        created_at=context.now,
    )


def _planned(
    context: Context, host: User, request: MeetingType, session: Session, before: HostedSession | None
) -> Session:
    """The session as the request wants it: every rule checked, columns and document filled.

    Args:
        session: the new session, or the present one when it is changed.
        before: the present session with its host's names; None for a new one.
    """
    stored = read_document(before.document) if before is not None else None
    kept = stored.meeting if stored else None
    meta = request.meta_data or MetaDataType()
    name = given(meta.conf_name) or session.name
    if not name:
        raise faults.MISSING_ELEMENT(path="metaData/confName")
    if len(name) > _LONGEST_NAME:
        raise faults.INVALID_VALUE(path="metaData/confName", problem=f"at most {_LONGEST_NAME} characters are allowed")
    session_type = session_type_of(
        context, host, meta.meeting_type, SERVICE, before.session_type if before is not None else None
    )
    check_scheduling(context, session_type)
    meeting = completed(request, kept, context.site.settings)
    schedule = settled_schedule(
        context, host, session_type, _asked(request), _present(before, stored) if before and stored else None
    )
    skipped = stored.skipped if stored is not None and schedule.is_recurring else ()
    upcoming = recurrence.next_occurrence(
        schedule.rule, schedule.start, schedule.time_zone_id, schedule.duration, context.now, skip=skipped
    )
    first = upcoming or (schedule.starts_at, schedule.starts_at + schedule.duration * 60)
    access = request.access_control
    enforced = meeting.access_control is None or meeting.access_control.enforce_password is not False
    sent_password = given(access.meeting_password) if access else None
    return msgspec.structs.replace(
        session,
        host_id=host.user_id,
        session_type=session_type.type_id,
        name=name,
        name_key=name.casefold(),
        start_local=to_stored(schedule.start),
        time_zone_id=schedule.time_zone_id,
        duration=schedule.duration,
        open_time=schedule.open_time,
        next_start=first[0],
        next_end=first[1],
        recurring=schedule.is_recurring,
        ended=upcoming is None,
        listing=listing.resolve(
            access.list_to_public if access else None,
            access.is_public if access else None,
            site_unlisted=context.site.settings.all_meetings_unlisted,
            current=Listing(session.listing),
        ).value,
        password=checked_password(
            context, host, name, sent_password or session.password, enforce=enforced, path=_PASSWORD_PATH
        ),
        registration=bool(meeting.attendee_options and meeting.attendee_options.registration),
        document=write_document(StoredMeeting(rule=schedule.rule, skipped=skipped, meeting=meeting)),
        sequence=session.sequence + (before is not None),
        modified_at=context.now,
        **tracking_columns(meeting.tracking),
    )


def _asked_host(request: MeetingType) -> str | None:
    return given(request.schedule.host_web_ex_id) if request.schedule else None


def _asked(request: MeetingType) -> Asked:
    schedule = request.schedule or ScheduleType()
    return Asked(
        start=start_of(schedule.start_date),
        time_zone_id=schedule.time_zone_id,
        time_zone=schedule.time_zone,
        duration=schedule.duration,
        open_time=schedule.open_time,
        rule=rule_of(request.repeat) if request.repeat and request.repeat.repeat_type else None,
    )


def _present(before: HostedSession, stored: StoredMeeting) -> Schedule:
    return Schedule(
        start=from_stored(before.start_local),
        time_zone_id=before.time_zone_id,
        duration=before.duration,
        open_time=before.open_time,
        rule=stored.rule,
    )


def _sent_people(request: MeetingType) -> list[AttendeeType]:
    """The people of a request; elements without a person in them count as not sent (facts/clients.md 8)."""
    participants = request.participants
    if participants is None or participants.attendees is None:
        return []
    return [each for each in participants.attendees.attendee if each.person is not None]


async def _invited(context: Context, session: Session, request: MeetingType) -> list[Attendee]:
    sent = _sent_people(request)
    limit = min(context.site.settings.max_attendees, _type_limit(context, session))
    if len(sent) > limit:
        raise faults.ATTENDEE_LIMIT(limit=limit)
    return await people.invited(context, session.session_key, sent) if sent else []


def _type_limit(context: Context, session: Session) -> int:
    session_type = context.site.types.get(session.session_type)
    return limits_of(session_type).max_meeting_user if session_type else context.site.settings.max_attendees


async def _replaced_people(context: Context, before: HostedSession, request: MeetingType) -> list[Attendee]:
    """The list after a change: the people sent take the place of the invited ones, registrations stay.

    Whoever was on the list already keeps the number that mails and links name.
    """
    invited = await _invited(context, before, request)
    present = {each.email_key: each for each in await sessions.all_attendees(context.engine, before)}
    rows = {key: each for key, each in present.items() if each.join_status != "INVITE"}
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


def _mailed(request: MeetingType, invited: list[Attendee]) -> list[Attendee]:
    """Who of the invited gets an invitation by mail: all, or those whose own element says so."""
    options = request.attendee_options
    if options is not None and options.email_invitations:
        return invited
    wanted = {
        (each.person.email or each.person.web_ex_id or "").strip().casefold()
        for each in _sent_people(request)
        if each.email_invitations and each.person
    }
    return [each for each in invited if each.email_key in wanted]


async def _series_of(context: Context, repeat: RepeatType) -> HostedSession:
    """The series that an exception belongs to.

    Raises:
        Fault: no series is named, it does not exist, or the caller may not change it.
    """
    if repeat.series_meeting_key is None:
        raise faults.MISSING_ELEMENT(path="repeat/seriesMeetingKey")
    series = await sessions.by_key(context.engine, context.site.site.site_id, repeat.series_meeting_key)
    if series is None or series.service != SERVICE:
        raise faults.MEETING_NOT_FOUND()
    if not series.recurring:
        raise faults.INVALID_REPEAT(element="seriesMeetingKey", problem="this meeting is no series")
    if not await may_edit(context, series):
        raise faults.ACCESS_DENIED()
    return series


def _replaced_occurrence(context: Context, changes: Changes, series: HostedSession, session: Session) -> Session:
    """Take the occurrence on the exception's day out of the series and tie the exception to it.

    The replaced occurrence is the one on the same date in the series' zone, as inferred in facts/holes.md (3). A
    series whose last occurrence was replaced is over, but for the exception.
    """
    if session.recurring:
        raise _exception_recurs()
    stored = read_document(series.document)
    day = timezones.to_local(session.next_start, series.time_zone_id).date()
    start = from_stored(series.start_local)
    if day in stored.skipped or recurrence.occurrence_number(stored.rule, start, day) is None:
        raise faults.INVALID_REPEAT(element="seriesMeetingKey", problem="the series has no meeting on this day")
    stored = msgspec.structs.replace(stored, skipped=(*stored.skipped, day))
    upcoming = recurrence.next_occurrence(
        stored.rule, start, series.time_zone_id, series.duration, context.now, skip=stored.skipped
    )
    after = msgspec.structs.replace(series.plain(), document=write_document(stored), modified_at=context.now)
    if upcoming is None:
        after = msgspec.structs.replace(after, ended=True)
    else:
        after = msgspec.structs.replace(after, next_start=upcoming[0], next_end=upcoming[1])
    sessions.update_session(changes, series.plain(), after)
    return msgspec.structs.replace(session, series_key=series.session_key, series_day=day.isoformat())


def _exception_recurs() -> Fault:
    return faults.INVALID_REPEAT(element="repeatType", problem="an exception of a series is a single meeting")


def _calendar_links(context: Context, session: Session) -> ICalendarURLType:
    links, site = context.application.links, context.site.site.name
    return ICalendarURLType(
        host=links.invitation(site, session.host_link), attendee=links.invitation(site, session.attendee_link)
    )
