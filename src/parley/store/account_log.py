"""The log of who changed which account: written with the change, in the same transaction, wherever it comes from.

It names what changed, never values: no password, no address, no number is in it.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Integer, Text, and_, bindparam, delete, func, or_, select

from parley.domain import identifiers
from parley.domain.user import User
from parley.seeing import asked as asking
from parley.store.changes import Changes
from parley.store.engines.base import Engine
from parley.store.query import Insert, Query, reader, where
from parley.store.tables import account_log as table

#: Columns that follow from others, or say nothing of what somebody did.
_FOLLOWING: Final = frozenset(
    {"site_id", "user_id", "web_ex_id_key", "email_key", "document", "version", "credential_version"}
    | {"modified_at", "password_changed_at", "registered_at", "last_login_at"}
)
_COLUMNS: Final = tuple(name for name in User.__struct_fields__ if name not in _FOLLOWING)
_SHOWN: Final = {"password_hash": "password"}
_ROLES: Final = frozenset({"host", "site_admin", "ro_site_admin", "attendee_only"})
_LONGEST: Final = 2_000


class AccountEntry(msgspec.Struct, frozen=True):
    """One change of an account.

    Attributes:
        changed_at: UTC epoch seconds.
        author: webExID or login name of who did it; empty: nobody who proved himself.
        channel: API, CONSOLE, CLI, LINK (an address that was sent by mail, or a page without signing in) or SERVER
            (done by itself).
        user_id, web_ex_id: whose account, by the name it had then.
        what: created, password, activated, deactivated, locked, unlocked, roles, signed_out or changed; the first of
            them that fits.
        fields: names of what changed, separated by spaces.
    """

    site_id: int
    entry_id: int
    changed_at: int
    author: str
    channel: str
    user_id: int
    web_ex_id: str
    what: str
    fields: str


_read = reader(AccountEntry, table.c)
_INSERT = Insert(table)
_NEWEST = (table.c.changed_at.desc(), table.c.entry_id.desc())
_MOST = bindparam("maximum", type_=Integer)
_LATEST = Query(
    select(*table.c).where(*where(table.c.site_id)).order_by(*_NEWEST).limit(_MOST), "key_site_id", "maximum"
)
_OF_ACCOUNT = Query(
    select(*table.c)
    .where(*where(table.c.site_id), func.lower(table.c.web_ex_id) == func.lower(bindparam("name", type_=Text)))
    .order_by(*_NEWEST)
    .limit(_MOST),
    *("key_site_id", "name", "maximum"),
)
_PURGE = Query(
    delete(table).where(*where(table.c.site_id), table.c.changed_at < bindparam("before", type_=BigInteger)),
    *("key_site_id", "before"),
)


def put_created(changes: Changes, user: User) -> None:
    """Log a new account, in the set that makes it."""
    _put(changes, user, "created", (), user.registered_at)


def put_changed(changes: Changes, before: User, after: User) -> None:
    """Log what changed of an account, in the set that changes it; nothing where nothing of note did."""
    fields = [name for name in _COLUMNS if getattr(before, name) != getattr(after, name)]
    if before.document != after.document:
        fields += _differing(before.document, after.document)
    if not fields and before.credential_version == after.credential_version:
        return
    changed = after.modified_at if after.modified_at != before.modified_at else 0
    _put(changes, after, _what(fields, after), fields, changed)


def _what(fields: list[str], after: User) -> str:
    if not fields:
        return "signed_out"
    if "password_hash" in fields:
        return "password"
    if "status" in fields:
        return "activated" if after.status == "ACTIVATED" else "deactivated"
    if "locked" in fields:
        return "locked" if after.locked else "unlocked"
    return "changed" if _ROLES.isdisjoint(fields) else "roles"


def _differing(before: str, after: str) -> list[str]:
    """The names of values of the document that are other ones."""
    old, new = _members(before), _members(after)
    return sorted(name for name in old | new if old.get(name) != new.get(name))


def _members(document: str) -> dict[str, Any]:
    value = msgspec.json.decode(document)
    return value if isinstance(value, dict) else {}


def _put(changes: Changes, user: User, what: str, fields: list[str] | tuple[()], changed_at: int) -> None:
    author, channel = asking.actor()
    names = " ".join(_SHOWN.get(name, name) for name in fields)[:_LONGEST]
    entry = AccountEntry(
        user.site_id,
        _new_entry_id(),
        changed_at or int(time.time()),
        author,
        channel,
        user.user_id,
        user.web_ex_id,
        what,
        names,
    )
    changes.insert(_INSERT, [msgspec.structs.astuple(entry)])


def _new_entry_id() -> int:
    """A number that is larger than those before: microseconds, and ten random bits for what happens in the same one."""
    return (time.time_ns() // 1_000 << 10) | identifiers.random_below(1 << 10)


def purge(changes: Changes, site_id: int, before: int) -> None:
    """Forget what was done before a time."""
    changes.add(_PURGE, site_id, before)


class Place(NamedTuple):
    """Where an entry stands among those of a site."""

    changed_at: int
    entry_id: int


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are looked at; what is None does not limit. Times: UTC epoch seconds, inclusive.

    `older_than` and `newer_than`: than the entry that stands there.
    """

    site_id: int
    author: str | None = None
    changed_from: int | None = None
    changed_to: int | None = None
    older_than: Place | None = None
    newer_than: Place | None = None


