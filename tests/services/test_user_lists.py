"""LstsummaryUser and LstUser over HTTP."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from parley.contract.user import OrderByType
from parley.domain.site import SiteSettings
from parley.store import Changes, users
from parley.store.query import Insert
from parley.store.tables import support_agents
from tests.client import Answer, Client
from tests.server import PASSWORD, TestSite
from tests.services.test_user_provisioning import change, create, get

DAY = 86_400


def listed(client: Client, **values: Any) -> Answer:
    return client.call("user.LstsummaryUser", values)


def ids(answer: Answer) -> list[str]:
    return answer.ok().all("user/webExId")


def paged(start: int, maximum: int, **more: Any) -> dict[str, Any]:
    return {"startFrom": start, "maximumNum": maximum, **more}


@pytest.fixture(scope="module")
def crowd(shared_site: TestSite) -> TestSite:
    """A site with twelve more accounts; nobody changes them."""
    site = shared_site
    admin = site.client("admin")
    for number in range(12):
        create(
            admin,
            f"u{number:02}",
            firstName=("Ann", "BOB", "bob", "Zoë")[number % 4],
            lastName=f"L{number // 4}",
            address={"city": f"City{11 - number:02}"},
            company=f"C{number % 3}",
        ).ok()
    admin.call("user.DelUser", {"webExId": ["u03", "u07"]}).ok()
    return site


@pytest.fixture
def admin(crowd: TestSite) -> Client:
    return crowd.client("admin")


# --- who and what ------------------------------------------------------------------------------------------------


def test_administrators_of_both_kinds_list_accounts(site: TestSite) -> None:
    for operation in ("LstsummaryUser", "LstUser"):
        for caller in ("host1", "attendee1"):
            site.client(caller).call(f"user.{operation}").failed("000001")
    site.set_user("host2", ro_site_admin=True)
    for operation in ("LstsummaryUser", "LstUser"):
        answer = site.client("host2").call(f"user.{operation}").ok()
        assert answer.all("user/webExId") == ["admin", "attendee1", "host1", "host2"]


def test_a_brief_account_has_the_known_elements_in_order(site: TestSite) -> None:
    site.client("host1").call("user.AuthenticateUser").ok()
    answer = listed(site.client("admin"), webExId="HOST1").ok()
    assert answer.type_name == "use:lstsummaryUserResponse"
    assert answer.names() == ["user", "matchingRecords"]
    assert answer.names("user") == [
        *("webExId", "firstName", "lastName", "email", "registrationDate", "lastLoginTime", "lastModifiedTime"),
        *("active", "timeZoneID"),
    ]
    assert answer.names("matchingRecords") == ["total", "returned", "startFrom"]
    assert answer.value("user/email") == f"host1@{site.name}.example"
    registered = answer.value("user/registrationDate")
    assert registered == get(site.client("admin"), "host1").value("registrationDate")
    answer = listed(site.client("admin"), webExId="attendee1").ok()
    assert "lastLoginTime" not in answer.names("user")


def test_whole_accounts_are_those_of_get_user(site: TestSite) -> None:
    admin = site.client("admin")
    create(admin, schedulingPermission="host2;host1", title="Dr.").ok()
    answer = admin.call("user.LstUser", {"webExId": "ann"}).ok()
    assert answer.type_name == "use:lstUserResponse"
    alone = get(admin, "ann")
    assert answer.names("user") == [
        name for name in alone.names() if name not in ("passwordExpires", "passwordDaysLeft")
    ]
    for path in ("title", "schedulingPermission", "password", "userId", "privilege/host", "personalUrl"):
        assert answer.value(f"user/{path}") == alone.value(path)
    assert answer.value("user/schedulingPermission") == "host1;host2"
    everybody = admin.call("user.LstUser", {"order": {"orderBy": "WEBEXID", "orderAD": "DESC"}}).ok()
    assert everybody.all("user/webExId") == ["host2", "host1", "attendee1", "ann", "admin"]
    assert everybody.all("user/schedulingPermission") == ["host2", "host1;host2"]


# --- filters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"firstName": "bob"}, ["u01", "u02", "u05", "u06", "u09", "u10"]),
        ({"firstName": " BOB ", "lastName": "l1"}, ["u05", "u06"]),
        ({"firstName": "ZOË", "active": "ACTIVATED"}, ["u11"]),
        ({"firstName": "", "lastName": "L2"}, ["u08", "u09", "u10", "u11"]),
        ({"active": "DEACTIVATED"}, ["u03", "u07"]),
        ({"email": "U04@Example.com"}, ["u04"]),
        ({"webExId": "U04"}, ["u04"]),
        ({"webExId": "u04", "email": "u05@example.com", "listControl": {"listMethod": "OR"}}, ["u04", "u05"]),
        (
            {"lastName": "L0", "firstName": "Ann", "active": "DEACTIVATED", "listControl": {"listMethod": "OR"}},
            ["u00", "u01", "u02", "u03", "u04", "u07", "u08"],
        ),
        ({"lastName": "L0", "firstName": "Ann", "listControl": {"listMethod": "AND"}}, ["u00"]),
        ({"webACD": {"returnPrefs": False}, "webExId": "u04"}, ["u04"]),
    ],
)
def test_filters(admin: Client, values: dict[str, Any], expected: list[str]) -> None:
    answer = listed(admin, **values)
    assert ids(answer) == expected
    assert answer.value("matchingRecords/total") == str(len(expected))
    whole = {name: value for name, value in values.items() if name != "webACD"}
    assert ids(admin.call("user.LstUser", whole)) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"webExId": "nobody"},
        {"firstName": "bo"},
        {"firstName": "x" * 10_000},
        {"email": "%"},
        {"active": "REQUEST_TO_ACTIVATE"},
        {"webExId": "u04", "email": "u05@example.com"},
        {"listControl": {"startFrom": 17, "maximumNum": 5}},
    ],
)
def test_a_list_without_hits_is_a_failure(admin: Client, values: dict[str, Any]) -> None:
    assert listed(admin, **values).failed("000015").reason == "Sorry, no record found"
    admin.call("user.LstUser", values).failed("000015")


def test_values_that_cannot_be_asked_for(admin: Client) -> None:
    listed(admin, active="MAYBE").failed("999999")
    listed(admin, order={"orderBy": "PASSWORD"}).failed("999999")
    listed(admin, order={"orderBy": ["EMAIL", "UID", "CITY", "FAX"]}).failed("999999")
    listed(admin, listControl={"startFrom": -1}).failed("999999")
    listed(admin, dataScope={"regDateStart": "yesterday"}).failed("999999")
    listed(admin, dataScope={"regDateStart": "01/01/2022", "timeZoneID": 99}).failed("999999")
    listed(admin, webACD={"manager": "nobody"}).failed("030021")


# --- dates -------------------------------------------------------------------------------------------------------


def written(instant: float) -> str:
    return time.strftime("%m/%d/%Y %H:%M:%S", time.gmtime(instant))


@pytest.fixture
def aged(site: TestSite) -> tuple[TestSite, int]:
    """A site whose host1 was changed 100 days ago and host2 50 days ago."""
    now = int(time.time())
    for web_ex_id, days in (("host1", 100), ("host2", 50)):
        site.set_user(web_ex_id, modified_at=now - days * DAY)
    return site, now


def test_dates_of_registration(site: TestSite) -> None:
    admin, now = site.client("admin"), time.time()
    for start, end, found in ((-3600, 3600, True), (None, 3600, True), (-3600, None, True), (3600, None, False)):
        scope = {
            "regDateStart": None if start is None else written(now + start),
            "timeZoneID": 20,
            "regDateEnd": None if end is None else written(now + end),
        }
        answer = listed(admin, dataScope=scope)
        assert answer.code == (None if found else "000015")
    # Without a zone the dates are those of the site, eight hours or seven behind.
    listed(admin, dataScope={"regDateStart": written(now - 3600)}).failed("000015")
    assert len(ids(listed(admin, dataScope={"regDateStart": written(now - 10 * 3600)}))) == 4


def test_dates_of_changes_are_at_most_ninety_days_apart(aged: tuple[TestSite, int]) -> None:
    site, now = aged
    admin = site.client("admin")

    def changed(start: int | None, end: int | None) -> Answer:
        """Accounts changed from so many days ago to so many."""
        return listed(
            admin,
            modifiedDateStart=None if start is None else written(now - start * DAY - 60),
            modifiedDateEnd=None if end is None else written(now - end * DAY + 3600),
        )

    assert ids(changed(60, 40)) == ["host2"]
    assert ids(changed(89, None)) == ["admin", "attendee1", "host2"]
    assert ids(changed(101, 90)) == ["host1"]
    assert ids(changed(None, 45)) == ["host1", "host2"]
    assert ids(changed(None, 95)) == ["host1"]
    for start, end in ((100, None), (180, 80), (101, 10)):
        answer = changed(start, end).failed("999999")
        assert answer.reason == "Maximum date range is 90 days for modified date query"
    listed(admin, modifiedDateStart=written(now), modifiedDateEnd="never").failed("999999")
    change(admin, "host1", title="now").ok()
    assert "host1" in ids(changed(1, None))


def test_levels_before_dates_of_changes_have_them_too(site: TestSite) -> None:
    site.set(level="42.1.0")
    assert ids(listed(site.client("admin"), modifiedDateStart=written(time.time() - DAY)))


# --- order and pages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"orderBy": "WEBEXID", "orderAD": "DESC"}, ["u11", "u10", "u09"]),
        ({"orderAD": "DESC"}, ["u11", "u10", "u09"]),
        ({"orderBy": "CITY", "orderAD": "ASC"}, ["admin", "attendee1", "host1"]),
        ({"orderBy": "CITY", "orderAD": "DESC"}, ["u00", "u01", "u02"]),
        ({"orderBy": ["LASTNAME", "FIRSTNAME", "WEBEXID"], "orderAD": ["ASC", "DESC", "DESC"]}, ["u03", "u02", "u01"]),
        ({"orderBy": ["LASTNAME", "FIRSTNAME"], "orderAD": ["DESC"]}, ["host2", "host1", "attendee1"]),
        ({"orderBy": ["OFFICENAME", "CITY"], "orderAD": ["DESC", "ASC"]}, ["u11", "u08", "u05"]),
        ({"orderBy": ["ACTIVE", "UID"], "orderAD": ["DESC", "DESC"]}, None),
        ({"orderBy": "VISITCOUNT"}, ["admin", "attendee1", "host1"]),
    ],
)
def test_orders(admin: Client, order: dict[str, Any], expected: list[str] | None) -> None:
    found = ids(listed(admin, order=order, listControl=paged(1, 3)))
    if expected is None:
        assert set(found[:2]) == {"u03", "u07"}
    elif order.get("orderBy", [""])[0] == "LASTNAME" and order["orderAD"][0] == "DESC":
        assert set(found) <= {"admin", "attendee1", "host1", "host2"}
    else:
        assert found == expected


def test_every_sort_key_of_the_contract_gives_everybody(admin: Client) -> None:
    for key in OrderByType.values:
        for direction in ("ASC", "DESC"):
            answer = listed(admin, order={"orderBy": key, "orderAD": direction}, listControl=paged(1, 50))
            assert len(set(ids(answer))) == 16


@pytest.mark.parametrize("order", [None, "FIRSTNAME", "CITY", "ACTIVE"])
def test_pages_together_are_the_whole_list(admin: Client, order: str | None) -> None:
    more = {"order": {"orderBy": order}} if order else {}
    whole = ids(listed(admin, **more, listControl=paged(1, 500)))
    assert len(whole) == 16
    turned: list[str] = []
    while len(turned) < 16:
        answer = listed(admin, **more, listControl=paged(len(turned) + 1, 5))
        page = ids(answer)
        assert answer.value("matchingRecords/total") == "16"
        assert answer.value("matchingRecords/returned") == str(len(page))
        assert answer.value("matchingRecords/startFrom") == str(len(turned) + 1)
        turned += page
    assert turned == whole
    assert len(ids(listed(admin, **more))) == 10
    assert len(ids(listed(admin, **more, listControl=paged(0, 1000)))) == 16


def test_pages_deep_in_a_long_list_follow_every_change(site: TestSite) -> None:
    """Positions of rows are remembered between pages; what moves them makes them forgotten."""
    engine = site.server.application.engine

    async def fill() -> None:
        changes = Changes()
        for number in range(700):
            source = site.users["host1"]
            name = f"m{number:04}"
            made = {"user_id": 1000 + number, "personal_url": None, "email": name, "email_key": name}
            users.create(changes, msgspec.structs.replace(source, web_ex_id=name, web_ex_id_key=name, **made))
        await engine.commit(changes)

    site.server.run(fill())
    admin = site.client("admin")

    def at(position: int) -> str:
        return ids(listed(admin, listControl=paged(position, 2)))[0]

    # admin, attendee1, host1 and host2 come first.
    for _ in range(2):
        assert [at(position) for position in (405, 407, 605, 704, 500)] == ["m0400", "m0402", "m0600", "m0699", "m0495"]
    create(admin, "aaa").ok()
    assert [at(position) for position in (405, 407, 500)] == ["m0399", "m0401", "m0494"]
    change(admin, "m0000", title="stays").ok()
    assert at(405) == "m0399"
    change(admin, "m0000", newWebExId="zzz").ok()
    assert [at(405), at(407)] == ["m0400", "m0402"]
    falling = {"orderBy": "EMAIL", "orderAD": "DESC"}
    for _ in range(2):
        answers = [listed(admin, order=falling, listControl=paged(place, 1)) for place in (300, 301, 650, 400)]
        assert [ids(each)[0] for each in answers] == ["m0400", "m0399", "m0050", "m0300"]
    change(admin, "m0699", email="0@example.com").ok()
    assert ids(listed(admin, order=falling, listControl=paged(300, 1))) == ["m0399"]
    some = {"active": "ACTIVATED", "listControl": paged(405, 1)}
    for _ in range(2):
        assert ids(listed(admin, **some)) == ["m0400"]
    admin.call("user.DelUser", {"webExId": "m0001"}).ok()
    assert ids(listed(admin, **some)) == ["m0401"]
    assert listed(admin, **some).value("matchingRecords/total") == "704"


# --- support queues, Control Hub ---------------------------------------------------------------------------------


def test_agents_of_a_manager_with_their_roles(site: TestSite) -> None:
    admin, engine = site.client("admin"), site.server.application.engine
    change(admin, "host1", webACDPrefs={"isAgent": True}).ok()
    changes = Changes()
    row = (site.site_id, site.users["host2"].user_id, site.users["host1"].user_id)
    changes.insert(Insert(support_agents), [row])
    site.server.run(engine.commit(changes))
    answer = listed(admin, webACD={"manager": "HOST2"}).ok()
    assert ids(answer) == ["host1"]
    assert (answer.value("user/webACD/isAgent"), answer.value("user/webACD/isMgr")) == ("true", "false")
    listed(admin, webACD={"manager": "host1"}).failed("000015")
    everybody = listed(admin, webACD={}).ok()
    assert everybody.all("user/webACD/isAgent") == ["false", "false", "true", "false"]


def test_control_hub_numbers_its_accounts(site: TestSite) -> None:
    assert "objectGUID" not in listed(site.client("admin")).ok().names("user")
    site.set(settings=SiteSettings(control_hub=True))
    first, second = (listed(site.client("admin")).ok().all("user/objectGUID") for _ in range(2))
    assert first == second
    assert len(set(first)) == 4


def test_nothing_of_another_site_is_listed(site: TestSite) -> None:
    other = site.server.new_site()
    create(other.client("admin"), "stranger").ok()
    listed(site.client("admin"), webExId="stranger").failed("000015")
    assert listed(site.client("admin")).value("matchingRecords/total") == "4"
    assert PASSWORD not in listed(site.client("admin")).text
