"""The pages of personal rooms: /meet/NAME below the server's address, and the same below that of a site.

Names are unique in their site only. Where sites have host names of their own, the host name says which site it is;
where they share one, the short address leads to the one site that has the room, or names those that have.
Source: facts/user-site.md 4 (personalMeetingRoomURL).
"""

from __future__ import annotations

import time
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from parley.domain.user import User
from parley.rooms.limits import Addresses
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.meeting import personal
from parley.services.meeting.personal import Owned
from parley.store import Conflict, sites
from parley.web.forms import check_sender, counted_as
from parley.web.meeting_links import MeetingLinks
from parley.web.render import private_page
from parley.web.rooms_door import RoomDoor
from parley.web.words import language_for, speak

#: Sites that a short address is looked for in.
_MOST_SITES: Final = 200


class PersonalRoomPages:
    """The pages of personal rooms."""

    def __init__(self, application: Application, links: MeetingLinks, door: RoomDoor) -> None:
        self._application = application
        self._links = links
        self._door = door
        self._asks = Addresses(burst=60, rate=5)

    def routes(self) -> list[BaseRoute]:
        """The routes of personal rooms."""
        return [
            Route("/meet/{name}", self._short, methods=["GET"]),
            Route("/{site}/meet/{name}", self._page, methods=["GET", "POST"]),
        ]

    async def _short(self, request: Request) -> Response:
        """Lead on to the room's page below its site."""
        self._slow_down(request)
        name, links = request.path_params["name"], self._application.links
        host = (request.url.hostname or "").lower()
        found: list[tuple[str, str]] = []
        possible = await sites.all_sites(self._application.engine)
        if links.has_host_names:
            possible = [each for each in possible if links.host_name(each.name) == host]
        for site in possible[:_MOST_SITES]:
            known = await self._application.sites.by_id(site.site_id)
            if known is not None and known.site.version != site.version:  # the copy is older than the row
                known = await self._application.sites.reload(site.site_id)
            owned = await personal.find(self._application, known, name) if known is not None else None
            if owned is not None:
                found.append((owned.title, links.personal_room_of_site(site.name, name)))
        if not found:
            raise HTTPException(404)
        if len(found) > 1:
            speak(language_for(request))
            return private_page("personal_rooms.html", rooms=sorted(found))
        return RedirectResponse(found[0][1], 303)

    async def _page(self, request: Request) -> Response:
        self._slow_down(request)
        return await self._links.below_site(request, self._come if request.method == "POST" else self._show)

    async def _show(self, request: Request, known: KnownSite, user: User | None) -> Response:
        owned = await self._owned(request, known)
        return private_page(
            "personal_room.html",
            title=owned.title,
            owner=f"{owned.owner.first_name} {owned.owner.last_name}".strip(),
            welcome=owned.room.welcome_message,
            running=await personal.running(self._application, known, owned) is not None,
            own=user is not None and user.user_id == owned.owner.user_id,
            action=request.url.path,
            picture=self._picture(known, owned),
        )

    async def _come(self, request: Request, known: KnownSite, user: User | None) -> Response:
        """Go on to the room; its meeting is there from now on, and waits for its owner."""
        check_sender(request)
        owned = await self._owned(request, known)
        try:
            session = await personal.session_of(self._application, known, owned)
        except Conflict:
            raise HTTPException(503, headers={"Retry-After": "5"}) from None
        if session is None:
            raise HTTPException(404)
        path = self._door.path(known.site, session.session_key)
        response = RedirectResponse(path, 303, headers={"Referrer-Policy": "no-referrer"})
        self._door.keep(response, self._door.form(known.site, session).value, path)
        return response

    async def _owned(self, request: Request, known: KnownSite) -> Owned:
        owned = await personal.find(self._application, known, request.path_params["name"])
        if owned is None:
            raise HTTPException(404)
        return owned

    def _picture(self, known: KnownSite, owned: Owned) -> str | None:
        stamp = owned.room.photo_url
        if not stamp:
            return None
        return self._application.links.picture(known.site.name, owned.owner.user_id, "photo", stamp)

    def _slow_down(self, request: Request) -> None:
        if not self._asks.take(counted_as(request) or "", time.monotonic()):
            raise HTTPException(429, headers={"Retry-After": "10"})
