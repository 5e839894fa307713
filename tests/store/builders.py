"""Rows for tests: made of few given values, the rest unique."""

from __future__ import annotations

import itertools
from typing import Any

from parley.domain.recording import Kind, Recording, State, key_of_name
from parley.domain.session import Attendee, Session
from parley.domain.site import SessionType, Site
from parley.domain.user import User
from parley.store import Changes, Engine, sessions, sites, users

_numbers = itertools.count(1)
NOON = 1_700_049_600
"""Some day at 12:00 UTC."""


def number() -> int:
    """A number no one had before."""
    return next(_numbers)


def a_site(**fields: Any) -> Site:
    site_id = fields.pop("site_id", number())
    return Site(**{"site_id": site_id, "name": f"site{site_id}", **fields})


def a_type(site_id: int, type_id: int = 1, **fields: Any) -> SessionType:
    given = {"prefix": "PRO", "name": "PRO", "display_name": "Pro", "service": "MeetingCenter", **fields}
    return SessionType(site_id=site_id, type_id=type_id, **given)


def a_user(site_id: int, **fields: Any) -> User:
    user_id = fields.pop("user_id", number())
    web_ex_id = fields.pop("web_ex_id", f"User{user_id}")
    email = fields.pop("email", f"User{user_id}@Example.com")
    return User(
        site_id=site_id,
        user_id=user_id,
        web_ex_id=web_ex_id,
        web_ex_id_key=web_ex_id.casefold(),
        email=email,
        email_key=email.casefold(),
        **fields,
    )


def a_session(site_id: int, host_id: int, **fields: Any) -> Session:
    unique = number()
    key = fields.pop("session_key", 10_000_000_000 + unique)
    name = fields.pop("name", f"Session {key}")
    start = fields.pop("next_start", NOON)
    given = {
        "service": "MeetingCenter",
        "session_type": 1,
        "conf_id": key + 7,
        "uuid": f"{unique:032x}",
        "creator_id": host_id,
        "name_key": name.casefold(),
        "start_local": "2023-11-15 12:00:00",
        "time_zone_id": 20,
        "duration": 60,
        "next_end": start + 3600,
        "recurring": False,
        "ended": False,
        "listing": "PUBLIC",
        "password": None,
        "attendee_count": 0,
        "status": "NOT_INPROGRESS",
        "host_joined": False,
        "participants_joined": False,
        "event_id": key,
        "host_key": "123456",
        "guest_token": f"{unique:032x}",
        "host_link": f"m1{unique:031x}",
        "attendee_link": f"m2{unique:031x}",
        **fields,
    }
    return Session(site_id=site_id, session_key=key, host_id=host_id, name=name, next_start=start, **given)


def an_attendee(session: Session, email: str | None = None, **fields: Any) -> Attendee:
    """A person with an address of the own, since nobody is twice on a list."""
    unique = number()
    email = email or f"guest{unique}@example.com"
    given = {"attendee_id": unique, "user_id": None, "name": "Guest", **fields}
    return Attendee(site_id=session.site_id, session_key=session.session_key, email_key=email.casefold(), **given)


def a_recording(owner: User, **fields: Any) -> Recording:
    """A recording that is ready, with a number and links of its own."""
    unique = number()
    name = fields.pop("name", f"Recording {unique}")
    given: dict[str, Any] = {
        "recording_id": 100_000_000 + unique,
        "creator_id": owner.user_id,
        "state": State.READY,
        "kind": Kind.SERVICE,
        "service": "MeetingCenter",
        "created_at": NOON,
        "time_zone_id": 20,
        "stream_rcid": f"{unique:031x}a",
        "file_rcid": f"{unique:031x}b",
        "duration": 600,
        "size": 2_193_620,
        "file_key": f"{owner.site_id}/00/{unique:032x}.mp4",
        **fields,
    }
    return Recording(site_id=owner.site_id, owner_id=owner.user_id, name=name, name_key=key_of_name(name), **given)


async def new_site(engine: Engine, *offered: int, **fields: Any) -> Site:
    """A site in the database, with session types of these numbers."""
    site = a_site(**fields)
    changes = Changes()
    sites.create(changes, site, [a_type(site.site_id, each) for each in offered])
    await engine.commit(changes)
    return site


async def new_user(engine: Engine, site_id: int, **fields: Any) -> User:
    """An account in the database."""
    user = a_user(site_id, **fields)
    changes = Changes()
    users.create(changes, user)
    await engine.commit(changes)
    return user


async def new_session(engine: Engine, host: User, emails: tuple[str, ...] = (), **fields: Any) -> Session:
    """A session in the database with people of these addresses on its list."""
    session = a_session(host.site_id, host.user_id, **fields)
    changes = Changes()
    stored = sessions.create_session(changes, session, [an_attendee(session, email) for email in emails])
    await engine.commit(changes)
    return stored
