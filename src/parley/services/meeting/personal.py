"""Personal rooms: everybody who has the privilege has one, and what takes place in it is a meeting of its own.

The meeting's row is made when somebody first comes to the room, with the room's access code as its key, and made anew
in what it says whenever somebody comes while nothing takes place; it stands in no list of public meetings. The owner
holds it, and whoever the owner's profile names.
Source: facts/user-site.md 4 (personalMeetingRoom).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from parley.contract.meeting import MeetingType
from parley.contract.user_settings import PersonalMeetingRoomType
from parley.domain.dates import to_stored
from parley.domain.listing import Listing
from parley.domain.session import HostedSession, Session
from parley.domain.timezones import to_local
from parley.domain.user import User
from parley.services.application import Application
from parley.services.known_sites import KnownSite
from parley.services.meeting.document import SERVICE, PersonalRoom, StoredMeeting, completed, read_document
from parley.services.meeting.kind import MEETING
from parley.services.session_traits import traits_of
from parley.services.sessions.planning import blank_session
from parley.services.sessions.stored import write_document
from parley.services.user.document import effective_profile, room_title
from parley.store import Changes, Conflict, Duplicate, sessions, users

_MINUTES: Final = 60
_LONGEST_NAME: Final = 64
_LONGEST_TITLE: Final = 256
_TRIES: Final = 5


class Owned(NamedTuple):
    """A personal room and whose it is."""

    owner: User
    room: PersonalMeetingRoomType
    title: str


async def find(application: Application, known: KnownSite, name: str) -> Owned | None:
    """The personal room of this name (the last part of its address); None where there is none to be entered."""
    if not known.site.active or not known.site.settings.personal_rooms or not 0 < len(name) <= _LONGEST_NAME:
        return None
    owner = await users.by_personal_url(application.engine, known.site.site_id, name.casefold())
    if owner is None or owner.status != "ACTIVATED":
        return None
    profile = effective_profile(owner)
    room = profile.personal_meeting_room
    if profile.privilege is None or not profile.privilege.is_enable_pmr or room is None:
        return None
    if not (room.access_code or "").isdecimal():
        return None
    return Owned(owner, room, (room.title or room_title(owner))[:_LONGEST_TITLE])


def may_hold(session: Session, user: User) -> bool:
    """Whether an account may hold a meeting in somebody else's personal room."""
    if session.service != SERVICE:
        return False
    room = read_document(session.document).personal
    return room is not None and user.host and (room.anyone or user.email_key in room.hosts)


async def running(application: Application, known: KnownSite, owned: Owned) -> HostedSession | None:
    """The meeting that takes place in a room at the moment."""
    session = await _session(application, known, owned)
    return session if session is not None and session.status == "INPROGRESS" else None


async def session_of(application: Application, known: KnownSite, owned: Owned) -> HostedSession | None:
    """The meeting of a room, made or brought up to date; None where its access code belongs to another session.

    Raises:
        Conflict: others were always quicker (try again later).
    """
    for _ in range(_TRIES):
        before = await _session(application, known, owned)
        if before is not None and before.status == "INPROGRESS":
            return before
        if before is None and await sessions.by_key(application.engine, known.site.site_id, _key(owned)) is not None:
            return None
        changes = Changes()
        after = _planned(application, known, owned, before)
        if before is None:
            sessions.create_session(changes, after)
        else:
            sessions.update_session(changes, before.plain(), after)
        try:
            await application.engine.commit(changes)
        except (Conflict, Duplicate):
            continue
        return await _session(application, known, owned)
    raise Conflict


def _key(owned: Owned) -> int:
    return int(owned.room.access_code or 0)


async def _session(application: Application, known: KnownSite, owned: Owned) -> HostedSession | None:
    found = await sessions.by_key(application.engine, known.site.site_id, _key(owned))
    if found is None or found.service != SERVICE or found.host_id != owned.owner.user_id:
        return None
    return found if read_document(found.document).personal is not None else None


def _planned(application: Application, known: KnownSite, owned: Owned, before: HostedSession | None) -> Session:
    now, owner = application.clock.now(), owned.owner
    session = before.plain() if before is not None else _new(known, owned, now)
    others = owned.room.alternate_host if owned.room.pmr_alternate_host else None
    hosts = others.hosts.host if others is not None and others.hosts is not None else []
    personal = PersonalRoom(
        pin=owned.room.host_pin or "",
        auto_lock=(owned.room.pmr_auto_lock_wait_time or 0) * 60 if owned.room.pmr_auto_lock else None,
        hosts=tuple(each.email.strip().casefold() for each in hosts if each.email),
        anyone=bool(others is not None and others.allow_anyone_host_my_pmr),
    )
    kept = read_document(session.document).meeting if before is not None else None
    stored = StoredMeeting(meeting=completed(MeetingType(), kept, known.site.settings), personal=personal)
    return msgspec.structs.replace(
        session,
        name=owned.title,
        name_key=owned.title.casefold(),
        start_local=to_stored(to_local(now, owner.time_zone_id)),
        time_zone_id=owner.time_zone_id,
        next_start=now,
        next_end=now + _MINUTES * 60,
        ended=True,  # nothing is scheduled: it is in no list of what is to come
        document=write_document(stored),
        modified_at=now,
    )


def _new(known: KnownSite, owned: Owned, now: int) -> Session:
    plain = [
        number
        for number, each in sorted(known.types.items())
        if each.active and MEETING.offers(each) and not any(traits_of(known.types, number)[:3])
    ]
    return msgspec.structs.replace(
        blank_session(owned.owner, SERVICE, _key(owned), now),
        session_type=plain[0] if plain else 0,
        duration=_MINUTES,
        listing=Listing.UNLISTED.value,
    )
