"""Taking a file in as a recording: looked at, within the limits, stored, and only then listed.

The order of the steps makes every end of the process harmless. A row says first under which key the file is to lie,
then the file is stored, then the row is ready; what stops in between is found by `reconciling`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Protocol

import msgspec

from parley.clock import Clock
from parley.config import Config
from parley.domain import passwords
from parley.domain.identifiers import new_rcid, new_recording_id
from parley.domain.recording import Details, Kind, Recording, State, document_of, key_of_name
from parley.domain.user import User
from parley.recordings.probing import NotARecording, Probed, probe
from parley.recordings.storage import FileMissing, Storage, StorageError, new_key
from parley.store import Changes, Conflict, Duplicate, Engine, recordings, sites, users
from parley.store.recordings import Room

_MEGABYTE: Final = 1024 * 1024
_TRIES: Final = 8


class Parts(Protocol):
    """What of a running server (`services.application.Application`) is needed here."""

    @property
    def config(self) -> Config:
        """The settings."""
        ...

    @property
    def engine(self) -> Engine:
        """The database."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def storage(self) -> Storage:
        """The files."""
        ...


class NotKept(Exception):
    """A file is not taken in as a recording; the message is one line for people."""


class TooLarge(NotKept):
    """The file is larger than this server takes."""


class OverQuota(NotKept):
    """There is no room left for the owner, or for the site."""


class NewRecording(msgspec.Struct, kw_only=True):
    """What somebody has to say of a recording before there is a file.

    Attributes:
        owner_id, creator_id: accounts that have it, and that made it.
        created_at: when it began, UTC epoch seconds.
        service: as the API names it, such as `MeetingCenter`.
        session_key, conf_id: the session and the run of it that was recorded.
        duration: seconds, for files that do not tell it themselves.
    """

    site_id: int
    owner_id: int
    creator_id: int
    name: str
    created_at: int
    time_zone_id: int
    service: str = "MeetingCenter"
    kind: Kind = Kind.UPLOADED
    session_key: int | None = None
    conf_id: int | None = None
    password: str | None = None
    listing: str = "PRIVATE"
    duration: int = 0
    details: Details = Details()


async def begin(parts: Parts, new: NewRecording) -> Recording:
    """Make the row of a recording that is on its way; no list shows it.

    Where the site demands passwords for recordings, one that comes without gets one that is drawn.

    Raises:
        StoreUnavailable: it may be there all the same, and is removed after a while.
    """
    if not new.password:
        new = msgspec.structs.replace(new, password=await drawn_password(parts, new.site_id))
    for _ in range(_TRIES):
        row = _row(new, parts.clock.now())
        changes = Changes()
        recordings.add(changes, row)
        try:
            await parts.engine.commit(changes)
        except Duplicate:  # a number that is taken: draw again
            continue
        return row
    raise Conflict("no free number for a recording")


async def drawn_password(parts: Parts, site_id: int) -> str | None:
    """A password for a recording that comes without; None where the site demands none."""
    site = await sites.by_id(parts.engine, site_id)
    if site is None or not site.settings.strict_recording_passwords:
        return None
    return passwords.generate_password(site.settings.recording_password_criteria)


async def finish(parts: Parts, row: Recording, path: Path) -> Recording:
    """Make a recording of a file and the row that waits for it.

    The file at `path` is left alone; one below `arriving_folder` must not be written any more, for the storage may
    share it. After an error the row waits still, so it can be tried again.

    Args:
        row: ARRIVING or WORKING; `duration` counts when the file does not tell its own.

    Raises:
        NotKept: too large, or no room.
        NotARecording: the file is of no known format.
        StorageError: the storage does not take it.
        Conflict: somebody else changed or removed the row.
        StoreUnavailable: the recording may be there all the same.
    """
    size, found = await _look(parts, row.site_id, row.owner_id, path)
    working = msgspec.structs.replace(
        row,
        state=State.WORKING,
        file_key=new_key(row.site_id, found.suffix),
        size=size,
        format=found.format,
        media_type=found.media_type,
        duration=found.duration or row.duration,
        modified_at=parts.clock.now(),
    )
    working = await _update(parts, row, working)
    assert working.file_key is not None  # noqa: S101  # it was set above
    try:
        await parts.storage.put(working.file_key, path)
    except StorageError:
        await _update(parts, working, msgspec.structs.replace(working, state=row.state, file_key=None))
        raise
    return await make_ready(parts, working)


async def make_ready(parts: Parts, working: Recording) -> Recording:
    """Let people find a recording whose file is stored.

    Raises:
        OverQuota: the room was taken up in the meantime; the file is removed again, the row waits still.
        Conflict: somebody else changed or removed the row.
    """
    ready = msgspec.structs.replace(working, state=State.READY, modified_at=parts.clock.now())
    for _ in range(_TRIES):
        try:
            room = await _room(parts, working.site_id, working.owner_id, working.size)
        except OverQuota:
            await _give_up(parts, working)
            raise
        changes = Changes()
        stored = recordings.update(changes, working, ready, room)
        try:
            await parts.engine.commit(changes)
        except Conflict:
            now = await recordings.by_id(parts.engine, working.site_id, working.recording_id)
            if now is not None and now.version == working.version:
                continue  # others took up room at the same time
            raise
        return stored
    raise Conflict("too many recordings came at once")


