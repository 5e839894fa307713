"""Whether the process lives and whether requests should come to it, for whoever starts servers and fronts them.

Answered without the pages, so that asking costs a server nothing that only answers programs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from parley.services.application import Application
from parley.store import StoreError, meta, migrations
from parley.web.xml_endpoint import Receive, Scope, Send

_ALIVE: Final = frozenset({"/healthz", "/health"})
_READY: Final = frozenset({"/readyz", "/ready"})
PATHS: Final = _ALIVE | _READY

#: The database has so many seconds to answer.
_SECONDS: Final = 5.0
_log = structlog.get_logger("parley.server")


class Health:
    """Answers requests for `PATHS`.

    Args:
        is_draining: tells whether the server is about to end.
    """

    def __init__(self, application: Application, is_draining: Callable[[], bool]) -> None:
        self._application = application
        self._is_draining = is_draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 200, or 503 with the reason."""
        if scope["method"] not in ("GET", "HEAD"):
            status, text = 405, "only GET and HEAD are answered"
        elif scope["path"] in _ALIVE:
            status, text = 200, "ok"
        else:
            problem = await self.problem()
            status, text = (200, "ready") if problem is None else (503, problem)
        body = f"{text}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        if status == 405:
            headers.append((b"allow", b"GET, HEAD"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def problem(self) -> str | None:
        """Why no requests should come to this process; None: they may."""
        if self._is_draining():
            return "this server is about to end"
        try:
            async with asyncio.timeout(_SECONDS):
                revision = await meta.revision(self._application.engine)
        except (StoreError, TimeoutError):
            return "the database does not answer"
        except Exception:  # such as a table that is not there; asking again and again must be no defect each time
            _log.warning("revision_not_read", exc_info=True)
            return "the revision of the database cannot be read"
        # A newer one is what a newer release made of it that takes over just now: until it does, this one serves on.
        if revision is None or (revision != migrations.HEAD and revision in migrations.KNOWN):
            return f"the database has revision {revision}, not {migrations.HEAD}"
        return "this server is about to end" if self._is_draining() else None
