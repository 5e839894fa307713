"""Recordings: reading, writing, what they use, who they are shared with, who looked at them."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from parley.domain import recording as rules
from parley.domain.recording import Access, Recording, State
from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, recording_accesses, recordings
from parley.store.recording_lists import Counts, counts
from parley.store.recordings import Room
from tests.store.builders import NOON, a_recording, new_site, new_user, number


async def kept(engine: Engine, owner: User, **fields: object) -> Recording:
    """A recording in the database."""
    recording = a_recording(owner, **fields)
    changes = Changes()
    recordings.add(changes, recording)
    await engine.commit(changes)
    return recording


async def moved(engine: Engine, before: Recording, after: Recording, room: Room = Room()) -> Recording:  # noqa: B008
    changes = Changes()
    stored = recordings.update(changes, before, after, room)
    await engine.commit(changes)
    return stored


async def test_a_recording_is_found_by_all_its_names(engine: Engine, host: User) -> None:
    made = await kept(engine, host, conf_id=77, password="Secret12", session_key=5)
    other = await new_user(engine, host.site_id)
    await kept(engine, other, conf_id=77)
    site = host.site_id
    found = await recordings.by_id(engine, site, made.recording_id)
    assert found is not None
    assert found.plain() == made
    assert (found.host_web_ex_id, found.host_email) == (host.web_ex_id, host.email)
    assert await recordings.by_stream_rcid(engine, site, made.stream_rcid) == found
    assert await recordings.by_file_rcid(engine, site, made.file_rcid) == found
    assert await recordings.by_file_rcid(engine, site, made.stream_rcid) is None
    assert [each.owner_id for each in await recordings.of_run(engine, site, 77)] == [host.user_id, other.user_id]
    assert await recordings.many(engine, site, [made.recording_id, 4]) == {made.recording_id: found}
    assert await recordings.many(engine, site, []) == {}
    foreign = await new_site(engine)
    assert await recordings.by_id(engine, foreign.site_id, made.recording_id) is None
    assert await recordings.by_stream_rcid(engine, foreign.site_id, made.stream_rcid) is None


async def test_numbers_and_links_are_unique(engine: Engine, host: User) -> None:
    made = await kept(engine, host)
    for name in ("recording_id", "stream_rcid", "file_rcid"):
        with pytest.raises(Duplicate):
            await kept(engine, host, **{name: getattr(made, name)})
    assert await recordings.used(engine, host.site_id) == made.size


async def test_what_is_used_is_counted_along(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)

    async def used() -> tuple[int, int, int]:
        owners = [await recordings.used(engine, host.site_id, each.user_id) for each in (host, other)]
        return (await recordings.used(engine, host.site_id), owners[0], owners[1])

    assert await used() == (0, 0, 0)
    arriving = await kept(engine, host, state=State.ARRIVING, size=0, file_key=None)
    assert await used() == (0, 0, 0)
    ready = await moved(engine, arriving, msgspec.structs.replace(arriving, state=State.READY, size=100))
    second = await kept(engine, other, size=7)
    assert await used() == (107, 100, 7)
    trashed = await moved(engine, ready, rules.trashed(ready, host.user_id, NOON))
    assert await used() == (107, 100, 7)
    given = await moved(engine, trashed, msgspec.structs.replace(trashed, owner_id=other.user_id))
    assert await used() == (107, 0, 107)
    gone = await moved(engine, given, rules.deleted(given, other.user_id, NOON))
    assert await used() == (7, 0, 7)
    changes = Changes()
    recordings.forget(changes, gone)
    recordings.forget(changes, second)
    await engine.commit(changes)
    assert await used() == (0, 0, 0)


async def test_nobody_uses_more_than_there_is_room_for(engine: Engine, host: User) -> None:
    await kept(engine, host, size=60)
    for room in (Room(site=99), Room(owner=99)):
        changes = Changes()
        recordings.add(changes, a_recording(host, size=40), room)
        with pytest.raises(Conflict):
            await engine.commit(changes)
    assert await recordings.used(engine, host.site_id) == 60

    async def add() -> bool:
        changes = Changes()
        recordings.add(changes, a_recording(host, size=30), Room(100, 100))
        try:
            await engine.commit(changes)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(add() for _ in range(8)))) == 1
    assert await recordings.used(engine, host.site_id, host.user_id) == 90


async def test_two_changes_at_once_do_not_undo_each_other(engine: Engine, host: User) -> None:
    made = await kept(engine, host)
    await moved(engine, made, rules.trashed(made, host.user_id, NOON))
    with pytest.raises(Conflict):
        await moved(engine, made, msgspec.structs.replace(made, name="New"))
    with pytest.raises(Conflict):
        await moved(engine, made, rules.deleted(made, host.user_id, NOON))
    assert await recordings.used(engine, host.site_id) == made.size


async def test_the_trash_by_age_and_what_follows(engine: Engine, host: User) -> None:
    made = [await kept(engine, host) for _ in range(3)]
    trashed = [await moved(engine, each, rules.trashed(each, 1, NOON + at)) for at, each in enumerate(made)]
    due = await recordings.trashed_before(engine, host.site_id, NOON + 2)
    assert [each.plain() for each in due] == trashed[:2]
    assert len(await recordings.trashed_before(engine, host.site_id, NOON + 9, 1)) == 1
    assert await recordings.to_remove(engine, host.site_id) == []
    gone = await moved(engine, trashed[0], rules.deleted(trashed[0], 1, NOON + 5))
    waiting = await recordings.to_remove(engine, host.site_id)
    assert [each.plain() for each in waiting] == [gone]
    assert await recordings.to_forget(engine, host.site_id, NOON + 6) == []
    changes = Changes()
    recordings.file_removed(changes, gone)
    await engine.commit(changes)
    assert await recordings.to_remove(engine, host.site_id) == []
    assert await recordings.to_forget(engine, host.site_id, NOON + 5) == []
    old = await recordings.to_forget(engine, host.site_id, NOON + 6)
    assert [each.recording_id for each in old] == [gone.recording_id]
    assert old[0].file_key is None


async def test_every_recording_in_a_state(engine: Engine, host: User) -> None:
    made = [await kept(engine, host, modified_at=at % 3) for at in range(600)]
    await kept(engine, host, state=State.WORKING)
    found = [each.recording_id async for each in recordings.every(engine, host.site_id, State.READY)]
    assert found == [each.recording_id for each in made]
    early = [each.recording_id async for each in recordings.every(engine, host.site_id, State.READY, until=0)]
    assert early == [each.recording_id for each in made if each.modified_at == 0]


async def test_keys_that_rows_speak_of(engine: Engine, host: User) -> None:
    made = await kept(engine, host)
    gone = await kept(engine, host, state=State.GONE)
    keys = [made.file_key or "", gone.file_key or "", "1/00/nothing.mp4"]
    assert await recordings.known_keys(engine, host.site_id, keys) == set(keys[:2])
    assert await recordings.known_keys(engine, (await new_site(engine)).site_id, keys) == set()


async def test_sharing(engine: Engine, host: User) -> None:
    made, other = await kept(engine, host), await new_user(engine, host.site_id)
    for _ in range(2):
        changes = Changes()
        recordings.share(changes, made, other.user_id, NOON)
        await engine.commit(changes)
    assert await recordings.shared_with(engine, host.site_id, made.recording_id) == [other.user_id]
    assert await recordings.shared_to(engine, host.site_id, other.user_id, [made.recording_id, 3]) == {
        made.recording_id
    }
    assert await recordings.shared_to(engine, host.site_id, host.user_id, [made.recording_id]) == set()
    changes = Changes()
    recordings.unshare(changes, made, other.user_id)
    await engine.commit(changes)
    assert await recordings.shared_with(engine, host.site_id, made.recording_id) == []


# ---- accesses ----------------------------------------------------------------------------------------------


def an_access(recording: Recording, **fields: object) -> Access:
    given: dict[str, object] = {"access_id": number(), "accessed_at": NOON, "name": "Ann", **fields}
    return Access(site_id=recording.site_id, recording_id=recording.recording_id, **given)  # type: ignore[arg-type]


async def noted(engine: Engine, *accesses: Access) -> None:
    changes = Changes()
    for each in accesses:
        recording_accesses.note(changes, each)
    await engine.commit(changes)


async def test_accesses_are_listed_and_counted(engine: Engine, host: User) -> None:
    made, quiet = await kept(engine, host), await kept(engine, host)
    visits = [
        an_access(made, registration="r1", registered_at=NOON, document='{"company":"Acme"}'),
        an_access(made, accessed_at=NOON + 1, viewed=True, registration="r1", registered_at=NOON),
        an_access(made, accessed_at=NOON + 2, viewed=True, downloaded=True),
        an_access(made, accessed_at=NOON + 3, downloaded=True, registration="r2", registered_at=NOON + 3),
    ]
    await noted(engine, *visits)
    site, key = host.site_id, made.recording_id
    page = await recording_accesses.list_accesses(engine, site, key, NOON, 1, 10)
    assert (page.rows, page.total) == (visits, 4)
    assert page.rows[0].person.company == "Acme"
    page = await recording_accesses.list_accesses(engine, site, key, NOON + 1, 2, 1)
    assert (page.rows, page.total) == (visits[2:3], 3)
    assert (await recording_accesses.list_accesses(engine, site, key, NOON, 9, 5)).total == 4
    numbers = [made.recording_id, quiet.recording_id]
    assert await counts(engine, site, numbers, None, None) == {key: Counts(2, 2, 2)}
    assert await counts(engine, site, numbers, NOON + 1, NOON + 2) == {key: Counts(1, 1, 2)}
    assert await recording_accesses.registered(engine, site, key, "r1") == visits[0]
    assert await recording_accesses.registered(engine, site, quiet.recording_id, "r1") is None
    assert await recording_accesses.registered(engine, site, key, "r3") is None


async def test_accesses_are_marked_and_forgotten(engine: Engine, host: User) -> None:
    made = await kept(engine, host)
    visit = an_access(made)
    registered = an_access(made, registration="r1", registered_at=NOON)
    again = an_access(made, accessed_at=NOON + 5, registration="r1", registered_at=NOON)
    await noted(engine, visit, registered, again)
    changes = Changes()
    after = msgspec.structs.replace(visit, downloaded=True)
    recording_accesses.mark(changes, after)
    await engine.commit(changes)

    async def rows() -> list[Access]:
        return (await recording_accesses.list_accesses(engine, host.site_id, made.recording_id, 0, 1, 10)).rows

    assert await rows() == [after, registered, again]
    changes = Changes()
    recording_accesses.forget(changes, host.site_id, NOON + 9)
    await engine.commit(changes)
    assert await rows() == [registered]  # by whom the page knows people again
    with pytest.raises(Duplicate):
        await noted(engine, registered)
    with pytest.raises(Conflict):
        await noted(engine, an_access(a_recording(host)))
    changes = Changes()
    recordings.forget(changes, made)
    await engine.commit(changes)
    assert await rows() == []
