"""The operations of the XML API in the name of whoever a page was asked by; the same checks, the same faults."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, cast

from parley.contract.user import AuthenticateUser, AuthenticateUserResponse
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.declare import Record
from parley.services.dispatcher import answer_record
from parley.services.password_changes import stale_password
from parley.services.signin import Credentials
from parley.store import users
from parley.web.forms import counted_as
from parley.web.page_call import PageCall
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application


class Acting:
    """One request, and what can be done in the name of its visitor."""

    def __init__(self, application: Application, visits: Visits, call: PageCall) -> None:
        self.application = application
        self.visits = visits
        self.call = call
        self.site = call.site

    @property
    def address(self) -> str:
        """Where the request comes from, for the brakes on guessing."""
        return counted_as(self.call.request) or "local"

    @property
    def root(self) -> str:
        """The site's public address, without final slash."""
        return self.application.links.root(self.site.name)

    @property
    def user(self) -> User:
        """Who is signed in; to be asked for only where somebody is."""
        if self.call.user is None:
            raise RuntimeError("nobody is signed in")
        return self.call.user

    def carries_csrf(self, sent: str) -> bool:
        """Whether a text is the value of this visit, which links and forms of strangers do not have."""
        visit = self.call.visit
        return visit is not None and hmac.compare_digest(self.visits.csrf(visit).encode(), sent.lower().encode())

    async def perform(self, request: Record, credentials: Credentials | None = None) -> Record:
        """Have an operation do its work.

        Args:
            credentials: in whose name; None: in that of the visitor.

        Raises:
            Fault: what the operation is answered with.
        """
        return await answer_record(self.application, request, credentials or self.credentials(self.user))

    async def look(self, request: Record) -> Record:
        """Have an operation that anybody may ask for do its work, in the visitor's name if he is signed in.

        Raises:
            Fault: what the operation is answered with.
        """
        user = self.call.user
        if user is None or stale_password(user, self.site.settings, self.application.clock.now()) is not None:
            return await self.perform(request, self._credentials(None))
        return await self.perform(request)

    async def proven(self, credentials: Credentials) -> User:
        """The account that credentials are right for; it signs in by AuthenticateUser.

        Raises:
            Fault: why not.
        """
        answer = cast("AuthenticateUserResponse", await self.perform(AuthenticateUser(), credentials))
        read = self.application.tickets.read(answer.session_ticket or "")
        user = await users.by_id(self.application.engine, self.site.site_id, read[1]) if read is not None else None
        if user is None:
            raise faults.UNKNOWN_USER()
        return user

    def credentials(self, user: User) -> Credentials:
        """The proof of somebody who is known to have proven himself before."""
        ticket = self.application.tickets.issue(
            self.site.site_id, user.user_id, user.credential_version, self.application.clock.now_ms()
        )
        return self._credentials(user.web_ex_id_key, ticket=ticket)

    def by_password(self, web_ex_id: str | None, email: str | None, password: str) -> Credentials:
        """The proof of somebody who sent his password."""
        return self._credentials(web_ex_id, email=email, password=password)

    def by_session(self, web_ex_id: str | None, email: str | None, ticket: str) -> Credentials:
        """The proof of somebody who sent a session ticket of the XML API."""
        return self._credentials(web_ex_id, email=email, ticket=ticket)

    def _credentials(
        self, web_ex_id: str | None, *, email: str | None = None, password: str | None = None, ticket: str | None = None
    ) -> Credentials:
        return Credentials(
            site_name=self.site.name,
            site_id=None,
            host_label=None,
            web_ex_id=web_ex_id.casefold() if web_ex_id else None,
            email=email.casefold() if email else None,
            password=password,
            ticket=ticket,
            access_token=None,
            address=self.address,
        )
