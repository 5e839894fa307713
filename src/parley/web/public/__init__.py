"""The pages of a site for everybody: its home, joining by number, its calendar and its public recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from parley.web.console.shell import Shell
from parley.web.meeting_links import MeetingLinks
from parley.web.public import calendar, home, recordings
from parley.web.rooms_door import RoomDoor
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

_AREAS = (calendar, recordings, home)


def public_routes(application: Application, links: MeetingLinks, visits: Visits, door: RoomDoor) -> list[BaseRoute]:
    """The routes of these pages, below the address of a site."""
    shell = Shell(application, links, visits, door)
    return [route for area in _AREAS for route in area.routes(shell)]
