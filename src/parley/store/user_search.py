"""Accounts that people look for: by parts of names, role, state, lock and session type, all at once.

Sites may have hundreds of thousands of accounts, and what somebody types is seldom a whole name. A criterion that few
accounts fit is found in an index (for parts of names by reading the four indexes of names, which are short, instead of
the accounts) and the others are looked at on those few. Where every criterion fits many, the list is walked in its
order until the page is full. So totals are exact up to `MOST`, beyond that it is only known that there are more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, or_, select

from parley.domain.user import User
from parley.store.engines.base import Engine
from parley.store.lists import InDocument, Order, ordering, page_of
from parley.store.query import Query, where
from parley.store.tables import users
from parley.store.user_lists import UserFilter, list_users
from parley.store.users import USER_COLUMNS, read_user

MOST: Final = 1000
"""Accounts that are counted, and through which somebody can turn pages, when not all are shown."""
TERMS: Final = 4
"""Parts of names that are looked at."""

_TIE: Final = users.c.web_ex_id_key
_ORDERS: Final[dict[str, Any]] = {
    "WEBEXID": _TIE,
    "FIRSTNAME": users.c.first_key,
    "LASTNAME": users.c.last_key,
    "EMAIL": users.c.email_key,
    "REGDATE": users.c.registered_at,
    "PRIVILEGE": users.c.privilege_key,
}
SEARCH_ORDERS: Final = tuple(_ORDERS)
"""Orders that can be asked for; each is one of `USER_ORDERS` too, and has an index that ends with the webExID."""
_NAMES: Final = (users.c.first_key, users.c.last_key, _TIE, users.c.email_key)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None and no terms do not limit.

    Attributes:
        terms: casefolded; each is part of the first or last name, the webExID or the e-mail address. Those after the
            first `TERMS` are passed over.
        privilege: 3 administrator, 2 one who only reads, 1 host, 0 nothing of these (see `users.privilege_key`).
        status: ACTIVATED, DEACTIVATED or REQUEST_TO_ACTIVATE.
        type_id: a session type that the account holds; those of accounts that were never told any count as held.
    """

    site_id: int
    terms: tuple[str, ...] = ()
    privilege: int | None = None
    status: str | None = None
    locked: bool | None = None
    type_id: int | None = None


class Matches(NamedTuple):
    """One page of what was found.

    Attributes:
        total: how many there are; `MOST` when there are more.
        more: there are more than `total`.
    """

    rows: list[User]
    total: int
    more: bool = False


async def search_users(engine: Engine, wanted: Search, order: Order, start_from: int, maximum: int) -> Matches:
    """One page of the accounts that fit.

    Args:
        order: by one of SEARCH_ORDERS (KeyError for others); ties are broken by webExID.
        start_from: counts from 1.
    """
    if order.field not in _ORDERS:
        raise KeyError(order.field)
    wanted = msgspec.structs.replace(wanted, terms=wanted.terms[:TERMS])
    given = _given(wanted)
    if set(given) <= {"status"}:
        everyone = UserFilter(site_id=wanted.site_id, status=wanted.status)
        found = await list_users(engine, everyone, (order,), start_from, maximum)
        return Matches(found.rows, found.total)
    narrow = await _narrow(engine, wanted, given)
    shape = _Shape(tuple(given), order, narrow)
    values = (wanted.site_id, *given.values())
    counted = int((await engine.all(_count_query(shape._replace(order=None)), *values, MOST + 1, scan=True))[0][0])
    reachable = min(counted, MOST)
    maximum = max(0, min(maximum, reachable - start_from + 1))
    rows = []
    if maximum:
        rows = await engine.all(_rows_query(shape), *values, maximum, start_from - 1, scan=True)
    return Matches([read_user(row) for row in rows], reachable, counted > MOST)


def _given(wanted: Search) -> dict[str, Any]:
    """The criteria that limit, with their values."""
    found: dict[str, Any] = {f"term_{number}": _pattern(term) for number, term in enumerate(wanted.terms)}
    found |= {name: value for name in ("privilege", "status") if (value := getattr(wanted, name)) is not None}
    if wanted.locked is not None:
        found["locked"] = wanted.locked
    if wanted.type_id is not None:
        found["type_id"] = f"%,{wanted.type_id},%"
    return found


