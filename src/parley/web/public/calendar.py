"""The calendar of a site: what is listed for everybody, for its accounts also what is listed for them only.

Who finds what is for the operation LstCalendarSession to say, which these pages ask in the name of their reader. It
expands series only where it need not look through too much, so wide calendars are shown fewer days at a time, and
those with very many series name each of them once, at its next time.
Sources: facts/general-session.md 0, facts/training-history.md 1.1 (listing).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.contract.ep import (
    DateScopeType,
    LstCalendarSession,
    LstCalendarSessionResponse,
    LstsummarySessionServiceTypes,
    OrderType,
)
from parley.contract.service import LstControlType
from parley.domain import timezones
from parley.domain.dates import format_date
from parley.domain.listing import Relation, on_calendar
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.rooms.limits import Addresses
from parley.store import programs
from parley.store.programs import ProgramFilter
from parley.web.console import agenda
from parley.web.console.profile import zone_options
from parley.web.console.shell import ConsoleCall, Page, Shell

#: Rows of one page of the agenda.
_ROWS: Final = 50
#: Rows that a month is made of; with more, only its days are shown. Of one day so many are named.
_MONTH_ROWS: Final = 500
_DAY_ROWS: Final = 3
_PROGRAMS: Final = 20
_LONGEST_NAME: Final = 128
#: Days that the agenda shows, and that a search for a name looks through: as many as can be had.
_DAYS: Final = (14, 7, 1)
_SEARCHED: Final = (366, 92, 31, 7, 1)


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_KINDS: Final = {
    "": _("All kinds"),
    "MeetingCenter": _("Meetings"),
    "EventCenter": _("Events"),
    "TrainingCenter": _("Trainings"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    asks = Addresses(burst=60, rate=2)
    return [
        shell.public("/calendar", _unhurried(agenda_page, asks)),
        shell.public("/calendar/month", _unhurried(month_page, asks)),
    ]


def _unhurried(page: Page, asks: Addresses) -> Page:
    """A page that nobody gets too often: one of a site with thousands of series takes a good part of a second."""

    async def slowed(console: ConsoleCall) -> Response:
        if asks.take(f"{console.site.site_id}/{console.address}", monotonic()):
            return await page(console)
        return console.say(_("One moment, please"), _("Too much was asked for from here. Wait a minute."), 429)

    return slowed


class Listed(NamedTuple):
    """A part of the calendar.

    Attributes:
        total: how many rows it has in all.
        last: the last day that was looked at.
        whole: every occurrence of a series has a row; else each series has one.
    """

    rows: list[agenda.Row]
    total: int
    last: date
    whole: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader chose: a beginning of names, a kind of session, a time zone."""

    name: str
    kind: str
    zone: int

    @classmethod
    def of(cls, console: ConsoleCall) -> Choice:
        """Read it from the address; from now on the page's times are in that zone."""
        zone, kind = console.text("TZ"), console.values.get("KIND")
        known = timezones.known_zone_id(int(zone)) if zone.isascii() and zone.isdigit() and len(zone) < 4 else None
        if known is not None:
            console.zone_id = known
        return cls(console.text("NAME")[:_LONGEST_NAME], kind if kind in _KINDS else "", console.zone_id)

    def query(self, console: ConsoleCall, **more: str | int) -> str:
        """The query of a link that keeps to the choice."""
        own = console.call.user.time_zone_id if console.call.user else console.site.settings.default_time_zone_id
        said = {"name": self.name, "kind": self.kind, "tz": "" if self.zone == own else str(self.zone), **more}
        return urlencode({name: value for name, value in said.items() if value != ""})


# ---- what is on it -----------------------------------------------------------------------------------------------


async def coming(console: ConsoleCall, most: int) -> list[agenda.Row]:
    """The next sessions of the calendar, each series once."""
    try:
        found = await _ask(console, LstCalendarSession(list_control=LstControlType(start_from=1, maximum_num=most)))
    except Fault:  # the page is worth having without them
        return []
    return found[0]


async def _ask(console: ConsoleCall, request: LstCalendarSession) -> tuple[list[agenda.Row], int]:
    """Rows, by start, and how many there are in all."""
    request.order = OrderType(order_by=["STARTTIME"], order_ad=["ASC"])
    request.date_scope = request.date_scope or DateScopeType(time_zone_id=console.zone_id)
    try:
        answer = cast("LstCalendarSessionResponse", await console.look(request))
    except Fault as fault:
        if fault.code == faults.NOTHING_FOUND.code:
            return [], 0
        raise
    link = f"{console.site_path}/e.php?AT=SI&MK="
    rows = [agenda.row_of(console, each, f"{link}{each.session_key}") for each in answer.session]
    matching = answer.matching_records
    return rows, max(len(rows), (matching.total or 0) if matching else 0)


async def _between(
    console: ConsoleCall, choice: Choice, first: date, last: date, rows: int, page: int, *, whole: bool
) -> tuple[list[agenda.Row], int]:
    request = LstCalendarSession(
        list_control=LstControlType(start_from=(page - 1) * rows + 1, maximum_num=rows),
        date_scope=DateScopeType(
            start_date_start=format_date(datetime.combine(first, time())),
            start_date_end=format_date(datetime.combine(last, time(23, 59, 59))),
            time_zone_id=console.zone_id,
        ),
        service_types=LstsummarySessionServiceTypes(service_type=[choice.kind]) if choice.kind else None,
        conf_name=choice.name or None,
        recurrence=whole,
    )
    return await _ask(console, request)


