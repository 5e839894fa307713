"""A site's own page: who is signed in, what comes next for everybody, and the way into a session by its number."""

from __future__ import annotations

import re
import time
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from parley.domain.user import may_hold
from parley.rooms.limits import Addresses
from parley.store import sessions
from parley.web.console.shell import ConsoleCall, Shell
from parley.web.public import calendar
from parley.web.url_api.replies import told

#: Sessions that the page names.
_NEXT: Final = 5
#: What people put between the groups of a number.
_BETWEEN: Final = re.compile(r"[\s.\-]+")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_NO_NUMBER: Final = _("Enter the number of the meeting: digits, with or without blanks between them.")
_UNKNOWN: Final = _("There is no meeting with this number on this site.")
_TOO_MANY: Final = _("Too many numbers were tried from here. Wait a minute and try again.")


def routes(shell: Shell) -> list[BaseRoute]:
    """The routes of the area."""
    home = Home()
    return [
        shell.public("/join", home.join),
        shell.public("/", home.page),
        shell.public("", home.page),
    ]


class Home:
    """The page, and joining by number, of which nobody gets to try out many."""

    def __init__(self) -> None:
        self._tries = Addresses(burst=60, rate=1)

    async def page(self, console: ConsoleCall) -> Response:
        """The page."""
        return await _page(console)

    async def join(self, console: ConsoleCall) -> Response:
        """Lead on to the page on which a session is joined, which asks for what it needs.

        That there is a session with a number is all that anybody learns here.
        """
        number = _BETWEEN.sub("", console.text("MK"))
        if not _NUMBER.fullmatch(number):
            return await _page(console, _NO_NUMBER, 400)
        if not self._tries.take(f"{console.site.site_id}/{console.address}", time.monotonic()):
            return await _page(console, _TOO_MANY, 429)
        if await sessions.by_key(console.application.engine, console.site.site_id, int(number)) is None:
            return await _page(console, _UNKNOWN, 404)
        path = f"{console.site_path}/m.php?AT=JM&MK={number}"
        return RedirectResponse(path, 303, headers={"Referrer-Policy": "no-referrer"})


async def _page(console: ConsoleCall, wrong: str | None = None, status: int = 200) -> Response:
    user = console.call.user
    return console.show(
        "public/home.html",
        status,
        here="",
        wrong=wrong,
        number=console.text("MK")[:40] if wrong else "",
        result=told(console.values.get("ST"), console.values.get("RS")),
        hosts=user is not None and may_hold(user),
        rooms=console.application.links.personal_room(console.site.name, "") if _has_rooms(console) else None,
        language=console.language,
        zone=console.language.zone_text(console.zone_id, console.now),
        rows=[] if wrong else await calendar.coming(console, _NEXT),
    )


def _has_rooms(console: ConsoleCall) -> bool:
    return console.site.settings.personal_rooms
