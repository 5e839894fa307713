"""Accounts, permissions, and the read every request begins with."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parley.domain.user import Caller, User
from parley.store import Changes, Conflict, Duplicate, Engine, user_lists, users
from parley.store.lists import Order
from parley.store.user_lists import USER_ORDERS, UserFilter, list_users
from tests.store.builders import a_user, new_session, new_site, new_user

replace = msgspec.structs.replace


async def test_an_account_comes_back_as_it_was_given(engine: Engine, host: User) -> None:
    given = a_user(
        host.site_id,
        first_name="Zoë",
        last_name="Ünal",
        password_hash="$argon2id$...",
        locked=True,
        host=False,
        site_admin=True,
        ro_site_admin=True,
        attendee_only=True,
        must_change_password=True,
        password_changed_at=1,
        expires_at=2,
        document='{"a":1}',
        credential_version=3,
        registered_at=4,
        last_login_at=5,
        modified_at=6,
    )
    changes = Changes()
    users.create(changes, given)
    await engine.commit(changes)
    for found in (
        await users.by_id(engine, given.site_id, given.user_id),
        await users.by_web_ex_id(engine, given.site_id, given.web_ex_id_key),
        await users.by_email(engine, given.site_id, given.email_key),
    ):
        assert found == given
        assert found is not None
        assert found.locked is True
        assert found.host is False
    assert await users.by_id(engine, given.site_id + 1, given.user_id) is None
    assert await users.by_web_ex_id(engine, given.site_id, given.web_ex_id) is None
    assert await users.by_email(engine, given.site_id, "nobody@x.org") is None


async def test_an_update_is_guarded_by_the_version(engine: Engine, host: User) -> None:
    changes = Changes()
    stored = users.update_user(changes, host, replace(host, first_name="New", locked=True, credential_version=2))
    await engine.commit(changes)
    assert stored == replace(host, first_name="New", locked=True, credential_version=2, version=2)
    assert await users.by_id(engine, host.site_id, host.user_id) == stored
    changes = Changes()
    users.update_user(changes, host, replace(host, first_name="Old"))
    with pytest.raises(Conflict):
        await engine.commit(changes)


async def test_a_login_can_be_given_up_and_taken(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)
    changes = Changes()
    users.update_user(changes, other, replace(other, web_ex_id=host.web_ex_id, web_ex_id_key=host.web_ex_id_key))
    with pytest.raises(Duplicate):
        await engine.commit(changes)


async def test_the_time_of_a_sign_in_leaves_the_version_alone(engine: Engine, host: User) -> None:
    changes = Changes()
    users.signed_in(changes, host.site_id, host.user_id, 99)
    await engine.commit(changes)
    assert await users.by_id(engine, host.site_id, host.user_id) == replace(host, last_login_at=99)


async def test_many_accounts_at_once(engine: Engine, host: User) -> None:
    made = [await new_user(engine, host.site_id) for _ in range(5)]
    await new_user(engine, (await new_site(engine)).site_id, email=made[0].email)
    keys = [each.email_key for each in made] + ["nobody@x.org", made[0].email_key]
    found = await users.many(engine, host.site_id, "email_key", keys)
    assert sorted(each.user_id for each in found) == [each.user_id for each in made]
    numbers = [each.user_id for each in made]
    assert len(await users.many(engine, host.site_id, "user_id", [*numbers, *range(100_000, 100_600)])) == 5
    assert await users.many(engine, host.site_id, "web_ex_id_key", []) == []


# ---- the caller ------------------------------------------------------------------------------------------


async def test_caller_and_session_in_every_way_of_naming_them(engine: Engine) -> None:
    site = await new_site(engine, version=7)
    host = await new_user(engine, site.site_id, site_admin=True, password_hash="hash", expires_at=9)
    other = await new_user(engine, site.site_id)
    session = await new_session(engine, host, recurring=True)
    caller = Caller(*(getattr(host, name) for name in Caller.__struct_fields__))
    for login in ({"web_ex_id_key": host.web_ex_id_key}, {"email_key": host.email_key}):
        who: dict[str, Any] = {"site_id": site.site_id, **login}
        found = await users.caller_and_session(engine, **who)
        assert found == users.Found(site.site_id, 7, caller, None)
        assert await users.caller_and_session(engine, **who, whole=True) == users.Found(
            site.site_id, 7, caller, None, host
        )
        for key in ({"session_key": session.session_key}, {"session_uuid": session.uuid}):
            found = await users.caller_and_session(engine, **who, **key)
            assert found is not None
            assert found.caller == caller
            assert found.session is not None
            assert found.session.plain() == session
            assert found.session.host_web_ex_id == host.web_ex_id
            assert (found.session.recurring, found.session.ended) == (True, False)
            assert await users.caller_and_session(engine, **who, **key, whole=True) == replace(found, account=host)
    foreign = await users.caller_and_session(
        engine, site_id=site.site_id, web_ex_id_key=other.web_ex_id_key, session_key=session.session_key
    )
    assert foreign is not None
    assert foreign.caller is not None
    assert foreign.session is not None
    assert foreign.caller.user_id == other.user_id
    assert foreign.session.host_web_ex_id == host.web_ex_id


async def test_caller_and_the_account_that_is_asked_for_come_in_one_read(engine: Engine) -> None:
    site = await new_site(engine, version=7)
    caller = await new_user(engine, site.site_id, site_admin=True)
    subject = await new_user(engine, site.site_id, document='{"title":"Dr"}')
    foreign = await new_user(engine, (await new_site(engine)).site_id)
    changes = Changes()
    users.permit(changes, site.site_id, subject.user_id, [caller.user_id])
    await engine.commit(changes)
    for login in ({"web_ex_id_key": caller.web_ex_id_key}, {"email_key": caller.email_key}):
        found = await users.caller_and_subject(engine, site.site_id, subject.web_ex_id_key, **login)
        assert found is not None
        assert (found.site_version, found.caller and found.caller.user_id) == (7, caller.user_id)
        assert found.subject == users.Account(subject, (caller.web_ex_id,), ())
        assert found.subject == await users.account(engine, site.site_id, subject.web_ex_id_key)
    login = {"web_ex_id_key": caller.web_ex_id_key}
    found = await users.caller_and_subject(engine, site.site_id, foreign.web_ex_id_key, **login)
    assert found is not None
    assert (found.caller is not None, found.subject) == (True, None)
    found = await users.caller_and_subject(engine, site.site_id, subject.web_ex_id_key, web_ex_id_key="nobody")
    assert found is not None
    assert (found.caller, found.subject is not None) == (None, True)
    assert await users.caller_and_subject(engine, 999_999, subject.web_ex_id_key, **login) is None
    with pytest.raises(ValueError, match="needed"):
        await users.caller_and_subject(engine, site.site_id, subject.web_ex_id_key)


async def test_what_is_missing_is_told_apart(engine: Engine, host: User) -> None:
    session = await new_session(engine, host)
    who: dict[str, Any] = {"web_ex_id_key": host.web_ex_id_key}
    assert await users.caller_and_session(engine, site_id=999_999, session_key=session.session_key, **who) is None
    found = await users.caller_and_session(
        engine, site_id=host.site_id, web_ex_id_key="nobody", session_key=session.session_key
    )
    assert found is not None
    assert found.caller is None
    assert found.session is not None
    found = await users.caller_and_session(engine, site_id=host.site_id, session_key=1, **who)
    assert found is not None
    assert found.caller is not None
    assert found.session is None
    with pytest.raises(ValueError, match="needed"):
        await users.caller_and_session(engine, site_id=host.site_id)


# ---- scheduling for others -------------------------------------------------------------------------------


async def test_permissions_are_replaced_as_a_whole(engine: Engine, host: User) -> None:
    a, b, c = [(await new_user(engine, host.site_id)).user_id for _ in range(3)]
    for wanted in ([a, b, a], [b, c], [b, c], []):
        changes = Changes()
        users.permit(changes, host.site_id, host.user_id, wanted)
        await engine.commit(changes)
        assert await users.delegates(engine, host.site_id, host.user_id) == sorted(set(wanted))
        for each in (a, b, c):
            assert await users.may_schedule_for(engine, host.site_id, each, host.user_id) is (each in wanted)
            assert await users.hosts_permitting(engine, host.site_id, each) == [host.user_id] * (each in wanted)
    assert await users.may_schedule_for(engine, host.site_id, host.user_id, a) is False


async def test_permission_for_nobody_is_a_conflict_and_keeps_the_old_ones(engine: Engine, host: User) -> None:
    other = await new_user(engine, host.site_id)
    stranger = await new_user(engine, (await new_site(engine)).site_id)
    changes = Changes()
    users.permit(changes, host.site_id, host.user_id, [other.user_id])
    await engine.commit(changes)
    changes = Changes()
    users.permit(changes, host.site_id, host.user_id, [stranger.user_id])
    with pytest.raises(Conflict):
        await engine.commit(changes)
    assert await users.delegates(engine, host.site_id, host.user_id) == [other.user_id]


# ---- lists -----------------------------------------------------------------------------------------------


@pytest.fixture
async def crowd(engine: Engine) -> list[User]:
    """Six accounts of a site, and one of another with the same names."""
    site = await new_site(engine)
    made = [
        await new_user(
            engine,
            site.site_id,
            web_ex_id=web_ex_id,
            first_name=first,
            last_name=last,
            status=status,
            host=each % 2 == 0,
            registered_at=100 + each,
            modified_at=200 - each,
        )
        for each, (web_ex_id, first, last, status) in enumerate(
            [
                ("dora", "Ann", "Lee", "ACTIVATED"),
                ("Bert", "ann", "Kim", "DEACTIVATED"),
                ("carl", "Bob", "lee", "ACTIVATED"),
                ("ALFA", "Zoe", "Zed", "REQUEST_TO_ACTIVATE"),
                ("erna", "Ann", "Lee", "ACTIVATED"),
                ("fred", "", "", "ACTIVATED"),
            ]
        )
    ]
    await new_user(engine, (await new_site(engine)).site_id, web_ex_id="dora", first_name="Ann", last_name="Lee")
    return made


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {0, 1, 2, 3, 4, 5}),
        ({"first_key": "ann"}, {0, 1, 4}),
        ({"first_key": "ann", "last_key": "lee"}, {0, 4}),
        ({"first_key": "bob", "last_key": "kim", "any_of": True}, {1, 2}),
        ({"status": "ACTIVATED", "host": True}, {0, 2, 4}),
        ({"host": False}, {1, 3, 5}),
        ({"web_ex_id_key": "bert"}, {1}),
        ({"web_ex_id_key": "Bert"}, set()),
        ({"registered_from": 101, "registered_to": 103}, {1, 2, 3}),
        ({"registered_from": 104}, {4, 5}),
        ({"registered_to": 100, "web_ex_id_key": "fred", "any_of": True}, {0, 5}),
        ({"modified_from": 197, "modified_to": 198}, {2, 3}),
        ({"email_key": "nobody"}, set()),
    ],
)
async def test_filters(engine: Engine, crowd: list[User], fields: dict[str, Any], expected: set[int]) -> None:
    page = await list_users(engine, UserFilter(site_id=crowd[0].site_id, **fields))
    assert {crowd.index(each) for each in page.rows} == expected
    assert page.total == len(expected)


async def test_orders_and_pages(engine: Engine, crowd: list[User]) -> None:
    wanted = UserFilter(site_id=crowd[0].site_id)
    names = [each.web_ex_id for each in (await list_users(engine, wanted)).rows]
    assert names == ["ALFA", "Bert", "carl", "dora", "erna", "fred"]
    page = await list_users(engine, wanted, [Order("LASTNAME", True), Order("FIRSTNAME"), Order("UID", True)])
    assert [each.web_ex_id for each in page.rows] == ["ALFA", "erna", "dora", "carl", "Bert", "fred"]
    for start_from, maximum, count in ((1, 2, 2), (5, 2, 2), (6, 2, 1), (7, 2, 0), (99, 2, 0), (1, 6, 6), (1, 7, 6)):
        page = await list_users(engine, wanted, [Order("REGDATE")], start_from, maximum)
        assert page.rows == crowd[start_from - 1 : start_from - 1 + maximum]
        assert (len(page.rows), page.total) == (count, 6)
    for field in USER_ORDERS:
        assert len((await list_users(engine, wanted, [Order(field)])).rows) == 6
    with pytest.raises(KeyError):
        await list_users(engine, wanted, [Order("PASSWORD")])


async def test_lists_of_names_that_nobody_has_are_not_remembered(engine: Engine) -> None:
    site = await new_site(engine)
    user = await new_user(engine, site.site_id)
    for length, remembered in ((20, 1), (5_000, 1)):
        wanted = UserFilter(site_id=site.site_id, first_key="x" * length)
        for _ in range(2):
            assert (await list_users(engine, wanted, start_from=2)).total == 0
        assert str(user_lists._known[engine.primary]).count("xxx'") == remembered
    assert (await list_users(engine, UserFilter(site_id=site.site_id))).rows == [user]
