"""AuthenticateUser, GetLoginTicket, GetloginurlUser and GetlogouturlUser.

Sources: facts/user-site.md 3 (session ticket) and 4, facts/url-api.md (links).
"""

from __future__ import annotations

from parley.contract.user import (
    AuthenticateUser,
    AuthenticateUserResponse,
    GetLoginTicket,
    GetLoginTicketResponse,
    GetloginurlUser,
    GetloginurlUserResponse,
    GetlogouturlUser,
    GetlogouturlUserResponse,
)
from parley.domain.user import User
from parley.protocol import faults
from parley.protocol.credentials import TICKET_SECONDS
from parley.services.context import Context
from parley.services.general_session import API_VERSION
from parley.services.links import Person
from parley.services.login_tickets import kept_ticket, link_ticket
from parley.services.registry import operation
from parley.services.user.reading import named_user
from parley.services.values import given
from parley.store import Changes, users


@operation("user", request=AuthenticateUser, answer=AuthenticateUserResponse)
async def authenticate_user(context: Context, request: AuthenticateUser) -> AuthenticateUserResponse:
    """Turn a password, or a session ticket that is still good, into a new session ticket."""
    if given(request.access_token) or given(request.saml_response):
        # No issuer of tokens and no identity provider is known, so nobody vouches for either.
        raise faults.INVALID_ACCESS_TOKEN()
    application, caller = context.application, context.caller
    created_ms = application.clock.now_ms()
    ticket = application.tickets.issue(caller.site_id, caller.user_id, caller.credential_version, created_ms)
    changes = Changes()
    users.signed_in(changes, caller.site_id, caller.user_id, context.now)
    await context.engine.commit(changes)
    return AuthenticateUserResponse(session_ticket=ticket, create_time=created_ms, time_to_live=TICKET_SECONDS)


@operation("user", request=GetLoginTicket, answer=GetLoginTicketResponse)
async def get_login_ticket(context: Context, _request: GetLoginTicket) -> GetLoginTicketResponse:
    """Give the caller's one-time login ticket; the same one until it was used."""
    return GetLoginTicketResponse(ticket=await kept_ticket(context), api_version=API_VERSION)


@operation("user", request=GetloginurlUser, answer=GetloginurlUserResponse)
async def getloginurl_user(context: Context, request: GetloginurlUser) -> GetloginurlUserResponse:
    """Give a link that signs the user in once and then goes to backURL; administrators for others too."""
    user = await named_user(context, request.web_ex_id, "webExID")
    _check_usable(user, context.now)
    changes = Changes()
    ticket = link_ticket(context, changes, user.user_id)
    await context.engine.commit(changes)
    person = Person(user.web_ex_id, user.first_name, user.last_name, user.email)
    back = given(request.back_url) or ""
    return GetloginurlUserResponse(
        user_login_url=context.application.links.login(context.site.site.name, person, ticket, back.strip())
    )


@operation("user", request=GetlogouturlUser, answer=GetlogouturlUserResponse)
async def getlogouturl_user(context: Context, request: GetlogouturlUser) -> GetlogouturlUserResponse:
    """Give a link that signs out and then goes to backURL."""
    await named_user(context, request.web_ex_id, "webExID", read_only=True)
    back = given(request.back_url) or ""
    return GetlogouturlUserResponse(
        user_logout_url=context.application.links.logout(context.site.site.name, back.strip())
    )


def _check_usable(user: User, now: int) -> None:
    """Whether a link that signs this user in would work; the caller is known to be usable, others may not be."""
    if user.status != "ACTIVATED":
        raise faults.ACCOUNT_NOT_ACTIVE()
    if user.locked:
        raise faults.ACCOUNT_LOCKED()
    if user.expires_at is not None and user.expires_at <= now:
        raise faults.ACCOUNT_EXPIRED()
