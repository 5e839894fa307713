"""What has to be told to the outside (mails, calendar files), written with the change it tells of.

A row is due at a time, is taken by one process for a while, and ends as sent or as given up. A process that dies while
it has a row loses it after that while, and another one takes it: so every row is delivered at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

from parley.seeing import asked as asking
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, select_where, where
from parley.store.tables import outbox as table


class Message(msgspec.Struct, frozen=True):
    """Something to deliver; `document` is JSON text whose shape belongs to `kind`. Times: UTC epoch seconds.

    Attributes:
        due_at: not to be delivered before; `put` makes it `created_at` at least.
        attempts: how often it was tried.
        taken_until: until then it belongs to the process that tries it.
        failed_at: when it was given up.
        note: what the mail server said last, or where the mail is kept.
        request_id: of the request that asked for it; `put` writes the current one.
    """

    site_id: int
    outbox_id: int
    kind: str
    session_key: int | None = None
    recipient: str | None = None
    document: str = "{}"
    created_at: int = 0
    sent_at: int | None = None
    due_at: int = 0
    attempts: int = 0
    taken_until: int = 0
    failed_at: int | None = None
    note: str | None = None
    request_id: str | None = None

    @property
    def state(self) -> str:
        """One word: waiting, sent or failed."""
        return "sent" if self.sent_at is not None else "failed" if self.failed_at is not None else "waiting"


class Mails(NamedTuple):
    """How many mails of a site are in which state; rows without a recipient are none yet.

    Attributes:
        sending: those of the waiting ones that a process has taken.
        planned: rows that become mails when their time comes, such as the next reminder of a session.
    """

    waiting: int
    sending: int
    sent: int
    failed: int
    planned: int


class Totals(NamedTuple):
    """How many messages of a site are in which state, and since when the oldest one is due."""

    waiting: int
    sent: int
    failed: int
    oldest_due: int | None


_NOW = bindparam("now", type_=BigInteger)
_WAITS = and_(table.c.sent_at.is_(None), table.c.failed_at.is_(None))
_read = reader(Message, table.c)
_INSERT = Insert(table)
_ONE = select_where(list(table.c), table.c.site_id, table.c.outbox_id)
_WAITING = Query(
    select(*table.c)
    .where(*where(table.c.site_id), _WAITS)
    .order_by(table.c.due_at, table.c.outbox_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "maximum",
)
_DUE = Query(
    select(*table.c)
    .where(*where(table.c.site_id), _WAITS, table.c.due_at <= _NOW, table.c.taken_until <= _NOW)
    .order_by(table.c.due_at, table.c.outbox_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "now",
    "maximum",
)
_NEXT = Query(
    select(func.min(table.c.due_at)).where(*where(table.c.site_id), _WAITS, table.c.taken_until <= _NOW),
    "key_site_id",
    "now",
)
#: The rows that are due longest, so many at most: to count more of them would take too long to do often.
_LONGEST_DUE = (
    select(table.c.due_at)
    .where(*where(table.c.site_id), _WAITS, table.c.due_at <= _NOW)
    .order_by(table.c.due_at, table.c.outbox_id)
    .limit(bindparam("maximum", type_=Integer))
    .subquery()
)
_QUEUED = Query(
    select(func.count(), func.min(_LONGEST_DUE.c.due_at)).select_from(_LONGEST_DUE), "key_site_id", "now", "maximum"
)
_FORGET = Query(
    delete(table).where(
        *where(table.c.site_id),
        table.c.session_key == bindparam("session_key", type_=BigInteger),
        table.c.kind == bindparam("kind", type_=Text),
        table.c.sent_at.is_(None),
    ),
    "key_site_id",
    "session_key",
    "kind",
)
_BEFORE = bindparam("before", type_=BigInteger)
_OLDER = or_(
    table.c.created_at < _BEFORE,
    and_(table.c.created_at == _BEFORE, table.c.outbox_id < bindparam("beyond", type_=BigInteger)),
)
_STATE = bindparam("state", type_=Text)
#: What the states mean that are the same wherever messages are looked for.
_IN_STATE = (
    _STATE == "",
    and_(_STATE == "sent", table.c.sent_at.is_not(None)),
    and_(_STATE == "failed", table.c.failed_at.is_not(None)),
)
_NEWEST_FIRST = (table.c.created_at.desc(), table.c.outbox_id.desc())
_NEWEST = Query(
    select(*table.c)
    .where(
        *where(table.c.site_id),
        _OLDER,
        or_(*_IN_STATE, and_(_STATE == "waiting", _WAITS)),
    )
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "before",
    "beyond",
    "state",
    "maximum",
)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows are so; 0 where there is none at all."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_TOTALS = Query(
    select(
        _count(_WAITS),
        _count(table.c.sent_at.is_not(None)),
        _count(table.c.failed_at.is_not(None)),
        func.min(case((_WAITS, table.c.due_at))),
    ).where(*where(table.c.site_id)),
    "key_site_id",
)
_TAKEN = table.c.taken_until > _NOW
_MAIL = table.c.recipient.is_not(None)
_KIND = bindparam("kind", type_=Text)
_PART = bindparam("recipient", type_=Text)
_MAILS = Query(
    select(*table.c)
    .where(
        *where(table.c.site_id),
        _MAIL,
        _OLDER,
        or_(
            *_IN_STATE,
            and_(_STATE == "waiting", _WAITS, not_(_TAKEN)),
            and_(_STATE == "sending", _WAITS, _TAKEN),
        ),
        or_(_KIND == "", table.c.kind == _KIND),
        or_(_PART == "", func.lower(table.c.recipient).contains(_PART, escape="\\")),
    )
    .order_by(*_NEWEST_FIRST)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "before",
    "beyond",
    "state",
    "now",
    "kind",
    "recipient",
    "maximum",
)
_COUNTED = Query(
    select(
        _count(and_(_MAIL, _WAITS, not_(_TAKEN))),
        _count(and_(_MAIL, _WAITS, _TAKEN)),
        _count(and_(_MAIL, table.c.sent_at.is_not(None))),
        _count(and_(_MAIL, table.c.failed_at.is_not(None))),
        _count(and_(table.c.recipient.is_(None), _WAITS)),
    ).where(*where(table.c.site_id)),
    "key_site_id",
    "now",
)
_TAKE = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), _WAITS, table.c.taken_until <= _NOW, table.c.due_at <= _NOW)
    .values(taken_until=bindparam("until", type_=BigInteger), attempts=table.c.attempts + 1),
    "key_site_id",
    "key_outbox_id",
    "now",
    "until",
)
_SENT = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), table.c.sent_at.is_(None))
    .values(
        sent_at=_NOW,
        failed_at=None,
        note=bindparam("note", type_=Text),
        document=func.coalesce(bindparam("document", type_=Text), table.c.document),
    ),
    "key_site_id",
    "key_outbox_id",
    "now",
    "note",
    "document",
)
_LATER = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), _WAITS)
    .values(due_at=bindparam("due_at", type_=BigInteger), taken_until=0, note=bindparam("note", type_=Text)),
    "key_site_id",
    "key_outbox_id",
    "due_at",
    "note",
)
_GIVEN_UP = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), _WAITS)
    .values(failed_at=_NOW, taken_until=0, note=bindparam("note", type_=Text)),
    "key_site_id",
    "key_outbox_id",
    "now",
    "note",
)
_TO_AGAIN = (
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), table.c.sent_at.is_(None))
    .values(failed_at=None, taken_until=0, attempts=0, due_at=_NOW)
)
_AGAIN = Query(_TO_AGAIN, "key_site_id", "key_outbox_id", "now")
_AGAIN_IDLE = Query(_TO_AGAIN.where(table.c.taken_until <= _NOW), "key_site_id", "key_outbox_id", "now")
_CANCEL = Query(
    update(table)
    .where(*where(table.c.site_id, table.c.outbox_id), _WAITS, _MAIL, table.c.taken_until <= _NOW)
    .values(failed_at=_NOW, taken_until=0, note=bindparam("note", type_=Text)),
    "key_site_id",
    "key_outbox_id",
    "now",
    "note",
)
_DROP = Query(
    delete(table).where(*where(table.c.site_id, table.c.outbox_id), table.c.sent_at.is_(None)),
    "key_site_id",
    "key_outbox_id",
)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), or_(table.c.sent_at <= _NOW, table.c.failed_at <= _NOW)),
    "key_site_id",
    "now",
)
_OLD = Query(
    select(table.c.outbox_id)
    .where(*where(table.c.site_id), table.c.created_at <= _NOW, or_(table.c.sent_at <= _NOW, table.c.failed_at <= _NOW))
    .limit(1),
    "key_site_id",
    "now",
)


def put(changes: Changes, messages: Sequence[Message]) -> None:
    """Add messages to be delivered after the commit."""
    request_id = asking.current_id()
    rows = [
        msgspec.structs.replace(
            message,
            due_at=message.due_at or message.created_at,
            request_id=message.request_id or request_id,
        )
        for message in messages
    ]
    changes.insert(_INSERT, [msgspec.structs.astuple(row) for row in rows])


async def one(engine: Engine, site_id: int, outbox_id: int) -> Message | None:
    """The message with this number."""
    row = await engine.one(_ONE, site_id, outbox_id)
    return None if row is None else _read(row)


async def waiting(engine: Engine, site_id: int, maximum: int = 100) -> list[Message]:
    """Messages neither sent nor given up, the one due longest first."""
    return [_read(row) for row in await engine.all(_WAITING, site_id, maximum)]


async def due(engine: Engine, site_id: int, now: int, maximum: int = 100) -> list[Message]:
    """Messages that may be delivered now and that nobody has taken, the one due longest first."""
    return [_read(row) for row in await engine.all(_DUE, site_id, now, maximum)]


async def next_due(engine: Engine, site_id: int, now: int) -> int | None:
    """When the next message that nobody has taken at `now` is due, UTC epoch seconds; None: none waits."""
    row = await engine.one(_NEXT, site_id, now)
    return None if row is None else row[0]


async def queued(engine: Engine, site_id: int, now: int, maximum: int = 10_000) -> tuple[int, int | None]:
    """How many messages are due and not delivered yet, counted up to a maximum, and since when the oldest is due."""
    ((count, oldest),) = await engine.all(_QUEUED, site_id, now, maximum, scan=True)
    return int(count), oldest


async def newest(
    engine: Engine, site_id: int, *, state: str = "", before: tuple[int, int] = (1 << 62, 0), maximum: int = 50
) -> list[Message]:
    """Messages of a site, the newest first.

    Args:
        state: waiting, sent or failed; empty for all.
        before: created_at and outbox_id of the last one of the page before.
    """
    rows = await engine.all(_NEWEST, site_id, before[0], before[1], state, maximum, scan=True)
    return [_read(row) for row in rows]


async def mails(
    engine: Engine,
    site_id: int,
    now: int,
    *,
    state: str = "",
    kind: str = "",
    recipient: str = "",
    before: tuple[int, int] = (1 << 62, 0),
    maximum: int = 50,
) -> list[Message]:
    """Mails of a site, the newest first; what is to become mails later is not among them.

    Args:
        now: UTC epoch seconds; tells what is being sent.
        state: waiting, sending, sent or failed; empty for all.
        kind: of the message; empty for all.
        recipient: a part of the address, in any letter case; empty for all.
        before: created_at and outbox_id of the last one of the page before.
    """
    part = recipient.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await engine.all(_MAILS, site_id, before[0], before[1], state, now, kind, part, maximum, scan=True)
    return [_read(row) for row in rows]


async def counted(engine: Engine, site_id: int, now: int) -> Mails:
    """How many mails there are in which state at `now` (UTC epoch seconds)."""
    (row,) = await engine.all(_COUNTED, site_id, now, scan=True)
    return Mails(*map(int, row))


async def totals(engine: Engine, site_id: int) -> Totals:
    """How many messages there are in which state."""
    (row,) = await engine.all(_TOTALS, site_id, scan=True)
    return Totals(int(row[0]), int(row[1]), int(row[2]), row[3])


def take(changes: Changes, message: Message, now: int, until: int) -> None:
    """Have a message for oneself; Conflict when somebody else has it, or it is done."""
    changes.add(_TAKE, message.site_id, message.outbox_id, now, until, expect=1)


def sent(
    changes: Changes, site_id: int, outbox_id: int, now: int, note: str | None = None, document: str | None = None
) -> None:
    """Note a message as sent; Conflict when it is unknown or was sent already.

    Args:
        document: what is kept of it from now on; None: all.
    """
    changes.add(_SENT, site_id, outbox_id, now, note, document, expect=1)


def later(changes: Changes, message: Message, due_at: int, note: str) -> None:
    """Try a message again at a time; Conflict when it is done."""
    changes.add(_LATER, message.site_id, message.outbox_id, due_at, note, expect=1)


def give_up(changes: Changes, message: Message, now: int, note: str) -> None:
    """Try a message no more; Conflict when it is done."""
    changes.add(_GIVEN_UP, message.site_id, message.outbox_id, now, note, expect=1)


def again(changes: Changes, site_id: int, outbox_id: int, now: int, *, idle: bool = False) -> None:
    """Try a message at once, also one that was given up; Conflict when it is unknown or sent.

    Args:
        idle: Conflict too while a process sends it.
    """
    changes.add(_AGAIN_IDLE if idle else _AGAIN, site_id, outbox_id, now, expect=1)


def cancel(changes: Changes, site_id: int, outbox_id: int, now: int, note: str) -> None:
    """Give up a mail that waits; Conflict when it does not, or a process sends it."""
    changes.add(_CANCEL, site_id, outbox_id, now, note, expect=1)


def drop(changes: Changes, message: Message) -> None:
    """Forget a message whose occasion is gone; Conflict when it was sent."""
    changes.add(_DROP, message.site_id, message.outbox_id, expect=1)


def forget(changes: Changes, site_id: int, session_key: int, kind: str) -> None:
    """Forget the messages of a kind about a session that were not sent; none is fine."""
    changes.add(_FORGET, site_id, session_key, kind)


def purge(changes: Changes, site_id: int, before: int) -> None:
    """Forget messages that were sent or given up at `before` or earlier."""
    changes.add(_PURGE, site_id, before)


async def has_old(engine: Engine, site_id: int, before: int) -> bool:
    """Whether `purge` would find something."""
    return bool(await engine.all(_OLD, site_id, before, scan=True))
