"""The counters of sessions by day are always what a count of the sessions would give."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from parley.domain.session import Session
from parley.domain.user import User
from parley.store import Changes, Conflict, Engine, sessions
from parley.store.attendees import change_list
from parley.store.query import Query
from parley.store.tables import attendees, session_days
from parley.store.tables import sessions as table
from tests.store.builders import NOON, a_session, an_attendee, new_site, new_user

DAY = 86_400
_TOTALS = Query(select(*session_days.c))
_KIND = (table.c.listing, table.c.service, table.c.session_type)
_ROWS = Query(
    select(table.c.site_id, table.c.ended, table.c.next_start, *_KIND, table.c.session_key, table.c.attendee_count)
)
_PEOPLE = Query(
    select(attendees.c.site_id, attendees.c.session_key, func.count()).group_by(
        attendees.c.site_id, attendees.c.session_key
    )
)


async def check(engine: Engine) -> None:
    """Compare every counter of the database with what it counts."""
    counted: Counter[tuple[object, ...]] = Counter()
    rows = await engine.all(_ROWS)
    for site_id, ended, start, *kind, _, _ in rows:
        counted[site_id, bool(ended), start // DAY, *kind] += 1
    totals = {(site, bool(ended), *key): total for site, ended, *key, total in await engine.all(_TOTALS) if total}
    assert totals == counted
    people = {(site, key): count for site, key, count in await engine.all(_PEOPLE)}
    assert {(site, key): count for site, *_, key, count in rows if count} == people


starts = st.integers(NOON - 3 * DAY, NOON + 3 * DAY)
steps = st.one_of(
    st.tuples(st.just("create"), starts, st.integers(0, 3)),
    st.tuples(st.just("move"), st.integers(0, 20), starts),
    st.tuples(st.just("list"), st.integers(0, 20), st.sampled_from(("PUBLIC", "PRIVATE", "UNLISTED"))),
    st.tuples(st.just("type"), st.integers(0, 20), st.integers(3, 5)),
    st.tuples(st.just("end"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("people"), st.integers(0, 20), st.integers(0, 3)),
    st.tuples(st.just("enrol"), st.integers(0, 20), st.integers(1, 3)),
    st.tuples(st.just("delete"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("stale"), st.integers(0, 20), starts),
    st.tuples(st.just("roll"), st.integers(NOON - 3 * DAY, NOON + 4 * DAY), st.booleans()),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=1, max_size=25))
async def test_counters_follow_every_change(engine: Engine, plan: list[tuple[str, Any, Any]]) -> None:
    site = await new_site(engine)
    host = await new_user(engine, site.site_id)
    there: list[int] = []
    for action, one, two in plan:
        await _step(engine, host, there, action, one, two)
    await check(engine)


async def _step(engine: Engine, host: User, there: list[int], action: str, one: Any, two: Any) -> None:
    changes = Changes()
    if action == "create":
        new = a_session(host.site_id, host.user_id, next_start=one, recurring=two == 1)
        sessions.create_session(changes, new, [an_attendee(new) for _ in range(two)])
        there.append(new.session_key)
    elif action == "roll":
        await sessions.roll_due(
            engine, host.site_id, one, lambda session, now: (now, now + 60) if two else None, maximum=5
        )
    elif there:
        place = one % len(there)
        session = await sessions.by_key(engine, host.site_id, there[place])
        assert session is not None
        _change(changes, session, action, two)
        if action == "delete":
            del there[place]
    try:
        await engine.commit(changes)
    except Conflict:
        assert action in ("stale", "enrol")


def _change(changes: Changes, session: Session, action: str, two: Any) -> None:
    replace = msgspec.structs.replace
    if action == "move":
        sessions.update_session(changes, session, replace(session, next_start=two, next_end=two + 60))
    elif action == "list":
        sessions.update_session(changes, session, replace(session, listing=two))
    elif action == "type":
        sessions.update_session(changes, session, replace(session, session_type=two, service=f"Service {two}"))
    elif action == "end":
        sessions.update_session(changes, session, replace(session, ended=two))
    elif action == "people":
        sessions.update_session(changes, session, session, replace=[an_attendee(session) for _ in range(two)])
    elif action == "enrol":
        change_list(changes, session, 1, add=[an_attendee(session) for _ in range(two)], most=4)
    elif action == "delete":
        sessions.delete_session(changes, session)
    else:
        stale = replace(session, version=session.version + 1)
        sessions.update_session(changes, stale, replace(stale, next_start=two))


async def test_counters_hold_when_many_write_at_once(engine: Engine, host: User) -> None:
    async def work(number: int) -> None:
        for turn in range(6):
            session = a_session(host.site_id, host.user_id, next_start=NOON + (number + turn) % 3 * DAY)
            changes = Changes()
            stored = sessions.create_session(changes, session, [an_attendee(session)])
            await engine.commit(changes)
            changes = Changes()
            if turn % 3 == 0:
                sessions.delete_session(changes, stored)
            else:
                moved = msgspec.structs.replace(stored, next_start=NOON + (number * turn) % 5 * DAY)
                sessions.update_session(changes, stored, moved)
            while True:
                try:
                    await engine.commit(changes)
                except Conflict:  # two transactions were in each other's way
                    continue
                break

    await asyncio.gather(*(work(number) for number in range(12)))
    await check(engine)


async def test_counters_of_days_gone_by_are_cleared_away(engine: Engine, host: User) -> None:
    for each in range(5):
        changes = Changes()
        sessions.create_session(changes, a_session(host.site_id, host.user_id, next_start=NOON + each * DAY))
        await engine.commit(changes)
    await sessions.roll_due(engine, host.site_id, NOON + 10 * DAY, lambda session, now: None)
    left = [(bool(ended), total) for _, ended, *_, total in await engine.all(_TOTALS)]
    assert left == [(True, 1)] * 5
