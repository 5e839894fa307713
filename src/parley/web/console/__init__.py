"""The console: what hosts and administrators see after they signed in, and the pages on which they sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from parley.web.console import (
    admin_audit,
    admin_options,
    admin_site,
    admin_storage,
    admin_tracking,
    admin_types,
    admin_usage,
    admin_user,
    admin_users,
    admin_users_import,
    dev_explorer,
    dev_inspector,
    history,
    mail_routes,
    people,
    profile,
    recordings,
    session_pages,
    sessions,
    signing_in,
    training_dates,
)
from parley.web.console.shell import Shell
from parley.web.meeting_links import MeetingLinks
from parley.web.rooms_door import RoomDoor
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

#: The modules of its areas; each has `routes`.
_AREAS = (
    signing_in,
    profile,
    session_pages,
    training_dates,
    people,
    sessions,
    recordings,
    dev_inspector,
    dev_explorer,
    history,
    admin_usage,
    admin_users,
    admin_users_import,
    admin_user,
    admin_storage,
    admin_audit,
    mail_routes,
    admin_site,
    admin_options,
    admin_types,
    admin_tracking,
)


def console_routes(application: Application, links: MeetingLinks, visits: Visits, door: RoomDoor) -> list[BaseRoute]:
    """The routes of all areas, below the address of a site."""
    shell = Shell(application, links, visits, door)
    return [route for area in _AREAS for route in area.routes(shell)]
