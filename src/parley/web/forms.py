"""What the forms for people have in common."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request


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
    if origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403)


def address_of(request: Request) -> str | None:
    """The address of a visitor, if it is known."""
    return request.client.host if request.client is not None else None
