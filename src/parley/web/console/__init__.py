"""The console: what hosts and administrators see after they signed in, and the pages on which they sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from parley.web.console import dev_inspector, meeting_pages, people, profile, recordings, sessions, signing_in
from parley.web.console.shell import Shell
from parley.web.meeting_links import MeetingLinks
from parley.web.rooms_door import RoomDoor
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

#: The modules of its areas; each has `routes`.
_AREAS = (signing_in, profile, meeting_pages, people, sessions, recordings, dev_inspector)


def console_routes(application: Application, links: MeetingLinks, visits: Visits, door: RoomDoor) -> list[BaseRoute]:
    """The routes of all areas, below the address of a site."""
    shell = Shell(application, links, visits, door)
    return [route for area in _AREAS for route in area.routes(shell)]
