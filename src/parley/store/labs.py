"""Labs of a site, and the reservations of their computers.

Whoever reserves writes to the lab's row first. So on PostgreSQL reservations of one lab wait for each other, and each
statement after that sees what the one before left; on SQLite there is one writer anyway. The statement that adds a
reservation looks itself whether the computers are free: of any number at once, as many win as there are computers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, delete, exists, func, insert, select

from parley.domain.labs import Lab, Reservation, Window
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, delete_where, reader, select_where, update_where, where
from parley.store.tables import lab_reservations, labs, users


def _lab(*values: Any) -> Lab:
    return Lab(**dict(zip(Lab.__struct_fields__, values, strict=True)))


def _reservation(*values: Any) -> Reservation:
    return Reservation(**dict(zip(Reservation.__struct_fields__, values, strict=True)))


_l, _r = labs.c, lab_reservations.c
_read_lab = reader(_lab, _l)
_read_reservation = reader(_reservation, _r)

# ---- labs ------------------------------------------------------------------------------------------------

_INSERT: Final = Insert(labs)
_CHANGING: Final = [name for name in Lab.__struct_fields__ if name not in ("site_id", "lab_id", "setup_key")]
_UPDATE: Final = update_where(labs, _CHANGING, _l.site_id, _l.lab_id, _l.version)
_DELETE: Final = delete_where(labs, _l.site_id, _l.lab_id, _l.version)
_ALL: Final = select_where(list(_l), _l.site_id, order=[_l.name_key])
_BY_ID: Final = select_where(list(_l), _l.site_id, _l.lab_id)
_BY_NAME: Final = select_where(list(_l), _l.site_id, _l.name_key)
_BY_SETUP_KEY: Final = select_where(list(_l), _l.site_id, _l.setup_key)


async def all_labs(engine: Engine, site_id: int) -> list[Lab]:
    """The labs of a site by name."""
    return [_read_lab(row) for row in await engine.all(_ALL, site_id)]


async def by_id(engine: Engine, site_id: int, lab_id: int) -> Lab | None:
    """The lab with this number."""
    row = await engine.one(_BY_ID, site_id, lab_id)
    return None if row is None else _read_lab(row)


async def by_name(engine: Engine, site_id: int, name_key: str) -> Lab | None:
    """The lab with this casefolded name."""
    row = await engine.one(_BY_NAME, site_id, name_key)
    return None if row is None else _read_lab(row)


async def by_setup_key(engine: Engine, site_id: int, setup_key: str) -> Lab | None:
    """The lab whose page has this secret in its address."""
    row = await engine.one(_BY_SETUP_KEY, site_id, setup_key)
    return None if row is None else _read_lab(row)


def create(changes: Changes, *new: Lab) -> None:
    """Add labs; Duplicate when a number or name is taken."""
    changes.insert(_INSERT, [msgspec.structs.astuple(each) for each in new])


def update(changes: Changes, before: Lab, after: Lab) -> None:
    """Replace a lab that is still as in `before`; Conflict otherwise, Duplicate when the name is taken.

    Whatever is reserved stays, also when there are fewer computers than that.
    """
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = [getattr(stored, name) for name in _CHANGING]
    changes.add(_UPDATE, *values, before.site_id, before.lab_id, before.version, expect=1)


def remove(changes: Changes, lab: Lab) -> None:
    """Delete a lab that is still as given (Conflict otherwise: somebody reserved meanwhile) with its reservations."""
    changes.add(_DELETE, lab.site_id, lab.lab_id, lab.version, expect=1)


# ---- reservations ----------------------------------------------------------------------------------------

_START: Final = bindparam("starts_at", type_=BigInteger)
_END: Final = bindparam("ends_at", type_=BigInteger)
_WANTED: Final = bindparam("computers", type_=Integer)
_ONE_RESERVATION: Final = select_where(list(_r), _r.site_id, _r.reservation_id)
_OF_SESSION: Final = select_where(list(_r), _r.site_id, _r.session_key, order=[_r.starts_at])
_DROP_OF_SESSION: Final = Query(
    delete(lab_reservations).where(
        *where(_r.site_id, _r.session_key),
        _r.reservation_id == bindparam("reservation_id", type_=BigInteger),
    ),
    "key_site_id",
    "key_session_key",
    "reservation_id",
)
_WITHIN: Final = Query(
    select(*_r, users.c.web_ex_id)
    .join_from(
        lab_reservations,
        users,
        (users.c.site_id == _r.site_id) & (users.c.user_id == _r.host_id),
        isouter=True,
    )
    .where(*where(_r.site_id, _r.lab_id), _r.ends_at > _START, _r.starts_at < _END)
    .order_by(_r.starts_at, _r.reservation_id),
    "key_site_id",
    "key_lab_id",
    "starts_at",
    "ends_at",
)
_HELD_NOW: Final = Query(
    select(_r.lab_id, func.sum(_r.computers))
    .where(*where(_r.site_id), _r.ends_at > _START, _r.starts_at <= _START)
    .group_by(_r.lab_id),
    "key_site_id",
    "starts_at",
)
_LOCK: Final = Query(
    labs.update().where(*where(_l.site_id, _l.lab_id)).values(version=_l.version + 1), "key_site_id", "key_lab_id"
)


def _reserving() -> Query:
    """The statement that adds a reservation if its computers are free; its values are those of the row.

    What is held can only grow where a reservation begins, so the most is held at the start of the new one or where
    another begins while it lasts.
    """
    other, held = lab_reservations.alias("other"), lab_reservations.alias("held")

    def held_at(moment: Any) -> Any:
        sum_of = func.coalesce(func.sum(held.c.computers), 0)
        same_lab = (held.c.site_id == _l.site_id, held.c.lab_id == _l.lab_id)
        return (
            select(sum_of)
            .where(*same_lab, held.c.starts_at <= moment, held.c.ends_at > moment)
            .correlate(labs, other)
            .scalar_subquery()
        )

    later = exists(
        select(other.c.reservation_id)
        .where(
            other.c.site_id == _l.site_id,
            other.c.lab_id == _l.lab_id,
            other.c.starts_at > _START,
            other.c.starts_at < _END,
            held_at(other.c.starts_at) + _WANTED > _l.computers,
        )
        .correlate(labs)
    )
    names = [column.name for column in _r]
    values = [bindparam(column.name, type_=column.type) for column in _r]
    row = select(*values).where(
        _l.site_id == bindparam("site_id", type_=BigInteger),
        _l.lab_id == bindparam("lab_id", type_=BigInteger),
        held_at(_START) + _WANTED <= _l.computers,
        ~later,
    )
    return Query(insert(lab_reservations).from_select(names, row), *names)


_RESERVE: Final = _reserving()


def lock(changes: Changes, lab: Lab) -> None:
    """Let nobody else reserve computers of a lab until these changes are done; Conflict when it is gone."""
    changes.sequential = True
    changes.add(_LOCK, lab.site_id, lab.lab_id, expect=1)


def reserve(changes: Changes, lab: Lab, reservations: Sequence[Reservation]) -> None:
    """Add reservations of a lab; Conflict when not all of them have their computers free. After `lock`."""
    for each in reservations:
        changes.add(_RESERVE, *msgspec.structs.astuple(each), expect=1)


def drop_of_session(changes: Changes, reservations: Sequence[Reservation]) -> None:
    """Take back reservations of a session; Conflict when one of them is gone already."""
    for each in reservations:
        changes.add(_DROP_OF_SESSION, each.site_id, each.session_key, each.reservation_id, expect=1)


async def reservation(engine: Engine, site_id: int, reservation_id: int) -> Reservation | None:
    """The reservation with this number."""
    row = await engine.one(_ONE_RESERVATION, site_id, reservation_id)
    return None if row is None else _read_reservation(row)


async def of_session(engine: Engine, site_id: int, session_key: int) -> list[Reservation]:
    """The reservations of a session by start."""
    return [_read_reservation(row) for row in await engine.all(_OF_SESSION, site_id, session_key)]


async def within(engine: Engine, lab: Lab, window: Window) -> list[tuple[Reservation, str]]:
    """The reservations of a lab that meet a window, by start, each with the webExID of who has it (or empty)."""
    rows = await engine.all(_WITHIN, lab.site_id, lab.lab_id, window.start, window.end)
    return [(_read_reservation(row[:-1]), row[-1] or "") for row in rows]


async def held_now(engine: Engine, site_id: int, now: int) -> dict[int, int]:
    """How many computers are held at `now` (UTC epoch seconds), by number of the lab; without labs that hold none."""
    return {row[0]: int(row[1]) for row in await engine.all(_HELD_NOW, site_id, now)}
