"""Which accounts hold a session type; found by looking at all accounts of a site, for pages that seldom ask."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, bindparam, func, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from parley.domain.user import User
from parley.store.engines.base import Engine
from parley.store.query import Query, where
from parley.store.tables import user_totals, users
from parley.store.users import USER_COLUMNS, read_user


class _Held(FunctionElement[Any]):
    """The numbers of the session types in the document of an account, one row each with a column `value`."""

    name = "held_types"
    inherit_cache = True


@compiles(_Held, "sqlite")
def _held_of_sqlite(_element: _Held, _compiler: Any, **_: Any) -> str:
    return "json_each(users.document, '$.meetingTypes.meetingType')"


@compiles(_Held, "postgresql")
def _held_of_postgres(_element: _Held, _compiler: Any, **_: Any) -> str:
    return "json_array_elements_text(users.document::json #> '{meetingTypes,meetingType}')"


_held = _Held().table_valued("value").alias("held")
_COUNTS = Query(
    select(_held.c.value, users.c.status, func.count())
    .select_from(users.join(_held, true()))
    .where(*where(users.c.site_id))
    .group_by(_held.c.value, users.c.status),
    "key_site_id",
)
_HOLDERS = Query(
    select(*USER_COLUMNS)
    .select_from(users.join(_held, true()))
    .where(*where(users.c.site_id), _held.c.value.cast(BigInteger) == bindparam("type_id", type_=BigInteger))
    .order_by(users.c.web_ex_id_key)
    .limit(bindparam("maximum", type_=Integer)),
    "key_site_id",
    "type_id",
    "maximum",
)
_TOTALS = Query(
    select(user_totals.c.status, user_totals.c.host, func.sum(user_totals.c.total))
    .where(*where(user_totals.c.site_id))
    .group_by(user_totals.c.status, user_totals.c.host),
    "key_site_id",
)


class Holders(NamedTuple):
    """How many accounts hold a type, and how many of them are activated."""

    all: int = 0
    active: int = 0


async def counts(engine: Engine, site_id: int) -> dict[int, Holders]:
    """How many accounts hold each session type; types that nobody holds are left out."""
    found: dict[int, Holders] = {}
    for value, status, count in await engine.all(_COUNTS, site_id, scan=True):
        number, total = int(value), int(count)
        before = found.get(number, Holders())
        found[number] = Holders(before.all + total, before.active + (total if status == "ACTIVATED" else 0))
    return found


async def some(engine: Engine, site_id: int, type_id: int, maximum: int) -> list[User]:
    """The first accounts that hold a session type, by webExID."""
    return [read_user(row) for row in await engine.all(_HOLDERS, site_id, type_id, maximum, scan=True)]


class Accounts(NamedTuple):
    """How many accounts a site has: activated ones, those of them that may hold sessions, and all others."""

    active: int = 0
    hosts: int = 0
    inactive: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        return self.active + self.inactive


async def accounts(engine: Engine, site_id: int) -> Accounts:
    """How many accounts a site has, from the counters; the time it takes does not depend on how many there are."""
    active = hosts = inactive = 0
    for status, host, count in await engine.all(_TOTALS, site_id):
        if status != "ACTIVATED":
            inactive += int(count)
            continue
        active += int(count)
        hosts += int(count) if host else 0
    return Accounts(active, hosts, inactive)
