"""Finds the command of a request, checks what holds for all of them, and answers.

Source: facts/url-api.md "Form".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import Response

from parley.protocol.credentials import Overloaded
from parley.protocol.faults import Fault
from parley.store import Conflict
from parley.store.errors import Unstorable
from parley.web.page_call import Handler, PageCall
from parley.web.registration import RegistrationPages
from parley.web.url_api import accounts, joining, meetings, people, recordings, registering, services
from parley.web.url_api.accounts import check_auto_login
from parley.web.url_api.desk import Command, Desk, Done, Pages
from parley.web.url_api.reasons import Reason, Refused, reason_of
from parley.web.url_api.replies import open_meetings, reply
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

#: Come in the body of a POST only, so that no log and no history of a browser has them.
_SECRETS: Final = frozenset({"PW", "PID", "NPW", "SK"})
#: Commands whose answers are XML whatever they are.
_XML: Final = frozenset({("m", "OM")})


class UrlApi:
    """The commands of all pages.

    Args:
        pages: where hosts and others go into a session.
    """

    def __init__(self, application: Application, visits: Visits, pages: Pages, registration: RegistrationPages) -> None:
        self._application = application
        self._visits = visits
        self._pages = pages
        of_meetings = (meetings, joining, people, recordings)
        self._commands: Mapping[str, Mapping[str, Command]] = {
            "p": accounts.COMMANDS,
            "m": {name: each for module in of_meetings for name, each in module.COMMANDS.items()}
            | registering.commands(registration),
            "o": services.COMMANDS,
        }

    def handler(self, page: str, name: str) -> Handler | None:
        """What answers a command of a page; None when the page has no commands, or none is named."""
        commands = self._commands.get(page)
        if commands is None or not name:
            return None
        shown = name if name.isascii() and name.isalnum() else ""
        command = commands.get(name)

        async def handle(call: PageCall) -> Response:
            desk = Desk(self._application, self._visits, self._pages, call)
            if command is None:
                return reply(desk, shown[:_LONGEST_NAME], Done(reason=Reason.UNKNOWN_COMMAND))
            return await self._answer(desk, command, page, name)

        return handle

    async def _answer(self, desk: Desk, command: Command, page: str, name: str) -> Response:
        try:
            self._check(desk, command)
            done = await command.run(desk)
        except Refused as refused:
            done = Done(reason=refused.reason)
        except Fault as fault:
            done = Done(reason=reason_of(fault))
        except Unstorable:
            done = Done(reason=Reason.INVALID_DATA)
        except (Conflict, Overloaded):
            if command.open_link:
                raise HTTPException(503, headers={"Retry-After": "60"}) from None
            done = Done(reason=Reason.UNKNOWN)
        if isinstance(done, Response):
            return done
        return open_meetings([], done.reason) if (page, name) in _XML else reply(desk, name, done)

    def _check(self, desk: Desk, command: Command) -> None:
        """What holds for all commands.

        Raises:
            Refused: DoNotSupportAPI, AutoLoginDisabled, or AccessDenied.
        """
        if not command.open_link:
            if not desk.site.settings.url_api.offered:
                raise Refused(Reason.NO_URL_API)
            _check_secrets(desk, _SECRETS)
        elif command.run is accounts.sign_in:
            _check_secrets(desk, _SECRETS)
        if command.auto_login:
            check_auto_login(desk)
        if command.signed_in and desk.call.user is None:
            raise Refused(Reason.ACCESS_DENIED)
        if command.changes and not desk.is_meant():
            raise Refused(Reason.ACCESS_DENIED)


_LONGEST_NAME: Final = 16


def _check_secrets(desk: Desk, names: frozenset[str]) -> None:
    """Refuse passwords in an address."""
    if any(name.upper() in names for name, _ in parse_qsl(desk.call.request.url.query)):
        raise Refused(Reason.ACCESS_DENIED)
