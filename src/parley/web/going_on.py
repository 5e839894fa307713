"""Where a page may lead on to: below the site's own pages at once, anywhere else only after asking.

Links name addresses to go to (MU, BU), and links can be made by anybody, so a sign-in must not become a way to send
people to strange places.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

_MAX_ADDRESS: Final = 2000
#: Characters that have no place in an address: what browsers drop, or read as a slash.
_ODD: Final = re.compile(r"[\x00-\x20\x7f\\\"'<>^`{|}]|[^\x00-\x7f]")


def path_of(root: str) -> str:
    """The path of a site's address, without final slash."""
    return urlsplit(root).path.rstrip("/")


def inside(target: str, root: str) -> str | None:
    """The path and query of an address below the site's own, for a redirect on the same host; None for others.

    Args:
        target: an absolute address or a path.
        root: the site's public address without final slash.
    """
    if not target or len(target) > _MAX_ADDRESS or _ODD.search(target):
        return None
    path = path_of(root)
    if target.startswith(f"{root}/"):
        target = path + target[len(root) :]
    below = target.partition("#")[0]
    route = unquote(unquote(below.partition("?")[0]))
    if not below.startswith(f"{path}/") or "\\" in route or "//" in route:
        return None
    return None if any(part in (".", "..") for part in route.split("/")) else below


def away(target: str, **result: str) -> str | None:
    """An http address outside, with the result of the command as further query parameters; None for anything else.

    Source: facts/url-api.md "Form" (BU, AT, ST, RS).
    """
    if not target or len(target) > _MAX_ADDRESS or _ODD.search(target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    query = "&".join(filter(None, (parts.query, urlencode(result))))
    return parts._replace(query=query).geturl()
