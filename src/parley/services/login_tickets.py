"""One-time login tickets: what signs a browser in through a link that the API handed out.

The store keeps only their hashes. There are two kinds: those of links, new for every link, and the one that
GetLoginTicket gives until it is used, which is made again from the numbers that are kept of it. Links go out of use
sooner, so the ticket with the longest life is never one of a link (facts say nothing of how long tickets live; both
times are chosen).
Sources: facts/user-site.md 4 (GetLoginTicket, GetloginurlUser), facts/url-api.md (AT=LI, TK).
"""

from __future__ import annotations

from typing import Final

from parley.domain.identifiers import new_login_ticket, ticket_hash
from parley.services.context import Context
from parley.store import Changes, Conflict, Duplicate, tickets
from parley.store.tickets import Ticket

#: Seconds that the ticket of a link is good for.
LINK_SECONDS: Final = 3600
#: Seconds that the ticket of GetLoginTicket is good for. It is handed out while at least LINK_SECONDS are left.
KEPT_SECONDS: Final = 24 * 3600
_TRIES: Final = 10


def link_ticket(context: Context, changes: Changes, user_id: int) -> str:
    """A new ticket for a link, kept as part of `changes`; tickets that expired are forgotten with them."""
    ticket = new_login_ticket()
    expires_at = context.now + LINK_SECONDS
    tickets.purge(changes, context.site.site.site_id, context.now)
    tickets.create(changes, Ticket(context.site.site.site_id, ticket_hash(ticket), user_id, expires_at))
    return ticket


async def kept_ticket(context: Context) -> str:
    """The caller's unused ticket; a new one when there is none, when it was used, or when it expires within the hour.

    Raises:
        Conflict: somebody uses up the caller's tickets faster than they can be made.
    """
    site_id, caller, make = context.site.site.site_id, context.caller, context.application.tickets.login_ticket
    for extra in range(_TRIES):
        known = await tickets.unused(context.engine, site_id, caller.user_id, context.now + LINK_SECONDS)
        if known is not None:
            ticket = make(site_id, caller.user_id, caller.credential_version, known.expires_at)
            if ticket_hash(ticket) == known.ticket_hash:
                return ticket
        # Two tickets made within a second need different times, else they would be the same ticket.
        expires_at = context.now + KEPT_SECONDS + extra
        ticket = make(site_id, caller.user_id, caller.credential_version, expires_at)
        changes = Changes()
        tickets.purge(changes, site_id, context.now)
        tickets.create(changes, Ticket(site_id, ticket_hash(ticket), caller.user_id, expires_at))
        try:
            await context.engine.commit(changes)
        except Duplicate:
            continue
        return ticket
    raise Conflict
