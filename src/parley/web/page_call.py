"""One request for a page of a site, as the pages hand it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from parley.domain.user import User
from parley.services.known_sites import KnownSite
from parley.web.link_values import LinkValues
from parley.web.visits import Visit
from parley.web.words import language_for


class PageCall:
    """A request with what is known of it: its site, what the link says, who is signed in."""

    def __init__(
        self, request: Request, known: KnownSite, values: LinkValues, user: User | None, visit: Visit | None
    ) -> None:
        self.request = request
        self.known = known
        self.site = known.site
        self.values = values
        self.user = user
        self.visit = visit
        self.language = language_for(request, user, known.site)


Handler = Callable[[PageCall], Awaitable[Response]]
