"""The ASGI application of a server: the XML endpoint first, the pages for people for everything else.

The pages (Starlette, Jinja2) are only imported when somebody opens one, so that a server is up quickly and one that
only answers programs stays small.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from parley.clock import Clock
from parley.config import Config
from parley.mail.post import PAUSE_SECONDS, PostOffice
from parley.recordings import finishing
from parley.recordings.chores import LOOK_SECONDS, keep_tidy
from parley.seeing import figures, tracing
from parley.services import catalogue as _catalogue  # noqa: F401  # enters all operations into the register
from parley.services import errands, presence
from parley.services.application import Application
from parley.store.errors import StoreUnavailable
from parley.web.busy import BUSY, HEADERS
from parley.web.health import PATHS, Health
from parley.web.load import load_of
from parley.web.logs import configure_logging
from parley.web.metrics import FOLDER_VARIABLE, MeteredEndpoint, RequestCounts
from parley.web.seen import Seen
from parley.web.serving import APP
from parley.web.xml_endpoint import Receive, Scope, Send, is_xml_path

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp

    from parley.rooms.engines.janus_process import JanusProcess
    from parley.rooms.hub import Hub

_log = structlog.get_logger("parley.web")

#: Names the process that started this one as a worker; a worker ends when that process is gone.
SUPERVISOR_VARIABLE: Final = "PARLEY_SUPERVISOR"
#: Has the settings of the process that started this one as a worker, as JSON. A worker reads no files of settings: they
#: may have changed since, and others may lie where it would look.
SETTINGS_VARIABLE: Final = "PARLEY_SETTINGS"


class ParleyApp:
    """The ASGI application; it starts and stops the `Application` with its lifespan.

    Args:
        config: settings of the server.
        clock: tells the time; None: the machine's clock.
        application: one that is running already, as the command line starts it; the lifespan then only stops it.
    """

    def __init__(self, config: Config, clock: Clock | None = None, application: Application | None = None) -> None:
        self.config = config
        self._clock = clock
        self._application = application
        self._endpoint: MeteredEndpoint | None = None
        self._pages: ASGIApp | None = None
        self._hub: Hub | None = None
        self._janus: JanusProcess | None = None
        self._loading: asyncio.Task[ASGIApp] | None = None
        self._chores: list[asyncio.Task[None]] = []
        self._post: PostOffice | None = None
        folder = os.environ.get(FOLDER_VARIABLE)
        self.counts = RequestCounts(Path(folder) if folder else None)
        self._seen = Seen(config, self.counts)
        self._health: Health | None = None
        self.draining = False
        """The server is about to end: `/readyz` says so, and connections are not kept."""

    @property
    def application(self) -> Application:
        """The running parts of the server.

        Raises:
            RuntimeError: the server has not been started, or was stopped.
        """
        if self._application is None:
            raise RuntimeError("the application is not running")
        return self._application

    async def start(self) -> None:
        """Make ready to answer.

        Raises:
            StartError: the database cannot be used.
            JanusMissing: Janus is to be started, and is not installed.
        """
        tracing.start(self.config.tracing, os.environ)
        if self._application is None:
            self._application = await Application.start(self.config, self._clock)
        self.counts.sources.append(load_of(self._application, lambda: self._hub))
        if self.config.janus == "start":
            from parley.rooms.engines.janus_process import JanusProcess

            self._janus = JanusProcess(self.config)
            self._janus.start()
            self._application.config = self._janus.reached(self._application.config)
        self._endpoint = MeteredEndpoint(self._application, self.counts)
        self._health = Health(self._application, lambda: self.draining)
        self.counts.rates = self._application.rates.totals
        if self.config.mail_delivery:
            self._post = PostOffice(self._application, processes=self.config.workers, beside=True)
            figures.expect_chore("mails", PAUSE_SECONDS)
            self._post.start()
            self.counts.mails = self._post.outcomes
        self._chores = [asyncio.create_task(self.counts.keep_sharing()), asyncio.create_task(_watch_supervisor())]
        if self.config.recordings_tidy:
            figures.expect_chore("recordings", LOOK_SECONDS)
            self._chores.append(asyncio.create_task(keep_tidy(self._application)))
        if self.config.presence_check_seconds:
            figures.expect_chore("presence", self.config.presence_check_seconds)
            sweeping = presence.keep_swept(self._application, self.config.presence_check_seconds)
            self._chores.append(asyncio.create_task(sweeping))
        if self.config.recording_check_seconds:
            figures.expect_chore("finishing", self.config.recording_check_seconds)
            making = finishing.keep_finishing(self._application, self.config.recording_check_seconds)
            self._chores.append(asyncio.create_task(making))
        if self.config.errand_seconds:
            figures.expect_chore("errands", self.config.errand_seconds)
            doing = errands.keep_done(self._application, self.config.errand_seconds)
            self._chores.append(asyncio.create_task(doing))

    def begin_draining(self) -> None:
        """The server is about to end: say so, and begin no work that would have to be broken off."""
        self.draining = True
        if self._post is not None:
            self._post.retire()

    async def leave_rooms(self) -> None:
        """Send the people in the rooms of this process to other ones."""
        if self._hub is not None:
            await self._hub.leave()

    async def stop(self) -> None:
        """Close what `start` opened."""
        self.begin_draining()
        if self._hub is not None:
            await self._hub.stop()
            self._hub = None
        if self._janus is not None:
            await asyncio.to_thread(self._janus.stop)
            self._janus = None
        if self._post is not None:
            await self._post.stop()
            self._post = None
        for chore in self._chores:
            chore.cancel()
        for error in await asyncio.gather(*self._chores, return_exceptions=True):
            if isinstance(error, Exception):  # it ended long ago; the rest is closed all the same
                _log.error("chore_ended", error=type(error).__name__, exc_info=error)
        self._chores = []
        with contextlib.suppress(OSError):  # as on a full disk
            await asyncio.to_thread(self.counts.share)
        application, self._application, self._endpoint, self._pages = self._application, None, None, None
        if application is not None:
            await application.stop()
        await asyncio.to_thread(tracing.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's start and stop."""
        kind = scope["type"]
        if kind == "http":
            await self._seen(scope, receive, send, self._answer)
        elif kind == "lifespan":
            await self._live(scope, receive, send)
        elif kind == "websocket":
            await self._seen.socket(scope, receive, send, self._answer)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_xml_path(scope["path"]) and self._endpoint is not None:
            await self._endpoint(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in PATHS and self._health is not None:
            await self._health(scope, receive, send)
        else:
            try:
                pages = self._pages or await self._load_pages()
            except (StoreUnavailable, OSError) as error:
                _log.warning("pages_not_loaded", error=str(error))
                await _refuse(scope, send)
            else:
                await pages(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
                scope.get("state", {})[APP] = self
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _load_pages(self) -> ASGIApp:
        """The pages; who asks while they are being loaded waits for the same.

        Raises:
            StoreUnavailable: what they need of the database cannot be read now.
        """
        if self._loading is None:
            # What it begins goes on after the request that happened to be the first.
            self._loading = asyncio.get_running_loop().create_task(self._loaded_pages(), context=Context())
        loading = self._loading
        try:
            return await asyncio.shield(loading)
        finally:
            if loading.done() and self._loading is loading:
                self._loading = None

    async def _loaded_pages(self) -> ASGIApp:
        application = self.application
        build, open_hub = await asyncio.to_thread(_import_pages)
        if self._hub is None:
            self._hub = await open_hub(application)
        pages = await build(application, self.counts, self._hub)
        self._seen.know(pages.routes)
        self._pages = pages
        return pages


async def _refuse(scope: Scope, send: Send) -> None:
    """Answer before there are pages to do it: the database has to be there for the first of them."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    told = {**HEADERS, "content-length": str(len(BUSY))}
    headers = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BUSY})


def _import_pages() -> tuple[
    Callable[[Application, RequestCounts, Hub], Awaitable[Starlette]],
    Callable[[Application], Coroutine[Any, Any, Hub]],
]:
    from parley.rooms.hub import open_hub
    from parley.web.pages import build_pages

    return build_pages, open_hub


def create_app(config: Config, clock: Clock | None = None) -> ParleyApp:
    """The ASGI application for these settings; nothing is opened before its lifespan starts."""
    return ParleyApp(config, clock)


def from_environment() -> ParleyApp:
    """The ASGI application of a worker process."""
    sent = os.environ.get(SETTINGS_VARIABLE)
    config = msgspec.convert(json.loads(sent), Config) if sent else Config.load({})
    configure_logging(config.log_level)
    gc.freeze()  # the modules stay, so collections need not look at them
    return create_app(config)


async def _watch_supervisor() -> None:
    """End a worker whose supervisor was killed, so that it does not hold on to the address for ever."""
    supervisor = os.environ.get(SUPERVISOR_VARIABLE)
    while supervisor is not None:
        await asyncio.sleep(1)
        if os.getppid() != int(supervisor):
            signal.raise_signal(signal.SIGTERM)
            return
