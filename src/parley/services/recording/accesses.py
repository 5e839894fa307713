"""How it is noted who looked at a recording, for the pages that show it.

Source: facts/training-history.md 2.8.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from parley.domain.identifiers import new_access_id, new_rcid
from parley.domain.recording import Access, Recording, RegisteredPerson, document_of
from parley.services.values import one_line
from parley.store import Changes, Conflict, Duplicate, Engine, recording_accesses

_TRIES: Final = 5
_LONGEST: Final = 256


class Visitor(NamedTuple):
    """Who looks at a recording.

    Attributes:
        name: as he says it, or of his account; empty for somebody who is not known.
        registered: what he registered with (`register`), None when he did not have to.
    """

    name: str = ""
    email: str | None = None
    registered: Access | None = None


async def note(
    engine: Engine,
    recording: Recording,
    visitor: Visitor,
    now: int,
    *,
    viewed: bool = False,
    downloaded: bool = False,
    access_id: int | None = None,
) -> Access:
    """Keep that somebody looked at a recording or loaded its file; one row each time.

    Args:
        access_id: the number of the row, for what is to be kept once however often it happens.

    Raises:
        Conflict: the recording is not there any more.
    """
    known = visitor.registered
    access = Access(
        site_id=recording.site_id,
        access_id=new_access_id() if access_id is None else access_id,
        recording_id=recording.recording_id,
        accessed_at=now,
        name=(known.name if known is not None else one_line(visitor.name, _LONGEST)) or "",
        email=known.email if known is not None else one_line(visitor.email, _LONGEST),
        viewed=viewed,
        downloaded=downloaded,
        registration=known.registration if known is not None else None,
        registered_at=known.registered_at if known is not None else None,
        document=known.document if known is not None else "{}",
    )
    return await _kept(engine, access, once=access_id is not None)


async def register(
    engine: Engine, recording: Recording, name: str, email: str, person: RegisteredPerson, now: int
) -> Access:
    """Register somebody for a recording. `registration` of what comes back is the secret to know him by again.

    Raises:
        Conflict: the recording is not there any more.
    """
    fields = {field: getattr(person, field) for field in RegisteredPerson.__struct_fields__ if field != "custom"}
    cut = RegisteredPerson(
        **{field: one_line(text, _LONGEST) for field, text in fields.items()},
        custom=tuple((one_line(a, _LONGEST) or "", one_line(b, _LONGEST) or "") for a, b in person.custom),
    )
    access = Access(
        site_id=recording.site_id,
        access_id=new_access_id(),
        recording_id=recording.recording_id,
        accessed_at=now,
        name=one_line(name, _LONGEST) or "",
        email=one_line(email, _LONGEST),
        registration=new_rcid(),
        registered_at=now,
        document=document_of(cut),
    )
    return await _kept(engine, access)


async def registered(engine: Engine, recording: Recording, registration: str | None) -> Access | None:
    """Whoever registered for this recording and was given this secret."""
    if not registration:
        return None
    return await recording_accesses.registered(engine, recording.site_id, recording.recording_id, registration)


async def also(engine: Engine, access: Access, *, viewed: bool = False, downloaded: bool = False) -> Access:
    """Keep that the same visit was used to look at the recording, or to load its file."""
    after = msgspec.structs.replace(access, viewed=access.viewed or viewed, downloaded=access.downloaded or downloaded)
    changes = Changes()
    recording_accesses.mark(changes, after)
    await engine.commit(changes)
    return after


async def _kept(engine: Engine, access: Access, *, once: bool = False) -> Access:
    for _ in range(_TRIES):
        changes = Changes()
        recording_accesses.note(changes, access)
        try:
            await engine.commit(changes)
        except Duplicate:  # the number is taken
            if once:
                return access
            access = msgspec.structs.replace(access, access_id=new_access_id())
            continue
        return access
    raise Conflict("no free number for an access")
