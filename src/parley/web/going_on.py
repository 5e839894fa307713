"""Where a page may lead on to: below the site's own pages at once, anywhere else only after asking.

Links name addresses to go to (MU, BU), and links can be made by anybody, so a sign-in must not become a way to send
people to strange places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

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


def allowed(target: str, root: str, addresses: Iterable[str]) -> str | None:
    """An address that answers may be sent to without asking: a page of the site, or one that the site allows.

    Args:
        target: an absolute address, or a path of the site.
        root: the site's public address without final slash.
        addresses: what the site allows: these addresses and what is below them.

    Source: facts/url-api.md "Form" (BU, MU).
    """
    own = inside(target, root)
    if own is not None:
        return root + own[len(path_of(root)) :]
    outside = away(target)
    if outside is None:
        return None
    parts = urlsplit(outside)
    route = unquote(unquote(parts.path))
    if "\\" in route or any(part in (".", "..") for part in route.split("/")):
        return None
    return outside if any(_is_below(parts, urlsplit(each)) for each in addresses) else None


def _is_below(parts: SplitResult, base: SplitResult) -> bool:
    """Whether an address is another one, or below it."""
    if (parts.scheme, parts.hostname, _port(parts)) != (base.scheme, base.hostname, _port(base)):
        return False
    return parts.path == base.path or f"{parts.path}/".startswith(f"{base.path.rstrip('/')}/")


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def with_result(target: str, result: Sequence[tuple[str, str]]) -> str:
    """An address with the result of a command as further query parameters."""
    parts = urlsplit(target)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(result))))).geturl()


def away(target: str, **result: str) -> str | None:
    """An http address outside, with the result of the command as further query parameters; None for anything else.

    Source: facts/url-api.md "Form" (BU, AT, ST, RS).
    """
    if not target or len(target) > _MAX_ADDRESS or _ODD.search(target):
        return None
    try:
        parts = urlsplit(target)
        _ = parts.port  # ValueError when it is no number
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return with_result(target, list(result.items()))
