"""The page that says how the computers of a lab are reached: behind the address that GetSetupComputerURL tells.

The address is secret, so whoever has it may see the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from parley.domain.user import User
from parley.services.known_sites import KnownSite
from parley.store import labs
from parley.web.render import private_page

if TYPE_CHECKING:
    from parley.services.application import Application
    from parley.web.meeting_links import MeetingLinks

_SETUP_KEY: Final = re.compile(r"[0-9a-f]{32}")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]{1,2000}")


class LabLinks:
    """The pages of labs below the address of a site."""

    def __init__(self, application: Application, links: MeetingLinks) -> None:
        self._application = application
        self._links = links

    def routes(self) -> list[BaseRoute]:
        """The routes of the links."""
        return [Route("/{site}/lab/{setup_key}", self.setup)]

    async def setup(self, request: Request) -> Response:
        """How the computers of a lab are reached."""
        return await self._links.below_site(request, self._setup)

    async def _setup(self, request: Request, known: KnownSite, _user: User | None) -> Response:
        key = request.path_params["setup_key"]
        found = None
        if _SETUP_KEY.fullmatch(key) and known.settings.labs.offered:
            found = await labs.by_setup_key(self._application.engine, known.site.site_id, key)
        if found is None:
            raise HTTPException(404)
        lines = [(line, _ADDRESS.fullmatch(line) is not None) for line in map(str.strip, found.access.splitlines())]
        return private_page("lab.html", lab=found, lines=[each for each in lines if each[0]])
