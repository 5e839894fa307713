"""AuthenticateUser, GetLoginTicket, GetloginurlUser and GetlogouturlUser.

Sources: facts/user-site.md 3 (session ticket) and 4, facts/url-api.md (links).
"""

from __future__ import annotations

from typing import Final

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
from parley.domain.user import Caller, User
from parley.protocol import faults
from parley.protocol.credentials import TICKET_SECONDS
from parley.services.context import Context
from parley.services.general_session.version import API_VERSION
from parley.services.links import Person
from parley.services.locking import after_lock
from parley.services.login_tickets import kept_ticket, link_ticket
from parley.services.registry import operation
from parley.services.signin import vouched_caller
from parley.services.user.reading import named_user
from parley.services.values import given
from parley.store import Changes, Duplicate, assertions, users

#: Seconds that the time of the last sign-in may be behind.
_NOTED_SECONDS: Final = 60


@operation("user", request=AuthenticateUser, answer=AuthenticateUserResponse)
async def authenticate_user(context: Context, request: AuthenticateUser) -> AuthenticateUserResponse:
    """Turn a password, an access token, a SAML response, or a ticket that is still good, into a new session ticket.

    An access token or SAML response in the body has to name the caller of securityContext, when one is named there.
    """
    application = context.application
    changes = Changes()
    caller = await _body_proven(context, request, changes)
    created_ms = application.clock.now_ms()
    ticket = application.tickets.issue(caller.site_id, caller.user_id, caller.credential_version, created_ms)
    if not _noted(caller, context.now):
        users.signed_in(changes, caller.site_id, caller.user_id, context.now)
    try:
        if changes:
            await context.engine.commit(changes)
    except Duplicate:  # the assertion signed somebody in before
        raise faults.INVALID_SAML_RESPONSE() from None
    return AuthenticateUserResponse(session_ticket=ticket, create_time=created_ms, time_to_live=TICKET_SECONDS)


def _noted(caller: Caller, now: int) -> bool:
    """Whether a sign-in was noted lately: programs that sign in for each of their calls do not write each time."""
    return caller.last_login_at is not None and 0 <= now - caller.last_login_at < _NOTED_SECONDS


async def _body_proven(context: Context, request: AuthenticateUser, changes: Changes) -> Caller:
    """The account that the body proves, or securityContext when the body holds no proof; accessToken counts first."""
    vouchers, site = context.application.vouchers, context.site.site
    token, response = given(request.access_token), given(request.saml_response)
    if token:
        return await vouched_caller(context, await vouchers.token(site, token, context.now))
    if response:
        assertion = await vouchers.assertion(site, response, context.now)
        caller = await vouched_caller(context, assertion.claim)
        assertions.purge(changes, site.site_id, context.now)
        assertions.use(changes, site.site_id, assertion.assertion_hash, assertion.expires_at)
        return caller
    return context.caller


@operation("user", request=GetLoginTicket, answer=GetLoginTicketResponse)
async def get_login_ticket(context: Context, _request: GetLoginTicket) -> GetLoginTicketResponse:
    """Give the caller's one-time login ticket; the same one until it was used."""
    return GetLoginTicketResponse(ticket=await kept_ticket(context), api_version=API_VERSION)


@operation("user", request=GetloginurlUser, answer=GetloginurlUserResponse)
async def getloginurl_user(context: Context, request: GetloginurlUser) -> GetloginurlUserResponse:
    """Give a link that signs the user in once and then goes to backURL; administrators for others too."""
    named = await named_user(context, request.web_ex_id, "webExID")
    user = await after_lock(context.application, context.site.site, named)
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
