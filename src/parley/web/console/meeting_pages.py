"""Scheduling a meeting, changing it, and changing one occurrence of a series."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.meeting import (
    AttendeeOptionsType,
    CreateMeeting,
    CreateMeetingResponse,
    GetMeeting,
    GetMeetingResponse,
    ParticipantsType,
    ParticipantsTypeAttendees,
    RepeatType,
    ScheduleType,
    SetMeeting,
)
from parley.domain import timezones
from parley.domain.dates import format_date, from_stored
from parley.domain.session import HostedSession
from parley.domain.site import SessionType
from parley.protocol.faults import Fault
from parley.services.meeting.document import SERVICE as MEETINGS
from parley.services.meeting.kind import MEETING
from parley.services.profiles import profile_of
from parley.services.sessions.scheduling import offered_to
from parley.web.console import agenda
from parley.web.console.meeting_form import MeetingForm
from parley.web.console.people import attendees_for
from parley.web.console.profile import zone_options
from parley.web.console.sessions import session_of
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.link_values import LinkValues


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/meetings/new", schedule, ("GET", "POST"), hosts=True),
        shell.page("/meetings/{key:int}/edit", edit, ("GET", "POST"), hosts=True),
        shell.page("/meetings/{key:int}/occurrence", occurrence, ("GET", "POST"), hosts=True),
    ]


def _form(console: ConsoleCall, *, new: bool, single: bool = False) -> MeetingForm:
    weekdays = [console.language.weekday(number) for number in range(7)]
    return MeetingForm(console.site, zone_options(console.now), _types(console), weekdays, new=new, single=single)


def _types(console: ConsoleCall) -> list[SessionType]:
    """The session types of meetings that the visitor may hold."""
    offered = offered_to(profile_of(console.user), console.call.known.types, MEETING.offers)
    return [each for _, each in sorted(offered.items())]


def _read(form: MeetingForm, values: LinkValues) -> None:
    form.read({name: values.get(name) for name in form.fields})


def _shown(console: ConsoleCall, form: MeetingForm, session: HostedSession | None = None, day: str = "") -> Response:
    return console.show(
        "meeting_form.html",
        400 if form.faulty else 200,
        place="",
        form=form,
        session=session,
        day=day,
        day_text=console.language.day(agenda.day_named(day, agenda.today(console))) if day else "",
    )


async def schedule(console: ConsoleCall) -> Response:
    """The form for a new meeting (GET), and scheduling it (POST)."""
    form = _form(console, new=True)
    day = agenda.day_named(console.text("DAY"), agenda.today(console))
    form.begin(_next_hour(console, datetime.combine(day, datetime.min.time())), console.user.time_zone_id)
    if not console.posted:
        return _shown(console, form)
    shown = form.values()
    _read(form, console.values)
    invited, wrong = attendees_for(form.value("PEOPLE"))
    if wrong:
        form.fields["PEOPLE"].error = wrong
    if form.faulty:
        return _shown(console, form)
    # What a new meeting cannot do without is said even where it is as shown.
    parts = form.changes({**shown, "DATE": "", "DURATION": ""})
    if invited:
        parts["participants"] = ParticipantsType(attendees=ParticipantsTypeAttendees(attendee=invited))
        options = parts.setdefault("attendee_options", AttendeeOptionsType())
        options.email_invitations = True
    try:
        answer = cast("CreateMeetingResponse", await console.perform(CreateMeeting(**parts)))
    except Fault as fault:
        form.blame(fault)
        return _shown(console, form)
    return console.go(f"meetings/{answer.meeting_key}", "scheduled")


def _next_hour(console: ConsoleCall, day: datetime) -> datetime:
    """The next full hour, on the day when it is a later one."""
    now = timezones.to_local(console.now, console.user.time_zone_id).replace(tzinfo=None)
    soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return soon if day.date() <= soon.date() else day.replace(hour=soon.hour)


async def _present(console: ConsoleCall) -> tuple[HostedSession, GetMeetingResponse]:
    session, _relation = await session_of(console)
    if session.service != MEETINGS:
        raise HTTPException(404)
    return session, cast("GetMeetingResponse", await console.perform(GetMeeting(meeting_key=session.session_key)))


async def edit(console: ConsoleCall) -> Response:
    """The form with a meeting as it is (GET), and changing it (POST)."""
    session, meeting = await _present(console)
    form = _form(console, new=False, single=session.series_key is not None)
    form.show(meeting)
    if not console.posted:
        return _shown(console, form, session)
    shown = form.values()
    _read(form, console.values)
    if form.faulty:
        return _shown(console, form, session)
    parts = form.changes(shown)
    if not parts:
        return console.go(f"meetings/{session.session_key}", "unchanged")
    try:
        await console.perform(SetMeeting(meeting_key=session.session_key, **parts))
    except Fault as fault:
        form.blame(fault)
        return _shown(console, form, session)
    return console.go(f"meetings/{session.session_key}", "saved")


async def occurrence(console: ConsoleCall) -> Response:
    """The form for one occurrence of a series (GET), and letting it differ from the others (POST)."""
    session, meeting = await _present(console)
    if not session.recurring:
        raise HTTPException(404)
    usual = timezones.to_local(session.next_start, session.time_zone_id).date()
    day = agenda.day_named(console.text("DAY"), usual)
    start = datetime.combine(day, from_stored(session.start_local).time())
    meeting.schedule = meeting.schedule or ScheduleType()
    meeting.schedule.start_date, meeting.repeat = format_date(start), None
    form = _form(console, new=False, single=True)
    form.show(meeting)
    if not console.posted:
        return _shown(console, form, session, day.isoformat())
    _read(form, console.values)
    if form.faulty:
        return _shown(console, form, session, day.isoformat())
    # An exception is a meeting of its own, so all of it is said.
    parts = form.changes({})
    parts["repeat"] = RepeatType(is_exception=True, series_meeting_key=session.session_key)
    try:
        answer = cast("CreateMeetingResponse", await console.perform(CreateMeeting(**parts)))
    except Fault as fault:
        form.blame(fault)
        return _shown(console, form, session, day.isoformat())
    return console.go(f"meetings/{answer.meeting_key}", "occurrence-changed")
