"""Accounts, who may schedule for whom, and the one read that every request begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    Text,
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from parley.domain.session import HostedSession
from parley.domain.user import Caller, User
from parley.store import account_log
from parley.store.changes import Changes
from parley.store.engines.base import Engine, Row
from parley.store.query import (
    Insert,
    Query,
    counter,
    delete_where,
    one_of,
    padded,
    reader,
    select_where,
    update_where,
    where,
)
from parley.store.sessions import WITH_PEOPLE, hosts, read_hosted
from parley.store.tables import scheduling_permissions as permissions
from parley.store.tables import sessions, sites, user_revisions, user_totals, users

USER_COLUMNS = [users.c[name] for name in User.__struct_fields__]
read_user = reader(User, USER_COLUMNS)
_CALLER_COLUMNS = [users.c[name] for name in Caller.__struct_fields__]
_read_caller = reader(Caller, _CALLER_COLUMNS)
_values_of_caller = attrgetter(*Caller.__struct_fields__)


# ---- the caller ------------------------------------------------------------------------------------------


class Account(NamedTuple):
    """An account, who may schedule for it, and for whom it may schedule: webExIDs in alphabetical order."""

    user: User
    delegates: tuple[str, ...]
    hosts: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """What one read found: the site (by number and version), the caller if there is one, the session if any.

    `account`: all of the caller's account, where that was asked for. `subject`: the account that was asked for beside.
    """

    site_id: int
    site_version: int
    caller: Caller | None
    session: HostedSession | None
    account: User | None = None
    subject: Account | None = None


@lru_cache
def _caller_query(login: str, session: str, whole: bool = False) -> Query:
    """`login`: the column of users; `session`: the column of sessions, '' without one; `whole`: all of the account."""
    columns: list[Any] = [sites.c.site_id, sites.c.version, *(USER_COLUMNS if whole else _CALLER_COLUMNS)]
    source = sites.outerjoin(
        users,
        and_(users.c.site_id == sites.c.site_id, users.c[login] == bindparam("login", type_=users.c[login].type)),
    )
    names = ["site", "login"]
    if session:
        column = sessions.c[session]
        columns += WITH_PEOPLE
        source = source.outerjoin(
            sessions,
            and_(sessions.c.site_id == sites.c.site_id, column == bindparam("session", type_=column.type)),
        ).outerjoin(hosts, and_(hosts.c.site_id == sessions.c.site_id, hosts.c.user_id == sessions.c.host_id))
        names.append("session")
    statement = select(*columns).select_from(source).where(sites.c.site_id == bindparam("site", type_=BigInteger))
    return Query(statement, *names)


async def caller_and_session(
    engine: Engine,
    *,
    site_id: int,
    web_ex_id_key: str | None = None,
    email_key: str | None = None,
    session_key: int | None = None,
    session_uuid: str | None = None,
    whole: bool = False,
) -> Found | None:
    """Read site, caller and session in one statement.

    The caller is named by `web_ex_id_key` or else `email_key` (casefolded); the session by `session_key` or else
    `session_uuid`, or not at all. `whole`: with all of the caller's account. None: there is no such site. ValueError
    when the caller is not named.
    """
    login: object = web_ex_id_key if web_ex_id_key is not None else email_key
    if login is None:
        raise ValueError("a login is needed")
    login_column = "web_ex_id_key" if web_ex_id_key is not None else "email_key"
    row: Row | None
    if session_key is not None:
        row = await engine.one(_caller_query(login_column, "session_key", whole), site_id, login, session_key)
    elif session_uuid is not None:
        row = await engine.one(_caller_query(login_column, "uuid", whole), site_id, login, session_uuid)
    else:
        row = await engine.one(_caller_query(login_column, "", whole), site_id, login)
    if row is None:
        return None
    end = 2 + len(USER_COLUMNS if whole else _CALLER_COLUMNS)
    session = read_hosted(row[end:]) if len(row) > end and row[end] is not None else None
    if row[2] is None:
        return Found(row[0], row[1], None, session)
    if not whole:
        return Found(row[0], row[1], _read_caller(row[2:end]), session)
    account = read_user(row[2:end])
    return Found(row[0], row[1], Caller(*_values_of_caller(account)), session, account)


@lru_cache
def _subject_query(login: str) -> Query:
    """`login`: the column of users by which the caller is found."""
    subject = users.alias("subject")
    statement = (
        select(sites.c.site_id, sites.c.version, *_CALLER_COLUMNS, *_account_columns(subject))
        .select_from(sites)
        .outerjoin(
            users,
            and_(users.c.site_id == sites.c.site_id, users.c[login] == bindparam("login", type_=users.c[login].type)),
        )
        .outerjoin(
            subject,
            and_(
                subject.c.site_id == sites.c.site_id,
                subject.c.web_ex_id_key == bindparam("subject", type_=subject.c.web_ex_id_key.type),
            ),
        )
        .where(sites.c.site_id == bindparam("site", type_=BigInteger))
    )
    return Query(statement, "site", "login", "subject")


async def caller_and_subject(
    engine: Engine, site_id: int, subject_key: str, *, web_ex_id_key: str | None = None, email_key: str | None = None
) -> Found | None:
    """Read site, caller and an account in one statement.

    The caller is named as for `caller_and_session`, the account by its casefolded webExID. None: there is no such site.
    ValueError when the caller is not named.
    """
    login: object = web_ex_id_key if web_ex_id_key is not None else email_key
    if login is None:
        raise ValueError("a login is needed")
    query = _subject_query("web_ex_id_key" if web_ex_id_key is not None else "email_key")
    row = await engine.one(query, site_id, login, subject_key)
    if row is None:
        return None
    end = 2 + len(_CALLER_COLUMNS)
    caller = None if row[2] is None else _read_caller(row[2:end])
    return Found(row[0], row[1], caller, None, subject=None if row[end] is None else _read_account(row[end:]))


# ---- single accounts -------------------------------------------------------------------------------------

_BY_ID = select_where(USER_COLUMNS, users.c.site_id, users.c.user_id)
_BY_WEB_EX_ID = select_where(USER_COLUMNS, users.c.site_id, users.c.web_ex_id_key)
_BY_EMAIL = select_where(USER_COLUMNS, users.c.site_id, users.c.email_key)
_BY_PERSONAL_URL = select_where(USER_COLUMNS, users.c.site_id, users.c.personal_url)


async def by_id(engine: Engine, site_id: int, user_id: int) -> User | None:
    """The account with this number."""
    row = await engine.one(_BY_ID, site_id, user_id)
    return None if row is None else read_user(row)


async def by_web_ex_id(engine: Engine, site_id: int, web_ex_id_key: str) -> User | None:
    """The account with this casefolded webExID."""
    row = await engine.one(_BY_WEB_EX_ID, site_id, web_ex_id_key)
    return None if row is None else read_user(row)


async def by_email(engine: Engine, site_id: int, email_key: str) -> User | None:
    """The account with this casefolded e-mail address."""
    row = await engine.one(_BY_EMAIL, site_id, email_key)
    return None if row is None else read_user(row)


async def by_personal_url(engine: Engine, site_id: int, personal_url: str) -> User | None:
    """The account whose personal room has this casefolded address."""
    row = await engine.one(_BY_PERSONAL_URL, site_id, personal_url)
    return None if row is None else read_user(row)


@lru_cache
def _many_query(column: str, size: int) -> Query:
    condition, names = one_of(users.c[column], "value", size)
    return Query(select(*USER_COLUMNS).where(*where(users.c.site_id), condition), "key_site_id", *names)


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
        found += [read_user(row) for row in await engine.all(_many_query(column, len(part)), site_id, *part)]
    return found


_PAGE = Query(
    select(*USER_COLUMNS)
    .where(*where(users.c.site_id), users.c.user_id > bindparam("after", type_=BigInteger))
    .order_by(users.c.user_id)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "after",
    "maximum",
)
_PAGE_SIZE = 500


async def every(engine: Engine, site_id: int) -> AsyncIterator[User]:
    """All accounts of a site by number, read page by page; for rare work that has to look at each."""
    after = -1
    while True:
        rows = await engine.all(_PAGE, site_id, after, _PAGE_SIZE, scan=True)
        for row in rows:
            yield read_user(row)
        if len(rows) < _PAGE_SIZE:
            return
        after = rows[-1][_ID_PLACE]


_ID_PLACE = USER_COLUMNS.index(users.c.user_id)


class _JsonList(FunctionElement[str]):
    """The values of a column in all rows as a JSON array (text); NULL or an empty array without any."""

    name = "json_list"
    inherit_cache = True
    type = Text()


@compiles(_JsonList, "sqlite")
def _list_of_sqlite(element: _JsonList, compiler: Any, **options: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **options)})"


@compiles(_JsonList, "postgresql")
def _list_of_postgres(element: _JsonList, compiler: Any, **options: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **options)})::text"


def _related(of: Any, mine: Column[int], other: Column[int]) -> Any:
    """The webExIDs at the other end of the permissions of an account; `of`: the users it is among."""
    others = users.alias("others")
    return (
        select(_JsonList(others.c.web_ex_id))
        .join_from(permissions, others, and_(others.c.site_id == permissions.c.site_id, others.c.user_id == other))
        .where(permissions.c.site_id == of.c.site_id, mine == of.c.user_id)
        .correlate(of)
        .scalar_subquery()
    )


def _account_columns(of: Any) -> list[Any]:
    """The columns of an `Account`."""
    return [
        *(of.c[name] for name in User.__struct_fields__),
        _related(of, permissions.c.host_id, permissions.c.delegate_id),
        _related(of, permissions.c.delegate_id, permissions.c.host_id),
    ]


_ACCOUNT = select_where(_account_columns(users), users.c.site_id, users.c.web_ex_id_key)
_read_names = msgspec.json.Decoder(list[str]).decode


async def account(engine: Engine, site_id: int, web_ex_id_key: str) -> Account | None:
    """The account with this casefolded webExID and those around it, in one read."""
    row = await engine.one(_ACCOUNT, site_id, web_ex_id_key)
    return None if row is None else _read_account(row)


def _read_account(row: Row) -> Account:
    return Account(read_user(row[:-2]), _names_of(row[-2]), _names_of(row[-1]))


def _names_of(text: str | None) -> tuple[str, ...]:
    return tuple(sorted(_read_names(text))) if text is not None and text != "[]" else ()


_INSERT = Insert(users)
_FIXED = ("site_id", "user_id", "registered_at", "last_login_at")
_CHANGING = [name for name in User.__struct_fields__ if name not in _FIXED]
_KEYS = ("first_key", "last_key", "privilege_key", "expiry_key", "room_key")
_UPDATE = update_where(users, [*_CHANGING, *_KEYS], users.c.site_id, users.c.user_id, users.c.version)
_SEEN = update_where(users, ["last_login_at"], users.c.site_id, users.c.user_id)
_COUNT = counter(user_totals)
_MOVED = counter(user_revisions)
_PLACING = (
    "web_ex_id_key",
    "email_key",
    "first_name",
    "last_name",
    "status",
    "host",
    "site_admin",
    "ro_site_admin",
    "expires_at",
    "personal_url",
    "time_zone_id",
)
"""What decides on the place of an account in a list whose positions are remembered."""
_HOSTS_NOW = select_where([user_totals.c.total], user_totals.c.site_id, user_totals.c.host, user_totals.c.status)
_ROOM_LEFT = Query(
    update(user_totals)
    .where(
        *where(user_totals.c.site_id),
        user_totals.c.status == "ACTIVATED",
        user_totals.c.host == bindparam("host", type_=Boolean),
        user_totals.c.total < bindparam("limit", type_=Integer),
    )
    .values(total=user_totals.c.total),
    "key_site_id",
    "host",
    "limit",
)


def privilege_key(user: User) -> int:
    """What an account may do, as lists sort by it: 3 administrator, 2 one who only reads, 1 host, 0 attendee."""
    return 3 if user.site_admin else 2 if user.ro_site_admin else 1 if user.host else 0


def expiry_key(user: User) -> int:
    """The time when an account expires, as lists sort by it; -1 for never."""
    return -1 if user.expires_at is None else user.expires_at


def _keys(user: User) -> tuple[str, str, int, int, str]:
    """The values of `_KEYS`."""
    names = user.first_name.casefold(), user.last_name.casefold()
    return *names, privilege_key(user), expiry_key(user), user.personal_url or ""


def _tally(changes: Changes, user: User, by: int) -> None:
    changes.tally(_COUNT, user.site_id, user.status, user.host, by=by)


def create(changes: Changes, user: User) -> None:
    """Add an account; Duplicate when its number, webExID, e-mail or room address is taken on the site."""
    changes.insert(_INSERT, [(*msgspec.structs.astuple(user), *_keys(user))])
    account_log.put_created(changes, user)
    _tally(changes, user, 1)
    changes.tally(_MOVED, user.site_id, by=1)


def update_user(changes: Changes, before: User, after: User) -> User:
    """Replace an account that is still as in `before` (Conflict otherwise); returns it as stored.

    Raises the version; raising `credential_version` is up to the caller. Times of registration and last
    login are not written.
    """
    stored = msgspec.structs.replace(after, version=before.version + 1)
    values = [getattr(stored, name) for name in _CHANGING]
    changes.add(_UPDATE, *values, *_keys(stored), before.site_id, before.user_id, before.version, expect=1)
    account_log.put_changed(changes, before, stored)
    _tally(changes, before, -1)
    _tally(changes, stored, 1)
    if any(getattr(before, name) != getattr(stored, name) for name in _PLACING):
        changes.tally(_MOVED, stored.site_id, by=1)
    return stored


async def active_hosts(engine: Engine, site_id: int) -> int:
    """How many activated accounts of the site may hold sessions."""
    row = await engine.one(_HOSTS_NOW, site_id, True, "ACTIVATED")
    return 0 if row is None else int(row[0])


def need_room(changes: Changes, site_id: int, limit: int) -> None:
    """Conflict unless the site has fewer than `limit` activated hosts when the set is written.

    There must be one at least: without any, there is no counter to look at.
    """
    changes.sequential = True  # the counter is read before the set adds to it
    changes.add(_ROOM_LEFT, site_id, True, limit, expect=1)


def signed_in(changes: Changes, site_id: int, user_id: int, now: int) -> None:
    """Note the time of a sign-in; the account's version stays."""
    changes.add(_SEEN, now, site_id, user_id)


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


@lru_cache
def _delegate_names_query(size: int) -> Query:
    condition, names = one_of(permissions.c.host_id, "host", size)
    statement = (
        select(permissions.c.host_id, users.c.web_ex_id)
        .join_from(
            permissions,
            users,
            and_(users.c.site_id == permissions.c.site_id, users.c.user_id == permissions.c.delegate_id),
        )
        .where(*where(permissions.c.site_id), condition)
    )
    return Query(statement, "key_site_id", *names)


async def delegate_names(engine: Engine, site_id: int, host_ids: Sequence[int]) -> dict[int, list[str]]:
    """The webExIDs of those who may schedule, by host, in alphabetical order; hosts without any are left out."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(host_ids), 256):
        part = padded(host_ids[start : start + 256])
        for host_id, name in await engine.all(_delegate_names_query(len(part)), site_id, *part):
            found.setdefault(host_id, []).append(name)
    return {host_id: sorted(names) for host_id, names in found.items()}


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
