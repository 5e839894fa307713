"""Who may read `/metrics`: whoever has the token, or by the address."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from parley.domain.addresses import read_ip

if TYPE_CHECKING:
    from starlette.requests import Request

    from parley.config import Config


def may_read(config: Config, request: Request) -> Response | None:
    """None for who may; the answer for who may not.

    The token decides where there is one; `metrics_from` holds besides, so that it may be narrowed to both.
    """
    if config.metrics_from == "nobody" or (config.metrics_from == "local" and not _is_local(request)):
        return _refusal(403, "not for this address\n")
    if config.metrics_token is not None:
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(sent.strip().encode("utf-8", "surrogateescape"), config.metrics_token.encode())
        if scheme.lower() != "bearer" or not right:
            return _refusal(401, "send the token: Authorization: Bearer ...\n", {"WWW-Authenticate": "Bearer"})
    return None


def _is_local(request: Request) -> bool:
    """Whether the client's address is of this machine or of a private net, as `trust_proxy` tells it."""
    found = read_ip(request.client.host if request.client else "")
    return found is not None and (found.is_loopback or found.is_private or found.is_link_local)


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, headers={"Cache-Control": "no-store", **(headers or {})})