async def keep(parts: Parts, new: NewRecording, path: Path) -> Recording:
    """Make a recording of a file: all of it, or nothing. The file at `path` is left alone; see `finish`.

    Raises:
        NotKept, NotARecording, StorageError, StoreUnavailable: see `finish`.
    """
    await _look(parts, new.site_id, new.owner_id, path)
    row = await begin(parts, new)
    try:
        return await finish(parts, row, path)
    except (NotKept, NotARecording, StorageError):
        await forget(parts, row)
        raise


async def check_room(parts: Parts, site_id: int, owner_id: int, size: int) -> None:
    """Tell before a file comes whether it could be taken in.

    Raises:
        NotKept: too large, or no room.
    """
    most = parts.config.max_recording_megabytes
    if size > most * _MEGABYTE:
        raise TooLarge(f"the file is larger than the {most} megabytes that are taken")
    await _room(parts, site_id, owner_id, size)


def limit_of(user: User) -> int | None:
    """Bytes that the recordings of an account may use; None: as many as the site has room for.

    It is totalStorageSize (megabytes, 0 for no limit of its own) and additionalRecordingStorage on top.
    """
    own = _HELD.decode(user.document).my_web_ex
    if own is None or (own.total_storage_size or 0) <= 0:
        return None
    return ((own.total_storage_size or 0) + max(own.additional_recording_storage or 0, 0)) * _MEGABYTE


class _Own(msgspec.Struct):
    total_storage_size: int | None = None
    additional_recording_storage: int | None = None


class _Held(msgspec.Struct):
    """The part of an account's document that limits its recordings."""

    my_web_ex: _Own | None = None


_HELD: Final = msgspec.json.Decoder(_Held)


async def _look(parts: Parts, site_id: int, owner_id: int, path: Path) -> tuple[int, Probed]:
    """Bytes and kind of a file that could be taken in."""
    try:
        size = (await asyncio.to_thread(path.stat)).st_size
        await check_room(parts, site_id, owner_id, size)
        return size, await probe(path)
    except FileNotFoundError:
        raise FileMissing(f"there is no file {path}") from None
    except OSError as error:
        raise NotARecording(f"the file cannot be read: {error.strerror or error}") from None


async def _room(parts: Parts, site_id: int, owner_id: int, size: int) -> Room:
    """How much the site and the owner may use, when there is room for so many bytes more.

    Raises:
        OverQuota: there is none.
    """
    site = await sites.by_id(parts.engine, site_id)
    owner = await users.by_id(parts.engine, site_id, owner_id)
    megabytes = site.settings.archive_storage_limit if site is not None else None
    room = Room(
        site=None if megabytes is None else megabytes * _MEGABYTE, owner=None if owner is None else limit_of(owner)
    )
    if room.site is not None and await recordings.used(parts.engine, site_id) + size > room.site:
        raise OverQuota(f"the recordings of the site may use {megabytes} megabytes: there is no room for this one")
    if room.owner is not None and await recordings.used(parts.engine, site_id, owner_id) + size > room.owner:
        most = room.owner // _MEGABYTE
        raise OverQuota(f"the recordings of this account may use {most} megabytes: there is no room for this one")
    return room


async def _update(parts: Parts, before: Recording, after: Recording) -> Recording:
    changes = Changes()
    stored = recordings.update(changes, before, after)
    await parts.engine.commit(changes)
    return stored


async def _give_up(parts: Parts, working: Recording) -> None:
    """Take a stored file back: the row first says that there is none, so it is never told of in vain."""
    key = working.file_key
    await _update(parts, working, msgspec.structs.replace(working, file_key=None))
    if key is not None:
        await parts.storage.delete(key)


async def forget(parts: Parts, row: Recording) -> None:
    """Take away the row of a recording that did not come about."""
    now = await recordings.by_id(parts.engine, row.site_id, row.recording_id)
    if now is not None and now.state in (State.ARRIVING, State.WORKING):
        changes = Changes()
        recordings.forget(changes, now.plain())
        await parts.engine.commit(changes)


def _row(new: NewRecording, now: int) -> Recording:
    return Recording(
        site_id=new.site_id,
        recording_id=new_recording_id(),
        owner_id=new.owner_id,
        creator_id=new.creator_id,
        state=State.ARRIVING,
        kind=new.kind,
        service=new.service,
        name=new.name,
        name_key=key_of_name(new.name),
        created_at=new.created_at,
        time_zone_id=new.time_zone_id,
        stream_rcid=new_rcid(),
        file_rcid=new_rcid(),
        session_key=new.session_key,
        conf_id=new.conf_id,
        duration=new.duration,
        password=new.password or None,
        listing=new.listing,
        modified_at=now,
        document=document_of(new.details),
    )
