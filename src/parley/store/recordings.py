"""Recordings: single reads and all writes. Lists are in `recording_lists`, accesses in `recording_accesses`.

How much storage the recordings of an account and of the site use is counted along with every write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Integer, Table, and_, bindparam, select, text

from parley.domain.recording import HostedRecording, Kind, Recording, State
from parley.store.changes import Changes
from parley.store.engines.base import Engine, Row
from parley.store.query import Insert, Query, delete_where, one_of, padded, select_where, update_where, where
from parley.store.tables import recording_shares, recording_usage, recordings, users

HOSTED: Final = [*recordings.c, users.c.web_ex_id, users.c.first_name, users.c.last_name, users.c.email]
"""The columns of a `HostedRecording`, out of `WITH_OWNER`."""
WITH_OWNER: Final = recordings.join(
    users, and_(users.c.site_id == recordings.c.site_id, users.c.user_id == recordings.c.owner_id)
)
_KEY: Final = (recordings.c.site_id, recordings.c.recording_id)
_STATE: Final = Recording.__struct_fields__.index("state")
_KIND: Final = Recording.__struct_fields__.index("kind")
_AT_ONCE: Final = 256
#: More bytes than any storage has.
_NO_LIMIT: Final = 2**62


class Room(NamedTuple):
    """How many bytes the recordings of a site and of one owner may use; None: any number."""

    site: int | None = None
    owner: int | None = None


# ---- reading ---------------------------------------------------------------------------------------------


def read(row: Row) -> HostedRecording:
    """The recording of a row of `HOSTED`."""
    values = list(row)
    values[_STATE], values[_KIND] = State(values[_STATE]), Kind(values[_KIND])
    return HostedRecording(*values)


def _select(*conditions: Any) -> Any:
    return select(*HOSTED).select_from(WITH_OWNER).where(*conditions)


def _by(column: Any) -> Query:
    return Query(_select(*where(recordings.c.site_id, column)), "key_site_id", f"key_{column.name}")


_BY_ID: Final = _by(recordings.c.recording_id)
_BY_STREAM: Final = _by(recordings.c.stream_rcid)
_BY_FILE: Final = _by(recordings.c.file_rcid)
_OF_RUN: Final = Query(
    _select(*where(recordings.c.site_id, recordings.c.conf_id)).order_by(recordings.c.recording_id),
    *("key_site_id", "key_conf_id"),
)


async def _one(engine: Engine, query: Query, site_id: int, key: object) -> HostedRecording | None:
    row = await engine.one(query, site_id, key)
    return None if row is None else read(row)


async def by_id(engine: Engine, site_id: int, recording_id: int) -> HostedRecording | None:
    """The recording with this number, in whatever state it is."""
    return await _one(engine, _BY_ID, site_id, recording_id)


async def by_stream_rcid(engine: Engine, site_id: int, rcid: str) -> HostedRecording | None:
    """The recording that is played under this address (ldr.php), in whatever state it is."""
    return await _one(engine, _BY_STREAM, site_id, rcid)


async def by_file_rcid(engine: Engine, site_id: int, rcid: str) -> HostedRecording | None:
    """The recording whose file is loaded under this address (lsr.php), in whatever state it is."""
    return await _one(engine, _BY_FILE, site_id, rcid)


async def of_run(engine: Engine, site_id: int, conf_id: int) -> list[HostedRecording]:
    """The recordings of one run of a session, in all states."""
    return [read(row) for row in await engine.all(_OF_RUN, site_id, conf_id)]


@lru_cache
def _many_query(size: int) -> Query:
    condition, names = one_of(recordings.c.recording_id, "key", size)
    return Query(_select(*where(recordings.c.site_id), condition), "key_site_id", *names)


async def many(engine: Engine, site_id: int, recording_ids: Iterable[int]) -> dict[int, HostedRecording]:
    """These recordings by number, in whatever state they are; numbers that no recording has are left out."""
    wanted = list(recording_ids)
    found: dict[int, HostedRecording] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = padded(wanted[start : start + _AT_ONCE])
        rows = await engine.all(_many_query(len(part)), site_id, *part)
        found |= {each.recording_id: each for each in map(read, rows)}
    return found


_EARLIER: Final = Query(
    _select(
        *where(recordings.c.site_id, recordings.c.state),
        recordings.c.modified_at <= bindparam("until", type_=BigInteger),
        recordings.c.recording_id > bindparam("after", type_=BigInteger),
    )
    .order_by(recordings.c.recording_id)
    .limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_state", "until", "after", "maximum"),
)
_TRASHED_BEFORE: Final = Query(
    _select(
        *where(recordings.c.site_id, recordings.c.state),
        recordings.c.trashed_at < bindparam("until", type_=BigInteger),
    )
    .order_by(recordings.c.trashed_at, recordings.c.recording_id)
    .limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_state", "until", "maximum"),
)
_TO_REMOVE: Final = Query(
    _select(
        *where(recordings.c.site_id, recordings.c.state),
        recordings.c.file_key.is_not(None),
    ).limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_state", "maximum"),
)
_TO_FORGET: Final = Query(
    _select(
        *where(recordings.c.site_id, recordings.c.state),
        recordings.c.trashed_at < bindparam("until", type_=BigInteger),
        recordings.c.file_key.is_(None),
    ).limit(bindparam("maximum", type_=Integer)),
    *("key_site_id", "key_state", "until", "maximum"),
)


async def every(engine: Engine, site_id: int, state: State, until: int | None = None) -> AsyncIterator[HostedRecording]:
    """All recordings in a state, by number; `until`: those not changed after that time (UTC epoch seconds)."""
    after, latest = 0, _NO_LIMIT if until is None else until
    while rows := await engine.all(_EARLIER, site_id, state.value, latest, after, _AT_ONCE, scan=True):
        for found in map(read, rows):
            yield found
            after = found.recording_id


async def trashed_before(engine: Engine, site_id: int, until: int, maximum: int = _AT_ONCE) -> list[HostedRecording]:
    """What came into the trash before that time (UTC epoch seconds), the oldest first."""
    rows = await engine.all(_TRASHED_BEFORE, site_id, State.TRASHED.value, until, maximum, scan=True)
    return [read(row) for row in rows]


async def to_remove(engine: Engine, site_id: int, maximum: int = _AT_ONCE) -> list[HostedRecording]:
    """Recordings that were deleted for good and whose files were not removed yet (see `file_removed`)."""
    rows = await engine.all(_TO_REMOVE, site_id, State.GONE.value, maximum, scan=True)
    return [read(row) for row in rows]


async def to_forget(engine: Engine, site_id: int, until: int, maximum: int = _AT_ONCE) -> list[HostedRecording]:
    """Recordings without a file that were deleted for good before that time (UTC epoch seconds)."""
    rows = await engine.all(_TO_FORGET, site_id, State.GONE.value, until, maximum, scan=True)
    return [read(row) for row in rows]


@lru_cache
def _keys_query(size: int) -> Query:
    condition, names = one_of(recordings.c.file_key, "key", size)
    return Query(select(recordings.c.file_key).where(*where(recordings.c.site_id), condition), "key_site_id", *names)


async def known_keys(engine: Engine, site_id: int, file_keys: Sequence[str]) -> set[str]:
    """Which of these keys of files a row of the site speaks of, in whatever state it is."""
    found: set[str] = set()
    for start in range(0, len(file_keys), _AT_ONCE):
        part = padded(file_keys[start : start + _AT_ONCE])
        found |= {row[0] for row in await engine.all(_keys_query(len(part)), site_id, *part, scan=True)}
    return found


_USED: Final = select_where([recording_usage.c.used], recording_usage.c.site_id, recording_usage.c.owner_id)
#: The row of `recording_usage` that counts all owners.
_WHOLE_SITE: Final = 0


async def used(engine: Engine, site_id: int, owner_id: int | None = None) -> int:
    """Bytes that the recordings of an account use, by default those of the whole site; what is in the trash counts."""
    row = await engine.one(_USED, site_id, _WHOLE_SITE if owner_id is None else owner_id)
    return 0 if row is None else max(int(row[0]), 0)


# ---- writing ---------------------------------------------------------------------------------------------

_FIXED: Final = ("site_id", "recording_id")
_CHANGING: Final = [name for name in Recording.__struct_fields__ if name not in _FIXED]
_INSERT: Final = Insert(recordings)
_UPDATE: Final = update_where(recordings, _CHANGING, *_KEY, recordings.c.version)
_FORGET: Final = delete_where(recordings, *_KEY, recordings.c.version)


def _of_numbers(sql: str, table: Table, *names: str) -> Query:
    """A statement that writes to a table, all of whose values are numbers."""
    return Query(text(sql).bindparams(*(bindparam(name, type_=BigInteger) for name in names)), *names, table=table)


_USE: Final = _of_numbers(
    "INSERT INTO recording_usage (site_id, owner_id, used) VALUES (:site_id, :owner_id, :by)"
    " ON CONFLICT (site_id, owner_id)"
    " DO UPDATE SET used = recording_usage.used + excluded.used WHERE recording_usage.used <= :most",
    recording_usage,
    *("site_id", "owner_id", "by", "most"),
)


def add(changes: Changes, recording: Recording, room: Room = Room()) -> None:  # noqa: B008  cannot be changed
    """Add a recording; Duplicate when its number or an RCID is taken.

    Conflict when more storage would be used than there is room for; a caller looks at `used` first, so this only
    happens when somebody else takes up the room at the same time.
    """
    changes.insert(_INSERT, [_row(recording)])
    _count(changes, recording.site_id, {recording.owner_id: recording.used}, room)


def update(
    changes: Changes,
    before: Recording,
    after: Recording,
    room: Room = Room(),  # noqa: B008  cannot be changed
) -> Recording:
    """Change a recording that is still as given; Conflict otherwise, and as for `add`. Returns what is stored."""
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = dict(zip(Recording.__struct_fields__, _row(stored), strict=True))
    changed = [values[name] for name in _CHANGING]
    changes.add(_UPDATE, *changed, before.site_id, before.recording_id, before.version, expect=1)
    by = {before.owner_id: -before.used}
    by[after.owner_id] = by.get(after.owner_id, 0) + after.used
    _count(changes, before.site_id, by, room)
    return stored


def file_removed(changes: Changes, gone: Recording) -> None:
    """Note that the file of a recording which was deleted for good is not there any more."""
    update(changes, gone, msgspec.structs.replace(gone, file_key=None))


def forget(changes: Changes, gone: Recording) -> None:
    """Take away the row of a recording, its shares and who looked at it; Conflict when it is not as given."""
    changes.add(_FORGET, gone.site_id, gone.recording_id, gone.version, expect=1)
    _count(changes, gone.site_id, {gone.owner_id: -gone.used}, Room())


def _row(recording: Recording) -> tuple[Any, ...]:
    values = [getattr(recording, name) for name in Recording.__struct_fields__]
    values[_STATE], values[_KIND] = recording.state.value, recording.kind.value
    return tuple(values)


def _count(changes: Changes, site_id: int, by: dict[int, int], room: Room) -> None:
    """Count what owners use more (or less), and the site; in the order of the rows, so that none wait crosswise."""
    sums = {_WHOLE_SITE: sum(by.values()), **by}
    for owner_id, more in sorted(sums.items()):
        limit = room.site if owner_id == _WHOLE_SITE else room.owner
        most = _NO_LIMIT if limit is None or more < 0 else limit - more
        if more:
            changes.add(_USE, site_id, owner_id, more, most, expect=1)


# ---- who a recording is shared with ----------------------------------------------------------------------

_SHARE: Final = _of_numbers(
    "INSERT INTO recording_shares (site_id, recording_id, user_id, shared_at)"
    " VALUES (:site_id, :recording_id, :user_id, :shared_at)"
    " ON CONFLICT (site_id, recording_id, user_id) DO NOTHING",
    recording_shares,
    *("site_id", "recording_id", "user_id", "shared_at"),
)
_SHARE_KEY: Final = (recording_shares.c.site_id, recording_shares.c.recording_id)
_UNSHARE: Final = delete_where(recording_shares, *_SHARE_KEY, recording_shares.c.user_id)
_SHARED: Final = select_where([recording_shares.c.user_id], *_SHARE_KEY, order=[recording_shares.c.user_id])


def share(changes: Changes, recording: Recording, user_id: int, now: int) -> None:
    """Let another account of the site see a recording; nothing when it does already."""
    changes.add(_SHARE, recording.site_id, recording.recording_id, user_id, now)


def unshare(changes: Changes, recording: Recording, user_id: int) -> None:
    """Let an account not see a recording any more that it was shared with."""
    changes.add(_UNSHARE, recording.site_id, recording.recording_id, user_id)


async def shared_with(engine: Engine, site_id: int, recording_id: int) -> list[int]:
    """The accounts that a recording is shared with, by number."""
    return [row[0] for row in await engine.all(_SHARED, site_id, recording_id)]


@lru_cache
def _shared_query(size: int) -> Query:
    condition, names = one_of(recording_shares.c.recording_id, "key", size)
    statement = select(recording_shares.c.recording_id).where(
        *where(recording_shares.c.site_id, recording_shares.c.user_id), condition
    )
    return Query(statement, "key_site_id", "key_user_id", *names)


async def shared_to(engine: Engine, site_id: int, user_id: int, recording_ids: Sequence[int]) -> set[int]:
    """Which of these recordings are shared with an account."""
    found: set[int] = set()
    for start in range(0, len(recording_ids), _AT_ONCE):
        part = padded(recording_ids[start : start + _AT_ONCE])
        found |= {row[0] for row in await engine.all(_shared_query(len(part)), site_id, user_id, *part)}
    return found
