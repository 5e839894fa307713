"""My meetings as agenda and month, the page of one session, and cancelling it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.attendee import CreateMeetingAttendee, DelMeetingAttendee, RegisterMeetingAttendee
from parley.contract.ep import DelSession
from parley.domain import timezones
from parley.domain.dates import from_stored
from parley.domain.listing import Relation
from parley.domain.session import Attendee, HostedSession
from parley.mail.messages.words import repetition
from parley.protocol.declare import Record
from parley.services.registry import find
from parley.services.roles import Role
from parley.services.sessions.registering import is_over, read_answers
from parley.services.sessions.stored import stored_session
from parley.store import sessions
from parley.web.calendar_links import WANTED
from parley.web.console import agenda
from parley.web.console.delegates import hosts_for
from parley.web.console.session_details import details_of, may_except
from parley.web.console.session_kinds import SessionKind, kind_for, kinds_of
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.meeting_view import MeetingView
from parley.web.registration import LABELS
from parley.web.who_sees import relation_of
from parley.web.words import said

#: Days that the agenda shows at once.
_DAYS: Final = 14
#: People whom the page of a session shows at once.
_PEOPLE: Final = 50


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What somebody on a session's list answered, by his status.
_ANSWERS: Final = {
    "INVITE": _("Invited, no answer yet"),
    "REGISTER": _("Waits for your approval"),
    "ACCEPT": _("Accepted"),
    "REJECT": _("Rejected"),
}
_ROLES: Final = {"HOST": _("Alternate host"), "PRESENTER": _("Presenter"), "LIMITED": _("Limited")}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("", agenda_page, hosts=True),
        shell.page("/", agenda_page, hosts=True),
        shell.page("/month", month_page, hosts=True),
        shell.page("/meetings/{key:int}", session_page, hosts=True),
        shell.page("/meetings/{key:int}/cancel", cancel_page, ("GET", "POST"), hosts=True),
    ]


async def agenda_page(console: ConsoleCall) -> Response:
    """The next days, or those from a day on."""
    today = agenda.today(console)
    first = agenda.day_named(console.text("FROM"), today)
    last = first + timedelta(days=_DAYS - 1)
    rows, more = await agenda.rows_between(console, first, last)
    hosts = await hosts_for(console)
    host = next((name for name, _words in hosts if name.casefold() == console.text("HOST").casefold()), "")
    if host:
        rows = [each for each in rows if each.holder == host.casefold()]
    return console.show(
        "agenda.html",
        place="",
        hosts=hosts,
        host=host,
        several=len(kinds_of(console)) > 1,
        days=agenda.by_day(console, rows),
        more=more,
        from_today=first == today,
        first=console.language.short_day(first),
        last=console.language.short_day(last),
        before=(first - timedelta(days=_DAYS)).isoformat(),
        after=(last + timedelta(days=1)).isoformat(),
    )


async def month_page(console: ConsoleCall) -> Response:
    """One month, week by week."""
    today = agenda.today(console)
    month = agenda.month_of(console.text("MONTH"), today)
    first_weekday = console.language.locale.first_week_day
    weeks = agenda.weeks_of(month, first_weekday)
    rows, more = await agenda.rows_between(console, weeks[0][0], weeks[-1][-1])
    found = agenda.grouped(rows)
    return console.show(
        "month.html",
        place="month",
        several=len(kinds_of(console)) > 1,
        weeks=[[agenda.day_of(console, day, found.get(day, [])) for day in week] for week in weeks],
        weekdays=[console.language.weekday((first_weekday + each) % 7) for each in range(7)],
        month=month,
        title=agenda.month_name(console, month),
        more=more,
        before=(month - timedelta(days=1)).strftime("%Y-%m"),
        after=(month + timedelta(days=31)).strftime("%Y-%m"),
    )


# ---- one session -------------------------------------------------------------------------------------------------


async def session_of(console: ConsoleCall) -> tuple[HostedSession, Relation]:
    """The session of an address, for those who hold it and for administrators; for all others there is none.

    Raises:
        HTTPException: 404.
    """
    engine, key = console.application.engine, console.call.request.path_params["key"]
    session = await sessions.by_key(engine, console.site.site_id, key) if key < 10**18 else None
    relation = await relation_of(engine, console.user, session) if session is not None else Relation.ANONYMOUS
    if session is None or relation not in (Relation.HOST, Relation.ADMIN):
        raise HTTPException(404)
    return session, relation


def may(console: ConsoleCall, relation: Relation, request: type[Record]) -> bool:
    """Whether the table of roles lets the visitor do something to a session that he sees."""
    role = Role.HOST_OWN
    if relation is not Relation.HOST:
        role = Role.ADMIN if console.user.site_admin else Role.READ_ONLY
    operation = find(request.__declaration__.name)
    return operation is not None and operation.row.outcome(role) is None


def _first_of(page: str, count: int) -> int:
    """How many people come before a page of the list, which is named by its number from 1 on."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    last = max(1, -(-count // _PEOPLE))
    return (min(max(number, 1), last) - 1) * _PEOPLE


