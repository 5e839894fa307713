"""The counters of accounts are always what a count would give, and remembered positions never show a stale page."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from parley.domain.user import User
from parley.store import Changes, Conflict, Duplicate, Engine, users
from parley.store import user_lists as lists
from parley.store.lists import Order
from parley.store.query import Query
from parley.store.tables import user_totals
from parley.store.tables import users as table
from parley.store.user_lists import UserFilter, list_users
from tests.store.builders import a_user, new_site

_TOTALS = Query(select(user_totals.c.site_id, user_totals.c.status, user_totals.c.host, user_totals.c.total))
_COUNTS = Query(
    select(table.c.site_id, table.c.status, table.c.host, func.count()).group_by(
        table.c.site_id, table.c.status, table.c.host
    )
)
_STATES = ["ACTIVATED", "DEACTIVATED", "REQUEST_TO_ACTIVATE"]

steps = st.one_of(
    st.tuples(st.just("create"), st.integers(0, 40), st.sampled_from(_STATES)),
    st.tuples(st.just("status"), st.integers(0, 40), st.sampled_from(_STATES)),
    st.tuples(st.just("host"), st.integers(0, 40), st.booleans()),
    st.tuples(st.just("rename"), st.integers(0, 40), st.text("abxy", min_size=1, max_size=3)),
    st.tuples(st.just("stale"), st.integers(0, 40), st.sampled_from(_STATES)),
    st.tuples(st.just("title"), st.integers(0, 40), st.text("abc", max_size=3)),
)


async def check_totals(engine: Engine) -> None:
    """Compare every counter of the database with what it counts."""
    totals = {(site, status, bool(host)): total for site, status, host, total in await engine.all(_TOTALS) if total}
    counted = {(site, status, bool(host)): total for site, status, host, total in await engine.all(_COUNTS)}
    assert totals == counted


async def check_pages(engine: Engine, site_id: int, order: Order) -> None:
    """Compare pages from remembered positions with the list as a whole, turned to in any order."""
    wanted = UserFilter(site_id=site_id)
    whole = (await list_users(engine, wanted, [order], 1, 500)).rows
    for start in (*range(1, len(whole) + 1, 2), len(whole), 2):
        page = await list_users(engine, wanted, [order], start, 3)
        assert page.rows == whole[start - 1 : start + 2]
        assert page.total == len(whole)


async def _do(engine: Engine, made: list[User], step: tuple[str, int, Any]) -> None:
    kind, place, value = step
    changes = Changes()
    if kind == "create":
        user = a_user(made[0].site_id, status=value, host=place % 2 == 0, first_name=f"F{place % 3}")
        users.create(changes, user)
        await engine.commit(changes)
        made.append(user)
        return
    before = made[place % len(made)]
    columns: dict[str, Any] = {
        "status": {"status": value},
        "stale": {"status": value},
        "host": {"host": value},
        "rename": {"web_ex_id": value, "web_ex_id_key": value, "last_name": value},
        "title": {"document": msgspec.json.encode({"title": value}).decode()},
    }[kind]
    known = msgspec.structs.replace(before, version=before.version + (kind == "stale"))
    stored = users.update_user(changes, known, msgspec.structs.replace(known, **columns))
    try:
        await engine.commit(changes)
    except (Conflict, Duplicate):
        assert kind in ("stale", "rename")
    else:
        made[place % len(made)] = stored


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=1, max_size=30), falling=st.booleans(), field=st.sampled_from(lists.USER_ORDERS))
async def test_counters_and_positions_follow_every_change(
    engine: Engine, plan: list[tuple[str, int, Any]], falling: bool, field: str
) -> None:
    near, lists._NEAR = lists._NEAR, 0  # remember positions in short lists too
    try:
        site = await new_site(engine)
        changes = Changes()
        first = a_user(site.site_id)
        users.create(changes, first)
        await engine.commit(changes)
        made = [first]
        for step in plan:
            await _do(engine, made, step)
            await check_pages(engine, site.site_id, Order(field, falling))
        await check_totals(engine)
        assert await users.active_hosts(engine, site.site_id) == sum(
            user.host and user.status == "ACTIVATED" for user in made
        )
    finally:
        lists._NEAR = near
