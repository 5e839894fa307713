"""Sessions, the people on their lists, and time that goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from parley.domain.session import HostedSession, Session
from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, sessions, users
from tests.store.builders import NOON, a_session, an_attendee, new_session, new_user

replace = msgspec.structs.replace


async def read(engine: Engine, session: Session) -> HostedSession:
    found = await sessions.by_key(engine, session.site_id, session.session_key)
    assert found is not None
    return found


async def test_a_session_comes_back_as_it_was_given(engine: Engine, host: User) -> None:
    given = a_session(
        host.site_id,
        host.user_id,
        recurring=True,
        host_joined=True,
        participants_joined=True,
        registration=True,
        open_time=900,
        password="s3cret",
        series_key=10_000_000_000,
        series_day="2023-11-15",
        sequence=3,
        created_at=5,
        modified_at=6,
        document='{"a":"ü"}',
        **{f"tracking_code_{each}": f"code {each}" for each in range(1, 11)},
    )
    changes = Changes()
    stored = sessions.create_session(changes, given, [an_attendee(given), an_attendee(given)])
    await engine.commit(changes)
    assert stored == replace(given, attendee_count=2)
    found = await read(engine, stored)
    assert found.plain() == stored
    assert (found.host_web_ex_id, found.host_email) == (host.web_ex_id, host.email)
    assert all(isinstance(getattr(found, name), bool) for name in ("recurring", "ended", "host_joined", "registration"))
    assert found.tracking_codes == tuple(f"code {each}" for each in range(1, 11))
    for one in (
        await sessions.by_uuid(engine, host.site_id, stored.uuid),
        await sessions.by_host_link(engine, host.site_id, stored.host_link),
        await sessions.by_attendee_link(engine, host.site_id, stored.attendee_link),
    ):
        assert one == found
    assert await sessions.by_uuid(engine, host.site_id + 1, stored.uuid) is None
    assert await sessions.by_host_link(engine, host.site_id, stored.attendee_link) is None


def changed_fields(before: Session, other: User) -> dict[str, Any]:
    """Another value for every field that an update writes."""
    wanted: dict[str, Any] = {}
    for field, value in msgspec.structs.asdict(before).items():
        if field in ("site_id", "session_key", "created_at", "version", "attendee_count", "alternates", "seats_taken"):
            continue
        if isinstance(value, bool):
            wanted[field] = not value
        elif isinstance(value, int) or field in ("series_key", "program_id", "run_started_at"):
            wanted[field] = (value or 0) + 1
        else:
            wanted[field] = f"{value} changed"
    return {**wanted, "host_id": other.user_id}


async def test_an_update_writes_every_field_by_itself(engine: Engine, host: User) -> None:
    stored = await new_session(engine, host)
    for field, value in changed_fields(stored, await new_user(engine, host.site_id)).items():
        changes = Changes()
        stored = sessions.update_session(changes, stored, replace(stored, **{field: value}))
        await engine.commit(changes)
        assert getattr(stored, field) == value
        assert (await read(engine, stored)).plain() == stored


async def test_an_update_writes_every_field_but_key_and_birth(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)
    before = await new_session(engine, host, created_at=1)
    wanted = changed_fields(before, other)
    changes = Changes()
    stored = sessions.update_session(changes, before, replace(before, **wanted))
    await engine.commit(changes)
    assert stored.version == 2
    assert (await read(engine, before)).plain() == stored == replace(before, **wanted, version=2)
    assert (await read(engine, before)).host_web_ex_id == other.web_ex_id


async def test_a_session_knows_whether_there_are_alternate_hosts(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, ("guest@example.com",))
    assert (await read(engine, session)).alternates is False
    another = an_attendee(session, "deputy@example.com", role="HOST")
    changes = Changes()
    session = sessions.update_session(changes, session, session, add=[another])
    await engine.commit(changes)
    assert (await read(engine, session)).alternates is True
    changes = Changes()
    session = sessions.update_session(changes, session, session, replace=[an_attendee(session)])
    await engine.commit(changes)
    assert (await read(engine, session)).alternates is False


async def test_an_update_of_what_changed_meanwhile_is_a_conflict(engine: Engine, host: User) -> None:
    before = await new_session(engine, host)
    for step, error in ((0, None), (1, Conflict)):
        changes = Changes()
        sessions.update_session(changes, before, replace(before, name=f"name {step}"), add=[an_attendee(before)])
        if error is None:
            await engine.commit(changes)
        else:
            with pytest.raises(error):
                await engine.commit(changes)
    now = await read(engine, before)
    assert (now.name, now.version, now.attendee_count) == ("name 0", 2, 1)
    assert len(await sessions.all_attendees(engine, now)) == 1


async def test_the_list_of_people_changes_with_the_session(engine: Engine, host: User) -> None:
    session: Session = await new_session(engine, host, ("a@x.org", "b@x.org", "c@x.org"))
    a, b, c = await sessions.all_attendees(engine, session)
    changes = Changes()
    d = an_attendee(session, "d@x.org", user_id=host.user_id, role="HOST", register_id=4, document='{"d":1}')
    b2 = replace(b, name="B", join_status="ACCEPT", role="PRESENTER", email_key="b2@x.org")
    session = sessions.update_session(
        changes, session, session, add=[d], change=[b2], remove=[a.attendee_id, a.attendee_id]
    )
    await engine.commit(changes)
    assert session.attendee_count == 3
    assert await sessions.all_attendees(engine, session) == [b2, c, d]
    assert await sessions.attendee(engine, session.site_id, d.attendee_id) == d
    assert await sessions.attendee(engine, session.site_id, a.attendee_id) is None
    assert await sessions.attendee(engine, session.site_id + 1, d.attendee_id) is None

    changes = Changes()
    session = sessions.update_session(changes, session, session, replace=[replace(c, name="C")])
    await engine.commit(changes)
    assert session.attendee_count == 1
    assert await sessions.all_attendees(engine, await read(engine, session)) == [replace(c, name="C")]


async def test_people_who_are_not_there_cannot_be_changed(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, ("a@x.org",))
    other = await new_session(engine, host, ("b@x.org",))
    [theirs] = await sessions.all_attendees(engine, other)
    wrongs: tuple[dict[str, Any], ...] = ({"remove": [theirs.attendee_id]}, {"change": [theirs]})
    for wrong in wrongs:
        changes = Changes()
        sessions.update_session(changes, session, session, **wrong)
        with pytest.raises(Conflict):
            await engine.commit(changes)
    assert await sessions.all_attendees(engine, other) == [theirs]


async def test_an_attendee_number_is_unique_in_a_site(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, ("a@x.org",))
    [there] = await sessions.all_attendees(engine, session)
    other = await new_session(engine, host)
    changes = Changes()
    sessions.update_session(changes, other, other, add=[an_attendee(other, attendee_id=there.attendee_id)])
    with pytest.raises(Duplicate) as caught:
        await engine.commit(changes)
    assert caught.value.columns == ("site_id", "attendee_id")
    assert (await read(engine, other)).attendee_count == 0


async def test_long_lists_of_people_are_read_in_pages(engine: Engine, host: User) -> None:
    session = a_session(host.site_id, host.user_id)
    people = [an_attendee(session, f"p{each}@x.org") for each in range(1_201)]
    changes = Changes()
    session = sessions.create_session(changes, session, people)
    await engine.commit(changes)
    assert await sessions.all_attendees(engine, session) == people
    page = await sessions.attendees_of(engine, session.site_id, session.session_key, people[99].attendee_id, 50)
    assert page == people[100:150]
    found = await sessions.attendees_by_email(
        engine, session.site_id, session.session_key, [f"p{each}@x.org" for each in range(0, 1_400, 2)]
    )
    assert sorted(each.attendee_id for each in found) == [each.attendee_id for each in people[::2]]
    changes = Changes()
    session = sessions.update_session(changes, session, session, remove=[each.attendee_id for each in people[:700]])
    await engine.commit(changes)
    assert await sessions.all_attendees(engine, session) == people[700:]


async def test_a_count_that_is_too_high_does_not_read_for_ever(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, ("a@x.org",))
    assert len(await sessions.all_attendees(engine, replace(session, attendee_count=5))) == 1


@pytest.mark.parametrize("count", [0, 1, 3, 50, 51])
async def test_people_read_along_with_the_caller_are_those_of_the_list(engine: Engine, host: User, count: int) -> None:
    session = a_session(host.site_id, host.user_id)
    odd = {"user_id": host.user_id, "register_id": 123_456, "document": '{"a":"\u00fc\\"\U0001f600"}'}
    people = [an_attendee(session, f"p{each}@x.org", **({} if each else odd)) for each in range(count)]
    changes = Changes()
    session = sessions.create_session(changes, session, people)
    await engine.commit(changes)
    found = await users.caller_and_session(
        engine, site_id=host.site_id, web_ex_id_key=host.web_ex_id_key, session_key=session.session_key
    )
    assert found is not None
    assert found.session is not None
    assert found.session.plain() == session
    assert (found.session.people is not None) == (engine.kind == "postgresql" and 1 <= count <= 50)
    assert await sessions.all_attendees(engine, found.session) == people


async def test_deletion_takes_the_list_along_and_needs_the_version(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, ("a@x.org",))
    changes = Changes()
    sessions.delete_session(changes, replace(session, version=9))
    with pytest.raises(Conflict):
        await engine.commit(changes)
    changes = Changes()
    sessions.delete_session(changes, session)
    await engine.commit(changes)
    assert await sessions.by_key(engine, session.site_id, session.session_key) is None
    assert await sessions.attendees_of(engine, session.site_id, session.session_key) == []


async def test_alternate_hosts_of_many_sessions(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)
    plain = await new_session(engine, host, ("a@x.org",))
    two = a_session(host.site_id, host.user_id)
    changes = Changes()
    sessions.create_session(
        changes,
        two,
        [
            an_attendee(two, user_id=other.user_id, role="HOST"),
            an_attendee(two, user_id=host.user_id, role="HOST"),
            an_attendee(two, user_id=None, role="HOST"),
            an_attendee(two, user_id=host.user_id, role="ATTENDEE"),
        ],
    )
    await engine.commit(changes)
    found = await sessions.alternate_hosts(engine, host.site_id, [plain.session_key, two.session_key])
    assert list(found) == [two.session_key]
    assert [each.web_ex_id for each in found[two.session_key]] == [other.web_ex_id, host.web_ex_id]
    assert await sessions.alternate_hosts(engine, host.site_id, []) == {}
    assert await sessions.alternate_hosts(engine, host.site_id + 1, [two.session_key]) == {}


async def test_exceptions_of_a_series_by_day(engine: Engine, host: User) -> None:
    series = await new_session(engine, host, recurring=True)
    for day in ("2023-12-03", "2023-12-01"):
        await new_session(engine, host, series_key=series.session_key, series_day=day)
    found = await sessions.exceptions(engine, host.site_id, series.session_key)
    assert [each.series_day for each in found] == ["2023-12-01", "2023-12-03"]
    assert len(await sessions.exceptions(engine, host.site_id, series.session_key, 1)) == 1


# ---- time goes on ----------------------------------------------------------------------------------------

HOUR, DAY = 3_600, 86_400


def daily(session: Session, now: int) -> tuple[int, int]:
    """The next occurrence of a session that takes place every day."""
    days = (now - session.next_end) // DAY + 1
    return session.next_start + days * DAY, session.next_end + days * DAY


async def test_sessions_end_and_series_go_on(engine: Engine, host: User) -> None:
    over = await new_session(engine, host)
    series = await new_session(engine, host, recurring=True, modified_at=9)
    last = await new_session(engine, host, recurring=True, name="last")
    running = await new_session(engine, host, next_start=NOON + HOUR)
    now = NOON + HOUR

    def following(session: Session, at: int) -> tuple[int, int] | None:
        return None if session.name == "last" else daily(session, at)

    assert await sessions.roll_due(engine, host.site_id + 1, now, following) == 0
    assert await sessions.roll_due(engine, host.site_id, now - 1, following) == 0
    assert await sessions.roll_due(engine, host.site_id, now, following) == 3
    assert await sessions.roll_due(engine, host.site_id, now, following) == 0
    assert (await read(engine, over)).plain() == replace(over, ended=True, version=2)
    assert (await read(engine, last)).ended
    assert (await read(engine, running)).plain() == running
    moved = (await read(engine, series)).plain()
    assert moved == replace(series, next_start=NOON + DAY, next_end=NOON + DAY + HOUR, version=2)

    much_later = NOON + 100 * DAY + 2 * HOUR
    assert await sessions.roll_due(engine, host.site_id, much_later, following) == 2
    assert (await read(engine, series)).next_start == NOON + 101 * DAY


async def test_an_answer_in_the_past_ends_a_series(engine: Engine, host: User) -> None:
    series = await new_session(engine, host, recurring=True)
    assert await sessions.roll_due(engine, host.site_id, NOON + DAY, lambda session, now: (NOON, NOON + HOUR)) == 1
    assert (await read(engine, series)).ended


async def test_many_due_by_two_processes_are_rolled_once(engine: Engine, host: User) -> None:
    for _ in range(40):
        await new_session(engine, host)
    rolled = await asyncio.gather(
        *(sessions.roll_due(engine, host.site_id, NOON + DAY, daily, maximum=30) for _ in range(2))
    )
    rest = await sessions.roll_due(engine, host.site_id, NOON + DAY, daily)
    assert sum(rolled) + rest == 40
    assert 30 <= sum(rolled) <= 40
