"""Who calls: by name and password as in the XML API (the same brake, lock and memory of right ones), or by a ticket."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.requests import Request

from parley.protocol import faults
from parley.services import signin
from parley.services.context import Context
from parley.services.dispatcher import FormCredentials
from parley.services.roles import TABLE, Rights
from parley.services.signin import Credentials
from parley.store import users
from parley.web.nbr.tickets import TICKET_SECONDS, Ticket, Tickets

if TYPE_CHECKING:
    from parley.services.application import Application

_NUMBER: Final = re.compile("[0-9]{1,18}")
#: Sites may change while a caller is proven; more often than this they do not.
_TRIES: Final = 12
#: Who may list recordings may fetch them; what changes something asks for more.
_RIGHTS: Final = Rights(TABLE["LstRecording"])


class Proven(NamedTuple):
    """A caller.

    Attributes:
        context: as operations of the XML API have it.
        credentials: for those operations, in the caller's name.
        service: of whose meetings the ticket tells; empty: of all.
    """

    context: Context
    credentials: Credentials
    service: str = ""


class Door:
    """Proves callers and hands out tickets."""

    def __init__(self, application: Application, tickets: Tickets) -> None:
        self._application = application
        self._tickets = tickets

    async def by_password(self, request: Request, site_id: str, user: str, password: str) -> Proven:
        """The account of a name and password.

        Args:
            site_id: siteID as sent; empty: the site of the host name.

        Raises:
            Fault: as the XML API has it.
        """
        credentials = _sent(request, site_id, user, password)
        return Proven(await self._context(credentials), credentials)

    async def by_ticket(self, request: Request, site_id: str, ticket: str) -> Proven:
        """The account that a ticket was given to, as it is now.

        Raises:
            Fault: 030047 for a ticket that is wrong, over, or of another site; and as the XML API has it.
        """
        application = self._application
        credentials = _sent(request, site_id, "", "")
        said = self._tickets.read("".join(ticket.split()), application.clock.now())
        known = await signin.find_site(application, credentials)
        if said is None or known.site.site_id != said.site_id:
            raise faults.INVALID_TICKET()
        user = await users.by_id(application.engine, said.site_id, said.user_id)
        if user is None:
            raise faults.INVALID_TICKET()
        session = application.tickets.issue(
            said.site_id, said.user_id, said.credential_version, application.clock.now_ms()
        )
        proof = dataclasses.replace(credentials, site_id=said.site_id, web_ex_id=user.web_ex_id_key, ticket=session)
        return Proven(await self._context(proof), proof, said.service)

    def ticket(self, proven: Proven, service: str = "") -> str:
        """A new ticket for a caller."""
        caller, now = proven.context.caller, proven.context.now
        return self._tickets.sign(
            Ticket(
                site_id=proven.context.site.site.site_id,
                user_id=caller.user_id,
                credential_version=caller.credential_version,
                until=now + TICKET_SECONDS,
                service=service,
            )
        )

    async def _context(self, credentials: Credentials) -> Context:
        for _ in range(_TRIES):
            site = await signin.find_site(self._application, credentials)
            context = await signin.identify(self._application, site, credentials, None, _RIGHTS)
            if context is not None:
                return context
        raise faults.BUSY()


def _sent(request: Request, site_id: str, user: str, password: str) -> Credentials:
    """What a request says of its site and caller.

    Raises:
        Fault: siteId is no number.
    """
    number = site_id.strip()
    if number and not _NUMBER.fullmatch(number):
        raise faults.UNKNOWN_SITE()
    return signin.read_credentials(None, FormCredentials(user.strip(), password, number, None), request.scope)
