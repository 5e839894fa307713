"""Making accounts and sites, changing passwords, and the demo site, on both databases."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.config import Config
from parley.contract import user as use
from parley.domain.site import SiteSettings
from parley.domain.user import User
from parley.protocol.faults import Fault
from parley.services import accounts, demo
from parley.services.accounts import NewAccount, create_account, language_id, new_account, set_password
from parley.services.application import Application
from parley.services.new_site import RESERVED_NAMES, SiteError, create_site, new_site
from parley.services.profiles import profile_of
from parley.services.session_types import DEFAULT_TYPE, standard_types
from parley.store import Changes, sites, user_lists, users

GOOD = "Good-Secret-7"


@pytest.fixture
async def application(database: str, tmp_path: Path) -> AsyncIterator[Application]:
    started = await Application.start(Config(data=str(tmp_path), database=database))
    yield started
    await started.stop()


@pytest.fixture
async def site_id(application: Application) -> int:
    return (await create_site(application, "acme", site_id=4711)).site_id


async def account(application: Application, site_id: int, **values: Any) -> User:
    usual = {"web_ex_id": "Ann.Example", "email": "Ann@Example.com", "password": GOOD}
    usual |= {"first_name": "Ann", "last_name": "Example"}
    return await create_account(application, site_id, **{**usual, **values})


async def refused(application: Application, site_id: int, **values: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        await account(application, site_id, **values)
    return caught.value


# --- accounts ----------------------------------------------------------------------------------------------------


async def test_an_account_is_kept_as_made(application: Application, site_id: int) -> None:
    made = await account(application, site_id, web_ex_id=" Ann.Example ", time_zone_id=25)
    kept = await users.by_web_ex_id(application.engine, site_id, "ann.example")
    assert kept == made
    assert (made.web_ex_id, made.email, made.email_key) == ("Ann.Example", "Ann@Example.com", "ann@example.com")
    assert made.time_zone_id == 25
    assert made.password_hash.startswith("$argon2id$")
    assert await application.passwords.verify(made.password_hash, GOOD)
    profile = profile_of(made)
    assert profile.meeting_types is not None
    assert profile.meeting_types.meeting_type == [3, 1, 13, 16, 101, 102, 103, 104]
    assert profile.session_options is not None
    assert profile.session_options.default_session_type == DEFAULT_TYPE
    assert profile.personal_url == "ann.example"


async def test_id_and_address_are_unique_on_a_site(application: Application, site_id: int) -> None:
    await account(application, site_id)
    assert (await refused(application, site_id, web_ex_id="ANN.example", email="b@b.example")).code == "030004"
    assert (await refused(application, site_id, web_ex_id="other", email="ANN@example.COM")).code == "030005"
    other = await create_site(application, "other")
    await account(application, other.site_id)


async def test_twenty_at_once_make_one_account(application: Application, site_id: int) -> None:
    results = await asyncio.gather(
        *(account(application, site_id, email=f"a{number}@example.com") for number in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, User) for each in results) == 1
    assert [each.code for each in results if isinstance(each, Fault)] == ["030004"] * 19


async def test_a_number_that_was_drawn_twice_is_drawn_again(
    application: Application, site_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([123456789, 123456789, 123456789, 987654321])
    monkeypatch.setattr(accounts, "new_user_id", lambda: next(drawn))
    await account(application, site_id)
    second = await account(application, site_id, web_ex_id="second", email="second@example.com")
    assert second.user_id == 987654321
    kept = await users.by_web_ex_id(application.engine, site_id, "second")
    assert kept is not None
    assert kept.user_id == 987654321


@pytest.mark.parametrize(
    ("values", "code", "text"),
    [
        ({"web_ex_id": " "}, "030009", "webExId"),
        ({"first_name": ""}, "030009", "firstName"),
        ({"last_name": ""}, "030009", "lastName"),
        ({"email": ""}, "030009", "email"),
        ({"password": ""}, "030009", "password"),
        ({"email": "no address"}, "030062", "email"),
        ({"email": "a@b@c.example"}, "030062", "email"),
        ({"email": "a@" + "b" * 300}, "030062", "email"),
        ({"web_ex_id": "a b"}, "999999", "webExId"),
        ({"web_ex_id": "a;b"}, "999999", "webExId"),
        ({"web_ex_id": "a" * 65}, "999999", "webExId"),
        ({"web_ex_id": "a\u200bb"}, "999999", "webExId"),
        ({"first_name": "x" * 10_000}, "999999", "firstName"),
        ({"last_name": "two\nlines"}, "999999", "lastName"),
        ({"time_zone_id": 99}, "999999", "timeZoneID"),
        ({"password": "x" * 61}, "019011", "password"),
        ({"password": "with blank 1"}, "030058", "password"),
    ],
)
async def test_values_that_no_account_can_have(
    application: Application, site_id: int, values: dict[str, Any], code: str, text: str
) -> None:
    fault = await refused(application, site_id, **values)
    assert fault.code == code
    assert fault.reason.startswith(f"{text}: ")
    assert await users.by_web_ex_id(application.engine, site_id, "ann.example") is None


async def test_the_sites_criteria_hold_where_the_site_is_strict(application: Application) -> None:
    lax = await create_site(application, "lax", settings=SiteSettings(strict_user_passwords=False))
    await account(application, lax.site_id, password="weak")
    strict = await create_site(application, "strict")
    assert (await refused(application, strict.site_id, password="weak")).code == "030003"
    fault = await refused(application, strict.site_id, password="alllowercase1")
    assert fault.code == "019011"
    assert fault.reason.startswith("password: capital and small letters")
    assert "names of the site" in (await refused(application, strict.site_id, password="My-strict-Word1")).reason
    await account(application, strict.site_id, password=GOOD)


async def test_no_more_hosts_than_the_site_may_have(application: Application) -> None:
    site = await create_site(application, "small", settings=SiteSettings(host_limit=1))
    await account(application, site.site_id)
    fault = await refused(application, site.site_id, web_ex_id="second", email="second@example.com")
    assert fault.code == "030010"
    values = {"web_ex_id": "guest", "email": "guest@example.com", "attendee_only": True, "site_admin": True}
    guest = await account(application, site.site_id, **values)
    assert not guest.host
    assert not guest.site_admin


async def test_no_account_without_a_site(application: Application) -> None:
    assert (await refused(application, 12345)).code == "010001"


def test_an_id_that_fits_into_no_address_gets_a_room_with_a_number() -> None:
    site = new_site("acme", 1, 0)
    types = {each.type_id: each for each in standard_types(1)}
    values = NewAccount(web_ex_id="ann@example.com", email="ann@example.com", first_name="Ann", last_name="E")
    rooms = {profile_of(new_account(site, types, values, "", 0)).personal_url for _ in range(3)}
    assert len(rooms) == 3
    assert all(re.fullmatch(r"pr[1-9][0-9]{12}", room or "") for room in rooms)


def test_what_is_said_of_an_account_is_laid_over_the_defaults() -> None:
    site = new_site("acme", 1, 77)
    types = {each.type_id: each for each in standard_types(1)}
    said = use.CreateUser(language_id=9, send_welcome=True, password="Secret")
    said.meeting_types = use.UserTypeMeetingTypes(meeting_type=[104])
    values = NewAccount(web_ex_id="ann", email="ann@example.com", first_name="Ann", last_name="E", profile=said)
    user = new_account(site, types, values, "hash", 77)
    profile = profile_of(user)
    assert (profile.language, profile.language_id) == ("GERMAN", 9)
    assert profile.supported_services is not None
    assert profile.supported_services.training_center is True
    assert profile.supported_services.meeting_center is False
    assert user.registered_at == user.modified_at == user.password_changed_at == 77
    assert "Secret" not in user.document


def test_language_numbers_are_places_in_the_list_of_languages() -> None:
    assert (language_id("ENGLISH"), language_id("GERMAN"), language_id("KLINGON")) == (1, 9, 1)


# --- passwords ---------------------------------------------------------------------------------------------------


async def test_another_password_counts_and_raises_the_credential_version(
    application: Application, site_id: int
) -> None:
    before = await account(application, site_id, must_change_password=True)
    after = await set_password(application, site_id, "ANN.Example", "Another-Secret-8")
    kept = await users.by_id(application.engine, site_id, before.user_id)
    assert kept == after
    assert after.credential_version == before.credential_version + 1
    assert not after.must_change_password
    assert await application.passwords.verify(after.password_hash, "Another-Secret-8")
    assert not await application.passwords.verify(after.password_hash, GOOD)


async def test_passwords_of_nobody_and_bad_ones_are_refused(application: Application, site_id: int) -> None:
    await account(application, site_id)
    for web_ex_id, password, code in (("nobody", GOOD, "030001"), ("ann.example", "", "030009")):
        with pytest.raises(Fault) as caught:
            await set_password(application, site_id, web_ex_id, password)
        assert caught.value.code == code
    with pytest.raises(Fault) as caught:
        await set_password(application, 999, "ann.example", GOOD)
    assert caught.value.code == "010001"


async def test_passwords_set_at_the_same_time_all_count_once(application: Application, site_id: int) -> None:
    await account(application, site_id)
    await asyncio.gather(*(set_password(application, site_id, "ann.example", f"Secret-{n}-x") for n in range(5)))
    kept = await users.by_web_ex_id(application.engine, site_id, "ann.example")
    assert kept is not None
    assert kept.credential_version == 6


# --- sites -------------------------------------------------------------------------------------------------------


async def test_a_site_is_kept_with_its_types(application: Application) -> None:
    made = await create_site(application, " Acme-1 ", partner_id="p1", level="42.3")
    assert made.name == "acme-1"
    assert made.level == "42.3.0"
    assert 10**6 <= made.site_id < 10**7
    kept = await sites.by_name(application.engine, "acme-1")
    assert kept == made
    assert made.settings.default_session_type == DEFAULT_TYPE
    types = await sites.types(application.engine, made.site_id)
    assert types == standard_types(made.site_id)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a.b", "a b", "ä", "a" * 64, "a/b", "{site}", *sorted(RESERVED_NAMES)]
)
def test_names_that_are_no_site(name: str) -> None:
    with pytest.raises(SiteError):
        new_site(name, 1, 0)


@pytest.mark.parametrize("level", ["41.0.0", "42.7.0", "latest", "42"])
def test_levels_that_are_not_served(level: str) -> None:
    with pytest.raises(SiteError, match=r"level|version"):
        new_site("acme", 1, 0, level=level)


@pytest.mark.parametrize("number", [0, -1, 2**53])
def test_numbers_that_are_no_site(number: int) -> None:
    with pytest.raises(SiteError, match="site number"):
        new_site("acme", number, 0)


async def test_a_site_number_that_was_drawn_twice_is_drawn_again(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([5, 5, 6])
    monkeypatch.setattr("parley.services.new_site.secrets.randbelow", lambda _: next(drawn))
    first, second = await create_site(application, "first"), await create_site(application, "second")
    assert (first.site_id, second.site_id) == (1_000_005, 1_000_006)


async def test_names_and_numbers_of_sites_are_taken_once(application: Application, site_id: int) -> None:
    with pytest.raises(SiteError, match="there is a site acme already"):
        await create_site(application, "ACME")
    with pytest.raises(SiteError, match="number 4711 already"):
        await create_site(application, "other", site_id=site_id)


# --- the demo site -----------------------------------------------------------------------------------------------


async def test_the_demo_site_is_made_once(application: Application) -> None:
    assert await demo.ensure_demo_site(application)
    assert not await demo.ensure_demo_site(application)
    site = await sites.by_name(application.engine, "demo")
    assert site is not None
    assert (site.site_id, site.partner_id, site.level) == (100001, "demo", "42.6.0")
    assert len(await sites.types(application.engine, site.site_id)) == 8
    found = await user_lists.list_users(application.engine, user_lists.UserFilter(site_id=site.site_id))
    by_name = {user.web_ex_id: user for user in found.rows}
    assert sorted(by_name) == ["admin", "attendee1", "host1", "host2"]
    assert {name: user.email for name, user in by_name.items()} == {name: f"{name}@demo.example" for name in by_name}
    assert [name for name, user in by_name.items() if user.site_admin] == ["admin"]
    assert sorted(name for name, user in by_name.items() if user.host) == ["admin", "host1", "host2"]
    assert [name for name, user in by_name.items() if user.attendee_only] == ["attendee1"]
    for user in by_name.values():
        assert await application.passwords.verify(user.password_hash, demo.PASSWORD)
    host1, host2 = by_name["host1"].user_id, by_name["host2"].user_id
    assert await users.may_schedule_for(application.engine, site.site_id, host2, host1)
    assert not await users.may_schedule_for(application.engine, site.site_id, host1, host2)


async def test_two_servers_that_start_at_once_make_one_demo_site(
    application: Application, database: str, tmp_path: Path
) -> None:
    second = await Application.start(Config(data=str(tmp_path), database=database))
    try:
        made = await asyncio.gather(*(demo.ensure_demo_site(each) for each in (application, second) * 3))
    finally:
        await second.stop()
    assert sum(made) == 1
    found = await user_lists.list_users(application.engine, user_lists.UserFilter(site_id=demo.SITE_ID))
    assert found.total == 4


async def test_changed_demo_accounts_stay_changed(application: Application) -> None:
    await demo.ensure_demo_site(application)
    await set_password(application, demo.SITE_ID, "host1", "Mine-now-9")
    await demo.ensure_demo_site(application)
    host1 = await users.by_web_ex_id(application.engine, demo.SITE_ID, "host1")
    assert host1 is not None
    assert await application.passwords.verify(host1.password_hash, "Mine-now-9")


async def test_the_demo_number_of_another_site_is_no_silent_failure(application: Application) -> None:
    changes = Changes()
    sites.create(changes, new_site("elsewhere", demo.SITE_ID, 0))
    await application.engine.commit(changes)
    with pytest.raises(SiteError, match="100001"):
        await demo.ensure_demo_site(application)
    site = await sites.by_id(application.engine, demo.SITE_ID)
    assert site is not None
    assert msgspec.structs.replace(site).name == "elsewhere"
