"""Who may see a session on a page."""

from __future__ import annotations

from typing import Final

from parley.domain.listing import Catalogue, Listing, Relation, may_find
from parley.domain.session import HostedSession
from parley.domain.user import User
from parley.domain.visibility import Standing
from parley.services.sessions.standing import part_of
from parley.store import Engine

_RELATIONS: Final = {
    Standing.HOST: Relation.HOST,
    Standing.OVERSEER: Relation.ADMIN,
    Standing.TRUSTED: Relation.INVITED,
    Standing.STRANGER: Relation.MEMBER,
}


async def relation_of(engine: Engine, user: User | None, session: HostedSession) -> Relation:
    """What a visitor is to a session of the same site."""
    if user is None:
        return Relation.ANONYMOUS
    standing = (await part_of(engine, user, session)).standing
    if standing is Standing.TRUSTED and (user.site_admin or user.ro_site_admin):
        return Relation.ADMIN
    return _RELATIONS[standing]


def may_see(session: HostedSession, relation: Relation) -> bool:
    """Whether a session is named to somebody who has no more than its number: as on the site's calendar."""
    return may_find(Catalogue.CALENDAR, Listing(session.listing), relation)
