"""How much the site is used, over time: sessions, people and their minutes, hosts, recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from babel.numbers import format_compact_decimal
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain import timezones
from parley.services.history.reports import SERVICES
from parley.store import usage
from parley.store.usage import Stored, Used
from parley.web.console import charts, tables
from parley.web.console.agenda import day_named, today
from parley.web.console.charts import Chart
from parley.web.console.fields import Field
from parley.web.console.history import brief_day
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.words import said

_PLACE: Final = "admin/usage"
#: The longest span that is summed up, and the longest that is shown by days.
LONGEST: Final = 400
MOST_DAYS: Final = 100
#: What is shown when nothing is asked for.
_USUAL: Final = 30


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_STEPS: Final = {"day": _("Days"), "week": _("Weeks"), "month": _("Months")}
_MEETINGS: Final = _("Meetings")
_KINDS: Final = {
    "EventCenter": _("Events"),
    "MeetingCenter": _MEETINGS,
    "SalesCenter": _("Sales meetings"),
    "SupportCenter": _("Support sessions"),
    "TrainingCenter": _("Trainings"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [
        shell.page("/admin/usage", usage_page, admins=True),
        shell.page("/admin/usage/table.csv", usage_table, admins=True),
    ]


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of the reader's zone: the first one, and the one after the last."""

    first: date
    after: date


@dataclass(slots=True)
class Report:
    """What was found for one period.

    Attributes:
        services: by the service of the sessions; `all` is their sum.
        hosts: accounts that held sessions.
        recorded: recordings that were made and are still there.
    """

    period: Period
    services: dict[str, Used]
    all: Used
    hosts: int
    recorded: Stored


