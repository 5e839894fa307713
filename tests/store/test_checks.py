"""The check of what a database holds finds every kind of disagreement, and nothing in one that is whole."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, bindparam, text

from parley.domain.user import User
from parley.store import Changes, Engine, checks, sessions, tables
from parley.store.query import Query
from tests.store.builders import a_session, an_attendee

_SITE = bindparam("key_site_id", type_=BigInteger)
#: What harms a database, by what is then said of it.
_HARM = {
    "sessions with a wrong attendee_count": "UPDATE sessions SET attendee_count = 9 WHERE site_id = :key_site_id",
    "sessions with a wrong seats_taken": "UPDATE sessions SET seats_taken = 9 WHERE site_id = :key_site_id",
    "days with a wrong number of sessions": "DELETE FROM session_days WHERE site_id = :key_site_id",
    "days with a wrong number of runs": (
        "INSERT INTO run_days (site_id, service, ended_day, day, audio_only, total)"
        " VALUES (:key_site_id, 'MeetingCenter', 1, 1, false, 2)"
    ),
    "totals of accounts that are wrong": "UPDATE user_totals SET total = total + 1 WHERE site_id = :key_site_id",
    "owners of recordings with a wrong number of bytes": (
        "INSERT INTO recording_usage (site_id, owner_id, used) VALUES (:key_site_id, 0, 5)"
    ),
    "occurrences with a wrong number of seats": (
        "INSERT INTO occurrence_seats (site_id, session_key, session_num, taken)"
        " SELECT site_id, session_key, 1, 3 FROM sessions WHERE site_id = :key_site_id"
    ),
    "sessions in progress of which nothing goes on": (
        "UPDATE sessions SET status = 'INPROGRESS' WHERE site_id = :key_site_id"
    ),
    "occurrences of a series that is gone": "UPDATE sessions SET series_key = 77 WHERE site_id = :key_site_id",
    "messages that were both sent and given up": (
        "INSERT INTO outbox (site_id, outbox_id, kind, document, created_at, sent_at, failed_at)"
        " VALUES (:key_site_id, 1, 'x', '{}', 1, 2, 3)"
    ),
}


async def _one_session(engine: Engine, host: User) -> None:
    changes = Changes()
    session = a_session(host.site_id, host.user_id)
    sessions.create_session(changes, session, [an_attendee(session), an_attendee(session)])
    await engine.commit(changes)


async def test_nothing_is_found_where_all_is_well(engine: Engine, host: User) -> None:
    await _one_session(engine, host)
    assert await checks.all_problems(engine) == []
    assert await checks.damage(engine) == []


@pytest.mark.parametrize("what", sorted(_HARM))
async def test_what_does_not_agree_is_found(engine: Engine, host: User, what: str) -> None:
    await _one_session(engine, host)
    changes = Changes()
    changes.add(Query(text(_HARM[what]).bindparams(_SITE), "key_site_id", table=tables.sessions), host.site_id)
    await engine.commit(changes)
    assert [(each.site_id, each.what) for each in await checks.all_problems(engine)] == [(host.site_id, what)]
    assert await checks.problems(engine, host.site_id + 1) == []
