"""Lists of accounts: filters, orders, pages and totals.

Totals of whole sites come from counters. Positions deep in a list are found from rows whose positions are remembered
from an earlier page, as long as nothing moved in between (`user_revisions`), so that turning pages costs the same
wherever in the list (facts/performance.md: an OFFSET reads all that it skips).
"""

from __future__ import annotations

import bisect
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import BigInteger, Text, and_, bindparam, func, or_, select, tuple_, union

from parley.domain.user import User
from parley.store.engines.base import Engine
from parley.store.lists import DOCUMENT, InDocument, Order, Page, bounds, ordering, page_of
from parley.store.query import Query, where
from parley.store.tables import support_agents, user_revisions, user_totals, users
from parley.store.users import USER_COLUMNS, expiry_key, privilege_key, read_user


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts a list shows; what is None does not limit. Names are compared casefolded.

    `any_of`: the criteria are joined by OR. Ranges are inclusive, UTC epoch seconds. `manager_id`: agents of
    this manager of the support service.
    """

    site_id: int
    first_key: str | None = None
    last_key: str | None = None
    web_ex_id_key: str | None = None
    email_key: str | None = None
    status: str | None = None
    host: bool | None = None
    registered_from: int | None = None
    registered_to: int | None = None
    modified_from: int | None = None
    modified_to: int | None = None
    manager_id: int | None = None
    any_of: bool = False


_LIMITING: Final = tuple(name for name in UserFilter.__struct_fields__ if name not in ("site_id", "any_of"))


# ---- orders ----------------------------------------------------------------------------------------------


_TIE: Final = users.c.web_ex_id_key
_ORDERS: Final[dict[str, Any]] = {
    "UID": users.c.user_id,
    "WEBEXID": _TIE,
    "FIRSTNAME": users.c.first_key,
    "LASTNAME": users.c.last_key,
    "EMAIL": users.c.email_key,
    "REGDATE": users.c.registered_at,
    "REGEXPDATE": users.c.expiry_key,
    "ACTIVE": users.c.status,
    "PRIVILEGE": users.c.privilege_key,
    "PERSONALURL": users.c.room_key,
    "TIMEZONE": users.c.time_zone_id,
}
USER_ORDERS: Final = tuple(_ORDERS)
"""Orders that an index has. None of them is ever NULL, and `users` notes what moves an account in one of them."""


def _order_column(field: str) -> Any:
    return InDocument(users, field.removeprefix(DOCUMENT)) if field.startswith(DOCUMENT) else _ORDERS[field]


# ---- statements ------------------------------------------------------------------------------------------

_CRITERIA: Final[dict[str, Any]] = {
    "first_key": users.c.first_key == bindparam("first_key"),
    "last_key": users.c.last_key == bindparam("last_key"),
    "web_ex_id_key": users.c.web_ex_id_key == bindparam("web_ex_id_key"),
    "email_key": users.c.email_key == bindparam("email_key"),
    "status": users.c.status == bindparam("status"),
    "host": users.c.host == bindparam("host"),
    "manager_id": users.c.user_id.in_(
        select(support_agents.c.agent_id).where(
            support_agents.c.site_id == bindparam("key_site_id", type_=BigInteger),
            support_agents.c.manager_id == bindparam("manager_id", type_=BigInteger),
        )
    ),
}
_RANGES: Final = {
    "registered": users.c.registered_at,
    "modified": users.c.modified_at,
}
_ANCHOR: Final = ("anchor_key", "anchor_tie")


def _sorted(order: tuple[Order, ...], fields: dict[str, Any], tie: Any) -> list[Any]:
    """ORDER BY expressions; without the tie break where its column is among them, since SQLite sorts by it again."""
    nullable = [field for field in fields if field.startswith(DOCUMENT)]
    keys = ordering(order, fields, tie, nullable)
    return keys[:-1] if "WEBEXID" in fields else keys


class _Key(NamedTuple):
    """What the text of a list's statements depends on.

    `walk`: go through the accounts in the order of the list instead of looking for those in a range or of a status
    and sorting them, which is better when there are many. `anchored`: begin at a row whose position is known.
    """

    given: tuple[str, ...]
    any_of: bool
    order: tuple[Order, ...]
    walk: bool = False
    anchored: bool = False


def _criteria(given: tuple[str, ...], *, walk: bool) -> list[Any]:
    # An expression is in no index.
    criteria = [_CRITERIA[name] for name in given if name in _CRITERIA and not (walk and name == "status")]
    if walk and "status" in given:
        criteria.append(users.c.status.concat(bindparam("empty", "", Text, unique=True)) == bindparam("status"))
    for name, column in _RANGES.items():
        place: Any = column + bindparam("nothing", 0, BigInteger, unique=True) if walk else column
        if ends := bounds(place, name, given):
            criteria.append(and_(*ends))
    return criteria


@lru_cache(maxsize=512)
def _page_query(key: _Key) -> Query:
    criteria = _criteria(key.given, walk=key.walk)
    fields = {each.field: _order_column(each.field) for each in key.order}
    labels = {field: column.label(f"k{place}") for place, (field, column) in enumerate(fields.items())}
    columns = [users.c.user_id, *labels.values(), _TIE.label("tie")]
    names = ["key_site_id", *key.given]
    if key.any_of and len(criteria) > 1:
        members = union(*(select(*columns).where(*where(users.c.site_id), each) for each in criteria)).subquery("found")
        sorted_by = {field: members.c[label.name] for field, label in labels.items()}
        page = page_of(select(*members.c).order_by(*_sorted(key.order, sorted_by, members.c.tie))).subquery("page")
    else:
        conditions = [*where(users.c.site_id), *criteria]
        if key.anchored:
            conditions.append(_from_anchor(key.order[0]))
            names += _ANCHOR
        page = page_of(select(*columns).where(*conditions).order_by(*_sorted(key.order, fields, _TIE))).subquery("page")
    again = {field: page.c[label.name] for field, label in labels.items()}
    rows = (
        select(*USER_COLUMNS)
        .join_from(
            page,
            users,
            and_(users.c.site_id == bindparam("key_site_id", type_=BigInteger), users.c.user_id == page.c.user_id),
        )
        .order_by(*_sorted(key.order, again, page.c.tie))
    )
    return Query(rows, *names, "maximum", "skip")


def _from_anchor(order: Order) -> Any:
    """Rows from the anchor on, itself included."""
    column = _ORDERS[order.field]
    place = tuple_(column, _TIE)
    anchor = tuple_(bindparam(_ANCHOR[0], type_=column.type), bindparam(_ANCHOR[1], type_=_TIE.type))
    return place <= anchor if order.descending else place >= anchor


@lru_cache(maxsize=256)
def _count_query(given: tuple[str, ...], any_of: bool) -> Query:
    criteria = _criteria(given, walk=False)
    if any_of and len(criteria) > 1:
        found = union(*(select(users.c.user_id).where(*where(users.c.site_id), each) for each in criteria))
        return Query(select(func.count()).select_from(found.subquery("found")), "key_site_id", *given)
    conditions = [*where(users.c.site_id), or_(*criteria)]
    if not any_of:
        conditions = [*where(users.c.site_id), *criteria]
    return Query(select(func.count()).select_from(users).where(*conditions), "key_site_id", *given)


@lru_cache(maxsize=8)
def _total_query(given: tuple[str, ...]) -> Query:
    conditions = where(user_totals.c.site_id)
    conditions += [user_totals.c[name] == bindparam(name, type_=user_totals.c[name].type) for name in given]
    statement = select(func.coalesce(func.sum(user_totals.c.total), 0)).where(*conditions)
    return Query(statement, "key_site_id", *given)


_REVISION: Final = Query(select(user_revisions.c.revision).where(*where(user_revisions.c.site_id)), "key_site_id")


# ---- positions -------------------------------------------------------------------------------------------


class _Anchors:
    """Rows of one list whose positions are known, and its length where that was counted, as of a revision."""

    __slots__ = ("places", "positions", "revision", "total")

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.total: int | None = None
        self.positions: list[int] = []
        self.places: dict[int, tuple[Any, str]] = {}


_LISTS: Final = 200
_LONGEST_VALUE: Final = 500
"""Characters; lists that are narrowed by longer texts are not remembered, as nobody has such a name."""
_ANCHORS: Final = 2000
_NEAR = 200
"""Rows that are skipped rather than remembered."""
_known: Final[WeakKeyDictionary[Engine, OrderedDict[tuple[object, ...], _Anchors]]] = WeakKeyDictionary()


def _anchors(engine: Engine, key: _Key, values: tuple[Any, ...], revision: int) -> _Anchors:
    """What is remembered of a list, nothing when something moved since."""
    if any(isinstance(each, str) and len(each) > _LONGEST_VALUE for each in values):
        return _Anchors(revision)
    of = (key, values)
    lists = _known.setdefault(engine.primary, OrderedDict())
    found = lists.pop(of, None)
    if found is None or found.revision != revision:
        found = _Anchors(revision)
    lists[of] = found
    if len(lists) > _LISTS:
        lists.popitem(last=False)
    return found


def _remember(anchors: _Anchors, position: int, place: tuple[Any, str]) -> None:
    if position in anchors.places or len(anchors.positions) >= _ANCHORS:
        return
    bisect.insort(anchors.positions, position)
    anchors.places[position] = place


def _place(user: User, field: str) -> tuple[Any, str]:
    keys: dict[str, Any] = {
        "UID": user.user_id,
        "WEBEXID": user.web_ex_id_key,
        "FIRSTNAME": user.first_name.casefold(),
        "LASTNAME": user.last_name.casefold(),
        "EMAIL": user.email_key,
        "REGDATE": user.registered_at,
        "REGEXPDATE": expiry_key(user),
        "ACTIVE": user.status,
        "PRIVILEGE": privilege_key(user),
        "PERSONALURL": user.personal_url or "",
        "TIMEZONE": user.time_zone_id,
    }
    return keys[field], user.web_ex_id_key


# ---- lists -----------------------------------------------------------------------------------------------


async def list_users(
    engine: Engine,
    wanted: UserFilter,
    order: Sequence[Order] = (),
    start_from: int = 1,
    maximum: int = 100,
) -> Page[User]:
    """One page of accounts and how many there are.

    `order` names fields of USER_ORDERS, or `document:` and the names that lead to a value of the document, joined
    by dots (KeyError for others); ties are broken by webExID, which is also the default order. `start_from` counts
    from 1.
    """
    given = tuple(name for name in _LIMITING if getattr(wanted, name) is not None)
    values = (wanted.site_id, *(getattr(wanted, name) for name in given))
    key = _Key(given, wanted.any_of and len(given) > 1, tuple(order) or (Order("WEBEXID"),))
    skip = start_from - 1
    total: int | None = None
    if not key.any_of and _may_be_broad(key):
        total = await _count(engine, key, values)
        key = key._replace(walk=await _should_walk(engine, values[0], total, skip + maximum))
    if skip <= _NEAR or not _is_remembered(key):
        rows = await engine.all(_page_query(key), *values, maximum, skip, scan=True)
        found = [read_user(row) for row in rows]
    else:
        found = await _from_known_place(engine, key, values, skip, maximum)
    if total is None:
        total = skip + len(found)
        if len(found) >= maximum or (not found and skip > 0):
            total = await _count(engine, key, values)
    return Page(found, total)


def _may_be_broad(key: _Key) -> bool:
    """Whether looking for the accounts in an index may find so many that sorting them takes long."""
    by_status = key.given == ("status",) and key.order[0].field != "WEBEXID"
    return by_status or any(name.endswith(("_from", "_to")) for name in key.given)


async def _should_walk(engine: Engine, site_id: int, total: int, wanted: int) -> bool:
    """Whether `wanted` of `total` accounts are met sooner in the order of the list than all of them are sorted."""
    if total <= wanted:
        return False
    counted = await engine.all(_total_query(()), site_id)
    return int(counted[0][0]) * wanted < total * total


async def _count(engine: Engine, key: _Key, values: tuple[Any, ...]) -> int:
    if not key.any_of and set(key.given) <= {"status", "host"}:
        return int((await engine.all(_total_query(key.given), *values))[0][0])
    query = _count_query(key.given, key.any_of)
    if _is_changing(key):
        return int((await engine.all(query, *values, scan=True))[0][0])
    unordered = key._replace(order=(), walk=False)
    known = _anchors(engine, unordered, values, await _revision(engine, values[0]))
    if known.total is None:
        known.total = int((await engine.all(query, *values, scan=True))[0][0])
    return known.total


async def _revision(engine: Engine, site_id: int) -> int:
    row = await engine.one(_REVISION, site_id)
    return int(row[0]) if row is not None else 0


def _is_changing(key: _Key) -> bool:
    """Whether accounts come and go in a list without a new revision."""
    return any(name.startswith("modified") or name == "manager_id" for name in key.given)


def _is_remembered(key: _Key) -> bool:
    return len(key.order) == 1 and key.order[0].field in _ORDERS and not key.any_of and not _is_changing(key)


async def _from_known_place(engine: Engine, key: _Key, values: tuple[Any, ...], skip: int, maximum: int) -> list[User]:
    """A page deep in a list, from the nearest row before it whose position is known."""
    anchors = _anchors(engine, key, values, await _revision(engine, values[0]))
    nearest = bisect.bisect_right(anchors.positions, skip) - 1
    if nearest < 0:
        rows = await engine.all(_page_query(key), *values, maximum, skip, scan=True)
    else:
        position = anchors.positions[nearest]
        query = _page_query(key._replace(anchored=True))
        rows = await engine.all(query, *values, *anchors.places[position], maximum, skip - position, scan=True)
    found = [read_user(each) for each in rows]
    field = key.order[0].field
    if found:
        _remember(anchors, skip, _place(found[0], field))
        _remember(anchors, skip + len(found) - 1, _place(found[-1], field))
    return found
