"""How many seats are taken of each occurrence of a session, for those that people are listed for one by one.

The counters stand in rows of their own, so that many may register at once for different classes, and the last seat of
one is given once. Seats of people who are listed for all occurrences are counted by `Session.seats_taken` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import BigInteger, Integer, bindparam, text

from parley.domain.session import Attendee, Session
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, select_where
from parley.store.tables import occurrence_seats

#: More than any list holds: no limit.
NO_LIMIT: Final = 2**31 - 1

_NAMES: Final = ("site_id", "session_key", "session_num", "by", "most")
_COUNT: Final = Query(
    text(
        "INSERT INTO occurrence_seats (site_id, session_key, session_num, taken)"
        " VALUES (:site_id, :session_key, :session_num, :by)"
        " ON CONFLICT (site_id, session_key, session_num)"
        " DO UPDATE SET taken = occurrence_seats.taken + excluded.taken WHERE occurrence_seats.taken <= :most"
    ).bindparams(
        bindparam("site_id", type_=BigInteger),
        bindparam("session_key", type_=BigInteger),
        *(bindparam(name, type_=Integer) for name in _NAMES[2:]),
    ),
    *_NAMES,
    table=occurrence_seats,
)
_INSERT: Final = Insert(occurrence_seats)
_KEY: Final = (occurrence_seats.c.site_id, occurrence_seats.c.session_key)
_DELETE: Final = delete_where(occurrence_seats, *_KEY)
_TAKEN: Final = select_where([occurrence_seats.c.session_num, occurrence_seats.c.taken], *_KEY)


def _of(people: Sequence[Attendee]) -> Counter[int]:
    """Seats by occurrence that these people take."""
    return Counter(each.session_num for each in people if each.session_num and each.holds_seat)


def count(
    changes: Changes, session: Session, come: Sequence[Attendee], go: Sequence[Attendee], seats: int | None = None
) -> None:
    """Count people who come to single occurrences of a session, and those who go.

    Args:
        seats: as many seats each occurrence has. Conflict on commit when more would be taken than before, and more
            than that; None: without limit.
    """
    by = _of(come)
    by.subtract(_of(go))
    for number, more in sorted(by.items()):
        if more:
            most = NO_LIMIT if seats is None or more < 0 else seats - more
            changes.add(_COUNT, session.site_id, session.session_key, number, more, most, expect=1)


def put(changes: Changes, session: Session, people: Sequence[Attendee], *, instead: bool = False) -> None:
    """Count the people on the list of a new session; `instead`: of one whose whole list is replaced."""
    if instead:
        changes.add(_DELETE, session.site_id, session.session_key)
    rows = [(session.site_id, session.session_key, number, total) for number, total in sorted(_of(people).items())]
    changes.insert(_INSERT, rows)


async def taken(engine: Engine, session: Session) -> dict[int, int]:
    """How many seats are taken by occurrence; those of which none ever was are not there."""
    return {row[0]: row[1] for row in await engine.all(_TAKEN, session.site_id, session.session_key)}
