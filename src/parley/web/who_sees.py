"""Who may see a session on a page."""

from __future__ import annotations

import hmac

from parley.domain.listing import Catalogue, Listing, Relation, may_find
from parley.domain.session import HostedSession
from parley.domain.user import User
from parley.store import Engine, sessions


async def relation_of(engine: Engine, user: User | None, session: HostedSession) -> Relation:
    """What a visitor is to a session of the same site."""
    if user is None:
        return Relation.ANONYMOUS
    if user.user_id in (session.host_id, session.creator_id):
        return Relation.HOST
    if user.site_admin or user.ro_site_admin:
        return Relation.ADMIN
    found = await sessions.attendees_by_email(engine, session.site_id, session.session_key, [user.email_key])
    if any(person.role == "HOST" for person in found):
        return Relation.HOST
    return Relation.INVITED if found else Relation.MEMBER


def may_see(session: HostedSession, relation: Relation) -> bool:
    """Whether a session is named to somebody who has no more than its number: as on the site's calendar."""
    return may_find(Catalogue.CALENDAR, Listing(session.listing), relation)


def password_opens(session: HostedSession, sent: str) -> bool:
    """Whether this is the session's password; takes as long for a wrong one as for the right one."""
    return hmac.compare_digest((session.password or "").encode(), sent.encode())
