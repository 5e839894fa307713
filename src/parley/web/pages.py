"""The pages for people and tools: what this server is, its schemas and operations, figures, errors.

Nothing here says anything of a site; the pages of sites are in `meeting_links`.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from parley import __version__
from parley.protocol.versions import LATEST
from parley.rooms.hub import Hub
from parley.services.registry import operations
from parley.services.roles import TABLE, Role
from parley.services.shared_secrets import shared_secret
from parley.store import StoreUnavailable
from parley.web.account_links import AccountLinks
from parley.web.busy import BUSY, HEADERS, is_scarce
from parley.web.console import console_routes
from parley.web.event_links import EventLinks
from parley.web.lab_links import LabLinks
from parley.web.meeting_links import MeetingLinks
from parley.web.metrics import Reading, RequestCounts
from parley.web.metrics_door import may_read
from parley.web.nbr.endpoint import NbrServices
from parley.web.numbers import bound_numbers
from parley.web.operation_names import CALLERS, ROLES, by_service
from parley.web.personal_rooms import PersonalRoomPages
from parley.web.public import public_routes
from parley.web.recording_upload import RecordingUpload
from parley.web.recordings.pages import RecordingPages
from parley.web.recordings.tickets import Tickets
from parley.web.recordings.upload import UploadPages
from parley.web.reference.pages import ReferencePages
from parley.web.render import HERE, SAFETY, message, page
from parley.web.rooms import RoomPages
from parley.web.rooms_door import RoomDoor
from parley.web.schema_pages import SchemaPages
from parley.web.tests import TestPages
from parley.web.tests_host import HostTestPages
from parley.web.visits import Visits
from parley.web.waiting import WaitingGauge
from parley.web.words import is_spoken, language_for, speak

if TYPE_CHECKING:
    from parley.services.application import Application

_MAX_AGE: Final = {"Cache-Control": "public, max-age=300"}
#: Faults in the table of roles, with their reasons.
_OUTCOMES: Final = sorted(
    {
        kind.code: kind.reason.partition(" for {")[0]
        for row in TABLE.values()
        for role in Role
        if (kind := row.outcome(role))
    }.items()
)


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_TEXTS: Final = {
    404: (_("Not found"), _("There is nothing at this address."), _("Check the link: it may have been cut short.")),
    405: (_("Not allowed"), _("This address cannot be used that way."), None),
    413: (_("Too large"), _("More was sent than this page takes."), None),
    500: (
        _("Something went wrong"),
        _("The server could not do this. The administrator finds the reason in its log."),
        None,
    ),
    503: (_("Busy"), _("The server cannot do this at the moment."), _("Please try again in a minute.")),
}

_log = structlog.get_logger("parley.web")


class _CachedFiles(StaticFiles):
    """Static files that browsers keep for a while."""

    def file_response(self, *args: object, **options: object) -> Response:
        """The file, with the headers of our pages."""
        response = super().file_response(*args, **options)  # type: ignore[arg-type]  # handed through
        response.headers.update({**SAFETY, "Cache-Control": "public, max-age=3600"})
        return response


async def build_pages(application: Application, counts: RequestCounts, hub: Hub) -> Starlette:
    """The application for everything but the XML endpoint."""
    bound_numbers()
    general = _General(application, counts)
    schemas = SchemaPages()
    secret = await shared_secret(application.engine, "web-visits")
    visits = Visits(secret, secure=application.config.base_url.startswith("https:"))
    door = RoomDoor(application, hub.signer)
    links = MeetingLinks(application, visits, door)
    recording_tickets = Tickets(await shared_secret(application.engine, "recordings"))
    nbr = NbrServices(application, await shared_secret(application.engine, "nbr-tickets"))
    app = Starlette(
        routes=[
            *nbr.routes(),
            *RecordingPages(application, links, recording_tickets).routes(),
            *UploadPages(application, links, visits).routes(),
            *links.routes(),
            *AccountLinks(application).routes(),
            *EventLinks(application).routes(),
            *LabLinks(application, links).routes(),
            *TestPages(application, links).routes(),
            *HostTestPages(application, links).routes(),
            Route("/", general.home),
            Route("/operations", general.operations),
            Route("/metrics", general.metrics),
            Route("/schemas/", schemas.index),
            Route("/schemas", schemas.index),
            Route("/schemas/{level}.zip", schemas.archive),
            Route("/schemas/{level}/", schemas.level),
            Route("/schemas/{level}/{path:path}", schemas.file),
            *ReferencePages(application).routes(),
            Mount("/static", _CachedFiles(directory=HERE / "static")),
            *console_routes(application, links, visits, door),
            *PersonalRoomPages(application, links, door).routes(),
            *RoomPages(application, links, door, hub).routes(),
            *RecordingUpload(application, links, hub.signer).routes(),
            *public_routes(application, links, visits, door),
        ],
        exception_handlers={
            HTTPException: _http_error,
            StoreUnavailable: _unavailable,
            OSError: _without_means,
            Exception: _defect,
        },
    )
    app.router.redirect_slashes = False
    return app


class _General:
    def __init__(self, application: Application, counts: RequestCounts) -> None:
        self._application = application
        self._counts = counts
        self._waiting = WaitingGauge(application)

    async def home(self, request: Request) -> Response:
        """What this server is."""
        return page("home.html", headers=_MAX_AGE, version=__version__, level=LATEST.text, count=len(operations()))

    async def operations(self, request: Request) -> Response:
        """Every operation that is served."""
        return page(
            "operations.html",
            headers=_MAX_AGE,
            level=LATEST.text,
            services=by_service(),
            callers=CALLERS,
            roles=ROLES,
            outcomes=_OUTCOMES,
        )

    async def metrics(self, request: Request) -> Response:
        """Figures for Prometheus."""
        if (refusal := may_read(self._application.config, request)) is not None:
            return refusal
        waiting = await self._waiting.readings()
        body, kind = await asyncio.to_thread(_exported, self._counts, waiting)
        return Response(body, headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _exported(counts: RequestCounts, waiting: list[Reading]) -> tuple[bytes, str]:
    from parley.web.exposition import export  # not for the event loop, nor is what it does

    return export(counts, __version__, waiting)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not is_spoken():  # the address is below no site
        speak(language_for(request))
    title, text, hint = _TEXTS.get(status, (HTTPStatus(status).phrase, _("This cannot be answered."), None))
    response = message(title, text, status, hint=hint, link="/", link_text=_("About this server"))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


async def _unavailable(request: Request, error: Exception) -> Response:
    _log.warning("store unavailable", error=str(error))
    return await _http_error(request, HTTPException(503, headers={"Retry-After": "60"}))


async def _without_means(_: Request, error: Exception) -> Response:
    if not (isinstance(error, OSError) and is_scarce(error)):
        raise error
    _log.warning("page not made", error=str(error))
    return Response(BUSY, 503, headers=HEADERS)


async def _defect(request: Request, error: Exception) -> Response:
    return await _http_error(request, HTTPException(500))
