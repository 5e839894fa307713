"""Lists of recordings: against a plain reckoning over the same rows, and along which index they are read."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parley.domain.recording import Access, Recording, State
from parley.domain.user import User
from parley.store import Changes, Engine, recorded_events, recording_accesses, recordings
from parley.store.lists import Order
from parley.store.recorded_events import RecordedEventFilter, list_recorded
from parley.store.recording_lists import (
    ORDERS,
    RecordingFilter,
    _listed_query,
    _page_query,
    _taken_apart,
    list_listed,
    list_recordings,
)
from parley.store.tables import recording_accesses as access_table
from parley.store.tables import recordings as table
from tests.store.builders import NOON, a_recording, new_session, new_site, new_user, number
from tests.store.plans import filled, plan_of

DAY = 86_400
MANY = 50_000


@pytest.fixture
async def shelf(engine: Engine, host: User) -> tuple[User, User, list[Recording], set[int], set[int]]:
    """Two owners with recordings of many kinds; the numbers of those shared with the first, and of those used."""
    draw = random.Random(7)
    other = await new_user(engine, host.site_id)
    foreign = await new_user(engine, (await new_site(engine)).site_id)
    made, changes = [], Changes(sequential=True)
    shared, used = set(), set()
    for place in range(60):
        owner = draw.choice((host, other))
        recording = a_recording(
            owner,
            name=draw.choice(("Alpha", "alpha", "Beta", "Alphabet")),
            state=draw.choice((State.READY, State.READY, State.READY, State.TRASHED, State.FAILED, State.GONE)),
            service=draw.choice(("MeetingCenter", "EventCenter", "TrainingCenter")),
            format=draw.choice(("MP4", "ARF")),
            session_key=draw.choice((None, 5, 6)),
            created_at=NOON + draw.randrange(20) * DAY,
        )
        made.append(recording)
        recordings.add(changes, recording)
        if owner is other and place % 4 == 0:
            shared.add(recording.recording_id)
            recordings.share(changes, recording, host.user_id, NOON)
        if place % 5 == 0:
            used.add(recording.recording_id)
            for at in (0, 3 * DAY):
                recording_accesses.note(
                    changes,
                    Access(host.site_id, number(), recording.recording_id, NOON + at + place, "Ann", viewed=True),
                )
    recordings.add(changes, a_recording(foreign, session_key=5, name="Alpha"))
    await engine.commit(changes)
    return host, other, made, shared, used


Fits = Callable[[Recording], bool]
CASES: list[tuple[dict[str, Any], Fits]] = [
    ({}, lambda row: True),
    ({"state": State.TRASHED}, lambda row: True),
    ({"state": None}, lambda row: True),
    (
        {"created_from": NOON + 3 * DAY, "created_to": NOON + 9 * DAY},
        lambda row: 3 <= (row.created_at - NOON) // DAY <= 9,
    ),
    ({"created_from": NOON + 9 * DAY}, lambda row: row.created_at >= NOON + 9 * DAY),
    ({"session_key": 5}, lambda row: row.session_key == 5),
    (
        {"session_key": 5, "created_to": NOON + 4 * DAY},
        lambda row: row.session_key == 5 and row.created_at <= NOON + 4 * DAY,
    ),
    ({"name_key": "alpha"}, lambda row: row.name.casefold() == "alpha"),
    ({"services": ("EventCenter",)}, lambda row: row.service == "EventCenter"),
    (
        {"services": ("EventCenter", "TrainingCenter", "SupportCenter"), "formats": ("ARF",)},
        lambda row: row.service in ("EventCenter", "TrainingCenter") and row.format == "ARF",
    ),
    ({"name_key": "nothing"}, lambda row: False),
]


@pytest.mark.parametrize("place", range(len(CASES)))
async def test_lists_hold_what_they_should(
    engine: Engine, shelf: tuple[User, User, list[Recording], set[int], set[int]], place: int
) -> None:
    host, _, made, shared, _ = shelf
    fields, fits = CASES[place]
    state = fields.get("state", State.READY)
    rows = [each for each in made if fits(each) and state in (None, each.state)]
    rows.sort(key=lambda each: (each.created_at, each.recording_id))
    own = [each for each in rows if each.owner_id == host.user_id]
    seen = [each for each in rows if each in own or each.recording_id in shared]
    scopes: list[tuple[dict[str, Any], list[Recording]]] = [
        ({}, rows),
        ({"owner_id": host.user_id}, own),
        ({"owner_id": host.user_id, "with_shared": True}, seen),
    ]
    for scope, expected in scopes:
        wanted = RecordingFilter(site_id=host.site_id, **scope, **fields)
        found = await list_recordings(engine, wanted)
        assert ([each.plain() for each in found.rows], found.total) == (expected, len(expected))
        for size, start in ((1, 1), (2, 2), (3, 7), (5, 100)):
            page = await list_recordings(engine, wanted, [], start, size)
            assert [each.plain() for each in page.rows] == expected[start - 1 : start - 1 + size]
            assert page.total == len(expected)


async def test_orders(engine: Engine, shelf: tuple[User, User, list[Recording], set[int], set[int]]) -> None:
    host, _, made, _, _ = shelf
    keys: dict[str, Callable[[Recording], Any]] = {
        "CREATED": lambda row: row.created_at,
        "NAME": lambda row: row.name_key,
        "ID": lambda row: row.recording_id,
    }
    assert set(keys) == set(ORDERS)
    for field, key in keys.items():
        for falling in (False, True):
            rows = [each for each in made if each.state is State.READY]
            rows.sort(key=lambda row: (key(row), row.recording_id), reverse=falling)
            found = await list_recordings(engine, RecordingFilter(site_id=host.site_id), [Order(field, falling)])
            assert [each.plain() for each in found.rows] == rows, (field, falling)


async def test_what_somebody_looked_at(
    engine: Engine, shelf: tuple[User, User, list[Recording], set[int], set[int]]
) -> None:
    host, _, made, _, used = shelf
    every = RecordingFilter(site_id=host.site_id, state=None, accessed=True)
    found = await list_recordings(engine, every)
    assert {each.recording_id for each in found.rows} == used
    assert found.total == len(used)
    for first, last in ((0, 59), (3 * DAY, 3 * DAY + 20), (90, 3 * DAY - 1)):
        wanted = msgspec.structs.replace(every, accessed_from=NOON + first, accessed_to=NOON + last)
        places = [at for at in range(0, 60, 5) if any(first <= at + day <= last for day in (0, 3 * DAY))]
        rows = (await list_recordings(engine, wanted)).rows
        assert {each.recording_id for each in rows} == {made[at].recording_id for at in places}


async def test_recorded_events(engine: Engine, shelf: tuple[User, User, list[Recording], set[int], set[int]]) -> None:
    host, other, made, _, _ = shelf
    event = await new_session(engine, host, program_id=9, session_type=14, service="EventCenter")
    changes = Changes()
    of_event = a_recording(
        host, service="EventCenter", session_key=event.session_key, created_at=NOON + DAY // 2, duration=DAY
    )
    recordings.add(changes, of_event)
    await engine.commit(changes)
    rows = [each for each in (*made, of_event) if each.state is State.READY and each.service == "EventCenter"]
    rows.sort(key=lambda row: (row.created_at, row.recording_id))
    cases: list[tuple[dict[str, Any], Fits]] = [
        ({}, lambda row: True),
        ({"host_id": other.user_id}, lambda row: row.owner_id == other.user_id),
        ({"program_id": 9}, lambda row: row is of_event),
        ({"start_from": NOON + DAY, "start_to": NOON + 9 * DAY}, lambda row: DAY <= row.created_at - NOON <= 9 * DAY),
        (
            {"end_from": NOON + DAY, "end_to": NOON + 2 * DAY},
            lambda row: DAY <= row.created_at + row.duration - NOON <= 2 * DAY,
        ),
        (
            {"program_id": 9, "start_from": NOON + 15 * DAY, "any_of": True},
            lambda row: row is of_event or row.created_at >= NOON + 15 * DAY,
        ),
        ({"program_id": 9, "start_from": NOON + 15 * DAY}, lambda row: False),
    ]
    for fields, fits in cases:
        wanted = RecordedEventFilter(site_id=host.site_id, service="EventCenter", **fields)
        expected = [row for row in rows if fits(row)]
        found = await list_recorded(engine, wanted)
        assert [each.recording.plain() for each in found.rows] == expected, fields
        assert found.total == len(expected)
        page = await list_recorded(engine, wanted, (), 2, 1)
        assert ([each.recording.plain() for each in page.rows], page.total) == (expected[1:2], len(expected))
        assert [each.session_type for each in found.rows if each.recording.session_key == event.session_key] == [
            14 for row in expected if row is of_event
        ]
    by_name = await list_recorded(
        engine,
        RecordedEventFilter(site_id=host.site_id, service="EventCenter"),
        [Order("HOSTWEBEXID", True), Order("CONFNAME")],
    )
    names = {host.user_id: host.web_ex_id_key, other.user_id: other.web_ex_id_key}
    keys = [(names[each.recording.owner_id], each.recording.name_key) for each in by_name.rows]
    assert [key[0] for key in keys] == sorted((key[0] for key in keys), reverse=True)
    assert set(recorded_events._ORDERS) == {"STARTTIME", "CONFNAME", "HOSTWEBEXID"}


async def test_lists_are_read_along_the_index_made_for_them(engine: Engine, host: User, database: str) -> None:
    """What keeps a page among a hundred thousand recordings at some milliseconds."""
    other = await new_user(engine, host.site_id)
    rows = [
        a_recording(
            host if place % 10 else other,
            name=f"Name {place}",
            session_key=place,
            conf_id=place,
            created_at=NOON + place * 60,
            state=State.TRASHED if place % 50 == 0 else State.READY,
        )
        for place in range(MANY)
    ]
    await filled(database, table, [[*_values(row)] for row in rows])
    accesses = [
        (host.site_id, place, rows[place].recording_id, NOON + place * 600, "Ann", None, True, False, None, None, "{}")
        for place in range(0, MANY, 5)
    ]
    await filled(database, access_table, accesses)
    week = {"created_from": NOON, "created_to": NOON + DAY}
    cases: dict[str, dict[str, Any]] = {
        "ix_recordings_created": week,
        "ix_recordings_owner": {"owner_id": other.user_id, **week},
        "ix_recordings_session": {"session_key": 5},
        "ix_recordings_name": {"name_key": "name 5", **week},
        "ix_recording_accesses_time": {
            "state": None,
            "accessed": True,
            "accessed_from": NOON,
            "accessed_to": NOON + DAY // 4,
        },
    }
    for index, fields in cases.items():
        key, values = _taken_apart(RecordingFilter(site_id=host.site_id, **fields))
        query = _page_query(key, (Order("CREATED"),))
        plan = await plan_of(database, query, (*values, 501, 0))
        assert index in plan, plan
        assert "SCAN recordings" not in plan
        assert "Seq Scan on recordings" not in plan
    trash = await plan_of(database, recordings._TRASHED_BEFORE, (host.site_id, State.TRASHED.value, NOON + DAY, 100))
    assert "ix_recordings_trashed" in trash or "ix_recordings_created" in trash, trash
    for query, value in (
        (recordings._BY_STREAM, rows[5].stream_rcid),
        (recordings._BY_FILE, rows[5].file_rcid),
        (recordings._OF_RUN, 5),
    ):
        plan = await plan_of(database, query, (host.site_id, value))
        assert "recordings_" in plan, plan
        assert "Seq Scan on recordings" not in plan


@pytest.mark.parametrize("listings", [("PUBLIC",), ("PRIVATE", "PUBLIC")])
async def test_listed_ones_page_by_page(engine: Engine, host: User, listings: tuple[str, ...]) -> None:
    draw, changes, made = random.Random(3), Changes(sequential=True), []
    foreign = await new_user(engine, (await new_site(engine)).site_id)
    for owner in (*[host] * 40, foreign):
        made.append(
            a_recording(
                owner,
                name=draw.choice(("Alpha", "alphabet", "Beta", "Alp\U0010fffd")),
                listing=draw.choice(("PUBLIC", "PRIVATE", "UNLISTED")),
                state=draw.choice((State.READY, State.READY, State.TRASHED)),
                created_at=NOON + draw.randrange(6) * DAY,
            )
        )
        recordings.add(changes, made[-1])
    await engine.commit(changes)
    for prefix in (None, "alpha", "b", "\U0010ffff", "zzz"):
        expected = sorted(
            (
                (row.created_at, row.recording_id)
                for row in made
                if (row.site_id, row.state) == (host.site_id, State.READY)
                and row.listing in listings
                and row.name_key.startswith(prefix or "")
            ),
            reverse=True,
        )
        found: list[tuple[int, int]] = []
        more = True
        while more:
            before = found[-1] if found else None
            page = await list_listed(engine, host.site_id, listings, maximum=3, name_prefix=prefix, before=before)
            found += [(row.created_at, row.recording_id) for row in page.rows]
            more = page.more
        assert found == expected, prefix


async def test_listed_ones_are_read_along_their_index(engine: Engine, database: str, host: User) -> None:
    listings = ("PRIVATE", "PUBLIC", "UNLISTED")
    rows = [
        a_recording(
            host,
            name=f"Name {place}",
            session_key=place,
            conf_id=place,
            created_at=NOON + place * 60,
            listing=listings[place % 3],
        )
        for place in range(MANY)
    ]
    await filled(database, table, [[*_values(row)] for row in rows])
    for named in (False, True):
        query = _listed_query(2, named, named, True)
        names = ("name 4", "name 5") if named else ()
        values = (host.site_id, "PRIVATE", "PUBLIC", *names, NOON + 90 * DAY, 5, 26)
        plan = await plan_of(database, query, values)
        assert plan.count("ix_recordings_listed") >= 2, plan
        assert "Seq Scan on recordings" not in plan
        assert "SCAN recordings" not in plan


def _values(row: Recording) -> tuple[Any, ...]:
    return tuple(each.value if isinstance(each, State) else each for each in msgspec.structs.astuple(row))
