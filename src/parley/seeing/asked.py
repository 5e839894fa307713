"""The request that something is being done for: its id, and what the log and traces say of it.

One object goes with each HTTP request and socket, in a context variable, so whatever is done for it (log lines, mails
that it queues) finds the id without being handed it.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

#: What a front may send as X-Request-Id; anything else is not taken over.
_VALID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:=/+-]{7,63}")
HEADER: Final = b"x-request-id"


class Asked:
    """A request, and what became known of it while it was answered.

    Attributes:
        request_id: names it in the answer's header and in all log lines.
        operation: of the API, by its name; the last one of a message with several.
        site: name of the site that was found.
        caller: webExID of the account that proved itself.
        channel: API, or CONSOLE for the pages of the console.
        code: exceptionID of the last failure, six digits.
        bytes_in: of the body, as far as it was read.
        page: what of the server's pages answers, by the name of its part; None for the XML endpoint.
        route: the pattern of the address that was found, without the values in it, some of which are secret.
    """

    __slots__ = ("bytes_in", "caller", "channel", "code", "operation", "page", "request_id", "route", "site")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.operation: str | None = None
        self.site: str | None = None
        self.caller: str | None = None
        self.channel = "API"
        self.code: str | None = None
        self.bytes_in = 0
        self.page: str | None = None
        self.route: str | None = None


_current: ContextVar[Asked | None] = ContextVar("parley_asked", default=None)
current: Final = _current.get
"""The request that is being answered; None for what the server does by itself."""


class _Ids:
    """Ids that no other process makes, one after the other: cheaper than a random number for each request."""

    def __init__(self) -> None:
        self._process = 0
        self._prefix = ""
        self._numbers = itertools.count(1)

    def next(self) -> str:
        if self._process != os.getpid():
            self._process, self._prefix = os.getpid(), secrets.token_hex(6)
        return f"{self._prefix}-{next(self._numbers):x}"


_next_id: Final = _Ids().next


def begin(scope: MutableMapping[str, Any], *, believe_front: bool) -> Asked:
    """A new request, which is the current one from now on in this task.

    Args:
        scope: of the ASGI server.
        believe_front: take the id that the header X-Request-Id has, where it is one.
    """
    asked = Asked((_sent_id(scope) if believe_front else None) or _next_id())
    _current.set(asked)
    return asked


class Actor(NamedTuple):
    """Who does something: a webExID or login name, empty for nobody who proved himself, and from where."""

    name: str
    channel: str


_at_hand = Actor("", "SERVER")


@contextmanager
def acting_as(name: str, channel: str) -> Iterator[None]:
    """Say who acts in this process meanwhile where no request is answered, such as whoever runs a command."""
    global _at_hand
    before, _at_hand = _at_hand, Actor(name, channel)
    try:
        yield
    finally:
        _at_hand = before


def actor() -> Actor:
    """Who does what is being done."""
    asked = _current.get()
    if asked is None:
        return _at_hand
    if asked.caller is None and asked.operation is None:
        return Actor("", "LINK")
    return Actor(asked.caller or "", asked.channel)


def current_id() -> str | None:
    """The id of the request that is being answered."""
    asked = _current.get()
    return None if asked is None else asked.request_id


def _sent_id(scope: MutableMapping[str, Any]) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == HEADER:
            return value.decode("ascii") if _VALID.fullmatch(value) else None
    return None
