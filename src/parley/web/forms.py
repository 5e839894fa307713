"""What the forms for people have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from parley.domain.addresses import network_of

#: Of a long body, the next piece has to be there within so many seconds.
SILENT_SECONDS: Final = 60.0
#: It may come as slowly as it likes for so many seconds, then no more slowly than this many bytes a second.
DRIP_SECONDS: Final = 60.0
SLOWEST: Final = 1_000


def check_sender(request: Request) -> None:
    """Refuse a form that a page of somebody else sent in a visitor's name.

    Browsers say themselves where a request comes from (Sec-Fetch-Site, older ones Origin); programs say nothing. Our
    pages tell no address to anybody, so their own forms may have the origin `null`.

    Raises:
        HTTPException: 403.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site.lower() not in ("same-origin", "none"):
            raise HTTPException(403)
        return
    origin = request.headers.get("origin", "null")
    if origin != "null" and not is_own_origin(origin, request.headers.get("host")):
        raise HTTPException(403)


def is_own_origin(origin: str, host: str | None) -> bool:
    """Whether an Origin header names the host that was asked; what is no address names none."""
    return origin.partition("://")[2] == host


async def body_of(request: Request, most: int, seconds: float) -> bytes:
    """The body of a request.

    Args:
        most: bytes that it may have.
        seconds: it has to be there within this time.

    Raises:
        HTTPException: 413 and 408 for what is too long or too slow.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                data += part
                if len(data) > most:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408) from None
    return bytes(data)


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The pieces of a body that may be long, none of them empty.

    Raises:
        TimeoutError: nothing came any more, or too little.
        ClientDisconnect: the connection broke off.
    """
    now = asyncio.get_running_loop().time
    begun, size = now(), 0
    body = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout_at(min(now() + SILENT_SECONDS, begun + DRIP_SECONDS + size / SLOWEST)):
                piece = await anext(body)
        except StopAsyncIteration:
            return
        if piece:
            size += len(piece)
            yield piece


def address_of(request: Request) -> str | None:
    """The address of a visitor, if it is known; `counted_as` is for bounds."""
    return request.client.host if request.client is not None else None


def counted_as(request: Request) -> str | None:
    """What a visitor is counted under where tries and calls are bounded: a net, of which he may have every address."""
    address = address_of(request)
    return None if address is None else network_of(address)
