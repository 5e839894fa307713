"""Whether what a database holds agrees with itself: counters with what they count, rows with the rows they name.

Each look is one statement, so it sees one moment, whoever writes meanwhile; all of them read a site as a whole and
write nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, ForeignKeyConstraint, Table, and_, bindparam, exists, func, select, text

from parley.domain.recording import USING
from parley.store import sites, tables
from parley.store.engines.base import Engine
from parley.store.query import Query, where


class Problem(NamedTuple):
    """Something that does not agree.

    Attributes:
        what: in words, as `12 x` is said of things.
        number: of rows that are so.
    """

    site_id: int
    what: str
    number: int


_SITE: Final = "key_site_id"
_SECONDS_OF_DAY: Final = 86_400
_HOLDS_SEAT: Final = "join_status = 'ACCEPT' AND NOT waiting AND role NOT IN ('HOST', 'PRESENTER')"
_STATES_USING: Final = ", ".join(f"'{state}'" for state in sorted(USING))


def _list_counters() -> tuple[tuple[str, str], ...]:
    """Sessions whose list of people is not what they say of it."""
    people = "(SELECT session_key, count(*) AS number FROM attendees WHERE site_id = :key_site_id{} GROUP BY 1)"
    return tuple(
        (
            f"sessions with a wrong {column}",
            f"SELECT count(*) FROM sessions LEFT JOIN {people.format(more)} AS listed"  # noqa: S608  texts of ours
            " ON listed.session_key = sessions.session_key"
            f" WHERE sessions.site_id = :key_site_id AND sessions.{column} <> coalesce(listed.number, 0)",
        )
        for column, more in (("attendee_count", ""), ("seats_taken", f" AND {_HOLDS_SEAT}"))
    )


def _balance(keys: str, counted: str, counters: str) -> str:
    """How many keys have another number of rows than their counter says; counters count negative."""
    return (
        f"SELECT count(*) FROM (SELECT {keys} FROM ({counted} UNION ALL {counters}) AS both_sides"  # noqa: S608
        f" GROUP BY {keys} HAVING sum(number) <> 0) AS unbalanced"
    )


def _day(column: str) -> str:
    """The day of a time; days before 1970 are negative, and whole numbers are divided towards zero."""
    return f"({column} - CASE WHEN {column} < 0 THEN {_SECONDS_OF_DAY - 1} ELSE 0 END) / {_SECONDS_OF_DAY}"


_COUNTERS: Final = (
    *_list_counters(),
    (
        "days with a wrong number of sessions",
        _balance(
            "ended, day, listing, service, session_type",
            f"SELECT ended, {_day('next_start')} AS day, listing, service, session_type, 1 AS number"  # noqa: S608
            " FROM sessions WHERE site_id = :key_site_id",
            "SELECT ended, day, listing, service, session_type, -total AS number FROM session_days"
            " WHERE site_id = :key_site_id",
        ),
    ),
    (
        "days with a wrong number of runs",
        _balance(
            "service, ended_day, day, audio_only",
            f"SELECT service, {_day('ended_at')} AS ended_day, {_day('started_at')} AS day, audio_only, 1 AS number"  # noqa: S608
            " FROM runs WHERE site_id = :key_site_id AND ended_at IS NOT NULL",
            "SELECT service, ended_day, day, audio_only, -total AS number FROM run_days WHERE site_id = :key_site_id",
        ),
    ),
    (
        "occurrences with a wrong number of seats",
        _balance(
            "session_key, session_num",
            "SELECT session_key, session_num, 1 AS number FROM attendees"  # noqa: S608
            f" WHERE site_id = :key_site_id AND session_num <> 0 AND {_HOLDS_SEAT}",
            "SELECT session_key, session_num, -taken AS number FROM occurrence_seats WHERE site_id = :key_site_id",
        ),
    ),
    (
        "totals of accounts that are wrong",
        _balance(
            "status, host",
            "SELECT status, host, 1 AS number FROM users WHERE site_id = :key_site_id",
            "SELECT status, host, -total AS number FROM user_totals WHERE site_id = :key_site_id",
        ),
    ),
    (
        "owners of recordings with a wrong number of bytes",
        _balance(
            "owner_id",
            "SELECT owner_id, size AS number FROM recordings"  # noqa: S608
            f" WHERE site_id = :key_site_id AND state IN ({_STATES_USING})"
            " UNION ALL SELECT 0 AS owner_id, size AS number FROM recordings"
            f" WHERE site_id = :key_site_id AND state IN ({_STATES_USING})",
            "SELECT owner_id, -used AS number FROM recording_usage WHERE site_id = :key_site_id",
        ),
    ),
    (
        "runs with a wrong number of people in them",
        "SELECT count(*) FROM runs LEFT JOIN (SELECT conf_id, count(*) AS number FROM stays"
        " WHERE site_id = :key_site_id AND left_at IS NULL GROUP BY 1) AS inside ON inside.conf_id = runs.conf_id"
        " WHERE runs.site_id = :key_site_id AND runs.present <> coalesce(inside.number, 0)",
    ),
)

_STATES: Final = (
    (
        "sessions in progress of which nothing goes on",
        "SELECT count(*) FROM sessions WHERE site_id = :key_site_id AND status = 'INPROGRESS' AND NOT EXISTS"
        " (SELECT 1 FROM runs WHERE runs.site_id = :key_site_id AND runs.conf_id = sessions.conf_id"
        " AND runs.closed_at IS NULL)",
    ),
    (
        "stays that tell another end of their run than the run does",
        "SELECT count(*) FROM stays JOIN runs ON runs.site_id = stays.site_id AND runs.conf_id = stays.conf_id"
        " WHERE stays.site_id = :key_site_id AND coalesce(stays.run_ended_at, -1) <> coalesce(runs.ended_at, -1)",
    ),
    (
        "occurrences of a series that is gone",
        "SELECT count(*) FROM sessions AS one WHERE one.site_id = :key_site_id AND one.series_key IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM sessions AS series"
        " WHERE series.site_id = :key_site_id AND series.session_key = one.series_key)",
    ),
    (
        "messages that were both sent and given up",
        "SELECT count(*) FROM outbox WHERE site_id = :key_site_id AND sent_at IS NOT NULL AND failed_at IS NOT NULL",
    ),
)


def _references() -> Iterator[tuple[str, Query]]:
    """For each reference from table to table, a look for rows that name what is not there."""
    for table in tables.metadata.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
            if "site_id" in table.columns:
                what = f"rows of {table.name} whose row of {constraint.referred_table.name} is missing"
                yield what, _missing(table, constraint)


def _missing(table: Table, constraint: ForeignKeyConstraint) -> Query:
    other = constraint.referred_table.alias("referred")
    pairs = [(element.parent, other.c[element.column.name]) for element in constraint.elements]
    there = exists(select(1).select_from(other).where(*(ours == theirs for ours, theirs in pairs)))
    named = and_(*(ours.is_not(None) for ours, _ in pairs))
    return Query(select(func.count()).select_from(table).where(*where(table.c.site_id), named, ~there), _SITE)


@lru_cache(maxsize=1)
def _looks() -> list[tuple[str, Query]]:
    """What is looked for, and the statement that counts it."""
    site = bindparam(_SITE, type_=BigInteger)
    found = [(what, Query(text(sql).bindparams(site), _SITE)) for what, sql in (*_COUNTERS, *_STATES)]
    return [*found, *_references()]


async def problems(engine: Engine, site_id: int) -> list[Problem]:
    """Everything of a site that does not agree.

    Raises:
        StoreUnavailable: a look took too long, or the database did not do it.
    """
    found = []
    for what, query in _looks():
        ((number,),) = await engine.all(query, site_id, scan=True)
        if number:
            found.append(Problem(site_id, what, int(number)))
    return found


async def all_problems(engine: Engine) -> list[Problem]:
    """Everything of all sites that does not agree."""
    every = await sites.all_sites(engine)
    return [problem for site in every for problem in await problems(engine, site.site_id)]


_QUICK_CHECK: Final = Query(text("PRAGMA quick_check(10)"))


async def damage(engine: Engine) -> list[str]:
    """What SQLite finds wrong in its file; nothing on PostgreSQL, which checks what it reads itself."""
    if engine.kind != "sqlite":
        return []
    rows = await engine.all(_QUICK_CHECK, scan=True)
    return [str(row[0]) for row in rows if row[0] != "ok"]
