"""What the links about events lead to: their pictures, and the page of a program with its coming events.

A picture's address is secret, so whoever has it may see the picture. A program's number is not: its page names a
PRIVATE program to people of the site only, and the events that its visitor finds on the site's calendar.
Sources: facts/meeting-event.md 5 (LstsummaryProgram, UploadEventImage).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from parley.domain.listing import Listing, Relation, on_calendar
from parley.domain.session import HostedSession
from parley.domain.site import Site
from parley.domain.user import User
from parley.services.event.kind import EVENT
from parley.store import event_images, programs, session_lists
from parley.store.session_lists import SessionFilter
from parley.web.meeting_view import TimeView
from parley.web.render import SAFETY, private_page

if TYPE_CHECKING:
    from parley.services.application import Application

_IMAGE_KEY: Final = re.compile(r"[0-9a-f]{32}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_MOST_EVENTS: Final = 200
_LONGEST_NAME: Final = 64


class EventLinks:
    """The pictures of events below the address of a site."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def routes(self) -> list[BaseRoute]:
        """The routes of the links."""
        return [Route("/{site}/event-image/{image_key}", self.image)]

    async def image(self, request: Request) -> Response:
        """The picture of an event."""
        name, key = request.path_params["site"].casefold(), request.path_params["image_key"]
        known = await self._application.sites.by_name(name) if len(name) <= _LONGEST_NAME else None
        # The copy may be older than the row, and pages are no hot path.
        known = await self._application.sites.reload(known.site.site_id) if known is not None else None
        if known is None or not known.site.active or not _IMAGE_KEY.fullmatch(key):
            raise HTTPException(404)
        image = await event_images.find(self._application.engine, known.site.site_id, key)
        if image is None:
            raise HTTPException(404)
        headers = {**SAFETY, "Cache-Control": "private, max-age=3600"}
        return Response(image.content, media_type=image.media_type, headers=headers)


def picture_of(session: HostedSession) -> str | None:
    """The address of a session's picture, from the pages of its site; None when it has none."""
    key = EVENT.view(session).image if session.service == EVENT.service else None
    return f"event-image/{key}" if key is not None else None


@dataclass(frozen=True, slots=True)
class _EventView:
    """An event as the page of its program shows it."""

    name: str
    number: int
    start: TimeView


async def program_page(application: Application, site: Site, user: User | None, number: str) -> Response:
    """The page of a program.

    Args:
        user: who looks at it; None: nobody who is signed in.
        number: of the program, as the link says it.

    Raises:
        HTTPException: 404, there is no such program for this visitor.
    """
    found = None
    if _NUMBER.fullmatch(number):
        found = await programs.by_id(application.engine, site.site_id, int(number))
    if found is None or (user is None and found.listing == Listing.PRIVATE):
        raise HTTPException(404)
    now = application.clock.now()
    wanted = SessionFilter(
        site_id=site.site_id,
        program_id=found.program_id,
        services=(EVENT.service,),
        listings=tuple(sorted(on_calendar(Relation.ANONYMOUS if user is None else Relation.MEMBER))),
        end_from=now,
    )
    listed = await session_lists.list_summaries(application.engine, wanted, maximum=_MOST_EVENTS)
    events = [
        _EventView(each.name, each.session_key, TimeView.of(each.next_start, each.time_zone_id)) for each in listed.rows
    ]
    return private_page("program.html", name=found.name, events=events, more=listed.total - len(events))
