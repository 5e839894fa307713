"""The reference on the server: `/reference/` leads to the newest level."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from parley.domain.site import DEMO_SITE_ID
from parley.protocol.versions import LATEST, LEVELS, Level
from parley.services.known_sites import KnownSite
from parley.services.registry import find
from parley.web import going_on
from parley.web.reference.book import Book, Outside, levels_page
from parley.web.render import SAFETY, page

if TYPE_CHECKING:
    from parley.services.application import Application

#: The search is a script that reads an index; nothing else is loaded.
_HEADERS: Final = {
    **SAFETY,
    "Content-Security-Policy": f"{SAFETY['Content-Security-Policy']}; script-src 'self'; connect-src 'self'",
    "Cache-Control": "public, max-age=3600",
}
_BY_NAME: Final = {level.text: level for level in LEVELS}
_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml; charset=utf-8",
}
_OUTSIDE: Final = Outside("/static/", home="/", schemas="/schemas/", explorer="/reference/try/")
_LONGEST_NAME: Final = 64
#: Pages that are kept as they were made.
_MOST_KEPT: Final = 200


class ReferencePages:
    """Everything below /reference."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._books: dict[Level, Book] = {}
        self._kept: OrderedDict[tuple[Level, str], str] = OrderedDict()
        self._writing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/reference", self.start),
            Route("/reference/", self.start),
            Route("/reference/index.html", self.levels),
            Route("/reference/try/{operation}", self.explorer),
            Route("/reference/{level}/", self.first),
            Route("/reference/{level}/{path:path}", self.page),
        ]

    async def start(self, request: Request) -> Response:
        """To the newest level."""
        return RedirectResponse(f"/reference/{LATEST}/index.html", 302, headers=SAFETY)

    async def first(self, request: Request) -> Response:
        """To the first page of a level."""
        return RedirectResponse(f"/reference/{_level(request)}/index.html", 302, headers=SAFETY)

    async def levels(self, request: Request) -> Response:
        """All levels."""
        return Response(levels_page(_OUTSIDE), headers={**_HEADERS, "Content-Type": _KINDS["html"]})

    async def explorer(self, request: Request) -> Response:
        """To the explorer of a site: of the one that is named, else of the only one that can be meant."""
        name = request.path_params["operation"]
        operation = find(name)
        if operation is None or operation.name != name:
            raise HTTPException(404)
        wanted = request.query_params.get("site", "").strip()[:_LONGEST_NAME]
        site = await (self._site(wanted.casefold()) if wanted else self._likely_site(request))
        if site is None:
            return page("reference/which_site.html", 404 if wanted else 200, name=name, wanted=wanted)
        path = going_on.path_of(self._application.links.root(site.site.name))
        return RedirectResponse(f"{path}/console/explorer/{name}", 302, headers=SAFETY)

    async def _likely_site(self, request: Request) -> KnownSite | None:
        """The site of the host name, else the one that the server takes where none is named, else the demo site."""
        label = request.headers.get("host", "").partition(".")[0].casefold()
        default = self._application.config.default_site
        found = await self._site(label[:_LONGEST_NAME]) or (await self._site(default) if default else None)
        return found or await self._application.sites.by_id(DEMO_SITE_ID)

    async def _site(self, name: str) -> KnownSite | None:
        known = await self._application.sites.by_name(name) if "\0" not in name else None
        return known if known is not None and known.site.active else None

    async def page(self, request: Request) -> Response:
        """One page of a level."""
        level, path = _level(request), request.path_params["path"]
        text = self._kept.get((level, path))
        if text is None:
            async with self._writing:
                text = await asyncio.to_thread(self._write, level, path)
            if text is None:
                raise HTTPException(404)
            self._kept[level, path] = text
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        kind = _KINDS[path.rpartition(".")[2]]
        return Response(text, headers={**_HEADERS, "Content-Type": kind})

    def _write(self, level: Level, path: str) -> str | None:
        book = self._books.get(level)
        if book is None:
            book = self._books[level] = Book(level, _OUTSIDE)
        return book.page(path)


def _level(request: Request) -> Level:
    level = _BY_NAME.get(request.path_params["level"])
    if level is None:
        raise HTTPException(404)
    return level