async def _found(
    console: ConsoleCall, choice: Choice, first: date, spans: Iterable[int], rows: int, page: int
) -> Listed | None:
    """What is listed from a day on, over as many of the days as can be had; None: not even one day can."""
    spans, whole = tuple(spans), True
    for expanded in (True, False):
        for days in spans:
            if expanded and not whole:
                break
            last = first + timedelta(days=days - 1)
            try:
                found, total = await _between(console, choice, first, last, rows, page, whole=expanded)
            except Fault as fault:
                if fault.code != faults.INVALID_VALUE.code:
                    raise
                # With too many series fewer days help nothing; with too many sessions they may.
                whole = whole and not fault.reason.startswith("recurrence")
                continue
            return Listed(found, total, last, expanded)
    return None


async def _programs(console: ConsoleCall) -> list[tuple[str, str]]:
    """Names and links of the programs of events that the reader may know of."""
    if not console.site.settings.classic_events:
        return []
    relation = Relation.ANONYMOUS if console.call.user is None else Relation.MEMBER
    wanted = ProgramFilter(site_id=console.site.site_id, listings=tuple(sorted(on_calendar(relation))))
    found = await programs.list_programs(console.application.engine, wanted, maximum=_PROGRAMS)
    return [(each.name, f"{console.site_path}/onstage/g.php?P={each.program_id}") for each in found.rows]


# ---- pages -------------------------------------------------------------------------------------------------------


def _common(console: ConsoleCall, choice: Choice) -> dict[str, Any]:
    return {
        "here": "calendar",
        "choice": choice,
        "kinds": list(_KINDS.items()),
        "zones": zone_options(console.now),
        "narrowed": bool(choice.name or choice.kind),
    }


async def agenda_page(console: ConsoleCall) -> Response:
    """The next days, or those from a day on; with a name, the next sessions whose names begin so."""
    choice = Choice.of(console)
    today = agenda.today(console)
    first = agenda.day_named(console.text("FROM"), today)
    sent = console.text("PAGE")
    page = int(sent) if sent.isascii() and sent.isdigit() and 0 < len(sent) < 6 and int(sent) else 1
    found = await _found(console, choice, first, _SEARCHED if choice.name else _DAYS, _ROWS, page)
    listed = found or Listed([], 0, first, whole=True)
    days = (listed.last - first).days + 1
    pages = -(-listed.total // _ROWS)
    start = "" if first == today else first.isoformat()
    here: dict[str, str | int] = {"from": start}
    return console.show(
        "public/calendar.html",
        **_common(console, choice),
        days=agenda.by_day(console, listed.rows),
        too_many=found is None,
        once=not listed.whole,
        from_today=first == today,
        start=start,
        first=console.language.short_day(first),
        last=console.language.short_day(listed.last),
        one_day=first == listed.last,
        before=choice.query(console, **{"from": (first - timedelta(days=days)).isoformat()}),
        now=choice.query(console),
        after=choice.query(console, **{"from": (listed.last + timedelta(days=1)).isoformat()}),
        page=page,
        pages=pages,
        newer=choice.query(console, **here, page=page - 1) if page > 1 else None,
        older=choice.query(console, **here, page=page + 1) if page < pages else None,
        month=choice.query(console, month=f"{first:%Y-%m}"),
        programs=await _programs(console),
    )


async def month_page(console: ConsoleCall) -> Response:
    """One month, week by week."""
    choice = Choice.of(console)
    today = agenda.today(console)
    month = agenda.month_of(console.text("MONTH"), today)
    first_weekday = console.language.locale.first_week_day
    weeks = agenda.weeks_of(month, first_weekday)
    listed = await _month(console, choice, weeks)
    rows = agenda.grouped(listed.rows if listed else ())
    return console.show(
        "public/month.html",
        **_common(console, choice),
        weeks=[[_day(console, choice, day, rows.get(day, [])) for day in week] for week in weeks],
        weekdays=[console.language.weekday((first_weekday + each) % 7) for each in range(7)],
        month=month,
        title=agenda.month_name(console, month),
        too_many=listed is None,
        once=listed is not None and not listed.whole,
        before=choice.query(console, month=(month - timedelta(days=1)).strftime("%Y-%m")),
        now=choice.query(console),
        after=choice.query(console, month=(month + timedelta(days=31)).strftime("%Y-%m")),
        agenda=choice.query(console),
    )


async def _month(console: ConsoleCall, choice: Choice, weeks: list[list[date]]) -> Listed | None:
    """All that is listed in these weeks; None: it is too much for one page."""
    first = weeks[0][0]
    listed = await _found(console, choice, first, (len(weeks) * 7,), _MONTH_ROWS, 1)
    return listed if listed is not None and listed.total <= _MONTH_ROWS else None


def _day(console: ConsoleCall, choice: Choice, day: date, rows: list[agenda.Row]) -> agenda.Day:
    """A day of a month: what is named of it, and how much more there is."""
    shown, link = rows[:_DAY_ROWS], choice.query(console, **{"from": day.isoformat()})
    return agenda.day_of(console, day, shown, len(rows) - len(shown), f"{console.site_path}/calendar?{link}")
