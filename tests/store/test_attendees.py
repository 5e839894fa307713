"""The list of people of a session: changed by many at once, in any order, page by page."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from parley.domain.session import Attendee, HostedSession, Session
from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, attendees, feedback, sessions
from parley.store.feedback import Feedback
from parley.store.lists import Order
from tests.store.builders import a_session, an_attendee, number

pytestmark = pytest.mark.anyio
replace = msgspec.structs.replace


async def new_session(engine: Engine, host: User, *people: dict[str, Any], **fields: Any) -> Session:
    session = a_session(host.site_id, host.user_id, **fields)
    changes = Changes()
    stored = sessions.create_session(changes, session, [an_attendee(session, **each) for each in people])
    await engine.commit(changes)
    return stored


async def read(engine: Engine, session: Session) -> HostedSession:
    found = await sessions.by_key(engine, session.site_id, session.session_key)
    assert found is not None
    return found


async def people_of(engine: Engine, session: Session) -> list[Attendee]:
    return await sessions.attendees_of(engine, session.site_id, session.session_key)


async def commit(engine: Engine, session: Session, **what: Any) -> bool:
    changes = Changes()
    attendees.change_list(changes, session, 77, **what)
    try:
        await engine.commit(changes)
    except Conflict:
        return False
    return True


async def check(engine: Engine, session: Session) -> HostedSession:
    """The counters of the row are those of the list."""
    now, listed = await read(engine, session), await people_of(engine, session)
    assert now.attendee_count == len(listed)
    assert now.seats_taken == sum(each.holds_seat for each in listed)
    return now


async def test_many_come_at_once_up_to_the_length_of_the_list(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"email": "first@x.org"})
    results = await asyncio.gather(
        *(commit(engine, session, add=[an_attendee(session, f"{each}@x.org")], most=8) for each in range(12))
    )
    now = await check(engine, session)
    assert sum(results) == 7
    assert (now.attendee_count, now.version, now.modified_at) == (8, 8, 77)


async def test_many_come_at_once_up_to_the_last_seat(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"join_status": "ACCEPT"}, {"join_status": "ACCEPT", "role": "HOST"}, {})
    assert session.seats_taken == 1
    results = await asyncio.gather(
        *(commit(engine, session, add=[an_attendee(session, join_status="ACCEPT")], seats=5) for _ in range(12))
    )
    assert sum(results) == 4
    assert (await check(engine, session)).seats_taken == 5
    # Whoever takes no seat is not kept out by it.
    assert await commit(engine, session, add=[an_attendee(session, join_status="REGISTER")], seats=5)
    assert await commit(engine, session, add=[an_attendee(session, join_status="ACCEPT", waiting=True)], seats=5)
    await check(engine, session)


async def test_people_change_only_as_they_were_read(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"join_status": "REGISTER"}, {"join_status": "ACCEPT"})
    asking, accepted = await people_of(engine, session)
    if asking.join_status == "ACCEPT":
        asking, accepted = accepted, asking
    now_in = replace(asking, join_status="ACCEPT", register_id=123_456, submitted_at=5, answers='{"a":1}', domain="x")
    assert await commit(engine, session, change=[(asking, now_in)], seats=2)
    assert await sessions.attendee(engine, session.site_id, asking.attendee_id) == now_in
    assert await attendees.by_register_id(engine, session.site_id, session.session_key, 123_456) == now_in
    assert not await commit(engine, session, change=[(asking, replace(asking, join_status="REJECT"))])
    assert not await commit(engine, session, remove=[asking])
    assert (await check(engine, session)).seats_taken == 2
    assert await commit(engine, session, remove=[now_in, accepted])
    assert (await check(engine, session)).attendee_count == 0


async def test_nobody_comes_to_what_is_over_but_people_can_go(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {}, ended=True)
    assert not await commit(engine, session, add=[an_attendee(session)])
    assert await commit(engine, session, remove=await people_of(engine, session), open_only=False)
    await check(engine, session)


async def test_an_alternate_host_who_comes_later_is_noted(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    assert await commit(engine, session, add=[an_attendee(session, role="HOST")])
    assert (await read(engine, session)).alternates is True


async def test_nobody_is_twice_on_a_list_but_for_different_occurrences(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"email": "a@x.org", "register_id": 111_111})
    assert await commit(engine, session, add=[an_attendee(session, "a@x.org", session_num=2)])
    for wrong in ({"email": "a@x.org"}, {"email": "b@x.org", "register_id": 111_111}):
        with pytest.raises(Duplicate):
            await commit(engine, session, add=[an_attendee(session, **wrong)])
    other = await new_session(engine, host, {"email": "a@x.org", "register_id": 111_111})
    assert len(await people_of(engine, other)) == 1


async def test_the_waiting_list_is_in_the_order_of_coming(engine: Engine, host: User) -> None:
    times = (30, 10, 20, 10)
    session = await new_session(
        engine, host, {}, *({"waiting": True, "submitted_at": each, "join_status": "ACCEPT"} for each in times)
    )
    found = await attendees.waiting(engine, session.site_id, session.session_key, 3)
    assert [each.submitted_at for each in found] == [10, 10, 20]
    assert found[0].attendee_id < found[1].attendee_id
    assert session.seats_taken == 0


async def test_lists_in_every_order_page_by_page(engine: Engine, host: User) -> None:
    people = [
        {
            "email": f"p{each}@x.org",
            "name": f"{'ab'[each % 2]}{each}",
            "join_status": "INVITE" if each % 3 else "ACCEPT",
            "submitted_at": each % 5,
            "document": f'{{"person":{{"company":"{"zY"[each % 2]}{each}"}}}}' if each < 5 else "{}",
        }
        for each in range(7)
    ]
    session = await new_session(engine, host, *people)
    listed = await people_of(engine, session)
    keys: dict[str, Any] = {
        "attendee_id": lambda each: each.attendee_id,
        "name": lambda each: each.name,
        "email": lambda each: each.email_key,
        "join_status": lambda each: (each.join_status, each.attendee_id),
        "submitted_at": lambda each: (each.submitted_at, each.attendee_id),
        "document:person.company": lambda each: (
            msgspec.json.decode(each.document).get("person", {}).get("company", "").lower(),
            each.attendee_id,
        ),
    }
    for field, key in keys.items():
        for falling in (False, True):
            expected = sorted(listed, key=key, reverse=falling)
            found = []
            for first in range(1, 8, 2):
                page = await attendees.list_attendees(engine, session, [Order(field, falling)], first, 2)
                assert page.total == 7
                found += page.rows
            assert found == expected, field
    accepted = await attendees.list_attendees(engine, session, [Order("name")], 1, 9, join_status="ACCEPT")
    assert accepted.total == len(accepted.rows) == 3
    registered = await attendees.list_attendees(engine, session, [Order("name")], 1, 9, registered=True)
    assert {each.submitted_at for each in registered.rows} == {1, 2, 3, 4}
    assert (await attendees.list_attendees(engine, session, [Order("name")], 8, 9)).rows == []
    with pytest.raises(KeyError):
        await attendees.list_attendees(engine, session, [Order("document:a'b")], 1, 9)


async def test_people_by_number_whatever_the_session(engine: Engine, host: User) -> None:
    one = await new_session(engine, host, {}, {})
    two = await new_session(engine, host, {})
    everybody = [*await people_of(engine, one), *await people_of(engine, two)]
    numbers = [each.attendee_id for each in everybody]
    found = await attendees.by_numbers(engine, host.site_id, [*numbers, numbers[0], 1])
    assert sorted(found, key=lambda each: each.attendee_id) == sorted(everybody, key=lambda each: each.attendee_id)
    assert await attendees.by_numbers(engine, host.site_id + 1, numbers) == []


async def test_a_session_by_the_number_of_its_run(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    found = await sessions.by_conf_id(engine, host.site_id, session.conf_id)
    assert found is not None
    assert found.session_key == session.session_key
    assert await sessions.by_conf_id(engine, host.site_id + 1, session.conf_id) is None


async def test_feedback_belongs_to_a_run(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    for place, conf_id in enumerate((1, 1, 2)):
        changes = Changes()
        entry = Feedback(host.site_id, number(), session.session_key, conf_id, 0, place, "{}")
        feedback.put(changes, entry)
        await engine.commit(changes)
    key = (engine, host.site_id, session.session_key, 1)
    assert [each.submitted_at for each in await feedback.of_run(*key, 9)] == [0, 1]
    assert len(await feedback.of_run(*key, 1)) == 1
    assert await feedback.count(*key) == 2
    changes = Changes()
    sessions.delete_session(changes, session)
    await engine.commit(changes)
    assert await feedback.count(*key) == 0
