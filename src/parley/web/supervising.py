"""The process above several workers: starts them, replaces those that die, and ends or renews them all.

All workers accept from one listening socket, which this process keeps open. So a worker that dies takes only the
requests with it that it had in hand, and one that is replaced takes none: the new one accepts before the old one stops.

SIGTERM and SIGINT end the server, SIGHUP replaces the workers one after the other.
"""

from __future__ import annotations

import queue
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from parley.web.serving import FINISH_SECONDS, Worker

_TICK: Final = 0.1
_START_SECONDS: Final = 60.0
#: What a worker needs beyond grace and requests, to stop its work and close the database.
_END_SECONDS: Final = 40.0
#: Between two tries to start a worker that does not start, in place of one that died.
_AGAIN_SECONDS: Final = 2.0
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)
_log = structlog.get_logger("parley.server")


class NotStarted(Exception):
    """A worker did not start, so there is no server."""


class Supervisor:
    """Looks after the workers until it is told to stop.

    Args:
        config: of the workers; `workers` of it is their number.
        grace: seconds that a worker serves on when it is told to end.
        up: called when all workers answer.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, grace: float, up: Callable[[], None] = lambda: None
    ) -> None:
        self._config = config
        self._listener = listener
        self._grace = grace
        self._up = up
        self._workers: list[Worker] = []
        self._leaving: dict[Worker, float] = {}
        """Workers that others stand in for, and when they have to be gone."""
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._stopping = False
        self._renewing = False
        """SIGHUP came since the last replacement began."""
        self._start_again = 0.0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; returns when all workers are gone.

        Raises:
            NotStarted: a worker does not start.
        """
        handled = (*_STOPS, signal.SIGHUP)
        before = {each: signal.signal(each, lambda number, _: self._signals.put(number)) for each in handled}
        try:
            self._start_all()
            if all(self._is_ready(each) for each in self._workers):
                self._up()
            elif not self._stopping:
                raise NotStarted("a worker process did not start")
            while not self._stopping:
                self._next_signal()
                if self._renewing and not self._stopping:
                    self._replace_all()
                self._look()
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _next_signal(self) -> int | None:
        """The next signal, or None after a moment; what it asks for is noted."""
        try:
            number = self._signals.get(timeout=_TICK)
        except queue.Empty:
            return None
        self._stopping = self._stopping or number in _STOPS
        self._renewing = self._renewing or number == signal.SIGHUP
        return number

    def _start_all(self) -> None:
        try:
            for _ in range(self._config.workers):
                self._workers.append(self._started())
        except OSError as error:
            raise NotStarted(f"a worker process cannot be started: {error.strerror}") from error

    def _started(self) -> Worker:
        """A worker that begins.

        Raises:
            OSError: there is too little memory, or there are too many processes or open files.
        """
        worker = Worker(self._config, self._listener, self._grace)
        worker.start()
        return worker

    def _is_ready(self, worker: Worker) -> bool:
        """Whether a worker that was started answers, after a while at most; False as well when all is to end."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._stopping and time.monotonic() < deadline:
            if not worker.process.is_alive():
                return False
            if worker.is_ready(_TICK):
                return True
            self._next_signal()
        return False

    def _look(self) -> None:
        """Replace workers that died or hang; see to it that those which leave are gone in time."""
        for place, worker in enumerate(self._workers):
            if worker.process.is_alive() and not worker.is_hung():
                continue
            if self._stopping or time.monotonic() < self._start_again:
                return
            if worker.process.is_alive():
                _log.error("worker_hangs", pid=worker.pid)
                worker.kill()
            worker.join()
            _log.warning("worker_died", pid=worker.pid, code=worker.exitcode)
            if worker.exitcode == STARTUP_FAILURE:  # it never served: whatever it lacks may come back
                self._start_again = time.monotonic() + _AGAIN_SECONDS
            try:
                self._workers[place] = self._started()
            except OSError as error:  # the others go on, and what is lacking may come back
                _log.error("worker_not_started", error=error.strerror)
                self._start_again = time.monotonic() + _AGAIN_SECONDS
                return
        for worker, until in list(self._leaving.items()):
            if worker.process.is_alive() and time.monotonic() > until:
                _log.error("worker_does_not_end", pid=worker.pid)
                worker.kill()
            if not worker.process.is_alive():
                worker.join()
                del self._leaving[worker]

    def _replace_all(self) -> None:
        """Replace each worker; the next one when the last one is gone, so that there is one more at most."""
        self._renewing = False
        _log.info("workers_replaced_begin", workers=len(self._workers))
        for place in range(len(self._workers)):
            try:
                new = self._started()
            except OSError as error:
                _log.error("worker_not_replaced", pid=self._workers[place].pid, error=error.strerror)
                return
            if not self._is_ready(new):
                if self._stopping:  # it may have begun to answer somebody
                    self._workers.append(new)
                    return
                _log.error("worker_not_replaced", pid=self._workers[place].pid)
                new.kill()
                new.join()
                return
            old, self._workers[place] = self._workers[place], new
            self._leaving[old] = time.monotonic() + self._patience
            old.signal(signal.SIGUSR1)
            while old in self._leaving:
                self._next_signal()
                if self._stopping:
                    return
                self._look()
        _log.info("workers_replaced", workers=len(self._workers))

    @property
    def _patience(self) -> float:
        return self._grace + FINISH_SECONDS + _END_SECONDS

    def _end(self) -> None:
        """Let all workers drain; a second signal is handed on, and who does not end in time is killed."""
        remaining = [*self._workers, *self._leaving]
        for worker in self._workers:  # the others end already, and have a grace of their own
            worker.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._patience
        while any(each.process.is_alive() for each in remaining):
            number = self._next_signal()
            if time.monotonic() > deadline:
                for worker in remaining:
                    worker.kill()
            elif number is not None:
                for worker in remaining:
                    worker.signal(number)
        for worker in remaining:
            worker.join()
