"""Servers that help browsers find each other: STUN as it is named, TURN with credentials that expire.

The credentials are those of coturn's `use-auth-secret`: the user name is the time of expiry and a name, the password
its HMAC-SHA1 under the secret that both servers share.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final

#: Seconds that credentials are good for: longer than most sessions, since browsers keep them for a connection.
CREDENTIAL_SECONDS: Final = 6 * 3600
_SCHEMES: Final = ("stun:", "stuns:", "turn:", "turns:")


def parse_servers(text: str | None) -> tuple[str, ...]:
    """The addresses in a setting, separated by commas or blanks.

    Raises:
        ValueError: one of them is no address of a STUN or TURN server.
    """
    found = tuple((text or "").replace(",", " ").split())
    for each in found:
        if not each.startswith(_SCHEMES) or not each.partition(":")[2]:
            raise ValueError(f"{each} is no address of a STUN or TURN server, such as turn:turn.example.org:3478")
    return found


def ice_servers(servers: Sequence[str], secret: str | None, name: str, now: int) -> list[dict[str, Any]]:
    """What a browser is told (RTCConfiguration.iceServers); `now` in UTC epoch seconds."""
    stun = [each for each in servers if each.startswith("stun")]
    turn = [each for each in servers if each.startswith("turn")]
    told: list[dict[str, Any]] = [{"urls": stun}] if stun else []
    if turn and secret:
        user = f"{now + CREDENTIAL_SECONDS}:{name}"
        password = base64.b64encode(hmac.digest(secret.encode(), user.encode(), sha1)).decode()
        told.append({"urls": turn, "username": user, "credential": password})
    return told
