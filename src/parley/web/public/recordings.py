"""The recordings of a site that are listed: PUBLIC ones for everybody, PRIVATE ones for its accounts too.

Playing is for the page of the recording itself, which asks for the password or for who somebody is. What is in the
trash, is still being made or is UNLISTED is on no such page; an owner who keeps the file is told of, not led to.
Sources: facts/general-session.md 9 (listing, fileAccess), facts/training-history.md 1.1 (what the words mean).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.domain import timezones
from parley.domain.listing import Relation, on_calendar
from parley.domain.recording import HostedRecording, key_of_name, played
from parley.store.recording_lists import list_listed
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.recordings.pages import clock

_ROWS: Final = 25
_LONGEST_NAME: Final = 128
#: Where a page begins: behind the recording of this time and number.
_BEFORE: Final = re.compile(r"([0-9]{1,12})-([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording as the page shows it; `play` is None where its owner keeps it."""

    name: str
    by: str
    day: str
    time: str
    length: str
    play: str | None
    locked: bool
    registration: bool


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    return [shell.public("/recordings", recordings_page)]


async def recordings_page(console: ConsoleCall) -> Response:
    """The list, the newest first."""
    relation = Relation.ANONYMOUS if console.call.user is None else Relation.MEMBER
    name = console.text("NAME")[:_LONGEST_NAME]
    before = _BEFORE.fullmatch(console.text("BEFORE"))
    found = await list_listed(
        console.application.engine,
        console.site.site_id,
        sorted(on_calendar(relation)),
        maximum=_ROWS,
        name_prefix=key_of_name(name) if name else None,
        before=(int(before[1]), int(before[2])) if before else None,
    )
    said = {"name": name} if name else {}
    older = None
    if found.more:
        last = found.rows[-1]
        older = urlencode({**said, "before": f"{last.created_at}-{last.recording_id}"})
    return console.show(
        "public/recordings.html",
        here="recordings",
        rows=[_shown(console, each) for each in found.rows],
        name=name,
        newest=urlencode(said) if before else None,
        older=older,
        everything=relation is Relation.MEMBER,
    )


def _shown(console: ConsoleCall, row: HostedRecording) -> Shown:
    made = timezones.to_local(row.created_at, console.zone_id)
    details = row.details
    start, end = played(row, details)
    return Shown(
        name=row.name,
        by=details.presenter or row.host_name,
        day=console.language.short_day(made.date()),
        time=console.language.time(made),
        length=clock(end - start) if row.duration else "",
        play=f"{console.site_path}/ldr.php?RCID={row.stream_rcid}" if details.attendee_view else None,
        locked=bool(row.password),
        registration=details.registration,
    )