def _beside(name: str, *, older: bool) -> ColumnElement[bool]:
    """Entries on one side of a place: by their time, of the same second by their number."""
    at, entry = bindparam(f"{name}_at", type_=BigInteger), bindparam(f"{name}_entry", type_=BigInteger)
    time_of, number = table.c.changed_at, table.c.entry_id
    if older:
        return and_(time_of <= at, or_(time_of < at, number < entry))
    return and_(time_of >= at, or_(time_of > at, number > entry))


_PLACES: Final = ("older_than", "newer_than")
_BOUNDS: Final = {
    "author": func.lower(table.c.author) == func.lower(bindparam("author", type_=Text)),
    "changed_from": table.c.changed_at >= bindparam("changed_from", type_=BigInteger),
    "changed_to": table.c.changed_at <= bindparam("changed_to", type_=BigInteger),
    "older_than": _beside("older_than", older=True),
    "newer_than": _beside("newer_than", older=False),
}


@lru_cache(maxsize=64)
def _found_query(given: tuple[str, ...], newest_first: bool) -> Query:
    order = _NEWEST if newest_first else (table.c.changed_at.asc(), table.c.entry_id.asc())
    statement = (
        select(*table.c)
        .where(*where(table.c.site_id), *(_BOUNDS[name] for name in given))
        .order_by(*order)
        .limit(_MOST)
    )
    names = [part for name in given for part in ((f"{name}_at", f"{name}_entry") if name in _PLACES else (name,))]
    return Query(statement, "key_site_id", *names, "maximum")


async def find(engine: Engine, wanted: AccountFilter, maximum: int) -> list[AccountEntry]:
    """Entries of a site that fit, the newest first: with `newer_than` those right after it, else the last ones."""
    given = tuple(name for name in _BOUNDS if getattr(wanted, name) is not None)
    values = [part for name in given for part in _parts(getattr(wanted, name))]
    falling = wanted.newer_than is None
    rows = await engine.all(_found_query(given, falling), wanted.site_id, *values, maximum, scan=True)
    found = [_read(row) for row in rows]
    return found if falling else found[::-1]


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, Place) else (value,)


async def latest(engine: Engine, site_id: int, maximum: int = 100, web_ex_id: str | None = None) -> list[AccountEntry]:
    """The last entries of a site, the newest first; with a webExID those of that account."""
    if web_ex_id is None:
        return [_read(row) for row in await engine.all(_LATEST, site_id, maximum, scan=True)]
    return [_read(row) for row in await engine.all(_OF_ACCOUNT, site_id, web_ex_id, maximum, scan=True)]
