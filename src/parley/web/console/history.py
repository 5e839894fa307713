"""What happened at sessions: the visitor's own ones, for administrators those of all hosts; one with its people.

What is told is what the history operations tell (see `services.history`), of runs that go on too, and for as long as
the site keeps it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from babel.dates import format_skeleton
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain import timezones
from parley.domain.attendance import Attendance, attendance
from parley.domain.history import Known, Part, Run, Stay, minutes, peak, read_known
from parley.domain.recording import State
from parley.services.history.asking import sees_all
from parley.services.history.reports import SERVICES
from parley.services.sessions.session_lists import folded
from parley.store import past_runs, recordings, runs, sessions, users
from parley.store.past_runs import PastFilter, Place, Span, place_of
from parley.web.console import charts, opinions, tables
from parley.web.console.agenda import KINDS, day_named, today
from parley.web.console.charts import Bar, Chart, Mark
from parley.web.console.fields import Field
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.words import said

_PLACE: Final = "history"
_ROWS: Final = 25
_PEOPLE: Final = 100
#: Rows of a table that are read at once, and that it has at most.
_AT_ONCE: Final = 500
MOST_LINES: Final = 100_000
#: Points of the chart of attendance; more cannot be told apart.
_SLOTS: Final = 480
#: Rows of the table beside it.
_TABLE: Final = 24
_DAY: Final = 86_400
_MEETINGS: Final = "MeetingCenter"


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_MEETING: Final = _("Meeting")
_PARTS: Final = {
    Part.HOST.value: _("Host"),
    Part.ATTENDEE.value: _("Attendee"),
    Part.OTHER.value: _("Other"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/history", list_page, hosts=True),
        shell.page("/history/sessions.csv", list_table, hosts=True),
        shell.page("/history/{number:int}", run_page, hosts=True),
        shell.page("/history/{number:int}/people.csv", people_table, hosts=True),
        shell.page("/history/{number:int}/people/{stay:int}", person_page, hosts=True),
    ]


def number_text(console: ConsoleCall, number: int) -> str:
    """A number as people write it in the language of the page."""
    return console.language.number(number)


def local(console: ConsoleCall, instant: int) -> datetime:
    """A time on the clock of the reader."""
    return timezones.to_local(instant, console.user.time_zone_id)


def moment(console: ConsoleCall, instant: int) -> str:
    """A time on the clock of the reader, in words."""
    at = local(console, instant)
    return f"{console.language.short_day(at.date())}, {console.language.time(at)}"


def _written(console: ConsoleCall, instant: int | None) -> str:
    """A time in a table, which programs read too."""
    return "" if instant is None else local(console, instant).strftime("%Y-%m-%d %H:%M:%S")


def kind_of(run: Run) -> str:
    """What a run is, as a text that is still to be translated."""
    return _MEETING if run.service == _MEETINGS else KINDS.get(run.service, _MEETING)


# ---- the list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A run on the list.

    Attributes:
        facts: what else is told of it, texts that belong beside each other.
        running: it goes on.
    """

    number: int
    name: str
    when: str
    facts: list[str]
    running: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for: the filter (None: nothing can fit), its fields, and the values for links."""

    found: PastFilter | None
    fields: list[Field]
    query: str
    narrowed: bool


async def _wanted(console: ConsoleCall) -> Wanted:
    everybody = sees_all(console.user)
    name, first, last = console.text("NAME"), console.text("FROM"), console.text("UNTIL")
    kind = console.text("KIND") if console.text("KIND") in SERVICES else ""
    host = console.text("HOST") if everybody else ""
    every_host = everybody and bool(console.text("ALL"))
    kinds = [("", said(_("All kinds"))), *((each, said(KINDS.get(each, _MEETING))) for each in SERVICES)]
    fields = [
        Field("NAME", "text", _("Name begins with"), name, longest=200),
        Field("FROM", "date", _("From"), first),
        Field("UNTIL", "date", _("Until"), last),
        Field("KIND", "list", _("Kind"), kind, options=kinds),
    ]
    host_id: int | None = console.user.user_id
    known = True
    if everybody:
        asked = Field("HOST", "text", _("User name of the host"), host, longest=200)
        fields += [asked, Field("ALL", "tick", _("Sessions of all hosts"), "1" if every_host or host else "")]
        host_id = None if every_host else host_id
        if host:
            account = await users.by_web_ex_id(console.application.engine, console.site.site_id, host.casefold())
            known, host_id = account is not None, account.user_id if account is not None else None
            asked.error = "" if known else _("No account has this name.")
    sent = {"name": name, "from": first, "until": last, "kind": kind, "host": host, "all": "1" if every_host else ""}
    found = PastFilter(
        site_id=console.site.site_id,
        services=(kind,) if kind else SERVICES,
        host_id=host_id,
        started_from=day_start(console, first),
        started_to=day_end(console, last),
        name_prefix=folded(name),
    )
    query = urlencode({key: value for key, value in sent.items() if value})
    return Wanted(found if known else None, fields, query, any((name, first, last, kind, host)))


def day_start(console: ConsoleCall, text: str, more: int = 0) -> int | None:
    """When a day begins for the reader that is named as YYYY-MM-DD, or so many days later; None: none is named."""
    never = today(console) + timedelta(days=10**5)
    day = day_named(text, never)
    if day == never:
        return None
    return timezones.to_utc(datetime.combine(day + timedelta(days=more), time()), console.user.time_zone_id)


def day_end(console: ConsoleCall, text: str) -> int | None:
    """The last second of a day, as `day_start`."""
    after = day_start(console, text, 1)
    return None if after is None else after - 1


def _place(text: str) -> Place | None:
    parts = text.split(".")
    if len(parts) != 2 or not all(each.isascii() and each.isdigit() and len(each) < 19 for each in parts):
        return None
    return Place(int(parts[0]), int(parts[1]))


async def list_page(console: ConsoleCall) -> Response:
    """Runs, the newest first; with `before` and `after` in the address from a place in the list on."""
    wanted = await _wanted(console)
    before, after = _place(console.text("BEFORE")), _place(console.text("AFTER"))
    rows = await _some(console, wanted, _ROWS + 1, before=before, after=after)
    if after is not None and len(rows) <= _ROWS:  # the first page
        before = after = None
        rows = await _some(console, wanted, _ROWS + 1)
    newer, older = after is not None or before is not None, after is not None or len(rows) > _ROWS
    rows = rows[-_ROWS:] if after is not None else rows[:_ROWS]
    return console.show(
        "history.html",
        place=_PLACE,
        rows=[_row(console, each) for each in rows],
        fields=wanted.fields,
        narrowed=wanted.narrowed,
        query=wanted.query,
        newer=_turned(wanted, "after", rows[0]) if rows and newer else "",
        older=_turned(wanted, "before", rows[-1]) if rows and older else "",
        days=console.site.settings.history_days,
    )


async def _some(
    console: ConsoleCall, wanted: Wanted, maximum: int, *, before: Place | None = None, after: Place | None = None
) -> list[Run]:
    if wanted.found is None:
        return []
    engine = console.application.engine.for_lists()
    return await past_runs.past_runs(engine, wanted.found, maximum, after or before, newer=after is not None)


def _turned(wanted: Wanted, name: str, run: Run) -> str:
    place = urlencode({name: f"{run.started_at}.{run.conf_id}"})
    return f"{wanted.query}&{place}" if wanted.query else place


def _row(console: ConsoleCall, run: Run) -> Row:
    running = run.closed_at is None
    people = _("Present: %(count)s") if running else _("People: %(count)s")
    count = number_text(console, run.present if running else run.participants)
    facts = [said(kind_of(run)), said(people, count=count)]
    if run.closed_at is not None:
        facts.append(console.language.length(minutes(run.closed_at - run.started_at)))
    if run.host_id != console.user.user_id:
        facts.append(run.host_name or run.host_web_ex_id)
    return Row(run.conf_id, run.name, moment(console, run.started_at), facts, running)


async def list_table(console: ConsoleCall) -> Response:
    """The list as a table to load, not more than `MOST_LINES` runs of it."""
    wanted = await _wanted(console)
    zone = _zone(console)
    columns = [
        *(said(each) for each in (_("Name"), _("Kind"), _("Host"), _("Host's e-mail address"))),
        *(said(each, zone=zone) for each in (_("Begin (%(zone)s)"), _("End (%(zone)s)"))),
        *(said(each) for each in (_("Minutes"), _("People"), _("Most at once"), _("People's minutes"))),
        *(said(each) for each in (_("Invited"), _("Registered"), _("Came"), _("Session"), _("Run"))),
    ]

    async def parts() -> AsyncIterator[list[list[tables.Cell]]]:
        place, count = None, 0
        while count < MOST_LINES:
            rows = await _some(console, wanted, _AT_ONCE, before=place)
            if not rows:
                return
            yield [_line(console, each) for each in rows]
            place, count = place_of(rows[-1]), count + len(rows)

    return tables.table("sessions", columns, parts())


def _zone(console: ConsoleCall) -> str:
    return timezones.zone(console.user.time_zone_id).text


def _line(console: ConsoleCall, run: Run) -> list[tables.Cell]:
    end = run.closed_at
    return [
        *(run.name, said(kind_of(run)), run.host_name, run.host_email),
        *(_written(console, run.started_at), _written(console, end)),
        None if end is None else minutes(end - run.started_at),
        *(run.participants, run.peak, run.people_minutes, run.invited, run.registered, run.attended),
        # Spreadsheets would round such long numbers.
        *(str(run.session_key), str(run.conf_id)),
    ]


# ---- one run -----------------------------------------------------------------------------------------------------


async def _run(console: ConsoleCall) -> Run:
    """The run of an address, for its host and for those who look back on all; for others there is none.

    Raises:
        HTTPException: 404.
    """
    number = console.call.request.path_params["number"]
    engine, site_id = console.application.engine, console.site.site_id
    found = await runs.run(engine, site_id, number)
    if found is None or not (found.host_id == console.user.user_id or sees_all(console.user)):
        raise HTTPException(404)
    return found


@dataclass(frozen=True, slots=True)
class Stayed:
    """A stay on the page of its run; `left` is empty while it goes on."""

    number: int
    name: str
    email: str
    part: str
    came: str
    left: str
    length: str
    registered: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording of a run, and where it is found."""

    name: str
    link: str