def _pattern(term: str) -> str:
    for special in ("\\", "%", "_"):
        term = term.replace(special, f"\\{special}")
    return f"%{term}%"


# ---- statements ------------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """What the text of a statement depends on: the criteria, the order, and which of them few accounts fit."""

    given: tuple[str, ...]
    order: Order | None
    narrow: str | None


def _like(column: Any, name: str) -> Any:
    return column.like(bindparam(name, type_=Text), escape="\\")


def _condition(name: str) -> Any:
    """A criterion as it is looked at on single accounts; an expression, so that no index is used for it."""
    if name.startswith("term_"):
        return or_(*(_like(column, name) for column in _NAMES))
    if name == "privilege":
        return users.c.privilege_key + bindparam("nothing", 0, Integer, unique=True) == bindparam(name, type_=Integer)
    if name == "status":
        return users.c.status.concat(bindparam("empty", "", Text, unique=True)) == bindparam(name, type_=Text)
    if name == "locked":
        return users.c.locked == bindparam(name, type_=users.c.locked.type)
    held = InDocument(users, "meetingTypes.meetingType")
    commas = func.replace(func.replace(held, "[", ","), "]", ",")
    return or_(InDocument(users, "meetingTypes").is_(None), commas.like(bindparam(name, type_=Text)))


def _keys(name: str) -> list[Any]:
    """Statements for the webExIDs of the accounts that a criterion fits, each at most `MOST` + 1, from an index."""
    site = where(users.c.site_id)
    if name == "privilege":
        fits = users.c.privilege_key == bindparam(name, type_=Integer)
        return [select(_TIE).where(*site, fits).limit(MOST + 1)]
    found = [
        select(_TIE).where(*site, _like(column, name)).limit(MOST + 1)
        for column in (users.c.first_key, users.c.last_key, _TIE)
    ]
    addresses = select(users.c.email_key).where(*site, _like(users.c.email_key, name)).limit(MOST + 1)
    return [*found, select(_TIE).where(*site, users.c.email_key.in_(addresses))]


@lru_cache(maxsize=64)
def _probe_query(name: str) -> Query:
    """How many accounts each index has for a criterion, at most `MOST` + 1; the largest of these numbers."""
    counts = [select(func.count()).select_from(each.subquery()).scalar_subquery() for each in _keys(name)]
    return Query(select(*counts), "key_site_id", name)


@lru_cache(maxsize=512)
def _conditions(given: tuple[str, ...], narrow: str | None) -> list[Any]:
    found = [*where(users.c.site_id), *(_condition(name) for name in given if name != narrow)]
    if narrow is not None:
        found.append(or_(*(_TIE.in_(each) for each in _keys(narrow))))
    return found


@lru_cache(maxsize=512)
def _count_query(shape: _Shape) -> Query:
    few = select(users.c.user_id).where(*_conditions(shape.given, shape.narrow))
    counted = few.limit(bindparam("most", type_=BigInteger)).subquery("few")
    return Query(select(func.count()).select_from(counted), "key_site_id", *shape.given, "most")


@lru_cache(maxsize=512)
def _rows_query(shape: _Shape) -> Query:
    order = shape.order or Order("WEBEXID")
    fields = {order.field: _ORDERS[order.field]}
    sorted_by = ordering((order,), fields, _TIE)
    if order.field == "WEBEXID":
        sorted_by = sorted_by[:-1]
    page = page_of(select(*USER_COLUMNS).where(*_conditions(shape.given, shape.narrow)).order_by(*sorted_by))
    return Query(page, "key_site_id", *shape.given, "maximum", "skip")


async def _narrow(engine: Engine, wanted: Search, given: dict[str, Any]) -> str | None:
    """A criterion that an index has for at most `MOST` accounts, if there is one; parts of names first."""
    for name in given:
        if name != "privilege" and not name.startswith("term_"):
            continue
        counts = (await engine.all(_probe_query(name), wanted.site_id, given[name], scan=True))[0]
        if max(counts) <= MOST:
            return name
    return None
