"""Seats of single occurrences: counted with every change of the list, and never given twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest

from parley.domain.session import Attendee, Session
from parley.domain.user import User
from parley.store import Changes, Conflict, Engine, attendees, occurrence_seats, sessions
from tests.store.builders import a_session, an_attendee

pytestmark = pytest.mark.anyio
replace = msgspec.structs.replace
SEATED: dict[str, Any] = {"join_status": "ACCEPT"}


async def new_session(engine: Engine, host: User, *people: dict[str, Any]) -> Session:
    session = a_session(host.site_id, host.user_id)
    changes = Changes()
    stored = sessions.create_session(changes, session, [an_attendee(session, **each) for each in people])
    await engine.commit(changes)
    return stored


async def listed(engine: Engine, session: Session) -> list[Attendee]:
    return await sessions.attendees_of(engine, session.site_id, session.session_key)


async def check(engine: Engine, session: Session) -> dict[int, int]:
    """The counters are those of the list."""
    taken = await occurrence_seats.taken(engine, session)
    people = await listed(engine, session)
    counted = Counter(each.session_num for each in people if each.session_num and each.holds_seat)
    assert {number: total for number, total in taken.items() if total} == counted
    return taken


async def change(engine: Engine, session: Session, seats: int | None = 1, **what: Any) -> bool:
    changes = Changes()
    attendees.change_list(changes, session, 77, seats=seats, of_each=True, **what)
    try:
        await engine.commit(changes)
    except Conflict:
        return False
    return True


async def test_people_come_go_and_change(engine: Engine, host: User) -> None:
    first = {"email": "a@x.org", "session_num": 1, **SEATED}
    session = await new_session(engine, host, first, {"email": "b@x.org", **SEATED}, {"email": "c@x.org"})
    assert await check(engine, session) == {1: 1}
    assert not await change(engine, session, add=[an_attendee(session, "d@x.org", session_num=1, **SEATED)])
    assert await change(engine, session, add=[an_attendee(session, "d@x.org", session_num=2, **SEATED)])
    assert await change(engine, session, add=[an_attendee(session, "e@x.org", session_num=1, waiting=True, **SEATED)])
    assert await check(engine, session) == {1: 1, 2: 1}
    people = {each.email_key: each for each in await listed(engine, session)}
    here, waits = people["a@x.org"], people["e@x.org"]
    assert not await change(engine, session, change=[(waits, replace(waits, waiting=False))])
    assert await change(engine, session, remove=[here], change=[(waits, replace(waits, waiting=False))])
    assert await change(engine, session, remove=[people["d@x.org"]])
    assert await check(engine, session) == {1: 1, 2: 0}
    # Whoever is listed for all of them takes no seat of one, and without a limit everybody finds a seat.
    assert await change(engine, session, add=[an_attendee(session, "f@x.org", **SEATED)])
    assert await change(engine, session, None, add=[an_attendee(session, "g@x.org", session_num=1, **SEATED)])
    assert await check(engine, session) == {1: 2, 2: 0}


async def test_the_last_seat_of_each_is_given_once(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    results = await asyncio.gather(
        *(
            change(engine, session, 3, add=[an_attendee(session, f"p{n}@x.org", session_num=n % 2 + 1, **SEATED)])
            for n in range(16)
        )
    )
    assert sum(results) == 6
    assert await check(engine, session) == {1: 3, 2: 3}


async def test_a_new_list_is_counted_anew(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"email": "a@x.org", "session_num": 1, **SEATED})
    changes = Changes()
    new = [an_attendee(session, "b@x.org", session_num=3, **SEATED)]
    after = sessions.update_session(changes, session, session, replace=new)
    await engine.commit(changes)
    assert await check(engine, session) == {3: 1}
    changes = Changes()
    sessions.update_session(changes, after, after, add=[an_attendee(session, "c@x.org", session_num=3, **SEATED)])
    await engine.commit(changes)
    assert await check(engine, session) == {3: 2}


async def test_they_go_with_their_session(engine: Engine, host: User) -> None:
    session = await new_session(engine, host, {"email": "a@x.org", "session_num": 1, **SEATED})
    changes = Changes()
    sessions.delete_session(changes, session)
    await engine.commit(changes)
    assert await occurrence_seats.taken(engine, session) == {}
