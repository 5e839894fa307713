"""Accounts that people look for: parts of names, role, state, lock, session type, in any order, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parley.domain.user import User
from parley.store import Changes, Engine, user_search, users
from parley.store.lists import Order
from parley.store.user_lists import USER_ORDERS
from parley.store.user_search import SEARCH_ORDERS, TERMS, Search, search_users
from tests.store.builders import a_user, new_site

_LAST = ("Adams", "Baker_1", "baker%2", "Åström", "von Neumann", "O'Hara")


def people(site_id: int) -> list[User]:
    """Accounts of every role and state, with session types from the first to the third."""
    found = []
    for number in range(36):
        held = [
            "",
            '"meetingTypes":{}',
            '"meetingTypes":{"meetingType":[3]}',
            '"meetingTypes":{"meetingType":[13,31,3]}',
        ]
        found.append(
            a_user(
                site_id,
                first_name=f"First{number % 5}",
                last_name=_LAST[number % len(_LAST)],
                status=("ACTIVATED", "DEACTIVATED", "REQUEST_TO_ACTIVATE")[number % 3],
                locked=number % 4 == 0,
                host=number % 2 == 0,
                site_admin=number % 7 == 0,
                ro_site_admin=number % 11 == 0,
                document=f"{{{held[number % len(held)]}}}",
                registered_at=1000 - number // 2,
            )
        )
    return found


async def kept(engine: Engine) -> tuple[int, list[User]]:
    site = await new_site(engine)
    other = await new_site(engine)
    changes = Changes()
    mine = people(site.site_id)
    for user in [*mine, *people(other.site_id)]:
        users.create(changes, user)
    await engine.commit(changes)
    return site.site_id, mine


def holds(user: User, type_id: int) -> bool:
    if "meetingTypes" not in user.document:
        return True
    inside = user.document.partition("[")[2].partition("]")[0]
    return str(type_id) in inside.split(",")


def fits(user: User, wanted: Search) -> bool:
    values = (user.first_name.casefold(), user.last_name.casefold(), user.web_ex_id_key, user.email_key)
    return (
        all(any(term in value for value in values) for term in wanted.terms[:TERMS])
        and wanted.privilege in (None, users.privilege_key(user))
        and wanted.status in (None, user.status)
        and wanted.locked in (None, user.locked)
        and (wanted.type_id is None or holds(user, wanted.type_id))
    )


_KEYS: dict[str, Callable[[User], Any]] = {
    "WEBEXID": lambda user: user.web_ex_id_key,
    "FIRSTNAME": lambda user: user.first_name.casefold(),
    "LASTNAME": lambda user: user.last_name.casefold(),
    "EMAIL": lambda user: user.email_key,
    "REGDATE": lambda user: user.registered_at,
    "PRIVILEGE": users.privilege_key,
}
_WANTED: tuple[dict[str, Any], ...] = (
    {},
    {"terms": ("baker",)},
    {"terms": ("_1",)},
    {"terms": ("%",)},
    {"terms": ("\\",)},
    {"terms": ("neu",)},
    {"terms": ("åström", "first1")},
    {"terms": ("first", "a", "e", "r", "nobody at all")},
    {"terms": ("@",), "status": "DEACTIVATED"},
    {"privilege": 3},
    {"privilege": 0, "locked": True},
    {"status": "ACTIVATED"},
    {"status": "REQUEST_TO_ACTIVATE", "type_id": 3},
    {"locked": False},
    {"type_id": 3},
    {"type_id": 1},
    {"type_id": 13, "terms": ("o'h",)},
)


@pytest.mark.parametrize("most", [3, 1000])
async def test_it_finds_what_fits_in_its_order(engine: Engine, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    site_id, mine = await kept(engine)
    monkeypatch.setattr(user_search, "MOST", most)
    for each in (user_search._probe_query, user_search._conditions, user_search._count_query, user_search._rows_query):
        each.cache_clear()
    for number, values in enumerate(_WANTED):
        wanted = Search(site_id=site_id, **values)
        field = SEARCH_ORDERS[number % len(SEARCH_ORDERS)]
        falling = number % 2 == 1
        right = sorted(
            (user for user in mine if fits(user, wanted)),
            key=lambda user: (_KEYS[field](user), user.web_ex_id_key),
            reverse=falling,
        )
        total = len(right) if set(values) <= {"status"} else min(len(right), most)
        found: list[User] = []
        for start in range(1, total + 6, 5):
            page = await search_users(engine, wanted, Order(field, falling), start, 5)
            assert (page.total, page.more) == (total, total < len(right)), (values, start)
            found += page.rows
        assert [user.user_id for user in found] == [user.user_id for user in right[:total]], (values, field)
    for each in (user_search._probe_query, user_search._conditions, user_search._count_query, user_search._rows_query):
        each.cache_clear()


async def test_orders_that_there_are(engine: Engine) -> None:
    assert set(SEARCH_ORDERS) <= set(USER_ORDERS)
    site = await new_site(engine)
    with pytest.raises(KeyError):
        await search_users(engine, Search(site_id=site.site_id, locked=True), Order("SHOESIZE"), 1, 5)
    found = await search_users(engine, Search(site_id=site.site_id, terms=("x",)), Order("EMAIL"), 1, 5)
    assert found == ([], 0, False)
