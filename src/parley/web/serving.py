"""A server process that ends without breaking anything off, and what a worker of several is.

SIGTERM drains: `/readyz` says 503 at once, so that a front sends no more requests; for the grace (`drain_seconds`) all
that comes is still served, and the next answer on a connection that is kept alive closes it; then people in rooms are
sent elsewhere, nothing new is accepted, and what is in hand is finished. SIGINT, or a second SIGTERM, ends the grace.
A worker that others stand in for (SIGUSR1) accepts nothing from the beginning: its listening socket is theirs too.
SIGHUP is for the process above several workers. A server of one process has nobody to serve in its place, so it passes
SIGHUP over, and says so; when its terminal is closed it ends as with SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn
from uvicorn.supervisors.multiprocess import Process

if TYPE_CHECKING:
    from parley.web.app import ParleyApp

#: Name of the application in the state of the lifespan, by which the server finds it.
APP: Final = "parley"
#: Requests in hand get so long to end, after the grace.
FINISH_SECONDS: Final = 20
_TICK: Final = 0.05
_CLOSE: Final = (b"connection", b"close")
#: A worker that answers no ping for so long hangs.
_HUNG_SECONDS: Final = 30.0
_log = structlog.get_logger("parley.server")


class DrainingServer(uvicorn.Server):
    """uvicorn's server with a grace at its end.

    Args:
        grace: seconds between SIGTERM and the end of accepting.
    """

    def __init__(self, config: uvicorn.Config, grace: float) -> None:
        super().__init__(config)
        self._grace = grace
        self._hurried = False
        self._replaced = False
        # Asked now: a terminal that was closed is none any more.
        self._at_terminal = os.isatty(0)
        self._passed_over = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on signals; unlike in the base class that is a good end, not death by a signal."""
        handled = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
            before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self.hang_up)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second signal ends the grace."""
        if self.should_exit or sig == signal.SIGINT:
            self._hurried = True
            self.force_exit = self.force_exit or (self.should_exit and sig == signal.SIGINT)
        self._replaced = self._replaced or sig == signal.SIGUSR1
        self.should_exit = True
        app = self._app
        if app is not None and not app.draining:
            app.draining = True
            # Every answer of the server closes its connection from now on.
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]

    def hang_up(self, sig: int, frame: FrameType | None) -> None:
        """SIGHUP: a server of one process ends with its terminal; otherwise nothing is to be done here."""
        if self.config.workers > 1:
            return
        if self._at_terminal:
            self.handle_exit(signal.SIGTERM, frame)
        self._passed_over = not self._at_terminal

    async def on_tick(self, counter: int) -> bool:
        """Say what a signal could not say: a line may have been under way when it came."""
        if self._passed_over:
            self._passed_over = False
            _log.warning("hangup_passed_over", mend="a server with one worker is not renewed by SIGHUP: restart it")
        return await super().on_tick(counter)

    @property
    def _app(self) -> ParleyApp | None:
        """The application, once it has started."""
        lifespan = getattr(self, "lifespan", None)
        app: ParleyApp | None = lifespan.state.get(APP) if lifespan is not None else None
        return app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then end as the base class does."""
        app = self._app
        _log.info("draining", seconds=0 if self._hurried else self._grace)
        if app is not None:
            app.begin_draining()
        for connection in self.server_state.connections:
            _close_after_answer(connection)
        if self._replaced:
            for server in self.servers:
                server.close()
            for each in sockets or []:
                each.close()
            if app is not None:
                await app.leave_rooms()
        await self._wait()
        if app is not None:
            await app.leave_rooms()
        await super().shutdown(sockets)
        _log.info("ended")

    async def _wait(self) -> None:
        """The grace; shorter when nobody can come any more."""
        end, tick, more = time.monotonic() + self._grace, 0, self._grace > 0
        while more and not (self._replaced and not self.server_state.connections):
            # Looked at before the pause: whoever came while this process was held up is let in once more.
            more = not self._hurried and time.monotonic() < end
            if tick % 20 == 0:
                await self.on_tick(0)  # keeps the time in the header Date right
            await asyncio.sleep(_TICK)
            tick += 1


def _close_after_answer(connection: Any) -> None:
    """Let the answer to the request in hand be the last one of its connection, if it has not begun yet."""
    cycle = getattr(connection, "cycle", None)
    if cycle is not None and not cycle.response_started:
        cycle.keep_alive = False


class Worker(Process):
    """One of several processes that answer requests; this side of it is the supervisor's.

    Args:
        grace: as for `DrainingServer`.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, grace: float) -> None:
        self._grace = grace
        self._asked_at: float | None = None
        super().__init__(config, [listener])

    @property
    def server(self) -> uvicorn.Server:
        """The server, in the worker itself."""
        if self._server is None:
            self._server = DrainingServer(self.config, self._grace)
        return self._server

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve; what the worker does itself."""
        # The thread that tells the supervisor whether it has started is not to make a server of its own.
        self._server = DrainingServer(self.config, self._grace)
        super().target(sockets)

    def signal(self, number: int) -> None:
        """Send the worker a signal, if it is there."""
        if self.process.pid is not None and self.process.exitcode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def is_hung(self) -> bool:
        """Whether it has not answered for long; asks at the same time, and waits for nothing."""
        try:
            while self.parent_conn.poll():
                self.parent_conn.recv()
                self._asked_at = None
            now = time.monotonic()
            if self._asked_at is None:
                self.parent_conn.send(b"ping")
                self._asked_at = now
        except (OSError, EOFError):
            return False  # it ended, which is seen otherwise
        return now - self._asked_at > _HUNG_SECONDS