def periods(first: date, last: date, step: str, first_weekday: int) -> list[Period]:
    """The days, weeks or months that lie in a span; the first and the last may be cut by its ends.

    Args:
        step: day, week or month.
        first_weekday: with which day weeks begin; Monday is 0.
    """
    found = []
    begin = first
    while begin <= last:
        after = begin + timedelta(days=1)
        if step == "week":
            after = begin + timedelta(days=7 - (begin.weekday() - first_weekday) % 7)
        elif step == "month":
            after = (begin.replace(day=1) + timedelta(days=31)).replace(day=1)
        found.append(Period(begin, min(after, last + timedelta(days=1))))
        begin = after
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for, brought into its bounds; `notes`: what was put right."""

    first: date
    last: date
    step: str
    notes: list[str]

    @property
    def query(self) -> str:
        """The same as values of a link."""
        return f"from={self.first.isoformat()}&until={self.last.isoformat()}&step={self.step}"


def asked(console: ConsoleCall) -> Asked:
    """Read the form."""
    notes = []
    last = day_named(console.text("UNTIL"), today(console))
    first = day_named(console.text("FROM"), last - timedelta(days=_USUAL - 1))
    if first > last:
        first, last = last, first
    if (last - first).days >= LONGEST:
        first = last - timedelta(days=LONGEST - 1)
        notes.append(said(_("At most %(days)s days are summed up at once."), days=LONGEST))
    step = console.text("STEP") if console.text("STEP") in _STEPS else "day"
    if step == "day" and (last - first).days >= MOST_DAYS:
        step = "week"
        notes.append(said(_("More than %(days)s days are shown by weeks."), days=MOST_DAYS))
    return Asked(first, last, step, notes)


async def reports(console: ConsoleCall, wanted: Asked) -> list[Report]:
    """What was held in each period; every one is a few sums along an index, so that others get their turn between."""
    engine, site_id = console.application.engine.for_lists(), console.site.site_id
    found = []
    for each in periods(wanted.first, wanted.last, wanted.step, console.language.locale.first_week_day):
        begin, end = (_instant(console, day) for day in (each.first, each.after))
        services = await usage.runs_between(engine, site_id, SERVICES, begin, end)
        total = Used()
        for one in services.values():
            total = total.with_more(one)
        hosts = await usage.hosts_between(engine, site_id, SERVICES, begin, end) if total.sessions else 0
        recorded = await usage.recordings_made(engine, site_id, begin, end)
        found.append(Report(each, services, total, hosts, recorded))
    return found


def _instant(console: ConsoleCall, day: date) -> int:
    return timezones.to_utc(datetime.combine(day, time()), console.user.time_zone_id)


# ---- the page ----------------------------------------------------------------------------------------------------


async def usage_page(console: ConsoleCall) -> Response:
    """The charts, with a table of the same numbers."""
    wanted = asked(console)
    found = await reports(console, wanted)
    total, services, recorded = _sums(found)
    begin, end = _instant(console, wanted.first), _instant(console, wanted.last + timedelta(days=1))
    hosts = await usage.hosts_between(
        console.application.engine.for_lists(), console.site.site_id, SERVICES, begin, end
    )
    number = console.language.number
    names = [_name(console, wanted.step, each.period) for each in found]
    return console.show(
        "admin_usage.html",
        place=_PLACE,
        fields=_fields(wanted),
        wanted=wanted,
        span=said(
            _("%(first)s to %(last)s"),
            first=console.language.short_day(wanted.first),
            last=console.language.short_day(wanted.last),
        ),
        figures=[
            (_("Sessions"), number(total.sessions)),
            (_("People"), number(total.people)),
            (_("Minutes of all people together"), number(total.minutes)),
            (_("Hosts who held sessions"), number(hosts)),
            (_("Most people at once in a session"), number(total.peak)),
            (_("Recordings"), number(recorded.number)),
        ],
        charts=_charts(console, wanted, found, names) if total.sessions or recorded.number else [],
        kinds=[
            (_KINDS.get(service, _MEETINGS), number(one.sessions), number(one.people), number(one.minutes))
            for service, one in sorted(services.items(), key=lambda each: -each[1].sessions)
        ],
        rows=[
            (
                name,
                *(number(value) for value in (each.all.sessions, each.all.people, each.all.minutes)),
                *(number(value) for value in (each.hosts, each.all.peak, each.recorded.number)),
            )
            for name, each in zip(names, found, strict=True)
        ],
        days=console.site.settings.history_days,
    )


def _sums(found: list[Report]) -> tuple[Used, dict[str, Used], Stored]:
    """All periods together: in all, by service, and their recordings."""
    total, services, recorded = Used(), dict[str, Used](), Stored()
    for each in found:
        total = total.with_more(each.all)
        recorded = Stored(recorded.number + each.recorded.number, recorded.bytes + each.recorded.bytes)
        for service, one in each.services.items():
            services[service] = services.get(service, Used()).with_more(one)
    return total, services, recorded


def _fields(wanted: Asked) -> list[Field]:
    return [
        Field("FROM", "date", _("From"), wanted.first.isoformat()),
        Field("UNTIL", "date", _("Until"), wanted.last.isoformat()),
        Field("STEP", "list", _("Sums of"), wanted.step, options=list(_STEPS.items()), translated=True),
    ]


def _name(console: ConsoleCall, step: str, period: Period) -> str:
    """A period as the table names it."""
    first = console.language.short_day(period.first)
    last = period.after - timedelta(days=1)
    if step == "day" or last == period.first:
        return first
    return said(_("%(first)s to %(last)s"), first=first, last=console.language.short_day(last))


def _charts(console: ConsoleCall, wanted: Asked, found: list[Report], names: list[str]) -> list[Chart]:
    brief = [brief_day(console, datetime.combine(each.period.first, time())) for each in found]
    shown = (
        (_("Sessions"), [each.all.sessions for each in found]),
        (_("People"), [each.all.people for each in found]),
        (_("Minutes of all people together"), [each.all.minutes for each in found]),
        (_("Hosts who held sessions"), [each.hosts for each in found]),
        (_("Recordings"), [each.recorded.number for each in found]),
    )
    return [_chart(console, said(name), values, names, brief) for name, values in shown if any(values)]


def _chart(console: ConsoleCall, label: str, values: list[int], names: list[str], brief: list[str]) -> Chart:
    up, top = charts.marks_up(
        values, lambda value: format_compact_decimal(value, locale=console.language.locale, fraction_digits=1)
    )
    number = console.language.number
    most = max(values)
    return Chart(
        label=label,
        summary=said(_("Most: %(count)s, %(when)s."), count=number(most), when=names[values.index(most)]),
        up=up,
        along=charts.marks_of_bars(brief),
        bars=charts.bars(values, top, [f"{name}: {number(value)}" for name, value in zip(names, values, strict=True)]),
    )


# ---- the table ---------------------------------------------------------------------------------------------------


async def usage_table(console: ConsoleCall) -> Response:
    """The same numbers as a table to load, by period and kind of session."""
    wanted = asked(console)
    columns = [
        *(said(each) for each in (_("From"), _("Until"), _("Kind"), _("Sessions"), _("People"))),
        *(said(each) for each in (_("Minutes of all people together"), _("Most people at once in a session"))),
        *(said(each) for each in (_("Hosts who held sessions"), _("Recordings"), _("Bytes of recordings"))),
    ]
    found = await reports(console, wanted)

    async def parts() -> AsyncIterator[list[list[tables.Cell]]]:
        yield [line for each in found for line in _lines(each)]

    return tables.table("usage", columns, parts())


def _lines(report: Report) -> list[list[tables.Cell]]:
    first = report.period.first.isoformat()
    last = (report.period.after - timedelta(days=1)).isoformat()
    total: list[tables.Cell] = [
        *(first, last, said(_("All kinds")), *report.all),
        *(report.hosts, report.recorded.number, report.recorded.bytes),
    ]
    kinds: list[list[tables.Cell]] = [
        [first, last, said(_KINDS.get(service, _MEETINGS)), *one] for service, one in sorted(report.services.items())
    ]
    return [total, *kinds]