async def run_page(console: ConsoleCall) -> Response:
    """A run: its numbers, how many people were there when, who came from when to when, what was said afterwards."""
    run = await _run(console)
    engine, site_id = console.application.engine.for_lists(), console.site.site_id
    spans = await past_runs.spans(engine, site_id, run.conf_id)
    pages = max(1, -(-len(spans) // _PEOPLE))
    page = min(page_number(console), pages)
    stays = await past_runs.some_stays(engine, site_id, run.conf_id, (page - 1) * _PEOPLE, _PEOPLE)
    session = await sessions.by_key(engine, site_id, run.session_key)
    chart, table = _chart(console, run, spans)
    return console.show(
        "history_run.html",
        place=_PLACE,
        run=run,
        kind=kind_of(run),
        running=run.closed_at is None,
        begin=moment(console, run.started_at),
        end="" if run.closed_at is None else moment(console, run.closed_at),
        host=run.host_name or run.host_web_ex_id,
        figures=_figures(console, run, spans),
        shares=_shares(console, run, spans),
        chart=chart,
        table=table,
        people=[_stayed(console, run, each) for each in stays],
        page=page,
        pages=pages,
        session=session if session is not None and session.service == run.service else None,
        recordings=await _recordings(console, run),
        opinions=await opinions.of_run(engine, run),
    )


def page_number(console: ConsoleCall) -> int:
    """The number of the page that an address asks for, from 1 on."""
    text = console.text("PAGE")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _times(run: Run, spans: Sequence[Span], now: int) -> tuple[list[tuple[int, int]], int]:
    """From when to when people were there up to now, and when the run ended."""
    end = now if run.closed_at is None else run.closed_at
    return [(each.joined_at, max(each.joined_at, end if each.left_at is None else each.left_at)) for each in spans], end


def _figures(console: ConsoleCall, run: Run, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """Names and numbers; those of a run that goes on are counted up to now."""
    times, end = _times(run, spans, console.now)
    if run.ended_at is not None:
        people, most, spent = run.participants, run.peak, run.people_minutes
    else:
        people = len({each.person_key for each in spans})
        most, spent = peak(times), sum(minutes(left - came) for came, left in times)
    return [
        (_("People"), number_text(console, people)),
        (_("Most at once"), number_text(console, most)),
        (_("Length"), console.language.length(minutes(end - run.started_at))),
        (_("Minutes of all people together"), number_text(console, spent)),
    ]


def _shares(console: ConsoleCall, run: Run, spans: Sequence[Span]) -> list[Bar]:
    """Who was to come beside who came, as bars over the width; empty where nobody was to come."""
    if run.ended_at is None or not (run.invited or run.registered):
        return []
    came = {each.person_key for each in spans if each.registered and each.part != Part.HOST}
    told = [(_("Invited"), run.invited), (_("Came"), run.attended)]
    if run.registered:
        told = [
            (_("Invited"), run.invited),
            (_("Registered"), run.registered),
            (_("Registered and came"), len(came)),
            (_("Came"), run.attended),
        ]
    top = max(1, *(value for _name, value in told))
    return [
        Bar(0, 0, charts.share(value, top), 100, f"{said(name)}: {number_text(console, value)}") for name, value in told
    ]


def _chart(console: ConsoleCall, run: Run, spans: Sequence[Span]) -> tuple[Chart | None, list[tuple[str, str]]]:
    """The people present over time, as a chart and as the rows of a small table."""
    if not spans:
        return None, []
    times, end = _times(run, spans, console.now)
    found = attendance(times, run.started_at, end, _SLOTS)
    up, top = charts.marks_up(found.present, lambda number: number_text(console, number))
    line, area = charts.steps(found.present, top)
    most = max(found.present)
    first = found.start + found.present.index(most) * found.slot
    shown = _clock(console, found)
    chart = Chart(
        label=said(_("People present over time")),
        summary=said(_("Most people at once: %(count)s, from %(time)s on."), time=shown(first), count=most),
        up=up,
        along=_marks_along(console, found),
        bars=[],
        line=line,
        area=area,
    )
    step = -(-len(found.present) // _TABLE)
    rows = [
        (shown(found.start + place * found.slot), number_text(console, max(found.present[place : place + step])))
        for place in range(0, len(found.present), step)
    ]
    return chart, rows


def _clock(console: ConsoleCall, found: Attendance) -> Callable[[int], str]:
    days = local(console, found.start).date() != local(console, found.end - 1).date()
    return lambda at: moment(console, at) if days else console.language.time(local(console, at))


def _marks_along(console: ConsoleCall, found: Attendance) -> list[Mark]:
    zone = console.user.time_zone_id
    moments = charts.times(found.start, found.end, timezones.offset_minutes(zone, found.start) * 60)
    long = found.end - found.start > 2 * _DAY
    return charts.along(
        moments,
        found.start,
        found.end,
        lambda at: brief_day(console, local(console, at)) if long else console.language.time(local(console, at)),
    )


def brief_day(console: ConsoleCall, at: datetime) -> str:
    """A day in few letters, for charts."""
    return format_skeleton("MMMd", at.date(), locale=console.language.locale)


def _stayed(console: ConsoleCall, run: Run, stay: Stay) -> Stayed:
    left = stay.left_at
    begun = local(console, run.started_at).date()

    def shown(at: int) -> str:
        """The time of day, and the day too where it is another one than that on which the run began."""
        there = local(console, at)
        return console.language.time(there) if there.date() == begun else moment(console, at)

    length = (console.now if left is None else left) - stay.joined_at
    return Stayed(
        number=stay.stay_id,
        name=stay.name,
        email=stay.email or "",
        part=_PARTS.get(stay.part, stay.part),
        came=shown(stay.joined_at),
        left="" if left is None else shown(left),
        length=console.language.length(minutes(length)),
        registered=stay.registered,
    )


async def _recordings(console: ConsoleCall, run: Run) -> list[Recorded]:
    """The recordings of a run: the own ones lead to their pages, others to where they are played."""
    found = await recordings.of_run(console.application.engine, run.site_id, run.conf_id)
    links, name, own = console.application.links, console.site.name, console.user.user_id
    return [
        Recorded(
            each.name,
            console.path(f"recordings/{each.recording_id}")
            if each.owner_id == own
            else links.recording(name, each.stream_rcid),
        )
        for each in found
        if each.state is State.READY
    ]


async def people_table(console: ConsoleCall) -> Response:
    """Everybody who came to a run, as a table to load."""
    run = await _run(console)
    zone = _zone(console)
    columns = [
        *(said(each) for each in (_("Name"), _("E-mail"), _("Role"))),
        *(said(each, zone=zone) for each in (_("Came (%(zone)s)"), _("Left (%(zone)s)"))),
        *(said(each) for each in (_("Minutes"), _("Minutes with audio"), _("Invited"), _("Registered"))),
        *(
            said(each)
            for each in (_("Company"), _("Title"), _("Phone"), _("City"), _("State or province"), _("Country"))
        ),
        *(said(each) for each in (_("IP address"), _("Program"), _("Answers"))),
    ]

    async def parts() -> AsyncIterator[list[list[tables.Cell]]]:
        for skip in range(0, MOST_LINES, _AT_ONCE):
            found = await past_runs.some_stays(console.application.engine, run.site_id, run.conf_id, skip, _AT_ONCE)
            if found:
                yield [_stay_line(console, each) for each in found]
            if len(found) < _AT_ONCE:
                return

    return tables.table(f"people-{run.conf_id}", columns, parts())


def _stay_line(console: ConsoleCall, stay: Stay) -> list[tables.Cell]:
    known = read_known(stay.document)
    yes, no = said(_("yes")), said(_("no"))
    return [
        *(stay.name, stay.email, said(_PARTS.get(stay.part, stay.part))),
        *(_written(console, stay.joined_at), _written(console, stay.left_at)),
        None if stay.left_at is None else minutes(stay.left_at - stay.joined_at),
        minutes(stay.voip_seconds),
        *(yes if stay.listed else no, yes if stay.registered else no),
        *(stay.company, known.title, known.phone, stay.city, stay.state, stay.country),
        *(stay.ip_address, stay.client_agent),
        "\n".join(f"{label}: {answer}" for label, answer in known.questions),
    ]


async def person_page(console: ConsoleCall) -> Response:
    """What is known of somebody who came, and what he answered when he registered."""
    run = await _run(console)
    number = console.call.request.path_params["stay"]
    stay = await runs.stay(console.application.engine, run.site_id, number)
    if stay is None or stay.conf_id != run.conf_id:
        raise HTTPException(404)
    known = read_known(stay.document)
    return console.show(
        "history_person.html",
        place=_PLACE,
        run=run,
        name=stay.name or stay.email or "–",
        facts=[(name, value) for name, value in _facts(console, run, stay, known) if value],
        answers=known.questions,
    )


def _facts(console: ConsoleCall, run: Run, stay: Stay, known: Known) -> list[tuple[str, str | None]]:
    town = " ".join(each for each in (known.zip, stay.city) if each)
    shown = _stayed(console, run, stay)
    return [
        (_("E-mail"), stay.email),
        (_("Role"), said(shown.part)),
        (_("Came"), moment(console, stay.joined_at)),
        (_("Left"), "" if stay.left_at is None else moment(console, stay.left_at)),
        (_("Length"), shown.length),
        (_("With audio"), console.language.length(minutes(stay.voip_seconds)) if stay.voip_seconds else ""),
        (_("Invited"), said(_("yes")) if stay.listed else said(_("no"))),
        (_("Registered"), said(_("yes")) if stay.registered else said(_("no"))),
        (_("Title"), known.title),
        (_("Company"), stay.company),
        (_("Phone"), known.phone),
        (_("Address"), ", ".join(each for each in (known.address1, known.address2, town, stay.state) if each)),
        (_("Country"), stay.country),
        (_("Learned of it by"), known.source),
        (_("IP address"), stay.ip_address),
        (_("Program"), stay.client_agent),
    ]