async def session_page(console: ConsoleCall) -> Response:
    """Everything that its host wants to know of a session."""
    session, relation = await session_of(console)
    engine, links = console.application.engine, console.application.links
    people = await sessions.all_attendees(engine, session) if session.attendee_count else []
    people.sort(key=lambda each: (each.join_status != "REGISTER", each.attendee_id))  # first those who wait
    first = _first_of(console.text("PAGE"), len(people))
    series = None
    if session.series_key is not None:
        series = await sessions.by_key(engine, session.site_id, session.series_key)
    exceptions = await sessions.exceptions(engine, session.site_id, session.session_key) if session.recurring else []
    view = MeetingView.of(session, console.now)
    when, mine = when_of(console, session), relation is Relation.HOST
    invitation = links.invitation(console.site.name, session.attendee_link)
    kind = kind_for(session, console.call.known.types)
    return console.show(
        "session.html",
        place="",
        script=True,
        meeting=view,
        when=when,
        session=session,
        over=is_over(session, console.now),
        mine=mine,
        kind=kind.name if kind is not None else view.kind,
        details=await details_of(console, session, kind, mine=mine),
        repeats=_repeats(console, session),
        series=series,
        exceptions=[(each, when_of(console, each)) for each in exceptions],
        day=_day_of(console, session),
        invitation=invitation,
        calendar=f"{console.site_path}/j.php?MTID={session.attendee_link}{WANTED}",
        invitation_text=invitation_text(view, when, session, invitation),
        people=[person_view(each, kind) for each in people[first : first + _PEOPLE]],
        listed=len(people),
        page=first // _PEOPLE + 1,
        pages=-(-len(people) // _PEOPLE),
        waiting=sum(each.join_status == "REGISTER" for each in people),
        room=console.door.form(console.site, session, name=view.host if mine else ""),
        may_change=may_change(console, session, kind),
        may_cancel=may(console, relation, DelSession),
        may_invite=may(console, relation, CreateMeetingAttendee),
        may_decide=may(console, relation, RegisterMeetingAttendee),
        may_remove=may(console, relation, DelMeetingAttendee),
    )


def may_change(console: ConsoleCall, session: HostedSession, kind: SessionKind | None) -> bool:
    """Whether the visitor gets the form of a session, which reads it as those do who hold or scheduled it."""
    if kind is None or kind.get is None or kind.set is None:
        return False
    return console.user.user_id in (session.host_id, session.creator_id) and may(console, Relation.HOST, kind.set)


@dataclass(frozen=True, slots=True)
class When:
    """When a session takes place, as people read it: in its own zone, and in the reader's where that is another."""

    iso: str
    text: str
    zone: str
    there: str | None


def when_of(console: ConsoleCall, session: HostedSession) -> When:
    """When a session takes place, of a series what is going on or comes next."""
    zone, own = session.time_zone_id, console.user.time_zone_id
    text = _span(console, session, zone)
    other = _span(console, session, own) if own != zone else text
    return When(
        iso=datetime.fromtimestamp(session.next_start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        text=text,
        zone=console.language.zone_text(zone, session.next_start),
        there=f"{other} ({console.language.zone_text(own, session.next_start)})" if other != text else None,
    )


def _span(console: ConsoleCall, session: HostedSession, zone_id: int) -> str:
    starts = timezones.to_local(session.next_start, zone_id)
    ends = timezones.to_local(session.next_start + session.duration * 60, zone_id)
    return f"{console.language.day(starts.date())}, {console.language.time(starts)} – {console.language.time(ends)}"


def _repeats(console: ConsoleCall, session: HostedSession) -> str | None:
    if not session.recurring:
        return None
    return repetition(console.language, from_stored(session.start_local), stored_session(session).rule)


def _day_of(console: ConsoleCall, session: HostedSession) -> tuple[str, str] | None:
    """The occurrence that a link of the agenda is about: its day, and how it is written."""
    if not session.recurring:
        return None
    usual = timezones.to_local(session.next_start, session.time_zone_id).date()
    day = agenda.day_named(console.text("DAY"), usual)
    return day.isoformat(), console.language.day(day)


def invitation_text(view: MeetingView, when: When, session: HostedSession, link: str) -> str:
    """What a host pastes into a message of his own."""
    lines = [
        view.name,
        "",
        f"{when.text} ({when.zone})",
        said(_("Length: %(length)s"), length=view.length),
        said(_("Host: %(name)s"), name=view.host),
        "",
        said(_("Join: %(link)s"), link=link),
        said(_("Meeting number: %(number)s"), number=view.number),
    ]
    if session.password:
        lines.append(said(_("Password: %(password)s"), password=session.password))
    return "\n".join(lines)


def person_view(person: Attendee, kind: SessionKind | None) -> dict[str, object]:
    """Somebody on the list as the page shows him, with what he filled in."""
    roles = _ROLES if kind is None else _ROLES | {"PRESENTER": kind.presenter}
    answers = read_answers(person.answers)
    shown = [(said(LABELS[name]), text) for name, text in answers.standard.items() if text and name in LABELS]
    shown += [(each.label, ", ".join(each.values)) for each in answers.custom]
    status = _("On the waiting list") if person.waiting else _ANSWERS.get(person.join_status, person.join_status)
    return {
        "id": person.attendee_id,
        "name": person.name or person.email_key,
        "email": person.email_key,
        "role": roles.get(person.role, ""),
        "status": status,
        "pending": person.join_status == "REGISTER",
        "rejected": person.join_status == "REJECT",
        "answers": shown,
    }


async def cancel_page(console: ConsoleCall) -> Response:
    """Ask whether a session is to be cancelled (GET), and cancel it (POST)."""
    session, _relation = await session_of(console)
    if not console.posted:
        view = MeetingView.of(session, console.now)
        return console.show(
            "cancel.html",
            place="",
            meeting=view,
            when=when_of(console, session),
            session=session,
            exception=session.series_key is not None,
            excepts=may_except(session, kind_for(session, console.call.known.types)),
        )
    tell = bool(console.text("TELL"))
    await console.perform(DelSession(session_key=session.session_key, send_email=tell))
    return console.go("", "cancelled")
