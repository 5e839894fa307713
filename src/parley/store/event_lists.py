"""What lists of events tell beyond what lists of sessions do: the documents, and how many people registered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select

from parley.store.engines.base import Engine, Row
from parley.store.query import Query, one_of, padded, where
from parley.store.tables import attendees, sessions

_AT_ONCE = 256
#: Answers with a source hold this; the contents of texts have their quotation marks escaped.
_WITH_SOURCE = '"source":"'


class Enrolment(NamedTuple):
    """How many people asked to be let in to a session (`registered`), and how many of them were (`accepted`)."""

    registered: int
    accepted: int


async def _in_parts(engine: Engine, query: Any, site_id: int, session_keys: Sequence[int]) -> Iterable[Row]:
    rows: list[Row] = []
    for start in range(0, len(session_keys), _AT_ONCE):
        part = padded(session_keys[start : start + _AT_ONCE])
        rows += await engine.all(query(len(part)), site_id, *part, scan=True)
    return rows


@lru_cache
def _documents(size: int) -> Query:
    condition, names = one_of(sessions.c.session_key, "key", size)
    statement = select(sessions.c.session_key, sessions.c.document).where(*where(sessions.c.site_id), condition)
    return Query(statement, "key_site_id", *names)


async def documents(engine: Engine, site_id: int, session_keys: Sequence[int]) -> dict[int, str]:
    """The documents of these sessions, by key; sessions that are gone are left out."""
    return {row[0]: row[1] for row in await _in_parts(engine, _documents, site_id, session_keys)}


@lru_cache
def _enrolments(size: int) -> Query:
    condition, names = one_of(attendees.c.session_key, "key", size)
    asked = or_(attendees.c.join_status == "REGISTER", attendees.c.join_status == "ACCEPT")
    accepted = and_(attendees.c.join_status == "ACCEPT", ~attendees.c.waiting)
    attends = and_(attendees.c.role != "HOST", attendees.c.role != "PRESENTER")
    statement = (
        select(
            attendees.c.session_key,
            func.count(case((asked, 1))),
            func.count(case((accepted, 1))),
        )
        .where(*where(attendees.c.site_id), condition, attends)
        .group_by(attendees.c.session_key)
    )
    return Query(statement, "key_site_id", *names)


async def enrolments(engine: Engine, site_id: int, session_keys: Sequence[int]) -> dict[int, Enrolment]:
    """How many people registered for these sessions, by key; sessions without people are left out."""
    rows = await _in_parts(engine, _enrolments, site_id, session_keys)
    return {row[0]: Enrolment(int(row[1]), int(row[2])) for row in rows}


@lru_cache
def _sources(size: int) -> Query:
    condition, names = one_of(attendees.c.session_key, "key", size)
    statement = select(attendees.c.session_key, attendees.c.answers).where(
        *where(attendees.c.site_id), condition, attendees.c.answers.contains(_WITH_SOURCE)
    )
    return Query(statement, "key_site_id", *names)


async def answers_with_source(engine: Engine, site_id: int, session_keys: Sequence[int]) -> list[tuple[int, str]]:
    """Session key and answers of everybody who said where they learned of the session."""
    return [(row[0], row[1]) for row in await _in_parts(engine, _sources, site_id, session_keys)]
