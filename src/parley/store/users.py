"""Accounts, who may schedule for whom, and the one read that every request begins with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from parley.domain.session import HostedSession
from parley.domain.user import Caller, User
from parley.store.changes import Changes
from parley.store.engines.base import Engine, Row
from parley.store.lists import Order, Page, ordering, page_of
from parley.store.query import (
    Insert,
    Query,
    delete_where,
    one_of,
    padded,
    reader,
    select_where,
    update_where,
    where,
)
from parley.store.sessions import HOSTED_COLUMNS, hosts, read_hosted
from parley.store.tables import scheduling_permissions as permissions
from parley.store.tables import sessions, sites, users

_read = reader(User, users.c)
_CALLER_COLUMNS = [users.c[name] for name in Caller.__struct_fields__]
_CALLER_END = 2 + len(_CALLER_COLUMNS)
_read_caller = reader(Caller, _CALLER_COLUMNS)


# ---- the caller ------------------------------------------------------------------------------------------


class Found(msgspec.Struct, frozen=True):
    """What one read found: the site (by number and version), the caller if there is one, the session if any."""

    site_id: int
    site_version: int
    caller: Caller | None
    session: HostedSession | None


@lru_cache
def _caller_query(by_name: bool, login: str, session: str) -> Query:
    """`login`: the column of users; `session`: the column of sessions, or '' without a session."""
    columns: list[Any] = [sites.c.site_id, sites.c.version, *_CALLER_COLUMNS]
    site = sites.c.name if by_name else sites.c.site_id
    source = sites.outerjoin(
        users,
        and_(users.c.site_id == sites.c.site_id, users.c[login] == bindparam("login", type_=users.c[login].type)),
    )
    names = ["site", "login"]
    if session:
        column = sessions.c[session]
        columns += HOSTED_COLUMNS
        source = source.outerjoin(
            sessions,
            and_(sessions.c.site_id == sites.c.site_id, column == bindparam("session", type_=column.type)),
        ).outerjoin(hosts, and_(hosts.c.site_id == sessions.c.site_id, hosts.c.user_id == sessions.c.host_id))
        names.append("session")
    statement = select(*columns).select_from(source).where(site == bindparam("site", type_=site.type))
    return Query(statement, *names)


async def caller_and_session(
    engine: Engine,
    *,
    site_name: str | None = None,
    site_id: int | None = None,
    web_ex_id_key: str | None = None,
    email_key: str | None = None,
    session_key: int | None = None,
    session_uuid: str | None = None,
) -> Found | None:
    """Read site, caller and session in one statement.

    The site is named by `site_name` (lower case) or else `site_id`; the caller by `web_ex_id_key` or else
    `email_key` (casefolded); the session by `session_key` or else `session_uuid`, or not at all. None: there
    is no such site. ValueError when neither name of site or caller is given.
    """
    by_name = site_name is not None
    site: object = site_name if by_name else site_id
    login: object = web_ex_id_key if web_ex_id_key is not None else email_key
    if site is None or login is None:
        raise ValueError("a site and a login are needed")
    login_column = "web_ex_id_key" if web_ex_id_key is not None else "email_key"
    row: Row | None
    if session_key is not None:
        row = await engine.one(_caller_query(by_name, login_column, "session_key"), site, login, session_key)
    elif session_uuid is not None:
        row = await engine.one(_caller_query(by_name, login_column, "uuid"), site, login, session_uuid)
    else:
        row = await engine.one(_caller_query(by_name, login_column, ""), site, login)
    if row is None:
        return None
    caller = None if row[2] is None else _read_caller(row[2:_CALLER_END])
    session = None
    if len(row) > _CALLER_END and row[_CALLER_END] is not None:
        session = read_hosted(row[_CALLER_END:])
    return Found(row[0], row[1], caller, session)


# ---- single accounts -------------------------------------------------------------------------------------

_COLUMNS = list(users.c)
_BY_ID = select_where(_COLUMNS, users.c.site_id, users.c.user_id)
_BY_WEB_EX_ID = select_where(_COLUMNS, users.c.site_id, users.c.web_ex_id_key)
_BY_EMAIL = select_where(_COLUMNS, users.c.site_id, users.c.email_key)


async def by_id(engine: Engine, site_id: int, user_id: int) -> User | None:
    """The account with this number."""
    row = await engine.one(_BY_ID, site_id, user_id)
    return None if row is None else _read(row)


async def by_web_ex_id(engine: Engine, site_id: int, web_ex_id_key: str) -> User | None:
    """The account with this casefolded webExID."""
    row = await engine.one(_BY_WEB_EX_ID, site_id, web_ex_id_key)
    return None if row is None else _read(row)


async def by_email(engine: Engine, site_id: int, email_key: str) -> User | None:
    """The account with this casefolded e-mail address."""
    row = await engine.one(_BY_EMAIL, site_id, email_key)
    return None if row is None else _read(row)


@lru_cache
def _many_query(column: str, size: int) -> Query:
    condition, names = one_of(users.c[column], "value", size)
    return Query(select(*_COLUMNS).where(*where(users.c.site_id), condition), "key_site_id", *names)


async def many(
    engine: Engine,
    site_id: int,
    column: Literal["user_id", "web_ex_id_key", "email_key"],
    values: Sequence[int] | Sequence[str],
) -> list[User]:
    """The accounts whose `column` is one of `values`, in no order; values without an account are left out."""
    distinct: list[Any] = list(dict.fromkeys(values))
    found: list[User] = []
    for start in range(0, len(distinct), 256):
        part = padded(distinct[start : start + 256])
        found += [_read(row) for row in await engine.all(_many_query(column, len(part)), site_id, *part)]
    return found


_INSERT = Insert(users)
_FIXED = ("site_id", "user_id", "registered_at", "last_login_at")
_CHANGING = [name for name in User.__struct_fields__ if name not in _FIXED]
_UPDATE = update_where(users, _CHANGING, users.c.site_id, users.c.user_id, users.c.version)
_SEEN = update_where(users, ["last_login_at"], users.c.site_id, users.c.user_id)
_REHASH = update_where(users, ["password_hash"], users.c.site_id, users.c.user_id, users.c.password_hash)


def create(changes: Changes, user: User) -> None:
    """Add an account; Duplicate when its number, webExID or e-mail is taken on the site."""
    changes.insert(_INSERT, [msgspec.structs.astuple(user)])


def update_user(changes: Changes, before: User, after: User) -> User:
    """Replace an account that is still as in `before` (Conflict otherwise); returns it as stored.

    Raises the version; raising `credential_version` is up to the caller. Times of registration and last
    login are not written.
    """
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = [getattr(stored, name) for name in _CHANGING]
    changes.add(_UPDATE, *values, before.site_id, before.user_id, before.version, expect=1)
    return stored


def signed_in(changes: Changes, site_id: int, user_id: int, now: int) -> None:
    """Note the time of a sign-in; the account's version stays."""
    changes.add(_SEEN, now, site_id, user_id)


