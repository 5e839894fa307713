"""Scheduling sessions of every kind, changing them, and changing one occurrence of a series of meetings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.event import LstsummaryProgram, LstsummaryProgramResponse, UploadEventImage
from parley.contract.meeting import CreateMeeting, MeetingType, RepeatType, ScheduleType
from parley.contract.service import LstControlType
from parley.contract.training import GetLabInfo, GetLabInfoResponse
from parley.domain import timezones
from parley.domain.dates import format_date, from_stored
from parley.domain.session import HostedSession
from parley.protocol.declare import Record
from parley.protocol.faults import Fault
from parley.services.event.pictures import LARGEST
from parley.services.records import merged
from parley.web.console import agenda
from parley.web.console.delegates import hosts_for
from parley.web.console.event_form import EventForm
from parley.web.console.fields import problem_text
from parley.web.console.profile import zone_options
from parley.web.console.session_form import Choices, SessionForm
from parley.web.console.session_kinds import SessionKind, kind_for, kinds_of
from parley.web.console.session_rows import LONGEST_VALUE
from parley.web.console.sessions import may_change, session_of
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.console.training_form import TrainingForm
from parley.web.uploads import Upload

#: Programs that a form offers at most.
_PROGRAMS: Final = 200
_BOTH: Final = ("GET", "POST")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/sessions/new", schedule, _BOTH, hosts=True, longest=LONGEST_VALUE),
        shell.page("/meetings/new", schedule, _BOTH, hosts=True, longest=LONGEST_VALUE),
        shell.page("/meetings/{key:int}/edit", edit, _BOTH, hosts=True, longest=LONGEST_VALUE),
        shell.page("/meetings/{key:int}/occurrence", occurrence, _BOTH, hosts=True, longest=LONGEST_VALUE),
        shell.page("/meetings/{key:int}/picture", picture, _BOTH, hosts=True, file=LARGEST),
    ]


async def _choices(console: ConsoleCall, kind: SessionKind) -> Choices:
    """What the form of a kind lets choose from on this site."""
    return Choices(
        zones=zone_options(console.now),
        types=kind.types(console),
        usual=kind.has_usual_type(console),
        weekdays=[console.language.weekday(number) for number in range(7)],
        hosts=await hosts_for(console),
        programs=await _programs(console) if kind.form is EventForm else (),
        labs=await _labs(console) if kind.form is TrainingForm else (),
    )


async def _programs(console: ConsoleCall) -> list[tuple[str, str]]:
    request = LstsummaryProgram(list_control=LstControlType(start_from=1, maximum_num=_PROGRAMS))
    try:
        answer = cast("LstsummaryProgramResponse", await console.perform(request))
    except Fault:  # there is none, or the visitor sees none
        return []
    return [(str(each.program_id), each.program_name or "") for each in answer.program]


async def _labs(console: ConsoleCall) -> list[str]:
    try:
        answer = cast("GetLabInfoResponse", await console.perform(GetLabInfo()))
    except Fault:  # the site has none
        return []
    return [each.lab_name for each in answer.lab_info if each.lab_name]


def _shown(
    console: ConsoleCall, kind: SessionKind, form: SessionForm, session: HostedSession | None = None, day: str = ""
) -> Response:
    return console.show(
        "session_form.html",
        400 if form.faulty else 200,
        place="",
        form=form,
        kind=kind,
        session=session,
        day=day,
        day_text=console.language.day(agenda.day_named(day, agenda.today(console))) if day else "",
    )


# ---- new ones ----------------------------------------------------------------------------------------------------


async def schedule(console: ConsoleCall) -> Response:
    """The form for a new session (GET), and scheduling it (POST); before it the choice of kinds, where there is one."""
    kinds = kinds_of(console)
    word = console.text("KIND")
    if not word and console.call.request.url.path.endswith("/meetings/new"):
        word = "meeting"
    if not word and len(kinds) > 1:
        return console.show(
            "session_kinds.html", place="", kinds=kinds, day=console.text("DAY"), host=console.text("HOST")
        )
    kind = next((each for each in kinds if each.word == word or not word), None)
    if kind is None:
        return console.say(
            _("Not offered here"), _("The site or your account does not have sessions of this kind."), 403, below=""
        )
    form = kind.form(console.site, await _choices(console, kind), new=True)
    day = agenda.day_named(console.text("DAY"), agenda.today(console))
    start = _next_hour(console, datetime.combine(day, datetime.min.time()))
    form.begin(start, console.user.time_zone_id, console.user.web_ex_id)
    if not console.posted:
        form.choose_host(console.text("HOST"))
        return _shown(console, kind, form)
    shown = form.values()
    _read(form, console)
    people = form.invited()
    if form.faulty:
        return _shown(console, kind, form)
    # What a new session cannot do without is said even where it is as shown.
    parts = form.laid_over(form.changes({**shown, "DATE": "", "DURATION": "", "TYPE": ""}), people)
    try:
        answer = await console.perform(kind.create(**parts))
    except Fault as fault:
        form.blame(fault)
        return _shown(console, kind, form)
    usual = "session-scheduled" if form.timed else "session-begun"
    return console.go(f"meetings/{_key_of(answer)}", "scheduled" if kind.word == "meeting" else usual)


def _key_of(answer: Record) -> int:
    """The number of a session that was made."""
    found = getattr(answer, "meeting_key", None) or getattr(answer, "session_key", None)
    return int(found[0] if isinstance(found, list) else found or 0)


def _read(form: SessionForm, console: ConsoleCall) -> None:
    form.read({name: console.values.get(name) for name in form.fields})


def _next_hour(console: ConsoleCall, day: datetime) -> datetime:
    """The next full hour, on the day when it is a later one."""
    now = timezones.to_local(console.now, console.user.time_zone_id).replace(tzinfo=None)
    soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return soon if day.date() <= soon.date() else day.replace(hour=soon.hour)


# ---- those that are there ----------------------------------------------------------------------------------------


async def _present(console: ConsoleCall) -> tuple[HostedSession, SessionKind, Record]:
    """The session of an address with its kind, as its get operation answers it."""
    session, _relation = await session_of(console)
    kind = kind_for(session, console.call.known.types)
    request = kind.get_request(session.session_key) if kind is not None else None
    if kind is None or request is None:
        raise HTTPException(404)
    return session, kind, await console.perform(request)


async def edit(console: ConsoleCall) -> Response:
    """The form with a session as it is (GET), and changing it (POST)."""
    session, kind, present = await _present(console)
    single = session.series_key is not None
    form = kind.form(console.site, await _choices(console, kind), new=False, single=single)
    form.show(present)
    if not console.posted:
        return _shown(console, kind, form, session)
    shown = form.values()
    _read(form, console)
    if form.faulty:
        return _shown(console, kind, form, session)
    parts = form.changes(shown, kind.set)
    request = kind.set_request(session.session_key, parts)
    if not parts or request is None:
        return console.go(f"meetings/{session.session_key}", "unchanged")
    try:
        await console.perform(request)
    except Fault as fault:
        form.blame(fault)
        return _shown(console, kind, form, session)
    return console.go(f"meetings/{session.session_key}", "saved")


async def occurrence(console: ConsoleCall) -> Response:
    """The form for one occurrence of a series (GET), and letting it differ from the others (POST)."""
    session, kind, present = await _present(console)
    if not session.recurring or not isinstance(present, MeetingType):
        raise HTTPException(404)
    usual = timezones.to_local(session.next_start, session.time_zone_id).date()
    day = agenda.day_named(console.text("DAY"), usual)
    start = datetime.combine(day, from_stored(session.start_local).time())
    as_series = _as_occurrence(present, start)
    form = kind.form(console.site, await _choices(console, kind), new=False, single=True)
    form.show(as_series)
    if not console.posted:
        return _shown(console, kind, form, session, day.isoformat())
    shown = form.values()
    _read(form, console)
    if form.faulty:
        return _shown(console, kind, form, session, day.isoformat())
    # An exception is a meeting of its own: it begins as what the series is, with the changes laid over that.
    request = merged(as_series, CreateMeeting(**form.changes(shown))) or as_series
    request.repeat = RepeatType(is_exception=True, series_meeting_key=session.session_key)
    try:
        answer = await console.perform(request)
    except Fault as fault:
        form.blame(fault)
        return _shown(console, kind, form, session, day.isoformat())
    return console.go(f"meetings/{_key_of(answer)}", "occurrence-changed")


def _as_occurrence(present: MeetingType, start: datetime) -> CreateMeeting:
    """The request for a meeting like that of a series, on another day; whoever comes to the series comes to it."""
    fields: Mapping[str, Any] = {name: getattr(present, name) for name in MeetingType.__struct_fields__}
    schedule = msgspec.structs.replace(
        present.schedule or ScheduleType(), start_date=format_date(start), time_zone=None
    )
    participants = present.participants and msgspec.structs.replace(present.participants, attendees=None)
    return CreateMeeting(**{**fields, "schedule": schedule, "participants": participants, "repeat": None})


async def picture(console: ConsoleCall) -> Response:
    """The form for the picture of an event (GET), and keeping it (POST)."""
    session, _relation = await session_of(console)
    kind = kind_for(session, console.call.known.types)
    if kind is None or kind.form is not EventForm or not may_change(console, session, kind):
        raise HTTPException(404)
    wrong = ""
    if console.posted:
        content = console.values.file if isinstance(console.values, Upload) else None
        wrong = "" if content else _("Choose a picture.")
        if content:
            try:
                await console.perform(UploadEventImage(session_key=session.session_key, image_data=content))
            except Fault as fault:
                wrong = problem_text(fault)
        if not wrong:
            return console.go(f"meetings/{session.session_key}", "picture-kept")
    return console.show("picture.html", 400 if wrong else 200, place="", session=session, wrong=wrong)
