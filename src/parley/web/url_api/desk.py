"""What a command has in hand: the request, who asks, and the operations of the XML API in his name."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from parley.domain.user import User
from parley.services.signin import Credentials
from parley.store import users
from parley.web.acting import Acting
from parley.web.page_call import Handler, PageCall
from parley.web.url_api.parameters import Parameters
from parley.web.url_api.reasons import Reason, Refused
from parley.web.visits import Visits

if TYPE_CHECKING:
    from parley.services.application import Application

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What an answer tells: values before the outcome, why it failed (None: it did not), values after it.

    Attributes:
        secret: values that only the site itself and allowed addresses outside get, not other pages of the site.
    """

    before: Fields = ()
    reason: Reason | None = None
    after: Fields = ()
    secret: Fields = ()


DONE: Final = Done()


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages that commands lead to, where a person goes on: the one for hosts and the one for all who join."""

    host: Handler
    join: Handler


class Desk(Acting):
    """One command of one request."""

    def __init__(self, application: Application, visits: Visits, pages: Pages, call: PageCall) -> None:
        super().__init__(application, visits, call)
        self.pages = pages
        self.parameters = Parameters(call.values)

    @property
    def user(self) -> User:
        """Who is signed in.

        Raises:
            Refused: AccessDenied, nobody is.
        """
        if self.call.user is None:
            raise Refused(Reason.ACCESS_DENIED)
        return self.call.user

    def is_meant(self) -> bool:
        """Whether the value from the answer to the sign-in came along: links of strangers do not have it."""
        return self.carries_csrf(self.parameters.text("CSRF") or "")

    async def check_partner(self) -> None:
        """Whether the site's partner ID came along; guessing is slowed down.

        Raises:
            Refused: PartnerIDError.
            Overloaded: too many guess.
        """
        sent, expected = self.parameters.secret("PID") or "", self.site.partner_id
        brake, key = self.application.brake, f"{self.site.site_id}/partner/{self.address}"
        await brake.wait(key)
        if not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
            brake.failed(key)
            raise Refused(Reason.PARTNER_ID)

    async def partner(self) -> Credentials:
        """The proof of the account whose rights the partner ID gives.

        Raises:
            Refused: PartnerIDError, or AccessDenied when the site names no such account.
        """
        await self.check_partner()
        name = self.site.settings.url_api.partner_account.strip().casefold()
        account = await users.by_web_ex_id(self.application.engine, self.site.site_id, name) if name else None
        if account is None:
            raise Refused(Reason.ACCESS_DENIED)
        return self.credentials(account)


Run = Callable[[Desk], Awaitable[Done | Response]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        signed_in: it needs somebody who is signed in.
        changes: it needs the value from the answer to the sign-in (CSRF) as well.
        auto_login: it needs a site that lets portals sign people in.
        open_link: it is behind links that the XML API hands out: works on every site, and takes a session's password
            from the address.
    """

    run: Run
    signed_in: bool = False
    changes: bool = False
    auto_login: bool = False
    open_link: bool = False
