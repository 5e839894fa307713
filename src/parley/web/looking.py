"""Whether a request only looks at an address."""

from __future__ import annotations

from starlette.requests import Request


def only_looks(request: Request) -> bool:
    """Whether a request fetches a page without anybody having opened it."""
    if request.method == "POST":
        return False
    headers = request.headers
    purpose = ",".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return (
        request.method == "HEAD"
        or any(word in purpose for word in ("prefetch", "preview", "prerender"))
        or headers.get("sec-fetch-mode", "navigate") != "navigate"
        or headers.get("sec-fetch-dest", "document") != "document"
    )
