"""A server in a thread of the test's own process, reached over a socket like any other."""

from __future__ import annotations

import asyncio
import functools
import socket
import threading
import time
import weakref
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

import uvicorn

from parley.config import Config
from parley.services.application import Application
from parley.services.exchanges import Request
from parley.testing.clock import MovableClock
from parley.testing.mailbox import Mailbox
from parley.testing.site import PASSWORD, Site
from parley.testing.stage import Script
from parley.web.app import create_app
from parley.web.http_protocol import BoundedProtocol
from parley.web.websockets import OPTIONS as WEBSOCKET_OPTIONS
from parley.web.websockets import websocket_protocol

T = TypeVar("T")
_START_SECONDS = 20
_WORK_SECONDS = 120


class Server:
    """A server on a free port of 127.0.0.1, and the sites of tests on it.

    Nothing happens by itself: mails wait until a test asks for them, and what a server does in the background is done
    when a test says so (`Site.run_chores`, `Site.advance`), unless `settings` say otherwise.

    Args:
        database: `postgresql://...`; None: a file in the data folder.
        data: the data folder.
        settings: of the server, by their names in docs/administrators.md.

    Attributes:
        url: its address, without a final slash.
        clock: what time it is for the server and all its sites.
    """

    def __init__(self, database: str | None, data: Path, **settings: Any) -> None:
        # Held from here on, so that nobody else gets the port; closed with the server, however that ends.
        # Named TCP: only then does asyncio send small packets at once, without which every answer takes 40 ms more.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        weakref.finalize(self, self._listener.close)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(2048)
        port = self._listener.getsockname()[1]
        settings = {
            "mail_delivery": False,
            "presence_check_seconds": 0,
            "errand_seconds": 0,
            "recording_check_seconds": 0,
            **settings,
        }
        self.config = Config(data=str(data), database=database, port=port, **settings)
        self.clock = MovableClock()
        self.mailbox = Mailbox()
        self.script = Script(self.clock)
        self.url = f"http://127.0.0.1:{port}"
        self.app = create_app(self.config, clock=self.clock)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                port=port,
                log_level="warning",
                lifespan="on",
                server_header=False,
                http=BoundedProtocol,
                # Longer than a client keeps an idle connection: closing it just as the next request comes fails that.
                timeout_keep_alive=120,
                # Whoever holds a connection open at the end is not waited for.
                timeout_graceful_shutdown=5,
                ws=websocket_protocol,  # type: ignore[arg-type]  # makes a protocol, as the class would
                **WEBSOCKET_OPTIONS,
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        """Start and wait until it answers."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop and wait until it is down."""
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve([self._listener])

        asyncio.run(serve())

    @property
    def application(self) -> Application:
        """The parts of the running server."""
        return self.app.application

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's own event loop, as its engine demands."""
        if self.loop is None:
            raise RuntimeError("the server is not running")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_WORK_SECONDS)

    def new_site(self, level: str = "42.6.0", **settings: Any) -> Site:
        """A fresh site with the accounts admin, host1, host2 (whom host1 lets schedule) and attendee1.

        Args:
            level: of the API, "42.1.0" to "42.6.0".
            settings: fields of `parley.domain.site.SiteSettings`.
        """
        return Site.made(self, level, settings)

    def watch(self) -> None:
        """Keep requests from now on, and let calls fail as tests want it."""
        self.application.stage = self.script

    @property
    def requests(self) -> list[Request]:
        """All requests that are kept, those too whose site could not be read, in the order of their answers."""
        return self.script.requests()

    @functools.cached_property
    def password_hash(self) -> str:
        """The hash of PASSWORD; all accounts of tests share it, so that it is computed once."""
        return self.application.passwords.hash(PASSWORD)
