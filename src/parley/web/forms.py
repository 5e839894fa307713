"""What the forms for people have in common."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request


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


def address_of(request: Request) -> str | None:
    """The address of a visitor, if it is known."""
    return request.client.host if request.client is not None else None
