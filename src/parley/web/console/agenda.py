"""The sessions of a host over some days, every occurrence of a series among them, as the API lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, cast

from parley.contract.ep import (
    DateScopeType,
    LstsummarySession,
    LstsummarySessionResponse,
    OrderType,
    SessionSummaryInstanceType,
)
from parley.contract.service import LstControlType
from parley.domain import timezones
from parley.domain.dates import format_date, parse_date
from parley.protocol import faults
from parley.protocol.faults import Fault
from parley.services.session_traits import traits_of
from parley.web.console.shell import ConsoleCall

#: Rows that one page shows at most; it says so when there are more.
MOST_ROWS: Final = 150


@dataclass(frozen=True, slots=True)
class Row:
    """One session, or one occurrence of a series, in the reader's time zone.

    Attributes:
        key: the number of the session, which all occurrences of a series share.
        link: of its page.
        starts, ends: wall-clock times of the reader.
        running: it is in progress.
        over: it has ended.
        series, exception: it belongs to a series; it takes place otherwise than its series says.
        host: who holds it, when that is somebody else.
        holder: casefolded sign-in name of whoever holds it.
    """

    key: int
    link: str
    name: str
    starts: datetime
    ends: datetime
    time: str
    kind: str
    running: bool
    over: bool
    series: bool
    exception: bool
    host: str | None
    holder: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its sessions.

    Attributes:
        more: sessions beside `rows`.
        link: where all of them are listed; empty where nothing leads there.
    """

    date: date
    text: str
    rows: list[Row]
    today: bool
    more: int = 0
    link: str = ""


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: What a session is, by its service; a meeting needs no word.
KINDS: Final = {
    "EventCenter": _("Event"),
    "TrainingCenter": _("Training"),
    "SupportCenter": _("Support session"),
    "SalesCenter": _("Sales meeting"),
}


def today(console: ConsoleCall) -> date:
    """The reader's day."""
    return timezones.to_local(console.now, console.zone_id).date()


async def rows_between(console: ConsoleCall, first: date, last: date) -> tuple[list[Row], bool]:
    """The visitor's sessions that start on these days of his time zone, by start, and whether there are more."""
    request = LstsummarySession(
        list_control=LstControlType(start_from=1, maximum_num=MOST_ROWS),
        order=OrderType(order_by=["STARTTIME"], order_ad=["ASC"]),
        date_scope=DateScopeType(
            start_date_start=format_date(datetime.combine(first, time())),
            start_date_end=format_date(datetime.combine(last, time(23, 59, 59))),
            time_zone_id=console.zone_id,
        ),
        host_web_ex_id=console.user.web_ex_id,
        recurrence=True,
    )
    try:
        answer = cast("LstsummarySessionResponse", await console.perform(request))
    except Fault as fault:
        if fault.code == faults.NOTHING_FOUND.code:
            return [], False
        raise
    matching = answer.matching_records
    rows = [row_of(console, each) for each in answer.session]
    return rows, matching is not None and (matching.total or 0) > len(rows)


def row_of(console: ConsoleCall, each: SessionSummaryInstanceType, link: str | None = None) -> Row:
    """A row of a list as a page shows it.

    Args:
        link: where it leads; None: to the session's page of its host.
    """
    zone, duration = console.zone_id, each.duration or 0
    # The list tells times in the zone that was asked for, and the session's own zone beside them.
    begins = timezones.to_utc(parse_date(each.start_time or ""), zone)
    starts, ends = (timezones.to_local(at, zone) for at in (begins, begins + duration * 60))
    running = each.status == "INPROGRESS"
    host = f"{each.host_first_name or ''} {each.host_last_name or ''}".strip() or each.host_web_ex_id
    recurring, exception = bool(each.is_recurring), bool(each.is_exception)
    if link is None:
        link = f"{console.path()}meetings/{each.session_key}"
        if recurring and not exception:
            link += f"?day={timezones.to_local(begins, each.time_zone_id or zone).date().isoformat()}"
    own = console.call.user is not None and console.call.user.web_ex_id_key == (each.host_web_ex_id or "").casefold()
    return Row(
        key=each.session_key or 0,
        link=link,
        name=each.conf_name or "",
        starts=starts,
        ends=ends,
        time=f"{console.language.time(starts)} – {console.language.time(ends)}",
        kind=_kind(console, each),
        running=running,
        over=not running and begins + duration * 60 <= console.now,
        series=recurring or exception,
        exception=exception,
        host=None if own else host,
        holder=(each.host_web_ex_id or "").casefold(),
    )


def _kind(console: ConsoleCall, each: SessionSummaryInstanceType) -> str:
    """What a session is; empty for a meeting, which needs no word."""
    traits = traits_of(console.call.known.types, each.session_type or 0)
    return (
        _("Audio only")
        if traits.audio_only
        else _("Webinar")
        if traits.webinar
        else KINDS.get(each.service_type or "", "")
    )


def by_day(console: ConsoleCall, rows: Iterable[Row]) -> list[Day]:
    """Rows under their days; days without any are left out."""
    return [day_of(console, each, found) for each, found in sorted(grouped(rows).items())]


def grouped(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """Rows by the days on which they begin."""
    days: dict[date, list[Row]] = {}
    for row in rows:
        days.setdefault(row.starts.date(), []).append(row)
    return days


def day_of(console: ConsoleCall, day: date, rows: list[Row], more: int = 0, link: str = "") -> Day:
    """One day as a page shows it."""
    return Day(day, console.language.day(day), rows, day == today(console), more, link)


def month_of(text: str, usual: date) -> date:
    """The first day of the month that a link names (YYYY-MM); the usual one's when it names none."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        return usual.replace(day=1)
    return found if 1971 <= found.year <= 2198 else usual.replace(day=1)


def month_name(console: ConsoleCall, month: date) -> str:
    """The name of a month with its year."""
    name = console.language.locale.months["stand-alone"]["wide"][month.month]
    return f"{name} {month.year}"


def day_named(text: str, usual: date) -> date:
    """The day that a link names (YYYY-MM-DD); the usual one when it names none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return usual
    return found if 1971 <= found.year <= 2198 else usual


def weeks_of(month: date, first_weekday: int) -> list[list[date]]:
    """The weeks that a month reaches into, each with seven days.

    Args:
        month: its first day.
        first_weekday: with which day weeks begin; Monday is 0.
    """
    begin = month - timedelta(days=(month.weekday() - first_weekday) % 7)
    after = (month + timedelta(days=31)).replace(day=1)
    weeks = []
    while begin < after:
        weeks.append([begin + timedelta(days=each) for each in range(7)])
        begin += timedelta(days=7)
    return weeks
