"""m.php: entries for recordings that lie elsewhere (CR).

No site keeps recordings yet, so nobody may make such an entry: what is complete is answered with AccessDenied, the rest
with InvalidDataFormat.
Source: facts/url-api.md "m.php" (CR).
"""

from __future__ import annotations

from typing import Final

from parley.web.url_api.desk import Command, Desk, Done
from parley.web.url_api.reasons import Reason, Refused


async def create_recording(desk: Desk) -> Done:
    """CR: refused, for the topic and the address that it needs, or because there are no recordings."""
    for name in ("RT", "UL"):
        desk.parameters.required(name)
    raise Refused(Reason.ACCESS_DENIED)


COMMANDS: Final = {"CR": Command(create_recording)}
