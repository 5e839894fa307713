"""One notice over HTTP: to an address of the open net that was looked up once, without redirects, bounded in time."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from typing import Final

from parley.domain.notices import Target, is_public

#: Seconds for everything: looking the host up, connecting, sending, and the first line of the answer.
DEADLINE: Final = 10.0
_LONGEST_LINE: Final = 4096
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]")
#: Answers that may be another one later, besides those from 500 on.
_LATER: Final = frozenset({408, 421, 425, 429})


class NotDelivered(Exception):
    """A notice did not arrive; `permanent`: it never will."""

    def __init__(self, note: str, *, permanent: bool) -> None:
        super().__init__(note)
        self.note = note
        self.permanent = permanent


async def post(target: Target, body: bytes, *, private: bool, trusted: ssl.SSLContext | None = None) -> None:
    """Send a form.

    Args:
        private: the host may be on this machine or in a private net.
        trusted: whom https hosts are vouched for by; None: the authorities that this machine trusts.

    Raises:
        NotDelivered: it was not taken.
    """
    try:
        async with asyncio.timeout(DEADLINE):
            addresses = await _addresses(target, private=private)
            status = await _answered(target, addresses, body, trusted)
    except TimeoutError:
        raise NotDelivered(f"{target.authority} takes too long", permanent=False) from None
    except (OSError, ValueError, UnicodeError, asyncio.IncompleteReadError) as error:
        raise NotDelivered(f"{target.authority}: {type(error).__name__}", permanent=False) from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotDelivered(f"{target.authority} leads elsewhere, which is not followed", permanent=True)
    raise NotDelivered(f"{target.authority} answered {status}", permanent=status < 500 and status not in _LATER)


async def _addresses(target: Target, *, private: bool) -> list[str]:
    """The IP addresses of a host, all of which have to be of the open net unless others are allowed.

    The connection goes to one of these, so that nobody can have the name mean something else in between.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not private and not all(is_public(each) for each in addresses):
        raise NotDelivered(f"{target.authority} is an address of a private net", permanent=True)
    return addresses


async def _answered(target: Target, addresses: list[str], body: bytes, trusted: ssl.SSLContext | None) -> int:
    """The status of the answer."""
    context = (trusted or await asyncio.to_thread(ssl.create_default_context)) if target.secure else None
    reader, writer = await _connected(target, addresses, context)
    try:
        writer.write(_head(target, len(body)) + body)
        await writer.drain()
        line = await reader.readline()
        found = _STATUS.match(line)
        if found is None:
            raise NotDelivered(f"{target.authority} does not speak HTTP", permanent=False)
        return int(found[1])
    finally:
        writer.transport.abort()


async def _connected(
    target: Target, addresses: list[str], context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    problem: OSError = ConnectionError()
    for address in addresses:
        try:
            return await asyncio.open_connection(
                address,
                target.port,
                ssl=context,
                server_hostname=target.host if context is not None else None,
                limit=_LONGEST_LINE,
            )
        except OSError as error:
            problem = error
    raise problem


def _head(target: Target, length: int) -> bytes:
    lines = (
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "User-Agent: Parley",
        "Accept: */*",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {length}",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")