def rehashed(changes: Changes, site_id: int, user_id: int, old_hash: str, new_hash: str) -> None:
    """Replace the hash of an unchanged password by one with newer parameters, if it is still the old one."""
    changes.add(_REHASH, new_hash, site_id, user_id, old_hash)


# ---- lists -----------------------------------------------------------------------------------------------


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts a list shows; what is None does not limit. Names are compared without ASCII letter case.

    `any_of`: the criteria are joined by OR. Ranges are inclusive, UTC epoch seconds.
    """

    site_id: int
    first_name: str | None = None
    last_name: str | None = None
    web_ex_id_key: str | None = None
    email_key: str | None = None
    status: str | None = None
    host: bool | None = None
    registered_from: int | None = None
    registered_to: int | None = None
    modified_from: int | None = None
    modified_to: int | None = None
    any_of: bool = False


_ORDERS = {
    "UID": users.c.web_ex_id_key,
    "WEBEXID": users.c.web_ex_id_key,
    "FIRSTNAME": users.c.first_name,
    "LASTNAME": users.c.last_name,
    "EMAIL": users.c.email_key,
    "REGDATE": users.c.registered_at,
    "ACTIVE": users.c.status,
}
USER_ORDERS = tuple(_ORDERS)

_CRITERIA: dict[str, Any] = {
    "first_name": func.lower(users.c.first_name) == func.lower(bindparam("first_name", type_=users.c.first_name.type)),
    "last_name": func.lower(users.c.last_name) == func.lower(bindparam("last_name", type_=users.c.last_name.type)),
    "web_ex_id_key": users.c.web_ex_id_key == bindparam("web_ex_id_key"),
    "email_key": users.c.email_key == bindparam("email_key"),
    "status": users.c.status == bindparam("status"),
    "host": users.c.host == bindparam("host"),
}
_RANGES = {
    "registered": users.c.registered_at,
    "modified": users.c.modified_at,
}


@lru_cache(maxsize=256)
def _list_queries(given: tuple[str, ...], any_of: bool, order: tuple[Order, ...]) -> tuple[Query, Query]:
    criteria = [_CRITERIA[name] for name in given if name in _CRITERIA]
    for name, column in _RANGES.items():
        bounds: list[Any] = []
        if f"{name}_from" in given:
            bounds.append(column >= bindparam(f"{name}_from", type_=BigInteger))
        if f"{name}_to" in given:
            bounds.append(column <= bindparam(f"{name}_to", type_=BigInteger))
        if bounds:
            criteria.append(and_(*bounds))
    conditions = where(users.c.site_id)
    if criteria:
        conditions.append(or_(*criteria) if any_of else and_(*criteria))
    keys = ordering(order, _ORDERS, users.c.user_id)
    page = page_of(select(users.c.site_id, users.c.user_id).where(*conditions).order_by(*keys)).subquery("page")
    rows = (
        select(*_COLUMNS)
        .join_from(page, users, and_(users.c.site_id == page.c.site_id, users.c.user_id == page.c.user_id))
        .order_by(*keys)
    )
    names = ("key_site_id", *given)
    return (
        Query(rows, *names, "maximum", "skip"),
        Query(select(func.count()).select_from(users).where(*conditions), *names),
    )


async def list_users(
    engine: Engine,
    wanted: UserFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[User]:
    """One page of accounts and how many there are.

    `order` names fields of USER_ORDERS (KeyError for others), ties are broken by the account's number; by
    default by webExID. `start_from` counts from 1.
    """
    given = tuple(
        name
        for name in UserFilter.__struct_fields__
        if name not in ("site_id", "any_of") and getattr(wanted, name) is not None
    )
    rows, count = _list_queries(given, wanted.any_of, tuple(order) or (Order("WEBEXID"),))
    values = (wanted.site_id, *(getattr(wanted, name) for name in given))
    page = await engine.all(rows, *values, maximum, start_from - 1, scan=True)
    total = start_from - 1 + len(page)
    if len(page) >= maximum or (not page and start_from > 1):
        counted = await engine.all(count, *values, scan=True)
        total = counted[0][0]
    return Page([_read(row) for row in page], total)


# ---- scheduling for others -------------------------------------------------------------------------------

_MAY = select_where([permissions.c.host_id], permissions.c.site_id, permissions.c.host_id, permissions.c.delegate_id)
_DELEGATES = select_where([permissions.c.delegate_id], permissions.c.site_id, permissions.c.host_id)
_HOSTS = select_where([permissions.c.host_id], permissions.c.site_id, permissions.c.delegate_id)
_PERMIT = Insert(permissions)
_WITHDRAW = delete_where(permissions, permissions.c.site_id, permissions.c.host_id)


async def may_schedule_for(engine: Engine, site_id: int, delegate_id: int, host_id: int) -> bool:
    """Whether the host permitted the delegate to schedule on his behalf."""
    return await engine.one(_MAY, site_id, host_id, delegate_id) is not None


async def delegates(engine: Engine, site_id: int, host_id: int) -> list[int]:
    """The accounts that may schedule for this host."""
    return sorted(row[0] for row in await engine.all(_DELEGATES, site_id, host_id))


async def hosts_permitting(engine: Engine, site_id: int, delegate_id: int) -> list[int]:
    """The hosts for whom this account may schedule."""
    return sorted(row[0] for row in await engine.all(_HOSTS, site_id, delegate_id))


def permit(changes: Changes, site_id: int, host_id: int, delegate_ids: Sequence[int]) -> None:
    """Replace the list of accounts that may schedule for a host; Conflict when one of them does not exist.

    Put the change of the host's own account (`update_user`) into the same set when two administrators must
    not overwrite each other.
    """
    changes.sequential = True  # rows withdrawn and permitted again are written twice
    changes.add(_WITHDRAW, site_id, host_id)
    changes.insert(_PERMIT, [(site_id, host_id, each) for each in dict.fromkeys(delegate_ids)])
