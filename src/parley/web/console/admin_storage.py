"""What the recordings of the site take up: in all, by month, by host, and the largest of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain import timezones
from parley.domain.recording import TRASH_DAYS, HostedRecording, State
from parley.recordings.keeping import limit_of
from parley.store import recordings, usage, users
from parley.store.usage import Owner
from parley.web.console import charts
from parley.web.console.agenda import today
from parley.web.console.charts import Chart
from parley.web.console.history import page_number
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.recordings.pages import clock, readable
from parley.web.words import said

_PLACE: Final = "admin/storage"
_ROWS: Final = 25
_LARGEST: Final = 10
_MONTHS: Final = 12
#: What limits on storage count in.
MEGABYTE: Final = 1024 * 1024


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [shell.page("/admin/storage", storage_page, admins=True)]


@dataclass(frozen=True, slots=True)
class Host:
    """An account whose recordings use storage.

    Attributes:
        number: of the account.
        limit: how much it may use; empty where the site's limit alone holds.
        width: how much of that it uses, or, without a limit, of what the site uses; per cent.
    """

    number: int
    name: str
    web_ex_id: str
    used: str
    limit: str
    width: float


@dataclass(frozen=True, slots=True)
class Large:
    """A large recording, and where it is found."""

    name: str
    link: str
    owner: str
    size: str
    length: str
    day: str


async def storage_page(console: ConsoleCall) -> Response:
    """What is used of what there is."""
    engine, site = console.application.engine.for_lists(), console.site
    limit = site.settings.archive_storage_limit
    used = await recordings.used(engine, site.site_id)
    ready = await usage.recordings_in(engine, site.site_id, State.READY)
    trash = await usage.recordings_in(engine, site.site_id, State.TRASHED)
    total = await usage.count_owners(engine, site.site_id)
    pages = max(1, -(-total // _ROWS))
    page = min(page_number(console), pages)
    owners = await usage.owners(engine, site.site_id, (page - 1) * _ROWS, _ROWS)
    number = console.language.number
    most = None if limit is None else limit * MEGABYTE
    return console.show(
        "admin_storage.html",
        place=_PLACE,
        figures=[
            (_("Used"), readable(used)),
            (_("Limit of the site"), said(_("none")) if most is None else readable(most)),
            (_("Recordings"), number(ready.number)),
            (_("In the trash"), f"{number(trash.number)} · {readable(trash.bytes)}"),
        ],
        width=charts.share(used, most) if most is not None else None,
        full=most is not None and used >= most,
        told=""
        if most is None
        else said(_("%(used)s of %(limit)s are used."), used=readable(used), limit=readable(most)),
        trash_days=TRASH_DAYS,
        chart=await _months(console),
        hosts=[await _host(console, each, used) for each in owners],
        page=page,
        pages=pages,
        largest=[_large(console, each) for each in await usage.largest_recordings(engine, site.site_id, _LARGEST)],
    )


async def _months(console: ConsoleCall) -> Chart | None:
    """What the recordings take up that were made in each of the last months and are still there; None: none are."""
    firsts = [today(console).replace(day=1)]
    while len(firsts) < _MONTHS:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    firsts.append((firsts[-1] + timedelta(days=31)).replace(day=1))
    zone, engine = console.user.time_zone_id, console.application.engine.for_lists()
    ends = [timezones.to_utc(datetime.combine(each, time()), zone) for each in firsts]
    sizes = [
        (await usage.recordings_made(engine, console.site.site_id, begin, end)).bytes for begin, end in pairwise(ends)
    ]
    if not any(sizes):
        return None
    names = [console.language.month(each) for each in firsts[:-1]]
    # Marks are round numbers of megabytes.
    up, top = charts.marks_up([-(-each // MEGABYTE) for each in sizes], lambda value: readable(value * MEGABYTE))
    most = max(sizes)
    return Chart(
        label=said(_("Recordings by the month they were made")),
        summary=said(_("Most: %(count)s, %(when)s."), count=readable(most), when=names[sizes.index(most)]),
        up=up,
        along=charts.marks_of_bars([_brief_month(console, each) for each in firsts[:-1]]),
        bars=charts.bars(
            [each / MEGABYTE for each in sizes],
            top,
            [f"{name}: {readable(size)}" for name, size in zip(names, sizes, strict=True)],
        ),
    )


def _brief_month(console: ConsoleCall, month: date) -> str:
    return str(console.language.locale.months["stand-alone"]["abbreviated"][month.month])


async def _host(console: ConsoleCall, owner: Owner, all_used: int) -> Host:
    account = await users.by_id(console.application.engine, console.site.site_id, owner.user_id)
    limit = None if account is None else limit_of(account)
    return Host(
        number=owner.user_id,
        name=f"{owner.first_name} {owner.last_name}".strip() or owner.web_ex_id,
        web_ex_id=owner.web_ex_id,
        used=readable(owner.used),
        limit="" if limit is None else readable(limit),
        width=charts.share(owner.used, all_used if limit is None else limit),
    )


def _large(console: ConsoleCall, row: HostedRecording) -> Large:
    """The own ones lead to their pages, others to where they are played."""
    at = timezones.to_local(row.created_at, console.user.time_zone_id)
    own = row.owner_id == console.user.user_id
    played = console.application.links.recording(console.site.name, row.stream_rcid)
    return Large(
        name=row.name,
        link=console.path(f"recordings/{row.recording_id}") if own else played,
        owner=row.host_name,
        size=readable(row.size),
        length=clock(row.duration) if row.duration else "",
        day=console.language.short_day(at.date()),
    )
